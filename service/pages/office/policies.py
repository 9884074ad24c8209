"""Insurance: the policies with what has no cover, and the page of one with its claims."""

from typing import get_args

from fastapi import APIRouter, Response

from ...api.policies import (
    ClaimChange,
    ClaimIn,
    ClaimOut,
    PolicyChange,
    PolicyIn,
    PolicyOut,
    see_claims,
    see_gaps,
    see_policies,
)
from ...errors import ServiceError
from ...records.attachments import list_attachments
from ...tables.papers import ClaimStatus, Cover
from .choices import word_of
from .desk import At, Desk
from .files import uploads_of
from .forms import Form
from .lines import Told, policy_state
from .lists import Filter, Row
from .past import past_of
from .sections import Section
from .show import badge, yuan
from .words import message as _

router = APIRouter(include_in_schema=False)
R = "/api/v1/records"
FACTS = (
    "policy_no cover insured_kind insurer_id payer_id starts_on ends_on sum_per_person_fen sum_per_event_fen sum_total_fen"
    " deductible_fen premium_fen claim_requirements note"
)


@router.get("/office/policies")
def policies_page(desk: At) -> Response:
    """All policies, and what has no cover today."""
    rows = [_row(desk, one) for one in see_policies(desk.session, desk.who)]
    columns = [
        desk.column("number", _("保单号")),
        desk.column("cover", _("险种")),
        desk.column("insurer", _("保险公司"), wide=True),
        desk.column("state", _("状态")),
        desk.column("ends", _("结束日期"), shape="date", wide=True),
        desk.column("total", _("总保额"), unit=_("元"), shape="number", wide=True, text=yuan),
    ]
    filters = [
        Filter("cover", desk.say(_("险种")), [(one, desk.say(word_of(one, Cover))) for one in get_args(Cover)]),
        Filter(
            "state",
            desk.say(_("状态")),
            [(one, desk.say(word_of(one))) for one in ("active", "expiring", "coming", "expired")],
        ),
    ]
    ways = [(desk.say(_("新增保单")), "/office/policies/new")] if desk.ever("add", "policy") else []
    return desk.page(
        "policies.html", _("保险"), list=desk.listing(rows, columns, filters, sort="-ends"), path="/office/policies", ways=ways,
        empty=desk.say(_("还没有保单。")), gaps=_gaps(desk) if desk.ever("list", "policy") else None,
    )  # fmt: skip


def _row(desk: Desk, one: PolicyOut) -> Row:
    state = policy_state(desk, one)
    name = {desk.say(word_of(value)): value for value in ("active", "expiring", "coming", "expired")}[state.word]
    cells = {
        "number": one.policy_no, "cover": desk.say(word_of(one.cover, Cover)), "state": state, "ends": one.ends_on,
        "insurer": desk.names.of("organisation", one.insurer_id), "total": one.sum_total_fen,
    }  # fmt: skip
    return Row(f"/office/policies/{one.id}", cells, {"cover": one.cover, "state": name}, one.note)


def _gaps(desk: Desk) -> list[Section]:
    """What has no cover today: devices against loss, volunteers by cover, events to come."""
    gaps, names = see_gaps(desk.session, desk.who), desk.names
    devices = [Told(None, names.of("device", one), names.link("device", one)) for one in gaps.devices]
    found = [Section("bare-devices", desk.say(_("没有设备损失险的设备（{n}）"), n=len(devices)), lines=devices)]
    for cover, people in gaps.volunteers.items():
        lines = [Told(None, names.of("person", one), names.link("person", one)) for one in people]
        title = desk.say(_("没有{cover}的志愿者（{n}）"), cover=desk.say(word_of(cover, Cover)), n=len(lines))
        found.append(Section(f"bare-{cover}", title, lines=lines))
    events = [Told(None, names.of("training_event", one), f"/office/training/{one}") for one in gaps.events]
    found.append(Section("bare-events", desk.say(_("没有活动险的培训和活动（{n}）"), n=len(events)), lines=events))
    return [one for one in found if one.lines]


@router.get("/office/policies/new")
def new_policy_page(desk: At) -> Response:
    """A policy to add."""
    groups = [("", desk.inputs.of(PolicyIn, "policy"))]
    form = desk.form("new", _("新增保单"), _("保存"), f"POST {R}/policies", groups, after="/office/policies/{id}")
    return desk.page("edit.html", _("新增保单"), form=form, back="/office/policies", back_name=desk.say(_("保险")))


@router.get("/office/policies/{policy_id}")
def policy_page(desk: At, policy_id: str) -> Response:
    """One policy."""
    record = next((one for one in see_policies(desk.session, desk.who) if one.id == policy_id), None)
    if record is None:
        raise ServiceError(404, "没有这条档案。", "There is no such record.")
    claims = see_claims(policy_id, desk.session, desk.who) if desk.ever("list", "policy") else []
    sections = [_insured(desk, record)]
    sections += [_claims(desk, claims)] if desk.ever("list", "policy") else []
    if desk.ever("see", "attachment"):
        files = list_attachments(desk.session, "policy_id", policy_id)
        may = desk.ever("change", "policy")
        uploads = uploads_of(desk, files, f"policy_id={policy_id}", may=may, kinds=("scan", "other"))
        sections.append(Section("files", desk.say(_("扫描件")), uploads=uploads))
    heading = f"{desk.say(word_of(record.cover, Cover))} {record.policy_no}"
    kinds = [("policy", policy_id), *(("claim", one.id) for one in claims)]
    return desk.page(
        "record.html", _("保险"), heading=heading, back="/office/policies", back_name=desk.say(_("保险")),
        states=[policy_state(desk, record)], facts=desk.shown.facts(record, FACTS, "policy"), sections=sections,
        actions=_actions(desk, record), past=past_of(desk, *kinds),
    )  # fmt: skip


def _insured(desk: Desk, record: PolicyOut) -> Section:
    named = [("device", one.device_id) for one in record.insured if one.device_id]
    named += [("person", one.person_id) for one in record.insured if one.person_id]
    named += [("training_event", one.training_event_id) for one in record.insured if one.training_event_id]
    lines = [Told(None, desk.names.of(kind, one), desk.names.link(kind, one)) for kind, one in named]
    return Section("insured", desk.say(_("保单列明")), lines=lines, empty=desk.say(_("没有逐一列明。")))


def _claims(desk: Desk, claims: list[ClaimOut]) -> Section:
    columns = [
        desk.column("status", _("状态")),
        desk.column("filed", _("申请日期"), shape="date"),
        desk.column("amount", _("金额"), unit=_("元"), shape="number"),
        desk.column("paid", _("赔付金额"), unit=_("元"), shape="number"),
        desk.column("about", _("关于"), wide=True),
    ]
    rows = [
        Row("", {"status": badge(one.status, desk.say, ClaimStatus), "filed": one.filed_on, "amount": yuan(one.amount_fen),
                 "paid": yuan(one.paid_fen), "about": _about(desk, one)})
        for one in claims
    ]  # fmt: skip
    forms: list[Form] = []
    for one in claims if desk.ever("change", "policy") else ():
        inputs = desk.inputs.of(ClaimChange, "claim", values=one)
        title = desk.say(_("理赔进展 {day}"), day=one.filed_on or "")
        made = desk.form(
            f"claim-{one.id}", _("理赔进展"), _("保存"), f"PATCH {R}/claims/{one.id}", inputs, version=one.version
        )
        forms.append(made._replace(title=title))
    return Section("claims", desk.say(_("理赔")), columns, rows, empty=desk.say(_("没有申请过理赔。")), forms=forms)


def _about(desk: Desk, one: ClaimOut) -> str:
    parts = (desk.names.of("incident", one.incident_id), desk.names.of("device", one.device_id), one.note)
    return " · ".join(part for part in parts if part)


def _actions(desk: Desk, record: PolicyOut) -> list[Form]:
    if not desk.ever("change", "policy"):
        return []
    to = f"{R}/policies/{record.id}"
    change = desk.inputs.of(PolicyChange, "policy", values=record)
    inputs = desk.inputs.of(ClaimIn, "claim", values={"filed_on": desk.on})
    edit = desk.form("edit", _("修改资料"), _("保存"), f"PATCH {to}", change, version=record.version)
    return [edit, desk.form("claim", _("申请理赔"), _("记下申请"), f"POST {R}/policies/{record.id}/claims", inputs)]
