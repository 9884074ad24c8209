"""Rows say what quotas and pairs apart say, neither more nor less, and cliques say it with few of them."""

from itertools import combinations, product

import numpy as np
from placements import random_problem
from solve.cores import town

from aedplan.problem import PlacementProblem
from aedplan.solve.core import core_of
from aedplan.solve.rows import cliques, rows_between


def keeps(problem: PlacementProblem, chosen: set[int]) -> bool:
    """Quotas and pairs apart, one by one."""
    counted = (len(chosen.intersection(quota.sites)) for quota in problem.quotas)
    limits = [(q.minimum, len(q.sites) if q.maximum is None else q.maximum) for q in problem.quotas]
    return all(low <= have <= high for have, (low, high) in zip(counted, limits, strict=True)) and not any(
        {a, b} <= chosen for a, b in problem.apart.tolist()
    )


def test_a_choice_keeps_the_rows_exactly_when_it_keeps_the_rules() -> None:
    rng, kept, broken = np.random.default_rng(31), 0, 0
    for _ in range(80):
        problem = random_problem(rng, "quotas", "apart")
        core, _ = core_of(problem)
        rows = rows_between(core)
        for bits in product((False, True), repeat=core.sites):
            inside = np.array(bits, dtype=bool)
            many = [int(inside[rows.site[a:b]].sum()) for a, b in zip(rows.top, rows.top[1:], strict=False)]
            fits = all(low <= n <= high for low, n, high in zip(rows.low, many, rows.high, strict=True))
            assert fits == keeps(problem, set(core.names(np.flatnonzero(inside))))
            kept, broken = kept + fits, broken + (not fits)
    assert min(kept, broken) > 200


def test_both_ways_through_the_rows_meet_the_same_pairs() -> None:
    rng = np.random.default_rng(32)
    for _ in range(30):
        core, _ = core_of(random_problem(rng, "quotas", "apart"))
        rows = rows_between(core)
        by_row = {(int(s), r) for r in range(len(rows.high)) for s in rows.site[rows.top[r] : rows.top[r + 1]]}
        by_site = {(s, int(r)) for s in range(core.sites) for r in rows.row[rows.start[s] : rows.start[s + 1]]}
        assert by_row == by_site


def test_cliques_hold_every_pair_and_only_sites_that_are_all_apart() -> None:
    rng = np.random.default_rng(33)
    for _ in range(20):
        pairs = np.array([pair for pair in combinations(range(9), 2) if rng.random() < 0.5], dtype=np.int64).reshape(
            -1, 2
        )
        base = town(9, 40, budget=4.0, reach=0.5)
        problem = PlacementProblem(base.covers, base.weight, base.budget, apart=pairs)
        core, _ = core_of(problem)
        found = cliques(core)
        held = {pair for clique in found for pair in combinations(core.names(clique), 2)}
        assert held == {tuple(pair) for pair in pairs.tolist()}
        assert len(found) <= len(pairs)
    everyone = np.array(list(combinations(range(9), 2)))
    assert cliques(core_of(PlacementProblem(base.covers, base.weight, 4.0, apart=everyone))[0]) == [list(range(9))]
