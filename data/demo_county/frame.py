"""The plane the county is drawn on, and the records it is drawn with.

Everything is built in metres, x to the east and y to the north of ORIGIN. The projection is equirectangular: one
degree has the length it has on the GRS80 ellipsoid at the latitude of ORIGIN. Within 5 km that is true to about 1 part in 1,000,
and anyone can invert it by hand.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

ORIGIN = (118.386, 24.960)
METRES_PER_DEGREE = (100_982.6, 110_772.3)  # longitude, latitude; series of the GRS80 ellipsoid at 24.96 N
EXTENT = (-4000.0, -3500.0, 4000.0, 3500.0)
SEED = 20260


def to_degrees(xy: np.ndarray) -> np.ndarray:
    """Longitude and latitude (n, 2) of points (n, 2) in local metres."""
    return np.asarray(ORIGIN) + np.asarray(xy, dtype=float) / np.asarray(METRES_PER_DEGREE)


@dataclass
class Street:
    """A street before crossings are made into nodes. A walled street meets others only at its ends (gates)."""

    line: LineString
    tags: dict[str, str]
    level: int = 0  # streets of different levels cross without meeting


@dataclass
class Area:
    """Water, green or land use: only for the base map."""

    polygon: Polygon
    tags: dict[str, str]


@dataclass
class Building:
    """A building; homes is its share of residents before the county is scaled to its total."""

    polygon: Polygon
    tags: dict[str, str]
    homes: float = 0.0


@dataclass
class Block:
    """A piece of ground between streets, kept so that venues can be put on it later."""

    polygon: Polygon
    fabric: str
    name: str = ""


@dataclass
class Venue:
    """A named place where a device hangs or might hang."""

    xy: tuple[float, float]
    name: str
    kind: str
    tags: dict[str, str]
    hours: str
    mapped: bool = True  # a gate hut is a site, but not an object of its own on the map


@dataclass
class County:
    """Everything drawn so far."""

    rng: Generator
    water: BaseGeometry = field(default_factory=Polygon)
    streets: list[Street] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    buildings: list[Building] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    gates: list[tuple[Point, str]] = field(default_factory=list)
    venues: list[Venue] = field(default_factory=list)
    lines: list[tuple[LineString, dict[str, str]]] = field(default_factory=list)  # rivers, rails: no streets
    labels: list[tuple[tuple[float, float], dict[str, str]]] = field(default_factory=list)


def spline(points: list[tuple[float, float]], *, closed: bool = False, step: float = 18.0) -> np.ndarray:
    """A smooth line (n, 2) through all the points (centripetal enough: Catmull-Rom on even parameters)."""
    control = np.asarray(points, dtype=float)
    if closed:
        control = np.vstack([control[-1], control, control[0], control[1]])
    else:
        control = np.vstack([2 * control[0] - control[1], control, 2 * control[-1] - control[-2]])
    drawn = []
    for before, start, end, after in zip(control, control[1:], control[2:], control[3:], strict=False):
        count = max(2, int(np.hypot(*(end - start)) / step))
        t = np.linspace(0, 1, count, endpoint=False)[:, None]
        drawn.append(
            0.5
            * (
                2 * start
                + (end - before) * t
                + (2 * before - 5 * start + 4 * end - after) * t**2
                + (3 * start - before - 3 * end + after) * t**3
            )
        )
    return np.vstack([*drawn, control[-2]])


def curve(points: list[tuple[float, float]], *, closed: bool = False) -> LineString:
    """The spline as a line with no more vertices than the eye needs."""
    return LineString(spline(points, closed=closed)).simplify(1.2)


def blob(
    centre: tuple[float, float], radius: tuple[float, float], rng: Generator, *, rough: float = 0.18, turn: float = 0.0
) -> Polygon:
    """A rounded patch with an uneven edge: villages, woods, ponds."""
    angle = np.linspace(0, 2 * np.pi, 9, endpoint=False) + rng.normal(0, 0.12, 9)
    reach = 1 + rng.uniform(-rough, rough, 9)
    x, y = radius[0] * reach * np.cos(angle), radius[1] * reach * np.sin(angle)
    points = np.c_[centre[0] + x * np.cos(turn) - y * np.sin(turn), centre[1] + x * np.sin(turn) + y * np.cos(turn)]
    return Polygon(spline([tuple(p) for p in points], closed=True)).simplify(4.0).buffer(0)


def parts(geometry: BaseGeometry, kind: str) -> list:
    """The lines or polygons a geometry is made of, without the points and scraps that overlays leave."""
    return [part for part in getattr(geometry, "geoms", [geometry]) if part.geom_type == kind and not part.is_empty]
