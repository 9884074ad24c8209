"""What is due: devices and papers, that first by whose failure the county loses most, each with what must be done."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from fastapi import APIRouter, Response

from ...api.due import DueOut, see_due
from ...api.inspections import see_inspections
from ...api.policies import see_gaps
from ...api.reports import see_reports
from ...records.public import site_hours
from ...records.sites import list_sites
from ...reminders import LEVELS
from .desk import At, Desk
from .lists import PAGE
from .show import Badge, small
from .standing import BY_CHECK, Worth, count_now, coverage_of, ready_badge, told_once, way, worth_of
from .words import message as _

router = APIRouter(include_in_schema=False)
AHEAD = {"0": _("已逾期"), "30": _("30 天内"), "90": _("90 天内")}
WHAT = {"device": _("设备"), "paper": _("协议、保险、证书")}
RULE_OF = {
    "expires": ("pads", "battery"), "expired": ("pads", "battery"), "no_expiry": ("no_expiry",),
    "check_due": ("check",), "check_overdue": ("check",), "never_checked": ("check",),
    "defect_critical": ("defect",), "defect_major": ("defect",), "defect_minor": ("defect",),
}  # fmt: skip
"""Which rules of reminding tell the same as a reason of readiness."""

SOON_DAYS = 7
"""A check stands in the list from so many days before it is due; every device has one each month."""

PAPERS = {"agreement": "/office/agreements/", "insurance": "/office/policies/"}
OTHERS = {"report": "/office/reports", "holidays": "/office/rules#holidays"}


class Task(NamedTuple):
    """One thing to do: its words, where it is done, when it was or is due, and who has been told by now."""

    words: str
    href: str
    due_on: dt.date | None
    overdue: bool
    level: str
    acknowledge: Mapping[str, Any] | None
    acknowledged: bool


class Item(NamedTuple):
    """A device or a paper with what is to be done; `worth` is None where nothing hangs on it that is known."""

    name: str
    href: str
    state: Badge | None
    worth: float | None
    tasks: tuple[Task, ...]
    first_on: dt.date


@router.get("/office")
def work_page(desk: At, days: str = "30", what: str = "", page: str = "1") -> Response:
    """How the county stands, and what is due."""
    days = days if days in AHEAD else "30"
    worth = worth_of(desk)
    items = list(_items(desk, worth, see_due(desk.session, desk.who, int(days)), days))
    items = [one for one in items if what not in WHAT or (what == "device") == one.href.startswith("/office/devices/")]
    items.sort(key=lambda one: (-(one.worth or 0.0), one.first_on, one.name))
    pages = max(1, -(-len(items) // PAGE))
    number = min(max(1, int(page)), pages) if page.isdecimal() else 1
    return desk.page(
        "work.html", _("待办"), items=items[(number - 1) * PAGE : number * PAGE], days=days, what=what,
        ahead=[(one, desk.say(word)) for one, word in AHEAD.items()], whats=[(one, desk.say(word)) for one, word in WHAT.items()],
        page=number, pages=pages, counts=_counts(desk, items), now=_now(desk, worth.values()), coverage=coverage_of(desk),
        small=small, on=desk.on,
    )  # fmt: skip


def _now(desk: Desk, standing: Iterable[Worth]) -> Mapping[str, int]:
    """How many devices are usable, closed and not verified at this moment."""
    hours = {one.id: site_hours(one) for one in list_sites(desk.session)}
    devices = [(one.device, one.device.opening_hours or hours.get(one.device.site_id or "", "")) for one in standing]
    found = count_now(desk, devices, desk.session.by.at)
    return {"all": len(devices), **{state: found[state] for state in ("usable", "closed", "unverified")}}


def _counts(desk: Desk, items: list[Item]) -> list[tuple[str, int, str]]:
    """What waits, how much of it, and where it is done."""
    tasks = [task for one in items for task in one.tasks]
    found = [(desk.say(_("逾期事项")), sum(task.overdue for task in tasks), desk.address("/office", days="0"))]
    if desk.ever("change", "report"):
        reports = len(see_reports(desk.session, desk.who))
        found.append((desk.say(_("公众报告待处理")), reports, desk.address("/office/reports")))
    if desk.ever("decide", "inspection"):
        flagged = len(see_inspections(desk.session, desk.who, flagged=True))
        found.append((desk.say(_("检查待复核")), flagged, desk.address("/office/inspections", flagged="yes")))
    if desk.ever("list", "policy"):
        gaps = see_gaps(desk.session, desk.who)
        bare = (
            len(gaps.devices) + len(gaps.events) + len({one for people in gaps.volunteers.values() for one in people})
        )
        found.append((desk.say(_("没有保险保障")), bare, desk.address("/office/policies") + "#gaps"))
    return found


def _items(desk: Desk, worth: Mapping[str, Worth], dues: list[DueOut], days: str) -> Iterable[Item]:
    by_device: dict[str, list[DueOut]] = defaultdict(list)
    for due in dues:
        by_device[due.device_id if due.device_id in worth else ""].append(due)
    for device_id, known in worth.items():
        tasks = tuple(_device_tasks(desk, known, by_device[device_id], everything=days != "0"))
        if tasks:
            name = f"{known.site_name} {known.device.public_code}".strip()
            first = min((task.due_on for task in tasks if task.due_on), default=desk.on)
            state = ready_badge(desk, known.ready)
            yield Item(name, f"/office/devices/{device_id}", state, known.worth, tasks, first)
    yield from _paper_items(desk, worth, by_device[""])


def _device_tasks(desk: Desk, known: Worth, dues: list[DueOut], *, everything: bool) -> Iterable[Task]:
    """What readiness complains of, with the due thing that tells the same, then what else falls due."""
    told: set[str] = set()
    for reason in told_once(one for one in known.ready.reasons if one.code != "reported"):
        rules = RULE_OF.get(reason.code, ())
        mine = next((due for due in dues if due.rule_id in rules and due.rule_id not in told), None)
        told |= {mine.rule_id} if mine else set()
        if mine or everything or reason.state != "READY":
            yield _task(desk, desk.either(reason.zh, reason.en), way(reason.code, known.device), mine)
    soon = desk.on + dt.timedelta(days=SOON_DAYS)
    for due in dues:
        if due.rule_id not in told and (due.rule_id != "check" or due.due_on <= soon):
            words = desk.either(due.zh.partition("：")[2] or due.zh, due.en.partition(": ")[2] or due.en)
            yield _task(desk, words, _way_of(due, known), due)


def _way_of(due: DueOut, known: Worth) -> str:
    if due.rule_id == "check":
        return way(next(iter(BY_CHECK)), known.device)
    if due.rule_id == "defect":
        return f"/office/defects/{due.subject_id}"
    if due.rule_id in OTHERS:
        return OTHERS[due.rule_id]
    part = "battery" if due.subject_kind == "battery" else "pads"
    return f"/office/devices/{known.device.id}#act-{part}"


def _paper_items(desk: Desk, worth: Mapping[str, Worth], dues: list[DueOut]) -> Iterable[Item]:
    """Papers, and devices that count for nothing on paper; of a paper of a site what hangs on the devices there."""
    at_site: dict[str, float] = defaultdict(float)
    for known in worth.values():
        at_site[known.device.site_id or ""] += known.worth or 0.0
    for due in dues:
        href = PAPERS.get(due.rule_id, "")
        path = f"{href}{due.subject_id}" if href else _other(due)
        loss = at_site.get(due.site_id) if due.site_id else None
        name, _colon, words = desk.either(due.zh, due.en).rpartition(desk.either("：", ": "))
        yield Item(_paper_name(desk, due) or name, path, None, loss, (_task(desk, words, path, due),), due.due_on)


def _paper_name(desk: Desk, due: DueOut) -> str:
    """A paper as the office calls it, in the language of the page; of a certificate its site, never its holder."""
    if due.rule_id == "certificate":
        return desk.names.of("site", due.site_id)
    kind = {"agreement": "agreement", "insurance": "policy"}.get(due.rule_id, "")
    return desk.names.of(kind, due.subject_id) if kind else ""


def _other(due: DueOut) -> str:
    if due.rule_id in OTHERS:
        return OTHERS[due.rule_id]
    if due.device_id:
        return f"/office/devices/{due.device_id}"
    return f"/office/sites/{due.site_id}#people" if due.site_id else "/office/people"


def _task(desk: Desk, words: str, href: str, due: DueOut | None) -> Task:
    if due is None:
        return Task(words, href, None, False, "", None, False)
    name = {
        "rule_id": due.rule_id,
        "subject_kind": due.subject_kind,
        "subject_id": due.subject_id,
        "due_on": str(due.due_on),
    }
    level = "" if due.level is None else desk.either(*LEVELS[due.level])
    known = due.due_on.year > 2000
    may = desk.may("change", "task", site=due.site_id or None, device=due.device_id or None)
    taken = due.acknowledged_at is not None
    on = due.due_on if known and str(due.due_on) not in words else None
    return Task(words, href, on, due.due_on < desk.on, level, name if may and not taken else None, taken)
