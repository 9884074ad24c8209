"""Ruin and repair: keeps the rules, never forgets its best, repeats with its seed."""

import numpy as np
import pytest
from solve.cores import problems, small_core

from aedplan.problem import PlacementProblem, breaches, value
from aedplan.solve.core import core_of
from aedplan.solve.greedy import greedy
from aedplan.solve.moves import chosen_of, state_of
from aedplan.solve.ruin import rounds, search_of


def ruined(core, chosen, *, seed=0, heat=0.0, turns=300):  # type: ignore[no-untyped-def]
    state = state_of(core, chosen)
    search = search_of(core, state)
    rounds(core.graph, core.rules, state, search, (turns, heat, heat, 3, 0.5), np.random.default_rng(seed))
    return state, search


def test_every_state_keeps_the_rules_and_counts_right() -> None:
    for problem in feasible_problems():
        core, _ = core_of(problem)
        start = core.places(greedy(problem))
        state, search = ruined(core, start, heat=1.0, turns=50)
        now = core.names(chosen_of(state))
        best = core.names(np.flatnonzero(search.best))
        assert breaches(problem, now) == breaches(problem, best) == []
        fresh = state_of(core, chosen_of(state))
        assert state.worth == pytest.approx(fresh.worth, rel=1e-9, abs=1e-6)
        assert core.before + search.value[0] == pytest.approx(value(problem, best))
        assert value(problem, best) >= value(problem, core.names(start)) * (1 - 1e-12)


def feasible_problems() -> list[PlacementProblem]:
    from aedplan.errors import InfeasibleError

    found = []
    for problem in problems(5, 150):
        try:
            greedy(problem)
        except InfeasibleError:
            continue
        found.append(problem)
    return found


def test_it_betters_a_poor_plan_and_repeats_with_its_seed() -> None:
    core = small_core()
    poor = range(10)
    first, again, other = (ruined(core, poor, seed=seed, heat=20.0)[1] for seed in (1, 1, 2))
    assert first.value[0] > 1.2 * state_of(core, poor).value[0]
    assert first.best.tolist() == again.best.tolist()
    assert first.round[0] == again.round[0]
    assert other.inside.tolist() != first.inside.tolist()
