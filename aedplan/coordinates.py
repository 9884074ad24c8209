"""WGS-84, GCJ-02 and BD-09 longitude, latitude, and the local metres that kernels work in.

China's public maps shift coordinates: GCJ-02 (Amap, Tencent) by about 570 m at Nan'an, BD-09 (Baidu) by about 1,200 m,
more than a whole rescue circle. The system is therefore declared on the way in and never guessed. The inverse shifts are
iterated to below 0.1 mm inside China; outside its box GCJ-02 is WGS-84. Formula of the GCJ-02 shift: as published since
2010 in many open implementations (Krasovsky 1940 ellipsoid, two trigonometric series); BD-09: Baidu's polar perturbation
of GCJ-02.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from .errors import InputError

if TYPE_CHECKING:
    from pyproj import Transformer

System = Literal["wgs84", "gcj02", "bd09"]
SYSTEMS: tuple[str, ...] = get_args(System)

KRASOVSKY_AXIS_M = 6378245.0
KRASOVSKY_ECCENTRICITY_2 = 0.00669342162296594323
BAIDU_TURN = np.pi * 3000 / 180
CHINA_BOX = (72.004, 0.8293, 137.8347, 55.8271)  # west, south, east, north, inside which GCJ-02 shifts
_ITERATIONS = 8  # each gains about two decimal digits; 4 give < 0.1 mm


def convert(lonlat: np.ndarray, *, source: System, target: System) -> np.ndarray:
    """Coordinates of one system in another.

    lonlat  (n, 2) degrees; returns (n, 2) degrees, the same points

    Raises InputError when a system's name is not one of the three.

    >>> convert(np.array([[118.386, 24.960]]), source="wgs84", target="gcj02").round(6)
    array([[118.390889,  24.957368]])
    """
    for name in (source, target):
        if name not in SYSTEMS:
            raise InputError(f"coordinate system {name!r} is not known; expected one of {', '.join(SYSTEMS)}")
    points = np.array(lonlat, dtype=float)
    if source == target:
        return points
    if source == "bd09":
        points = _invert(points, _gcj02_to_bd09)
    if source in ("gcj02", "bd09") and target == "wgs84":
        return np.where(_inside(points)[:, None], _invert(points, _shifted), points)
    if source == "wgs84":
        points = np.where(_inside(points)[:, None], _shifted(points), points)
    return _gcj02_to_bd09(points) if target == "bd09" else points


def _inside(lonlat: np.ndarray) -> np.ndarray:
    """(n,) bool: within the box in which GCJ-02 shifts."""
    west, south, east, north = CHINA_BOX
    lon, lat = lonlat.T
    inside: np.ndarray = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return inside


def _shifted(lonlat: np.ndarray) -> np.ndarray:
    """GCJ-02 of WGS-84 as inside the box; the inverse iterates over this, which has no jump at the edge."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    x, y = lon - 105.0, lat - 35.0
    wave = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    root = np.sqrt(np.abs(x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (wave + 20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
    north += (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (wave + 20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
    east += (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    sine = np.sin(np.radians(lat))
    squash = 1 - KRASOVSKY_ECCENTRICITY_2 * sine * sine
    meridian_m = KRASOVSKY_AXIS_M * (1 - KRASOVSKY_ECCENTRICITY_2) / squash**1.5
    parallel_m = KRASOVSKY_AXIS_M / np.sqrt(squash) * np.cos(np.radians(lat))
    shift: np.ndarray = np.degrees(np.column_stack([east / parallel_m, north / meridian_m]))
    shift += lonlat
    return shift


def _gcj02_to_bd09(lonlat: np.ndarray) -> np.ndarray:
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * BAIDU_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * BAIDU_TURN)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def _invert(target: np.ndarray, forward) -> np.ndarray:  # type: ignore[no-untyped-def]
    guess = target.copy()
    for _ in range(_ITERATIONS):
        guess -= forward(guess) - target
    return guess


def local_crs(lonlat: np.ndarray) -> str:
    """A transverse Mercator system in metres around the middle of the points, true to scale within 1:30,000 at 50 km.

    The middle is rounded to 0.01 degree, so that a few points more or less give the same system.
    """
    lon, lat = np.round((lonlat.min(axis=0) + lonlat.max(axis=0)) / 2, 2)
    return f"+proj=tmerc +lat_0={lat:.2f} +lon_0={lon:.2f} +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m +no_defs"


@lru_cache(maxsize=32)
def _transformer(crs: str) -> "Transformer":
    from pyproj import Transformer

    return Transformer.from_crs("EPSG:4326", crs, always_xy=True)


def project(lonlat: np.ndarray, crs: str) -> np.ndarray:
    """WGS-84 longitude, latitude (n, 2) in degrees to metres (n, 2) of a projected system."""
    x, y = _transformer(crs).transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack([x, y])


def project_one(lon: float, lat: float, crs: str) -> tuple[float, float]:
    """As `project` for one point, the same bits; arrays of one take five times as long."""
    x, y = _transformer(crs).transform(lon, lat)
    return float(x), float(y)


def unproject(xy: np.ndarray, crs: str) -> np.ndarray:
    """Metres (n, 2) of a projected system to WGS-84 longitude, latitude (n, 2) in degrees."""
    lon, lat = _transformer(crs).transform(xy[:, 0], xy[:, 1], direction="INVERSE")
    return np.column_stack([lon, lat])
