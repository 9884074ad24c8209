"""Coverage of this moment: losses add up, and a device is worth what is lost without it, tried out one by one."""

from dataclasses import replace

import numpy as np
import pytest
from device_records import NORM, TODAY, at, healthy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.sparse import csr_array

from aedplan import InputError, PlacementProblem, value
from service.facts import Defect, Part, Report, Status, Use
from service.mapping.coverage_now import CAUSES, CAUSES_EN, CAUSES_ZH, by_worth, cause_of, coverage_now, worth_now
from service.ready.readiness import readiness


@st.composite
def counties(draw: st.DrawFn) -> tuple[csr_array, np.ndarray, np.ndarray, np.ndarray]:
    devices, cells = draw(st.integers(0, 6)), draw(st.integers(1, 12))
    covers = draw(arrays.arrays(bool, (devices, cells)))
    weight = draw(arrays.arrays(float, cells, elements=st.integers(0, 50)))
    is_open = draw(arrays.arrays(bool, devices))
    cause = np.array(draw(st.lists(st.sampled_from(CAUSES[:-1]), min_size=devices, max_size=devices)), dtype=str)
    return csr_array(covers), weight, is_open, cause


def judged(covers: csr_array, weight: np.ndarray, rows: np.ndarray) -> float:
    """Covered weight by the planner's own judge."""
    if not covers.shape[0]:
        return 0.0
    return value(PlacementProblem(covers=covers, weight=weight, budget=1.0), np.flatnonzero(rows))


@given(counties())
def test_paper_less_losses_is_what_is_covered_and_both_agree_with_the_planner(county) -> None:
    covers, weight, is_open, cause = county
    found = coverage_now(covers, weight, is_open=is_open, cause=cause)
    assert found.total == pytest.approx(weight.sum())
    assert found.paper == pytest.approx(judged(covers, weight, np.ones(len(cause), bool)))
    assert found.effective == pytest.approx(judged(covers, weight, is_open & (cause == "kept")))
    assert found.effective + sum(found.lost.values()) == pytest.approx(found.paper)
    assert list(found.lost) == [name for name in CAUSES if name != "kept"]
    assert all(amount >= 0 for amount in found.lost.values())


@given(counties())
def test_each_cell_is_lost_to_the_first_cause_among_its_open_devices(county) -> None:
    covers, weight, is_open, cause = county
    lost = dict.fromkeys(CAUSES, 0.0)
    for cell in range(covers.shape[1]):
        reaching = np.flatnonzero(covers.toarray()[:, cell])
        names = [str(cause[device]) for device in reaching if is_open[device]]
        if len(reaching):
            lost[min(names, key=CAUSES.index) if names else "closed"] += weight[cell]
    lost.pop("kept")
    assert coverage_now(covers, weight, is_open=is_open, cause=cause).lost == pytest.approx(lost)


@given(counties())
def test_a_device_is_worth_what_its_failing_or_mending_changes(county) -> None:
    covers, weight, works, _ = county
    found = worth_now(covers, weight, works=works)
    here = judged(covers, weight, works)
    for device in range(len(works)):
        other = works.copy()
        other[device] = not other[device]
        assert found[device] == pytest.approx(abs(judged(covers, weight, other) - here))
    assert sorted(found, reverse=True) == pytest.approx(list(found[by_worth(found)]))


@pytest.mark.parametrize(
    ("more", "cause"),
    [
        ({}, "kept"),
        ({"checks": (), "installed_on": TODAY}, "unchecked"),
        ({"reports": (Report("missing", at(0), "a"), Report("missing", at(0), "b"))}, "unchecked"),
        ({"parts": (Part("pads_adult", None), *healthy().parts[1:])}, "expired"),
        ({"parts": ()}, "expired"),
        ({"uses": (Use(at(-1)),)}, "used"),
        ({"statuses": (Status(at(-1), "in_use"),)}, "used"),
        ({"defects": (Defect("d", "casing", "critical", at(-1)),)}, "faulty"),
        ({"defects": (Defect("d", "casing", "critical", at(-1)),), "parts": ()}, "faulty"),
        ({"statuses": (Status(at(-1), "missing"),), "parts": ()}, "away"),
    ],
)
def test_a_device_fails_by_the_cause_that_is_hardest_to_mend(more: dict, cause: str) -> None:
    assert cause_of(readiness(replace(healthy(), **more), NORM, TODAY)) == cause


def test_sizes_and_causes_that_do_not_fit_are_refused_together() -> None:
    with pytest.raises(InputError) as caught:
        coverage_now(csr_array((2, 3), dtype=bool), np.ones(2), is_open=np.ones(3, bool), cause=np.array(["a", "kept"]))
    assert len(caught.value.faults) == 3


def test_every_cause_has_words() -> None:
    assert set(CAUSES_ZH) == set(CAUSES_EN) == set(CAUSES)
