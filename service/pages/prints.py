"""What the office prints on A4: signs for the wall, labels with a code to scan, a month's register for each device.

The code on a sign holds the short address of the device's page and nothing else: how to use it, call 120, report. It never
opens anything.
"""

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from ..access import reach_of
from ..api.asking import Db
from ..api.checks import Month
from ..api.shapes import Line
from ..facts import day_of
from ..history import RecordSession
from ..inspections.form import shipped_form
from ..records.checks import checks_of_month
from ..records.devices import Filter
from ..records.labels import Label, list_labels
from ..tables import Inspection
from .catalog import Language, translator
from .shell import language_of, page
from .visitor import Visiting, Visitor

router = APIRouter(prefix="/office/print", include_in_schema=False)

Arrow = Literal["none", "left", "right", "up", "down"]
Codes = Annotated[list[Line], Query(max_length=500, default_factory=list)]
ACROSS, DOWN = 3, 7
LABELS = ACROSS * DOWN
"""A4 sheets of labels of 63.5 by 38.1 mm."""

QUIET = 4
"""Modules of white around a code (ISO/IEC 18004)."""

MARKS = {"ok": "✓", "fail": "✗", "na": "/", "not_checked": "–"}
_WORST = ("fail", "not_checked", "ok", "na")


@dataclass(frozen=True)
class Code:
    """A code to scan: what it says, its modules along a side with the white around it, and the dark ones as an SVG path."""

    says: str
    side: int
    path: str


@router.get("/signs")
def signs(
    request: Request, session: Db, visitor: Visiting, code: Codes, arrow: Arrow = "none", text: Line = ""
) -> HTMLResponse:
    """A sign for each device, one to a page; with an arrow it shows the way there."""
    labels = _labels(session, visitor, code)
    codes = {label.code: code_of(address(request, label.code)) for label in labels}
    return _page(request, "sign.html", visitor, labels, codes=codes, arrow=arrow, text=text)


@router.get("/qr")
def qr_sheet(
    request: Request, session: Db, visitor: Visiting, code: Codes, first: Annotated[int, Query(ge=1, le=LABELS)] = 1
) -> HTMLResponse:
    """Labels with a code to scan, 21 to a page; `first` is where a sheet begins that was used before."""
    labels = _labels(session, visitor, code)
    codes = {label.code: code_of(address(request, label.code)) for label in labels}
    places: list[Label | None] = [*[None] * (first - 1), *labels]
    sheets = [places[n : n + LABELS] for n in range(0, len(places), LABELS)] if labels else []
    return _page(request, "qr_sheet.html", visitor, labels, codes=codes, sheets=sheets, first=first)


@router.get("/register")
def register(
    request: Request, session: Db, visitor: Visiting, code: Codes, month: Month | None = None, blank: bool = False
) -> HTMLResponse:
    """A month of checks of each device, one to a page: days down, items across; filled from the records or blank."""
    labels = _labels(session, visitor, code)
    first = dt.date.fromisoformat(f"{month}-01") if month else day_of(session.by.at).replace(day=1)
    kept = {} if blank else checks_of_month(session, [label.device_id for label in labels], first)
    form, language = shipped_form(), language_of(request)
    groups = [
        (group.zh if language == "zh" else group.en, [item for item in form.items if item.group == group.id])
        for group in form.groups
    ]
    days = range(1, calendar.monthrange(first.year, first.month)[1] + 1)
    marks = {label.code: day_marks(kept.get(label.device_id, [])) for label in labels}
    return _page(
        request, "register.html", visitor, labels,
        groups=groups, days=days, marks=marks, month=f"{first:%Y-%m}", first=first, blank=blank,
    )  # fmt: skip


def address(request: Request, code: str) -> str:
    """The short address of a device's page, under the public address of the service where one is set."""
    base: str = request.app.state.public_url or str(request.base_url)
    return f"{base.rstrip('/')}/d/{code}"


def code_of(text: str) -> Code:
    """A code that says a text, and is still read when a quarter of it is scratched.

    >>> code_of("https://aed.example.org/d/2NB6X4").side
    37
    """
    import segno

    rows = [bytes(row) for row in segno.make(text, error="q", micro=False, boost_error=False).matrix]
    return Code(text, len(rows) + 2 * QUIET, "".join(_runs(y, row) for y, row in enumerate(rows, QUIET)))


def _runs(y: int, row: bytes) -> str:
    """The dark modules of a row, neighbours as one."""
    path, x = "", 0
    while (x := row.find(1, x)) >= 0:
        end = row.find(0, x)
        end = end if end >= 0 else len(row)
        path += f"M{x + QUIET} {y}h{end - x}v1h{x - end}z"
        x = end
    return path


def day_marks(checks: list[Inspection]) -> dict[int, Mapping[str, str]]:
    """What a register shows of a month's checks: by day and item a mark, of several checks a day the worst."""
    found: dict[int, dict[str, str]] = {}
    for check in checks:
        day = found.setdefault(day_of(check.at).day, {})
        for item, kept in check.items.items():
            day[item] = min(day.get(item, "na"), kept["result"], key=_WORST.index)
    return {day: {item: MARKS[result] for item, result in items.items()} for day, items in found.items()}


def _labels(session: RecordSession, visitor: Visitor, codes: list[str]) -> list[Label]:
    own = reach_of(visitor.who, "see", "site") == "own"
    which = Filter(sites=visitor.who.sites if own else None, devices=frozenset() if own else None)
    return list_labels(session, which, [code.strip().upper() for code in codes])


def _page(request: Request, template: str, visitor: Visitor, labels: list[Label], **values: Any) -> HTMLResponse:
    language = language_of(request)
    _ = translator(language)
    kinds = (("signs", _("标识牌")), ("qr", _("二维码标签")), ("register", _("检查登记表")))
    chosen = request.query_params.getlist("code")
    return page(
        request, template, visitor=visitor, labels=labels, chosen=chosen,
        place="place_zh" if language == "zh" else "place_en",
        kinds=[(_path(f"/office/print/{kind}", language, chosen), name) for kind, name in kinds],
        path=_path(request.url.path, language, chosen),
        here=_path(request.url.path, "zh" if language == "en" else "en", chosen),
        **values,
    )  # fmt: skip


def _path(path: str, language: Language, codes: list[str]) -> str:
    """An address with all its codes."""
    pairs = [("code", code) for code in codes] + ([("lang", "en")] if language == "en" else [])
    return path + (f"?{urlencode(pairs)}" if pairs else "")
