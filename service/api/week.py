"""GET /api/v1/coverage/week and /api/v1/coverage/circles: what a map of the coming week's coverage is drawn from."""

from functools import lru_cache
from typing import Any

import numpy as np
from fastapi import APIRouter, Request, Response

from aedplan.outlines.isochrones import outlines_lonlat

from ..bodies import Body, answer, json_body
from ..mapping.coverage_now import UNIT_EN, UNIT_ZH
from ..mapping.week_now import HOURS, STATES, WeekCoverage, cover_week, find_week
from ..plan_demand import Places
from ..public.now import PublicNow, instant_text
from ..published import Published
from . import Current
from .devices import GEOJSON, Public

router = APIRouter()
SIMPLIFY_DEGREES = 2e-5
"""About 2 m: the outlines are for the eye alone."""

JSON = "application/json"


@router.get("/api/v1/coverage/week", summary="一周覆盖 / coverage by hour of the week to come", response_class=Response)
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


@router.get("/api/v1/coverage/circles", summary="救护圈 / what is within reach of each device", response_class=Response)
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
    ]
    return {"type": "MultiPolygon", "coordinates": polygons}
