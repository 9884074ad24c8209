"""The week of a study: when its sites are open, what is left of its plan then, and who is left out.

The settings are the tables [hours] and [[periods]] of a scenario. With [hours] the plan itself is made for what is open;
without, it is made for every site open at any time, and what opening hours leave of it is told beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..checks import unknown_key_faults
from ..circles import RescueCircle
from ..demand import Demand, spread
from ..errors import InputError, raise_faults
from ..hours.holidays import REFERENCE_YEAR, Calendar, YearTable, china, from_table, read_year_tables
from ..hours.hours import OpenTimes, always_open, open_times, warn_hours
from ..hours.periods import DEFAULT_PERIODS, WHOLE_WEEK, Period, define_periods, share_out
from ..hours.texts import HoursReport, report_hours, understand_hours
from ..losses import Losses, find_losses, walk_each_way
from ..sites import Sites
from ..suspicions import Suspicion
from ..towns import Groups, Served, Uncovered, list_uncovered, serve

if TYPE_CHECKING:
    from ..study.study import Walked

HOLIDAYS = ("china", "none")
KEYS = ("year", "holidays", "terms", "years", "unknown")


@dataclass(frozen=True)
class WeekSettings:
    """How a study counts opening hours.

    year      whose calendar counts
    holidays  "china", with make-up workdays, or "none": only the office's own tables, else weekends
    years     an office's own tables, by year
    terms     when schools teach, such as "2026-02-25/2026-07-05"
    unknown   hours stated by the planner for candidates that give none; "" counts them as closed
    """

    year: int = REFERENCE_YEAR
    holidays: str = "china"
    years: Mapping[int, YearTable] = field(default_factory=dict)
    terms: tuple[str, ...] = ()
    unknown: str = ""
    periods: tuple[Period, ...] = DEFAULT_PERIODS

    def calendar(self) -> Calendar:
        """The days of the year."""
        table = self.years.get(self.year)
        if self.holidays == "china":
            return china(self.year, table=table, terms=self.terms)
        return from_table(self.year, table or YearTable(()), terms=self.terms)


def read_week(tables: Mapping[str, Any]) -> WeekSettings | None:
    """The settings of a scenario's tables; None where it has no [hours].

    Raises InputError with every fault.
    """
    if "hours" not in tables:
        raise_faults(["[[periods]] has no effect without [hours]"] if "periods" in tables else [])
        return None
    given = tables["hours"]
    if not isinstance(given, dict):
        raise InputError(f"hours is {given!r}; expected a table [hours]")
    faults = unknown_key_faults(given, KEYS, "hours")
    year, holidays = given.get("year", REFERENCE_YEAR), given.get("holidays", "china")
    terms, unknown = given.get("terms", []), given.get("unknown", "")
    if isinstance(year, bool) or not isinstance(year, int) or not 1900 < year < 2200:
        faults.append(f"hours.year is {year!r}; expected a year such as {REFERENCE_YEAR}")
    if holidays not in HOLIDAYS:
        faults.append(f"hours.holidays is {holidays!r}; expected one of {', '.join(HOLIDAYS)}")
    if not isinstance(terms, list) or not all(isinstance(term, str) for term in terms):
        faults.append(f'hours.terms is {terms!r}; expected stretches such as ["2026-02-25/2026-07-05"]')
    if not isinstance(unknown, str) or (unknown and not understand_hours([unknown])[0].osm):
        faults.append(f'hours.unknown is {unknown!r}; expected opening hours such as "24/7" or "Mo-Fr 08:00-17:00"')
    raise_faults(faults)
    settings = WeekSettings(
        year, holidays, read_year_tables(given.get("years", {})), tuple(terms), unknown,
        define_periods(tables["periods"]) if "periods" in tables else DEFAULT_PERIODS,
    )  # fmt: skip
    share_out(settings.periods, settings.calendar())  # gaps, overlaps and terms that cannot be are told now
    return settings


@dataclass(frozen=True)
class Week:
    """When the S sites of a study are open.

    counted  the plan is made for what is open
    hours    (S,) as understood, in OSM syntax; "" where not known
    said     how many texts were understood
    times    over the periods of the study
    """

    counted: bool
    hours: tuple[str, ...]
    said: HoursReport
    times: OpenTimes

    def summary(self) -> dict[str, Any]:
        """How hours were counted, as summary.json holds it."""
        calendar = self.times.periods.calendar
        if self.counted:
            zh = f"开放时间已计入（{calendar.year} 年历，含调休）；时间不明的按关门计算"
            en = f"Opening hours counted (calendar of {calendar.year}); unknown hours count as closed"
        else:
            zh = "开放时间未计入：各点位按全天开放计算"
            en = "Opening hours not counted: every site taken as always open"
        said = {"given": self.said.given, "understood": self.said.understood, "empty": self.said.empty}
        return {"counted": self.counted, "year": calendar.year, "source": calendar.source, **said, "words_zh": zh,
                "words_en": en}  # fmt: skip

    @property
    def known(self) -> bool:
        """Whether any site gives its hours at all; else nothing can be said of them."""
        return any(self.hours)


def open_week(sites: Sites, settings: WeekSettings | None) -> Week:
    """Opening hours of all sites over the periods of the study: one, the whole week, where it has no settings."""
    understood = understand_hours(sites.hours)
    hours = tuple(one.osm for one in understood)
    if settings and settings.unknown:
        assumed = understand_hours([settings.unknown])[0].osm
        hours = tuple(
            text if text or standing else assumed for text, standing in zip(hours, sites.standing, strict=True)
        )
    chosen = settings or WeekSettings(periods=WHOLE_WEEK)
    periods = share_out(chosen.periods, chosen.calendar())
    return Week(settings is not None, hours, report_hours(understood), open_times(hours, periods))


def over_the_week(demand: Demand, week: Week) -> Demand:
    """The same demand, spread over the periods of the study."""
    return spread(demand, week.times.periods)


def warnings_of(week: Week) -> tuple[Suspicion, ...]:
    """What the hours take for granted."""
    if not week.counted:
        return ()
    return tuple(Suspicion(*warned) for warned in warn_hours(week.hours, week.times.periods.calendar))


def times_of(week: Week, rows: Sequence[int] | np.ndarray) -> OpenTimes:
    """When some of the sites are open; at any time where no site gives its hours."""
    if not week.known:
        return always_open(len(rows), week.times.periods)
    numbers = np.asarray(rows, dtype=np.int64)
    return replace(week.times, text=week.times.text[numbers], unknown=week.times.unknown[numbers])


@dataclass(frozen=True)
class Kept:
    """What becomes of all demand under a plan, once hours, readiness and floors count.

    devices    numbers of the sites with a device: standing, then chosen; rows of `losses.site`
    before     the same with the standing devices alone
    served     by level, such as "town": how each group is served
    uncovered  the points that lose demand, the worst first, each with the nearest candidate that is not in the plan
    possible   numbers of these candidates
    """

    devices: np.ndarray
    losses: Losses
    before: Losses
    served: Mapping[str, tuple[Served, ...]]
    uncovered: tuple[Uncovered, ...]
    possible: np.ndarray

    @property
    def share(self) -> float:
        """Share of all demand that is really covered."""
        return float(self.losses.causes()[0] / max(self.losses.total, 1))


def find_kept(
    walked: "Walked",
    chosen: Sequence[int],
    *,
    circle: RescueCircle,
    groups: Sequence[Groups] = (),
    there: np.ndarray | None = None,
) -> Kept:
    """What becomes of all demand with the standing devices and the chosen sites.

    chosen  numbers of the new sites
    groups  towns, communities, schools ... to tell apart
    there   standing sites whose devices stay; None: all of them
    """
    streets, demand, sites, (site_anchors, demand_anchors), _, week = walked
    standing = np.flatnonzero(sites.standing)
    devices = np.concatenate([standing if there is None else there, np.asarray(chosen, dtype=np.int64)])

    def losses_of(rows: np.ndarray) -> Losses:
        anchors = site_anchors.some(rows), demand_anchors
        walks = walk_each_way(streets, sites.lonlat[rows], demand, circle=circle, anchors=anchors)
        return find_losses(walks, demand, times_of(week, rows), ready=sites.ready[rows])

    losses = losses_of(devices)
    possible = np.setdiff1d(np.arange(len(sites)), devices)
    return Kept(
        devices=devices,
        losses=losses,
        before=losses_of(standing),
        served={one.level: serve(one, losses, devices=devices, people=demand.people) for one in groups},
        uncovered=list_uncovered(losses, demand, streets, possible=site_anchors.some(possible), anchors=demand_anchors),
        possible=possible,
    )
