"""One walk with its line."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from oracles import walks
from worlds import World, draw, lonlat, places, worlds

from aedplan.coordinates import project
from aedplan.network import KINDS, STEPS_PACE, snap
from aedplan.routes import route


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
