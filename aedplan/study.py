"""run(scenario): the whole study on one page. Read, join to the streets, walk, choose, judge."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeGuard, TypeVar

import numpy as np

from .anchors import FAR_FROM_STREET_M, Anchors, snap
from .circles import SIDE_BY_SIDE, RescueCircle, circle
from .coverage import Coverage, as_problem, cover, kind_quotas
from .demand import Demand
from .errors import InfeasibleError, InputError, raise_faults
from .network import LONGEST_EDGE_MM, StreetNetwork, bounds
from .osm_background import Background
from .outcome import CircleFigure, Outcome, Unreachable
from .plan import Plan
from .problem import Quota
from .scenario import Input, Scenario
from .sites import Sites, join_sites
from .solve import prefix_bounds, solve
from .source import Source
from .summary import summarise
from .suspicions import Suspicion, suspect_system

MOST_FAR_SITES_TOLD = 5
"""More sites of one file that lie too far are counted: then the streets, or the whole file, are of another place."""

Stage = Callable[[str, int, int], None]
"""Called with (what is being done, done, all); all is 0 where it is not known."""

T = TypeVar("T")


def run(scenario: Scenario, *, progress: Stage | None = None) -> Outcome:
    """Plan a scenario.

    Raises InputError with the faults of its inputs; InfeasibleError when no plan keeps the quotas.
    """
    say = progress or (lambda what, done, whole: None)
    say("reading streets", 0, 0)
    streets = _read_streets(scenario.streets)
    say("reading people and places", 0, 0)
    demand, sites = read_inputs(scenario)
    say("joining them to the streets", 0, 0)
    site_anchors, demand_anchors = snap(streets, sites.lonlat), snap(streets, demand.lonlat)
    raise_faults(far_site_faults(sites, site_anchors))
    warnings = suspect_systems(scenario, streets, demand, sites)
    say("walking", 0, len(sites))
    anchors = site_anchors, demand_anchors
    coverage = cover(
        streets, sites, demand, circle=scenario.circle, anchors=anchors, progress=lambda i, n: say("walking", i, n)
    )
    say("choosing sites", 0, 0)
    plan, device_bounds = choose(scenario, coverage, sites)
    say("judging the plan", 0, 0)
    circles = judge_circles(streets, sites, demand, plan, anchors, scenario.circle)
    outcome = Outcome(
        scenario=scenario,
        streets=streets,
        demand=demand,
        sites=sites,
        site_anchors=site_anchors,
        demand_anchors=demand_anchors,
        coverage=coverage,
        plan=plan,
        device_bounds=device_bounds,
        covered=reached_points(coverage, [*np.flatnonzero(sites.standing), *plan.chosen], len(demand)),
        covered_before=reached_points(coverage, np.flatnonzero(sites.standing), len(demand)),
        circles=circles,
        unreachable=find_unreachable(streets, coverage, demand, anchors),
        inputs=input_roles(streets, demand, sites),
        background=_read_background(scenario.streets, streets),
        warnings=warnings,
    )
    return outcome.with_summary(summarise(outcome))


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
    """Warnings about tables that may be declared in the wrong coordinate system."""
    tables = (
        (scenario.demand, demand.lonlat),
        (scenario.standing, sites.lonlat[sites.standing]),
        (scenario.candidates, sites.lonlat[~sites.standing]),
    )
    return tuple(
        warning
        for given, lonlat in tables
        if given.file is not None
        for warning in suspect_system(streets, lonlat, declared=given.crs or "wgs84", file=given.file.name)
    )


def choose(scenario: Scenario, coverage: Coverage, sites: Sites) -> tuple[Plan, np.ndarray | None]:
    """The plan for a scenario's number or budget and quotas, and the bounds for 1, 2 ... devices up to that number."""
    candidates = int((~sites.standing).sum())
    if scenario.devices is not None and scenario.devices > candidates:
        raise InputError(f"plan.devices is {scenario.devices}; expected at most the {candidates} candidates there are")
    problem = as_problem(
        coverage,
        sites,
        budget=float(scenario.devices if scenario.devices is not None else scenario.budget_rmb or 0.0),
        by_cost=scenario.devices is None,
        quotas=kind_quotas(sites, dict(scenario.quotas)),
    )
    try:
        plan = solve(problem, method=scenario.method, seconds=scenario.seconds, gap=scenario.gap)  # type: ignore[arg-type]
    except InfeasibleError as error:
        raise InfeasibleError(clash_words(scenario, error.quotas), quotas=error.quotas) from error
    if scenario.devices is None:
        return plan, None
    counts = np.arange(1.0, scenario.devices + 1)
    return plan, np.minimum(prefix_bounds(replace(problem, quotas=()), plan.chosen, counts), plan.bound)


def clash_words(scenario: Scenario, quotas: tuple[Quota, ...]) -> str:
    """Conditions that clash, in the words of the scenario, one on each line."""
    number = f"plan.devices = {scenario.devices}"
    limit = number if scenario.devices is not None else f"plan.budget_rmb = {scenario.budget_rmb:.15g}"
    return "\n".join([limit, *(f"plan.quotas.{quota.group} = {quota.limits}" for quota in quotas)])


def judge_circles(
    streets: StreetNetwork,
    sites: Sites,
    demand: Demand,
    plan: Plan,
    anchors: tuple[Anchors, Anchors],
    own: RescueCircle,
) -> dict[str, CircleFigure]:
    """The same plan under the circles every summary shows, and under its own."""
    rules = {name: circle(name) for name in SIDE_BY_SIDE} | {own.name: own}
    standing = np.flatnonzero(sites.standing)
    everything = np.concatenate([standing, np.array(plan.chosen, dtype=np.int64)])
    figures = {}
    for name, rule in rules.items():
        coverage = cover(streets, sites, demand, circle=rule, anchors=anchors)
        after = covered_weight(coverage, everything)
        before = covered_weight(coverage, standing)
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
