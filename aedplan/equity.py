"""How evenly a plan serves groups of cells, such as towns: the smallest share of its demand that any group gets.

A plan that serves all alike maximises the smallest share (max-min fairness, Rawls); a stated weight mixes it with the
total. Both are in units of demand, so that a mix of one half means: a tenth more for the town that has least is worth as
much as a tenth more of everything.
"""

from dataclasses import dataclass

import numpy as np

from .checks import read_only


@dataclass(frozen=True)
class Equity:
    """K cells in G groups.

    group  (K,) number of the group of each cell, from 0; -1: in none
    share  weight of the smallest share in the value, 0 to 1; the rest is the weight of the total
    """

    group: np.ndarray
    share: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "group", read_only(np.asarray(self.group)))

    def sums(self, amount: np.ndarray) -> np.ndarray:
        """(G,) the amounts (K,) of cells added up by group; cells in no group are left out."""
        inside = self.group >= 0
        size = int(self.group.max(initial=-1)) + 1
        return np.bincount(self.group[inside], weights=amount[inside], minlength=size)

    def mixed(self, plain: float, served: np.ndarray, demand: np.ndarray, total: float) -> float:
        """The value of a plan.

        plain   its value without regard to groups
        served  (G,) covered weight by group
        demand  (G,) weight by group; groups without any are left out
        total   weight of all cells
        """
        return (1 - self.share) * plain + self.share * total * smallest_share(served, demand)


def smallest_share(served: np.ndarray, demand: np.ndarray) -> float:
    """The least of served / demand over the groups that have demand; 1 where none has.

    >>> smallest_share(np.array([1.0, 3.0, 0.0]), np.array([4.0, 4.0, 0.0]))
    0.25
    """
    some = demand > 0
    return float((served[some] / demand[some]).min(initial=1.0))


def equity_faults(equity: Equity, weight: np.ndarray) -> list[str]:
    """Faults of groups and their weight, for cells of this weight (K,)."""
    group = equity.group
    if group.shape != weight.shape or not np.issubdtype(group.dtype, np.integer):
        return [f"problem: equity: groups are {group.dtype} {group.shape}; expected whole numbers {weight.shape}"]
    faults = []
    if group.min(initial=0) < -1:
        faults.append(f"problem: equity: a group is {group.min()}; expected 0 or more, -1 for none")
    elif len(weight) and weight.sum() > 0 and not (weight[group >= 0] > 0).any():
        faults.append("problem: equity: no cell with demand is in a group; expected one at least")
    if not 0 <= equity.share <= 1:
        faults.append(f"problem: equity: share is {equity.share}; expected 0 to 1")
    return faults
