"""Chooses sites by what a scenario asks of its plan: the most demand in time, or help the sooner the better.

With `objective = "survival"` sites are chosen under a curve of survival, and the plan is then judged and shown like any
other: by what it covers, with a bound that no plan of any objective exceeds. How it does under its curve is told beside, as
a share of the best possible, never as a number of lives.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .checks import read_only
from .choosing import Stage, choose, problem_of
from .coverage import Coverage, coverage_of, narrow
from .plan import Plan, Proof, make_plan
from .reach import reach
from .solve import prefix_bounds, solve
from .solve.merging import Cells, classes
from .survival import ASSUMED, Curve, Timeline, bands, curve

if TYPE_CHECKING:
    from .scenario import Scenario
    from .study import Walked


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

    device_bounds  (P,) no plan of 1, 2 ... devices covers more; None where money is counted
    timed          how it was chosen, where that was by survival
    """

    plan: Plan
    device_bounds: np.ndarray | None
    timed: Timed | None = None


def choose_by_objective(scenario: "Scenario", walked: "Walked", *, say: Stage) -> Choice:
    """The plan that a scenario asks for.

    Raises InputError and InfeasibleError as `choosing.choose`.
    """
    if scenario.aims.objective == "coverage":
        return Choice(*choose(scenario, walked.coverage, walked.sites, say=say))
    rule = curve(scenario.aims.curve)
    plan, _ = choose(scenario, timed_coverage(scenario, walked, rule), walked.sites, say=say)
    return Choice(*_judged(scenario, walked, plan), Timed(rule, ASSUMED, plan))


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


def _judged(scenario: "Scenario", walked: "Walked", timed: Plan) -> tuple[Plan, np.ndarray | None]:
    """The same sites as a plan for coverage, with bounds on what any plan covers."""
    problem = problem_of(scenario, walked.coverage, walked.sites)
    rival = solve(problem, method="greedy")
    plan = make_plan(
        problem, timed.chosen, proof=Proof(rival.bound), status="stopped", method=timed.method, seconds=timed.seconds
    )
    if scenario.budget_rmb is not None or not plan.chosen:
        return plan, None
    counts = np.arange(1.0, len(plan.chosen) + 1)
    return plan, np.minimum(prefix_bounds(replace(problem, quotas=()), rival.chosen, counts), plan.bound)
