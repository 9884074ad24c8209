"""Cardiac arrests that happened: where, when, and whether at home or in public.

Times are local, as written; a month alone counts as its first day. No patient is in them: of a table only place, time and
setting are read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..checks import length_faults, lonlat_faults, read_only
from ..errors import raise_faults
from ..source import Source, sha256
from ..tables.columns import plain
from ..tables.forms import Form, file_faults, kept, places, report, understand
from ..tables.readings import ReadReport, Reason
from ..tables.tables import open_table

SETTINGS = ("home", "public")
"""Where an arrest happened; "" where that is not known."""

_HOME = ("home", "residence", "residential", "private", "家", "家中", "住宅", "居家", "住所", "小区", "自宅")
_PUBLIC = ("public", "public place", "公共场所", "公共", "公众场所", "室外", "street", "工作场所", "workplace")

DAYS_OF_A_YEAR = 365.25

MADE_HERE = Source("")
"""The source of arrests that come from no file."""


@dataclass(frozen=True)
class Arrests:
    """N arrests; checked when made.

    lonlat   (N, 2) WGS-84 degrees
    source   where they came from
    time     (N,) datetime64[s], local; NaT where unknown, everywhere when not given
    setting  (N,) one of SETTINGS or ""; "" everywhere when not given

    Raises InputError with every fault: coordinates, sizes, settings, no arrest at all.
    """

    lonlat: np.ndarray
    source: Source = MADE_HERE
    time: np.ndarray = None  # type: ignore[assignment]
    setting: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.lonlat)
        time = np.full(count, "NaT") if self.time is None else self.time
        object.__setattr__(self, "lonlat", read_only(np.asarray(self.lonlat, dtype=float)))
        object.__setattr__(self, "time", read_only(np.array(time, dtype="datetime64[s]")))
        object.__setattr__(self, "setting", tuple(self.setting) or ("",) * count)
        raise_faults(_faults(self))

    def __len__(self) -> int:
        return len(self.lonlat)

    def __getitem__(self, rows: np.ndarray) -> "Arrests":
        """Some of them, by numbers or by (N,) bool."""
        setting = tuple(np.asarray(self.setting, dtype=object)[rows])
        return Arrests(self.lonlat[rows], self.source, self.time[rows], setting)

    @property
    def years(self) -> float | None:
        """The years they cover, from their times; None where times are missing or all on one day."""
        if len(self) < 2 or np.isnat(self.time).any():
            return None
        days = float((self.time.max() - self.time.min()) / np.timedelta64(86_400, "s"))
        return days * len(self) / (len(self) - 1) / DAYS_OF_A_YEAR if days >= 1 else None


def _faults(arrests: Arrests) -> list[str]:
    what = arrests.source.file or "arrests"
    faults = length_faults(what, len(arrests), time=arrests.time, setting=arrests.setting)
    faults += lonlat_faults(arrests.lonlat, what)
    odd = sorted(set(arrests.setting) - {*SETTINGS, ""})
    faults += [f"{what}: setting {name!r} is not known; expected home, public or nothing" for name in odd]
    return faults if len(arrests) else [*faults, f"{what}: no arrest in it; expected at least one"]


def split_in_time(arrests: Arrests, *, share: float = 0.2) -> tuple[Arrests, Arrests]:
    """The earlier arrests to plan with, and the last `share` of them to judge by.

    Raises InputError where some arrest has no time, or one side would be empty.
    """
    faults = []
    if np.isnat(arrests.time).any():
        faults.append(f"arrests: {int(np.isnat(arrests.time).sum()):,} have no time; expected one in each to split by")
    cut = round(len(arrests) * (1 - share))
    if not 0 < cut < len(arrests):
        faults.append(f"share is {share}; expected part of the {len(arrests):,} arrests on both sides")
    raise_faults(faults)
    order = np.argsort(arrests.time, kind="stable")
    return arrests[order[:cut]], arrests[order[cut:]]


def split_in_folds(arrests: Arrests, folds: int) -> np.ndarray:
    """(N,) int the fold of each arrest: those that follow one another in time, or in the table, go to different ones.

    Raises InputError when there are fewer arrests than folds, or fewer than two folds.
    """
    if not 2 <= folds <= len(arrests):
        raise_faults([f"folds is {folds}; expected 2 to {len(arrests):,}, the number of arrests"])
    fold = np.empty(len(arrests), dtype=np.int64)
    fold[np.argsort(arrests.time, kind="stable")] = np.arange(len(arrests)) % folds
    return fold


ARREST_FIELDS = ("id", "label", "lon", "lat", "happened", "setting")


def read_arrests(
    path: str | Path,
    *,
    crs: str | None = None,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> Arrests:
    """Arrests from a table or GIS file, one per row, in the order of the file.

    crs      "wgs84", "gcj02" or "bd09"; may be left out only where the file names its own coordinate system
    columns  field (lon, lat, happened, setting): header, where the synonyms do not fit
    sheet    name of the sheet or layer, where it is not the first

    Raises InputError with every fault of the file.
    """
    form = understand(open_table(path, sheet=sheet), ARREST_FIELDS, columns)
    values = _values(form, crs)
    raise_faults(form.faults)
    return _make(form, values, Path(path))


def read_arrests_by_row(
    path: str | Path,
    *,
    crs: str | None = None,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> tuple[Arrests, ReadReport]:
    """As `read_arrests`, leaving out the rows that are wrong instead of refusing the file, and what became of every row.

    Raises InputError with the faults that lie in no row, and when no arrest is left.
    """
    form = understand(open_table(path, sheet=sheet), ARREST_FIELDS, columns, by_row=True)
    values = _values(form, crs)
    raise_faults(file_faults(form))
    return _make(form, values, Path(path)), report(form)


def _values(form: Form, crs: str | None) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    return places(form, crs), _times(form), _settings(form)


def _make(form: Form, values: tuple[np.ndarray, np.ndarray, tuple[str, ...]], path: Path) -> Arrests:
    """The arrests of the rows that nothing is wrong with."""
    lonlat, time, setting = values
    rows = kept(form)
    source = Source("", file=path.name, sha256=sha256(path))
    return Arrests(lonlat[rows], source, time[rows], tuple(setting[row] for row in rows))


_TIME = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2}))?\s*[日月]?"
    r"(?:[T\s]*(\d{1,2})\s*[:时時点]\s*(\d{1,2})?\s*[:分]?\s*(\d{1,2})?(?:[.,]\d+)?\s*秒?)?(?:Z|[+-]\d\d:?\d\d)?"
)


@lru_cache(maxsize=4096)
def moment(text: str) -> np.datetime64:
    """The time a cell holds, year first, local as written; NaT where it holds none.

    >>> [str(moment(text)) for text in ("2016-09", "2024/1/5 7:05", "2024年1月5日 7时5分", "5/1/2024")]
    ['2016-09-01T00:00:00', '2024-01-05T07:05:00', '2024-01-05T07:05:00', 'NaT']
    """
    found = _TIME.fullmatch(text.strip())
    if not found:
        return np.datetime64("NaT", "s")
    year, month, day, hour, minute, second = (
        int(part or default) for part, default in zip(found.groups(), (0, 1, 1, 0, 0, 0), strict=True)
    )
    try:
        return np.datetime64(f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}", "s")
    except ValueError:  # a 13th month, a 30th of February
        return np.datetime64("NaT", "s")


def _times(form: Form) -> np.ndarray:
    text = form.text.get("happened", ("",) * len(form.table))
    times = np.array([moment(cell) for cell in text], dtype="datetime64[s]")
    bad = np.isnat(times) & np.array([cell != "" for cell in text])
    name = form.name.get("happened", "")
    why = Reason(f"{name}不是时间", f"have no time in {name}")
    form.flag(bad, why, "a time such as 2024-01-05 07:05, the year first", quote="happened")
    return times


def _settings(form: Form) -> tuple[str, ...]:
    known = {plain(word): "home" for word in _HOME} | {plain(word): "public" for word in _PUBLIC} | {"": ""}
    text = form.text.get("setting", ("",) * len(form.table))
    keys = [known.get(plain(cell)) for cell in text]
    bad = np.array([key is None for key in keys])
    why = Reason("不知是家中还是公共场所", "have a setting that is neither home nor public")
    form.flag(bad, why, "家中 (home), 公共场所 (public) or an empty cell", quote="setting")
    return tuple(key or "" for key in keys)
