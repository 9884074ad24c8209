"""What the public has reported: one after another, each confirmed, dismissed or done, with words."""

from collections import Counter

from fastapi import APIRouter, Response

from ...api.reports import ReportOut, see_reports
from ...records import find
from ...records.attachments import list_attachments
from ...records.reports import list_unconfirmed
from ...tables import Device
from ...tables.events import ReportKind, ReportState
from .choices import word_of
from .desk import At, Desk
from .files import uploads_of
from .lists import Filter, Row
from .show import badge, moment
from .words import message as _

router = APIRouter(include_in_schema=False)
QUICK = {
    "missing": (_("已到现场，设备确实不在，正在查找"), _("已到现场，设备在原处")),
    "moved": (_("已核实新位置，资料已更新"), _("设备在原处，没有移位")),
    "closed": (_("已与场所核实开放时间，资料已更新"), _("当时在开放时间内，场所已整改")),
    "broken": (_("已安排检查"), _("已检查，设备正常")),
    "used": (_("已联系取用人，登记为使用事件"), _("设备未被取用")),
    "wrong_info": (_("资料已更正"), _("资料无误")),
    "new_aed": (_("已核实，已录入档案"), _("不是 AED，或已在档案中")),
}
"""Words that fit most reports of a kind: so it was, and so it was not."""


@router.get("/office/reports")
def reports_page(desk: At, all: str = "") -> Response:
    """The reports that are open, oldest first; or all of them as a list."""
    if all == "yes":
        return _list(desk)
    found = see_reports(desk.session, desk.who)[::-1]
    alike = Counter(one.device_id for one in found if one.kind == "missing")
    doubted = set(list_unconfirmed(desk.session))
    cards = [
        {
            "record": one,
            "state": badge(one.state, desk.say, ReportState),
            "kind": desk.say(word_of(one.kind, ReportKind)),
            "at": moment(one.at),
            "device": desk.names.of("device", one.device_id),
            "link": desk.names.link("device", one.device_id),
            "others": alike[one.device_id] - 1 if one.kind == "missing" else 0,
            "doubted": one.device_id in doubted,
            "uploads": uploads_of(desk, list_attachments(desk.session, "public_report_id", one.id), "", may=False),
            "quick": [desk.say(words) for words in QUICK[one.kind]],
            "may": _may_handle(desk, one),
        }
        for one in found
    ]
    return desk.page("reports.html", _("公众报告"), cards=cards)


def _may_handle(desk: Desk, one: ReportOut) -> bool:
    site = find(desk.session, Device, one.device_id).site_id if one.device_id else None
    return desk.may("change", "report", site=site, device=one.device_id)


def _list(desk: Desk) -> Response:
    found = see_reports(desk.session, desk.who, handled=True)
    rows = [
        Row(
            desk.names.link("device", one.device_id) or "/office/reports",
            {
                "at": moment(one.at), "kind": desk.say(word_of(one.kind, ReportKind)), "text": one.text,
                "device": desk.names.of("device", one.device_id), "state": badge(one.state, desk.say, ReportState),
                "effect": one.effect,
            },
            {"kind": one.kind, "state": one.state},
        )
        for one in found
    ]  # fmt: skip
    columns = [
        desk.column("at", _("时间"), shape="date"), desk.column("kind", _("类别")), desk.column("device", _("设备")),
        desk.column("state", _("状态")), desk.column("text", _("内容"), wide=True),
        desk.column("effect", _("处理结果"), wide=True),
    ]  # fmt: skip
    say = desk.say
    filters = [
        Filter(
            "state",
            say(_("状态")),
            [(one, say(word_of(one, ReportState))) for one in ("new", "confirmed", "dismissed", "done")],
        ),
        Filter("kind", say(_("类别")), [(one, say(word_of(one, ReportKind))) for one in QUICK]),
    ]
    listing = desk.listing(rows, columns, filters, sort="-at")
    return desk.page(
        "list.html", _("公众报告"), list=listing, path="/office/reports", empty=say(_("还没有公众报告。")), kept={"all": "yes"},
        ways=[(say(_("只看待处理的")), "/office/reports")],
    )  # fmt: skip
