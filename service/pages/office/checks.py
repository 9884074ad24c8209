"""Checks as the office reads them, what it says of them, and the defects they found."""

import datetime as dt
from typing import Any, get_args

from fastapi import APIRouter, Response

from ...api.inspections import DefectChange, ReviewIn, see_defects, see_inspection, see_inspections
from ...errors import ServiceError
from ...facts import Severity
from ...inspections.form import shipped_form
from ...inspections.sheets import from_json, printed
from ...ready.words import item_words
from ...records import find
from ...records.attachments import list_attachments
from ...tables import Device
from ...tables.checks import InspectionKind, Overall
from .choices import FLAGS, word_of
from .desk import At, Desk
from .files import uploads_of
from .forms import Form
from .lines import Told, check_row, defect_state
from .lists import Filter, Row
from .past import past_of
from .sections import Section
from .show import Badge, badge, day, moment
from .words import message as _

router = APIRouter(include_in_schema=False)
R = "/api/v1/records"
MOST = 1000
"""The newest checks that the list goes through; older ones are found at their device."""

INSPECTION_FACTS = "device_id kind at received_at source duration_s distance_to_device_m accuracy_m note"
DEFECT_FACTS = "device_id found_at action_plan due_on done_at done_by evidence"


@router.get("/office/inspections")
def inspections_page(desk: At, device: str = "", flagged: str = "") -> Response:
    """The newest checks; `flagged`: those that the office should look at and has not."""
    found = see_inspections(desk.session, desk.who, device or None, flagged == "yes", MOST)
    rows = []
    for one in found:
        made = check_row(desk, one)
        tags = {"overall": one.overall, "kind": one.kind, "flag": set(one.flags)}
        cells = {**made.cells, "device": desk.names.of("device", one.device_id)}
        rows.append(Row(made.href, cells, tags, one.note))
    columns = [
        desk.column("at", _("时间"), shape="date"),
        desk.column("device", _("设备")),
        desk.column("overall", _("结论")),
        desk.column("kind", _("类别"), wide=True),
        desk.column("who", _("检查人"), wide=True),
        desk.column("flags", _("需要留意"), wide=True),
    ]
    say = desk.say
    filters = [
        Filter("overall", say(_("结论")), [(one, say(word_of(one, Overall))) for one in get_args(Overall)]),
        Filter("kind", say(_("类别")), [(one, say(word_of(one, InspectionKind))) for one in get_args(InspectionKind)]),
        Filter("flag", say(_("需要留意")), [(one, say(word)) for one, word in FLAGS.items()]),
    ]
    kept = {name: value for name, value in (("device", device), ("flagged", flagged)) if value}
    ways = [(say(_("只看待复核的")), "/office/inspections?flagged=yes")] if not flagged else []
    empty = say(_("没有待复核的检查。")) if flagged else say(_("还没有检查记录。"))
    listing = desk.listing(rows, columns, filters, sort="-at")
    return desk.page(
        "list.html", _("检查记录"), list=listing, path="/office/inspections", empty=empty, kept=kept, ways=ways
    )


@router.get("/office/inspections/{inspection_id}")
def inspection_page(desk: At, inspection_id: str) -> Response:
    """One check, item by item, and what the office said of it."""
    record = see_inspection(inspection_id, desk.session, desk.who)
    reviews = [
        Told(badge(one.state, desk.say), one.reason, at=f"{moment(one.at)} {desk.names.account_name(one.account_id)}")
        for one in record.reviews
    ]
    files = list_attachments(desk.session, "inspection_id", inspection_id) if desk.ever("see", "attachment") else []
    sections = [
        _items(desk, record),
        Section("files", desk.say(_("照片")), uploads=uploads_of(desk, files, "", may=False)),
        Section(
            "reviews",
            desk.say(_("复核")),
            lines=reviews,
            empty=desk.say(_("还没有复核。")),
            forms=_review(desk, record.id),
        ),
    ]
    flags = [badge("attention", desk.say)._replace(word=desk.say(word_of(flag))) for flag in record.flags]
    return desk.page(
        "record.html", _("检查记录"), heading=f"{desk.names.of('device', record.device_id)} {moment(record.at)}",
        back="/office/inspections", back_name=desk.say(_("检查记录")), sections=sections,
        states=[badge(record.overall, desk.say), *flags], facts=desk.shown.facts(record, INSPECTION_FACTS, "inspection"),
    )  # fmt: skip


def _items(desk: Desk, record: Any) -> Section:
    columns = [
        desk.column("item", _("检查项目")),
        desk.column("result", _("结果")),
        desk.column("value", _("数值")),
        desk.column("note", _("备注和措施"), wide=True),
    ]
    rows = []
    lines = printed(shipped_form(), from_json(record.items), desk.language)
    for item, (_group, label, result, value, note) in zip(shipped_form().items, lines, strict=True):
        plan = record.plans.get(item.id)
        told = [note, f"{plan['text']} {plan['due_on']}" if plan else "", record.reasons.get(item.id, "")]
        failed = record.items.get(item.id, {}).get("result") == "fail"
        cell = badge("fail", desk.say)._replace(word=result) if failed else result
        rows.append(Row("", {"item": label, "result": cell, "value": value, "note": " · ".join(filter(None, told))}))
    return Section("items", desk.say(_("逐项结果")), columns, rows)


def _review(desk: Desk, inspection_id: str) -> list[Form]:
    if not desk.ever("decide", "inspection"):
        return []
    note = _("不予采信的检查不再作数；有疑问或不予采信时写明原因。")
    inputs = desk.inputs.of(ReviewIn, "review")
    return [
        desk.form(
            "review",
            _("复核这次检查"),
            _("保存复核"),
            f"POST {R}/inspections/{inspection_id}/reviews",
            inputs,
            note=note,
        )
    ]


@router.get("/office/defects")
def defects_page(desk: At, done: str = "") -> Response:
    """Open defects, or all."""
    found = see_defects(desk.session, desk.who, done=done == "yes")
    rows = []
    for one in found:
        overdue = one.done_at is None and one.due_on is not None and one.due_on < desk.on
        item = desk.either(*item_words(one.item))
        cells = {
            "item": item, "device": desk.names.of("device", one.device_id), "state": defect_state(desk, one),
            "found": day(one.found_at), "plan": one.action_plan,
            "due": _due(desk, one.due_on, overdue=overdue),
        }  # fmt: skip
        late = "yes" if overdue else "no"
        rows.append(Row(f"/office/defects/{one.id}", cells, {"severity": one.severity, "overdue": late}))
    columns = [
        desk.column("item", _("检查项目")),
        desk.column("device", _("设备")),
        desk.column("state", _("严重程度")),
        desk.column("due", _("期限"), shape="date"),
        desk.column("found", _("发现时间"), shape="date", wide=True),
        desk.column("plan", _("处理措施"), wide=True),
    ]
    say = desk.say
    filters = [
        Filter("severity", say(_("严重程度")), [(one, say(word_of(one, Severity))) for one in get_args(Severity)]),
        Filter("overdue", say(_("期限")), [("yes", say(_("已逾期"))), ("no", say(_("未逾期")))]),
    ]
    kept = {"done": done} if done else {}
    ways = [(say(_("也看已处理的")), "/office/defects?done=yes")] if not done else []
    listing = desk.listing(rows, columns, filters, sort="due")
    empty = say(_("没有未处理的缺陷。"))
    return desk.page("list.html", _("缺陷"), list=listing, path="/office/defects", empty=empty, kept=kept, ways=ways)


def _due(desk: Desk, on: dt.date | None, *, overdue: bool) -> Badge | None:
    """A deadline, marked when it has passed."""
    if on is None:
        return None
    mark = badge("expired", desk.say) if overdue else Badge("", "", "")
    return mark._replace(word=str(on), rank=on.toordinal())


@router.get("/office/defects/{defect_id}")
def defect_page(desk: At, defect_id: str) -> Response:
    """One defect: plan, deadline, and that it is done."""
    found = see_defects(desk.session, desk.who, done=True)
    record = next((one for one in found if one.id == defect_id), None)
    if record is None:
        raise ServiceError(404, "没有这条档案。", "There is no such record.")
    device = find(desk.session, Device, record.device_id)
    actions: list[Form] = []
    if desk.may("change", "defect", site=device.site_id, device=device.id):
        values = {**record.model_dump(), "done": record.done_at is not None}
        inputs = desk.inputs.of(DefectChange, "defect", values=values)
        made = desk.form(
            "edit", _("处理这个缺陷"), _("保存"), f"PATCH {R}/defects/{defect_id}", inputs, version=record.version
        )
        actions.append(made)
    return desk.page(
        "record.html", _("缺陷"), heading=f"{desk.either(*item_words(record.item))} · {desk.names.of('device', device.id)}",
        back="/office/defects", back_name=desk.say(_("缺陷")), states=[defect_state(desk, record)], actions=actions,
        facts=desk.shown.facts(record, DEFECT_FACTS, "defect"), past=past_of(desk, ("defect", defect_id)),
    )  # fmt: skip
