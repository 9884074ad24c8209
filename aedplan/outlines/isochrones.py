"""The streets, the outline and the time surface of what can be walked to, for maps only: figures come from demand points.

The outline is the zero contour of a field on a 5 m grid (`aedplan.outlines.fields`), simplified by up to a metre. Outlines of
several limits nest. Measured at 200 random places each in Porto and Heidelberg, 300 m, against every 10 m of street.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..anchors import Anchors, snap
from ..checks import read_only
from ..circles import RescueCircle
from ..coordinates import project, unproject
from ..errors import InputError, raise_faults
from ..network import StreetNetwork, stretch
from ..reach import limit_in_mm
from ..walks import walk
from .contours import polygons, rings_below_zero
from .fields import CELL_M, MARGIN_M, Grid, grid_around, lay, settle
from .pieces import Pieces, street_pieces

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

SIMPLIFY_M = 1.0
MANY = 16
"""From so many origins on, loading the compiler pays."""


@dataclass(frozen=True)
class TimeSurface:
    """Minutes from the nearest origin at the nodes of a square grid.

    corner   x, y in metres of the south-west node
    cell_m   metres between nodes
    minutes  (rows, columns) northwards and eastwards, under the circle's rule; inf outside the outline
    crs      the network's
    """

    corner: tuple[float, float]
    cell_m: float
    minutes: np.ndarray
    crs: str


def isochrones(
    streets: StreetNetwork, origins: np.ndarray, *, circle: RescueCircle, minutes: Sequence[float] | None = None
) -> "GeoDataFrame":
    """Outlines of what can be walked to.

    origins  (n, 2) WGS-84 longitude, latitude in degrees
    minutes  limits under the circle's rule, nested outlines; the circle's own when none are given

    Returns a GeoDataFrame in WGS-84 with columns origin, minutes, metres, geometry; one row for each origin and limit,
    shortest first; an empty polygon where nothing can be reached. A "line" circle gives discs.

    Raises InputError for coordinates outside the world or minutes that are not above 0.
    """
    import geopandas

    shapes = outlines_lonlat(streets, origins, circle=circle, minutes=minutes)
    limits = limits_of(circle, minutes)
    columns = {
        "origin": np.repeat(np.arange(len(shapes)), len(limits)),
        "minutes": [time for time, _ in limits] * len(shapes),
        "metres": [metres for _, metres in limits] * len(shapes),
    }
    return geopandas.GeoDataFrame(columns, geometry=shapes.ravel(), crs="EPSG:4326")


def outlines_lonlat(
    streets: StreetNetwork, origins: np.ndarray, *, circle: RescueCircle, minutes: Sequence[float] | None = None
) -> np.ndarray:
    """(n, L) shapely (multi)polygons in WGS-84 degrees: `isochrones` without a data frame, nor the time to load one."""
    import shapely

    origins = np.asarray(origins, dtype=float).reshape(-1, 2)
    limits_m = [metres for _, metres in limits_of(circle, minutes)]
    anchors = snap(streets, origins)
    shapes = np.empty((len(origins), len(limits_m)), dtype=object)
    for number, place in enumerate(project(origins, streets.crs)):
        if circle.measure == "line":
            shapes[number] = [shapely.buffer(shapely.Point(place), metres, quad_segs=32) for metres in limits_m]
        else:
            one = anchors.some([number])
            shapes[number] = outlines(streets, one, limits_m, fast=len(origins) >= MANY or None)
    turned: np.ndarray = shapely.transform(shapes, lambda xy: unproject(xy, streets.crs))
    return turned


def limits_of(circle: RescueCircle, minutes: Sequence[float] | None) -> list[tuple[float, float]]:
    """Minutes, ascending, and the metres they allow; the circle's own when none are given."""
    if minutes is None:
        return [(circle.minutes, circle.limit_m)]
    wrong = [value for value in minutes if not 0 < value <= 60]
    if wrong or not len(minutes):
        raise InputError(f"minutes are {list(minutes)}; expected one or more numbers above 0, at most 60")
    return [(float(value), circle.metres_within(float(value))) for value in sorted(minutes)]


def surface(
    streets: StreetNetwork, origins: np.ndarray, *, circle: RescueCircle, minutes: float | None = None
) -> TimeSurface:
    """How many minutes away from the nearest origin each spot of the ground is, where it is in time.

    origins  (n, 2) WGS-84 longitude, latitude in degrees, at least one
    minutes  how far to look, under the circle's rule; the circle's own when not given

    Raises InputError for coordinates outside the world, no origin, or minutes that are not above 0.
    """
    origins = np.asarray(origins, dtype=float).reshape(-1, 2)
    if not len(origins):
        raise InputError("origins: none given; expected at least one")
    _, limit_m = limits_of(circle, None if minutes is None else [minutes])[0]
    if circle.measure == "line":
        grid, metres = _straight(project(origins, streets.crs), limit_m)
    else:
        limits = np.array([limit_m])
        fast = len(origins) >= MANY
        pieces = street_pieces(streets, snap(streets, origins), limits, margin_m=2 * MARGIN_M, fast=fast)
        reached = pieces.within(1)
        grid = grid_around(reached if len(reached) else np.zeros((1, 6)))
        fields = lay(*pieces, limits, grid, fast=fast)
        metres = np.where(settle(fields)[0] < 0, fields.walked, np.inf)
    times: Any = circle.minutes_for(metres)  # type: ignore[arg-type]  # works on arrays as on numbers
    return TimeSurface((grid.west, grid.south), grid.cell, read_only(times), streets.crs)


def _straight(places: np.ndarray, limit_m: float) -> tuple[Grid, np.ndarray]:
    """A grid around places and the metres to the nearest in a straight line, inf beyond the limit."""
    low, high = places.min(axis=0) - limit_m, places.max(axis=0) + limit_m
    grid = grid_around(np.concatenate([low, high, [0, 0]])[None, :])
    x = grid.west + grid.cell * np.arange(grid.columns)[None, :]
    y = grid.south + grid.cell * np.arange(grid.rows)[:, None]
    metres = np.full((grid.rows, grid.columns), np.inf)
    for east, north in places:
        np.minimum(metres, np.hypot(x - east, y - north), out=metres)
    return grid, np.where(metres <= limit_m, metres, np.inf)


def outlines(
    streets: StreetNetwork, origins: Anchors, limits_m: Sequence[float], *, fast: bool | None = None
) -> list[Any]:
    """Nested shapely (multi)polygons in the network's crs, one for each limit; empty where nothing can be reached.

    origins   one or more; several give the outline of what any of them reaches
    limits_m  ascending, 0 or more; a limit of 0 reaches nothing
    fast      whether to use the compiler; by itself only where it is loaded already. The shapes are the same
    """
    import shapely

    raise_faults(
        [] if list(limits_m) == sorted(limits_m) else [f"limits_m is {list(limits_m)}; expected them ascending"]
    )
    limits = np.array([limit_in_mm(limit) for limit in limits_m]) / 1000
    fast = "numba" in sys.modules if fast is None else fast
    pieces = street_pieces(streets, origins, limits, margin_m=2 * MARGIN_M, fast=fast)
    reached = pieces.within(len(limits))
    if not len(reached):
        return [shapely.Polygon() for _ in limits]
    grid = grid_around(reached)
    shapes = [_inside(field, grid, fast) for field in settle(lay(*pieces, limits, grid, fast=fast))]
    return _nested([shape if not shape.is_empty else _sliver(pieces, n) for n, shape in enumerate(shapes)])


def _sliver(pieces: Pieces, number: int) -> Any:
    """What a limit reaches when that is too little for the grid: a strip along it; empty when it is nothing."""
    import shapely

    reached = pieces.within(number + 1)
    lines = shapely.linestrings(reached[:, :4].reshape(-1, 2, 2))
    return shapely.union_all(shapely.buffer(lines, CELL_M / 2)) if len(reached) else shapely.Polygon()


def _inside(field: np.ndarray, grid: Grid, fast: bool) -> Any:
    """The (multi)polygon, holes kept, where a field is below zero."""
    import shapely

    xy, start = rings_below_zero(field, fast=fast)
    shape = polygons(xy * grid.cell + (grid.west, grid.south), start)
    lighter = shapely.simplify(shape, SIMPLIFY_M, preserve_topology=False)
    if not lighter.is_valid:
        lighter = shapely.simplify(shape, SIMPLIFY_M)
    return lighter if lighter.is_valid else _areas(shapely.make_valid(lighter))


def _nested(shapes: list[Any]) -> list[Any]:
    """Shapes each within the next: simplifying may have moved an edge across another."""
    import shapely

    for smaller in range(len(shapes) - 2, -1, -1):
        shapes[smaller] = _areas(shapely.intersection(shapes[smaller], shapes[smaller + 1]))
    return shapes


def _areas(shape: Any) -> Any:
    """The polygons of a shape, without the lines and points where others merely touch."""
    import shapely

    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = shapely.get_parts(shapely.get_parts(shape))
    areas = [part for part in parts if part.geom_type == "Polygon"]
    return areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas)


def reached_streets(streets: StreetNetwork, origins: Anchors, *, limits_m: Sequence[float]) -> list[np.ndarray]:
    """The street lines that the nearest of the origins reaches within each limit but not within the one before.

    limits_m  ascending

    Returns for each limit an array of shapely LineStrings in the network's crs.
    """
    bands: list[np.ndarray] = []
    covered: dict[int, list[tuple[int, int]]] = {}
    for limit_m in limits_m:
        spans: dict[int, list[tuple[int, int]]] = {}
        for edge, begin, end, _ in _spans(streets, origins, limit_in_mm(limit_m)):
            spans.setdefault(edge, []).append((min(begin, end), max(begin, end)))
        merged = {edge: _union(pieces) for edge, pieces in spans.items()}
        fresh = [
            (edge, low, high) for edge in sorted(merged) for low, high in _without(merged[edge], covered.get(edge, []))
        ]
        bands.append(_lines(streets, fresh))
        covered = merged
    return bands


def _spans(streets: StreetNetwork, origin: Anchors, limit_mm: int) -> list[tuple[int, int, int, int]]:
    """Stretches of edges as (edge, begin, end, walked at begin), walked from begin to end, millimetres from end 0."""
    spans = []
    reached = walk(streets, origin, limit_mm=limit_mm).distance_mm
    for node, walked in reached.items():
        for slot in range(int(streets.start[node]), int(streets.start[node + 1])):
            edge, back = divmod(int(streets.way[slot]), 2)
            length = int(streets.walk_mm[edge])
            extent = min(length, limit_mm - walked)
            begin, end = (length, length - extent) if back else (0, extent)
            spans.append((edge, begin, end, walked))
    for number in range(len(origin)):
        edge, at, off = int(origin.edge[number]), int(origin.along_mm[number, 0]), int(origin.off_mm[number])
        rest = limit_mm - off
        if rest >= 0:
            spans.append((edge, at, max(0, at - rest), off))
            spans.append((edge, at, min(int(streets.walk_mm[edge]), at + rest), off))
    return [span for span in spans if span[1] != span[2]]


def _union(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def _without(spans: list[tuple[int, int]], taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What of some disjoint spans is left outside other disjoint spans, both ascending."""
    left = []
    for low, high in spans:
        for begin, end in taken:
            if end <= low or begin >= high:
                continue
            if begin > low:
                left.append((low, begin))
            low = max(low, end)
        if low < high:
            left.append((low, high))
    return left


def _lines(streets: StreetNetwork, spans: list[tuple[int, int, int]]) -> np.ndarray:
    import shapely

    lines = np.empty(len(spans), dtype=object)
    for i, (edge, low, high) in enumerate(spans):
        lines[i] = shapely.LineString(np.column_stack(stretch(streets, edge, low, high)[:2]))
    return lines
