"""The command line, as its users run it."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from counties import SCENARIO, at, write_county

from aedplan.cli import main

FILES = {
    "summary.json", "plan.geojson", "plan.gpkg", "plan.xlsx", "map.html", "report.html", "scenario.toml", "streets",
}  # fmt: skip


def bytes_of(folder: Path) -> dict[str, str]:
    """Checksum of every file, with `seconds` taken out of what depends on it."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        if path.name == "summary.json":
            summary = json.loads(content)
            assert summary.pop("seconds") >= 0
            content = json.dumps(summary).encode()
        found[path.relative_to(folder).as_posix()] = hashlib.sha256(content).hexdigest()
    return found


def test_plan_writes_every_file_and_the_same_bytes_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_county(tmp_path)
    assert main(["plan", str(path), "--out", str(tmp_path / "a")]) == 0
    printed = capsys.readouterr()
    assert "覆盖 coverage" in printed.out
    assert "walk-4 (v1): 300 m along streets" in printed.out
    assert printed.err == ""  # no bar where there is no terminal
    assert main(["plan", str(path), "--out", str(tmp_path / "b")]) == 0
    assert {p.name for p in (tmp_path / "a").iterdir() if not p.name.startswith(".")} >= FILES
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")


def test_the_summary_holds_what_it_promises(tmp_path: Path) -> None:
    main(["plan", str(write_county(tmp_path)), "--out", str(tmp_path / "out")])
    summary = json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8"))
    promised = (
        "version scenario inputs circle sites standing chosen value total share bound gap status method seconds circles"
    )
    assert set(promised.split()) <= set(summary)
    assert set(summary["inputs"][0]) >= {"file", "sha256", "source", "licence"}
    assert {"walk-4", "fetch-4", "sz-i-300"} <= set(summary["circles"])
    assert len(summary["inputs"][0]["sha256"]) == 64
    plan = json.loads((tmp_path / "out/plan.geojson").read_text(encoding="utf-8"))
    proposed = [f["properties"] for f in plan["features"] if f["properties"]["role"] == "proposed"]
    assert [p["id"] for p in sorted(proposed, key=lambda p: p["order"])] == summary["chosen"]
    assert sum(p["gain"] for p in proposed) + summary["before"] == pytest.approx(summary["value"])


def bad_people(folder: Path) -> None:
    (folder / "people.csv").write_text("id,lon,lat,population\na,118.39,24.96,-4\nb,218.39,24.96,4\n", encoding="utf-8")


def no_column(folder: Path) -> None:
    (folder / "people.csv").write_text("id,lon,population\na,118.39,4\n", encoding="utf-8")


def swapped(folder: Path) -> None:
    (folder / "candidates.csv").write_text("编号,经度,纬度\na,24.96,118.39\n", encoding="utf-8")


def truncated(folder: Path) -> None:
    (folder / "streets.osm").write_bytes((folder / "streets.osm").read_bytes()[:900])


def no_street(folder: Path) -> None:
    (folder / "streets.osm").write_text('<osm version="0.6"></osm>', encoding="utf-8")


def missing(folder: Path) -> None:
    (folder / "devices.csv").unlink()


def typo(folder: Path) -> None:
    (folder / "study.toml").write_text(SCENARIO.replace("devices = 2", "devises = 2"), encoding="utf-8")


def no_budget(folder: Path) -> None:
    (folder / "study.toml").write_text(SCENARIO.replace("devices = 2", "devices = 0"), encoding="utf-8")


def far(folder: Path) -> None:
    with (folder / "candidates.csv").open("a", encoding="utf-8") as table:
        table.write("\nC9,山上,hotel,118.39,24.915")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (bad_people, ["people.csv", "row 2", "row 3", "below 0"]),
        (no_column, ["people.csv", "lat"]),
        (swapped, ["candidates.csv", "swapped"]),
        (truncated, ["streets.osm"]),
        (no_street, ["streets.osm", "no walkable street"]),
        (missing, ["standing.file", "devices.csv"]),
        (typo, ["plan.devises is not a setting", "did you mean devices?"]),
        (no_budget, ["plan.devices is 0", "1 or more"]),
        (far, ["candidates.csv, row 7 (山上)", "5", "m from the nearest walkable street"]),
    ],
)
def test_bad_input_ends_with_2_one_message_and_no_folder(tmp_path, capsys, spoil, words) -> None:  # type: ignore[no-untyped-def]
    path = write_county(tmp_path)
    spoil(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert main(["plan", str(path), "--out", str(tmp_path / "out")]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("aedplan: 输入有误，什么都没有写。Bad input; nothing was written:\n")
    assert "Traceback" not in printed.err
    for word in words:
        assert word in printed.err
    assert sorted(tmp_path.iterdir()) == before


def test_conditions_that_clash_are_told_in_chinese_first_one_on_each_line(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    path = write_county(tmp_path, scenario=SCENARIO + "[plan.quotas]\nhotel = { minimum = 2 }\n")
    assert main(["plan", str(path), "--out", str(tmp_path / "out")]) == 2
    opening, *conditions = capsys.readouterr().err.splitlines()
    assert opening == "aedplan: 没有方案能同时满足这些条件。No plan meets these together:"
    assert conditions == ["plan.devices = 2", "plan.quotas.hotel = 2 to any of 1 candidates"]
    assert not (tmp_path / "out").exists()


def test_a_scenario_that_is_not_there_is_said_not_to_be_there(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    assert main(["plan", str(tmp_path / "none.toml"), "--out", str(tmp_path / "out")]) == 2
    assert "none.toml: there is no such file" in capsys.readouterr().err


def test_a_folder_that_holds_other_files_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_county(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.docx").write_text("years of work")
    assert main(["plan", str(path), "--out", str(tmp_path / "out")]) == 2
    assert "thesis.docx" in capsys.readouterr().err
    assert (tmp_path / "out" / "thesis.docx").read_text() == "years of work"


def test_fetch_isochrones_route_and_nearest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_county(tmp_path)
    saved = str(tmp_path / "county.streets")
    assert main(["fetch", str(tmp_path / "streets.osm"), "--out", saved]) == 0
    assert "nodes" in capsys.readouterr().out
    shapes = tmp_path / "reach.geojson"
    assert main(["isochrones", saved, "--at", at(4, 4), "--minutes", "2,4", "--out", str(shapes)]) == 0
    features = json.loads(shapes.read_text(encoding="utf-8"))["features"]
    assert [f["properties"]["minutes"] for f in features] == [2.0, 4.0]
    assert "walk-4" in features[0]["properties"]["circle"]
    line = tmp_path / "route.geojson"
    assert main(["route", saved, "--at", at(0, 0), "--to", at(3, 0), "--out", str(line)]) == 0
    assert json.loads(line.read_text())["features"][0]["properties"]["metres"] == pytest.approx(302.7, abs=1)
    capsys.readouterr()
    table = str(tmp_path / "candidates.csv")
    assert main(["nearest", saved, "--at", at(7, 7), "--sites", table, "--crs", "wgs84"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("C4 点位4: 2")
    metres, minutes = (float(re.search(pattern, told)[1]) for pattern in (r": (\d+) m on foot", r"about ([\d.]+) min"))  # type: ignore[index]
    assert minutes == pytest.approx(metres / 1.25 / 60, abs=0.06)
    assert "walk-4 (v1)" in told
    assert main(["nearest", saved, "--at", at(7, 7), "--sites", table, "--crs", "wgs84", "--circle", "shock-4"]) == 0
    told = capsys.readouterr().out
    minutes = float(re.search(r"about ([\d.]+) min", told)[1])  # type: ignore[index]
    assert minutes == pytest.approx((2 * metres / 1.8 + 79) / 60, abs=0.06)
    assert "shock-4 (v1)" in told
    assert main(["nearest", saved, "--at", at(7, 7), "--sites", table, "--crs", "wgs84", "--circle", "sz-i-300"]) == 0
    straight = float(re.search(r": (\d+) m in a straight line", capsys.readouterr().out)[1])  # type: ignore[index]
    assert straight < metres
    for wrong in ("118.39", "a,b", "24.96,118.39"):
        assert main(["isochrones", saved, "--at", wrong, "--out", str(tmp_path / "x.geojson")]) == 2
    assert not (tmp_path / "x.geojson").exists()


def test_a_place_far_from_every_street_is_refused_and_nothing_is_written(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    write_county(tmp_path)
    streets, line = str(tmp_path / "streets.osm"), tmp_path / "x.geojson"
    for far in ("118.39,25.96", "-118.39,24.96"):
        assert main(["isochrones", streets, "--at", far, "--out", str(line)]) == 2
        assert main(["route", streets, "--at", at(0, 0), "--to", far, "--out", str(line)]) == 2
        table = str(tmp_path / "candidates.csv")
        assert main(["nearest", streets, "--at", far, "--sites", table, "--crs", "wgs84"]) == 2
        assert capsys.readouterr().err.count(f"{far}: ") == 3
    assert not line.exists()


def test_a_missing_file_of_streets_is_not_taken_for_a_place_name(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    assert main(["fetch", "county.osm.pbf", "--out", str(tmp_path / "s")]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    path = write_county(tmp_path)
    assert main(["plan", str(path), "--out", str(path / "below" / "a file")]) != 0
    printed = capsys.readouterr().err
    assert printed.startswith("aedplan: ")
    assert printed.count("\n") == 1
    assert path.name in printed


def test_a_scenario_saved_by_notepad_is_read(tmp_path: Path) -> None:
    path = write_county(tmp_path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert main(["plan", str(path), "--out", str(tmp_path / "out")]) == 0


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys; from aedplan.cli import make_parser; make_parser().format_help();"
        "print([m for m in ('numpy','pandas','numba','scipy','shapely','osmnx','geopandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
