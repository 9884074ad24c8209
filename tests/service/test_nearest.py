"""The nearest devices on foot, against networkx on the drawn segments."""

import math
import time
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from town import at, write_plan

from aedplan.circles import circle
from aedplan.coordinates import local_crs, project
from aedplan.single import UNWALKED_MM
from service.nearest import Choice, find_nearest, line_metres, make_table, make_ways, ways_to
from service.published import read_published


class Drawing:
    """The drawn segments in metres, with a networkx graph between their ends."""

    def __init__(self, town):
        self.crs = local_crs(town.lonlat)
        self.xy = project(town.lonlat, self.crs)
        self.segments = [(a, b) for way in town.ways for a, b in pairwise(way)]

    def nearest_place(self, lonlat):
        """(off, segment, share along it); given up where another street is as near."""
        here = project(np.array([lonlat]), self.crs)[0]
        found = []
        for number, (a, b) in enumerate(self.segments):
            line = self.xy[b] - self.xy[a]
            share = float(np.clip((here - self.xy[a]) @ line / (line @ line), 0, 1))
            place = self.xy[a] + share * line
            found.append((math.dist(here, place), number, share, tuple(place)))
        off, number, share, place = min(found)
        assume(not any(o < off + 0.05 and math.dist(p, place) > 0.05 for o, _, _, p in found))
        return off, number, share

    def walks(self, person, devices):
        """Metres by device, straight off the street at both ends; inf where there is no way."""
        graph = nx.Graph()
        places = {name: self.nearest_place(lonlat) for name, lonlat in {"person": person, **devices}.items()}
        for number, (a, b) in enumerate(self.segments):
            length = math.dist(self.xy[a], self.xy[b])
            on_it = sorted((share * length, name) for name, (_, n, share) in places.items() if n == number)
            for (m, here), (k, there) in pairwise([(0.0, a), *on_it, (length, b)]):
                graph.add_edge(here, there, weight=k - m)
        along = nx.single_source_dijkstra_path_length(graph, "person")
        return {name: along.get(name, math.inf) + places["person"][0] + places[name][0] for name in devices}


def near(published, lon, lat, *, limit, rank=None, table=True):
    """What is nearest of the plan's own devices."""
    places = tuple((device.lon, device.lat) for device in published.devices)
    ways = make_ways(published.streets, places)
    if table and ways.small:
        make_table(published.streets, ways)
    rank = np.zeros(len(places), dtype=int) if rank is None else np.array(rank)
    return find_nearest(published, Choice(ways, rank, limit), lon, lat)


def ids(published, answer):
    return [published.devices[found.number].id for found in answer.devices]


@pytest.fixture(scope="module")
def drawing(town):
    return Drawing(town)


@pytest.fixture(scope="module")
def published(folder):
    return read_published(folder)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(x=st.floats(-11, 11), y=st.floats(-3.9, 5))
def test_order_and_metres_equal_networkx_wherever_a_person_stands(published, drawing, town, x, y):
    lon, lat = at(x, y)
    expected = drawing.walks((lon, lat), town.devices)
    answer = near(published, lon, lat, limit=50)
    reachable = {name: metres for name, metres in expected.items() if metres < math.inf}
    if not reachable:
        assert answer.reason == "no_way"
        return
    assert answer.measure == "street"
    assert dict(zip(ids(published, answer), (f.metres for f in answer.devices), strict=True)) == pytest.approx(
        reachable, abs=0.02
    )
    walked = [expected[name] for name in ids(published, answer)]
    assert all(near <= far + 0.02 for near, far in pairwise(walked))


def test_the_device_across_the_river_comes_last_though_it_is_nearest_by_straight_line(published, town):
    lon, lat = at(0, 0)
    lonlat = np.array(list(town.devices.values()))
    assert list(town.devices)[int(np.argmin(line_metres(lonlat, lon, lat)))] == "d-north"
    walked = ids(published, near(published, lon, lat, limit=4))
    assert walked == ["d-south", "d-bridge", "d-loop", "d-north"]


def test_without_a_table_and_before_it_is_made_the_walks_are_the_same(published, monkeypatch):
    people = [at(x, y) for x, y in [(0, 0), (-6, 0.1), (3, 2), (2, -4), (-4, -1.5), (9, 0.5)]]
    tabled = [near(published, *person, limit=9) for person in people]
    for has_scipy in (True, False):
        monkeypatch.setattr("service.nearest._has_scipy", lambda has=has_scipy: has)
        assert [near(published, *person, limit=9, table=False) for person in people] == tabled
    monkeypatch.setattr("service.nearest.LARGEST_TABLE", 0)
    assert [near(published, *person, limit=9) for person in people] == tabled


def test_the_ways_are_kept_until_a_place_changes_and_get_their_table_in_the_background(published):
    places = tuple((device.lon, device.lat) for device in published.devices)
    ways = ways_to(published, places)
    assert ways_to(published, places) is ways
    assert ways_to(published, places[:2]) is not ways
    end = time.monotonic() + 20
    while ways.table is None and time.monotonic() < end:
        time.sleep(0.01)
    assert ways.table.by_node.shape == (len(published.streets.xy), 4)


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [(0, 90, "outside_area"), (-20000, 0, "outside_area"), (0, -12, "far_from_street"), (2, -4.1, "no_way")],
)
def test_where_no_walk_can_be_told_the_devices_come_by_straight_line(published, town, x, y, reason):
    lon, lat = 118.0 + x * 0.001, 25.0 + y * 0.001
    answer = near(published, lon, lat, limit=9)
    assert (answer.measure, answer.reason) == ("line", reason)
    metres = dict(zip(town.devices, line_metres(np.array(list(town.devices.values())), lon, lat), strict=True))
    assert ids(published, answer) == sorted(metres, key=metres.__getitem__)
    assert [f.metres for f in answer.devices] == sorted(metres.values())


def test_the_far_limit_is_500_metres_off_the_street(published):
    close, far = (near(published, *at(-9, -m / 110.8), limit=1) for m in (490, 510))
    assert (close.measure, far.measure) == ("street", "line")
    assert close.off_street_m == pytest.approx(490, abs=2)


def test_a_straight_line_is_never_called_in_time(published):
    answer = near(published, *at(2, -4.1), limit=9)
    assert [f.in_time for f in answer.devices] == [False] * 4
    close = near(published, *at(6, -4), limit=9)
    assert all(f.in_time is not True for f in close.devices)


def test_in_time_is_the_limit_to_the_millimetre(published):
    found = [near(published, *at(-6 + step / 10, 0), limit=1).devices[0] for step in range(60)]
    assert {f.in_time for f in found} == {True, False}
    assert all(f.in_time == (f.metres <= 300.0) for f in found)


def test_a_better_rank_comes_before_a_shorter_walk_and_within_a_rank_the_walk_decides(published, town):
    names = list(town.devices)
    walked = ids(published, near(published, *at(0, 0), limit=4))
    for rank in ([0, 1, 0, 2], [3, 3, 3, 3], [2, 1, 0, 0], [0, 0, 0, 1]):
        found = ids(published, near(published, *at(0, 0), limit=4, rank=rank))
        assert found == sorted(walked, key=lambda name: (rank[names.index(name)], walked.index(name)))
        assert ids(published, near(published, *at(0, 0), limit=2, rank=rank)) == found[:2]


def test_what_cannot_be_walked_to_is_left_out_whatever_its_rank(published, monkeypatch):
    monkeypatch.setattr("service.nearest._walks", lambda *_: np.array([np.inf, 5.0, 7.0, np.inf]))
    monkeypatch.setattr("service.nearest.walks_of", lambda *_: np.array([UNWALKED_MM, 5000, 7000, UNWALKED_MM + 9]))
    for table in (True, False):
        found = near(published, *at(0, 0), limit=4, rank=[0, 1, 0, 0], table=table)
        assert ids(published, found) == ["d-bridge", "d-south"]


def test_minutes_follow_the_plans_own_circle(tmp_path):
    there_and_back = read_published(write_plan(tmp_path / "plan", rule=circle("fetch-4")))
    found = near(there_and_back, *at(-5, 0), limit=1).devices[0]
    assert found.minutes == pytest.approx(2 * found.metres / 1.65 / 60)


def test_a_circle_of_straight_lines_still_counts_the_walk(tmp_path):
    straight = read_published(write_plan(tmp_path / "plan", rule=circle("sz-i-300")))
    answer = near(straight, *at(0, 0), limit=9)
    across = dict(zip(ids(straight, answer), answer.devices, strict=True))["d-north"]
    assert across.in_time is False
    assert across.minutes > 20


def test_a_plan_without_devices_says_so(tmp_path):
    answer = near(read_published(write_plan(tmp_path / "plan", devices=0)), *at(0, 0), limit=3)
    assert (answer.devices, answer.reason) == ((), "no_device")
