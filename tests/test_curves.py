"""`aedplan frontier`: the curve of a scenario as a page, a table and JSON."""

import csv
import json
from pathlib import Path

import pytest
from counties import SCENARIO, write_county

from aedplan.cli import main
from aedplan.cli.plans import counts_of
from aedplan.errors import InputError
from aedplan.scenario.scenario import Scenario
from aedplan.study.study import run


def traced(folder: Path, *words: str, scenario: str = SCENARIO) -> dict[str, object]:
    """What frontier.json holds after the command ran."""
    path = write_county(folder, scenario=scenario)
    assert main(["frontier", str(path), *words, "--out", str(folder / "curve")]) == 0
    return json.loads((folder / "curve/frontier.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def test_each_number_of_devices_has_the_value_of_its_own_plan(tmp_path: Path) -> None:
    told = traced(tmp_path, "--devices", "5")
    rows = told["devices"]
    assert [row["devices"] for row in rows] == [1, 2, 3, 4, 5]  # type: ignore[attr-defined, index]
    for row in rows:  # type: ignore[attr-defined]
        text = SCENARIO.replace("devices = 2", f"devices = {row['devices']}")
        plan = run(Scenario.read(write_county(tmp_path, scenario=text))).plan
        assert row["value"] == pytest.approx(plan.value)
        assert row["bound"] == pytest.approx(plan.bound)
        assert row["share"] == pytest.approx(plan.share)
    assert told["before"] + sum(row["added"] for row in rows) == pytest.approx(rows[-1]["value"])  # type: ignore[operator, attr-defined, index]
    assert told["before"] + sum(one["gain"] for one in told["order"]) == pytest.approx(rows[-1]["value"])  # type: ignore[operator, attr-defined, index]


def test_the_table_holds_the_same_and_the_page_loads_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = traced(tmp_path, "--devices", "2..4")
    printed = capsys.readouterr()
    with (tmp_path / "curve/frontier.csv").open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.DictReader(table))
    assert [row["devices"] for row in rows] == ["2", "3", "4"]
    assert rows[0]["added"] == ""  # what the second device adds is not known without the first
    for row, one in zip(rows, told["devices"], strict=True):  # type: ignore[call-overload]
        assert float(row["bound"]) == one["bound"]
    page = (tmp_path / "curve/frontier.html").read_text(encoding="utf-8")
    assert page.count('class="bound"') == page.count('class="gap"') == 1
    assert "://" not in page.replace("http://www.w3.org", "")
    assert "widest gap: 0.00%" in printed.out


def test_how_many_are_needed_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aedplan.study.curves.GOAL", 0.25)
    told = traced(tmp_path, "--devices", "5")
    shares = [row["share"] for row in told["devices"]]  # type: ignore[attr-defined]
    enough = next(number for number, share in enumerate(shares, 1) if share >= 0.25)
    assert told["needed"] == {"share": 0.25, "at_least": enough, "enough": enough}
    assert f"25%：{enough}" in capsys.readouterr().out.replace(" ", "")


def test_minima_that_one_device_cannot_keep_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_county(tmp_path, scenario=SCENARIO + "\n[plan.quotas]\nschool = { minimum = 2 }\n")
    assert main(["frontier", str(path), "--devices", "4", "--out", str(tmp_path / "curve")]) == 2
    assert "plan.quotas.school = 2 to any of 2 candidates" in capsys.readouterr().err
    assert main(["frontier", str(path), "--devices", "2..4", "--out", str(tmp_path / "curve")]) == 0


@pytest.mark.parametrize("text", ["0", "5..3", "a", "1..2..3", "-4", "2.5", ""])
def test_numbers_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="--devices"):
        counts_of(text)


def test_more_devices_than_candidates_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_county(tmp_path)
    assert main(["frontier", str(path), "--devices", "9", "--out", str(tmp_path / "curve")]) == 2
    assert "--devices up to 9; expected at most the 5 candidates there are" in capsys.readouterr().err
    assert not (tmp_path / "curve").exists()
