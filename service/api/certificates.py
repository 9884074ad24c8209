"""Certificates of people, who paid for devices, and the administrative units."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from ..access import Thing
from ..records import change, find
from ..records.devices import add_funding, list_funding
from ..records.people import add_certificate, change_certificate, list_certificates, sites_of
from ..records.sites import add_admin_unit, list_units
from ..tables import AdminUnit, Certificate, Device, Funding, Person
from ..tables.devices import FundingSource
from ..tables.people import CertificateKind
from ..tables.places import Level
from .asking import Asking, Db, own_sites, require
from .shapes import Count, Day, Fen, Key, Line, Shape, Text, refusals, shown
from .sites import Code

router = APIRouter(prefix="/api/v1/records", tags=["people"])


class CertificateIn(Shape):
    """初级救护员, 心肺复苏+AED or 师资. Its number is sealed and told only with all that is kept of the person."""

    kind: CertificateKind
    number: Line = ""
    issuer_id: Key | None = None
    issued_on: Day | None = None
    expires_on: Day | None = None
    retrain_due_on: Day | None = None


class CertificateOut(Shape):
    """A certificate, without its number."""

    id: str
    version: int
    person_id: str
    kind: CertificateKind
    issuer_id: str | None
    issued_on: dt.date | None
    expires_on: dt.date | None
    retrain_due_on: dt.date | None


class CertificateChange(Shape):
    """What is changed of a certificate; only what is named."""

    version: int | None = None
    number: Line = ""
    issuer_id: Key | None = None
    issued_on: Day | None = None
    expires_on: Day | None = None
    retrain_due_on: Day | None = None


class FundingFields(Shape):
    """What is noted of who paid."""

    source: FundingSource
    organisation_id: Key | None = None
    person_id: Key | None = None
    amount_fen: Fen | None = None
    paid_on: Day | None = None
    note: Text = ""


class FundingIn(FundingFields):
    """Money or goods behind a device."""

    device_id: Key


class FundingChange(FundingFields):
    """What is corrected of it; only what is named."""

    version: int | None = None
    source: FundingSource = "self"


class FundingOut(FundingIn):
    """Money or goods behind a device, as it is kept."""

    id: str
    version: int


class UnitIn(Shape):
    """A county, town, community or school by its code; what it belongs to follows from the code."""

    code: Code
    name: Annotated[Line, Field(min_length=1)]
    level: Level | None = None
    population: Count | None = None
    population_60_plus: Count | None = None
    area_km2: Annotated[float, Field(ge=0, le=1e7)] | None = None


class UnitChange(Shape):
    """What is changed of a unit; only what is named."""

    name: Annotated[Line, Field(min_length=1)] = "-"
    population: Count | None = None
    population_60_plus: Count | None = None
    area_km2: Annotated[float, Field(ge=0, le=1e7)] | None = None


class UnitOut(UnitIn):
    """A unit, and the one that it belongs to."""

    parent_code: str | None


@router.get("/certificates", responses=refusals())
def see_certificates(session: Db, who: Asking, person_id: Key | None = None) -> list[CertificateOut]:
    """Certificates, those that expire first first; a manager's only those of people at own sites."""
    found = list_certificates(session, sites=own_sites(who, "list", "contact"), person_id=person_id or "")
    return [shown(CertificateOut, one) for one in found]


@router.post("/people/{person_id}/certificates", status_code=201, responses=refusals(404, 409))
def add(person_id: str, given: CertificateIn, session: Db, who: Asking) -> CertificateOut:
    """Add a certificate."""
    person = find(session, Person, person_id)
    require(who, "add", Thing("person"), *(Thing("person", site=site) for site in sites_of(session, person.id)))
    made = Certificate(person_id=person.id, **given.model_dump(exclude={"number"}))
    return shown(CertificateOut, add_certificate(session, made, given.number))


@router.patch("/certificates/{certificate_id}", responses=refusals(404, 409))
def change_one(certificate_id: str, given: CertificateChange, session: Db, who: Asking) -> CertificateOut:
    """Change what is named of a certificate."""
    found = find(session, Certificate, certificate_id)
    sites = sites_of(session, found.person_id)
    require(who, "change", Thing("person"), *(Thing("person", site=site) for site in sites))
    return shown(CertificateOut, change_certificate(session, found, given.model_dump(exclude_unset=True)))


@router.get("/funding", responses=refusals())
def see_funding(session: Db, who: Asking, device_id: Key | None = None) -> list[FundingOut]:
    """Who paid for devices."""
    return [shown(FundingOut, one) for one in list_funding(session, device_id or "")]


@router.post("/funding", status_code=201, responses=refusals(404, 409))
def add_one_funding(given: FundingIn, session: Db, who: Asking) -> FundingOut:
    """Note who paid for a device."""
    find(session, Device, given.device_id)
    return shown(FundingOut, add_funding(session, Funding(**given.model_dump())))


@router.patch("/funding/{funding_id}", responses=refusals(404, 409))
def change_funding(funding_id: str, given: FundingChange, session: Db, who: Asking) -> FundingOut:
    """Correct what is noted of it."""
    found = find(session, Funding, funding_id)
    return shown(FundingOut, change(session, found, given.model_dump(exclude_unset=True)))


@router.get("/units", responses=refusals())
def see_units(session: Db, who: Asking) -> list[UnitOut]:
    """The administrative units by code."""
    return [shown(UnitOut, unit) for unit in list_units(session)]


@router.post("/units", status_code=201, responses=refusals(409))
def add_unit(given: UnitIn, session: Db, who: Asking) -> UnitOut:
    """Add a unit."""
    return shown(UnitOut, add_admin_unit(session, AdminUnit(**given.model_dump())))


@router.patch("/units/{code}", responses=refusals(404, 409))
def change_unit(code: Code, given: UnitChange, session: Db, who: Asking) -> UnitOut:
    """Change what is named of a unit: its people are counted anew now and then."""
    return shown(UnitOut, change(session, find(session, AdminUnit, code), given.model_dump(exclude_unset=True)))
