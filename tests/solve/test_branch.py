"""Branch and bound settles small cores, and its bound holds whenever it is cut short."""

import pytest
from solve.cores import best_of_core, problems, small_core

from aedplan.problem import breaches, value
from aedplan.solve.branch import Tree
from aedplan.solve.core import Core, core_of
from aedplan.solve.exact import exact
from aedplan.solve.relaxed import Relaxation, open_box
from aedplan.solve.rows import rows_between


def tree_of(core: Core, plan: tuple[int, ...], worth: float) -> Tree:
    rows = rows_between(core)
    relaxation = Relaxation(core, rows, open_box(core))
    relaxation.tighten(20)
    return Tree(core, rows, relaxation, (worth, plan))


def test_it_finds_the_best_of_all_subsets() -> None:
    found = 0
    for problem in problems(9, 200):
        core, _ = core_of(problem)
        best = best_of_core(problem, core)
        if best is None:
            continue
        tree = tree_of(core, (), -1e18)
        tree.grow(lambda: False)
        assert tree.value == pytest.approx(best)
        assert tree.bound == pytest.approx(best)
        assert value(problem, core.names(tree.chosen)) == pytest.approx(best)
        assert breaches(problem, core.names(tree.chosen)) == []
        found += 1
    assert found > 100


def test_a_tree_cut_short_still_bounds() -> None:
    core = small_core()
    best = exact(core, rows_between(core), open_box(core), (), seconds=60.0, gap=0.0).bound
    left = iter(range(6))
    tree = tree_of(core, (), 0.0)
    before = tree.bound
    tree.grow(lambda: next(left, None) is None)
    assert tree.queue
    assert tree.value <= best <= tree.bound * (1 + 1e-9)
    assert tree.bound <= before
    tree.grow(lambda: False)
    assert tree.value == pytest.approx(best)
