"""The week of a study: what the plan promises is what is kept, sums are exact, and nothing unknown counts as open."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from aedplan.errors import InputError
from aedplan.scenario.scenario import Scenario
from aedplan.scenario.week import WeekSettings, read_week
from aedplan.study.outcome import Outcome
from aedplan.study.study import run

DATA = Path(__file__).parents[1] / "data"
DEMO = (DATA / "scenarios" / "nanan-20.toml").read_text(encoding="utf-8").split("\n[hours]")[0]


def demo(folder: Path, *, more: str = "", **tables: Path) -> Outcome:
    """The demo county's plan, greedy, with further tables and perhaps other files."""
    text = DEMO.replace("../demo", str(DATA / "demo")).replace('"exact"', '"greedy"')
    for name, file in tables.items():
        text = text.replace(str(DATA / "demo" / f"{name}.csv"), str(file))
    path = folder / "scenario.toml"
    path.write_text(f"{text}\n{more}", encoding="utf-8")
    return run(Scenario.read(path))


def with_column(folder: Path, name: str, column: str, values: list[str]) -> Path:
    """A table of the demo county with a column set to some values, again and again."""
    with (DATA / "demo" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        row[column] = values[number % len(values)]
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return demo(tmp_path_factory.mktemp("week"), more="[hours]\nyear = 2026\n")


def test_with_hours_the_plan_promises_exactly_what_is_kept(counted: Outcome) -> None:
    assert counted.plan.share == pytest.approx(counted.kept.share, abs=1e-9)
    assert counted.plan.before / counted.plan.total == pytest.approx(
        counted.kept.before.causes()[0] / counted.kept.before.total, abs=1e-9
    )
    own = counted.circles[counted.scenario.circle.name]
    assert own.share == pytest.approx(counted.kept.share, abs=1e-9)


def test_periods_towns_and_causes_add_up_to_all_demand_exactly(counted: Outcome) -> None:
    summary = json.loads(json.dumps(counted.summary))
    total = sum(summary["losses"]["units"].values())
    assert len(summary["periods"]) == 6
    assert sum(sum(one["units"].values()) for one in summary["periods"]) == total
    assert len(summary["towns"]) == 8
    assert sum(sum(one["units"].values()) for one in summary["towns"]) == total
    assert total * summary["losses"]["unit"] == pytest.approx(summary["total"])
    assert sum(one["people"] for one in summary["towns"]) == pytest.approx(180_000)


def test_without_hours_the_plan_counts_paper_and_what_is_left_of_it_is_told(tmp_path: Path, counted: Outcome) -> None:
    paper = demo(tmp_path)
    assert not paper.week.counted
    assert paper.kept.share < paper.plan.share
    assert counted.kept.share >= paper.kept.share  # a plan made for what is open keeps more
    assert paper.demand.total == pytest.approx(counted.demand.total)


def test_unknown_hours_never_count_as_open_until_the_planner_states_them(tmp_path: Path) -> None:
    silent = with_column(tmp_path, "candidates", "开放时间", [""])
    closed = demo(tmp_path, more="[hours]\n", candidates=silent)
    assert closed.plan.value == pytest.approx(closed.plan.before)
    stated = demo(tmp_path, more='[hours]\nunknown = "24/7"\n', candidates=silent)
    assert stated.plan.value > stated.plan.before


def test_a_device_that_is_not_ready_is_lost_under_that_cause(tmp_path: Path) -> None:
    broken = with_column(tmp_path, "devices", "位置说明", ["否"])
    text = broken.read_text(encoding="utf-8").replace("位置说明", "是否可用")
    broken.write_text(text, encoding="utf-8")
    outcome = demo(tmp_path, more="[hours]\n", devices=broken)
    assert outcome.plan.before == 0
    assert outcome.kept.before.causes()[1] > 0


def test_the_periods_may_be_the_planners_own(tmp_path: Path) -> None:
    own = '[hours]\n[[periods]]\nid = "day"\nhours = "06:00-22:00"\n[[periods]]\nid = "night"\nhours = "22:00-06:00"\n'
    periods = {one["id"]: one for one in demo(tmp_path, more=own).summary["periods"]}
    assert periods["day"]["hours"] == 365 * 16
    assert periods["night"]["share"] < periods["day"]["share"]


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"periods": []}, "no effect without"),
        ({"hours": {"yaer": 2026}}, "hours.yaer is not a setting"),
        ({"hours": {"year": "2026"}}, "expected a year"),
        ({"hours": {"holidays": "japan"}}, "china, none"),
        ({"hours": {"unknown": "sometimes"}}, "expected opening hours"),
        ({"hours": {"terms": "2026"}}, "expected stretches"),
        ({"hours": 8}, "expected a table"),
        ({"hours": {}, "periods": [{"id": "day", "hours": "08:00-16:00"}]}, "no period holds"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(tables: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_week(tables)


def test_no_hours_table_means_no_settings_and_an_empty_one_the_usual() -> None:
    assert read_week({}) is None
    assert read_week({"hours": {}}) == WeekSettings()


def test_every_device_owns_what_is_kept_through_it(counted: Outcome) -> None:
    losses = counted.kept.losses
    by_device = losses.by(losses.site, len(counted.kept.devices))
    assert by_device[:, 0].sum() == losses.causes()[0]
    assert np.count_nonzero(by_device.sum(axis=1)) <= len(counted.kept.devices)
