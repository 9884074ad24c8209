"""Reading: tables and GIS files to Sites, Demand and StreetNetwork, every fault of a file in one message."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .checks import lonlat_faults, name_first, read_only
from .demand import SUDDEN_CARDIAC_DEATHS_PER_100K, Demand, arrests_from_people, make_demand
from .errors import InputError, raise_faults
from .sites import DEVICE_COST_RMB, KINDS_ZH, Sites
from .source import Source, sha256
from .tables.columns import kind_of, plain, shipped
from .tables.forms import Form, amounts, file_faults, hours, ids, kept, listed, places, report, understand
from .tables.readings import ReadReport, Reason
from .tables.tables import knows_place, open_table, pick_layer, read_frame, read_table, texts

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from .network import StreetNetwork

__all__ = [
    "read_demand",
    "read_demand_by_row",
    "read_line_streets",
    "read_sites",
    "read_sites_by_row",
    "read_table",
    "read_visitors",
    "shipped",
]

SITE_FIELDS = (
    "id",
    "label",
    "lon",
    "lat",
    "kind",
    "cost",
    "hours",
    "hours_days",
    "hours_from",
    "hours_to",
    "hours_note",
    "town",
    "ready",
)
DEMAND_FIELDS = ("id", "label", "lon", "lat", "weight", "population", "town")


def read_sites(
    path: str | Path,
    *,
    crs: str | None = None,
    standing: bool = False,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> Sites:
    """Sites from a table or GIS file, one per row, in the order of the file.

    crs       "wgs84", "gcj02" or "bd09"; may be left out only where the file names its own coordinate system
    standing  True where devices hang there already
    columns   field (id, label, lon, lat, kind, hours, cost): header, where the synonyms do not fit
    sheet     name of the sheet or layer, where it is not the first

    Raises InputError with every fault of the file.
    """
    form = understand(open_table(path, sheet=sheet), SITE_FIELDS, columns)
    values = _site_values(form, crs)
    raise_faults(form.faults)
    return _make_sites(form, values, standing, _source(Path(path)))


def read_sites_by_row(
    path: str | Path,
    *,
    crs: str | None = None,
    standing: bool = False,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> tuple[Sites, ReadReport]:
    """As `read_sites`, leaving out the rows that are wrong instead of refusing the file, and what became of every row.

    A swapped row among sound ones is turned round, an unknown kind becomes "other"; the report tells each such cell.
    Raises InputError with the faults that lie in no row: no such column, no system declared.
    """
    listed = read_site_list(path, crs=crs, standing=standing, columns=columns, sheet=sheet)
    return listed.sites, listed.report


def read_visitors(
    path: str | Path,
    *,
    crs: str | None = None,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> tuple[Sites, np.ndarray]:
    """Venues and how many visitors each has a day (S,), from a table or GIS file as `read_sites`.

    Raises InputError with every fault of the file.
    """
    form = understand(open_table(path, sheet=sheet), (*SITE_FIELDS, "visitors"), columns)
    values = _site_values(form, crs)
    if "visitors" not in form.text:
        form.faults.append(
            f"{form.table.where}: no column for 日均客流 (visitors); the columns are: {listed(form.table)}"
        )
        raise_faults(form.faults)
    visitors = amounts(form, "visitors", "visitors a day such as 1200")
    raise_faults(form.faults)
    return _make_sites(form, values, False, _source(Path(path))), visitors


class SiteList(NamedTuple):
    """Sites of a table, what else it says of them, and what became of every row.

    more  field: (S,) texts as they stand in the table, of those fields that it has
    """

    sites: Sites
    more: Mapping[str, tuple[str, ...]]
    report: ReadReport


def read_site_list(
    path: str | Path,
    *,
    crs: str | None = None,
    standing: bool = False,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    more: Sequence[str] = (),
) -> SiteList:
    """As `read_sites_by_row`, with further fields of `data/columns.toml` as texts."""
    form = understand(open_table(path, sheet=sheet), (*SITE_FIELDS, *more), columns, by_row=True)
    values = _site_values(form, crs)
    raise_faults(file_faults(form))
    sites, rows = _make_sites(form, values, standing, _source(Path(path))), kept(form)
    texts = {key: tuple(form.text[key][row] for row in rows) for key in more if key in form.text}
    return SiteList(sites, texts, report(form))


class _SiteValues(NamedTuple):
    lonlat: np.ndarray
    id: tuple[str, ...]
    kind: tuple[str, ...]
    cost: np.ndarray
    ready: np.ndarray


def _site_values(form: Form, crs: str | None) -> _SiteValues:
    lonlat, id, kind = places(form, crs), ids(form), _kinds(form)
    cost = np.full(len(id), DEVICE_COST_RMB)
    if "cost" in form.text:
        if form.by_row:
            form = _fill_cost(form)
        cost = amounts(form, "cost", "an amount such as 24000")
    return _SiteValues(lonlat, id, kind, cost, _ready(form))


READY_WORDS = {
    True: ("是", "可用", "正常", "完好", "yes", "true", "1", "ready", "y"),
    False: ("", "否", "不可用", "故障", "停用", "未核实", "no", "false", "0", "not ready", "n"),
}
"""What a column on readiness may say; an empty cell is no proof that a device works."""


def _ready(form: Form) -> np.ndarray:
    """(R,) bool: whether each device would work; all would where the file does not say."""
    if "ready" not in form.text:
        return np.ones(len(form.table), dtype=bool)
    known = {word: ready for ready, words in READY_WORDS.items() for word in words}
    said = [known.get(cell.strip().casefold()) for cell in form.text["ready"]]
    unknown = Reason("可用状态看不懂", "have a readiness that is not understood")
    expected = "可用 or 不可用, yes or no"
    form.flag(np.array([one is None for one in said], dtype=bool), unknown, expected, quote="ready")
    return np.array([bool(one) for one in said], dtype=bool)


USUAL_COST = Reason("没有费用，按通常价格", "no cost, taken as the usual one")


def _fill_cost(form: Form) -> Form:
    """The form with the usual cost where a row has none: no reason to lose a site."""
    usual = f"{DEVICE_COST_RMB:g}"
    for index, text in enumerate(form.text["cost"]):
        if not text:
            form.mend(index, "cost", usual, USUAL_COST)
    return replace(form, text={**form.text, "cost": tuple(text or usual for text in form.text["cost"])})


def _make_sites(form: Form, values: _SiteValues, standing: bool, source: Source) -> Sites:
    """The sites of the rows that nothing is wrong with."""
    rows = kept(form)
    label, times = form.text.get("label", values.id), hours(form)
    # numbers of rows stand for ids in both tables of a study, which must not share any
    before = "standing " if standing and "id" not in form.text else ""
    return Sites(
        values.lonlat[rows],
        tuple(before + values.id[row] for row in rows),
        (source,),
        label=tuple(label[row] or values.id[row] for row in rows),
        kind=tuple(values.kind[row] for row in rows),
        hours=tuple(times[row] for row in rows),
        cost=values.cost[rows],
        standing=np.full(len(rows), standing),
        ready=values.ready[rows] if standing else None,  # type: ignore[arg-type]
        town=tuple(form.text["town"][row] for row in rows) if "town" in form.text else (),
        where=tuple(f"{form.table.where}, row {form.table.row[row]}" for row in rows),
    )


UNKNOWN_KIND = Reason("不认识的类别，按“其他”", "an unknown kind, taken as other")


def _kinds(form: Form) -> tuple[str, ...]:
    """(R,) keys of KINDS_ZH from keys or words; "other" where the cell or the column is missing."""
    given = form.text.get("kind", ("",) * len(form.table))
    known = {text: kind_of().get(plain(text)) for text in set(given)}
    keys = [known[text] for text in given]
    unknown = np.array([key is None for key in keys])
    if form.by_row:
        for index in np.flatnonzero(unknown).tolist():
            form.mend(index, "kind", KINDS_ZH["other"], UNKNOWN_KIND)
    else:
        words = ", ".join(f"{key} ({chinese})" for key, chinese in KINDS_ZH.items())
        form.flag(unknown, Reason("不认识的类别", "have an unknown kind"), f"one of {words}", quote="kind")
    return tuple(key or "other" for key in keys)


def read_demand(
    path: str | Path,
    *,
    crs: str | None = None,
    per_100k: float = SUDDEN_CARDIAC_DEATHS_PER_100K,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> Demand:
    """Expected arrests per year from a table or GIS file, one point per row, in the order of the file.

    crs       "wgs84", "gcj02" or "bd09"; may be left out only where the file names its own coordinate system
    per_100k  arrests per 100,000 people and year, used where the file holds people and no arrests
    columns   field (id, label, lon, lat, weight, population): header, where the synonyms do not fit
    sheet     name of the sheet or layer, where it is not the first

    Raises InputError with every fault of the file.
    """
    form = understand(open_table(path, sheet=sheet), DEMAND_FIELDS, columns)
    values = _demand_values(form, crs, per_100k)
    raise_faults(form.faults)
    return _make_demand(form, values, _source(Path(path)))


def read_demand_by_row(
    path: str | Path,
    *,
    crs: str | None = None,
    per_100k: float = SUDDEN_CARDIAC_DEATHS_PER_100K,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> tuple[Demand, ReadReport]:
    """As `read_demand`, leaving out the rows that are wrong instead of refusing the file, and what became of every row.

    Raises InputError with the faults that lie in no row, and when no demand is left.
    """
    form = understand(open_table(path, sheet=sheet), DEMAND_FIELDS, columns, by_row=True)
    values = _demand_values(form, crs, per_100k)
    raise_faults(file_faults(form))
    return _make_demand(form, values, _source(Path(path))), report(form)


class _DemandValues(NamedTuple):
    lonlat: np.ndarray
    id: tuple[str, ...]
    weight: np.ndarray
    people: np.ndarray | None
    basis: str


def _demand_values(form: Form, crs: str | None, per_100k: float) -> _DemandValues:
    return _DemandValues(places(form, crs), ids(form), *_weights(form, per_100k))


def _make_demand(form: Form, values: _DemandValues, source: Source) -> Demand:
    """The demand of the rows that nothing is wrong with."""
    rows = kept(form)
    id = tuple(values.id[row] for row in rows)
    demand = make_demand(values.lonlat[rows], values.weight[rows], id=id, source=source, basis=values.basis)
    people = None if values.people is None else read_only(values.people[rows])
    town = tuple(form.text["town"][row] for row in rows) if "town" in form.text else ()
    return replace(demand, people=people, town=town)


def _weights(form: Form, per_100k: float) -> tuple[np.ndarray, np.ndarray | None, str]:
    """(R,) expected arrests per year, (R,) people where they were made from them, and in words what from."""
    if not (np.isfinite(per_100k) and per_100k > 0):
        form.faults.append(f"per_100k is {per_100k}; expected arrests per 100,000 people and year, above 0")
    if "weight" in form.text:
        return amounts(form, "weight", "arrests per year such as 0.25"), None, "arrests per year as given"
    if "population" in form.text:
        people = amounts(form, "population", "people such as 1200")
        basis = f"expected arrests per year, {per_100k:g} per 100,000 people"
        return arrests_from_people(people, per_100k=per_100k), people, basis
    if not any("all mean" in fault for fault in form.faults):
        expected = f"expected 人口 (population) or 需求 (weight); the columns are: {listed(form.table)}"
        form.faults.append(f"{form.table.where}: no column says how much; {expected}")
    return np.zeros(len(form.table)), None, ""


def _source(path: Path) -> Source:
    return Source("", file=path.name, sha256=sha256(path))


def read_line_streets(path: str | Path) -> "StreetNetwork":
    """A street network from lines in a GeoPackage, GeoJSON or Parquet file that names its coordinate system.

    Lines meet where they share a vertex, to 1e-7 degrees (about 1 cm); lines that merely cross do not meet. A column
    `highway` sends every line through the rule of `aedplan.walking`; without it all lines are walkable streets.

    Raises InputError with every fault of the file.
    """
    import shapely

    from .network import build

    path = Path(path)
    frame = _read_lines(path)
    kinds = _line_kinds(frame)
    walked = np.flatnonzero(kinds >= 0)
    parts, part_row = shapely.get_parts(np.asarray(frame.geometry.array)[walked], return_index=True)
    lonlat, of_part = shapely.get_coordinates(parts, return_index=True)
    raise_faults(lonlat_faults(lonlat, path.name))
    grid = np.rint(lonlat * 1e7).astype(np.int64)
    _, first, vertex = np.unique(grid[:, 0] * (1 << 32) + grid[:, 1], return_index=True, return_inverse=True)
    ways = np.split(vertex, np.flatnonzero(np.diff(of_part)) + 1)
    return build(lonlat[first], ways, way_kind=kinds[walked][part_row].tolist(), source=_source(path))


def _read_lines(path: Path) -> "GeoDataFrame":
    """The lines of a file in WGS-84, checked."""
    import geopandas

    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    layer = None if path.suffix.lower() == ".parquet" else pick_layer(path, None, lines=True)
    frame = read_frame(path, layer)
    if not isinstance(frame, geopandas.GeoDataFrame) or not len(frame) or not knows_place(frame):
        raise InputError(f"{path.name}: expected lines, and a coordinate system that the file names")
    kind = frame.geometry.geom_type.where(~frame.geometry.is_empty, None)
    bad = ~kind.isin(["LineString", "MultiLineString"]).to_numpy()
    if bad.any():
        first = int(np.argmax(bad))
        counted = name_first(int(bad.sum()), "rows are no lines", f"row {first + 1} ({kind.iloc[first] or 'empty'})")
        raise InputError(f"{path.name}: {counted}; expected LineString or MultiLineString")
    return frame.to_crs("EPSG:4326")


def _line_kinds(frame: "GeoDataFrame") -> np.ndarray:
    """(R,) index into network.KINDS of every line, -1 where it cannot be walked."""
    from .walking import WAY_TAGS, walkable

    if "highway" not in frame.columns:
        return np.zeros(len(frame), dtype=np.int64)
    names = [name for name in (*WAY_TAGS, "indoor") if name in frame.columns]
    columns = [texts(frame[name]) for name in names]
    others = texts(frame["other_tags"]) if "other_tags" in frame.columns else [""] * len(frame)
    kinds = []
    for other, *values in zip(others, *columns, strict=True):
        tags = dict(re.findall(r'"([^"]+)"=>"([^"]*)"', other))  # how GDAL writes the tags it has no column for
        tags |= {name: _first_value(text) for name, text in zip(names, values, strict=True) if text}
        kind = walkable(tags)
        kinds.append(-1 if kind is None else kind)
    return np.array(kinds, dtype=np.int64)


def _first_value(text: str) -> str:
    """The first of a list such as OSMnx writes where it joined several ways: `['footway', 'steps']`."""
    listed = re.match(r"\[\s*['\"]([^'\"]*)", text)
    return listed.group(1) if listed else text
