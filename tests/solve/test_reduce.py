"""Reduction: fewer cells and sites, the same best plan."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, random_array
from solve.cores import best_of_core, problems, town

import aedplan as ap
from aedplan.errors import InputError
from aedplan.problem import PlacementProblem, value
from aedplan.solve.core import core_of
from aedplan.solve.merging import Cells, classes, merge_stream
from aedplan.solve.reduce import reduce


def cells_of(covers: np.ndarray, weight: np.ndarray) -> Cells:
    rows = csr_array(covers)
    return Cells(rows.indptr.astype(np.int64), rows.indices.astype(np.int32), weight, np.zeros(len(weight)))


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32), bits=st.sampled_from([1, 2, 64]))
def test_cells_are_merged_exactly_when_their_sites_are_the_same_however_often_keys_collide(
    seed: int, bits: int
) -> None:
    rng = np.random.default_rng(seed)
    covers = rng.random((int(rng.integers(1, 6)), int(rng.integers(1, 40)))) < 0.4
    weight = rng.integers(0, 3, covers.shape[1]).astype(float)
    found = classes(cells_of(covers, weight), bits=bits)
    seen: dict[bytes, int] = {}
    wanted = [
        seen.setdefault(covers[:, k].tobytes(), len(seen)) if covers[:, k].any() and weight[k] > 0 else -1
        for k in range(covers.shape[1])
    ]
    assert found.tolist() == wanted


def test_reduction_changes_no_optimum() -> None:
    dropped = merged = 0
    for problem in problems(1, 200):
        core, _ = core_of(problem)
        small, class_of = reduce(core)
        best = best_of_core(problem, core)
        assert best_of_core(problem, small) == (None if best is None else pytest.approx(best))
        assert class_of.shape == (core.cells,)
        assert class_of.max(initial=-1) == small.cells - 1
        dropped += core.sites - small.sites
        merged += len(problem.weight) - core.cells
    assert dropped > 50
    assert merged > 50


def test_of_sites_that_cover_the_same_the_cheapest_stays_and_of_equal_ones_the_first() -> None:
    covers = csr_array(np.array([[1, 1, 0], [1, 1, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1]], dtype=bool))
    alike = PlacementProblem(covers, np.ones(3), budget=2)
    assert reduce(core_of(alike)[0])[0].number.tolist() == [0, 4]
    cheaper = PlacementProblem(covers, np.ones(3), budget=4, cost=np.array([3.0, 2.0, 2.0, 1.0, 3.0]))
    assert reduce(core_of(cheaper)[0])[0].number.tolist() == [1, 3, 4]


def test_a_stream_of_cells_gives_the_problem_of_all_of_them() -> None:
    whole = town(12, 600, reach=0.3)
    parts = [(whole.covers[:, at : at + 50], whole.weight[at : at + 50]) for at in range(0, 600, 50)]
    covers, weight = ap.merge_stream(iter(parts))
    streamed = PlacementProblem(covers, weight, whole.budget)
    assert covers.shape[1] == core_of(whole)[0].cells
    rng = np.random.default_rng(0)
    for _ in range(20):
        chosen = np.flatnonzero(rng.random(12) < 0.3).tolist()
        assert value(streamed, chosen) == value(whole, chosen)


def test_a_stream_without_parts_or_with_parts_that_differ_is_refused() -> None:
    with pytest.raises(InputError, match="no part of cells"):
        merge_stream([])
    ones = np.ones(3)
    with pytest.raises(InputError, match="a part has 4 sites; expected 5"):
        merge_stream([(random_array((5, 3), density=0.9), ones), (random_array((4, 3), density=0.9), ones)])
