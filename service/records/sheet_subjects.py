"""What each sheet reads from the records and writes to them; the rules are those of the subjects themselves.

`load` gives all records of a sheet, with `within` only those of these sites; `read` a record's values by field; `keys` what
names the same record in another file; `write` adds a record, or changes those fields of one that are given.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select

from ..history import RecordSession
from ..sheets.record_sheets import CellError
from ..tables import (
    Agreement,
    Base,
    Certificate,
    Obligation,
    Organisation,
    Person,
    Policy,
    PolicyInsured,
    Site,
    SitePerson,
)
from . import add, change, set_ties
from .agreements import About, add_agreement, change_agreement, list_agreements, set_about
from .people import add_certificate, add_person, change_person, list_certificates, list_people
from .policies import add_policy, change_policy, insured_by, list_policies
from .positions import Position, put
from .sheet_names import Names
from .sites import add_organisation, add_site, list_organisations, list_sites

Values = dict[str, Any]
Within = frozenset[str] | None
PLACE = ("lon", "lat", "crs", "coordinate_accuracy_m")


@dataclass
class Work:
    """One import or export.

    devices  those to give besides those of the sites
    sealed   what personal columns held before, by table and record, then by column, as it is kept
    """

    session: RecordSession
    names: Names
    devices: frozenset[str] = frozenset()
    parts: dict[str, Any] = field(default_factory=dict)
    sealed: dict[str, dict[str, str]] = field(default_factory=dict)

    def remember(self, record: Any, columns: Iterable[str]) -> None:
        """Keep what personal columns of a record hold, which the log does not tell."""
        kept = {column: getattr(record, column) for column in columns}
        self.sealed.setdefault(f"{record.__tablename__} {record.id}", kept)


@dataclass(frozen=True)
class Subject:
    """How one sheet meets the records."""

    load: Callable[[Work, Within], list[Any]]
    read: Callable[[Work, Any], Values]
    keys: Callable[[Values], list[Any]]
    write: Callable[[Work, Any, Values], Any]
    label: Callable[[Values], str]


def plain(table: type[Base], values: Mapping[str, Any]) -> Values:
    """The values that are columns of a table; what was emptied as the table holds it.

    Raises CellError for a column that cannot be empty.
    """
    found: Values = {}
    for name, value in values.items():
        column = table.__table__.columns.get(name)
        if column is None or name in (*PLACE, "id"):
            continue
        if value is None and not column.nullable:
            if not isinstance(column.type, sa.String):
                raise CellError(f"{name} 不能清空", f"{name} cannot be empty")
            value = ""
        found[name] = value
    return found


def place_of(record: Any) -> Values:
    """The position of a site or device as it was given."""
    given = record.coordinate_original or {"lon": record.lon, "lat": record.lat}
    source = record.coordinate_source or ("wgs84" if record.lon is not None else None)
    return {
        "lon": given["lon"], "lat": given["lat"], "crs": source, "coordinate_accuracy_m": record.coordinate_accuracy_m,
    }  # fmt: skip


def position_of(values: Mapping[str, Any], known: Mapping[str, Any]) -> Position | None:
    """The position that cells give, those that are empty as they were.

    Raises CellError when half of it is missing, or nobody says in which coordinate system it is.
    """
    lon, lat, crs, accuracy = (values.get(name, known.get(name)) for name in PLACE)
    if lon is None and lat is None:
        return None
    if lon is None or lat is None:
        raise CellError("经度、纬度缺一", "longitude or latitude is missing")
    moved = any(name in values and values[name] != known.get(name) for name in ("lon", "lat"))
    if crs is None or (moved and "crs" not in values):
        raise CellError("未写明坐标系（WGS-84、GCJ-02 或 BD-09）", "the coordinate system is not declared")
    return Position(float(lon), float(lat), crs, accuracy)


def moves(values: Mapping[str, Any]) -> bool:
    """Whether cells say anything of a position."""
    return any(name in values for name in PLACE)


def _load_organisations(work: Work, within: Within) -> list[Any]:
    return list_organisations(work.session)


def read_plain(record: Any, names: Iterable[str]) -> Values:
    """Some columns of a record, by name."""
    return {name: getattr(record, name) for name in names}


_ORGANISATION = ("name", "kind", "credit_code", "parent_id", "admin_code", "address", "duty_phone")


def _write_organisation(work: Work, record: Any, values: Values) -> Any:
    if record is None:
        return add_organisation(work.session, Organisation(**plain(Organisation, values)))
    return change(work.session, record, plain(Organisation, values))


def _load_sites(work: Work, within: Within) -> list[Any]:
    return list_sites(work.session, within=within)


_SITE = (
    "name", "organisation_id", "stage", "venue_type", "norm_class", "alias", "address", "admin_code", "opening_hours",
    "holiday_calendar", "open_24h_access", "guard_24h", "cctv", "network_4g", "plan_marks_aed", "building_floors",
    "floor_area_m2", "daily_visitors", "residents", "volunteers_count", "emergency_phone", "note",
)  # fmt: skip


def _read_site(work: Work, record: Any) -> Values:
    return read_plain(record, _SITE) | place_of(record)


def _write_site(work: Work, record: Any, values: Values) -> Any:
    if record is None:
        return add_site(work.session, Site(**plain(Site, values)), position_of(values, {}))
    if moves(values):
        put(record, position_of(values, place_of(record)))
    return change(work.session, record, plain(Site, values))


def _load_people(work: Work, within: Within) -> list[Any]:
    found = list_people(work.session, sites=within)
    query = select(SitePerson).where(SitePerson.until_on.is_(None)).order_by(SitePerson.id)
    work.parts["people"] = grouped(work.session.scalars(query), "person_id")
    work.parts["named"] = {one.person.id: one for one in found}
    return [one.person for one in found]


def grouped(rows: Iterable[Any], name: str) -> dict[str, list[Any]]:
    """Rows by one of their columns, each group in the order given."""
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def _read_person(work: Work, record: Any) -> Values:
    named = work.parts["named"][record.id]
    values = read_plain(record, ("organisation_id", "admin_code", "roles", "consent_on", "privacy_scope"))
    sites = [one.site_id for one in work.parts["people"].get(record.id, ())]
    return values | {"name": named.name, "phone": named.phone, "email": named.email, "sites": sites}


def _write_person(work: Work, record: Any, values: Values) -> Any:
    fields = {name: value or "" for name, value in values.items() if name in ("name", "phone", "email")}
    fields |= plain(Person, values)
    if fields.get("roles", 1) is None:
        fields["roles"] = []
    if record is None:
        sealed = {name: fields.pop(name, "") for name in ("name", "phone", "email")}
        return add_person(work.session, Person(**fields), **sealed, sites=tuple(values.get("sites") or ())).person
    work.remember(record, ("name_sealed", "phone_sealed", "email_sealed"))
    change_person(work.session, record, fields)
    if "sites" in values:
        set_ties(
            work.session, work.parts["people"].get(record.id, []), "site_id", values["sites"] or [],
            lambda site: SitePerson(person_id=record.id, site_id=site),
        )  # fmt: skip
    return record


def _load_certificates(work: Work, within: Within) -> list[Any]:
    known = {person.id for person in _load_people(work, within)}
    return [one for one in list_certificates(work.session, sites=within) if one.person_id in known]


_CERTIFICATE = ("person_id", "kind", "issuer_id", "issued_on", "expires_on", "retrain_due_on")


def _read_certificate(work: Work, record: Any) -> Values:
    return read_plain(record, _CERTIFICATE) | {"number": work.session.safe.open(record.number_sealed)}


def _write_certificate(work: Work, record: Any, values: Values) -> Any:
    fields = plain(Certificate, values)
    if record is None:
        return add_certificate(work.session, Certificate(**fields), values.get("number") or "")
    if "number" in values:
        work.remember(record, ("number_sealed",))
        fields["number_sealed"] = work.session.safe.seal(values["number"] or "")
    return change(work.session, record, fields)


def _load_agreements(work: Work, within: Within) -> list[Any]:
    return list_agreements(work.session, sites=within)


_AGREEMENT = (
    "number", "kind", "party_a_id", "party_b_id", "contact_a_id", "contact_b_id", "signed_on", "starts_on", "ends_on",
    "auto_renew", "term_years", "terminated_on", "termination_reason", "note",
)  # fmt: skip


def _read_agreement(work: Work, record: Any) -> Values:
    values = read_plain(record, _AGREEMENT)
    values["sites"] = [thing.site_id for thing in record.things if thing.site_id is not None]
    values["devices"] = [thing.device_id for thing in record.things if thing.device_id is not None]
    return values


def _write_agreement(work: Work, record: Any, values: Values) -> Any:
    fields = plain(Agreement, values)
    sites, devices = (values[name] or [] if name in values else None for name in ("sites", "devices"))
    if record is None:
        return add_agreement(work.session, Agreement(**fields), About(tuple(sites or ()), tuple(devices or ())), [])
    set_about(work.session, record, sites=sites, devices=devices)
    return change_agreement(work.session, record, fields)


def _load_obligations(work: Work, within: Within) -> list[Any]:
    return [one for agreement in list_agreements(work.session, sites=within) for one in agreement.obligations]


_OBLIGATION = ("agreement_id", "code", "owner", "target", "evidence_rule", "note")


def _write_obligation(work: Work, record: Any, values: Values) -> Any:
    if record is None:
        return add(work.session, Obligation(**plain(Obligation, values)))
    return change(work.session, record, plain(Obligation, values))


def _load_policies(work: Work, within: Within) -> list[Any]:
    found = list_policies(work.session, sites=within)
    work.parts["insured"] = insured_by(work.session, [one.id for one in found], sites=within)
    return found


_POLICY = (
    "policy_no", "insurer_id", "cover", "insured_kind", "starts_on", "ends_on", "sum_per_person_fen", "sum_per_event_fen",
    "sum_total_fen", "deductible_fen", "premium_fen", "payer_id", "claim_requirements", "note",
)  # fmt: skip
_INSURED = {"devices": "device_id", "people": "person_id", "events": "training_event_id"}


def _read_policy(work: Work, record: Any) -> Values:
    insured = work.parts["insured"].get(record.id, ())
    named = {
        name: [getattr(one, column) for one in insured if getattr(one, column)] for name, column in _INSURED.items()
    }
    return read_plain(record, _POLICY) | named


def _write_policy(work: Work, record: Any, values: Values) -> Any:
    fields = plain(Policy, values)
    if record is None:
        insured = [PolicyInsured(**{_INSURED[name]: id}) for name in _INSURED for id in values.get(name) or ()]
        return add_policy(work.session, Policy(**fields), insured)
    for name, column in _INSURED.items():
        if name in values:
            rows = [one for one in work.parts["insured"].get(record.id, ()) if getattr(one, column) is not None]
            set_ties(work.session, rows, column, values[name] or [], _named(record.id, column))
    return change_policy(work.session, record, fields)


def _named(policy_id: str, column: str) -> Callable[[str], Base]:
    return lambda id: PolicyInsured(policy_id=policy_id, **{column: id})


def _keyed(*names: str) -> Callable[[Values], list[Any]]:
    """What names a record: some fields together, of which the first must be known."""
    return lambda values: [tuple(values.get(name) or "" for name in names)] if values.get(names[0]) else []


def _called(name: str) -> Callable[[Values], str]:
    return lambda values: str(values.get(name) or "")


SUBJECTS: dict[str, Subject] = {
    "organisations": Subject(
        _load_organisations, lambda work, one: read_plain(one, _ORGANISATION), _keyed("name"), _write_organisation,
        _called("name"),
    ),
    "sites": Subject(_load_sites, _read_site, _keyed("name"), _write_site, _called("name")),
    "people": Subject(_load_people, _read_person, _keyed("name", "phone"), _write_person, _called("name")),
    "certificates": Subject(
        _load_certificates, _read_certificate, _keyed("person_id", "kind", "issued_on"), _write_certificate,
        _called("number"),
    ),
    "agreements": Subject(_load_agreements, _read_agreement, _keyed("number"), _write_agreement, _called("number")),
    "obligations": Subject(
        _load_obligations, lambda work, one: read_plain(one, _OBLIGATION), _keyed("agreement_id", "code", "owner"),
        _write_obligation, _called("code"),
    ),
    "policies": Subject(_load_policies, _read_policy, _keyed("policy_no"), _write_policy, _called("policy_no")),
}  # fmt: skip
"""All sheets but that of devices, which has parts (see sheet_devices.py)."""
