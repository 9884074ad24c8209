"""A study as one TOML file, nothing hidden: what it may say, and every fault of it in one message.

Paths are relative to the folder of the scenario file. An unknown key is refused by name.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ..circles import RescueCircle, circle, define
from ..errors import InputError, raise_faults
from ..norms.norms import read_norm
from ..sites import KINDS_ZH
from ..solve import METHODS
from . import demand_settings, letterhead
from .aims import KEYS, Aims, read_aims
from .demand_settings import DemandInput, read_demand_input
from .given import Given, Input
from .grouping import AreaInput, read_area_inputs
from .letterhead import Letterhead, read_letterhead
from .quotas import Limits, read_quotas, read_quotas_by
from .week import WeekSettings, read_week

__all__ = ["TABLES", "Input", "Scenario"]

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True)
class Scenario:
    """A whole study.

    devices      number of new devices, at most; None when a budget in money is given, or a target alone
    budget_rmb   money for new devices, at most; None when a number is given, or a target alone
    quotas       {kind of venue: (minimum, maximum or None)} over the new devices
    quotas_by    the same by name or code of a town, or of another level of areas: {"town": {name: (minimum, maximum)}}
    aims         what else the plan is asked for
    week         how opening hours count; None: every site open at any time
    areas        towns, communities ... to tell apart
    norms        local rules to judge the plan by: names of shipped ones, or TOML files
    letterhead   language of the Word report, and an office's own mark
    text         the TOML file as it was read
    """

    name: str
    title_zh: str
    title_en: str
    streets: Input
    demand: DemandInput
    standing: Input
    candidates: Input
    circle: RescueCircle
    devices: int | None
    budget_rmb: float | None
    method: str
    seconds: float
    gap: float
    quotas: Limits
    text: str
    aims: Aims = field(default_factory=Aims)
    quotas_by: Mapping[str, Limits] = field(default_factory=dict)
    week: WeekSettings | None = None
    areas: tuple[AreaInput, ...] = ()
    norms: tuple[str, ...] = ()
    letterhead: Letterhead = field(default_factory=Letterhead)

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
        "name", "title_zh", "title_en", "streets", "demand", "standing", "candidates", "circle", "plan", "hours",
        "periods", "areas", "norms", "report",
    ),
    "streets": ("file", "place", "osm", "source", "licence"),
    "demand": (*demand_settings.KEYS, *demand_settings.LAYER_KEYS),
    "standing": ("file", "crs", "sheet", "columns", "from", "source", "licence"),
    "candidates": ("file", "crs", "sheet", "columns", "from", "kinds", "source", "licence"),
    "report": letterhead.KEYS,
    "plan": ("devices", "budget_rmb", "method", "seconds", "gap", "quotas", "quotas_by", *KEYS),
}  # fmt: skip
"""Every key a scenario may hold, by table; [circle] takes the fields of RescueCircle and `preset`."""

READ_WITH = {
    "file": ("file", "osm", "crs", "sheet", "columns", "source", "licence"),
    "place": ("place", "osm"),
    "osm": ("from", "kinds"),
}
"""The keys that mean something for each origin; another one is refused, since it would be ignored."""


class _Reader:
    """Takes a scenario's tables apart and gathers every fault on the way."""

    def __init__(self, tables: dict[str, Any], folder: Path) -> None:
        self.tables = tables
        self.folder = folder
        self.top = Given(tables, "", folder)
        self.faults = self.top.faults
        self.top.only(TABLES[""])

    def settings(self) -> dict[str, Any]:
        name = self.top.text("name")
        if not re.fullmatch(r"[\w.-]{1,60}", name):
            self.top.wrong("name", name, "letters, digits, - or _, at most 60")
        streets = self.streets()
        week = self.attempt(lambda: read_week(self.tables), None)
        periods = len(week.periods) if week else None if "hours" in self.tables else 1
        return {
            "name": name,
            "title_zh": self.top.text("title_zh", name),
            "title_en": self.top.text("title_en", name),
            "streets": streets,
            "demand": self.attempt(
                lambda: read_demand_input(self.tables, self.folder, periods=periods), DemandInput(Input("none"))
            ),
            "standing": self.sites("standing"),
            "candidates": self.sites("candidates"),
            "circle": self.circle(),
            **self.plan(),
            "week": week,
            "norms": self.norms(),
            "letterhead": read_letterhead(self.top.table("report")),
            "areas": self.attempt(lambda: read_area_inputs(self.tables, self.folder), ()),
        }

    def norms(self) -> tuple[str, ...]:
        """Names of shipped norms, and paths of own ones."""
        given = self.tables.get("norms", [])
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            self.top.wrong("norms", given, 'a list such as ["national-2021"]')
            return ()
        names = tuple(str(self.folder / one) if one.endswith(".toml") else one for one in given)
        return tuple(name for name in names if self.attempt(partial(read_norm, name), None))

    def attempt(self, read: Callable[[], S], otherwise: T) -> S | T:
        """What a reader of some tables gives; its faults join the others."""
        try:
            return read()
        except InputError as error:
            self.faults += error.faults
            return otherwise

    def circle(self) -> RescueCircle:
        given = self.top.table("circle").values or {"name": "walk-4"}
        return self.attempt(lambda: define(given), circle("walk-4"))

    def plan(self) -> dict[str, Any]:
        """What [plan] says."""
        plan = self.top.table("plan")
        plan.only(TABLES["plan"])
        both = [key for key in ("devices", "budget_rmb") if key in plan]
        if len(both) == 2 or not (both or "target" in plan):
            plan.fault(f"plan: {' and '.join(both) or 'neither'} given; expected either devices or budget_rmb")
        return {
            "devices": plan.whole("devices", at_least=1) if "devices" in plan else None,
            "budget_rmb": plan.number_or_none("budget_rmb"),
            "method": plan.choice("method", METHODS, "exact"),
            "seconds": plan.number("seconds", above=0, default=30.0),
            "gap": plan.share("gap"),
            "quotas": read_quotas(plan.values.get("quotas", {}), self.faults),
            "quotas_by": read_quotas_by(plan.values.get("quotas_by", {}), self.faults),
            "aims": read_aims(plan),
        }

    def streets(self) -> Input:
        """The streets: a file or a place, and where things are mapped if that is another file."""
        table, origin = self.one_of("streets", "place", "streets.place")
        osm = table.path("osm") if "osm" in table else None
        if origin == "file":
            return replace(table.file(), osm=osm)
        return Input(origin, place=table.text("place"), osm=osm)

    def sites(self, key: str) -> Input:
        """Standing devices or candidates: a file, or what is mapped; standing devices may be left out."""
        if key == "standing" and not {"file", "from"} & set(self.top.table(key).values):
            self.top.table(key).only(TABLES[key])
            return Input("none")
        table, origin = self.one_of(key, "from", f'{key}.from = "osm"')
        if origin == "file":
            return table.file()
        if origin == "from":
            table.choice("from", ("osm",))
            return Input("osm", kinds=_kinds(table))
        return Input("none")

    def one_of(self, key: str, instead: str, wanted: str) -> tuple[Given, str]:
        """A table that names exactly one of a file and what may stand instead, and which it is; "none" otherwise."""
        table = self.top.table(key)
        table.only(TABLES[key])
        named = [name for name in ("file", instead) if name in table]
        if len(named) != 1:
            told = " and ".join(named) or "nothing"
            table.fault(f"{key}: {told} given; expected either {key}.file or {wanted}")
            return table, "none"
        effective = READ_WITH["osm" if named == ["from"] else named[0]]
        table.without_effect([name for name in TABLES[key] if name not in effective], table.name(named[0]))
        return table, named[0]


def _kinds(table: Given) -> tuple[str, ...]:
    value = table.values.get("kinds", [])
    wrong = [kind for kind in value if kind not in list(KINDS_ZH)] if isinstance(value, list) else [value]
    if wrong:
        table.fault(f"{table.name('kinds')}: {wrong} not known; known: {', '.join(KINDS_ZH)}")
        return ()
    return tuple(value)
