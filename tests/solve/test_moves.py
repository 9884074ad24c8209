"""After any moves, everything that a state keeps is what counting from nothing gives."""

import numpy as np
from solve.cores import problems

from aedplan.problem import breaches, value
from aedplan.solve.core import core_of
from aedplan.solve.greedy import greedy_core
from aedplan.solve.guided import guided
from aedplan.solve.moves import add, chosen_of, drop, fits, spare, state_of, unmet


def test_after_any_moves_a_state_is_what_counting_from_nothing_gives() -> None:
    rng = np.random.default_rng(41)
    for problem in problems(41, 80):
        core, _ = core_of(problem)
        state = state_of(core)
        for site in rng.integers(0, core.sites, 12) if core.sites else ():
            (drop if state.inside[site] else add)(core.graph, core.rules, state, int(site))
        chosen, fresh = chosen_of(state), state_of(core, chosen_of(state))
        for name in ("times", "owner", "inside", "held", "blocked", "spent"):
            np.testing.assert_array_equal(getattr(state, name), getattr(fresh, name))
        scale = max(1.0, problem.total)
        here = value(problem, core.names(chosen))
        assert abs(core.before + state.value[0] - here) <= 1e-9 * scale
        for site in range(core.sites):
            other = set(chosen) ^ {site}
            there = value(problem, core.names(other))
            assert abs(state.worth[site] - abs(there - here)) <= 1e-9 * scale
        assert abs(fresh.value[0] - state.value[0]) <= 1e-9 * scale


def test_what_fits_and_what_can_be_spared_is_what_the_rules_allow() -> None:
    rng, checked = np.random.default_rng(42), 0
    for problem in problems(42, 150):
        core, _ = core_of(problem)
        chosen = [int(site) for site in np.flatnonzero(rng.random(core.sites) < 0.3)]
        if breaches(problem, core.names(chosen)):
            continue
        state = state_of(core, chosen)
        assert unmet(core.rules, state) == 0
        for site in range(core.sites):
            allowed = not breaches(problem, core.names({*chosen} ^ {site}))
            assert allowed == (spare(core.rules, state, site) if site in chosen else fits(core.rules, state, site))
            checked += 1
    assert checked > 200


def test_a_guided_plan_keeps_the_rules_and_with_equal_fractions_is_the_greedy_one() -> None:
    made = 0
    for problem in problems(43, 120):
        core, _ = core_of(problem)
        plan = guided(core, np.random.default_rng(1).random(core.sites), 1.0)
        if plan is not None:
            made += 1
            assert breaches(problem, core.names(plan)) == []
        if not len(core.rules.least) and (core.rules.cost == 1).all():
            even, greedy = guided(core, np.ones(core.sites), 1.0), greedy_core(core)
            assert even is not None
            assert greedy is not None
            assert value(problem, core.names(even)) == value(problem, core.names(greedy))
    assert made > 60
