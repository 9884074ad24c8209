"""People: names and phones sealed at rest, told only to those who may see them; one person exported, or erased."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ..accounts import end_account
from ..facts import day_of
from ..history import RecordSession
from ..tables import (
    Account,
    Agreement,
    Attendance,
    Certificate,
    Funding,
    Incident,
    Inspection,
    Notice,
    Person,
    PolicyInsured,
    RescueTeamMember,
    SheetImport,
    Site,
    SitePerson,
    TrainingEvent,
)
from . import add, change, find, refuse

SEALED = ("name", "phone", "email")


@dataclass(frozen=True)
class Named:
    """A person with name, phone and e-mail address, opened."""

    person: Person
    name: str
    phone: str
    email: str = ""


def add_person(
    session: RecordSession, person: Person, *, name: str, phone: str, email: str = "", sites: tuple[str, ...] = ()
) -> Named:
    """Add a person, and the sites they keep or serve.

    Raises ServiceError 422 without a name.
    """
    if not name.strip():
        refuse([("姓名不能为空", "the name is empty")])
    person.name_sealed, person.phone_sealed = session.safe.seal(name), session.safe.seal(phone)
    person.email_sealed = session.safe.seal(email)
    person.roles = person.roles or []
    add(session, person)
    session.add_all(SitePerson(site_id=site, person_id=person.id, since_on=person.consent_on) for site in sites)
    session.flush()
    return Named(person, name, phone, email)


def change_person(session: RecordSession, person: Person, values: Mapping[str, Any]) -> Named:
    """Change some fields; `name`, `phone` and `email` among them are sealed."""
    before = name(session, person)
    plain = {field: value for field, value in values.items() if field not in SEALED}
    sealed = {
        f"{field}_sealed": session.safe.seal(values[field])
        for field in SEALED
        if field in values and values[field] != getattr(before, field)
    }
    return name(session, change(session, person, plain | sealed))


def name(session: RecordSession, person: Person) -> Named:
    """A person with name, phone and e-mail address."""
    return Named(person, *(session.safe.open(getattr(person, f"{field}_sealed")) for field in SEALED))


def list_people(session: RecordSession, *, sites: frozenset[str] | None = None) -> list[Named]:
    """People that were not erased, by name; with `sites` only those of these sites."""
    query = select(Person).where(Person.erased_at.is_(None))
    if sites is not None:
        query = query.where(Person.id.in_(select(SitePerson.person_id).where(SitePerson.site_id.in_(sites))))
    return sorted((name(session, person) for person in session.scalars(query)), key=lambda n: (n.name, n.person.id))


def sites_of(session: Session, person_id: str) -> frozenset[str]:
    """The sites that a person keeps or serves."""
    return frozenset(session.scalars(select(SitePerson.site_id).where(SitePerson.person_id == person_id)))


def add_certificate(session: RecordSession, certificate: Certificate, number: str) -> Certificate:
    """Add a certificate; its number tells who somebody is, so it is sealed."""
    certificate.number_sealed = session.safe.seal(number)
    return add(session, certificate)


def change_certificate(session: RecordSession, certificate: Certificate, values: Mapping[str, Any]) -> Certificate:
    """Change some fields of a certificate; `number` among them is sealed."""
    fields = dict(values)
    number = fields.pop("number", None)
    if number is not None and number != session.safe.open(certificate.number_sealed):
        fields["number_sealed"] = session.safe.seal(number)
    return change(session, certificate, fields)


def set_sites(session: RecordSession, person: Person, sites: list[str]) -> list[str]:
    """Make these and no others the sites that a person keeps or serves from today on; those of now."""
    on = day_of(session.by.at)
    query = select(SitePerson).where(SitePerson.person_id == person.id, SitePerson.until_on.is_(None))
    there = {one.site_id: one for one in session.scalars(query)}
    for site, one in there.items():
        if site not in sites:
            change(session, one, {"until_on": on})
    for site in dict.fromkeys(sites):
        if site not in there:
            find(session, Site, site)
            add(session, SitePerson(site_id=site, person_id=person.id, since_on=on))
    return sorted(sites)


def list_certificates(
    session: Session, *, sites: frozenset[str] | None = None, person_id: str = ""
) -> list[Certificate]:
    """Certificates, those that expire first first; with `sites` only of people there."""
    query = select(Certificate).order_by(Certificate.expires_on.is_(None), Certificate.expires_on, Certificate.id)
    if sites is not None:
        query = query.where(
            Certificate.person_id.in_(select(SitePerson.person_id).where(SitePerson.site_id.in_(sites)))
        )
    return list(session.scalars(query.where(Certificate.person_id == person_id) if person_id else query))


def export_person(session: RecordSession, person: Person) -> dict[str, Any]:
    """All that is kept of a person, for that person: what JSON can hold."""
    named = name(session, person)
    certificates = session.scalars(select(Certificate).where(Certificate.person_id == person.id))
    return {
        "id": person.id,
        "name": named.name,
        "phone": named.phone,
        "email": named.email,
        "organisation_id": person.organisation_id,
        "admin_code": person.admin_code,
        "roles": person.roles,
        "privacy_scope": person.privacy_scope,
        "consent_on": person.consent_on and person.consent_on.isoformat(),
        "sites": sorted(sites_of(session, person.id)),
        "accounts": list(session.scalars(select(Account.name).where(Account.person_id == person.id))),
        "certificates": [
            {
                "kind": certificate.kind,
                "number": session.safe.open(certificate.number_sealed),
                "issued_on": certificate.issued_on and certificate.issued_on.isoformat(),
                "expires_on": certificate.expires_on and certificate.expires_on.isoformat(),
            }
            for certificate in certificates
        ],
        **{told: _ids(session, person.id, *columns) for told, columns in NAMED_IN.items()},
    }


NAMED_IN: dict[str, tuple[Any, ...]] = {
    "trainings": (Attendance.training_event_id, Attendance.person_id),
    "trainings_led": (TrainingEvent.id, TrainingEvent.trainer_id),
    "rescue_teams": (RescueTeamMember.rescue_team_id, RescueTeamMember.person_id),
    "inspections": (Inspection.id, Inspection.person_id),
    "incidents_reported": (Incident.id, Incident.reported_by),
    "agreements": (Agreement.id, Agreement.contact_a_id, Agreement.contact_b_id),
    "policies": (PolicyInsured.policy_id, PolicyInsured.person_id),
    "funding": (Funding.id, Funding.person_id),
}
"""Where else a person is named: what is told of it, and the columns that name people."""


def _ids(session: Session, person_id: str, told: Any, *columns: Any) -> list[str]:
    return list(session.scalars(select(told).where(or_(*(column == person_id for column in columns))).order_by(told)))


def erase_person(session: RecordSession, person: Person) -> None:
    """Forget who a person is: name, phone, numbers and sign-in names go; what they did stays, done by nobody named."""
    _forget_mail(session, session.safe.open(person.email_sealed))
    certificates = session.scalars(select(Certificate).where(Certificate.person_id == person.id)).all()
    for certificate in certificates:
        certificate.number_sealed = ""
    _forget_sheets(session, {f"person {person.id}", *(f"certificate {one.id}" for one in certificates)})
    for account in session.scalars(select(Account).where(Account.person_id == person.id)):
        account.name, account.password_hash = f"erased-{account.id}", ""
        end_account(session, account)
    person.name_sealed = person.phone_sealed = person.email_sealed = person.privacy_scope = ""
    person.organisation_id = person.admin_code = person.consent_on = None
    person.roles = []
    person.erased_at = session.by.at
    session.flush()


def _forget_mail(session: RecordSession, address: str) -> None:
    """Messages to an address that wait are not sent, and of the others nobody can tell any more to whom they went."""
    query = select(Notice).where(Notice.channel == "email", Notice.receiver_sealed != "")
    for notice in session.scalars(query) if address else ():
        if session.safe.open(notice.receiver_sealed) == address:
            notice.receiver_sealed = ""
            if notice.state != "sent":
                session.delete(notice)


def _forget_sheets(session: RecordSession, mine: set[str]) -> None:
    """What imports keep: of those taken in what some records held before; of those that wait the whole file.

    Names may stand anywhere in a file; who sent it has it still and can send it again.
    """
    for one in session.scalars(select(SheetImport).where(SheetImport.state != "undone")):
        if one.state == "previewed":
            session.delete(one)
        elif one.before_sealed:
            before = json.loads(session.safe.open(one.before_sealed))
            left = {name: kept for name, kept in before.items() if name not in mine}
            if left != before:
                one.before_sealed = session.safe.seal(json.dumps(left))
