"""Administrative units, organisations, sites, the roles a site has taken on, and rescue teams."""

import datetime as dt
from typing import Any, Literal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Record, Words, choice, reference

Level = Literal["province", "city", "county", "town", "community", "school"]
OrganisationKind = Literal[
    "red_cross", "government", "school", "company", "property_management", "transport", "hospital", "insurer",
    "law_firm", "volunteer_team", "other",
]  # fmt: skip
NormClass = Literal["I", "II", "III"]
Stage = Literal["proposed", "agreed", "standing", "closed"]
CoordinateSource = Literal["wgs84", "gcj02", "bd09", "map_pick", "address", "plan"]
SiteRoleName = Literal["training_point", "publicity_station", "vanguard_post"]


class AdminUnit(Base):
    """A county, town, community or school by its code (GB/T 2260 and below: 6, 9 or 12 digits)."""

    __tablename__ = "admin_unit"
    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[Words]
    level: Mapped[Level] = choice("level", Level)
    parent_code: Mapped[str | None] = reference("admin_unit.code")
    population: Mapped[int | None]
    population_60_plus: Mapped[int | None]
    area_km2: Mapped[float | None]
    outline: Mapped[dict[str, Any] | None]


class Organisation(Record):
    """Who looks after sites, gives, insures, counsels or rescues. Its people are persons, kept apart."""

    __tablename__ = "organisation"
    name: Mapped[Words]
    kind: Mapped[OrganisationKind] = choice("kind", OrganisationKind)
    credit_code: Mapped[Words]
    parent_id: Mapped[str | None] = reference("organisation.id")
    admin_code: Mapped[str | None] = reference("admin_unit.code")
    address: Mapped[Words]
    duty_phone: Mapped[Words]


class Site(Record):
    """A place that holds or may hold devices; lon and lat in WGS-84 degrees."""

    __tablename__ = "site"
    name: Mapped[Words]
    alias: Mapped[Words]
    stage: Mapped[Stage] = choice("stage", Stage, default="standing")
    organisation_id: Mapped[str | None] = reference("organisation.id")
    venue_type: Mapped[Words]
    norm_class: Mapped[NormClass | None] = choice("norm_class", NormClass, null=True)
    address: Mapped[Words]
    admin_code: Mapped[str | None] = reference("admin_unit.code")
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    coordinate_source: Mapped[CoordinateSource | None] = choice("coordinate_source", CoordinateSource, null=True)
    coordinate_accuracy_m: Mapped[float | None]
    coordinate_original: Mapped[dict[str, Any] | None]
    entrances: Mapped[list[Any] | None]
    building_floors: Mapped[int | None]
    floor_area_m2: Mapped[float | None]
    daily_visitors: Mapped[int | None]
    residents: Mapped[int | None]
    opening_hours: Mapped[Words]
    holiday_calendar: Mapped[Words]
    open_24h_access: Mapped[bool | None]
    guard_24h: Mapped[bool | None]
    cctv: Mapped[bool | None]
    network_4g: Mapped[bool | None]
    plan_marks_aed: Mapped[bool | None]
    volunteers_count: Mapped[int | None]
    emergency_phone: Mapped[Words]
    published_plan_id: Mapped[str | None] = reference("published_plan.id")
    plan_site_id: Mapped[Words]
    note: Mapped[Words]


class SiteRole(Record):
    """A site is a training point, a publicity station or a vanguard post (培训点、宣传站、先锋岗)."""

    __tablename__ = "site_role"
    site_id: Mapped[str] = reference("site.id", null=False)
    role: Mapped[SiteRoleName] = choice("role", SiteRoleName)
    since_on: Mapped[dt.date | None]
    until_on: Mapped[dt.date | None]


class RescueTeam(Record):
    """A team of volunteers in a compound, community, school, scenic spot or enterprise."""

    __tablename__ = "rescue_team"
    name: Mapped[Words]
    organisation_id: Mapped[str | None] = reference("organisation.id")
    site_id: Mapped[str | None] = reference("site.id")
    admin_code: Mapped[str | None] = reference("admin_unit.code")
    founded_on: Mapped[dt.date | None]
    disbanded_on: Mapped[dt.date | None]


class RescueTeamMember(Record):
    """Who is in a rescue team, since and until when."""

    __tablename__ = "rescue_team_member"
    rescue_team_id: Mapped[str] = reference("rescue_team.id", null=False)
    person_id: Mapped[str] = reference("person.id", null=False)
    since_on: Mapped[dt.date | None]
    until_on: Mapped[dt.date | None]
