"""One table of a scenario as it was given: its values checked one by one, every fault gathered on the way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..checks import unknown_key_faults
from ..coordinates import SYSTEMS


@dataclass(frozen=True)
class Input:
    """One input: a file, the OpenStreetMap file of the streets, or a place name.

    file    None when it comes from somewhere else
    crs     coordinate system of a plain table
    sheet   of a workbook or layer of a GeoPackage, when it has several
    source  who made it, as it must be credited
    origin  "file"; "osm": venues or devices mapped in the streets' file; "buildings"; "place"; "none"; of demand also
            "arrests", "visitors", "rasters", "layers"
    osm     of streets: the OpenStreetMap file in which buildings, venues and areas are mapped, where it is another
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
    osm: Path | None = None


@dataclass(frozen=True)
class Given:
    """The values of one table.

    where   its name, such as "demand.home"; "" for the whole file
    folder  what its paths are relative to
    faults  found so far; tables of one scenario may share them
    """

    values: Mapping[str, Any]
    where: str
    folder: Path
    faults: list[str] = field(default_factory=list)

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def name(self, key: str) -> str:
        """The whole name of a key."""
        return f"{self.where}.{key}" if self.where else key

    def fault(self, fault: str) -> None:
        """Note a fault, once."""
        if fault not in self.faults:
            self.faults.append(fault)

    def wrong(self, key: str, value: object, expected: str) -> None:
        """Note that a value is not what is expected."""
        self.fault(f"{self.name(key)} is {value!r}; expected {expected}")

    def only(self, known: Iterable[str]) -> None:
        """Note every key that is none of these."""
        for fault in unknown_key_faults(self.values, known, self.where):
            self.fault(fault)

    def without_effect(self, keys: Iterable[str], beside: str) -> None:
        """Note every one of these keys that is given, though it would be ignored."""
        for key in keys:
            if key in self.values:
                self.fault(f"{self.name(key)} has no effect beside {beside}; expected it left out")

    def table(self, key: str) -> "Given":
        """A table inside, empty where there is none; its faults join these."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            self.wrong(key, value, f"a table [{self.name(key)}]")
            value = {}
        return Given(value, self.name(key), self.folder, self.faults)

    def text(self, key: str, default: str = "") -> str:
        """Text."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            self.wrong(key, value, "text in quotes")
            return default
        return value

    def number(self, key: str, *, above: float, default: float | None = None) -> float:
        """A number above another."""
        value = self.values.get(key, default)
        if not is_number(value) or not above < value < 1e12:
            self.wrong(key, value, f"a number above {above:g}")
            return 1.0
        return float(value)

    def number_or_none(self, key: str) -> float | None:
        """A number above 0; None where it is not given."""
        return self.number(key, above=0) if key in self.values else None

    def share(self, key: str) -> float:
        """A share from 0 to below 1; 0 where it is not given."""
        value = self.values.get(key, 0.0)
        if not is_number(value) or not 0 <= value < 1:
            self.wrong(key, value, "0 or more, below 1")
            return 0.0
        return float(value)

    def part(self, key: str) -> float:
        """A share above 0, at most 1."""
        value = self.number(key, above=0)
        if value > 1:
            self.fault(f"{self.name(key)} is {value:g}; expected above 0, at most 1")
        return value

    def whole(self, key: str, *, at_least: int) -> int:
        """A whole number."""
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
            self.wrong(key, value, f"a whole number, {at_least} or more")
            return at_least
        return value

    def choice(self, key: str, known: Sequence[str], default: str | None = None) -> str:
        """One of some words."""
        value = self.values.get(key, default)
        if value not in known:
            self.wrong(key, value, f"one of {', '.join(known)}")
            return default or known[0]
        return str(value)

    def path(self, key: str) -> Path:
        """A file or folder that is there."""
        return self.beside(key, self.text(key))

    def beside(self, key: str, name: str) -> Path:
        """A path relative to the scenario, that a key names."""
        path = self.folder / name
        if not path.exists() or path == self.folder:
            self.fault(f"{self.name(key)}: there is no {name!r} beside the scenario")
        return path

    def columns(self) -> dict[str, str]:
        """Headers of fields, where the synonyms do not fit."""
        value = self.values.get("columns", {})
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value.values()):
            self.wrong("columns", value, 'a table such as { lon = "经度" }')
            return {}
        return value

    def file(self, origin: str = "file") -> Input:
        """An input that is a file, with how to read it and whom to credit."""
        return Input(
            origin,
            file=self.path("file"),
            crs=self.choice("crs", SYSTEMS) if "crs" in self else None,
            columns=self.columns(),
            sheet=self.text("sheet") or None,
            source=self.text("source"),
            licence=self.text("licence"),
        )


def is_number(value: object) -> bool:
    """Whether TOML wrote a number; true and false are none.

    >>> is_number(2), is_number(True)
    (True, False)
    """
    return isinstance(value, (int, float)) and not isinstance(value, bool)
