"""A finished study taken up again: all its sites and all its demand, as its folder holds them in study.npz.

With the streets, the circle and the opening hours, which the folder holds too, every question can be asked again: what
another plan on the same ground is worth, to the last digit.
"""

import io
import json
import tomllib
import zipfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..anchors import Anchors, snap
from ..checks import read_only
from ..circles import RescueCircle
from ..coverage import Coverage, cover, narrow
from ..demand import Demand
from ..errors import InputError
from ..network import StreetNetwork
from ..outputs import timeless
from ..scenario.week import Week, open_week, read_week
from ..sites import Sites
from ..source import Source
from ..streets import read_streets
from ..towns import Groups

if TYPE_CHECKING:
    from .outcome import Outcome

FILE = "study.npz"
TEXTS = ("id", "label", "kind", "hours", "town")
NUMBERS = ("lonlat", "cost", "standing", "ready")


@dataclass(frozen=True)
class Reopened:
    """A study whose folder was read again.

    summary   what summary.json holds
    settings  the tables of its scenario
    anchors   where sites and demand join the streets
    groups    towns, communities ... that demand is told apart by
    """

    summary: dict[str, Any]
    settings: dict[str, Any]
    circle: RescueCircle
    streets: StreetNetwork
    sites: Sites
    demand: Demand
    anchors: tuple[Anchors, Anchors]
    week: Week
    groups: tuple[Groups, ...]

    @property
    def chosen(self) -> tuple[int, ...]:
        """Numbers of the new sites, in the plan's order."""
        row = {id: number for number, id in enumerate(self.sites.id)}
        return tuple(row[id] for id in self.summary["chosen"])

    @property
    def staying(self) -> np.ndarray:
        """Numbers of the standing sites whose device stays."""
        leaving = {move["from"] for move in self.summary["moved"]}
        return np.array([row for row in np.flatnonzero(self.sites.standing) if self.sites.id[row] not in leaving], int)

    def coverage(self) -> Coverage:
        """Who is covered by which site, as the plan was chosen by: of what is open and ready where it counted hours."""
        coverage = cover(self.streets, self.sites, self.demand, circle=self.circle, anchors=self.anchors)
        return narrow(coverage, times=self.week.times, ready=self.sites.ready) if self.week.counted else coverage


def keep_study(outcome: "Outcome", path: Path) -> None:
    """Write the sites and the demand of a study."""
    sites, demand = outcome.sites, outcome.demand
    arrays = {f"site_{name}": np.array(getattr(sites, name)) for name in (*TEXTS, *NUMBERS)}
    arrays |= {"lonlat": demand.lonlat, "weight": demand.weight, "id": np.array(demand.id), "layer": demand.layer}
    arrays |= {"town": np.array(demand.town or ("",) * len(demand))}
    arrays |= {"people": np.zeros(0) if demand.people is None else demand.people}
    for number, group in enumerate(outcome.groups):
        arrays |= {f"group_{number}_point": group.point, f"group_{number}_site": group.site}
    told = {
        "basis": demand.basis,
        "layers": demand.layers,
        "source": asdict(demand.source),
        "sources": [asdict(source) for source in sites.source],
        "groups": [{"level": one.level, "name": one.name, "code": one.code} for one in outcome.groups],
    }
    buffer = io.BytesIO()
    np.savez(buffer, told=np.array(json.dumps(told, ensure_ascii=False)), **arrays)  # type: ignore[arg-type]
    path.write_bytes(timeless(buffer.getvalue()))


def reopen(folder: str | Path) -> Reopened:
    """The study in a folder that `aedplan plan` wrote.

    Raises InputError when the folder is none, or was written before studies were kept.
    """
    folder = Path(folder)
    if not (folder / FILE).is_file():
        raise InputError(f"{folder}: has no {FILE}; expected a folder that this version of `aedplan plan` wrote")
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        settings = tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8-sig"))
        with open(folder / FILE, "rb") as raw, np.load(raw) as file:
            arrays = {name: file[name] for name in file.files}
        told = json.loads(str(arrays["told"]))
        sites, demand = _sites(arrays, told), _demand(arrays, told)
        known = {field.name for field in fields(RescueCircle)}
        circle = RescueCircle(**{name: value for name, value in summary["circle"].items() if name in known})
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise InputError(f"{folder}: cannot be read ({error!r}); expected what `aedplan plan` writes") from error
    streets = read_streets(folder / "streets")
    return Reopened(
        summary=summary,
        settings=settings,
        circle=circle,
        streets=streets,
        sites=sites,
        demand=demand,
        anchors=(snap(streets, sites.lonlat), snap(streets, demand.lonlat)),
        week=open_week(sites, read_week(settings)),
        groups=_groups(arrays, told),
    )


def _sites(arrays: dict[str, np.ndarray], told: dict[str, Any]) -> Sites:
    texts: dict[str, Any] = {name: tuple(arrays[f"site_{name}"].tolist()) for name in TEXTS}
    numbers: dict[str, Any] = {name: arrays[f"site_{name}"] for name in NUMBERS}
    return Sites(**texts, **numbers, source=tuple(Source(**one) for one in told["sources"]))


def _demand(arrays: dict[str, np.ndarray], told: dict[str, Any]) -> Demand:
    town = tuple(arrays["town"].tolist())
    return Demand(
        read_only(arrays["lonlat"]),
        read_only(arrays["weight"]),
        tuple(arrays["id"].tolist()),
        Source(**told["source"]),
        basis=told["basis"],
        layers=tuple(told["layers"]),
        layer=arrays["layer"],
        people=read_only(arrays["people"]) if len(arrays["people"]) else None,
        town=town if any(town) else (),
    )


def _groups(arrays: dict[str, np.ndarray], told: dict[str, Any]) -> tuple[Groups, ...]:
    return tuple(
        Groups(one["level"], tuple(one["name"]), tuple(one["code"]), arrays[f"group_{number}_point"],
               arrays[f"group_{number}_site"])
        for number, one in enumerate(told["groups"])
    )  # fmt: skip
