"""The lines by which records stand on the pages of others: checks, defects, papers, uses, reports."""

from collections.abc import Sequence
from typing import NamedTuple, get_args

from ...api.agreements import AgreementOut, see_agreements
from ...api.incidents import IncidentOut
from ...api.inspections import DefectOut, InspectionOut
from ...api.policies import PolicyOut, see_policies
from ...api.reports import ReportOut
from ...facts import Severity
from ...ready.words import item_words
from ...records.agreements import State as AgreementState
from ...tables.events import Outcome, ReportKind, ReportState
from ...tables.papers import AgreementKind, Cover
from .choices import word_of
from .desk import Desk
from .lists import Column, Row
from .show import ICONS, Badge, badge, day, moment
from .words import message as _


class Told(NamedTuple):
    """A line: its state, its words, where it leads, and what stands below it."""

    badge: Badge | None
    words: str
    href: str = ""
    at: str = ""
    effect: str = ""
    item: str = ""
    id: str = ""


def check_columns(desk: Desk) -> list[Column]:
    """The columns of checks of one device."""
    return [
        desk.column("at", _("时间")),
        desk.column("kind", _("类别"), wide=True),
        desk.column("overall", _("结论")),
        desk.column("who", _("检查人"), wide=True),
        desk.column("flags", _("需要留意"), wide=True),
    ]


def check_row(desk: Desk, one: InspectionOut) -> Row:
    """A check in a table."""
    flags = desk.either("、", ", ").join(desk.say(word_of(flag)) for flag in one.flags)
    cells = {
        "at": moment(one.at),
        "kind": desk.say(word_of(one.kind)),
        "overall": badge(one.overall, desk.say),
        "who": desk.names.account_name(one.account_id, "" if one.account_id is None else _SOMEBODY),
        "flags": flags,
    }
    return Row(f"/office/inspections/{one.id}", cells)


_SOMEBODY = _("检查人员")
"""Who made a check, for those who may not see accounts."""

DONE = Badge("usable", ICONS["usable"], "", 0)


def defect_state(desk: Desk, one: DefectOut) -> Badge:
    """Done, overdue, or how bad an open defect is."""
    if one.done_at is not None:
        return DONE._replace(word=desk.say(_("已处理")), rank=3)
    found = badge(one.severity, desk.say, Severity)
    return found._replace(rank=get_args(Severity).index(one.severity))


def defect_line(desk: Desk, one: DefectOut) -> Told:
    """A defect on its device's page."""
    words = [desk.say(_("{day} 发现"), day=day(one.found_at)), one.action_plan]
    if one.done_at is not None:
        words.append(desk.say(_("{day} 处理完"), day=day(one.done_at)))
    elif one.due_on is not None:
        words.append(desk.say(_("期限 {day}"), day=one.due_on))
    item = desk.either(*item_words(one.item))
    return Told(defect_state(desk, one), " · ".join(part for part in words if part), item=item, id=one.id)


def incident_line(desk: Desk, one: IncidentOut) -> Told:
    """A use on its device's or site's page."""
    words = " · ".join(part for part in (one.place, desk.say(word_of(one.outcome, Outcome))) if part)
    return Told(None, words, at=moment(one.at), id=one.id)


def report_line(desk: Desk, one: ReportOut) -> Told:
    """A report of the public on its device's page."""
    words = " · ".join(part for part in (desk.say(word_of(one.kind, ReportKind)), one.text) if part)
    return Told(badge(one.state, desk.say, ReportState), words, at=moment(one.at), effect=one.effect)


def papers_about(desk: Desk, site_id: str, devices: Sequence[str]) -> list[Told]:
    """Agreements and policies about a site or some devices, those in force first."""
    there = set(devices)
    found = []
    if desk.ever("see", "agreement"):
        about = [
            one for one in see_agreements(desk.session, desk.who) if site_id in one.sites or there & set(one.devices)
        ]
        found += [agreement_line(desk, one) for one in about]
    if desk.ever("see", "policy"):
        policies = see_policies(desk.session, desk.who)
        found += [policy_line(desk, one) for one in policies if _covers(one, there)]
    return sorted(found, key=lambda one: one.badge.rank if one.badge else 0)


def _covers(policy: PolicyOut, devices: set[str]) -> bool:
    named = {one.device_id for one in policy.insured}
    return bool(named & devices) or (policy.insured_kind == "all_registered" and policy.cover == "equipment_loss")


def agreement_line(desk: Desk, one: AgreementOut) -> Told:
    """An agreement: number, kind, until when."""
    until = one.terminated_on or one.ends_on
    words = [
        one.number,
        desk.say(word_of(one.kind, AgreementKind)),
        desk.say(_("至 {day}"), day=until) if until else "",
    ]
    state = badge(one.state, desk.say, AgreementState)
    return Told(
        state._replace(rank=_ORDER.index(one.state)), " · ".join(filter(None, words)), f"/office/agreements/{one.id}"
    )


_ORDER = ("expiring", "active", "coming", "draft", "expired", "terminated")


def policy_state(desk: Desk, one: PolicyOut) -> Badge:
    """Whether a policy is in force today; it is said to end 60 days before it does."""
    if desk.on < one.starts_on:
        state = "coming"
    elif desk.on > one.ends_on:
        state = "expired"
    else:
        state = "expiring" if (one.ends_on - desk.on).days < ENDING_DAYS else "active"
    return badge(state, desk.say, AgreementState)._replace(rank=_ORDER.index(state))


ENDING_DAYS = 60


def policy_line(desk: Desk, one: PolicyOut) -> Told:
    """A policy: cover, number, until when."""
    words = (desk.say(word_of(one.cover, Cover)), one.policy_no, desk.say(_("至 {day}"), day=one.ends_on))
    return Told(policy_state(desk, one), " · ".join(words), f"/office/policies/{one.id}")
