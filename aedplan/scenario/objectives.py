"""Chooses sites by what a scenario asks of its plan: the most demand in time, or help the sooner the better.

With `objective = "survival"` sites are chosen under a curve of survival, and the plan is then judged and shown like any
other: by what it covers, with a bound that no plan of any objective exceeds. How it does under its curve is told beside, as
a share of the best possible, never as a number of lives. The same with a second device that counts a part, and with equity:
what was wanted is told beside. Where standing devices move, those that leave no longer count.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..checks import read_only
from ..coordinates import local_crs, project
from ..coverage import Coverage, coverage_of, narrow
from ..plan import Plan, Proof, Status, make_plan
from ..reach import reach
from ..relocation import Moves, moves
from ..sites import Sites
from ..solve import Limits, solve
from ..solve.merging import Cells, classes
from ..survival import ASSUMED, Curve, Timeline, bands, curve
from ..towns import Groups
from .choosing import Finding, Stage, choose, device_bounds, problem_of

if TYPE_CHECKING:
    from ..study.study import Walked
    from .scenario import Scenario


ROUNDS = 20
"""Of search for the bound on coverage, beside a plan that was chosen for more."""


@dataclass(frozen=True)
class Timed:
    """How sites were chosen under a curve of survival.

    plan  under the curve: its values only compare plans under the same curve
    """

    curve: Curve
    when: Timeline
    plan: Plan

    @property
    def of_best(self) -> float:
        """At least this share of what the best plan could reach under the curve."""
        return 1 - self.plan.gap


class Choice(NamedTuple):
    """The plan of a scenario, judged by what it covers.

    device_bounds  (P,) no plan of 1, 2 ... devices covers more; None where money is counted, or devices move
    timed          how it was chosen, where that was by survival
    aim            the plan as it was chosen, where that was by more than coverage: its value, bound and status are of that
    moved          (from, to) sites of standing devices that move; to is -1 for one that nobody needs
    """

    plan: Plan
    device_bounds: np.ndarray | None
    timed: Timed | None = None
    aim: Plan | None = None
    moved: tuple[tuple[int, int], ...] = ()


def choose_by_objective(
    scenario: "Scenario",
    walked: "Walked",
    groups: Sequence[Groups] = (),
    *,
    say: Stage,
    finding: Finding = lambda so_far, total: None,
) -> Choice:
    """The plan that a scenario asks for.

    groups        towns, communities ..., for equity between them
    say, finding  are told how far the search is

    Raises InputError and InfeasibleError as `choosing.problem_of` and `choosing.choose`.
    """
    aims, sites = scenario.aims, walked.sites
    rule = curve(aims.curve) if aims.objective == "survival" else None
    coverage = walked.coverage if rule is None else timed_coverage(scenario, walked, rule)
    problem = problem_of(scenario, coverage, sites, groups)
    plan = choose(scenario, problem, say=say, finding=finding)
    if aims == aims.plain and aims.move is None:
        return Choice(plan, device_bounds(scenario, problem, plan))
    judged, bounds, moved = _judged(scenario, walked, groups, plan)
    wanted = bool(aims.backup or aims.equity)
    timed = None if rule is None else Timed(rule, ASSUMED, plan)
    return Choice(judged, bounds, timed, plan if wanted else None, moved)


def timed_coverage(scenario: "Scenario", walked: "Walked", rule: Curve) -> Coverage:
    """Coverage whose weight falls with time; hours and readiness count where the scenario counts hours.

    With hours, points that the same sites reach within the same bands are one: nothing is lost, and a tenth is left.
    """
    streets, demand, sites, anchors, _, week = walked
    steps, circle = bands(rule, scenario.circle), scenario.circle
    both = anchors if circle.measure == "street" else (sites.lonlat, demand.lonlat)
    reached = reach(streets, *both, limit_m=steps[-1][0], measure=circle.measure)
    year = replace(demand, weight=demand.weight.sum(axis=1, keepdims=True))
    paper = coverage_of(reached, year, circle, bands=steps)
    if not week.counted:
        return paper
    return narrow(_merged(paper, demand.weight / year.weight.clip(1e-300)), times=week.times, ready=sites.ready)


def _merged(paper: Coverage, share: np.ndarray) -> Coverage:
    """Cells that the same sites cover made one, in each period again.

    share  (D, T) of a point's arrests in each period
    """
    from scipy.sparse import hstack

    covers, periods = paper.covers, share.shape[1]
    start, cell = covers.indptr.astype(np.int64), covers.indices.astype(np.int32)
    class_of = classes(Cells(start, cell, paper.weight, np.zeros(len(paper.weight))))
    kept = np.flatnonzero(class_of >= 0)
    first = np.unique(class_of[kept], return_index=True)[1]
    weights = (paper.weight[kept] * share[paper.point[kept], period] for period in range(periods))
    weight = np.concatenate([np.bincount(class_of[kept], weights=of) for of in weights])
    return Coverage(
        covers=hstack([covers.tocsc()[:, kept[first]]] * periods, format="csr"),
        weight=read_only(weight),
        point=read_only(np.tile(np.arange(len(first)), periods)),
        period=read_only(np.repeat(np.arange(periods), len(first))),
        circle=paper.circle,
    )


def _judged(
    scenario: "Scenario", walked: "Walked", groups: Sequence[Groups], chosen: Plan
) -> tuple[Plan, np.ndarray | None, tuple[tuple[int, int], ...]]:
    """The same sites as a plan for coverage, bounds on what any plan covers, and which devices move where."""
    covering = replace(scenario, aims=scenario.aims.plain)
    method: Any = scenario.method
    limits = Limits(seconds=max(scenario.seconds / 4, 1.0), iterations=ROUNDS, seed=scenario.aims.seed)
    problem = problem_of(covering, walked.coverage, walked.sites, groups)
    rival = chosen if covering == scenario else solve(problem, method=method, limits=limits)
    proof = Proof(rival.bound, rival.bound_by, rival.certificate)
    there, done = problem, Moves((), (), chosen.chosen, chosen.cost)
    if scenario.aims.move is not None:
        staying = replace(covering, aims=replace(covering.aims, move=None))
        stay = problem_of(staying, walked.coverage, walked.sites, groups)
        done = moves(stay, problem, chosen.chosen)
        fixed = stay.fixed.copy()
        fixed[list(done.moved)] = False
        there = replace(stay, fixed=fixed, budget=np.inf)
    status: Status = "time-limit" if rival.status == "time-limit" else "stopped"
    plan = make_plan(there, done.new, proof=proof, status=status, method=chosen.method, seconds=chosen.seconds)
    plan = replace(plan, cost=done.cost)
    moved = tuple(zip(done.moved, new_places(done, walked.sites), strict=True))
    if scenario.aims.move is not None:
        return plan, None, moved
    return plan, device_bounds(scenario, problem, replace(plan, chosen=rival.chosen)), moved


def new_places(done: Moves, sites: Sites) -> list[int]:
    """For each device that moves the new site where it hangs then, all of them together the nearest; -1 where none is left."""
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    xy = project(sites.lonlat, local_crs(sites.lonlat))
    here, there = np.array(done.moved, dtype=np.int64), np.array(done.new, dtype=np.int64)
    place: dict[int, int] = {}
    if len(here) and len(there):
        rows, columns = linear_sum_assignment(cdist(xy[here], xy[there]))
        place = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    return [int(there[place[row]]) if row in place else -1 for row in range(len(here))]
