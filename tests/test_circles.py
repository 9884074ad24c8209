"""Rescue circles: the numbers of the presets, and circles of one's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aedplan.circles import PRESETS, RescueCircle, circle, define
from aedplan.errors import InputError


@pytest.mark.parametrize(
    ("name", "limit_m", "measure"),
    [
        ("walk-4", 300.0, "street"),  # 240 s x 1.25 m/s
        ("fetch-4", 198.0, "street"),  # 240 s x 1.65 m/s / 2
        ("shock-4", 144.9, "street"),  # (240 - 79) s x 1.8 m/s / 2
        ("sz-i-300", 300.0, "line"),
        ("sz-ii-600", 600.0, "line"),
        ("lit-100", 100.0, "line"),
        ("lit-100-street", 100.0, "street"),
    ],
)
def test_presets_allow_the_metres_that_their_sources_give(name: str, limit_m: float, measure: str) -> None:
    rule = circle(name)
    assert rule.limit_m == pytest.approx(limit_m)
    assert rule.measure == measure
    assert rule.source
    assert any("\u4e00" <= letter <= "\u9fff" for letter in rule.source_zh)


def test_every_preset_is_checked_above() -> None:
    assert len(PRESETS) == 7


@given(
    st.floats(1, 30), st.floats(0.5, 4), st.sampled_from([1, 2]), st.floats(0, 20), st.floats(0, 20), st.floats(0, 5)
)
def test_metres_and_minutes_are_inverse(
    minutes: float, speed: float, trips: int, start: float, device: float, vertical: float
) -> None:
    rule = RescueCircle("own", "1", minutes, speed, trips, start, device, vertical)
    if rule.limit_m > 0:
        assert rule.minutes_for(rule.limit_m) == pytest.approx(minutes)


def test_delays_longer_than_the_time_leave_no_metres() -> None:
    assert RescueCircle("own", "1", minutes=1, speed=1, start_delay_s=90).limit_m == 0.0


@pytest.mark.parametrize("name", PRESETS)
def test_the_words_of_a_circle_name_every_number_in_both_languages(name: str) -> None:
    rule = circle(name)
    for words in (rule.words_zh, rule.words_en):
        assert words.startswith(f"{name} (v{rule.version})")
        assert f"{rule.limit_m:.0f}" in words
        if rule.radius_m is None:
            assert f"{rule.speed:g}" in words
            assert f"{rule.minutes:g}" in words
        if rule.device_delay_s:
            assert f"{rule.device_delay_s:g}" in words
    assert ("往返" in rule.words_zh) == ("there and back" in rule.words_en) == (rule.trips == 2)


def test_a_scenario_may_change_a_preset_under_a_name_of_its_own() -> None:
    own = define({"preset": "walk-4", "name": "walk-5", "minutes": 5})
    assert (own.limit_m, own.speed) == (375.0, 1.25)
    assert define({"name": "fetch-4"}) is circle("fetch-4")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"minuets": 4}, r"circle\.minuets is not a setting; did you mean minutes\?"),
        ({"name": "walk-9"}, "circle 'walk-9' is not known; known: walk-4"),
        ({"preset": "walk-4", "minutes": 5}, "a circle of your own needs a name"),
        ({"preset": "walk-4", "name": "fetch-4"}, "a circle of your own needs a name that no preset has"),
        ({"name": "own", "minutes": 4}, "circle.speed is missing"),
        ({"name": "own", "minutes": -4, "speed": True}, "circle.minutes is -4"),
        ({"name": "own", "minutes": 4, "speed": 1, "trips": 3}, "circle.trips is 3; expected 1"),
        ({"name": "own", "minutes": 4, "speed": 1, "measure": "bird"}, 'expected "street" or "line"'),
        ({"name": "own", "minutes": 4, "speed": 1, "start_delay_s": -1}, "expected seconds, 0 or more"),
    ],
)
def test_a_circle_that_makes_no_sense_is_refused(table: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        define(table)


def test_all_faults_of_a_circle_come_at_once() -> None:
    with pytest.raises(InputError) as caught:
        define({"name": "own", "minutes": -4, "speed": "fast", "trips": 0})
    assert len(caught.value.faults) == 3


def test_a_circle_of_ones_own_never_keeps_the_chinese_source_of_its_preset() -> None:
    assert define({"preset": "walk-4", "name": "ours", "minutes": 3, "source": "own"}).source_zh == "own"
    both = define({"preset": "walk-4", "name": "ours", "minutes": 3, "source": "own", "source_zh": "自定"})
    assert (both.source, both.source_zh) == ("own", "自定")
