"""Certificates: any charges prove something true, the machine's prove its bound, false ones are refused."""

import ast
import inspect
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from placements import best_of_all, random_problem
from solve.cores import MACHINE_KINDS, problems, town

from aedplan.errors import InfeasibleError
from aedplan.problem import PlacementProblem
from aedplan.solve import certificate as module
from aedplan.solve import solve
from aedplan.solve.certificate import MOST_BITS, Certificate, bound_of, read_certificate
from aedplan.solve.evidence import exact_shift


def random_certificate(rng: np.random.Generator, problem: PlacementProblem) -> Certificate:
    """Charges of no use in particular."""
    shift = int(rng.integers(0, exact_shift(max(float((problem.weight + problem.second).sum()), 1.0))))
    whole = np.ceil(np.ldexp(problem.weight, shift))
    cell = np.floor(whole * rng.random(len(whole))).astype(np.int64)
    unit = int(whole.max(initial=1.0))
    quota = rng.integers(-unit, unit + 1, len(problem.quotas))
    pairs = {tuple(sorted(pair)) for pair in problem.apart.tolist()}
    cliques = tuple((pair, int(rng.integers(0, unit + 1))) for pair in sorted(pairs))
    return Certificate(shift, cell, quota, cliques, float(rng.random() * problem.weight.max(initial=0.0)))


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 2**32), kinds=st.sets(st.sampled_from(MACHINE_KINDS)))
def test_any_charges_give_a_bound_that_no_plan_exceeds(seed: int, kinds: set[str]) -> None:
    rng = np.random.default_rng(seed)
    problem = random_problem(rng, *sorted(kinds))
    best = best_of_all(problem)
    if best is not None:
        assert bound_of(problem, random_certificate(rng, problem)) >= best * (1 - 1e-15)


def test_the_machine_hands_in_charges_that_prove_what_it_says() -> None:
    by = []
    for problem in problems(7, 200):
        try:
            plan = solve(problem)
        except InfeasibleError:
            continue
        if plan.certificate is not None:
            bound = bound_of(problem, plan.certificate)
            assert bound >= plan.bound * (1 - 1e-9)
            assert plan.bound_by != "certificate" or plan.bound == pytest.approx(max(bound, plan.value), rel=1e-12)
            by.append(plan.bound_by)
    assert by.count("certificate") > 20


def test_a_town_is_certified_close_to_the_linear_program() -> None:
    problem = town(150, 3000, seed=1)
    plan = solve(problem, seconds=20.0)
    assert plan.certificate is not None
    assert bound_of(problem, plan.certificate) <= plan.bound * 1.02
    kept = read_certificate(json.loads(json.dumps(plan.certificate.as_dict())))
    assert bound_of(problem, kept) == bound_of(problem, plan.certificate)


def test_charges_that_prove_nothing_are_refused() -> None:
    problem = replace(town(20, 50), apart=np.array([[0, 1]]))
    good = Certificate(4, np.zeros(50, dtype=np.int64), np.zeros(0, dtype=np.int64))
    assert bound_of(problem, good) == problem.weight.sum()
    faults = {
        "below 0 or above": {"cell": np.full(50, -1)},
        "above its weight": {"cell": np.full(50, 10**6)},
        "price": {"price": -1.0},
        "clique's charge": {"cliques": (((0, 1), -1),)},
        "not apart": {"cliques": (((0, 2), 1),)},
        "not exact": {"shift": MOST_BITS},
    }
    for words, change in faults.items():
        with pytest.raises(AssertionError, match=words):
            bound_of(problem, replace(good, **change))  # type: ignore[arg-type]


def test_the_checker_has_twenty_statements_and_trusts_nothing_of_the_search() -> None:
    function = next(
        node for node in ast.parse(inspect.getsource(module)).body if getattr(node, "name", "") == "bound_of"
    )
    assert isinstance(function, ast.FunctionDef)
    statements = sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 2  # itself and its docstring
    assert statements <= 20
    imported = {name for name in vars(module) if name in ("relaxed", "Relaxation", "Core", "machine")}
    assert imported == set()
