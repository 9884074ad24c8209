"""Studies whose demand is made from arrests, ages, visitors or in layers, through the command line as a planner runs them."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bench import heldout_rows
from counties import SCENARIO, at, write_county

from aedplan.cli import main
from aedplan.demand import RHYTHMS
from aedplan.scenario.inputs import read_inputs
from aedplan.scenario.scenario import Scenario
from aedplan.sites import KINDS_ZH
from aedplan.study.publish import walks_to_devices
from aedplan.study.study import run, walk

PLAIN = '[demand]\nfile = "people.csv"\ncrs = "wgs84"\n'
ROOT = Path(__file__).parents[1]
YORK = ROOT.parent / "shared" / "data" / "placement" / "york"


def write(folder: Path, demand: str, *, plan: str = "", rest: str = "") -> Path:
    """A small county whose scenario makes demand in another way."""
    path = write_county(folder)
    text = SCENARIO.replace(PLAIN, demand).replace("devices = 2\n", f"devices = 2\n{plan}\n{rest}")
    path.write_text(text, encoding="utf-8")
    return path


def write_arrests(folder: Path, count: int = 120, *, settings: bool = True, times: bool = True) -> None:
    """Arrests about two corners of the county, those in public about one of them; every tenth of unknown setting."""
    rng = np.random.default_rng(3)
    rows = ["编号,经度,纬度" + ",发病时间" * times + ",发生场所" * settings]
    for number in range(count):
        public = number % 4 == 0
        column, row = rng.normal((2, 2) if public else (6, 6), 0.7)
        time = f",{2023 + number * 2 // count}-{number % 12 + 1:02d}-{number % 28 + 1:02d} 08:00"
        setting = "," + ("" if number % 10 == 9 else "公共场所" if public else "家中")
        rows.append(f"A{number},{at(column, row)}" + time * times + setting * settings)
    (folder / "arrests.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def planned(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], str, str]:
    """The summary and the report of a scenario run from the command line, and what it said on stderr."""
    out = path.parent / "out"
    assert main(["plan", str(path), "--out", str(out)]) == 0, capsys.readouterr().err
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return summary, (out / "report.html").read_text(encoding="utf-8"), capsys.readouterr().err


ARRESTS = '[demand]\nfrom = "arrests"\nfile = "arrests.csv"\ncrs = "wgs84"\n'
BOTH = "".join(
    f'[demand.{name}]\nfrom = "arrests"\nfile = "arrests.csv"\ncrs = "wgs84"\n' for name in ("home", "public")
)


def test_a_plan_from_arrests_shows_what_it_promises_beside_what_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_arrests(tmp_path)
    path = write(tmp_path, ARRESTS + 'people = { file = "people.csv", crs = "wgs84" }\n')
    summary, report, _ = planned(path, capsys)
    smoothing, held = summary["demand"]["smoothing"]["all"], summary["heldout"]
    assert smoothing["arrests"] == held["judged"] == 120
    assert sum(smoothing["mixture"].values()) == pytest.approx(1)
    assert (held["how"], held["devices"]) == ("folds", [1, 2])
    for low, kept, high in zip(held["low"], held["kept"], held["high"], strict=True):
        assert low < kept < high
    assert f"{100 * held['kept'][-1]:.1f}" in report
    assert held["words_zh"] in report
    assert smoothing["words_en"] in report.replace("Smoothed from", "smoothed from")
    assert {"demand", "demand-people"} <= {one["role"] for one in summary["inputs"]}
    assert summary["demand"]["total"] == pytest.approx(60, rel=0.05)


def test_raw_points_are_planned_from_only_when_asked_for_and_each_counts_alike(tmp_path: Path) -> None:
    write_arrests(tmp_path)
    outcome = run(Scenario.read(write(tmp_path, ARRESTS + 'smoothing = "none"\nper_year = 30\njudge = "later"\n')))
    assert len(outcome.demand) == 120
    assert outcome.demand.weight[:, 0] == pytest.approx(np.full(120, 0.25))
    assert outcome.made.chosen == {}
    assert outcome.made.held_out is not None
    assert (outcome.made.held_out.how, outcome.made.held_out.judged) == ("later", 24)
    near = outcome.made.held_out
    assert near.raw_promised[-1] != near.promised[-1]


def test_arrests_without_times_warn_and_cannot_be_judged_by_the_later_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_arrests(tmp_path, times=False)
    _, report, said = planned(write(tmp_path, ARRESTS), capsys)
    assert "demand.per_year" in said
    assert "demand.per_year" in report
    path = write(tmp_path, ARRESTS + 'judge = "later"\n')
    assert main(["plan", str(path), "--out", str(tmp_path / "later")]) == 2
    assert "arrests.csv: 120 arrests have no time" in capsys.readouterr().err


@pytest.mark.parametrize(("count", "code"), [(12, 2), (22, 0)])
def test_few_arrests_are_refused_and_too_few_to_hold_any_out_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], count: int, code: int
) -> None:
    write_arrests(tmp_path, count)
    assert main(["plan", str(write(tmp_path, ARRESTS)), "--out", str(tmp_path / "out")]) == code
    said = capsys.readouterr().err
    assert ("arrests.csv: 12 arrests; expected at least 20" if code else "无法检验方案能兑现多少") in said


def test_home_and_public_arrests_are_layers_of_their_own_and_unknown_ones_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_arrests(tmp_path, 240)
    summary, report, said = planned(write(tmp_path, BOTH), capsys)
    known = [n for n in range(240) if n % 10 != 9]
    public = sum(n % 4 == 0 for n in known)
    shares = {one["id"]: one["share"] for one in summary["layers"]}
    assert shares == {"home": pytest.approx(1 - public / len(known)), "public": pytest.approx(public / len(known))}
    assert "24 起骤停不知是家中还是公共场所" in said
    assert summary["heldout"]["judged"] == len(known)
    assert set(summary["demand"]["smoothing"]) == {"home", "public"}
    assert "家中与公共场所分层" in report
    assert {"demand-home", "demand-public"} <= {one["role"] for one in summary["inputs"]}


def test_points_of_a_layer_lie_where_its_arrests_did(tmp_path: Path) -> None:
    write_arrests(tmp_path, 240)
    made = read_inputs(Scenario.read(write(tmp_path, BOTH))).demand
    for layer, corner in zip(made.layers, ((6, 6), (2, 2)), strict=True):
        weight = layer.demand.weight[:, 0]
        middle = np.average(layer.demand.lonlat, axis=0, weights=weight)
        lon, lat = (float(part) for part in at(*corner).split(","))
        assert middle == pytest.approx([lon, lat], abs=2e-3)


def test_all_arrests_count_in_a_layer_whose_file_says_nothing_of_settings(tmp_path: Path) -> None:
    write_arrests(tmp_path, settings=False)
    layers = BOTH.split("[demand.public]")[0] + '[demand.public]\nfile = "people.csv"\ncrs = "wgs84"\nshare = 0.2\n'
    made = read_inputs(Scenario.read(write(tmp_path, layers))).demand
    assert len(made.arrests["home"]) == 120
    assert made.remake is None
    assert made.total == pytest.approx(made.layers[0].demand.total / 0.8)


def test_a_layer_without_any_arrest_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_arrests(tmp_path)
    arrests = tmp_path / "arrests.csv"
    arrests.write_text(arrests.read_text(encoding="utf-8").replace("公共场所", "家中"), encoding="utf-8")
    assert main(["plan", str(write(tmp_path, BOTH)), "--out", str(tmp_path / "out")]) == 2
    assert "arrests.csv: no arrest has the setting public; expected some for [demand.public]" in capsys.readouterr().err


VENUES = [("C0", "care", 100, 2, 2), ("C1", "convenience", 120, 6, 6)]
VISITORS = """[demand.home]
file = "people.csv"
crs = "wgs84"
[demand.public]
from = "visitors"
file = "venues.csv"
crs = "wgs84"
share = 0.3
"""


def write_venues(folder: Path, header: str = "日均客流") -> None:
    rows = [f"{id},{KINDS_ZH[kind]},{count},{at(column, row)}" for id, kind, count, column, row in VENUES]
    (folder / "venues.csv").write_text(f"编号,类别,{header},经度,纬度\n" + "\n".join(rows), encoding="utf-8")


def test_visitors_are_public_demand_for_as_long_as_they_stay(tmp_path: Path) -> None:
    write_venues(tmp_path)
    walked = walk(Scenario.read(write(tmp_path, VISITORS)), say=lambda *_: None)
    demand = walked.demand
    public = demand.weight[demand.layer == 1].sum(axis=1)
    people = sum(10 + c * r for c in range(9) for r in range(9)) + 12
    assert demand.total == pytest.approx(people * 97.1e-5)
    assert public.sum() == pytest.approx(0.3 * demand.total)
    assert public[0] / public[1] == pytest.approx(100 * 24 / (120 * 0.2))
    assert demand.people is not None
    assert demand.people.sum() == people


def test_layers_move_over_the_week_by_their_own_rhythm_or_as_told(tmp_path: Path) -> None:
    write_venues(tmp_path)
    path = write(tmp_path, VISITORS + "rates = [1, 0, 0, 0, 0, 0]\n", rest='[hours]\nholidays = "none"\n')
    demand = walk(Scenario.read(path), say=lambda *_: None).demand
    home, public = (demand.weight[demand.layer == layer].sum(axis=0) for layer in (0, 1))
    assert public[1:] == pytest.approx(np.zeros(5))
    assert home[0] / (home[0] + home[3]) == pytest.approx(5 / 7, abs=0.01)
    day = RHYTHMS["home"][8:16].sum()
    assert (home[0] + home[3]) / home.sum() == pytest.approx(day)


def test_a_table_of_venues_without_visitors_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_venues(tmp_path, header="面积")
    assert main(["plan", str(write(tmp_path, VISITORS)), "--out", str(tmp_path / "out")]) == 2
    assert "venues.csv: no column for 日均客流 (visitors)" in capsys.readouterr().err


def test_people_by_age_count_by_their_incidence(tmp_path: Path) -> None:
    (tmp_path / "ages.csv").write_text(
        f"编号,经度,纬度,0-14岁,15-59岁,60岁及以上\na,{at(1, 1)},100,0,0\nb,{at(5, 5)},0,0,100\n", encoding="utf-8"
    )
    ages = PLAIN.replace("people.csv", "ages.csv")
    by_age = f'{ages}incidence = "beijing-2009"\n'
    own, scaled = (
        read_inputs(Scenario.read(write(tmp_path, by_age + rule))).demand.layers[0].demand.weight[:, 0]
        for rule in ("", "arrests_per_100k = 200\n")
    )
    assert own[1] > 20 * own[0]
    assert scaled.sum() == pytest.approx(0.4)
    assert scaled[1] / scaled[0] == pytest.approx(own[1] / own[0])


def test_rasters_of_people_are_demand(tmp_path: Path) -> None:
    rasterio = pytest.importorskip("rasterio", reason="the extra aedplan[raster] is not installed")
    path = write(tmp_path, '[demand]\nrasters = ["chn_f_0.tif", "chn_f_60.tif", "chn_m_0.tif", "chn_m_60.tif"]\n')
    shape = {"height": 8, "width": 8, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    for name in ("f_0", "f_60", "m_0", "m_60"):
        grid = rasterio.Affine(0.001, 0, 118.39, 0, -0.001, 24.968)
        with rasterio.open(tmp_path / f"chn_{name}.tif", "w", driver="GTiff", transform=grid, **shape) as file:
            file.write(np.full((8, 8), 2.0, dtype="float32"), 1)
    made = read_inputs(Scenario.read(path)).demand
    assert made.layers[0].demand.total == pytest.approx(4 * 64 * 2 * 97.1e-5)
    assert [role for role, _ in made.sources] == ["demand", "demand-2", "demand-3", "demand-4"]


def test_streets_saved_before_and_a_map_beside_them_make_the_same_plan(tmp_path: Path) -> None:
    path = write(tmp_path, PLAIN)
    plain = run(Scenario.read(path))
    assert main(["fetch", str(tmp_path / "streets.osm"), "--out", str(tmp_path / "county.streets")]) == 0
    saved = SCENARIO.replace('file = "streets.osm"', 'file = "county.streets"\nosm = "streets.osm"')
    path.write_text(saved, encoding="utf-8")
    again = run(Scenario.read(path))
    assert again.plan.chosen == plain.plan.chosen
    assert (again.background is None) == (plain.background is None)
    path.write_text(saved.replace('osm = "streets.osm"\n', "").replace('file = "candidates.csv"\ncrs = "wgs84"', 'from = "osm"'),
                    encoding="utf-8")  # fmt: skip
    with pytest.raises(ValueError, match=r"streets\.osm to name one"):
        run(Scenario.read(path))


@pytest.mark.parametrize("rest", ["", "[hours]\n"])
def test_a_plan_for_survival_is_judged_by_what_it_covers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rest: str
) -> None:
    best = run(Scenario.read(write(tmp_path, PLAIN, rest=rest)))
    path = write(tmp_path, PLAIN, plan='objective = "survival"\ncurve = "fall-10"', rest=rest)
    summary, report, _ = planned(path, capsys)
    assert summary["value"] <= best.plan.value + 1e-9 <= summary["bound"] + 2e-9
    assert summary["survival"]["curve"] == "fall-10"
    assert 0.99 < summary["survival"]["of_best"] <= 1
    assert "不代表救活人数" in report
    assert main(["frontier", str(path), "--devices", "2", "--out", str(tmp_path / "curve")]) == 2
    assert "plan.objective" in capsys.readouterr().err


def test_devices_for_survival_hang_nearer_than_those_for_a_wide_circle(tmp_path: Path) -> None:
    """Under a circle of 600 m every place covers nearly all; under a curve the middle of the people is best."""
    wide = '[circle]\nname = "wide"\nminutes = 12\nspeed = 1.25\n'
    plans = {
        objective: run(Scenario.read(write(tmp_path, PLAIN, plan=f'objective = "{objective}"', rest=wide)))
        for objective in ("coverage", "survival")
    }
    mean = {
        name: float(np.nansum(walks_to_devices(one) * one.demand.weight[:, 0]) / one.demand.total)
        for name, one in plans.items()
    }
    assert mean["survival"] <= mean["coverage"]
    assert plans["survival"].plan.value <= plans["coverage"].plan.value + 1e-9


@pytest.mark.slow
@pytest.mark.skipif(not YORK.is_dir(), reason="the shared real data are not here")
def test_yorks_grade_i_buildings_cover_339_of_1814_crimes_through_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_york(tmp_path, 'smoothing = "none"\n')
    summary, _, _ = planned(path, capsys)
    assert summary["before"] / summary["total"] == pytest.approx(339 / 1814)
    assert 0 < summary["standing"] < summary["sites"] == 2944
    held = summary["heldout"]
    assert held["judged"] == 1814
    assert held["kept"][-1] > held["raw_kept"][-1] - 0.01
    assert held["raw_promised"][-1] > held["raw_kept"][-1] + 0.01


def write_york(folder: Path, demand: str) -> Path:
    """York's listed buildings, grade I standing, its crimes as arrests; a lattice of streets, since circles are straight."""
    lines = (YORK / "york.csv").read_text(encoding="utf-8-sig").splitlines()
    terrain, _ = heldout_rows.york_terrain("lit-100")
    header = lines[0].split(",")
    rows = list(csv.DictReader(lines))
    grade = header[-1].strip('"')
    for name, standing in (("standing", True), ("candidates", False)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as table:
            writer = csv.writer(table)
            writer.writerow(["id", "name", "lon", "lat"])
            for row, place in zip(rows, terrain.sites.lonlat, strict=True):
                if (row[grade] == "I") == standing:
                    writer.writerow([row["object_id"], row["name"], *place])
    west, south = terrain.sites.lonlat.min(axis=0) - 0.01
    east, north = terrain.sites.lonlat.max(axis=0) + 0.01
    lon, lat = np.linspace(west, east, 40).tolist(), np.linspace(south, north, 40).tolist()
    features = [[[x, y] for y in lat] for x in lon] + [[[x, y] for x in lon] for y in lat]
    shapes = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": one}}
        for one in features
    ]
    streets = {"type": "FeatureCollection", "features": shapes}
    (folder / "streets.geojson").write_text(json.dumps(streets), encoding="utf-8")
    (folder / "crime.csv").write_bytes((YORK / "york_crime.csv").read_bytes())
    text = (
        'name = "york"\ntitle_zh = "约克"\ntitle_en = "York"\n[streets]\nfile = "streets.geojson"\n'
        f'[demand]\nfrom = "arrests"\nfile = "crime.csv"\ncrs = "wgs84"\n{demand}'
        '[standing]\nfile = "standing.csv"\ncrs = "wgs84"\n[candidates]\nfile = "candidates.csv"\ncrs = "wgs84"\n'
        '[circle]\nname = "lit-100"\n[plan]\ndevices = 40\nmethod = "greedy"\n'
    )
    path = folder / "york.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.slow
def test_the_demo_county_planned_from_arrests_keeps_more_smoothed_than_raw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, draw = heldout_rows.demo_county()
    places = draw(np.random.default_rng(1), 600).lonlat
    rows = [f"A{number},{lon:.7f},{lat:.7f}" for number, (lon, lat) in enumerate(places)]
    (tmp_path / "arrests.csv").write_text("编号,经度,纬度\n" + "\n".join(rows), encoding="utf-8")
    demo = (ROOT / "data/demo").as_posix()
    text = f"""name = "demo"
title_zh = "示例"
title_en = "Demo"
[streets]
file = "{demo}/county.osm.gz"
[demand]
from = "arrests"
file = "arrests.csv"
crs = "wgs84"
per_year = 175
people = {{ file = "{demo}/population.csv", crs = "wgs84" }}
[standing]
file = "{demo}/devices.csv"
crs = "wgs84"
[candidates]
file = "{demo}/candidates.csv"
crs = "wgs84"
[plan]
devices = 20
seconds = 5
"""
    (tmp_path / "demo.toml").write_text(text, encoding="utf-8")
    summary, _, _ = planned(tmp_path / "demo.toml", capsys)
    held = summary["heldout"]
    assert held["kept"][-1] > held["raw_kept"][-1]
    assert held["raw_promised"][-1] > held["promised"][-1] > held["kept"][-1]
    assert summary["demand"]["total"] == pytest.approx(175)
