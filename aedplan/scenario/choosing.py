"""From a scenario and who covers whom to the placement problem, its plan, and the curve over numbers of devices."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ..checks import read_only
from ..coverage import Coverage, as_problem
from ..errors import InfeasibleError, InputError
from ..plan import Plan, order_by_gain
from ..problem import PlacementProblem, Quota, value
from ..sites import Sites
from ..solve import Frontier, Progress, frontier, prefix_bounds, solve
from ..towns import Groups
from .aims import FORBID, PIN, aimed
from .quotas import quota_words, quotas_of
from .scenario import Scenario

Stage = Callable[[str, int, int], None]
"""Called with (what is being done, done, all); all is 0 where it is not known."""

Finding = Callable[[Progress, float], None]
"""Called now and then while sites are chosen, with how far that is and the value if everything were covered."""


def problem_of(scenario: Scenario, coverage: Coverage, sites: Sites, groups: Sequence[Groups] = ()) -> PlacementProblem:
    """What a scenario asks, as a placement problem.

    groups  towns, communities ..., for quotas and for equity between them

    Raises InputError when it asks for more devices than there are candidates, or names groups that are not known.
    """
    candidates = int((~sites.standing).sum())
    if scenario.devices is not None and scenario.devices > candidates:
        raise InputError(f"plan.devices is {scenario.devices}; expected at most the {candidates} candidates there are")
    limit = scenario.devices if scenario.budget_rmb is None else scenario.budget_rmb
    problem = as_problem(
        coverage,
        sites,
        budget=np.inf if limit is None else float(limit),
        by_cost=scenario.budget_rmb is not None,
        quotas=quotas_of(scenario.quotas, scenario.quotas_by, sites, groups),
    )
    group = groups_asked(scenario, groups).point[coverage.point] if scenario.aims.equity else None
    return aimed(problem, scenario.aims, sites, group=group)


def groups_asked(scenario: Scenario, groups: Sequence[Groups]) -> Groups:
    """The groups that a scenario wants served alike."""
    level = scenario.aims.equity_by
    found = [one for one in groups if one.level == level]
    if not found:
        known = ", ".join(one.level for one in groups) or "none"
        raise InputError(
            f"plan.equity: demand is not told apart by {level} (known levels: {known}); expected a table [areas.{level}]"
        )
    return found[0]


def choose(
    scenario: Scenario,
    problem: PlacementProblem,
    *,
    say: Stage = lambda what, done, whole: None,
    finding: Finding = lambda so_far, total: None,
) -> Plan:
    """The plan of a scenario, whose problem it is.

    say, finding  are told the value, bound and gap so far, in a line and as numbers

    Raises InfeasibleError, in the words of the scenario, when no plan keeps what it asks.
    """
    total = problem.total or 1.0

    def tell(so_far: Progress) -> None:
        say(progress_words(so_far, total), 0, 0)
        finding(so_far, total)

    try:
        return solve(
            problem,
            method=scenario.method,  # type: ignore[arg-type]
            limits=scenario.aims.limits(scenario.seconds, scenario.gap),
            progress=tell,
        )
    except InfeasibleError as error:
        raise InfeasibleError(clash_words(scenario, error), quotas=error.quotas) from error


def device_bounds(scenario: Scenario, problem: PlacementProblem, plan: Plan) -> np.ndarray | None:
    """(P,) no plan of 1, 2 ... devices, up to the scenario's number, is worth more; None where money is counted."""
    if scenario.budget_rmb is not None or not plan.chosen:
        return None
    counts = np.arange(1.0, (scenario.devices or len(plan.chosen)) + 1)
    free = replace(problem, quotas=(), target=None)
    most: np.ndarray = np.minimum(prefix_bounds(free, plan.chosen, counts), plan.bound)
    return most


def curve_of(
    scenario: Scenario,
    coverage: Coverage,
    sites: Sites,
    counts: Sequence[int],
    *,
    groups: Sequence[Groups] = (),
    say: Stage = lambda what, done, whole: None,
) -> tuple[Frontier, Frontier | None]:
    """What several numbers of new devices cover, and the same curve by what was wanted, where that was more than coverage.

    The quotas and aims of the scenario hold, its number does not.

    Raises InputError when there are fewer candidates; InfeasibleError when the least number does not keep the quotas.
    """
    aims = scenario.aims
    if aims.objective != "coverage":
        raise InputError('plan.objective: the curve over numbers of devices is of coverage; expected "coverage"')
    if aims.move is not None:
        raise InputError(
            "plan.move: the curve is over numbers of new devices, none of which moved; expected it left out"
        )
    candidates = int((~sites.standing).sum())
    if max(counts) > candidates:
        raise InputError(f"--devices up to {max(counts)}; expected at most the {candidates} candidates there are")
    counted = replace(scenario, devices=max(counts), budget_rmb=None, aims=replace(aims, target=None))
    wanted = _traced(counted, problem_of(counted, coverage, sites, groups), counts, say)
    plain = replace(counted, aims=counted.aims.plain)
    if plain == counted:
        return wanted, None
    return covering(wanted, problem_of(plain, coverage, sites, groups), counts), wanted


def _traced(scenario: Scenario, problem: PlacementProblem, counts: Sequence[int], say: Stage) -> Frontier:
    try:
        return frontier(
            problem,
            budgets=[float(count) for count in counts],
            method=scenario.method,  # type: ignore[arg-type]
            seconds=scenario.seconds,
            progress=lambda done, whole: say("选点 choosing", done, whole),
        )
    except InfeasibleError as error:
        least = replace(scenario, devices=min(counts), budget_rmb=None)
        raise InfeasibleError(clash_words(least, error), quotas=error.quotas) from error


def covering(curve: Frontier, plain: PlacementProblem, counts: Sequence[int]) -> Frontier:
    """The plans of a curve judged by what they cover, with bounds on what any plan covers.

    What they cover may fall by a little from one budget to the next: they were chosen for more than that.
    """
    covers = np.array([value(plain, plan) for plan in curve.chosen])
    rival = frontier(plain, budgets=[float(count) for count in counts])
    order, gain = order_by_gain(plain, curve.chosen[-1])
    return Frontier(
        budget=curve.budget,
        value=read_only(covers),
        bound=read_only(np.maximum(rival.bound, covers)),
        chosen=curve.chosen,
        total=plain.total,
        before=value(plain, ()),
        order=order,
        gain=gain,
    )


def progress_words(so_far: Progress, total: float) -> str:
    """How far the search is, in one line.

    >>> progress_words(Progress(61.2, 61.5, 3.0), 100.0)
    '选点 choosing: 61.2% 上界 bound 61.5% 差距 gap 0.49%'
    """
    value, bound = so_far.value / total, so_far.bound / total
    return f"选点 choosing: {value:.1%} 上界 bound {bound:.1%} 差距 gap {so_far.gap:.2%}"


def clash_words(scenario: Scenario, error: InfeasibleError) -> str:
    """Conditions that clash, in the words of the scenario, one on each line."""
    limits = {
        "devices": scenario.devices,
        "budget_rmb": scenario.budget_rmb,
        "target": scenario.aims.target,
        "spacing_m": scenario.aims.spacing_m or None,
    }
    lines = [f"plan.{key} = {limit:.15g}" for key, limit in limits.items() if limit is not None]
    return "\n".join([*lines, *map(_words, error.quotas)])


def _words(quota: Quota) -> str:
    if quota.group in (PIN, FORBID):
        return f"plan.{quota.group} = {len(quota.sites)} sites"
    return quota_words(quota)
