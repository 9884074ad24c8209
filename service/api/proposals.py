"""The plan that is served becomes proposed sites; which sites came from which plan, and how far they have come."""

import datetime as dt

from fastapi import APIRouter

from ..records.proposals import list_proposed, propose
from ..tables import PublishedPlan, Site
from ..tables.places import Stage
from . import Current
from .asking import Asking, Db, own_sites
from .shapes import Shape, refusals, shown

router = APIRouter(prefix="/api/v1/records/proposals", tags=["sites"])


class SiteOfPlan(Shape):
    """A site that came from a plan. `order`: its place there, where that is asked; `added`: just now."""

    id: str
    name: str
    stage: Stage
    plan_site_id: str
    order: int | None = None
    added: bool = False


class ProposalOut(Shape):
    """A plan and the sites that came from it."""

    id: str
    scenario: str
    title: str
    at: dt.datetime
    sites: list[SiteOfPlan]


@router.get("", responses=refusals())
def see_proposals(session: Db, who: Asking) -> list[ProposalOut]:
    """Plans with the sites that came from them, the newest first; a manager's own sites only."""
    found = list_proposed(session, within=own_sites(who, "see", "site"))
    return [_shape(plan, [_site(site) for site in sites]) for plan, sites in found]


@router.post("", responses=refusals(409))
def add_proposal(published: Current, session: Db, who: Asking) -> ProposalOut:
    """Put the chosen sites of the plan that is served on record as proposed; those that are there stay as they are."""
    plan, found = propose(session, published.summary, published.proposed)
    return _shape(plan, [_site(one.site, order=one.order, added=one.added) for one in found])


def _site(site: Site, *, order: int | None = None, added: bool = False) -> SiteOfPlan:
    return shown(SiteOfPlan, site, order=order, added=added)


def _shape(plan: PublishedPlan, sites: list[SiteOfPlan]) -> ProposalOut:
    return shown(ProposalOut, plan, sites=sites)
