"""Tables for people, the same for pages and documents: columns with their units, rows, a total."""

from typing import Any, Literal, NamedTuple

from .words import Words


class Column(NamedTuple):
    """A column's header, unit included, and the shape of what it holds: numbers stand right."""

    words: Words
    shape: Literal["short", "long", "right"] = "short"


class Sheet(NamedTuple):
    """A table: cells are Words, texts or numbers already written."""

    title: Words
    columns: list[Column]
    rows: list[list[Any]]
    total: list[Any]


class Section(NamedTuple):
    """One part of a report.

    key     which picture belongs to it, if any: circles, map, curve
    before  sentences above picture and tables
    after   sentences below; as a list when `listed`
    """

    key: str
    title: Words
    before: tuple[Words, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    after: tuple[Words, ...] = ()
    listed: bool = False
