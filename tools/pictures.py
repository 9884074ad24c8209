"""Draw the pictures of the README again: `make pictures` (Chromium and a Chinese font must be on the machine).

Plans the demo county into a folder that is thrown away, opens its map and takes it in English and in Chinese.
"""

import base64
import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

import aedplan

ROOT = Path(__file__).resolve().parents[1]
PICTURES = {"en": ROOT / "docs" / "pictures" / "demo-map.png", "zh": ROOT / "docs" / "pictures" / "demo-map.zh.png"}
SIZE = {"width": 1280, "height": 800}
MOST_BYTES = 400_000
"""A picture that is larger makes the page of the project slow to open."""

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]


FEWER_COLOURS = """async (address) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height), pen = canvas.getContext('2d');
    pen.drawImage(image, 0, 0);
    const pixels = pen.getImageData(0, 0, image.width, image.height);
    pixels.data.forEach((value, at) => { pixels.data[at] = Math.round(value / 17) * 17; });
    pen.putImageData(pixels, 0, 0);
    const reader = new FileReader();
    reader.readAsDataURL(await canvas.convertToBlob({type: 'image/png'}));
    await new Promise((done) => { reader.onload = done; });
    return reader.result.split(',')[1];
}"""
"""Rounds each colour to sixteen steps: the picture looks the same and takes half the bytes."""


def browser_path() -> str:
    """Where Chromium lies."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    return found or sys.exit("no chromium on this machine; on Debian or Ubuntu: apt install chromium fonts-noto-cjk")


def take(browser: Browser, page_file: Path, language: str) -> bytes:
    """PNG of a saved map in one language."""
    page = browser.new_page(viewport=SIZE, color_scheme="light", reduced_motion="reduce")  # type: ignore[arg-type]
    page.goto(page_file.as_uri())
    if not page.evaluate("document.documentElement.lang").startswith(language):
        page.click(".language")
    page.wait_for_timeout(1000)  # Leaflet draws its canvas after the page has loaded
    shot = "data:image/png;base64," + base64.b64encode(page.screenshot()).decode()
    blank = browser.new_page()
    return base64.b64decode(blank.evaluate(FEWER_COLOURS, shot))


def main() -> None:
    """Plan, look, save."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        saved = Path(folder).resolve() / "plan"
        environment = {**os.environ, "XDG_CONFIG_HOME": folder, "XDG_CACHE_HOME": folder}  # nothing in the user's home
        aedplan.run(aedplan.Scenario.read(ROOT / "data" / "scenarios" / "nanan-20.toml")).save(saved)
        browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS, env=environment)
        for language, path in PICTURES.items():
            picture = take(browser, saved / "map.html", language)
            if len(picture) > MOST_BYTES:
                sys.exit(f"{path.name} would have {len(picture):,} bytes; expected at most {MOST_BYTES:,}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture)
            print(f"{path.relative_to(ROOT)}: {len(picture):,} bytes")


if __name__ == "__main__":
    main()
