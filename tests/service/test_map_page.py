"""The map of a week: each hour's states and coverage, on the page what the interface says, drawn on our own base map."""

import datetime as dt
import json
from contextlib import ExitStack
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from browser import chromium, opened, too_wide, until
from hypothesis import given
from hypothesis import strategies as st
from outcomes import small_outcome
from town import served

from aedplan.coordinates import convert
from service.facts import COUNTY_TIME
from service.mapping.coverage_now import coverage_now
from service.mapping.tile_services import tile_service
from service.mapping.week_now import HOURS, STATES, USABLE, Week, cover_week, find_week
from service.pages.basemap import their_tiles
from service.plan_demand import paper_coverage
from service.public.cards import Card
from service.public.state import Condition, ReadyStep, judge
from service.public.words import Words
from service.published import read_published

__all__ = ["chromium"]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
NOON = dt.datetime(2026, 11, 22, 12, 20, tzinfo=COUNTY_TIME)
NOTHING = Words("", "")
TEXTS = (
    "",
    "24/7",
    "Mo-Fr 08:00-18:00",
    "Mo-Su 10:30-22:00",
    "Sa 22:00-26:00",
    "PH off; Mo-Fr 09:00-17:00",
    "unreadable",
)


def card(condition: Condition) -> Card:
    return Card("d", "d", "某处", "other", "", 118.4, 24.96, condition)


conditions = st.builds(
    Condition,
    ready=st.lists(st.tuples(st.integers(-3, 8), st.sampled_from([True, False, None])), min_size=1, max_size=4).map(
        lambda steps: tuple(
            ReadyStep(NOON.date() + dt.timedelta(n), ready, NOTHING) for n, ready in sorted(dict(steps).items())
        )
    ),
    taken_at=st.none() | st.integers(-80, 60).map(lambda hours: NOON + dt.timedelta(hours=hours)),
    hours=st.sampled_from(TEXTS),
)


@given(conditions)
def test_every_hour_has_the_state_that_the_public_is_told_at_that_instant(condition):
    week = find_week([card(condition)], NOON, recorded=True)
    assert week.begin == dt.datetime(2026, 11, 22, tzinfo=COUNTY_TIME)
    instants = [week.begin + dt.timedelta(hours=hour) for hour in range(HOURS)]
    assert [STATES[state] for state in week.state[0]] == [judge(condition, at).state for at in instants]


@given(conditions)
def test_without_records_a_device_is_usable_when_it_is_known_to_be_open(condition):
    plain = Condition((ReadyStep(dt.date.min, None, NOTHING),), None, condition.hours)
    sure = Condition((ReadyStep(dt.date.min, True, NOTHING),), None, condition.hours)
    found = find_week([card(plain)], NOON, recorded=False).state
    np.testing.assert_array_equal(found, find_week([card(sure)], NOON, recorded=True).state)


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """The small study's folder; its station is open by day, its school always, and one candidate stands with unknown hours."""
    folder = tmp_path_factory.mktemp("week") / "plan"
    small_outcome().save(folder)
    content = json.loads((folder / "plan.geojson").read_text(encoding="utf-8"))
    hours = {"s0": "Mo-Fr 08:00-18:00", "s1": "24/7"}
    for feature in content["features"]:
        feature["properties"]["hours"] = hours.get(feature["id"], feature["properties"]["hours"])
    (folder / "plan.geojson").write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_each_hour_covers_what_the_usable_devices_reach_and_the_dots_tell_the_same(plan):
    ground = read_published(plan).ground
    places = tuple(
        (device.lon, device.lat) for device in (*read_published(plan).devices, *read_published(plan).proposed)
    )
    state = np.random.default_rng(7).integers(0, 3, (len(places), HOURS)).astype(np.uint8)
    state[:, :8] = np.array(list(product([0, 1], repeat=3))).T[np.arange(len(places)) % 3]
    found = cover_week(ground, places, Week(NOON, state))
    paper = paper_coverage(ground, places)
    assert found.dots.weight.sum() == pytest.approx(found.total)
    for hour in range(0, HOURS, 5):
        usable = state[:, hour] == USABLE
        covered = np.asarray(paper.covers[np.flatnonzero(usable)].sum(axis=0)).ravel() > 0
        assert found.effective[hour] == pytest.approx(paper.weight[covered].sum())
        kept = np.full(len(places), "kept", dtype="<U16")
        assert found.effective[hour] == coverage_now(paper.covers, paper.weight, is_open=usable, cause=kept).effective
        reached = np.array([usable[list(devices)].any() for devices in found.dots.sets])[found.dots.reached]
        assert found.dots.weight[reached].sum() == pytest.approx(found.effective[hour])


@pytest.fixture(scope="module")
def address(plan):
    with served(plan) as address:
        yield address


@pytest.fixture
def visit(chromium, address):
    """Opens the map and waits until it is drawn; at the end fails if it asked elsewhere or complained."""
    with ExitStack() as stack:
        found = []

        def go(path="/map", *, wait=True, **options):
            seen = stack.enter_context(opened(chromium, address + path, **options))
            found.append(seen)
            if wait:
                seen.page.wait_for_selector("#map.drawn")
                seen.page.wait_for_selector("#map canvas.leaflet-tile", state="attached")
            return seen.page

        yield go
        assert [(one.outside, one.complaints) for one in found if one.outside or one.complaints] == []


INK = """() => { let ink = 0;
    document.querySelectorAll('#map canvas.leaflet-tile').forEach(tile => {
        if (!tile.width) return;
        const part = tile.getContext('2d').getImageData(0, 0, tile.width, tile.height).data;
        for (let i = 3; i < part.length; i += 4) ink += part[i] > 0; });
    return ink; }"""


def test_the_slider_tells_each_hour_what_the_interface_says_and_the_map_is_drawn(visit, address):
    page = visit()
    week = page.evaluate("fetch('/api/v1/coverage/week').then(answer => answer.json())")
    total, effective = week["coverage"]["total"], week["coverage"]["effective"]
    assert len(set(effective)) > 1, "the station's hours must make a difference"
    until(page, f"({INK})() > 2000")
    slider = page.locator("#hour")
    said = set()
    for hour in (3, 11, 24 * 3 + 12):
        slider.fill(str(hour))
        heading = page.locator("h1").inner_text()
        figure = 100 * effective[hour] / total
        shown = float(heading.partition("：")[2].partition("%")[0])
        assert shown == pytest.approx(figure, abs=0.5 if figure >= 10 else 0.05)
        assert slider.get_attribute("aria-valuetext") == heading
        usable = sum(device["states"][hour] == "0" for device in week["devices"])
        assert f"可用 {usable} 台" in page.locator("#states").inner_text()
        drawn = page.evaluate(
            "weekMap.layers.devices.getLayers().map(one => one.getElement().getAttribute('aria-label'))"
        )
        assert sum("可用" in label for label in drawn) == usable
        said.add(heading)
    assert len(said) == 3


def test_keys_move_by_the_hour_and_by_the_day_and_the_address_keeps_what_is_seen(visit):
    page = visit("/map?at=2000-01-01T00&hide=circles")
    now = int(page.locator("#hour").input_value())
    assert not page.locator("[data-layer=circles]").is_checked()
    page.locator("#hour").focus()
    for key, expected in (("PageUp", now + 24), ("ArrowLeft", now + 23), ("PageDown", max(0, now - 1)), ("End", 167)):
        page.keyboard.press(key)
        assert int(page.locator("#hour").input_value()) == expected
    page.locator("[data-layer=demand]").uncheck()
    until(page, "location.search.includes('demand') && location.search.includes('at=')")
    page.evaluate("weekMap.map.setView([24.963, 118.403], 17, {animate: false})")
    until(page, "location.hash.startsWith('#17/')")
    finding = page.locator("h1").inner_text()
    page.reload()
    page.wait_for_selector("#map.drawn")
    assert page.locator("h1").inner_text() == finding
    assert page.evaluate("weekMap.map.getZoom()") == 17
    assert not page.locator("[data-layer=demand]").is_checked()
    assert page.evaluate("weekMap.map.hasLayer(weekMap.layers.demand)") is False
    page.get_by_role("button", name="现在").click()
    assert int(page.locator("#hour").input_value()) == now
    assert "at=" not in page.evaluate("new Promise(done => setTimeout(() => done(location.search), 600))")


@pytest.mark.parametrize(("size", "scheme", "language"), [("phone", "dark", "en"), ("desk", "light", "zh")])
def test_the_page_fits_its_screen_and_has_no_fault_of_access(visit, size, scheme, language):
    page = visit("/map?lang=en" if language == "en" else "/map", size=size, scheme=scheme, bypass_csp=True)
    assert too_wide(page) == []
    page.add_script_tag(path=str(AXE))
    found = page.evaluate(
        "axe.run({resultTypes: ['violations']})"
        ".then(found => found.violations.map(one => [one.id, one.nodes.map(n => n.html)]))"
    )
    assert found == []
    if language == "en":
        assert page.locator("h1").inner_text().split(" ")[0].endswith("day")


def test_in_a_page_one_finger_scrolls_past_the_map_until_it_is_tapped(visit):
    page = visit(size="phone")
    assert page.evaluate("weekMap.map.dragging.enabled()") is False
    assert page.evaluate("getComputedStyle(weekMap.map.getContainer()).touchAction").startswith("pan-y")
    page.locator("#map").tap(position={"x": 40, "y": 200})
    assert page.evaluate("weekMap.map.dragging.enabled()") is True
    page.locator("h1").tap()
    assert page.evaluate("weekMap.map.dragging.enabled()") is False


def test_five_hundred_devices_are_drawn_and_change_state_at_once(visit):
    page = visit()
    took = page.evaluate("""() => {
        const features = [...Array(500).keys()].map(i => ({ id: 'x' + i, properties: { label: '设备 ' + i, state: 'usable' },
            geometry: { coordinates: [118.395 + (i % 25) / 2000, 24.955 + Math.floor(i / 25) / 2000] } }));
        const begun = performance.now(), many = deviceLayer(weekMap.map, features);
        many.show(feature => Number(feature.id.slice(1)) % 2 ? 'closed' : 'unverified');
        return [many.getLayers().length,
            document.querySelectorAll('#map .device.closed').length, performance.now() - begun]; }""")
    assert took[0] == 500
    assert took[1] >= 250
    assert took[2] < 2000


def test_where_there_is_no_base_map_the_streets_are_drawn_and_nothing_is_said(visit, address):
    page = visit("/devices", wait=False)
    said = page.evaluate("fetch('/basemap').then(answer => answer.json())")
    page.route("**/basemap", lambda route: route.fulfill(json={**said, "state": "failed"}))
    page.goto(address + "/map")
    page.wait_for_selector("#map.drawn")
    page.wait_for_selector(".leaflet-streets-pane canvas")
    until(
        page,
        "() => { const it = document.querySelector('.leaflet-streets-pane canvas');"
        " return it.getContext('2d').getImageData(0, 0, it.width, it.height).data.some(value => value); }",
    )
    assert page.locator("#map canvas.leaflet-tile").count() == 0


def test_the_shift_of_chinese_maps_is_the_librarys_to_a_metre_both_ways(visit):
    page = visit()
    places = np.random.default_rng(3).uniform((73.6, 18.2), (134.7, 53.5), (200, 2))
    there = np.array(page.evaluate("places => places.map(place => toGcj02(...place))", places.tolist()))
    metres = np.array([100_000, 111_320])
    assert (np.abs(there - convert(places, source="wgs84", target="gcj02")) * metres).max() < 0.01
    back = np.array(page.evaluate("places => places.map(place => fromGcj02(...place))", there.tolist()))
    assert (np.abs(back - places) * metres).max() < 0.01
    assert page.evaluate("toGcj02(2.35, 48.85)") == [2.35, 48.85]


def test_over_a_shifted_map_our_layers_lie_where_its_own_places_are(visit, address):
    """Amap's tiles show GCJ-02: the pixel of a device must be where their tile draws that place."""
    page, asked = visit("/devices", wait=False, bypass_csp=True), []
    said = page.evaluate("fetch('/basemap').then(answer => answer.json())")
    theirs = their_tiles(tile_service("amap", key="", approval="GS(2024)1号"))
    page.route("**/basemap", lambda route: route.fulfill(json={**said, **theirs}))
    page.route(
        lambda url: url.startswith("https:"), lambda route: (asked.append(route.request.url), route.fulfill(status=204))
    )
    page.goto(address + "/map")
    page.wait_for_selector("#map.drawn")
    page.wait_for_selector("#map img.leaflet-tile", state="attached")
    assert "高德地图 GS(2024)1号" in page.locator(".leaflet-control-attribution").inner_text()
    place = [118.4, 24.96]
    project = "([lon, lat]) => { const at = weekMap.map.project([lat, lon], 18); return [at.x, at.y]; }"
    lon, lat = convert(np.array([place]), source="wgs84", target="gcj02")[0]
    sine = np.sin(np.radians(lat))
    expected = np.array([lon / 360 + 0.5, 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)]) * 256 * 2**18
    assert np.abs(np.array(page.evaluate(project, place)) - expected).max() < 1
    assert {url.split("/")[2].partition(".")[2] for url in asked} == {"is.autonavi.com"}
