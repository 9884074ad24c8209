"""Moving standing devices: the same placement problem with some standing sites set free.

Nothing new has to be solved. A movable site becomes a free site whose cost is its refund, that is what the budget gets
back when its device moves on: the price of a device less the cost of the move, or one device where devices are counted.
The budget grows by all refunds together, so leaving every device where it hangs costs exactly what it brings in. A quota
keeps so many of them in place.
"""

from dataclasses import dataclass, replace

import numpy as np

from .errors import raise_faults
from .problem import PlacementProblem, Quota, breaches

KEPT = "kept in place"
"""Name of the quota over the movable sites."""


@dataclass(frozen=True)
class Moves:
    """What a plan does with devices that may move; site numbers.

    kept   movable sites whose device stays
    moved  movable sites whose device leaves
    new    sites that get a device
    cost   of the new devices and the moves, what the refunds bring in taken off
    """

    kept: tuple[int, ...]
    moved: tuple[int, ...]
    new: tuple[int, ...]
    cost: float


def relocated(
    problem: PlacementProblem, movable: np.ndarray, *, refund: np.ndarray | None = None, keep: int = 0
) -> PlacementProblem:
    """The problem in which some standing devices may move.

    movable  (M,) numbers of fixed sites
    refund   (M,) what the budget gets back when a device moves on, above 0; None: the cost of its site
    keep     at least so many of them stay

    Raises InputError for sites that are not fixed and refunds that make no sense: a device that brings nothing in when it
    moves had better stay.
    """
    movable = np.asarray(movable, dtype=np.int64)
    back = problem.cost[movable] if refund is None else np.broadcast_to(np.asarray(refund, float), movable.shape)
    faults = []
    if not problem.fixed[movable].all() or len(np.unique(movable)) < len(movable):
        faults.append("relocation: a movable site is not fixed, or named twice; expected different fixed sites")
    if not (np.isfinite(back).all() and (back > 0).all()):
        faults.append(
            "relocation: a refund is 0 or less; expected more: a device that brings nothing in had better stay"
        )
    if not 0 <= keep <= len(movable):
        faults.append(f"relocation: keep is {keep}; expected 0 to the {len(movable)} movable sites")
    raise_faults(faults)
    fixed, cost = problem.fixed.copy(), problem.cost.copy()
    fixed[movable], cost[movable] = False, back
    quota = Quota(KEPT, tuple(movable.tolist()), minimum=keep)
    quotas = (*problem.quotas, quota) if keep else problem.quotas
    return replace(problem, fixed=fixed, cost=cost, budget=problem.budget + float(back.sum()), quotas=quotas)


def moves(before: PlacementProblem, after: PlacementProblem, chosen: tuple[int, ...]) -> Moves:
    """What a plan of the problem after `relocated` does with the devices of the problem before.

    A device whose place the plan leaves without need, since the budget pays for keeping it as well, is kept.
    """
    movable = np.flatnonzero(before.fixed & ~after.fixed).tolist()
    plan = list(chosen)
    for site in sorted(set(movable) - set(plan)):
        if not breaches(after, [*plan, site]):
            plan.append(site)
    kept = tuple(site for site in movable if site in plan)
    refunds = float(after.cost[movable].sum())
    return Moves(
        kept=kept,
        moved=tuple(site for site in movable if site not in plan),
        new=tuple(site for site in chosen if site not in movable),
        cost=float(after.cost[plan].sum()) - refunds,
    )
