"""The devices nearest to a person, by the metres they must walk along streets; exact, equal to Dijkstra's.

Nobody who asks is left with nothing: where no walk can be told, the devices come by straight line, marked as such, with
the reason. Metres are rounded only when shown.
"""

import sys
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from aedplan import Anchors, StreetNetwork, reach, snap, walk_table, walks_from
from aedplan.distances import walk_table_plainly
from aedplan.single import UNWALKED_MM, Lookup, make_lookup, snap_one, walks_of

from .published import Published

Places = tuple[tuple[float, float], ...]
"""WGS-84 longitude and latitude of each device."""

LARGEST_TABLE = 50_000_000
"""Devices times street nodes, 200 MB; a county above it is walked anew for every question."""

REST_S = 0.5
"""So long after the first question the processor is left to those who ask."""

TOO_FAR_TO_WALK_M = 500.0
"""Further off, the stretch nobody has mapped is longer than a whole rescue circle: no walk can be told."""

AREA_MARGIN_DEGREES = 0.02
"""About 2 km around the streets; further out is outside the plan's area."""

EARTH_RADIUS_M = 6_371_008.8
FURTHEST_WALK_M = 1e6

Reason = Literal["", "outside_area", "far_from_street", "no_way", "no_device"]


@dataclass(eq=False)
class Ways:
    """Where devices join the streets, in the order of their places.

    small  whether walks to all street nodes may be kept
    table  those walks, to be looked up, once they are made
    """

    lonlat: np.ndarray
    anchors: Anchors
    small: bool
    table: Lookup | None = None


_one_at_a_time = threading.Lock()
_last: tuple[Published, Places, Ways] | None = None


def ways_to(published: Published, places: Places) -> Ways:
    """The ways to devices on the streets of a plan; kept until plan or places change.

    Their table is made in the background: half a second of work for which nobody waits.
    """
    global _last
    with _one_at_a_time:
        ways = _ways_to(published, places)
    _last = published, places, ways
    return ways


def ways_at_hand(published: Published, places: Places) -> Ways | None:
    """The same where they were asked for last, with their table; None where somebody may have to wait."""
    last = _last  # by their names: comparing all places takes as long as the walk
    known = last is not None and last[0] is published and last[1] is places
    return last[2] if last is not None and known and last[2].table is not None else None


@lru_cache(maxsize=2)
def _ways_to(published: Published, places: Places) -> Ways:
    ways = make_ways(published.streets, places)
    if ways.small:
        rest_s = 0.0 if _has_scipy() else REST_S
        making = threading.Timer(rest_s, make_table, (published.streets, ways))
        making.daemon = True
        making.start()
    return ways


def _has_scipy() -> bool:
    """Whether scipy has been read in, which takes longer than the walks of the first who ask."""
    return "scipy.sparse.csgraph" in sys.modules


def make_ways(streets: StreetNetwork, places: Places) -> Ways:
    """The ways to devices, without their table."""
    lonlat = np.array(places, dtype=float).reshape(-1, 2)
    anchors = snap(streets, lonlat)
    return Ways(lonlat, anchors, small=len(anchors) * len(streets.xy) <= LARGEST_TABLE)


def make_table(streets: StreetNetwork, ways: Ways) -> None:
    """Make the table of some ways."""
    ways.table = make_lookup(streets, walk_table(streets, ways.anchors))


@dataclass(frozen=True)
class Found:
    """A device by its number and how far it is; `metres` are walked, or straight when the answer's measure is "line"."""

    number: int
    metres: float
    minutes: float
    in_time: bool | None


@dataclass(frozen=True)
class Answer:
    """The nearest devices, best first.

    measure       "street": metres walked; "line": straight, where no walk can be told; `reason` says why
    off_street_m  from the person to the nearest street; None outside the plan's area
    """

    measure: Literal["street", "line"]
    reason: Reason
    off_street_m: float | None
    devices: tuple[Found, ...]


@dataclass(frozen=True)
class Choice:
    """Among which devices to look: `rank` (n,) comes before the walk, smaller ranks first; and how many to name."""

    ways: Ways
    rank: np.ndarray
    limit: int


def find_nearest(published: Published, choice: Choice, lon: float, lat: float) -> Answer:
    """The devices nearest to WGS-84 lon, lat among those of the best rank, then of the next; of equal ones the first."""
    if not len(choice.ways.lonlat):
        return Answer("line", "no_device", None, ())
    if not _in_area(published, lon, lat):
        return _by_line(published, choice, (lon, lat), "outside_area", None)
    look = _walk if choice.ways.table is None else _look_up
    off_street_m, found = look(published, choice, lon, lat)
    if off_street_m > TOO_FAR_TO_WALK_M:
        return _by_line(published, choice, (lon, lat), "far_from_street", off_street_m)
    if not found:
        return _by_line(published, choice, (lon, lat), "no_way", off_street_m)
    return Answer("street", "", off_street_m, found)


def _in_area(published: Published, lon: float, lat: float) -> bool:
    west, south, east, north = published.bounds
    margin = AREA_MARGIN_DEGREES
    return west - margin <= lon <= east + margin and south - margin <= lat <= north + margin


_Walked = tuple[float, tuple["Found", ...]]
"""Metres off the street, and the devices that can be walked to, best first."""


def _look_up(published: Published, choice: Choice, lon: float, lat: float) -> _Walked:
    """Walks from the table: rank, walk and number of each device in one whole number, of which the least are taken."""
    table = choice.ways.table
    assert table is not None
    point = snap_one(table, lon, lat)
    walked = walks_of(table, point)
    key = (choice.rank << _RANK_BIT) + (walked << _WALK_BIT) + np.arange(len(walked))
    key = key[walked < UNWALKED_MM]
    if len(key) > choice.limit:
        key.partition(choice.limit - 1)
    least = sorted(key[: choice.limit].tolist())
    return point.off_mm / 1000, tuple([_found_at(published, point.off_mm, one) for one in least])


def _found_at(published: Published, off_mm: int, key: int) -> "Found":
    walked_mm = (key & _BELOW_RANK) >> _WALK_BIT
    return _found(published, key & _BELOW_WALK, (walked_mm + off_mm) / 1000, "street")


_WALK_BIT, _RANK_BIT = 26, 60
"""Where walk and rank begin in a key: below them room for the number, and for walks of 17,000 km."""

_BELOW_WALK, _BELOW_RANK = (1 << _WALK_BIT) - 1, (1 << _RANK_BIT) - 1


def _walk(published: Published, choice: Choice, lon: float, lat: float) -> _Walked:
    """The same where there is no table."""
    point = snap(published.streets, np.array([[lon, lat]]))
    off_street_m = float(point.off_mm[0]) / 1000
    walked = _walks(published.streets, choice.ways, point)
    return off_street_m, _take(published, choice, walked, "street")


def _walks(streets: StreetNetwork, ways: Ways, point: Anchors) -> np.ndarray:
    """(devices,) metres walked, inf where there is no way; the same by both roads."""
    if ways.small:  # walks go both ways: as long as the table is being made, from the person instead
        table = walk_table(streets, point) if _has_scipy() else walk_table_plainly(streets, point)
        return np.asarray(walks_from(streets, table, ways.anchors)[:, 0])
    found = reach(streets, point, ways.anchors, limit_m=FURTHEST_WALK_M)
    walked = np.full(len(ways.anchors), np.inf)
    walked[found.point] = found.metres
    return walked


def _by_line(
    published: Published, choice: Choice, place: tuple[float, float], reason: Reason, off_street_m: float | None
) -> Answer:
    metres = line_metres(choice.ways.lonlat, *place)
    return Answer("line", reason, off_street_m, _take(published, choice, metres, "line"))


def line_metres(lonlat: np.ndarray, lon: float, lat: float) -> np.ndarray:
    """(n,) metres along the great circle from WGS-84 lonlat (n, 2) to one point, on a sphere.

    >>> line_metres(np.array([[118.0, 25.0]]), 118.0, 25.001).round(1)
    array([111.2])
    """
    there, here = np.radians(lonlat), np.radians([lon, lat])
    half = np.sin((there - here) / 2) ** 2
    share = half[:, 1] + np.cos(there[:, 1]) * np.cos(here[1]) * half[:, 0]
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(share, 0, 1))))


def _take(published: Published, choice: Choice, metres: np.ndarray, measure: str) -> tuple[Found, ...]:
    order = np.lexsort((metres, choice.rank))
    reached = order[np.isfinite(metres[order])][: choice.limit]
    return tuple(_found(published, number, float(metres[number]), measure) for number in reached.tolist())


def _found(published: Published, number: int, metres: float, measure: str) -> Found:
    """In time means on foot, also under a circle that measures straight lines: a person has to walk.

    Of a straight line within the limit nobody can say; one beyond it is too far for certain.
    """
    circle = published.circle
    within = round(metres * 1000) <= round(circle.limit_m * 1000)
    in_time = within if measure == "street" else (None if within else False)
    return Found(number, metres, circle.minutes_for(metres), in_time)
