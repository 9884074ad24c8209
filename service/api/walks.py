"""GET /api/v1/walks: the streets of a neighbourhood, for phones that find the nearest device by themselves."""

from fastapi import APIRouter, Request, Response

from ..bodies import answer
from ..public.walk_file import walk_body
from . import Current
from .queries import WALKS_PARAMETERS, read_walks

KEPT_S = 86_400
router = APIRouter()

EXAMPLE = {
    "format": 1,
    "centre": [118.39, 24.96],
    "radius_m": 1500,
    "unit_m": 0.1,
    "plane": {"x": [1009000.0, 0.0, 0.0, -8190.0, 0.0], "y": [0.0, 1107800.0, 3717.0, 0.0, 0.0]},
    "nodes": [-120, 40, 300, 5],
    "edges": [0, 1, 0, 1, 150, 30],
}


@router.get(
    "/api/v1/walks",
    summary="附近的街道 / streets of a neighbourhood",
    response_class=Response,
    responses={
        200: {"description": "compact JSON", "content": {"application/json": {"example": EXAMPLE}}},
        422: {"description": "参数有误 / a parameter is wrong"},
    },
    openapi_extra={"parameters": WALKS_PARAMETERS},
)
def walks(request: Request, published: Current) -> Response:
    """Every street within the radius, in whole decimetres told as differences. `plane`: x and y as polynomials a, b, aa,
    ab, bb of longitude and latitude less the centre's. `nodes`: x, y of each. `edges`: of each its first node less that
    of the edge before, its second less its first, the walk less the line drawn, the number of vertices between, and
    x, y of each. Ask with few decimals, so that the same file serves a whole neighbourhood."""
    lon, lat, radius_m = read_walks(request.query_params.multi_items(), published.bounds)
    kept = {"Cache-Control": f"public, max-age={KEPT_S}"}
    return answer(request, walk_body(published, lon, lat, radius_m), kept)
