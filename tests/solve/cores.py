"""Small cores for the tests of the machine, and what they are worth by counting."""

from itertools import combinations

import numpy as np
from placements import random_problem
from scipy.sparse import csr_array

from aedplan.problem import PlacementProblem, breaches, value
from aedplan.solve.core import Core, core_of

MACHINE_KINDS = ("devices", "costs", "fixed", "quotas", "backup", "cells", "apart")
"""Kinds that the machine solves itself; all others are made of them."""


def problems(seed: int, count: int) -> list[PlacementProblem]:
    """Random problems of up to 7 sites, each of several kinds at once."""
    rng = np.random.default_rng(seed)
    return [random_problem(rng, *(kind for kind in MACHINE_KINDS if rng.random() < 0.35)) for _ in range(count)]


def best_of_core(problem: PlacementProblem, core: Core) -> float | None:
    """The best value of all sets of the core's sites, judged in the problem; None where none keeps the constraints."""
    every = [c for size in range(core.sites + 1) for c in combinations(core.number.tolist(), size)]
    return max((value(problem, choice) for choice in every if not breaches(problem, choice)), default=None)


def town(sites: int, cells: int, *, seed: int = 0, budget: float = 10.0, reach: float = 0.12) -> PlacementProblem:
    """Sites and cells spread over a square; a site covers what is near; whole weights from 1 to 99."""
    rng = np.random.default_rng(seed)
    here, there = rng.random((sites, 2)), rng.random((cells, 2))
    near = ((here[:, None] - there[None]) ** 2).sum(axis=2) < reach**2
    return PlacementProblem(csr_array(near), rng.integers(1, 100, cells).astype(float), budget)


def small_core(seed: int = 0, **changes: object) -> Core:
    """The core of a town of 40 sites and 200 cells."""
    from dataclasses import replace

    return core_of(replace(town(40, 200, seed=seed, reach=0.2), **changes))[0]  # type: ignore[arg-type]
