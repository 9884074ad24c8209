"""Every kernel gives what its plain Python gives: the twin in `oracles` or `walks`, and its own source without compiler."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import arrivals, plain_reach, walks
from worlds import World, draw, lonlat, places, worlds

from aedplan.anchors import Anchors, nearest_pieces_plainly, snap
from aedplan.coordinates import project
from aedplan.kernels import compiled
from aedplan.kernels.placing import place_points
from aedplan.network import StreetNetwork, build
from aedplan.reach import Reach, Scratch, borrow, columns_of, give_back, nearest, nearest_tree, reach, reach_sum

KERNELS = ("walks", "labelling", "placing", "snapping", "tracing")
LIMITS = st.sampled_from([0.0, 20.0, 150.0, 400.0, 3000.0])


@contextmanager
def plain_python(**constants: int) -> Iterator[None]:
    """All kernels as plain Python, some of their constants changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "compiled", lambda kernel: kernel)
        for name in KERNELS:
            path = Path(compiled.__file__).with_name(f"{name}.py")
            spec = importlib.util.spec_from_file_location(f"aedplan.kernels.{name}", path)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            for constant, value in constants.items():
                if hasattr(module, constant):
                    setattr(module, constant, value)
            patch.setitem(sys.modules, f"aedplan.kernels.{name}", module)
        yield


def rows_of(found: Reach) -> list[dict[int, int]]:
    """Each origin's points and millimetres."""
    spans = zip(found.start[:-1], found.start[1:], strict=True)
    return [dict(zip(found.point[a:b].tolist(), found.mm[a:b].tolist(), strict=True)) for a, b in spans]


def bytes_of(streets: StreetNetwork, origins: Anchors, points: Anchors, limit_m: float) -> list[bytes]:
    """Everything that walks on streets answers, as bytes."""
    weight = np.arange(1.0, len(points) + 1)
    found, tree = reach(streets, origins, points, limit_m=limit_m), nearest_tree(streets, origins)
    near = nearest(streets, origins, points)
    sums = reach_sum(streets, origins, points, weight, limit_m=limit_m)
    arrays = (found.start, found.point, found.mm, sums, near.origin, near.metres, tree.origin, tree.mm, tree.before)
    return [array.tobytes() for array in arrays]


@given(worlds(), places(5), places(), LIMITS)
def test_reach_and_sums_equal_their_twin_and_networkx(
    world: World, origin_xy: np.ndarray, point_xy: np.ndarray, limit_m: float
) -> None:
    streets, limit_mm = world.streets, round(limit_m * 1000)
    origins, points = snap(streets, lonlat(origin_xy)), snap(streets, lonlat(np.concatenate([point_xy, world.xy])))
    twin = plain_reach(streets, origins, points, limit_mm)
    assert rows_of(reach(streets, origins, points, limit_m=limit_m)) == twin
    assert twin == [{p: mm for p, mm in row.items() if mm <= limit_mm} for row in walks(streets, origins, points)]
    weight = 2.0 ** np.arange(len(points))
    sums = reach_sum(streets, origins, points, weight, limit_m=limit_m)
    assert sums.tolist() == [sum(weight[p] for p in row) for row in twin]


@given(worlds(), places(5), places())
def test_the_nearest_equals_its_twin(world: World, origin_xy: np.ndarray, point_xy: np.ndarray) -> None:
    streets = world.streets
    origins, points = snap(streets, lonlat(origin_xy)), snap(streets, lonlat(np.concatenate([point_xy, world.xy])))
    found = nearest(streets, origins, points)
    wanted = [(number, mm / 1000) for mm, number in (arrived or (np.inf, -1) for arrived in
              arrivals(streets, origins, points))]  # fmt: skip
    assert list(zip(found.origin.tolist(), found.metres.tolist(), strict=True)) == wanted


@settings(max_examples=40)
@given(worlds(), places(4), places(5), LIMITS)
def test_kernels_without_the_compiler_give_the_same_bytes(
    world: World, origin_xy: np.ndarray, point_xy: np.ndarray, limit_m: float
) -> None:
    streets = world.streets
    origins, points = snap(streets, lonlat(origin_xy)), snap(streets, lonlat(point_xy))
    fast = bytes_of(streets, origins, points, limit_m)
    with plain_python():
        assert bytes_of(streets, origins, points, limit_m) == fast


@settings(max_examples=40)
@given(worlds(), places(4), places(5), st.sampled_from([150.0, 400.0, 900.0]), st.sampled_from([1, 40_000, 300_000]))
def test_a_long_search_in_steps_of_any_size_gives_the_same_bytes(
    world: World, origin_xy: np.ndarray, point_xy: np.ndarray, limit_m: float, step_mm: int
) -> None:
    streets = world.streets
    origins, points = snap(streets, lonlat(origin_xy)), snap(streets, lonlat(point_xy))
    at_once = bytes_of(streets, origins, points, limit_m)
    with plain_python(FAR_MM=0, STEP_MM=max(step_mm, round(limit_m * 2)), FEW=2):
        assert bytes_of(streets, origins, points, limit_m) == at_once


@given(worlds(), places(12))
def test_points_are_placed_on_their_edges_and_nodes(world: World, point_xy: np.ndarray) -> None:
    streets = world.streets
    points = snap(streets, lonlat(np.concatenate([point_xy, world.xy])))
    span, id, along, off, node_span, node_id, node_off = place_points(streets.ends, len(streets.xy), columns_of(points))
    for edge, (begin, end) in enumerate(span.tolist()):
        inner = (points.edge == edge) & (points.along_mm > 0).all(axis=1)
        assert id[begin:end].tolist() == np.flatnonzero(inner).tolist()
        assert along[begin:end].tolist() == points.along_mm[inner, 0].tolist()
        assert off[begin:end].tolist() == points.off_mm[inner].tolist()
    at_node = (points.along_mm == 0).any(axis=1)
    side = np.where(points.along_mm[:, 0] == 0, 0, 1)
    for node, (begin, end) in enumerate(node_span.tolist()):
        here = np.flatnonzero(at_node & (streets.ends[points.edge, side] == node))
        assert node_id[begin:end].tolist() == here.tolist()
        assert node_off[begin:end].tolist() == points.off_mm[here].tolist()


@settings(max_examples=40)
@given(worlds())
def test_streets_are_traced_and_joined_alike_without_the_compiler(world: World) -> None:
    vertices = lonlat(world.xy)
    kinds = [0] * len(world.ways)
    fast = build(vertices, world.ways, way_kind=kinds, source=world.streets.source)
    spots = vertices + 1e-4
    xy = project(spots, fast.crs)
    with plain_python():
        slow = build(vertices, world.ways, way_kind=kinds, source=world.streets.source)
        assert slow.grid[2:] == fast.grid[2:]
        joined = snap(slow, spots)  # through the grid that was made without the compiler
    for name in ("xy", "ends", "length_mm", "vertex_xy", "start", "head", "way"):
        assert getattr(slow, name).tobytes() == getattr(fast, name).tobytes(), name
    through_grid = snap(fast, spots)
    for name in ("edge", "along_mm", "off_mm"):
        assert getattr(joined, name).tobytes() == getattr(through_grid, name).tobytes()
    piece, _ = nearest_pieces_plainly(fast, xy)
    edge = np.searchsorted(fast.vertex_start, piece, side="right") - 1
    assert edge.tolist() == joined.edge.tolist()


def test_what_a_search_wrote_on_serves_the_next_on_a_smaller_and_a_larger_network() -> None:
    rng = np.random.default_rng(3)
    worlds_by_size = []
    for count in (30, 120):
        xy = rng.uniform(0, 900, (count, 2))
        near = [[int(i), int(j)] for i in range(count) for j in np.argsort(np.hypot(*(xy - xy[i]).T))[1:4]]
        streets = draw(xy, near).streets
        worlds_by_size.append((streets, snap(streets, lonlat(rng.uniform(0, 900, (40, 2))))))
    small, large = worlds_by_size
    for streets, points in (small, large, small, large):
        assert rows_of(reach(streets, points, points, limit_m=300.0)) == plain_reach(streets, points, points, 300_000)
    give_back(Scratch(7))
    assert len(borrow(8).here[0]) >= 8


MATRICES = """
import sys
import numba
import numpy as np
import aedplan.kernels
print("scipy.linalg" in sys.modules)
dot = numba.njit(lambda a, b: np.dot(a, b))
print(dot(np.eye(2), np.ones((2, 2))).tolist())
"""


def test_kernels_load_no_linear_algebra_and_leave_it_to_others() -> None:
    done = subprocess.run([sys.executable, "-c", MATRICES], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["False", "[[1.0, 1.0], [1.0, 1.0]]"]
