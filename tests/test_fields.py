"""The field over pieces of street, and the pieces."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import walks
from worlds import World, draw, lonlat, places, worlds

from aedplan.anchors import snap
from aedplan.coordinates import project, unproject
from aedplan.kernels.cutting import SHORTEST_M
from aedplan.outlines.fields import BESIDE_STREET_M, CELL_M, DEEP_M, FAVOUR_M, MARGIN_M, grid_around, lay, settle
from aedplan.outlines.isochrones import reached_streets
from aedplan.outlines.pieces import FAR_M, Pieces, street_pieces

LIMITS = np.array([60.0, 150.0, 300.0])
PARALLEL = draw([[0, 0], [600, 0], [0, 20], [600, 20]], [[0, 1], [2, 3]])
"""Two streets 20 m apart that nothing joins."""


def pieces_of(world: World, spots: np.ndarray, *, margin_m: float = 2 * MARGIN_M) -> Pieces:
    """The pieces around spots in metres of the drawing board."""
    return street_pieces(world.streets, snap(world.streets, lonlat(spots)), LIMITS, margin_m=margin_m)


@given(worlds(), places(4))
def test_the_walk_to_both_ends_of_every_piece_is_what_dijkstra_says(world: World, spots: np.ndarray) -> None:
    streets = world.streets
    ends, band = pieces_of(world, spots)
    middle = (ends[:, :2] + ends[:, 2:4]) / 2
    reached = band < len(LIMITS)
    walked = (ends[:, 4] + ends[:, 5]) / 2
    assert (walked[reached] <= LIMITS[band[reached]]).all()
    assert (walked[~reached] > LIMITS[-1]).all()
    answers = walks(streets, snap(streets, lonlat(spots)), snap(streets, unproject(middle, streets.crs)))
    for number in range(len(ends)):
        true_m = min((row[number] / 1000 for row in answers if number in row), default=np.inf)
        # Where streets cross without a junction, the middle of a piece may be joined to the other one.
        if reached[number]:
            assert true_m <= walked[number] + 0.01


@given(worlds(), places(4))
def test_pieces_are_the_streets_reached_and_with_a_margin_all_others_too(world: World, spots: np.ndarray) -> None:
    streets = world.streets
    alone, around = pieces_of(world, spots, margin_m=0.0), pieces_of(world, spots, margin_m=10_000.0)
    origins = snap(streets, lonlat(spots))
    for limits in range(1, len(LIMITS) + 1):
        bands = reached_streets(streets, origins, limits_m=LIMITS[:limits].tolist())
        length = sum(line.length for band in bands for line in band)
        for pieces in (alone, around):
            ends = pieces.within(limits)
            assert np.hypot(*(ends[:, 2:4] - ends[:, :2]).T).sum() == pytest.approx(length, abs=0.01 * len(ends) + 0.01)
    whole = np.hypot(*(around.ends[:, 2:4] - around.ends[:, :2]).T).sum()
    assert whole == pytest.approx(sum(line.length for line in streets.lines), abs=0.01)
    steps = np.abs(np.diff(around.ends[:, 4:], axis=1))[around.ends[:, 4] < FAR_M / 2]
    assert (steps > SHORTEST_M / 2).all()


@given(worlds(), places(3), st.sampled_from([1, 2, 3]))
def test_the_compiled_field_is_the_plain_one_to_the_last_bit(world: World, spots: np.ndarray, count: int) -> None:
    limits = LIMITS[:count]
    pieces = street_pieces(world.streets, snap(world.streets, lonlat(spots)), limits, margin_m=2 * MARGIN_M)
    reached = pieces.within(count)
    if not len(reached):
        return
    plain, fast = (lay(*pieces, limits, grid_around(reached), fast=fast) for fast in (False, True))
    assert np.array_equal(plain.walked, fast.walked)
    assert np.array_equal(settle(plain), settle(fast))


@given(worlds(), places(4), st.booleans())
def test_compiled_pieces_lay_the_same_field_as_plain_ones(world: World, spots: np.ndarray, with_grid: bool) -> None:
    streets = replace(world.streets)  # without what the other has made meanwhile
    origins = snap(world.streets, lonlat(spots))
    plain = street_pieces(world.streets, origins, LIMITS, margin_m=2 * MARGIN_M)
    if with_grid:
        assert streets.grid  # beside the reach, pieces are then found by its cells
    fast = street_pieces(streets, origins, LIMITS, margin_m=2 * MARGIN_M, fast=True)
    assert np.array_equal(plain.within(3), fast.within(3))
    if not len(plain.within(3)):
        return
    grid = grid_around(plain.within(3))
    slow, quick = (lay(*pieces, LIMITS, grid, fast=fast) for pieces, fast in ((plain, False), (fast, True)))
    assert np.array_equal(slow.walked, quick.walked)
    assert np.array_equal(settle(slow), settle(quick))


@given(worlds(), places(2))
def test_every_node_of_the_field_is_what_its_definition_says(world: World, spots: np.ndarray) -> None:
    pieces = pieces_of(world, spots, margin_m=10_000.0)
    reached = pieces.within(len(LIMITS))
    if not len(reached):
        return
    grid = grid_around(reached)
    field = settle(lay(*pieces, LIMITS, grid))
    rng = np.random.default_rng(3)
    for _ in range(40):
        row, column = int(rng.integers(grid.rows)), int(rng.integers(grid.columns))
        spot = np.array([grid.west + CELL_M * column, grid.south + CELL_M * row])
        begin, step = pieces.ends[:, :2], pieces.ends[:, 2:4] - pieces.ends[:, :2]
        share = (((spot - begin) * step).sum(axis=1) / np.maximum((step * step).sum(axis=1), 1e-300)).clip(0, 1)
        off = np.hypot(*(spot - begin - share[:, None] * step).T)
        walked = pieces.ends[:, 4] + share * (pieces.ends[:, 5] - pieces.ends[:, 4]) + off
        for number, limit in enumerate(LIMITS):
            own = pieces.band <= number
            depth = np.maximum(off - BESIDE_STREET_M, walked - limit)[own].min(initial=np.inf)
            rival = (
                min(off[own].min(initial=np.inf), MARGIN_M) - min(off[~own].min(initial=np.inf), MARGIN_M) - FAVOUR_M
            )
            assert field[number, row, column] == pytest.approx(min(DEEP_M, max(depth, rival)), abs=1e-6)


def test_the_ground_between_a_street_reached_and_one_that_is_not_is_shared_halfway() -> None:
    streets = PARALLEL.streets
    origin = snap(streets, lonlat([[300, 0]]))
    pieces = street_pieces(streets, origin, LIMITS, margin_m=2 * MARGIN_M)
    grid = grid_around(pieces.within(3))
    field = settle(lay(*pieces, LIMITS, grid))[2]
    x, y = project(lonlat([[300, 0]]), streets.crs)[0]
    column = round((x - grid.west) / CELL_M)
    north = grid.south + CELL_M * np.arange(grid.rows) - y
    inside = field[:, column] < 0
    assert (north[inside] < 10 + FAVOUR_M).all()
    assert (north[inside] > -BESIDE_STREET_M).all()
    assert inside[(north > -BESIDE_STREET_M) & (north < 10)].all()
