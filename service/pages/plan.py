"""The pages of the published plan: its map and report as they were written."""

from fastapi import APIRouter, Request, Response

from ..api import Current
from ..bodies import answer
from .shell import INLINE_POLICY

router = APIRouter(include_in_schema=False)


@router.get("/plan")
def map_page(request: Request, published: Current) -> Response:
    """The plan's map, as it was written."""
    return answer(request, published.map, {"Content-Security-Policy": INLINE_POLICY})


@router.get("/report")
def report_page(request: Request, published: Current) -> Response:
    """The plan's report, as it was written."""
    return answer(request, published.report, {"Content-Security-Policy": INLINE_POLICY})
