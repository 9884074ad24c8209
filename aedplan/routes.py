"""One walk with its line, from a point along the streets to a device."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .coordinates import project, unproject
from .network import Anchors, StreetNetwork, snap, stretch
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


def route(streets: StreetNetwork, origin: np.ndarray, point: np.ndarray) -> Route | None:
    """The shortest walk from one point to another; None where streets do not connect them.

    origin, point  (2,) WGS-84 longitude, latitude in degrees

    Raises InputError for coordinates outside the world.
    """
    import shapely

    places = np.asarray([origin, point], dtype=float).reshape(2, 2)
    both = snap(streets, places)
    first, last = (Anchors(both.edge[[i]], both.along_mm[[i]], both.off_mm[[i]]) for i in (0, 1))
    ends = [int(node) for node in streets.ends[last.edge[0]]]
    found = walk(streets, first, until=set(ends))
    walks = [
        (found.distance_mm[node] + int(last.along_mm[0, side]) + int(last.off_mm[0]), side)
        for side, node in enumerate(ends)
        if node in found.distance_mm
    ]
    same = first.edge[0] == last.edge[0]
    if same:
        direct = abs(int(first.along_mm[0, 0]) - int(last.along_mm[0, 0]))
        walks.append((direct + int(first.off_mm[0]) + int(last.off_mm[0]), -1))
    if not walks:
        return None
    mm, side = min(walks)
    if side >= 0:
        middle = _street_line(streets, found, first, last, side)
    else:
        ends_mm = int(first.along_mm[0, 0]), int(last.along_mm[0, 0])
        middle = np.column_stack(stretch(streets, int(first.edge[0]), *ends_mm)[:2])
    xy = project(places, streets.crs)
    line = np.concatenate([xy[:1], middle, xy[1:]])
    steps_m = np.hypot(*np.diff(line, axis=0).T)
    keep = np.concatenate([[True], steps_m > 1e-6])
    line = line[keep] if keep.sum() > 1 else line[:2]
    return Route(float(steps_m.sum()), mm / 1000, shapely.LineString(unproject(line, streets.crs)))


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
