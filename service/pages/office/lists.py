"""Lists: searched, filtered, sorted and cut into pages of 50 by what stands in the address, so that it can be sent on,
kept as a bookmark and gone back to."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Literal, NamedTuple

from .show import Badge, Link

PAGE = 50
LONGEST_SEARCH = 100
Cell = str | int | float | dt.date | Badge | Link | None


class Column(NamedTuple):
    """A column: its key in the rows, its header with the unit, whether its numbers stand right, whether a phone shows it.

    text  writes a cell that is neither words nor a state
    """

    key: str
    label: str
    shape: Literal["words", "number", "date"] = "words"
    wide: bool = False
    text: Callable[[Any], str] = str


class Filter(NamedTuple):
    """A choice of one value; rows name theirs in `tags`."""

    name: str
    label: str
    choices: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Row:
    """A line: where it leads, its cells by column, what filters go by, and words that are found without being shown."""

    href: str
    cells: Mapping[str, Any]
    tags: Mapping[str, str | Iterable[str]] = field(default_factory=dict)
    words: str = ""


@dataclass(frozen=True)
class Listing:
    """What a page shows of a list, and how it came to be.

    query   search, filters and order as they stand in the address
    found   how many rows there are on all pages; total: without search and filters
    """

    columns: Sequence[Column]
    filters: Sequence[Filter]
    rows: Sequence[Row]
    query: Mapping[str, str]
    sort: str
    page: int
    pages: int
    found: int
    total: int

    def order(self, key: str) -> str:
        """What a click on a column sorts by."""
        return f"-{key}" if self.sort == key else key

    def direction(self, key: str) -> str:
        """How a column is sorted, as aria-sort has it."""
        return {key: "ascending", f"-{key}": "descending"}.get(self.sort, "none")


def arrange(
    rows: Sequence[Row], columns: Sequence[Column], filters: Sequence[Filter], asked: Mapping[str, str], *, sort: str
) -> Listing:
    """The rows that an address asks for.

    asked  the query of the address; what it does not know is left out
    sort   the order when none is asked for: a column, with - before it from the last to the first
    """
    query = {one.name: asked[one.name] for one in filters if asked.get(one.name) in dict(one.choices)}
    search = asked.get("q", "").strip()[:LONGEST_SEARCH]
    found = [row for row in rows if all(_tagged(row, name, value) for name, value in query.items())]
    found = [row for row in found if _holds(row, columns, search)] if search else found
    order = asked.get("sort", "")
    order = order if order.removeprefix("-") in {column.key for column in columns} else sort
    found = _sorted(found, order)
    pages = max(1, ceil(len(found) / PAGE))
    page = min(max(1, int(asked["page"])), pages) if asked.get("page", "").isdecimal() else 1
    kept = query | ({"q": search} if search else {}) | ({"sort": order} if order != sort else {})
    return Listing(
        columns, filters, found[(page - 1) * PAGE : page * PAGE], kept, order, page, pages, len(found), len(rows)
    )


def _tagged(row: Row, name: str, value: str) -> bool:
    own = row.tags.get(name, "")
    return value == own if isinstance(own, str) else value in own


def _holds(row: Row, columns: Sequence[Column], search: str) -> bool:
    told = (shown(column, row.cells.get(column.key)) for column in columns if column.shape != "number")
    whole = " ".join([row.words, *told]).casefold()
    return all(word in whole for word in search.casefold().split())


def shown(column: Column, cell: Cell) -> str:
    """A cell as text."""
    if cell is None:
        return ""
    if isinstance(cell, Badge):
        return cell.word
    return cell.text if isinstance(cell, Link) else column.text(cell)


def _sorted(rows: list[Row], order: str) -> list[Row]:
    """By one column, rows that know nothing there last in either direction."""
    key, back = order.removeprefix("-"), order.startswith("-")
    known = [row for row in rows if row.cells.get(key) not in (None, "")]
    unknown = [row for row in rows if row.cells.get(key) in (None, "")]
    return sorted(known, key=lambda row: _rank(row.cells[key]), reverse=back) + unknown


def _rank(cell: Cell) -> Any:
    if isinstance(cell, Badge):
        return cell.rank
    text = cell.text if isinstance(cell, Link) else cell
    return text.encode("gb18030", errors="replace") if isinstance(text, str) else text


def options_of(rows: Iterable[Row], name: str, word: Callable[[str], str]) -> list[tuple[str, str]]:
    """The choices of a filter: the values that there are, by their words."""
    values = {row.tags.get(name, "") for row in rows}
    return sorted(((one, word(one)) for one in values if isinstance(one, str) and one), key=lambda pair: _rank(pair[1]))


__all__ = ["Cell", "Column", "Filter", "Listing", "Row", "arrange", "options_of", "shown"]
