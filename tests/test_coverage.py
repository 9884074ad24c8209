"""Coverage narrowed by hours and readiness equals a count minute by minute; bands count nearer help for more."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aedplan.circles import circle
from aedplan.coverage import Coverage, as_problem, coverage_of, narrow
from aedplan.demand import make_demand, spread
from aedplan.errors import InputError
from aedplan.hours.holidays import china
from aedplan.hours.hours import open_minutes, open_times
from aedplan.hours.periods import DEFAULT_PERIODS, share_out
from aedplan.problem import value
from aedplan.reach import Reach
from aedplan.sites import Sites
from aedplan.source import Source

DAYS = china(2026)
PERIODS = share_out(DEFAULT_PERIODS, DAYS)
TEXTS = ["24/7", "Mo-Fr 08:00-17:00; PH off", "Tu-Su 09:00-21:00", "22:00-06:00", "", "Mo-Fr 12:00-13:00", "不清楚"]
OPEN = {
    text: minutes if (minutes := open_minutes(text, DAYS)) is not None else np.zeros((365, 1440), bool)
    for text in TEXTS
}


def reached(pairs: list[list[int]], metres: list[list[float]], points: int, limit_m: float = 300.0) -> Reach:
    """A Reach from the points of each site and how far they are."""
    start = np.concatenate([[0], np.cumsum([len(row) for row in pairs])])
    return Reach(
        start=start,
        point=np.array([p for row in pairs for p in row], dtype=np.int32),
        mm=np.array([round(m * 1000) for row in metres for m in row], dtype=np.int32),
        limit_m=limit_m,
        points=points,
    )


def demand_of(weights: list[float]):
    lonlat = np.column_stack([118 + np.arange(len(weights)) * 0.01, np.full(len(weights), 25.0)])
    ids = tuple(f"p{n}" for n in range(len(weights)))
    return spread(make_demand(lonlat, np.array(weights), id=ids, source=Source("drawn")), PERIODS)


def by_hand(pairs: list[list[int]], texts: list[str], demand, ready: list[bool], chosen: list[int]) -> float:
    """Minute by minute: a point is covered while a chosen site that reaches it is open and ready."""
    total = 0.0
    for point in range(len(demand)):
        minutes = np.zeros((365, 1440), dtype=bool)
        for site in chosen:
            if point in pairs[site] and ready[site]:
                minutes |= OPEN[texts[site]]
        for period in range(6):
            total += demand.weight[point, period] * minutes[PERIODS.of == period].mean()
    return total


@st.composite
def towns(draw: st.DrawFn) -> tuple[list[list[int]], list[str], list[float], list[bool]]:
    points, sites = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    pairs = [sorted(draw(st.sets(st.integers(0, points - 1)))) for _ in range(sites)]
    texts = [draw(st.sampled_from(TEXTS)) for _ in range(sites)]
    weights = [draw(st.floats(0.01, 5)) for _ in range(points)]
    return pairs, texts, weights, [draw(st.booleans()) for _ in range(sites)]


@settings(deadline=None, max_examples=10)
@given(towns())
def test_the_value_of_a_plan_is_the_share_kept_minute_by_minute(town) -> None:
    pairs, texts, weights, ready = town
    demand = demand_of(weights)
    paper = coverage_of(reached(pairs, [[9.0] * len(row) for row in pairs], len(weights)), demand, circle("walk-4"))
    kept = narrow(paper, times=open_times(texts, PERIODS), ready=np.array(ready))
    assert kept.weight.sum() == pytest.approx(demand.total)
    source = (Source("drawn"),)
    sites = Sites(np.tile([[118.0, 25.0]], (len(texts), 1)), tuple(f"s{n}" for n in range(len(texts))), source)
    problem = as_problem(kept, sites, budget=9.0)
    for chosen in ([], [0], list(range(len(texts)))):
        assert value(problem, chosen) == pytest.approx(by_hand(pairs, texts, demand, ready, chosen))
    for period in range(6):
        assert kept.weight[kept.period == period].sum() == pytest.approx(demand.weight[:, period].sum())


def test_a_closed_site_covers_none_of_that_periods_cells() -> None:
    demand = demand_of([1.0, 2.0])
    paper = coverage_of(reached([[0, 1]], [[5.0, 5.0]], 2), demand, circle("walk-4"))
    kept = narrow(paper, times=open_times(["Mo-Fr 08:00-16:00; PH off"], PERIODS))
    assert sorted(set(kept.period[kept.covers.indices].tolist())) == [0]
    assert len(kept.weight) == 12  # nothing is cut where nobody opens or closes within a period


def test_unknown_hours_cover_nothing() -> None:
    demand = demand_of([1.0])
    paper = coverage_of(reached([[0], [0]], [[5.0], [5.0]], 1), demand, circle("walk-4"))
    assert narrow(paper, times=open_times(["", "一般上班时间"], PERIODS)).covers.nnz == 0


def test_coverage_by_whole_periods_is_never_above_the_exact_one() -> None:
    demand = demand_of([1.0])
    paper = coverage_of(reached([[0], [0]], [[5.0], [5.0]], 1), demand, circle("walk-4"))
    times = open_times(["08:00-20:00", "Mo-Fr 07:00-18:00"], PERIODS)
    exact, whole = narrow(paper, times=times), narrow(paper, times=times.by_period())

    def covered(coverage: Coverage) -> float:
        return float(coverage.weight[np.unique(coverage.covers.indices)].sum())

    assert covered(whole) == pytest.approx(demand.weight[0, [0, 3]].sum())  # both days of 8 to 16 h
    assert covered(exact) == pytest.approx(demand.weight[0] @ [1, 0.5, 1 / 8, 1, 0.5, 0])


def test_many_different_texts_are_told_apart() -> None:
    texts = [f"{hour:02d}:{minute:02d}-24:00" for hour in range(20) for minute in range(0, 60, 10)]
    demand = demand_of([1.0])
    paper = coverage_of(reached([[0]] * len(texts), [[5.0]] * len(texts), 1), demand, circle("walk-4"))
    kept = narrow(paper, times=open_times(texts, PERIODS))
    hours = kept.weight @ np.asarray(kept.covers.T @ np.eye(len(texts)))
    per_hour = demand.weight.sum(axis=0)
    for number in (0, 65, 119):
        minutes = np.zeros((365, 1440), dtype=bool)
        minutes[:, (number // 6) * 60 + number % 6 * 10 :] = True
        assert hours[number] == pytest.approx(sum(per_hour[t] * minutes[PERIODS.of == t].mean() for t in range(6)))


def test_bands_share_a_points_weight_by_how_far_help_is() -> None:
    demand = demand_of([1.0, 10.0])
    walks = reached([[0, 1], [0]], [[100.0, 101.0], [300.0]], 2)
    coverage = coverage_of(walks, demand, circle("walk-4"), bands=((100, 1.0), (300, 0.6)))
    assert coverage.weight.sum() == pytest.approx(11)
    worth = [coverage.weight[np.unique(coverage.covers[[site]].indices)].sum() for site in (0, 1)]
    assert worth == pytest.approx([1.0 + 10 * 0.6, 0.6])
    assert set(coverage.band[coverage.covers[[1]].indices]) == {1}
    narrowed = narrow(coverage, times=open_times(["24/7", "24/7"], PERIODS))
    assert narrowed.weight.sum() == pytest.approx(11)
    assert set(narrowed.band) == {0, 1}


@pytest.mark.parametrize(
    ("bands", "fault"),
    [
        (((100, 0.5), (300, 0.4)), "the nearest counts 0.5; expected 1"),
        (((100, 1.0), (90, 0.4)), "90 m counts 0.4 after 100 m 1"),
        (((100, 1.0), (200, 1.0)), "200 m counts 1 after 100 m 1"),
        (((100, 1.0), (400, 0.4)), "400 m; expected at most the circle's 300 m"),
    ],
)
def test_bands_that_cannot_be_are_refused(bands: tuple[tuple[float, float], ...], fault: str) -> None:
    with pytest.raises(InputError) as caught:
        coverage_of(reached([[0]], [[5.0]], 1), demand_of([1.0]), circle("walk-4"), bands=bands)
    assert fault in str(caught.value)


def test_sites_and_hours_must_be_as_many() -> None:
    demand = demand_of([1.0])
    paper = coverage_of(reached([[0]], [[5.0]], 1), demand, circle("walk-4"))
    with pytest.raises(InputError, match="opening hours: sites has 2 rows; expected 1"):
        narrow(paper, times=open_times(["24/7", "24/7"], PERIODS))
    with pytest.raises(InputError, match="ready: sites has 2 rows; expected 1"):
        narrow(paper, ready=np.array([True, True]))
    one = replace(paper, period=paper.period + 6)
    with pytest.raises(InputError, match="coverage has 12 periods; expected the 6 of the hours"):
        narrow(one, times=open_times(["24/7"], PERIODS))
