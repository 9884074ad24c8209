"""The log of all changes, newest first."""

from fastapi import APIRouter, Response

from ...history import list_changes
from .desk import At
from .lists import Filter, Row
from .names import PAGES
from .past import KINDS, VERBS, line_of
from .words import message as _

router = APIRouter(include_in_schema=False)
MOST = 1000
"""The newest lines that the page goes through; a record's own page tells all of its."""


@router.get("/office/log")
def log_page(desk: At, kind: str = "", record: str = "") -> Response:
    """Who changed what and when."""
    changes = list_changes(desk.session, kind=kind if kind in KINDS else "", record_id=record, most=MOST)
    rows = []
    for one in changes:
        line = line_of(desk, one)
        told = desk.either("；", "; ").join(f"{each.label} {each.before} → {each.after}" for each in line.changes)
        page = PAGES.get(one.kind)
        cells = {"at": line.at, "who": line.who, "what": line.what, "changes": told[:300]}
        href = page[1] + one.record_id if page else desk.address("/office/log", kind=one.kind, record=one.record_id)
        rows.append(Row(href, cells, {"verb": one.verb}, told))
    columns = [
        desk.column("at", _("时间"), shape="date"), desk.column("who", _("谁")), desk.column("what", _("做了什么")),
        desk.column("changes", _("改前 → 改后"), wide=True),
    ]  # fmt: skip
    kinds = Filter("kind", desk.say(_("档案")), [(one, desk.say(word)) for one, word in KINDS.items()])
    verbs = Filter("verb", desk.say(_("操作")), [(one, desk.say(word)) for one, word in VERBS.items()])
    tagged = [
        Row(row.href, row.cells, {**row.tags, "kind": one.kind}, row.words)
        for row, one in zip(rows, changes, strict=True)
    ]
    listing = desk.listing(tagged, columns, [kinds, verbs], sort="-at")
    kept = {"record": record} if record else {}
    empty = desk.say(_("还没有修改。"))
    return desk.page("list.html", _("修改记录"), list=listing, path="/office/log", empty=empty, kept=kept)
