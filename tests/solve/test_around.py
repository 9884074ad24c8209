"""The best of one place: exact against every choice, never worse, and within the rules."""

from itertools import combinations

import numpy as np
import pytest
from solve.cores import small_core, town

from aedplan.problem import value
from aedplan.solve.around import around, left, near
from aedplan.solve.core import core_of
from aedplan.solve.greedy import greedy
from aedplan.solve.moves import chosen_of, state_of


@pytest.mark.parametrize("seed", range(6))
def test_the_best_of_a_place_is_the_best_of_all_choices_there(seed: int) -> None:
    problem = town(14, 60, seed=seed, budget=4.0, reach=0.3)
    core, _ = core_of(problem)
    rng = np.random.default_rng(seed)
    chosen = rng.choice(core.sites, 4, replace=False).tolist()
    found = around(core, state_of(core, chosen), chosen[0], 2, np.inf)
    assert found.settled
    kept = set(chosen) - set(found.out.tolist())
    free = left(core, state_of(core, chosen), found.out)[0].tolist()
    best = max(value(problem, core.names(kept | set(two))) for two in combinations(free, len(found.out)))
    assert value(problem, core.names(kept | set(found.into.tolist()))) == pytest.approx(best)
    assert len(found.into) <= len(found.out)


def test_what_the_others_leave_is_what_only_those_taken_out_cover() -> None:
    core = small_core(2)
    state = state_of(core, [1, 7, 20, 33])
    out = near(core, state.inside, 7, 2)
    assert 7 in out
    assert set(out) <= {1, 7, 20, 33}
    sites, cells = left(core, state, out)
    assert set(out) <= set(sites.tolist())
    assert not set(sites.tolist()) & (set(chosen_of(state)) - set(out.tolist()))
    covered = {
        k
        for s in set(chosen_of(state)) - set(out.tolist())
        for k in core.graph.cell[core.graph.start[s] : core.graph.start[s + 1]]
    }
    reached = {k for s in sites for k in core.graph.cell[core.graph.start[s] : core.graph.start[s + 1]]}
    assert cells.weight.sum() == pytest.approx(core.graph.weight[sorted(reached - covered)].sum())


def test_steps_around_places_better_a_greedy_plan_until_nothing_is_left() -> None:
    problem = town(120, 900, seed=5, budget=12.0)
    core, _ = core_of(problem)
    plan = core.places(greedy(problem)).tolist()
    before = value(problem, core.names(plan))
    for here in list(plan):
        state = state_of(core, plan)
        if state.inside[here]:
            found = around(core, state, here, 5, np.inf)
            plan = sorted((set(plan) - set(found.out.tolist())) | set(found.into.tolist()))
    assert len(plan) <= 12
    assert value(problem, core.names(plan)) > before
