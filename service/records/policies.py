"""Insurance: which of the four covers holds for whom and what, where one is missing, and claims. Money in fen."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ..errors import ServiceError
from ..history import RecordSession
from ..tables import Claim, Device, Person, Policy, PolicyInsured, TrainingEvent
from . import add, change, find, period_faults, refuse

Own = InstrumentedAttribute[str]
Named = InstrumentedAttribute[str | None]
PERSONAL = ("personal_accident", "rescuer_liability")


@dataclass(frozen=True)
class Gaps:
    """What has no cover on a day, by id: devices against loss, volunteers by cover, events still to come or that day."""

    devices: tuple[str, ...]
    volunteers: dict[str, tuple[str, ...]]
    events: tuple[str, ...]


def add_policy(session: RecordSession, policy: Policy, insured: list[PolicyInsured]) -> Policy:
    """Add a policy and those it names.

    Raises ServiceError 422 when it ends before it starts, 409 when the number is taken.
    """
    refuse(period_faults(policy.starts_on, policy.ends_on))
    if session.scalar(select(Policy.id).where(Policy.policy_no == policy.policy_no)):
        raise ServiceError(409, f"保单号 {policy.policy_no} 已存在。", f"There is a policy {policy.policy_no}.")
    add(session, policy)
    for one in insured:
        one.policy_id = policy.id
        session.add(one)
    session.flush()
    return policy


def change_policy(session: RecordSession, policy: Policy, values: Mapping[str, Any]) -> Policy:
    """Change some fields of a policy.

    Raises ServiceError 422 when it would end before it starts, 409 when somebody was faster.
    """
    change(session, policy, values)
    refuse(period_faults(policy.starts_on, policy.ends_on))
    return policy


def set_insured(session: RecordSession, policy: Policy, insured: list[PolicyInsured]) -> list[PolicyInsured]:
    """Make these and no others the ones that a policy names."""
    wanted = {(one.device_id, one.person_id, one.training_event_id): one for one in insured}
    there = insured_by(session, [policy.id]).get(policy.id, [])
    for one in there:
        if wanted.pop((one.device_id, one.person_id, one.training_event_id), None) is None:
            session.delete(one)
    for one in wanted.values():
        one.policy_id = policy.id
        session.add(one)
    session.flush()
    return insured_by(session, [policy.id]).get(policy.id, [])


def list_policies(session: Session, *, sites: frozenset[str] | None = None) -> list[Policy]:
    """Policies, those that end first first; with `sites` only those that cover every device or one there."""
    query = select(Policy).order_by(Policy.ends_on, Policy.policy_no)
    if sites is not None:
        there = select(Device.id).where(Device.site_id.in_(sites))
        named = select(PolicyInsured.policy_id).where(PolicyInsured.device_id.in_(there))
        query = query.where((Policy.insured_kind == "all_registered") | Policy.id.in_(named))
    return list(session.scalars(query))


def insured_by(
    session: Session, policies: list[str], *, sites: frozenset[str] | None = None
) -> dict[str, list[PolicyInsured]]:
    """Those that policies name, by policy; with `sites` only devices there."""
    found: dict[str, list[PolicyInsured]] = {}
    query = select(PolicyInsured).where(PolicyInsured.policy_id.in_(policies)).order_by(PolicyInsured.id)
    if sites is not None:
        query = query.where(PolicyInsured.device_id.in_(select(Device.id).where(Device.site_id.in_(sites))))
    for one in session.scalars(query):
        found.setdefault(one.policy_id, []).append(one)
    return found


def list_claims(session: Session, policy_id: str) -> list[Claim]:
    """The claims on a policy, oldest first."""
    return list(session.scalars(select(Claim).where(Claim.policy_id == policy_id).order_by(Claim.id)))


def find_gaps(session: Session, on: dt.date) -> Gaps:
    """What has no cover on a day; both ends of a policy's time count."""
    return Gaps(
        _bare_devices(session, on), {c: _bare_volunteers(session, c, on) for c in PERSONAL}, _bare_events(session, on)
    )


def _bare_devices(session: Session, on: dt.date) -> tuple[str, ...]:
    query = select(Device.id).where(Device.status.not_in(("planned", "retired"))).order_by(Device.public_code)
    return _not_covered(session, query, Device.id, PolicyInsured.device_id, _in_force("equipment_loss", on))


def _bare_volunteers(session: Session, cover: str, on: dt.date) -> tuple[str, ...]:
    force = _in_force(cover, on)
    if session.scalar(select(Policy.id).where(force, Policy.insured_kind == "all_registered").limit(1)):
        return ()
    people = session.scalars(select(Person).where(Person.erased_at.is_(None)).order_by(Person.id))
    volunteers = [person.id for person in people if "volunteer" in person.roles]
    covered = set(session.scalars(_insured(PolicyInsured.person_id, force)))
    return tuple(one for one in volunteers if one not in covered)


def _bare_events(session: Session, on: dt.date) -> tuple[str, ...]:
    """Each event must lie within the policy that names it, or within one that covers every event."""
    events = session.scalars(select(TrainingEvent).where(TrainingEvent.held_on >= on).order_by(TrainingEvent.held_on))
    return tuple(event.id for event in events if not _event_covered(session, event))


def _event_covered(session: Session, event: TrainingEvent) -> bool:
    force = _in_force("event", event.held_on)
    named = select(PolicyInsured.policy_id).where(PolicyInsured.training_event_id == event.id)
    query = select(Policy.id).where(force, (Policy.insured_kind == "all_registered") | Policy.id.in_(named))
    return session.scalar(query.limit(1)) is not None


def _in_force(cover: str, on: dt.date) -> ColumnElement[bool]:
    return (Policy.cover == cover) & (Policy.starts_on <= on) & (Policy.ends_on >= on)


def _not_covered(
    session: Session, query: Select[str], own: Own, named: Named, force: ColumnElement[bool]
) -> tuple[str, ...]:
    if session.scalar(select(Policy.id).where(force, Policy.insured_kind == "all_registered").limit(1)):
        return ()
    return tuple(session.scalars(query.where(own.not_in(_insured(named, force).where(named.is_not(None))))))


def _insured(named: Named, force: ColumnElement[bool]) -> Select[str | None]:
    return select(named).join(Policy, PolicyInsured.policy_id == Policy.id).where(force)


def add_claim(session: RecordSession, claim: Claim) -> Claim:
    """Note what is asked of the insurer.

    Raises ServiceError 422 when the policy was not in force on the day.
    """
    policy = find(session, Policy, claim.policy_id)
    if claim.filed_on is not None and claim.filed_on < policy.starts_on:
        refuse([("申请日期早于保单生效日期", "it was filed before the policy began")])
    return add(session, claim)
