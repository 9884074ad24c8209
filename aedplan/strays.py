"""Places of a table that look like no real ones: default points, clusters, outliers.

A program that does not find an address puts it in the middle of the town or the county; a hurried hand pins a whole list to one
spot. Coordinates of another country or a slip of the pen lie far outside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .coordinates import local_crs, project
from .errors import InputError
from .files import SiteList
from .network import StreetNetwork, bounds
from .sites import Sites
from .suspicions import Rows, Suspicion, some_rows, suspect_mixture, suspect_system, told
from .tables.tables import knows_place, pick_layer, read_frame

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

FEWEST = 20
"""Of fewer rows nobody can say which lies far from the others."""
MANY_AT_ONE = 5
"""So many rows of different names at one place are more likely a default than a building."""
CLUSTER, CLUSTER_M = 10, 20.0
"""So many rows of different names, each within so many metres of another, are more likely a list pinned by hand to one spot."""
CENTRE_M = 30.0
"""Nearer to the middle of the county a row may have been placed there by a program that did not find its address."""
LONELY_M = 20_000.0
"""A row whose nearest neighbour is further than this, and OUTLYING times as far as it is for nine in ten, is an outlier."""
OUTLYING = 20.0
BESIDE_M = 2_000.0
"""So far beside the outermost streets a row may still belong to the county."""


@dataclass(frozen=True)
class Surroundings:
    """What is known of the place a table is about: its streets, its mapped places, its shape in WGS-84 degrees."""

    streets: StreetNetwork | None = None
    mapped: Sites | None = None
    area: "BaseGeometry | None" = None


def suspect_list(listed: SiteList, around: Surroundings, *, declared: str) -> tuple[Suspicion, ...]:
    """All that looks wrong with the places of a table that was read; more is found where more is known around it.

    declared  the system the table was read from: wgs84, gcj02 or bd09
    """
    sites, streets = listed.sites, around.streets
    if not len(sites):
        return ()
    rows = Rows(sites.source[0].file, row_numbers(sites), sites.label, sites.lonlat)
    found = suspect_places(rows, area=around.area, streets=streets)
    if streets is None:
        return found
    of_system = suspect_system(
        streets, sites.lonlat, declared=declared, file=rows.file, labels=sites.label, mapped=around.mapped
    )
    return (*(of_system or suspect_mixture(streets, rows, declared=declared, mapped=around.mapped)), *found)


def row_numbers(sites: Sites) -> tuple[int, ...]:
    """(S,) rows of the table that sites were read from, as a spreadsheet counts them."""
    return tuple(int(where.rpartition(" ")[2]) for where in sites.where)


def read_area(path: str | Path) -> "BaseGeometry":
    """The shape of a county in WGS-84 degrees, all polygons of a GIS file together.

    Raises InputError when the file holds no polygons or names no coordinate system.
    """
    import shapely

    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    frame: Any = read_frame(path, None if path.suffix.lower() == ".parquet" else pick_layer(path, None))
    if not hasattr(frame, "geometry") or not knows_place(frame):
        raise InputError(f"{path.name}: expected polygons, and a coordinate system that the file names")
    shapes = np.asarray(frame.to_crs("EPSG:4326").geometry.array)
    polygons = shapes[shapely.get_dimensions(shapes) == 2]
    if not len(polygons):
        raise InputError(f"{path.name}: no polygon in it; expected the outline of the county")
    return shapely.union_all(shapely.make_valid(polygons))


def suspect_places(
    rows: Rows, *, area: "BaseGeometry | None" = None, streets: StreetNetwork | None = None
) -> tuple[Suspicion, ...]:
    """Warnings about default points, clusters and outliers, each with its rows.

    area     the county's shape in WGS-84 degrees, where it is known
    streets  its streets, whose extent stands in for it otherwise
    """
    if not len(rows.lonlat):
        return ()
    xy = project(rows.lonlat, local_crs(np.median(rows.lonlat, axis=0)[None]))
    box = _box(area, streets)
    at_one, heaped = _at_one_place(rows), np.zeros(len(xy), dtype=bool)
    for group in at_one:
        heaped[group] = True
    found = [_heap_words(rows, group, "却在同一坐标", "at the very same place") for group in at_one]
    close = [group for group in _close_groups(xy, rows.label) if not heaped[group].all()]
    found += [_heap_words(rows, group, "却挤在 20 米之内", "within 20 m of one another") for group in close]
    central = _central(rows, area, box) if box is not None else np.zeros(0, dtype=np.int64)
    found += told(
        rows,
        central,
        "正好在全县中心，可能是找不到地址时的默认点",
        "lie in the very middle of the county, perhaps a default",
    )
    outside = _outside(rows, area, streets) if box is not None else _lonely(xy)
    found += told(rows, outside, "在县域之外，或离其他点很远", "lie outside the county or far from all others")
    return tuple(found)


def _at_one_place(rows: Rows) -> list[np.ndarray]:
    """Groups of rows of different names with equal coordinates, the largest first."""
    _, which = np.unique(rows.lonlat.round(6), axis=0, return_inverse=True)
    return _of_many_names(_groups(which.ravel()), rows.label, MANY_AT_ONE)


def _groups(which: np.ndarray) -> list[np.ndarray]:
    order = np.argsort(which, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(which[order])) + 1)


def _of_many_names(groups: list[np.ndarray], label: Sequence[str], least: int) -> list[np.ndarray]:
    """The groups of at least so many different names, the largest first."""
    many = [group for group in groups if len(group) >= least and len({label[row] for row in group}) >= least]
    return sorted(many, key=len, reverse=True)


def _close_groups(xy: np.ndarray, label: Sequence[str]) -> list[np.ndarray]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    spot, which = np.unique(xy, axis=0, return_inverse=True)
    pairs = cKDTree(spot).query_pairs(CLUSTER_M, output_type="ndarray")
    joined = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(spot), len(spot)))
    _, component = connected_components(joined, directed=False)
    return _of_many_names(_groups(component[which.ravel()]), label, CLUSTER)


def _box(area: "BaseGeometry | None", streets: StreetNetwork | None) -> np.ndarray | None:
    """West, south, east, north of the county in degrees; None where nothing is known of it."""
    if area is not None:
        return np.array(area.bounds)
    return None if streets is None else bounds(streets)


def _central(rows: Rows, area: "BaseGeometry | None", box: np.ndarray) -> np.ndarray:
    """Rows at the middle of the county's box, or at the centroid of its shape."""
    from pyproj import Geod

    middles = [(box[:2] + box[2:]) / 2]
    if area is not None:
        middles.append(np.array([area.centroid.x, area.centroid.y]))
    near = np.zeros(len(rows.lonlat), dtype=bool)
    east, north = rows.lonlat.T
    for lon, lat in middles:
        off_m = Geod(ellps="WGS84").inv(east, north, np.full(len(near), lon), np.full(len(near), lat))[2]
        near |= np.asarray(off_m) < CENTRE_M
    return np.flatnonzero(near)


def _outside(rows: Rows, area: "BaseGeometry | None", streets: StreetNetwork | None) -> np.ndarray:
    """Rows outside the county's shape, or well beside its streets."""
    import shapely

    if area is not None:
        return np.flatnonzero(~shapely.intersects_xy(area, *rows.lonlat.T))
    assert streets is not None
    xy = project(rows.lonlat, streets.crs)
    low, high = streets.vertex_xy.min(axis=0) - BESIDE_M, streets.vertex_xy.max(axis=0) + BESIDE_M
    return np.flatnonzero(((xy < low) | (xy > high)).any(axis=1))


def _lonely(xy: np.ndarray) -> np.ndarray:
    """Rows far from all others, measured by how far the others are from their neighbours."""
    from scipy.spatial import cKDTree

    if len(xy) < FEWEST:
        return np.zeros(0, dtype=np.int64)
    apart_m = np.asarray(cKDTree(xy).query(xy, k=2)[0])[:, 1]
    return np.flatnonzero(apart_m > max(LONELY_M, OUTLYING * float(np.percentile(apart_m, 90))))


def _heap_words(rows: Rows, group: np.ndarray, zh: str, en: str) -> Suspicion:
    lon, lat = rows.lonlat[group[0]]
    where = f"{lon:.6f}, {lat:.6f}"
    return Suspicion(
        f"{rows.file}：{len(group)} 行名称不同，{zh}（{where}），可能是默认点：{some_rows(rows, group, '第 ', ' 行')}。",
        f"{rows.file}: {len(group)} rows of different names lie {en} ({where}), perhaps a default:"
        f" {some_rows(rows, group, 'row ', '')}.",
    )
