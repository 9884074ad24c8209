"""Draw the pictures of the project again: `make screenshots` (Chromium and a Chinese font must be on the machine).

With names (`tools/pictures.py log office`) only those are taken. Plans the demo county and invents its records in a folder
that is thrown away, serves both, signs in by the links that the demo prints, and takes every page in Chinese and in
English. Saved with 256 colours each, a third of the bytes.
"""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
MOST_BYTES = 400_000
"""A picture that is larger makes the page of the project slow to open."""

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]
HERE: Any = {"longitude": 118.3862, "latitude": 24.9601, "accuracy": 18}
"""Where the person stands who looks for a device."""

PHONE: dict[str, Any] = {
    "viewport": {"width": 412, "height": 860},
    "device_scale_factor": 1.5,
    "has_touch": True,
    "is_mobile": True,
}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}


@dataclass(frozen=True)
class Shot:
    """A page: the name of its picture, its address, whose page it is (a role, or nobody's), on which screen, and what must be
    seen on it before the picture is taken.
    """

    name: str
    path: str
    role: str = ""
    screen: str = "desk"
    shows: str = "main"


OFFICE = (
    "devices", "sites", "agreements", "policies", "people", "training", "organisations", "incidents", "reports",
    "inspections", "defects", "legal", "scores", "imports", "rules", "me",
)  # fmt: skip
"""Pages of the office beside its first one."""

SHOTS = (
    Shot("emergency", "/", screen="phone", shows=".near .first"),
    Shot("device", "/d/{code}", screen="phone"),
    Shot("week", "/map", shows="#map.drawn"),
    Shot("plan", "/plan"),
    Shot("checks", "/checks", "manager", "phone"),
    Shot("check", "/checks/{own}", "manager", "phone"),
    Shot("office", "/office", "office"),
    Shot("record", "/office/devices/{id}", "office"),
    Shot("figures", "/office/figures", "office"),
    Shot("planner", "/plans/{study}", "planner"),
    Shot("sign-in", "/in", screen="phone"),
    Shot("open-data", "/ogc?f=html"),
    Shot("plans", "/plans", "planner", shows=".studies li"),
    *(Shot(name, f"/office/{name}", "office") for name in OFFICE),
    *(Shot(name, f"/office/{name}", "administrator") for name in ("accounts", "log")),
    *(Shot(f"print-{name}", f"/office/print/{name}", "office") for name in ("signs", "qr", "register")),
)

MAKE_A_STUDY = """async (title) => {
    const named = {title_zh: title, title_en: "A trial for the demo county", start: "served"};
    const study = await ask("POST", "/api/v1/studies", named);
    let run = await ask("POST", `/api/v1/studies/${study.id}/runs`, {version: study.version});
    while (["waiting", "running"].includes(run.state)) {
        await new Promise((done) => setTimeout(done, 500));
        run = await ask("GET", `/api/v1/runs/${run.id}`);
    }
    if (run.state !== "done") throw new Error(run.fault_en || run.state);
    return study.id;
}"""


def browser_path() -> str:
    """Where Chromium lies."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    return found or sys.exit("no chromium on this machine; on Debian or Ubuntu: apt install chromium fonts-noto-cjk")


@contextmanager
def demo(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a service with the demo county's plan and records, and a way in for each role."""
    environment = {
        **os.environ,
        "AEDPLAN_DATA": str(folder / "records"),
        "AEDPLAN_PLAN": str(folder / "plan"),
        "AEDPLAN_PORT": "0",
    }
    run = {"cwd": ROOT, "env": environment, "text": True, "check": True, "stdout": subprocess.PIPE}
    subprocess.run([sys.executable, "-m", "aedplan.cli", "demo", "--out", str(folder / "plan")], **run)  # type: ignore[call-overload]
    said = subprocess.run([sys.executable, "-m", "service", "init", "--demo"], **run).stdout  # type: ignore[call-overload]
    links = dict(re.findall(r"^(\w+) +\S+(/in#\S+)$", said, re.MULTILINE))
    serving = subprocess.Popen(
        [sys.executable, "-m", "service", "serve"], cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE
    )
    try:
        assert serving.stdout is not None
        address = serving.stdout.readline().strip().rstrip("/")
        # what it says further is read and left, or it would wait for a reader once the pipe is full
        threading.Thread(target=serving.stdout.read, daemon=True).start()
        yield address, links
    finally:
        serving.terminate()
        serving.wait()


def open_page(browser: Browser, address: str, screen: str, link: str) -> Page:
    """A page of somebody who has signed in by a link, or of nobody."""
    size = PHONE if screen == "phone" else DESK
    context = browser.new_context(
        bypass_csp=True,  # or nothing could be waited for
        **size,
        color_scheme="light",
        reduced_motion="reduce",
        geolocation=HERE,
        permissions=["geolocation"],
    )
    page = context.new_page()
    page.on("pageerror", lambda error: sys.exit(f"{page.url}: {error}"))
    if link:
        page.goto(address + link)
        page.locator("#by-link button").click()
        page.wait_for_url(lambda url: "/in" not in url)
    return page


def take(page: Page, address: str, shows: str) -> bytes:
    """A page as it stands when all it loads has come, and what matters on it is seen.

    The position is given anew for each: a browser hands out the one it was given with its first age, and the page uses no
    stale one.
    """
    page.context.set_geolocation(HERE)
    page.goto(address)
    page.locator(shows).first.wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")
    page.wait_for_function("[...document.images].every((image) => image.complete || image.loading === 'lazy')")
    if page.locator("canvas").count():
        page.wait_for_timeout(3000)  # maps draw on it after that
    return page.screenshot()


def save(name: str, picture: Image.Image) -> None:
    """Save a picture in few colours, chosen so that small signs keep theirs.

    Exits when it would be too large.
    """
    content = io.BytesIO()
    picture.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        content, "PNG", optimize=True
    )
    if content.tell() > MOST_BYTES:
        sys.exit(f"{name}.png would have {content.tell():,} bytes; expected at most {MOST_BYTES:,}")
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / f"{name}.png").write_bytes(content.getvalue())
    print(f"docs/pictures/{name}.png: {content.tell():,} bytes")


def beside(left: Image.Image, right: Image.Image) -> Image.Image:
    """Two pictures side by side, as high as the right one."""
    left = left.resize((round(left.width * right.height / left.height), right.height), Image.Resampling.LANCZOS)
    both = Image.new("RGB", (left.width + right.width + 24, right.height), "white")
    both.paste(left, (0, 0))
    both.paste(right, (left.width + 24, 0))
    return both


def main() -> None:
    """Plan, invent, serve, look, save."""
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = Path(temporary).resolve()
        home: dict[str, str | float | bool] = {**os.environ, "XDG_CONFIG_HOME": temporary, "XDG_CACHE_HOME": temporary}
        browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS, env=home)
        with demo(folder) as (address, links):
            roles = {(shot.role, shot.screen): links.get(shot.role, "") for shot in SHOTS}
            pages = {key: open_page(browser, address, key[1], link) for key, link in roles.items()}
            known = find_places(pages, address)
            for language in ("zh", "en"):
                taken = {}
                for shot in [one for one in SHOTS if one.name in (sys.argv[1:] or [one.name])]:
                    path = shot.path.format(**known)
                    path += ("&" if "?" in path else "?") + f"lang={language}"
                    taken[shot.name] = Image.open(
                        io.BytesIO(take(pages[shot.role, shot.screen], address + path, shot.shows))
                    )
                    save(f"{shot.name}.{language}", taken[shot.name])
                if {"emergency", "planner"} <= taken.keys():
                    save(f"pages.{language}", beside(taken["emergency"], taken["planner"]))


def find_places(pages: dict[tuple[str, str], Page], address: str) -> dict[str, str]:
    """What stands in the addresses: a device's code and id, one of the manager's own, a study that was computed."""
    office, manager, planner = pages["office", "desk"], pages["manager", "phone"], pages["planner", "desk"]
    list_devices = 'ask("GET", "/api/v1/records/devices")'
    office.goto(f"{address}/office")
    device = office.evaluate(f"async () => (await {list_devices}).filter((one) => one.site_id)[0]")
    manager.goto(f"{address}/checks")
    own = manager.evaluate(f"async () => (await {list_devices})[0].public_code")
    planner.goto(f"{address}/plans")
    study = planner.evaluate(MAKE_A_STUDY, "示例县试算")
    return {"code": device["public_code"], "id": device["id"], "own": own, "study": study}


if __name__ == "__main__":
    main()
