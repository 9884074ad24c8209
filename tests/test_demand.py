"""Demand moves between home and public places over the week; layers keep their share and their points."""

import numpy as np
import pytest

from aedplan.demand import HOME_SHARE, RHYTHMS, Demand, Layer, join_layers, make_demand, period_shares, spread
from aedplan.errors import InputError
from aedplan.hours.holidays import china
from aedplan.hours.periods import DEFAULT_PERIODS, share_out
from aedplan.source import Source

PERIODS = share_out(DEFAULT_PERIODS, china(2026))


def some(weights: list[float], name: str = "drawn") -> Demand:
    lonlat = np.column_stack([118 + np.arange(len(weights)) * 0.01, np.full(len(weights), 25.0)])
    ids = tuple(f"p{n}" for n in range(len(weights)))
    return make_demand(lonlat, np.array(weights), id=ids, source=Source(name, file=f"{name}.csv"))


def test_a_rhythm_is_a_day_of_24_hours_and_the_table_of_osaka() -> None:
    for rhythm in RHYTHMS.values():
        assert rhythm.shape == (24,)
        assert rhythm.sum() == pytest.approx(1)
    all_day = RHYTHMS["all"]
    assert [all_day[[7, 14]].sum() * 4, all_day[[15, 22]].sum() * 4, all_day[[23, 6]].sum() * 4] == pytest.approx(
        np.array([5474, 5336, 2970]) / 13780
    )
    mixed = HOME_SHARE * RHYTHMS["home"] + (1 - HOME_SHARE) * RHYTHMS["public"]
    assert mixed == pytest.approx(all_day, abs=0.001)


def test_the_share_of_a_period_is_the_rhythm_summed_minute_by_minute() -> None:
    shares = period_shares("public", PERIODS)
    for period in range(6):
        minutes = np.nonzero(PERIODS.of == period)[1]
        assert shares[period] == pytest.approx(RHYTHMS["public"][minutes // 60].sum() / 365 / 60)
    assert shares.sum() == pytest.approx(1)


def test_spreading_keeps_the_year_of_every_point() -> None:
    demand = some([1.0, 5.0, 0.0])
    week = spread(demand, PERIODS)
    assert week.weight.shape == (3, 6)
    assert week.weight.sum(axis=1) == pytest.approx([1, 5, 0])
    assert week.weight[1] == pytest.approx(5 * period_shares("all", PERIODS))


def test_layers_have_their_shares_and_move_apart() -> None:
    home, public = some([3.0, 1.0], "census"), some([10.0], "visitors")
    both = join_layers([Layer("home", home, 0.75), Layer("public", public, 0.25)], PERIODS)
    assert both.total == pytest.approx(4.0)
    assert both.id == ("home:p0", "home:p1", "public:p0")
    assert both.layers == ("home", "public")
    assert both.layer.tolist() == [0, 0, 1]
    assert both.weight.sum(axis=1) == pytest.approx([4 * 0.75 * 0.75, 4 * 0.75 * 0.25, 1.0])
    at_work, at_night = both.weight[:, 0], both.weight[:, 2]
    assert at_work[2] / at_work.sum() > at_night[2] / at_night.sum()
    assert both.source.name == "census; visitors"
    assert both.source.file == "census.csv, visitors.csv"


def test_stated_rates_take_the_place_of_the_rhythm() -> None:
    rates = np.array([2.0, 0, 0, 1.0, 0, 0])
    layers = [Layer("home", some([1.0]), 0.5), Layer("public", some([1.0]), 0.5, rates)]
    both = join_layers(layers, PERIODS, total=100.0)
    expected = rates * PERIODS.minutes
    assert both.weight[1] == pytest.approx(50 * expected / expected.sum())
    assert both.total == pytest.approx(100)


def test_shares_that_do_not_add_up_and_rates_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match=r"home 0\.7, public 0\.2 add up to 0\.9; expected 1"):
        join_layers([Layer("home", some([1.0]), 0.7), Layer("public", some([1.0]), 0.2)], PERIODS)
    with pytest.raises(InputError, match="1 id repeats another: home"):
        join_layers([Layer("home", some([1.0]), 0.5), Layer("home", some([1.0]), 0.5)], PERIODS)
    for rates, fault in (([1.0], "rates has 1 rows; expected 6"), ([0.0] * 6, "all 0"), ([-1.0] * 6, "below 0")):
        with pytest.raises(InputError, match=fault):
            period_shares("home", PERIODS, rates=np.array(rates))
