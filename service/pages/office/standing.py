"""How the devices stand: readiness, the state of this moment, what hangs on each, and where what is wrong is mended."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...api.coverage import CoverageOut, see_coverage
from ...plan_demand import Ground
from ...public.state import condition_of, judge
from ...ready.readiness import Readiness, Reason
from ...records.coverage import list_worth
from ...records.device_facts import facts_of
from ...records.ready import readiness_of
from ...records.rules import current_norm, current_years
from ...tables import Device
from .desk import Desk
from .show import Badge, badge
from .words import message as _

STATES = {"usable": _("可用"), "closed": _("已关闭"), "unverified": _("未核实")}
TONES = {"usable": "usable", "closed": "closed", "unverified": "unsure"}
ICONS = {"usable": "✓", "closed": "×", "unverified": "!"}

WAYS: Mapping[str, str] = {
    "expires": "#act-pads", "expired": "#act-pads", "no_part": "#act-pads", "no_expiry": "#act-pads",
    "defect_critical": "#defects", "defect_major": "#defects", "defect_minor": "#defects", "reported": "#reports",
    "not_found": "#reports", "cabinet_locked": "#facts", "body_old": "#act-step",
}  # fmt: skip
"""By reason of readiness: the part of the device's page where it is mended; anything else needs a check."""

BY_CHECK = frozenset({"check_due", "check_overdue", "never_checked", "item_failed", "used"})


@dataclass(frozen=True)
class Worth:
    """A device in service: readiness, and arrests a year that only it covers; None where it counts for no place."""

    device: Device
    site_name: str
    ready: Readiness
    worth: float | None


def ground_of(desk: Desk) -> Ground | None:
    """The demand of the published plan."""
    ground: Ground | None = desk.request.app.state.shelf.current().ground
    return ground


def worth_of(desk: Desk) -> dict[str, Worth]:
    """Devices in service by id, that on which most hangs first; a manager's own only."""
    own = desk.who.sites if desk.who.role == "manager" else None
    return {
        one.standing.device.id: Worth(one.standing.device, one.standing.site_name, one.ready, one.worth)
        for one in list_worth(desk.session, ground_of(desk), desk.on)
        if own is None or one.standing.device.site_id in own
    }


def ready_of(desk: Desk, devices: list[Device], known: Mapping[str, Worth]) -> dict[str, Readiness]:
    """Readiness of devices by id; of those that are known already it is not made again."""
    rest = [one for one in devices if one.id not in known]
    made = zip(rest, readiness_of(desk.session, rest, desk.on), strict=True)
    return {id: one.ready for id, one in known.items()} | {device.id: ready for device, ready in made}


def ready_badge(desk: Desk, ready: Readiness) -> Badge:
    """Readiness as a badge."""
    return badge(ready.state, desk.say)


def count_now(desk: Desk, devices: list[tuple[Device, str]], at: dt.datetime) -> Counter[str]:
    """How many of some devices are usable, closed or not verified at an instant, as the public is told.

    devices  each with the hours that hold there
    """
    norm, years = current_norm(desk.session), current_years(desk.session)
    facts = facts_of(desk.session, [device for device, _hours in devices])
    pairs = zip(facts, devices, strict=True)
    conditions = (condition_of(one, norm, desk.on, hours=hours, years=years) for one, (_device, hours) in pairs)
    return Counter(judge(one, at).state for one in conditions)


def coverage_of(desk: Desk) -> CoverageOut | None:
    """Coverage of this moment; None where the published plan tells of no demand."""
    if ground_of(desk) is None or not desk.ever("see", "coverage"):
        return None
    return see_coverage(desk.request.app.state.shelf.current(), desk.session, desk.who)


def way(code: str, device: Device) -> str:
    """Where the office mends what a reason of readiness says."""
    if code in BY_CHECK:
        return f"/checks/{device.public_code}"
    return f"/office/devices/{device.id}" + WAYS.get(code, "#act-step")


def told_once(reasons: Iterable[Reason]) -> Iterable[Reason]:
    """Each thing once: an item that failed is told by its defect."""
    told: set[str] = set()
    for one in sorted(reasons, key=lambda one: one.code == "item_failed"):
        words = one.zh if one.code != "item_failed" else one.zh.partition("：")[2]
        if words not in told:
            told |= {words, one.zh.partition("：")[2]} - {""}
            yield one
