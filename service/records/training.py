"""Training events and drills, who took part, and rescue teams."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..facts import day_of
from ..history import RecordSession
from ..tables import Attendance, Person, RescueTeam, RescueTeamMember, TrainingEvent
from . import Fault, add, change, find, period_faults, refuse


def add_event(session: RecordSession, event: TrainingEvent, people: dict[str, bool | None]) -> TrainingEvent:
    """Add a training event or drill.

    people  by id, who took part and whether they passed; more may have come than are named

    Raises ServiceError 422 when the numbers cannot be.
    """
    refuse(_faults(event, people))
    add(session, event)
    session.add_all(
        Attendance(training_event_id=event.id, person_id=person, passed=passed) for person, passed in people.items()
    )
    session.flush()
    return event


def _faults(event: TrainingEvent, people: Mapping[str, bool | None]) -> list[Fault]:
    faults = []
    attended = event.attended_n if event.attended_n is not None else len(people)
    if attended < len(people):
        faults.append(("参加人数少于名单人数", "more are named than came"))
    if event.passed_n is not None and event.passed_n > attended:
        faults.append(("合格人数多于参加人数", "more passed than came"))
    return faults


def change_event(
    session: RecordSession,
    event: TrainingEvent,
    values: Mapping[str, Any],
    people: Mapping[str, bool | None] | None = None,
) -> TrainingEvent:
    """Say what became known of an event later.

    people  these and no others took part; None: those who are named already

    Raises ServiceError 422 when the numbers cannot be, 409 when somebody was faster.
    """
    change(session, event, values)
    if people is not None:
        _set_people(session, event, people)
    refuse(_faults(event, people_of(session, [event.id]).get(event.id, {})))
    return event


def _set_people(session: RecordSession, event: TrainingEvent, people: Mapping[str, bool | None]) -> None:
    named = session.scalars(select(Attendance).where(Attendance.training_event_id == event.id))
    there = {one.person_id: one for one in named}
    for person, one in there.items():
        if person not in people:
            session.delete(one)
    for person, passed in people.items():
        if person in there:
            change(session, there[person], {"passed": passed})
        else:
            session.add(Attendance(training_event_id=event.id, person_id=person, passed=passed))
    session.flush()


def people_of(session: Session, events: list[str]) -> dict[str, dict[str, bool | None]]:
    """Of each event who took part, by id, and whether they passed."""
    found: dict[str, dict[str, bool | None]] = {}
    query = select(Attendance).where(Attendance.training_event_id.in_(events)).order_by(Attendance.id)
    for one in session.scalars(query):
        found.setdefault(one.training_event_id, {})[one.person_id] = one.passed
    return found


def list_events(
    session: Session, *, first: dt.date = dt.date.min, last: dt.date = dt.date.max, sites: frozenset[str] | None = None
) -> list[TrainingEvent]:
    """Training events from one day to another, both included; with `sites` only those there."""
    query = select(TrainingEvent).where(TrainingEvent.held_on.between(first, last))
    if sites is not None:
        query = query.where(TrainingEvent.site_id.in_(sites))
    return list(session.scalars(query.order_by(TrainingEvent.held_on, TrainingEvent.id)))


def add_team(session: RecordSession, team: RescueTeam, members: list[str]) -> RescueTeam:
    """Add a rescue team with its members, by id."""
    add(session, team)
    session.add_all(RescueTeamMember(rescue_team_id=team.id, person_id=person) for person in members)
    session.flush()
    return team


def change_team(session: RecordSession, team: RescueTeam, values: Mapping[str, Any]) -> RescueTeam:
    """Change some fields of a team.

    Raises ServiceError 422 when it would end before it began, 409 when somebody was faster.
    """
    change(session, team, values)
    refuse(period_faults(team.founded_on, team.disbanded_on))
    return team


def list_members(session: Session, team_id: str) -> list[str]:
    """Who is in a team now, by id, in the order in which they came."""
    query = select(RescueTeamMember.person_id).where(RescueTeamMember.rescue_team_id == team_id)
    return list(session.scalars(query.where(RescueTeamMember.until_on.is_(None)).order_by(RescueTeamMember.id)))


def set_members(session: RecordSession, team: RescueTeam, people: list[str]) -> list[str]:
    """Make these and no others the members from today on; who is there now."""
    on = day_of(session.by.at)
    query = select(RescueTeamMember).where(RescueTeamMember.rescue_team_id == team.id)
    there = {one.person_id: one for one in session.scalars(query.where(RescueTeamMember.until_on.is_(None)))}
    for person, member in there.items():
        if person not in people:
            change(session, member, {"until_on": on})
    for person in dict.fromkeys(people):
        if person not in there:
            find(session, Person, person)
            add(session, RescueTeamMember(rescue_team_id=team.id, person_id=person, since_on=on))
    return list_members(session, team.id)


def list_teams(session: Session, *, sites: frozenset[str] | None = None) -> list[tuple[RescueTeam, int]]:
    """Rescue teams by name, each with how many are in it; with `sites` only those there."""
    mine = RescueTeamMember.rescue_team_id == RescueTeam.id
    members = select(func.count()).where(mine, RescueTeamMember.until_on.is_(None)).scalar_subquery()
    query = select(RescueTeam, members).order_by(RescueTeam.name, RescueTeam.id)
    if sites is not None:
        query = query.where(RescueTeam.site_id.in_(sites))
    return [(team, count) for team, count in session.execute(query)]
