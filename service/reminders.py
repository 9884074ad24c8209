"""Reminders: what falls due, by rules that the office can change, and who hears of it: manager, site head, Red Cross.

A pure function of records and a day. A reminder has a key that never changes: rule, subject, due day, step. So it can be
made again and again and is sent once; when new pads move the due day, a new series begins.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Literal

from aedplan.checks import unknown_key_faults
from aedplan.errors import raise_faults
from aedplan.tables.columns import shipped

from .facts import DeviceFacts, day_of
from .outbox import Message
from .ready.norms import Norm
from .ready.readiness import LOOKED_AT, last_looks, lifecycle_of
from .ready.words import PARTS, REPORTS, item_words

LEVELS = (
    ("场所管理员", "site manager"),
    ("场所负责人", "site head"),
    ("红十字会", "Red Cross"),
    ("县领导", "county leader"),
)
"""Who is told, from the first to the last; `escalation` counts from 0."""

FURTHEST_DAYS = 3650
LONG_AGO = date(2000, 1, 1)
"""The due day of something missing since nobody knows when."""

PaperKind = Literal["agreement", "insurance", "certificate"]
Language = Literal["zh", "en"]


@dataclass(frozen=True)
class Rule:
    """At which days after the due day (negative: before) who is told.

    steps  (days, level), days rising, levels never falling
    """

    id: str
    zh: str
    en: str
    steps: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Paper:
    """An agreement, a policy or a certificate as far as its end goes.

    zh, en   as the office calls it; of a certificate its kind and site, never its holder
    ends_on  last day in force; None for no end
    """

    kind: PaperKind
    id: str
    zh: str
    en: str
    ends_on: date | None
    site_id: str = ""


@dataclass(frozen=True)
class Reported:
    """What somebody of the public has said, as long as nobody has seen to it; `name` of the device, "" for none."""

    id: str
    kind: str
    on: date
    name: str = ""
    site_id: str = ""
    device_id: str = ""


@dataclass(frozen=True)
class Due:
    """Something that falls due on a day, whether or not anybody is reminded yet."""

    rule_id: str
    subject_kind: str
    subject_id: str
    due_on: date
    zh: str
    en: str
    site_id: str = ""
    device_id: str = ""


@dataclass(frozen=True)
class Reminder:
    """A due thing whose step has been reached.

    key         the same whenever it is made again
    step_on     the day of the step
    escalation  everybody up to this level is told
    """

    key: str
    due: Due
    step_on: date
    escalation: int


@dataclass(frozen=True)
class Receiver:
    """Somebody's address on a channel ("email", "wecom", "dingtalk"), and the language to write in."""

    channel: str
    address: str
    language: Language = "zh"


@dataclass(frozen=True)
class Ladder:
    """Who is told.

    of_site   receivers by site and level
    of_all    receivers by level for every site: the Red Cross, the robots of its groups
    """

    of_site: Mapping[tuple[str, int], tuple[Receiver, ...]]
    of_all: Mapping[int, tuple[Receiver, ...]]

    def receivers(self, due: Due, level: int) -> tuple[Receiver, ...]:
        """Everybody on a level for a due thing."""
        return (*self.of_site.get((due.site_id, level), ()), *self.of_all.get(level, ()))


def make_rules(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Rule]:
    """Rules by id, from tables as `data/reminders.toml` holds them.

    Raises InputError with every unknown rule or key, and every step out of order or out of bounds.
    """
    known = tomllib.loads(shipped("reminders.toml").read_text(encoding="utf-8"))
    faults = unknown_key_faults(tables, known, "")
    for name, table in tables.items():
        faults += unknown_key_faults(table, ("zh", "en", "steps"), name)
        faults += [f"{name}.{key} is missing" for key in ("zh", "en", "steps") if key not in table]
        faults += _step_faults(name, table.get("steps", []))
    raise_faults(faults)
    return {
        name: Rule(name, table["zh"], table["en"], tuple((days, level) for days, level in table["steps"]))
        for name, table in tables.items()
    }


def _step_faults(name: str, steps: object) -> list[str]:
    expected = f"expected [days, level] with days -{FURTHEST_DAYS} to {FURTHEST_DAYS} and level 0 to {len(LEVELS) - 1}"
    if not isinstance(steps, list | tuple):
        return [f"{name}.steps is {steps!r}; {expected}"]
    pairs = [step for step in steps if isinstance(step, list | tuple) and len(step) == 2]
    whole = [pair for pair in pairs if all(type(number) is int for number in pair)]
    bad = len(whole) < len(steps) or not all(
        abs(days) <= FURTHEST_DAYS and 0 <= level < len(LEVELS) for days, level in whole
    )
    if bad:
        return [f"{name}.steps is {steps!r}; {expected}"]
    days, levels = [pair[0] for pair in whole], [pair[1] for pair in whole]
    if sorted(set(days)) != days or sorted(levels) != levels:
        return [f"{name}.steps: expected days that rise and levels that do not fall"]
    return []


@cache
def shipped_rules() -> Mapping[str, Rule]:
    """The rules that come with the program.

    >>> shipped_rules()["check"].steps
    ((3, 0), (7, 1), (14, 2))
    """
    return make_rules(tomllib.loads(shipped("reminders.toml").read_text(encoding="utf-8")))


def device_dues(facts: DeviceFacts, norm: Norm, *, site_id: str = "") -> list[Due]:
    """What falls due of a device: parts, the next check, open defects. A planned or retired one owes nothing."""
    lifecycle = lifecycle_of(facts)
    if lifecycle in ("planned", "retired"):
        return []
    dues = [*_part_dues(facts), *_check_dues(facts, norm), *_defect_dues(facts)]
    name = facts.name or facts.id
    return [
        Due(rule, kind, subject, due_on, f"{name}：{zh}", f"{name}: {en}", site_id, facts.id)
        for rule, kind, subject, due_on, (zh, en) in dues
    ]


_Bare = tuple[str, str, str, date, tuple[str, str]]


def _part_dues(facts: DeviceFacts) -> Iterator[_Bare]:
    for number, part in enumerate(facts.parts):
        if part.removed_on is not None:
            continue
        kind = "battery" if part.kind == "battery" else "pads"
        subject = part.id or f"{facts.id}.{number}"
        zh, en = PARTS[part.kind]
        if part.spare:
            zh, en = f"备用{zh}", f"spare {en}"
        if part.expires_on is None:
            since = part.fitted_on or facts.installed_on or LONG_AGO
            yield "no_expiry", kind, subject, since, (f"{zh}没有有效期记录", f"{en} without an expiry date")
        else:
            yield kind, kind, subject, part.expires_on, (f"{zh}到期", f"{en} expire" + "s" * (kind == "battery"))


def _check_dues(facts: DeviceFacts, norm: Norm) -> Iterator[_Bare]:
    look = last_looks(facts).get(LOOKED_AT)
    if look is not None:
        due_on = day_of(look[0]) + timedelta(days=norm.check_every_days)
    else:
        due_on = facts.installed_on or min((day_of(status.at) for status in facts.statuses), default=LONG_AGO)
    yield "check", "device", facts.id, due_on, ("应检查", "check due")


def _defect_dues(facts: DeviceFacts) -> Iterator[_Bare]:
    for defect in facts.defects:
        if defect.done_at is None:
            zh, en = item_words(defect.item)
            due_on = defect.due_on or day_of(defect.found_at)
            yield "defect", "defect", defect.id, due_on, (f"缺陷待处理：{zh}", f"defect to be mended: {en}")


_PAPER_WORDS = {
    "agreement": ("协议到期", "agreement ends"),
    "insurance": ("保险到期", "insurance ends"),
    "certificate": ("证书到期", "certificate expires"),
}


def paper_dues(papers: Iterable[Paper]) -> list[Due]:
    """What falls due of agreements, policies and certificates; one without an end never does."""
    return [
        Due(
            paper.kind,
            paper.kind,
            paper.id,
            paper.ends_on,
            f"{paper.zh}：{_PAPER_WORDS[paper.kind][0]}",
            f"{paper.en}: {_PAPER_WORDS[paper.kind][1]}",
            paper.site_id,
        )
        for paper in papers
        if paper.ends_on is not None
    ]


def report_dues(reports: Iterable[Reported]) -> list[Due]:
    """What the public has said is due on the day it was said."""
    dues = []
    for one in reports:
        zh, en = REPORTS.get(one.kind, (one.kind, one.kind))
        before_zh, before_en = (f"{one.name}：", f"{one.name}: ") if one.name else ("", "")
        words = f"{before_zh}公众报告：{zh}", f"{before_en}reported by the public: {en}"
        dues.append(Due("report", "public_report", one.id, one.on, *words, one.site_id, one.device_id))
    return dues


def holiday_dues(years: Iterable[int]) -> list[Due]:
    """The calendar of each year that nobody has given yet is due on its first day: until then weekends alone are free."""
    return [
        Due(
            "holidays", "rule", str(year), date(year, 1, 1),
            f"{year} 年：放假和调休安排还没有录入，只按周末计算",
            f"{year}: public holidays and make-up workdays not entered, only weekends count as free",
        )
        for year in years
    ]  # fmt: skip


def falling_due(dues: Iterable[Due], rules: Mapping[str, Rule], on: date) -> list[Reminder]:
    """The reminders of a day, the most pressing first: of each due thing the last step reached, if any.

    So a service that stood still for a month sends one reminder of a thing, not four.
    """
    found = []
    for due in dues:
        rule = rules.get(due.rule_id)
        reached = [step for step in rule.steps if (on - due.due_on).days >= step[0]] if rule else []
        if reached:
            days, level = reached[-1]
            key = f"{due.rule_id}:{due.subject_kind}:{due.subject_id}:{due.due_on}:{days:+d}"
            found.append(Reminder(key, due, due.due_on + timedelta(days=days), level))
    return sorted(found, key=lambda reminder: (-reminder.escalation, reminder.due.due_on, reminder.key))


def words(reminder: Reminder, language: Language, on: date) -> tuple[str, str]:
    """Subject and text of a reminder as it is sent on a day."""
    due = reminder.due
    days = (due.due_on - on).days
    level = LEVELS[reminder.escalation]
    if language == "zh":
        when = f"还有 {days} 天" if days > 0 else ("今天" if days == 0 else f"已过 {-days} 天")
        text = f"{due.zh}\n日期：{due.due_on}（{when}）\n已通知至：{level[0]}"
        return f"【AED 提醒】{due.zh}，{when}", text
    when = f"{days} days left" if days > 0 else ("today" if days == 0 else f"{-days} days ago")
    return f"[AED] {due.en}, {when}", f"{due.en}\nDate: {due.due_on} ({when})\nTold up to: {level[1]}"


def messages(reminders: Iterable[Reminder], ladder: Ladder, *, now: datetime) -> list[Message]:
    """What is to be sent: one message for each reminder and address, whoever holds it; keys never change."""
    made: dict[str, Message] = {}
    for reminder in reminders:
        for level in range(reminder.escalation + 1):
            for receiver in ladder.receivers(reminder.due, level):
                key = message_key(reminder, receiver)
                subject, text = words(reminder, receiver.language, day_of(now))
                made.setdefault(key, Message(key, receiver.channel, receiver.address, subject, text, now))
    return list(made.values())


def message_key(reminder: Reminder, receiver: Receiver) -> str:
    """64 hexadecimal digits that name one reminder to one address for ever."""
    return hashlib.sha256("\n".join((reminder.key, receiver.channel, receiver.address)).encode()).hexdigest()
