"""A published plan: the folder that `aedplan plan SCENARIO.toml --out DIR` writes, read whole, checked, kept in memory.

When the folder is written again, the next request serves the new plan; a folder that cannot be read leaves the old one
in place, and the log says why.
"""

import json
import logging
import os
import threading
import time
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from aedplan import InputError, RescueCircle, StreetNetwork, read_streets, snap
from aedplan.checks import read_only
from aedplan.coordinates import unproject
from aedplan.network import bounds

from .bodies import Body, make_body
from .places import Spot, read_names
from .plan_demand import Ground, make_ground, read_plan_demand

NEEDED = ("summary.json", "plan.geojson", "map.html", "report.html", "streets")

PUBLISHED = "published"
"""In the data folder the link to the plan that a planner has published."""

LOOK_EVERY_S = 0.02
"""So long who asks for the nearest device is answered from the plan seen last: looking takes as long as finding the street."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """A site of the plan, as it may be shown. `order` and `gain` only where a device is proposed."""

    id: str
    label: str
    kind: str
    kind_zh: str
    lon: float
    lat: float
    hours: str
    order: int | None
    gain: float | None


@dataclass(frozen=True, eq=False)  # one is equal to itself alone, so that bodies can be kept by it
class Published:
    """One plan, ready to be served.

    devices   the standing devices, in the order of the folder
    proposed  where the plan puts new ones, in the plan's order
    bounds    west, south, east, north of the streets
    ground    the demand on those streets; None where the folder tells of none
    names     the names on its map
    kept      the folder where what was worked out from it is kept for the next start; None: nowhere
    """

    summary: dict[str, Any]
    circle: RescueCircle
    devices: tuple[Place, ...]
    proposed: tuple[Place, ...]
    streets: StreetNetwork
    bounds: tuple[float, float, float, float]
    map: Body
    report: Body
    ground: Ground | None = None
    names: tuple[Spot, ...] = ()
    kept: Path | None = None

    @property
    def attribution(self) -> list[str]:
        """The credit lines of the plan's inputs."""
        lines = [f"{i['source']} ({i['licence']})" if i.get("licence") else i["source"] for i in self.summary["inputs"]]
        return [line for line in dict.fromkeys(lines) if line]


Stamp = tuple[tuple[str, int, int, int], ...]


class Shelf:
    """Holds the plan that is served, and looks at each request whether its folder was written again, or is another one.

    published  a link to the folder of a plan that a planner has published, which goes before the service's own
    """

    def __init__(self, folder: Path, published: Path | None = None) -> None:
        self._own, self._link = folder, published
        self._stamp, self._published = self._read()
        self._seen = self._stamp
        self._looked_s = -1e9
        self._lock = threading.Lock()
        self.fault = ""

    @property
    def folder(self) -> Path:
        """The folder of the plan that is served."""
        return self._link if self._link is not None and os.path.isdir(self._link) else self._own

    def point(self, plan: Path | None) -> None:
        """Serve the plan in a folder from the next request on, at one stroke; None: the service's own again."""
        assert self._link is not None
        if plan is None:
            self._link.unlink(missing_ok=True)
        else:
            point_at(self._link, plan)
        self._looked_s = -1e9

    def at_hand(self) -> Published | None:
        """The newest plan that could be read; None when the folder was written since and has to be looked into."""
        now_s = time.monotonic()
        if now_s - self._looked_s >= LOOK_EVERY_S:
            if _stamp(self.folder) != self._seen:
                return None
            self._looked_s = now_s
        return self._published

    def current(self) -> Published:
        """The newest plan that could be read."""
        seen = _stamp(self.folder)
        if seen != self._seen and self._lock.acquire(blocking=False):  # others go on with the old one meanwhile
            try:
                self._reload(seen)
            finally:
                self._lock.release()
        return self._published

    def _reload(self, seen: Stamp) -> None:
        self._seen, self.fault = seen, ""
        if seen == self._stamp:
            return
        try:
            self._stamp, self._published = self._read()
            _log.info("serving the plan written in %s", self.folder)
        except InputError as error:
            self.fault = str(error)
            _log.error("kept the plan read before: %s", error)

    def _read(self) -> tuple[Stamp, Published]:
        stamp, published = _read_steady(self.folder)
        return stamp, replace(published, kept=self._link.parent if self._link is not None else None)


def point_at(link: Path, plan: Path) -> None:
    """Let a link lead to the folder of a plan, at one stroke."""
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(plan.absolute(), target_is_directory=True)
    os.replace(fresh, link)


def read_published(folder: Path) -> Published:
    """The plan in a folder.

    Raises InputError when the folder is not there, is not a plan's, or its files do not belong together.
    """
    _check_folder(folder)
    summary = _read_json(folder / "summary.json")
    places = _read_places(folder / "plan.geojson")
    devices = tuple(place for place in places if place.order is None)
    proposed = tuple(sorted((p for p in places if p.order is not None), key=lambda p: p.order or 0))
    _check_together(folder, summary, devices, proposed)
    streets, circle = _read_streets(folder / "streets"), _read_circle(summary, folder)
    return Published(
        summary=summary,
        circle=circle,
        devices=devices,
        proposed=proposed,
        streets=streets,
        bounds=tuple(float(edge) for edge in bounds(streets)),  # type: ignore[arg-type]
        map=make_body((folder / "map.html").read_bytes(), "text/html; charset=utf-8"),
        report=make_body((folder / "report.html").read_bytes(), "text/html; charset=utf-8"),
        ground=make_ground(streets, circle, read_plan_demand(folder / "plan.gpkg")),
        names=read_names(folder / "background.gpkg"),
    )


def _read_steady(folder: Path) -> tuple[Stamp, Published]:
    """The plan and its stamp, when nobody wrote into the folder meanwhile."""
    before = _stamp(folder)
    try:
        published = read_published(folder)
    except OSError as error:  # the folder was swapped or cut short while being read
        raise InputError(f"{folder}: {error.strerror or error}; expected a finished plan folder") from error
    if _stamp(folder) != before:
        raise InputError(f"{folder}: was written while being read; expected a finished plan folder")
    return before, published


def _stamp(folder: Path) -> Stamp:
    """Name, time, size and number of each file that is served; () for one that is missing."""
    found, inside = [], f"{folder}/"  # plain text: asked for with every request
    for name in NEEDED:
        try:
            status = os.stat(inside + name)
        except OSError:
            return ()
        found.append((name, status.st_mtime_ns, status.st_size, status.st_ino))
    return tuple(found)


def _check_folder(folder: Path) -> None:
    make = f"make one with: aedplan plan SCENARIO.toml --out {folder} (or: aedplan demo --out {folder})"
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such plan folder; {make}")
    missing = [name for name in NEEDED if not (folder / name).exists()]
    if missing:
        raise InputError(f"{folder}: is not a plan folder, it has no {', '.join(missing)}; {make}")


def _check_together(
    folder: Path, summary: dict[str, Any], devices: tuple[Place, ...], proposed: tuple[Place, ...]
) -> None:
    """Refuse a summary and sites that come from two different runs."""
    missing = [key for key in _SUMMARY_KEYS if key not in summary]
    if missing:
        raise InputError(f"{folder / 'summary.json'}: has no {', '.join(missing)}; expected the summary of a plan")
    if summary["chosen"] != [p.id for p in proposed] or summary["standing"] != len(devices):
        raise InputError(f"{folder}: summary.json and plan.geojson are of different plans; expected one run's files")


_SUMMARY_KEYS = (
    "scenario", "title_zh", "title_en", "synthetic", "inputs", "circle", "chosen", "standing", "value", "total",
    "share", "before", "bound", "gap", "status",
)  # fmt: skip


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: is not JSON ({error}); expected what `aedplan plan` writes") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds a {type(content).__name__}; expected a JSON object")
    return content


def _read_places(path: Path) -> list[Place]:
    content = _read_json(path)
    try:
        return [_place(feature) for feature in content["features"]]
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: a site cannot be read ({error!r}); expected what `aedplan plan` writes") from error


def _place(feature: dict[str, Any]) -> Place:
    """A site; one that is not marked as standing is never taken for a device."""
    lon, lat = (float(number) for number in feature["geometry"]["coordinates"])
    given = feature["properties"]
    words = {name: str(given[name]) for name in ("id", "label", "kind", "kind_zh", "hours")}
    if given["role"] in ("standing", "moved away"):  # it hangs there until somebody moves it
        return Place(lon=lon, lat=lat, order=None, gain=None, **words)
    if given["role"] != "proposed":
        raise ValueError(f"role {given['role']!r}")
    return Place(lon=lon, lat=lat, order=int(given["order"]), gain=float(given["gain"]), **words)


def _read_circle(summary: dict[str, Any], folder: Path) -> RescueCircle:
    known = {field.name for field in fields(RescueCircle)}
    try:
        return RescueCircle(**{name: value for name, value in summary["circle"].items() if name in known})
    except (AttributeError, TypeError) as error:
        raise InputError(f"{folder / 'summary.json'}: circle: {error}") from error


def _read_streets(path: Path) -> StreetNetwork:
    """The streets, copied out of their files, which may be overwritten, and with their search tree made now."""
    mapped = read_streets(path)
    columns: dict[str, Any] = {f.name: getattr(mapped, f.name) for f in fields(StreetNetwork)}
    copies = {n: read_only(np.array(column)) for n, column in columns.items() if isinstance(column, np.ndarray)}
    streets = StreetNetwork(**columns | copies)
    snap(streets, unproject(streets.xy[:1], streets.crs))
    return streets
