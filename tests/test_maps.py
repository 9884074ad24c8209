"""The map: one file, nothing from outside, every device on it, legible on phone and desk, safe with any text."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import box, chromium, opened, overlap, too_wide, until
from outcomes import STRANGER, small_outcome

from aedplan import look
from aedplan.circles import circle
from aedplan.coordinates import project
from aedplan.errors import MissingLibraryError
from aedplan.osm.background import Background, Name
from aedplan.pages import script_json
from aedplan.report import maps
from aedplan.report.maps import draw_map

__all__ = ["chromium"]

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

LOOKS = list(product(("phone", "desk"), ("light", "dark"), ("", "en")))


class Loads(HTMLParser):
    """Everything a page would load when it opens."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        if tag != "a":
            self.found += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "data", "poster")]


def loads(html: str) -> Loads:
    parser = Loads()
    parser.feed(html)
    return parser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("map") / "map.html"
    path.write_text(draw_map(small_outcome()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def strange_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("map") / "strange.html"
    path.write_text(draw_map(small_outcome(label=STRANGER)), encoding="utf-8")
    return path


def decode(flat: list[int]) -> np.ndarray:
    """What the page's script makes of a packed line: (n, 2) degrees."""
    return np.cumsum(np.asarray(flat).reshape(-1, 2), axis=0) / 1e6


def drawn(html: str, function: str) -> list[Any]:
    """The data of every call of one of the page's drawing functions."""
    return [json.loads(found) for found in re.findall(rf"aedplan\.{function}\(\w+, (.*)\);", html)]


def test_the_same_outcome_gives_the_same_bytes() -> None:
    assert draw_map(small_outcome()) == draw_map(small_outcome())


def test_a_map_names_nothing_to_load() -> None:
    html = draw_map(small_outcome())
    found = loads(html).found
    assert [one for one in found if not one.startswith(("#", "data:,"))] == []
    assert "sourceMappingURL" not in html
    assert not re.search(r"url\((?!#)|@import", html)


def test_a_strangers_text_never_becomes_markup() -> None:
    plain, strange = (loads(draw_map(small_outcome(label=label))) for label in ("一号点", STRANGER))
    assert strange.scripts == plain.scripts
    assert "<script>alert" not in draw_map(small_outcome(label=STRANGER))


def test_json_in_scripts_keeps_its_values() -> None:
    assert json.loads(script_json([STRANGER, 1.5, None])) == [STRANGER, 1.5, None]
    assert not re.search(r"[<>&\u2028]", script_json(STRANGER))


def test_lines_stay_within_two_metres_of_the_streets() -> None:
    import shapely

    outcome = small_outcome()
    calls = [call for call in drawn(draw_map(outcome), "lines") if call["colour"] == "map-street"]
    packed = [line for call in calls for line in call["lines"]]
    on_map = shapely.union_all([shapely.LineString(project(decode(line), outcome.streets.crs)) for line in packed])
    streets = shapely.union_all(outcome.streets.lines)
    assert shapely.hausdorff_distance(on_map, streets) <= maps.SIMPLIFY_M + 0.2
    assert on_map.length == pytest.approx(streets.length, rel=1e-3)


def test_no_reached_street_lies_further_from_a_device_than_its_time_allows() -> None:
    import shapely

    outcome = small_outcome()
    rescue = outcome.scenario.circle
    devices = project(outcome.sites.lonlat[[0, 1, *outcome.plan.chosen]], outcome.streets.crs)
    calls = {call["colour"]: call["lines"] for call in drawn(draw_map(outcome), "lines")}
    for step, minutes in ((1, 2.0), (2, 3.0), (3, 4.0)):
        assert len(calls[f"reach-{step}"]) > 4
        ends = np.concatenate([decode(line) for line in calls[f"reach-{step}"]])
        away = shapely.distance(
            shapely.points(project(ends, outcome.streets.crs)), shapely.multipoints(shapely.points(devices))
        )
        assert away.max() <= rescue.metres_within(minutes) + 0.5


def test_a_straight_line_circle_is_drawn_as_true_circles() -> None:
    import shapely

    outcome = small_outcome(rescue=circle("sz-i-300"))
    (call,) = drawn(draw_map(outcome), "areas")
    shape = shapely.union_all(
        [shapely.Polygon(project(decode(rings[0]), outcome.streets.crs)) for rings in call["areas"]]
    )
    devices = shapely.points(project(outcome.sites.lonlat[[0, 1, *outcome.plan.chosen]], outcome.streets.crs))
    edge = shapely.get_coordinates(shape.boundary)
    away = shapely.distance(shapely.points(edge), shapely.multipoints(devices))
    assert away == pytest.approx(300.0, abs=1.5)
    assert shapely.contains(shape, devices).all()


def test_every_missed_demand_point_is_drawn_once_with_its_weight() -> None:
    outcome = small_outcome()
    calls = drawn(draw_map(outcome), "dots")
    missed = outcome.demand.weight.sum(axis=1)[~outcome.covered]
    assert sum(sum(call["weights"]) for call in calls) == pytest.approx(missed.sum(), rel=2e-3)
    hopeless = next(call for call in calls if call["hollow"])
    assert len(decode(hopeless["places"])) == len(outcome.unreachable.points)


def test_water_and_green_can_lie_under_the_streets() -> None:
    import shapely

    park, lake = shapely.box(118.398, 24.958, 118.402, 24.962), shapely.box(118.399, 24.959, 118.401, 24.961)
    background = Background(water=np.array([lake]), green=np.array([park]), names=())
    html = draw_map(replace(small_outcome(), background=background))
    calls = drawn(html, "areas")
    assert [call["colour"] for call in calls] == ["map-green", "map-water"], "water lies over green"
    for call, shape in zip(calls, (park, lake), strict=True):
        assert shapely.Polygon(decode(call["areas"][0][0])).symmetric_difference(shape).area < 1e-10
    assert html.index("aedplan.areas(") < html.index("aedplan.lines(")


def test_a_plan_without_new_or_standing_devices_is_still_a_map() -> None:
    outcome = small_outcome()
    nothing = replace(outcome.plan, chosen=(), gain=(), value=outcome.plan.before)
    html = draw_map(replace(outcome, plan=nothing))
    assert drawn(html, "sites")[0] == []
    assert 'data-layer="plan"' not in html
    bare = replace(outcome.sites, standing=np.zeros(len(outcome.sites), dtype=bool))
    assert 'data-layer="standing"' not in draw_map(replace(outcome, plan=nothing, sites=bare))


def test_a_whole_small_country_fits_into_four_megabytes() -> None:
    from aedplan.osm.osm import read_osm_streets

    path = SHARED / "osm" / "liechtenstein_20211028.osm.pbf"
    if not path.is_file():
        pytest.skip(f"{path.name} is not here; it is read from ../shared/data/osm")
    streets = read_osm_streets(path)
    packed = maps._lines(streets.lines, streets.crs)
    assert len(packed) == len(streets.lines)
    assert len(script_json(packed)) < 3_500_000


def county_map(scenario: str) -> str:
    from aedplan.scenario.scenario import Scenario
    from aedplan.study.study import run

    outcome = run(Scenario.read(Path(__file__).parents[1] / "data" / "scenarios" / scenario))
    assert outcome.background is not None
    assert len(outcome.background.water) > 5
    return draw_map(outcome)


@pytest.fixture(scope="module")
def demo_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("map") / "demo.html"
    path.write_text(county_map("nanan-20.toml"), encoding="utf-8")
    return path


def test_the_map_of_the_demo_county_stays_small_and_names_what_it_shows(demo_page: Path) -> None:
    html = demo_page.read_text(encoding="utf-8")
    assert len(html.encode()) < 1_200_000
    shown = {row[4] for call in drawn(html, "names") for row in call["names"]}
    assert {"白鹭溪", "镜湖", "人民路", "石鼓村"} <= shown
    assert [one for one in loads(html).found if not one.startswith(("#", "data:,"))] == []


def test_two_studies_of_the_demo_county_give_the_same_bytes_but_for_the_seconds(demo_page: Path) -> None:
    one, other = (re.sub(r"(用时|exact,) [\d.]+ ?s?", "", html)
                  for html in (demo_page.read_text(encoding="utf-8"), county_map("nanan-20.toml")))  # fmt: skip
    assert one == other


@pytest.mark.slow
def test_the_map_of_a_whole_country_stays_under_three_megabytes() -> None:
    if not (SHARED / "osm" / "liechtenstein_20211028.osm.pbf").is_file():
        pytest.skip("liechtenstein_20211028.osm.pbf is not here; it is read from ../shared/data/osm")
    assert len(county_map("liechtenstein.toml").encode()) < 3_000_000


def test_missing_assets_are_named_with_what_fetches_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(maps, "ASSETS", tmp_path)
    with pytest.raises(MissingLibraryError, match=r"tools/assets\.py"):
        draw_map(small_outcome())


@pytest.mark.parametrize(("size", "scheme", "language"), LOOKS)
def test_the_page_opens_from_a_file_and_asks_nobody(
    chromium: Any, page: Path, size: Any, scheme: Any, language: str
) -> None:
    outcome = small_outcome()
    with opened(chromium, f"{page.resolve().as_uri()}#{language}", size=size, scheme=scheme) as seen:
        assert seen.page.locator(".pin").count() == len(outcome.plan.chosen)
        assert seen.page.locator(".leaflet-marker-icon.standing").count() == int(outcome.sites.standing.sum())
        heading = seen.page.locator("h1").inner_text().replace("\u00a0", " ")
        assert heading.startswith("3 new devices" if language else "3 台新设备")
        regions = [box(seen.page, one) for one in (".finding", ".map", ".panel", ".credit")]
        assert not any(overlap(a, b) for i, a in enumerate(regions) for b in regions[:i])
        controls = [box(seen.page, one) for one in (".leaflet-control-zoom", ".leaflet-control-scale")]
        assert not overlap(*controls)
        assert too_wide(seen.page) == []
        ground = seen.page.evaluate("getComputedStyle(document.body).color")
        red, green, blue = (int(look.colour("ink", dark=scheme == "dark")[i : i + 2], 16) for i in (1, 3, 5))
        assert ground == f"rgb({red}, {green}, {blue})"
        assert seen.outside == []
        assert seen.complaints == []


def test_the_map_is_painted_and_not_blank(chromium: Any, page: Path) -> None:
    count = """() => [...document.querySelectorAll('canvas')].map(c => c.getContext('2d')
        .getImageData(0, 0, c.width, c.height).data.some(v => v > 0))"""
    with opened(chromium, page) as seen:
        painted = seen.page.evaluate(count)
        assert sum(painted) >= 3, "streets, demand and reach each have a canvas with something on it"


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_language_switch_changes_every_word_and_back(chromium: Any, page: Path, size: Any) -> None:
    with opened(chromium, page, size=size) as seen:
        before = seen.page.locator("body").inner_text()
        seen.page.locator(".language").click()
        assert seen.page.evaluate("document.documentElement.lang") == "en"
        english = seen.page.locator("h1, .rule, .hours, summary, .layer, .credit").all_inner_texts()
        assert not re.search(r"[\u4e00-\u9fff]", " ".join(english))
        assert "new devices" in seen.page.title()
        seen.page.locator(".language").click()
        assert seen.page.locator("body").inner_text() == before


def test_a_chosen_site_in_the_list_moves_the_map_to_it(chromium: Any, page: Path) -> None:
    with opened(chromium, page, size="phone") as seen:
        seen.page.locator(".chosen > summary").click()
        seen.page.locator("[data-order='2']").click()
        popup = seen.page.locator(".leaflet-popup-content")
        popup.wait_for()
        outcome = small_outcome()
        assert outcome.sites.label[outcome.plan.chosen[1]] in popup.inner_text()
        until(
            seen.page,
            """() => { const m = document.querySelector('.map').getBoundingClientRect();
            const p = [...document.querySelectorAll('.pin')].find(e => e.textContent === '2').getBoundingClientRect();
            return p.left > m.left && p.right < m.right && p.top > m.top && p.bottom < m.bottom; }""",
            timeout_s=5,
        )
        regions = [box(seen.page, one) for one in (".finding", ".map", ".panel", ".credit")]
        assert not any(overlap(a, b) for i, a in enumerate(regions) for b in regions[:i])


def test_a_layer_can_be_switched_off_and_on(chromium: Any, page: Path) -> None:
    with opened(chromium, page) as seen:
        switch = seen.page.locator("[data-layer='plan']")
        switch.uncheck()
        assert seen.page.locator(".pin").count() == 0
        switch.check()
        assert seen.page.locator(".pin").count() == 3


def test_a_strangers_text_is_shown_as_text(chromium: Any, strange_page: Path) -> None:
    alerts: list[str] = []
    with opened(chromium, strange_page) as seen:
        seen.page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
        outcome = small_outcome(label=STRANGER)
        order = [outcome.sites.label[i] for i in outcome.plan.chosen].index(STRANGER) + 1
        seen.page.locator(f"[data-order='{order}']").click()
        assert "<script>alert(1)" in seen.page.locator(".leaflet-popup-content").inner_text()
        assert alerts == []
        assert seen.complaints == []


BOXES = """() => [...document.querySelectorAll('.name-on-map .text')].map(e => {
    const at = e.getBoundingClientRect(), style = getComputedStyle(e);
    return [e.innerText.trim(), at.left, at.top, at.right, at.bottom, parseFloat(style.fontSize),
        style.transform.startsWith('matrix(1, 0, 0, 1,')]; })"""


@pytest.mark.parametrize(("size", "zoom"), [("phone", 12.5), ("desk", 13), ("desk", 15), ("phone", 16.5), ("desk", 17)])
def test_names_on_the_map_touch_neither_each_other_nor_a_device(
    chromium: Any, demo_page: Path, size: Any, zoom: float
) -> None:
    with opened(chromium, f"{demo_page.resolve().as_uri()}#en", size=size) as seen:
        move_map(seen.page, zoom)
        upright = [tuple(row[1:5]) for row in seen.page.evaluate(BOXES) if row[6]]
        pins = [box_of.bounding_box() for box_of in seen.page.locator(".pin b, .standing svg").all()]
        devices = [(at["x"], at["y"], at["x"] + at["width"], at["y"] + at["height"]) for at in pins if at]
        assert len(seen.page.evaluate(BOXES)) >= 5
        assert len(devices) == 32
        assert not any(overlap(a, b) for i, a in enumerate(upright) for b in [*upright[:i], *devices])
        assert seen.complaints == []


def move_map(page: Any, zoom: float) -> None:
    page.evaluate(f"""() => {{ Object.entries(window).find(([name, one]) => /^map_\\d+$/.test(name) && one.setView)[1]
        .setView([24.9600, 118.3920], {zoom}, {{ animate: false }}); }}""")


def test_names_on_the_map_are_for_the_eye_alone(chromium: Any, demo_page: Path) -> None:
    with opened(chromium, demo_page) as seen:
        pane = seen.page.locator(".leaflet-names-pane")
        assert pane.get_attribute("aria-hidden") == "true"
        assert pane.locator(".name-on-map").count() >= 5
        assert pane.locator("[tabindex], a, button").count() == 0
        stack = "e => getComputedStyle(e).zIndex"
        above = int(seen.page.locator(".leaflet-marker-pane").evaluate(stack))
        assert int(seen.page.locator(".leaflet-reach-pane").evaluate(stack)) < int(pane.evaluate(stack)) < above


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_every_order_number_can_be_read_when_the_map_opens(chromium: Any, demo_page: Path, size: Any) -> None:
    on_top = """() => [...document.querySelectorAll('.pin b')].filter(e => {
        const at = e.getBoundingClientRect(), x = at.left + at.width / 2, y = at.top + at.height / 2;
        const map = document.querySelector('.map').getBoundingClientRect();
        return x > map.left && x < map.right && y > map.top && y < map.bottom
            && [-5, 0, 5].some(dx => document.elementFromPoint(x + dx, y) !== e);
    }).map(e => e.textContent)"""
    with opened(chromium, demo_page, size=size) as seen:
        assert seen.page.locator(".pin b").count() == 20
        assert seen.page.evaluate(on_top) == []


def test_numbers_moved_apart_from_afar_stand_on_their_place_from_near(chromium: Any, demo_page: Path) -> None:
    moved = """() => [...document.querySelectorAll('.pin')].filter(e =>
        Math.hypot(parseFloat(e.style.marginLeft) + 15, parseFloat(e.style.marginTop) + 15) > 0.5).length"""
    with opened(chromium, demo_page, size="phone") as seen:
        move_map(seen.page, 12)
        assert seen.page.evaluate(moved) > 0
        move_map(seen.page, 15)
        assert seen.page.evaluate(moved) == 0


def test_a_strangers_name_on_the_map_is_shown_as_text(chromium: Any, tmp_path: Path) -> None:
    village = Name(STRANGER, STRANGER, "town", (118.4, 24.955))
    background = Background(water=np.zeros(0, object), green=np.zeros(0, object), names=(village,))
    html = draw_map(replace(small_outcome(), background=background))
    assert loads(html).scripts == loads(draw_map(small_outcome())).scripts
    path = tmp_path / "map.html"
    path.write_text(html, encoding="utf-8")
    with opened(chromium, path) as seen:
        move_map(seen.page, 14)
        assert "<script>alert(1)" in seen.page.locator(".name-on-map").first.inner_text()
        assert seen.page.locator("b b, .name-on-map script").count() == 0
        assert (seen.complaints, seen.outside) == ([], [])


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_on_its_ground(dark: bool) -> None:
    for text, ground, least in [
        ("ink", "paper", 7.0), ("ink", "wash", 7.0), ("quiet", "paper", 4.5), ("quiet", "wash", 4.5),
        ("unsure", "unsure-ground", 4.5), ("paper", "plan", 4.5), ("aed", "paper", 4.5), ("closed", "paper", 4.5),
        ("call", "paper", 4.5), ("gap", "paper", 3.0), ("map-name", "map-ground", 4.5), ("map-name", "map-green", 4.5),
        ("map-water-name", "map-ground", 4.5), ("map-water-name", "map-water", 4.5), ("sign-mark", "sign", 7.0),
    ]:  # fmt: skip
        assert contrast(look.colour(text, dark=dark), look.colour(ground, dark=dark)) >= least, (text, ground)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_no_colour_is_typed_outside_the_table() -> None:
    package = Path(maps.__file__).parents[1]
    files = [path for room in ("report", "pages") for path in (package / room).iterdir() if path.is_file()]
    assert len(files) > 20
    typed = [found for path in files for found in re.findall(r"#[0-9a-fA-F]{6}\b", path.read_text("utf-8"))]
    assert typed == []
