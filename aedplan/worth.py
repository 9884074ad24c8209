"""What each device of a plan is worth: what is lost while it fails, and where its stead would be filled best.

Maintenance should know which devices nobody backs up; whoever loses a site (a shop closes, an agreement ends) should know
at once where the device goes next.
"""

from dataclasses import dataclass

import numpy as np

from .checks import read_only
from .problem import ROUNDING, PlacementProblem, counts, score

SHORT_LIST = 20
"""With equity so many sites that cover most are judged one by one."""


@dataclass(frozen=True)
class Worth:
    """P devices: the chosen ones in the order given, then the fixed ones.

    site      (P,) numbers
    loss      (P,) value lost while this device alone fails
    instead   (P,) the site that would make up for most of it; -1 where none may take its place or adds anything
    regained  (P,) what that site adds then, at most
    """

    site: np.ndarray
    loss: np.ndarray
    instead: np.ndarray
    regained: np.ndarray


def worth(problem: PlacementProblem, chosen: tuple[int, ...]) -> Worth:
    """The worth of each device of a plan.

    A site may take the place of another when the plan then keeps its quotas, what must stay apart, and the money: a new
    site costs at most what the lost one and the rest of the budget pay, while a standing device is hung up elsewhere.
    """
    sites = np.array([*chosen, *np.flatnonzero(problem.fixed)], dtype=np.int64)
    count = counts(problem, chosen)
    here, covering = score(problem, count), problem.covers.T.tocsr()
    left = np.where(count == 0, problem.weight, np.where(count == 1, problem.second, 0.0))
    gain = np.asarray(problem.covers.astype(float) @ left)
    first = np.where(count == 1, problem.weight - problem.second, np.where(count == 2, problem.second, 0.0))
    rules = _Rules(problem, chosen)
    found = []
    for site in sites:
        cells = problem.covers.indices[problem.covers.indptr[site] : problem.covers.indptr[site + 1]]
        freed = covering[cells]
        more = np.bincount(freed.indices, np.repeat(first[cells], np.diff(freed.indptr)), minlength=len(gain))
        count[cells] -= 1
        without = score(problem, count)
        instead, regained = _best(problem, count, np.where(rules.may_replace(int(site)), gain + more, 0.0), without)
        count[cells] += 1
        found.append((here - without, instead, regained))
    loss, instead_of, back = (np.array(column) for column in zip(*found, strict=True)) if found else (np.zeros(0),) * 3
    return Worth(read_only(sites), read_only(loss), read_only(instead_of.astype(np.int64)), read_only(back))


def _best(problem: PlacementProblem, count: np.ndarray, gain: np.ndarray, without: float) -> tuple[int, float]:
    """The site that adds most to what is covered, and what it adds; -1 and 0 where none adds anything.

    gain  (S,) covered weight each site adds; 0 for sites that may not be chosen
    """
    if not gain.max(initial=0.0) > 0:
        return -1, 0.0
    if problem.equity is None:
        best = int(np.argmax(gain))
        return best, float(gain[best])
    short = [int(site) for site in np.argsort(-gain, kind="stable")[:SHORT_LIST] if gain[site] > 0]
    added = []
    for site in short:
        cells = problem.covers[[site]].indices
        count[cells] += 1
        added.append(score(problem, count) - without)
        count[cells] -= 1
    best = int(np.argmax(added))
    return (short[best], added[best]) if added[best] > 0 else (-1, 0.0)


class _Rules:
    """Which sites may take the place of a device of a plan."""

    def __init__(self, problem: PlacementProblem, chosen: tuple[int, ...]) -> None:
        self.problem = problem
        self.plan = problem.fixed.copy()
        self.plan[list(chosen)] = True
        self.beside = np.zeros(
            len(self.plan), dtype=np.int64
        )  # how many devices of the plan a site must stay apart from
        self.pairs = np.unique(np.sort(problem.apart, axis=1), axis=0)
        for a, b in (self.pairs.T, self.pairs.T[::-1]):
            np.add.at(self.beside, a, self.plan[b])
        self.members = [np.unique(np.array(quota.sites, dtype=np.int64)) for quota in problem.quotas]
        self.new = self.plan & ~problem.fixed
        self.money = problem.budget * (1 + ROUNDING) - float(problem.cost[self.new].sum())

    def may_replace(self, lost: int) -> np.ndarray:
        """(S,) bool: the sites that may."""
        problem, new = self.problem, bool(self.new[lost])
        pairs = self.pairs[(self.pairs == lost).any(axis=1)]
        close = self.beside.copy()
        np.subtract.at(close, pairs[pairs != lost], 1)
        may: np.ndarray = ~self.plan & (close == 0)
        if new:
            may &= problem.cost <= self.money + problem.cost[lost]
        for quota, members in zip(problem.quotas, self.members, strict=True):
            have = int(self.new[members].sum()) - int(new and lost in members)
            if quota.maximum is not None and have >= quota.maximum:
                may[members] = False
            if have < quota.minimum:
                may &= np.isin(np.arange(len(may)), members)
        return may
