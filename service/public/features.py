"""Collections of points as OGC API - Features (OGC 17-069r4) tells them: which features, which page, which links.

Property types stay the same from page to page: text is never null, and every feature has every property.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any
from urllib.parse import urlencode

from ..errors import ServiceError

MOST, USUAL = 1000, 100
CRS = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GEOJSON, JSON, HTML = "application/geo+json", "application/json", "text/html"
CONFORMANCE = [f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{part}" for part in ("core", "html", "geojson")]
PARAMETERS = ("bbox", "datetime", "limit", "offset", "f", "lang")

Interval = tuple[dt.datetime | None, dt.datetime | None]
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Point:
    """A feature: where it is, what is told of it, and since when it is there, where that is known."""

    id: str
    lon: float
    lat: float
    properties: Mapping[str, Any]
    since: dt.datetime | None = None


@dataclass(frozen=True)
class Collection:
    """Features of one kind, in their order."""

    id: str
    title_zh: str
    title_en: str
    about_zh: str
    about_en: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Query:
    """What was asked of a collection."""

    bbox: Bounds | None = None
    during: Interval | None = None
    limit: int = USUAL
    offset: int = 0


@dataclass(frozen=True)
class Page:
    """Some of the features that match, and how many match in all."""

    points: Sequence[Point]
    matched: int


def read_query(items: Sequence[tuple[str, str]]) -> Query:
    """What a request asks, from its names and values.

    Raises ServiceError 400 for an unknown name and for a value that is none, with all that is wrong.
    """
    given, faults = dict(items), []
    faults += [
        f"{name[:40]!r} is no parameter; known: {', '.join(PARAMETERS)}" for name in given if name not in PARAMETERS
    ]
    faults += [f"{name} is given more than once" for name in given if [one for one, _ in items].count(name) > 1]
    bbox = _read(given, "bbox", _bbox, "four numbers west,south,east,north", faults)
    during = _read(given, "datetime", _interval, "an instant, or two with / between and .. for open", faults)
    limit = _read(given, "limit", _whole, f"a whole number from 1; more than {MOST} is {MOST}", faults)
    offset = _read(given, "offset", _whole, "a whole number", faults)
    if limit == 0:
        faults.append("limit is 0; expected a whole number from 1")
    if faults:
        words = "; ".join(faults)
        raise ServiceError(400, f"参数有误：{words}", words)
    return Query(bbox, during, min(MOST, USUAL if limit is None else limit), offset or 0)


def _read(given: Mapping[str, str], name: str, read: Any, expected: str, faults: list[str]) -> Any:
    if name not in given:
        return None
    try:
        return read(given[name])
    except ValueError:
        faults.append(f"{name} is {given[name][:40]!r}; expected {expected}")
        return None


def _whole(text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text):
        raise ValueError
    return int(text)


def _bbox(text: str) -> Bounds:
    numbers = [float(part) for part in text.split(",")]
    if len(numbers) == 6:  # heights are of no account here
        numbers = [*numbers[0:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(map(isfinite, numbers)) or numbers[1] > numbers[3]:
        raise ValueError
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _interval(text: str) -> Interval:
    parts = text.split("/")
    if len(parts) > 2 or (len(parts) == 1 and parts[0] in ("", "..")):
        raise ValueError
    ends = [None if part in ("", "..") else _instant(part, last=number == 1) for number, part in enumerate(parts)]
    first, last = ends[0], ends[-1]
    if first is not None and last is not None and last < first:
        raise ValueError
    return first, last


def _instant(text: str, *, last: bool) -> dt.datetime:
    """An instant with its zone; of a bare date its first moment, or its last."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        day = dt.datetime.combine(dt.date.fromisoformat(text), dt.time.max if last else dt.time.min)
        return day.replace(tzinfo=dt.UTC)
    instant = dt.datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError
    return instant


def select_page(collection: Collection, query: Query) -> Page:
    """The features that match, from the offset on, at most `limit`."""
    found = [point for point in collection.points if _matches(point, query)]
    return Page(found[query.offset : query.offset + query.limit], len(found))


def _matches(point: Point, query: Query) -> bool:
    """A point on the edge is inside; one that is there since an instant is still there; of no known time: at any."""
    if query.bbox is not None:
        west, south, east, north = query.bbox
        inside = west <= point.lon <= east if west <= east else point.lon >= west or point.lon <= east
        if not (inside and south <= point.lat <= north):
            return False
    last = query.during[1] if query.during else None
    return point.since is None or last is None or point.since <= last


def feature(point: Point) -> dict[str, Any]:
    """A feature as GeoJSON."""
    place = {"type": "Point", "coordinates": [round(point.lon, 7), round(point.lat, 7)]}
    return {"type": "Feature", "id": point.id, "geometry": place, "properties": dict(point.properties)}


def link(href: str, rel: str, kind: str, title: str = "") -> dict[str, str]:
    """A link."""
    return {"href": href, "rel": rel, "type": kind, "title": title}


def landing(base: str, title: str) -> dict[str, Any]:
    """The page at which a client begins."""
    return {
        "title": title,
        "description": "AED 公开数据 / public AED data; WGS-84",
        "links": [
            link(f"{base}/ogc?f=json", "self", JSON, "this document"),
            link(f"{base}/ogc?f=html", "alternate", HTML, "本页 / this page"),
            link(
                f"{base}/api/v1/openapi.json", "service-desc", "application/vnd.oai.openapi+json;version=3.1", "OpenAPI"
            ),
            link(f"{base}/ogc/conformance", "conformance", JSON, "conformance"),
            link(f"{base}/ogc/collections", "data", JSON, "collections"),
        ],
    }


def describe(collection: Collection, base: str) -> dict[str, Any]:
    """A collection as clients find it."""
    here = f"{base}/ogc/collections/{collection.id}"
    lons, lats = [point.lon for point in collection.points], [point.lat for point in collection.points]
    told: dict[str, Any] = {
        "id": collection.id,
        "title": f"{collection.title_zh} {collection.title_en}",
        "description": f"{collection.about_zh} {collection.about_en}",
        "itemType": "feature",
        "crs": [CRS],
        "links": [
            link(f"{here}?f=json", "self", JSON),
            link(f"{here}?f=html", "alternate", HTML),
            link(f"{here}/items?f=json", "items", GEOJSON),
            link(f"{here}/items?f=html", "items", HTML),
        ],
    }
    if lons:
        told["extent"] = {"spatial": {"bbox": [[min(lons), min(lats), max(lons), max(lats)]], "crs": CRS}}
    return told


def page(collection: Collection, query: Query, base: str, items: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """A page of features with the links that lead on.

    items  the request's names and values, which the links repeat
    """
    found = select_page(collection, query)
    here = f"{base}/ogc/collections/{collection.id}"

    def turned(kind: str, offset: int) -> str:
        kept = {name: value for name, value in items if name not in ("offset", "f")}
        return f"{here}/items?{urlencode({**kept, 'limit': query.limit, 'offset': offset, 'f': kind})}"

    links = [
        link(turned("json", query.offset), "self", GEOJSON),
        link(turned("html", query.offset), "alternate", HTML),
        link(here, "collection", JSON),
    ]
    if query.offset + query.limit < found.matched:
        links.append(link(turned("json", query.offset + query.limit), "next", GEOJSON))
    if query.offset:
        links.append(link(turned("json", max(0, query.offset - query.limit)), "prev", GEOJSON))
    return {
        "type": "FeatureCollection",
        "numberMatched": found.matched,
        "numberReturned": len(found.points),
        "links": links,
        "features": [feature(point) for point in found.points],
    }
