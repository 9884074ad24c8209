"""GET /api/v1/places: places by name, for who cannot share a position."""

from fastapi import APIRouter, Request, Response

from ..bodies import answer
from ..places import places_body
from . import Current
from .devices import Public

router = APIRouter()

EXAMPLE = {
    "places": [
        {"name": "柳城街道", "name_en": "", "kind": "town", "town": "", "lon": 118.386, "lat": 24.96, "initials": "lcjd"},
        {"name": "第一小学", "name_en": "", "kind": "school", "town": "柳城街道", "lon": 118.39, "lat": 24.96,
         "initials": "dyxx"},
    ]
}  # fmt: skip


@router.get(
    "/api/v1/places",
    summary="地名 / places by name",
    response_class=Response,
    responses={200: {"description": "JSON", "content": {"application/json": {"example": EXAMPLE}}}},
)
def places(request: Request, published: Current, public: Public) -> Response:
    """Towns, villages, streets and venues of the county with the initials of their pinyin, the most telling first."""
    return answer(request, places_body(published, public), {"Cache-Control": "public, max-age=3600"})
