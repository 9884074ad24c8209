"""Smoothing goes as far as the arrests themselves say, and no further."""

import numpy as np
import pytest
from worlds import CRS, draw, lonlat

from aedplan.arrests.arrests import Arrests
from aedplan.arrests.grounds import MOST_POINTS, own_scale, points_along
from aedplan.arrests.smoothing import FEWEST, raw_demand, smooth, smooth_by_setting
from aedplan.coordinates import project
from aedplan.demand import Demand, make_demand
from aedplan.errors import InputError
from aedplan.source import Source

RNG = np.random.default_rng


def around(centres: np.ndarray, each: int, scale_m: float, seed: int = 0) -> np.ndarray:
    """(n, 2) metres: so many around each centre."""
    centres = np.repeat(centres, each, axis=0)
    return centres + RNG(seed).normal(0, scale_m, centres.shape)


def arrests(xy: np.ndarray, **more: object) -> Arrests:
    return Arrests(lonlat(xy), **more)


def mass_within(demand: Demand, centre: tuple[float, float], radius_m: float) -> float:
    away = np.hypot(*(project(demand.lonlat, CRS) - centre).T)
    return float(demand.weight[away <= radius_m].sum() / demand.total)


TOWNS = RNG(7).uniform(0, 20_000, (40, 2))


@pytest.mark.parametrize("scale_m", [60.0, 250.0, 900.0])
def test_the_bandwidth_follows_how_arrests_scatter(scale_m):
    chosen = smooth(arrests(around(TOWNS, 10, scale_m))).chosen
    assert scale_m / 4 <= chosen.bandwidth_m <= scale_m * 1.5
    assert chosen.mixture["point"] < 0.1


def test_an_address_that_repeats_stays_an_address_while_lonely_arrests_are_spread():
    home = np.full((40, 2), 5000.0) + RNG(1).normal(0, 3, (40, 2))
    lonely = RNG(2).uniform(0, 20_000, (120, 2))
    demand = smooth(arrests(np.concatenate([home, lonely])))
    assert mass_within(demand, (5000.0, 5000.0), 30) == pytest.approx(0.25, abs=0.05)
    spread = [mass_within(demand, tuple(one), 30) * 160 for one in lonely]
    assert np.mean(spread) < 0.3


def test_the_choice_is_likelier_than_any_single_bandwidth():
    chosen = smooth(arrests(np.concatenate([around(TOWNS, 6, 80.0), around(TOWNS[:5], 20, 1.0, seed=3)]))).chosen
    assert chosen.score > max(chosen.single.values())


def people(xy: np.ndarray, weight: np.ndarray) -> Demand:
    return make_demand(lonlat(xy), weight, id=tuple(map(str, range(len(xy)))), source=Source("drawn by hand"))


HOMES = np.stack(np.meshgrid(np.arange(30), np.arange(30)), axis=-1).reshape(-1, 2) * 200.0


def test_arrests_that_follow_people_are_spread_over_people():
    weight = RNG(4).lognormal(0, 2, len(HOMES))
    at = HOMES[RNG(5).choice(len(HOMES), 300, p=weight / weight.sum())] + RNG(6).normal(0, 20, (300, 2))
    alone, with_people = smooth(arrests(at)), smooth(arrests(at), people=people(HOMES, weight))
    assert with_people.chosen.mixture["people"] > 0.9
    assert with_people.chosen.score > alone.chosen.score
    heaviest = HOMES[weight.argmax()]
    expected = weight.max() / weight.sum()
    assert mass_within(with_people, tuple(heaviest), 60) == pytest.approx(expected, rel=0.35)


def test_arrests_that_do_not_follow_people_are_not():
    at = around(TOWNS, 10, 100.0)
    chosen = smooth(arrests(at), people=people(TOWNS[:, ::-1] + 30_000, np.ones(len(TOWNS)))).chosen
    assert chosen.mixture["people"] < 0.02


def ladder() -> object:
    """Two long streets 120 m apart, joined at one end only: near in a straight line, far on foot."""
    return draw([(0, 0), (6000, 0), (6000, 120), (0, 120)], [[0, 1], [1, 2], [2, 3]]).streets


def test_along_streets_is_chosen_where_arrests_keep_to_streets():
    at = np.column_stack([around(np.arange(200, 5000, 400.0)[:, None], 12, 60.0)[:, 0], np.zeros(144)])
    at += RNG(8).normal(0, 6, at.shape)
    demand = smooth(arrests(at), streets=ladder())
    assert demand.chosen.mixture["street"] > 0.5
    across = np.abs(project(demand.lonlat, CRS)[:, 1] - 120) < 15
    assert demand.weight[across].sum() / demand.total < 0.02


def test_points_along_streets_stand_for_all_their_metres():
    streets = ladder()
    xy, metres = points_along(streets, 25.0)
    assert metres.sum() == pytest.approx(12_120, abs=0.1)
    assert metres.max() <= 25.0
    assert (np.minimum(np.abs(xy[:, 1]), np.abs(xy[:, 1] - 120)) <= 60.1).all()


def test_a_year_is_what_the_times_say_or_what_is_given():
    at = around(TOWNS, 5, 100.0)
    time = np.datetime64("2022-01-01") + np.arange(len(at)) * np.timedelta64(5, "D")
    years = arrests(at, time=time).years
    for made in (smooth, raw_demand):
        assert made(arrests(at, time=time)).total == pytest.approx(len(at) / years)
        assert made(arrests(at), per_year=30.0).total == pytest.approx(30.0)
        assert made(arrests(at)).total == pytest.approx(len(at))
        with pytest.raises(InputError, match="per_year"):
            made(arrests(at), per_year=-1.0)


def test_demand_is_few_points_with_all_the_mass():
    demand = smooth(arrests(around(TOWNS, 10, 300.0)), detail_m=25.0)
    assert len(demand) <= 2 * MOST_POINTS
    assert (demand.weight > 0).all()
    assert demand.total == pytest.approx(400)
    assert "400" in demand.chosen.words_en
    assert "交叉验证" in demand.chosen.words_zh


def test_the_same_arrests_in_another_order_give_the_same_demand():
    at = around(TOWNS, 8, 150.0)
    one, other = smooth(arrests(at)), smooth(arrests(at[RNG(9).permutation(len(at))]))
    assert one.chosen.score == pytest.approx(other.chosen.score, abs=1e-4)
    for centre in TOWNS[:5]:
        assert mass_within(one, tuple(centre), 200) == pytest.approx(mass_within(other, tuple(centre), 200), abs=2e-4)


def test_few_arrests_and_arrests_all_over_the_world_are_refused():
    with pytest.raises(InputError, match=f"at least {FEWEST}"):
        smooth(arrests(around(TOWNS[:1], FEWEST - 1, 100.0)))
    with pytest.raises(InputError, match="km apart"):
        smooth(Arrests(np.column_stack([np.linspace(100, 118, 40), np.full(40, 25.0)])))


def test_home_and_public_stay_separate_layers():
    at = np.concatenate([around(TOWNS[:20], 6, 100.0), around(TOWNS[20:], 2, 100.0)])
    setting = ("home",) * 120 + ("public",) * 40
    home, public = smooth_by_setting(arrests(at, setting=setting))
    assert (home.name, home.share, public.name, public.share) == ("home", 0.75, "public", 0.25)
    assert mass_within(home.demand, tuple(TOWNS[0]), 300) > 10 * mass_within(public.demand, tuple(TOWNS[0]), 300)
    with pytest.raises(InputError, match="5 arrests public"):
        smooth_by_setting(arrests(at[:125], setting=setting[:125]))


@pytest.mark.parametrize(("points", "scale_m"), [([[0, 0]], 10.0), ([[0, 0], [90, 0], [180, 0]], 26.0)])
def test_a_point_of_people_stands_for_its_square(points, scale_m):
    assert own_scale(np.array(points, dtype=float)) == pytest.approx(scale_m, abs=0.1)
