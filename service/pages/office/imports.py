"""Import from a spreadsheet: send it, look at what would change row by row, take it in, and undo it."""

from typing import get_args

from fastapi import APIRouter, Response

from ...api.imports import LookedOut, RowOut, see_import, see_imports
from ...records.sheets import Action
from ...sheets.record_sheets import shipped_sheets
from ...tables.imports import ImportState
from .choices import word_of
from .desk import At, Desk
from .lines import Told
from .lists import Filter, Row
from .show import Badge, badge, moment
from .words import message as _

router = APIRouter(include_in_schema=False)


@router.get("/office/imports")
def imports_page(desk: At) -> Response:
    """A template, a file to send, and the imports there were."""
    lines = [
        Told(
            _state(desk, one.state), one.name or moment(one.at), f"/office/imports/{one.id}",
            f"{moment(one.at)} · {desk.names.account_name(one.account_id)} · {_counted(desk, one.counts)}",
        )
        for one in see_imports(desk.session, desk.who)
    ]  # fmt: skip
    sheets = [(name, desk.either(sheet.zh, sheet.en)) for name, sheet in shipped_sheets().items()]
    return desk.page("imports.html", _("导入和导出"), lines=lines, sheets=sheets)


def _state(desk: Desk, state: str) -> Badge:
    return badge({"applied": "accepted", "undone": "closed"}.get(state, "new"), desk.say)._replace(
        word=desk.say(word_of(state, ImportState))
    )


def _counted(desk: Desk, counts: dict[str, int]) -> str:
    known = [one for one in get_args(Action) if counts.get(one)]
    told = [desk.say(_("{what} {n} 行"), what=desk.say(word_of(one, Action)), n=counts[one]) for one in known]
    return desk.either("，", ", ").join(told)


@router.get("/office/imports/{import_id}")
def import_page(desk: At, import_id: str) -> Response:
    """What an import would change, or has changed, row by row."""
    record = see_import(desk.request, import_id, desk.who)
    names = {name: desk.either(sheet.zh, sheet.en) for name, sheet in shipped_sheets().items()}
    rows = [_row(desk, one, names) for one in record.rows]
    columns = [
        desk.column("row", _("行"), shape="number", text=str),
        desk.column("sheet", _("表")),
        desk.column("action", _("会怎样")),
        desk.column("what", _("哪一条")),
        desk.column("told", _("改动或错误")),
    ]
    actions = [(one, desk.say(word_of(one, Action))) for one in get_args(Action)]
    filters = [
        Filter("action", desk.say(_("会怎样")), actions),
        Filter(
            "sheet", desk.say(_("表")), [(name, names.get(name, name)) for name in {one.sheet for one in record.rows}]
        ),
    ]
    return desk.page(
        "import.html", _("导入和导出"), record=record, heading=record.name or moment(record.at),
        path=f"/office/imports/{import_id}", state=_state(desk, record.state), counted=_counted(desk, record.counts),
        list=desk.listing(rows, columns, filters, sort=""),
        remarks=[f"{names.get(one.sheet, one.sheet)}：{desk.either(one.zh, one.en)}" for one in record.remarks],
        empty=desk.say(_("表里没有可以读取的行。")) if record.state == "previewed" else desk.say(_("逐行内容只在应用前显示。")),
        may_apply=_may_apply(record), may_undo=record.state == "applied",
    )  # fmt: skip


def _may_apply(record: LookedOut) -> bool:
    """Whether there is anything to take in, and it was not."""
    return record.state == "previewed" and any(one.action in ("new", "change") for one in record.rows)


def _row(desk: Desk, one: RowOut, names: dict[str, str]) -> Row:
    faults = [desk.either(fault.zh, fault.en) for fault in one.faults]
    changes = [
        f"{desk.either(cell.column_zh, cell.column_en)}：{cell.before or '—'} → {cell.after or '—'}"
        for cell in one.changes
    ]
    tone = {"new": "accepted", "change": "expiring"}.get(one.action, "")
    mark = badge("fail" if faults else tone, desk.say)._replace(word=desk.say(word_of(one.action, Action)))
    cells = {"row": one.row, "sheet": names.get(one.sheet, one.sheet), "action": mark, "what": one.what}
    return Row(
        "",
        {**cells, "told": desk.either("；", "; ").join(faults or changes)},
        {"action": one.action, "sheet": one.sheet},
    )
