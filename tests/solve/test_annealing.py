"""Annealing: exchanges one for one, never forgets its best, repeats with its seed."""

import numpy as np
import pytest
from solve.cores import problems, small_core

from aedplan.problem import value
from aedplan.solve.annealing import anneal
from aedplan.solve.core import core_of
from aedplan.solve.greedy import greedy
from aedplan.solve.moves import chosen_of, state_of
from aedplan.solve.ruin import search_of
from aedplan.solve.swaps import is_plain


def annealed(core, chosen, *, seed=0, heat=0.0, tries=3000):  # type: ignore[no-untyped-def]
    state = state_of(core, chosen)
    search = search_of(core, state)
    anneal(core.graph, core.rules, state, search, (np.arange(core.sites), tries, heat), np.random.default_rng(seed))
    return state, search


def test_every_state_has_as_many_sites_and_counts_right_with_second_weights_too() -> None:
    seconds = 0
    for problem in problems(6, 200):
        core, _ = core_of(problem)
        if not is_plain(core) or problem.quotas:
            continue
        start = core.places(greedy(problem))
        state, search = annealed(core, start, heat=1.0, tries=200)
        fresh, best = state_of(core, chosen_of(state)), np.flatnonzero(search.best)
        assert state.inside.sum() == len(best) == len(start)
        assert np.flatnonzero(state.inside).tolist() == sorted(search.inside[: len(start)].tolist())
        assert state.worth == pytest.approx(fresh.worth, rel=1e-9, abs=1e-6)
        assert state.value[0] == pytest.approx(fresh.value[0])
        assert core.before + search.value[0] == pytest.approx(value(problem, core.names(best)))
        assert search.value[0] >= state_of(core, start).value[0] * (1 - 1e-12)
        assert not search.saved.any()
        seconds += bool(core.graph.second.any())
    assert seconds > 5


def test_without_heat_it_ends_where_no_exchange_gains() -> None:
    core = small_core()
    state, _ = annealed(core, range(10), tries=20_000)
    inside, now = chosen_of(state), float(state.value[0])
    for out in inside:
        for into in np.flatnonzero(~state.inside):
            other = state_of(core, {*inside, int(into)} - {out})
            assert other.value[0] <= now * (1 + 1e-12)


def test_it_betters_a_poor_plan_and_repeats_with_its_seed() -> None:
    core = small_core()
    poor = range(10)
    first, again, other = (annealed(core, poor, seed=seed, heat=20.0)[1] for seed in (1, 1, 2))
    assert first.value[0] > 1.2 * state_of(core, poor).value[0]
    assert first.best.tolist() == again.best.tolist()
    assert first.inside.tolist() == again.inside.tolist() != other.inside.tolist()


def test_only_those_come_in_that_may() -> None:
    core = small_core()
    state = state_of(core, range(10))
    search, able = search_of(core, state), np.array([3, 20, 30, 31])
    anneal(core.graph, core.rules, state, search, (able, 3000, 50.0), np.random.default_rng(0))
    assert {20, 30, 31} & set(np.flatnonzero(search.best).tolist())
    assert set(chosen_of(state)) <= {*range(10), 20, 30, 31}


def test_nothing_is_exchanged_where_nothing_is_inside() -> None:
    core = small_core()
    state, search = annealed(core, ())
    assert not state.inside.any()
    assert not search.best.any()
