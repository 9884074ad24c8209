"""People by age and sex at points: from a table, a GIS file or GeoTIFF rasters such as WorldPop's.

Homes and public places stay separate: what is made here from residents is the layer "home", from visitors "public".
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ..checks import length_faults, lonlat_faults, negative_faults, read_only
from ..demand import Demand, arrests_from_people, make_demand
from ..errors import InputError, MissingLibraryError, raise_faults
from ..sites import Sites
from ..source import Source, sha256
from ..tables.forms import Form, amounts, ids, places, understand
from ..tables.tables import Table, open_table
from .incidence import AgeGroup, Incidence, age_group, close_groups, group_faults

EVERYBODY = AgeGroup(0)

MOST_APART = 0.02
"""Age groups that add up to a total that is further off than this are not the people of that total."""


@dataclass(frozen=True)
class Population:
    """People of G groups at D points; checked when made.

    lonlat  (D, 2) WGS-84 degrees
    people  (D, G)
    groups  (G,) holding everybody once
    id      (D,) str
    town    (D,) town or subdistrict of each point, "" where not known; () where none is

    Raises InputError with every fault: coordinates, sizes, people below 0, ages missing or twice, nobody at all.
    """

    lonlat: np.ndarray
    people: np.ndarray
    groups: tuple[AgeGroup, ...]
    id: tuple[str, ...]
    source: Source
    town: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        what = self.source.file or "population"
        faults = length_faults(what, len(self.lonlat), people=self.people, id=self.id)
        faults += lonlat_faults(self.lonlat, what) + negative_faults(self.people, f"{what}: people")
        faults += group_faults(self.groups, what)
        if not faults and not self.people.sum() > 0:
            faults.append(f"{what}: nobody in it; expected people")
        raise_faults(faults)
        object.__setattr__(self, "lonlat", read_only(self.lonlat))
        object.__setattr__(self, "people", read_only(self.people))

    def __len__(self) -> int:
        return len(self.id)

    @property
    def total(self) -> float:
        """All people."""
        return float(self.people.sum())


def home_demand(population: Population, incidence: Incidence, *, per_100k: float | None = None) -> Demand:
    """Expected arrests per year of residents, by their ages: the layer "home".

    per_100k  arrests per 100,000 of all these people and year; the incidence then only says who has more of them

    Raises InputError where the rates leave nobody with an arrest.
    """
    rates = np.array([incidence.per_100k(group) for group in population.groups])
    weight = (population.people * rates).sum(axis=1) / 100_000
    if per_100k is not None:
        weight = weight * (float(arrests_from_people(np.array(population.total), per_100k=per_100k)) / weight.sum())
    level = f", {per_100k:g} per 100,000 in all" if per_100k is not None else ""
    basis = f"expected arrests per year, by age after {incidence.name}{level}"
    demand = make_demand(population.lonlat, weight, id=population.id, source=population.source, basis=basis)
    people = read_only(population.people.sum(axis=1))
    return replace(_in_layer(demand, "home"), people=people, town=population.town)


HOURS_OF_A_VISIT = {
    "transport": 0.7,
    "shop": 1.0,
    "school": 7.0,
    "compound": 0.3,
    "office": 7.0,
    "sport": 1.5,
    "culture": 2.0,
    "hotel": 10.0,
    "scenic": 3.0,
    "care": 24.0,
    "health": 3.0,
    "police": 1.0,
    "fire": 12.0,
    "convenience": 0.2,
    "bank": 0.5,
    "village": 1.0,
    "industry": 8.0,
    "other": 1.0,
}
"""Hours that one visitor stays, by kind of venue: a judgement, not verified. It shifts public demand between kinds."""


def public_demand(venues: Sites, visitors: np.ndarray, *, per_100k: float, hours: np.ndarray | None = None) -> Demand:
    """Expected arrests per year of visitors, who are at risk for as long as they stay: the layer "public".

    visitors  (S,) a day, on average over the year
    per_100k  arrests per 100,000 people and year
    hours     (S,) that one visitor stays; HOURS_OF_A_VISIT by kind of venue when not given

    Raises InputError for visitors or hours below 0 or of another number, and where there is nobody.
    """
    stay = (
        np.array([HOURS_OF_A_VISIT[kind] for kind in venues.kind]) if hours is None else np.asarray(hours, dtype=float)
    )
    faults = length_faults("venues", len(venues), visitors=visitors, hours=stay)
    faults += negative_faults(np.asarray(visitors, dtype=float), "venues: visitors") + negative_faults(
        stay, "venues: hours"
    )
    raise_faults(faults)
    there = np.asarray(visitors, dtype=float) * stay / 24
    weight = arrests_from_people(there, per_100k=per_100k)
    basis = f"expected arrests per year of people present, {per_100k:g} per 100,000"
    return _in_layer(make_demand(venues.lonlat, weight, id=venues.id, source=venues.source[0], basis=basis), "public")


def _in_layer(demand: Demand, name: str) -> Demand:
    return replace(demand, layers=(name,))


def read_population(
    path: str | Path,
    *,
    crs: str | None = None,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> Population:
    """People from a table or GIS file, one point per row, by age where columns are named after ages.

    crs      "wgs84", "gcj02" or "bd09"; may be left out only where the file names its own coordinate system
    columns  field (id, lon, lat, population): header, where the synonyms do not fit
    sheet    name of the sheet or layer, where it is not the first

    Names such as age_0_14, 60岁及以上, 女 15-59 or f_60 are understood. Raises InputError with every fault of the file.
    """
    path = Path(path)
    table = open_table(path, sheet=sheet)
    form = understand(table, ("id", "label", "lon", "lat", "population", "town"), columns)
    lonlat, id = places(form, crs), ids(form)
    groups, people = _by_age(form, table)
    raise_faults(form.faults)
    source = Source("", file=path.name, sha256=sha256(path))
    return Population(lonlat, people, groups, id, source, tuple(form.text.get("town", ())))


def _by_age(form: Form, table: Table) -> tuple[tuple[AgeGroup, ...], np.ndarray]:
    """The age groups of a table and its people (R, G); everybody as one group where no column is named after ages."""
    named = [(age_group(header), number) for number, header in enumerate(table.header)]
    found = [(group, number) for group, number in named if group is not None]
    for group, number in found:
        form.name[group.words], form.text[group.words] = table.header[number], table.columns[number]
    expected = "people such as 1200"
    total = amounts(form, "population", expected) if "population" in form.text else None
    if not found:
        if total is None and not form.faults:
            form.faults.append(f"{table.where}: no column for 人口 (population), and none named after ages")
        return (EVERYBODY,), (np.zeros(len(table)) if total is None else total)[:, None]
    people = np.column_stack([amounts(form, group.words, expected) for group, _ in found])
    groups = close_groups([group for group, _ in found])
    form.faults.extend(group_faults(groups, table.where))
    if total is not None and not form.faults and abs(people.sum() - total.sum()) > MOST_APART * total.sum():
        form.faults.append(
            f"{table.where}: the age groups hold {people.sum():,.0f} people, {form.name['population']} {total.sum():,.0f};"
            " expected the same people"
        )
    return groups, people


def read_population_rasters(
    paths: Sequence[str | Path], *, within: tuple[float, float, float, float] | None = None
) -> Population:
    """People from GeoTIFF rasters of one grid, a point at the middle of each cell where anybody lives.

    paths   one raster of everybody, or one for each age group, such as WorldPop's chn_f_60_2020.tif: the ages are read
            from the file's name
    within  west, south, east, north in WGS-84 degrees: the part that is read

    Needs the extra `aedplan[raster]`. Raises InputError for files that are no rasters, name no system, lie on different
    grids, or hold each age not once; MissingLibraryError without rasterio.
    """
    files = [Path(path) for path in paths]
    named = [_age_of(file) for file in files]
    if not files or (len(files) > 1 and None in named):
        nameless = next((file.name for file, group in zip(files, named, strict=True) if group is None), "no file")
        raise InputError(f"{nameless}: several rasters need ages in their names; expected such as chn_f_60_2020.tif")
    groups = (EVERYBODY,) if len(files) == 1 else close_groups([group for group in named if group])
    raise_faults(group_faults(groups, files[0].name))
    grids = [_read_raster(file, within) for file in files]
    raise_faults(
        f"{file.name}: another grid than {files[0].name}; expected rasters of the same cells"
        for file, grid in zip(files, grids, strict=True)
        if grid[1:] != grids[0][1:]
    )
    people = np.stack([cells for cells, _, _ in grids], axis=-1)
    lived_in = people.sum(axis=-1) > 0
    lonlat = _middles(lived_in, *grids[0][1:])
    names = tuple(f"{row}-{column}" for row, column in np.argwhere(lived_in).tolist())
    source = Source("", file=files[0].name, sha256=sha256(files[0]))
    return Population(lonlat, people[lived_in], groups, names, source)


def _age_of(file: Path) -> AgeGroup | None:
    """The ages in the name of a raster: of its parts between underscores, a sex and the one after it."""
    parts = file.stem.split("_")
    return next(
        (age_group(f"{sex}_{age}") for sex, age in pairwise(parts) if sex.lower() in ("f", "m") and age.isdigit()), None
    )


def _rasterio() -> Any:
    try:
        import rasterio
    except ImportError as error:
        raise MissingLibraryError("GeoTIFF needs rasterio; install it with: pip install 'aedplan[raster]'") from error
    return rasterio


def _read_raster(
    file: Path, within: tuple[float, float, float, float] | None
) -> tuple[np.ndarray, tuple[float, ...], str]:
    """(Y, X) people, 0 where there is no value; west, north, width and height of a cell; its coordinate system."""
    rasterio = _rasterio()
    if not file.is_file():
        raise InputError(f"{file}: there is no such file")
    try:
        with rasterio.open(file) as raster:
            width, turned, west, other_turned, height, north = tuple(raster.transform)[:6]
            if raster.crs is None or turned or other_turned:
                raise InputError(f"{file.name}: names no coordinate system, or is turned; expected one, and north up")
            grid = (west, north, width, height)
            column, row = _part(raster, grid, within, file.name)
            cells = raster.read(1, window=(row, column), masked=True).astype(float).filled(0.0)
            corner = west + column[0] * width, north + row[0] * height
            return np.nan_to_num(cells), (*corner, width, height), raster.crs.to_wkt()
    except rasterio.errors.RasterioError as error:
        raise InputError(f"{file.name}: not a readable raster; expected GeoTIFF") from error


def _part(
    raster: Any, grid: tuple[float, ...], within: tuple[float, float, float, float] | None, name: str
) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last column, first and last row, of the whole cells that a part of the world touches."""
    from pyproj import Transformer

    if within is None:
        return (0, raster.width), (0, raster.height)
    sides = Transformer.from_crs("EPSG:4326", raster.crs.to_wkt(), always_xy=True).transform_bounds(*within)
    west, north, width, height = grid
    columns = sorted((sides[number] - west) / width for number in (0, 2))
    rows = sorted((sides[number] - north) / height for number in (1, 3))
    column = max(0, math.floor(columns[0])), min(raster.width, math.ceil(columns[1]))
    row = max(0, math.floor(rows[0])), min(raster.height, math.ceil(rows[1]))
    if column[0] >= column[1] or row[0] >= row[1]:
        raise InputError(f"{name}: lies outside {', '.join(f'{side:g}' for side in within)}")
    return column, row


def _middles(lived_in: np.ndarray, grid: tuple[float, ...], crs: str) -> np.ndarray:
    """(D, 2) WGS-84 degrees: the middles of the cells marked."""
    from pyproj import Transformer

    row, column = np.nonzero(lived_in)
    west, north, width, height = grid
    x, y = west + (column + 0.5) * width, north + (row + 0.5) * height
    return np.column_stack(Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x, y))
