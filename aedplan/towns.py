"""Who is served how well: value, share and devices per 10,000 people by town, community, school or kind of venue.

Nobody may vanish: demand in no group is a group of its own, so that the groups together are all demand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .anchors import Anchors
from .checks import duplicate_faults, length_faults, lonlat_faults, name_first, read_only
from .demand import Demand
from .errors import InputError, raise_faults
from .losses import KEPT, NEVER, Losses
from .network import StreetNetwork
from .osm.areas import LEVELS, read_osm_areas
from .reach import nearest
from .source import Source, sha256
from .tables.tables import knows_place, pick_layer, read_frame, read_table, texts

NAME_COLUMNS = (
    "name",
    "名称",
    "名稱",
    "NAME",
    "Name",
    "name:zh",
    "镇街",
    "乡镇",
    "街道",
    "社区",
    "村",
    "学校",
    "town",
    "label",
)
CODE_COLUMNS = ("code", "代码", "区划代码", "统计用区划代码", "行政区划代码", "adcode", "CODE", "gb", "ref")
"""Columns of an area's name and code, the first that is there."""

ELSEWHERE_ZH, ELSEWHERE_EN = "其他（不在以上范围内）", "elsewhere (in none of these)"


@dataclass(frozen=True)
class Areas:
    """G areas of one level, such as the towns of a county.

    level   what they are: "town", "community", "school" ...
    name    (G,)
    code    (G,) official codes, "" where not known
    shapes  (G,) polygons in WGS-84 degrees
    """

    level: str
    name: tuple[str, ...]
    code: tuple[str, ...]
    shapes: np.ndarray
    source: Source

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True)
class Groups:
    """To which of G groups demand points and devices belong.

    point  (D,) number of each demand point's group, -1: none
    site   (S,) number of each site's group, -1: none
    """

    level: str
    name: tuple[str, ...]
    code: tuple[str, ...]
    point: np.ndarray
    site: np.ndarray

    def __len__(self) -> int:
        return len(self.name)


class Served(NamedTuple):
    """How one group is served; demand in expected arrests per year.

    kept        demand that is really covered, at any hour and with what is ready
    share       kept of demand; None where there is no demand
    paper       demand covered on paper
    units       (C,) int64 units of each cause of losses, for sums that must be exact
    per_10k     devices per 10,000 people; None where nobody lives or people are not known
    """

    name: str
    code: str
    demand: float
    kept: float
    share: float | None
    paper: float
    units: np.ndarray
    devices: int
    people: float | None
    per_10k: float | None


class Uncovered(NamedTuple):
    """A demand point that is not, or not always, covered.

    lost    demand not covered, in expected arrests per year
    cause   the cause of most of it, index into CAUSES
    site    number of the nearest possible site, -1 where none can be walked to
    metres  the walk to it; inf where there is none
    """

    point: int
    lost: float
    cause: int
    site: int
    metres: float


def read_areas(path: str | Path, *, level: str, sheet: str | None = None) -> Areas:
    """Areas from a GeoPackage, GeoJSON or Parquet file of polygons that names its coordinate system.

    Raises InputError when it holds something else, no column of names, or two areas of one name and code.
    """
    import geopandas

    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    frame: Any = read_frame(path, None if path.suffix.lower() == ".parquet" else pick_layer(path, sheet))
    if not isinstance(frame, geopandas.GeoDataFrame) or not len(frame) or not knows_place(frame):
        raise InputError(f"{path.name}: expected polygons, and a coordinate system that the file names")
    bad = ~frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    if bad.any():
        first = f"row {int(np.argmax(bad)) + 1}"
        raise InputError(f"{path.name}: {name_first(int(bad.sum()), 'rows are no polygons', first)}; expected polygons")
    name, code = _column(frame, NAME_COLUMNS), _column(frame, CODE_COLUMNS) or ("",) * len(frame)
    if name is None:
        raise InputError(f"{path.name}: no column of names; expected one of {', '.join(NAME_COLUMNS)}")
    raise_faults(duplicate_faults([f"{one} {other}".strip() for one, other in zip(name, code, strict=True)], path.name))
    shapes = np.asarray(frame.to_crs("EPSG:4326").geometry.array)
    return Areas(level, name, code, read_only(shapes), Source("", file=path.name, sha256=sha256(path)))


def _column(frame: Any, names: Sequence[str]) -> tuple[str, ...] | None:
    found = next((name for name in names if name in frame.columns), None)
    return None if found is None else texts(frame[found])


def read_areas_osm(path: str | Path, *, level: str) -> Areas:
    """Areas mapped in an OpenStreetMap file: "town", "community", "school" or an admin_level.

    Raises InputError when the file cannot be read, or maps no such area.
    """
    names, codes, shapes, source = read_osm_areas(path, level=level)
    if not names:
        known = ", ".join([*LEVELS, "school"])
        raise InputError(f"{source.file}: no named areas of level {level!r} in it; known: {known}, or an admin_level")
    return Areas(level, tuple(names), tuple(codes), read_only(np.array(shapes, dtype=object)), source)


def read_codes(path: str | Path) -> dict[str, str]:
    """Names with their codes, such as all towns of a county, from a table with a column of each: {code: name}.

    Raises InputError when a column is missing or a code stands twice.
    """
    table = read_table(path)
    columns = dict(zip(table.header, table.columns, strict=True))
    name, code = (next((columns[key] for key in keys if key in columns), None) for keys in (NAME_COLUMNS, CODE_COLUMNS))
    if name is None or code is None:
        raise InputError(f"{table.where}: expected columns of codes and names, such as code and name, or 代码 and 名称")
    raise_faults(duplicate_faults(code, table.where))
    return dict(zip(code, name, strict=True))


def group_by_area(areas: Areas, points: np.ndarray, sites: np.ndarray) -> Groups:
    """Groups by where points and sites lie; on a common border the first area has them.

    points, sites  (D, 2) and (S, 2) WGS-84 degrees
    """
    raise_faults(lonlat_faults(points, "points") + lonlat_faults(sites, "sites"))
    inside = [read_only(_area_of(areas.shapes, lonlat)) for lonlat in (points, sites)]
    return Groups(areas.level, areas.name, areas.code, *inside)


def _area_of(shapes: np.ndarray, lonlat: np.ndarray) -> np.ndarray:
    import shapely

    area = np.full(len(lonlat), len(shapes), dtype=np.int64)
    point, shape = shapely.STRtree(shapes).query(shapely.points(lonlat), predicate="intersects")
    np.minimum.at(area, point, shape)
    return np.where(area < len(shapes), area, -1)


def group_by_name(
    level: str, points: Sequence[str], sites: Sequence[str], *, codes: dict[str, str] | None = None
) -> Groups:
    """Groups by names that stand in the data, such as a column of towns or kinds of venue; "" belongs to none.

    points, sites  (D,) and (S,) names, or codes where `codes` has them
    codes          {code: name} of all groups there are; groups where nothing lies then stand in the table too

    Raises InputError with the names that `codes` does not hold, or holds twice.
    """
    if codes is None:
        names = sorted({*points, *sites} - {""})
        number = {name: row for row, name in enumerate(names)}
        listed = [""] * len(names)
    else:
        listed, names = list(codes), list(codes.values())
        number = {name: row for row, name in enumerate(names)} | {code: row for row, code in enumerate(listed)}
        used = {*points, *sites} - {""}
        twice = sorted({name for name in names if names.count(name) > 1} & used)
        faults = [
            f"{level} {name!r} stands in the list with several codes; expected the code instead" for name in twice
        ]
        faults += [f"{level} {name!r} is not in the list of codes" for name in sorted(used - set(number))]
        raise_faults(faults)
    point, site = (np.array([number.get(name, -1) for name in all_], dtype=np.int64) for all_ in (points, sites))
    return Groups(level, tuple(names), tuple(listed), read_only(point), read_only(site))


def serve(
    groups: Groups, losses: Losses, *, devices: Sequence[int] | np.ndarray, people: np.ndarray | None = None
) -> tuple[Served, ...]:
    """How each group is served, in their order; a last row holds what lies in none, where anything does.

    devices  numbers of the sites that have a device, standing and chosen
    people   (D,) residents at each demand point, where known

    Raises InputError when there are not as many points.
    """
    if people is not None:
        raise_faults(length_faults("people", len(groups.point), people=people))
    last = len(groups)
    point = np.where(groups.point >= 0, groups.point, last)
    units = losses.by(point[losses.point], last + 1)
    site = groups.site[np.asarray(devices, dtype=np.int64)]
    count = np.bincount(np.where(site >= 0, site, last), minlength=last + 1)
    residents = None if people is None else np.bincount(point, weights=people, minlength=last + 1)
    names, codes = (*groups.name, ELSEWHERE_ZH), (*groups.code, "")
    rows = [
        _served(
            names[row],
            codes[row],
            units[row],
            losses.unit,
            int(count[row]),
            None if residents is None else float(residents[row]),
        )
        for row in range(last + 1)
    ]
    return tuple(rows if (point == last).any() or count[last] else rows[:-1])


def _served(name: str, code: str, units: np.ndarray, unit: float, devices: int, people: float | None) -> Served:
    demand, kept = int(units.sum()), int(units[KEPT])
    return Served(
        name=name,
        code=code,
        demand=demand * unit,
        kept=kept * unit,
        share=kept / demand if demand else None,
        paper=(demand - int(units[NEVER])) * unit,
        units=units,
        devices=devices,
        people=people,
        per_10k=devices / people * 10_000 if people else None,
    )


def worst_served(rows: Sequence[Served], *, most: int = 10) -> tuple[Served, ...]:
    """The groups of which the smallest share is covered; of equal ones the one with more demand first."""
    known = [row for row in rows if row.share is not None]
    return tuple(sorted(known, key=lambda row: (row.share, -row.demand, row.code, row.name))[:most])


def serve_by_kind(losses: Losses, kinds: Sequence[str]) -> dict[str, tuple[int, np.ndarray]]:
    """How many devices hang in each kind of venue, and the units (C,) of demand that belong to them, by kind.

    kinds  (S,) of the devices that the losses were made with
    """
    names = sorted(set(kinds))
    of_site = np.array([names.index(kind) for kind in kinds] + [-1], dtype=np.int64)
    units = losses.by(of_site[losses.site], len(names))
    return {name: (list(kinds).count(name), units[row]) for row, name in enumerate(names)}


def list_uncovered(
    losses: Losses,
    demand: Demand,
    streets: StreetNetwork,
    *,
    possible: np.ndarray | Anchors,
    anchors: Anchors | None = None,
) -> tuple[Uncovered, ...]:
    """Every point that loses demand, the one that loses most first, each with the nearest possible site.

    possible  places where a device may still come: (P, 2) WGS-84 degrees, or joined to the streets
    anchors   of the demand points, when they are known already
    """
    units = losses.by(losses.point, len(demand))
    lost = units.sum(axis=1) - units[:, KEPT]
    points = np.flatnonzero(lost)
    points = points[np.argsort(-lost[points], kind="stable")]
    where: Any = demand.lonlat[points]
    if anchors is not None:
        where = anchors.some(points)
    near = nearest(streets, possible, where)
    cause = KEPT + 1 + units[:, KEPT + 1 :].argmax(axis=1)
    return tuple(
        Uncovered(int(point), float(lost[point] * losses.unit), int(cause[point]), int(site), float(metres))
        for point, site, metres in zip(points, near.origin, near.metres, strict=True)
    )
