"""Is a table declared in the wrong coordinate system? Then its points lie hundreds of metres off, away from the streets.

In a dense town any place is near some street, so that half of the points prove little: the furthest tenth tells.
"""

from typing import NamedTuple, cast

import numpy as np

from .anchors import snap
from .coordinates import CHINA_BOX, SYSTEMS, System, convert
from .network import StreetNetwork

SUSPICIOUS_M, TIMES_NEARER = 60.0, 3.0
"""Suspected are points of which a tenth lies further off than this, and would lie so many times nearer otherwise. In the
demo county a tenth lies beyond 14 m (candidates) and 38 m (people); declared wrongly, beyond 101 m and 205 m."""
FEWEST, ENOUGH = 20, 500
"""Fewer points prove nothing; so many, taken evenly, tell as much as all."""


class Suspicion(NamedTuple):
    """What may be wrong, as a sentence in Chinese and in English."""

    zh: str
    en: str


def suspect_system(streets: StreetNetwork, lonlat: np.ndarray, *, declared: str, file: str) -> tuple[Suspicion, ...]:
    """A warning when points would lie far nearer to the streets had they been declared in another system.

    lonlat    (n, 2) WGS-84 degrees, as converted from the system declared
    declared  wgs84, gcj02 or bd09

    Empty outside China, where the systems mean nothing, and for fewer than 20 points.
    """
    points = lonlat[np.linspace(0, len(lonlat) - 1, min(len(lonlat), ENOUGH)).astype(np.int64)]
    west, south, east, north = CHINA_BOX
    inside = ((points > (west, south)) & (points < (east, north))).all()
    if len(points) < FEWEST or not inside or (now_m := _furthest_tenth_m(streets, points)) <= SUSPICIOUS_M:
        return ()
    raw = convert(points, source="wgs84", target=cast(System, declared))
    others = [cast(System, system) for system in SYSTEMS if system != declared]
    then_m, other = min((_furthest_tenth_m(streets, convert(raw, source=s, target="wgs84")), s) for s in others)
    if then_m * TIMES_NEARER >= now_m:
        return ()
    return (
        Suspicion(
            f"{file} 声明的坐标系是 {declared}，但如果其实是 {other}，九成的点离街道不超过 {then_m:.0f} 米，"
            f"而现在是 {now_m:.0f} 米：坐标系可能声明错了，请核对后重新计算。",
            f"{file} is declared {declared}; were it {other}, nine in ten of its points would lie within {then_m:.0f} m of a"
            f" street, not {now_m:.0f} m: the coordinate system may be wrong; check it and plan again.",
        ),
    )


def _furthest_tenth_m(streets: StreetNetwork, lonlat: np.ndarray) -> float:
    """Metres off the street that nine in ten of the points do not exceed."""
    return float(np.percentile(snap(streets, lonlat).off_mm, 90)) / 1000
