"""A new plan on the streets of a finished one has the background of that one."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from counties import SCENARIO, write_county
from osm_files import document, node, way

import aedplan as ap
from aedplan.osm.kept_background import read_kept_background


def mapped_county(folder: Path) -> ap.Outcome:
    """The small county with a lake, a park and a village on its map, planned and saved."""
    path = write_county(folder)
    corners = [(118.391, 24.961), (118.393, 24.961), (118.393, 24.963), (118.391, 24.963)]
    nodes = [node(900 + i, *corner) for i, corner in enumerate(corners)]
    nodes += [node(910 + i, lon + 0.004, lat) for i, (lon, lat) in enumerate(corners)]
    lake = way(950, [900, 901, 902, 903, 900], {"natural": "water", "name": "东湖", "name:en": "East Lake"})
    park = way(951, [910, 911, 912, 913, 910], {"leisure": "park", "name": "公园"})
    village = node(920, 118.394, 24.966, place="village", name="上林村")
    text = (folder / "streets.osm").read_text(encoding="utf-8")
    things = document([*nodes, village, lake, park])
    inner = things[things.index("<node") : things.index("</osm>")]
    (folder / "streets.osm").write_text(text.replace("</osm>", inner + "</osm>"), encoding="utf-8")
    outcome = ap.run(ap.Scenario.read(path))
    outcome.save(folder / "plan")
    return outcome


def test_the_streets_of_a_finished_plan_bring_its_background(tmp_path: Path) -> None:
    first = mapped_county(tmp_path)
    assert first.background is not None
    assert {name.zh for name in first.background.names} >= {"东湖", "公园", "上林村"}
    (tmp_path / "next").mkdir()
    shutil.copytree(tmp_path / "plan/streets", tmp_path / "next/streets")
    shutil.copy(tmp_path / "plan/background.gpkg", tmp_path / "next")
    text = SCENARIO.replace('"streets.osm"', '"next/streets"')
    (tmp_path / "again.toml").write_text(text, encoding="utf-8")
    again = ap.run(ap.Scenario.read(tmp_path / "again.toml"))
    assert again.background is not None
    assert again.background.names == first.background.names
    for now, then in (
        (again.background.water, first.background.water),
        (again.background.green, first.background.green),
    ):
        assert [one.equals_exact(other, 1e-9) for one, other in zip(now, then, strict=True)] == [True]
    np.testing.assert_array_equal(again.streets.xy, first.streets.xy)


def test_streets_without_a_background_have_none_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    mapped_county(tmp_path)
    shutil.copytree(tmp_path / "plan/streets", tmp_path / "alone/streets")
    text = SCENARIO.replace('"streets.osm"', '"alone/streets"')
    (tmp_path / "again.toml").write_text(text, encoding="utf-8")
    assert ap.run(ap.Scenario.read(tmp_path / "again.toml")).background is None
    (tmp_path / "x.gpkg").write_bytes(b"no GeoPackage")
    with pytest.raises(ap.InputError, match="no background can be read"):
        read_kept_background(tmp_path / "x.gpkg")
