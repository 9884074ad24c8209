"""Agreements: what was promised, about which sites and devices, and whether it is in force."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ..errors import ServiceError
from ..history import RecordSession
from ..tables import Agreement, AgreementThing, Breach, Device, Obligation, Site
from . import Fault, add, change, find, period_faults, refuse, set_ties

State = Literal["draft", "coming", "active", "expiring", "expired", "terminated"]
EXPIRING_DAYS = 90


@dataclass(frozen=True)
class About:
    """The sites and devices of an agreement, by id."""

    sites: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()


def state_on(agreement: Agreement, on: dt.date) -> State:
    """Whether an agreement is in force on a day, which follows from its dates; both ends count.

    An agreement that renews itself does not expire.
    """
    if agreement.signed_on is None or on < agreement.signed_on:
        return "draft"
    if agreement.terminated_on is not None and on >= agreement.terminated_on:
        return "terminated"
    if agreement.starts_on is not None and on < agreement.starts_on:
        return "coming"
    if agreement.ends_on is None or agreement.auto_renew:
        return "active"
    if on > agreement.ends_on:
        return "expired"
    return "expiring" if on > agreement.ends_on - dt.timedelta(days=EXPIRING_DAYS) else "active"


def add_agreement(
    session: RecordSession, agreement: Agreement, about: About, obligations: list[Obligation]
) -> Agreement:
    """Add an agreement with its obligations and what it is about.

    Raises ServiceError 422 with all that is wrong, 409 when the number is taken.
    """
    refuse(_faults(agreement, about, obligations))
    if session.scalar(select(Agreement.id).where(Agreement.number == agreement.number)):
        raise ServiceError(409, f"协议编号 {agreement.number} 已存在。", f"There is an agreement {agreement.number}.")
    add(session, agreement)
    session.add_all(AgreementThing(agreement_id=agreement.id, site_id=site) for site in about.sites)
    session.add_all(AgreementThing(agreement_id=agreement.id, device_id=device) for device in about.devices)
    for obligation in obligations:
        obligation.agreement_id = agreement.id
        session.add(obligation)
    session.flush()
    _agree(session, agreement, about.sites)
    return find_agreement(session, agreement.id)


def _agree(session: RecordSession, agreement: Agreement, sites: Iterable[str | None]) -> None:
    """A proposed site about which an agreement is signed has agreed."""
    if agreement.signed_on is not None:
        for id in sites:
            site = find(session, Site, id) if id is not None else None
            if site is not None and site.stage == "proposed":
                change(session, site, {"stage": "agreed"})


def _faults(agreement: Agreement, about: About, obligations: list[Obligation]) -> list[Fault]:
    faults = period_faults(agreement.starts_on, agreement.ends_on)
    if not agreement.number.strip():
        faults.append(("缺少协议编号", "the number is missing"))
    if agreement.party_a_id == agreement.party_b_id:
        faults.append(("甲方和乙方是同一单位", "both parties are the same organisation"))
    for what in (about.sites, about.devices, [(o.code, o.owner) for o in obligations]):
        if len(set(what)) < len(what):
            faults.append(("同一点位、设备或义务写了两次", "a site, device or obligation stands there twice"))
    return faults


def change_agreement(session: RecordSession, agreement: Agreement, values: Mapping[str, Any]) -> Agreement:
    """Change some fields of an agreement.

    Raises ServiceError 422 when what comes of it cannot be, 409 when somebody was faster.
    """
    change(session, agreement, values)
    refuse(_faults(agreement, About(), []))
    if agreement.terminated_on is not None and not agreement.termination_reason.strip():
        refuse([("请写明原因", "a reason is needed")])
    about = select(AgreementThing.site_id).where(AgreementThing.agreement_id == agreement.id)
    _agree(session, agreement, session.scalars(about).all())
    return agreement


def set_about(
    session: RecordSession, agreement: Agreement, *, sites: list[str] | None = None, devices: list[str] | None = None
) -> None:
    """Make these and no others the sites or devices that an agreement is about; None: those that are.

    agreement  with its things
    """
    for column, wanted in (("site_id", sites), ("device_id", devices)):
        if wanted is not None:
            there = [thing for thing in agreement.things if getattr(thing, column) is not None]
            set_ties(session, there, column, wanted, partial(_thing, agreement.id, column))


def _thing(agreement_id: str, column: str, id: str) -> AgreementThing:
    return AgreementThing(agreement_id=agreement_id, **{column: id})


def set_obligations(session: RecordSession, agreement: Agreement, obligations: list[Obligation]) -> None:
    """Make these and no others the promises of an agreement; one that stays keeps its breaches.

    agreement  with its obligations

    Raises ServiceError 422 when one stands there twice, 409 when one that was broken would go.
    """
    refuse(_faults(agreement, About(), obligations))
    there = {(one.code, one.owner): one for one in agreement.obligations}
    for one in obligations:
        old = there.pop((one.code, one.owner), None)
        if old is None:
            one.agreement_id = agreement.id
            session.add(one)
        else:
            change(session, old, {name: getattr(one, name) for name in ("target", "evidence_rule", "note")})
    gone = [one.id for one in there.values()]
    if session.scalar(select(Breach.id).where(Breach.obligation_id.in_(gone)).limit(1)):
        raise ServiceError(409, "有违约记录的义务不能删去。", "An obligation that was broken stays.")
    for left in there.values():
        session.delete(left)
    session.flush()


def find_agreement(session: Session, agreement_id: str) -> Agreement:
    """An agreement with its obligations and what it is about.

    Raises ServiceError 404 when there is none.
    """
    query = select(Agreement).where(Agreement.id == agreement_id).options(*_PARTS)
    found = session.scalar(query.execution_options(populate_existing=True))
    return found if found is not None else find(session, Agreement, agreement_id)


_PARTS = (selectinload(Agreement.obligations), selectinload(Agreement.things))


def list_agreements(session: Session, *, sites: frozenset[str] | None = None) -> list[Agreement]:
    """Agreements by number; with `sites` only those about one of these, or about a device there."""
    query = select(Agreement).order_by(Agreement.number).options(*_PARTS)
    if sites is not None:
        there = select(Device.id).where(Device.site_id.in_(sites))
        about = AgreementThing.site_id.in_(sites) | AgreementThing.device_id.in_(there)
        query = query.where(Agreement.id.in_(select(AgreementThing.agreement_id).where(about)))
    return list(session.scalars(query))


def renew(
    session: RecordSession, agreement: Agreement, number: str, *, starts_on: dt.date, ends_on: dt.date
) -> Agreement:
    """A new agreement in the place of one that ends, with the same parties, obligations and things; both are kept."""
    old = find_agreement(session, agreement.id)
    new = Agreement(
        number=number,
        kind=old.kind,
        party_a_id=old.party_a_id,
        party_b_id=old.party_b_id,
        contact_a_id=old.contact_a_id,
        contact_b_id=old.contact_b_id,
        signed_on=starts_on,
        starts_on=starts_on,
        ends_on=ends_on,
        auto_renew=old.auto_renew,
        renews_id=old.id,
    )
    about = About(
        tuple(thing.site_id for thing in old.things if thing.site_id is not None),
        tuple(thing.device_id for thing in old.things if thing.device_id is not None),
    )
    return add_agreement(session, new, about, [_copy(obligation) for obligation in old.obligations])


def _copy(old: Obligation) -> Obligation:
    return Obligation(code=old.code, owner=old.owner, target=old.target, evidence_rule=old.evidence_rule, note=old.note)


def terminate(session: RecordSession, agreement: Agreement, *, on: dt.date, reason: str) -> Agreement:
    """End an agreement before its time.

    Raises ServiceError 409 when it has ended already, 422 when the reason is missing.
    """
    if agreement.terminated_on is not None:
        raise ServiceError(409, "协议已终止。", "The agreement is terminated already.")
    if not reason.strip():
        refuse([("请写明原因", "a reason is needed")])
    agreement.terminated_on, agreement.termination_reason = on, reason
    session.flush()
    return agreement


def add_breach(
    session: RecordSession, breach: Breach, agreement: Agreement | None = None, *, code: str | None = None
) -> Breach:
    """Note that a promise was not kept.

    code  which of the agreement's promises

    Raises ServiceError 422 when the agreement promises no such thing.
    """
    if agreement is not None and code is not None:
        breach.obligation_id = next((one.id for one in agreement.obligations if one.code == code), None)
        if breach.obligation_id is None:
            refuse([("协议里没有这项义务", "the agreement promises no such thing")])
    return add(session, breach)


def resolve_breach(session: RecordSession, breach: Breach, values: Mapping[str, Any]) -> Breach:
    """Say how a breach ended.

    Raises ServiceError 422 when it would end before it was found, or nobody says how, 409 when somebody was faster.
    """
    change(session, breach, values)
    refuse(period_faults(breach.found_on, breach.resolved_on))
    if breach.resolved_on is not None and not breach.resolution.strip():
        refuse([("请写明处理结果", "say how it ended")])
    return breach


def list_breaches(session: Session, agreement_id: str) -> list[Breach]:
    """The breaches of an agreement, oldest first."""
    query = select(Breach).where(Breach.agreement_id == agreement_id)
    return list(session.scalars(query.order_by(Breach.found_on, Breach.id)))
