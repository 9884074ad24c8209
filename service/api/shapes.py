"""What shapes share: strict numbers and dates, no unknown members, no text that a database or a header cannot hold."""

import datetime as dt
import re
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import to_json
from starlette.responses import Response

from ..records.positions import Position

DEEPEST = 20
FIRST_YEAR, LAST_YEAR = 1900, 2999
LARGEST = 2**53
"""So large whole numbers are exact in every program that reads JSON."""

_NO_CHARACTER = re.compile("[\0\ud800-\udfff\ufffe\uffff]")
_CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f]")


class Shape(BaseModel):
    """A shape in or out: nothing else may stand in it, and `"7"` is not 7."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


AnyShape = TypeVar("AnyShape", bound=Shape)


def shown(shape: type[AnyShape], record: object, **more: Any) -> AnyShape:
    """A shape out: each of its fields from the record, or from `more`; nothing that is not a field."""
    return shape(**{name: getattr(record, name) for name in shape.model_fields if name not in more}, **more)


def _known(text: str) -> str:
    """Refuse what is no character: neither a database nor an answer can hold it."""
    if _NO_CHARACTER.search(text):
        raise ValueError("this is not text / 含有不可用字符")
    return text


def _printable(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("control characters are not text / 含有控制字符")
    return _known(text).strip()


def _no_path(name: str) -> str:
    if not name.isprintable() or re.search(r"[/\\:]|^\.+$", name):
        raise ValueError("a file's name is no path / 文件名不能含有路径")
    return name


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """Refuse what TOML and a database cannot hold: no characters, numbers out of bounds, tables in tables without end."""
    _check_plain(value, DEEPEST)
    return value


def _check_plain(value: object, deepest: int) -> None:
    if deepest == 0:
        raise ValueError("this is nested too deeply / 嵌套过深")
    if isinstance(value, str):
        _known(value)
    elif isinstance(value, float | int) and not -LARGEST <= value <= LARGEST:
        raise ValueError("a number is out of bounds / 数值超出范围")
    inner = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        _check_plain(one, deepest - 1)


def _day(value: object) -> object:
    """A date comes as ISO text, which is all that JSON has."""
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _instant(value: object) -> object:
    return dt.datetime.fromisoformat(value) if isinstance(value, str) else value


def _with_zone(value: dt.datetime) -> dt.datetime:
    if value.tzinfo is None:
        raise ValueError("an instant needs its time zone / 时间须带时区")
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"an instant lies between {FIRST_YEAR} and {LAST_YEAR} / 时间超出范围")
    return value


Word = Annotated[str, AfterValidator(_known)]
Table = Annotated[dict[str, Any], AfterValidator(_plain)]
Line = Annotated[str, AfterValidator(_printable), Field(max_length=200)]
FileName = Annotated[Line, AfterValidator(_no_path)]
Text = Annotated[str, AfterValidator(_printable), Field(max_length=4000)]
Key = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[0-9A-Za-z._-]+$")]
Checksum = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Day = Annotated[
    dt.date,
    BeforeValidator(_day, json_schema_input_type=dt.date),
    Field(examples=["2026-11-22"], ge=dt.date(FIRST_YEAR, 1, 1), le=dt.date(LAST_YEAR, 12, 31)),
]
Instant = Annotated[
    dt.datetime,
    BeforeValidator(_instant, json_schema_input_type=dt.datetime),
    AfterValidator(_with_zone),
    Field(examples=["2026-11-22T08:00:00+08:00"]),
]
Keys = Annotated[list[Key], Field(max_length=500, default_factory=list)]
LongText = Annotated[str, AfterValidator(_printable), Field(max_length=40_000)]
Fen = Annotated[int, Field(ge=0, le=10**13)]
"""Money in 0.01 CNY."""

Count = Annotated[int, Field(ge=0, le=10_000_000)]


class PositionShape(Shape):
    """Where something is, in degrees of the system named; `accuracy_m` as the phone told it."""

    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    source: Annotated[str, Field(pattern="^(wgs84|gcj02|bd09|map_pick|address|plan)$")] = "wgs84"
    accuracy_m: Annotated[float, Field(ge=0, le=100_000)] | None = None

    def position(self) -> Position:
        """The same for the rules."""
        return Position(self.lon, self.lat, self.source, self.accuracy_m)


def position_of(shape: PositionShape | None) -> Position | None:
    """The position of a shape that may be left out."""
    return None if shape is None else shape.position()


class Refused(BaseModel):
    """Why a request was not answered."""

    status: int
    message_zh: str
    message_en: str


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer instead, for its description."""
    words = {401: "sign in first", 403: "not your role", 404: "not there", 409: "conflict", 422: "a field is wrong",
             413: "too large", 415: "not this kind of file", 429: "too often", 503: "the records are away"}  # fmt: skip
    return {status: {"model": Refused, "description": words[status]} for status in (401, 403, *statuses, 422, 503)}


def many(rows: list[dict[str, Any]]) -> Response:
    """A long list of plain values as JSON, not taken through shapes one by one: they come from the records as they are."""
    return Response(to_json(rows), media_type="application/json", headers={"Cache-Control": "no-store"})
