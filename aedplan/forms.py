"""A table understood: its columns found by name, its numbers, places and ids read, every fault noted with its row.

Columns are found by the synonyms of `data/columns.toml`. The coordinate system of a plain table is declared, never
guessed: a point in the wrong one lies further off than a whole rescue circle.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import cast

import numpy as np

from .checks import duplicate_faults, name_first, unknown_key_faults
from .coordinates import SYSTEMS, System, convert
from .errors import InputError
from .tables import Table

CRS_CHOICES = (
    "坐标系未声明，请用 crs 说明：wgs84（GPS、OpenStreetMap）、gcj02（高德、腾讯）或 bd09（百度）；选错会偏移数百米。"
    ' / the coordinate system is not declared; expected crs="wgs84" (GPS, OpenStreetMap), "gcj02" (Amap, Tencent) or'
    ' "bd09" (Baidu); the wrong one shifts points by hundreds of metres'
)


def shipped(name: str) -> Path:
    """A file of the `data` folder that comes with the program, in an installed package or in a checkout.

    Raises InputError when no such file is shipped.

    >>> shipped("columns.toml").name
    'columns.toml'
    """
    folders = (Path(__file__).parent / "data", Path(__file__).parents[1] / "data")
    found = [folder / name for folder in folders if (folder / name).exists()]
    if not found:
        raise InputError(f"{name} does not come with this program")
    return found[0]


@lru_cache(maxsize=1)
def synonyms() -> Mapping[str, tuple[str, ...]]:
    """Field of a table: the names its column may have, as in `data/columns.toml`."""
    table = tomllib.loads(shipped("columns.toml").read_text(encoding="utf-8"))
    return {key: tuple(names) for key, names in table.items()}


def plain(name: str) -> str:
    """A column's name without case, width, spaces, joining marks and a unit in brackets at its end.

    >>> plain(" Opening_Hours "), plain("经度（°）"), plain("ＬＯＮ")
    ('openinghours', '经度', 'lon')
    """
    name = unicodedata.normalize("NFKC", name).casefold()
    name = re.sub(r"[(\[][^()\[\]]*[)\]]\s*$", "", name) or name
    return re.sub(r"[\s_\-*::.]+", "", name)


@dataclass(frozen=True)
class Form:
    """A table with its columns understood.

    name    field: the header it stands under, as written
    text    field: (R,) texts
    faults  what is wrong with the table; grows while it is read
    """

    table: Table
    name: dict[str, str]
    text: dict[str, tuple[str, ...]]
    faults: list[str] = field(default_factory=list)

    def flag(self, bad: np.ndarray, noun: str, expected: str, *, quote: str = "") -> None:
        """Note the rows (R,) bool that are wrong: how many, which is first, and what that one holds in `quote`."""
        if not bad.any():
            return
        first = int(np.argmax(bad))
        counted = name_first(int(bad.sum()), noun, self.row(first))
        held = f" holds {self.text[quote][first]!r}" if quote else ""
        self.faults.append(f"{self.table.where}: {counted}{held}; expected {expected}")

    def row(self, index: int) -> str:
        """The words for one record: its row number and its label."""
        label = self.text["label"][index] if "label" in self.text else ""
        return f"row {self.table.row[index]} ({label})" if label else f"row {self.table.row[index]}"


def understand(table: Table, fields: Sequence[str], columns: Mapping[str, str] | None = None) -> Form:
    """Find the columns of some fields in a table.

    columns  field: header, where the synonyms do not fit; these go first; "" says that no column holds it

    Fields that no column stands for are left out; clashes and unknown names are faults of the form.
    """
    columns = columns or {}
    faults = [f"{table.where}: columns: {fault}" for fault in unknown_key_faults(columns, synonyms(), "")]
    name, text = {}, {}
    for key in fields:
        found = _candidates(table, key, columns.get(key))
        if len(found) > 1:
            clash = ", ".join(table.header[number] for number in found)
            faults.append(f"{table.where}: columns {clash} all mean {key}; expected one, or columns={{{key!r}: ...}}")
        elif found:
            name[key], text[key] = table.header[found[0]], table.columns[found[0]]
        elif columns.get(key):
            faults.append(f"{table.where}: no column {columns[key]!r} for {key}; the columns are: {listed(table)}")
    return Form(table, name, text, faults)


def _candidates(table: Table, key: str, given: str | None) -> list[int]:
    """Numbers of the columns that may hold a field; `given` is the header a caller named, "" for none."""
    if given is not None:
        exact = [number for number, header in enumerate(table.header) if given and header == given]
        if exact:
            return exact
    wanted = {plain(synonym) for synonym in (synonyms()[key] if given is None else [given])} - {""}
    return [number for number, header in enumerate(table.header) if plain(header) in wanted]


def listed(table: Table) -> str:
    """The names of a table's columns, for messages."""
    return ", ".join(header for header in table.header if header)


_PLAIN_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
_GROUPED_NUMBER = re.compile(r"[+-]?[1-9]\d{0,2}(?:(,\d{3})+|( \d{3})+)(\.\d+)?", re.ASCII)


def number(text: str) -> float:
    """The number a cell holds; NaN where it holds none, or one that can be read in two ways.

    Full-width digits and thousands divided by commas or spaces are read; a decimal comma is not.

    >>> number("２４，０００"), number("180 000.5"), number("24.000,5"), number("24,96")
    (24000.0, 180000.5, nan, nan)
    """
    text = unicodedata.normalize("NFKC", text).replace("\u2212", "-").strip()
    if _GROUPED_NUMBER.fullmatch(text):
        text = text.replace(",", "").replace(" ", "")
    value = float(text) if _PLAIN_NUMBER.fullmatch(text) else np.nan
    return value if np.isfinite(value) else np.nan


def numbers(form: Form, key: str, expected: str) -> np.ndarray:
    """(R,) numbers of a field; cells that hold something else are faults, empty cells are NaN and none."""
    text = form.text[key]
    values = np.array([number(cell) for cell in text])
    filled = np.array([cell != "" for cell in text], dtype=bool)
    form.flag(filled & np.isnan(values), f"rows have no number in {form.name[key]}", expected, quote=key)
    return values


def amounts(form: Form, key: str, expected: str) -> np.ndarray:
    """(R,) numbers of a field that every row must have, none below 0."""
    values = numbers(form, key, expected)
    form.flag(np.array([cell == "" for cell in form.text[key]]), f"rows have no {form.name[key]}", expected)
    form.flag(values < 0, f"rows have a {form.name[key]} below 0", expected, quote=key)
    return values


def places(form: Form, crs: str | None) -> np.ndarray:
    """(R, 2) WGS-84 degrees of the rows, from the file's geometry or its columns; what is wrong becomes faults.

    crs  wgs84, gcj02 or bd09; may be left out where the file names its own system
    """
    where = form.table.where
    if crs is None and not form.table.has_crs:
        form.faults.append(f"{where}: {CRS_CHOICES}")
    elif crs not in (None, *SYSTEMS):
        form.faults.append(f"{where}: crs {crs!r} is not known; expected one of {', '.join(SYSTEMS)}")
    lonlat = _degrees(form)
    if lonlat is None:
        return np.zeros((len(form.table), 2))
    _flag_places(form, lonlat, _chinese(form, crs))
    if form.faults:
        return lonlat
    return convert(lonlat, source=cast(System, crs or "wgs84"), target="wgs84")


def _degrees(form: Form) -> np.ndarray | None:
    """Coordinates as they stand in the file; None where there are no columns for them."""
    if form.table.lonlat is not None:
        form.flag(np.isnan(form.table.lonlat).any(axis=1), "rows have no coordinates", "a geometry in each")
        return form.table.lonlat
    missing = [key for key in ("lon", "lat") if key not in form.name]
    if missing:
        clash = any(f"all mean {key}" in fault for key in missing for fault in form.faults)
        if not clash:
            words = ", ".join(f"{key} ({synonyms()[key][0]})" for key in missing)
            form.faults.append(f"{form.table.where}: no column for {words}; the columns are: {listed(form.table)}")
        return None
    lonlat = np.column_stack([numbers(form, key, "degrees such as 118.386") for key in ("lon", "lat")])
    empty = np.array([a == "" or b == "" for a, b in zip(form.text["lon"], form.text["lat"], strict=True)])
    form.flag(empty, "rows have no coordinates", f"{form.name['lon']}, {form.name['lat']} in degrees")
    return lonlat


def _chinese(form: Form, crs: str | None) -> bool:
    names = form.name.get("lon", "") + form.name.get("lat", "")
    return crs in ("gcj02", "bd09") or any("一" <= character <= "鿿" for character in names)


def _flag_places(form: Form, lonlat: np.ndarray, chinese: bool) -> None:
    """Faults of coordinates: swapped, at 0, 0, or outside the world."""
    lon, lat = lonlat.T
    swapped = (np.abs(lat) > 90) & (np.abs(lat) <= 180) & (np.abs(lon) <= 90)
    if chinese:  # west of 90 E a swapped point still lies in the world, in the Arctic sea
        swapped |= (lon >= 15) & (lon <= 55) & (lat >= 70) & (lat <= 140)
    known = np.isfinite(lonlat).all(axis=1)
    names = f"{form.name.get('lon', 'longitude')}, {form.name.get('lat', 'latitude')}"
    if swapped.any() and swapped[known].all():
        form.faults.append(
            f"{form.table.where}: longitude and latitude are swapped in all rows (columns {names});"
            f" expected longitude in the first, the first row holds {lon[known][0]:g}, {lat[known][0]:g}"
        )
    else:
        form.flag(swapped, "rows have longitude and latitude swapped", "longitude, latitude in degrees")
    form.flag((lon == 0) & (lat == 0), "rows lie at 0, 0 in the Atlantic", "the place, or no row")
    outside = known & ~swapped & ((np.abs(lon) > 180) | (np.abs(lat) > 90))
    form.flag(outside, "rows lie outside the world", "longitude -180..180, latitude -90..90 in degrees")


def ids(form: Form) -> tuple[str, ...]:
    """(R,) ids of the rows, made from row numbers where no column holds them; repeated and empty ones are faults."""
    if "id" not in form.text:
        return tuple(f"row {row}" for row in form.table.row)
    given = form.text["id"]
    form.flag(np.array([i == "" for i in given]), f"rows have no {form.name['id']}", "an id in each, all different")
    filled = [i for i in given if i]
    if duplicate_faults(filled, ""):
        seen: set[str] = set()
        again = np.array([bool(i) and (i in seen or bool(seen.add(i))) for i in given])  # type: ignore[func-returns-value]
        form.flag(again, f"rows repeat the {form.name['id']} of another", "an id in each, all different", quote="id")
    return given
