"""The certificate in a plan's folder: it holds, a stranger's twenty lines count the same, and whatever is altered is refused."""

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from counties import SCENARIO, write_county

import aedplan as ap
from aedplan.cli import main
from aedplan.study.proving import FILE, HEAD, faults_of, keep_proof, read_certified

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "03_placement.ipynb"
QUOTAS = SCENARIO + "spacing_m = 150\n[plan.quotas]\nschool = { minimum = 1, maximum = 1 }\n"
MOVES = SCENARIO.replace("devices = 2", "devices = 2\nmove = {}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a plan with quotas and pairs apart."""
    here = tmp_path_factory.mktemp("plan")
    ap.run(ap.Scenario.read(write_county(here, scenario=QUOTAS))).save(here / "out")
    return here / "out"


def stranger() -> Callable[[Path], Fraction]:
    """The twenty lines that the notebook shows, which know nothing of aedplan."""
    cells = [cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if "def proven(" in cell.source]
    assert len(cells) == 1
    assert "aedplan" not in cells[0]
    assert len(cells[0].partition("def proven(")[2].strip().splitlines()) - 2 <= 20  # its name and docstring left out
    names: dict[str, Any] = {"np": np}
    exec(cells[0], names)
    found: Callable[[Path], Fraction] = names["proven"]
    return found


def test_the_certificate_of_a_plan_holds_and_its_command_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = ap.verify(folder)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert (round(held.value, 9), round(held.plan_bound, 9)) == (summary["value"], summary["bound"])
    assert held.value <= held.plan_bound <= held.bound * (1 + 1e-12)
    assert main(["verify", str(folder)]) == 0
    assert "证书成立 the certificate holds" in capsys.readouterr().out


@pytest.mark.parametrize("scenario", [SCENARIO, MOVES, SCENARIO + "backup = 0.3\n"])
def test_plans_of_other_kinds_are_certified_too(tmp_path: Path, scenario: str) -> None:
    outcome = ap.run(ap.Scenario.read(write_county(tmp_path, scenario=scenario)))
    keep_proof(outcome, tmp_path / FILE)
    held = read_certified(tmp_path / FILE)
    assert faults_of(held) == []
    assert held.told["value"] == outcome.plan.value
    assert stranger()(tmp_path / FILE) <= Fraction(held.told["bound"])


def test_a_stranger_counts_the_same_bound_from_the_file_alone(folder: Path) -> None:
    proven = stranger()(folder / FILE)
    assert float(proven) == pytest.approx(ap.verify(folder).bound, rel=1e-15)
    assert proven <= Fraction(ap.verify(folder).bound)


def altered(folder: Path, to: Path, change: Callable[[dict[str, Any], dict[str, np.ndarray]], None]) -> Path:
    """A copy of a plan's folder with another certificate."""
    shutil.copytree(folder, to)
    with zipfile.ZipFile(to / FILE) as archive:
        head = json.loads(archive.read(HEAD))
    with np.load(to / FILE) as file:
        arrays = {name: file[name].copy() for name in file.files if name != HEAD}
    change(head, arrays)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(HEAD, json.dumps(head))
    (to / FILE).write_bytes(buffer.getvalue())
    return to


def lower_bound(head: dict[str, Any], _: dict[str, np.ndarray]) -> None:
    head["bound"] *= 0.999


def lower_charges(_: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    arrays["charge"][arrays["charge"] > 0] //= 3


def charges_below_0(_: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    arrays["charge"][:] = -1


def better_plan(head: dict[str, Any], _: dict[str, np.ndarray]) -> None:
    head["value"] = head["plan_bound"] = head["bound"] = head["value"] * 1.5


def one_more_site(head: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    more = next(s for s in range(len(arrays["cost"])) if s not in head["chosen"] and not arrays["fixed"][s])
    head["chosen"].append(more)


def less_demand(_: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    arrays["weight"] *= 0.5


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lower_bound, "the multipliers prove .*; the head says"),
        (lower_charges, "the multipliers prove .*; the head says"),
        (charges_below_0, "prove nothing: a cell's charge is below 0"),
        (better_plan, "the plan is worth .*; the head says"),
        (one_more_site, "the plan costs 3; the budget is 2"),
        (less_demand, "differs from what walking gives"),
        (lambda head, _: head.pop("budget"), "cannot be read"),
    ],
)
def test_an_altered_certificate_is_refused(folder: Path, tmp_path: Path, change: Any, words: str) -> None:
    with pytest.raises(ap.InputError, match=words):
        ap.verify(altered(folder, tmp_path / "spoiled", change))


def test_a_summary_that_promises_more_than_is_proven_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "out")
    path = tmp_path / "out" / "summary.json"
    summary = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(summary | {"bound": summary["bound"] / 2, "value": 1.0}), encoding="utf-8")
    with pytest.raises(ap.InputError, match=r"says value 1\.0;[^\0]*says bound"):
        ap.verify(tmp_path / "out")


def test_a_plan_without_multipliers_has_no_certificate_and_the_command_says_so(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    text = SCENARIO.replace("devices = 2", 'devices = 2\nmethod = "greedy"')
    keep_proof(ap.run(ap.Scenario.read(write_county(tmp_path, scenario=text))), tmp_path / FILE)
    assert not (tmp_path / FILE).exists()
    assert main(["verify", str(tmp_path)]) == 2
    assert "没有证书" in capsys.readouterr().err


def test_the_file_holds_by_itself_without_its_folder(folder: Path) -> None:
    assert faults_of(read_certified(folder / FILE)) == []
