"""People: names and phones, for those who may see them; a person exported, or erased."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from ..access import Kind, Thing, Verb, Who
from ..history import RecordSession
from ..records import find
from ..records.people import (
    SEALED,
    Named,
    add_person,
    change_person,
    erase_person,
    export_person,
    list_people,
    set_sites,
    sites_of,
)
from ..tables import Person
from ..tables.people import PersonRole
from .asking import Asking, Db, own_sites, require
from .shapes import Day, Key, Keys, Line, Shape, refusals
from .sites import Code

router = APIRouter(prefix="/api/v1/records/people", tags=["people"])
Name = Annotated[Line, Field(min_length=1, max_length=100)]
Phone = Annotated[str, Field(max_length=32, pattern=r"^[0-9 +()-]*$", examples=["138 0000 0000"])]
Email = Annotated[str, Field(max_length=200, pattern=r"^([^@\s<>,;]+@[^@\s<>,;]+)?$", examples=["a@example.org"])]
Roles = Annotated[list[PersonRole], Field(max_length=10, default_factory=list)]


class PersonChange(Shape):
    """What is changed of a person; only what is named."""

    version: int | None = None
    name: Name = "-"
    phone: Phone = ""
    email: Email = ""
    organisation_id: Key | None = None
    admin_code: Code | None = None
    roles: Roles
    consent_on: Day | None = None
    privacy_scope: Line = ""


class SitesShape(Shape):
    """The sites that a person keeps or serves now, by id."""

    sites: Keys


class PersonIn(PersonChange):
    """A person to add, and the sites they keep or serve."""

    name: Name
    sites: Keys


class PersonOut(PersonChange):
    """A person as those who may see people see them."""

    id: str
    erased_at: dt.datetime | None


@router.get("", responses=refusals())
def see_people(session: Db, who: Asking) -> list[PersonOut]:
    """People; a manager's only those of own sites."""
    return [_shape(named) for named in list_people(session, sites=own_sites(who, "see", "contact"))]


@router.get("/{person_id}", responses=refusals(404))
def see_person(person_id: str, session: Db, who: Asking) -> dict[str, Any]:
    """All that is kept of a person: what they are given when they ask."""
    return export_person(session, _found(session, who, "see", person_id))


@router.post("", status_code=201, responses=refusals(404, 409))
def add(given: PersonIn, session: Db, who: Asking) -> PersonOut:
    """Add a person; a manager only to own sites."""
    for site in given.sites:
        require(who, "add", Thing("person", site=site))
    if not given.sites:
        require(who, "add", Thing("person"))
    person = Person(**given.model_dump(exclude={"name", "phone", "email", "sites", "version"}))
    sealed = {"name": given.name, "phone": given.phone, "email": given.email}
    return _shape(add_person(session, person, **sealed, sites=tuple(given.sites)))


@router.patch("/{person_id}", responses=refusals(404, 409))
def change(person_id: str, given: PersonChange, session: Db, who: Asking) -> PersonOut:
    """Change what is named."""
    person = _found(session, who, "change", person_id)
    return _shape(change_person(session, person, given.model_dump(exclude_unset=True)))


@router.put("/{person_id}/sites", responses=refusals(404, 409))
def change_sites(person_id: str, given: SitesShape, session: Db, who: Asking) -> SitesShape:
    """Make these and no others the sites that a person keeps or serves from today on; a manager only own sites."""
    person = _found(session, who, "change", person_id)
    for site in {*given.sites, *sites_of(session, person.id)}:
        require(who, "change", Thing("person", site=site))
    return SitesShape(sites=set_sites(session, person, given.sites))


@router.delete("/{person_id}", status_code=204, responses=refusals(404))
def erase(person_id: str, session: Db, who: Asking) -> None:
    """Forget who a person is; what they did stays."""
    erase_person(session, _found(session, who, "erase", person_id))


def _found(session: RecordSession, who: Who, verb: Verb, person_id: str) -> Person:
    person = find(session, Person, person_id)
    kind: Kind = "contact" if verb == "see" else "person"
    require(who, verb, Thing(kind), *(Thing(kind, site=site) for site in sites_of(session, person_id)))
    return person


_PLAIN = [field for field in PersonOut.model_fields if field not in SEALED]


def _shape(named: Named) -> PersonOut:
    plain = {field: getattr(named.person, field) for field in _PLAIN}
    return PersonOut(name=named.name, phone=named.phone, email=named.email, **plain)
