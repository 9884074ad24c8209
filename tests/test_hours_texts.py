"""Opening hours as registries write them: understood, said back, and never open where they may mean closed."""

import csv
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from osm_files import REAL

from aedplan.files import read_sites
from aedplan.hours.hours import readable, week_of
from aedplan.hours.texts import report_hours, understand_hours
from aedplan.hours.words import say_hours


def osm(text: str) -> str:
    return understand_hours([text])[0].osm


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("周一至周五 8:00-17:00", "Mo-Fr 08:00-17:00"),
        ("周一到周五：08：00－12：00，14:30－17:30", "Mo-Fr 08:00-12:00,14:30-17:30"),
        ("周一至周五 上午8:00-12:00，下午2:00-5:30", "Mo-Fr 08:00-12:00,14:00-17:30"),
        ("上午8:00-12:00 下午2:00-5:30（周一至周五）", "Mo-Fr 08:00-12:00,14:00-17:30"),
        ("工作日8:30-17:30，节假日休息", "Mo-Fr 08:30-17:30; Sa-Su,PH off"),
        ("工作日 8-12时，14-18时", "Mo-Fr 08:00-12:00,14:00-18:00; PH off"),
        ("每天 6:00-22:00", "Mo-Su 06:00-22:00"),
        ("08:00-22:00 全年无休", "Mo-Su 08:00-22:00"),
        ("全天24小时", "24/7"),
        ("24小时（保安亭）", "24/7"),
        ("周六、周日及节假日 9:00-16:00", "Sa-Su 09:00-16:00; PH 09:00-16:00"),
        ("星期一至星期六8點至20點，星期日休息", "Mo-Sa 08:00-20:00; Su off"),
        ("周一闭馆，周二至周日9:00-17:00", "Tu-Su 09:00-17:00; Mo off"),
        ("9:00-17:00（周一闭馆）", "Mo-Su 09:00-17:00; Mo off"),
        ("周一至周五 8:00-17:00，12:00-13:30休息", "Mo-Fr 08:00-17:00; Mo-Fr 12:00-13:30 off"),
        ("周一至周日 07:30-次日02:00", "Mo-Su 07:30-02:00"),
        ("寒暑假不开放，周一至周五 7:00-18:00", "Mo-Fr 07:00-18:00; SH off"),
        ("周一至周五8:00-17:30，双休日9:00-16:00", "Mo-Fr 08:00-17:30; Sa-Su 09:00-16:00"),
        ("星期一~五8:30~16:00", "Mo-Fr 08:30-16:00"),
        ("Mo-Fr 8-22h", "Mo-Fr 08:00-22:00"),
        ("08.00 bis 22.00", "Mo-Su 08:00-22:00"),
        ("Mon-Fri 9am-5pm", "Mo-Fr 09:00-17:00"),
        ("Monday to Friday 08:00-17:00, closed on public holidays", "Mo-Fr 08:00-17:00; PH off"),
        ("24 hours", "24/7"),
        ("月火水木金 8:30-17:00 土日、祝日、年末年始を除く", "Mo-Fr 08:30-17:00; Dec 29-Jan 3 off; Sa-Su,PH off"),
        (
            "月火水木金土日 9:00-21:00 休館日（偶数月第３木曜日、年末年始）",
            "Mo-Su 09:00-21:00; Feb,Apr,Jun,Aug,Oct,Dec: Th[3] off; Dec 29-Jan 3 off",
        ),
        ("月水木金土日 10:00-17:00 休館日（毎週火曜日、祝日、年末年始）", "Mo,We-Su 10:00-17:00; Dec 29-Jan 3 off; Tu,PH off"),
        ("全日・全時間帯使用可", "24/7"),
        ("每月最後一個星期四休館，每天 9:00-17:00", "Mo-Su 09:00-17:00; Th[-1] off"),
        ("不对外开放", "off"),
        ("Mo-Fr 08:00-12:00, 13:30-17:00; PH off", "Mo-Fr 08:00-12:00, 13:30-17:00; PH off"),
    ],
)  # fmt: skip
def test_a_text_becomes_osm_syntax(text: str, expected: str) -> None:
    assert osm(text) == expected
    assert readable(expected)


@pytest.mark.parametrize(
    "text",
    [
        "视情况而定",
        "营业时间",
        "周一至周五",
        "夏季8:00-18:00，冬季8:30-17:30",  # when summer begins is not said
        "学校開校時使用可",
        "8:00-17:00，须预约",
        "周一至周五 8:00-17:00，隔周六上午",
        "9:00-17:00（依公告）",
        "上午",
        "8-17",  # hours or days of a month
        "25:00-26:00",
        "08:00-08:00 左右",
        "電話預約 0900-000000",
    ],
)
def test_a_text_that_may_mean_closed_is_not_understood(text: str) -> None:
    (one,) = understand_hours([text])
    assert one.osm == ""
    assert one.zh == "没有看懂，按不开放计算"
    assert one.en == "not understood, counted as closed"


def cell(week: str, sa: str, su: str, note: str = "") -> str:
    """A cell of Taiwan's register."""
    return (
        f"星期一至星期五 {week}\n                星期六 {sa}\n                星期日 {su}\n                備註:{note}"
    )


DAY, NONE, ZERO = "08:00 至 17:00", " 至 ", "00:00 至 00:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (cell("05:00 至 23:00", "05:00 至 23:00", "05:00 至 23:00"), "Mo-Su 05:00-23:00"),
        (cell(DAY, NONE, NONE), "Mo-Fr 08:00-17:00"),
        (cell(DAY, ZERO, ZERO), "Mo-Fr 08:00-17:00"),  # from midnight to midnight beside hours: closed
        (cell(DAY, "09:00 至 12:00", NONE), "Mo-Fr 08:00-17:00; Sa 09:00-12:00"),
        (cell("00:00 至 23:59", "00:00 至 23:59", "00:00 至 23:59"), "24/7"),
        (cell("05:00 至 00:30", "05:00 至 01:00", "05:00 至 00:00"), "Mo-Fr 05:00-00:30, Sa 05:00-01:00, Su 05:00-24:00"),
        (cell("0800 至 22:00", NONE, NONE), "Mo-Fr 08:00-22:00"),
        (cell(ZERO, ZERO, ZERO), ""),  # all day or never?
        (cell(ZERO, ZERO, ZERO, "24小時開放"), "24/7"),
        (cell("08:00 至 08:00", "08:00 至 08:00", "08:00 至 08:00", "全年全天開放大眾使用"), "24/7"),
        (cell(ZERO, ZERO, ZERO, "不對外開放"), "off"),
        (cell(NONE, NONE, NONE), ""),
        (cell(NONE, NONE, NONE, "24H開放"), "24/7"),
        (cell(NONE, NONE, NONE, "全年無休"), ""),  # every day, but from when to when?
        (cell(DAY, DAY, DAY, "＊星期一休館不開放"), "Mo-Su 08:00-17:00; Mo off"),
        (cell(DAY, DAY, DAY, "假日不開放"), "Mo-Su 08:00-17:00; Sa-Su,PH off"),
        (cell(DAY, NONE, NONE, "僅供成人使用"), "Mo-Fr 08:00-17:00"),
        (cell(DAY, NONE, NONE, "24小時開放"), "Mo-Fr 08:00-17:00"),  # the shorter of two
        (cell(DAY, NONE, NONE, "1.星期一至五上班時間開放使用\n2.星期六、日及國定假日不開放使用"),
         "Mo-Fr 08:00-17:00; Sa-Su,PH off"),
        (cell(DAY, DAY, DAY, "依影城實際營業時間為主"), ""),
        (cell(DAY, DAY, DAY, "星期1,2休館"), ""),  # half of it would be worse than nothing
        (cell("09:00 至", NONE, NONE), ""),
        (cell(DAY, NONE, NONE, "緊急連絡電話 (04)2345-6789轉123"), "Mo-Fr 08:00-17:00"),
        (cell(DAY, DAY, DAY, "於颱風警報期間宣布停止上班上課情形者除外"), "Mo-Su 08:00-17:00"),
        (cell("00:00 至 23:59", "00:00 至 23:59", "00:00 至 23:59", "週一至週五 08:00-17:00"), "24/7; Mo-Fr 08:00-17:00"),
    ],
)  # fmt: skip
def test_the_three_lines_of_taiwans_register_and_their_remark(text: str, expected: str) -> None:
    assert osm(text) == expected


@given(
    st.integers(0, 23),
    st.integers(1, 24),
    st.sampled_from(["周一至周五 {}", "{}，周末休息", "工作日{}", "平日 {}、假日休"]),
)
def test_the_hours_understood_are_the_hours_written(begin: int, length: int, shape: str) -> None:
    end = min(24, begin + length)
    text = shape.format(f"{begin}:00-{end:02d}:00")
    week = week_of(osm(text))
    assert week is not None, text
    by_hand = np.zeros((7, 1440), dtype=bool)
    by_hand[:5, begin * 60 : end * 60] = True
    assert (week == by_hand).all()


@given(st.text(alphabet="周一二五六日至8:0-17，。休馆开放24小时节假月火土を除く()\n ", max_size=30))
def test_no_text_breaks_the_reader_and_what_is_understood_can_be_read(text: str) -> None:
    (one,) = understand_hours([text])
    assert one.osm == "" or readable(one.osm)
    assert one.zh
    assert one.en


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("24/7", "全天 24 小时", "24 hours"),
        ("Mo-Su 06:00-22:00", "每天 06:00-22:00", "every day 06:00-22:00"),
        (
            "Mo-Sa 08:00-20:00; Su off",
            "周一至周六 08:00-20:00；周日不开放",
            "Monday to Saturday 08:00-20:00; Sunday closed",
        ),
        ("Th[-1] off", "每月最后一个周四不开放", "the last Thursday of a month closed"),
        ("Dec 29-Jan 3 off", "12月29日至1月3日不开放", "29 December to 3 January closed"),
        ("Apr-Sep 09:00-18:00", "4月至9月 09:00-18:00", "April to September 09:00-18:00"),
        ('08:00-17:00 open "at the desk"', '08:00-17:00开放 "at the desk"', '08:00-17:00 open "at the desk"'),
        ("", "没有看懂，按不开放计算", "not understood, counted as closed"),
    ],
)
def test_hours_are_said_back_in_both_languages(text: str, zh: str, en: str) -> None:
    assert say_hours(text) == (zh, en)


def test_a_report_counts_every_row_and_names_the_commonest_missed() -> None:
    report = report_hours(understand_hours(["24小时", "", "看情况", "看情况", "依公告", "Mo-Fr 08:00-12:00"]))
    assert (report.given, report.understood, report.empty) == (5, 2, 1)
    assert report.missed == (("看情况", 2), ("依公告", 1))
    assert "5 条中看懂 2 条，没看懂 3 条，另有 1 条没有填写" in report.zh
    assert "of 5 texts 2 were understood and 3 were not; 1 rows have none" in report.en


def taiwan() -> list[str]:
    path = REAL / "aed/taiwan_aed_2018.csv"
    if not path.exists():
        pytest.skip("the real data aed/taiwan_aed_2018.csv are not beside this checkout")
    with path.open(encoding="utf-8-sig", newline="") as table:
        return [row["開放使用時間"].strip() for row in csv.DictReader(table)]


def test_six_of_seven_of_taiwans_texts_are_understood_in_little_time() -> None:
    texts = taiwan()
    begin = time.process_time()
    understood = understand_hours(texts)
    assert time.process_time() - begin < 3
    report = report_hours(understood)
    assert report.given == 8693
    assert 7300 <= report.understood <= 7800
    assert sum(rows for _, rows in report_hours(understood, most=10_000).missed) == 8693 - report.understood
    assert report.missed[0][0].endswith("星期日 00:00 至 00:00 / 備註:")


def test_no_remark_ever_opens_a_day_that_the_lines_close() -> None:
    for one in understand_hours(sorted(set(taiwan()))):
        lines = one.text.split("\n")
        plain = osm("\n".join([*lines[:3], "備註:"]))
        if one.osm and plain and one.osm != plain:
            week, alone = week_of(one.osm), week_of(plain)
            assert week is not None
            assert alone is not None
            assert not (week & ~alone).any(), one


@pytest.mark.parametrize(
    ("file", "given", "understood"), [("komae_tokyo_aed", 57, 11), ("liechtenstein_osm_aed", 86, 86)]
)
def test_real_registries_are_read_with_every_row_counted(file: str, given: int, understood: int) -> None:
    path = REAL / f"aed/{file}.csv"
    if not path.exists():
        pytest.skip(f"the real data aed/{file}.csv are not beside this checkout")
    report = report_hours(understand_hours(read_sites(path, crs="wgs84").hours))
    assert (report.given, report.given + report.empty) == (given, {57: 57, 86: 100}[given])
    assert report.understood >= understood
