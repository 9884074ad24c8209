"""Reading: tables and GIS files to Sites, Demand and StreetNetwork, every fault of a file in one message."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .checks import lonlat_faults, name_first
from .demand import SUDDEN_CARDIAC_DEATHS_PER_100K, Demand, arrests_from_people, make_demand
from .errors import InputError, raise_faults
from .forms import Form, amounts, ids, listed, places, plain, shipped, understand
from .sites import DEVICE_COST_RMB, KINDS_ZH, Sites
from .source import Source, sha256
from .tables import knows_place, pick_layer, read_frame, read_table, texts

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from .network import StreetNetwork

__all__ = ["read_demand", "read_line_streets", "read_sites", "read_table", "shipped"]


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
    path = Path(path)
    form = understand(read_table(path, sheet=sheet), ("id", "label", "lon", "lat", "kind", "hours", "cost"), columns)
    lonlat, id, kind = places(form, crs), ids(form), _kinds(form)
    cost = np.full(len(id), DEVICE_COST_RMB)
    if "cost" in form.text:
        cost = amounts(form, "cost", "an amount such as 24000")
    raise_faults(form.faults)
    return Sites(
        lonlat,
        id,
        (_source(path),),
        label=tuple(text or i for text, i in zip(form.text.get("label", id), id, strict=True)),
        kind=kind,
        hours=form.text.get("hours", ()),
        cost=cost,
        standing=np.full(len(id), standing),
        where=tuple(f"{form.table.where}, row {row}" for row in form.table.row),
    )


def _kinds(form: Form) -> tuple[str, ...]:
    """(R,) keys of KINDS_ZH from keys or Chinese words; "other" where the cell or the column is missing."""
    known = {plain(word): key for key, chinese in KINDS_ZH.items() for word in (key, chinese)} | {"": "other"}
    given = form.text.get("kind", ("",) * len(form.table))
    keys = [known.get(plain(text)) for text in given]
    words = ", ".join(f"{key} ({chinese})" for key, chinese in KINDS_ZH.items())
    form.flag(np.array([key is None for key in keys]), "rows have an unknown kind", f"one of {words}", quote="kind")
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
    path = Path(path)
    form = understand(read_table(path, sheet=sheet), ("id", "label", "lon", "lat", "weight", "population"), columns)
    lonlat, id = places(form, crs), ids(form)
    weight, basis = _weights(form, per_100k)
    raise_faults(form.faults)
    return make_demand(lonlat, weight, id=id, source=_source(path), basis=basis)


def _weights(form: Form, per_100k: float) -> tuple[np.ndarray, str]:
    """(R,) expected arrests per year, and in words what they were made from."""
    if not (np.isfinite(per_100k) and per_100k > 0):
        form.faults.append(f"per_100k is {per_100k}; expected arrests per 100,000 people and year, above 0")
    if "weight" in form.text:
        return amounts(form, "weight", "arrests per year such as 0.25"), "arrests per year as given"
    if "population" in form.text:
        people = amounts(form, "population", "people such as 1200")
        basis = f"expected arrests per year, {per_100k:g} per 100,000 people"
        return arrests_from_people(people, per_100k=per_100k), basis
    if not any("all mean" in fault for fault in form.faults):
        expected = f"expected 人口 (population) or 需求 (weight); the columns are: {listed(form.table)}"
        form.faults.append(f"{form.table.where}: no column says how much; {expected}")
    return np.zeros(len(form.table)), ""


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
