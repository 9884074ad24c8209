"""A study as one TOML file, nothing hidden: what it may say, and every fault of it in one message.

Paths are relative to the folder of the scenario file. An unknown key is refused by name.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from .aims import KEYS, Aims
from .checks import unknown_key_faults
from .circles import RescueCircle, circle, define
from .coordinates import SYSTEMS
from .demand import SUDDEN_CARDIAC_DEATHS_PER_100K
from .errors import InputError, raise_faults
from .grouping import AreaInput, read_area_inputs
from .sites import KINDS_ZH
from .solve import METHODS
from .week import WeekSettings, read_week

T = TypeVar("T")


@dataclass(frozen=True)
class Input:
    """One input: a file, the OpenStreetMap file of the streets, or a place name.

    file    None when it comes from somewhere else
    crs     coordinate system of a plain table
    sheet   of a workbook or layer of a GeoPackage, when it has several
    source  who made it, as it must be credited
    origin  "file"; "osm": venues or devices mapped in the streets' file; "buildings"; "place"; "none"
    """

    origin: str
    file: Path | None = None
    crs: str | None = None
    place: str = ""
    kinds: tuple[str, ...] = ()
    population: float | None = None
    sheet: str | None = None
    source: str = ""
    licence: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    """A whole study.

    devices      number of new devices, at most; None when a budget in money is given, or a target alone
    budget_rmb   money for new devices, at most; None when a number is given, or a target alone
    quotas       {kind of venue: (minimum, maximum or None)} over the new devices
    aims         what else the plan is asked for
    week         how opening hours count; None: every site open at any time
    areas        towns, communities ... to tell apart
    text         the TOML file as it was read
    """

    name: str
    title_zh: str
    title_en: str
    streets: Input
    demand: Input
    standing: Input
    candidates: Input
    circle: RescueCircle
    arrests_per_100k: float
    devices: int | None
    budget_rmb: float | None
    method: str
    seconds: float
    gap: float
    quotas: Mapping[str, tuple[int, int | None]]
    text: str
    aims: Aims = field(default_factory=Aims)
    week: WeekSettings | None = None
    areas: tuple[AreaInput, ...] = ()

    @classmethod
    def read(cls, path: str | Path) -> "Scenario":
        """A scenario from its TOML file.

        Raises InputError naming the file and every fault in it: unknown keys, wrong values, files that are missing.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8-sig")  # Notepad puts a mark before the first letter
        except (OSError, UnicodeDecodeError) as error:
            unreadable = "is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else "cannot be read"
            reason = "there is no such file" if isinstance(error, FileNotFoundError) else unreadable
            raise InputError(f"{path}: {reason}; expected a scenario in TOML") from error
        return cls.parse(text, folder=path.parent, file=path.name)

    @classmethod
    def parse(cls, text: str, *, folder: Path, file: str = "scenario") -> "Scenario":
        """A scenario from TOML text; `folder` is what its paths are relative to."""
        try:
            tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"{file}: not TOML: {error}") from error
        reader = _Reader(tables, folder)
        settings = reader.settings()
        raise_faults(f"{file}: {fault}" for fault in reader.faults)
        return cls(**settings, text=text)


TABLES = {
    "": (
        "name",
        "title_zh",
        "title_en",
        "streets",
        "demand",
        "standing",
        "candidates",
        "circle",
        "plan",
        "hours",
        "periods",
        "areas",
    ),
    "streets": ("file", "place", "source", "licence"),
    "demand": ("file", "crs", "sheet", "columns", "from", "population", "arrests_per_100k", "source", "licence"),
    "standing": ("file", "crs", "sheet", "columns", "from", "source", "licence"),
    "candidates": ("file", "crs", "sheet", "columns", "from", "kinds", "source", "licence"),
    "plan": ("devices", "budget_rmb", "method", "seconds", "gap", "quotas", *KEYS),
}
"""Every key a scenario may hold, by table; [circle] takes the fields of RescueCircle and `preset`."""

ORIGINS = {"streets": "place", "demand": "buildings", "standing": "osm", "candidates": "osm"}
"""What a table may name instead of a file."""


READ_WITH = {
    "file": ("file", "crs", "sheet", "columns", "arrests_per_100k", "source", "licence"),
    "place": ("place",),
    "buildings": ("from", "population", "arrests_per_100k"),
    "osm": ("from", "kinds"),
}
"""The keys that mean something for each origin; another one is refused, since it would be ignored."""


class _Reader:
    """Takes a scenario's tables apart and gathers every fault on the way."""

    def __init__(self, tables: dict[str, Any], folder: Path) -> None:
        self.tables = tables
        self.folder = folder
        self.faults = unknown_key_faults(tables, TABLES[""], "")

    def settings(self) -> dict[str, Any]:
        name = self.text("", "name", "")
        if not re.fullmatch(r"[\w.-]{1,60}", name):
            self.faults.append(f"name is {name!r}; expected letters, digits, - or _, at most 60")
        inputs = {key: self.input(key) for key in ORIGINS}
        plan = self.table("plan")
        both = [key for key in ("devices", "budget_rmb") if key in plan]
        if len(both) == 2 or not (both or "target" in plan):
            self.faults.append(f"plan: {' and '.join(both) or 'neither'} given; expected either devices or budget_rmb")
        return {
            "name": name,
            "title_zh": self.text("", "title_zh", name),
            "title_en": self.text("", "title_en", name),
            **inputs,
            "circle": self.circle(),
            "arrests_per_100k": self.number(
                "demand", "arrests_per_100k", above=0, default=SUDDEN_CARDIAC_DEATHS_PER_100K
            ),
            "devices": self.whole("plan", "devices", at_least=1) if "devices" in plan else None,
            "budget_rmb": self.number("plan", "budget_rmb", above=0) if "budget_rmb" in plan else None,
            "method": self.choice("plan", "method", METHODS, "exact"),
            "seconds": self.number("plan", "seconds", above=0, default=30.0),
            "gap": self.share("plan", "gap"),
            "quotas": self.quotas(),
            "aims": self.aims(),
            "week": self.attempt(lambda: read_week(self.tables)),
            "areas": self.attempt(lambda: read_area_inputs(self.tables, self.folder)) or (),
        }

    def attempt(self, read: Callable[[], T]) -> T | None:
        """What a reader of some tables gives; its faults join the others."""
        try:
            return read()
        except InputError as error:
            self.faults += error.faults
            return None

    def aims(self) -> Aims:
        """What [plan] asks for beyond a number and quotas."""
        plan = self.table("plan")
        return Aims(
            target=self.part("plan", "target") if "target" in plan else None,
            backup=self.part("plan", "backup") if "backup" in plan else 0.0,
            spacing_m=self.number("plan", "spacing_m", above=0) if "spacing_m" in plan else 0.0,
            iterations=self.whole("plan", "iterations", at_least=1) if "iterations" in plan else None,
            seed=self.whole("plan", "seed", at_least=0) if "seed" in plan else 0,
        )

    def part(self, table: str, key: str) -> float:
        """A share above 0, at most 1."""
        value = self.number(table, key, above=0)
        if value > 1:
            self.faults.append(f"{_named(table, key)} is {value:g}; expected above 0, at most 1")
        return value

    def table(self, key: str) -> dict[str, Any]:
        """One table of the file, its unknown keys noted once."""
        value = self.tables.get(key, {})
        if not isinstance(value, dict):
            self.fault_once(f"{key} is {value!r}; expected a table [{key}]")
            return {}
        for fault in unknown_key_faults(value, TABLES[key], key) if key in TABLES else []:
            self.fault_once(fault)
        return value

    def fault_once(self, fault: str) -> None:
        if fault not in self.faults:
            self.faults.append(fault)

    def value(self, table: str, key: str, default: Any) -> Any:
        return (self.table(table) if table else self.tables).get(key, default)

    def text(self, table: str, key: str, default: str) -> str:
        value = self.value(table, key, default)
        if not isinstance(value, str):
            self.faults.append(f"{_named(table, key)} is {value!r}; expected text in quotes")
            return default
        return value

    def number(self, table: str, key: str, *, above: float, default: float | None = None) -> float:
        value = self.value(table, key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not above < value < 1e12:
            self.faults.append(f"{_named(table, key)} is {value!r}; expected a number above {above:g}")
            return 1.0
        return float(value)

    def share(self, table: str, key: str) -> float:
        value = self.value(table, key, 0.0)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1:
            self.faults.append(f"{_named(table, key)} is {value!r}; expected 0 or more, below 1")
            return 0.0
        return float(value)

    def whole(self, table: str, key: str, *, at_least: int) -> int:
        value = self.value(table, key, None)
        if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
            self.faults.append(f"{_named(table, key)} is {value!r}; expected a whole number, {at_least} or more")
            return at_least
        return value

    def choice(self, table: str, key: str, known: tuple[str, ...], default: str | None) -> str:
        value = self.value(table, key, default)
        if value not in known:
            self.faults.append(f"{_named(table, key)} is {value!r}; expected one of {', '.join(known)}")
        return str(value)

    def circle(self) -> RescueCircle:
        given = self.table("circle") or {"name": "walk-4"}
        try:
            return define(given)
        except InputError as error:
            self.faults += error.faults
            return circle("walk-4")

    def input(self, key: str) -> Input:
        """Where one input comes from: exactly one of a file and what may stand instead."""
        table, other = self.table(key), ORIGINS[key]
        instead = "place" if key == "streets" else "from"
        named = [name for name in ("file", instead) if name in table]
        if key == "standing" and not named:
            return Input("none")
        if len(named) != 1:
            wanted = f"{key}.place" if key == "streets" else f'{key}.from = "{other}"'
            self.faults.append(
                f"{key}: {' and '.join(named) or 'nothing'} given; expected either {key}.file or {wanted}"
            )
            return Input("none")
        origin = "file" if named == ["file"] else other
        self.faults += [
            f"{key}.{name} has no effect beside {key}.{named[0]}; expected it left out"
            for name in table
            if name in TABLES[key] and name not in READ_WITH[origin]
        ]
        if origin == "file":
            return self.table_file(key)
        if key == "streets":
            return Input("place", place=self.text(key, "place", ""))
        self.choice(key, "from", (other,), None)
        population = self.number(key, "population", above=0) if "population" in table else None
        return Input(other, kinds=self.kinds(key), population=population)

    def table_file(self, key: str) -> Input:
        """An input that is a file, with how to read it and whom to credit."""
        table = self.table(key)
        return Input(
            "file",
            file=self.path(key),
            crs=self.choice(key, "crs", SYSTEMS, None) if "crs" in table else None,
            columns=self.columns(key),
            sheet=self.text(key, "sheet", "") or None,
            source=self.text(key, "source", ""),
            licence=self.text(key, "licence", ""),
        )

    def path(self, key: str) -> Path:
        path = self.folder / self.text(key, "file", "")
        if not path.exists() or path == self.folder:
            self.faults.append(f"{key}.file: there is no {self.text(key, 'file', '')!r} beside the scenario")
        return path

    def columns(self, key: str) -> dict[str, str]:
        value = self.value(key, "columns", {})
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value.values()):
            self.faults.append(f'{key}.columns is {value!r}; expected a table such as {{ lon = "经度" }}')
            return {}
        return value

    def kinds(self, key: str) -> tuple[str, ...]:
        value = self.value(key, "kinds", [])
        wrong = [kind for kind in value if kind not in list(KINDS_ZH)] if isinstance(value, list) else [value]
        if wrong:
            self.faults.append(f"{key}.kinds: {wrong} not known; known: {', '.join(KINDS_ZH)}")
            return ()
        return tuple(value)

    def quotas(self) -> dict[str, tuple[int, int | None]]:
        given = self.value("plan", "quotas", {})
        if not isinstance(given, dict):
            self.faults.append(
                f"plan.quotas is {given!r}; expected tables such as school = {{ minimum = 2, maximum = 5 }}"
            )
            return {}
        self.faults += unknown_key_faults(given, KINDS_ZH, "plan.quotas")
        return {kind: self.quota(kind, limit) for kind, limit in given.items()}

    def quota(self, kind: str, limit: Any) -> tuple[int, int | None]:
        where = f"plan.quotas.{kind}"
        if not isinstance(limit, dict):
            self.faults.append(f"{where} is {limit!r}; expected {{ minimum = 2, maximum = 5 }}")
            return 0, None
        self.faults += unknown_key_faults(limit, ("minimum", "maximum"), where)
        low, high = limit.get("minimum", 0), limit.get("maximum")
        whole = all(
            isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in (low, 0 if high is None else high)
        )
        if not whole or (high is not None and low > high):
            self.faults.append(
                f"{where}: minimum {low!r}, maximum {high!r}; expected whole numbers, minimum <= maximum"
            )
            return 0, None
        return low, high


def _named(table: str, key: str) -> str:
    return f"{table}.{key}" if table else key
