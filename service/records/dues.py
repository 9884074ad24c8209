"""What falls due of everything on record, and who is told of it at each site."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ..facts import day_of
from ..history import RecordSession
from ..reminders import (
    Due,
    Ladder,
    Paper,
    Receiver,
    Reminder,
    Reported,
    device_dues,
    holiday_dues,
    paper_dues,
    report_dues,
)
from ..tables import (
    Account,
    Agreement,
    Certificate,
    Defect,
    Device,
    Person,
    Policy,
    PolicyInsured,
    Site,
    SiteKeeper,
    SitePerson,
    Task,
)
from . import change
from .agreements import state_on
from .device_facts import facts_of
from .reports import list_reports
from .rules import current_norm, current_receivers, unknown_years

CERTIFICATES = {
    "first_aider": ("初级救护员证", "first-aider certificate"),
    "cpr_aed": ("心肺复苏+AED 证", "CPR and AED certificate"),
    "instructor": ("救护师资证", "instructor certificate"),
}
COVERS = {
    "personal_accident": ("人身意外险", "personal accident"),
    "rescuer_liability": ("施救者责任险", "rescuer liability"),
    "equipment_loss": ("设备损失险", "loss of equipment"),
    "event": ("活动险", "event"),
}
CALENDAR_AHEAD = dt.timedelta(days=60)
"""The State Council announces a year's holidays in November of the year before."""


def list_dues(session: Session, on: dt.date) -> list[Due]:
    """All that falls due, whether or not anybody is reminded yet."""
    papers = [*_agreements(session, on), *_policies(session), *_held(session, on)]
    years = unknown_years(session, on, on + CALENDAR_AHEAD)
    return [*_device_dues(session), *paper_dues(papers), *report_dues(_reported(session)), *holiday_dues(years)]


def _device_dues(session: Session) -> list[Due]:
    norm, found = current_norm(session), []
    devices = list(session.scalars(select(Device).where(Device.status.not_in(("planned", "retired")))))
    for device, facts in zip(devices, facts_of(session, devices), strict=True):
        named = replace(facts, name=f"{facts.name} {device.public_code}".strip())
        found += device_dues(named, norm, site_id=device.site_id or "")
    return found


def _reported(session: Session) -> Iterable[Reported]:
    """What the public has said and nobody has seen to yet, by the device's site and code."""
    query = select(Device.id, Device.public_code, Device.site_id, Site.name)
    devices = {row.id: row for row in session.execute(query.join(Site, Device.site_id == Site.id, isouter=True))}
    for one in list_reports(session):
        device, on = devices.get(one.device_id or ""), day_of(one.at)
        if device is None:
            yield Reported(one.id, one.kind, on)
        else:
            name = f"{device.name or ''} {device.public_code}".strip()
            yield Reported(one.id, one.kind, on, name, device.site_id or "", device.id)


def _agreements(session: Session, on: dt.date) -> list[Paper]:
    """Agreements that may end: in force or ended, not renewed by another one or by themselves."""
    renewed = select(Agreement.renews_id).where(Agreement.renews_id.is_not(None))
    query = select(Agreement).where(Agreement.id.not_in(renewed), ~Agreement.auto_renew)
    sites = _sites_of_devices(session)
    found = []
    for agreement in session.scalars(query.options(selectinload(Agreement.things))):
        if state_on(agreement, on) in ("active", "expiring", "expired"):
            about = [thing.site_id or sites.get(thing.device_id or "") for thing in agreement.things]
            site_id = next((site for site in about if site), "")
            names = f"协议 {agreement.number}", f"agreement {agreement.number}"
            found.append(Paper("agreement", agreement.id, *names, agreement.ends_on, site_id))
    return found


def _sites_of_devices(session: Session) -> dict[str, str | None]:
    return {row.id: row.site_id for row in session.execute(select(Device.id, Device.site_id))}


def _policies(session: Session) -> list[Paper]:
    """Policies that are not renewed: of what they insure something is in none of the same cover that ends later."""
    policies = list(session.scalars(select(Policy).order_by(Policy.ends_on, Policy.id)))
    insured = _insured(session)
    found = []
    for number, one in enumerate(policies):
        later = [other for other in policies[number + 1 :] if other.cover == one.cover]
        if not _renewed(one, later, insured):
            zh, en = COVERS[one.cover]
            found.append(Paper("insurance", one.id, f"{zh} {one.policy_no}", f"{en} {one.policy_no}", one.ends_on))
    return found


def _insured(session: Session) -> dict[str, set[str]]:
    """The devices still on record and the people that each policy names; an event is over when its policy ends."""
    found: dict[str, set[str]] = defaultdict(set)
    query = select(PolicyInsured.policy_id, PolicyInsured.device_id, PolicyInsured.person_id, Device.status)
    for row in session.execute(query.join(Device, PolicyInsured.device_id == Device.id, isouter=True)):
        if row.status != "retired" and (row.device_id or row.person_id):
            found[row.policy_id].add(row.device_id or row.person_id)
    return found


def _renewed(one: Policy, later: list[Policy], insured: Mapping[str, set[str]]) -> bool:
    """Whether policies that end later, whoever the insurer, take over all that one insures."""
    if any(other.insured_kind == "all_registered" for other in later):
        return True
    named = {thing for other in later for thing in insured.get(other.id, ())}
    return bool(later) and one.insured_kind != "all_registered" and insured.get(one.id, set()) <= named


def _held(session: Session, on: dt.date) -> list[Paper]:
    """The certificate of each kind that everybody holds longest; a name would say more than a reminder may."""
    here = (SitePerson.person_id == Certificate.person_id) & (
        SitePerson.until_on.is_(None) | (SitePerson.until_on >= on)
    )
    query = select(Certificate, SitePerson.site_id, Site.name).join(Person, Person.id == Certificate.person_id)
    query = query.join(SitePerson, here, isouter=True).join(Site, Site.id == SitePerson.site_id, isouter=True)
    rows = session.execute(query.where(Person.erased_at.is_(None)).order_by(Certificate.id, SitePerson.id)).all()
    last: dict[tuple[str, str], Paper] = {}
    for certificate, site_id, name in sorted(rows, key=lambda row: _holds_until(row[0]) or dt.date.max):
        zh, en = (f"{name or ''} {word}".strip() for word in CERTIFICATES[certificate.kind])
        paper = Paper("certificate", certificate.id, zh, en, _holds_until(certificate), site_id or "")
        last[certificate.person_id, certificate.kind] = paper
    return list(last.values())


def _holds_until(certificate: Certificate) -> dt.date | None:
    """The day it ends, or before that its holder must be trained again."""
    days = (certificate.expires_on, certificate.retrain_due_on)
    return min((day for day in days if day is not None), default=None)


def read_ladder(session: RecordSession, channels: Iterable[str], on: dt.date) -> Ladder:
    """Who is told, as far as there is a way to tell them.

    channels  those that are set up; what waits for others is made once they are

    The managers of a site come first, then whoever its agreement names for the party that keeps it, then those whom the
    office has set for all sites.
    """
    there = set(channels)
    of_all = {
        level: tuple(receiver for receiver in receivers if receiver.channel in there)
        for level, receivers in current_receivers(session).items()
    }
    return Ladder(_of_sites(session, on) if "email" in there else {}, of_all)


def _of_sites(session: RecordSession, on: dt.date) -> dict[tuple[str, int], tuple[Receiver, ...]]:
    found: dict[tuple[str, int], tuple[Receiver, ...]] = {}

    def tell(site_id: str, level: int, person: Person) -> None:
        address = session.safe.open(person.email_sealed)
        receiver = Receiver("email", address)
        if address and receiver not in found.get((site_id, level), ()):
            found[site_id, level] = (*found.get((site_id, level), ()), receiver)

    keepers = select(SiteKeeper.site_id, Person).join(Account, SiteKeeper.account_id == Account.id)
    keepers = keepers.join(Person, Account.person_id == Person.id).where(Account.ended_at.is_(None))
    for site_id, person in session.execute(
        keepers.where((SiteKeeper.until_on.is_(None)) | (SiteKeeper.until_on >= on))
    ):
        tell(site_id, 0, person)
    sites = _sites_of_devices(session)
    hosting = select(Agreement, Person).join(Person, Agreement.contact_b_id == Person.id)
    for agreement, person in session.execute(hosting.options(selectinload(Agreement.things))):
        if state_on(agreement, on) in ("active", "expiring"):
            for thing in agreement.things:
                tell(thing.site_id or sites.get(thing.device_id or "") or "", 1, person)
    return found


def keep_task(session: RecordSession, reminder: Reminder) -> Task:
    """The task of a due thing, made when first somebody is reminded of it."""
    due = reminder.due
    mine = (Task.rule_id == due.rule_id, Task.subject_kind == due.subject_kind, Task.subject_id == due.subject_id)
    task = session.scalar(select(Task).where(*mine, Task.due_on == due.due_on))
    if task is None:
        task = Task(
            rule_id=due.rule_id, subject_kind=due.subject_kind, subject_id=due.subject_id, due_on=due.due_on,
            escalation=reminder.escalation,
        )  # fmt: skip
        session.add(task)
        session.flush()
    change(session, task, {"escalation": reminder.escalation, "done_at": None})
    if due.rule_id == "defect":
        defect = session.get(Defect, due.subject_id)
        if defect is not None:
            change(session, defect, {"escalated_level": reminder.escalation})
    return task


def close_tasks(session: RecordSession, dues: Iterable[Due]) -> int:
    """What no longer falls due is done; how many were closed."""
    open_ = {(due.rule_id, due.subject_kind, due.subject_id, due.due_on) for due in dues}
    closed = 0
    for task in session.scalars(select(Task).where(Task.done_at.is_(None))):
        if (task.rule_id, task.subject_kind, task.subject_id, task.due_on) not in open_:
            task.done_at, closed = session.by.at, closed + 1
    session.flush()
    return closed


def acknowledge(session: RecordSession, due: Due) -> Task:
    """Somebody has seen that something falls due and takes care of it; it stays due until the records say otherwise."""
    task = keep_task(session, Reminder("", due, due.due_on, _level(session, due)))
    return change(session, task, {"acknowledged_at": session.by.at, "acknowledged_by": session.by.account})


def _level(session: Session, due: Due) -> int:
    mine = (Task.rule_id == due.rule_id, Task.subject_kind == due.subject_kind, Task.subject_id == due.subject_id)
    return session.scalar(select(Task.escalation).where(*mine, Task.due_on == due.due_on)) or 0


def list_tasks(session: Session) -> dict[tuple[str, str, str, dt.date], Task]:
    """Tasks that are not done, by rule, subject and due day."""
    tasks = session.scalars(select(Task).where(Task.done_at.is_(None)))
    return {(task.rule_id, task.subject_kind, task.subject_id, task.due_on): task for task in tasks}
