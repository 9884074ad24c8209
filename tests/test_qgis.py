"""The styles of the GeoPackage: QGIS finds them where it looks, and they speak of columns that the layers have."""

import re
import sqlite3
from pathlib import Path
from xml.etree import ElementTree

import pyogrio
import pytest
from outcomes import small_outcome

from aedplan.look import colour


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("qgis") / "out"
    small_outcome().save(folder)
    return folder / "plan.gpkg"


def style(package: Path, layer: str) -> ElementTree.Element:
    """The style that QGIS takes for a layer."""
    with sqlite3.connect(package) as file:
        rows = file.execute(
            "SELECT styleQML FROM layer_styles WHERE f_table_name = ? AND f_geometry_column = "
            "(SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?) AND useAsDefault",
            (layer, layer),
        ).fetchall()
    ((text,),) = rows
    return ElementTree.fromstring(text)


@pytest.mark.parametrize("layer", ["plan", "demand"])
def test_each_layer_has_one_default_style_whose_rules_name_its_columns(package: Path, layer: str) -> None:
    fields = set(pyogrio.read_info(package, layer=layer)["fields"])
    rules = style(package, layer).findall(".//rules/rule")
    assert len(rules) == {"plan": 3, "demand": 2}[layer]
    assert all(set(re.findall(r'"(\w+)"', rule.attrib["filter"])) <= fields for rule in rules)


def test_every_site_falls_under_one_rule_and_its_symbol_has_the_colour_of_the_house(package: Path) -> None:
    frame = pyogrio.read_dataframe(package, layer="plan")
    root = style(package, "plan")
    roles = {"proposed": "plan", "standing": "sign", "moved away": "closed"}
    for rule, (role, name) in zip(root.findall(".//rules/rule"), roles.items(), strict=True):
        assert rule.attrib["filter"] == f"\"role\" = '{role}'"
        assert (frame["role"] == role).any() == (role != "moved away")  # every device of this plan stays
        symbol = root.find(f".//symbol[@name='{rule.attrib['symbol']}']")
        shown = symbol.find(".//Option[@name='color']").attrib["value"].split(",")[:3]
        assert "#" + "".join(f"{int(part):02X}" for part in shown) == colour(name)
    assert set(frame["role"]) == {"proposed", "standing"}


def test_the_layers_read_as_before(package: Path) -> None:
    assert len(pyogrio.read_dataframe(package, layer="demand")) == 42
