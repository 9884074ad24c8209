"""solve(problem, method): one protocol, one result. Every plan carries a proven bound, the greedy one too."""

import time
from typing import Literal, get_args

from ..errors import InputError
from ..plan import OPTIMAL_GAP, Plan, Status, make_plan
from ..problem import PlacementProblem
from .bounds import prefix_bounds as prefix_bounds
from .bounds import submodular_bound
from .exact import exact
from .frontier import Frontier as Frontier
from .frontier import frontier as frontier
from .greedy import greedy

Method = Literal["greedy", "exact"]
METHODS: tuple[str, ...] = get_args(Method)


def solve(problem: PlacementProblem, *, method: Method = "exact", seconds: float = 30.0, gap: float = 0.0) -> Plan:
    """The best plan a method finds.

    seconds  time limit of the exact method
    gap      the exact method stops when 1 - value/bound is proven to be at most this

    Raises InfeasibleError, naming the groups that clash, when no plan keeps the budget and the quotas; InputError for a
    method that does not exist.

    >>> import numpy as np
    >>> from scipy.sparse import csr_array
    >>> covers = csr_array(np.array([[1, 1, 0], [0, 1, 1], [0, 0, 1]], dtype=bool))
    >>> plan = solve(PlacementProblem(covers, np.array([5.0, 3.0, 4.0]), budget=2))
    >>> plan.chosen, plan.value, plan.status
    ((0, 1), 12.0, 'optimal')
    """
    if method not in METHODS:
        raise InputError(f"method {method!r} is not known; expected one of {', '.join(METHODS)}")
    began = time.perf_counter()
    chosen = greedy(problem)
    bound = submodular_bound(problem, chosen)
    status: Status = "feasible"
    if method == "exact":
        chosen, proven, finished = exact(problem, chosen, seconds=seconds, gap=gap)
        bound = min(bound, proven)
        status = ("optimal" if gap <= OPTIMAL_GAP else "gap-reached") if finished else "time-limit"
    took = time.perf_counter() - began
    return make_plan(problem, chosen, bound=bound, status=status, method=method, seconds=took)
