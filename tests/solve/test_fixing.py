"""What is settled is settled rightly: no plan that is good enough, or that keeps the rules, says otherwise."""

from itertools import pairwise, product

import numpy as np
from solve.cores import problems, town

from aedplan.problem import PlacementProblem, breaches, value
from aedplan.solve.core import Core, core_of
from aedplan.solve.fixing import box_of, next_better, settle_charges, settle_rules
from aedplan.solve.relaxed import Relaxation, open_box
from aedplan.solve.rows import rows_between


def choices_within(problem: PlacementProblem, core: Core, inside: np.ndarray) -> list[np.ndarray]:
    """Every choice (S,) of a core's sites that keeps the rules and what is settled."""
    every = (np.array(bits) for bits in product((0, 1), repeat=core.sites))
    fitting = (bits for bits in every if ((inside < 0) | (bits == inside)).all())
    return [bits for bits in fitting if not breaches(problem, core.names(np.flatnonzero(bits)))]


def test_every_plan_worth_enough_holds_what_charges_say_it_must_and_lacks_what_they_forbid() -> None:
    settled = refuted = 0
    for number, problem in enumerate(problems(21, 120)):
        core, _ = core_of(problem)
        relaxation = Relaxation(core, rows_between(core), open_box(core))
        relaxation.tighten(10 * (number % 5))
        worth = {bits.tobytes(): value(problem, core.names(np.flatnonzero(bits)))
                 for bits in choices_within(problem, core, np.full(core.sites, -1))}  # fmt: skip
        for wanted in sorted(set(worth.values()))[-2:]:
            inside = np.full(core.sites, -1, dtype=np.int8)
            possible = settle_charges(relaxation.best, inside, wanted - 1e-6 * max(wanted, 1.0))
            assert possible
            for bits, reached in worth.items():
                plan = np.frombuffer(bits, dtype=np.int64)
                assert reached < wanted or ((inside < 0) | (plan == inside)).all()
            settled += int((inside >= 0).sum())
        above = np.full(core.sites, -1, dtype=np.int8)
        refuted += not settle_charges(relaxation.best, above, relaxation.best.value * 2 + 1)
    assert settled > 100
    assert refuted > 50


def test_what_the_rules_leave_no_choice_about_is_so_in_every_plan_that_keeps_them() -> None:
    rng = np.random.default_rng(3)
    settled = impossible = 0
    for problem in problems(22, 250):
        core, _ = core_of(problem)
        inside = rng.choice(np.array([-1, 0, 1], dtype=np.int8), core.sites, p=[0.6, 0.2, 0.2])
        before, plans = inside.copy(), choices_within(problem, core, inside)
        possible = settle_rules(core, inside)
        if not possible:
            impossible += 1
            assert plans == []
        settled += int((inside != before).sum()) if possible else 0
        assert not possible or all(((inside < 0) | (plan == inside)).all() for plan in plans)
        assert ((before < 0) | (inside == before) | (not possible)).all()
    assert settled > 50
    assert impossible > 20


def test_no_value_lies_between_a_plan_and_the_next_better() -> None:
    for problem in problems(23, 60):
        core, _ = core_of(problem)
        values = sorted({value(problem, core.names(np.flatnonzero(bits)))
                         for bits in choices_within(problem, core, np.full(core.sites, -1))})  # fmt: skip
        for low, high in pairwise(values):
            assert high <= low * (1 + 1e-12) or next_better(core, low) <= high
    whole, _ = core_of(town(20, 60))
    assert next_better(whole, 100.0) > 100.5  # weights are whole numbers


def test_the_box_of_settled_sites_has_room_for_open_ones_alone() -> None:
    box = box_of(np.array([1, 0, -1], dtype=np.int8))
    assert (box.low.tolist(), box.high.tolist()) == ([1.0, 0.0, 0.0], [1.0, 0.0, 1.0])
