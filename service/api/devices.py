"""GET /api/v1/devices: the devices as the public sees them, as GeoJSON. A proposed site is no device and never here."""

from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from ..bodies import Body, answer, json_body
from ..errors import error_of_status
from ..line_factor import line_factor
from ..public.now import DeviceNow, PublicList, PublicNow, instant_text, this_instant
from ..public.small_photos import SmallPhotos
from ..published import Place, Published
from . import Current

GEOJSON = "application/geo+json"
router = APIRouter()


def public_of(request: Request) -> PublicNow:
    """The list that the public sees now."""
    public: PublicList = request.app.state.public
    return public.current(this_instant())


Public = Annotated[PublicNow, Depends(public_of)]
"""The list that the public sees now."""

EXAMPLE_DEVICE: dict[str, Any] = {
    "id": "A7K2MQ", "code": "A7K2MQ", "label": "柳城汽车站", "kind": "transport", "kind_zh": "交通枢纽", "town": "柳城街道",
    "place_zh": "1 楼 服务台右侧墙上", "place_en": "floor 1, wall to the right of the desk", "level": "1",
    "access": "public", "phone": "059500000000", "hours": "06:00-22:00", "hours_zh": "06:00-22:00",
    "hours_en": "06:00-22:00", "ready": True, "open": [["2026-11-21T22:00:00Z", "2026-11-22T14:00:00Z"]],
    "state": "usable", "why_zh": "今日 22:00 关", "why_en": "closes 22:00 today", "until": "2026-11-22T14:00:00Z",
    "checked_on": "2026-11-20", "photo": "/photos/A7K2MQ.jpg?v=0f3a5b7c9d1e", "initials": "lcqczlcjd",
    "go": {"amap": "https://uri.amap.com/navigation?to=…", "baidu": "https://api.map.baidu.com/direction?…",
           "tencent": "https://apis.map.qq.com/uri/v1/routeplan?…", "apple": "https://maps.apple.com/?daddr=…"},
}  # fmt: skip
EXAMPLE = {
    "type": "FeatureCollection",
    "as_of": "2026-11-22T01:30:00Z",
    "source": "records",
    "stale": False,
    "circle": {"name": "walk-4", "minutes": 4.0, "limit_m": 300.0, "trips": 1, "speed": 1.25},
    "lineFactor": 1.32,
    "attribution": ["© OpenStreetMap contributors (ODbL 1.0)"],
    "synthetic": False,
    "features": [
        {
            "type": "Feature",
            "id": "A7K2MQ",
            "geometry": {"type": "Point", "coordinates": [118.386, 24.96]},
            "properties": EXAMPLE_DEVICE,
        }
    ],
}


@router.get(
    "/api/v1/devices",
    summary="设备 / the devices",
    response_class=Response,
    responses={200: {"description": "GeoJSON (RFC 7946)", "content": {GEOJSON: {"example": EXAMPLE}}}},
)
def devices(request: Request, published: Current, public: Public) -> Response:
    """The devices with their state at `as_of`: usable, closed or unverified, why, and until when. `hours` in
    OpenStreetMap's opening_hours syntax, empty where unknown; `open` tells the stretches of the next days, null where
    unknown. `stale`: the records cannot be asked at present, and `as_of` is when they last could be."""
    return answer(request, devices_body(published, public))


@lru_cache(maxsize=2)
def devices_body(published: Published, public: PublicNow) -> Body:
    """The answer for everybody within a minute."""
    content = {
        "type": "FeatureCollection",
        "as_of": instant_text(public.as_of),
        "source": public.source,
        "stale": public.stale,
        "circle": circle_shape(published),
        "lineFactor": line_factor(published),
        "attribution": published.attribution,
        "synthetic": published.summary["synthetic"],
        "features": [device_feature(device) for device in public.devices],
    }
    return json_body(content, GEOJSON)


@lru_cache(maxsize=2)
def circle_shape(published: Published) -> dict[str, Any]:
    """The rule for "in time"."""
    circle = published.circle
    names = ("name", "version", "limit_m", "minutes", "trips", "speed", "words_zh", "words_en")
    return {name: getattr(circle, name) for name in names}


def device_feature(device: DeviceNow) -> dict[str, Any]:
    """A device as GeoJSON."""
    place = {"type": "Point", "coordinates": [device.lon, device.lat]}
    return {"type": "Feature", "id": device.id, "geometry": place, "properties": device.properties}


def feature(place: Place, more: dict[str, Any]) -> dict[str, Any]:
    """A site of the plan as GeoJSON, field by field, so that nothing is shown by accident."""
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


@router.get(
    "/photos/{code}.jpg",
    summary="设备照片 / a device's photo",
    response_class=Response,
    responses={200: {"description": "a small photo", "content": {"image/jpeg": {}}}, 404: {"description": "not there"}},
)
def photo(request: Request, code: str, public: Public) -> Response:
    """A small photo of a public device, at most 480 pixels a side; under its present address it may be kept for a year."""
    found = public.find(code)
    checksum = public.photos.get(found.code) if found is not None else None
    if found is None or checksum is None:
        raise error_of_status(404)
    small: SmallPhotos = request.app.state.small_photos
    kept = f"?{request.url.query}" == found.photo.partition(".jpg")[2]
    headers = {"Cache-Control": "public, max-age=31536000, immutable"} if kept else None
    return answer(request, small.body(checksum), headers)
