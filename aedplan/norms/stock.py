"""What a norm is judged on: the devices there are, the venues that need them, the people, the streets; and which hangs where."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..coordinates import local_crs, project
from ..errors import InputError, raise_faults
from ..files import SiteList, read_site_list
from ..network import StreetNetwork
from ..osm.osm import is_osm_file, read_osm_venues
from ..sites import Sites
from ..tables.columns import plain
from ..tables.forms import amounts, understand
from ..tables.readings import Reason
from ..tables.tables import open_table

if TYPE_CHECKING:
    from ..study.outcome import Outcome

DEVICE_FIELDS = ("host", "cabinet", "trained", "drills", "checked_on", "plan_drawing", "signs", "town")
VENUE_FIELDS = ("floors", "floor_area", "residents", "visitors", "town")

SAME_NAME_M = 1000.0
"""A device named as a venue hangs there, when it is no further off than this: a county has several 中心小学."""
IN_NAME_M = 300.0
"""So far off at most, a device whose name begins with a venue's (汽车站候车厅) hangs there."""
HOST_M = 50.0
"""A device of another name hangs in the nearest venue, when that is no further off than this. A judgement, not verified."""


@dataclass(frozen=True)
class Stock:
    """What there is to judge; None and missing fields are what is not known.

    devices     where devices hang
    of_device   field: (devices,) texts of the table, such as `cabinet`
    venues      places that may need a device
    of_venue    field: (venues,) texts of the table, such as `floors`
    population  people in all
    certified   of these, people with a first-aid certificate
    streets     for distances on foot
    on          the day that counts as today
    """

    devices: Sites
    of_device: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    venues: Sites | None = None
    of_venue: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    population: float | None = None
    certified: float | None = None
    streets: StreetNetwork | None = None
    on: date | None = None

    @property
    def said(self) -> Reason:
        """What there is, in one line."""
        zh, en = [f"设备 {len(self.devices):,} 台"], [f"{len(self.devices):,} devices"]
        if self.venues is not None:
            zh.append(f"场所 {len(self.venues):,} 处")
            en.append(f"{len(self.venues):,} venues")
        if self.population is not None:
            zh.append(f"人口 {self.population:,.0f}")
            en.append(f"{self.population:,.0f} people")
        return Reason("，".join(zh), ", ".join(en))


def stock_of_list(devices: SiteList, **others: Any) -> Stock:
    """A stock from a table of devices that was read, and any other fields of `Stock`."""
    return Stock(devices.sites, devices.more, **others)


def read_venues(path: str | Path, *, crs: str | None = None) -> tuple[Sites, Mapping[str, tuple[str, ...]]]:
    """Venues of a table, with what it says of floors, residents and visitors, or those mapped in an OpenStreetMap file.

    Raises InputError with the faults of the file, rows that cannot be read among them: a venue left out is not judged.
    """
    path = Path(path)
    if is_osm_file(path):
        return read_osm_venues(path), {}
    listed = read_site_list(path, crs=crs, more=VENUE_FIELDS)
    if listed.report.refused:
        raise InputError(*(f"{line.strip()}" for line in listed.report.lines()))
    return listed.sites, listed.more


def read_people(path: str | Path) -> tuple[float, float | None]:
    """All people of a table, and those certified where it has such a column.

    Raises InputError when no column holds people, or a cell no number.
    """
    form = understand(open_table(path), ("label", "population", "certified"))
    if "population" not in form.text:
        form.faults.append(f"{form.table.where}: no column says how many people; expected 人口 (population)")
        raise_faults(form.faults)
    people = float(amounts(form, "population", "people such as 1200").sum())
    certified = float(amounts(form, "certified", "people such as 24").sum()) if "certified" in form.text else None
    raise_faults(form.faults)
    return people, certified


def stock_of(outcome: "Outcome", **others: Any) -> Stock:
    """The stock that a plan makes: its standing and chosen devices, all its sites as venues, its people, its streets.

    others  fields of `Stock` that are known better, such as venues
    """
    sites = outcome.sites
    there = np.concatenate([outcome.staying, np.asarray(outcome.plan.chosen, dtype=np.int64)])
    residents, given = outcome.demand.people, outcome.scenario.demand.given
    guessed = given.origin == "buildings" and given.population is None  # they count people at home and again at work
    people = None if residents is None or guessed else float(residents.sum())
    stock = Stock(sites.some(there), venues=sites, population=people, streets=outcome.streets)
    return replace(stock, **others)


def hosts(stock: Stock) -> np.ndarray:
    """(devices,) number of the venue each device hangs in, -1 where it hangs in none of them.

    First the venue that its table names, then one of its own name near by, then one whose name its own begins with, then the
    nearest within 50 m.
    """
    found = np.full(len(stock.devices), -1, dtype=np.int64)
    venues = stock.venues
    if venues is None or not len(venues) or not len(found):
        return found
    from scipy.spatial import cKDTree

    crs = local_crs(venues.lonlat)
    venue_xy, device_xy = project(venues.lonlat, crs), project(stock.devices.lonlat, crs)
    names = [plain(label) for label in venues.label]
    near = cKDTree(venue_xy).query_ball_point(device_xy, SAME_NAME_M, return_sorted=True)
    named = _by_name(venues, stock.of_device.get("host", ("",) * len(found)))
    for device, around in enumerate(near):
        around_m = np.hypot(*(venue_xy[around] - device_xy[device]).T) if around else np.zeros(0)
        own = plain(stock.devices.label[device])
        found[device] = named[device] if named[device] >= 0 else _nearest_fitting(own, names, around, around_m)
    return found


def _by_name(venues: Sites, given: tuple[str, ...]) -> np.ndarray:
    """(devices,) the venue of the id or the unmistakable name that the table of devices gives."""
    labels = [plain(label) for label in venues.label]
    known = {label: number for number, label in enumerate(labels) if labels.count(label) == 1} if any(given) else {}
    known |= {plain(id): number for number, id in enumerate(venues.id)}
    return np.array([known.get(plain(text), -1) if text else -1 for text in given], dtype=np.int64)


def _nearest_fitting(own: str, names: list[str], around: list[int], around_m: np.ndarray) -> int:
    """The nearest venue around a device that fits its name, or that is so near that the name does not matter; or -1."""
    order = [(around[i], float(around_m[i])) for i in np.argsort(around_m, kind="stable")]
    same = [venue for venue, _ in order if names[venue] == own and own]
    inside = [venue for venue, metres in order if metres <= IN_NAME_M and names[venue] and own.startswith(names[venue])]
    close = [venue for venue, metres in order if metres <= HOST_M]
    return next(iter([*same, *inside, *close]), -1)
