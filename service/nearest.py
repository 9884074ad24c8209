"""The devices nearest to a person, by the metres they must walk along streets; exact, equal to Dijkstra's.

Nobody who asks is left with nothing: where no walk can be told, the devices come by straight line, marked as such, with
the reason. Metres are rounded only when shown.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from aedplan import Anchors, reach, snap, walks_from

from .published import Place, Published

TOO_FAR_TO_WALK_M = 500.0
"""Further off, the stretch nobody has mapped is longer than a whole rescue circle: no walk can be told."""

AREA_MARGIN_DEGREES = 0.02
"""About 2 km around the streets; further out is outside the plan's area."""

EARTH_RADIUS_M = 6_371_008.8
FURTHEST_WALK_M = 1e6

Reason = Literal["", "outside_area", "far_from_street", "no_way", "no_device"]


@dataclass(frozen=True)
class Found:
    """A device and how far it is; `metres` are walked, or straight when the answer's measure is "line"."""

    device: Place
    metres: float
    minutes: float
    in_time: bool | None


@dataclass(frozen=True)
class Answer:
    """The nearest devices, nearest first.

    measure       "street": metres walked; "line": straight, where no walk can be told; `reason` says why
    off_street_m  from the person to the nearest street; None outside the plan's area
    """

    measure: Literal["street", "line"]
    reason: Reason
    off_street_m: float | None
    devices: tuple[Found, ...]


def find_nearest(published: Published, lon: float, lat: float, *, limit: int) -> Answer:
    """The `limit` devices nearest to WGS-84 lon, lat; of equally near ones the first published."""
    if not published.devices:
        return Answer("line", "no_device", None, ())
    if not _in_area(published, lon, lat):
        return _by_line(published, lon, lat, limit, "outside_area", None)
    point = snap(published.streets, np.array([[lon, lat]]))
    off_street_m = float(point.off_mm[0]) / 1000
    if off_street_m > TOO_FAR_TO_WALK_M:
        return _by_line(published, lon, lat, limit, "far_from_street", off_street_m)
    walked = _walks(published, point)
    if not np.isfinite(walked).any():
        return _by_line(published, lon, lat, limit, "no_way", off_street_m)
    return Answer("street", "", off_street_m, _take(published, walked, limit, "street"))


def _in_area(published: Published, lon: float, lat: float) -> bool:
    west, south, east, north = published.bounds
    margin = AREA_MARGIN_DEGREES
    return west - margin <= lon <= east + margin and south - margin <= lat <= north + margin


def _walks(published: Published, point: Anchors) -> np.ndarray:
    """(devices,) metres walked, inf where there is no way."""
    if published.table is not None:
        return np.asarray(walks_from(published.streets, published.table, point)[0])
    found = reach(published.streets, point, published.anchors, limit_m=FURTHEST_WALK_M)
    walked = np.full(len(published.devices), np.inf)
    walked[found.point] = found.metres
    return walked


def _by_line(
    published: Published, lon: float, lat: float, limit: int, reason: Reason, off_street_m: float | None
) -> Answer:
    metres = line_metres(np.array([[d.lon, d.lat] for d in published.devices]), lon, lat)
    return Answer("line", reason, off_street_m, _take(published, metres, limit, "line"))


def line_metres(lonlat: np.ndarray, lon: float, lat: float) -> np.ndarray:
    """(n,) metres along the great circle from WGS-84 lonlat (n, 2) to one point, on a sphere.

    >>> line_metres(np.array([[118.0, 25.0]]), 118.0, 25.001).round(1)
    array([111.2])
    """
    there, here = np.radians(lonlat), np.radians([lon, lat])
    half = np.sin((there - here) / 2) ** 2
    share = half[:, 1] + np.cos(there[:, 1]) * np.cos(here[1]) * half[:, 0]
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(share, 0, 1))))


def _take(published: Published, metres: np.ndarray, limit: int, measure: str) -> tuple[Found, ...]:
    order = np.argsort(metres, kind="stable")[:limit]
    return tuple(
        _found(published, number, float(metres[number]), measure) for number in order if np.isfinite(metres[number])
    )


def _found(published: Published, number: int, metres: float, measure: str) -> Found:
    """In time means on foot, also under a circle that measures straight lines: a person has to walk.

    Of a straight line within the limit nobody can say; one beyond it is too far for certain.
    """
    circle = published.circle
    within = round(metres * 1000) <= round(circle.limit_m * 1000)
    in_time = within if measure == "street" else (None if within else False)
    return Found(published.devices[number], metres, circle.minutes_for(metres), in_time)
