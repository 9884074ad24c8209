"""One walk with its line, from a point along the streets to a device; and walks beside straight lines."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .anchors import Anchors, snap
from .circles import Measure, RescueCircle
from .coordinates import project, unproject
from .network import StreetNetwork, stretch
from .reach import nearest
from .walks import Walk, walk


@dataclass(frozen=True)
class Route:
    """A walk.

    metres  length of the line, the metres off the street at both ends included
    walk_m  the same in metres of level street, a metre of steps counting `network.STEPS_PACE`; what circles and times go by
    line    shapely LineString in WGS-84 from the origin to the point, along the true street geometry
    """

    metres: float
    walk_m: float
    line: Any

    def minutes(self, circle: RescueCircle) -> float:
        """Minutes the walk takes under a circle's rule, trips and delays included."""
        return circle.minutes_for(self.walk_m)


def route(streets: StreetNetwork, origin: np.ndarray, point: np.ndarray) -> Route | None:
    """The shortest walk from one point to another; None where streets do not connect them.

    origin, point  (2,) WGS-84 longitude, latitude in degrees

    Raises InputError for coordinates outside the world.
    """
    import shapely

    places = np.asarray([origin, point], dtype=float).reshape(2, 2)
    both = snap(streets, places)
    first, last = (Anchors(both.edge[[i]], both.along_mm[[i]], both.off_mm[[i]]) for i in (0, 1))
    arrived = _arrive(streets, first, last)
    if arrived is None:
        return None
    if arrived.side >= 0:
        middle = _street_line(streets, arrived.walk, first, last, arrived.side)
    else:
        ends_mm = int(first.along_mm[0, 0]), int(last.along_mm[0, 0])
        middle = np.column_stack(stretch(streets, int(first.edge[0]), *ends_mm)[:2])
    xy = project(places, streets.crs)
    line = np.concatenate([xy[:1], middle, xy[1:]])
    steps_m = np.hypot(*np.diff(line, axis=0).T)
    keep = np.concatenate([[True], steps_m > 1e-6])
    line = line[keep] if keep.sum() > 1 else line[:2]
    return Route(float(steps_m.sum()), arrived.mm / 1000, shapely.LineString(unproject(line, streets.crs)))


class _Arrival(NamedTuple):
    """A point reached: millimetres walked, from which origin, over which end of its edge (-1: along one edge only)."""

    mm: int
    origin: int
    side: int
    walk: Walk


def _arrive(streets: StreetNetwork, origins: Anchors, last: Anchors) -> _Arrival | None:
    """The shortest walk from any of the origins to one anchor; of equally near origins the first."""
    ends = [int(node) for node in streets.ends[last.edge[0]]]
    found = walk(streets, origins, until=set(ends))
    off = int(last.off_mm[0])
    walks = [
        (found.distance_mm[node] + int(last.along_mm[0, side]) + off, found.origin[node], side)
        for side, node in enumerate(ends)
        if node in found.distance_mm
    ]
    for number in np.flatnonzero(origins.edge == last.edge[0]).tolist():
        direct = abs(int(origins.along_mm[number, 0]) - int(last.along_mm[0, 0]))
        walks.append((direct + int(origins.off_mm[number]) + off, number, -1))
    return _Arrival(*min(walks), found) if walks else None


def nearest_place(
    streets: StreetNetwork, origins: np.ndarray, point: np.ndarray, *, measure: Measure = "street"
) -> tuple[int, float] | None:
    """Which origin one point walks to soonest, and the metres of level street; as `nearest`, at once for one point.

    origins  (n, 2) WGS-84 longitude, latitude in degrees; point (2,)
    measure  "line": in a straight line instead

    None where streets connect none of them. Raises InputError for coordinates outside the world.
    """
    origins, points = (np.asarray(places, dtype=float).reshape(-1, 2) for places in (origins, point))
    if measure == "line":
        who, metres = nearest(streets, origins, points, measure=measure)
        return None if who[0] < 0 else (int(who[0]), float(metres[0]))
    arrived = _arrive(streets, snap(streets, origins), snap(streets, points))
    return None if arrived is None else (arrived.origin, arrived.mm / 1000)


def street_line_ratio(streets: StreetNetwork, origins: np.ndarray, points: np.ndarray) -> np.ndarray:
    """How much further each point is from its nearest origin on foot than its nearest origin in a straight line, (n,).

    origins, points  WGS-84 longitude, latitude in degrees, (m, 2) and (n, 2)

    1 or more: a circle drawn on a map promises the straight line. inf where no origin can be walked to; nan where the
    point lies on an origin and the straight line is 0. Raises InputError for coordinates outside the world.
    """
    walked = nearest(streets, origins, points).metres
    straight = nearest(streets, origins, points, measure="line").metres
    ratio: np.ndarray = np.divide(walked, straight, out=np.full(len(walked), np.nan), where=straight > 0)
    return ratio


def _street_line(streets: StreetNetwork, found: Walk, first: Anchors, last: Anchors, side: int) -> np.ndarray:
    """(n, 2) the walked vertices from the first anchor to the last, which is entered from its end `side`."""

    def piece(edge: int, begin_mm: int, end_mm: int) -> np.ndarray:
        return np.column_stack(stretch(streets, edge, begin_mm, end_mm)[:2])

    edge, at = int(last.edge[0]), int(last.along_mm[0, 0])
    node = int(streets.ends[edge, side])
    parts = [piece(edge, 0 if side == 0 else int(streets.walk_mm[edge]), at)]
    while node in found.step:
        walked, back = divmod(int(streets.way[found.step[node]]), 2)
        length = int(streets.walk_mm[walked])
        parts.append(piece(walked, length if back else 0, 0 if back else length))
        node = found.before[node]
    edge, at = int(first.edge[0]), int(first.along_mm[0, 0])
    begins = [
        (int(first.along_mm[0, end]), piece(edge, at, 0 if end == 0 else int(streets.walk_mm[edge])))
        for end in (0, 1)
        if int(streets.ends[edge, end]) == node
    ]
    parts.append(min(begins, key=lambda begin: begin[0])[1])
    return np.concatenate(parts[::-1])
