"""Lazy greedy picks what plain greedy picks."""

import numpy as np
import pytest
from solve.cores import problems, town

from aedplan.errors import InfeasibleError
from aedplan.problem import PlacementProblem, breaches, counts, gains
from aedplan.solve.greedy import greedy


def plain_greedy(problem: PlacementProblem) -> tuple[int, ...]:
    """By the book, for devices that all cost the same and no other rule: look at every site each time."""
    chosen: list[int] = []
    while len(chosen) < problem.budget:
        worth = np.where(problem.fixed, -1.0, gains(problem, counts(problem, chosen)))
        worth[chosen] = -1.0
        if worth.max(initial=0.0) <= 0:
            break
        chosen.append(int(np.argmax(worth)))
    return tuple(chosen)


@pytest.mark.parametrize("seed", range(5))
def test_lazy_greedy_picks_the_same_sites_in_the_same_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    covers, weight = town(300, 2000, seed=seed).covers, rng.integers(1, 4, 2000).astype(float)  # many ties
    problem = PlacementProblem(
        covers, weight * 0.37, 60, fixed=rng.random(300) < 0.05, second=weight * rng.choice([0.0, 0.2], 2000)
    )
    assert greedy(problem) == plain_greedy(problem)


def test_greedy_keeps_every_constraint_or_says_that_none_can() -> None:
    impossible = 0
    for problem in problems(2, 300):
        try:
            assert breaches(problem, greedy(problem)) == []
        except InfeasibleError:
            impossible += 1
    assert 0 < impossible < 150
