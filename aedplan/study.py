"""run(scenario): the whole study on one page. Read, join to the streets, walk, choose, judge."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeGuard, TypeVar

import numpy as np

from .anchors import FAR_FROM_STREET_M, Anchors, snap
from .choosing import Stage, choose
from .circles import SIDE_BY_SIDE, RescueCircle, circle
from .coverage import Coverage, cover, narrow
from .demand import Demand
from .errors import InputError, raise_faults
from .grouping import groups_of
from .network import LONGEST_EDGE_MM, StreetNetwork, bounds
from .osm_background import Background
from .outcome import CircleFigure, Outcome, Unreachable
from .plan import Plan
from .scenario import Input, Scenario
from .sites import Sites, join_sites
from .source import Source
from .summary import summarise
from .suspicions import Suspicion, suspect_system
from .week import Week, find_kept, open_week, over_the_week, times_of, warnings_of

MOST_FAR_SITES_TOLD = 5
"""More sites of one file that lie too far are counted: then the streets, or the whole file, are of another place."""

T = TypeVar("T")


def run(scenario: Scenario, *, progress: Stage | None = None) -> Outcome:
    """Plan a scenario.

    Raises InputError with the faults of its inputs; InfeasibleError when no plan keeps the quotas.
    """
    say = progress or (lambda what, done, whole: None)
    walked = walk(scenario, say=say)
    streets, demand, sites, anchors, coverage, week = walked
    warnings = suspect_systems(scenario, streets, demand, sites)
    say("choosing sites", 0, 0)
    plan, device_bounds = choose(scenario, coverage, sites, say=say)
    say("judging the plan", 0, 0)
    circles = judge_circles(walked, plan, scenario.circle)
    groups = groups_of(scenario.areas, demand=demand, sites=sites, osm_file=osm_file(scenario))
    kept = find_kept(walked, plan.chosen, circle=scenario.circle, groups=groups)
    outcome = Outcome(
        scenario=scenario,
        streets=streets,
        demand=demand,
        sites=sites,
        site_anchors=anchors[0],
        demand_anchors=anchors[1],
        coverage=coverage,
        plan=plan,
        device_bounds=device_bounds,
        covered=reached_points(coverage, [*np.flatnonzero(sites.standing), *plan.chosen], len(demand)),
        covered_before=reached_points(coverage, np.flatnonzero(sites.standing), len(demand)),
        circles=circles,
        unreachable=find_unreachable(streets, coverage, demand, anchors),
        inputs=input_roles(streets, demand, sites),
        background=_read_background(scenario.streets, streets),
        warnings=(*warnings, *warnings_of(week)),
        week=week,
        kept=kept,
    )
    return outcome.with_summary(summarise(outcome))


class Walked(NamedTuple):
    """What a scenario reads, and who is covered by which site; anchors are of the sites and of the demand.

    coverage  of what is open and ready where the scenario counts hours, else on paper
    """

    streets: StreetNetwork
    demand: Demand
    sites: Sites
    anchors: tuple[Anchors, Anchors]
    coverage: Coverage
    week: Week


def walk(scenario: Scenario, *, say: Stage) -> Walked:
    """Everything before sites are chosen: read, join to the streets, walk."""
    say("reading streets", 0, 0)
    streets = _read_streets(scenario.streets)
    say("reading people and places", 0, 0)
    demand, sites = read_inputs(scenario)
    say("joining them to the streets", 0, 0)
    anchors = snap(streets, sites.lonlat), snap(streets, demand.lonlat)
    raise_faults(far_site_faults(sites, anchors[0]))
    week = open_week(sites, scenario.week)
    demand = over_the_week(demand, week)
    say("walking", 0, len(sites))
    coverage = cover(
        streets, sites, demand, circle=scenario.circle, anchors=anchors, progress=lambda i, n: say("walking", i, n)
    )
    if scenario.week:
        coverage = narrow(coverage, times=week.times, ready=sites.ready)
    return Walked(streets, demand, sites, anchors, coverage, week)


def _read_streets(given: Input) -> StreetNetwork:
    if given.origin == "place":
        from .osm_graphs import fetch_streets

        return fetch_streets(given.place)
    from .streets import read_streets

    assert given.file is not None
    streets = read_streets(given.file)
    return replace(streets, source=credit(streets.source, given))


def _read_background(given: Input, streets: StreetNetwork) -> Background | None:
    """What lies under the streets, where their file is one of OpenStreetMap."""
    from .osm_background import read_osm_background

    return read_osm_background(given.file, within=bounds(streets)) if _is_osm(given.file) else None


def osm_file(scenario: Scenario) -> Path | None:
    """The OpenStreetMap file that the streets come from, if they do."""
    return scenario.streets.file if _is_osm(scenario.streets.file) else None


def read_inputs(scenario: Scenario) -> tuple[Demand, Sites]:
    """Demand and all sites; the faults of every file in one error."""
    faults: list[str] = []

    def attempt(read: Callable[[], T]) -> T | None:
        try:
            return read()
        except InputError as error:
            faults.extend(error.faults)
            return None

    demand = attempt(lambda: _read_demand(scenario))
    standing = attempt(lambda: _read_sites(scenario, scenario.standing, standing=True))
    candidates = attempt(lambda: _read_sites(scenario, scenario.candidates, standing=False))
    raise_faults(faults)
    assert demand is not None
    assert candidates is not None
    return demand, candidates if standing is None else join_sites(standing, candidates)


def _read_demand(scenario: Scenario) -> Demand:
    given = scenario.demand
    if given.origin == "buildings":
        from .buildings import buildings_demand
        from .osm import read_osm_buildings

        buildings = read_osm_buildings(_osm_file(scenario, "demand"))
        return buildings_demand(buildings, per_100k=scenario.arrests_per_100k, population=given.population)
    from .files import read_demand

    assert given.file is not None
    demand = read_demand(
        given.file, crs=given.crs, per_100k=scenario.arrests_per_100k, columns=given.columns, sheet=given.sheet
    )
    return replace(demand, source=credit(demand.source, given))


def _read_sites(scenario: Scenario, given: Input, *, standing: bool) -> Sites | None:
    if given.origin == "none":
        return None
    if given.origin == "osm":
        from .osm import read_osm_devices, read_osm_venues

        file = _osm_file(scenario, "standing" if standing else "candidates")
        return read_osm_devices(file) if standing else read_osm_venues(file, kinds=given.kinds or None)
    from .files import read_sites

    assert given.file is not None
    sites = read_sites(given.file, crs=given.crs, standing=standing, columns=given.columns, sheet=given.sheet)
    return replace(sites, source=tuple(credit(source, given) for source in sites.source))


def credit(source: Source, given: Input) -> Source:
    """A source with the name and licence that the scenario gives it."""
    return replace(source, name=given.source or source.name, licence=given.licence or source.licence)


def _osm_file(scenario: Scenario, key: str) -> Path:
    file = scenario.streets.file
    if not _is_osm(file):
        raise InputError(f"{key}.from reads the OpenStreetMap file of the streets; expected streets.file to be one")
    return file


def _is_osm(file: Path | None) -> TypeGuard[Path]:
    from .streets import OSM_SUFFIXES

    return file is not None and not file.is_dir() and file.name.lower().endswith(OSM_SUFFIXES)


def far_site_faults(sites: Sites, anchors: Anchors) -> list[str]:
    """Sites so far from any street that their coordinates must be wrong: a sentence each, or one for a whole file."""
    far = anchors.off_mm > FAR_FROM_STREET_M * 1000
    faults = []
    for source, role in zip(sites.source[::-1], ("candidates", "standing devices"), strict=False):
        here = sites.standing == (role == "standing devices")
        rows = np.flatnonzero(far & here)
        told = [_far_words(sites, anchors, i) for i in rows[:MOST_FAR_SITES_TOLD]]
        limit = f"expected at most {FAR_FROM_STREET_M:,.0f} m"
        if len(rows) <= MOST_FAR_SITES_TOLD:
            faults += [f"{words}; {limit}: are the coordinates and their system right?" for words in told]
        else:
            counted = f"{source.file or role}: {len(rows):,} of {here.sum():,} {role} lie too far from any street"
            asked = (
                "是同一个地方的街道吗？坐标系对吗？Are these the streets of the same place, and is the system right?"
            )
            faults.append(f"{counted}, the first is {told[0].removeprefix(f'{source.file}, ')}; {limit}. {asked}")
    return faults


def _far_words(sites: Sites, anchors: Anchors, site: int) -> str:
    """Which site is too far, and how far: beyond the longest length that anchors hold only that it is further."""
    off_m = int(anchors.off_mm[site]) / 1000
    distance = f"{off_m:,.0f} m" if off_m < 10_000 else f"{off_m / 1000:,.0f} km"
    where = f"{sites.where[site]} ({sites.label[site]}): "
    if anchors.off_mm[site] >= LONGEST_EDGE_MM:
        return where + "outside the streets' area"
    return where + f"{distance} from the nearest walkable street"


def suspect_systems(scenario: Scenario, streets: StreetNetwork, demand: Demand, sites: Sites) -> tuple[Suspicion, ...]:
    """Warnings about tables that may be declared in the wrong coordinate system, by streets and by mapped places."""
    standing, planned = np.flatnonzero(sites.standing), np.flatnonzero(~sites.standing)
    tables = (
        (scenario.demand, demand.lonlat, ()),
        (scenario.standing, sites.lonlat[standing], tuple(sites.label[row] for row in standing)),
        (scenario.candidates, sites.lonlat[planned], tuple(sites.label[row] for row in planned)),
    )
    file = osm_file(scenario)
    mapped = None
    if file is not None and any(labels and given.file is not None for given, _, labels in tables):
        from .osm import find_osm_venues

        mapped = find_osm_venues(file)
    return tuple(
        warning
        for given, lonlat, labels in tables
        if given.file is not None
        for warning in suspect_system(
            streets, lonlat, declared=given.crs or "wgs84", file=given.file.name, labels=labels, mapped=mapped
        )
    )


def judge_circles(walked: Walked, plan: Plan, own: RescueCircle) -> dict[str, CircleFigure]:
    """The same plan under the circles every summary shows, and under its own; hours count where the plan counts them."""
    streets, demand, sites, anchors, _, week = walked
    rules = {name: circle(name) for name in SIDE_BY_SIDE} | {own.name: own}
    standing = np.flatnonzero(sites.standing)
    devices = np.concatenate([standing, np.array(plan.chosen, dtype=np.int64)])
    there, chosen = sites.some(devices), np.arange(len(devices))
    figures = {}
    for name, rule in rules.items():
        coverage = cover(streets, there, demand, circle=rule, anchors=(anchors[0].some(devices), anchors[1]))
        if week.counted:
            coverage = narrow(coverage, times=times_of(week, devices), ready=there.ready)
        after, before = (covered_weight(coverage, rows) for rows in (chosen, chosen[: len(standing)]))
        figures[name] = CircleFigure(rule, after, after / demand.total, before / demand.total)
    return figures


def covered_weight(coverage: Coverage, rows: np.ndarray) -> float:
    """Expected arrests per year that these sites cover together."""
    mask = np.zeros(len(coverage.weight), dtype=bool)
    mask[coverage.covers[rows].indices] = True
    return float(coverage.weight[mask].sum())


def reached_points(coverage: Coverage, rows: np.ndarray | list[int], points: int) -> np.ndarray:
    """(D,) bool: demand points that these sites cover in some period."""
    mask = np.zeros(points, dtype=bool)
    mask[coverage.point[coverage.covers[np.asarray(rows, dtype=np.int64)].indices]] = True
    return mask


def find_unreachable(
    streets: StreetNetwork, coverage: Coverage, demand: Demand, anchors: tuple[Anchors, Anchors]
) -> Unreachable:
    """Demand that no site, standing or candidate, covers, by cause."""
    site, point = anchors
    missed = np.ones(len(demand), dtype=bool)
    missed[coverage.point[np.unique(coverage.covers.indices)]] = False
    far, cut_off = np.zeros_like(missed), np.zeros_like(missed)
    if coverage.circle.measure == "street":
        far = missed & (point.off_mm > coverage.circle.limit_m * 1000)
        part = streets.component
        own = np.unique(part[streets.ends[site.edge, 0]])
        cut_off = missed & ~far & ~np.isin(part[streets.ends[point.edge, 0]], own)
    weight = demand.weight.sum(axis=1)
    return Unreachable(
        off_street=float(weight[far].sum()),
        cut_off=float(weight[cut_off].sum()),
        no_site=float(weight[missed & ~far & ~cut_off].sum()),
        points=np.flatnonzero(missed),
    )


def input_roles(streets: StreetNetwork, demand: Demand, sites: Sites) -> tuple[tuple[str, Source], ...]:
    """Every input with the part it plays, in a fixed order."""
    roles = ["streets", "demand", *(["standing", "candidates"] if len(sites.source) == 2 else ["candidates"])]
    return tuple(zip(roles, (streets.source, demand.source, *sites.source), strict=True))
