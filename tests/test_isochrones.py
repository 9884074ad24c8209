"""Outlines and street pieces of what can be walked to."""

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from oracles import walks
from worlds import World, draw, lonlat, places, worlds

from aedplan.circles import circle
from aedplan.coordinates import project, unproject
from aedplan.errors import InputError
from aedplan.isochrones import isochrones, outlines, reached_streets
from aedplan.network import StreetNetwork, snap

WALK = circle("walk-4")
CROSS = draw([[-1000, 0], [1000, 0], [0, -1000], [0, 1000], [0, 0]], [[0, 4, 1], [2, 4, 3]])


def street_spots(streets: StreetNetwork, step_m: float = 7.0) -> np.ndarray:
    """Points on all streets, in the network's metres."""
    spots = [line.interpolate(at) for line in streets.lines for at in np.arange(step_m / 2, line.length, step_m)]
    return np.array([[p.x, p.y] for p in spots]).reshape(-1, 2)


@given(worlds(), places(3), st.sampled_from([60.0, 250.0]))
def test_street_pieces_are_exactly_what_dijkstra_reaches(world: World, spots: np.ndarray, limit_m: float) -> None:
    streets = world.streets
    origins = snap(streets, lonlat(spots))
    bands = reached_streets(streets, origins, limits_m=[limit_m])[0]
    step_m = 4.0
    on_street = street_spots(streets, step_m)
    if not len(on_street):
        return
    answers = walks(streets, origins, snap(streets, unproject(on_street, streets.crs)))
    reached = shapely.union_all(bands)
    within = 0
    for number, spot in enumerate(on_street):
        walked = min((row[number] / 1000 for row in answers if number in row), default=np.inf)
        within += walked <= limit_m
        if walked < limit_m - 0.05:
            assert shapely.distance(reached, shapely.Point(spot)) < 0.01
    # And no more than that: each spot stands for `step_m`, each end of a reached stretch may be off by half of it.
    ends = 2 * len(streets.ends) + 2 * len(origins)
    assert sum(line.length for line in bands) == pytest.approx(within * step_m, abs=step_m * ends)


@given(worlds(), places(2))
def test_outlines_are_valid_and_nested(world: World, spots: np.ndarray) -> None:
    origin = snap(world.streets, lonlat(spots[:1]))
    shapes = outlines(world.streets, origin, [80.0, 160.0, 300.0])
    assert all(shape.is_valid for shape in shapes)
    for inner, outer in itertools.pairwise(shapes):
        assert inner.difference(outer).area < 1e-6


def test_the_outline_of_a_crossing_reaches_300_m_along_each_arm_and_cuts_there() -> None:
    frame = isochrones(CROSS.streets, lonlat([[0, 0]]), circle=WALK, minutes=(2, 4))
    assert frame.minutes.tolist() == [2.0, 4.0]
    assert frame.metres.tolist() == [150.0, 300.0]
    xy = project(shapely.get_coordinates(frame.geometry.iloc[1]), CROSS.streets.crs)
    centre = project(lonlat([[0, 0]]), CROSS.streets.crs)[0]
    reach_m = np.abs(xy - centre).max(axis=0)
    assert reach_m == pytest.approx([300, 300], abs=6)
    width = frame.to_crs(CROSS.streets.crs).area.iloc[1]
    assert width == pytest.approx(4 * 300 * 50, rel=0.1)


def test_what_the_outline_holds_agrees_with_the_streets() -> None:
    rng = np.random.default_rng(7)
    xy = rng.uniform(0, 1200, (60, 2))
    world = draw(xy, [[int(i), int(j)] for i in range(60) for j in np.argsort(np.hypot(*(xy - xy[i]).T))[1:4]])
    spots = street_spots(world.streets, 10.0)
    anchors = snap(world.streets, unproject(spots, world.streets.crs))
    inside_wrong = missed = inside_all = reached_all = 0
    for start in range(0, len(spots), 97):
        origin = snap(world.streets, unproject(spots[[start]], world.streets.crs))
        outline = outlines(world.streets, origin, [300.0])[0]
        row = walks(world.streets, origin, anchors)[0]
        reachable = np.array([row.get(i, 10**9) <= 300_000 for i in range(len(spots))])
        inside = shapely.contains_xy(outline, spots[:, 0], spots[:, 1])
        inside_wrong += int((inside & ~reachable).sum())
        missed += int((~inside & reachable).sum())
        inside_all, reached_all = inside_all + int(inside.sum()), reached_all + int(reachable.sum())
    assert missed / reached_all < 0.02
    assert inside_wrong / inside_all < 0.25  # streets here cross without junctions, 50 m apart at most


def test_a_point_further_from_the_street_than_the_limit_has_an_empty_outline() -> None:
    frame = isochrones(CROSS.streets, lonlat([[600, 600]]), circle=WALK, minutes=(2, 4))
    assert frame.geometry.is_empty.tolist() == [True, True]
    assert [len(band) for band in reached_streets(CROSS.streets, snap(CROSS.streets, lonlat([[600, 600]])), limits_m=[300])] == [0]


def test_a_straight_line_circle_is_a_disc() -> None:
    frame = isochrones(CROSS.streets, lonlat([[600, 600]]), circle=circle("sz-i-300"))
    assert frame.to_crs(CROSS.streets.crs).area.iloc[0] == pytest.approx(np.pi * 300**2, rel=0.01)


def test_bands_share_no_metre_and_add_up() -> None:
    origins = snap(CROSS.streets, lonlat([[0, 0], [400, 3]]))
    bands = reached_streets(CROSS.streets, origins, limits_m=[100, 200, 300])
    lengths = [sum(line.length for line in band) for band in bands]
    whole = sum(line.length for line in reached_streets(CROSS.streets, origins, limits_m=[300])[0])
    assert sum(lengths) == pytest.approx(whole, abs=0.01)
    assert lengths[0] == pytest.approx(4 * 100 + 2 * 97, abs=0.1)


@pytest.mark.parametrize("minutes", [[], [0], [-1, 2], [float("nan")], [61]])
def test_minutes_that_make_no_sense_are_refused(minutes: list[float]) -> None:
    with pytest.raises(InputError, match="expected one or more numbers above 0"):
        isochrones(CROSS.streets, lonlat([[0, 0]]), circle=WALK, minutes=minutes)
