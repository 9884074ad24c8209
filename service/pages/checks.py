"""The pages of whoever checks devices: the round of today, and the check of one device.

One document serves both: the scripts draw what its address names from the round they have fetched or kept. So it opens
without a network once it has been open before; worker.js keeps it and its files on the phone.
"""

from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse

from ..access import Thing
from ..api.asking import Db, require
from ..bodies import answer
from ..records.reports import find_by_code
from .files import file_body
from .shell import page
from .visitor import Visiting, Visitor

router = APIRouter(include_in_schema=False)

CAMERA = {"Permissions-Policy": "geolocation=(self), camera=(self), microphone=(), payment=()"}
"""A code is scanned by the camera; nothing else of the service asks for it."""


@router.get("/checks/worker.js")
def worker(request: Request) -> Response:
    """What keeps the pages on the phone; one file for both languages, looked at anew each time."""
    return answer(request, file_body("checks_worker.js", "zh"), {"Service-Worker-Allowed": "/checks"})


@router.get("/checks")
def round_page(request: Request, visitor: Visiting) -> Response:
    """The devices to check, the most pressing first, and what waits to be sent."""
    return _document(request, visitor)


@router.get("/checks/{code}")
def check_page(request: Request, code: str, session: Db, visitor: Visiting) -> Response:
    """The check of one device, by its code."""
    device = find_by_code(session, code)
    require(visitor.who, "add", Thing("inspection", site=device.site_id, device=device.id))
    return _document(request, visitor)


def _document(request: Request, visitor: Visitor) -> HTMLResponse:
    made = page(request, "checks.html", visitor=visitor)
    made.headers.update(CAMERA)
    return made
