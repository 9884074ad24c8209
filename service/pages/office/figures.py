"""The year's figures, each with its formula, and the scores of the sites; the month as a Word document."""

import datetime as dt
import re
from typing import Any

from fastapi import APIRouter, Response

from ...api.figures import FigureOut, ScoreOut, see_figures, see_scores
from ...errors import ServiceError
from ...records.month import month_of, read_month
from ...year.figures import UNIT_KINDS
from ...year.monthly import monthly_docx
from .desk import At, Desk
from .lists import Filter, Row
from .show import Badge, badge, number
from .standing import ground_of
from .words import message as _

router = APIRouter(include_in_schema=False)
FIRST_YEAR = 2020
GOOD, FAIR = 80, 60
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@router.get("/office/figures")
def figures_page(desk: At, year: str = "") -> Response:
    """The figures of a year, for the county, its towns, and by kind of place."""
    this = desk.on.year
    chosen = int(year) if year.isdecimal() and FIRST_YEAR <= int(year) <= this else this
    found = see_figures(desk.session, desk.who, chosen)
    shares = {one.id: one for one in found.figures}
    kinds = [
        (
            desk.either(*UNIT_KINDS[kind]),
            _told(desk, shares[f"organisation_{kind}"]),
            _told(desk, shares[f"team_{kind}"]),
        )
        for kind in UNIT_KINDS
    ]
    plain = [one for one in found.figures if not one.id.startswith(("organisation_", "team_"))]
    return desk.page(
        "figures.html", _("年度数据"), year=chosen, years=range(this, FIRST_YEAR - 1, -1), first=found.first, last=found.last,
        figures=[_told(desk, one) for one in plain], kinds=kinds, months=_months(desk.on),
    )  # fmt: skip


def _told(desk: Desk, one: FigureOut) -> dict[str, Any]:
    counted = "" if one.denominator is None else f"{number(one.numerator)} ÷ {number(one.denominator)}"
    return {
        "name": desk.either(one.zh, one.en),
        "value": _value(one.value, one.denominator),
        "counted": counted,
        "formula": desk.either(one.formula_zh, one.formula_en),
        "towns": [
            (town.name, _value(town.value, one.denominator), town.numerator, town.denominator) for town in one.towns
        ],
    }


def _value(value: float | None, denominator: int | None) -> str:
    return "—" if value is None else number(value, 0 if denominator is None else 1)


def _months(on: dt.date) -> list[str]:
    """The last twelve months, this one first."""
    found = []
    year, month = on.year, on.month
    for _each in range(12):
        found.append(f"{year}-{month:02d}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found


@router.get("/office/monthly.docx")
def monthly_report(desk: At, month: str = "") -> Response:
    """The report of a month as a Word document; of this month when none is named."""
    asked = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", month or f"{desk.on:%Y-%m}")
    if asked is None or dt.date(int(asked[1]), int(asked[2]), 1) > desk.on:
        raise ServiceError(422, "月份应写作 2026-11，且不在将来。", "Write the month as 2026-11; none in the future.")
    first, last = month_of(int(asked[1]), int(asked[2]), desk.on)
    made = monthly_docx(read_month(desk.session, ground_of(desk), first, last), desk.language)
    told = {"Content-Disposition": f'attachment; filename="AED-{first:%Y-%m}.docx"', "Cache-Control": "no-store"}
    return Response(made, media_type=DOCX, headers=told)


@router.get("/office/scores")
def scores_page(desk: At) -> Response:
    """The scores of the sites, the lowest first, and what each can improve."""
    found = see_scores(desk.session, desk.who)
    rows = [_row(desk, one) for one in found.sites if one.total is not None]
    columns = [
        desk.column("name", _("点位")),
        desk.column("total", _("得分"), unit=_("满分 100"), shape="number", text=lambda value: number(value, 1)),
        desk.column("grade", _("等级")),
        desk.column("advice", _("怎样提高"), wide=True),
    ]
    grades = [("good", desk.say(_("良好"))), ("fair", desk.say(_("一般"))), ("poor", desk.say(_("待提高")))]
    listing = desk.listing(rows, columns, [Filter("grade", desk.say(_("等级")), grades)], sort="total")
    note = desk.either(found.formula_zh, found.formula_en)
    return desk.page("scores.html", _("点位评分"), list=listing, path="/office/scores", note=note, year=found.first.year,
                     empty=desk.say(_("没有在用设备的点位，还不能评分。")))  # fmt: skip


def _row(desk: Desk, one: ScoreOut) -> Row:
    total = one.total or 0.0
    grade = "good" if total >= GOOD else ("fair" if total >= FAIR else "poor")
    advice = desk.either("；", "; ").join(
        desk.either(part.advice_zh, part.advice_en) for part in one.parts if part.advice_zh
    )
    cells = {"name": one.name, "total": total, "grade": _grade(desk, grade), "advice": advice}
    return Row(f"/office/sites/{one.site_id}#score", cells, {"grade": grade})


def _grade(desk: Desk, grade: str) -> Badge:
    state, word, rank = {
        "good": ("usable", _("良好"), 0), "fair": ("unsure", _("一般"), 1), "poor": ("closed", _("待提高"), 2),
    }[grade]  # fmt: skip
    return badge(state, desk.say)._replace(word=desk.say(word), rank=rank)
