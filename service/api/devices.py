"""GET /api/v1/devices: the standing devices as GeoJSON. A proposed site is no device and never appears here."""

from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Request, Response

from ..bodies import Body, answer, json_body
from ..published import Place, Published
from . import Current

GEOJSON = "application/geo+json"
router = APIRouter()

EXAMPLE = {
    "type": "FeatureCollection",
    "attribution": ["© OpenStreetMap contributors (ODbL 1.0)"],
    "synthetic": False,
    "features": [
        {
            "type": "Feature",
            "id": "d1",
            "geometry": {"type": "Point", "coordinates": [118.386, 24.96]},
            "properties": {
                "id": "d1", "label": "汽车站 一楼服务台", "kind": "transport", "kind_zh": "交通枢纽",
                "hours": "06:00-22:00",
            },
        }
    ],
}  # fmt: skip


@router.get(
    "/api/v1/devices",
    summary="已设设备 / the standing devices",
    response_class=Response,
    responses={200: {"description": "GeoJSON (RFC 7946)", "content": {GEOJSON: {"example": EXAMPLE}}}},
)
def devices(request: Request, published: Current) -> Response:
    """The standing devices, as points. `hours` in OpenStreetMap's opening_hours syntax, empty where unknown."""
    return answer(request, _body(published))


@lru_cache(maxsize=1)
def _body(published: Published) -> Body:
    content = {
        "type": "FeatureCollection",
        "attribution": published.attribution,
        "synthetic": published.summary["synthetic"],
        "features": [feature(place, {}) for place in published.devices],
    }
    return json_body(content, GEOJSON)


def feature(place: Place, more: dict[str, Any]) -> dict[str, Any]:
    """A site as GeoJSON, field by field, so that nothing is shown by accident."""
    return {
        "type": "Feature",
        "id": place.id,
        "geometry": {"type": "Point", "coordinates": [place.lon, place.lat]},
        "properties": {
            "id": place.id,
            "label": place.label,
            "kind": place.kind,
            "kind_zh": place.kind_zh,
            "hours": place.hours,
            **more,
        },
    }
