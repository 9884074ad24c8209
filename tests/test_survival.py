"""Survival as an objective: falls with time, ranks plans, and never says a number of lives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import draw, lonlat

from aedplan.circles import PRESETS, circle
from aedplan.coverage import as_problem
from aedplan.demand import make_demand
from aedplan.errors import InputError
from aedplan.problem import value
from aedplan.reach import nearest
from aedplan.sites import Sites
from aedplan.solve import solve
from aedplan.source import Source
from aedplan.survival import (
    ASSUMED,
    CURVES,
    TIMELINES,
    Timeline,
    bands,
    curve,
    gain,
    rank_plans,
    reach_m,
    survival_coverage,
)

ANY_CURVE = st.sampled_from(sorted(CURVES))
HERE = Source("drawn by hand")


def test_larsen_is_the_printed_equation():
    chance = curve("larsen-1993").chance(np.array([0.0, 10.0]), Timeline(resuscitation=0.0, ambulance=0.0))
    np.testing.assert_allclose(chance, [0.67, 0.56])
    untreated = curve("larsen-1993").chance(np.array([1.0]), Timeline(1.0, 1.0))
    assert untreated == pytest.approx([0.67 - 0.055])


def test_gold_falls_as_its_abstract_says():
    minutes = np.array([0.0, 4.0, 5.0, 10.0, 11.0, 15.0, 30.0])
    fall = -np.diff(curve("gold-2010").chance(minutes, ASSUMED))
    np.testing.assert_allclose(fall, [0, 0.052, 5 * 0.052, 0.019, 4 * 0.019, 0], atol=1e-12)


def test_valenzuela_is_marked_not_verified():
    assert curve("valenzuela-1997").sure == "M"
    assert "not verified" in curve("valenzuela-1997").limits_en
    chance = curve("valenzuela-1997").chance(np.array([0.0]), Timeline(resuscitation=0.0))
    assert chance == pytest.approx([1 / (1 + np.exp(-0.260))])


@pytest.mark.parametrize("name", CURVES)
def test_every_curve_names_its_source_and_its_limits_in_two_languages(name):
    assert all(len(text) > 15 for text in (CURVES[name].source, CURVES[name].limits_zh, CURVES[name].limits_en))


@given(name=ANY_CURVE, rule=st.sampled_from(sorted(PRESETS)), when=st.sampled_from(TIMELINES))
def test_what_a_device_gains_falls_with_distance_to_nothing_when_the_ambulance_is_there(name, rule, when):
    metres = np.linspace(0, 1.2 * reach_m(circle(rule), when=when), 200)
    gained = gain(metres, curve(name), circle(rule), when=when)
    assert (np.diff(gained) <= 1e-12).all()
    assert ((gained >= 0) & (gained <= 1)).all()
    assert gained[-1] == 0
    assert gain(np.array([np.inf]), curve(name), circle(rule), when=when)[0] == 0


def grid_town() -> tuple[object, Sites, object]:
    """Streets 100 m apart, a site at every third corner, arrests at every corner, more in one half."""
    n = 12
    corner = [(100.0 * (k % n), 100.0 * (k // n)) for k in range(n * n)]
    ways = [[r * n + c for c in range(n)] for r in range(n)] + [[r * n + c for r in range(n)] for c in range(n)]
    streets = draw(corner, ways).streets
    places = lonlat(corner)
    sites = Sites(places[::3], tuple(f"s{k}" for k in range(len(places[::3]))), (HERE,))
    weight = np.where(np.array(corner)[:, 0] < 400, 3.0, 1.0)
    demand = make_demand(places, weight, id=tuple(map(str, range(len(places)))), source=HERE)
    return streets, sites, demand


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("rule", ["walk-4", "fetch-4", "shock-4"])
def test_bands_add_up_to_the_curve(name, rule):
    steps = bands(curve(name), circle(rule))
    assert steps[0][1] == 1
    edges = [0.0, *(metres for metres, _ in steps)]
    assert (np.diff(edges) > 0).all()
    assert (np.diff([worth for _, worth in steps]) < 0).all()
    at = np.array([metres for metres, _ in steps]) - 0.4 * edges[1]
    wanted = gain(at, curve(name), circle(rule))
    nearest_gain = gain(np.array([reach_m(circle(rule)) / 20]), curve(name), circle(rule))[0]
    np.testing.assert_allclose([worth for _, worth in steps], wanted / nearest_gain, atol=0.15)


def test_the_value_of_a_plan_is_its_arrests_times_the_band_of_its_nearest_device():
    streets, sites, demand = grid_town()
    rule, steps = curve("larsen-1993"), bands(curve("larsen-1993"), circle("walk-4"))
    coverage = survival_coverage(streets, sites, demand, circle=circle("walk-4"), rule=rule)
    problem = as_problem(coverage, sites, budget=4)
    chosen = (3, 20, 41)
    metres = nearest(streets, sites.lonlat[list(chosen)], demand.lonlat).metres
    worth = [next((worth for limit, worth in steps if round(far * 1000) <= round(limit * 1000)), 0.0) for far in metres]
    assert value(problem, chosen) == pytest.approx(float(demand.weight[:, 0] @ worth))


def test_planning_for_survival_brings_devices_nearer_than_planning_for_a_circle():
    streets, sites, demand = grid_town()
    rule = curve("fall-10")
    coverage = survival_coverage(streets, sites, demand, circle=circle("shock-4"), rule=rule)
    plan = solve(as_problem(coverage, sites, budget=5), method="greedy")
    other = (0, 1, 2, 3, 4)
    walks = {name: nearest(streets, sites.lonlat[list(chosen)], demand.lonlat).metres
             for name, chosen in (("for survival", plan.chosen), ("in a corner", other))}  # fmt: skip
    ranking = rank_plans(walks, demand.weight[:, 0], circle=circle("shock-4"))
    assert ranking.first == ("for survival", len(ranking.cases))
    assert ranking.agreement == 1
    assert (ranking.index.max(axis=1) == 100).all()


def test_cases_that_disagree_are_told():
    """One plan serves few at once, the other many late: a steep curve and a late one see them differently."""
    weight = np.array([1.0, 1.0])
    walks = {"few at once": np.array([0.0, np.inf]), "many late": np.array([420.0, 420.0])}
    ranking = rank_plans(walks, weight, circle=circle("walk-4"))
    assert 0 < (ranking.rank[:, 0] == 1).sum() < len(ranking.cases)
    assert ranking.agreement == 0
    assert "0%" in ranking.words_en
    assert "不代表救活人数" in ranking.words_zh
    assert "not a number of lives" in ranking.words_en


def test_plans_that_are_alike_share_a_rank():
    metres = np.array([10.0, 200.0])
    ranking = rank_plans({"a": metres, "b": metres.copy()}, np.ones(2), circle=circle("walk-4"))
    assert (ranking.rank == 1).all()
    assert ranking.agreement == 1


def test_plans_that_no_curve_can_tell_apart_are_refused():
    far = {"far": np.array([np.inf, 1e6])}
    with pytest.raises(InputError, match="before the ambulance"):
        rank_plans(far, np.ones(2), circle=circle("walk-4"))
    with pytest.raises(InputError, match="none given"):
        rank_plans({}, np.ones(2), circle=circle("walk-4"))
    with pytest.raises(InputError, match="expected 3"):
        rank_plans({"short": np.ones(2)}, np.ones(3), circle=circle("walk-4"))


def test_an_ambulance_that_is_always_first_is_told():
    with pytest.raises(InputError, match="ambulance"):
        bands(curve("fall-7"), circle("shock-4"), when=Timeline(ambulance=1.0))
    with pytest.raises(InputError, match="known: larsen-1993"):
        curve("nobody-1900")
