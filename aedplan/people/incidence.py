"""Cardiac arrests per 100,000 people and year, by age and sex: tables with their source, which a user can replace.

A table is a TOML file; those that ship stand in `data/incidence`. Rates rank places; they do not foretell a number.
"""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..checks import unknown_key_faults
from ..errors import InputError, raise_faults
from ..tables.columns import shipped

Sex = Literal["all", "female", "male"]
SEXES: tuple[Sex, ...] = ("all", "female", "male")

OLDEST = 99
"""Groups without an end are taken to end here."""

UP_TO_THE_NEXT = -1
"""The end of a group that ends where the next begins, until `close_groups` has put it there."""

SHARES_BY_AGE = ((0, 14, 17.95), (15, 59, 63.35), (60, 64, 5.20), (65, 74, 8.77), (75, OLDEST, 4.73))
"""Per cent of China's people by age, both ends included, 2020: census bulletin no. 5 of 2021-05-11; that of the people of
65 and over two thirds are under 75 is not verified. Used only to split an age group over several rates."""


@dataclass(frozen=True, order=True)
class AgeGroup:
    """People of some ages.

    low, high  years, both included; high is OLDEST where there is no end, or UP_TO_THE_NEXT
    """

    low: int
    high: int = OLDEST
    sex: Sex = "all"

    @property
    def words(self) -> str:
        """Such as "60+" or "female 0-14"."""
        ages = f"{self.low}+" if self.high >= OLDEST else f"{self.low}-{self.high}"
        return ages if self.sex == "all" else f"{self.sex} {ages}"


@dataclass(frozen=True)
class Incidence:
    """Arrests per 100,000 people and year.

    rates   {age group: rate}; for both sexes or for all, without gaps
    source  where the numbers come from
    sure    "P": seen at the source; "M": from memory, not verified
    """

    name: str
    rates: dict[AgeGroup, float]
    source: str
    sure: str
    title_zh: str
    title_en: str
    limits_zh: str = ""
    limits_en: str = ""

    def per_100k(self, group: AgeGroup) -> float:
        """The rate of an age group; of one that lies over several, by the ages of China's people."""
        sexes = [rate for rate in self.rates if rate.sex == group.sex]
        if not sexes and group.sex == "all":  # half of each sex
            return (self.per_100k(AgeGroup(group.low, group.high, "female"))
                    + self.per_100k(AgeGroup(group.low, group.high, "male"))) / 2  # fmt: skip
        sexes = sexes or [rate for rate in self.rates if rate.sex == "all"]
        weight = np.array([_people_of(max(r.low, group.low), min(r.high, group.high)) for r in sexes])
        return float(np.dot(weight, [self.rates[r] for r in sexes]) / weight.sum())


def _people_of(low: int, high: int) -> float:
    """Per cent of China's people from one age to another, both included."""
    return sum(
        share * max(0, min(high, last) - max(low, first) + 1) / (last - first + 1)
        for first, last, share in SHARES_BY_AGE
    )


_FILLER = re.compile(r"population|people|persons|pop|ages|aged|age|years?|周岁|岁|歳|才|年龄|人口数|人数|人口|人|组")
_SEX = {"女性": "female", "女": "female", "female": "female", "f": "female", "women": "female",
        "男性": "male", "男": "male", "male": "male", "m": "male", "men": "male"}  # fmt: skip
_AGES = re.compile(
    r"(?P<low>\d{1,3})(?:-(?P<high>\d{1,3})|(?P<open>plus|\+|及以上|以上|andover|over))"
    r"|(?:under|<)(?P<under>\d{1,3})|(?P<below>\d{1,3})以下|(?P<start>\d{1,3})"
)


def age_group(name: str) -> AgeGroup | None:
    """The people that a column stands for, by its name; None where it names no ages.

    A single age with a sex, as WorldPop names its files (f_60), is a group that begins there.

    >>> age_group("age_60_plus"), age_group("女 0-14岁"), age_group("18岁以下人口")
    (AgeGroup(low=60, high=99, sex='all'), AgeGroup(low=0, high=14, sex='female'), AgeGroup(low=0, high=17, sex='all'))
    >>> age_group("m_80").sex, age_group("population"), age_group("pop_2020"), age_group("jobs_0_14")
    ('male', None, None, None)
    """
    text = re.sub(r"[~～–—至到]|to", "-", unicodedata.normalize("NFKC", name).casefold())
    text = re.sub(r"(\d)[\s_]+(\d)", r"\1-\2", _FILLER.sub(" ", text))
    text = re.sub(r"[\s_()]+", " ", text).strip(" -")
    sex = next((word for word in sorted(_SEX, key=len, reverse=True) if re.match(rf"{word}(?![a-z])", text)), "")
    found = _AGES.fullmatch(text.removeprefix(sex).replace(" ", "").strip("-"))
    if not found or (found["start"] and not sex):
        return None
    low, high = found["low"] or found["start"] or 0, found["high"] or OLDEST
    if found["start"]:
        return AgeGroup(int(low), UP_TO_THE_NEXT, _SEX[sex])  # type: ignore[arg-type]
    if found["under"] or found["below"]:
        high = int(found["under"] or found["below"]) - 1
    group = AgeGroup(int(low), int(high), _SEX.get(sex, "all"))  # type: ignore[arg-type]
    return group if group.low <= group.high <= OLDEST else None


def close_groups(groups: Sequence[AgeGroup]) -> tuple[AgeGroup, ...]:
    """Groups of which only the begin was named end where the next of the same sex begins, as WorldPop means them.

    >>> [group.words for group in close_groups([age_group(name) for name in ("f_0", "f_1", "f_5", "f_80")])]
    ['female 0-0', 'female 1-4', 'female 5-79', 'female 80+']
    """
    closed = []
    for group in groups:
        later = [other.low - 1 for other in groups if other.sex == group.sex and other.low > group.low]
        high = min([OLDEST, *later]) if group.high == UP_TO_THE_NEXT else group.high
        closed.append(AgeGroup(group.low, high, group.sex))
    return tuple(closed)


def group_faults(groups: Sequence[AgeGroup], where: str) -> list[str]:
    """Faults of groups that must hold everybody once: ages twice, ages missing."""
    faults = []
    sexes = {group.sex for group in groups}
    if "all" in sexes and len(sexes) > 1:
        return [f"{where}: groups of all people and of one sex together; expected the one or the other"]
    if len(sexes) == 1 and "all" not in sexes:
        faults.append(f"{where}: only {sexes.pop()} groups; expected both sexes")
    for sex in sorted({group.sex for group in groups}):
        ordered = sorted(group for group in groups if group.sex == sex)
        faults += [f"{where}: ages from 0 to {ordered[0].low - 1} are missing"] if ordered[0].low else []
        for one, other in pairwise(ordered):
            if other.low <= one.high:
                faults.append(f"{where}: {one.words} and {other.words} overlap; expected each age once")
            elif other.low > one.high + 1:
                faults.append(f"{where}: ages between {one.words} and {other.words} are missing")
    return faults


def read_incidence(name: str | Path) -> Incidence:
    """An incidence table: the name of one that ships, or a TOML file.

    Raises InputError when there is none of that name, or with every fault of the file.

    >>> table = read_incidence("beijing-2009")
    >>> table.per_100k(AgeGroup(75, sex="male")), round(table.per_100k(AgeGroup(60)), 1)
    (272.8, 148.2)
    """
    path = Path(name)
    if path.suffix != ".toml":
        path = shipped(f"incidence/{name}.toml")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path.name}: cannot be read as TOML ({error})") from error
    faults = unknown_key_faults(table, list(Incidence.__dataclass_fields__), path.name)
    faults += [f"{path.name}: {key} is missing" for key in ("name", "rates", "source", "sure") if key not in table]
    raise_faults(faults)
    rates, faults = _rates(table.pop("rates"), path.name)
    raise_faults(faults + group_faults(list(rates), f"{path.name}: rates"))
    texts = {key: str(table.get(key, "")) for key in Incidence.__dataclass_fields__ if key != "rates"}
    return Incidence(rates=rates, **texts)


def _rates(rows: Any, where: str) -> tuple[dict[AgeGroup, float], list[str]]:
    """The rates of a file, and its faults."""
    rates: dict[AgeGroup, float] = {}
    faults = []
    for number, row in enumerate(rows if isinstance(rows, list) else [], start=1):
        at = f"{where}: rates, entry {number}"
        values = {key: row.get(key) for key in SEXES if key in row} if isinstance(row, dict) else {}
        ages = (row.get("from", -1), row.get("to", OLDEST)) if isinstance(row, dict) else (-1, -1)
        whole = all(isinstance(age, int) and 0 <= age <= OLDEST for age in ages) and ages[0] <= ages[1]
        good = all(isinstance(v, (int, float)) and not isinstance(v, bool) and 0 <= v < 1e5 for v in values.values())
        if not (values and whole and good):
            faults.append(f"{at} is {row!r}; expected such as {{ from = 60, to = 69, male = 88.4, female = 84.2 }}")
            continue
        rates |= {AgeGroup(ages[0], ages[1], sex): float(value) for sex, value in values.items()}  # type: ignore[arg-type]
    return rates, faults or ([] if rates else [f"{where}: rates are empty"])
