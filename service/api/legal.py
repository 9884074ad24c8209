"""Legal support: the cases that counsel was asked about, and the kit that everybody may read."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from ..records import change, find
from ..records.legal import add_case, add_page, list_cases, list_pages
from ..tables import LegalCase, LegalKitPage
from .asking import Asking, Db
from .shapes import Day, Key, Line, LongText, Shape, Text, refusals, shown

router = APIRouter(prefix="/api/v1", tags=["legal"])
Title = Annotated[Line, Field(min_length=1)]


class CaseChange(Shape):
    """What is changed of a case; only what is named. No names of the rescued."""

    version: int | None = None
    counsel_id: Key | None = None
    incident_id: Key | None = None
    hotline: Line = ""
    topic: Line = ""
    summary: Text = ""
    closed_on: Day | None = None


class CaseIn(CaseChange):
    """A question or case that counsel is asked about."""

    opened_on: Day
    topic: Title


class CaseOut(CaseChange):
    """A case as it stands."""

    id: str
    opened_on: dt.date


class PageIn(Shape):
    """A page of the kit: the text of the law, what evidence to keep; with its source."""

    place: Annotated[int, Field(ge=0, le=1000)] = 0
    title: Title
    text: LongText = ""
    source: Line = ""


class PageChange(PageIn):
    """What is changed of a page; only what is named."""

    version: int | None = None
    title: Title = "-"


class PageOut(PageIn):
    """A page of the kit."""

    id: str
    version: int


@router.get("/legal-kit", responses=refusals())
def see_kit(session: Db, who: Asking) -> list[PageOut]:
    """The kit, page by page; open to everybody."""
    return [shown(PageOut, page) for page in list_pages(session)]


@router.post("/records/legal/kit", status_code=201, responses=refusals())
def add_kit_page(given: PageIn, session: Db, who: Asking) -> PageOut:
    """Add a page to the kit."""
    return shown(PageOut, add_page(session, LegalKitPage(**given.model_dump())))


@router.patch("/records/legal/kit/{page_id}", responses=refusals(404, 409))
def change_kit_page(page_id: str, given: PageChange, session: Db, who: Asking) -> PageOut:
    """Change a page of the kit."""
    return shown(PageOut, change(session, find(session, LegalKitPage, page_id), given.model_dump(exclude_unset=True)))


@router.get("/records/legal/cases", responses=refusals())
def see_cases(session: Db, who: Asking) -> list[CaseOut]:
    """The cases, newest first."""
    return [shown(CaseOut, case) for case in list_cases(session)]


@router.post("/records/legal/cases", status_code=201, responses=refusals(409))
def add_one_case(given: CaseIn, session: Db, who: Asking) -> CaseOut:
    """Note a question or case."""
    return shown(CaseOut, add_case(session, LegalCase(**given.model_dump(exclude={"version"}))))


@router.patch("/records/legal/cases/{case_id}", responses=refusals(404, 409))
def change_case(case_id: str, given: CaseChange, session: Db, who: Asking) -> CaseOut:
    """Say how a case went on."""
    return shown(CaseOut, change(session, find(session, LegalCase, case_id), given.model_dump(exclude_unset=True)))
