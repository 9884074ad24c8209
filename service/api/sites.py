"""Sites and the organisations that look after them."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from ..access import Thing
from ..records import change, find
from ..records.positions import put
from ..records.sites import add_organisation, add_site, change_organisation, list_organisations, list_sites
from ..tables import Organisation, Site
from ..tables.places import NormClass, OrganisationKind, Stage
from .asking import Asking, Db, check_fields, own_sites, require
from .shapes import Count, Key, Line, PositionShape, Shape, Text, position_of, refusals

router = APIRouter(prefix="/api/v1/records", tags=["sites"])
Name = Annotated[Line, Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$", examples=["350583001"])]


class SiteFields(Shape):
    """What a site's own manager may say of it."""

    alias: Line = ""
    address: Line = ""
    opening_hours: Line = ""
    holiday_calendar: Line = ""
    open_24h_access: bool | None = None
    guard_24h: bool | None = None
    cctv: bool | None = None
    network_4g: bool | None = None
    plan_marks_aed: bool | None = None
    volunteers_count: Count | None = None
    daily_visitors: Count | None = None
    residents: Count | None = None
    building_floors: Count | None = None
    emergency_phone: Line = ""
    note: Text = ""


class SiteChange(SiteFields):
    """What the office may change of a site; only what is named is changed."""

    version: int | None = None
    name: Name = "-"
    stage: Stage = "standing"
    organisation_id: Key | None = None
    venue_type: Line = ""
    norm_class: NormClass | None = None
    admin_code: Code | None = None
    floor_area_m2: Annotated[float, Field(ge=0, le=1e8)] | None = None
    position: PositionShape | None = None


class SiteIn(SiteChange):
    """A site to add."""

    name: Name


class SiteOut(SiteFields):
    """A site as those who may see the records see it."""

    id: str
    version: int
    name: str
    stage: Stage
    organisation_id: str | None
    venue_type: str
    norm_class: NormClass | None
    admin_code: str | None
    floor_area_m2: float | None
    lon: float | None
    lat: float | None
    coordinate_source: str | None
    coordinate_accuracy_m: float | None


class OrganisationIn(Shape):
    """An organisation."""

    name: Name
    kind: OrganisationKind
    credit_code: Line = ""
    parent_id: Key | None = None
    admin_code: Code | None = None
    address: Line = ""
    duty_phone: Line = ""


class OrganisationChange(Shape):
    """What is changed of an organisation; only what is named."""

    version: int | None = None
    name: Name = "-"
    kind: OrganisationKind = "other"
    credit_code: Line = ""
    parent_id: Key | None = None
    admin_code: Code | None = None
    address: Line = ""
    duty_phone: Line = ""


class OrganisationOut(OrganisationIn):
    """An organisation with its id."""

    id: str
    version: int


@router.get("/sites", responses=refusals())
def see_sites(
    session: Db,
    who: Asking,
    admin_code: Code | None = None,
    stage: Stage | None = None,
    text: Annotated[str, Query(max_length=100)] = "",
) -> list[SiteOut]:
    """Sites; a manager's own only."""
    within = own_sites(who, "see", "site")
    found = list_sites(session, within=within, admin_code=admin_code or "", stage=stage or "", text=text)
    return [_shape(site) for site in found]


@router.get("/sites/{site_id}", responses=refusals(404))
def see_site(site_id: str, session: Db, who: Asking) -> SiteOut:
    """One site."""
    require(who, "see", Thing("site", site=site_id))
    return _shape(find(session, Site, site_id))


@router.post("/sites", status_code=201, responses=refusals(409))
def add(given: SiteIn, session: Db, who: Asking) -> SiteOut:
    """Add a site."""
    values = given.model_dump(exclude={"position", "version"})
    return _shape(add_site(session, Site(**values), position_of(given.position)))


@router.patch("/sites/{site_id}", responses=refusals(404, 409))
def change_site(site_id: str, given: SiteChange, session: Db, who: Asking) -> SiteOut:
    """Change what is named; a manager only what stands in SiteFields, of an own site."""
    require(who, "change", Thing("site", site=site_id))
    check_fields(who, given, SiteFields)
    site = find(session, Site, site_id)
    if "position" in given.model_fields_set:
        put(site, position_of(given.position))
    values = given.model_dump(exclude_unset=True, exclude={"position"})
    return _shape(change(session, site, values))


@router.get("/organisations", responses=refusals())
def see_organisations(session: Db, who: Asking) -> list[OrganisationOut]:
    """All organisations."""
    return [_organisation(one) for one in list_organisations(session)]


@router.post("/organisations", status_code=201, responses=refusals(409))
def add_one_organisation(given: OrganisationIn, session: Db, who: Asking) -> OrganisationOut:
    """Add an organisation."""
    return _organisation(add_organisation(session, Organisation(**given.model_dump())))


@router.patch("/organisations/{organisation_id}", responses=refusals(404, 409))
def change_one_organisation(
    organisation_id: str, given: OrganisationChange, session: Db, who: Asking
) -> OrganisationOut:
    """Change what is named of an organisation."""
    one = find(session, Organisation, organisation_id)
    return _organisation(change_organisation(session, one, given.model_dump(exclude_unset=True)))


def _organisation(one: Organisation) -> OrganisationOut:
    return OrganisationOut(
        id=one.id,
        version=one.version,
        name=one.name,
        kind=one.kind,
        credit_code=one.credit_code,
        parent_id=one.parent_id,
        admin_code=one.admin_code,
        address=one.address,
        duty_phone=one.duty_phone,
    )


def _shape(site: Site) -> SiteOut:
    return SiteOut(**{name: getattr(site, name) for name in SiteOut.model_fields})
