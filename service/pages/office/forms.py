"""Forms made from the shapes of the JSON interface: what a field is follows from its shape, its words from fields.py.

A form sends itself to the interface (see office.js): a new record whole, a changed one only by what was changed, with
the version that was seen, so that two people who change one record both keep what they wrote.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, NamedTuple

from ...api.shapes import Shape
from ...facts import COUNTY_TIME
from ...tables.places import CoordinateSource
from ..catalog import Translate
from .choices import CHOICES, VENUES, word_of
from .fields import field_of
from .names import Names
from .words import message as _

InputKind = Literal[
    "text", "long", "number", "whole", "money", "date", "instant", "choice", "maybe", "flag", "record", "records",
    "several", "lines", "position", "rows", "people", "secret", "venue", "hidden", "none",
]  # fmt: skip
Choices = tuple[tuple[str, str], ...]
SYSTEMS = ("wgs84", "gcj02", "bd09")
LONG_TEXT = 400
"""From so many characters on a text has several lines."""

MANY = 40
"""From so many records on one types a part of the name instead of going through a list."""


@dataclass(frozen=True)
class Input:
    """One field of a form, with all its words already in the language of the page.

    value   what it begins with, as JSON has it; money in fen, instants in the county's time
    parts   the fields of each row, of a position
    """

    name: str
    kind: InputKind
    label: str
    hint: str = ""
    required: bool = False
    nullable: bool = False
    value: Any = None
    choices: Choices = ()
    limits: Mapping[str, Any] | None = None
    parts: tuple["Input", ...] = ()
    of: str = ""

    def word(self, value: Any) -> str:
        """The word of a value among the choices."""
        return dict(self.choices).get(value, "")

    def begun(self, value: Any) -> "Input":
        """The same field with something in it."""
        return replace(self, value=_as_json(value))

    def kept(self) -> "Input":
        """The same list with nothing chosen, not shown, sent all the same."""
        return replace(self, kind="none")


class Form(NamedTuple):
    """A form and where it goes.

    to       the address of the interface; see: where the record is read again after a conflict
    after    where to go then, with {id} of what was made; "" stays and loads the page again
    groups   fields under a heading each
    sure     what is asked before it is sent
    wraps    how the fields become the value of a rule (see office.js)
    shows    what the answer tells once instead of loading the page again: "token" or "link"
    """

    id: str
    title: str
    button: str
    method: str
    to: str
    groups: Sequence[tuple[str, tuple[Input, ...]]]
    after: str = ""
    version: int | None = None
    see: str = ""
    sure: str = ""
    note: str = ""
    wraps: str = ""
    shows: str = ""


class Inputs:
    """Makes fields in one language, with the names that the reader may see."""

    def __init__(self, say: Translate, names: Names) -> None:
        self._say, self._names = say, names

    def of(
        self, shape: type[Shape], subject: str, *, values: object = None, only: str = "", without: str = ""
    ) -> tuple[Input, ...]:
        """The fields of a shape.

        subject  as fields.py calls it
        values   what they begin with: a shape or a mapping
        only     names of the fields wanted, in the order wanted; without: names of those left out
        """
        schema = _schema(shape)
        given = values if isinstance(values, Mapping) else (values.model_dump() if isinstance(values, Shape) else {})
        names = only.split() or [name for name in schema["properties"] if name not in ("version", *without.split())]
        made = [self._input(name, schema, subject, given) for name in names]
        return tuple(one for one in made if one.kind not in ("record", "records") or one.choices or one.required)

    def grouped(
        self, groups: Sequence[tuple[str, str]], shape: type[Shape], subject: str, *, values: object = None
    ) -> list[tuple[str, tuple[Input, ...]]]:
        """The fields of a shape under headings: (heading, names of fields)."""
        return [(self._say(title), self.of(shape, subject, values=values, only=only)) for title, only in groups]

    def _input(self, name: str, schema: Mapping[str, Any], subject: str, given: Mapping[str, Any]) -> Input:
        told, nullable = _plain(schema["properties"][name], schema)
        field = field_of(name, subject)
        kind = _kind(name, told, nullable, field.of)
        value = given.get(name, told.get("default"))
        if kind == "position" and value is None and given.get("lon") is not None:
            value = {"lon": given["lon"], "lat": given["lat"], "source": "wgs84"}
        if kind == "people":
            value = [{"person_id": one, "passed": passed} for one, passed in (value or {}).items()]
        made = Input(
            name,
            kind,
            self._say(field.label) + (self._unit(field.unit) if field.unit else ""),
            self._say(field.hint) if field.hint else "",
            name in schema.get("required", ()),
            nullable,
            _as_json(value),
            limits=_limits(told),
            of=field.of,
        )
        return replace(made, choices=self._choices(made, told), parts=self._parts(made, told, schema))

    def _unit(self, unit: str) -> str:
        return self._say(_("（{unit}）"), unit=self._say(unit))

    def _choices(self, made: Input, told: Mapping[str, Any]) -> Choices:
        if made.kind == "venue":
            return tuple((value, self._say(word)) for value, word in VENUES.items())
        if made.kind in ("record", "records"):
            return tuple(self._names.all(made.of).items())
        if made.kind == "maybe":
            return (("", self._say(_("不详"))), ("yes", self._say(_("是"))), ("no", self._say(_("否"))))
        values = tuple(told.get("enum") or told.get("items", {}).get("enum", ()))
        return tuple((value, self._say(CHOICES[values][value])) for value in values)

    def _parts(self, made: Input, told: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[Input, ...]:
        if made.kind == "rows":
            inner, _nullable = _plain(told["items"], schema)
            return tuple(
                self._input(name, {**inner, **_defs(schema)}, _SUBJECT[made.name], {}) for name in inner["properties"]
            )
        if made.kind == "position":
            start = made.value or {"source": "wgs84"}
            lon, lat = (self._input(name, {**told, **_defs(schema)}, "position", start) for name in ("lon", "lat"))
            systems = tuple((one, self._say(word_of(one, CoordinateSource))) for one in SYSTEMS)
            label = self._say(_("坐标系"))
            return lon, lat, Input("source", "choice", label, value=start["source"], required=True, choices=systems)
        if made.kind == "people":
            person = Input("person_id", "record", made.label, required=True, of="person")
            passed = Input("passed", "maybe", self._say(_("合格")), nullable=True)
            return tuple(replace(one, choices=self._choices(one, {})) for one in (person, passed))
        return ()


_SUBJECT = {"obligations": "obligation", "insured": "insured"}


@cache
def _schema(shape: type[Shape]) -> Mapping[str, Any]:
    return shape.model_json_schema()


def _defs(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"$defs": schema.get("$defs", {})}


def _plain(told: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    """What a field may hold besides null, and whether null."""
    options = [one for one in told.get("anyOf", [told]) if one.get("type") != "null"]
    inner = options[0]
    if "$ref" in inner:
        inner = schema["$defs"][inner["$ref"].rpartition("/")[2]]
    return {**inner, **({"default": told["default"]} if "default" in told else {})}, len(told.get("anyOf", ())) > len(
        options
    )


_BY_TYPE: Mapping[str, InputKind] = {"integer": "whole", "number": "number"}
_BY_FORMAT: Mapping[str, InputKind] = {"date": "date", "date-time": "instant"}
_BY_NAME: Mapping[str, InputKind] = {
    "position": "position", "people": "people", "venue_type": "venue", "password": "secret", "old": "secret", "new": "secret",
}  # fmt: skip


def _kind(name: str, told: Mapping[str, Any], nullable: bool, of: str) -> InputKind:
    if name in _BY_NAME:
        return _BY_NAME[name]
    if told["type"] == "boolean":
        return "maybe" if nullable else "flag"
    if told["type"] == "array":
        return _array_kind(told["items"], of)
    if "enum" in told:
        return "choice"
    if of:
        return "record"
    if name.endswith("_fen"):
        return "money"
    long = "long" if told.get("maxLength", 0) >= LONG_TEXT else "text"
    return _BY_TYPE.get(told["type"]) or _BY_FORMAT.get(told.get("format", "")) or long  # type: ignore[return-value]


def _array_kind(items: Mapping[str, Any], of: str) -> InputKind:
    if "$ref" in items:
        return "rows"
    return "several" if "enum" in items else ("records" if of else "lines")


def _limits(told: Mapping[str, Any]) -> dict[str, Any]:
    """What the browser itself can hold a field to."""
    named = {
        "maxLength": "maxlength",
        "minimum": "min",
        "maximum": "max",
        "ge": "min",
        "le": "max",
        "pattern": "pattern",
    }
    found = {html: told[name] for name, html in named.items() if name in told}
    if "pattern" in found:
        found["pattern"] = found["pattern"].removeprefix("^").removesuffix("$")
    return found


def _as_json(value: Any) -> Any:
    if hasattr(value, "astimezone"):
        return value.astimezone(COUNTY_TIME).isoformat(timespec="minutes")
    return value.isoformat() if hasattr(value, "isoformat") else value
