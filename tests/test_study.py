"""Whole studies: the figures follow from the inputs, whichever way they are counted."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from counties import SCENARIO, write_county
from oracles import walks

from aedplan.circles import circle
from aedplan.coordinates import project
from aedplan.coverage import cover
from aedplan.errors import InfeasibleError, InputError
from aedplan.scenario.scenario import Scenario
from aedplan.study.outcome import Outcome
from aedplan.study.study import run

ROOT = Path(__file__).parents[1]


def plan(folder: Path, scenario: str = SCENARIO) -> Outcome:
    return run(Scenario.read(write_county(folder, scenario=scenario)))


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The small county, planned as it is."""
    return plan(tmp_path_factory.mktemp("county"))


def covered_by_hand(outcome: Outcome) -> float:
    """Covered weight by Dijkstra on the whole network from every site of the plan."""
    sites = outcome.site_anchors
    answers = walks(outcome.streets, sites, outcome.demand_anchors)
    limit_mm = round(outcome.scenario.circle.limit_m * 1000)
    rows = [*np.flatnonzero(outcome.sites.standing), *outcome.plan.chosen]
    reached = {point for site in rows for point, mm in answers[site].items() if mm <= limit_mm}
    return float(outcome.demand.weight[sorted(reached)].sum())


def test_the_value_of_a_plan_is_what_dijkstra_and_a_sum_give(outcome: Outcome) -> None:
    assert outcome.plan.value == pytest.approx(covered_by_hand(outcome))
    assert outcome.plan.value == pytest.approx(outcome.demand.weight[outcome.covered].sum())
    assert outcome.plan.status == "optimal"
    assert outcome.demand.total == pytest.approx((sum(10 + c * r for c in range(9) for r in range(9)) + 12) * 97.1e-5)


def test_demand_nobody_can_reach_is_reported_by_cause_and_not_dropped(outcome: Outcome) -> None:
    lost = outcome.unreachable
    per_person = 97.1e-5
    assert lost.cut_off == pytest.approx(7 * per_person)  # the island street
    assert lost.off_street == pytest.approx(5 * per_person)  # 400 m from the last street
    assert lost.no_site > 0
    covered_by_all = outcome.coverage.weight[np.unique(outcome.coverage.covers.indices)].sum()
    assert lost.total + covered_by_all == pytest.approx(outcome.demand.total)


def test_the_three_circles_stand_side_by_side_and_the_honest_one_covers_less(outcome: Outcome) -> None:
    circles = outcome.circles
    assert set(circles) == {"walk-4", "fetch-4", "sz-i-300"}
    assert circles["fetch-4"].share < circles["walk-4"].share <= circles["sz-i-300"].share
    assert all(figure.share_before <= figure.share for figure in circles.values())


def test_a_straight_line_circle_counts_everybody_within_its_radius(tmp_path: Path) -> None:
    outcome = plan(tmp_path, SCENARIO + '[circle]\nname = "sz-i-300"\n')
    xy = project(outcome.demand.lonlat, outcome.streets.crs)
    site_xy = project(outcome.sites.lonlat, outcome.streets.crs)
    rows = [*np.flatnonzero(outcome.sites.standing), *outcome.plan.chosen]
    near = (np.hypot(*(xy[:, None] - site_xy[rows][None]).transpose(2, 0, 1)) <= 300).any(axis=1)
    assert outcome.plan.value == pytest.approx(outcome.demand.weight[near].sum())


def test_the_summary_says_how_much_longer_the_walk_is_than_the_straight_line(outcome: Outcome) -> None:
    rows = [*np.flatnonzero(outcome.sites.standing), *outcome.plan.chosen]
    answers = walks(outcome.streets, outcome.site_anchors, outcome.demand_anchors)
    xy, site_xy = (project(of.lonlat, outcome.streets.crs) for of in (outcome.demand, outcome.sites))
    ratios: list[float] = []
    for point, weight in enumerate(outcome.demand.weight[:, 0]):
        walked = min((answers[s][point] / 1000 for s in rows if point in answers[s]), default=np.inf)
        straight = min(np.hypot(*(xy[point] - site_xy[s])) for s in rows)
        if np.isfinite(walked) and straight > 0.001:
            ratios += [walked / straight] * round(weight / 97.1e-5)
    assert outcome.summary["street_line_ratio"] == pytest.approx(float(np.median(ratios)), rel=0.02)


def test_quotas_by_kind_are_kept_and_an_impossible_one_is_named(tmp_path: Path) -> None:
    text = SCENARIO + "[plan.quotas]\nhotel = { minimum = 1 }\nshop = { maximum = 0 }\n"
    kinds = [outcome.sites.kind[s] for outcome in [plan(tmp_path, text)] for s in outcome.plan.chosen]
    assert "hotel" in kinds
    assert "shop" not in kinds
    with pytest.raises(InfeasibleError, match=r"^plan\.devices = 2\nplan\.quotas\.hotel = 2 to any of 1 candidates$"):
        plan(tmp_path, SCENARIO + "[plan.quotas]\nhotel = { minimum = 2 }\n")


def test_quotas_by_town_are_kept_and_a_wrong_name_or_level_is_told(tmp_path: Path) -> None:
    path = write_county(tmp_path, scenario=SCENARIO)
    for name, column in (("people.csv", "town"), ("devices.csv", "镇街"), ("candidates.csv", "镇街")):
        head, *rows = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        lon = head.split(",").index("lon" if "lon" in head else "经度")
        towns = ["西镇" if float(row.split(",")[lon]) < 118.394 else "东镇" for row in rows]
        lines = [f"{head},{column}", *(f"{row},{town}" for row, town in zip(rows, towns, strict=True))]
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")

    def towns_of(quotas: str, more: str = "") -> list[str]:
        path.write_text(SCENARIO + more + quotas, encoding="utf-8")
        outcome = run(Scenario.read(path))
        assert not outcome.plan.certificate or outcome.save(tmp_path / "out") is None
        return sorted(outcome.sites.town[site] for site in outcome.plan.chosen)

    by = "\n[plan.quotas_by.town]\n"
    free = towns_of("")
    assert towns_of(by + '"西镇" = { minimum = 2 }') == ["西镇"] * 2 != free
    assert towns_of(by + '"西镇" = { maximum = 0 }') == ["东镇"] * 2
    assert towns_of(by + '"西镇" = { maximum = 1 }', "equity = 0.9") == ["东镇", "西镇"]
    with pytest.raises(InfeasibleError, match=r"plan\.quotas_by\.town\.西镇 = 3 to any of 2 candidates"):
        towns_of(by + '"西镇" = { minimum = 3 }')
    with pytest.raises(InputError, match=r"quotas_by\.town\.南镇 is not known; known: .*西镇"):
        towns_of(by + '"南镇" = { minimum = 1 }')
    with pytest.raises(InputError, match=r"not told apart by school \(known levels: town\)"):
        towns_of('\n[plan.quotas_by.school]\n"一小" = { minimum = 1 }')
    with pytest.raises(InputError, match=r"plan\.quotas_by\.town\.西镇: minimum 3, maximum 1"):
        towns_of(by + '"西镇" = { minimum = 3, maximum = 1 }')


def test_the_bound_for_each_number_of_devices_is_never_below_what_so_many_cover(
    outcome: Outcome, tmp_path: Path
) -> None:
    assert outcome.device_bounds is not None
    single = plan(tmp_path, SCENARIO.replace("devices = 2", "devices = 1"))
    for count, best in ((1, single.plan.value), (2, outcome.plan.value)):
        assert outcome.device_bounds[count - 1] >= best - 1e-9
    assert outcome.device_bounds[-1] <= outcome.plan.bound


def test_a_budget_in_money_buys_what_it_can(outcome: Outcome, tmp_path: Path) -> None:
    bought = plan(tmp_path, SCENARIO.replace("devices = 2", "budget_rmb = 71999"))
    assert len(bought.plan.chosen) == 2
    assert bought.plan.cost == 48_000
    told = [bought.summary[key] for key in ("cost", "cost_unit", "budget")]
    assert told == [48_000, "RMB", 71_999]
    told = [outcome.summary[key] for key in ("cost", "cost_unit", "budget")]
    assert told == [2, "devices", 2]


def test_quotas_that_cost_more_than_the_budget_are_told_in_the_scenarios_words(tmp_path: Path) -> None:
    text = SCENARIO.replace("devices = 2", "budget_rmb = 1000000") + "[plan.quotas]\nschool = { minimum = 3 }\n"
    with pytest.raises(InfeasibleError) as caught:
        plan(tmp_path, text)
    assert str(caught.value) == "plan.budget_rmb = 1000000\nplan.quotas.school = 3 to any of 2 candidates"


def test_more_devices_than_candidates_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"plan\.devices is 6; expected at most the 5 candidates"):
        plan(tmp_path, SCENARIO.replace("devices = 2", "devices = 6"))


def test_a_candidate_5_km_from_any_street_is_refused_with_file_and_row(tmp_path: Path) -> None:
    path = write_county(tmp_path)
    with (tmp_path / "candidates.csv").open("a", encoding="utf-8") as table:
        table.write("\nC9,山上,hotel,118.39,24.915\nC10,海上,hotel,118.39,24.905")
    with pytest.raises(InputError) as caught:
        run(Scenario.read(path))
    assert caught.value.faults[0].startswith("candidates.csv, row 7 (山上): 4,9")
    assert "from the nearest walkable street; expected at most 1,000 m" in caught.value.faults[0]
    assert len(caught.value.faults) == 2


def faults_of_far_candidates(folder: Path, count: int, place: str) -> tuple[str, ...]:
    path = write_county(folder)
    rows = [f"F{i},远处{i},hotel,{place}" for i in range(count)]
    (folder / "candidates.csv").write_text("\n".join(["编号,名称,类别,经度,纬度", *rows]), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        run(Scenario.read(path))
    faults: tuple[str, ...] = caught.value.faults
    return faults


def test_up_to_five_far_candidates_are_named_and_more_are_counted(tmp_path: Path) -> None:
    assert len(faults_of_far_candidates(tmp_path, 5, "118.39,24.915")) == 5
    (fault,) = faults_of_far_candidates(tmp_path, 6, "116.4,39.9")
    assert "candidates.csv: 6 of 6 candidates" in fault
    assert "the first is row 2 (远处0): 1,6" in fault
    assert "km from the nearest walkable street; expected at most 1,000 m" in fault
    assert "是同一个地方的街道吗" in fault
    assert "streets of the same place" in fault


def test_a_place_beyond_all_lengths_is_said_to_lie_outside(tmp_path: Path) -> None:
    (fault,) = faults_of_far_candidates(tmp_path, 6, "-60,-30")
    assert "(远处0): outside the streets' area; expected" in fault
    assert "2,147" not in fault


def test_the_faults_of_several_files_come_together(tmp_path: Path) -> None:
    path = write_county(tmp_path)
    (tmp_path / "people.csv").write_text("id,lon,lat,population\na,118.39,24.96,-4\n", encoding="utf-8")
    (tmp_path / "devices.csv").write_text("编号,名称,类别,经度,纬度\nD1,x,transport,24.96,118.39\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        run(Scenario.read(path))
    assert "people.csv" in str(caught.value)
    assert "devices.csv" in str(caught.value)


def test_coverage_has_a_cell_for_each_point_and_period(outcome: Outcome) -> None:
    from dataclasses import replace

    halves = replace(
        outcome.demand, weight=np.column_stack([outcome.demand.weight[:, 0] * share for share in (0.25, 0.75)])
    )
    double = cover(outcome.streets, outcome.sites, halves, circle=circle("walk-4"))
    assert double.covers.shape == (len(outcome.sites), 2 * len(outcome.demand))
    assert double.weight.sum() == pytest.approx(outcome.demand.total)
    first = double.covers[:, double.period == 0]
    assert (first != double.covers[:, double.period == 1]).nnz == 0


@pytest.mark.slow
def test_the_whole_of_liechtenstein_is_planned_from_its_pbf_in_less_than_a_gigabyte_and_a_half(tmp_path: Path) -> None:
    if not (ROOT.parent / "shared/data/osm/liechtenstein_20211028.osm.pbf").exists():
        pytest.skip("../shared/data/osm/liechtenstein_20211028.osm.pbf is not there")
    code = (
        "import sys; from aedplan.cli import main; code = main(sys.argv[1:]);"
        # the peak of this program alone: that of getrusage begins with the memory of whoever started it
        "print('peak', *[line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')]);"
        "sys.exit(code)"
    )
    scenario = str(ROOT / "data/scenarios/liechtenstein.toml")
    command = [sys.executable, "-c", code, "plan", scenario, "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout.rsplit("peak ", 1)[1]) < 1.5 * 2**20
    assert (tmp_path / "out" / "map.html").stat().st_size < 4e6
    told = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert told["standing"] == 100
    assert len(told["chosen"]) == 20
    assert told["before"] < told["value"] <= told["bound"]
    assert told["gap"] < 0.01
    assert told["total"] == pytest.approx(39055 * 97.1e-5)
    assert 0.25 < told["circles"]["walk-4"]["share_before"] < 0.38
