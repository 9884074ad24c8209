"""Streets and how points join them."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from worlds import World, draw, lonlat, places, worlds

from aedplan.anchors import nearest_pieces_plainly, snap
from aedplan.coordinates import project
from aedplan.errors import InputError
from aedplan.kernels.compiled import form_of
from aedplan.kernels.finding import nearest_pieces
from aedplan.network import build, stretch
from aedplan.source import Source


def distance_to_segment(p: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    ab = b - a
    share = np.clip(np.dot(p - a, ab) / np.dot(ab, ab), 0, 1)
    return float(np.hypot(*(p - a - share * ab)))


def segments(world: World) -> set[tuple[int, int]]:
    return {(min(a, b), max(a, b)) for way in world.ways for a, b in itertools.pairwise(way) if a != b}


@given(worlds())
def test_every_metre_of_every_way_is_in_the_network_once(world: World) -> None:
    drawn = sum(np.hypot(*(world.xy[a] - world.xy[b])) for a, b in segments(world))
    # Each edge is rounded to a millimetre; the local projection differs from the drawing board by less than 1e-5.
    assert world.streets.length_mm.sum() / 1000 == pytest.approx(drawn, rel=2e-5, abs=0.001 * len(world.streets.ends))


@given(worlds())
def test_nodes_are_junctions_dead_ends_and_changes_of_kind_only(world: World) -> None:
    streets = world.streets
    degree = np.bincount(streets.ends.ravel(), minlength=len(streets.xy))
    for node in np.flatnonzero(degree == 2):
        edges = np.flatnonzero((streets.ends == node).any(axis=1))
        ring = len(edges) == 1
        assert ring or len(set(streets.kind[edges])) == 2


@given(worlds())
def test_directed_edges_lead_both_ways_along_every_edge(world: World) -> None:
    streets = world.streets
    found = {
        (int(streets.way[slot]), node, int(streets.head[slot]))
        for node in range(len(streets.xy))
        for slot in range(streets.start[node], streets.start[node + 1])
    }
    wanted = {(2 * u, int(a), int(b)) for u, (a, b) in enumerate(streets.ends)}
    wanted |= {(2 * u + 1, int(b), int(a)) for u, (a, b) in enumerate(streets.ends)}
    assert found == wanted


@given(worlds(), places())
def test_a_point_joins_the_nearest_edge_and_not_merely_a_node(world: World, spots: np.ndarray) -> None:
    points = lonlat(spots)
    anchors = snap(world.streets, points)
    xy = project(points, world.streets.crs)
    for number, spot in enumerate(xy):
        nearest = min(
            distance_to_segment(spot, a, b)
            for edge in range(len(world.streets.ends))
            for line in [
                world.streets.vertex_xy[world.streets.vertex_start[edge] : world.streets.vertex_start[edge + 1]]
            ]
            for a, b in itertools.pairwise(line)
        )
        assert anchors.off_mm[number] == pytest.approx(nearest * 1000, abs=1)
        edge = int(anchors.edge[number])
        assert anchors.along_mm[number].sum() == world.streets.walk_mm[edge]
        x, y, _ = stretch(world.streets, edge, 0, int(anchors.along_mm[number, 0]))
        assert np.hypot(x[-1] - spot[0], y[-1] - spot[1]) == pytest.approx(nearest, abs=0.002)


@given(worlds(), places(40))
def test_the_grid_finds_the_same_pieces_as_looking_at_every_one(world: World, spots: np.ndarray) -> None:
    streets = world.streets
    points = project(lonlat(spots), streets.crs)
    grid, corner, cell_m, shape = streets.grid
    found, share = form_of(nearest_pieces, True)(streets.vertex_xy, grid, points, corner, cell_m, shape)
    plain_found, plain_share = nearest_pieces_plainly(streets, points)
    assert found.tolist() == plain_found.tolist()
    assert share.tolist() == plain_share.tolist()


@given(worlds())
def test_components_are_those_of_the_drawing_and_the_largest_is_number_0(world: World) -> None:
    import networkx as nx

    graph = nx.Graph(list(segments(world)))
    part = world.streets.component
    assert len(set(part)) == nx.number_connected_components(graph)
    counts = np.bincount(part)
    assert counts[0] == counts.max()


def test_a_locked_gate_ends_both_streets_at_the_gate() -> None:
    xy = [[0, 0], [50, 0], [100, 0], [50, 80]]
    assert draw(xy, [[0, 1, 2], [1, 3]]).streets.component.max() == 0
    shut = draw(xy, [[0, 1, 2], [1, 3]], blocked=(1,)).streets
    assert shut.component.max() == 2
    assert shut.length_mm.sum() == pytest.approx(180_000, abs=10)


def test_a_ring_without_a_junction_and_parallel_edges_are_kept() -> None:
    ring = draw([[0, 0], [60, 0], [60, 60], [0, 60]], [[0, 1, 2, 3, 0]]).streets
    assert ring.ends.tolist() == [[0, 0]]
    assert ring.length_mm[0] == pytest.approx(240_000, abs=5)
    eye = draw([[0, 0], [100, 0], [50, 30], [50, -30], [-50, 0], [150, 0]], [[4, 0, 2, 1, 5], [0, 3, 1]]).streets
    assert len(eye.ends) == 4
    assert len({tuple(sorted(ends)) for ends in eye.ends.tolist()}) == 3


def test_two_ways_that_cross_without_a_shared_vertex_do_not_meet() -> None:
    bridge = draw([[-50, 0], [50, 0], [0, -50], [0, 50]], [[0, 1], [2, 3]]).streets
    assert bridge.component.max() == 1


def test_streets_without_a_walkable_way_are_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"empty\.osm: no walkable street in it"):
        build(lonlat([[0, 0], [1, 1]]), [[0]], way_kind=[0], source=Source("x", file="empty.osm"))


def test_coordinates_outside_the_world_are_refused_and_swapped_ones_recognised() -> None:
    streets = draw([[0, 0], [100, 0]], [[0, 1]]).streets
    with pytest.raises(InputError, match="latitude and longitude look swapped"):
        snap(streets, np.array([[24.96, 118.39]]))


def test_no_points_give_no_anchors() -> None:
    assert len(snap(draw([[0, 0], [100, 0]], [[0, 1]]).streets, np.zeros((0, 2)))) == 0
