"""The placement problem and the one judge of all plans. Knows no geography and no time.

Maximal covering (Church and ReVelle 1974): choose sites within a budget so that the weight of the cells covered by at
least one of them is largest. Standing sites are fixed: they cover and cost nothing. On top of it, each alone or together:
a weight for the second device that covers a cell (backup coverage, Hogan and ReVelle 1986), quotas by group, sites that
must stay apart, equity between groups of cells, and a target: then the plan of least cost whose value reaches it is
wanted (with all of it as target: the set covering problem). Periods of the week and bands of distance are cells.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .checks import length_faults, negative_faults, read_only
from .equity import Equity, equity_faults
from .errors import raise_faults

LARGEST = 1e300
"""Weights up to here, taken together, are added up and compared without overflow."""

ROUNDING = 1e-9
"""Part of a budget or target by which a sum may miss it: sums of floating-point numbers differ by their order."""


@dataclass(frozen=True)
class Quota:
    """How many new sites of a group a plan must and may choose.

    sites    numbers of the members
    maximum  None: any number
    """

    group: str
    sites: tuple[int, ...]
    minimum: int = 0
    maximum: int | None = None

    @property
    def limits(self) -> str:
        """How many it asks for, as messages say it.

        >>> Quota("school", (3, 4), minimum=2).limits
        '2 to any of 2 candidates'
        """
        most = "any" if self.maximum is None else self.maximum
        return f"{self.minimum} to {most} of {len(self.sites)} candidates"


@dataclass(frozen=True)
class PlacementProblem:
    """S sites, K cells.

    covers  (S, K) sparse bool, kept as scipy CSR
    weight  (K,) finite, >= 0
    budget  what the new sites together may cost; inf: any amount
    cost    (S,) finite, > 0; one per device when None was given
    fixed   (S,) bool: standing sites, always in the plan, at no cost
    quotas  over new sites
    second  (K,) weight of a second site that covers the cell, >= 0 and <= weight; none when None was given
    apart   (A, 2) pairs of sites of which a plan holds at most one; a site apart from a fixed one is out
    equity  how much the group that has least counts; None: the total alone counts
    target  value to be reached at the least cost; None: the largest value is wanted
    """

    covers: Any
    weight: np.ndarray
    budget: float
    cost: np.ndarray = None  # type: ignore[assignment]
    fixed: np.ndarray = None  # type: ignore[assignment]
    quotas: tuple[Quota, ...] = ()
    second: np.ndarray = None  # type: ignore[assignment]
    apart: np.ndarray = None  # type: ignore[assignment]
    equity: Equity | None = None
    target: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "covers", _canonical(self.covers))
        sites, cells = self.covers.shape
        defaults = {
            "weight": np.zeros(0),
            "cost": np.ones(sites),
            "fixed": np.zeros(sites, dtype=bool),
            "second": np.zeros(cells),
            "apart": np.zeros((0, 2), dtype=np.int64),
        }
        for name, default in defaults.items():
            given = getattr(self, name)
            value = default if given is None else np.asarray(given, dtype=default.dtype)
            object.__setattr__(self, name, read_only(value))
        raise_faults(_faults(self))

    @property
    def total(self) -> float:
        """The value if every cell were covered, twice where that counts."""
        return score(self, np.full(self.covers.shape[1], 2))

    @property
    def target_met(self) -> float:
        """The least value that counts as reaching the target; -inf without one."""
        return -np.inf if self.target is None else self.target * (1 - ROUNDING)


def _canonical(covers: Any) -> Any:
    """Covers as CSR without repeated or false entries, so that counting entries counts sites."""
    from scipy.sparse import csr_array

    rows = csr_array(covers).astype(bool, copy=False)
    if not rows.has_canonical_format or not rows.data.all():
        rows = rows.copy()
        rows.sum_duplicates()
        rows.eliminate_zeros()
    return rows


def _faults(p: PlacementProblem) -> list[str]:
    sites, cells = p.covers.shape
    faults = length_faults("problem", sites, cost=p.cost, fixed=p.fixed)
    faults += length_faults("problem", cells, weight=p.weight, second=p.second)
    for name in ("weight", "cost", "second"):
        faults += negative_faults(getattr(p, name), f"problem: {name}")
    if not faults and p.weight.max(initial=0.0) > LARGEST / max(cells, 1):
        faults.append(
            f"problem: weight: {p.weight.max()} is too large to be added up; expected {LARGEST:g} at most in all"
        )
    if not faults and not (p.cost[~p.fixed] > 0).all():
        faults.append("problem: cost: a candidate costs 0; expected more than 0")
    if not faults and (p.second > p.weight).any():
        cell = int(np.argmax(p.second > p.weight))
        faults.append(f"problem: second: cell {cell} weighs more the second time; expected at most its weight")
    if not p.budget > 0:
        faults.append(f"problem: budget is {p.budget}; expected a number above 0")
    if p.target is not None and not (np.isfinite(p.target) and p.target >= 0):
        faults.append(f"problem: target is {p.target}; expected a number, 0 or more")
    faults += [fault for quota in p.quotas for fault in _quota_faults(quota, sites)] + _apart_faults(p.apart, sites)
    if p.equity is not None and not faults:
        faults += equity_faults(p.equity, p.weight)
    return faults


def _quota_faults(quota: Quota, sites: int) -> list[str]:
    faults = []
    if not 0 <= quota.minimum <= (sites if quota.maximum is None else quota.maximum):
        limits = f"minimum {quota.minimum}, maximum {quota.maximum}"
        faults.append(f"quota {quota.group}: {limits}; expected 0 <= minimum <= maximum")
    if not all(0 <= site < sites for site in quota.sites):
        faults.append(f"quota {quota.group}: a member is no site; expected numbers from 0 to {sites - 1}")
    return faults


def _apart_faults(apart: np.ndarray, sites: int) -> list[str]:
    if apart.ndim != 2 or apart.shape[1] != 2:
        return [f"problem: apart: shape {apart.shape}; expected (n, 2): pairs of sites"]
    inside = ((apart >= 0) & (apart < sites)).all()
    if not inside or (apart[:, 0] == apart[:, 1]).any():
        return [f"problem: apart: a pair does not name two sites; expected numbers from 0 to {sites - 1}"]
    return []


def counts(problem: PlacementProblem, chosen: Iterable[int] = ()) -> np.ndarray:
    """(K,) how many of the fixed and the chosen sites cover each cell."""
    rows = np.union1d(np.flatnonzero(problem.fixed), np.fromiter(chosen, dtype=np.int64))
    return np.bincount(problem.covers[rows].indices, minlength=problem.covers.shape[1])


def covered(problem: PlacementProblem, chosen: Iterable[int]) -> np.ndarray:
    """(K,) bool: the cells that the fixed sites and the chosen ones cover together."""
    mask: np.ndarray = counts(problem, chosen) > 0
    return mask


def score(problem: PlacementProblem, count: np.ndarray) -> float:
    """The value of covering each cell so many times; count (K,)."""
    plain = float(problem.weight[count >= 1].sum() + problem.second[count >= 2].sum())
    if problem.equity is None:
        return plain
    served = problem.equity.sums(np.where(count >= 1, problem.weight, 0.0))
    return problem.equity.mixed(plain, served, problem.equity.sums(problem.weight), float(problem.weight.sum()))


def value(problem: PlacementProblem, chosen: Iterable[int]) -> float:
    """What a plan is worth: the one judge, whoever made it.

    Covered weight, plus the second weight of what is covered twice; with equity mixed with the smallest share of a group.

    chosen  numbers of the new sites; the fixed ones count in any case
    """
    return score(problem, counts(problem, chosen))


def breaches(problem: PlacementProblem, chosen: Iterable[int]) -> list[str]:
    """The constraints that a plan does not keep, a sentence each; none: it keeps all of them."""
    picked = [int(site) for site in chosen]
    new = set(picked)
    found = [f"site {site} is fixed" for site in sorted(new) if problem.fixed[site]]
    if len(new) < len(picked):
        found.append("a site is chosen twice")
    cost = float(problem.cost[picked].sum())
    if cost > problem.budget * (1 + ROUNDING):
        found.append(f"costs {cost:.15g}; the budget is {problem.budget:.15g}")
    for quota in problem.quotas:
        have = len(new.intersection(quota.sites))
        if not quota.minimum <= have <= (have if quota.maximum is None else quota.maximum):
            found.append(f"quota {quota.group}: has {have}, must have {quota.limits}")
    standing = problem.fixed.copy()
    standing[picked] = True
    close = standing[problem.apart].all(axis=1) & ~problem.fixed[problem.apart].all(axis=1)
    found += [f"sites {a} and {b} are not apart" for a, b in problem.apart[close].tolist()]
    if value(problem, picked) < problem.target_met:
        found.append(f"is worth {value(problem, picked):.15g}; the target is {problem.target:.15g}")
    return found


def gains(problem: PlacementProblem, count: np.ndarray) -> np.ndarray:
    """(S,) weight each site would add to what is covered already, groups left aside.

    count  (K,) how many sites cover each cell already; bool: whether one does, and no second weight is left
    """
    second = 0.0 if count.dtype == bool else np.where(count == 1, problem.second, 0.0)
    return np.asarray(problem.covers.astype(float) @ np.where(count == 0, problem.weight, second))
