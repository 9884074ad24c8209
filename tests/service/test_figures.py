"""The year's figures and a site's score: counted again day by day, and never a number where none is known."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from device_records import NORM, at, healthy, norms, records
from hypothesis import given, settings
from hypothesis import strategies as st

from service.facts import Check, DeviceFacts, Part, Status, day_of
from service.ready.device_days import IN_SERVICE, DeviceDays, device_days
from service.ready.norms import Norm
from service.ready.readiness import CRITICAL, as_known, readiness
from service.year.figures import (
    DEFINITIONS,
    UNIT_KINDS,
    Certified,
    Incident,
    PlacedDevice,
    Town,
    Training,
    Unit,
    YearRecords,
    figures,
)
from service.year.site_score import SiteYear, site_score

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


def slow_days(facts: DeviceFacts, norm: Norm, first: date, last: date) -> DeviceDays:
    """Every day by itself."""
    count = [0, 0, 0]
    serves = False
    for n in range((last - first).days + 1):
        on = first + timedelta(days=n)
        known = as_known(facts, on)
        life = sorted(known.statuses, key=lambda s: s.at)
        serves = bool(life) and life[-1].lifecycle in IN_SERVICE
        if not serves:
            continue
        looks = [
            day_of(c.at)
            for c in known.checks
            if not c.rejected and c.kind != "public_report" and c.results.get("status_indicator") in ("ok", "fail")
        ]
        since = max(looks) if looks else known.installed_on
        count[0] += 1
        count[1] += since is not None and (on - since).days <= norm.check_every_days
        count[2] += not readiness(known, norm, on).usable
    return DeviceDays(*count, serves)


parts = st.builds(
    Part, st.sampled_from(["pads_adult", "battery"]), st.dates(date(2025, 6, 1), date(2027, 6, 1)),
    fitted_on=st.none() | st.dates(date(2025, 6, 1), date(2026, 12, 1)),
    removed_on=st.none() | st.dates(date(2025, 6, 1), date(2026, 12, 1)),
)  # fmt: skip
distinct_lives = records.filter(lambda f: len({s.at for s in f.statuses}) == len(f.statuses))
with_parts = st.builds(lambda f, p: replace(f, parts=p), distinct_lives, st.lists(parts, max_size=4).map(tuple))


@settings(max_examples=40)
@given(distinct_lives | with_parts, norms)
def test_days_are_those_counted_one_by_one(facts: DeviceFacts, norm: Norm) -> None:
    first, last = date(2026, 8, 1), date(2026, 11, 30)
    assert device_days(facts, norm, first, last) == slow_days(facts, norm, first, last)


def test_a_device_checked_every_month_was_checked_in_time_all_year() -> None:
    ok = dict.fromkeys(CRITICAL, "ok")
    checks = tuple(Check(at(-n), "monthly", ok) for n in range(-60, 400, 30))
    facts = healthy(checks=checks, parts=tuple(replace(p, expires_on=date(2030, 1, 1)) for p in healthy().parts))
    assert device_days(facts, NORM, FIRST, LAST) == DeviceDays(365, 365, 0, True)
    gap = replace(facts, checks=tuple(c for c in checks if not 60 < (at(0) - c.at).days < 150))
    missed = device_days(gap, NORM, FIRST, LAST)
    # 90 days between two checks: due after 30, so 59 days late; unknown after 45, so 44 days not ready
    assert (missed.checked, missed.not_ready) == (365 - 59, 44)


def test_a_year_of_daily_checks_is_counted_quickly() -> None:
    import time

    ok = dict.fromkeys(CRITICAL, "ok")
    facts = healthy(checks=tuple(Check(at(-n), "daily", ok) for n in range(500)))
    start = time.process_time()
    for _ in range(5):
        device_days(facts, NORM, FIRST, LAST)
    assert (time.process_time() - start) / 5 < 0.1


def year(**more: object) -> YearRecords:
    return YearRecords(FIRST, LAST, **more)


COUNTY = year(
    devices=(
        PlacedDevice(DeviceDays(365, 292, 73, True), "a"),
        PlacedDevice(DeviceDays(100, 73, 0, True), "b"),
        PlacedDevice(DeviceDays(0, 0, 0, False), "b"),
    ),
    incidents=(Incident(date(2026, 3, 1), "a", True), Incident(date(2026, 4, 1), "b"), Incident(date(2025, 12, 31), "a", True)),
    trainings=(
        Training(date(2026, 3, 1), "a", 30),
        Training(date(2026, 3, 2), "a", 99, drill=True),
        Training(date(2027, 1, 1), "b", 7),
    ),
    certificates=(
        Certified("p1", date(2025, 1, 1), date(2028, 1, 1), "a"),
        Certified("p1", date(2026, 1, 1), None, "a"),
        Certified("p2", date(2023, 1, 1), date(2026, 12, 30), "a"),
        Certified("p3", date(2026, 12, 31), date(2029, 1, 1), "b"),
    ),
    towns=(Town("a", "柳城", 20_000), Town("b", "美林", 40_000), Town("c", "溪美", None)),
    units=(Unit("school", "a", True, False), Unit("school", "b", False, False), Unit("township", "a", True, True)),
)  # fmt: skip
EXPECTED = {
    "devices": (2, {"a": 1, "b": 1, "c": 0}),
    "checked_in_time": (100 * 365 / 465, {"a": 80.0, "b": 73.0, "c": None}),
    "days_not_ready": (73, {"a": 73, "b": 0, "c": 0}),
    "not_ready_share": (100 * 73 / 465, {"a": 20.0, "b": 0.0, "c": None}),
    "uses": (2, {"a": 1, "b": 1, "c": 0}),
    "rescues": (1, {"a": 1, "b": 0, "c": 0}),
    "trained_per_10000": (None, {"a": 15.0, "b": 0.0, "c": None}),
    "certified_per_10000": (None, {"a": 0.5, "b": 0.25, "c": None}),
    "trained_per_device": (15.0, {"a": 30.0, "b": 0.0, "c": None}),
    "certified_per_device": (1.0, {"a": 1.0, "b": 1.0, "c": None}),
    "drills": (1, {"a": 1, "b": 0, "c": 0}),
    "organisation_school": (50.0, {"a": 100.0, "b": 0.0, "c": None}),
    "organisation_township": (100.0, {"a": 100.0, "b": None, "c": None}),
    "team_school": (0.0, {"a": 0.0, "b": 0.0, "c": None}),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_each_figure_is_what_its_formula_says(name: str) -> None:
    [figure] = [one for one in figures(COUNTY) if one.definition.id == name]
    value, towns = EXPECTED[name]
    assert figure.value == pytest.approx(value)
    assert {code: one.value for code, one in figure.by_town.items()} == pytest.approx(towns)


def test_every_figure_has_a_formula_in_both_languages_and_its_own_id() -> None:
    assert len({one.id for one in DEFINITIONS}) == len(DEFINITIONS) == 11 + 2 * len(UNIT_KINDS)
    for one in DEFINITIONS:
        assert all((one.zh, one.en, one.formula_zh, one.formula_en))
        assert not one.formula_zh.isascii()
        assert (one.denominator is None) == ("÷" not in one.formula_zh)


def test_no_records_give_no_shares() -> None:
    for figure in figures(year()):
        assert figure.value == (None if figure.definition.denominator else 0)


def test_a_certificate_is_one_person_however_many_they_hold() -> None:
    assert COUNTY.certified == 2


sites = st.builds(
    SiteYear, st.integers(1, 5), st.none() | st.floats(0, 1), st.integers(0, 80), st.booleans(), st.booleans(),
    st.booleans(), st.integers(0, 3),
)  # fmt: skip
BETTER = {
    "checked_share": lambda s: 1.0,
    "trained": lambda s: s.trained + 1,
    "agreement_in_force": lambda s: True,
    "cover_in_force": lambda s: True,
    "signs_ok": lambda s: True,
    "drills": lambda s: s.drills + 1,
}


@given(sites, st.sampled_from(sorted(BETTER)))
def test_a_site_that_does_better_never_scores_less(site: SiteYear, what: str) -> None:
    before, after = site_score(site), site_score(replace(site, **{what: BETTER[what](site)}))
    assert after.total >= before.total
    assert before.total == pytest.approx(sum(part.points for part in before.parts))
    assert 0 <= before.total <= 100
    for part in before.parts:
        assert (part.points < part.most) == bool(part.advice_zh) == bool(part.advice_en)


def test_the_advice_followed_gives_all_points() -> None:
    poor = SiteYear(2, None, 0, False, False, False, 0)
    assert site_score(poor).total == 0
    assert sum(part.most for part in site_score(poor).parts) == 100
    assert site_score(SiteYear(2, 1.0, 20, True, True, True, 1)).total == 100
    assert site_score(replace(poor, devices=0)).total is None


def test_an_instant_at_midnight_belongs_to_the_county_s_day() -> None:
    late = datetime(2026, 6, 30, 16, 30, tzinfo=UTC)  # 1 July, half past midnight
    facts = healthy(statuses=(Status(late, "active"),), installed_on=None, checks=())
    assert device_days(facts, NORM, FIRST, LAST).in_service == 184
