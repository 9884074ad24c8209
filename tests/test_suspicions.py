"""A wrongly declared coordinate system is suspected, a rightly declared one never."""

import json
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest

from aedplan.cli import main
from aedplan.coordinates import SYSTEMS, convert
from aedplan.network import StreetNetwork
from aedplan.scenario import Scenario
from aedplan.study import read_inputs
from aedplan.suspicions import FEWEST, suspect_system

SCENARIOS = Path(__file__).parents[1] / "data" / "scenarios"
SHARED = Path(__file__).parents[2] / "shared" / "data"


def read(name: str) -> tuple[StreetNetwork, dict[str, np.ndarray]]:
    """Streets of a shipped scenario, and its points by role."""
    from aedplan.streets import read_streets

    scenario = Scenario.read(SCENARIOS / name)
    demand, sites = read_inputs(scenario)
    assert scenario.streets.file is not None
    return read_streets(scenario.streets.file), {"demand": demand.lonlat, "candidates": sites.lonlat[~sites.standing]}


@pytest.fixture(scope="module")
def county() -> tuple[StreetNetwork, dict[str, np.ndarray]]:
    return read("nanan-20.toml")


@pytest.mark.parametrize(("role", "pair"), list(product(("demand", "candidates"), permutations(SYSTEMS, 2))))
def test_each_wrong_system_is_suspected_and_the_right_one_named(county, role, pair) -> None:  # type: ignore[no-untyped-def]
    streets, points = county
    true, declared = pair
    written = convert(points[role], source="wgs84", target=true)
    (warning,) = suspect_system(
        streets, convert(written, source=declared, target="wgs84"), declared=declared, file="a.csv"
    )
    assert f"a.csv 声明的坐标系是 {declared}，但如果其实是 {true}，" in warning.zh
    assert f"a.csv is declared {declared}; were it {true}, " in warning.en


@pytest.mark.parametrize(("role", "declared"), list(product(("demand", "candidates"), SYSTEMS)))
def test_the_right_system_is_not_suspected(county, role, declared) -> None:  # type: ignore[no-untyped-def]
    streets, points = county
    assert suspect_system(streets, points[role], declared=declared, file="a.csv") == ()


def test_a_few_points_and_points_outside_china_prove_nothing(county) -> None:  # type: ignore[no-untyped-def]
    streets, points = county
    moved = convert(points["candidates"], source="gcj02", target="wgs84")
    assert suspect_system(streets, moved[: FEWEST - 1], declared="gcj02", file="a.csv") == ()
    moved[0] = 9.5, 47.1
    assert suspect_system(streets, moved, declared="gcj02", file="a.csv") == ()


def test_the_command_and_every_file_warn_of_candidates_declared_gcj02(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    text = (SCENARIOS / "nanan-20.toml").read_text(encoding="utf-8")
    head, mark, tail = text.partition("[candidates]")
    text = head + mark + tail.replace('crs = "wgs84"', 'crs = "gcj02"', 1)
    path = tmp_path / "wrong.toml"
    path.write_text(text.replace("../demo", (SCENARIOS.parent / "demo").as_posix()), encoding="utf-8")
    assert main(["plan", str(path), "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().err
    assert printed.startswith("aedplan: 注意：candidates.csv 声明的坐标系是 gcj02，但如果其实是 wgs84，")
    assert printed.count("\n") == 1
    (warning,) = json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8"))["warnings"]
    assert warning["words_zh"] in printed
    assert warning["words_en"] in printed
    report = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert warning["words_zh"] in report
    assert warning["words_en"] in report


SHIPPED = [
    pytest.param(path.name, marks=pytest.mark.slow if path.stem == "liechtenstein" else ())
    for path in sorted(SCENARIOS.glob("*.toml"))
]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_scenarios_have_no_warning(name: str) -> None:
    from aedplan.study import run

    if name == "liechtenstein.toml" and not (SHARED / "osm" / "liechtenstein_20211028.osm.pbf").is_file():
        pytest.skip("liechtenstein_20211028.osm.pbf is not here; it is read from ../shared/data/osm")
    assert run(Scenario.read(SCENARIOS / name)).summary["warnings"] == []
