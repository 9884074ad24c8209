"""Columns are found by their names in three languages, under headers of one to three rows."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aedplan.files import read_sites
from aedplan.sites import KINDS_ZH
from aedplan.tables.columns import field_of, find_header, join_header, kind_of, plain
from aedplan.tables.tables import read_table

DATA = Path(__file__).parents[2] / "shared" / "data"

real = pytest.mark.skipif(not DATA.is_dir(), reason="the shared real data are not here")

HEADERS = {
    "zh": ("设备编号", "场所名称", "经度", "纬度", "场所类别", "开放时间"),
    "zh-Hant": ("編號", "場所名稱", "AED經緯度X", "AED經緯度Y", "場所類型", "開放使用時間"),
    "ja": ("番号", "名称", "経度", "緯度", "種別", "営業時間"),
    "en": ("ID", "Name", "Longitude", "Latitude", "Category", "Opening hours"),
}


@pytest.mark.parametrize("language", HEADERS)
def test_the_same_fields_are_found_in_every_language(language):
    found = [field_of()[plain(name)] for name in HEADERS[language]]
    assert found == ["id", "label", "lon", "lat", "kind", "hours"]


def test_every_kind_has_words_and_no_word_means_two_kinds():
    from aedplan.tables.columns import _lists

    words = _lists("kinds.toml")
    assert set(words) == set(KINDS_ZH)
    seen = {}
    for kind, listed in words.items():
        for word in listed:
            assert seen.setdefault(plain(word), kind) == kind == kind_of()[plain(word)]


RECORD = ("A1", "汽车站", "118.39", "24.96", "学校", "24/7")


@given(st.sampled_from(sorted(HEADERS)), st.integers(0, 3), st.sampled_from([1, 2]))
def test_titles_above_and_merged_rows_of_a_header_do_not_hide_it(language, titles, height):
    names = HEADERS[language]
    above = [("示例县 AED 清单", "", "", "", "", ""), ("填报单位：红十字会", "2026-11-22", "", "", "", "")] * 2
    upper = (names[0], names[1], "坐标", "", names[4], names[5])
    lower = ("", "", names[2], names[3], "", "")
    header = [names] if height == 1 else [upper, lower]
    rows = [*above[:titles], *header, RECORD, RECORD]
    assert find_header(rows) == (titles, height, names)


def test_repeated_lower_names_keep_the_word_above():
    rows = [("名称", "工作日", "", "周末", ""), ("", "开始", "结束", "开始", "结束")]
    assert join_header(rows) == ("名称", "工作日 开始", "工作日 结束", "周末 开始", "周末 结束")


def test_of_two_columns_of_ids_the_more_telling_name_is_taken(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("序号,设备编号,名称,经度,纬度\n1,NA-017,车站,118.39,24.96\n", encoding="utf-8")
    assert read_sites(path, crs="wgs84").id == ("NA-017",)


@real
def test_every_kind_of_venue_in_taiwans_list_is_known():
    table = read_table(DATA / "aed" / "taiwan_aed_2018.csv")
    words = set(table.columns[table.header.index("場所類型")])
    assert len(words) > 40
    assert {word for word in words if plain(word) not in kind_of()} == set()


@real
def test_nanans_codes_of_townships_and_villages_fit_one_another():
    towns, villages = (
        read_table(DATA / "admin" / name) for name in ("townships_nanan_longyan.csv", "villages_nanan.csv")
    )
    code_of, name_of = towns.columns[towns.header.index("code")], towns.columns[towns.header.index("name")]
    nanan = {code: name for code, name in zip(code_of, name_of, strict=True) if code.startswith("350583")}
    street = villages.columns[villages.header.index("streetCode")]
    code = villages.columns[villages.header.index("code")]
    assert (len(nanan), len(towns), len(villages)) == (27, 160, 430)
    assert nanan["350583001"] == "溪美街道"
    assert set(street) <= set(nanan)
    assert all(
        own.startswith(town) and len(own) == 12 and own.isdigit() for own, town in zip(code, street, strict=True)
    )
    assert len(set(code)) == 430
    assert "id" in {field_of()[plain(name)] for name in towns.header if plain(name) in field_of()}


@real
@pytest.mark.parametrize(
    "name", ["taiwan_aed_2018", "komae_tokyo_aed", "liechtenstein_osm_aed", "munchen_centre_osm_aed"]
)
def test_the_header_of_a_real_list_is_its_first_row_as_written(name):
    path = DATA / "aed" / f"{name}.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        first = next(csv.reader(stream))
    assert list(read_table(path).header) == [cell.strip() for cell in first]
