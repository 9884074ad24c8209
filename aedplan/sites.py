"""Sites: candidate places and the places where a device already hangs (standing)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .checks import duplicate_faults, length_faults, lonlat_faults, negative_faults, read_only
from .errors import raise_faults
from .source import Source

KINDS_ZH = {
    "transport": "交通枢纽",
    "shop": "商场超市",
    "school": "学校",
    "compound": "居民小区",
    "office": "办公场所",
    "sport": "体育场馆",
    "culture": "文化场所",
    "hotel": "酒店",
    "scenic": "景区",
    "care": "养老机构",
    "health": "医疗机构",
    "police": "派出所",
    "fire": "消防站",
    "convenience": "24小时便利店",
    "bank": "银行",
    "village": "村委会",
    "industry": "工厂园区",
    "other": "其他",
}
"""Kinds of venue, after the list of the national guide 国卫办医函〔2021〕602号, with the kinds Nan'an and the literature add."""

DEVICE_COST_RMB = 24_000.0
"""Licheng (Quanzhou) 2023: 50 devices for 1.2 million RMB."""


@dataclass(frozen=True)
class Sites:
    """S places that hold or may hold a device; checked when made.

    lonlat    (S, 2) WGS-84 degrees
    id        (S,) str, all different
    source    where they came from
    label     (S,) str for people; the ids when not given
    kind      (S,) keys of KINDS_ZH; "other" when not given
    hours     (S,) opening hours in OSM syntax, "" where unknown
    cost      (S,) in one currency: what a device there costs; DEVICE_COST_RMB when not given
    standing  (S,) bool: a device is there already; nowhere when not given
    ready     (S,) bool: the device would work; a planned one always will
    town      (S,) town or subdistrict, "" where not known
    where     (S,) where each was read, such as "devices.xlsx, sheet 1, row 17", for messages

    Raises InputError with every fault: coordinates, sizes, kinds, costs, duplicate ids.
    """

    lonlat: np.ndarray
    id: tuple[str, ...]
    source: tuple[Source, ...]
    label: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    cost: np.ndarray = None  # type: ignore[assignment]
    standing: np.ndarray = None  # type: ignore[assignment]
    ready: np.ndarray = None  # type: ignore[assignment]
    town: tuple[str, ...] = ()
    where: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.id)
        defaults = {
            "label": self.id,
            "kind": ("other",) * count,
            "hours": ("",) * count,
            "town": ("",) * count,
            "where": self.id,
        }
        for name, default in defaults.items():
            object.__setattr__(self, name, tuple(getattr(self, name)) or default)
        cost = np.full(count, DEVICE_COST_RMB) if self.cost is None else np.asarray(self.cost, dtype=float)
        standing = np.zeros(count, dtype=bool) if self.standing is None else np.asarray(self.standing, dtype=bool)
        ready = np.ones(count, dtype=bool) if self.ready is None else np.asarray(self.ready, dtype=bool)
        for name, array in (("lonlat", self.lonlat), ("cost", cost), ("standing", standing), ("ready", ready)):
            object.__setattr__(self, name, read_only(array))
        raise_faults(_faults(self))

    def __len__(self) -> int:
        return len(self.id)

    def some(self, rows: np.ndarray) -> "Sites":
        """Some of the sites, from the same sources."""
        picked: dict[str, Any] = {"source": self.source}
        for name in set(self.__dataclass_fields__) - {"source"}:
            column = getattr(self, name)
            picked[name] = column[rows] if isinstance(column, np.ndarray) else tuple(column[row] for row in rows)
        return Sites(**picked)


def _faults(sites: Sites) -> list[str]:
    what = sites.source[0].file or "sites"
    columns = {
        name: getattr(sites, name) for name in ("label", "kind", "hours", "town", "where", "cost", "standing", "ready")
    }
    faults = length_faults(what, len(sites), lonlat=sites.lonlat, **columns)
    faults += lonlat_faults(sites.lonlat, what) + negative_faults(sites.cost, f"{what}: cost")
    faults += duplicate_faults(sites.id, what)
    return faults + [
        f"{what}: kind {key!r} is not known; known: {', '.join(KINDS_ZH)}"
        for key in sorted(set(sites.kind) - set(KINDS_ZH))
    ]


def join_sites(standing: Sites, candidates: Sites) -> Sites:
    """Standing sites first, then candidates, as one list.

    Raises InputError when an id stands in both.
    """
    raise_faults(duplicate_faults(standing.id + candidates.id, "standing devices and candidates together"))
    columns: dict[str, Any] = {}
    for name in Sites.__dataclass_fields__:
        first, second = getattr(standing, name), getattr(candidates, name)
        columns[name] = np.concatenate([first, second]) if isinstance(first, np.ndarray) else first + second
    return Sites(**columns)
