"""A plan: the sites chosen, in order, with a value from the one judge and a bound that no plan can beat."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .problem import PlacementProblem, covered, gains, value

Status = Literal["optimal", "gap-reached", "feasible", "time-limit", "stopped"]
"""optimal: proven best. gap-reached: within the gap asked for. feasible: keeps every constraint, the gap is what it is.
time-limit, stopped: the same, because time was up or somebody asked."""

OPTIMAL_GAP = 1e-6
"""Gaps below this are within the tolerances of a solver's arithmetic."""


@dataclass(frozen=True)
class Plan:
    """P new sites beside the fixed ones.

    chosen  (P,) site numbers, the one that adds most first
    gain    (P,) what each adds to the ones before it
    before  value of the fixed sites alone
    value   covered weight of everything
    bound   no plan under the same constraints has a larger value
    total   all weight there is
    seconds the solver took
    """

    chosen: tuple[int, ...]
    gain: tuple[float, ...]
    before: float
    value: float
    bound: float
    total: float
    cost: float
    status: Status
    method: str
    seconds: float

    @property
    def gap(self) -> float:
        """1 - value / bound; 0 where nothing can be covered."""
        return 1 - self.value / self.bound if self.bound > 0 else 0.0

    @property
    def share(self) -> float:
        """Value as a share of all demand."""
        return self.value / self.total if self.total > 0 else 0.0


def make_plan(
    problem: PlacementProblem, chosen: Iterable[int], *, bound: float, status: Status, method: str, seconds: float
) -> Plan:
    """A plan from chosen sites: puts them in order, asks the judge, and keeps the bound above the value."""
    ordered, gain = order_by_gain(problem, chosen)
    worth = value(problem, ordered)
    bound = max(bound, worth)
    if status == "feasible" and worth >= bound * (1 - OPTIMAL_GAP):
        status = "optimal"
    return Plan(
        chosen=ordered,
        gain=gain,
        before=value(problem, ()),
        value=worth,
        bound=bound,
        total=float(problem.weight.sum()),
        cost=float(problem.cost[list(ordered)].sum()),
        status=status,
        method=method,
        seconds=seconds,
    )


def order_by_gain(problem: PlacementProblem, chosen: Iterable[int]) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The same sites, each time the one that adds most to those before it; ties to the lowest number."""
    left = sorted({int(site) for site in chosen})
    mask = covered(problem, ())
    ordered: list[int] = []
    added: list[float] = []
    while left:
        worth = gains(problem, mask)[left]
        best = int(np.argmax(worth))
        added.append(float(worth[best]))
        ordered.append(left.pop(best))
        mask[problem.covers[[ordered[-1]]].indices] = True
    return tuple(ordered), tuple(added)
