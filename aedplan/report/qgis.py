"""How the layers of a GeoPackage look when QGIS opens them: its own style table, in the colours of the house.

QGIS reads the style marked as default from the table `layer_styles` of the file itself (QGIS user guide, "Saving and
sharing layer properties: store in database"); other programs ignore the table.
"""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import quoteattr

from ..look import colour

TABLE = """
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, f_table_catalog TEXT, f_table_schema TEXT, f_table_name TEXT,
  f_geometry_column TEXT, styleName TEXT, styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
  owner TEXT, ui TEXT, update_time DATETIME)
"""
TOLD = "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change) VALUES ('layer_styles', 'attributes', '', ?)"


def _marker(name: str, shape: str, fill: str, size_mm: float) -> str:
    options = {
        "name": shape, "color": _rgb(fill), "outline_color": _rgb("paper"), "outline_width": "0.3", "size": f"{size_mm:g}",
        "size_unit": "MM",
    }  # fmt: skip
    inside = "".join(f'<Option type="QString" name="{key}" value="{value}"/>' for key, value in options.items())
    return (
        f'<symbol type="marker" name="{name}" alpha="1"><layer class="SimpleMarker" enabled="1" pass="0" locked="0">'
        f'<Option type="Map">{inside}</Option></layer></symbol>'
    )


def _rgb(name: str) -> str:
    code = colour(name)
    return ",".join(str(int(code[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"


def _rules(rules: tuple[tuple[str, str, str, str, float], ...], labels: str = "") -> str:
    """A rule for each (filter, label, shape, colour, size)."""
    listed = "".join(
        f'<rule key="{{{n}}}" filter={quoteattr(test)} label={quoteattr(label)} symbol="{n}"/>'
        for n, (test, label, *_) in enumerate(rules)
    )
    symbols = "".join(_marker(str(n), shape, fill, size) for n, (_, _, shape, fill, size) in enumerate(rules))
    return (
        '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM"><qgis version="3.22" styleCategories="Symbology|Labeling">'
        f'<renderer-v2 type="RuleRenderer" symbollevels="0" enableorderby="0"><rules key="{{all}}">{listed}</rules>'
        f"<symbols>{symbols}</symbols></renderer-v2>{labels}</qgis>"
    )


def _numbers() -> str:
    """Labels: the place in the order, white, on the mark."""
    return (
        '<labeling type="simple"><settings calloutType="simple"><text-style fieldName="order" isExpression="0" '
        f'fontSize="8" fontWeight="75" textColor="{_rgb("paper")}"/>'
        '<placement placement="1" quadOffset="4" offsetType="0" xOffset="0" yOffset="0"/>'
        '<rendering obstacle="0" displayAll="1"/></settings></labeling>'
    )


def styles() -> dict[str, str]:
    """The style of each layer of plan.gpkg, as QML."""
    plan = (
        ("\"role\" = 'proposed'", "新设备 proposed", "circle", "plan", 5.0),
        ("\"role\" = 'standing'", "已设设备 standing", "square", "sign", 4.0),
        ("\"role\" = 'moved away'", "移走的设备 moved away", "square", "closed", 4.0),
    )
    demand = (
        ('"covered"', "已覆盖的需求 covered", "circle", "reach-2", 1.2),
        ('NOT "covered"', "没有覆盖到的需求 not covered", "circle", "gap", 1.2),
    )
    return {"plan": _rules(plan, _numbers()), "demand": _rules(demand)}


def add_styles(path: Path, qml: Mapping[str, str], *, at: datetime) -> None:
    """Put styles into a GeoPackage as the defaults of their layers.

    qml  by layer
    at   the time that the file says it was changed
    """
    changed = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with sqlite3.connect(path) as file:
        file.execute(TABLE)
        file.execute(TOLD, (changed,))
        file.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
            " styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)"
            " VALUES ('', '', ?, 'geom', ?, ?, '', 1, 'aedplan', '', '', ?)",
            [(layer, layer, style, changed) for layer, style in qml.items()],
        )
    file.close()
