"""GET /basemap: what a page needs to draw the map of the county; GET /basemap/...: the base map itself."""

from functools import lru_cache
from typing import Any

import numpy as np
from fastapi import APIRouter, Request, Response
from starlette.responses import FileResponse, JSONResponse

from aedplan.coordinates import unproject
from aedplan.network import KINDS

from ..bodies import Body, answer, json_body
from ..errors import error_of_status
from ..mapping.basemaps import Basemaps
from ..mapping.tile_services import TileService
from ..published import Published
from .files import static
from .shell import language_of

router = APIRouter(include_in_schema=False)
SCRIPTS = {"leaflet": "leaflet.js", "protomaps": "protomaps-leaflet.js"}
STYLES = ("leaflet.css", "map.css")
STREETS = "streets.geojson"


@router.get("/basemap")
def basemap(request: Request) -> Response:
    """Where the base map and what draws it are found, what it shows, and whom it comes from.

    state  of our own base map: "making" until it is "ready"; "failed": there is none, the streets are drawn instead
    """
    published: Published = request.app.state.shelf.current()
    service: TileService | None = request.app.state.tile_service
    language = language_of(request)
    content: dict[str, Any] = {
        "bounds": published.bounds,
        "synthetic": published.summary["synthetic"],
        "attribution": published.attribution,
        "scripts": {name: static(file, language) for name, file in SCRIPTS.items()},
        "styles": [static(file, language) for file in STYLES],
        "streets": f"/basemap/{STREETS}",
        **(their_tiles(service) if service else _own(request.app.state.basemaps)),
    }
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


def _own(basemaps: Basemaps) -> dict[str, Any]:
    found = basemaps.current()
    return {"provider": "own", "system": "wgs84", "state": found.state, "tiles": [f"/basemap/{found.version}.pmtiles"]}


def their_tiles(service: TileService) -> dict[str, Any]:
    return {
        "provider": service.provider,
        "system": service.system,
        "state": "ready",
        "tiles": service.tiles,
        "subdomains": service.subdomains,
        "name_zh": service.name_zh,
        "name_en": service.name_en,
        "approval": service.approval,
    }


@router.get("/basemap/{name}")
def basemap_file(request: Request, name: str) -> Response:
    """The base map, whole or by ranges of bytes; or the streets alone, for a page that cannot draw it."""
    if name == STREETS:
        return answer(request, _streets(request.app.state.shelf.current()))
    path = request.app.state.basemaps.find(name.removesuffix(".pmtiles"))
    if path is None or not name.endswith(".pmtiles"):
        raise error_of_status(404)
    kept = {"Cache-Control": "public, max-age=31536000, immutable", "ETag": f'"{path.stem}"'}
    if request.headers.get("if-none-match") == kept["ETag"]:
        return Response(status_code=304, headers=kept)
    return FileResponse(path, media_type="application/vnd.pmtiles", headers=kept)


@lru_cache(maxsize=1)
def _streets(published: Published) -> Body:
    """All streets, as one feature for each kind; degrees to a metre."""
    streets = published.streets
    lonlat = unproject(streets.vertex_xy, streets.crs).round(5)
    lines = [part.tolist() for part in np.split(lonlat, streets.vertex_start[1:-1])]
    features = [
        {
            "type": "Feature",
            "properties": {"kind": kind},
            "geometry": {
                "type": "MultiLineString",
                "coordinates": [lines[edge] for edge in np.flatnonzero(streets.kind == number)],
            },
        }
        for number, kind in enumerate(KINDS)
    ]
    return json_body({"type": "FeatureCollection", "features": features}, "application/geo+json")
