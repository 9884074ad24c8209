"""The streets that the devices of a plan, or of a changed one, reach: for the picture on a map, never for figures."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from aedplan import Reopened, snap
from aedplan.circles import RescueCircle
from aedplan.coordinates import unproject
from aedplan.outlines.isochrones import reached_streets

SHARES_OF_LIMIT = (0.5, 0.75, 1.0)
"""Of the time, or of the distance where the circle names no time: 2, 3 and 4 minutes of four."""
SIMPLIFY_M = 2.0


def bands_of(circle: RescueCircle) -> list[tuple[float, float]]:
    """Three rising limits of a circle: minutes, and metres one way.

    >>> from aedplan import circle
    >>> [round(metres) for _, metres in bands_of(circle("walk-4"))]
    [150, 225, 300]
    """
    times = [circle.minutes * share for share in SHARES_OF_LIMIT]
    if circle.radius_m is not None:
        return [(time, circle.radius_m * share) for time, share in zip(times, SHARES_OF_LIMIT, strict=True)]
    return [(time, circle.metres_within(time)) for time in times]


def find_reached(study: Reopened, places: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """What devices at these places, in degrees, reach: lines in bands of time, each without the one before.

    Lines are whole microdegrees, longitude and latitude of a first vertex, then the steps from each to the next. By a
    straight line nothing is drawn along streets; `limit_m` says how far it is.
    """
    bands = bands_of(study.circle)
    told: dict[str, Any] = {"measure": study.circle.measure, "limit_m": study.circle.limit_m, "bands": []}
    if study.circle.measure == "line" or not places:
        return told
    anchors = snap(study.streets, np.array(places))
    lines = reached_streets(study.streets, anchors, limits_m=[metres for _, metres in bands])
    told["bands"] = [
        {"minutes": minutes, "metres": metres, "lines": _steps(band, study.streets.crs)}
        for (minutes, metres), band in zip(bands, lines, strict=True)
    ]
    return told


def _steps(lines: np.ndarray, crs: str) -> list[list[int]]:
    import shapely

    xy, owner = shapely.get_coordinates(shapely.simplify(lines, SIMPLIFY_M), return_index=True)
    micro = np.rint(unproject(xy, crs) * 1e6).astype(np.int64) if len(xy) else np.zeros((0, 2), dtype=np.int64)
    cuts = np.flatnonzero(np.diff(owner)) + 1
    return [np.diff(part, axis=0, prepend=0).ravel().tolist() for part in np.split(micro, cuts) if len(part)]
