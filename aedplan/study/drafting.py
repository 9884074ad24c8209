"""A first scenario from the files at hand: each is read as the plan will read it, and what became of every row is told.

The scenario is a commented TOML file to go on from. A table with rows that a plan would refuse is not changed: without
them, and with what was mended, it is written again beside the scenario, which then names that copy.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from ..anchors import snap
from ..circles import circle
from ..demand import Demand
from ..errors import InputError, raise_faults
from ..files import UNKNOWN_KIND, USUAL_COST, SiteList, read_demand_by_row, read_site_list
from ..hours.texts import report_hours, understand_hours
from ..network import StreetNetwork
from ..outputs import write_csv, write_text
from ..sites import Sites, join_sites
from ..strays import Surroundings, suspect_list
from ..streets import read_streets
from ..suspicions import Suspicion, suspect_system
from ..tables.forms import TURNED
from ..tables.readings import ReadReport
from ..tables.tables import open_table
from .draft_text import FileWords, Filled, Hours, write_scenario
from .study import far_site_faults

T = TypeVar("T")

NAMES_ITS_OWN = (".gpkg", ".geojson", ".json", ".parquet")
"""Files that may name their own coordinate system; what is said of all tables is not said of them."""

REFUSED_BY_A_PLAN = (TURNED, UNKNOWN_KIND, USUAL_COST)
"""What is mended here, and a plan would refuse."""


class TableFile(NamedTuple):
    """A table and its coordinate system: wgs84, gcj02, bd09, or None where the file names its own."""

    path: Path
    crs: str | None = None


@dataclass(frozen=True)
class Wishes:
    """What a first scenario is made from.

    streets     OpenStreetMap file, saved network, or any other that `read_streets` reads
    candidates  None: the venues mapped in the streets' file
    standing    devices that hang already; None: none
    demand      None: the buildings mapped in the streets' file
    population  people whom those buildings share out
    leave_out   plan without the rows that cannot be read, instead of refusing the table
    """

    streets: Path
    candidates: TableFile | None = None
    standing: TableFile | None = None
    demand: TableFile | None = None
    population: float | None = None
    devices: int = 20
    circle: str = "walk-4"
    leave_out: bool = False


class Copy(NamedTuple):
    """A table to be written again without the rows that cannot be read."""

    path: Path
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True)
class Draft:
    """A scenario to be written, and what was found in its files.

    lines       what was read, mended and left out, Chinese first
    suspicions  what looks wrong with the places
    """

    path: Path
    text: str
    lines: tuple[str, ...]
    suspicions: tuple[Suspicion, ...]
    copies: tuple[Copy, ...]

    def save(self) -> None:
        """Write the scenario, and the tables that were mended."""
        for copy in self.copies:
            write_csv(copy.path, copy.header, copy.rows)
        write_text(self.path, self.text)


class _Part(NamedTuple):
    """One table that was read; `table` is the file that the scenario is to name."""

    role: str
    given: TableFile
    table: TableFile
    sites: Sites | None
    demand: Demand | None
    report: ReadReport
    copy: Copy | None


ROLES = ("standing", "candidates", "demand")


def draft(wishes: Wishes, out: str | Path) -> Draft:
    """A scenario for some files, to be written to `out`; nothing is written yet.

    >>> from aedplan.tables.columns import shipped
    >>> places = TableFile(shipped("demo/candidates.csv"), "wgs84")
    >>> made = draft(Wishes(shipped("demo/county.osm.gz"), places), "county.toml")
    >>> print(made.lines[0])
    candidates.csv（UTF-8）：共 424 行，读入 424 行，修正 0 处，拒收 0 行。

    Raises InputError with every fault of every file.
    """
    out = Path(out)
    faults = [*_wish_faults(wishes), *_out_faults(out)]
    streets = _attempt(lambda: read_streets(wishes.streets), faults)
    found = [_attempt(partial(_read, role, out, wishes), faults) for role in ROLES]
    parts = {part.role: part for part in found if part is not None}
    mapped = _attempt(lambda: _mapped(wishes), faults)
    faults += _together_faults(streets, parts, mapped)
    raise_faults(faults)
    assert streets is not None
    assert mapped is not None
    filled = _filled(wishes, out, parts, mapped)
    lines = [line for part in parts.values() for line in _told(part)]
    return Draft(
        out, write_scenario(filled), (*lines, *_mapped_lines(wishes, mapped)), _suspicions(streets, parts, mapped),
        tuple(part.copy for part in parts.values() if part.copy),
    )  # fmt: skip


def _attempt(read: Callable[[], T], faults: list[str]) -> T | None:
    """What a reader gives; None where it raises, its faults joining the others."""
    try:
        return read()
    except InputError as error:
        faults += error.faults
        return None


def _wish_faults(wishes: Wishes) -> list[str]:
    faults = [] if wishes.devices >= 1 else [f"--devices {wishes.devices}: expected 1 or more"]
    if wishes.population is not None and wishes.demand is not None:
        faults.append("--population shares people out over mapped buildings; expected no --demand beside it")
    _attempt(lambda: circle(wishes.circle), faults)
    return faults


def _out_faults(out: Path) -> list[str]:
    """Why the scenario cannot be written; one that is there may hold somebody's work."""
    if out.suffix.lower() != ".toml":
        return [f"--out {out}: expected a name that ends in .toml"]
    if not out.resolve().parent.is_dir():
        return [f"--out {out}: there is no folder {out.parent}; expected one"]
    return [f"--out {out}: 已有这个文件，不会覆盖。It is there already; expected a new name"] if out.exists() else []


def _read(role: str, out: Path, wishes: Wishes) -> _Part | None:
    """Read one table row by row; InputError with the rows that cannot be read, unless they are to be left out."""
    table: TableFile | None = getattr(wishes, role)
    if table is None:
        return None
    if role == "demand":
        demand, report = read_demand_by_row(table.path, crs=table.crs)
        sites, lonlat = None, demand.lonlat
    else:
        listed = read_site_list(table.path, crs=table.crs, standing=role == "standing")
        demand, sites, report, lonlat = None, listed.sites, listed.report, listed.sites.lonlat
    raise_faults([] if wishes.leave_out else _refusal_faults(report))
    if not len(lonlat):
        raise InputError(f"{report.where}: none of its {report.rows:,} rows can be read; expected at least one")
    mended = any(mend.why in REFUSED_BY_A_PLAN for mend in report.mended)
    copy = _copy(out.with_name(f"{out.stem}-{role}.csv"), table, report, lonlat) if report.refused or mended else None
    own_places = copy is not None and table.path.suffix.lower() in NAMES_ITS_OWN
    used = TableFile(copy.path, "wgs84" if own_places else table.crs) if copy else table
    return _Part(role, table, used, sites, demand, report, copy)


def _refusal_faults(report: ReadReport) -> list[str]:
    """The rows that cannot be read, and what to do about them."""
    if not report.refused:
        return []
    told = replace(report, mended=()).lines()
    listed = told[told.index("拒收 refused:") + 1 :]
    count = len(report.refused)
    zh = f"{report.where}：{count:,} 行读不进来，请改好，或加 --leave-out 不用这些行"
    en = f"{count:,} rows cannot be read; expected them mended, or --leave-out to plan without them:"
    return ["\n".join([f"{zh}。{en}", *listed])]


def _copy(path: Path, given: TableFile, report: ReadReport, lonlat: np.ndarray) -> Copy:
    """The rows that were read, cells mended; places that lay in a geometry become two columns, WGS-84."""
    raise_faults([f"{path.name}: 已有这个文件，不会覆盖。It is there already; expected none"] if path.exists() else [])
    table = open_table(given.path)
    cells = dict(zip(table.row, map(list, zip(*table.columns, strict=True)), strict=True))
    for mend in report.mended:
        cells[mend.row][table.header.index(mend.column)] = mend.after
    for refused in report.refused:
        cells.pop(refused.row)
    header, rows = table.header, list(cells.values())
    if table.lonlat is not None:
        header = (*(f"{name} (attribute)" if name in ("lon", "lat") else name for name in header), "lon", "lat")
        rows = [[*row, *map("{:.7f}".format, place)] for row, place in zip(rows, lonlat, strict=True)]
    return Copy(path, header, [tuple(row) for row in rows])


@dataclass(frozen=True)
class _Mapped:
    """What the streets' OpenStreetMap file maps besides streets; nothing where it is no such file."""

    venues: Sites | None = None
    devices: int = 0
    buildings: int = 0


def _mapped(wishes: Wishes) -> _Mapped:
    """Raises InputError when something is to come from the streets' file that it does not hold."""
    from ..osm.osm import find_osm_venues, is_osm_file, read_osm_buildings, read_osm_devices, read_osm_venues

    path = wishes.streets
    if not path.exists():
        return _Mapped()
    if path.is_dir() or not is_osm_file(path):
        asked = [f"--{role}" for role in ("candidates", "demand") if getattr(wishes, role) is None]
        raise_faults(
            f"{flag}: 没有给，而街道文件不是 OpenStreetMap 文件。Not given, and the streets are no OpenStreetMap file"
            " that could map it; expected a table"
            for flag in asked
        )
        return _Mapped()
    venues = find_osm_venues(path) if wishes.candidates else read_osm_venues(path)
    devices = 0 if wishes.standing else len(read_osm_devices(path))
    return _Mapped(venues, devices, 0 if wishes.demand else len(read_osm_buildings(path).kind))


def _together_faults(streets: StreetNetwork | None, parts: dict[str, _Part], mapped: _Mapped | None) -> list[str]:
    """Faults that show only beside one another: an id in two tables, a place far from every street."""
    standing, candidates = (parts[role].sites if role in parts else None for role in ("standing", "candidates"))
    candidates = candidates or (mapped.venues if mapped else None)
    if candidates is None:
        return []
    try:
        sites = candidates if standing is None else join_sites(standing, candidates)
    except InputError as error:
        return list(error.faults)
    return [] if streets is None else far_site_faults(sites, snap(streets, sites.lonlat))


def _filled(wishes: Wishes, out: Path, parts: dict[str, _Part], mapped: _Mapped) -> Filled:
    """What the scenario says."""
    candidates = parts["candidates"].sites if "candidates" in parts else mapped.venues
    standing = parts["standing"].sites if "standing" in parts else None
    return Filled(
        name=re.sub(r"[^\w.-]", "-", out.stem)[:60],
        streets=_beside(wishes.streets, out),
        **{role: _words(parts, role, out) for role in ROLES},  # type: ignore[arg-type]
        population=wishes.population,
        mapped_devices=mapped.devices,
        devices=wishes.devices,
        circle=wishes.circle,
        hours=Hours(_known_hours(candidates), _known_hours(standing)),
    )


def _words(parts: dict[str, _Part], role: str, out: Path) -> FileWords | None:
    used = parts[role].table if role in parts else None
    return None if used is None else FileWords(_beside(used.path, out), used.crs)


def _known_hours(sites: Sites | None) -> tuple[int, int]:
    """Sites whose hours are understood, and all."""
    if sites is None:
        return 0, 0
    return sum(1 for one in understand_hours(sites.hours) if one.osm), len(sites)


def _beside(path: Path, out: Path) -> str:
    """A path as seen from the scenario; whole where the two lie on different drives."""
    try:
        return Path(os.path.relpath(path.resolve(), out.resolve().parent)).as_posix()
    except ValueError:
        return path.resolve().as_posix()


def _told(part: _Part) -> list[str]:
    """What became of a table, and of its opening hours."""
    lines = part.report.lines(most=5)
    if part.sites is not None and any(part.sites.hours):
        hours = report_hours(understand_hours(part.sites.hours))
        lines += [f"  {hours.zh}", f"  {hours.en}"]
    if part.copy:
        name = part.copy.path.name
        lines.append(
            f"  能用的行另存为 {name}，原表没有动。The rows to use are in {name}; the table itself is unchanged."
        )
    return lines


def _mapped_lines(wishes: Wishes, mapped: _Mapped) -> list[str]:
    """What is taken from the streets' file."""
    name, lines = wishes.streets.name, []
    if wishes.candidates is None and mapped.venues is not None:
        lines.append(f"{name}：候选点位取地图上的 {len(mapped.venues):,} 处。Candidates are the venues it maps.")
    if wishes.demand is None:
        lines.append(f"{name}：需求取地图上的 {mapped.buildings:,} 栋建筑。Demand is from the buildings it maps.")
    if mapped.devices:
        lines.append(
            f"{name}：地图上有 {mapped.devices:,} 台 AED，没有计入；要计入，见 [standing]。"
            f"It maps {mapped.devices:,} AEDs, which do not count; see [standing]."
        )
    return lines


def _suspicions(streets: StreetNetwork, parts: dict[str, _Part], mapped: _Mapped) -> tuple[Suspicion, ...]:
    found: list[Suspicion] = []
    around = Surroundings(streets=streets, mapped=mapped.venues)
    for part in parts.values():
        declared = part.given.crs or "wgs84"
        if part.sites is not None:
            found += suspect_list(SiteList(part.sites, {}, part.report), around, declared=declared)
        elif part.demand is not None:
            found += suspect_system(streets, part.demand.lonlat, declared=declared, file=part.given.path.name)
    return tuple(found)
