"""Agreements: what was promised, about which sites and devices, and whether it is in force today."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from ..access import Thing
from ..errors import ServiceError
from ..facts import day_of
from ..history import RecordSession
from ..records import find
from ..records.agreements import (
    About,
    State,
    add_agreement,
    add_breach,
    change_agreement,
    find_agreement,
    list_agreements,
    list_breaches,
    renew,
    resolve_breach,
    set_about,
    set_obligations,
    state_on,
    terminate,
)
from ..records.devices import find_device
from ..tables import Agreement, Breach, Obligation
from ..tables.papers import AgreementKind, ObligationCode, Party
from .asking import Asking, Db, own_sites, require
from .shapes import Day, Key, Keys, Line, Shape, Text, refusals, shown

router = APIRouter(prefix="/api/v1/records/agreements", tags=["agreements"])
Number = Annotated[Line, Field(min_length=1, max_length=64)]


class ObligationShape(Shape):
    """What one party has promised."""

    code: ObligationCode
    owner: Party
    target: Annotated[float, Field(ge=0, le=1e6)] | None = None
    evidence_rule: Line = ""
    note: Line = ""


class AgreementIn(Shape):
    """An agreement; not signed it is a draft."""

    number: Number
    kind: AgreementKind
    party_a_id: Key
    party_b_id: Key
    contact_a_id: Key | None = None
    contact_b_id: Key | None = None
    signed_on: Day | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    auto_renew: bool = False
    term_years: Annotated[float, Field(gt=0, le=100)] | None = None
    note: Text = ""
    sites: Keys
    devices: Keys
    obligations: Annotated[list[ObligationShape], Field(max_length=100, default_factory=list)]


class AgreementOut(AgreementIn):
    """An agreement, and whether it is in force today."""

    id: str
    version: int
    state: State
    terminated_on: dt.date | None
    termination_reason: str
    renews_id: str | None


class AgreementChange(Shape):
    """What is changed of an agreement; only what is named. Parties and kind stay: those are another agreement.

    sites, devices, obligations  these and no others
    """

    version: int | None = None
    number: Number = "-"
    contact_a_id: Key | None = None
    contact_b_id: Key | None = None
    signed_on: Day | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    auto_renew: bool = False
    term_years: Annotated[float, Field(gt=0, le=100)] | None = None
    note: Text = ""
    sites: Keys
    devices: Keys
    obligations: Annotated[list[ObligationShape], Field(max_length=100, default_factory=list)]


class BreachIn(Shape):
    """That a promise was not kept."""

    found_on: Day
    text: Annotated[Text, Field(min_length=1)]
    obligation_code: ObligationCode | None = None


class BreachChange(Shape):
    """How it ended."""

    version: int | None = None
    resolved_on: Day | None
    resolution: Text = ""


class BreachOut(Shape):
    """A breach as it stands."""

    id: str
    version: int
    agreement_id: str
    obligation_id: str | None
    found_on: dt.date
    text: str
    resolved_on: dt.date | None
    resolution: str


class RenewalIn(Shape):
    """The agreement that takes the place of one that ends."""

    number: Number
    starts_on: Day
    ends_on: Day


class TerminationIn(Shape):
    """That an agreement ends before its time, and why."""

    on: Day
    reason: Annotated[Line, Field(min_length=1)]


@router.get("", responses=refusals())
def see_agreements(session: Db, who: Asking) -> list[AgreementOut]:
    """Agreements; a manager's only those about own sites."""
    found = list_agreements(session, sites=own_sites(who, "see", "agreement"))
    return [_shape(session, agreement) for agreement in found]


@router.get("/{agreement_id}", responses=refusals(404))
def see_agreement(agreement_id: str, session: Db, who: Asking) -> AgreementOut:
    """One agreement."""
    agreement = find_agreement(session, agreement_id)
    require(who, "see", Thing("agreement"), *_about(session, agreement))
    return _shape(session, agreement)


@router.post("", status_code=201, responses=refusals(409))
def add(given: AgreementIn, session: Db, who: Asking) -> AgreementOut:
    """Add an agreement."""
    values = given.model_dump(exclude={"sites", "devices", "obligations"})
    about = About(tuple(given.sites), tuple(given.devices))
    obligations = [Obligation(**one.model_dump()) for one in given.obligations]
    return _shape(session, add_agreement(session, Agreement(**values), about, obligations))


@router.patch("/{agreement_id}", responses=refusals(404, 409))
def change_one(agreement_id: str, given: AgreementChange, session: Db, who: Asking) -> AgreementOut:
    """Change what is named of an agreement; the log keeps what stood there before."""
    agreement = find_agreement(session, agreement_id)
    named = given.model_fields_set
    sites, devices = (getattr(given, name) if name in named else None for name in ("sites", "devices"))
    set_about(session, agreement, sites=sites, devices=devices)
    if "obligations" in named:
        set_obligations(session, agreement, [Obligation(**one.model_dump()) for one in given.obligations])
    plain = given.model_dump(exclude_unset=True, exclude={"sites", "devices", "obligations"})
    change_agreement(session, agreement, plain)
    return _shape(session, find_agreement(session, agreement_id))


@router.get("/{agreement_id}/breaches", responses=refusals(404))
def see_breaches(agreement_id: str, session: Db, who: Asking) -> list[BreachOut]:
    """Promises that were not kept, oldest first."""
    agreement = find_agreement(session, agreement_id)
    require(who, "see", Thing("agreement"), *_about(session, agreement))
    return [shown(BreachOut, one) for one in list_breaches(session, agreement_id)]


@router.post("/{agreement_id}/breaches", status_code=201, responses=refusals(404, 409))
def add_one_breach(agreement_id: str, given: BreachIn, session: Db, who: Asking) -> BreachOut:
    """Note that a promise was not kept."""
    agreement = find_agreement(session, agreement_id)
    breach = Breach(agreement_id=agreement.id, **given.model_dump(exclude={"obligation_code"}))
    return shown(BreachOut, add_breach(session, breach, agreement, code=given.obligation_code))


@router.patch("/{agreement_id}/breaches/{breach_id}", responses=refusals(404, 409))
def end_breach(agreement_id: str, breach_id: str, given: BreachChange, session: Db, who: Asking) -> BreachOut:
    """Say how a breach ended."""
    breach = find(session, Breach, breach_id)
    if breach.agreement_id != agreement_id:
        raise ServiceError(404, "没有这条档案。", "There is no such record.")
    return shown(BreachOut, resolve_breach(session, breach, given.model_dump(exclude_unset=True)))


@router.post("/{agreement_id}/renewal", status_code=201, responses=refusals(404, 409))
def add_renewal(agreement_id: str, given: RenewalIn, session: Db, who: Asking) -> AgreementOut:
    """Put a new agreement in the place of one that ends."""
    old = find_agreement(session, agreement_id)
    new = renew(session, old, given.number, starts_on=given.starts_on, ends_on=given.ends_on)
    return _shape(session, new)


@router.post("/{agreement_id}/termination", responses=refusals(404, 409))
def add_termination(agreement_id: str, given: TerminationIn, session: Db, who: Asking) -> AgreementOut:
    """End an agreement before its time."""
    agreement = find_agreement(session, agreement_id)
    return _shape(session, terminate(session, agreement, on=given.on, reason=given.reason))


def _about(session: RecordSession, agreement: Agreement) -> list[Thing]:
    sites = {thing.site_id for thing in agreement.things}
    sites |= {find_device(session, one.device_id).site_id for one in agreement.things if one.device_id is not None}
    return [Thing("agreement", site=site) for site in sites]


_PLAIN = [name for name in AgreementOut.model_fields if name not in ("state", "sites", "devices", "obligations")]


def _shape(session: RecordSession, agreement: Agreement) -> AgreementOut:
    obligations = [
        ObligationShape(**{name: getattr(one, name) for name in ObligationShape.model_fields})
        for one in agreement.obligations
    ]
    return AgreementOut(
        state=state_on(agreement, day_of(session.by.at)),
        sites=[thing.site_id for thing in agreement.things if thing.site_id is not None],
        devices=[thing.device_id for thing in agreement.things if thing.device_id is not None],
        obligations=obligations,
        **{name: getattr(agreement, name) for name in _PLAIN},
    )
