"""OGC API - Features under /ogc: devices, sites and the published coverage, for GIS programs (GeoJSON) and people (HTML)."""

import datetime as dt
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response

from ..errors import ServiceError
from ..facts import COUNTY_TIME, day_of
from ..pages.ogc import html_page
from ..public.features import (
    CONFORMANCE,
    GEOJSON,
    HTML,
    JSON,
    Collection,
    Point,
    Query,
    describe,
    feature,
    landing,
    link,
    page,
    read_query,
)
from ..public.tag_files import COLUMNS, PublicDevice
from ..published import Place, Published
from . import Current

if TYPE_CHECKING:
    from ..records.public import PublicSite

router = APIRouter(prefix="/ogc", tags=["ogc"])
IDS = ("devices", "sites", "coverage")
_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"description": "a parameter is wrong"},
    404: {"description": "not there"},
}
_POINT = {"type": "Feature", "id": "A7K2MQ", "geometry": {"type": "Point", "coordinates": [118.386, 24.96]},
          "properties": {"code": "A7K2MQ", "name": "汽车站", "opening_hours": "24/7", "usable": "yes"}}  # fmt: skip
EXAMPLE = {"type": "FeatureCollection", "numberMatched": 1, "numberReturned": 1, "links": [], "features": [_POINT]}


def _answers(kind: str, example: Any, *, refused: bool = True) -> dict[int | str, dict[str, Any]]:
    content = {kind: {"example": example}, HTML: {}}
    return {200: {"description": "JSON, or HTML", "content": content}, **(_REFUSED if refused else {})}


_PARAMETERS = [
    {"name": "bbox", "in": "query", "schema": {"type": "string"}, "example": "118.3,24.9,118.5,25.0",
     "description": "西,南,东,北 / west,south,east,north in WGS-84 degrees"},
    {"name": "datetime", "in": "query", "schema": {"type": "string"}, "example": "2026-01-01T00:00:00Z/..",
     "description": "时刻或时段 / an instant or an interval"},
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}},
    {"name": "offset", "in": "query", "schema": {"type": "integer", "minimum": 0, "default": 0}},
    {"name": "f", "in": "query", "schema": {"type": "string", "enum": ["json", "html"]}},
]  # fmt: skip


@router.get("", response_class=Response, responses=_answers(JSON, landing("https://example.org", "AED"), refused=False))
def see_landing(request: Request, published: Current) -> Response:
    """Where a GIS program begins."""
    title = f"AED {published.summary['title_zh']} {published.summary['title_en']}"
    return _say(request, landing(_base(request), title), JSON)


@router.get(
    "/conformance", response_class=Response, responses=_answers(JSON, {"conformsTo": CONFORMANCE}, refused=False)
)
def see_conformance(request: Request) -> Response:
    """Which parts of the standard hold."""
    return _say(request, {"title": "conformance", "conformsTo": CONFORMANCE}, JSON)


@router.get("/collections", response_class=Response, responses=_answers(JSON, {"collections": []}, refused=False))
def see_collections(request: Request, published: Current) -> Response:
    """What there is: devices, sites, the published coverage."""
    base = _base(request)
    told = [describe(_collection(request, published, name), base) for name in IDS]
    here = f"{base}/ogc/collections"
    links = [link(f"{here}?f=json", "self", JSON), link(f"{here}?f=html", "alternate", HTML)]
    return _say(request, {"title": "collections", "links": links, "collections": told}, JSON)


@router.get("/collections/{name}", response_class=Response, responses=_answers(JSON, {"id": "devices"}))
def see_collection(request: Request, published: Current, name: str) -> Response:
    """One collection."""
    return _say(request, describe(_collection(request, published, name), _base(request)), JSON)


@router.get(
    "/collections/{name}/items",
    response_class=Response,
    responses=_answers(GEOJSON, EXAMPLE),
    openapi_extra={"parameters": _PARAMETERS},
)
def see_items(request: Request, published: Current, name: str) -> Response:
    """Features of a collection, page by page: follow the link `next`."""
    items = request.query_params.multi_items()
    query: Query = read_query(items)
    told = page(_collection(request, published, name), query, _base(request), items)
    return _say(request, {**told, "timeStamp": dt.datetime.now(dt.UTC).isoformat()}, GEOJSON)


@router.get("/collections/{name}/items/{feature_id}", response_class=Response, responses=_answers(GEOJSON, _POINT))
def see_item(request: Request, published: Current, name: str, feature_id: str) -> Response:
    """One feature."""
    collection = _collection(request, published, name)
    found = next((point for point in collection.points if point.id == feature_id), None)
    if found is None:
        raise _missing()
    here = f"{_base(request)}/ogc/collections/{name}"
    links = [link(f"{here}/items/{feature_id}?f=json", "self", GEOJSON), link(here, "collection", JSON)]
    return _say(request, {**feature(found), "links": links}, GEOJSON)


def _missing() -> ServiceError:
    return ServiceError(404, "没有这项数据。", "There is no such collection or feature.")


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _say(request: Request, content: dict[str, Any], kind: str) -> Response:
    """As HTML for who asks for it by f=html, or by Accept without f; else as JSON. Other programs' maps may read it."""
    headers = {"Access-Control-Allow-Origin": "*", "Vary": "Accept", "Cache-Control": "no-cache"}
    wanted = request.query_params.get("f", "")
    if wanted not in ("", "json", "html"):
        raise ServiceError(400, "f 应为 json 或 html。", "f is json or html.")
    accepted = request.headers.get("accept", "")
    if wanted == "html" or (not wanted and "text/html" in accepted and "json" not in accepted):
        return Response(html_page(request, content), media_type="text/html; charset=utf-8", headers=headers)
    return Response(json.dumps(content, ensure_ascii=False, allow_nan=False), media_type=kind, headers=headers)


def _collection(request: Request, published: Published, name: str) -> Collection:
    if name == "coverage":
        return _coverage(published)
    if name not in IDS:
        raise _missing()
    if request.app.state.database is None:
        return _devices([_device_of(place) for place in published.devices]) if name == "devices" else _sites([])
    from ..db import database_of, now  # read only where there are records
    from ..records.public import list_public_devices, list_public_sites

    with database_of(request).session() as session:
        if name == "devices":
            return _devices(list_public_devices(session, day_of(now())))
        return _sites(list_public_sites(session))


def _device_of(place: Place) -> PublicDevice:
    """A device of the plan, where no records are kept."""
    return PublicDevice(place.id, place.label, place.lon, place.lat, opening_hours=place.hours)


_NAMES = [name for name, _, _ in COLUMNS if name not in ("lon", "lat")]


def _devices(found: list[PublicDevice]) -> Collection:
    points = [
        Point(one.code, one.lon, one.lat, {name: _plain(getattr(one, name)) for name in _NAMES}, _midnight(one.since))
        for one in found
    ]
    return Collection("devices", "AED 设备", "AED devices", "在用的公共设备及其可用状态。",
                      "Public devices in service and whether they are usable.", points)  # fmt: skip


def _sites(found: "list[PublicSite]") -> Collection:
    points = [
        Point(
            one.id, one.lon, one.lat, {name: value for name, value in vars(one).items() if name not in ("lon", "lat")}
        )
        for one in found
    ]
    return Collection("sites", "点位", "Sites", "设有公共设备的场所。", "Places that hold public devices.", points)


@lru_cache(maxsize=2)
def _coverage(published: Published) -> Collection:
    """Each point of demand and whether the plan covers it."""
    points = []
    if published.ground is not None:
        demand, words = published.ground.demand, published.circle.words_en
        lonlat, weight = demand.lonlat.tolist(), demand.weight.tolist()
        both = zip(demand.covered.tolist(), demand.covered_before.tolist(), strict=True)
        points = [
            Point(one, lon, lat, {"id": one, "arrests_per_year": value, "covered": covered, "covered_before": before,
                                  "circle": words})
            for one, (lon, lat), value, (covered, before) in zip(demand.id, lonlat, weight, both, strict=True)
        ]  # fmt: skip
    return Collection("coverage", "方案覆盖", "Published coverage", "各需求点是否被已发布方案覆盖（救护圈见 circle）。",
                      "Whether the published plan covers each point of demand, within the circle named.", points)  # fmt: skip


def _plain(value: object) -> str:
    """Text, "" where not known: a property is of the same type on every page."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value.isoformat() if isinstance(value, dt.date) else str(value)


def _midnight(day: dt.date | None) -> dt.datetime | None:
    return None if day is None else dt.datetime.combine(day, dt.time.min, COUNTY_TIME)
