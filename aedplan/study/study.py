"""run(scenario): the whole study on one page. Read, join to the streets, walk, choose, judge."""

from typing import NamedTuple

import numpy as np

from ..anchors import FAR_FROM_STREET_M, Anchors, snap
from ..circles import SIDE_BY_SIDE, RescueCircle, circle
from ..coverage import Coverage, cover, narrow
from ..demand import Demand
from ..errors import raise_faults
from ..network import LONGEST_EDGE_MM, StreetNetwork
from ..plan import Plan
from ..report.summary import summarise
from ..scenario.choosing import Finding, Stage
from ..scenario.grouping import groups_of
from ..scenario.inputs import Inputs, osm_file, read_background, read_inputs, suspect_systems
from ..scenario.objectives import choose_by_objective
from ..scenario.promises import made_from, warnings_of_demand
from ..scenario.scenario import Scenario
from ..scenario.week import Week, find_kept, open_week, times_of, warnings_of
from ..sites import Sites
from .outcome import CircleFigure, Outcome, Unreachable

MOST_FAR_SITES_TOLD = 5
"""More sites of one file that lie too far are counted: then the streets, or the whole file, are of another place."""


def run(scenario: Scenario, *, progress: Stage | None = None, finding: Finding | None = None) -> Outcome:
    """Plan a scenario.

    progress  told what is being done
    finding   told the value, bound and gap so far while sites are chosen; an interrupt (Ctrl-C) then ends the search, and
              the best plan so far comes back

    Raises InputError with the faults of its inputs; InfeasibleError when no plan keeps the quotas.
    """
    say = progress or (lambda what, done, whole: None)
    read = read_inputs(scenario, say=say)
    walked = walk_from(scenario, read, say=say)
    streets, demand, sites, anchors, coverage, week = walked
    warnings = suspect_systems(scenario, read)
    say("choosing sites", 0, 0)
    groups = groups_of(scenario.areas, demand=demand, sites=sites, osm_file=osm_file(scenario))
    listen = finding or (lambda so_far, total: None)
    choice = choose_by_objective(scenario, walked, groups, say=say, finding=listen)
    plan, standing = choice.plan, np.flatnonzero(sites.standing)
    there = np.setdiff1d(standing, [site for site, _ in choice.moved])
    say("judging the plan", 0, 0)
    made = made_from(scenario, read, devices=len(plan.chosen), timed=choice.timed)
    outcome = Outcome(
        scenario=scenario,
        streets=streets,
        demand=demand,
        sites=sites,
        site_anchors=anchors[0],
        demand_anchors=anchors[1],
        coverage=coverage,
        plan=plan,
        device_bounds=choice.device_bounds,
        covered=reached_points(coverage, [*there, *plan.chosen], len(demand)),
        covered_before=reached_points(coverage, standing, len(demand)),
        circles=judge_circles(walked, plan, scenario.circle, there=there),
        unreachable=find_unreachable(streets, coverage, demand, anchors),
        inputs=read.roles,
        background=read_background(scenario, streets),
        warnings=(*warnings, *warnings_of(week), *warnings_of_demand(scenario, read)),
        week=week,
        kept=find_kept(walked, plan.chosen, circle=scenario.circle, groups=groups, there=there),
        made=made,
        aim=choice.aim,
        moved=choice.moved,
        groups=groups,
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
    return walk_from(scenario, read_inputs(scenario, say=say), say=say)


def walk_from(scenario: Scenario, read: Inputs, *, say: Stage) -> Walked:
    """The same from inputs that are read already."""
    streets, made, sites = read
    week = open_week(sites, scenario.week)
    demand = made.over(week.times.periods)
    say("joining them to the streets", 0, 0)
    anchors = snap(streets, sites.lonlat), snap(streets, demand.lonlat)
    raise_faults(far_site_faults(sites, anchors[0]))
    say("walking", 0, len(sites))
    coverage = cover(
        streets, sites, demand, circle=scenario.circle, anchors=anchors, progress=lambda i, n: say("walking", i, n)
    )
    if scenario.week:
        coverage = narrow(coverage, times=week.times, ready=sites.ready)
    return Walked(streets, demand, sites, anchors, coverage, week)


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


def judge_circles(
    walked: Walked, plan: Plan, own: RescueCircle, *, there: np.ndarray | None = None
) -> dict[str, CircleFigure]:
    """The same plan under the circles every summary shows, and under its own; hours count where the plan counts them.

    there  standing sites whose devices stay; None: all of them
    """
    streets, demand, sites, anchors, _, week = walked
    rules = {name: circle(name) for name in SIDE_BY_SIDE} | {own.name: own}
    standing = np.flatnonzero(sites.standing)
    devices = np.concatenate([standing, np.array(plan.chosen, dtype=np.int64)])
    some, rows = sites.some(devices), np.arange(len(devices))
    after_rows = rows if there is None else rows[np.isin(devices, [*there, *plan.chosen])]
    figures = {}
    for name, rule in rules.items():
        coverage = cover(streets, some, demand, circle=rule, anchors=(anchors[0].some(devices), anchors[1]))
        if week.counted:
            coverage = narrow(coverage, times=times_of(week, devices), ready=some.ready)
        after, before = (covered_weight(coverage, part) for part in (after_rows, rows[: len(standing)]))
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
