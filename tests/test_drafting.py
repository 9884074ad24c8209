"""From the files at hand to a first scenario: every file opened, every row accounted for, nothing overwritten."""

import csv
import json
import shlex
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import osmium
import pytest
from counties import at, write_county
from osm_files import document, node, square, way

from aedplan.cli import main
from aedplan.coordinates import convert
from aedplan.errors import InputError
from aedplan.scenario.scenario import Scenario
from aedplan.study.drafting import Draft, TableFile, Wishes, draft
from aedplan.study.study import run
from aedplan.tables.columns import shipped

ROOT = Path(__file__).parents[1]


def write_workbook(path: Path) -> None:
    """The candidates of the demo county as an office would have them: an Excel sheet with places read off Amap."""
    with shipped("demo/candidates.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    lon = header.index("经度")
    places = np.array([[float(row[lon]), float(row[lon + 1])] for row in rows])
    for row, shifted in zip(rows, convert(places, source="wgs84", target="gcj02"), strict=True):
        row[lon : lon + 2] = [round(float(degrees), 6) for degrees in shifted]  # type: ignore[list-item]
    book = openpyxl.Workbook()
    for row in [header, *rows]:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(path)


def write_pbf(path: Path) -> None:
    """The map of the demo county as a .pbf."""
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in osmium.FileProcessor(str(shipped("demo/county.osm.gz"))):
            writer.add(thing)


def readme_commands(name: str) -> list[list[str]]:
    """The two commands of README that go from an Excel sheet and a map to a report."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("aedplan new "))
    return [shlex.split(line, comments=True)[1:] for line in lines[start : start + 2]]


@pytest.mark.slow
def test_two_commands_of_the_readme_lead_from_an_excel_sheet_and_a_pbf_to_a_word_report_in_chinese(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    new, plan = readme_commands("README.zh-CN.md")
    assert [new, plan] == readme_commands("README.md")
    assert (new[0], plan[0]) == ("new", "plan")
    monkeypatch.chdir(tmp_path)
    write_workbook(Path(new[new.index("--candidates") + 1]))
    write_pbf(Path(new[new.index("--streets") + 1]))
    assert main(new) == 0
    told = capsys.readouterr()
    assert "共 424 行，读入 424 行" in told.out
    assert "注意" not in told.err  # nothing looks as if it were in another coordinate system
    assert main(plan) == 0
    folder = Path(plan[plan.index("--out") + 1])
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert (len(summary["chosen"]), summary["hours"]["counted"]) == (20, True)
    assert summary["share"] > 0.1
    assert summary["warnings"] == []
    text = report_text(folder / "report.docx")
    finding = f"20 台新设备：4 分钟内覆盖从 0% 升到 {100 * summary['share']:.0f}%"
    assert finding in text
    rows = csv.reader(shipped("demo/candidates.csv").read_text(encoding="utf-8-sig").splitlines())
    labels = {row[0]: row[1] for row in rows}
    assert all(labels[id] in text for id in summary["chosen"])


def report_text(path: Path) -> str:
    """All words of a Word document, paragraphs and cells in one."""
    from docx import Document

    assert zipfile.is_zipfile(path)
    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells).replace("\u00a0", " ")


def wishes(folder: Path, **changed: object) -> Wishes:
    """The tables of the small county."""
    tables = {
        "candidates": TableFile(folder / "candidates.csv", "wgs84"),
        "standing": TableFile(folder / "devices.csv", "wgs84"),
        "demand": TableFile(folder / "people.csv", "wgs84"),
    }
    return Wishes(**({"streets": folder / "streets.osm", "devices": 2} | tables | changed))  # type: ignore[arg-type]


def written(made: Draft) -> dict[str, object]:
    """Save a draft, see that it is a scenario, and give what it says."""
    made.save()
    Scenario.read(made.path)
    return tomllib.loads(made.path.read_text(encoding="utf-8"))


def test_the_scenario_gives_the_plan_that_the_files_give_by_hand(tmp_path: Path) -> None:
    by_hand = run(Scenario.read(write_county(tmp_path)))
    (tmp_path / "计划").mkdir()
    made = draft(wishes(tmp_path), tmp_path / "计划" / "a b.toml")
    said = written(made)
    assert said["name"] == "a-b"
    assert said["candidates"] == {"file": "../candidates.csv", "crs": "wgs84"}
    assert "hours" not in said  # no table gives any: all would count as closed
    outcome = run(Scenario.read(made.path))
    assert outcome.plan.value == pytest.approx(by_hand.plan.value)
    assert made.copies == ()


def test_every_fault_of_every_file_stands_in_one_message_and_nothing_is_written(tmp_path: Path) -> None:
    write_county(tmp_path)
    (tmp_path / "devices.csv").write_text("编号,经度,纬度\nD1,,\n", encoding="utf-8")
    (tmp_path / "people.csv").write_text("id,lon,lat\na,118.39,24.96\n", encoding="utf-8")
    before = set(tmp_path.iterdir())
    bad = wishes(tmp_path, candidates=TableFile(tmp_path / "candidates.csv"), devices=0, circle="walk-9")
    with pytest.raises(InputError) as caught:
        draft(bad, tmp_path / "no" / "my.toml")
    for word in ("--devices 0", "walk-9", "no folder", "devices.csv", "row 2", "--leave-out", "population", "gcj02"):
        assert word in str(caught.value), word
    assert len(caught.value.faults) >= 6
    assert set(tmp_path.iterdir()) == before


def test_rows_that_cannot_be_read_are_left_out_only_when_asked_and_the_table_is_copied(tmp_path: Path) -> None:
    write_county(tmp_path)
    original = f"编号,名称,类别,经度,纬度,备注\nC0,甲,school,{at(2, 2)},=1+1\nC1,乙,亭子,{at(6, 6)},\nC2,丙,shop,,\n"
    (tmp_path / "candidates.csv").write_text(original, encoding="utf-8")
    with pytest.raises(InputError, match=r"(?s)1 行读不进来.*第 4 行（丙）"):
        draft(wishes(tmp_path), tmp_path / "my.toml")
    made = draft(wishes(tmp_path, leave_out=True), tmp_path / "my.toml")
    assert any(line.endswith("3 rows; 2 read, 1 cell mended, 1 row refused.") for line in made.lines)
    assert written(made)["candidates"]["file"] == "my-candidates.csv"  # type: ignore[index]
    with (tmp_path / "my-candidates.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[:3] for row in rows] == [["编号", "名称", "类别"], ["C0", "甲", "school"], ["C1", "乙", "其他"]]
    assert rows[1][5] == "'=1+1"  # no cell runs as a formula
    assert (tmp_path / "candidates.csv").read_text(encoding="utf-8") == original
    assert len(run(Scenario.read(made.path)).plan.chosen) == 2


def test_places_of_a_gis_file_stay_where_they_are_in_the_copy(tmp_path: Path) -> None:
    write_county(tmp_path)
    features = [
        {"type": "Feature", "properties": {"id": f"C{i}", "kind": kind},
         "geometry": {"type": "Point", "coordinates": [float(part) for part in at(i, i).split(",")]}}
        for i, kind in enumerate(("school", "亭子", "shop"))
    ]  # fmt: skip
    path = tmp_path / "candidates.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    made = draft(wishes(tmp_path, candidates=TableFile(path, "gcj02")), tmp_path / "my.toml")
    assert written(made)["candidates"] == {"file": "my-candidates.csv", "crs": "wgs84"}
    sites = run(Scenario.read(made.path)).sites
    given = np.array([[float(part) for part in at(i, i).split(",")] for i in range(3)])
    np.testing.assert_allclose(sites.lonlat[1:], convert(given, source="gcj02", target="wgs84"), atol=1e-7)


def test_tables_without_ids_do_not_clash(tmp_path: Path) -> None:
    write_county(tmp_path)
    for name in ("devices.csv", "candidates.csv"):
        lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        (tmp_path / name).write_text("\n".join(line.split(",", 1)[1] for line in lines), encoding="utf-8")
    assert len(run(Scenario.read(draft_saved(tmp_path))).plan.chosen) == 2


def draft_saved(folder: Path) -> Path:
    made = draft(wishes(folder), folder / "my.toml")
    made.save()
    return made.path


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    write_county(tmp_path)
    (tmp_path / "my.toml").write_text("# somebody's work", encoding="utf-8")
    with pytest.raises(InputError, match="不会覆盖"):
        draft(wishes(tmp_path), tmp_path / "my.toml")


def test_a_site_far_from_every_street_is_refused_before_a_plan_is_tried(tmp_path: Path) -> None:
    write_county(tmp_path)
    (tmp_path / "devices.csv").write_text("编号,经度,纬度\nD1,118.6,24.96\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"devices.csv, row 2 .* km from the nearest walkable street"):
        draft(wishes(tmp_path), tmp_path / "my.toml")


@pytest.mark.parametrize(
    ("candidates", "standing", "counted", "told"),
    [
        ("Mo-Su 08:00-22:00", "", True, "4 个候选点位的开放时间不明"),
        ("", "24/7", False, "候选点位没有开放时间"),
        ("", "", False, "表中没有开放时间"),
    ],
)
def test_hours_count_where_candidates_give_any(
    tmp_path: Path, candidates: str, standing: str, counted: bool, told: str
) -> None:
    write_county(tmp_path)
    for name, hours in (("candidates.csv", candidates), ("devices.csv", standing)):
        head, first, *rest = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        lines = [f"{head},开放时间", f"{first},{hours}", *(f"{line}," for line in rest)]
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    made = draft(wishes(tmp_path), tmp_path / "my.toml")
    assert told in made.text
    assert ("hours" in written(made)) == counted


def test_without_tables_the_map_gives_venues_and_buildings_and_counts_its_devices_aloud(tmp_path: Path) -> None:
    things = [node(1 + i, 118.39 + i * 0.001, 24.96) for i in range(5)]
    things += [way(100, range(1, 6), {"highway": "residential"})]
    things += square(200, 118.391, 24.9602, 0.0005, building="apartments")
    things += [node(300, 118.392, 24.9601, amenity="school", name="小学")]
    things += [node(301, 118.393, 24.9601, emergency="defibrillator")]
    streets = tmp_path / "map.osm"
    streets.write_text(document(things), encoding="utf-8")
    made = draft(Wishes(streets, population=900, devices=1), tmp_path / "my.toml")
    said = written(made)
    assert said["demand"] == {"from": "buildings", "population": 900}
    assert said["candidates"] == {"from": "osm"}
    assert "standing" not in said
    assert any("1 台 AED，没有计入" in line for line in made.lines)


def test_a_table_in_another_system_than_declared_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = [
        "new",
        "--streets",
        str(shipped("demo/county.osm.gz")),
        "--candidates",
        str(shipped("demo/candidates.csv")),
    ]
    assert main([*given, "--crs", "gcj02", "--out", str(tmp_path / "my.toml")]) == 0
    told = capsys.readouterr()
    assert "像是把 WGS-84 当作 GCJ-02 读入" in told.err
    assert "aedplan plan" in told.out


def test_the_system_of_all_tables_is_not_said_of_files_that_name_their_own(tmp_path: Path) -> None:
    from aedplan.cli import make_parser
    from aedplan.cli.drafts import wishes_of

    options = "new --streets a.osm --candidates b.xlsx --standing c.gpkg --demand d.gpkg --crs gcj02 --demand-crs bd09"
    made = wishes_of(make_parser().parse_args(shlex.split(f"{options} --out {tmp_path / 'my.toml'}")))
    assert made.candidates == TableFile(Path("b.xlsx"), "gcj02")
    assert made.standing == TableFile(Path("c.gpkg"), None)
    assert made.demand == TableFile(Path("d.gpkg"), "bd09")
