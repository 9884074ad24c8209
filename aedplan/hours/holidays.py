"""Which days people work: public holidays of China with their make-up workdays, and school terms.

An ordinary calendar is not enough in China: the State Council moves workdays to weekends each year to join holidays, and
announces it only in November of the year before. `chinesecalendar` knows the announced years; an office adds a further
year in a small table; in a year nobody knows, weekends alone are free and a warning says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from ..checks import read_only
from ..errors import InputError, raise_faults

REFERENCE_YEAR = 2026
"""The year whose days stand for any year, where none is named."""

USUAL_SCHOOL_HOLIDAYS = ("01-20/02-20", "07-01/08-31")
"""Winter and summer holidays of schools where an office has not stated its own. A judgement, not verified: provinces set
their terms each year, the winter holiday around the Spring Festival, the summer holiday in July and August."""


class Warned(NamedTuple):
    """What a figure takes for granted, as a sentence in Chinese and in English."""

    zh: str
    en: str


class YearTable(NamedTuple):
    """An office's own table of a year.

    holidays  days or stretches off, such as "2027-01-01" or "2027-02-05/2027-02-11", weekends between them included
    workdays  weekend days that are worked
    """

    holidays: Sequence[str]
    workdays: Sequence[str] = ()


@dataclass(frozen=True)
class Calendar:
    """The N days of one year.

    first     1 January
    holiday   (N,) bool: public holidays, weekends among them included
    makeup    (N,) bool: weekend days on which the country works
    school    (N,) bool: school holidays
    warnings  what was taken for granted
    terms_given  True where somebody stated when schools teach
    """

    first: date
    holiday: np.ndarray
    makeup: np.ndarray
    school: np.ndarray
    source: str
    warnings: tuple[Warned, ...] = ()
    terms_given: bool = False

    def __len__(self) -> int:
        return len(self.holiday)

    @property
    def year(self) -> int:
        """The year."""
        return self.first.year

    @property
    def weekday(self) -> np.ndarray:
        """(N,) 0 for Monday to 6 for Sunday."""
        return np.asarray((self.first.weekday() + np.arange(len(self))) % 7)

    @property
    def workday(self) -> np.ndarray:
        """(N,) bool: Monday to Friday but for holidays, and the make-up workdays."""
        return np.asarray(((self.weekday < 5) & ~self.holiday) | self.makeup)


def china(
    year: int = REFERENCE_YEAR,
    *,
    table: YearTable | None = None,
    terms: Sequence[str] = (),
) -> Calendar:
    """The calendar of mainland China.

    table  an office's own table of the year; goes before what is known here
    terms  when schools teach, such as "2026-02-25/2026-07-05"; all but USUAL_SCHOOL_HOLIDAYS when none are given

    Raises InputError with every day of the table that cannot be.

    >>> known = china(2026)
    >>> int(known.holiday.sum()), int(known.makeup.sum()), int(known.workday.sum())
    (33, 6, 248)
    """
    if table is not None:
        return from_table(year, table, terms=terms)
    from chinese_calendar import constants

    known = known_years()
    if year in known:
        off, makeup = ({d for d in days if d.year == year} for days in (constants.holidays, constants.workdays))
        source = f"State Council notice for {year}, by chinesecalendar"
        return _calendar(year, off, makeup, terms, source=source)
    return _calendar(
        year, set(), set(), terms, source="weekends only", warnings=(_unknown(year, min(known), max(known)),)
    )


def known_years() -> frozenset[int]:
    """The years whose holidays and make-up workdays in mainland China are known here.

    >>> 2026 in known_years(), 2003 in known_years()
    (True, False)
    """
    from chinese_calendar import constants

    return frozenset(day.year for day in constants.holidays)


def from_table(year: int, table: YearTable, *, terms: Sequence[str] = ()) -> Calendar:
    """The calendar of a year, in any country, from a table of its holidays; an empty one leaves the weekends.

    Raises InputError with every day of the table that cannot be.

    >>> days = from_table(2027, YearTable(["2027-01-01/2027-01-03"], ["2027-01-09"]))
    >>> int(days.holiday.sum()), int(days.makeup.sum())
    (3, 1)
    """
    faults: list[str] = []
    holidays = _days(year, table.holidays, "holidays", faults)
    makeup = _days(year, table.workdays, "workdays", faults)
    faults += [f"workdays: {day} is not a Saturday or Sunday; expected only make-up workdays"
               for day in sorted(makeup) if day.weekday() < 5]  # fmt: skip
    faults += [f"workdays: {day} is also among the holidays; expected one or the other"
               for day in sorted(makeup & holidays)]  # fmt: skip
    raise_faults(faults)
    return _calendar(year, holidays, makeup, terms, source=f"own table of {year}")


def _calendar(
    year: int,
    holidays: Iterable[date],
    makeup: Iterable[date],
    terms: Sequence[str],
    *,
    source: str,
    warnings: tuple[Warned, ...] = (),
) -> Calendar:
    faults: list[str] = []
    usual = [f"{year}-{first}/{year}-{last}" for first, last in (pair.split("/") for pair in USUAL_SCHOOL_HOLIDAYS)]
    school = _days(year, terms or usual, "terms", faults)
    raise_faults(faults)
    first = date(year, 1, 1)
    off, worked, at_home = (_mark(first, days) for days in (holidays, makeup, school))
    at_home = read_only(~at_home) if terms else at_home
    return Calendar(first, off, worked, at_home, source, warnings, bool(terms))


def _mark(first: date, days: Iterable[date]) -> np.ndarray:
    """(N,) bool: which days of the year that begins on `first` are among some days."""
    mark = np.zeros((date(first.year + 1, 1, 1) - first).days, dtype=bool)
    mark[[(day - first).days for day in days]] = True
    return read_only(mark)


def _days(year: int, stretches: Sequence[str], where: str, faults: list[str]) -> set[date]:
    """The days of one year in stretches such as "2027-02-05/2027-02-11"; what cannot be read joins the faults."""
    days: set[date] = set()
    for stretch in stretches:
        begin, _, end = str(stretch).partition("/")
        try:
            first, last = date.fromisoformat(begin.strip()), date.fromisoformat((end or begin).strip())
        except ValueError:
            faults.append(f'{where}: {stretch!r} is no day; expected "2027-01-01" or "2027-02-05/2027-02-11"')
            continue
        if first > last or last.year < year or first.year > year:
            faults.append(f"{where}: {stretch!r} has no day in {year}; expected days of {year} in order")
            continue
        between = (first + timedelta(number) for number in range((last - first).days + 1))
        days |= {day for day in between if day.year == year}
    return days


def _unknown(year: int, first: int, last: int) -> Warned:
    return Warned(
        f"{year} 年的放假和调休安排未知（已知 {first}-{last} 年）：只按周末放假计算，请在方案里用小表补上这一年。",
        f"The holidays and make-up workdays of {year} are not known ({first} to {last} are): only weekends count as"
        " free. Add that year in the study's small table.",
    )


def read_year_tables(tables: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[int, YearTable]:
    """An office's tables by year, as a scenario holds them: {"2027": {"holidays": [...], "workdays": [...]}}.

    Raises InputError for years and keys that are none.
    """
    faults = [f"{year!r} is not a year; expected four digits such as 2027"
              for year in tables if not (str(year).isdigit() and len(str(year)) == 4)]  # fmt: skip
    for year, table in tables.items():
        faults += [f"{year}.{key} is not a setting; known: holidays, workdays"
                   for key in table if key not in YearTable._fields]  # fmt: skip
        if "holidays" not in table:
            faults.append(f'{year}.holidays is missing; expected days such as "{year}-01-01"')
    if faults:
        raise InputError(*faults)
    return {int(year): YearTable(table["holidays"], table.get("workdays", ())) for year, table in tables.items()}
