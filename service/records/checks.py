"""What somebody takes along on a round of checks: of each device its state, what is due, its form, its last checks.

Everything is read for all devices at once, so that a round fits into one answer and can be kept on a phone.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import Session

from ..facts import COUNTY_TIME, Lifecycle, day_of
from ..inspections.form import DeviceState
from ..ready.norms import Norm
from ..ready.readiness import Readiness, readiness
from ..reminders import Due, device_dues
from ..tables import Account, Device, Inspection, InspectionReview, Site
from ..tables.checks import InspectionKind, Overall, ReviewState
from . import FEW
from .device_facts import facts_of
from .device_state import device_states
from .devices import Filter, pick_devices
from .rules import current_norm

LAST = 5
"""So many checks of a device are taken along."""

KINDS: tuple[tuple[int, InspectionKind], ...] = ((1, "daily"), (7, "weekly"), (31, "monthly"), (92, "quarterly"))
"""What a check is called that is made every so many days; a rarer one is yearly."""

_RANK: dict[Overall, int] = {"pass": 0, "attention": 1, "fail": 2}


class Past(NamedTuple):
    """A check that was made; `role` of whoever made it, `review` what the office said of it last."""

    id: str
    client_uuid: str
    at: dt.datetime
    kind: InspectionKind
    overall: Overall
    items: dict[str, dict[str, str]]
    note: str
    account_id: str | None
    role: str | None
    review: ReviewState | None = None
    reason: str = ""


@dataclass(frozen=True)
class ToCheck:
    """A device on a round. `dues` are all that falls due of it, the earliest first."""

    device: Device
    site_name: str
    kind: InspectionKind
    state: DeviceState
    ready: Readiness
    dues: tuple[Due, ...]
    checks: tuple[Past, ...]


def list_to_check(session: Session, which: Filter, on: dt.date) -> list[ToCheck]:
    """The devices that can be checked, by code: all but those that are planned or retired."""
    devices = [device for device in pick_devices(session, which) if device.status not in ("planned", "retired")]
    norm = current_norm(session)
    names = {row.id: row.name for row in session.execute(select(Site.id, Site.name))}
    states, facts = device_states(session, devices), facts_of(session, devices)
    checks = _reviewed(session, {device.id: last_checks(session, device.id) for device in devices})
    found = []
    for device, state, known in zip(devices, states, facts, strict=True):
        ready = readiness(known, norm, on)
        dues = sorted(device_dues(replace(known, name=""), norm), key=lambda due: due.due_on)
        found.append(
            ToCheck(
                device=device,
                site_name=names.get(device.site_id or "", ""),
                kind=_kind(device.status, ready, norm),
                state=state,
                ready=ready,
                dues=tuple(_bare(due) for due in dues),
                checks=checks[device.id],
            )
        )
    return found


def _kind(status: Lifecycle, ready: Readiness, norm: Norm) -> InspectionKind:
    """What the next check of a device is called."""
    if status == "installed":
        return "install"
    if status == "in_use" or any(reason.code == "used" for reason in ready.reasons):
        return "post_use"
    return next((kind for days, kind in KINDS if norm.check_every_days <= days), "annual")


def _bare(due: Due) -> Due:
    """The same without the device's name before it, which the round says already."""
    return replace(due, zh=due.zh.removeprefix(f"{due.device_id}："), en=due.en.removeprefix(f"{due.device_id}: "))


_LAST = (
    select(
        Inspection.id, Inspection.client_uuid, Inspection.at, Inspection.kind, Inspection.overall, Inspection.items,
        Inspection.note, Inspection.account_id, Account.role,
    )
    .outerjoin(Account, Inspection.account_id == Account.id)
    .where(Inspection.device_id == bindparam("device"))
    .order_by(Inspection.at.desc(), Inspection.id.desc())
    .limit(LAST)
)  # fmt: skip
"""Made once: a round asks it for each device, which the index answers at once however many checks there are."""


def last_checks(session: Session, device_id: str) -> list[Past]:
    """The last checks of a device, newest first."""
    return [Past(*row) for row in session.connection().execute(_LAST, {"device": device_id})]


def _reviewed(session: Session, checks: Mapping[str, list[Past]]) -> dict[str, tuple[Past, ...]]:
    """The same with the last word that the office said of each."""
    ids = [check.id for some in checks.values() for check in some]
    query = select(InspectionReview).order_by(InspectionReview.at, InspectionReview.id)
    few = query.where(InspectionReview.inspection_id.in_(ids)) if len(checks) <= FEW else query
    said = {row.inspection_id: (row.state, row.reason) for row in session.scalars(few)}
    return {
        device: tuple(Past(*check[:-2], *said[check.id]) if check.id in said else check for check in some)
        for device, some in checks.items()
    }


def days_checked(session: Session, which: Filter, month: dt.date) -> dict[str, dict[dt.date, Overall]]:
    """The days of a month on which each device was checked, and the worst that was found on each.

    month  any day of it
    """
    found: dict[str, dict[dt.date, Overall]] = {device.id: {} for device in pick_devices(session, which)}
    query = select(Inspection.device_id, Inspection.at, Inspection.overall).where(*_within(month))
    for row in session.execute(query):
        known, day = found.get(row.device_id), day_of(row.at)
        if known is not None:
            known[day] = max(known.get(day, "pass"), row.overall, key=_RANK.__getitem__)
    return found


def checks_of_month(session: Session, device_ids: Sequence[str], month: dt.date) -> dict[str, list[Inspection]]:
    """The checks of some devices in a month, by device, oldest first."""
    found: dict[str, list[Inspection]] = {device: [] for device in device_ids}
    query = select(Inspection).where(*_within(month)).order_by(Inspection.at, Inspection.id)
    for check in session.scalars(query.where(Inspection.device_id.in_(device_ids)) if len(found) <= FEW else query):
        if check.device_id in found:
            found[check.device_id].append(check)
    return found


def _within(month: dt.date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """From the first instant of a month in the county until the first of the next."""
    first = month.replace(day=1)
    last = (first + dt.timedelta(days=31)).replace(day=1)
    begin, end = (dt.datetime.combine(day, dt.time(), COUNTY_TIME) for day in (first, last))
    return Inspection.at >= begin, Inspection.at < end
