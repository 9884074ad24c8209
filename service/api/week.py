"""GET /api/v1/coverage/week and /api/v1/coverage/circles: what a map of the coming week's coverage is drawn from."""

import datetime as dt
from functools import lru_cache
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Request, Response
from pydantic import Field
from starlette.responses import JSONResponse

from aedplan.outlines.isochrones import outlines_lonlat

from ..bodies import Body, answer, json_body
from ..mapping.coverage_now import UNIT_EN, UNIT_ZH
from ..mapping.week_now import HOURS, STATES, WeekCoverage, cover_week, find_week
from ..plan_demand import Places
from ..public.now import PublicNow, instant_text
from ..published import Published
from . import Current
from .devices import GEOJSON, Public
from .shapes import Shape

router = APIRouter()
SIMPLIFY_DEGREES = 2e-5
"""About 2 m: the outlines are for the eye alone."""

JSON = "application/json"
Positive = Annotated[float, Field(ge=0)]
Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]
Number = Annotated[int, Field(ge=0)]
Position = Annotated[list[float], Field(min_length=2, max_length=2)]
Ring = Annotated[list[Position], Field(min_length=4)]
RING = [[118.386, 24.96], [118.388, 24.96], [118.388, 24.962], [118.386, 24.96]]


class WeekCircle(Shape):
    """The rescue circle."""

    minutes: Positive
    limit_m: Positive
    measure: Literal["street", "line"]
    words_zh: str
    words_en: str


class WeekDevice(Shape):
    """A device: a digit an hour, 0 usable, 1 closed, 2 not verified."""

    id: str
    states: Annotated[str, Field(pattern=f"^[012]{{{HOURS}}}$", examples=["0" * HOURS])]
    hours_known: bool


class WeekDemand(Shape):
    """Demand as it is drawn; `reached_by` numbers a row of `sets`, which names devices by their number."""

    lon: list[Lon]
    lat: list[Lat]
    weight: list[Positive]
    reached_by: list[Number]
    sets: list[list[Number]]


class WeekCovered(Shape):
    """Demand in a unit: all of it, covered on paper, and covered each hour."""

    unit_zh: str
    unit_en: str
    total: Positive
    paper: Positive
    effective: Annotated[list[Positive], Field(min_length=HOURS, max_length=HOURS, examples=[[1.5] * HOURS])]
    demand: WeekDemand


class WeekOut(Shape):
    """The week to come; `coverage` is null where the plan tells of no demand."""

    as_of: dt.datetime
    begin: dt.datetime
    hours: Literal[168]
    source: Literal["records", "plan"]
    counted: Literal["ready and open", "open"]
    circle: WeekCircle
    synthetic: bool
    attribution: list[str]
    states: Annotated[list[Literal["usable", "closed", "unverified"]], Field(examples=[list(STATES)])]
    devices: list[WeekDevice]
    coverage: WeekCovered | None


class CircleAbout(Shape):
    """Whose outline it is."""

    id: str


class Outline(Shape):
    """Polygons of rings of longitude and latitude, WGS-84; none where nobody can walk."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[Annotated[list[Ring], Field(min_length=1)]], Field(examples=[[[RING]]])]


class CircleOut(Shape):
    """What can be walked to from a device."""

    type: Literal["Feature"]
    id: str
    properties: CircleAbout
    geometry: Outline


class CirclesOut(Shape):
    """The outlines of all public devices."""

    type: Literal["FeatureCollection"]
    attribution: list[str]
    features: list[CircleOut]


class GeoJson(JSONResponse):
    """An answer that is GeoJSON."""

    media_type = GEOJSON


@router.get(
    "/api/v1/coverage/week",
    summary="一周覆盖 / coverage by hour of the week to come",
    response_class=Response,
    responses={200: {"model": WeekOut}},
)
def see_week(request: Request, published: Current, public: Public) -> Response:
    """Every public device's state and the effective coverage at each hour of seven days, from midnight of today on.

    `states` holds a digit an hour: 0 usable, 1 closed, 2 not verified. `coverage` is null where the plan tells of no
    demand; its `effective` and `paper` are of `total`. In `demand`, `reached_by` numbers a row of `sets`, which names the
    devices by their number. `counted` says what makes a device count: "ready and open", or without records "open".
    """
    return answer(request, _week(published, public))


@lru_cache(maxsize=2)
def _week(published: Published, public: PublicNow) -> Body:
    recorded = public.source == "records"
    week = find_week(public.cards, public.as_of, recorded=recorded)
    found = published.ground and cover_week(published.ground, public.places, week)
    circle = published.circle
    content = {
        "as_of": instant_text(public.as_of),
        "begin": instant_text(week.begin),
        "hours": HOURS,
        "source": public.source,
        "counted": "ready and open" if recorded else "open",
        "circle": {"minutes": circle.minutes, "limit_m": circle.limit_m, "measure": circle.measure,
                   "words_zh": circle.words_zh, "words_en": circle.words_en},
        "synthetic": published.summary["synthetic"],
        "attribution": published.attribution,
        "states": STATES,
        "devices": [
            {"id": card.id, "states": "".join(map(str, row)), "hours_known": bool(card.condition.hours)}
            for card, row in zip(public.cards, week.state.tolist(), strict=True)
        ],
        "coverage": _coverage(found) if found else None,
    }  # fmt: skip
    return json_body(content, JSON)


def _coverage(found: WeekCoverage) -> dict[str, Any]:
    dots = found.dots
    return {
        "unit_zh": UNIT_ZH,
        "unit_en": UNIT_EN,
        "total": found.total,
        "paper": found.paper,
        "effective": found.effective.tolist(),
        "demand": {
            "lon": dots.lonlat[:, 0].round(5).tolist(),
            "lat": dots.lonlat[:, 1].round(5).tolist(),
            "weight": [float(f"{weight:.4g}") for weight in dots.weight.tolist()],
            "reached_by": dots.reached.tolist(),
            "sets": dots.sets,
        },
    }


@router.get(
    "/api/v1/coverage/circles",
    summary="救护圈 / what is within reach of each device",
    response_class=GeoJson,
    responses={200: {"model": CirclesOut}},
)
def see_circles(request: Request, published: Current, public: Public) -> Response:
    """The outline of what can be walked to in time from each public device, as GeoJSON; for the eye, figures come from points."""
    return answer(request, _circles(published, tuple(card.id for card in public.cards), public.places))


@lru_cache(maxsize=2)
def _circles(published: Published, ids: tuple[str, ...], places: Places) -> Body:
    import shapely

    lonlat = np.array(places, dtype=float).reshape(-1, 2)
    outlines = outlines_lonlat(published.streets, lonlat, circle=published.circle)[:, 0]
    lighter = shapely.orient_polygons(shapely.simplify(outlines, SIMPLIFY_DEGREES))
    features = [
        {"type": "Feature", "id": id, "properties": {"id": id}, "geometry": _geometry(shape)}
        for id, shape in zip(ids, lighter, strict=True)
    ]
    content = {"type": "FeatureCollection", "attribution": published.attribution, "features": features}
    return json_body(content, GEOJSON)


def _geometry(shape: Any) -> dict[str, Any]:
    """Polygons with degrees to a metre."""
    import shapely

    polygons = [
        [shapely.get_coordinates(ring).round(5).tolist() for ring in shapely.get_rings(part)]
        for part in shapely.get_parts(shape)
        if not part.is_empty
    ]
    return {"type": "MultiPolygon", "coordinates": polygons}
