"""GET /api/v1/nearest: the devices nearest to a person, by the metres they must walk."""

from functools import lru_cache
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool

from ..bodies import joined
from ..nearest import Answer, Choice, Found, Reason, Ways, find_nearest, ways_at_hand, ways_to
from ..public.now import PublicNow, instant_text, this_instant
from ..public.state import State
from ..published import Published
from . import current_of
from .devices import EXAMPLE_DEVICE, circle_shape, public_of
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
    speed: float
    words_zh: str
    words_en: str


class Go(BaseModel):
    """Links that lead there on foot in a map program, each in its own coordinates."""

    amap: str
    baidu: str
    tencent: str
    apple: str


class NearDevice(BaseModel):
    """A device, its state at `as_of`, and the way to it.

    metres   walked along streets, or straight where `measure` is "line"; whole metres
    minutes  under the circle, its trips and delays included
    in_time  within the circle's limit on foot; null where only the straight line is known and could be
    hours    opening hours in OpenStreetMap's syntax, empty where unknown
    open     from when to when it is open in the next days; null where unknown
    ready    whether the records say that it would work; null where nobody knows
    state    usable: ready and open; closed: not open, or known not to be ready; unverified: everything else
    until    when the state changes next by itself; null where it does not in the next days
    """

    id: str
    code: str
    label: str
    kind: str
    kind_zh: str
    town: str
    place_zh: str
    place_en: str
    level: str
    access: str
    phone: str
    hours: str
    hours_zh: str
    hours_en: str
    ready: bool | None
    open: list[list[str]] | None
    state: State
    why_zh: str
    why_en: str
    until: str | None
    checked_on: str
    photo: str
    initials: str
    go: Go
    lon: float
    lat: float
    metres: int
    minutes: float
    in_time: bool | None
    measure: Literal["street", "line"]


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
        "name": "walk-4", "version": "1", "limit_m": 300.0, "minutes": 4.0, "trips": 1, "speed": 1.25,
        "words_zh": "walk-4 (v1)：沿街道 300 米，单程，4 分钟，步速 1.25 米/秒",
        "words_en": "walk-4 (v1): 300 m along streets, one way, 4 min at 1.25 m/s",
    },
    "devices": [
        {**EXAMPLE_DEVICE, "lon": 118.386, "lat": 24.96, "metres": 142, "minutes": 1.9, "in_time": True,
         "measure": "street"}
    ],
    "as_of": "2026-11-22T01:30:00Z",
    "source": "records",
    "stale": False,
    "synthetic": False,
    "attribution": ["© OpenStreetMap contributors (ODbL 1.0)"],
}  # fmt: skip


class Near(BaseModel):
    """The nearest devices: the usable ones by their walk, then the unverified, then the closed, those known not to be
    ready last. `about` where the distances are only a rough guide, the message says why. `stale`: the records cannot be
    asked at present, and `as_of` is when they last could be.
    """

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
    as_of: str
    source: Literal["records", "plan"]
    stale: bool
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
    response_class=Response,
    responses={
        200: {"model": Near, "description": "最近的设备 / the nearest devices"},
        422: {"model": Refused, "description": "参数有误 / a parameter is wrong"},
    },
    openapi_extra={"parameters": NEAREST_PARAMETERS},
)
async def nearest(request: Request) -> Response:
    """The devices by the metres walked along streets, not by straight line, the usable ones first. Where no walk can be
    told they come by straight line with `measure` "line", `about` true and the reason."""
    known = _at_hand(request)
    if known is None:  # files or records have to be read, or walks made
        return await run_in_threadpool(lambda: _answer(request, _read(request)))
    return _answer(request, known)  # takes less than handing it to a thread


_Known = tuple[Published, PublicNow, Ways]


def _at_hand(request: Request) -> _Known | None:
    """What an answer follows from where all of it is in memory."""
    published: Published | None = request.app.state.shelf.at_hand()
    public: PublicNow | None = request.app.state.public.at_hand(this_instant())
    if published is None or public is None:
        return None
    ways = ways_at_hand(published, public.places)
    return None if ways is None else (published, public, ways)


def _read(request: Request) -> _Known:
    """The same, however long it takes."""
    published, public = current_of(request), public_of(request)
    return published, public, ways_to(published, public.places)


def _answer(request: Request, known: _Known) -> Response:
    published, public, ways = known
    lon, lat, limit = read_nearest(request.query_params.multi_items(), published.bounds)
    found = find_nearest(published, Choice(ways, public.rank, limit), lon, lat)
    return Response(
        _told(published, public, found, (lon, lat)),
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _told(published: Published, public: PublicNow, answer: Answer, place: tuple[float, float]) -> bytes:
    """The answer as JSON: only what differs from one person to the next is written anew."""
    devices = [
        joined(public.devices[found.number].told, to_json(_way(found, answer.measure))) for found in answer.devices
    ]
    off_street_m = None if answer.off_street_m is None else round(answer.off_street_m, 1)
    own = to_json({"off_street_m": off_street_m, "point": {"lon": place[0], "lat": place[1]}})
    return joined(
        _about(published, public, answer.measure, answer.reason), own, b'{"devices":[%b]}' % b",".join(devices)
    )


@lru_cache(maxsize=8)
def _about(published: Published, public: PublicNow, measure: str, reason: Reason) -> bytes:
    """What is said within a minute to everybody with this reason."""
    message_zh, message_en = REASONS[reason]
    content = {
        "call": "120",
        "measure": measure,
        "about": measure == "line",
        "reason": reason,
        "message_zh": message_zh,
        "message_en": message_en,
        "circle": circle_shape(published),
        "as_of": instant_text(public.as_of),
        "source": public.source,
        "stale": public.stale,
        "synthetic": published.summary["synthetic"],
        "attribution": published.attribution,
    }
    return to_json(content)


def _way(found: Found, measure: str) -> dict[str, Any]:
    return {
        "metres": round(found.metres),
        "minutes": round(found.minutes, 1),
        "in_time": found.in_time,
        "measure": measure,
    }
