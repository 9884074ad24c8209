"""Readiness: whether a device would work now, with the reasons and the day it changes by itself; derived, never typed.

There is no clock inside. The records give *fuses*: for each rule the days from which it says READY (a remark only),
EXPIRING, UNKNOWN or NOT_READY, ever worse. On a day each fuse says its last step, and the worst one is the state. So
a further fault never improves a device, nor does time.

Missing expiry. The county's subject page lets a missing date be UNKNOWN for 30 days; here a part without a date is
NOT_READY at once, as in the audit that found 47 of 235 devices without one: nobody can say that it is in date. UNKNOWN
is kept for devices that were in order when last seen and have not been seen since, or whose presence two people doubt;
UNKNOWN is never counted as covered, and after `Norm.unknown_days` it becomes NOT_READY.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import floor
from typing import Literal, NamedTuple

from ..facts import Check, DeviceFacts, Lifecycle, Part, PartKind, Result, day_of
from .norms import Norm
from .words import reason_words

State = Literal["READY", "EXPIRING", "UNKNOWN", "NOT_READY"]
RANK: Mapping[State, int] = {"READY": 0, "EXPIRING": 1, "UNKNOWN": 2, "NOT_READY": 3}
"""From best to worst."""

LOOKED_AT = "status_indicator"
"""A check that did not look at it was no check of the device."""

RELEASE = (LOOKED_AT, "pads_connected", "battery_fitted")
"""What must be found in order before a used device counts again."""

CRITICAL = frozenset({*RELEASE, "device_present", "pads_sealed", "pads_adult_expiry", "battery_expiry"})
"""Items of the inspection form without which the device does not work: the last look at each decides."""

LOCKED = frozenset({"locked", "scan", "code"})
"""Cabinets that need something a stranger has not: flagged, since the national guide forbids lock and scan."""

ALWAYS = date.min


class Step(NamedTuple):
    """From `on`, a rule says `state`; `code` and `about` name the reason."""

    on: date
    state: State
    code: str
    about: str = ""
    day: date | None = None


Fuse = tuple[Step, ...]


@dataclass(frozen=True)
class Reason:
    """Why: a code for programs, words for people, and the state it forces; READY is a remark only."""

    code: str
    state: State
    zh: str
    en: str


@dataclass(frozen=True)
class Readiness:
    """State on a day, worst reason first, and the first later day on which it worsens without a new record."""

    state: State
    reasons: tuple[Reason, ...]
    changes_on: date | None

    @property
    def usable(self) -> bool:
        """Whether it counts as covering somebody."""
        return RANK[self.state] <= RANK["EXPIRING"]


def readiness(facts: DeviceFacts, norm: Norm, on: date) -> Readiness:
    """Readiness of a device on a day, from records that all lie before the end of that day (see `as_known`)."""
    burning = fuses(facts, norm)
    now = [step for step in (_step_on(fuse, on) for fuse in burning) if step is not None]
    now.sort(key=lambda step: -RANK[step.state])
    rank = RANK[now[0].state] if now else 0
    later = [step.on for fuse in burning for step in fuse if step.on > on and RANK[step.state] > rank]
    state = now[0].state if now else "READY"
    return Readiness(state, tuple(_reason(step) for step in now), min(later, default=None))


def usable_until(facts: DeviceFacts, norm: Norm) -> date:
    """The first day on which the device no longer counts, if nothing is recorded; date.max when there is none."""
    days = [step.on for fuse in fuses(facts, norm) for step in fuse if RANK[step.state] > RANK["EXPIRING"]]
    return min(days, default=date.max)


def as_known(facts: DeviceFacts, on: date) -> DeviceFacts:
    """The records as they stood at the end of a day; expiry dates as they are known today."""
    return replace(
        facts,
        statuses=tuple(s for s in facts.statuses if day_of(s.at) <= on),
        parts=tuple(_part_on(p, on) for p in facts.parts if p.fitted_on is None or p.fitted_on <= on),
        checks=tuple(c for c in facts.checks if day_of(c.at) <= on),
        defects=tuple(replace(d, done_at=_past(d.done_at, on)) for d in facts.defects if day_of(d.found_at) <= on),
        uses=tuple(u for u in facts.uses if day_of(u.at) <= on),
        reports=tuple(replace(r, closed_at=_past(r.closed_at, on)) for r in facts.reports if day_of(r.at) <= on),
    )


def _part_on(part: Part, on: date) -> Part:
    gone_later = part.removed_on is not None and part.removed_on > on
    return replace(part, removed_on=None) if gone_later else part


def _past(instant: datetime | None, on: date) -> datetime | None:
    return instant if instant is not None and day_of(instant) <= on else None


def fuses(facts: DeviceFacts, norm: Norm) -> list[Fuse]:
    """One fuse for each rule that has something to say of these records, today or later."""
    lifecycle = lifecycle_of(facts)
    if lifecycle in ("planned", "retired"):
        return [(Step(ALWAYS, "NOT_READY", f"lifecycle_{lifecycle}"),)]
    looks = last_looks(facts)
    inactive = Step(ALWAYS, "NOT_READY", f"lifecycle_{lifecycle}")
    found: list[Fuse] = [] if lifecycle == "active" else [(inactive,)]
    found.extend(_part_fuses(facts, norm))
    found.append(_check_fuse(facts, looks, norm))
    found.extend((Step(ALWAYS, "NOT_READY", "item_failed", item),) for item, look in looks.items() if look[1] == "fail")
    found.extend(_defect_fuses(facts))
    found.extend(_use_fuses(facts, looks))
    found.extend(_report_fuses(facts, looks, norm))
    if facts.cabinet_access in LOCKED:
        found.append((Step(ALWAYS, "READY", "cabinet_locked", facts.cabinet_access),))
    if facts.body_ends_on is not None:
        found.append((Step(_plus(facts.body_ends_on, 1), "READY", "body_old", day=facts.body_ends_on),))
    return found


def lifecycle_of(facts: DeviceFacts) -> Lifecycle:
    """Where the newest step of its life has led a device; of steps at the same instant the one that comes last."""
    steps = sorted(facts.statuses, key=lambda status: status.at)
    return steps[-1].lifecycle if steps else "planned"


Looks = dict[str, tuple[datetime, Result]]


def last_looks(facts: DeviceFacts) -> Looks:
    """When each critical item was last looked at in a check that counts, and what was found.

    Of two looks at the same instant the one that found a fault.
    """
    looks: Looks = {}
    at = None
    for check in sorted(facts.checks, key=_at, reverse=True):
        if len(looks) == len(CRITICAL) and check.at != at:
            break
        at = check.at
        if counts(check):
            _look(looks, check)
    return looks


def _look(looks: Looks, check: Check) -> None:
    for item in CRITICAL:
        result = check.results.get(item)
        if result == "ok" or result == "fail":
            seen = looks.get(item)
            if seen is None or (seen[0] == check.at and result == "fail"):
                looks[item] = (check.at, result)


def counts(check: Check) -> bool:
    """Whether a check counts: the office has not rejected it, and somebody who may check made it."""
    return not check.rejected and check.kind != "public_report"


def _at(check: Check) -> datetime:
    return check.at


SERVES: Mapping[PartKind, frozenset[PartKind]] = {
    "pads_adult": frozenset({"pads_adult", "pads_universal"}),
    "pads_child": frozenset({"pads_child", "pads_universal"}),
    "battery": frozenset({"battery"}),
}
"""What a device may need, and the fitted parts that serve it."""


def _part_fuses(facts: DeviceFacts, norm: Norm) -> Iterator[Fuse]:
    fitted = [part for part in facts.parts if not part.spare and part.removed_on is None]
    needed = [kind for kind in SERVES if kind != "pads_child" or facts.needs_child_pads]
    for kind in needed:
        if not any(part.kind in SERVES[kind] for part in fitted):
            yield (Step(ALWAYS, "NOT_READY", "no_part", kind),)
    for part in fitted:
        yield _expiry_fuse(part, norm, counts=any(part.kind in SERVES[kind] for kind in needed))


def _expiry_fuse(part: Part, norm: Norm, *, counts: bool) -> Fuse:
    """Child pads that nobody asks for only give a remark: the device works for adults."""
    ended: State = "NOT_READY" if counts else "READY"
    ending: State = "EXPIRING" if counts else "READY"
    if part.expires_on is None:
        return (Step(ALWAYS, ended, "no_expiry", part.kind),)
    return (
        Step(_plus(part.expires_on, -norm.expiring_days), ending, "expires", part.kind, part.expires_on),
        Step(_plus(part.expires_on, 1), ended, "expired", part.kind, part.expires_on),
    )


def _check_fuse(facts: DeviceFacts, looks: Looks, norm: Norm) -> Fuse:
    """A check older than the interval is due; older than the interval times `overdue_factor` it vouches for nothing."""
    look = looks.get(LOOKED_AT)
    if look is None:
        since = facts.installed_on or _first_active(facts)
        if since is None:
            return (Step(ALWAYS, "NOT_READY", "never_checked"),)
        over = _plus(since, norm.unknown_days)
        return (Step(since, "UNKNOWN", "never_checked", day=since), Step(over, "NOT_READY", "never_checked", day=since))
    last = day_of(look[0])
    unknown = floor(norm.check_every_days * norm.overdue_factor) + 1
    return (
        Step(_plus(last, norm.check_every_days + 1), "READY", "check_due", day=last),
        Step(_plus(last, unknown), "UNKNOWN", "check_overdue", day=last),
        Step(_plus(last, unknown + norm.unknown_days), "NOT_READY", "check_overdue", day=last),
    )


def _first_active(facts: DeviceFacts) -> date | None:
    days = [day_of(status.at) for status in facts.statuses if status.lifecycle == "active"]
    return min(days, default=None)


def _defect_fuses(facts: DeviceFacts) -> Iterator[Fuse]:
    for defect in facts.defects:
        if defect.done_at is None:
            state: State = "NOT_READY" if defect.severity == "critical" else "READY"
            yield (Step(ALWAYS, state, f"defect_{defect.severity}", defect.item),)


def _use_fuses(facts: DeviceFacts, looks: Looks) -> Iterator[Fuse]:
    if not facts.uses:
        return
    used_at = max(use.at for use in facts.uses)
    in_order = (item in looks and looks[item][0] > used_at and looks[item][1] == "ok" for item in RELEASE)
    if not all(in_order):
        yield (Step(ALWAYS, "NOT_READY", "used", day=day_of(used_at)),)


def _report_fuses(facts: DeviceFacts, looks: Looks, norm: Norm) -> Iterator[Fuse]:
    """Two people who, apart from one another, did not find it make it doubtful at once; one is a remark."""
    seen = looks.get("device_present")
    first: dict[str, date] = {}
    for report in sorted(facts.reports, key=lambda report: report.at):
        if report.closed_at is not None:
            continue
        if report.kind == "missing" and (seen is None or report.at > seen[0]):
            first.setdefault(report.reporter, day_of(report.at))
        yield (Step(ALWAYS, "READY", "reported", report.kind, day_of(report.at)),)
    if len(first) >= 2:
        on = sorted(first.values())[1]
        over = _plus(on, norm.unknown_days)
        yield (Step(on, "UNKNOWN", "not_found", day=on), Step(over, "NOT_READY", "not_found", day=on))


def _step_on(fuse: Fuse, on: date) -> Step | None:
    said = [step for step in fuse if step.on <= on]
    return said[-1] if said else None


def _reason(step: Step) -> Reason:
    zh, en = reason_words(step.code, step.about, step.day)
    return Reason(step.code, step.state, zh, en)


def _plus(day: date, days: int) -> date:
    """A day so many days later, within what the calendar can hold."""
    number = day.toordinal() + days
    return date.fromordinal(min(max(number, date.min.toordinal()), date.max.toordinal()))
