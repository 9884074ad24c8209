"""Outlines of what lies below zero on a grid."""

import contourpy
import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aedplan.outlines.contours import area_below_zero, rings_below_zero


def framed(inner: np.ndarray) -> np.ndarray:
    """A field with a rim above zero."""
    return np.pad(inner, 1, constant_values=3.0)


def contourpy_area(field: np.ndarray) -> shapely.Geometry:
    """The same area by contourpy."""
    generator = contourpy.contour_generator(z=field, fill_type=contourpy.FillType.OuterOffset)
    polygons = []
    for points, offsets in zip(*generator.filled(-np.inf, 0.0), strict=True):
        rings = np.split(points, offsets[1:-1].astype(int))
        polygons.append(shapely.Polygon(rings[0], rings[1:]))
    return shapely.union_all(polygons)


def ring_corners(shape: shapely.Geometry) -> list[list[tuple[float, float]]]:
    """The corners of every ring, sorted, in a fixed order of rings."""
    return sorted(
        sorted({tuple(p) for p in shapely.get_coordinates(ring).round(6).tolist()}) for ring in shapely.get_rings(shape)
    )


VALUES = st.floats(-4, 4).filter(lambda value: abs(value) > 1e-3)
GRIDS = st.tuples(st.integers(1, 9), st.integers(1, 9))


@given(GRIDS.flatmap(lambda shape: arrays(float, shape, elements=VALUES)))
def test_the_rings_are_those_of_contourpy(inner: np.ndarray) -> None:
    field = framed(inner)
    ours, theirs = area_below_zero(field), contourpy_area(field)
    assert ours.is_valid
    assert ours.area == theirs.area or abs(ours.area - theirs.area) < 1e-9
    assert ours.symmetric_difference(theirs).area < 1e-9
    assert ring_corners(ours) == ring_corners(theirs)


@given(GRIDS.flatmap(lambda shape: arrays(float, shape, elements=st.sampled_from([-2.0, -1.0, 0.0, 1.0, 2.0]))))
def test_nodes_at_zero_count_as_above_it(inner: np.ndarray) -> None:
    field = framed(inner)
    ours = shapely.make_valid(area_below_zero(field))
    assert abs(ours.area - contourpy_area(np.where(field == 0, 1e-9, field)).area) < 1e-6


def test_an_island_in_a_hole_is_a_polygon_of_its_own() -> None:
    y, x = np.mgrid[-20:21, -20:21]
    away = np.hypot(x, y)
    field = np.where(away < 5, away - 3, np.abs(away - 12) - 3) + 0.01
    shape = area_below_zero(field)
    assert shape.geom_type == "MultiPolygon"
    assert sorted(len(part.interiors) for part in shape.geoms) == [0, 1]
    assert shape.symmetric_difference(contourpy_area(field)).area < 1e-9


def test_nothing_below_zero_is_an_empty_polygon() -> None:
    assert area_below_zero(np.ones((4, 5))).is_empty


@given(GRIDS.flatmap(lambda shape: arrays(float, shape, elements=st.one_of(VALUES, st.sampled_from([-1.0, 0.0, 1.0])))))
def test_the_compiled_rings_are_the_plain_ones_to_the_last_bit(inner: np.ndarray) -> None:
    field = framed(inner)
    plain, fast = (rings_below_zero(field, fast=fast) for fast in (False, True))
    assert plain[0].tobytes() == fast[0].tobytes()
    assert plain[1].tolist() == fast[1].tolist()


@given(GRIDS.flatmap(lambda shape: arrays(float, shape, elements=VALUES)))
def test_the_compiled_rings_too_are_those_of_contourpy(inner: np.ndarray) -> None:
    assert ring_corners(area_below_zero(framed(inner), fast=True)) == ring_corners(contourpy_area(framed(inner)))
