"""The office: what is due, the records of every subject, figures and settings. Each module holds a subject's pages.

Pages read through the JSON interface's own functions, so that they show what a role may see and nothing else; they change
things only by asking that interface, so that every rule stands once.
"""

from fastapi import APIRouter

from . import (
    accounts,
    agreements,
    checks,
    devices,
    figures,
    imports,
    incidents,
    legal,
    log,
    me,
    organisations,
    people,
    policies,
    reports,
    settings,
    sites,
    training,
    work,
)

router = APIRouter()
for _room in (
    work, reports, checks, incidents, devices, sites, agreements, policies, people, training, organisations, legal, figures,
    imports, settings, accounts, log, me,
):  # fmt: skip
    router.include_router(_room.router)
