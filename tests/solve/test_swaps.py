"""Moves keep count, swaps only better a plan, and nothing is left to swap."""

from itertools import product

import numpy as np
import pytest
from solve.cores import problems

from aedplan.problem import breaches, counts, gains, value
from aedplan.solve.core import Core, core_of
from aedplan.solve.moves import add, chosen_of, drop, state_of
from aedplan.solve.swaps import swap


def test_what_each_site_is_worth_is_known_after_any_moves() -> None:
    rng = np.random.default_rng(0)
    for problem in problems(3, 200):
        core, _ = core_of(problem)
        state = state_of(core)
        for site in rng.integers(0, max(core.sites, 1), 12 if core.sites else 0).tolist():
            (drop if state.inside[site] else add)(core.graph, core.rules, state, site)
        chosen = core.names(chosen_of(state))
        assert core.before + state.value[0] == pytest.approx(value(problem, chosen))
        without = [value(problem, chosen) - value(problem, set(chosen) - {s}) for s in core.number.tolist()]
        gain = gains(problem, counts(problem, chosen))[core.number]
        assert state.worth == pytest.approx(np.where(state.inside, without, gain))
        assert state.spent[0] == core.rules.cost[state.inside].sum()


def swapped(core: Core, chosen: set[int]) -> list[set[int]]:
    """All choices one swap or one addition away."""
    outside = set(range(core.sites)) - chosen
    return [chosen | {site} for site in outside] + [chosen - {a} | {b} for a, b in product(chosen, outside)]


def test_swaps_keep_the_rules_never_lose_and_leave_no_better_swap() -> None:
    bettered = 0
    rng = np.random.default_rng(1)
    for problem in problems(4, 300):
        core, _ = core_of(problem)
        start = [s for s in range(core.sites) if rng.random() < 0.4]
        if breaches(problem, core.names(start)):
            continue
        before = value(problem, core.names(start))
        chosen = swap(core, start)
        after = value(problem, core.names(chosen))
        assert breaches(problem, core.names(chosen)) == []
        assert after >= before * (1 - 1e-12)
        bettered += after > before
        for other in swapped(core, set(chosen)):
            if not breaches(problem, core.names(other)):
                assert value(problem, core.names(other)) <= after * (1 + 1e-9)
    assert bettered > 30
