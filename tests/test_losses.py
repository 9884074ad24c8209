"""Losses by cause: a county with a known answer for each, and a count minute by minute; the causes add up exactly."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import draw, lonlat

from aedplan.circles import RescueCircle, circle
from aedplan.coverage import coverage_of, narrow
from aedplan.demand import Demand, make_demand, spread
from aedplan.errors import InputError
from aedplan.hours.holidays import china
from aedplan.hours.hours import always_open, open_minutes, open_times
from aedplan.hours.periods import DEFAULT_PERIODS, share_out
from aedplan.losses import (
    CAUSES,
    CAUSES_EN,
    CAUSES_ZH,
    CLOSED,
    FLOORS,
    KEPT,
    NEVER,
    NOT_READY,
    STREET,
    Losses,
    Walks,
    find_losses,
    shown,
    walk_each_way,
)
from aedplan.reach import Reach
from aedplan.source import Source

PERIODS = share_out(DEFAULT_PERIODS, china(2026))
FLATS = RescueCircle("flats", "1", minutes=4, speed=1.25, vertical_delay_s=60)
"""300 m along streets, of which floors take 75 m."""

# A street along y=0, another along y=100 which it meets only far away at x=1000: a river with one bridge.
RIVER = draw(
    [(x, y) for y in (0, 100) for x in range(0, 1001, 100)],
    [list(range(11)), list(range(11, 22)), [10, 21]],
)
PEOPLE = {
    "at the station": ((0, 0), 32.0),
    "at the office": ((600, 0), 16.0),
    "at the broken one": ((900, 0), 8.0),
    "up the street": ((250, 0), 4.0),  # 250 m from the station, and floors leave 225
    "over the river": ((0, 100), 2.0),  # 100 m from the station, 2,100 m on foot
    "far away": ((0, 5000), 1.0),
}
DEVICES = {"station": ((0, 0), "24/7"), "office": ((600, 0), "Mo-Fr 08:00-16:00; PH off"), "broken": ((900, 0), "24/7")}


def town() -> Demand:
    """Demand by hand: as many arrests as the numbers say, spread over the hours evenly."""
    places = [place for place, _ in PEOPLE.values()]
    weight = np.array([weight for _, weight in PEOPLE.values()])
    demand = make_demand(lonlat(places), weight, id=tuple(PEOPLE), source=Source("drawn by hand"))
    return spread(demand, PERIODS, rates=np.ones(6))


def losses_of_town(rule: RescueCircle = FLATS, ready: tuple[float, ...] = (1, 1, 0)) -> Losses:
    places, texts = zip(*DEVICES.values(), strict=True)
    walks = walk_each_way(RIVER.streets, lonlat(places), town(), circle=rule)
    return find_losses(walks, town(), open_times(texts, PERIODS), ready=np.array(ready))


def test_each_cause_has_the_loss_it_was_given() -> None:
    lost = losses_of_town()
    year, at_work = 365 * 24, 248 * 8
    expected = [32 + 16 * at_work / year, 8, 16 * (1 - at_work / year), 4, 2, 1]
    assert lost.amounts(lost.causes()) == pytest.approx(expected, rel=1e-9)
    assert list(lost.values(lost.causes())) == list(CAUSES)
    assert lost.values(lost.causes())["not_ready"] == pytest.approx(8)
    owners = [lost.by(lost.site, 3)[site].argmax() for site in range(3)]
    assert [CAUSES[cause] for cause in owners] == ["kept", "closed", "not_ready"]


def test_the_share_kept_under_closing_hours_is_what_a_hand_counts() -> None:
    lost = losses_of_town()
    office = lost.by(np.where(lost.point == 1, lost.period, -1), 6)
    assert office[0, CLOSED] == 0
    assert (office[1:, KEPT] == 0).all()
    assert office[0, KEPT] / office.sum() == pytest.approx(1984 / 8760, rel=1e-9)


def test_the_causes_add_up_to_all_demand_exactly_in_every_table() -> None:
    lost = losses_of_town(ready=(0.9, 1 / 3, 0.123))
    causes = lost.causes()
    assert causes.sum() == lost.total
    assert (lost.by(lost.period, 6).sum(axis=0) == causes).all()
    assert (lost.by(lost.point, 6).sum(axis=0) == causes).all()
    alone = lost.by(lost.site, 3).sum(axis=0)
    assert (alone[:NEVER] == causes[:NEVER]).all()
    assert lost.amounts(np.array(lost.total)) == pytest.approx(town().total, rel=1e-11)
    assert (lost.units > 0).all()


def test_a_circle_in_a_straight_line_loses_nothing_to_streets_and_one_without_delay_nothing_to_floors() -> None:
    line = losses_of_town(circle("sz-i-300")).causes()
    assert line[STREET] == line[FLOORS] == 0
    assert losses_of_town(circle("walk-4")).causes()[FLOORS] == 0
    assert losses_of_town(circle("walk-4")).causes()[STREET] > 0


def test_every_cause_has_words() -> None:
    assert set(CAUSES_ZH) == set(CAUSES_EN) == set(CAUSES)


TEXTS = ["24/7", "Mo-Fr 08:00-17:00; PH off", "22:00-06:00", "", "Sa-Su 10:00-14:00"]
OPEN = {t: m if (m := open_minutes(t, PERIODS.calendar)) is not None else np.zeros((365, 1440), bool) for t in TEXTS}


@st.composite
def counties(draw_from: st.DrawFn) -> tuple[np.ndarray, np.ndarray, list[str], np.ndarray, np.ndarray]:
    """Millimetres in a line and on foot (S, D), hours, readiness and weights."""
    sites, points = draw_from(st.integers(1, 4)), draw_from(st.integers(1, 4))
    metres = st.lists(st.integers(0, 400), min_size=sites * points, max_size=sites * points)
    line = np.array(draw_from(metres)).reshape(sites, points) * 1000
    street = line + np.array(draw_from(metres)).reshape(sites, points) * 250
    texts = [draw_from(st.sampled_from(TEXTS)) for _ in range(sites)]
    ready = np.array([draw_from(st.booleans()) for _ in range(sites)])
    weight = np.array([draw_from(st.floats(0.001, 9)) for _ in range(points)])
    return line, street, texts, ready, weight


def as_reach(mm: np.ndarray, limit_m: float) -> Reach:
    pairs = [np.flatnonzero(row <= limit_m * 1000) for row in mm]
    start = np.concatenate([[0], np.cumsum([len(row) for row in pairs])])
    reached = np.concatenate([row[points] for row, points in zip(mm, pairs, strict=True)])
    return Reach(start, np.concatenate(pairs).astype(np.int32), reached.astype(np.int32), limit_m, mm.shape[1])


def one_cause(line: np.ndarray, street: np.ndarray, is_open: list[bool], ready: np.ndarray) -> tuple[int, int]:
    """What becomes of one point in one minute, and at which device, said as the module says it."""

    def nearest(mm: np.ndarray, among: np.ndarray) -> int:
        return min(np.flatnonzero(among).tolist(), key=lambda site: (mm[site], site))

    steps = [line <= 300_000, street <= 300_000, street <= 225_000]
    steps += [steps[2] & np.array(is_open), steps[2] & np.array(is_open) & ready]
    if steps[4].any():
        return KEPT, nearest(street, steps[4])
    for cause, before, mm in ((NOT_READY, 3, street), (CLOSED, 2, street), (FLOORS, 1, street), (STREET, 0, line)):
        if steps[before].any():
            return cause, nearest(mm, steps[before])
    return NEVER, -1


@settings(deadline=None, max_examples=12)
@given(counties())
def test_losses_equal_a_count_of_every_half_hour_of_the_year(county) -> None:
    line, street, texts, ready, weight = county
    points = np.column_stack([118 + np.arange(len(weight)) * 0.01, np.full(len(weight), 25.0)])
    ids = tuple(str(n) for n in range(len(weight)))
    demand = spread(make_demand(points, weight, id=ids, source=Source("drawn")), PERIODS)
    walks = Walks(as_reach(line, 300), as_reach(street, 300), 225_000)
    lost = find_losses(walks, demand, open_times(texts, PERIODS), ready=ready)
    halves = np.stack([OPEN[text][:, ::30] for text in texts])  # every text changes at full or half hours
    states, counts = np.unique(
        np.vstack([halves.reshape(len(texts), -1), PERIODS.of[:, ::30].reshape(1, -1)]), axis=1, return_counts=True
    )
    by_hand = np.zeros((len(texts) + 1, 6, len(CAUSES)))
    for point in range(len(weight)):
        for state, count in zip(states.T, counts, strict=True):
            cause, site = one_cause(line[:, point], street[:, point], [bool(o) for o in state[:-1]], ready)
            by_hand[site, state[-1], cause] += demand.weight[point, state[-1]] * count * 30 / PERIODS.minutes[state[-1]]
    assert lost.amounts(lost.by(lost.site, len(texts))) == pytest.approx(by_hand[:-1].sum(axis=1), rel=1e-9, abs=1e-10)
    assert lost.amounts(lost.by(lost.period, 6)) == pytest.approx(by_hand.sum(axis=0), rel=1e-9, abs=1e-10)
    assert lost.causes().sum() == lost.total


def test_what_is_kept_is_the_value_of_the_narrowed_coverage() -> None:
    places, texts = zip(*DEVICES.values(), strict=True)
    demand, ready = town(), np.array([True, True, False])
    walks = walk_each_way(RIVER.streets, lonlat(places), demand, circle=FLATS)
    times = open_times(texts, PERIODS)
    short = replace(walks.streets, limit_m=FLATS.limit_m)
    keep = walks.streets.mm <= walks.limit_mm
    start = np.concatenate([[0], np.cumsum(keep)])[walks.streets.start]
    within = replace(short, point=walks.streets.point[keep], mm=walks.streets.mm[keep], start=start)
    coverage = narrow(coverage_of(within, demand, FLATS), times=times, ready=ready)
    value = coverage.weight[np.unique(coverage.covers.indices)].sum()
    lost = find_losses(walks, demand, times, ready=ready)
    assert lost.amounts(lost.causes())[KEPT] == pytest.approx(value, rel=1e-9)


def test_a_share_ready_keeps_what_one_of_several_devices_would_give() -> None:
    mm = np.array([[100_000], [200_000]])
    demand = spread(make_demand(np.array([[118.0, 25.0]]), np.array([1.0]), id=("a",), source=Source("drawn")), PERIODS)
    walks = Walks(as_reach(mm, 300), as_reach(mm, 300), 300_000)
    lost = find_losses(walks, demand, always_open(2, PERIODS), ready=np.array([0.5, 0.6]))
    kept = lost.amounts(lost.by(lost.site, 2))
    assert kept[:, KEPT] == pytest.approx([0.5, 0.3])
    assert kept[:, NOT_READY] == pytest.approx([0.2, 0])


def test_devices_hours_and_periods_must_fit() -> None:
    places = [place for place, _ in DEVICES.values()]
    walks = walk_each_way(RIVER.streets, lonlat(places), town(), circle=FLATS)
    with pytest.raises(InputError, match="hours has 2 rows; expected 3"):
        find_losses(walks, town(), always_open(2, PERIODS))
    with pytest.raises(InputError, match="ready lies outside 0 to 1"):
        find_losses(walks, town(), always_open(3, PERIODS), ready=np.array([1, 2, 0]))
    year = replace(town(), weight=town().weight.sum(axis=1)[:, None])
    with pytest.raises(InputError, match="demand has 1 rows; expected 6"):
        find_losses(walks, year, always_open(3, PERIODS))


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=6), st.integers(0, 2))
def test_percents_shown_add_up_to_a_hundred(units: list[int], decimals: int) -> None:
    percents = shown(np.array(units), decimals=decimals)
    if sum(units):
        assert round(percents.sum() * 10**decimals) == 100 * 10**decimals
        assert percents == pytest.approx(np.array(units) / sum(units) * 100, abs=1 / 10**decimals)
    else:
        assert not percents.any()


def test_no_devices_at_all_leave_everything_out_of_reach() -> None:
    walks = walk_each_way(RIVER.streets, np.zeros((0, 2)), town(), circle=FLATS)
    lost = find_losses(walks, town(), always_open(0, PERIODS))
    assert lost.causes()[NEVER] == lost.total
