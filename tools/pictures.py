"""Draw the pictures of the README again: `make pictures` (Chromium and a Chinese font must be on the machine).

Plans the demo county into a folder that is thrown away, opens its map and takes it in English and in Chinese. The
pictures are saved with 256 colours each, a third of the bytes.
"""

import base64
import os
import shutil
import struct
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright

import aedplan

ROOT = Path(__file__).resolve().parents[1]
PICTURES = {"en": ROOT / "docs" / "pictures" / "demo-map.png", "zh": ROOT / "docs" / "pictures" / "demo-map.zh.png"}
WIDTH, HEIGHT = 1280, 800
MOST_BYTES = 400_000
"""A picture that is larger makes the page of the project slow to open."""

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]

PIXELS = """async (address) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const pen = new OffscreenCanvas(image.width, image.height).getContext('2d');
    pen.drawImage(image, 0, 0);
    const reader = new FileReader();
    reader.readAsDataURL(new Blob([pen.getImageData(0, 0, image.width, image.height).data]));
    await new Promise((done) => { reader.onload = done; });
    return reader.result.split(',')[1];
}"""
"""Red, green, blue and opacity of each pixel, as the browser decodes its own picture."""


def browser_path() -> str:
    """Where Chromium lies."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    return found or sys.exit("no chromium on this machine; on Debian or Ubuntu: apt install chromium fonts-noto-cjk")


def take(browser: Browser, page_file: Path, language: str) -> np.ndarray:
    """(height, width, 3) red, green, blue of a saved map in one language."""
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light", reduced_motion="reduce")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(page_file.as_uri())
    if not str(page.evaluate("document.documentElement.lang")).startswith(language):
        page.click(".language")
    page.wait_for_timeout(1000)  # Leaflet draws its canvas after the page has loaded
    if errors:
        sys.exit(f"the map does not draw: {'; '.join(errors)}")
    address = "data:image/png;base64," + base64.b64encode(page.screenshot()).decode()
    raw = base64.b64decode(browser.new_page().evaluate(PIXELS, address))
    return np.frombuffer(raw, dtype=np.uint8).reshape(HEIGHT, WIDTH, 4)[:, :, :3]


def few_colours(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(256, 3) palette and (height, width) the nearest of its colours for each pixel.

    Similar colours share one place of the palette, so that rare but different ones, such as a key's, find theirs.
    """
    code = picture.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
    colours, place, count = np.unique(code, return_inverse=True, return_counts=True)
    split = colours[:, None] >> np.array([16, 8, 0]) & 255
    often = np.argsort(-count, kind="stable")
    _, first, group = np.unique(split[often] // 12, axis=0, return_index=True, return_inverse=True)
    pixels_of_group = np.bincount(group.ravel(), weights=count[often])
    palette = split[often[first[np.argsort(-pixels_of_group, kind="stable")[:256]]]]
    nearest = ((split[:, None] - palette) ** 2).sum(axis=2).argmin(axis=1)
    return palette.astype(np.uint8), nearest.astype(np.uint8)[place.reshape(code.shape)]


def png(palette: np.ndarray, pixels: np.ndarray) -> bytes:
    """A PNG file (ISO/IEC 15948) with a palette."""
    rows = np.hstack([np.zeros((len(pixels), 1), np.uint8), pixels])  # each row begins with its filter: none
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 3, 0, 0, 0)
    parts = {b"IHDR": header, b"PLTE": palette.tobytes(), b"IDAT": zlib.compress(rows.tobytes(), 9), b"IEND": b""}
    chunks = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts.items())
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def main() -> None:
    """Plan, look, save."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        saved = Path(folder).resolve() / "plan"
        environment: dict[str, str | float | bool] = {**os.environ}
        environment |= {
            "XDG_CONFIG_HOME": folder,
            "XDG_CACHE_HOME": folder,
        }  # Chromium leaves nothing in the user's home
        aedplan.run(aedplan.Scenario.read(ROOT / "data" / "scenarios" / "nanan-20.toml")).save(saved)
        browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS, env=environment)
        for language, path in PICTURES.items():
            picture = png(*few_colours(take(browser, saved / "map.html", language)))
            if len(picture) > MOST_BYTES:
                sys.exit(f"{path.name} would have {len(picture):,} bytes; expected at most {MOST_BYTES:,}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture)
            print(f"{path.relative_to(ROOT)}: {len(picture):,} bytes")


if __name__ == "__main__":
    main()
