"""Which column of a table holds what: the names a field may stand under, and the words for kinds of venue.

The names are those of `data/columns.toml`, the words those of `data/kinds.toml`; both ship and can be added to.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from ..errors import InputError
from ..sites import KINDS_ZH


def shipped(name: str) -> Path:
    """A file of the `data` folder that comes with the program, in an installed package or in a checkout.

    Raises InputError when no such file is shipped.

    >>> shipped("columns.toml").name
    'columns.toml'
    """
    folders = (Path(__file__).parents[1] / "data", Path(__file__).parents[2] / "data")
    found = [folder / name for folder in folders if (folder / name).exists()]
    if not found:
        raise InputError(f"{name} does not come with this program")
    return found[0]


def _lists(name: str) -> dict[str, tuple[str, ...]]:
    table = tomllib.loads(shipped(name).read_text(encoding="utf-8"))
    return {key: tuple(words) for key, words in table.items()}


@lru_cache(maxsize=1)
def synonyms() -> Mapping[str, tuple[str, ...]]:
    """Field of a table: the names its column may have, as in `data/columns.toml`, the most telling first."""
    return _lists("columns.toml")


@lru_cache(maxsize=1)
def field_of() -> Mapping[str, str]:
    """Plain name of a column: the field it holds.

    >>> field_of()[plain("Longitude")], field_of()[plain("経度")]
    ('lon', 'lon')
    """
    return {plain(name): key for key, names in synonyms().items() for name in names}


@lru_cache(maxsize=1)
def kind_of() -> Mapping[str, str]:
    """Plain word for a kind of venue: the key of KINDS_ZH, as in `data/kinds.toml`.

    >>> kind_of()[plain("國小")], kind_of()[plain("酒店")]
    ('school', 'hotel')
    """
    words = {plain(word): key for key, listed in _lists("kinds.toml").items() for word in listed}
    return words | {plain(word): key for key, chinese in KINDS_ZH.items() for word in (key, chinese)} | {"": "other"}


def plain(name: str) -> str:
    """A name without case, width, spaces, joining marks and a unit in brackets at its end.

    >>> plain(" Opening_Hours "), plain("经度（°）"), plain("ＬＯＮ")
    ('openinghours', '经度', 'lon')
    """
    name = unicodedata.normalize("NFKC", name).casefold()
    name = re.sub(r"[(\[][^()\[\]]*[)\]]\s*$", "", name) or name
    return re.sub(r"[\s_\-*:.]+", "", name)


HEADER_ROWS = 3
"""A header is at most so many rows high; it begins within the first FIRST_ROWS that hold anything."""
FIRST_ROWS = 10
LEAST_KNOWN = 3
"""Fewer names of fields in one row may be chance: a record can hold "no" and "x"."""


def find_header(rows: Sequence[Sequence[str]]) -> tuple[int, int, tuple[str, ...]]:
    """Where the header begins among the first rows of a table, how many rows it has, and the names it gives.

    rows  at least one, none empty; above the header there may be titles, below it the records

    The header is the row, or up to three rows with merged cells, that names most fields, three at least; where none does,
    the first row, or the second where the first holds a single cell.
    """
    height_of = range(1, HEADER_ROWS + 1)
    spans = [(start, height) for height in height_of for start in range(min(len(rows), FIRST_ROWS))]
    spans = [(start, height) for start, height in spans if _may_be_header(rows[start : start + height], height)]
    start, height = max(spans, key=lambda span: _known(join_header(rows[span[0] : sum(span)])), default=(0, 1))
    names = join_header(rows[start : start + height])
    if _known(names) >= LEAST_KNOWN:
        return start, height, names
    start = int(len(rows) > 1 and _filled(rows[0]) == 1 < _filled(rows[1]))
    return start, 1, join_header(rows[start : start + 1])


def join_header(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The names of columns from the rows of a header: the lowest word in each, with the one above where that repeats.

    >>> join_header([["编号", "坐标", ""], ["", "经度", "纬度"]])
    ('编号', '经度', '纬度')
    >>> join_header([["上午", "", "下午", ""], ["开", "关", "开", "关"]])
    ('上午 开', '上午 关', '下午 开', '下午 关')
    """
    width = max(map(len, rows))
    levels = [[*row, *[""] * (width - len(row))] for row in rows]
    lowest = [next((level[c] for level in reversed(levels) if level[c]), "") for c in range(width)]
    above = [""] * width
    for column in range(width) if len(rows) > 1 else ():
        above[column] = levels[0][column] or (above[column - 1] if column else "")
    twice = {name for name in lowest if name and lowest.count(name) > 1}
    joined = (f"{top} {name}" if name in twice and top else name for top, name in zip(above, lowest, strict=True))
    return tuple(" ".join(name.split()) for name in joined)


def _may_be_header(rows: Sequence[Sequence[str]], height: int) -> bool:
    """Several rows are one header only where a lower one names two fields and no cell holds a number."""
    if len(rows) < height:
        return False
    lower = rows[1:]
    return all(_known(row) >= 2 and not any(re.search(r"\d\.\d|^\d+$", cell) for cell in row) for row in lower)


def _known(names: Sequence[str]) -> int:
    """How many different fields some names stand for."""
    return len({field_of()[plain(name)] for name in names if plain(name) in field_of()})


def _filled(row: Sequence[str]) -> int:
    return sum(cell != "" for cell in row)
