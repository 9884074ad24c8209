"""The streets of a neighbourhood and the script that walks on them, in a real browser, against the service's own walks."""

import gzip
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from browser import chromium
from hypothesis import given, settings
from hypothesis import strategies as st
from town import ROOT, at

from aedplan import read_streets, snap, walk_table, walks_from
from aedplan.coordinates import project, unproject
from service.public.walk_file import TOLERANCE_M, _bends, walk_file
from service.published import read_published

__all__ = ["chromium"]

SCRIPT = (ROOT / "service" / "pages" / "static" / "walk.js").read_text(encoding="utf-8")
CENTRE = (118.39, 24.96)
WITHIN_M = 2.0


@pytest.fixture(scope="module")
def walker(chromium):
    """Walks as a phone does: `walk(file, people, devices)` gives metres by person and device, inf where there is no way."""
    page = chromium.new_page()
    page.goto("about:blank")
    page.add_script_tag(content=SCRIPT)
    script = """([file, people, devices]) => {
        const walks = makeWalks(file);
        const list = devices.map(([lon, lat]) => ({ lon, lat }));
        return people.map(([lon, lat]) => walks.metresTo(lon, lat, list).map((m) => (m < Infinity ? m : -1)));
    }"""

    def walk(file, people, devices):
        found = page.evaluate(script, [file, np.asarray(people).tolist(), np.asarray(devices).tolist()])
        metres = np.array(found, dtype=float)
        return np.where(metres < 0, np.inf, metres)

    yield walk
    page.close()


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """The demo county's streets as a plan's folder keeps them."""
    made = read_streets(ROOT / "data" / "demo" / "county.osm.gz")
    folder = tmp_path_factory.mktemp("county") / "streets"
    made.save(folder)
    return read_streets(folder)


def around(streets, centre, most_m, count, seed):
    """WGS-84 places within some metres of a centre, spread evenly."""
    rng = np.random.default_rng(seed)
    angle, far = rng.uniform(0, 2 * np.pi, count), most_m * np.sqrt(rng.uniform(0, 1, count))
    here = project(np.array([centre]), streets.crs)
    return unproject(here + np.column_stack([far * np.cos(angle), far * np.sin(angle)]), streets.crs)


def metres_from(streets, centre, lonlat):
    return np.hypot(*(project(lonlat, streets.crs) - project(np.array([centre]), streets.crs)).T)


def surely(streets, centre, radius_m, people, devices):
    """(people, devices) walks so long that none shorter can leave the circle of the file and come back into it."""
    person, device = (radius_m - metres_from(streets, centre, one) for one in (people, devices))
    return person[:, None] + device[None, :]


def service_walks(streets, people, devices):
    """As the service tells them: nothing for who stands too far from any street."""
    walked = walks_from(streets, walk_table(streets, devices), people)
    far = np.array([snap(streets, one[None]).off_mm[0] for one in people]) > 500_000
    return np.where(far[:, None], np.inf, walked)


@pytest.mark.parametrize("radius_m", [800, 2000])
def test_on_the_demo_county_the_phone_walks_as_far_as_the_service(county, walker, radius_m):
    people = around(county, CENTRE, radius_m * 0.6, 40, seed=1)
    devices = around(county, CENTRE, radius_m * 1.1, 60, seed=2)
    ours = walker(walk_file(county, CENTRE, radius_m), people, devices)
    theirs = service_walks(county, people, devices)
    known = np.isfinite(ours)
    assert known.mean() > 0.5
    assert (ours[known] >= theirs[known] - WITHIN_M).all(), "a walk that is not there"
    exact = known & (theirs <= surely(county, CENTRE, radius_m, people, devices))
    assert exact.sum() > 500
    assert np.abs(ours[exact] - theirs[exact]).max() < WITHIN_M


def test_the_order_of_the_nearest_devices_is_that_of_the_service(county, walker):
    people = around(county, CENTRE, 900, 60, seed=3)
    devices = around(county, CENTRE, 1300, 40, seed=4)
    ours = walker(walk_file(county, CENTRE, 2000), people, devices)
    theirs = service_walks(county, people, devices)
    for mine, true in zip(ours, theirs, strict=True):
        chosen, best = int(np.argmin(mine)), int(np.argmin(true))
        assert chosen == best or true[chosen] - true[best] < WITHIN_M


def test_on_the_drawn_town_the_phone_walks_as_far_as_the_service_wherever_somebody_stands(folder, town, walker):
    streets = read_published(folder).streets
    devices = np.array(list(town.devices.values()))
    people = np.array([at(x, y) for x in np.linspace(-12, 12, 23) for y in np.linspace(-5, 5, 17)])
    ours = walker(walk_file(streets, (118.0, 25.0), 2000), people, devices)
    theirs = service_walks(streets, people, devices)
    assert np.isfinite(theirs).any(axis=1).sum() > 100
    assert np.isinf(theirs).all(axis=1).any(), "somebody stands on the street that is joined to nothing"
    assert (np.isfinite(ours) == np.isfinite(theirs)).all()
    both = np.isfinite(theirs)
    assert np.abs(ours[both] - theirs[both]).max() < 0.5


def test_a_person_outside_the_file_or_far_from_any_street_is_told_no_walk(county, folder, walker):
    file = walk_file(county, CENTRE, 800)
    devices = around(county, CENTRE, 600, 5, seed=5)
    outside = around(county, (CENTRE[0] + 0.02, CENTRE[1]), 10, 3, seed=6)
    assert np.isinf(walker(file, outside, devices)).all()
    streets = read_published(folder).streets
    assert np.isinf(walker(walk_file(streets, (118.0, 25.0), 2000), [at(-9, -6)], [at(0, 0)])).all()


def test_a_place_without_streets_has_an_empty_file_that_the_script_does_not_take(folder, chromium):
    file = walk_file(read_published(folder).streets, (120.0, 25.0), 2000)
    assert (file["nodes"], file["edges"]) == ([], [])
    page = chromium.new_page()
    page.add_script_tag(content=SCRIPT)
    assert page.evaluate("(file) => makeWalks(file)", file) is None
    assert page.evaluate("makeWalks(null)") is None
    assert page.evaluate("makeWalks({ format: 2, edges: [1] })") is None
    page.close()


def test_steps_count_as_long_as_they_take(walker):
    from aedplan.network import KINDS, STEPS_PACE, build
    from aedplan.source import Source

    lonlat = np.array([at(0, 0), at(1, 0), at(2, 0), at(3, 0)])
    kinds = [KINDS.index("street"), KINDS.index("steps"), KINDS.index("street")]
    streets = build(lonlat, [[0, 1], [1, 2], [2, 3]], way_kind=kinds, source=Source("drawn"))
    file = walk_file(streets, at(1.5, 0), 1000)
    (found,) = walker(file, [at(0.2, 0)], [at(2.8, 0), at(1.5, 0), at(0.9, 0)])
    step = float(metres_from(streets, at(0, 0), np.array([at(1, 0)]))[0])
    assert found == pytest.approx([step * (0.8 + STEPS_PACE + 0.8), step * (0.8 + STEPS_PACE / 2), step * 0.7], abs=0.5)


def test_the_file_of_a_county_town_is_small(county):
    sizes = [
        len(gzip.compress(json.dumps(walk_file(county, CENTRE, r), separators=(",", ":")).encode()))
        for r in (1500, 2000)
    ]
    assert sizes[0] < sizes[1] < 60_000


def test_a_real_town_is_small_too_and_walked_alike(walker):
    shared = Path(__file__).parents[3] / "shared" / "data"
    found = sorted(shared.rglob("*iechtenstein*.osm.pbf")) + sorted(shared.rglob("*iechtenstein*.osm.gz"))
    if not found:
        pytest.skip("the extract of Liechtenstein is not there")
    streets = read_streets(found[0])
    centre = (9.52, 47.14)
    file = walk_file(streets, centre, 2000)
    assert len(gzip.compress(json.dumps(file, separators=(",", ":")).encode())) < 60_000
    people, devices = around(streets, centre, 900, 20, seed=7), around(streets, centre, 1500, 40, seed=8)
    ours, theirs = walker(file, people, devices), service_walks(streets, people, devices)
    exact = np.isfinite(ours) & (theirs <= surely(streets, centre, 2000, people, devices))
    assert exact.sum() > 200
    assert np.abs(ours[exact] - theirs[exact]).max() < WITHIN_M


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=2, max_size=12))
def test_a_line_with_fewer_vertices_lies_where_it_lay(points):
    line = np.array(points, dtype=float)
    kept = _bends(line)
    assert kept[0] == 0
    assert kept[-1] == len(line) - 1
    for first, last in pairwise(kept):
        for point in line[first + 1 : last]:
            step = line[last] - line[first]
            share = np.clip((point - line[first]) @ step / (step @ step), 0, 1) if step.any() else 0.0
            assert np.hypot(*(point - line[first] - share * step)) <= TOLERANCE_M


def test_the_route_answers_with_the_file_that_may_be_kept_for_a_day(client):
    said = client.get("/api/v1/walks?lon=118.0&lat=25.0&radius_m=1000")
    assert said.status_code == 200
    assert said.headers["cache-control"] == "public, max-age=86400"
    content = said.json()
    assert (content["centre"], content["radius_m"]) == ([118.0, 25.0], 1000)
    assert client.get("/api/v1/walks?lon=118.0&lat=25.0").json()["radius_m"] == 1500
    assert client.get("/api/v1/walks?lon=10&lat=50").json()["edges"] == []
    refused = client.get("/api/v1/walks?lon=118&lat=x&radius_m=2001&limit=3")
    assert refused.status_code == 422
    assert all(part in refused.json()["message_en"] for part in ("lat is 'x'", "radius_m is '2001'", "'limit'"))
