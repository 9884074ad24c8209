"""From a plan to its devices: chosen sites become proposed sites, agreed once an agreement is signed, standing with a device.

Proposing the same plan again adds nothing. Each site keeps which plan it came from and under which id it stood there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..history import RecordSession
from ..nearest import line_metres
from ..published import Place
from ..tables import PublishedPlan, Site
from . import add
from .positions import Position
from .sites import add_site

SAME_M = 100.0
"""A site on record under the id of a plan's site is that one when it lies no further away."""


@dataclass(frozen=True)
class Proposed:
    """A site of a plan as it is on record; `added`: it was not before."""

    site: Site
    order: int
    added: bool


def propose(
    session: RecordSession, summary: Mapping[str, Any], places: Sequence[Place]
) -> tuple[PublishedPlan, list[Proposed]]:
    """Put a plan's chosen sites on record as proposed, in the plan's order; those that are there stay as they are."""
    plan = _plan(session, summary, places)
    known = _known(session, places)
    found = []
    for number, place in enumerate(places, start=1):
        site = next((one for one in known.get(place.id, ()) if _metres(one, place) <= SAME_M), None)
        found.append(Proposed(site or _add(session, plan, place), place.order or number, site is None))
    return plan, found


def _plan(session: RecordSession, summary: Mapping[str, Any], places: Sequence[Place]) -> PublishedPlan:
    """The record of the plan: that of its publication, where it was published here."""
    query = select(PublishedPlan).where(PublishedPlan.scenario == summary["scenario"])
    for one in session.scalars(query.order_by(PublishedPlan.at.desc(), PublishedPlan.id)):
        if one.summary == summary:
            return one
    features = {"type": "FeatureCollection", "features": [_feature(place) for place in places]}
    title = str(summary.get("title_zh") or summary.get("title_en") or summary["scenario"])
    made = PublishedPlan(
        at=session.by.at, scenario=summary["scenario"], title=title, summary=dict(summary), features=features,
        account_id=session.by.account,
    )  # fmt: skip
    return add(session, made)


def _feature(place: Place) -> dict[str, Any]:
    told = {"id": place.id, "label": place.label, "kind": place.kind, "order": place.order, "gain": place.gain}
    where = {"type": "Point", "coordinates": [place.lon, place.lat]}
    return {"type": "Feature", "id": place.id, "geometry": where, "properties": told}


def _known(session: Session, places: Sequence[Place]) -> dict[str, list[Site]]:
    """Sites on record under the ids of a plan's sites."""
    found: dict[str, list[Site]] = {}
    query = select(Site).where(Site.plan_site_id.in_([place.id for place in places])).order_by(Site.id)
    for site in session.scalars(query):
        found.setdefault(site.plan_site_id, []).append(site)
    return found


def _metres(site: Site, place: Place) -> float:
    if site.lon is None or site.lat is None:
        return 0.0
    return float(line_metres(np.array([[site.lon, site.lat]]), place.lon, place.lat)[0])


def _add(session: RecordSession, plan: PublishedPlan, place: Place) -> Site:
    site = Site(
        name=place.label or place.id, stage="proposed", venue_type=place.kind, opening_hours=place.hours,
        published_plan_id=plan.id, plan_site_id=place.id, note=f"{plan.title} 第 {place.order} 位",
    )  # fmt: skip
    return add_site(session, site, Position(place.lon, place.lat, source="plan"))


def list_proposed(session: Session, *, within: frozenset[str] | None = None) -> list[tuple[PublishedPlan, list[Site]]]:
    """Plans with the sites that came from them, the newest first; with `within` only these sites."""
    sites: dict[str, list[Site]] = {}
    query = select(Site).where(Site.published_plan_id.is_not(None)).order_by(Site.id)
    for site in session.scalars(query if within is None else query.where(Site.id.in_(within))):
        sites.setdefault(site.published_plan_id or "", []).append(site)
    plans = session.scalars(select(PublishedPlan).order_by(PublishedPlan.at.desc(), PublishedPlan.id.desc()))
    return [(plan, sites[plan.id]) for plan in plans if plan.id in sites]
