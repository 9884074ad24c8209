"""GET /api/v1/nearest: the devices nearest to a person, by the metres they must walk."""

from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from ..nearest import Answer, Found, Reason, find_nearest
from ..published import Published
from . import Current
from .queries import NEAREST_PARAMETERS, read_nearest

router = APIRouter()

REASONS: dict[Reason, tuple[str, str]] = {
    "": ("", ""),
    "outside_area": (
        "您的位置不在本图范围内。请立即拨打 120。以下为直线距离，仅供参考。",
        "You are outside the area of this map. Call 120 now. The distances are straight lines, a rough guide only.",
    ),
    "far_from_street": (
        "您的位置离图上最近的道路超过 500 米，算不出步行路线。请立即拨打 120。以下为直线距离，实际路程更长。",
        "You are more than 500 m from any street on this map, so no walk can be told. Call 120 now. The distances are "
        "straight lines; the way is longer.",
    ),
    "no_way": (
        "您所在的道路在图上与任何设备都不相连，算不出步行路线。请立即拨打 120。以下为直线距离，实际路程更长。",
        "The streets around you are not connected to any device on this map, so no walk can be told. Call 120 now. "
        "The distances are straight lines; the way is longer.",
    ),
    "no_device": (
        "本图上还没有已设的设备。请立即拨打 120，并开始胸外按压。",
        "There is no device on this map yet. Call 120 now and start chest compressions.",
    ),
}


class Circle(BaseModel):
    """The rule for "in time"."""

    name: str
    version: str
    limit_m: float
    minutes: float
    trips: int
    words_zh: str
    words_en: str


class NearDevice(BaseModel):
    """A device and the way to it.

    metres   walked along streets, or straight where `measure` is "line"; whole metres
    minutes  under the circle, its trips and delays included
    in_time  within the circle's limit on foot; null where only the straight line is known and could be
    hours    opening hours in OpenStreetMap's syntax, empty where unknown
    """

    id: str
    label: str
    kind: str
    kind_zh: str
    lon: float
    lat: float
    metres: int
    minutes: float
    in_time: bool | None
    measure: Literal["street", "line"]
    hours: str


_EXAMPLE: dict[str, Any] = {
    "call": "120",
    "point": {"lon": 118.3862, "lat": 24.9601},
    "measure": "street",
    "about": False,
    "reason": "",
    "message_zh": "",
    "message_en": "",
    "off_street_m": 6.2,
    "circle": {
        "name": "walk-4", "version": "1", "limit_m": 300.0, "minutes": 4.0, "trips": 1,
        "words_zh": "walk-4 (v1)：沿街道 300 米，单程，4 分钟，步速 1.25 米/秒",
        "words_en": "walk-4 (v1): 300 m along streets, one way, 4 min at 1.25 m/s",
    },
    "devices": [
        {
            "id": "d1", "label": "汽车站 一楼服务台", "kind": "transport", "kind_zh": "交通枢纽", "lon": 118.386,
            "lat": 24.96, "metres": 142, "minutes": 1.9, "in_time": True, "measure": "street", "hours": "06:00-22:00",
        }
    ],
    "synthetic": False,
    "attribution": ["© OpenStreetMap contributors (ODbL 1.0)"],
}  # fmt: skip


class Near(BaseModel):
    """The nearest devices, nearest first; `about` where the distances are only a rough guide, the message says why."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})
    call: str
    point: dict[str, float]
    measure: Literal["street", "line"]
    about: bool
    reason: Reason
    message_zh: str
    message_en: str
    off_street_m: float | None
    circle: Circle
    devices: list[NearDevice]
    synthetic: bool
    attribution: list[str]


class Refused(BaseModel):
    """What was wrong with the request."""

    status: int
    message_zh: str
    message_en: str


@router.get(
    "/api/v1/nearest",
    summary="最近的设备 / the nearest devices",
    responses={422: {"model": Refused, "description": "参数有误 / a parameter is wrong"}},
    openapi_extra={"parameters": NEAREST_PARAMETERS},
)
def nearest(request: Request, response: Response, published: Current) -> Near:
    """The standing devices by the metres walked along streets, not by straight line. Where no walk can be told the
    devices come by straight line with `measure` "line", `about` true and the reason."""
    lon, lat, limit = read_nearest(request.query_params.multi_items(), published.bounds)
    response.headers["Cache-Control"] = "no-store"
    return _shape(published, lon, lat, find_nearest(published, lon, lat, limit=limit))


def _shape(published: Published, lon: float, lat: float, answer: Answer) -> Near:
    circle = published.circle
    message_zh, message_en = REASONS[answer.reason]
    return Near(
        call="120",
        point={"lon": lon, "lat": lat},
        measure=answer.measure,
        about=answer.measure == "line",
        reason=answer.reason,
        message_zh=message_zh,
        message_en=message_en,
        off_street_m=None if answer.off_street_m is None else round(answer.off_street_m, 1),
        circle=Circle(
            name=circle.name,
            version=circle.version,
            limit_m=circle.limit_m,
            minutes=circle.minutes,
            trips=circle.trips,
            words_zh=circle.words_zh,
            words_en=circle.words_en,
        ),
        devices=[_shape_device(found, answer.measure) for found in answer.devices],
        synthetic=published.summary["synthetic"],
        attribution=published.attribution,
    )


def _shape_device(found: Found, measure: Literal["street", "line"]) -> NearDevice:
    device = found.device
    return NearDevice(
        id=device.id,
        label=device.label,
        kind=device.kind,
        kind_zh=device.kind_zh,
        lon=device.lon,
        lat=device.lat,
        metres=round(found.metres),
        minutes=round(found.minutes, 1),
        in_time=found.in_time,
        measure=measure,
        hours=device.hours,
    )
