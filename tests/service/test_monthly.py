"""The month's report: everything that was recorded stands in it, in one language, and nothing of a person."""

import dataclasses
import datetime as dt
import io
import re
from contextlib import closing

import pytest
from docx import Document
from people import become, browser, make_county

from aedplan.report.words import Words
from service.db import Database, now
from service.facts import COUNTY_TIME
from service.history import By
from service.mapping.coverage_now import CAUSES
from service.records.incidents import add_incident
from service.records.month import month_of, read_month
from service.records.training import add_event
from service.tables import Incident, TrainingEvent
from service.year.monthly import (
    STATES,
    Coming,
    Covered,
    DeviceLine,
    Event,
    Found,
    Month,
    Use,
    monthly_docx,
    sections,
    title_of,
)

FIRST, LAST = dt.date(2026, 11, 1), dt.date(2026, 11, 30)
NIGHT = dt.datetime(2026, 11, 30, 2, tzinfo=COUNTY_TIME)
LOST = dict.fromkeys(CAUSES[1:], 0.01)

MONTH = Month(
    first=FIRST, last=LAST, complete=True, office="南安市红十字会",
    devices=(
        DeviceLine("A2B3C4", "汽车站", "READY", (), 1.25, True),
        DeviceLine("D5E6F7", "第一小学", "NOT_READY", (Words("电池已于 2026-11-02 到期", "battery: expired"),), 0.5, False),
    ),
    checks=7, checked_share=0.975,
    found=(Found(dt.date(2026, 11, 3), "D5E6F7 第一小学", Words("电池有效期", "Battery expiry"), "critical", "换电池",
                 dt.date(2026, 11, 10), None),),
    open_defects=2, reports={Words("设备不在", "device not there"): (3, 1)},
    uses=(Use(NIGHT, "候车厅", "A2B3C4 汽车站", 2, Words("存活移交", "handed over alive"), None),),
    events=(Event(dt.date(2026, 11, 8), "心肺复苏", "汽车站", False, 42, 40),
            Event(dt.date(2026, 11, 9), "取用演练", "汽车站", True, 9, None)),
    circle=Words("walk-4 (v1)：沿街道 300 米", "walk-4 (v1): 300 m along streets"),
    coverage=(Covered(NIGHT, 0.4, 0.34, LOST),),
    coming=(Coming(dt.date(2026, 12, 17), Words("保险到期", "insurance ends"), False),
            Coming(dt.date(2026, 11, 7), Words("协议到期", "agreement ends"), True)),
)  # fmt: skip


def read(content: bytes) -> str:
    """All text of a document, cell by cell."""
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report_tells_all_that_was_recorded(language):
    text = read(monthly_docx(MONTH, language))
    said = {
        "zh": ("2026 年 11 月 AED 月报", "在用设备 2 台，月末可用 1 台", "97.5%",
               "共检查 7 次", "1 台整月没有检查", "电池已于", "换电池",
               "存活移交", "培训 42 人次", "有效覆盖 34.0%，账面 40.0%", "下月到期 1 项，已逾期 1 项", "保险到期", "演练"),
        "en": ("AED report, November 2026", "2 devices in service, 1 of them usable", "97.5%", "7 checks",
               "1 device was not checked", "battery: expired", "handed over alive", "42 people took part",
               "in effect 34.0%, on paper 40.0%", "insurance ends", "drill"),
    }[language]  # fmt: skip
    for words in said:
        assert words in text, words
    assert "0.50" in text
    assert "1.25" in text


def test_english_holds_no_chinese_but_names_and_words_that_somebody_typed():
    typed = {"南安市红十字会", "汽车站", "第一小学", "换电池", "候车厅", "心肺复苏", "取用演练"}
    left = set(re.findall("[\u4e00-\u9fff]+", read(monthly_docx(MONTH, "en"))))
    assert left <= typed


def test_the_same_month_gives_the_same_bytes_and_a_number_in_its_tables_adds_up():
    assert monthly_docx(MONTH, "zh") == monthly_docx(MONTH, "zh")
    state, *_rest = sections(MONTH)
    counts = {row[0]: int(row[1]) for row in state.sheets[0].rows}
    assert sum(counts.values()) == len(MONTH.devices)
    assert counts[STATES["NOT_READY"]] == 1
    coverage = next(one for one in sections(MONTH) if one.key == "coverage")
    paper, *lost, effective = (float(row[1]) for row in coverage.sheets[0].rows)
    assert paper - sum(lost) == pytest.approx(effective)


def test_a_month_without_anything_says_so_everywhere():
    nothing = dataclasses.replace(MONTH, devices=(), found=(), reports={}, uses=(), events=(), coverage=(), coming=(),
                                  checked_share=None, checks=0, open_defects=0)  # fmt: skip
    for section in sections(nothing):
        assert section.before or any(sheet.rows for sheet in section.sheets), section.key
    assert "不能计算覆盖" in read(monthly_docx(nothing, "zh"))


def test_a_month_ends_with_its_last_day_or_today():
    today = dt.date(2026, 11, 22)
    assert month_of(2026, 11, today) == (FIRST, today)
    assert month_of(2026, 12, dt.date(2027, 3, 1)) == (dt.date(2026, 12, 1), dt.date(2026, 12, 31))
    assert title_of(MONTH).zh == "2026 年 11 月 AED 月报"


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path, folder):
    maker = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgresql")
    settings = dataclasses.replace(maker.make(tmp_path), plan=folder)
    with closing(Database(settings)) as database:
        yield settings, make_county(database), database


def test_the_report_of_this_month_is_read_from_the_records_and_given_to_those_who_may_see_figures(place):
    settings, county, database = place
    at = now()
    with database.session(By(None, "office", at)) as session:
        add_incident(session, Incident(at=at, device_id=county.device, place="操场", outcome="unknown"))
        add_event(session, TrainingEvent(held_on=at.date(), course="急救课", attended_n=12), {})
        today = at.astimezone(COUNTY_TIME).date()
        month = read_month(session, None, *month_of(today.year, today.month, today))
    assert [one.place for one in month.uses] == ["操场"]
    assert [(one.course, one.attended) for one in month.events] == [("急救课", 12)] or today.day == 1
    assert (month.office, month.coverage) == ("南安市红十字会", ())
    with browser(settings) as client:
        become(client, "viewer")
        answer = client.get("/office/monthly.docx")
        assert answer.status_code == 200
        assert f"AED-{today:%Y-%m}.docx" in answer.headers["content-disposition"]
        assert "操场" in read(answer.content)
        assert "13800000000" not in read(answer.content)
        for month_asked in ("2026-13", "2999-01", "x"):
            assert client.get("/office/monthly.docx", params={"month": month_asked}).status_code == 422
        become(client, "manager")
        assert client.get("/office/monthly.docx").status_code == 403
