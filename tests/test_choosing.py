"""From a scenario to its problem: each key of [plan] says what it says."""

import re
from pathlib import Path

import numpy as np
import pytest
from counties import SCENARIO, write_county

from aedplan.coordinates import local_crs, project
from aedplan.errors import InfeasibleError, InputError
from aedplan.problem import PlacementProblem, breaches, value
from aedplan.report.sections import sections
from aedplan.report.summary import plan_rows
from aedplan.scenario.aims import too_near
from aedplan.scenario.choosing import problem_of
from aedplan.scenario.scenario import Scenario
from aedplan.study.curves import trace
from aedplan.study.outcome import Outcome
from aedplan.study.study import run, walk


def scenario(folder: Path, plan: str) -> Scenario:
    return Scenario.read(write_county(folder, scenario=SCENARIO.replace("devices = 2", plan)))


def problem(folder: Path, plan: str) -> PlacementProblem:
    given = scenario(folder, plan)
    walked = walk(given, say=lambda what, done, whole: None)
    return problem_of(given, walked.coverage, walked.sites)


def metres_between(outcome: Outcome) -> np.ndarray:
    """Straight lines between the devices of a plan, the standing ones too."""
    rows = [*np.flatnonzero(outcome.sites.standing), *outcome.plan.chosen]
    xy = project(outcome.sites.lonlat[rows], local_crs(outcome.sites.lonlat))
    apart = np.linalg.norm(xy[:, None] - xy[None], axis=2)
    return apart[np.triu_indices(len(rows), 1)]


def test_a_target_takes_as_few_devices_as_reach_it(tmp_path: Path) -> None:
    most = run(scenario(tmp_path, "devices = 5")).plan
    for share in (0.2, most.share * 0.999):
        outcome = run(scenario(tmp_path, f"target = {share}"))
        plan = outcome.plan
        assert plan.share >= share
        assert (plan.status, plan.cost_bound) == ("optimal", len(plan.chosen))
        fewer = run(scenario(tmp_path, f"devices = {len(plan.chosen) - 1}")).plan.share if len(plan.chosen) > 1 else 0.0
        assert fewer < share
        assert (outcome.summary["cost_unit"], outcome.summary["budget"]) == ("devices", len(plan.chosen))


def test_a_target_in_money_takes_as_little_as_reaches_it(tmp_path: Path) -> None:
    plan = run(scenario(tmp_path, "target = 0.2\nbudget_rmb = 500000")).plan
    assert plan.cost_bound == pytest.approx(plan.cost)
    assert plan.share >= 0.2


def test_a_target_beyond_reach_is_told_in_the_words_of_the_scenario(tmp_path: Path) -> None:
    with pytest.raises(InfeasibleError, match=r"^plan\.devices = 1\nplan\.target = 0\.99$"):
        run(scenario(tmp_path, "devices = 1\ntarget = 0.99"))


def test_spacing_keeps_new_devices_apart_from_one_another_and_from_standing_ones(tmp_path: Path) -> None:
    free = run(scenario(tmp_path, "devices = 4"))
    nearest = float(metres_between(free).min())
    spaced = run(scenario(tmp_path, f"devices = 4\nspacing_m = {nearest + 1}"))
    assert metres_between(spaced).min() >= nearest + 1
    assert spaced.plan.value < free.plan.value
    assert run(scenario(tmp_path, f"devices = 4\nspacing_m = {nearest - 1}")).plan.value == free.plan.value


@pytest.mark.parametrize("more", ["", "\nbackup = 0.4", "\nspacing_m = 250", '\nmethod = "greedy"'])
def test_pinned_sites_are_chosen_and_forbidden_ones_are_not_and_no_such_plan_is_better(
    tmp_path: Path, more: str
) -> None:
    quotas = "\n[plan.quotas]\nschool = { minimum = 1 }"
    plan = f'devices = 3{more}\npin = ["C0", "C4"]\nforbid = ["C1"]{quotas}'
    outcome = run(scenario(tmp_path, plan))
    chosen = {outcome.sites.id[site] for site in outcome.plan.chosen}
    assert {"C0", "C4"} <= chosen
    assert "C1" not in chosen
    free = problem(tmp_path, f"devices = 3{more}{quotas}")
    rows = {id: row for row, id in enumerate(outcome.sites.id)}
    subsets = [(rows["C0"], rows["C4"], rows[third]) for third in ("C2", "C3")]
    best = max(value(free, subset) for subset in subsets if not breaches(free, subset))
    assert value(free, outcome.plan.chosen) == pytest.approx(best, rel=1e-12)
    if not more:
        assert outcome.plan.bound == pytest.approx(best)
    replaced = [one["instead"] for one in outcome.summary["worth"]]
    assert "C1" not in replaced
    assert any(replaced)  # for a pinned device that fails another may stand in


def test_pins_that_cannot_be_kept_are_told_in_the_words_of_the_scenario(tmp_path: Path) -> None:
    with pytest.raises(InfeasibleError, match=r"plan\.devices = 1\nplan\.pin = 2 sites"):
        run(scenario(tmp_path, 'devices = 1\npin = ["C0", "C4"]'))
    with pytest.raises(InputError) as caught:
        run(scenario(tmp_path, 'devices = 2\npin = ["D1"]\nforbid = ["C9"]'))
    assert caught.value.faults == (
        "plan.pin: 'D1' stands already; expected the id of a candidate",
        "plan.forbid: 'C9' is no site; expected the id of a candidate",
    )


def test_backup_counts_the_second_device_as_the_part_it_says(tmp_path: Path) -> None:
    alone, both = problem(tmp_path, "devices = 2"), problem(tmp_path, "devices = 2\nbackup = 0.3")
    assert not alone.second.any()
    assert both.second == pytest.approx(0.3 * both.weight)


def test_places_at_exactly_the_spacing_are_far_enough() -> None:
    lonlat = np.array([[118.39, 24.96], [118.39, 24.96], [118.42, 24.96]])
    assert too_near(lonlat, 1.0).tolist() == [[0, 1]]
    apart = float(np.linalg.norm(np.diff(project(lonlat[1:], local_crs(lonlat)), axis=0)))
    assert too_near(lonlat, apart).tolist() == [[0, 1]]
    assert len(too_near(lonlat, apart * 1.0001)) == 3
    assert too_near(lonlat[:1], 100.0).shape == too_near(lonlat, 0.0).shape == (0, 2)


TOWNS = """
[areas.town]
file = "towns.geojson"
"""


def towns_beside(folder: Path) -> None:
    """Two towns, the west and the east of the small county."""
    import geopandas
    import shapely

    west, east = shapely.box(118.38, 24.95, 118.3945, 24.98), shapely.box(118.3945, 24.95, 118.42, 24.98)
    frame = geopandas.GeoDataFrame({"name": ["西镇", "东镇"]}, geometry=[west, east], crs="EPSG:4326")
    frame.to_file(folder / "towns.geojson", driver="GeoJSON")


def shares_of_towns(outcome: Outcome) -> list[float]:
    """Covered part of each town's demand."""
    return [one["share"] for one in outcome.summary["towns"] if one["id"] in ("西镇", "东镇")]


def test_equity_raises_the_town_that_is_served_worst_and_is_told_beside_coverage(tmp_path: Path) -> None:
    towns_beside(tmp_path)
    most = run(Scenario.read(write_county(tmp_path, scenario=SCENARIO + TOWNS)))
    fair = run(Scenario.read(write_county(tmp_path, scenario=SCENARIO + "equity = 1\n" + TOWNS)))
    assert min(shares_of_towns(fair)) > min(shares_of_towns(most))
    assert fair.summary["share"] <= most.summary["share"]
    assert fair.summary["share"] == pytest.approx(fair.circles["walk-4"].share)
    assert most.summary["objective"] is None
    told = fair.summary["objective"]
    assert (told["equity"], told["equity_by"], told["status"]) == (1.0, "town", "optimal")
    assert told["value"] == pytest.approx(min(shares_of_towns(fair)) * fair.demand.total)
    assert fair.summary["bound"] >= most.summary["value"] * (1 - 1e-9)


def test_equity_between_groups_that_are_not_told_apart_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"not told apart by town \(known levels: none\); expected a table \[areas\.town"
    ):
        run(scenario(tmp_path, "devices = 2\nequity = 0.5"))


def test_with_backup_every_share_is_of_the_first_device_alone(tmp_path: Path) -> None:
    outcome = run(scenario(tmp_path, "devices = 4\nbackup = 1"))
    summary, plan = outcome.summary, outcome.plan
    covered = float(outcome.coverage.weight[outcome.covered[outcome.coverage.point]].sum())
    assert summary["value"] == pytest.approx(covered)
    assert summary["share"] == pytest.approx(covered / outcome.demand.total)
    assert summary["share"] == pytest.approx(summary["circles"]["walk-4"]["share"])
    assert summary["total"] == pytest.approx(outcome.demand.total)
    assert plan.before + sum(plan.gain) == pytest.approx(covered)
    assert summary["objective"]["value"] > covered
    assert summary["objective"]["total"] == pytest.approx(2 * outcome.demand.total)


def moved_county(folder: Path, move: str) -> Outcome:
    """The small county with a device at the edge of everything, where it serves few."""
    return run(scenario(folder, f"devices = 2\nmove = {move}"))


def test_a_standing_device_moves_where_it_covers_more_and_the_plan_says_from_where(tmp_path: Path) -> None:
    stays, moves = run(scenario(tmp_path, "devices = 2")), moved_county(tmp_path, "{ cost = 0 }")
    [(here, to)] = moves.moved
    assert moves.sites.id[here] == "D1"
    assert to in moves.plan.chosen
    assert len(moves.plan.chosen) == 3
    assert moves.plan.value > stays.plan.value
    assert moves.summary["before"] == pytest.approx(stays.summary["before"])
    assert moves.summary["moved"] == [{"from": "D1", "to": moves.sites.id[to]}]
    assert moves.summary["cost"] == 2
    assert moves.summary["share"] == pytest.approx(moves.circles["walk-4"].share)
    assert moves.summary["kept"]["share"] == pytest.approx(moves.summary["share"], abs=1e-6)
    rows = {row["id"]: (row["role"], row["moved"]) for row in plan_rows(moves)}
    assert rows["D1"] == ("moved away", moves.sites.id[to])
    assert rows[moves.sites.id[to]] == ("proposed", "D1")


def test_devices_that_must_stay_and_moves_that_cost_too_much_do_not_move(tmp_path: Path) -> None:
    stays = run(scenario(tmp_path, "devices = 2"))
    for move in ("{ keep = 1 }", "{ cost = 0.9 }"):
        outcome = moved_county(tmp_path, move)
        assert outcome.moved == ()
        assert outcome.plan.chosen == stays.plan.chosen
    for move, why in (("{ keep = 2 }", "the 1 standing devices"), ("{ cost = 1 }", "less than a new device costs, 1")):
        with pytest.raises(InputError, match=why):
            moved_county(tmp_path, move)


def test_moving_costs_money_where_money_is_counted(tmp_path: Path) -> None:
    price = float(moved_county(tmp_path, "{}").sites.cost[0])
    outcome = run(scenario(tmp_path, f"budget_rmb = {price + 2000}\nmove = {{ cost = 2000 }}"))
    assert len(outcome.moved) == 1
    assert outcome.plan.cost == pytest.approx(price + 2000)
    assert outcome.summary["cost"] == pytest.approx(price + 2000)
    assert len(run(scenario(tmp_path, f"budget_rmb = {price + 1999}\nmove = {{ cost = 2000 }}")).moved) == 0


def test_the_folder_of_a_plan_with_moves_says_so_everywhere_and_the_service_reads_it(tmp_path: Path) -> None:
    outcome = moved_county(tmp_path, "{ cost = 0 }")
    outcome.save(tmp_path / "out")
    to = outcome.sites.label[outcome.moved[0][1]]
    report = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    page = (tmp_path / "out/map.html").read_text(encoding="utf-8")
    assert "移动的设备" in report
    assert "2\u00a0台新设备、移动 1\u00a0台" in report
    assert f"移到 {to}" in page
    from service.published import read_published

    published = read_published(tmp_path / "out")
    assert [device.id for device in published.devices] == ["D1"]  # it hangs there until somebody moves it
    assert len(published.proposed) == 3


@pytest.mark.parametrize(
    ("plan", "fault"),
    [
        ("target = 0.3\nbackup = 0.2", "plan.backup cannot stand beside plan.target"),
        ("target = 0.3\nequity = 0.2", "plan.equity cannot stand beside plan.target"),
        ("target = 0.3\nmove = {}", "plan.move cannot stand beside plan.target"),
        ('devices = 2\nequity_by = "town"', "plan.equity_by has no effect without plan.equity"),
        ("devices = 2\nequity = 1.5", "plan.equity is 1.5; expected above 0, at most 1"),
        ("devices = 2\nmove = { keeps = 1 }", "plan.move.keeps is not a setting"),
        ("devices = 2\nmove = { cost = -1 }", "plan.move.cost is -1; expected a number, 0 or more"),
        ('devices = 2\npin = "C0"', "plan.pin is 'C0'; expected ids of candidates"),
        ('devices = 2\npin = ["C0"]\nforbid = ["C0"]', "plan.pin and plan.forbid both name 'C0'"),
        ("devices = 2\nmove = 3", r"plan.move is 3; expected a table \[plan.move\]"),
        ('devices = 2\nequity = 0.2\nobjective = "survival"', "plan.equity has no effect beside"),
    ],
)
def test_aims_that_make_no_sense_are_refused_by_name(tmp_path: Path, plan: str, fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        scenario(tmp_path, plan)


def test_the_curve_is_of_coverage_whatever_was_wanted(tmp_path: Path) -> None:
    given = scenario(tmp_path, "devices = 2\nbackup = 1")
    study = trace(given, range(1, 6), say=lambda what, done, whole: None)
    plain = trace(scenario(tmp_path, "devices = 2"), range(1, 6), say=lambda what, done, whole: None)
    assert study.frontier.total == pytest.approx(plain.frontier.total)
    assert (study.frontier.value <= plain.frontier.value * (1 + 1e-9)).all()
    assert (study.frontier.bound >= plain.frontier.value * (1 - 1e-9)).all()
    assert study.wanted is not None
    assert plain.wanted is None
    assert (study.wanted.value > study.frontier.value).any()
    with pytest.raises(InputError, match=r"plan\.move: the curve is over numbers of new devices"):
        trace(scenario(tmp_path, "devices = 2\nmove = {}"), range(1, 6), say=lambda what, done, whole: None)


def test_the_report_says_which_devices_matter_most(tmp_path: Path) -> None:
    outcome = run(scenario(tmp_path, "devices = 4"))
    worth = outcome.summary["worth"]
    assert {one["id"] for one in worth} == {"D1", *outcome.summary["chosen"]}
    assert [one["loss"] for one in worth] == sorted((one["loss"] for one in worth), reverse=True)
    site = {id: number for number, id in enumerate(outcome.sites.id)}
    weight, covers = outcome.coverage.weight, outcome.coverage.covers.toarray()
    for one in worth:
        rest = [row for row in outcome.devices if row != site[one["id"]]]
        without = float(weight[covers[rest].any(axis=0)].sum())
        assert one["loss"] == pytest.approx(outcome.plan.value - without)
        if one["instead"] is not None:
            better = float(weight[covers[[*rest, site[one["instead"]]]].any(axis=0)].sum())
            assert one["regained"] == pytest.approx(better - without)
    titles = [section.title.en for section in sections(outcome)]
    assert any(re.fullmatch(r"\d+\. Which devices matter most", title) for title in titles)
