"""Inspections as they come in: each kept exactly once however often it is sent, in any order, and never changed.

What a check means (see inspections.rules) is judged against the device as it was known when the check was made. What
follows is written at once: defects, corrected values, a used device that is back. A newer check that came earlier keeps
the last word.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, cast, select
from sqlalchemy.orm import Session, joinedload

from ..facts import day_of
from ..history import RecordSession
from ..inspections.defects import Look, Stretch, stretches
from ..inspections.form import Form, shipped_form
from ..inspections.rules import ActionPlan, Draft, Judged, digest, is_repeat, judge
from ..inspections.sheets import as_json, from_json
from ..looks import IN_TURN
from ..tables import Account, Attachment, Defect, Device, Inspection, InspectionReview, Site
from . import add, change, find, refuse
from .device_state import Since, correct, device_state, read_since, state_before
from .incidents import release


def take_turn(session: RecordSession, device_id: str) -> Device:
    """The device, for its next check: checks of one device are taken one after another.

    Raises ServiceError 404 when there is no such device.
    """
    device = session.scalar(_DEVICE_IN_TURN, {"id": device_id})
    if device is None:
        return find(session, Device, device_id)
    session.info.setdefault(IN_TURN, set()).add(device_id)
    return device


# as it is when the turn has come: somebody else may have written it since it was looked up
_DEVICE_IN_TURN = (
    select(Device)
    .where(Device.id == bindparam("id"))
    .options(joinedload(Device.site).load_only(Site.opening_hours))
    .with_for_update(key_share=True, of=Device)
    .execution_options(populate_existing=True)
)


def record(session: RecordSession, draft: Draft, device: Device | None = None) -> tuple[Inspection, bool]:
    """Keep a check and all that follows from it; whether it is new.

    device  as `take_turn` gave it, where that was asked for before

    Raises ServiceError 404 when there is no such device, 409 when its client id stands for another check, FormError
    (422) with everything that is wrong with it.
    """
    device = device or take_turn(session, draft.device_id)
    form, received_at = shipped_form(), session.by.at
    at = min(draft.at, received_at) if draft.at.tzinfo else received_at
    since = read_since(session, device.id, at, draft.client_id.lower())
    if since.known is not None and is_repeat(draft, {draft.client_id: since.known.digest}):
        return since.known, False
    judged = judge(form, state_before(session, device, since), draft, received_at=received_at)
    kept = _row(session, draft, judged)
    _verify(device, kept)
    add(session, kept)
    _keep_photos(session, kept, draft.photos)
    _settle(session, form, kept, since)
    _correct(session, device, judged, since.newer)
    release(session, device.id)
    return kept, True


def _row(session: RecordSession, draft: Draft, judged: Judged) -> Inspection:
    account = session.get(Account, session.by.account) if session.by.account else None
    position = draft.position
    return Inspection(
        device_id=draft.device_id,
        kind=draft.kind,
        at=judged.at,
        received_at=session.by.at,
        account_id=session.by.account,
        person_id=account.person_id if account else None,
        source=draft.source,
        lon=position.lon if position else None,
        lat=position.lat if position else None,
        accuracy_m=position.accuracy_m if position else None,
        distance_to_device_m=judged.distance_m,
        duration_s=draft.duration_s,
        items=as_json(judged.answers),
        overall=judged.overall,
        note=draft.note,
        client_uuid=draft.client_id.lower(),
        schema_version=draft.form_version,
        plans={item: {"text": plan.text.strip(), "due_on": str(plan.due_on)} for item, plan in draft.plans.items()},
        reasons={item: reason.strip() for item, reason in draft.reasons.items()},
        flags=list(judged.flags),
        digest=digest(draft),
    )


def _keep_photos(session: RecordSession, kept: Inspection, checksums: Iterable[str]) -> None:
    """The check's photos, which were sent before it; raises ServiceError 422 naming one that was not."""
    for checksum in checksums:
        mine = (Attachment.sha256 == checksum, Attachment.device_id == kept.device_id, Attachment.kind == "photo")
        photo = session.scalars(select(Attachment).where(*mine).limit(1)).first()
        if photo is None:
            refuse([(f"照片 {checksum[:8]} 尚未上传", f"the photo {checksum[:8]} was not sent before")])
        else:
            values = {name: getattr(photo, name) for name in ("kind", "name", "media_type", "size", "sha256")}
            session.add(Attachment(inspection_id=kept.id, at=photo.at, lon=photo.lon, lat=photo.lat, **values))


def _settle(session: RecordSession, form: Form, kept: Inspection, since: Since) -> None:
    """Write the defects that follow from a check and those made after it, which nearly always are none."""
    open_then, later, newer = since.open_then, since.later, since.newer
    for item in form.items:
        result = kept.items[item.id]["result"]
        begun = open_then.get(item.id)
        if result != "fail" and not (result == "ok" and begun):
            continue
        rows = [row for row in (begun, *later) if row is not None and row.item == item.id]
        checks = [*_since(session, begun, kept, newer), kept, *newer]
        _write(session, form, kept, item.id, rows, _looks(item.id, begun, rows, checks))
    session.flush()


def _since(session: Session, begun: Defect | None, kept: Inspection, newer: list[Inspection]) -> Iterable[Inspection]:
    """The checks from the one that found a defect up to this one: needed only where a late one may cut it in two."""
    if begun is None or not newer:
        return []
    query = select(Inspection).where(Inspection.device_id == kept.device_id, Inspection.at < kept.at)
    return session.scalars(query.where(Inspection.at >= begun.found_at))


def _looks(item: str, begun: Defect | None, rows: list[Defect], checks: Iterable[Inspection]) -> list[Look]:
    """What is to be folded of an item: the checks, the defect there was, and what the office closed by hand."""
    found = [
        Look(check.id, check.at, check.items[item]["result"] == "fail", _plan(check, item))
        for check in checks
        if check.items[item]["result"] in ("ok", "fail")
    ]
    if begun is not None and begun.inspection_id not in {look.inspection for look in found}:
        found.append(Look(begun.inspection_id or "", begun.found_at, True))
    closed = (row.done_at for row in rows if row.done_by is not None)
    return found + [Look("", done_at, False) for done_at in closed if done_at is not None]


def _plan(check: Inspection, item: str) -> ActionPlan | None:
    kept = check.plans.get(item)
    return ActionPlan(kept["text"], dt.date.fromisoformat(kept["due_on"])) if kept else None


def _write(
    session: RecordSession, form: Form, kept: Inspection, item: str, rows: list[Defect], looks: list[Look]
) -> None:
    """Bring the rows of an item's defects in line with its stretches; each keeps the row of the check that began it."""
    left, typed = list(rows), {(look.plan.text, look.plan.due_on) for look in looks if look.plan}
    for stretch in stretches(looks):
        mine = next((row for row in left if (row.inspection_id or "") == stretch.begun.inspection), None)
        row = mine or (left[0] if left else None)
        if row is None:
            session.add(_new_defect(form, kept.device_id, item, stretch))
            continue
        left.remove(row)
        values: dict[str, Any] = {"inspection_id": stretch.begun.inspection or None}
        values |= {"found_at": stretch.begun.at, "done_at": stretch.done_at}
        theirs = (row.action_plan, row.due_on) not in typed and stretch.planned_by != kept.id  # the office's own plan
        if stretch.plan is not None and not theirs:
            values |= {"action_plan": stretch.plan.text, "due_on": stretch.plan.due_on}
        change(session, row, values)


def _new_defect(form: Form, device_id: str, item: str, stretch: Stretch) -> Defect:
    asked = form.get(item)
    severity = asked.severity if asked else "minor"
    proposed = day_of(stretch.begun.at) + dt.timedelta(days=form.plan_days[severity])
    return Defect(
        device_id=device_id,
        inspection_id=stretch.begun.inspection or None,
        item=item,
        severity=severity,
        found_at=stretch.begun.at,
        done_at=stretch.done_at,
        action_plan=stretch.plan.text if stretch.plan else "",
        due_on=stretch.plan.due_on if stretch.plan else proposed,
    )


def _correct(session: RecordSession, device: Device, judged: Judged, newer: list[Inspection]) -> None:
    """Put corrected values into the records, but for those that a newer check or somebody else has settled since."""
    if not judged.corrections:
        return
    now = device_state(session, device).values
    seen = {item for check in newer for item, answer in from_json(check.items).items() if answer.value}
    for found in judged.corrections:
        if found.item not in seen and now.get(found.item, "") == found.before:
            correct(session, device, found)


def _verify(device: Device, kept: Inspection) -> None:
    if device.last_verified_at is None or device.last_verified_at < kept.at:
        device.last_verified_at, device.last_verified_by = kept.at, kept.account_id
        device.last_verified_method = f"inspection:{kept.source}"


def review(session: RecordSession, review: InspectionReview) -> InspectionReview:
    """Say what the office thinks of an inspection; earlier reviews stay.

    Raises ServiceError 422 when one is queried or rejected without a reason.
    """
    if review.state != "accepted" and not (review.reason or "").strip():
        refuse([("请写明原因", "say why")])
    review.account_id, review.at = session.by.account, session.by.at
    return add(session, review)


@dataclass(frozen=True)
class Which:
    """Which inspections. `sites` and `devices`: only of devices that hang there, and of these; None: of all."""

    sites: frozenset[str] | None = None
    devices: frozenset[str] | None = None
    device_id: str = ""
    flagged: bool = False


def list_inspections(session: Session, which: Which, *, most: int = 100) -> list[Inspection]:
    """The newest inspections, newest first."""
    query = select(Inspection).where(*_conditions(which))
    return list(session.scalars(query.order_by(Inspection.at.desc(), Inspection.id.desc()).limit(most)))


def _conditions(which: Which) -> Iterable[ColumnElement[bool]]:
    if which.sites is not None or which.devices is not None:
        there = select(Device.id).where(Device.site_id.in_(which.sites or ()))
        yield Inspection.device_id.in_(there) | Inspection.device_id.in_(which.devices or ())
    if which.device_id:
        yield Inspection.device_id == which.device_id
    if which.flagged:
        reviewed = select(InspectionReview.inspection_id)
        yield cast(Inspection.flags, Text) != "[]"
        yield Inspection.id.not_in(reviewed)


def list_reviews(session: Session, inspection_id: str) -> list[InspectionReview]:
    """What the office said of an inspection, oldest first."""
    query = select(InspectionReview).where(InspectionReview.inspection_id == inspection_id)
    return list(session.scalars(query.order_by(InspectionReview.at, InspectionReview.id)))
