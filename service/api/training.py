"""Training events and drills, rescue teams, and the roles a site has taken on (培训点、宣传站、先锋岗)."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from ..access import Thing, reach_of
from ..records import change, find
from ..records.sites import add_role, list_roles
from ..records.training import (
    add_event,
    add_team,
    change_event,
    change_team,
    list_events,
    list_members,
    list_teams,
    people_of,
    set_members,
)
from ..tables import RescueTeam, Site, SiteRole, TrainingEvent
from ..tables.places import SiteRoleName
from .asking import Asking, Db, own_sites, require
from .shapes import Count, Day, Key, Keys, Line, Shape, Text, refusals, shown
from .sites import Code

router = APIRouter(prefix="/api/v1/records", tags=["training"])
FIRST, LAST = dt.date(1900, 1, 1), dt.date(2999, 12, 31)


class EventFields(Shape):
    """A course, a drill or an event of publicity."""

    held_on: Day
    site_id: Key | None = None
    admin_code: Code | None = None
    course: Line = ""
    hours: Annotated[float, Field(ge=0, le=1000)] | None = None
    trainer_id: Key | None = None
    drill: bool = False
    device_models: Line = ""
    attended_n: Count | None = None
    passed_n: Count | None = None
    publicity_reach: Count | None = None
    note: Text = ""


People = Annotated[dict[Key, bool | None], Field(max_length=2000, default_factory=dict)]


class EventIn(EventFields):
    """An event, and of those who took part, by id, whether they passed; more may have come than are named."""

    people: People


class EventOut(EventIn):
    """An event as it is kept; who took part is told to those who may see people, names with people only."""

    id: str
    version: int


class TeamIn(Shape):
    """A team of volunteers in a compound, community, school, scenic spot or enterprise."""

    name: Annotated[Line, Field(min_length=1)]
    organisation_id: Key | None = None
    site_id: Key | None = None
    admin_code: Code | None = None
    founded_on: Day | None = None
    members: Keys


class TeamOut(Shape):
    """A team, and how many are in it."""

    id: str
    version: int
    name: str
    organisation_id: str | None
    site_id: str | None
    admin_code: str | None
    founded_on: dt.date | None
    disbanded_on: dt.date | None
    members_n: int


class TeamChange(Shape):
    """What is changed of a team; only what is named. A team that was disbanded keeps its day."""

    version: int | None = None
    name: Annotated[Line, Field(min_length=1)] = "-"
    organisation_id: Key | None = None
    site_id: Key | None = None
    admin_code: Code | None = None
    founded_on: Day | None = None
    disbanded_on: Day | None = None


class MembersShape(Shape):
    """Who is in a team now, by id of person."""

    members: Keys


class EventChange(Shape):
    """What became known of an event later; only what is named. `people`: these and no others took part."""

    version: int | None = None
    held_on: Day = FIRST
    course: Line = ""
    hours: Annotated[float, Field(ge=0, le=1000)] | None = None
    trainer_id: Key | None = None
    device_models: Line = ""
    attended_n: Count | None = None
    passed_n: Count | None = None
    publicity_reach: Count | None = None
    note: Text = ""
    people: People


class RoleIn(Shape):
    """That a site is a training point, a publicity station or a vanguard post, since when."""

    site_id: Key
    role: SiteRoleName
    since_on: Day | None = None


class RoleChange(Shape):
    """Until when a site had a role."""

    until_on: Day | None


class RoleOut(RoleIn):
    """A role of a site."""

    id: str
    until_on: dt.date | None


@router.get("/training", responses=refusals())
def see_events(session: Db, who: Asking, first: Day = FIRST, last: Day = LAST) -> list[EventOut]:
    """Events from one day to another; a manager's only those at own sites."""
    sites = own_sites(who, "see", "training")
    events = list_events(session, first=first, last=last, sites=sites)
    told = reach_of(who, "see", "contact") != "-"  # how somebody did is for those who may know who it was
    people = people_of(session, [event.id for event in events]) if told else {}
    return [shown(EventOut, event, people=people.get(event.id, {})) for event in events]


@router.post("/training", status_code=201, responses=refusals(404, 409))
def add(given: EventIn, session: Db, who: Asking) -> EventOut:
    """Add an event; a manager only at an own site."""
    require(who, "add", Thing("training", site=given.site_id))
    event = TrainingEvent(**given.model_dump(exclude={"people"}))
    return shown(EventOut, add_event(session, event, given.people), people=given.people)


@router.patch("/training/{event_id}", responses=refusals(404, 409))
def change_one_event(event_id: str, given: EventChange, session: Db, who: Asking) -> EventOut:
    """Say what became known later; a manager only of an event at an own site."""
    event = find(session, TrainingEvent, event_id)
    require(who, "change", Thing("training", site=event.site_id))
    people = given.people if "people" in given.model_fields_set else None
    change_event(session, event, given.model_dump(exclude_unset=True, exclude={"people"}), people)
    return shown(EventOut, event, people=people_of(session, [event.id]).get(event.id, {}))


@router.get("/teams", responses=refusals())
def see_teams(session: Db, who: Asking) -> list[TeamOut]:
    """Rescue teams by name."""
    sites = own_sites(who, "see", "team")
    return [shown(TeamOut, team, members_n=n) for team, n in list_teams(session, sites=sites)]


@router.post("/teams", status_code=201, responses=refusals(409))
def add_one_team(given: TeamIn, session: Db, who: Asking) -> TeamOut:
    """Add a rescue team."""
    team = add_team(session, RescueTeam(**given.model_dump(exclude={"members"})), given.members)
    return shown(TeamOut, team, members_n=len(given.members))


@router.patch("/teams/{team_id}", responses=refusals(404, 409))
def change_one_team(team_id: str, given: TeamChange, session: Db, who: Asking) -> TeamOut:
    """Change what is named of a team."""
    team = find(session, RescueTeam, team_id)
    change_team(session, team, given.model_dump(exclude_unset=True))
    return shown(TeamOut, team, members_n=len(list_members(session, team.id)))


@router.get("/teams/{team_id}/members", responses=refusals(404))
def see_members(team_id: str, session: Db, who: Asking) -> MembersShape:
    """Who is in a team now, by id: names are told with people only."""
    team = find(session, RescueTeam, team_id)
    require(who, "see", Thing("team", site=team.site_id))
    return MembersShape(members=list_members(session, team.id))


@router.put("/teams/{team_id}/members", responses=refusals(404, 409))
def change_members(team_id: str, given: MembersShape, session: Db, who: Asking) -> MembersShape:
    """Make these and no others the members from today on; who leaves stays told with the day."""
    team = find(session, RescueTeam, team_id)
    return MembersShape(members=set_members(session, team, given.members))


@router.get("/site-roles", responses=refusals())
def see_roles(session: Db, who: Asking) -> list[RoleOut]:
    """The roles of sites."""
    return [shown(RoleOut, role) for role in list_roles(session, sites=own_sites(who, "see", "team"))]


@router.post("/site-roles", status_code=201, responses=refusals(404))
def add_one_role(given: RoleIn, session: Db, who: Asking) -> RoleOut:
    """Note that a site has taken on a role."""
    find(session, Site, given.site_id)
    return shown(RoleOut, add_role(session, SiteRole(**given.model_dump())))


@router.patch("/site-roles/{role_id}", responses=refusals(404))
def end_role(role_id: str, given: RoleChange, session: Db, who: Asking) -> RoleOut:
    """Say until when a site had a role."""
    return shown(RoleOut, change(session, find(session, SiteRole, role_id), given.model_dump()))
