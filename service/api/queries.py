"""What a question may say: longitude, latitude and how many, each strictly, and all that is wrong in one message."""

import re
from typing import Any, NamedTuple

from ..errors import ServiceError
from ..public.walk_file import MOST_RADIUS_M, USUAL_RADIUS_M

_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{1,20})?")
_COUNT = re.compile(r"[0-9]{1,4}")
_LONGEST_SHOWN = 40

Fault = tuple[str, str]
Bounds = tuple[float, float, float, float]


class Count(NamedTuple):
    """A parameter that is a whole number."""

    name: str
    least: int
    most: int
    usual: int
    words: str


LIMIT = Count("limit", 1, 50, 3, "几台 / how many")
RADIUS = Count("radius_m", 100, MOST_RADIUS_M, USUAL_RADIUS_M, "多少米以内 / within how many metres")


def _parameter(name: str, words: str, example: float, schema: dict[str, Any]) -> dict[str, Any]:
    required = "default" not in schema
    return {
        "name": name, "in": "query", "required": required, "description": words, "example": example, "schema": schema,
    }  # fmt: skip


def _parameters(count: Count) -> list[dict[str, Any]]:
    whole = {"type": "integer", "minimum": count.least, "maximum": count.most, "default": count.usual}
    return [
        _parameter("lon", "WGS-84 经度 / longitude", 118.3862, {"type": "number", "minimum": -180, "maximum": 180}),
        _parameter("lat", "WGS-84 纬度 / latitude", 24.9601, {"type": "number", "minimum": -90, "maximum": 90}),
        _parameter(count.name, count.words, count.usual, whole),
    ]


NEAREST_PARAMETERS, WALKS_PARAMETERS = _parameters(LIMIT), _parameters(RADIUS)


def read_nearest(items: list[tuple[str, str]], bounds: Bounds) -> tuple[float, float, int]:
    """Longitude, latitude and how many devices.

    items   the query's names and values
    bounds  west, south, east, north of the streets, to see where the two were swapped

    Raises ServiceError 422 with everything that is wrong.
    """
    return _read(items, bounds, LIMIT)


def read_walks(items: list[tuple[str, str]], bounds: Bounds) -> tuple[float, float, int]:
    """Longitude, latitude and the radius in metres; as `read_nearest`."""
    return _read(items, bounds, RADIUS)


def _read(items: list[tuple[str, str]], bounds: Bounds, count: Count) -> tuple[float, float, int]:
    given = dict(items)
    faults = _name_faults([name for name, _ in items], ("lon", "lat", count.name))
    faults += _degrees_faults(given, "lon", "经度", "longitude", 180)
    faults += _degrees_faults(given, "lat", "纬度", "latitude", 90)
    number = given.get(count.name, str(count.usual))
    faults += _count_faults(number, count)
    if _look_swapped(given, bounds):
        faults.append(
            ("经度和纬度似乎颠倒了：lon 是经度，lat 是纬度", "they look swapped: lon is longitude, lat is latitude")
        )
    if faults:
        raise ServiceError(422, "；".join(zh for zh, _ in faults) + "。", "; ".join(en for _, en in faults) + ".")
    return float(given["lon"]), float(given["lat"]), int(number)


def _name_faults(names: list[str], known: tuple[str, ...]) -> list[Fault]:
    known_words = ", ".join(known)
    faults = [
        (f"没有“{_short(name)}”这个参数，可用 {known_words}", f"{_short(name)!r} is no parameter; known: {known_words}")
        for name in dict.fromkeys(names)
        if name not in known
    ]
    return faults + [
        (f"{name} 给了不止一次", f"{name} is given more than once") for name in known if names.count(name) > 1
    ]


def _degrees_faults(given: dict[str, str], name: str, zh: str, en: str, most: int) -> list[Fault]:
    value = given.get(name)
    if value is None:
        return [(f"缺少 {name}（{zh}）", f"{name} ({en}) is missing")]
    if _DEGREES.fullmatch(value) and abs(float(value)) <= most:
        return []
    shown = _short(value)
    return [
        (
            f"{name} 为“{shown}”，应为{zh}，-{most} 至 {most} 度",
            f"{name} is {shown!r}; expected {en}, -{most} to {most} degrees",
        )
    ]


def _count_faults(value: str, count: Count) -> list[Fault]:
    if _COUNT.fullmatch(value) and count.least <= int(value) <= count.most:
        return []
    name, least, most, shown = count.name, count.least, count.most, _short(value)
    return [
        (
            f"{name} 为“{shown}”，应为 {least} 至 {most} 的整数",
            f"{name} is {shown!r}; expected a whole number, {least} to {most}",
        )
    ]


def _look_swapped(given: dict[str, str], bounds: Bounds) -> bool:
    """Whether the point lies among the streets only when the two change places, or can lie on Earth only then."""
    if not all(_DEGREES.fullmatch(given.get(name, "")) for name in ("lon", "lat")):
        return False
    lon, lat = float(given["lon"]), float(given["lat"])
    west, south, east, north = bounds
    if 90 < abs(lat) <= 180:
        return abs(lon) <= 90
    inside = west <= lon <= east and south <= lat <= north
    return not inside and west <= lat <= east and south <= lon <= north


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
