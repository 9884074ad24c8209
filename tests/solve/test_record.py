"""A record keeps the best of what it is handed, says why a search ends, and counts the same plan once."""

import numpy as np
import pytest
from solve.cores import town

from aedplan.errors import InputError
from aedplan.plan import Proof
from aedplan.solve.limits import Limits, Progress
from aedplan.solve.record import Record


def test_the_best_plan_that_keeps_the_constraints_and_the_sharpest_proof_stay() -> None:
    problem, seen = town(10, 60, budget=2.0, reach=0.3), list[Progress]()
    record = Record(problem, Limits(), seen.append, problem.total)
    assert record.answer() is None
    values = [record.offer(plan) for plan in ([0], [0, 1], [2], range(10))]
    assert record.value == max(values[:3]) < values[3]  # all ten cost too much
    record.offer((), Proof(problem.total * 0.9, "highs"))
    record.offer((), Proof(problem.total * 0.95))
    assert (record.proof.bound, record.proof.bound_by) == (problem.total * 0.9, "highs")
    assert [one.value for one in seen] == sorted(one.value for one in seen)
    answer = record.answer()
    assert answer is not None
    assert answer.chosen == (0, 1)


def test_a_search_ends_when_the_gap_is_closed_somebody_asks_or_time_is_up() -> None:
    problem = town(10, 60, budget=2.0, reach=0.3)
    record = Record(problem, Limits(seconds=np.inf, gap=0.5), None, problem.total)
    assert not record.over
    best = record.offer([0, 1])
    record.proof = Proof(2 * best)
    assert (record.over, record.closed, record.ended) == (True, True, "done")
    record.interrupted = True
    assert record.ended == "stopped"
    late = Record(problem, Limits(seconds=1e-9), None, problem.total)
    assert (late.over, late.ended) == (True, "time-limit")
    assert late.left > 0
    assert late.part(5.0).seconds <= 5.0


@pytest.mark.parametrize(("wrong", "words"), [({"seconds": 0.0}, "seconds is 0"), ({"gap": 1.0}, "gap is 1"),
                                              ({"iterations": -1}, "iterations is -1")])  # fmt: skip
def test_limits_that_make_no_sense_are_refused(wrong: dict[str, float], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Limits(**wrong)  # type: ignore[arg-type]
