"""solve(problem, method): one protocol, one result. Every plan carries a proven bound, the greedy one too."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

from ..errors import InputError
from ..plan import Plan, make_plan
from ..problem import PlacementProblem
from .bounds import prefix_bounds as prefix_bounds
from .fair import fairest
from .frontier import Frontier as Frontier
from .frontier import Steps, frontier_of
from .least_cost import cheapest
from .limits import Answer, Watch
from .limits import Limits as Limits
from .limits import Progress as Progress
from .merging import merge_stream as merge_stream
from .plain import quick, thorough
from .stopping import listening

Method = Literal["greedy", "exact"]
METHODS: tuple[str, ...] = get_args(Method)


def solve(
    problem: PlacementProblem,
    *,
    method: Method = "exact",
    seconds: float = 30.0,
    gap: float = 0.0,
    limits: Limits | None = None,
    progress: Watch | None = None,
) -> Plan:
    """The best plan a method finds: of the largest value, or with a target of the least cost.

    method    "greedy": at once; "exact": goes on until the plan is proven best or a limit is reached
    seconds   time limit of the exact method
    gap       the exact method stops when 1 - value/bound is proven to be at most this
    limits    these and all others, such as iterations and a seed; `seconds` and `gap` are left aside then
    progress  called now and then with the value, bound and gap so far

    An interrupt (Ctrl-C) ends the exact method; the best plan so far comes back with its bound and the status "stopped".

    Raises InfeasibleError, naming the groups that clash, when no plan keeps the constraints; InputError for a method that
    does not exist.

    >>> import numpy as np
    >>> from scipy.sparse import csr_array
    >>> covers = csr_array(np.array([[1, 1, 0], [0, 1, 1], [0, 0, 1]], dtype=bool))
    >>> plan = solve(PlacementProblem(covers, np.array([5.0, 3.0, 4.0]), budget=2))
    >>> plan.chosen, plan.value, plan.status
    ((0, 1), 12.0, 'optimal')
    """
    _check_method(method)
    limits = limits or Limits(seconds=seconds, gap=gap)
    began = time.perf_counter()
    with listening():
        answer = _search(problem, method, limits, progress)
    plan = make_plan(
        problem,
        answer.chosen,
        proof=answer.proof,
        status="time-limit" if answer.ended == "time-limit" else "stopped",
        method=method,
        seconds=time.perf_counter() - began,
    )
    return replace(plan, status="gap-reached") if plan.status != "optimal" and plan.gap <= limits.gap else plan


def frontier(
    problem: PlacementProblem,
    *,
    budgets: Sequence[float],
    method: Method = "greedy",
    seconds: float = 30.0,
    progress: Steps | None = None,
) -> Frontier:
    """Value and bound for several budgets at once, and the order in which devices add most.

    budgets   above 0; they replace the problem's own; a target is left aside
    method    "greedy", or "exact", which spends `seconds` on all budgets together, most where the gap is widest
    progress  called with how many budgets are settled, and how many there are

    An interrupt ends the exact method; the curve so far comes back.

    Raises InputError for budgets that make no sense; InfeasibleError when the quotas cannot be kept within one of them.

    >>> import numpy as np
    >>> from scipy.sparse import csr_array
    >>> covers = csr_array(np.array([[1, 1, 0], [0, 1, 1], [0, 0, 1]], dtype=bool))
    >>> curve = frontier(PlacementProblem(covers, np.array([5.0, 3.0, 4.0]), budget=1), budgets=[1, 2, 3])
    >>> curve.value, curve.bound, curve.order, curve.gain
    (array([ 8., 12., 12.]), array([ 8., 12., 12.]), (0, 1), (8.0, 4.0))
    """
    _check_method(method)
    with listening():
        return frontier_of(
            problem,
            budgets,
            method=method,
            seconds=seconds,
            search=lambda part, how, within: _search(part, how, within, None),
            steps=progress or (lambda done, whole: None),
        )


def _check_method(method: str) -> None:
    if method not in METHODS:
        raise InputError(f"method {method!r} is not known; expected one of {', '.join(METHODS)}")


def _search(problem: PlacementProblem, method: str, limits: Limits, watch: Watch | None) -> Answer:
    """The search that a kind of problem needs."""
    thoroughly = method == "exact"
    if problem.target is not None:
        return cheapest(
            problem,
            quick=lambda part, within: _search(part, "greedy", within, None),
            thorough=(lambda part, within: _search(part, "exact", within, None)) if thoroughly else None,
            limits=limits,
            watch=watch,
        )
    if problem.equity is not None:
        return fairest(problem, thoroughly=thoroughly, limits=limits, watch=watch)
    return thorough(problem, limits, watch) if thoroughly else quick(problem)
