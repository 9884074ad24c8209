"""A wrongly declared coordinate system is suspected, a rightly declared one never."""

import json
import re
from dataclasses import replace
from itertools import permutations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aedplan.cli import main
from aedplan.coordinates import SYSTEMS, convert
from aedplan.network import StreetNetwork
from aedplan.scenario.inputs import read_inputs
from aedplan.scenario.scenario import Scenario
from aedplan.sites import Sites
from aedplan.suspicions import FEWEST, Rows, suspect_mixture, suspect_system

SCENARIOS = Path(__file__).parents[1] / "data" / "scenarios"
SHARED = Path(__file__).parents[2] / "shared" / "data"


def read(name: str) -> tuple[StreetNetwork, dict[str, Any]]:
    """Streets of a shipped scenario, and its points by role."""
    scenario = Scenario.read(SCENARIOS / name)
    streets, demand, sites = read_inputs(scenario)
    labels = np.array(sites.label)
    return streets, {
        "demand": demand.places["all"],
        "candidates": sites.lonlat[~sites.standing],
        "labels": labels[~sites.standing].tolist(),
        "standing": sites.lonlat[sites.standing],
        "standing labels": labels[sites.standing].tolist(),
    }


@pytest.fixture(scope="module")
def venues() -> Sites:
    from aedplan.osm.osm import read_osm_venues

    return read_osm_venues(SCENARIOS.parent / "demo" / "county.osm.gz")


@pytest.fixture(scope="module")
def county() -> tuple[StreetNetwork, dict[str, Any]]:
    return read("nanan-20.toml")


NAMES = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}


def looks(read_as: str, true: str) -> tuple[str, str]:
    """How a warning begins, in both languages."""
    name = NAMES[read_as]
    return (
        f"a.csv：像是把{true}当作 {name} 读入：偏移约",
        f"a.csv: these look like {true.strip()} read as {name}: shift",
    )


@pytest.mark.parametrize(("role", "pair"), list(product(("demand", "candidates"), permutations(SYSTEMS, 2))))
def test_each_wrong_system_is_suspected_by_streets_and_the_right_one_named(county, role, pair) -> None:  # type: ignore[no-untyped-def]
    streets, points = county
    true, declared = pair
    written = convert(points[role], source="wgs84", target=true)
    read_as = convert(written, source=declared, target="wgs84")
    (warning,) = suspect_system(streets, read_as, declared=declared, file="a.csv")
    zh, en = looks(declared, f" {NAMES[true]} ")
    assert warning.zh.startswith(zh)
    assert warning.en.startswith(en)


def test_the_sentence_says_the_shift_and_what_would_be_nearer(county) -> None:  # type: ignore[no-untyped-def]
    streets, points = county
    written = convert(points["candidates"], source="wgs84", target="gcj02")
    (warning,) = suspect_system(streets, written, declared="wgs84", file="a.csv")
    assert warning.en.startswith(
        "a.csv: these look like GCJ-02 read as WGS-84: shift 570 m. If so, nine in ten lie within "
    )
    assert re.search(r"within \d\d m of a street, not \d\d\d m\. Check the coordinate system", warning.en)


DOUBLE = {
    "GCJ-02 shifted twice": ("wgs84", "gcj02"),
    "BD-09 shifted twice": ("wgs84", "bd09"),
    "WGS-84 converted twice (unshifted once more as if it were GCJ-02)": ("gcj02", "wgs84"),
    "WGS-84 converted twice (unshifted once more as if it were BD-09)": ("bd09", "wgs84"),
}


@pytest.mark.parametrize("story", DOUBLE)
@pytest.mark.parametrize("by", ["streets", "names"])
def test_double_conversion_is_told_from_a_wrong_system(county, venues, story, by) -> None:  # type: ignore[no-untyped-def]
    streets, points = county
    source, target = DOUBLE[story]
    written = convert(points["candidates"], source=source, target=target)
    if "shifted twice" in story and "un" not in story:
        written = convert(written, source=source, target=target)
    known = {"labels": points["labels"], "mapped": venues} if by == "names" else {}
    (warning,) = suspect_system(streets, written, declared="wgs84", file="a.csv", **known)
    assert f"these look like {story} read as WGS-84: " in warning.en


@pytest.mark.parametrize("pair", list(permutations(SYSTEMS, 2)))
def test_twelve_devices_are_enough_where_the_map_has_places_of_their_names(county, venues, pair) -> None:  # type: ignore[no-untyped-def]
    streets, points = county
    true, declared = pair
    read_as = convert(convert(points["standing"], source="wgs84", target=true), source=declared, target="wgs84")
    assert suspect_system(streets, read_as, declared=declared, file="a.csv") == ()
    (warning,) = suspect_system(
        streets, read_as, declared=declared, file="a.csv", labels=points["standing labels"], mapped=venues
    )
    assert warning.en.startswith(looks(declared, f" {NAMES[true]} ")[1])
    assert "places of the same name on the map" in warning.en


def test_swapped_columns_are_found_also_where_both_lie_in_the_world(county) -> None:  # type: ignore[no-untyped-def]
    from aedplan.coordinates import project, unproject

    streets, points = county
    # the same county drawn again at Vaduz, where latitude and longitude can stand for one another
    crs = "+proj=tmerc +lat_0=47.14 +lon_0=9.52 +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m +no_defs"
    there = replace(streets, crs=crs)
    lonlat = unproject(project(points["candidates"], streets.crs), crs)
    assert suspect_system(there, lonlat, declared="wgs84", file="a.csv") == ()
    (warning,) = suspect_system(there, lonlat[:, ::-1], declared="wgs84", file="a.csv")
    assert "经纬度两列颠倒" in warning.zh
    assert "longitude and latitude in each other's column" in warning.en


@pytest.mark.parametrize("by", ["streets", "names"])
@pytest.mark.parametrize("true", ["gcj02", "bd09"])
def test_some_rows_in_another_system_are_found_with_their_numbers(county, venues, by, true) -> None:  # type: ignore[no-untyped-def]
    streets, points = county
    lonlat = points["candidates"].copy()
    lonlat[::4] = convert(lonlat[::4], source="wgs84", target=true)
    rows = Rows("a.csv", range(2, len(lonlat) + 2), points["labels"], lonlat)
    (warning,) = suspect_mixture(streets, rows, declared="wgs84", mapped=venues if by == "names" else None)
    assert f"像是 {NAMES[true]}，与其余各行不同" in warning.zh
    told = [int(row) for row in re.findall(r"row (\d+)", warning.en)]
    assert told
    assert all((row - 2) % 4 == 0 for row in told)
    sound = rows._replace(lonlat=points["candidates"])
    assert suspect_mixture(streets, sound, declared="wgs84", mapped=venues if by == "names" else None) == ()


@pytest.mark.parametrize(("role", "declared"), list(product(("demand", "candidates"), SYSTEMS)))
def test_the_right_system_is_not_suspected(county, role, declared) -> None:  # type: ignore[no-untyped-def]
    streets, points = county
    assert suspect_system(streets, points[role], declared=declared, file="a.csv") == ()


def test_a_few_points_and_points_outside_china_prove_nothing(county) -> None:  # type: ignore[no-untyped-def]
    streets, points = county
    moved = convert(points["candidates"], source="gcj02", target="wgs84")
    assert suspect_system(streets, moved[: FEWEST - 1], declared="gcj02", file="a.csv") == ()
    assert suspect_system(streets, moved - (100, 0), declared="gcj02", file="a.csv") == ()


def test_the_command_and_every_file_warn_of_candidates_declared_gcj02(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    text = (SCENARIOS / "nanan-20.toml").read_text(encoding="utf-8")
    head, mark, tail = text.partition("[candidates]")
    text = head + mark + tail.replace('crs = "wgs84"', 'crs = "gcj02"', 1)
    path = tmp_path / "wrong.toml"
    path.write_text(text.replace("../demo", (SCENARIOS.parent / "demo").as_posix()), encoding="utf-8")
    assert main(["plan", str(path), "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().err
    assert printed.startswith("aedplan: 注意：candidates.csv：像是把 WGS-84 当作 GCJ-02 读入：偏移约 570 米。")
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
    from aedplan.study.study import run

    if name == "liechtenstein.toml" and not (SHARED / "osm" / "liechtenstein_20211028.osm.pbf").is_file():
        pytest.skip("liechtenstein_20211028.osm.pbf is not here; it is read from ../shared/data/osm")
    scenario = replace(Scenario.read(SCENARIOS / name), seconds=1.0)  # warnings are about inputs, not about the plan
    assert run(scenario).summary["warnings"] == []
