"""Sites, the organisations that look after them, and the administrative units they lie in."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ..history import RecordSession
from ..tables import AdminUnit, Organisation, Site, SiteRole
from . import Fault, add, change, refuse
from .positions import Position, put

LEVEL_OF_LENGTH = {2: "province", 4: "city", 6: "county", 9: "town", 12: "community"}
"""Codes of GB/T 2260 and GB/T 10114 by their number of digits."""


def add_admin_unit(session: RecordSession, unit: AdminUnit) -> AdminUnit:
    """Add a unit; the one it belongs to follows from its code when that is there.

    Raises ServiceError 422 when the code is none.
    """
    refuse(_code_faults(unit.code))
    if unit.level is None:
        unit.level = LEVEL_OF_LENGTH[len(unit.code)]  # type: ignore[assignment]
    if unit.parent_code is None:
        above = [unit.code[:length] for length in sorted(LEVEL_OF_LENGTH) if length < len(unit.code)]
        known = session.scalars(select(AdminUnit.code).where(AdminUnit.code.in_(above)))
        unit.parent_code = max(known, key=len, default=None)
    return add(session, unit)


def _code_faults(code: str) -> list[Fault]:
    if code.isascii() and code.isdigit() and len(code) in LEVEL_OF_LENGTH:
        return []
    return [(f"行政区划代码“{code}”应为 2、4、6、9 或 12 位数字", f"{code!r} is no code of 2, 4, 6, 9 or 12 digits")]


def add_organisation(session: RecordSession, organisation: Organisation) -> Organisation:
    """Add an organisation."""
    refuse(_name_faults(organisation.name))
    return add(session, organisation)


def change_organisation(session: RecordSession, organisation: Organisation, values: Mapping[str, Any]) -> Organisation:
    """Change some fields of an organisation.

    Raises ServiceError 422 when it would have no name or stand under itself, 409 when somebody was faster.
    """
    change(session, organisation, values)
    refuse(_name_faults(organisation.name) + _parent_faults(session, organisation))
    return organisation


def _parent_faults(session: Session, organisation: Organisation) -> list[Fault]:
    above, seen = organisation.parent_id, {organisation.id}
    while above is not None and above not in seen:
        seen.add(above)
        above = session.scalar(select(Organisation.parent_id).where(Organisation.id == above))
    return [] if above is None else [("上级单位不能是自己或下级", "an organisation cannot stand under itself")]


def list_organisations(session: Session) -> list[Organisation]:
    """All organisations by name."""
    return list(session.scalars(select(Organisation).order_by(Organisation.name, Organisation.id)))


def add_site(session: RecordSession, site: Site, position: Position | None) -> Site:
    """Add a site.

    Raises ServiceError 422 when it has no name or lies outside the world.
    """
    refuse(_name_faults(site.name))
    put(site, position)
    return add(session, site)


def list_sites(
    session: Session, *, within: frozenset[str] | None = None, admin_code: str = "", stage: str = "", text: str = ""
) -> list[Site]:
    """Sites by name.

    within      only these; None: all
    admin_code  of a unit and all that lies in it: its beginning
    text        somewhere in the name, alias or address
    """
    query = select(Site).order_by(Site.name, Site.id)
    if within is not None:
        query = query.where(Site.id.in_(within))
    if admin_code:
        query = query.where(Site.admin_code.startswith(admin_code, autoescape=True))
    if stage:
        query = query.where(Site.stage == stage)
    if text:
        query = query.where(_holds(text))
    return list(session.scalars(query))


def _holds(text: str) -> ColumnElement[bool]:
    columns = (Site.name, Site.alias, Site.address)
    found = [column.icontains(text, autoescape=True) for column in columns]
    return found[0] | found[1] | found[2]


def add_role(session: RecordSession, role: SiteRole) -> SiteRole:
    """Note that a site is a training point, a publicity station or a vanguard post."""
    return add(session, role)


def list_roles(session: Session, *, sites: frozenset[str] | None = None) -> list[SiteRole]:
    """The roles of sites; with `sites` only of these."""
    query = select(SiteRole).order_by(SiteRole.site_id, SiteRole.role, SiteRole.id)
    return list(session.scalars(query if sites is None else query.where(SiteRole.site_id.in_(sites))))


def list_units(session: Session) -> list[AdminUnit]:
    """The administrative units by code."""
    return list(session.scalars(select(AdminUnit).order_by(AdminUnit.code)))


def _name_faults(name: str) -> list[Fault]:
    return [] if name.strip() else [("名称不能为空", "the name is empty")]
