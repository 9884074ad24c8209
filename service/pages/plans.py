"""GET /plans, /plans/compare, /plans/STUDY: the planner's list of studies, plans side by side, and the desk.

The pages are shells: what they show and change goes through the JSON API, so that every rule stands once.
"""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from .shell import page
from .visitor import Visiting

router = APIRouter(include_in_schema=False)


@router.get("/plans")
def studies(request: Request, visitor: Visiting) -> HTMLResponse:
    """All studies: open one, begin one, copy one."""
    return page(request, "plans/list.html", visitor=visitor)


@router.get("/plans/compare")
def compare(request: Request, visitor: Visiting) -> HTMLResponse:
    """Up to four finished runs side by side; which stands in the address."""
    return page(request, "plans/compare.html", visitor=visitor)


@router.get("/plans/{study_id}")
def desk(request: Request, study_id: str, visitor: Visiting) -> HTMLResponse:
    """The desk of one study: settings, map, findings; the run that is open stands in the address."""
    return page(request, "plans/desk.html", visitor=visitor, study_id=study_id)
