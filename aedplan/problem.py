"""The placement problem and the one judge of all plans. Knows no geography and no time.

Maximal covering (Church and ReVelle 1974): choose sites within a budget so that the weight of the cells covered by at
least one of them is largest. Standing sites are fixed: they cover and cost nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .checks import length_faults, negative_faults, read_only
from .errors import raise_faults


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

    covers  (S, K) scipy CSR of bool
    weight  (K,) finite, >= 0
    cost    (S,) finite, > 0; one per device when None was given
    budget  what the new sites together may cost
    fixed   (S,) bool: standing sites, always in the plan, at no cost
    quotas  over new sites
    """

    covers: Any
    weight: np.ndarray
    budget: float
    cost: np.ndarray = None  # type: ignore[assignment]
    fixed: np.ndarray = None  # type: ignore[assignment]
    quotas: tuple[Quota, ...] = ()

    def __post_init__(self) -> None:
        sites = self.covers.shape[0]
        defaults = {"cost": np.ones(sites), "fixed": np.zeros(sites, dtype=bool)}
        for name, default in defaults.items():
            given = getattr(self, name)
            value = default if given is None else np.asarray(given, dtype=default.dtype)
            object.__setattr__(self, name, read_only(value))
        object.__setattr__(self, "weight", read_only(np.asarray(self.weight, dtype=float)))
        raise_faults(_faults(self))


def _faults(p: PlacementProblem) -> list[str]:
    sites, cells = p.covers.shape
    faults = length_faults("problem", sites, cost=p.cost, fixed=p.fixed)
    faults += length_faults("problem", cells, weight=p.weight)
    faults += negative_faults(p.weight, "problem: weight") + negative_faults(p.cost, "problem: cost")
    if not faults and not (p.cost[~p.fixed] > 0).all():
        faults.append("problem: cost: a candidate costs 0; expected more than 0")
    if not (np.isfinite(p.budget) and p.budget > 0):
        faults.append(f"problem: budget is {p.budget}; expected a number above 0")
    for quota in p.quotas:
        if not 0 <= quota.minimum <= (sites if quota.maximum is None else quota.maximum):
            faults.append(
                f"quota {quota.group}: minimum {quota.minimum}, maximum {quota.maximum}; expected 0 <= minimum <= maximum"
            )
    return faults


def covered(problem: PlacementProblem, chosen: Iterable[int]) -> np.ndarray:
    """(K,) bool: the cells that the fixed sites and the chosen ones cover together."""
    rows = np.union1d(np.flatnonzero(problem.fixed), np.fromiter(chosen, dtype=np.int64))
    mask = np.zeros(problem.covers.shape[1], dtype=bool)
    mask[problem.covers[rows].indices] = True
    return mask


def value(problem: PlacementProblem, chosen: Iterable[int]) -> float:
    """Covered weight of a plan: the one judge, whoever made it.

    chosen  numbers of the new sites; the fixed ones count in any case
    """
    return float(problem.weight[covered(problem, chosen)].sum())


def gains(problem: PlacementProblem, mask: np.ndarray) -> np.ndarray:
    """(S,) weight each site would add to what is covered already.

    mask  (K,) bool: cells covered already
    """
    return np.asarray(problem.covers.astype(float) @ np.where(mask, 0.0, problem.weight))


def merge_cells(problem: PlacementProblem) -> PlacementProblem:
    """The same problem with cells covered by the same set of sites made one; every plan keeps its value.

    Cells that no site covers are dropped, so values keep but the total does not.
    """
    from scipy.sparse import csc_array

    columns = problem.covers.tocsc()
    columns.sort_indices()
    class_of: dict[bytes, int] = {}
    number = np.full(columns.shape[1], -1, dtype=np.int64)
    for cell in range(columns.shape[1]):
        key = columns.indices[columns.indptr[cell] : columns.indptr[cell + 1]].tobytes()
        if key:
            number[cell] = class_of.setdefault(key, len(class_of))
    kept = number >= 0
    weight = np.bincount(number[kept], weights=problem.weight[kept], minlength=len(class_of))
    first = np.unique(number[kept], return_index=True)[1]
    merged = columns[:, np.flatnonzero(kept)[first]] if len(first) else csc_array((columns.shape[0], 0), dtype=bool)
    return replace(problem, covers=merged.tocsr(), weight=weight)
