"""A real browser for tests of pages: it records every request and complaint, and may not leave this machine."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Frame, Page

PHONE = "Pixel 7"
DESK = {"width": 1280, "height": 800}
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--renderer-process-limit=1",  # no spare one is started for a page that may never come
]
AT_HOME = ("file:", "data:", "blob:", "about:", "http://127.0.0.1:", "http://localhost:", "http://[::1]:")


@dataclass
class Seen:
    """A page, and what happened while it was open: requests that would leave this machine, and complaints."""

    page: "Page"
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Browser"]:
    """The machine's Chromium; the test is skipped where there is none, unless TESTS_NO_SKIPS=1."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        missing = "no chromium on this machine; pages cannot be looked at"
        if os.environ.get("TESTS_NO_SKIPS") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    home = str(tmp_path_factory.mktemp("chromium"))  # it would leave crash reports in the user's home
    kept = {**os.environ, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS, env=kept)
        browser.phone = playwright.devices[PHONE]  # type: ignore[attr-defined]
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: "Browser",
    url: str | Path,
    *,
    size: Literal["phone", "desk"] = "desk",
    scheme: Literal["light", "dark"] = "light",
    **options: Any,
) -> Iterator[Seen]:
    """A page opened from a file or an address of this machine; requests to anywhere else are stopped and noted.

    options  of Playwright's new_context, such as geolocation and permissions
    """
    device = browser.phone if size == "phone" else {"viewport": DESK}  # type: ignore[attr-defined]
    context: BrowserContext = browser.new_context(**{**device, "color_scheme": scheme, **options})
    seen = Seen(context.new_page())

    def let_pass(route: Any) -> None:
        if route.request.url.startswith(AT_HOME):
            route.continue_()
        else:
            seen.outside.append(route.request.url)
            route.abort()

    context.route("**/*", let_pass)
    seen.page.on("console", lambda m: seen.complaints.append(m.text) if m.type in ("error", "warning") else None)
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    try:
        seen.page.goto(url.resolve().as_uri() if isinstance(url, Path) else url)
        yield seen
    finally:
        context.close()


def until(page: "Page | Frame", script: str, *, timeout_s: float = 30) -> None:
    """Wait until a script's value is true; Playwright's own way evaluates text in the page, which our policy refuses."""
    end = time.monotonic() + timeout_s
    while not page.evaluate(script):
        assert time.monotonic() < end, f"never came true: {script}"
        page.wait_for_timeout(20)


def box(page: "Page", selector: str) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of an element in pixels of the screen."""
    found = page.locator(selector).first.bounding_box()
    assert found is not None, f"{selector} is not on the page"
    return found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"]


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether two boxes share more than a hair's breadth."""
    return min(one[2], other[2]) - max(one[0], other[0]) > 0.5 and min(one[3], other[3]) - max(one[1], other[1]) > 0.5


def too_wide(page: "Page") -> list[str]:
    """Elements whose text or box runs out of the screen at the side; those that scroll by themselves are let be."""
    script = """() => [...document.querySelectorAll('body *')].filter(e => {
        const r = e.getBoundingClientRect();
        return r.width && !e.closest('.leaflet-container, .scroll, svg')
            && (r.right > innerWidth + 1 || r.left < -1)
            && getComputedStyle(e).visibility !== 'hidden';
    }).map(e => e.tagName + '.' + e.className + ': ' + e.textContent.slice(0, 40))"""
    found: list[str] = page.evaluate(script)
    return found
