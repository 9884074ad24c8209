"""A poor network and a slow phone in a browser, and how soon the nearest device is shown there."""

from typing import TYPE_CHECKING

from browser import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

BITS_A_SECOND = 400_000
LATENCY_MS = 400
SLOWER = 4

_WATCH = """
    navigator.geolocation.watchPosition = (found) => { window.tell = found; return 1; };
    new MutationObserver(() => {
        if (!window.shownAt && document.querySelector('.near .first')) window.shownAt = performance.now();
    }).observe(document, {childList: true, subtree: true});
"""
_TELL = """([longitude, latitude]) => new Promise(done => {
    const begun = performance.now();
    window.tell({timestamp: Date.now(), coords: {longitude, latitude, accuracy: 10}});
    const look = () => window.shownAt ? done(window.shownAt - begun) : setTimeout(look, 5);
    look();
})"""


def slow_down(page: "Page") -> None:
    """Let a page have 400 kbit/s with 400 ms and a quarter of the processor, and wait to be told its position.

    The page's context must have the permission `geolocation`.
    """
    page.add_init_script(_WATCH)
    slow = page.context.new_cdp_session(page)
    slow.send("Network.enable")
    rate = {"downloadThroughput": BITS_A_SECOND / 8, "uploadThroughput": BITS_A_SECOND / 8}
    slow.send("Network.emulateNetworkConditions", {"offline": False, "latency": LATENCY_MS, **rate})
    slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def nearest_after(page: "Page", lonlat: tuple[float, float]) -> tuple[float, float]:
    """Milliseconds after which the list was painted, and after which the nearest device was shown once a position is known."""
    until(page, "Boolean(window.tell)")
    listed: float = page.evaluate("performance.getEntriesByType('paint').map(one => one.startTime).pop()")
    took: float = page.evaluate(_TELL, list(lonlat))
    return listed, took
