"""One walk with its line."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from oracles import walks
from worlds import World, draw, lonlat, places, worlds

from aedplan.anchors import snap
from aedplan.circles import circle
from aedplan.coordinates import project
from aedplan.network import KINDS, STEPS_PACE
from aedplan.reach import nearest
from aedplan.routes import nearest_place, route, street_line_ratio


@given(worlds(), places(2), places(2))
def test_a_route_is_as_long_as_dijkstra_says_and_its_line_is_that_long(
    world: World, from_xy: np.ndarray, to_xy: np.ndarray
) -> None:
    start, end = lonlat(from_xy[:1]), lonlat(to_xy[:1])
    answer = walks(world.streets, snap(world.streets, start), snap(world.streets, end))[0].get(0)
    found = route(world.streets, start[0], end[0])
    if answer is None:
        assert found is None
        return
    assert found is not None
    assert found.walk_m == answer / 1000
    line = project(shapely.get_coordinates(found.line), world.streets.crs)
    drawn = np.hypot(*np.diff(line, axis=0).T).sum()
    assert drawn == pytest.approx(found.metres, abs=1e-6 * len(line))
    assert drawn <= found.walk_m + 0.01 + 0.001 * len(line)
    assert found.walk_m <= STEPS_PACE * (drawn + 0.01 + 0.001 * len(line))
    if not (world.streets.kind == KINDS.index("steps")).any():
        assert drawn == pytest.approx(found.walk_m, abs=0.01 + 0.001 * len(line))
    assert line[0] == pytest.approx(project(start, world.streets.crs)[0], abs=1e-3)
    assert line[-1] == pytest.approx(project(end, world.streets.crs)[0], abs=1e-3)


def test_the_line_follows_the_street_round_the_river() -> None:
    world = draw([[0, 0], [300, 0], [320, 50], [300, 100], [0, 100]], [[0, 1, 2, 3, 4]])
    found = route(world.streets, lonlat([[0, 10]])[0], lonlat([[0, 90]])[0])
    assert found is not None
    assert found.metres == pytest.approx(20 + 600 + 2 * np.hypot(20, 50), abs=0.01)
    xy = project(shapely.get_coordinates(found.line), world.streets.crs)
    assert len(xy) == 7


def test_the_minutes_of_a_route_follow_the_circle() -> None:
    world = draw([[0, 0], [330, 0]], [[0, 1]])
    found = route(world.streets, *lonlat([[0, 0], [330, 0]]))
    assert found is not None
    assert found.minutes(circle("walk-4")) == pytest.approx(330 / 75, abs=1e-3)
    assert found.minutes(circle("fetch-4")) == pytest.approx(2 * 330 / 1.65 / 60, abs=1e-3)


@given(worlds(), places(5), places(1))
def test_the_nearest_place_of_one_point_is_what_the_kernels_say(
    world: World, from_xy: np.ndarray, to_xy: np.ndarray
) -> None:
    origins, point = lonlat(from_xy), lonlat(to_xy)[0]
    answer = nearest(world.streets, origins, point[None])
    found = nearest_place(world.streets, origins, point)
    assert (found or (-1, np.inf)) == (answer.origin[0], answer.metres[0])


def test_a_walk_round_the_river_is_many_times_the_straight_line() -> None:
    world = draw([[0, 0], [300, 0], [300, 100], [0, 100], [900, 0], [960, 0]], [[0, 1, 2, 3], [4, 5]])
    points = lonlat([[0, 100], [150, 0], [0, 0], [930, 0]])
    ratio = street_line_ratio(world.streets, lonlat([[0, 0]]), points)
    assert ratio[:2] == pytest.approx([7, 1], abs=1e-3)
    assert np.isnan(ratio[2])
    assert np.isinf(ratio[3])


@given(worlds(), places(4), places(6))
def test_no_walk_is_shorter_than_the_straight_line(world: World, from_xy: np.ndarray, to_xy: np.ndarray) -> None:
    straight = nearest(world.streets, lonlat(from_xy), lonlat(to_xy), measure="line").metres
    ratio = street_line_ratio(world.streets, lonlat(from_xy), lonlat(to_xy))
    assert ((ratio >= 1 - 0.01 / np.maximum(straight, 1e-9)) | np.isnan(ratio)).all()
