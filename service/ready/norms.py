"""How often devices must be checked and when they no longer count: profiles of `data/readiness.toml`, days throughout."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import isfinite
from typing import Any

from aedplan.checks import unknown_key_faults
from aedplan.errors import raise_faults
from aedplan.tables.columns import shipped


@dataclass(frozen=True)
class Norm:
    """What readiness follows besides the records.

    check_every_days  a check is due so many days after the last
    overdue_factor    a check older than the interval times this no longer vouches for the device; at least 1
    expiring_days     so long before its last day a part is called expiring
    unknown_days      so long a device may be unknown; then it is not ready
    """

    name: str
    zh: str
    en: str
    check_every_days: int
    overdue_factor: float
    expiring_days: int
    unknown_days: int
    source: str

    def __post_init__(self) -> None:
        raise_faults(_faults(self))


def _faults(norm: Norm) -> list[str]:
    least = {"check_every_days": 1, "overdue_factor": 1, "expiring_days": 0, "unknown_days": 0}
    most = 10_000
    faults = []
    for name, low in least.items():
        given = getattr(norm, name)
        whole = name == "overdue_factor" or isinstance(given, int)
        if isinstance(given, bool) or not isinstance(given, int | float) or not isfinite(given) or not whole:
            faults.append(f"norm {norm.name}: {name} is {given!r}; expected a number")
        elif not low <= given <= most:
            faults.append(f"norm {norm.name}: {name} is {given}; expected {low} to {most}")
    return faults


def make_norms(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Norm]:
    """Profiles by name from tables as `data/readiness.toml` holds them.

    Raises InputError with every unknown or missing key and every number out of bounds.
    """
    known = [name for name in Norm.__dataclass_fields__ if name != "name"]
    faults = []
    for name, table in tables.items():
        faults += unknown_key_faults(table, known, name)
        faults += [f"{name}.{key} is missing" for key in known if key not in table]
    raise_faults(faults)
    return {name: Norm(name=name, **table) for name, table in tables.items()}


@cache
def shipped_norms() -> Mapping[str, Norm]:
    """The profiles that come with the program, the default first.

    >>> shipped_norms()["guangzhou-2024"].check_every_days
    1
    """
    return make_norms(tomllib.loads(shipped("readiness.toml").read_text(encoding="utf-8")))
