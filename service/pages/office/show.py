"""Values of the records as people read them: dates, numbers with their thousands, money, words, names with their links."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

from ...facts import COUNTY_TIME
from ...ready.readiness import State
from ..catalog import Translate
from .choices import VENUES, options_of_field, word_of
from .fields import field_of
from .names import Names
from .words import message as _

TONES: Mapping[str, str] = {
    "READY": "usable", "EXPIRING": "unsure", "UNKNOWN": "unsure", "NOT_READY": "closed", "pass": "usable",
    "attention": "unsure", "fail": "closed", "active": "usable", "expiring": "unsure", "expired": "closed",
    "terminated": "closed", "draft": "unsure", "coming": "unsure", "planned": "plan", "proposed": "plan",
    "agreed": "plan", "out_of_service": "closed", "missing": "closed", "retired": "closed", "in_use": "unsure",
    "installed": "unsure", "new": "unsure", "confirmed": "unsure", "critical": "closed", "major": "unsure",
    "queried": "unsure", "rejected": "closed", "accepted": "usable", "usable": "usable", "closed": "closed",
    "unsure": "unsure",
}  # fmt: skip
"""The colour of a state; its icon and its word always stand beside it."""

ICONS: Mapping[str, str] = {"usable": "✓", "unsure": "!", "closed": "×", "plan": "○", "": "·"}


class Badge(NamedTuple):
    """A state: icon, word and colour; `rank` sorts it."""

    tone: str
    icon: str
    word: str
    rank: int = 0


class Link(NamedTuple):
    """Words that lead somewhere; a text where `href` is empty."""

    text: str
    href: str = ""


class Fact(NamedTuple):
    """A line of a record: its name, and what is known, one or several."""

    label: str
    values: tuple[Link | Badge, ...]


def badge(value: str, say: Translate, options: Any = None) -> Badge:
    """A state of the records with its icon, word and colour."""
    tone = TONES.get(value, "")
    values = get_args(options) if options is not None else get_args(State)
    return Badge(tone, ICONS[tone], say(word_of(value, options)), values.index(value) if value in values else 0)


def day(instant: dt.datetime | None) -> str:
    """The day of an instant in the county."""
    return "" if instant is None else f"{instant.astimezone(COUNTY_TIME):%Y-%m-%d}"


def moment(instant: dt.datetime | None) -> str:
    """An instant in the county, to the minute."""
    return "" if instant is None else f"{instant.astimezone(COUNTY_TIME):%Y-%m-%d %H:%M}"


def number(value: float | None, decimals: int = 0) -> str:
    """A number with its thousands; "" for none.

    >>> number(180000), number(2.5, 1), number(None)
    ('180,000', '2.5', '')
    """
    return "" if value is None else f"{value:,.{decimals}f}"


def small(value: float) -> str:
    """A number of two decimals; one that would be lost in them says so.

    >>> small(0.004), small(0.0), small(1.25)
    ('< 0.01', '0', '1.25')
    """
    return "0" if value < 1e-9 else ("< 0.01" if value < 0.01 else number(value, 2))


def yuan(fen: int | None) -> str:
    """Money in yuan.

    >>> yuan(2400000), yuan(150)
    ('24,000', '1.50')
    """
    return "" if fen is None else number(fen / 100, 2 if fen % 100 else 0)


class Shown:
    """Says the values of records in one language."""

    def __init__(self, say: Translate, names: Names) -> None:
        self._say, self._names = say, names

    def facts(self, record: Any, wanted: str, subject: str = "") -> list[Fact]:
        """The fields of a record that are known, in the order wanted."""
        given = record if isinstance(record, Mapping) else {name: getattr(record, name) for name in wanted.split()}
        found = [self.fact(name, given.get(name), subject) for name in wanted.split()]
        return [fact for fact in found if fact.values]

    def fact(self, name: str, value: Any, subject: str = "") -> Fact:
        """One field with what is known of it."""
        field = field_of(name, subject)
        values = value if isinstance(value, list | tuple) else [value]
        options = options_of_field(name, subject)
        links = tuple(self._link(name, one, field.of, options) for one in values if one not in (None, ""))
        unit = self._say(field.unit) if field.unit else ""
        if unit:
            links = tuple(Link(f"{link.text} {unit}", link.href) for link in links)
        return Fact(self._say(field.label), links)

    def _link(self, name: str, value: Any, of: str, options: Any) -> Link:
        if of and isinstance(value, str):
            return Link(self._names.of(of, value), self._names.link(of, value))
        return Link(self._say(word_of(value, options)) if options else self.text(name, value))

    def text(self, name: str, value: Any) -> str:
        """A value as text."""
        if value is None or value == "":
            return "—"
        if isinstance(value, bool):
            return self._say(_("是")) if value else self._say(_("否"))
        if isinstance(value, dt.datetime):
            return moment(value)
        if isinstance(value, dt.date):
            return value.isoformat()
        if name.endswith("_fen"):
            return yuan(value)
        return self._number_or_words(name, value)

    def _number_or_words(self, name: str, value: Any) -> str:
        if isinstance(value, int | float):
            return f"{value:.6f}" if name in ("lon", "lat") else number(value, 0 if float(value).is_integer() else 1)
        if isinstance(value, list | tuple):
            return "、".join(self.text(name, one) for one in value) or "—"
        if isinstance(value, dict):
            return "、".join(f"{key} {self.text(key, one)}" for key, one in value.items()) or "—"
        if name in PLAIN:
            return str(value)
        return self._say(word_of(str(value)))

    def venue(self, kind: str) -> str:
        """The word of a kind of venue; one that a county has added stands as it is."""
        return self._say(VENUES[kind]) if kind in VENUES else kind


PLAIN = frozenset({
    "name", "alias", "note", "text", "title", "number", "policy_no", "serial", "model", "manufacturer", "address", "effect",
    "reason", "lot", "location_text", "place", "course", "summary", "topic", "phone", "email", "opening_hours", "level",
    "public_code", "code", "credit_code", "hotline", "duty_phone", "emergency_phone", "debrief", "thanks", "holiday_calendar",
})  # fmt: skip
"""Words that somebody has typed: never taken for a choice."""
