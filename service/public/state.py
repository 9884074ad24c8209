"""What the public is told of a device: usable now, closed, or not verified; why, and until when. No clock inside.

usable      known to be ready, and open at this instant
closed      not open at this instant, or known not to be ready
unverified  everything else: nobody has checked it in time, its hours are not known, people have not found it, somebody
            has just taken it. Unknown never counts as open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from ..facts import DeviceFacts, Report, day_of
from ..ready.norms import Norm
from ..ready.readiness import RANK, Readiness, fuses, last_looks, readiness
from .opening import Stretch, Years, midnight, open_stretches, told_until
from .words import Words, said_hours, said_taken

State = Literal["usable", "closed", "unverified"]

NOBODY_KNOWS = frozenset({"never_checked", "check_overdue", "not_found", "no_expiry"})
"""Reasons for which the office counts a device as not ready, though nothing is known to be wrong with it."""

NO_RECORD = Words("没有检查记录", "no record of a check")
READY = Words("", "")

TAKEN_FOR = timedelta(hours=48)
"""So long a report that somebody took the device is believed, while the office has not looked into it."""

FORESEEN_DAYS = 400


class ReadyStep(NamedTuple):
    """From a day on the device is known to be ready (True), known not to be (False), or neither (None)."""

    on: date
    ready: bool | None
    why: Words


@dataclass(frozen=True)
class Condition:
    """What the state of a device follows from at any instant from now on, if nothing more is recorded.

    ready     steps by day, the first in force now
    taken_at  when somebody last said to have taken it; None when nobody did, or it has been seen since
    hours     in OSM syntax, "" where not known
    years     the office's own tables of holidays
    """

    ready: tuple[ReadyStep, ...]
    taken_at: datetime | None
    hours: str
    years: Years = ()

    def stretches(self, day: date) -> tuple[Stretch, ...] | None:
        """From when to when the place is open from a day on; None where not known."""
        return open_stretches(self.hours, day, self.years)


class Judged(NamedTuple):
    """The state, why, and when it changes next by itself; None when it does not within the days ahead."""

    state: State
    why: Words
    until: datetime | None


UNCHECKED = (ReadyStep(date.min, None, NO_RECORD),)
"""Of a device that nobody keeps records of."""


def condition_of(facts: DeviceFacts, norm: Norm, on: date, *, hours: str, years: Years = ()) -> Condition:
    """The condition of a device from a day on, from its records."""
    return Condition(_ready_steps(facts, norm, on), _taken_at(facts), hours, years)


def _ready_steps(facts: DeviceFacts, norm: Norm, on: date) -> tuple[ReadyStep, ...]:
    last = on + timedelta(FORESEEN_DAYS)
    days = {step.on for fuse in fuses(facts, norm) for step in fuse if on < step.on <= last}
    steps: list[ReadyStep] = []
    for day in (on, *sorted(days)):
        step = ReadyStep(day, *_known(readiness(facts, norm, day)))
        if not steps or step[1:] != steps[-1][1:]:
            steps.append(step)
    return tuple(steps)


def _known(found: Readiness) -> tuple[bool | None, Words]:
    """Whether a device is known to be ready, and what speaks against it, the worst first."""
    if found.usable:
        return True, READY
    against = [reason for reason in found.reasons if RANK[reason.state] > RANK["EXPIRING"]]
    wrong = [one for one in against if one.state == "NOT_READY" and one.code not in NOBODY_KNOWS]
    first = (wrong or against)[0]
    return (False if wrong else None), Words(first.zh, first.en)


def _taken_at(facts: DeviceFacts) -> datetime | None:
    seen = last_looks(facts).get("device_present")
    taken = [report.at for report in facts.reports if _says_taken(report) and (seen is None or report.at > seen[0])]
    return max(taken, default=None)


def _says_taken(report: Report) -> bool:
    return report.kind == "used" and report.closed_at is None


def judge(condition: Condition, at: datetime) -> Judged:
    """The state of a device at an instant."""
    stretches = condition.stretches(day_of(at))
    state, why = _state(condition, stretches, at)
    later = (turn for turn in _turns(condition, stretches, at) if _state(condition, stretches, turn)[0] != state)
    return Judged(state, why, next(later, None))


def same_until(condition: Condition, at: datetime) -> datetime:
    """Up to when all that is said at an instant stays true, if nothing more is recorded."""
    on = day_of(at)
    turns = _turns(condition, condition.stretches(on), at)
    return min([*turns[:1], midnight(on + timedelta(1))])


def _state(condition: Condition, stretches: Sequence[Stretch] | None, at: datetime) -> tuple[State, Words]:
    ready = ready_at(condition, at)
    if ready.ready is False:
        return "closed", ready.why
    is_open = None if stretches is None else any(first <= at < last for first, last in stretches)
    if is_open is False:
        return "closed", said_hours(condition.hours, stretches, at)
    if ready.ready is None:
        return "unverified", ready.why
    if condition.taken_at is not None and at < condition.taken_at + TAKEN_FOR:
        return "unverified", said_taken(condition.taken_at)
    if is_open is None:
        return "unverified", said_hours(condition.hours, None, at)
    return "usable", said_hours(condition.hours, stretches, at)


def ready_at(condition: Condition, at: datetime) -> ReadyStep:
    """The step in force at an instant; before the first one it."""
    on = day_of(at)
    return next((step for step in reversed(condition.ready) if step.on <= on), condition.ready[0])


def _turns(condition: Condition, stretches: Sequence[Stretch] | None, at: datetime) -> list[datetime]:
    """Instants at which the state may change, up to the last day told."""
    told = told_until(day_of(at))
    turns = {instant for stretch in stretches or () for instant in stretch}
    turns |= {midnight(step.on) for step in condition.ready[1:]}
    if condition.taken_at is not None:
        turns.add(condition.taken_at + TAKEN_FOR)
    return sorted(turn for turn in turns if at < turn < told)
