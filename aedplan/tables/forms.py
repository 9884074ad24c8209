"""A table understood: its columns found by name, its numbers, places and ids read, every fault noted with its row.

Columns are found by the synonyms of `data/columns.toml`. The coordinate system of a plain table is declared, never
guessed: a point in the wrong one lies further off than a whole rescue circle.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from ..checks import name_first, unknown_key_faults
from ..coordinates import SYSTEMS, System, convert
from .columns import plain, synonyms
from .readings import Mend, ReadReport, Reason, Refusal
from .tables import HEADER_AGAIN, TOO_WIDE, Table, odd_faults

CRS_CHOICES = (
    "坐标系未声明，请用 crs 说明：wgs84（GPS、OpenStreetMap）、gcj02（高德、腾讯）或 bd09（百度）；选错会偏移数百米。"
    ' / the coordinate system is not declared; expected crs="wgs84" (GPS, OpenStreetMap), "gcj02" (Amap, Tencent) or'
    ' "bd09" (Baidu); the wrong one shifts points by hundreds of metres'
)


@dataclass(frozen=True)
class Form:
    """A table with its columns understood.

    name     field: the header it stands under, as written
    text     field: (R,) texts
    faults   what is wrong with the table; grows while it is read
    of_rows  those of the faults that lie in some rows, so that leaving these out mends the table
    refused  index of a row: why it cannot be used; grows while the table is read
    mended   cells not taken as written; grows while the table is read
    by_row   True where rows that can be mended are mended and told, instead of being faults
    """

    table: Table
    name: dict[str, str]
    text: dict[str, tuple[str, ...]]
    faults: list[str] = field(default_factory=list)
    of_rows: list[str] = field(default_factory=list)
    refused: dict[int, list[Reason]] = field(default_factory=dict)
    mended: list[Mend] = field(default_factory=list)
    by_row: bool = False

    def flag(self, bad: np.ndarray, why: Reason, expected: str, *, quote: str = "") -> None:
        """Note the rows (R,) bool that are wrong: how many, which is first, and what that one holds in `quote`.

        why  what is wrong, the English after the word "rows": "have no coordinates"
        """
        if not bad.any():
            return
        first = int(np.argmax(bad))
        counted = name_first(int(bad.sum()), f"rows {why.en}", self.row(first))
        held = f" holds {self.text[quote][first]!r}" if quote else ""
        self.of_rows.append(f"{self.table.where}: {counted}{held}; expected {expected}")
        self.faults.append(self.of_rows[-1])
        one = name_first(1, f"rows {why.en}", "").removeprefix("1 row ").removesuffix(": ")
        for index in np.flatnonzero(bad).tolist():
            cell = f"：{self.text[quote][index]!r}" if quote else "", f": {self.text[quote][index]!r}" if quote else ""
            self.refused.setdefault(index, []).append(Reason(why.zh + cell[0], one + cell[1]))

    def mend(self, index: int, key: str, after: str, why: Reason) -> None:
        """Note that a cell was not taken as written."""
        self.mended.append(Mend(self.table.row[index], self.name[key], self.text[key][index], after, why))

    def row(self, index: int) -> str:
        """The words for one record: its row number and its label."""
        label = self.text["label"][index] if "label" in self.text else ""
        return f"row {self.table.row[index]} ({label})" if label else f"row {self.table.row[index]}"


FIGURES = ("lon", "lat", "cost", "population", "weight")
"""Fields of which two columns are a fault: taking the wrong one would change figures. Of other fields the first is taken."""


def understand(
    table: Table, fields: Sequence[str], columns: Mapping[str, str] | None = None, *, by_row: bool = False
) -> Form:
    """Find the columns of some fields in a table.

    columns  field: header, where the synonyms do not fit; these go first; "" says that no column holds it
    by_row   True where rows that can be mended shall be

    Fields that no column stands for are left out; clashes, unknown names and rows that are no records are faults.
    """
    columns = columns or {}
    faults = [f"{table.where}: columns: {fault}" for fault in unknown_key_faults(columns, synonyms(), "")]
    name, text = {}, {}
    for key in fields:
        found = _candidates(table, key, columns.get(key))
        if len(found) > 1 and key in FIGURES:
            clash = ", ".join(table.header[number] for number in found)
            faults.append(f"{table.where}: columns {clash} all mean {key}; expected one, or columns={{{key!r}: ...}}")
        elif found:
            name[key], text[key] = table.header[found[0]], table.columns[found[0]]
        elif columns.get(key):
            faults.append(f"{table.where}: no column {columns[key]!r} for {key}; the columns are: {listed(table)}")
    form = Form(
        table, name, text, faults, list(table_faults := odd_faults(table)), mended=list(table.mended), by_row=by_row
    )
    form.faults.extend(table_faults)
    for index, why in table.odd.items():
        form.refused[index] = [ODD[why]]
    return form


ODD = {
    TOO_WIDE: Reason(TOO_WIDE.zh, "has more cells than the header"),
    HEADER_AGAIN: Reason(HEADER_AGAIN.zh, "repeats the header"),
}
"""Why a row is no record, said of one."""


def report(form: Form) -> ReadReport:
    """What was read of a table, mended and refused; every row of the file is in it."""
    labels = form.text.get("label", form.text.get("id", ("",) * len(form.table)))
    refused = (Refusal(form.table.row[i], labels[i], tuple(form.refused[i])) for i in sorted(form.refused))
    table = form.table
    left_out = {table.row[index] for index in form.refused}
    kept = (mend for mend in form.mended if mend.before != mend.after and mend.row not in left_out)
    return ReadReport(
        table.where, len(table), table.form, table.below, dict(form.name), tuple(sorted(kept)), tuple(refused)
    )


def kept(form: Form) -> np.ndarray:
    """(K,) indices of the rows that nothing is wrong with."""
    sound = np.ones(len(form.table), dtype=bool)
    sound[list(form.refused)] = False
    return np.flatnonzero(sound)


def file_faults(form: Form) -> list[str]:
    """Faults that no leaving out of rows can mend."""
    return [fault for fault in form.faults if fault not in form.of_rows]


def _candidates(table: Table, key: str, given: str | None) -> list[int]:
    """Numbers of the columns that may hold a field; `given` is the header a caller named, "" for none."""
    if given is not None:
        exact = [number for number, header in enumerate(table.header) if given and header == given]
        if exact:
            return exact
    wanted = [plain(synonym) for synonym in (synonyms()[key] if given is None else [given])]
    found = [(wanted.index(name), number) for number, name in enumerate(map(plain, table.header)) if name in wanted]
    return [number for _, number in sorted(found) if table.header[number]]


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
    if not _PLAIN_NUMBER.fullmatch(text):
        text = unicodedata.normalize("NFKC", text).replace("\u2212", "-").strip()
        if _GROUPED_NUMBER.fullmatch(text):
            text = text.replace(",", "").replace(" ", "")
        if not _PLAIN_NUMBER.fullmatch(text):
            return np.nan
    value = float(text)
    return value if np.isfinite(value) else np.nan


REWRITTEN = Reason("全角或带分隔符的数字", "full-width digits or thousands marks")


def numbers(form: Form, key: str, expected: str) -> np.ndarray:
    """(R,) numbers of a field; cells that hold something else are faults, empty cells are NaN and none."""
    text, name = form.text[key], form.name[key]
    rewritten = [index for index, cell in enumerate(text) if cell and not _PLAIN_NUMBER.fullmatch(cell)]
    odd = set(rewritten)
    values = np.array([np.nan if index in odd or not cell else float(cell) for index, cell in enumerate(text)])
    values[~np.isfinite(values)] = np.nan
    values[rewritten] = [number(text[index]) for index in rewritten]
    filled = np.fromiter((cell != "" for cell in text), dtype=bool, count=len(text))
    bad = np.isnan(values) & filled
    form.flag(bad, Reason(f"{name}不是数字", f"have no number in {name}"), expected, quote=key)
    for index in rewritten:
        if not bad[index]:
            form.mend(index, key, f"{values[index]:.12g}", REWRITTEN)
    return values


def amounts(form: Form, key: str, expected: str) -> np.ndarray:
    """(R,) numbers of a field that every row must have, none below 0."""
    values, name = numbers(form, key, expected), form.name[key]
    empty = np.array([cell == "" for cell in form.text[key]])
    form.flag(empty, Reason(f"没有{name}", f"have no {name}"), expected)
    form.flag(values < 0, Reason(f"{name}小于 0", f"have a {name} below 0"), expected, quote=key)
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
    lonlat = _check_places(form, lonlat, _chinese(form, crs))
    if file_faults(form):
        return lonlat
    usable = np.isfinite(lonlat).all(axis=1) & (np.abs(lonlat) <= (180, 90)).all(axis=1)
    lonlat[usable] = convert(lonlat[usable], source=cast(System, crs or "wgs84"), target="wgs84")
    return lonlat


NO_PLACE = Reason("没有坐标", "have no coordinates")
SWAPPED = Reason("经纬度颠倒", "have longitude and latitude swapped")
AT_ZERO = Reason("坐标为 0, 0（在大西洋）", "lie at 0, 0 in the Atlantic")
NOT_ON_EARTH = Reason("坐标超出经纬度范围", "lie outside the world")
TURNED = Reason("经纬度颠倒，已对调", "longitude and latitude were swapped")


def _degrees(form: Form) -> np.ndarray | None:
    """Coordinates as they stand in the file; None where there are no columns for them."""
    if form.table.lonlat is not None:
        form.flag(np.isnan(form.table.lonlat).any(axis=1), NO_PLACE, "a geometry in each")
        return form.table.lonlat.copy()
    missing = [key for key in ("lon", "lat") if key not in form.name]
    if missing:
        clash = any(f"all mean {key}" in fault for key in missing for fault in form.faults)
        if not clash:
            words = ", ".join(f"{key} ({synonyms()[key][0]})" for key in missing)
            form.faults.append(f"{form.table.where}: no column for {words}; the columns are: {listed(form.table)}")
        return None
    lonlat = np.column_stack([numbers(form, key, "degrees such as 118.386") for key in ("lon", "lat")])
    empty = np.array([a == "" or b == "" for a, b in zip(form.text["lon"], form.text["lat"], strict=True)])
    form.flag(empty, NO_PLACE, f"{form.name['lon']}, {form.name['lat']} in degrees")
    return lonlat


def _chinese(form: Form, crs: str | None) -> bool:
    names = form.name.get("lon", "") + form.name.get("lat", "")
    return crs in ("gcj02", "bd09") or any("一" <= character <= "鿿" for character in names)


def _check_places(form: Form, lonlat: np.ndarray, chinese: bool) -> np.ndarray:
    """The coordinates, those of swapped rows turned round where rows may be mended; the rest wrong become faults.

    Wrong are coordinates that are swapped, at 0, 0, or outside the world.
    """
    lon, lat = lonlat.T
    swapped = (np.abs(lat) > 90) & (np.abs(lat) <= 180) & (np.abs(lon) <= 90)
    if chinese:  # west of 90 E a swapped point still lies in the world, in the Arctic sea
        swapped |= (lon >= 15) & (lon <= 55) & (lat >= 70) & (lat <= 140)
    known = np.isfinite(lonlat).all(axis=1)
    zero = (lon == 0) & (lat == 0)
    outside = known & ~swapped & ((np.abs(lon) > 180) | (np.abs(lat) > 90))
    if form.by_row:
        turned = _turnable(lonlat, swapped, known & ~swapped & ~zero & ~outside)
        lonlat = _turn(form, lonlat, turned)
        swapped = swapped & ~turned
    names = f"{form.name.get('lon', 'longitude')}, {form.name.get('lat', 'latitude')}"
    if swapped.any() and swapped[known].all():
        form.faults.append(
            f"{form.table.where}: longitude and latitude are swapped in all rows (columns {names});"
            f" expected longitude in the first, the first row holds {lon[known][0]:g}, {lat[known][0]:g}"
        )
    else:
        form.flag(swapped, SWAPPED, "longitude, latitude in degrees")
    form.flag(zero, AT_ZERO, "the place, or no row")
    form.flag(outside, NOT_ON_EARTH, "longitude -180..180, latitude -90..90 in degrees")
    return lonlat


AMONG_DEGREES = 0.5
"""A swapped row is turned round only where it then lies among the sound rows, or so many degrees beside them."""


def _turnable(lonlat: np.ndarray, swapped: np.ndarray, sound: np.ndarray) -> np.ndarray:
    """(R,) bool: swapped rows that, turned round, lie within the box of the sound ones."""
    if not swapped.any() or not sound.any():
        return np.zeros(len(lonlat), dtype=bool)
    low, high = lonlat[sound].min(axis=0) - AMONG_DEGREES, lonlat[sound].max(axis=0) + AMONG_DEGREES
    among: np.ndarray = swapped & ((lonlat[:, ::-1] >= low) & (lonlat[:, ::-1] <= high)).all(axis=1)
    return among


def _turn(form: Form, lonlat: np.ndarray, turned: np.ndarray) -> np.ndarray:
    for index in np.flatnonzero(turned).tolist() if form.table.lonlat is None else ():
        form.mend(index, "lon", form.text["lat"][index], TURNED)
        form.mend(index, "lat", form.text["lon"][index], TURNED)
    return np.where(turned[:, None], lonlat[:, ::-1], lonlat)


def ids(form: Form) -> tuple[str, ...]:
    """(R,) ids of the rows, made from row numbers where no column holds them; repeated and empty ones are faults."""
    if "id" not in form.text:
        return tuple(f"row {row}" for row in form.table.row)
    given, name = form.text["id"], form.name["id"]
    expected = "an id in each, all different"
    form.flag(np.array([i == "" for i in given]), Reason(f"没有{name}", f"have no {name}"), expected)
    seen: set[str] = set()
    again = np.array([bool(i) and (i in seen or bool(seen.add(i))) for i in given])  # type: ignore[func-returns-value]
    form.flag(again, Reason(f"{name}与前面的行重复", f"repeat the {name} of another"), expected, quote="id")
    return given


HOURS_PARTS = ("hours_days", "hours_from", "hours_to", "hours_note")


def hours(form: Form) -> tuple[str, ...]:
    """(R,) opening hours as the table tells them, "" where it tells nothing; several columns become one text.

    Japan's columns for days, start, end and remarks become such as "月火水木金 8:30-17:00 土日、祝日を除く".
    """
    if "hours" in form.text or not any(key in form.text for key in HOURS_PARTS):
        return form.text.get("hours", ("",) * len(form.table))
    columns = [form.text.get(key, ("",) * len(form.table)) for key in HOURS_PARTS]
    return tuple(
        " ".join(part for part in (days, f"{start}-{end}" if start or end else "", note) if part)
        for days, start, end, note in zip(*columns, strict=True)
    )
