"""The walking table against networkx on the same streets, place by place."""

import math
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aedplan.anchors import Anchors, snap
from aedplan.distances import NO_WAY, walk_table, walk_table_plainly, walks_from
from aedplan.network import StreetNetwork, build
from aedplan.reach import reach
from aedplan.source import Source

HAND = Source("drawn by hand", synthetic=True)
STEP = 0.001  # degrees, about 100 m


def draw(vertices: list[tuple[float, float]], ways: list[list[int]]) -> StreetNetwork:
    lonlat = np.array(vertices, dtype=float) * STEP + [118.0, 25.0]
    return build(lonlat, ways, way_kind=[0] * len(ways), source=HAND)


def at(*steps: tuple[float, float]) -> np.ndarray:
    return np.array(steps, dtype=float) * STEP + [118.0, 25.0]


def walk_by_networkx(streets: StreetNetwork, one: Anchors, i: int, other: Anchors, j: int) -> float:
    """Metres between two anchors: both places are put on their edges as nodes, and every edge is a line of its own."""
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(len(streets.xy)))
    places = {("one", 0): (one, i), ("other", 0): (other, j)}
    for edge, (begin, end) in enumerate(streets.ends):
        on_it = sorted((int(a.along_mm[k, 0]), name) for name, (a, k) in places.items() if a.edge[k] == edge)
        stops = [(0, int(begin)), *on_it, (int(streets.walk_mm[edge]), int(end))]
        for (from_mm, here), (to_mm, there) in pairwise(stops):
            graph.add_edge(here, there, weight=to_mm - from_mm)
    try:
        along = nx.dijkstra_path_length(graph, ("one", 0), ("other", 0))
    except nx.NetworkXNoPath:
        return math.inf
    return (int(along) + int(one.off_mm[i]) + int(other.off_mm[j])) / 1000


def assert_equal_to_networkx(streets: StreetNetwork, origins: np.ndarray, points: np.ndarray) -> None:
    walked = walks_from(streets, walk_table(streets, origins), points)
    origin, point = snap(streets, origins), snap(streets, points)
    for number in range(len(origin)):
        alone = walk_table_plainly(streets, origin.some([number])).distance_mm[0]
        assert alone.tolist() == walk_table(streets, origin).distance_mm[number].tolist()
    expected = [[walk_by_networkx(streets, point, p, origin, o) for o in range(len(origin))] for p in range(len(point))]
    assert walked.tolist() == expected


@st.composite
def worlds(draw_from: st.DrawFn) -> StreetNetwork:
    """Streets between the crossings of a 4 by 4 grid: dead ends, loops, doubled ways and parts that do not meet."""
    cells = st.tuples(st.integers(0, 3), st.integers(0, 3))
    corners = [(x, y) for x in range(4) for y in range(4)]
    ways = draw_from(st.lists(st.lists(cells, min_size=2, max_size=5), min_size=1, max_size=8))
    numbered = [[corners.index(cell) for cell in way] for way in ways]
    if all(len(set(way)) == 1 for way in numbered):
        numbered.append([0, 5])
    return draw(corners, numbered)


places = st.lists(st.tuples(st.floats(-1, 4), st.floats(-1, 4)), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(worlds(), places, places)
def test_walks_equal_networkx_in_any_small_world(streets, origins, points):
    assert_equal_to_networkx(streets, at(*origins), at(*points))


@settings(max_examples=40, deadline=None)
@given(worlds(), places, places)
def test_walks_equal_reach_without_a_table(streets, origins, points):
    walked = walks_from(streets, walk_table(streets, at(*origins)), at(*points))
    found = reach(streets, at(*points), at(*origins), limit_m=1e6)
    expected = np.full(walked.shape, np.inf)
    expected[np.repeat(np.arange(len(points)), np.diff(found.start)), found.point] = found.metres
    assert walked.tolist() == expected.tolist()


def test_two_places_on_one_edge_are_joined_straight_along_it():
    streets = draw([(0, 0), (10, 0)], [[0, 1]])
    origins, points = at((4, 0)), at((6, 0))
    assert_equal_to_networkx(streets, origins, points)
    assert walks_from(streets, walk_table(streets, origins), points)[0, 0] == pytest.approx(201.8, abs=0.5)


def test_on_one_long_edge_the_way_round_wins_when_it_is_shorter():
    horseshoe = [(0, 0), (0, 9), (1, 9), (1, 0)]
    streets = draw(horseshoe, [[0, 1, 2, 3], [0, 3]])
    origins, points = at((0, 1)), at((1, 1))
    assert_equal_to_networkx(streets, origins, points)
    assert walks_from(streets, walk_table(streets, origins), points)[0, 0] < 400


def test_a_loop_that_begins_and_ends_at_one_crossing_is_walked_the_shorter_way():
    streets = draw([(0, 0), (3, 0), (3, 3), (0, 3), (-2, 0)], [[0, 1, 2, 3, 0], [4, 0]])
    assert (streets.ends[:, 0] == streets.ends[:, 1]).any()
    assert_equal_to_networkx(streets, at((3, 1), (-2, 0)), at((0, 1), (1.5, 3), (3, 2)))


def test_a_dead_end_is_walked_out_of_again():
    streets = draw([(0, 0), (5, 0), (2, 0), (2, 4)], [[0, 2, 1], [2, 3]])
    assert_equal_to_networkx(streets, at((2, 4)), at((0, 0), (5, 0), (2, 3)))


def test_parts_that_do_not_meet_have_no_walk_between_them():
    streets = draw([(0, 0), (5, 0), (0, 3), (5, 3)], [[0, 1], [2, 3]])
    table = walk_table(streets, at((1, 0), (1, 3)))
    assert (table.distance_mm == NO_WAY).sum() == 4
    walked = walks_from(streets, table, at((2, 0), (2, 3)))
    assert np.isfinite(walked).tolist() == [[True, False], [False, True]]


def test_edges_without_length_are_walked_all_the_same():
    twice = [(0, 0), (2, 0), (2, 0), (5, 0), (2, 3)]
    streets = draw(twice, [[0, 1], [1, 2], [2, 3], [1, 4], [2, 4]])
    assert (streets.walk_mm == 0).any()
    assert_equal_to_networkx(streets, at((0, 0), (2, 0), (2, 1)), at((5, 0), (2, 3), (2, 0)))


def test_of_two_ways_between_the_same_crossings_the_shorter_is_walked():
    streets = draw([(0, 0), (4, 0), (2, 3), (-1, 0), (5, 0)], [[3, 0], [0, 2, 1], [0, 1], [1, 4]])
    walked = walks_from(streets, walk_table(streets, at((-1, 0))), at((5, 0)))
    assert walked[0, 0] == pytest.approx(6 * 100.9, abs=3)
    assert_equal_to_networkx(streets, at((-1, 0)), at((5, 0), (2, 3)))


def test_metres_off_the_street_count_on_both_sides():
    streets = draw([(0, 0), (10, 0)], [[0, 1]])
    on_it = walks_from(streets, walk_table(streets, at((3, 0))), at((7, 0)))
    beside = walks_from(streets, walk_table(streets, at((3, 0.5))), at((7, -1)))
    assert beside[0, 0] - on_it[0, 0] == pytest.approx(0.5 * 110.8 + 110.8, abs=0.5)


def test_without_origins_or_points_the_answer_is_empty():
    streets = draw([(0, 0), (10, 0)], [[0, 1]])
    none = np.zeros((0, 2))
    assert walks_from(streets, walk_table(streets, none), at((1, 0))).shape == (1, 0)
    assert walks_from(streets, walk_table(streets, at((1, 0))), none).shape == (0, 1)
