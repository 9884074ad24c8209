"""What the year's figures and the sites' scores follow from, read from the records."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..facts import COUNTY_TIME, day_of
from ..looks import SIGNS, read_looks
from ..ready.device_days import DeviceDays, device_days
from ..tables import (
    AdminUnit,
    Agreement,
    AgreementThing,
    Attendance,
    Certificate,
    Device,
    Organisation,
    Person,
    RescueTeam,
    Site,
    SitePerson,
    TrainingEvent,
)
from ..tables import Incident as IncidentRow
from ..year.figures import Certified, Incident, PlacedDevice, Town, Training, Unit, YearRecords
from ..year.site_score import SiteScore, SiteYear, site_score
from .agreements import state_on
from .device_facts import all_facts_of
from .policies import find_gaps
from .rules import current_norm

TOWN_DIGITS = 9
ENTERPRISES = ("company", "transport", "property_management")
SCENIC = "scenic"


def town_of(*codes: str | None) -> str:
    """The town of the first code that names one, or something in it; "" when none does."""
    return next((code[:TOWN_DIGITS] for code in codes if code and len(code) >= TOWN_DIGITS), "")


def read_year(session: Session, first: dt.date, last: dt.date) -> YearRecords:
    """All that the figures of a stretch follow from; both days count."""
    places = {row.id: row for row in session.execute(select(Site.id, Site.admin_code, Site.organisation_id))}
    town_of_site = {id: town_of(row.admin_code) for id, row in places.items()}
    devices = list(session.scalars(select(Device)))
    days = days_of(session, devices, first, last)
    placed = tuple(PlacedDevice(days[one.id], town_of_site.get(one.site_id or "", "")) for one in devices)
    town_of_device = {one.id: town_of_site.get(one.site_id or "", "") for one in devices}
    return YearRecords(
        first,
        last,
        devices=placed,
        incidents=tuple(_incidents(session, town_of_site, town_of_device)),
        trainings=tuple(_trainings(session, town_of_site)),
        certificates=tuple(_certificates(session)),
        towns=tuple(
            Town(row.code, row.name, row.population)
            for row in session.scalars(select(AdminUnit).where(AdminUnit.level == "town").order_by(AdminUnit.code))
        ),
        units=tuple(_units(session, last)),
    )


def days_of(session: Session, devices: list[Device], first: dt.date, last: dt.date) -> dict[str, DeviceDays]:
    """Device-days of a stretch, by device."""
    norm = current_norm(session)
    since = dt.datetime.combine(first, dt.time.min, COUNTY_TIME)
    facts = all_facts_of(session, devices, since=since)
    return {one.id: device_days(one, norm, first, last) for one in facts}


def _incidents(session: Session, of_site: Mapping[str, str], of_device: Mapping[str, str]) -> Iterable[Incident]:
    query = select(IncidentRow.at, IncidentRow.site_id, IncidentRow.device_id, IncidentRow.outcome)
    for row in session.execute(query):
        town = of_site.get(row.site_id or "", "") or of_device.get(row.device_id or "", "")
        yield Incident(day_of(row.at), town, row.outcome == "handed_over_alive")


def _trainings(session: Session, of_site: Mapping[str, str]) -> Iterable[Training]:
    """Of an event whose attendance nobody has counted those that are named."""
    named = dict(
        session.execute(select(Attendance.training_event_id, func.count()).group_by(Attendance.training_event_id)).all()  # type: ignore[arg-type]
    )
    for row in session.scalars(select(TrainingEvent)):
        town = town_of(row.admin_code) or of_site.get(row.site_id or "", "")
        attended = row.attended_n if row.attended_n is not None else named.get(row.id, 0)
        yield Training(row.held_on, town, attended, row.drill)


def _certificates(session: Session) -> Iterable[Certified]:
    """A person belongs to the town they were noted with, else to that of their organisation."""
    columns = (Certificate.person_id, Certificate.issued_on, Certificate.expires_on)
    query = select(*columns, Person.admin_code, Organisation.admin_code.label("of_organisation"))
    query = query.join(Person, Certificate.person_id == Person.id)
    query = query.join(Organisation, Person.organisation_id == Organisation.id, isouter=True)
    for row in session.execute(query.where(Certificate.issued_on.is_not(None))):
        yield Certified(row.person_id, row.issued_on, row.expires_on, town_of(row.admin_code, row.of_organisation))


def _units(session: Session, on: dt.date) -> Iterable[Unit]:
    """Townships and communities by their codes; schools and enterprises as organisations; scenic spots as sites.

    A Red Cross organisation stands in a unit by its code, or in a school, enterprise or scenic spot as its child.
    """
    red_cross = session.execute(
        select(Organisation.admin_code, Organisation.parent_id).where(Organisation.kind == "red_cross")
    ).all()
    codes, parents = {row.admin_code for row in red_cross}, {row.parent_id for row in red_cross}
    teams = [team for team in session.scalars(select(RescueTeam)) if _stands(team, on)]
    team_codes, team_sites = {team.admin_code for team in teams}, {team.site_id for team in teams}
    team_organisations = {team.organisation_id for team in teams}
    for row in session.scalars(select(AdminUnit).where(AdminUnit.level.in_(("town", "community")))):
        kind = "township" if row.level == "town" else "community"
        yield Unit(kind, town_of(row.code), row.code in codes, row.code in team_codes)
    kinds = {"school": "school"} | dict.fromkeys(ENTERPRISES, "enterprise")
    for one in session.scalars(select(Organisation).where(Organisation.kind.in_(kinds))):
        yield Unit(kinds[one.kind], town_of(one.admin_code), one.id in parents, one.id in team_organisations)
    for site in session.scalars(select(Site).where(Site.venue_type == SCENIC)):
        has_team = site.id in team_sites or (site.organisation_id or "-") in team_organisations
        yield Unit("scenic", town_of(site.admin_code), (site.organisation_id or "-") in parents, has_team)


def _stands(team: RescueTeam, on: dt.date) -> bool:
    founded = team.founded_on is None or team.founded_on <= on
    return founded and (team.disbanded_on is None or team.disbanded_on > on)


@dataclass(frozen=True)
class ScoredSite:
    """A site and its score of a stretch."""

    site_id: str
    name: str
    score: SiteScore


def list_scores(
    session: Session, first: dt.date, last: dt.date, *, within: frozenset[str] | None = None
) -> list[ScoredSite]:
    """Standing sites and their scores of a stretch, by name; `within`: only these."""
    query = select(Site.id, Site.name).where(Site.stage == "standing").order_by(Site.name, Site.id)
    sites = session.execute(query if within is None else query.where(Site.id.in_(within))).all()
    years = _site_years(session, first, last)
    nothing = SiteYear(0, None, 0, False, False, False, 0)
    return [ScoredSite(row.id, row.name, site_score(years.get(row.id, nothing))) for row in sites]


def _site_years(session: Session, first: dt.date, last: dt.date) -> dict[str, SiteYear]:
    """What each site with a device in service did."""
    devices = list(session.scalars(select(Device).where(Device.site_id.is_not(None))))
    days = days_of(session, devices, first, last)
    by_site: dict[str, list[Device]] = {}
    for device in devices:
        if days[device.id].at_end:
            by_site.setdefault(device.site_id or "", []).append(device)
    gaps = find_gaps(session, last)
    bare, bare_people = set(gaps.devices), {one for people in gaps.volunteers.values() for one in people}
    uncovered = set(_at_sites(session, bare_people, last))
    looks = read_looks(session.connection(), [device.id for device in devices])
    agreed, drills, trained = _agreed(session, last), _drills(session, first, last), _trained(session, last)
    return {
        site: SiteYear(
            devices=len(here),
            checked_share=_share([days[device.id] for device in here]),
            trained=trained[site],
            agreement_in_force=site in agreed or all(device.id in agreed for device in here),
            cover_in_force=site not in uncovered and not any(device.id in bare for device in here),
            signs_ok=all(looks[one.id].get(item, (None, ""))[1] == "ok" for one in here for item in SIGNS),
            drills=drills[site],
        )
        for site, here in by_site.items()
    }


def _share(days: list[DeviceDays]) -> float | None:
    total = sum(one.in_service for one in days)
    return sum(one.checked for one in days) / total if total else None


def _agreed(session: Session, on: dt.date) -> set[str]:
    """Sites and devices, by id, of which an agreement is in force."""
    force = {one.id for one in session.scalars(select(Agreement)) if state_on(one, on) in ("active", "expiring")}
    things = session.execute(select(AgreementThing.agreement_id, AgreementThing.site_id, AgreementThing.device_id))
    return {row.site_id or row.device_id or "" for row in things if row.agreement_id in force}


def _drills(session: Session, first: dt.date, last: dt.date) -> Counter[str]:
    held = select(TrainingEvent.site_id).where(TrainingEvent.drill, TrainingEvent.held_on.between(first, last))
    return Counter(site for site in session.scalars(held) if site is not None)


def _trained(session: Session, on: dt.date) -> Counter[str]:
    """People of each site who hold a certificate on a day."""
    held = session.scalars(
        select(Certificate.person_id).where(
            Certificate.issued_on <= on, Certificate.expires_on.is_(None) | (Certificate.expires_on >= on)
        )
    )
    return _at_sites(session, set(held), on)


def _at_sites(session: Session, people: set[str], on: dt.date) -> Counter[str]:
    """How many of some people belong to each site on a day."""
    here = select(SitePerson.site_id, SitePerson.person_id).distinct()
    current = session.execute(here.where(SitePerson.until_on.is_(None) | (SitePerson.until_on >= on)))
    return Counter(row.site_id for row in current if row.person_id in people)
