"""What was last seen of each device: for each item that a rule asks for, the newest look at it.

Derived from the inspections and their reviews alone: rewritten in the transaction that writes one, whoever writes it, and
made anew at any time by `rebuild`. So nobody has to read the hundreds of checks of a device to know its readiness.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Text, bindparam, cast, delete, insert, select, update
from sqlalchemy.orm import UOWTransaction

from .facts import Check
from .history import RecordSession
from .ready.readiness import CRITICAL, counts
from .tables import Device, DeviceLooks, Inspection, InspectionReview

SIGNS = frozenset({"cabinet_sign", "guide_signs"})
KEPT = CRITICAL | SIGNS
"""Items whose last look is kept: those that readiness follows from, and the signs that a site is graded for."""

IN_TURN = "in turn"
"""In a session's info: the devices that it has locked, so that nobody else checks them meanwhile."""

Looks = dict[str, tuple[dt.datetime, str]]
_AT_A_TIME = 16
_FEW = 100  # of more devices all rows are read: naming each one costs more


def newest(checks: Iterable[Check]) -> Looks:
    """The last look at each item; of two at the same instant the one that found a fault.

    checks  newest first, so that old ones need not even be read; what does not count among them is passed over
    """
    looks: Looks = {}
    at = None
    for check in checks:
        if len(looks) == len(KEPT) and check.at != at:
            break
        at = check.at
        if counts(check):
            add_check(looks, check)
    return looks


def checks_since(checks: Iterable[Check], instant: dt.datetime | None) -> Iterator[Check]:
    """The checks from an instant on, and those before that still count then; all without an instant.

    checks  newest first, so that old ones need not even be read
    """
    before: Looks = {}
    at = None
    for check in checks:
        if len(before) == len(KEPT) and check.at != at:
            break
        at = check.at
        if instant is not None and check.at < instant and counts(check):
            add_check(before, check)
        yield check


def add_check(looks: Looks, check: Check) -> None:
    """Take one more check into account, whether it is newer or older than the others."""
    for item in KEPT & check.results.keys():
        result = check.results[item]
        if result in ("ok", "fail"):
            seen = looks.get(item)
            if seen is None or check.at > seen[0] or (check.at == seen[0] and result == "fail"):
                looks[item] = (check.at, result)


def as_checks(looks: Looks) -> tuple[Check, ...]:
    """The same as checks, one for each instant: the rules see no difference to all checks of the device."""
    found: dict[dt.datetime, Any] = {}
    for item, (at, result) in looks.items():
        found.setdefault(at, {})[item] = result
    return tuple(Check(at, "", found[at]) for at in sorted(found))


def read_looks(connection: Connection, device_ids: Iterable[str]) -> dict[str, Looks]:
    """What was last seen of some devices, by id; of one that nobody has looked at nothing."""
    wanted = set(device_ids)
    query = select(DeviceLooks.device_id, DeviceLooks.items)
    kept = connection.execute(query.where(DeviceLooks.device_id.in_(wanted)) if len(wanted) <= _FEW else query)
    found = {row.device_id: _from_json(row.items) for row in kept if row.device_id in wanted}
    return found | {device: look_up(connection, device) for device in wanted - found.keys()}


def look_up(connection: Connection, device_id: str) -> Looks:
    """What was last seen of a device, from its inspections."""
    return newest(read_checks(connection, device_id))


def read_checks(connection: Connection, device_id: str) -> Iterator[Check]:
    """All checks of a device, newest first; of a check's reviews the newest counts."""
    reviews = select(InspectionReview.inspection_id, InspectionReview.state).join(
        Inspection, InspectionReview.inspection_id == Inspection.id
    )
    ordered = reviews.where(Inspection.device_id == device_id).order_by(InspectionReview.at, InspectionReview.id)
    states = {row.inspection_id: row.state for row in connection.execute(ordered)}
    checks = select(Inspection.id, Inspection.at, Inspection.kind, cast(Inspection.items, Text).label("items"))
    checks = checks.where(Inspection.device_id == device_id).order_by(Inspection.at.desc(), Inspection.id.desc())
    with connection.execute(checks.execution_options(yield_per=_AT_A_TIME)) as rows:
        for row in rows:
            yield Check(row.at, row.kind, _results_in(row.items), states.get(row.id) == "rejected")


@lru_cache(maxsize=4096)
def _results_in(text: str) -> Mapping[str, Any]:
    """The same from its text: most checks of a county find what others have found."""
    return results_of(json.loads(text))


def results_of(items: Mapping[str, Any]) -> dict[str, Any]:
    """What was found, by item, from what an inspection keeps."""
    return {name: item["result"] for name, item in items.items()}


def rebuild(connection: Connection) -> int:
    """Make all anew from the inspections; how many devices were looked at."""
    connection.execute(delete(DeviceLooks))
    devices = list(connection.scalars(select(Inspection.device_id).distinct()))
    if devices:
        rows = [{"device_id": device, "items": _to_json(look_up(connection, device))} for device in devices]
        connection.execute(insert(DeviceLooks), rows)
    return len(devices)


def keep_looks(session: RecordSession, _: UOWTransaction) -> None:
    """After every flush: take into account what it wrote of inspections."""
    added = [record for record in session.new if isinstance(record, Inspection)]
    reviewed = [record.inspection_id for record in session.new if isinstance(record, InspectionReview)]
    if not (added or reviewed):
        return
    connection = session.connection()
    anew = set(connection.scalars(_DEVICES_OF, {"inspections": reviewed})) if reviewed else set()
    new: dict[str, list[Check]] = {device: [] for device in anew}
    for one in added:
        new.setdefault(one.device_id, []).append(Check(one.at, one.kind, results_of(one.items)))
    for device in sorted(new):  # in one order, so that two writers never wait for one another
        if device not in session.info.get(IN_TURN, ()):
            # whoever checks the same device meanwhile waits here, and then sees what we have written
            connection.execute(_LOCK, {"id": device})
        _write(connection, device, None if device in anew else new[device])


def _write(connection: Connection, device_id: str, new: list[Check] | None) -> None:
    """Take new checks of a device into account; None: look at all of them again."""
    kept = connection.scalar(_LOOKS, {"id": device_id})
    looks = look_up(connection, device_id) if kept is None or new is None else _from_json(kept)
    for check in new or ():
        if counts(check):
            add_check(looks, check)
    items = _to_json(looks)
    if kept is None:
        connection.execute(insert(DeviceLooks), {"device_id": device_id, "items": items})
    elif items != kept:
        connection.execute(_CHANGE_LOOKS, {"id": device_id, "items": items})


# made once: making a statement costs more than asking it, and these are asked with every check
_DEVICES_OF = select(Inspection.device_id).where(Inspection.id.in_(bindparam("inspections", expanding=True)))
_LOCK = select(Device.id).where(Device.id == bindparam("id")).with_for_update(key_share=True)
_LOOKS = select(DeviceLooks.items).where(DeviceLooks.device_id == bindparam("id"))
_CHANGE_LOOKS = update(DeviceLooks).where(DeviceLooks.device_id == bindparam("id"))


def _to_json(looks: Looks) -> dict[str, Any]:
    """By instant, then by item: as a rule one instant, that of the last complete check."""
    return {check.at.astimezone(dt.UTC).isoformat(): dict(check.results) for check in as_checks(looks)}


def _from_json(kept: Mapping[str, Any]) -> Looks:
    return {
        item: (at, result)
        for at, results in ((dt.datetime.fromisoformat(text), results) for text, results in kept.items())
        for item, result in results.items()
    }
