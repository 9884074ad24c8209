"""The value of a draft equals what aedplan computes anew, whatever is moved, added or taken away."""

import time
from pathlib import Path

import numpy as np
import pytest
from counties import SCENARIO, at, write_county
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import aedplan as ap
from aedplan.coverage import cover, narrow
from aedplan.hours.hours import OpenTimes, open_times
from aedplan.hours.periods import Periods
from aedplan.hours.texts import understand_hours
from aedplan.losses import find_losses, walk_each_way
from aedplan.outputs import write_json
from aedplan.sites import Sites
from aedplan.source import Source
from aedplan.study.reopening import keep_study
from service.errors import ServiceError
from service.planning.draft_value import Drafting, DraftSite, DraftValue, open_drafting

HOURS = ["24/7", "Mo-Fr 08:00-17:00; PH off", "Sa,Su 09:00-12:00", "", "周一至周五 8:00-17:00"]
KINDS = {
    "paper": "",
    "hours": '[hours]\nyear = 2026\nunknown = "Mo-Fr 08:00-18:00"',
    "floors": '[hours]\n[circle]\nname = "up"\npreset = "walk-4"\nvertical_delay_s = 33.3',
    "line": '[hours]\n[circle]\nname = "sz-i-300"',
    "backup": "[hours]",
}


def write_study(folder: Path, kind: str) -> Path:
    """The folder of a plan on the small county, some of whose sites close; the standing device by the river is broken."""
    plan = 'devices = 2\nbackup = 0.3\npin = ["C0"]' if kind == "backup" else "devices = 2"
    scenario = write_county(folder, scenario=SCENARIO.replace("devices = 2", plan) + KINDS[kind])
    head = "编号,名称,类别,经度,纬度,开放时间"
    rows = [f"D1,汽车站,transport,{at(0, 0)},24/7,是", f"D2,渡口,other,{at(7, 1)},24/7,否"]
    (folder / "devices.csv").write_text("\n".join([head + ",可用状态", *rows]), encoding="utf-8")
    places = [(2, 2), (6, 6), (6, 2), (2, 6), (8, 8)]
    rows = [f'C{i},点位{i},school,{at(*places[i])},"{HOURS[i]}"' for i in range(5)]
    (folder / "candidates.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    return save(ap.run(ap.Scenario.read(scenario)), folder / "plan")


def save(outcome: ap.Outcome, folder: Path) -> Path:
    """What drafts need of a plan's folder: no maps and no reports."""
    folder.mkdir(exist_ok=True)
    write_json(folder / "summary.json", outcome.summary)
    (folder / "scenario.toml").write_text(outcome.scenario.text, encoding="utf-8")
    outcome.streets.save(folder / "streets")
    keep_study(outcome, folder / "study.npz")
    return folder


@pytest.fixture(scope="module", params=list(KINDS))
def drafting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Drafting:
    return open_drafting(write_study(tmp_path_factory.mktemp(request.param), request.param))


def anew(drafting: Drafting, sites: list[DraftSite], standing: list[str]) -> np.ndarray:
    """Covered demand of each point, by aedplan alone: all devices walk again."""
    study, placed = drafting.study, placed_anew(drafting, sites, standing)
    coverage = cover(study.streets, placed, study.demand, circle=study.circle)
    if study.week.counted:
        coverage = narrow(coverage, times=times_of(placed.hours, study.week.times.periods), ready=placed.ready)
    cells = np.unique(coverage.covers.indices)
    return np.bincount(coverage.point[cells], weights=coverage.weight[cells], minlength=len(study.demand))


def causes_anew(drafting: Drafting, sites: list[DraftSite], standing: list[str]) -> np.ndarray:
    """Units of each cause, by aedplan alone."""
    study, placed = drafting.study, placed_anew(drafting, sites, standing)
    hours = placed.hours if study.week.known else ("24/7",) * len(placed)
    walks = walk_each_way(study.streets, placed.lonlat, study.demand, circle=study.circle)
    return find_losses(walks, study.demand, times_of(hours, study.week.times.periods), ready=placed.ready).causes()


def placed_anew(drafting: Drafting, sites: list[DraftSite], standing: list[str]) -> Sites:
    """The devices of a draft as sites of their own."""
    study = drafting.study
    rows = {id: row for row, id in enumerate(study.sites.id)}
    lonlat = [study.sites.lonlat[rows[id]] for id in standing]
    hours = [study.week.hours[rows[id]] for id in standing]
    ready = [bool(study.sites.ready[rows[id]]) for id in standing]
    for site in sites:
        known = rows.get(site.id, -1)
        lonlat.append(study.sites.lonlat[known] if site.lonlat is None else site.lonlat)
        own = study.week.hours[known] if known >= 0 else "24/7"
        hours.append(own if site.hours is None else understand_hours([site.hours])[0].osm)
        ready.append(True)
    ids, places = tuple(f"d{i}" for i in range(len(hours))), np.array(lonlat).reshape(-1, 2)
    return Sites(places, ids, (Source("test"),), hours=tuple(hours), ready=np.array(ready, bool))


KNOWN: dict[tuple[str, ...], OpenTimes] = {}


def times_of(hours: tuple[str, ...], periods: Periods) -> OpenTimes:
    """Opening times, made once for the same hours and periods."""
    key = (*hours, str(periods.minutes.tolist()))
    if key not in KNOWN:
        KNOWN[key] = open_times(hours, periods)
    return KNOWN[key]


def check(drafting: Drafting, sites: list[DraftSite], standing: list[str] | None = None) -> DraftValue:
    """A draft's value, after it was compared with what is computed anew."""
    found = drafting.value(sites, standing=standing)
    stay = [drafting.study.sites.id[row] for row in drafting.standing] if standing is None else standing
    points = anew(drafting, sites, stay)
    assert found.value == pytest.approx(points.sum(), rel=1e-9, abs=1e-15)
    np.testing.assert_allclose(found.covered * drafting.study.demand.weight.sum(axis=1), points, rtol=1e-9, atol=1e-15)
    assert found.units.sum(axis=(0, 1)).tolist() == causes_anew(drafting, sites, stay).tolist()
    upto = [anew(drafting, sites[:count], stay).sum() for count in range(len(sites))] + [points.sum()]
    assert found.gains == pytest.approx(np.diff(upto), rel=1e-9, abs=1e-12)
    less = [anew(drafting, sites[:n] + sites[n + 1 :], stay).sum() for n in range(len(sites))]
    assert found.alone == pytest.approx(points.sum() - np.array(less), rel=1e-9, abs=1e-12)
    return found


def test_the_plan_itself_is_worth_what_its_summary_says(drafting: Drafting) -> None:
    summary = drafting.study.summary
    assert drafting.plan.value == pytest.approx(summary["value"], abs=1e-9)
    assert drafting.before == pytest.approx(summary["before"], abs=1e-9)
    assert drafting.plan.units.sum(axis=(0, 1)).tolist() == list(summary["losses"]["units"].values())
    check(drafting, [DraftSite(id) for id in summary["chosen"]])


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_draft_is_worth_what_aedplan_computes_anew(drafting: Drafting, data: st.DataObject) -> None:
    degrees = st.tuples(st.floats(118.388, 118.413), st.floats(24.958, 24.972))
    site = st.builds(
        DraftSite,
        id=st.sampled_from(["C0", "C1", "C2", "C3", "C4"]),
        lonlat=st.none() | degrees,
        hours=st.none() | st.sampled_from(HOURS),
    )
    by_hand = st.builds(DraftSite, lonlat=degrees, hours=st.none() | st.sampled_from(HOURS))
    sites = data.draw(st.lists(site | by_hand, max_size=4))
    standing = data.draw(st.none() | st.lists(st.sampled_from(["D1", "D2"]), unique=True))
    check(drafting, sites, standing)


def test_a_place_is_walked_from_once(drafting: Drafting, monkeypatch: pytest.MonkeyPatch) -> None:
    walked = []
    whole = drafting._walk_from
    monkeypatch.setattr(drafting, "_walk_from", lambda lonlat, anchors: walked.append(lonlat) or whole(lonlat, anchors))
    sites = [DraftSite("C0"), DraftSite("C1", (118.3931, 24.9641))]
    drafting.value(sites)
    assert [one.tolist() for one in walked] == [[[118.3931, 24.9641]]]  # the others are known
    drafting.value([*sites, DraftSite("C2")])
    assert len(walked) == 1


def test_what_is_no_site_and_has_no_place_is_refused(drafting: Drafting) -> None:
    with pytest.raises(ServiceError, match="no site 'C9'"):
        drafting.value([DraftSite("C9")])
    with pytest.raises(ServiceError, match="no standing device"):
        drafting.value([], standing=["C0"])


def test_a_place_far_from_every_street_is_told_and_covers_nothing(drafting: Drafting) -> None:
    found = drafting.value([DraftSite("C0"), DraftSite(lonlat=(118.5, 25.1))])
    assert found.off_street == (1,)
    assert found.gains[1] == 0


def test_a_study_is_read_once_and_again_when_it_was_written_again(tmp_path: Path) -> None:
    folder = write_study(tmp_path, "paper")
    first = open_drafting(folder)
    assert open_drafting(folder) is first
    save(ap.run(ap.Scenario.read(tmp_path / "study.toml")), folder)
    assert open_drafting(folder) is not first
    (folder / "study.npz").unlink()
    with pytest.raises(ServiceError) as caught:
        open_drafting(folder)
    assert caught.value.status == 409


def test_a_drag_takes_a_quarter_of_what_the_planner_may_wait(drafting: Drafting) -> None:
    chosen = drafting.study.summary["chosen"]
    taken = []
    for step in range(11):
        sites = [DraftSite(chosen[0], (118.392 + step * 1e-4, 24.962)), *(DraftSite(id) for id in chosen[1:])]
        began = time.process_time()
        drafting.value(sites)
        taken.append(time.process_time() - began)
    assert sorted(taken)[5] < 0.05
