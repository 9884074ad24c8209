"""GET /api/v1/plan: where the plan proposes new devices, and what the plan is worth."""

from functools import lru_cache

from fastapi import APIRouter, Request, Response

from ..bodies import Body, answer, json_body
from ..published import Published
from . import Current
from .devices import GEOJSON, feature

router = APIRouter()

MEMBERS = (
    "scenario", "title_zh", "title_en", "synthetic", "circle", "standing", "value", "total", "share", "before", "bound",
    "gap", "status",
)  # fmt: skip
"""What is told of the plan's summary."""

EXAMPLE = {
    "type": "FeatureCollection",
    "attribution": ["© OpenStreetMap contributors (ODbL 1.0)"],
    "scenario": "county-20",
    "title_zh": "示例县 20 台",
    "title_en": "Example county, 20 devices",
    "synthetic": True,
    "circle": {"name": "walk-4", "version": "1", "limit_m": 300.0, "words_zh": "…", "words_en": "…"},
    "standing": 12,
    "value": 31.2,
    "total": 60.0,
    "share": 0.52,
    "before": 11.0,
    "bound": 31.5,
    "gap": 0.0095,
    "status": "stopped",
    "features": [
        {
            "type": "Feature",
            "id": "c7",
            "geometry": {"type": "Point", "coordinates": [118.386, 24.96]},
            "properties": {
                "id": "c7", "label": "第一小学", "kind": "school", "kind_zh": "学校", "hours": "", "order": 1,
                "gain": 1.8,
            },
        }
    ],
}  # fmt: skip


@router.get(
    "/api/v1/plan",
    summary="方案 / the plan",
    response_class=Response,
    responses={200: {"description": "GeoJSON (RFC 7946)", "content": {GEOJSON: {"example": EXAMPLE}}}},
)
def plan(request: Request, published: Current) -> Response:
    """The proposed sites in the plan's order; `gain` is what each newly covers. No device hangs there yet."""
    return answer(request, _body(published))


@lru_cache(maxsize=1)
def _body(published: Published) -> Body:
    content = {
        "type": "FeatureCollection",
        "attribution": published.attribution,
        **{name: published.summary[name] for name in MEMBERS},
        "features": [feature(place, {"order": place.order, "gain": place.gain}) for place in published.proposed],
    }
    return json_body(content, GEOJSON)
