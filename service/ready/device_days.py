"""Device-days: how many days of a stretch a device was in service, checked in time, and not ready; from its records."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise, zip_longest

from ..facts import Check, DeviceFacts, day_of
from .norms import Norm
from .readiness import CRITICAL, LOOKED_AT, as_known, counts, last_looks, lifecycle_of, usable_until

IN_SERVICE = frozenset({"active", "out_of_service", "in_use", "missing"})


@dataclass(frozen=True)
class DeviceDays:
    """Days: of the others each is at most `in_service`. `at_end`: in service on the last day."""

    in_service: int
    checked: int
    not_ready: int
    at_end: bool = False


def device_days(facts: DeviceFacts, norm: Norm, first: date, last: date) -> DeviceDays:
    """Days from first to last, both counted; each day as its records stood at its end.

    checked    the last check was no older than the interval, or the device was new and its first not yet due
    not_ready  it would not have counted as covering anybody
    """
    in_service = checked = not_ready = 0
    serves = False
    for begin, end, known in _stretches(facts, first, last, every=norm.check_every_days):
        days = (end - begin).days
        serves = lifecycle_of(known) in IN_SERVICE
        if not serves:
            continue
        in_service += days
        checked += _within((_vouched_until(known, norm) - begin).days, days)
        not_ready += days - _within((usable_until(known, norm) - begin).days, days)
    return DeviceDays(in_service, checked, not_ready, serves)


def _within(number: int, most: int) -> int:
    return max(0, min(number, most))


def _vouched_until(known: DeviceFacts, norm: Norm) -> date:
    """The first day on which a check is overdue."""
    look = last_looks(known).get(LOOKED_AT)
    since = day_of(look[0]) if look else known.installed_on
    return date.min if since is None else since + timedelta(days=norm.check_every_days + 1)


def _stretches(facts: DeviceFacts, first: date, last: date, *, every: int) -> Iterator[tuple[date, date, DeviceFacts]]:
    """Days between two changes of the records, the second not counted, with what was known then.

    every  checks that found the same, none more than so many days after the one before, are told by the last of them
    """
    changes, since = _changes(facts) | {first}, None
    spans = list(_spans(facts, changes, first, last))
    for (begin, end, recent), following in zip_longest(spans, spans[1:]):
        since = since or begin
        changed = begin in changes or end in changes
        if changed or following is None or not _found_again(recent, following[2], every):
            yield since, end, as_known(replace(facts, checks=recent), begin)
            since = None


def _found_again(recent: tuple[Check, ...], later: tuple[Check, ...], every: int) -> bool:
    """Whether a check in time has found what the one before had found."""
    if len(recent) != 1 or len(later) != 1 or not (_is_whole(recent[0]) and _is_whole(later[0])):
        return False
    before, after = recent[0].results, later[0].results
    same = before is after or all(before[item] == after[item] for item in CRITICAL)
    return same and (day_of(later[0].at) - day_of(recent[0].at)).days <= every


def _spans(
    facts: DeviceFacts, changes: set[date], first: date, last: date
) -> Iterator[tuple[date, date, tuple[Check, ...]]]:
    """Days between two changes of the records or checks, and the checks that count then."""
    checks = tuple(sorted(facts.checks, key=lambda check: (check.at, not _is_whole(check))))
    on = [day_of(check.at) for check in checks]
    whole = _last_whole(checks)
    days = [first, *sorted(day for day in changes | set(on) if first < day <= last), last + timedelta(days=1)]
    for begin, end in pairwise(days):
        count = bisect_right(on, begin)
        yield begin, end, checks[whole[count] : count]


def _last_whole(checks: tuple[Check, ...]) -> list[int]:
    """For each number of checks the last one among them that looked at everything critical: none before it matters."""
    found = [0]
    for number, check in enumerate(checks):
        found.append(number if _is_whole(check) else found[-1])
    return found


_LOOKED: frozenset[str | None] = frozenset({"ok", "fail"})


def _is_whole(check: Check) -> bool:
    return counts(check) and _LOOKED.issuperset(map(check.results.get, CRITICAL))


def _changes(facts: DeviceFacts) -> set[date]:
    instants = [s.at for s in facts.statuses] + [u.at for u in facts.uses]
    instants += [d.found_at for d in facts.defects] + [d.done_at for d in facts.defects if d.done_at]
    instants += [r.at for r in facts.reports] + [r.closed_at for r in facts.reports if r.closed_at]
    days = {day_of(instant) for instant in instants}
    return days | {day for part in facts.parts for day in (part.fitted_on, part.removed_on) if day}
