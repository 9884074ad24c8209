"""Certificates of small problems prove about what is proven by all means, also where many sites stand in for one another."""

from dataclasses import replace

import numpy as np
import pytest
from placements import best_of_all
from scipy.sparse import csr_array

from aedplan.problem import PlacementProblem
from aedplan.solve import solve
from aedplan.solve.certificate import bound_of
from aedplan.solve.core import core_of
from aedplan.solve.evidence import certificate_of
from aedplan.solve.reduce import joined, reduce
from aedplan.solve.relaxed import Relaxation, open_box
from aedplan.solve.rows import rows_between
from aedplan.solve.unreduced import sharpest


def nested(rng: np.random.Generator, places: int = 14, depth: int = 4) -> PlacementProblem:
    """Places far from one another; at each a site and others that cover a part of what it does, or of what those do."""
    covers = np.zeros((places * depth, places * depth), dtype=bool)
    for place in range(places):
        for layer in range(depth):
            first = place * depth
            covers[first + layer, first : first + depth - layer] = True
    return PlacementProblem(
        csr_array(covers), rng.integers(1, 50, places * depth).astype(float), budget=float(places + 6)
    )


@pytest.mark.parametrize("seed", range(6))
def test_sites_left_out_by_reduction_do_not_weaken_a_certificate(seed: int) -> None:
    problem = nested(np.random.default_rng(seed))
    plan = solve(problem)
    assert plan.certificate is not None
    assert plan.value == problem.total  # each place has one site that covers all of it
    assert bound_of(problem, plan.certificate) <= plan.value * (1 + 1e-3)


def test_a_weak_certificate_is_replaced_and_a_good_one_stays() -> None:
    problem = nested(np.random.default_rng(0))
    whole, class_of = core_of(problem)
    core, step = reduce(whole)
    relaxation = Relaxation(core, rows_between(core), open_box(core))
    weak = certificate_of(problem, core, joined(class_of, step), relaxation)
    proven = bound_of(problem, weak)
    assert proven > problem.total * 1.05
    better, bound = sharpest(problem, weak, problem.total)
    assert bound == bound_of(problem, better)
    assert bound < proven
    assert sharpest(problem, better, bound) == (better, bound)


def test_a_replaced_certificate_is_still_above_the_best_of_all_subsets() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        small = nested(rng, places=3, depth=3)
        problem = replace(small, budget=float(rng.integers(1, 4)))
        plan, best = solve(problem), best_of_all(problem)
        assert best is not None
        assert plan.certificate is not None
        assert bound_of(problem, plan.certificate) >= best
