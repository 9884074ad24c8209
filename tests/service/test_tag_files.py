"""Files for others: read back by the readers that others use."""

import csv
import io
import json
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aedplan.tables.formulas import runs, unguarded
from service.errors import ServiceError
from service.public.tag_files import (
    CC_BY,
    COLUMNS,
    LONGEST_TAG,
    Licence,
    PublicDevice,
    dataset_csv,
    dataset_json,
    osm_file,
    osm_tags,
)

LICENCE = Licence(*CC_BY, "南安市红十字会")
TODAY = date(2026, 11, 22)
DEVICE = PublicDevice(
    "A017", "柳城汽车站", 118.3861234, 24.9601234, "一楼大厅服务台左侧", "left of the desk", True, "0", "public",
    "Mo-Su 06:00-22:00", "open", "南安市汽车站", "0595-86380000", "Maker", "M1", date(2026, 11, 20), True, "123",
)  # fmt: skip


def test_the_tags_are_those_that_mappers_know() -> None:
    assert osm_tags(DEVICE) == {
        "emergency": "defibrillator",
        "access": "yes",
        "check_date": "2026-11-20",
        "defibrillator:location": "一楼大厅服务台左侧",
        "defibrillator:location:zh": "一楼大厅服务台左侧",
        "defibrillator:location:en": "left of the desk",
        "emergency:phone": "120",
        "indoor": "yes",
        "level": "0",
        "locked": "no",
        "manufacturer": "Maker",
        "model": "M1",
        "opening_hours": "Mo-Su 06:00-22:00",
        "operator": "南安市汽车站",
        "phone": "0595-86380000",
        "ref": "A017",
    }


def test_what_is_not_known_has_no_tag() -> None:
    bare = PublicDevice("A1", "x", 118.0, 25.0)
    assert osm_tags(bare) == {"emergency": "defibrillator", "emergency:phone": "120", "ref": "A1"}


@pytest.mark.parametrize(
    ("cabinet", "locked"), [("seal", "no"), ("scan", "yes"), ("code", "yes"), ("staff", None), ("", None)]
)
def test_a_cabinet_is_locked_only_where_that_is_known(cabinet: str, locked: str | None) -> None:
    assert osm_tags(replace(DEVICE, cabinet_access=cabinet)).get("locked") == locked


def test_the_file_is_read_by_osmium_point_by_point(tmp_path: Path) -> None:
    import osmium

    path = tmp_path / "devices.osm"
    path.write_bytes(osm_file([DEVICE, replace(DEVICE, code="A018", lat=-24.5)]))
    nodes = [(n.id, n.lat, n.lon, dict(n.tags)) for n in osmium.FileProcessor(str(path)) if n.is_node()]
    assert [n[0] for n in nodes] == [-1, -2]
    assert nodes[0][1:3] == (24.9601234, 118.3861234)
    assert nodes[0][3] == osm_tags(DEVICE)
    assert nodes[1][1] == -24.5


texts = st.text(max_size=400)
devices = st.builds(
    PublicDevice, st.text("AB019", min_size=1), texts, st.floats(-180, 180), st.floats(-90, 90), texts, texts,
    st.none() | st.booleans(), texts, st.sampled_from(["", "public", "private"]), texts,
    st.sampled_from(["", "open", "scan", "staff"]), texts, texts, texts, texts,
    st.none() | st.dates(date(2000, 1, 1)), st.none() | st.booleans(),
)  # fmt: skip


@given(st.lists(devices, max_size=3))
def test_any_text_makes_a_file_that_can_be_read(given_devices: list[PublicDevice]) -> None:
    root = ElementTree.fromstring(osm_file(given_devices))
    assert len(root) == len(given_devices)
    for node, device in zip(root, given_devices, strict=True):
        tags = {tag.get("k"): tag.get("v") for tag in node}
        assert tags == osm_tags(device)
        assert all(0 < len(text) <= LONGEST_TAG and "\n" not in text for text in tags.values())


def test_the_dataset_says_licence_publisher_and_date_and_keeps_its_types() -> None:
    bare = PublicDevice("A1", "x", 118.0, 25.0)
    content = json.loads(dataset_json([DEVICE, bare], LICENCE, on=TODAY))
    assert (content["licence"], content["publisher"], content["date"]) == ("CC BY 4.0", "南安市红十字会", "2026-11-22")
    first, second = content["features"]
    assert first["geometry"]["coordinates"] == [118.3861234, 24.9601234]
    assert first["properties"].keys() == second["properties"].keys()
    assert first["properties"]["checked_on"] == "2026-11-20"
    assert second["properties"]["usable"] is None


def test_no_more_is_shown_than_is_listed() -> None:
    assert {name for name, _, _ in COLUMNS} == {field.name for field in fields(PublicDevice)} - {"osm_id"}
    words = {"person", "phone_sealed", "serial", "contact", "donor", "cost", "note"}
    assert not words & {field.name for field in fields(PublicDevice)}


@given(st.lists(devices, max_size=3))
def test_the_table_comes_back_and_runs_nothing(given_devices: list[PublicDevice]) -> None:
    text = dataset_csv(given_devices, LICENCE, on=TODAY).decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header[:2] == ["编号", "名称"]
    for row, device in zip(rows, given_devices, strict=True):
        cells = dict(zip([name for name, _, _ in COLUMNS], row, strict=False))
        assert unguarded(cells["name"]) == device.name
        assert unguarded(cells["phone"]) == device.phone
        assert float(cells["lon"]) == pytest.approx(device.lon, abs=1e-7)
        assert row[-3:] == ["CC BY 4.0", "南安市红十字会", "2026-11-22"]


def test_a_formula_in_a_name_is_made_harmless() -> None:
    text = dataset_csv([replace(DEVICE, name='=HYPERLINK("http://x")')], LICENCE, on=TODAY).decode("utf-8-sig")
    [_, row] = csv.reader(io.StringIO(text, newline=""))
    assert not runs(row[1])


@pytest.mark.parametrize("licence", [Licence("", "", "南安市红十字会"), Licence("CC BY 4.0", "", " ")])
def test_data_without_a_licence_are_not_given_away(licence: Licence) -> None:
    for make in (dataset_json, dataset_csv):
        with pytest.raises(ServiceError) as caught:
            make([DEVICE], licence, on=TODAY)
        assert caught.value.status == 409
