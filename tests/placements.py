"""Small random placement problems of every kind, and slow answers to them that are obviously right."""

from dataclasses import replace
from itertools import combinations

import numpy as np
from scipy.sparse import csr_array

from aedplan.equity import Equity
from aedplan.problem import PlacementProblem, Quota, breaches, value
from aedplan.relocation import relocated

KINDS = (
    "devices", "costs", "fixed", "quotas", "backup", "cells", "apart", "equity", "mix", "target", "cover", "moves",
)  # fmt: skip
"""p devices; a budget with unequal costs; standing devices; minimum and maximum by group; second devices; bands and
periods; pairs apart; the smallest share; the smallest share and the total; least cost for a share; for all; relocation."""


def random_problem(rng: np.random.Generator, *kinds: str) -> PlacementProblem:
    """A problem of up to 7 sites and 9 cells that is of all these kinds at once."""
    sites, cells = int(rng.integers(1, 8)), int(rng.integers(1, 10))
    covers = rng.random((sites, cells)) < rng.choice([0.1, 0.4, 0.8])
    weight = rng.integers(0, 10, cells) * rng.choice([1.0, 0.37, 1e9])
    fixed = rng.random(sites) < (0.4 if {"fixed", "moves"} & set(kinds) else 0.0)
    cost = rng.integers(1, 5, sites) * rng.choice([1.0, 0.37]) if "costs" in kinds else np.ones(sites)
    problem = PlacementProblem(csr_array(covers), weight, float(rng.integers(1, 6)), cost, fixed)
    for kind in kinds:
        if kind in CHANGES:
            problem = CHANGES[kind](rng, problem)
    return problem


def with_quotas(rng: np.random.Generator, p: PlacementProblem) -> PlacementProblem:
    quotas = []
    for group in range(int(rng.integers(1, 4))):
        members = tuple(int(s) for s in np.flatnonzero(~p.fixed & (rng.random(len(p.fixed)) < 0.6)))
        low = int(rng.integers(0, 2))
        quotas.append(Quota(f"group {group}", members, low, low + int(rng.integers(0, 3))))
    return replace(p, quotas=tuple(quotas))


def with_cells(rng: np.random.Generator, p: PlacementProblem) -> PlacementProblem:
    """Each cell in two bands, of which the nearer is covered by fewer sites, and some sites closed in half of the cells."""
    near = p.covers.toarray() & (rng.random(p.covers.shape) < 0.5)
    both = np.concatenate([p.covers.toarray(), near], axis=1)
    return replace(p, covers=csr_array(both), weight=np.tile(p.weight, 2) * 0.5, second=np.tile(p.second, 2) * 0.5)


def with_apart(rng: np.random.Generator, p: PlacementProblem) -> PlacementProblem:
    sites = len(p.fixed)
    pairs = [rng.choice(sites, 2, replace=False) for _ in range(int(rng.integers(1, 5)))] if sites > 1 else []
    return replace(p, apart=np.array(pairs, dtype=np.int64).reshape(-1, 2))


def with_equity(rng: np.random.Generator, p: PlacementProblem, share: float) -> PlacementProblem:
    group = rng.integers(-1, 3, len(p.weight))
    group[int(np.argmax(p.weight))] = 0
    return replace(p, equity=Equity(group, share))


def with_moves(rng: np.random.Generator, p: PlacementProblem) -> PlacementProblem:
    movable = np.flatnonzero(p.fixed)
    refund = p.cost[movable] * rng.choice([0.5, 1.0])
    return relocated(p, movable, refund=refund, keep=int(rng.integers(0, len(movable) + 1)))


def with_target(rng: np.random.Generator, p: PlacementProblem, share: float) -> PlacementProblem:
    return replace(p, target=share * value(p, range(len(p.fixed))), budget=float(rng.choice([4.0, np.inf])))


CHANGES = {
    "quotas": with_quotas,
    "backup": lambda rng, p: replace(p, second=p.weight * rng.choice([0.0, 0.3, 1.0], len(p.weight))),
    "cells": with_cells,
    "apart": with_apart,
    "equity": lambda rng, p: with_equity(rng, p, 1.0),
    "mix": lambda rng, p: with_equity(rng, p, float(rng.choice([0.1, 0.5]))),
    "target": lambda rng, p: with_target(rng, p, float(rng.choice([0.3, 0.8]))),
    "cover": lambda rng, p: with_target(rng, p, 1.0),
    "moves": with_moves,
}


def slow_value(problem: PlacementProblem, chosen: tuple[int, ...]) -> float:
    """The value, cell by cell."""
    there = [s for s in range(len(problem.fixed)) if problem.fixed[s] or s in chosen]
    covers = problem.covers.toarray()
    plain, served, demand = 0.0, {}, {}
    for cell, weight in enumerate(problem.weight):
        times = sum(bool(covers[site, cell]) for site in there)
        plain += weight * (times >= 1) + problem.second[cell] * (times >= 2)
        if problem.equity is not None and problem.equity.group[cell] >= 0:
            group = int(problem.equity.group[cell])
            served[group] = served.get(group, 0.0) + weight * (times >= 1)
            demand[group] = demand.get(group, 0.0) + weight
    if problem.equity is None:
        return float(plain)
    least = min((served[g] / demand[g] for g in demand if demand[g] > 0), default=1.0)
    part = problem.equity.share
    return float((1 - part) * plain + part * problem.weight.sum() * least)


def slow_keeps(problem: PlacementProblem, chosen: tuple[int, ...]) -> bool:
    """Whether a plan keeps every constraint."""
    there = {s for s in range(len(problem.fixed)) if problem.fixed[s] or s in chosen}
    new = set(chosen)
    if any(problem.fixed[s] for s in chosen) or problem.cost[list(chosen)].sum() > problem.budget + 1e-9:
        return False
    for quota in problem.quotas:
        have = len(new & set(quota.sites))
        if have < quota.minimum or (quota.maximum is not None and have > quota.maximum):
            return False
    if any({a, b} <= there and {a, b} & new for a, b in problem.apart.tolist()):
        return False
    target = problem.target
    return target is None or slow_value(problem, chosen) >= target - 1e-7 * max(target, 1.0)


def all_plans(problem: PlacementProblem) -> list[tuple[int, ...]]:
    """Every choice that keeps every constraint."""
    free = np.flatnonzero(~problem.fixed).tolist()
    choices = (choice for size in range(len(free) + 1) for choice in combinations(free, size))
    return [choice for choice in choices if slow_keeps(problem, choice)]


def best_of_all(problem: PlacementProblem) -> float | None:
    """The largest value of all plans, or with a target the least cost; None where there is no plan."""
    plans = all_plans(problem)
    if problem.target is not None:
        return min((float(problem.cost[list(plan)].sum()) for plan in plans), default=None)
    return max((slow_value(problem, plan) for plan in plans), default=None)


def figure(problem: PlacementProblem, chosen: tuple[int, ...]) -> float:
    """What `best_of_all` compares plans by."""
    assert not breaches(problem, chosen)
    return value(problem, chosen) if problem.target is None else float(problem.cost[list(chosen)].sum())
