"""The inspection form: one list of items (`data/inspection_form.toml`) that page, validation, export and print are made of.

Here are the items themselves; what may be filled in stands in values, page, print and table in
sheets, and what a filled form means in rules.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Literal

from aedplan.checks import duplicate_faults, unknown_key_faults
from aedplan.errors import raise_faults
from aedplan.tables.columns import shipped

from ..facts import Result, Severity

ValueKind = Literal["none", "choice", "date", "text", "hours", "number", "list"]
Language = Literal["zh", "en"]

KINDS = {
    "install": ("安装检查", "at installation"),
    "daily": ("每日检查", "daily"),
    "weekly": ("每周检查", "weekly"),
    "monthly": ("每月检查", "monthly"),
    "quarterly": ("每季检查", "quarterly"),
    "annual": ("每年检查", "yearly"),
    "special": ("专项检查", "special"),
    "post_use": ("使用后检查", "after use"),
    "public_report": ("公众报告核实", "after a public report"),
}
RESULTS: Mapping[Result, tuple[str, str]] = {
    "ok": ("正常", "in order"),
    "fail": ("不合格", "not in order"),
    "na": ("不适用", "does not apply"),
    "not_checked": ("未检查", "not checked"),
}


@dataclass(frozen=True)
class Words:
    """An id with its words."""

    id: str
    zh: str
    en: str


@dataclass(frozen=True)
class Item:
    """One line of the form; see `data/inspection_form.toml` for each field."""

    id: str
    group: str
    zh: str
    en: str
    ask_zh: str
    ask_en: str
    severity: Severity
    value: ValueKind
    carries: str = ""
    when: str = ""
    photo: bool = False
    choices: tuple[Words, ...] = ()
    fails: tuple[str, ...] = ()
    least: float = 0.0
    most: float = 0.0

    def label(self, language: Language) -> str:
        """The item's name."""
        return self.zh if language == "zh" else self.en

    def ask(self, language: Language) -> str:
        """The item as a question to a guard."""
        return self.ask_zh if language == "zh" else self.ask_en


@dataclass(frozen=True)
class Form:
    """The whole form. `plan_days`: latest deadline of an action plan by severity, days after the check."""

    version: int
    far_m: float
    poor_accuracy_m: float
    plan_days: Mapping[str, int]
    groups: tuple[Words, ...]
    items: tuple[Item, ...]

    def get(self, item: str) -> Item | None:
        """The item of that id; None when there is none."""
        return next((one for one in self.items if one.id == item), None)


@dataclass(frozen=True)
class Answer:
    """What was found at one item."""

    result: Result
    value: str = ""
    note: str = ""


@dataclass(frozen=True)
class DeviceState:
    """What is on record of a device when a check begins.

    has      what it is fitted with: keys that items name in `when`
    values   last known value by item, in canonical text
    open     deadline of the open defect by item; None where it has none
    lon, lat where it hangs, WGS-84 degrees; None when not known
    """

    device_id: str
    has: frozenset[str] = frozenset()
    values: Mapping[str, str] = field(default_factory=dict)
    open: Mapping[str, date | None] = field(default_factory=dict)
    lon: float | None = None
    lat: float | None = None


def make_form(table: Mapping[str, Any]) -> Form:
    """The form from a table as `data/inspection_form.toml` holds it.

    Raises InputError with every unknown key, unknown group, severity or kind of value, and every repeated id.
    """
    known = ("version", "far_m", "poor_accuracy_m", "plan_days", "group", "item")
    faults = unknown_key_faults(table, known, "") + [f"{key} is missing" for key in known if key not in table]
    raise_faults(faults)
    for given in table["item"]:
        faults += unknown_key_faults(given, Item.__dataclass_fields__, given.get("id", "item"))
    raise_faults(faults)
    items = tuple(_item(given) for given in table["item"])
    groups = tuple(Words(**group) for group in table["group"])
    raise_faults(_faults(items, {group.id for group in groups}))
    numbers = {name: table[name] for name in ("version", "far_m", "poor_accuracy_m", "plan_days")}
    return Form(groups=groups, items=items, **numbers)


def _item(given: Mapping[str, Any]) -> Item:
    choices = tuple(Words(*choice) for choice in given.get("choices", ()))
    return Item(**{**given, "choices": choices, "fails": tuple(given.get("fails", ()))})


def _faults(items: tuple[Item, ...], groups: set[str]) -> list[str]:
    faults = duplicate_faults([item.id for item in items], "items")
    for item in items:
        if item.group not in groups:
            faults.append(f"{item.id}: group {item.group!r} is not known; known: {', '.join(sorted(groups))}")
        if item.severity not in ("critical", "major", "minor"):
            faults.append(f"{item.id}: severity {item.severity!r}; expected critical, major or minor")
        if item.value not in ("none", "choice", "date", "text", "hours", "number", "list"):
            faults.append(f"{item.id}: value {item.value!r} is no kind of value")
        if bool(item.choices) != (item.value in ("choice", "list")):
            faults.append(f"{item.id}: choices belong to a choice or a list, and only there")
        if set(item.fails) - {choice.id for choice in item.choices}:
            faults.append(f"{item.id}: fails names what is not among its choices")
    return faults


@cache
def shipped_form() -> Form:
    """The form that comes with the program.

    >>> len(shipped_form().items)
    25
    """
    return make_form(tomllib.loads(shipped("inspection_form.toml").read_text(encoding="utf-8")))


def critical_items(form: Form) -> frozenset[str]:
    """The items without which a device does not count."""
    return frozenset(item.id for item in form.items if item.severity == "critical")
