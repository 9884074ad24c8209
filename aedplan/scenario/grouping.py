"""By what a study tells people and devices apart: towns, communities, schools, from the tables [areas] of a scenario.

Without such tables, towns are taken from a column of the data that names them, else from the areas that the streets'
OpenStreetMap file maps, else nothing is told apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..checks import read_only, unknown_key_faults
from ..demand import Demand
from ..errors import raise_faults
from ..osm.areas import read_osm_areas
from ..sites import Sites
from ..towns import Areas, Groups, group_by_area, group_by_name, read_areas, read_areas_osm, read_codes

ORIGINS = ("osm", "column")
KEYS = ("file", "from", "sheet", "codes")


@dataclass(frozen=True)
class AreaInput:
    """Where the groups of one level come from.

    level   "town", "community", "school" ...
    origin  "file" of polygons, "osm": mapped in the streets' file, "column": names in the tables, towns only
    codes   a list of all names with their codes, so that those where nothing lies are told too
    """

    level: str
    origin: str
    file: Path | None = None
    sheet: str | None = None
    codes: Path | None = None


def read_area_inputs(tables: Mapping[str, Any], folder: Path) -> tuple[AreaInput, ...]:
    """The inputs of a scenario's tables [areas.town], [areas.community] ...

    Raises InputError with every fault.
    """
    given = tables.get("areas", {})
    if not isinstance(given, dict) or not all(isinstance(one, dict) for one in given.values()):
        raise_faults([f"areas is {given!r}; expected tables such as [areas.town]"])
    faults = [fault for level, one in given.items() for fault in _faults(f"areas.{level}", one, folder)]
    raise_faults(faults)
    return tuple(
        AreaInput(
            level,
            one.get("from", "file"),
            folder / one["file"] if "file" in one else None,
            one.get("sheet"),
            folder / one["codes"] if "codes" in one else None,
        )
        for level, one in given.items()
    )


def _faults(where: str, given: Mapping[str, Any], folder: Path) -> list[str]:
    faults = unknown_key_faults(given, KEYS, where)
    if ("file" in given) == ("from" in given):
        faults.append(f'{where}: expected either {where}.file or {where}.from = "osm" or "column"')
    if "from" in given and given["from"] not in ORIGINS:
        faults.append(f"{where}.from is {given['from']!r}; expected one of {', '.join(ORIGINS)}")
    if given.get("from") == "column" and where != "areas.town":
        faults.append(f'{where}.from = "column": only towns stand in a column; expected areas.town, or a file')
    for key in ("file", "codes"):
        if key in given and not (isinstance(given[key], str) and (folder / given[key]).is_file()):
            faults.append(f"{where}.{key}: there is no {given[key]!r} beside the scenario")
    return faults


def groups_of(
    inputs: Sequence[AreaInput], *, demand: Demand, sites: Sites, osm_file: Path | None
) -> tuple[Groups, ...]:
    """Who belongs to which group, one set of groups for each level.

    osm_file  the streets' OpenStreetMap file, where they come from one

    Raises InputError for files that hold no areas.
    """
    if inputs:
        return tuple(_groups(one, demand, sites, osm_file) for one in inputs)
    if any(demand.town) and any(sites.town):
        return (group_by_name("town", demand.town, sites.town),)
    if osm_file is None:
        return ()
    names, codes, shapes, source = read_osm_areas(osm_file, level="town")
    areas = Areas("town", tuple(names), tuple(codes), read_only(np.array(shapes, dtype=object)), source)
    return (group_by_area(areas, demand.lonlat, sites.lonlat),) if names else ()


def _no_town_faults(demand: Demand, sites: Sites) -> list[str]:
    """Which tables name no town at all, and what else tells towns apart."""
    missing = [
        what for what, town in (("人口表 the demand", demand.town), ("点位表 the sites", sites.town)) if not any(town)
    ]
    if not missing:
        return []
    return [
        f'areas.town.from = "column": {"、".join(missing)}: 没有镇街一列 no column of towns; expected one such as 镇街, or'
        ' areas.town.file with polygons, or areas.town.from = "osm"'
    ]


def _groups(given: AreaInput, demand: Demand, sites: Sites, osm_file: Path | None) -> Groups:
    if given.origin == "column":
        raise_faults(_no_town_faults(demand, sites))
        codes = None if given.codes is None else read_codes(given.codes)
        return group_by_name(given.level, demand.town, sites.town, codes=codes)
    if given.origin == "osm":
        raise_faults([] if osm_file else [f'areas.{given.level}.from = "osm": the streets are no OpenStreetMap file'])
        areas = read_areas_osm(str(osm_file), level=given.level)
    else:
        assert given.file is not None
        areas = read_areas(given.file, level=given.level, sheet=given.sheet)
    return group_by_area(areas, demand.lonlat, sites.lonlat)
