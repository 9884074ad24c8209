"""The sheets in which records come in and go out, from `data/record_sheets.toml`: columns, words, and what a cell means.

A value goes to a cell and comes back the same. In a cell somebody typed, full-width digits, dates in several writings and
words in Chinese or English are understood; everything else is refused, never guessed.
"""

import datetime as dt
import re
import tomllib
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache, cached_property
from typing import Any, NamedTuple

from aedplan.tables.columns import plain, shipped, synonyms
from aedplan.tables.forms import number
from aedplan.tables.workbooks import cell_text

LONGEST, LONGEST_TEXT = 200, 4000
SEPARATOR = "；"
CLEAR = ("清空", "clear")
"""What empties a field that is on record: an empty cell leaves it as it is."""

_SYNONYMS = {
    "lon": "lon", "lat": "lat", "opening_hours": "hours", "location_text": "place", "venue_type": "kind",
    "building_floors": "floors", "floor_area_m2": "floor_area", "daily_visitors": "visitors", "residents": "residents",
    "cabinet_access": "cabinet",
}  # fmt: skip
"""Columns whose further names stand in `data/columns.toml` already."""

Cell = str | int | float | dt.date | None


class CellError(ValueError):
    """What is wrong with a cell, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class Spare(NamedTuple):
    """Spare pads: for children or not, the last day, the lot."""

    child: bool
    expires_on: dt.date | None
    lot: str


@dataclass(frozen=True)
class Column:
    """One column. `kind` says what its cells hold, `about` which words or which other sheet."""

    field: str
    zh: str
    en: str
    kind: str
    about: str
    names: tuple[str, ...]
    help_zh: str
    help_en: str
    needed: bool

    @property
    def header(self) -> str:
        """The header in both languages."""
        return f"{self.zh} {self.en}"

    @cached_property
    def own_names(self) -> frozenset[str]:
        """Its name in each language and both, in their plain form."""
        return frozenset(plain(name) for name in (self.zh, self.en, self.header))

    @cached_property
    def known_as(self) -> frozenset[str]:
        """All names by which the column is found, in their plain form."""
        also = synonyms().get(_SYNONYMS.get(self.field, ""), ())
        named = (self.zh, self.en, self.header, self.field, *self.names, *also)
        return frozenset(plain(name) for name in named)


@dataclass(frozen=True)
class Sheet:
    """One sheet: its names and columns."""

    id: str
    zh: str
    en: str
    columns: tuple[Column, ...]

    @property
    def title(self) -> str:
        """The name of the sheet in a workbook."""
        return f"{self.zh} {self.en}"

    def column(self, field: str) -> Column:
        """The column of a field."""
        return next(column for column in self.columns if column.field == field)


@cache
def shipped_sheets() -> Mapping[str, Sheet]:
    """All sheets by id, each after those that it points to."""
    table = _table()
    return {
        given["id"]: Sheet(given["id"], given["zh"], given["en"], tuple(_column(one) for one in given["columns"]))
        for given in table["sheet"]
    }


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """The words of choices: by list, then Chinese by key."""
    found: Mapping[str, Mapping[str, str]] = _table()["words"]
    return found


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(shipped("record_sheets.toml").read_text(encoding="utf-8"))


def _column(given: list[Any]) -> Column:
    field, zh, en, kind, names, help_zh, help_en = given
    what, _, about = kind.partition(" ")
    needed = field.startswith("*")
    return Column(field.lstrip("*"), zh, en, what, about, tuple(names), help_zh, help_en, needed)


def shown(column: Column, value: Any) -> Cell:
    """What stands in a cell for a value: a date or number as such, everything else as text; None where unknown.

    Of `to` and `all` the value is the name or names already.
    """
    if value is None or value == "" or value == []:
        return None
    match column.kind:
        case "yes_no":
            return "是 yes" if value else "否 no"
        case "one":
            return _label(column.about, value)
        case "some":
            return SEPARATOR.join(_label(column.about, one) for one in value)
        case "all":
            return SEPARATOR.join(value)
        case "money":
            return float(Decimal(value) / 100)
        case "spares":
            return SEPARATOR.join(map(_shown_spare, value))
        case "day" | "expiry" | "whole" | "number":
            return value  # type: ignore[no-any-return]
    return str(value)


def shown_text(column: Column, value: Any) -> str:
    """The same as text, to compare."""
    return cell_text(shown(column, value))


def _label(about: str, key: str) -> str:
    return f"{words()[about][key]} {key}"


def _shown_spare(spare: Spare) -> str:
    parts = ["儿童" if spare.child else "", str(spare.expires_on or "未知"), spare.lot]
    return " ".join(part for part in parts if part)


def value_of(column: Column, text: str) -> Any:
    """What a cell means. Of `to` and `all` the name or names, of which somebody else knows whom they name.

    Raises CellError.
    """
    reader = _READERS.get(column.kind)
    if reader is None:
        return _text(column, text)
    return reader(column, text)


def _text(column: Column, text: str) -> str:
    most = LONGEST_TEXT if column.kind == "long" else LONGEST
    if len(text) > most:
        raise CellError(f"超过 {most} 个字", f"longer than {most} characters")
    if any(ord(character) < 32 and character not in "\n\t" for character in text):
        raise CellError("含有控制字符", "holds control characters")
    return text


def _pattern(expression: str, zh: str, en: str, *, upper: bool = False) -> Callable[[Column, str], str]:
    compiled = re.compile(expression)

    def read(column: Column, text: str) -> str:
        given = unicodedata.normalize("NFKC", text)
        given = given.upper() if upper else given
        if not compiled.fullmatch(given):
            raise CellError(f"“{text[:40]}”{zh}", f"{text[:40]!r} {en}")
        return given

    return read


def _yes_no(_: Column, text: str) -> bool:
    for value, known in ((True, _YES), (False, _NO)):
        if plain(text) in known:
            return value
    raise CellError(f"“{text[:40]}”应为是或否", f"{text[:40]!r}: expected yes or no")


_YES = {"是", "有", "是yes", "yes", "y", "true", "1", "√", "✓"}
_NO = {"否", "无", "没有", "否no", "no", "n", "false", "0", "×", "✗"}


def _one(column: Column, text: str) -> str:
    wanted = plain(text)
    for key, zh in words()[column.about].items():
        if wanted in (plain(key), plain(zh), plain(f"{zh} {key}"), zh):
            return key
    known = "、".join(words()[column.about].values())
    raise CellError(f"“{text[:40]}”应为：{known}", f"{text[:40]!r}: expected one of {', '.join(words()[column.about])}")


def split(text: str) -> list[str]:
    """The parts of a cell that names several."""
    return [part.strip() for part in re.split(r"[；;\n]", text) if part.strip()]


def _some(column: Column, text: str) -> list[str]:
    return [_one(column, part) for part in split(text)]


_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月?)(?: 00:00(?::00)?)?")


def read_day(text: str, *, last_of_month: bool) -> dt.date:
    """A day as people write it; a month alone is its last day where that is what a label means.

    Raises CellError.

    >>> read_day("２０２７年５月", last_of_month=True), read_day("2027/5/3", last_of_month=False)
    (datetime.date(2027, 5, 31), datetime.date(2027, 5, 3))
    """
    match = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    try:
        if match is None or (match[3] is None and not last_of_month):
            raise ValueError
        year, month = int(match[1]), int(match[2])
        found = dt.date(year, month, int(match[3]) if match[3] else monthrange(year, month)[1])
        if not 1900 <= year <= 2999:
            raise ValueError
    except (ValueError, IndexError):
        raise CellError(
            f"“{text[:40]}”应为日期，如 2027-05-31", f"{text[:40]!r}: expected a day such as 2027-05-31"
        ) from None
    return found


def _whole(column: Column, text: str) -> int:
    value = _number(column, text)
    if value != int(value) or value > 10_000_000:
        raise CellError(f"“{text[:40]}”应为整数", f"{text[:40]!r}: expected a whole number")
    return int(value)


def _number(column: Column, text: str) -> float:
    value = float(number(text))
    least, most = (-180.0, 180.0) if column.field in ("lon", "lat") else (0.0, 1e8)
    if not least <= value <= most:
        zh = f"“{text[:40]}”应为 {least:g} 至 {most:g} 的数"
        raise CellError(zh, f"{text[:40]!r}: expected a number from {least:g} to {most:g}")
    return value


def _money(_: Column, text: str) -> int:
    given = unicodedata.normalize("NFKC", text).replace(",", "").removesuffix("元").strip()
    try:
        fen = Decimal(given) * 100
        if fen != int(fen) or not 0 <= fen <= 10**13:
            raise ValueError
    except (InvalidOperation, ValueError, OverflowError):
        raise CellError(f"“{text[:40]}”应为金额，单位元", f"{text[:40]!r}: expected an amount in CNY") from None
    return int(fen)


def _hours(column: Column, text: str) -> str:
    """Opening hours in OSM syntax, from that or from what people write."""
    from aedplan.hours.texts import understand_hours

    [understood] = understand_hours([_text(column, text)])
    if not understood.osm:
        zh = f"没有看懂“{text[:40]}”，请写如：周一至周五 8:00-17:00"
        raise CellError(zh, f"{text[:40]!r}: expected opening hours such as Mo-Fr 08:00-17:00")
    return understood.osm


def _spares(_: Column, text: str) -> list[Spare]:
    return [_spare(part) for part in split(text)]


def _spare(text: str) -> Spare:
    child = text.startswith(("儿童", "child"))
    rest = text.removeprefix("儿童").removeprefix("child").strip()
    day, _, lot = rest.partition(" ")
    unknown = plain(day) in ("未知", "unknown")
    return Spare(child, None if unknown else read_day(day, last_of_month=True), lot.strip())


_READERS: Mapping[str, Callable[[Column, str], Any]] = {
    "yes_no": _yes_no,
    "one": _one,
    "some": _some,
    "all": lambda _, text: split(text),
    "day": lambda _, text: read_day(text, last_of_month=False),
    "expiry": lambda _, text: read_day(text, last_of_month=True),
    "whole": _whole,
    "number": _number,
    "money": _money,
    "hours": _hours,
    "spares": _spares,
    "code": _pattern(
        r"[0-9A-Z-]{2,16}", "应为 2 至 16 位字母、数字", "expected 2 to 16 letters and digits", upper=True
    ),
    "unit": _pattern(
        r"[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}", "应为行政区划代码", "expected the code of a unit"
    ),
    "phone": _pattern(r"[0-9 +()-]{1,32}", "应为电话号码", "expected a phone number"),
    "email": _pattern(r"[^@\s<>,;]+@[^@\s<>,;]+", "应为邮箱", "expected an e-mail address"),
}


_CLEARS = re.compile(rf"'*({'|'.join(CLEAR)})", re.IGNORECASE)


def kept(text: str) -> str:
    """A text of the records that would read as the word that empties a field."""
    return f"'{text}" if _CLEARS.fullmatch(text) else text


def clears(text: str) -> bool:
    """Whether a cell asks for its field to be emptied."""
    return text.casefold() in CLEAR


def unkept(text: str) -> str:
    """A cell without the quote that `write_csv` and `write_book` put before the word that empties a field."""
    return text[1:] if text.startswith("'") and _CLEARS.fullmatch(text) else text
