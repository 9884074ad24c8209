"""A text table is read in the encoding it was written in, and in no other."""

from pathlib import Path

import pytest
from bad import make_bad
from hypothesis import given
from hypothesis import strategies as st

from aedplan.errors import InputError
from aedplan.tables.encoding import decode
from aedplan.tables.tables import read_table

DATA = Path(__file__).parents[2] / "shared" / "data"

real = pytest.mark.skipif(not DATA.is_dir(), reason="the shared real data are not here")

SIMPLIFIED = "编号,名称,经度,纬度,位置说明\nA1,示例县汽车客运站,118.39,24.97,一楼候车厅服务台左侧\n"
TRADITIONAL = "場所名稱,經度,緯度,開放時間\n鼓山輪渡站候船室,120.27,22.62,星期一至星期五\n"
JAPANESE = "名称,緯度,経度,設置位置\n狛江市役所,35.63,139.58,本庁舎２階総合案内前\n"


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        (SIMPLIFIED, "utf-8", "UTF-8"),
        (SIMPLIFIED, "utf-8-sig", "UTF-8"),
        (SIMPLIFIED, "utf-16", "UTF-16"),
        (SIMPLIFIED, "gb18030", "GB18030"),
        (TRADITIONAL, "gb18030", "GB18030"),
        (TRADITIONAL, "big5", "Big5"),
        (TRADITIONAL, "cp950", "Big5"),
        (JAPANESE, "cp932", "Shift-JIS"),
    ],
)
def test_each_encoding_is_recognised_by_name_and_gives_the_text_back(text, encoding, name):
    assert decode(text.encode(encoding), "a.csv") == (text, name)


@given(st.lists(st.sampled_from(SIMPLIFIED.split(",")), min_size=3, max_size=30))
def test_any_mixture_of_simplified_words_in_gb18030_comes_back(words):
    text = ",".join(["编号", *words])
    assert decode(text.encode("gb18030"), "a.csv")[0] == text


@pytest.mark.parametrize("make", [make_bad.latin1, make_bad.broken_utf8, make_bad.binary_named_csv])
def test_what_is_in_no_known_encoding_is_refused_by_name(make, tmp_path):
    path = make(tmp_path)
    with pytest.raises(InputError, match=path.name):
        decode(path.read_bytes(), path.name)


@pytest.mark.parametrize("make", [make_bad.big5, make_bad.shift_jis])
def test_tables_of_taiwan_and_japan_are_read_with_their_columns(make, tmp_path):
    table = read_table(make(tmp_path))
    assert {"緯度"} <= set(table.header)
    assert table.form in ("Big5", "Shift-JIS")


@real
@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("aed/taiwan_aed_2018", "gb18030"),
        ("aed/taiwan_aed_2018", "cp950"),
        ("aed/komae_tokyo_aed", "cp932"),
        ("aed/komae_tokyo_aed", "gb18030"),
        ("admin/villages_nanan", "gb18030"),
    ],
)
def test_real_tables_come_back_from_every_encoding_of_their_country(name, encoding):
    data = (DATA / f"{name}.csv").read_text(encoding="utf-8-sig").encode(encoding, "replace")
    assert decode(data, name)[0] == data.decode(encoding)
