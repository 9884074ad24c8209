"""Walks equal Dijkstra's on the same streets, to the millimetre."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import walks
from worlds import World, draw, lonlat, places, worlds

from aedplan.anchors import Anchors, snap
from aedplan.errors import InputError
from aedplan.kernels import walks as kernels
from aedplan.network import UNSEEN, StreetNetwork, assemble
from aedplan.reach import Work, columns_of, nearest, nearest_tree, reach, reach_sum
from aedplan.walks import walk

DATA = Path(__file__).parents[2] / "shared" / "data" / "osm"


def rows(streets: StreetNetwork, origins: Anchors, points: Anchors, limit_m: float) -> list[dict[int, int]]:
    found = reach(streets, origins, points, limit_m=limit_m)
    spans = zip(found.start[:-1], found.start[1:], strict=True)
    return [dict(zip(found.point[a:b].tolist(), found.mm[a:b].tolist(), strict=True)) for a, b in spans]


def within(answers: list[dict[int, int]], limit_m: float) -> list[dict[int, int]]:
    return [{p: mm for p, mm in row.items() if mm <= round(limit_m * 1000)} for row in answers]


@given(worlds(), places(), places(), st.sampled_from([0.0, 20.0, 150.0, 400.0, 3000.0]))
def test_reach_equals_dijkstra_on_random_worlds(
    world: World, origin_xy: np.ndarray, point_xy: np.ndarray, limit_m: float
) -> None:
    origins, points = snap(world.streets, lonlat(origin_xy)), snap(world.streets, lonlat(point_xy))
    assert rows(world.streets, origins, points, limit_m) == within(walks(world.streets, origins, points), limit_m)


@given(worlds(), places(5), places())
def test_nearest_equals_dijkstra_and_ties_go_to_the_first(
    world: World, origin_xy: np.ndarray, point_xy: np.ndarray
) -> None:
    origins, points = snap(world.streets, lonlat(origin_xy)), snap(world.streets, lonlat(point_xy))
    answers = walks(world.streets, origins, points)
    found = nearest(world.streets, origins, points)
    for point in range(len(points)):
        ranked = sorted((row[point], number) for number, row in enumerate(answers) if point in row)
        wanted = (ranked[0][1], ranked[0][0] / 1000) if ranked else (-1, np.inf)
        assert (found.origin[point], found.metres[point]) == wanted


@given(worlds(), places(5))
def test_walking_back_through_the_tree_leads_to_the_nearest_origin(world: World, origin_xy: np.ndarray) -> None:
    streets = world.streets
    origins = snap(streets, lonlat(origin_xy))
    tree = nearest_tree(streets, origins)
    cheapest: dict[tuple[int, int], int] = {}
    for (a, b), mm in zip(streets.ends.tolist(), streets.walk_mm.tolist(), strict=True):
        for pair in ((a, b), (b, a)):
            cheapest[pair] = min(mm, cheapest.get(pair, mm))
    for node in range(len(streets.xy)):
        walked, here, who = 0, node, int(tree.origin[node])
        if who < 0:
            assert tree.before[node] == -1
            continue
        while tree.before[here] >= 0:
            there = int(tree.before[here])
            walked += cheapest[here, there]
            assert tree.origin[there] == who
            here = there
        entry = [
            along
            for end, along in zip(streets.ends[origins.edge[who]], origins.along_mm[who], strict=True)
            if end == here
        ]
        assert walked + min(entry) + origins.off_mm[who] == tree.mm[node]


@given(worlds(), places(4), st.sampled_from([0, 150_000, 5_000_000]))
def test_the_plain_walk_settles_the_same_nodes_as_the_kernel(
    world: World, origin_xy: np.ndarray, limit_mm: int
) -> None:
    streets = world.streets
    origins = snap(streets, lonlat(origin_xy))
    for number in range(len(origins)):
        one = Anchors(origins.edge[[number]], origins.along_mm[[number]], np.zeros(1, dtype=np.int32))
        plain = walk(streets, one, limit_mm=limit_mm)
        distance, touched = np.full(len(streets.xy), UNSEEN), np.empty(len(streets.xy) + 1, np.int32)
        queues = np.empty(4, np.int64), np.empty(4, np.int64)
        seeds = kernels.seeds_of(streets.ends, columns_of(one), 0)
        count, _ = kernels.bounded_search(streets.arcs, seeds, limit_mm, (distance, touched), queues)
        assert plain.distance_mm == {int(n): int(distance[n]) for n in touched[:count]}
        assert (distance < UNSEEN).sum() == count


@given(worlds(), places(6), places(), st.sampled_from([80.0, 700.0]))
def test_sums_equal_the_weights_of_the_pairs(
    world: World, origin_xy: np.ndarray, point_xy: np.ndarray, limit_m: float
) -> None:
    origins, points = snap(world.streets, lonlat(origin_xy)), snap(world.streets, lonlat(point_xy))
    weight = np.arange(1.0, len(points) + 1)
    wanted = [sum(weight[p] for p in row) for row in rows(world.streets, origins, points, limit_m)]
    assert reach_sum(world.streets, origins, points, weight, limit_m=limit_m).tolist() == wanted


@given(worlds(), places(6), st.sampled_from([0.0, 80.0, 700.0]))
def test_sums_over_points_at_nodes_equal_the_weights_of_the_pairs(
    world: World, origin_xy: np.ndarray, limit_m: float
) -> None:
    origins, points = snap(world.streets, lonlat(origin_xy)), snap(world.streets, lonlat(world.xy))
    weight = np.arange(1.0, len(points) + 1)
    wanted = [sum(weight[p] for p in row) for row in rows(world.streets, origins, points, limit_m)]
    assert reach_sum(world.streets, origins, points, weight, limit_m=limit_m).tolist() == wanted


def test_any_number_of_threads_gives_the_same_bytes() -> None:
    rng = np.random.default_rng(2)
    xy = rng.uniform(0, 900, (80, 2))
    near = [[int(i), int(j)] for i in range(80) for j in np.argsort(np.hypot(*(xy - xy[i]).T))[1:4]]
    streets = draw(xy, near).streets
    origins = snap(streets, lonlat(rng.uniform(0, 900, (1500, 2))))
    points = snap(streets, lonlat(rng.uniform(0, 900, (700, 2))))
    one = reach(streets, origins, points, limit_m=250.0)
    weight = rng.uniform(size=700)
    for threads in (2, 3):
        more = reach(streets, origins, points, limit_m=250.0, work=Work(threads))
        for name in ("start", "point", "mm"):
            assert getattr(one, name).tobytes() == getattr(more, name).tobytes()
        sums = [reach_sum(streets, origins, points, weight, limit_m=250.0, work=Work(n)) for n in (1, threads)]
        assert sums[0].tobytes() == sums[1].tobytes()


@pytest.mark.parametrize("name", ["bayfront_singapore.osm.pbf", "monaco.osm.gz", "helsinki_centre.osm.pbf"])
def test_reach_equals_dijkstra_on_a_real_city(name: str) -> None:
    if not (DATA / name).exists():
        pytest.skip(f"../shared/data/osm/{name} is not there")
    from aedplan.streets import read_streets

    streets = read_streets(DATA / name)
    rng = np.random.default_rng(4)
    low, high = streets.vertex_xy.min(axis=0), streets.vertex_xy.max(axis=0)
    from aedplan.coordinates import unproject

    origins = snap(streets, unproject(rng.uniform(low, high, (12, 2)), streets.crs))
    points = snap(streets, unproject(rng.uniform(low, high, (300, 2)), streets.crs))
    answers = walks(streets, origins, points)
    for limit_m in (300.0, 2000.0):
        assert rows(streets, origins, points, limit_m) == within(answers, limit_m)
    assert sum(map(len, within(answers, 2000.0))) > 300


# A river from west to east at y = 50; the only bridge is 300 m east.
RIVER = draw(
    [[0, 0], [300, 0], [300, 100], [0, 100], [-80, 0], [500, 500], [560, 500]],
    [[4, 0, 1], [1, 2], [2, 3], [5, 6]],
)


def metres(world: World, a: list[float], b: list[float], limit_m: float = 5000.0) -> float | None:
    found = reach(world.streets, lonlat([a]), lonlat([b]), limit_m=limit_m)
    return float(found.metres[0]) if len(found.mm) else None


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        ([10, 0], [90, 0], 80.0),  # both on one edge: straight along it
        ([10, 7], [90, -3], 90.0),  # and the metres off the street on both sides
        ([0, 40], [0, 61], 779.0),  # beyond the river: round by the bridge, although 21 m apart
        ([-80, 0], [300, 0], 380.0),  # from a dead end to a node
        ([300, 50], [300, 50], 0.0),  # itself
        ([0, 0], [530, 500], None),  # another component
    ],
)
def test_walks_on_hand_drawn_streets(a: list[float], b: list[float], wanted: float | None) -> None:
    found = metres(RIVER, a, b)
    assert found == (pytest.approx(wanted, abs=0.02) if wanted is not None else None)


def test_the_limit_counts_metres_off_the_street() -> None:
    assert metres(RIVER, [10, 20], [90, 0], limit_m=99.9) is None
    assert metres(RIVER, [10, 20], [90, 0], limit_m=100.1) == pytest.approx(100.0, abs=0.02)


def test_a_ring_is_walked_the_shorter_way_round() -> None:
    ring = draw([[0, 0], [100, 0], [100, 100], [0, 100]], [[0, 1, 2, 3, 0]])
    assert metres(ring, [10, 0], [0, 10]) == pytest.approx(20, abs=0.02)
    assert metres(ring, [50, 0], [50, 100]) == pytest.approx(200, abs=0.02)


def test_of_two_parallel_streets_the_shorter_counts() -> None:
    eye = draw([[0, 0], [100, 0], [50, 60], [-50, 0], [150, 0]], [[3, 0, 1, 4], [0, 2, 1]])
    assert metres(eye, [-50, 0], [150, 0]) == pytest.approx(200, abs=0.02)


def test_steps_take_two_and_a_half_times_as_long_as_a_street() -> None:
    hill = draw([[0, 0], [100, 0], [140, 0], [200, 0]], [[0, 1], [1, 2], [2, 3]], kinds=[0, 2, 0])
    assert metres(hill, [0, 0], [200, 0]) == pytest.approx(160 + 2.5 * 40, abs=0.02)
    assert metres(hill, [110, 0], [130, 0]) == pytest.approx(2.5 * 20, abs=0.02)


def test_many_origins_grow_the_room_for_pairs_and_report_progress() -> None:
    rng = np.random.default_rng(1)
    points = snap(RIVER.streets, lonlat(rng.uniform(-80, 300, (400, 2))))
    seen: list[tuple[int, int]] = []
    found = reach(RIVER.streets, points, points, limit_m=5000.0, work=Work(progress=lambda *n: seen.append(n)))
    assert np.diff(found.start).tolist() == [400] * 400
    assert seen[-1] == (400, 400)
    table = found.mm.reshape(400, 400)
    assert (table == table.T).all()


@pytest.mark.parametrize("limit_m", [-1.0, float("nan"), float("inf"), 2e6])
def test_a_limit_that_is_no_number_of_metres_is_refused(limit_m: float) -> None:
    with pytest.raises(InputError, match="expected metres"):
        reach(RIVER.streets, lonlat([[0, 0]]), lonlat([[0, 0]]), limit_m=limit_m)


def test_no_origins_and_no_points_give_an_empty_reach() -> None:
    none = np.zeros((0, 2))
    assert reach(RIVER.streets, none, lonlat([[0, 0]]), limit_m=10).start.tolist() == [0]
    assert reach(RIVER.streets, lonlat([[0, 0]]), none, limit_m=10).start.tolist() == [0, 0]
    assert nearest(RIVER.streets, none, lonlat([[0, 0]])).origin.tolist() == [-1]


@given(worlds(), places(6), places(), st.sampled_from([0.0, 90.0, 400.0]))
def test_straight_lines_equal_measuring_every_pair(
    world: World, origin_xy: np.ndarray, point_xy: np.ndarray, limit_m: float
) -> None:
    from aedplan.coordinates import project

    origins, points = lonlat(origin_xy), lonlat(point_xy)
    a, b = project(origins, world.streets.crs), project(points, world.streets.crs)
    mm = np.rint(np.hypot(*(a[:, None] - b[None]).transpose(2, 0, 1)) * 1000).astype(int)
    found = reach(world.streets, origins, points, limit_m=limit_m, measure="line")
    spans = list(zip(found.start[:-1], found.start[1:], strict=True))
    assert [found.point[i:j].tolist() for i, j in spans] == [
        np.flatnonzero(row <= limit_m * 1000).tolist() for row in mm
    ]
    assert found.mm.tolist() == mm[mm <= limit_m * 1000].tolist()
    closest = nearest(world.streets, origins, points, measure="line")
    assert closest.origin.tolist() == mm.argmin(axis=0).tolist()
    assert (closest.metres == mm.min(axis=0) / 1000).all()
    on_foot = nearest(world.streets, origins, points)
    assert (on_foot.metres >= closest.metres - 0.003).all()


@given(worlds(), places(5))
def test_the_tree_of_the_nearest_equals_its_plain_twin(world: World, origin_xy: np.ndarray) -> None:
    origins = snap(world.streets, lonlat(origin_xy))
    tree, plain = nearest_tree(world.streets, origins), walk(world.streets, origins)
    reached = np.flatnonzero(tree.origin >= 0).tolist()
    assert {n: int(tree.mm[n]) for n in reached} == plain.distance_mm
    assert {n: int(tree.origin[n]) for n in reached} == plain.origin


def test_streets_shorter_than_a_millimetre_lead_on() -> None:
    world = draw(
        [[0, 0], [100, 0], [100.0001, 0], [200, 0], [100, 50], [100.0001, -50]], [[0, 1, 2, 3], [1, 4], [2, 5]]
    )
    assert (world.streets.walk_mm == 0).any()
    spots = lonlat([[0, 0], [200, 0], [100, 50], [100, -50], [50, 3]])
    anchors = snap(world.streets, spots)
    for limit_m in (100.0, 200.0):
        found = rows(world.streets, anchors, anchors, limit_m)
        assert found == within(walks(world.streets, anchors, anchors), limit_m)
    assert nearest(world.streets, spots[:1], spots[1:]).metres == pytest.approx([200, 150, 150, 53], abs=0.02)


def tile_of(streets: StreetNetwork, keep: np.ndarray) -> tuple[StreetNetwork, np.ndarray]:
    """The network of some edges alone, and for each edge of the whole its number there."""
    spans = [np.arange(streets.vertex_start[e], streets.vertex_start[e + 1]) for e in keep]
    ids = [np.r_[streets.ends[e, 0], -1 - span[1:-1], streets.ends[e, 1]] for e, span in zip(keep, spans, strict=True)]
    start = np.concatenate([[0], np.cumsum([len(span) for span in spans])])
    xy = streets.vertex_xy[np.concatenate(spans)]
    tile = assemble(xy, start, np.concatenate(ids), streets.kind[keep], streets.crs, streets.source)
    shape = {tile.vertex_xy[a:b].tobytes(): e for e, (a, b) in enumerate(pairwise(tile.vertex_start.tolist()))}
    number = np.full(len(streets.ends), -1, dtype=np.int32)
    number[keep] = [shape[streets.vertex_xy[span].tobytes()] for span in spans]
    return tile, number


def test_tiles_with_a_halo_give_the_same_bytes_as_the_whole() -> None:
    rng = np.random.default_rng(6)
    xy = rng.uniform(0, 1500, (200, 2))
    near = [[int(i), int(j)] for i in range(200) for j in np.argsort(np.hypot(*(xy - xy[i]).T))[1:4]]
    streets = draw(xy, near).streets
    origins = snap(streets, lonlat(rng.uniform(0, 1500, (300, 2))))
    points = snap(streets, lonlat(rng.uniform(0, 1500, (500, 2))))
    limit_m, seen = 200.0, 0
    low, high = streets.boxes
    whole = rows(streets, origins, points, limit_m)
    middle = (low[0, origins.edge] + high[0, origins.edge]) / 2
    for west, east in pairwise(np.quantile(middle, [0, 0.3, 0.7, 1])):
        mine = np.flatnonzero((middle >= west) & (middle < east))
        begin, end = low[0, origins.edge[mine]].min() - limit_m, high[0, origins.edge[mine]].max() + limit_m
        keep = np.flatnonzero((high[0] >= begin) & (low[0] <= end))
        tile, number = tile_of(streets, keep)
        assert len(keep) < len(streets.ends)
        inside = np.flatnonzero(number[points.edge] >= 0)
        moved = [Anchors(number[a.edge[k]], a.along_mm[k], a.off_mm[k]) for a, k in ((origins, mine), (points, inside))]
        found = rows(tile, *moved, limit_m)
        assert [{int(inside[p]): mm for p, mm in row.items()} for row in found] == [whole[o] for o in mine]
        seen += len(mine)
    assert seen >= 290  # the last of each stretch may fall to no tile


@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupt_between_chunks_stops_the_work(threads: int) -> None:
    points = snap(RIVER.streets, lonlat(np.zeros((5000, 2))))
    seen: list[int] = []

    def interrupt(done: int, whole: int) -> None:
        seen.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reach(RIVER.streets, points, points, limit_m=1.0, work=Work(threads, interrupt))
    assert seen == [512]


def test_a_cache_that_cannot_be_written_falls_back_to_compiling(monkeypatch: pytest.MonkeyPatch) -> None:
    import numba
    from numba.core import caching

    from aedplan.kernels.compiled import compiled

    monkeypatch.setattr(caching.CompileResultCacheImpl, "_locator_classes", [])
    with pytest.raises(RuntimeError, match="cannot cache"):
        numba.njit(cache=True)(within)
    assert compiled(add_one)(41) == 42


def add_one(number: int) -> int:
    return number + 1


def test_straight_lines_refuse_anchors_and_know_no_origins() -> None:
    anchors = snap(RIVER.streets, lonlat([[0, 0]]))
    with pytest.raises(InputError, match="expected no anchors"):
        reach(RIVER.streets, anchors, anchors, limit_m=10, measure="line")
    assert nearest(RIVER.streets, np.zeros((0, 2)), lonlat([[0, 0]]), measure="line").origin.tolist() == [-1]
