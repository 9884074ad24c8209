"""Facts: what the rules know of a device and its papers, as plain values without a database.

The records make these from their rows; readiness, reminders and the year's figures are functions of them. `_on` is a
day in the county's time, `_at` an instant with its time zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Literal

COUNTY_TIME = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one time all year."""

Result = Literal["ok", "fail", "na", "not_checked"]
Severity = Literal["critical", "major", "minor"]
PartKind = Literal["pads_adult", "pads_child", "pads_universal", "battery"]
Lifecycle = Literal["planned", "installed", "active", "out_of_service", "in_use", "missing", "retired"]
CabinetAccess = Literal["", "open", "seal", "alarm", "locked", "scan", "code", "staff"]


def day_of(instant: datetime) -> date:
    """The day of an instant in the county.

    Raises ValueError when the instant has no time zone: nobody could say which day it is.

    >>> day_of(datetime(2026, 11, 21, 16, 30, tzinfo=timezone.utc))
    datetime.date(2026, 11, 22)
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone")
    return instant.astimezone(COUNTY_TIME).date()


@dataclass(frozen=True)
class Part:
    """Pads or a battery. Spare parts lie beside the device; the others are fitted.

    expires_on  last day of use; None where nobody has noted it
    """

    kind: PartKind
    expires_on: date | None
    spare: bool = False
    fitted_on: date | None = None
    removed_on: date | None = None
    lot: str = ""
    id: str = ""


@dataclass(frozen=True)
class Check:
    """An inspection as the rules see it.

    results   what was found, by item of the inspection form; an item that is absent was not looked at
    rejected  the office has looked at it and does not let it count
    """

    at: datetime
    kind: str
    results: Mapping[str, Result]
    rejected: bool = False


@dataclass(frozen=True)
class Defect:
    """Something wrong with a device, open until done."""

    id: str
    item: str
    severity: Severity
    found_at: datetime
    due_on: date | None = None
    done_at: datetime | None = None


@dataclass(frozen=True)
class Use:
    """The device was used, or taken to be used, in an incident."""

    at: datetime


@dataclass(frozen=True)
class Report:
    """What somebody of the public has said of a device.

    reporter  the same for reports that are not independent of one another
    """

    kind: str
    at: datetime
    reporter: str
    closed_at: datetime | None = None


@dataclass(frozen=True)
class Status:
    """A step in a device's life, from an instant on."""

    at: datetime
    lifecycle: Lifecycle


@dataclass(frozen=True)
class DeviceFacts:
    """All that readiness follows from, in any order; of the checks at least those since the last complete one.

    needs_child_pads   the norm or the agreement asks for them
    body_ends_on       last day of the maker's promise for the device itself
    """

    id: str
    name: str = ""
    statuses: tuple[Status, ...] = ()
    parts: tuple[Part, ...] = ()
    checks: tuple[Check, ...] = ()
    defects: tuple[Defect, ...] = ()
    uses: tuple[Use, ...] = ()
    reports: tuple[Report, ...] = ()
    installed_on: date | None = None
    cabinet_access: CabinetAccess = ""
    body_ends_on: date | None = None
    needs_child_pads: bool = False
