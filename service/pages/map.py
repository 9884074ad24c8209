"""GET /map: devices, whom they reach, and when: the county's coverage over the hours of a week."""

from fastapi import APIRouter, Request, Response

from .shell import page

router = APIRouter(include_in_schema=False)


@router.get("/map")
def map_page(request: Request) -> Response:
    """The map of coverage by hour."""
    return page(request, "map.html")
