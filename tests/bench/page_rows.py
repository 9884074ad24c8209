"""Rows of the pages: what the first load weighs, how soon the nearest device is shown, Lighthouse, a draft of the planner's."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from bench.audits import Audit, audit
from bench.served_demo import Served
from bench.table import Promise, Row
from slow_phone import BITS_A_SECOND, LATENCY_MS, SLOWER, nearest_after, slow_down

if TYPE_CHECKING:
    from playwright.sync_api import Page

HERE = (118.3862, 24.9601)
"""Where the person stands who looks for a device: in the middle of the demo county."""
WEIGHT = Promise("weight", "emergency page `/`, first load over the wire", most=150, unit=" kB")
NEAREST = Promise(
    "nearest", "nearest device shown after the position is known, poor network, slow phone", most=1.5, unit=" s"
)
DRAFT = Promise(
    "draft", "planner: a site dragged in the demo county, value and losses told after", most=200, unit=" ms"
)
LEAST = {"accessibility": 100, "best-practices": 95, "performance": 95}
PAGES = {"home": ("`/`", "/"), "device": ("`/d/CODE`", "/d/{code}")}


def lighthouse_promise(page: str, language: str, category: str) -> Promise:
    """The promise of one category for one page."""
    what = f"Lighthouse: {PAGES[page][0]} {language}, {category.replace('-', ' ')}"
    return Promise(f"{page}-{language}-{category}", what, least=LEAST[category], unit="")


LIGHTHOUSE = {
    (page, language): {category: lighthouse_promise(page, language, category) for category in LEAST}
    for page in PAGES
    for language in ("zh", "en")
}


@dataclass(frozen=True)
class Times:
    """How often each is measured."""

    visits: int = 5
    audits: int = 5
    drags: int = 15


def weight_rows(at: Served) -> Iterator[Row]:
    """Bytes of a first visit, heads and bodies as they travel, until nothing more is asked for."""
    page = at.chromium.new_context(**at.phone, service_workers="block").new_page()
    wire, sizes = page.context.new_cdp_session(page), []
    wire.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    wire.send("Network.enable")
    page.goto(at.address)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(3000)
    page.context.close()
    yield WEIGHT.row(sum(sizes) / 1000, f"{len(sizes)} answers, heads and bodies, with the names of all places; no map")


def nearest_rows(at: Served, times: Times) -> Iterator[Row]:
    """From the position to the first card, each time as a new visitor."""
    found = []
    for _ in range(times.visits):
        page = at.chromium.new_context(**at.phone, permissions=["geolocation"]).new_page()
        slow_down(page)
        page.goto(at.address)
        found.append(nearest_after(page, HERE))
        page.context.close()
    listed, took = (median(column) / 1000 for column in zip(*found, strict=True))
    phone = f"{BITS_A_SECOND // 1000} kbit/s, {LATENCY_MS} ms, {SLOWER}x slower processor, Pixel 7"
    yield NEAREST.row(took, f"{phone}; median of {times.visits} first visits; the list was there after {listed:.1f} s")


def audit_rows(at: Served, times: Times, page: str, language: str) -> Iterator[Row]:
    """Lighthouse's scores of a page: the median of each category."""
    path = PAGES[page][1].format(code=code_of(at)) + ("?lang=en" if language == "en" else "")
    found = [audit(at.address + path, at.path, at.temp) for _ in range(times.audits)]
    for category, promise in LIGHTHOUSE[page, language].items():
        yield promise.row(median(one.scores[category] for one in found), how_judged(found, category))


def how_judged(found: list[Audit], category: str) -> str:
    """How often, by what, and what was found fault with."""
    speed = median(one.speed for one in found)
    faults = sorted({fault for one in found for fault in one.faults[category]})
    said = f"Lighthouse {found[0].version}, phone on slow 4G, median of {len(found)}"
    said += f"; benchmark index {speed:.0f}" if category == "performance" else ""
    return f"{said}; lowered by: {'; '.join(faults)}" if faults else said


def code_of(at: Served) -> str:
    """The code of a device of the county."""
    page = at.chromium.new_page()
    page.goto(at.address)
    code = page.locator(".entry").first.get_attribute("data-code")
    page.context.close()
    assert code
    return code


def draft_rows(at: Served, times: Times) -> Iterator[Row]:
    """The first new site of a plan dragged to and fro by a planner's browser: from the question to the answer."""
    page = at.chromium.new_page()
    sign_in(page, at, "planner")
    page.goto(f"{at.address}/plans")
    took = page.evaluate(DRAG_SCRIPT, times.drags)
    page.context.close()
    yield DRAFT.row(
        median(took), f"answer of the service in the browser, median of {len(took)} drags; longest {max(took):.0f} ms"
    )


def sign_in(page: "Page", at: Served, role: str) -> None:
    """Sign in by the link of a role."""
    page.goto(at.address + at.links[role])
    page.locator("#by-link button").click()
    page.wait_for_url(lambda url: "/in" not in url)


DRAG_SCRIPT = """async (times) => {
    const study = await ask("POST", "/api/v1/studies", {title_zh: "测量", title_en: "Measured", start: "served"});
    let run = await ask("POST", `/api/v1/studies/${study.id}/runs`, {version: study.version});
    while (["waiting", "running"].includes(run.state)) {
        await new Promise((done) => setTimeout(done, 500));
        run = await ask("GET", `/api/v1/runs/${run.id}`);
    }
    if (run.state !== "done") throw new Error(run.fault_en || run.state);
    const results = await ask("GET", `/api/v1/runs/${run.id}/results`);
    const sites = results.sites.filter((site) => site.role === "proposed");
    const took = [];
    for (let i = 0; i <= times; i += 1) {
        const [first, ...others] = sites;
        const moved = {id: first.id, lon: first.lon + 0.0005 * (i % 7 - 3), lat: first.lat + 0.0004 * (i % 5 - 2)};
        const begun = performance.now();
        await ask("POST", `/api/v1/runs/${run.id}/value`, {sites: [moved, ...others.map(({id}) => ({id}))]});
        if (i) took.push(performance.now() - begun);  // the first one reads the plan
    }
    return took;
}"""
