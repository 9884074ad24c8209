"""The demand of a published plan, and whom the devices on record reach of it: kept until plan, places or hours change."""

import sqlite3
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aedplan import Anchors, InputError, RescueCircle, StreetNetwork, china, snap
from aedplan.checks import read_only
from aedplan.demand import make_demand
from aedplan.source import Source

if TYPE_CHECKING:
    from aedplan import Coverage

KEPT = 4
_QUERY = "SELECT geom, id, arrests_per_year, covered, covered_before FROM demand ORDER BY fid"


@dataclass(frozen=True, eq=False)
class PlanDemand:
    """D points: lonlat (D, 2) in WGS-84 degrees, weight (D,) arrests expected per year.

    covered, covered_before  (D,) bool: by the plan, and by the devices that hung there before it
    """

    id: tuple[str, ...]
    lonlat: np.ndarray
    weight: np.ndarray
    covered: np.ndarray
    covered_before: np.ndarray


@dataclass(frozen=True, eq=False)  # one is equal to itself alone, so that what follows from it can be kept by it
class Ground:
    """What a plan covers people on: its streets, its demand, its rule for "in time"."""

    streets: StreetNetwork
    circle: RescueCircle
    demand: PlanDemand

    @cached_property
    def anchors(self) -> Anchors:
        """Where the demand joins the streets; found when first asked for, since that takes the compiler."""
        return snap(self.streets, self.demand.lonlat)


def read_plan_demand(path: Path) -> PlanDemand | None:
    """The layer `demand` of a plan's GeoPackage; None where there is no such file.

    Raises InputError when the file holds something else.
    """
    if not path.exists():
        return None
    try:
        # read by SQLite itself: the libraries for GIS files would stay in memory for ever
        with sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True) as file:
            rows = file.execute(_QUERY).fetchall()
        file.close()
        geometry, ids, weight, covered, before = zip(*rows, strict=True)
        lonlat = np.frombuffer(b"".join(one[-16:] for one in geometry), dtype="<f8")  # a point ends with its x and y
        columns = [lonlat.reshape(-1, 2), np.array(weight, dtype=float), np.array(covered, dtype=bool)]
        columns.append(np.array(before, dtype=bool))
    except (sqlite3.Error, TypeError, ValueError) as error:
        raise InputError(
            f"{path}: has no demand that can be read ({error}); expected what `aedplan plan` writes"
        ) from error
    return PlanDemand(ids, *map(read_only, columns))


def make_ground(streets: StreetNetwork, circle: RescueCircle, demand: PlanDemand | None) -> Ground | None:
    """A ground; None without demand."""
    return None if demand is None else Ground(streets, circle, demand)


Places = tuple[tuple[float, float], ...]


@lru_cache(maxsize=KEPT)
def paper_coverage(ground: Ground, places: Places) -> "Coverage":
    """Whom devices at some places (longitude, latitude) cover, if every one is open and ready; one cell a point."""
    from aedplan import reach
    from aedplan.coverage import coverage_of

    lonlat = np.array(places, dtype=float).reshape(-1, 2)
    circle = ground.circle
    streets = circle.measure == "street"
    origins: Any = snap(ground.streets, lonlat) if streets else lonlat
    points: Any = ground.anchors if streets else ground.demand.lonlat
    reached = reach(ground.streets, origins, points, limit_m=circle.limit_m, measure=circle.measure)
    given = ground.demand
    demand = make_demand(given.lonlat, given.weight, id=given.id, source=Source("published plan"))
    return coverage_of(reached, demand, circle)


@lru_cache(maxsize=KEPT)
def open_coverage(ground: Ground, places: Places, hours: tuple[str, ...], year: int) -> "Coverage":
    """The same over a year, each cell cut where a device near it opens or closes; unknown hours count as closed."""
    from aedplan.coverage import narrow
    from aedplan.hours.hours import open_times
    from aedplan.hours.periods import WHOLE_WEEK, share_out

    times = open_times(hours, share_out(WHOLE_WEEK, china(year)))
    return narrow(paper_coverage(ground, places), times=times)
