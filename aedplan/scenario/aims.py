"""What a scenario asks of its plan beyond a number of devices and quotas, and the same as a placement problem says it."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ..coordinates import local_crs, project
from ..equity import Equity
from ..errors import raise_faults
from ..problem import PlacementProblem, Quota
from ..relocation import relocated
from ..sites import Sites
from ..solve import Limits
from ..survival import CURVES
from .given import Given, is_number

OBJECTIVES = ("coverage", "survival")
DEFAULT_CURVE = "larsen-1993"


@dataclass(frozen=True)
class Move:
    """What moving standing devices may do and costs.

    keep  at least so many of them stay where they hang
    cost  of one move, in devices, or in yuan where money is counted
    """

    keep: int = 0
    cost: float = 0.0


@dataclass(frozen=True)
class Aims:
    """The rest of [plan].

    target      share of all demand to be covered by as few devices, or as little money, as can be; None: cover the most
    backup      what a second device within reach counts, as a part of the first
    equity      weight of the group that is served worst, 0 to 1; the rest is the weight of all demand
    equity_by   level of the groups: town, community ...
    move        how standing devices may move; None: they stay
    spacing_m   new sites lie at least so far, in a straight line, from one another and from standing devices; 0: anywhere
    iterations  rounds of search; None: until time is up or the best is proven
    seed        of the search
    objective   "coverage": as much demand in time as can be; "survival": the sooner the better, by a curve
    curve       name of the curve of survival
    pin         ids of candidates that the plan must choose; they count towards its number and its money
    forbid      ids of candidates that it must not choose
    """

    target: float | None = None
    backup: float = 0.0
    equity: float = 0.0
    equity_by: str = "town"
    move: Move | None = None
    spacing_m: float = 0.0
    iterations: int | None = None
    seed: int = 0
    objective: Literal["coverage", "survival"] = "coverage"
    curve: str = DEFAULT_CURVE
    pin: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()

    def limits(self, seconds: float, gap: float) -> Limits:
        """When the search stops."""
        return Limits(seconds=seconds, gap=gap, iterations=self.iterations, seed=self.seed)

    @property
    def plain(self) -> "Aims":
        """The same constraints, and nothing but coverage wanted."""
        return replace(self, backup=0.0, equity=0.0, objective="coverage")


KEYS = (
    "target", "backup", "equity", "equity_by", "move", "spacing_m", "iterations", "seed", "objective", "curve", "pin",
    "forbid",
)  # fmt: skip
"""The keys of [plan] that are aims."""


def read_aims(plan: Given) -> Aims:
    """What [plan] asks for beyond a number and quotas; faults are noted in it."""
    objective = plan.choice("objective", OBJECTIVES, "coverage")
    curve = plan.choice("curve", tuple(CURVES), DEFAULT_CURVE)
    if objective == "survival":
        plan.without_effect(["target", "backup", "equity"], 'plan.objective = "survival"')
    else:
        plan.without_effect(["curve"], 'plan.objective = "coverage"')
    for key in ("backup", "equity", "move") if "target" in plan else ():
        if key in plan:
            plan.fault(f"plan.{key} cannot stand beside plan.target; expected one of them left out")
    if "equity_by" in plan and "equity" not in plan:
        plan.fault("plan.equity_by has no effect without plan.equity; expected both or neither")
    return Aims(
        target=plan.part("target") if "target" in plan else None,
        backup=plan.part("backup") if "backup" in plan else 0.0,
        equity=plan.part("equity") if "equity" in plan else 0.0,
        equity_by=plan.text("equity_by", "town"),
        move=_read_move(plan) if "move" in plan else None,
        spacing_m=plan.number("spacing_m", above=0) if "spacing_m" in plan else 0.0,
        iterations=plan.whole("iterations", at_least=1) if "iterations" in plan else None,
        seed=plan.whole("seed", at_least=0) if "seed" in plan else 0,
        objective=objective,  # type: ignore[arg-type]
        curve=curve,
        pin=_read_ids(plan, "pin"),
        forbid=_read_ids(plan, "forbid"),
    )


def _read_ids(plan: Given, key: str) -> tuple[str, ...]:
    """plan.pin or plan.forbid; no id stands in both."""
    ids = plan.values.get(key, [])
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        plan.wrong(key, ids, 'ids of candidates such as ["c017"]')
        return ()
    forbidden = plan.values.get("forbid", [])
    for one in ids if key == "pin" and isinstance(forbidden, list) else ():
        if one in forbidden:
            plan.fault(f"plan.pin and plan.forbid both name {one!r}; expected one of them")
    return tuple(dict.fromkeys(ids))


def _read_move(plan: Given) -> Move:
    """plan.move."""
    move = plan.table("move")
    move.only(("keep", "cost"))
    cost = move.values.get("cost", 0.0)
    if not is_number(cost) or not 0 <= cost < 1e12:
        move.wrong("cost", cost, "a number, 0 or more")
        cost = 0.0
    return Move(move.whole("keep", at_least=0) if "keep" in move else 0, float(cost))


def aimed(problem: PlacementProblem, aims: Aims, sites: Sites, *, group: np.ndarray | None = None) -> PlacementProblem:
    """The problem with the aims of a scenario put into it.

    group  (K,) group of each cell, where equity is asked for

    Raises InputError where devices may move and their cost, or how many stay, does not suit the standing ones; where a
    site that must or must not be chosen is no candidate.
    """
    pairs = too_near(sites.lonlat, aims.spacing_m)
    problem = replace(
        problem,
        quotas=(*problem.quotas, *named_sites(aims, sites)),
        second=problem.weight * aims.backup,
        apart=pairs[~sites.standing[pairs].all(axis=1)],  # what hangs may stay
        target=None if aims.target is None else aims.target * float(problem.weight.sum()),
        equity=Equity(group, aims.equity) if aims.equity and group is not None else None,
    )
    return problem if aims.move is None else moving(problem, aims.move)


PIN, FORBID = "pin", "forbid"
"""Names of the quotas over sites that must and must not be chosen."""


def named_sites(aims: Aims, sites: Sites) -> tuple[Quota, ...]:
    """The sites that must and must not be chosen, as quotas; none where none are named.

    Raises InputError for ids that are no candidates'.
    """
    candidates = {id: site for site, id in enumerate(sites.id) if not sites.standing[site]}
    faults = [
        f"plan.{key}: {id!r} {'stands already' if id in sites.id else 'is no site'}; expected the id of a candidate"
        for key, ids in ((PIN, aims.pin), (FORBID, aims.forbid))
        for id in ids
        if id not in candidates
    ]
    raise_faults(faults)
    pinned, forbidden = (tuple(candidates[id] for id in ids) for ids in (aims.pin, aims.forbid))
    must = Quota(PIN, pinned, minimum=len(pinned))
    must_not = Quota(FORBID, forbidden, maximum=0)
    return tuple(quota for quota in (must, must_not) if quota.sites)


def moving(problem: PlacementProblem, move: Move) -> PlacementProblem:
    """The problem in which standing devices may move.

    A device that moves saves the price of a new one, less the cost of the move.
    """
    standing = np.flatnonzero(problem.fixed)
    least = float(problem.cost[standing].min(initial=np.inf))
    faults = []
    if move.keep > len(standing):
        faults.append(f"plan.move.keep is {move.keep}; expected at most the {len(standing)} standing devices there are")
    if move.cost >= least:
        faults.append(f"plan.move.cost is {move.cost:g}; expected less than a new device costs, {least:g}")
    raise_faults(faults)
    return relocated(problem, standing, refund=problem.cost[standing] - move.cost, keep=move.keep)


def too_near(lonlat: np.ndarray, spacing_m: float) -> np.ndarray:
    """(A, 2) pairs of places (n, 2) nearer to one another than a spacing in metres, in a straight line.

    >>> too_near(np.array([[118.39, 24.96], [118.391, 24.96], [118.40, 24.96]]), 150.0)
    array([[0, 1]])
    """
    if not spacing_m > 0 or len(lonlat) < 2:
        return np.zeros((0, 2), dtype=np.int64)
    from scipy.spatial import cKDTree

    xy = project(lonlat, local_crs(lonlat))
    pairs = cKDTree(xy).query_pairs(spacing_m, output_type="ndarray")
    apart = np.linalg.norm(xy[pairs[:, 0]] - xy[pairs[:, 1]], axis=1) < spacing_m
    near: np.ndarray = np.unique(pairs[apart].astype(np.int64), axis=0)
    return near
