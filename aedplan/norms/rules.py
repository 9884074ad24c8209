"""The kinds of clause a local rule is made of, each judged by one small function from the numbers of its profile.

A rule takes a clause and a stock and says what there is, what there should be, where it falls short, and what is missing to
judge it. What is not known never counts as met.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any, NamedTuple

import numpy as np

from ..circles import RescueCircle, define
from ..coordinates import local_crs, project
from ..sites import KINDS_ZH
from ..tables.columns import plain, synonyms
from ..tables.forms import number
from ..tables.readings import Reason, counted
from .stock import Stock, hosts

Numbers = Mapping[str, Any]
"""The numbers and words of a clause, as its profile gives them."""


class Place(NamedTuple):
    """One place or device that falls short, and by how much, in words."""

    id: str
    label: str
    why: Reason


@dataclass(frozen=True)
class Judged:
    """What a rule found.

    have, need  in the unit of the clause; None where it has none
    short       how many are lacking, at least
    where       the places or devices that fall short
    missing     what would have to be known to judge the rest
    """

    unit: Reason
    have: float | None = None
    need: float | None = None
    short: float = 0.0
    where: tuple[Place, ...] = ()
    missing: tuple[Reason, ...] = ()


DEVICES = Reason("台", "devices")
PLACES = Reason("处", "places")
PEOPLE = Reason("人", "people")
NO_VENUES = Reason("场所清单（--venues）", "a list of venues (--venues)")
NO_POPULATION = Reason("人口（--population）", "the population (--population)")
NO_CERTIFIED = Reason(
    "持证救护员人数（人口表的一列）", "the number of certified rescuers (a column of the table of people)"
)
NO_STREETS = Reason("街道（--streets）", "streets (--streets)")
BY_HAND = Reason("这一条没有数字，请人工判断", "no number in this clause: judge it by hand")


def per_people(clause: Numbers, stock: Stock) -> Judged:
    """So many devices `per` so many people."""
    if stock.population is None:
        return Judged(DEVICES, len(stock.devices), missing=(NO_POPULATION,))
    need = _at_least(stock.population * clause["at_least"] / clause["per"])
    return Judged(DEVICES, len(stock.devices), need, max(0, need - len(stock.devices)))


def _at_least(value: float) -> int:
    """The next whole number; 18.000000001, an error of arithmetic, is 18."""
    return ceil(round(value, 6))


def certified_share(clause: Numbers, stock: Stock) -> Judged:
    """A share of the people holds a first-aid certificate."""
    missing = [(NO_POPULATION, stock.population), (NO_CERTIFIED, stock.certified)]
    if stock.population is None or stock.certified is None:
        return Judged(PEOPLE, stock.certified, missing=tuple(words for words, value in missing if value is None))
    need = _at_least(stock.population * clause["at_least"])
    return Judged(PEOPLE, stock.certified, need, max(0.0, need - stock.certified))


def per_venue(clause: Numbers, stock: Stock) -> Judged:
    """So many devices in each venue of some kinds, of all sizes or from a number of residents or visitors on."""
    return _count_in_venues(clause, stock, lambda venue: (clause["at_least"], None))


def per_floor(clause: Numbers, stock: Stock) -> Judged:
    """So many devices on each floor, and one more for each further `extra_per_m2` of a floor's area, begun ones included."""

    def need_of(venue: int) -> tuple[int, Reason | None]:
        floors, area = (_venue_number(stock, key, venue) for key in ("floors", "floor_area"))
        beyond = 0 if area is None else max(0, ceil(area / clause["extra_per_m2"]) - 1)
        each = clause["at_least"] + beyond
        if floors is None:
            return each, _column_of("floors")
        return each * int(floors), None if area is not None else _column_of("floor_area")

    return _count_in_venues(clause, stock, need_of)


def _count_in_venues(clause: Numbers, stock: Stock, need_of: Callable[[int], tuple[int, Reason | None]]) -> Judged:
    """Devices in each venue meant against what it needs; what is missing of a venue makes its need a least one."""
    venues, missing = stock.venues, []
    if venues is None:
        return Judged(DEVICES, missing=(NO_VENUES,))
    held = np.bincount(hosts(stock) + 1, minlength=len(venues) + 1)[1:]
    have, needed, where = 0, 0, []
    for venue in meant(clause, stock):
        known = _is_large(clause, stock, venue)
        if known is not True:
            missing += [known] if isinstance(known, Reason) else []
            continue
        need, unknown = need_of(venue)
        have, needed = have + min(int(held[venue]), need), needed + need
        if held[venue] < need:
            lacking = need - int(held[venue])
            words = Reason(
                f"有 {held[venue]}，应有 {need}，缺 {lacking}", f"has {held[venue]}, needs {need}, lacks {lacking}"
            )
            where.append(Place(venues.id[venue], venues.label[venue], words))
        missing += [unknown] if unknown is not None else []
    return Judged(DEVICES, have, needed, needed - have, tuple(where), _counted(missing))


def meant(clause: Numbers, stock: Stock) -> list[int]:
    """The venues a clause speaks of: of its kinds, and with one of its words in their name where it has words."""
    venues = stock.venues
    if venues is None:
        return []
    words = [plain(word) for word in clause.get("words", ())]
    of_kind = [i for i, kind in enumerate(venues.kind) if kind in clause["kinds"]]
    return [i for i in of_kind if not words or any(word in plain(venues.label[i]) for word in words)]


def _is_large(clause: Numbers, stock: Stock, venue: int) -> bool | Reason:
    """Whether a venue is of the size a clause speaks of, or what is missing to know."""
    for name, fits in (("from", lambda value, limit: value >= limit), ("above", lambda value, limit: value > limit)):
        for key, limit in clause.get(name, {}).items():
            value = _venue_number(stock, key, venue)
            if value is None:
                return _column_of(key)
            if not fits(value, limit):
                return False
    return True


def _venue_number(stock: Stock, key: str, venue: int) -> float | None:
    column = stock.of_venue.get(key)
    value = number(column[venue]) if column is not None and column[venue] else float("nan")
    return None if value != value else value


def _column_of(key: str) -> Reason:
    """A column that is missing, by the first of its names."""
    return Reason(f"{synonyms()[key][0]}（列）", f"{key} (a column)")


def _counted(missing: list[Reason]) -> tuple[Reason, ...]:
    """Each thing missing once, with for how many places."""
    counts = {words: missing.count(words) for words in dict.fromkeys(missing)}
    return tuple(Reason(f"{n} 处的{words.zh}", f"{words.en} of {counted(n, 'places')}") for words, n in counts.items())


def within(clause: Numbers, stock: Stock) -> Judged:
    """Each venue of some kinds has a device within so many metres, in a straight line or along streets."""
    if stock.venues is None:
        return Judged(PLACES, missing=(NO_VENUES,))
    rule = clause_circle(clause)
    measure, limit_m = (rule.measure, rule.limit_m) if rule else (clause["measure"], clause["metres"])
    if measure == "street" and stock.streets is None:
        return Judged(PLACES, missing=(NO_STREETS,))
    rows = np.array(meant(clause, stock), dtype=np.int64)
    metres = _to_nearest_m(stock, stock.venues.lonlat[rows], measure)
    far = metres > limit_m
    where = tuple(_far_place(stock, int(row), float(off_m)) for row, off_m in zip(rows[far], metres[far], strict=True))
    return Judged(PLACES, int((~far).sum()), len(rows), int(far.sum()), where)


def clause_circle(clause: Numbers) -> RescueCircle | None:
    """The circle that a clause defines; None where it names metres."""
    return define(dict(clause["circle"]), where="clause.circle") if "circle" in clause else None


def _to_nearest_m(stock: Stock, lonlat: np.ndarray, measure: str) -> np.ndarray:
    """(n,) metres to the nearest device; inf where there is none or no way to it."""
    if not len(lonlat) or not len(stock.devices):
        return np.full(len(lonlat), np.inf)
    if measure == "street":
        from ..reach import nearest

        assert stock.streets is not None
        return nearest(stock.streets, stock.devices.lonlat, lonlat).metres
    from scipy.spatial import cKDTree

    crs = local_crs(np.concatenate([lonlat, stock.devices.lonlat]))
    return np.asarray(cKDTree(project(stock.devices.lonlat, crs)).query(project(lonlat, crs))[0])


def _far_place(stock: Stock, venue: int, metres: float) -> Place:
    assert stock.venues is not None
    why = Reason("走不到任何设备", "no device can be walked to")
    if np.isfinite(metres):  # rounded up: a place just outside does not look as if it were inside
        why = Reason(f"最近的设备在 {ceil(metres):,} 米外", f"the nearest device is {ceil(metres):,} m away")
    return Place(stock.venues.id[venue], stock.venues.label[venue], why)


def each_device(clause: Numbers, stock: Stock) -> Judged:
    """A column of the devices holds none of the words that are refused, or one of those expected."""

    def verdict(text: str) -> bool:
        if "expected" in clause:
            return plain(text) in [plain(word) for word in clause["expected"]]
        return not any(_says(text, word) for word in clause["refused"])

    return _each(clause, stock, verdict, lambda text: Reason(f"登记为 {text!r}", f"says {text!r}"))


DENIALS = ("不", "无", "未", "非", "免", "无需", "无须", "不需", "不用", "不需要", "没有")
"""What before a word takes it back: 不上锁, 无需扫码."""


def _says(text: str, word: str) -> bool:
    """Whether a cell says a word: a Chinese one of two characters anywhere in it, unless it is denied; others alone."""
    text, word = plain(text), plain(word)
    if word.isascii() or len(word) == 1:
        return text == word
    denied = "".join(f"(?<!{denial})" for denial in DENIALS)
    return re.search(denied + re.escape(word), text) is not None


def number_per_device(clause: Numbers, stock: Stock) -> Judged:
    """A column of the devices holds at least a number."""

    def verdict(text: str) -> bool | None:
        value = number(text)
        return None if value != value else value >= clause["at_least"]

    least = clause["at_least"]
    return _each(clause, stock, verdict, lambda text: Reason(f"有 {text}，应有 {least}", f"has {text}, needs {least}"))


def checked_within(clause: Numbers, stock: Stock) -> Judged:
    """Each device was checked at most so many days ago, counted back from the day of the stock."""
    today = stock.on or date.today()

    def verdict(text: str) -> bool | None:
        day = _day(text)
        return None if day is None or day > today else (today - day).days <= clause["days"]

    return _each(clause, stock, verdict, lambda text: Reason(f"最近检查 {text}", f"last checked {text}"))


def _day(text: str) -> date | None:
    """A day such as 2026-11-22, 2026/11/22 or 2026年11月22日; None for any other text."""
    parts = re.match(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})", unicodedata.normalize("NFKC", text))
    try:
        return date(*map(int, parts.groups())) if parts else None
    except ValueError:
        return None


def _each(clause: Numbers, stock: Stock, verdict: Callable[[str], bool | None], why: Callable[[str], Reason]) -> Judged:
    """Every device by one cell; those whose cell is empty or says nothing are missing."""
    column = stock.of_device.get(clause["column"])
    if column is None:
        return Judged(DEVICES, need=len(stock.devices), missing=(_column_of(clause["column"]),))
    judged = [verdict(text) if text else None for text in column]
    devices = stock.devices
    bad = [i for i, sound in enumerate(judged) if sound is False]
    where = tuple(Place(devices.id[i], devices.label[i], why(column[i])) for i in bad)
    unknown = [_column_of(clause["column"])] * judged.count(None)
    return Judged(DEVICES, judged.count(True), len(devices), len(bad), where, _counted(unknown))


def by_hand(clause: Numbers, stock: Stock) -> Judged:
    """A clause without a number."""
    return Judged(PLACES, missing=(BY_HAND,))


class Rule(NamedTuple):
    """How a kind of clause is judged, the numbers it must have, and those it may."""

    judge: Callable[[Numbers, Stock], Judged]
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


RULES: dict[str, Rule] = {
    "per_people": Rule(per_people, ("at_least", "per")),
    "certified_share": Rule(certified_share, ("at_least",)),
    "per_venue": Rule(per_venue, ("kinds", "at_least"), ("words", "from", "above")),
    "per_floor": Rule(per_floor, ("kinds", "at_least", "extra_per_m2"), ("words",)),
    "within": Rule(within, ("kinds",), ("words", "metres", "measure", "circle")),
    "each_device": Rule(each_device, ("column",), ("refused", "expected")),
    "number_per_device": Rule(number_per_device, ("column", "at_least")),
    "checked_within": Rule(checked_within, ("column", "days")),
    "by_hand": Rule(by_hand),
}
"""The kinds of clause a profile may use."""


def number_faults(rule: str, numbers: Numbers, where: str) -> list[str]:
    """What is wrong with the numbers of a clause: a kind of venue, a column or a circle that is not known."""
    faults = [f"{where}.kinds: {kind!r} is not known" for kind in numbers.get("kinds", ()) if kind not in KINDS_ZH]
    faults += [
        f"{where}.column: {key!r} is no field of data/columns.toml"
        for key in ([numbers["column"]] if "column" in numbers else [])
        if key not in synonyms()
    ]
    one = {"within": ("metres", "circle"), "each_device": ("refused", "expected")}.get(rule, ())
    if one and len([key for key in one if key in numbers]) != 1:
        faults.append(f"{where}: expected either {one[0]} or {one[1]}")
    if "metres" in numbers and numbers.get("measure") not in ("line", "street"):
        faults.append(f'{where}.measure: expected "line" or "street"')
    amounts = {key: numbers[key] for key in ("at_least", "per", "extra_per_m2", "metres", "days") if key in numbers}
    faults += [
        f"{where}.{key} is {value!r}; expected a number above 0"
        for key, value in amounts.items()
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0
    ]
    return faults
