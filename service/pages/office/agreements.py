"""The agreements: their list, and the page of one with what was promised, renewal and termination."""

import datetime as dt
from typing import get_args

from fastapi import APIRouter, Response

from ...api.agreements import (
    AgreementChange,
    AgreementIn,
    AgreementOut,
    BreachChange,
    BreachIn,
    BreachOut,
    RenewalIn,
    TerminationIn,
    see_agreement,
    see_agreements,
    see_breaches,
)
from ...records.agreements import State
from ...records.attachments import list_attachments
from ...tables.papers import AgreementKind
from .choices import word_of
from .desk import At, Desk
from .files import uploads_of
from .forms import Form
from .lines import Told
from .lists import Filter, Row
from .past import past_of
from .sections import Section
from .show import Badge, badge, number
from .words import message as _

router = APIRouter(include_in_schema=False)
R = "/api/v1/records/agreements"
FACTS = (
    "number kind party_a_id party_b_id contact_a_id contact_b_id signed_on starts_on ends_on auto_renew term_years terminated_on"
    " termination_reason renews_id note"
)


@router.get("/office/agreements")
def agreements_page(desk: At) -> Response:
    """All agreements."""
    rows = [_row(desk, one) for one in see_agreements(desk.session, desk.who)]
    columns = [
        desk.column("number", _("编号")),
        desk.column("kind", _("类别"), wide=True),
        desk.column("keeper", _("乙方")),
        desk.column("state", _("状态")),
        desk.column("ends", _("结束日期"), shape="date", wide=True),
        desk.column("things", _("设备和点位"), unit=_("个"), shape="number", wide=True),
    ]
    filters = [
        Filter("state", desk.say(_("状态")), [(one, desk.say(word_of(one, State))) for one in get_args(State)]),
        Filter(
            "kind",
            desk.say(_("类别")),
            [(one, desk.say(word_of(one, AgreementKind))) for one in get_args(AgreementKind)],
        ),
    ]
    ways = [(desk.say(_("新增协议")), "/office/agreements/new")] if desk.ever("add", "agreement") else []
    empty = desk.say(_("还没有协议。新增一份，或从表格导入。"))
    listing = desk.listing(rows, columns, filters, sort="ends")
    return desk.page("list.html", _("协议"), list=listing, path="/office/agreements", empty=empty, ways=ways)


def _row(desk: Desk, one: AgreementOut) -> Row:
    parties = f"{desk.names.of('organisation', one.party_a_id)} {one.note}"
    cells = {
        "number": one.number, "kind": desk.say(word_of(one.kind, AgreementKind)),
        "keeper": desk.names.of("organisation", one.party_b_id), "state": badge(one.state, desk.say, State),
        "ends": one.terminated_on or one.ends_on, "things": len(one.sites) + len(one.devices),
    }  # fmt: skip
    return Row(f"/office/agreements/{one.id}", cells, {"state": one.state, "kind": one.kind}, parties)


@router.get("/office/agreements/new")
def new_agreement_page(desk: At) -> Response:
    """An agreement to add."""
    groups = [("", desk.inputs.of(AgreementIn, "agreement"))]
    form = desk.form("new", _("新增协议"), _("保存"), f"POST {R}", groups, after="/office/agreements/{id}")
    return desk.page("edit.html", _("新增协议"), form=form, back="/office/agreements", back_name=desk.say(_("协议")))


@router.get("/office/agreements/{agreement_id}")
def agreement_page(desk: At, agreement_id: str) -> Response:
    """One agreement."""
    record = see_agreement(agreement_id, desk.session, desk.who)
    names = desk.names
    things = [Told(None, names.of("site", one), names.link("site", one)) for one in record.sites]
    things += [Told(None, names.of("device", one), names.link("device", one)) for one in record.devices]
    sections = [
        Section("things", desk.say(_("关于哪些点位和设备")), lines=things, empty=desk.say(_("没有写明点位或设备。"))),
        _obligations(desk, record),
        _breaches(desk, record),
    ]
    if desk.ever("see", "attachment"):
        may = desk.ever("change", "agreement")
        files = list_attachments(desk.session, "agreement_id", agreement_id)
        uploads = uploads_of(desk, files, f"agreement_id={agreement_id}", may=may, kinds=("scan", "other"))
        sections.append(Section("files", desk.say(_("扫描件")), uploads=uploads))
    return desk.page(
        "record.html", _("协议"), heading=record.number, back="/office/agreements", back_name=desk.say(_("协议")),
        states=[badge(record.state, desk.say, State)], actions=_actions(desk, record), sections=sections,
        facts=desk.shown.facts(record, FACTS, "agreement"), past=past_of(desk, ("agreement", agreement_id)),
    )  # fmt: skip


def _obligations(desk: Desk, record: AgreementOut) -> Section:
    columns = [
        desk.column("what", _("义务")),
        desk.column("owner", _("由谁承担")),
        desk.column("target", _("数量"), shape="number"),
        desk.column("evidence", _("以什么为凭"), wide=True),
        desk.column("note", _("备注"), wide=True),
    ]
    rows = [
        Row("", {"what": desk.say(word_of(one.code)), "owner": desk.say(word_of(one.owner)), "note": one.note,
                 "target": number(one.target), "evidence": one.evidence_rule})
        for one in record.obligations
    ]  # fmt: skip
    return Section("obligations", desk.say(_("约定的义务")), columns, rows, empty=desk.say(_("没有写明义务。")))


def _breaches(desk: Desk, record: AgreementOut) -> Section:
    """Promises that were not kept, and how each ended."""
    found, changes = see_breaches(record.id, desk.session, desk.who), desk.ever("change", "agreement")
    lines = [Told(_breach_state(desk, one), one.text, at=f"{one.found_on}", effect=_ended(one)) for one in found]
    forms: list[Form] = []
    for one in found if changes else ():
        inputs = desk.inputs.of(BreachChange, "breach", values=one)
        to = f"PATCH {R}/{record.id}/breaches/{one.id}"
        form = desk.form(f"breach-{one.id}", _("处理结果"), _("保存"), to, inputs, version=one.version)
        forms.append(form._replace(title=f"{form.title} {one.found_on}"))
    if changes:
        inputs = desk.inputs.of(BreachIn, "breach", values={"found_on": desk.on})
        forms.append(desk.form("breach", _("记下一次违约"), _("记下"), f"POST {R}/{record.id}/breaches", inputs))
    return Section("breaches", desk.say(_("违约记录")), lines=lines, empty=desk.say(_("没有违约记录。")), forms=forms)


def _breach_state(desk: Desk, one: BreachOut) -> Badge:
    state, word = ("accepted", _("已解决")) if one.resolved_on else ("new", _("未解决"))
    return badge(state, desk.say)._replace(word=desk.say(word))


def _ended(one: BreachOut) -> str:
    return f"→ {one.resolved_on} {one.resolution}" if one.resolved_on else ""


def _actions(desk: Desk, record: AgreementOut) -> list[Form]:
    """Renewal and termination, while there is something to renew or end."""
    if not desk.ever("change", "agreement"):
        return []
    to = f"{R}/{record.id}"
    change = desk.inputs.of(AgreementChange, "agreement", values=record)
    made = [desk.form("edit", _("修改资料"), _("保存"), f"PATCH {to}", change, version=record.version, see=to)]
    begin = record.ends_on + dt.timedelta(days=1) if record.ends_on else desk.on
    years = round(record.term_years or 3)
    values = {"starts_on": begin, "ends_on": _years_on(begin, years), "number": f"{record.number}-2"}
    renewal = desk.inputs.of(RenewalIn, "agreement", values=values)
    made.append(desk.form("renewal", _("续签"), _("续签"), f"POST {to}/renewal", renewal, after="/office/agreements/{id}",
                          note=_("续签得到一份新协议，双方、义务、点位和设备照旧；旧协议留存。")))  # fmt: skip
    if record.state not in ("terminated", "expired"):
        end = desk.inputs.of(TerminationIn, "agreement", values={"on": desk.on})
        sure = _("终止后不能恢复，只能另签新协议。确定终止？")
        made.append(desk.form("end", _("终止"), _("终止协议"), f"POST {to}/termination", end, sure=sure))
    return made


def _years_on(day: dt.date, years: int) -> dt.date:
    """The last day of so many years that begin on a day."""
    try:
        return day.replace(year=day.year + years) - dt.timedelta(days=1)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + years, day=28)
