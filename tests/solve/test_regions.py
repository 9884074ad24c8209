"""Regions settled exactly: their bound holds, is never weaker than the multipliers', and exact where one region is all."""

import numpy as np
import pytest
from solve.cores import best_of_core, problems, town

from aedplan.solve import Limits
from aedplan.solve.core import Core, core_of
from aedplan.solve.machine import Machine
from aedplan.solve.moves import state_of
from aedplan.solve.record import Record
from aedplan.solve.regions import Levels, can_be_cut, regions_of, savings
from aedplan.solve.relaxed import Relaxation, open_box
from aedplan.solve.rows import rows_between
from aedplan.solve.swaps import swap


def relaxed(core: Core, sweeps: int) -> Relaxation:
    relaxation = Relaxation(core, rows_between(core), open_box(core))
    for _ in range(sweeps):
        relaxation.tighten(20)
    return relaxation


def bound_of(core: Core, parts: int, sweeps: int) -> tuple[float, float]:
    """What the multipliers prove, and what some regions make of it."""
    relaxation = relaxed(core, sweeps)
    inside = state_of(core, swap(core, ())).inside
    regions = regions_of(core, parts)
    each = savings(core, relaxation, regions, inside)
    saved = [each.send(None)] + [each.send(None) for _ in regions]
    assert min(saved) >= 0
    return relaxation.best.value, relaxation.best.value - sum(saved)


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_no_plan_is_worth_more_than_the_bound_of_the_regions(parts: int) -> None:
    tried = 0
    for problem in problems(11, 200):
        core, _ = core_of(problem)
        best = best_of_core(problem, core)
        if best is None or core.sites < 2 or core.graph.second.any():
            continue
        tried += 1
        weaker, bound = bound_of(core, parts, sweeps=tried % 4)
        assert best <= bound * (1 + 1e-9) + 1e-9
        assert bound <= weaker
    assert tried > 50


def test_regions_hold_every_site_once_and_keep_neighbours_together() -> None:
    core, _ = core_of(town(200, 1500))
    regions = regions_of(core, 5)
    assert sorted(np.concatenate(regions).tolist()) == list(range(core.sites))
    assert max(map(len, regions)) <= 1.3 * min(map(len, regions))
    inner = sum(
        np.isin(core.graph.site[core.graph.top[k] : core.graph.top[k + 1]], part).all()
        for part in regions
        for k in range(core.cells)
    )
    mixed = np.array_split(np.random.default_rng(0).permutation(core.sites), 5)
    chance = sum(
        np.isin(core.graph.site[core.graph.top[k] : core.graph.top[k + 1]], part).all()
        for part in mixed
        for k in range(core.cells)
    )
    assert inner > 2 * chance


def test_larger_regions_close_what_the_linear_program_leaves_open() -> None:
    problem = town(160, 1500, seed=3, budget=16.0)
    core, _ = core_of(problem)
    assert can_be_cut(core)
    relaxation = relaxed(core, 60)
    levels = Levels(core, relaxation)
    inside = state_of(core, swap(core, ())).inside
    bounds = [relaxation.best.value]
    while levels.lasts(np.inf):
        levels.step(inside, np.inf)
        bounds.append(levels.bound)
    assert bounds == sorted(bounds, reverse=True)
    machine = Machine(problem, Record(problem, Limits(seconds=60), None, problem.total))
    machine.begin()
    machine.search()
    assert machine.record.value <= bounds[-1] * (1 + 1e-9)
    assert bounds[-1] - machine.record.value < 0.5 * (bounds[0] - machine.record.value)


def test_a_core_with_second_weights_or_few_sites_is_left_alone() -> None:
    assert not can_be_cut(core_of(town(40, 100))[0])
    backup = town(200, 400)
    core, _ = core_of(backup)
    assert can_be_cut(core)
    assert not Levels(core_of(town(40, 100))[0], relaxed(core_of(town(40, 100))[0], 1)).lasts(np.inf)


def test_a_region_never_gets_more_time_than_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    from aedplan.solve import regions

    given = []
    real = regions.settle

    def noted(model, *, seconds, programs):  # type: ignore[no-untyped-def]
        given.append(seconds)
        return real(model, seconds=seconds, programs=programs)

    monkeypatch.setattr(regions, "settle", noted)
    core, _ = core_of(town(160, 800, seed=4, budget=12.0))
    levels = Levels(core, relaxed(core, 20))
    inside = state_of(core, swap(core, ())).inside
    for _ in range(levels.parts):
        levels.step(inside, 5.0)
    assert given
    assert max(given) <= 5.0
