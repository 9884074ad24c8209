"""A whole small study in a folder, as a planner would have it: streets, people, devices, candidates and a scenario."""

from pathlib import Path

import numpy as np
from osm_files import document, node, way

BLOCK = 0.001  # degrees; about 100 m

SCENARIO = """
name = "small"
title_zh = "小县"
title_en = "Small county"
[streets]
file = "streets.osm"
[demand]
file = "people.csv"
crs = "wgs84"
[standing]
file = "devices.csv"
crs = "wgs84"
[candidates]
file = "candidates.csv"
crs = "wgs84"
[plan]
devices = 2
"""


def at(column: float, row: float) -> str:
    """`lon,lat` of a place on the grid."""
    return f"{118.39 + column * BLOCK:.7f},{24.96 + row * BLOCK:.7f}"


def write_county(folder: Path, *, scenario: str = SCENARIO) -> Path:
    """A grid of 9 x 9 streets, a separate island street, 81 cells of people; returns the scenario's path."""
    things = [node(1 + r * 9 + c, 118.39 + c * BLOCK, 24.96 + r * BLOCK) for r in range(9) for c in range(9)]
    things += [node(101, 118.41, 24.96), node(102, 118.411, 24.96)]
    rows = [way(201 + r, [1 + r * 9 + c for c in range(9)], {"highway": "residential"}) for r in range(9)]
    columns = [way(301 + c, [1 + r * 9 + c for r in range(9)], {"highway": "residential"}) for c in range(9)]
    island = way(401, [101, 102], {"highway": "path"})
    (folder / "streets.osm").write_text(document([*things, *rows, *columns, island]), encoding="utf-8")
    people = [f"p{c}{r},{at(c, r)},{10 + c * r}" for r in range(9) for c in range(9)]
    people += ["island,118.4105,24.96,7", f"far,{at(12, 12)},5"]
    (folder / "people.csv").write_text("id,lon,lat,population\n" + "\n".join(people), encoding="utf-8")
    table = "编号,名称,类别,经度,纬度\n"
    (folder / "devices.csv").write_text(table + f"D1,汽车站,transport,{at(0, 0)}\n", encoding="utf-8")
    places = [(2, 2, "school"), (6, 6, "shop"), (6, 2, "hotel"), (2, 6, "school"), (8, 8, "compound")]
    rows_text = [f"C{i},点位{i},{kind},{at(c, r)}" for i, (c, r, kind) in enumerate(places)]
    (folder / "candidates.csv").write_text(table + "\n".join(rows_text), encoding="utf-8")
    path = folder / "study.toml"
    path.write_text(scenario, encoding="utf-8")
    return path


HARD = SCENARIO.replace(
    "devices = 2", "devices = 20\nseconds = 120\n[circle]\nname = 'near'\npreset = 'walk-4'\nminutes = 2.2"
)


def write_hard_county(folder: Path) -> Path:
    """A county whose best plan takes long to prove: many candidates, each as good as several others."""
    path = write_county(folder, scenario=HARD)
    rng = np.random.default_rng(8)
    people = [f"p{i},{at(c, r)},{rng.integers(1, 100)}" for i, (c, r) in enumerate(rng.uniform(0, 8, (3000, 2)))]
    (folder / "people.csv").write_text("id,lon,lat,population\n" + "\n".join(people), encoding="utf-8")
    rows = [f"C{i},点位{i},school,{at(c, r)}" for i, (c, r) in enumerate(rng.uniform(0, 8, (1500, 2)))]
    (folder / "candidates.csv").write_text("编号,名称,类别,经度,纬度\n" + "\n".join(rows), encoding="utf-8")
    return path
