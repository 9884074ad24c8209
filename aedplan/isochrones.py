"""The streets and the outline of what can be walked to, for maps only: figures always come from demand points.

The outline is the zero contour of a field on a 5 m grid: the least, over the street pieces walked, of
max(off - 25 m, walked + off - limit), where `off` is the distance from the street and `walked` the walk to that spot.
A piece ends exactly where the limit is reached, also in the middle of an edge.
"""

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .circles import RescueCircle
from .coordinates import project
from .errors import InputError
from .network import Anchors, StreetNetwork, snap, stretch
from .reach import limit_in_mm
from .walks import walk

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

CELL_M = 5.0
BESIDE_STREET_M = 25.0
"""How far from a street the outline is drawn: the width of a plot, so that buildings along it lie inside."""
SIMPLIFY_M = 1.0


def isochrones(
    streets: StreetNetwork, origins: np.ndarray, *, circle: RescueCircle, minutes: Sequence[float] | None = None
) -> "GeoDataFrame":
    """Outlines of what can be walked to.

    origins  (n, 2) WGS-84 longitude, latitude in degrees
    minutes  limits under the circle's rule, nested outlines; the circle's own when none are given

    Returns a GeoDataFrame in WGS-84 with columns origin, minutes, metres, geometry; one row for each origin and limit,
    shortest first; an empty polygon where the nearest street is further than the limit. A "line" circle gives discs.

    Raises InputError for coordinates outside the world or minutes that are not above 0.
    """
    import geopandas

    origins = np.asarray(origins, dtype=float).reshape(-1, 2)
    limits = _limits(circle, minutes)
    anchors = snap(streets, origins)
    rows = []
    for number in range(len(origins)):
        one = Anchors(anchors.edge[[number]], anchors.along_mm[[number]], anchors.off_mm[[number]])
        if circle.measure == "line":
            shapes = _discs(project(origins[[number]], streets.crs)[0], [metres for _, metres in limits])
        else:
            shapes = outlines(streets, one, [metres for _, metres in limits])
        rows += [(number, time, metres, shape) for (time, metres), shape in zip(limits, shapes, strict=True)]
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    frame = geopandas.GeoDataFrame(
        {"origin": columns[0], "minutes": columns[1], "metres": columns[2]}, geometry=list(columns[3]), crs=streets.crs
    )
    return frame.to_crs("EPSG:4326")


def _limits(circle: RescueCircle, minutes: Sequence[float] | None) -> list[tuple[float, float]]:
    if minutes is None:
        return [(circle.minutes, circle.limit_m)]
    wrong = [value for value in minutes if not 0 < value <= 60]
    if wrong or not len(minutes):
        raise InputError(f"minutes are {list(minutes)}; expected one or more numbers above 0, at most 60")
    return [(float(value), circle.metres_within(float(value))) for value in sorted(minutes)]


def _discs(centre: np.ndarray, limits_m: Sequence[float]) -> list[Any]:
    import shapely

    return [shapely.buffer(shapely.Point(centre), metres, quad_segs=32) for metres in limits_m]


def outlines(streets: StreetNetwork, origin: Anchors, limits_m: Sequence[float]) -> list[Any]:
    """Nested shapely (multi)polygons in the network's crs, one for each limit in ascending order.

    origin  one or more anchors; several give the outline of what any of them reaches
    """
    import shapely

    pieces = street_pieces(streets, origin, max(limits_m))
    if not len(pieces):
        return [shapely.Polygon() for _ in limits_m]
    corner, shape = _grid(pieces)
    fields = _fields(pieces, np.asarray(limits_m, dtype=float), corner, shape)
    shapes = [_inside(field, corner) for field in fields]
    for smaller in range(len(shapes) - 2, -1, -1):
        shapes[smaller] = shapely.intersection(shapes[smaller], shapes[smaller + 1])
    return shapes


def street_pieces(streets: StreetNetwork, origin: Anchors, limit_m: float) -> np.ndarray:
    """(P, 6) straight pieces of street that can be walked: x, y, x, y in metres and the metres walked at both."""
    pieces = []
    for edge, begin_mm, end_mm, walked_mm in _spans(streets, origin, limit_in_mm(limit_m)):
        x, y, metres = stretch(streets, edge, begin_mm, end_mm)
        metres = metres + walked_mm / 1000
        pieces.append(np.column_stack([x[:-1], y[:-1], x[1:], y[1:], metres[:-1], metres[1:]]))
    return np.concatenate(pieces) if pieces else np.zeros((0, 6))


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


def _grid(pieces: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """South-west corner of a grid around the pieces, and its rows and columns."""
    margin = BESIDE_STREET_M + 2 * CELL_M
    ends = pieces[:, :4].reshape(-1, 2)
    corner = np.floor((ends.min(axis=0) - margin) / CELL_M) * CELL_M
    columns, rows = np.ceil((ends.max(axis=0) + margin - corner) / CELL_M).astype(int) + 1
    return corner, (rows, columns)


def _fields(pieces: np.ndarray, limits_m: np.ndarray, corner: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(L, rows, columns) the field of each limit; below 0 is inside."""
    fields = np.full((len(limits_m), *shape), CELL_M + BESIDE_STREET_M)
    margin = BESIDE_STREET_M + 2 * CELL_M
    for x0, y0, x1, y1, walked0, walked1 in pieces:
        west, south = ((np.array([min(x0, x1), min(y0, y1)]) - margin - corner) // CELL_M).astype(int).clip(0)
        east, north = ((np.array([max(x0, x1), max(y0, y1)]) + margin - corner) // CELL_M).astype(int) + 2
        x = (corner[0] + CELL_M * np.arange(west, min(east, shape[1])))[None, :]
        y = (corner[1] + CELL_M * np.arange(south, min(north, shape[0])))[:, None]
        length_2 = (x1 - x0) ** 2 + (y1 - y0) ** 2
        share = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length_2 if length_2 > 0 else 0.0 * x + 0.0 * y
        share = share.clip(0.0, 1.0)
        off = np.hypot(x - x0 - share * (x1 - x0), y - y0 - share * (y1 - y0))
        walked = walked0 + share * (walked1 - walked0) + off
        window = fields[:, south : south + len(y), west : west + x.shape[1]]
        np.minimum(window, np.maximum(off - BESIDE_STREET_M, walked - limits_m[:, None, None]), out=window)
    return fields


def _inside(field: np.ndarray, corner: np.ndarray) -> Any:
    """The (multi)polygon, holes kept, where a field is below zero."""
    import contourpy
    import shapely

    rows, columns = field.shape
    x, y = corner[0] + CELL_M * np.arange(columns), corner[1] + CELL_M * np.arange(rows)
    generator = contourpy.contour_generator(x, y, field, fill_type=contourpy.FillType.OuterOffset)
    filled: Any = generator.filled(-1e9, 0.0)
    polygons = []
    for ring_xy, offset in zip(*filled[:2], strict=True):
        rings = [ring_xy[a:b] for a, b in itertools.pairwise(offset)]
        polygons.append(shapely.Polygon(rings[0], rings[1:]))
    return shapely.make_valid(shapely.simplify(shapely.union_all(polygons), SIMPLIFY_M))


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
            (edge, low, high)
            for edge in sorted(merged)
            for low, high in _without(merged[edge], covered.get(edge, []))
        ]
        bands.append(_lines(streets, fresh))
        covered = merged
    return bands


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
