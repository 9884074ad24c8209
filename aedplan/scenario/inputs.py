"""Reads what a scenario names: its streets, its demand, its sites, and what is mapped around them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeGuard, TypeVar

import numpy as np

from ..errors import InputError, raise_faults
from ..network import StreetNetwork, bounds
from ..osm.background import Background
from ..sites import Sites, join_sites
from ..source import Source
from ..suspicions import Suspicion, suspect_system
from .choosing import Stage
from .demand_making import MadeDemand, Place, credit, make_demand_of
from .given import Input
from .scenario import Scenario

T = TypeVar("T")


def read_scenario_streets(scenario: Scenario) -> StreetNetwork:
    """The streets of a scenario."""
    given = scenario.streets
    if given.origin == "place":
        from ..osm.graphs import fetch_streets

        return fetch_streets(given.place)
    from ..streets import read_streets

    assert given.file is not None
    streets = read_streets(given.file)
    return replace(streets, source=credit(streets.source, given))


def read_background(scenario: Scenario, streets: StreetNetwork) -> Background | None:
    """What lies under the streets, where an OpenStreetMap file is given, or the streets of a finished plan that has it."""
    from ..osm.background import read_osm_background
    from ..osm.kept_background import FILE, read_kept_background

    file, saved = osm_file(scenario), scenario.streets.file
    if file is not None:
        return read_osm_background(file, within=bounds(streets))
    if saved is not None and saved.is_dir() and (saved.parent / FILE).is_file():
        return read_kept_background(saved.parent / FILE)
    return None


def osm_file(scenario: Scenario) -> Path | None:
    """The OpenStreetMap file in which things are mapped: the one named, else that of the streets, if they have one."""
    given = scenario.streets
    return given.osm or (given.file if _is_osm(given.file) else None)


def _is_osm(file: Path | None) -> TypeGuard[Path]:
    from ..streets import OSM_SUFFIXES

    return file is not None and not file.is_dir() and file.name.lower().endswith(OSM_SUFFIXES)


class Inputs(NamedTuple):
    """What a scenario names, read."""

    streets: StreetNetwork
    demand: MadeDemand
    sites: Sites

    @property
    def roles(self) -> tuple[tuple[str, Source], ...]:
        """Every input with the part it plays, in a fixed order."""
        roles = ["standing", "candidates"] if len(self.sites.source) == 2 else ["candidates"]
        both = zip(roles, self.sites.source, strict=True)
        return (("streets", self.streets.source), *self.demand.sources, *both)


def read_inputs(scenario: Scenario, *, say: Stage = lambda what, done, whole: None) -> Inputs:
    """Streets, demand and all sites; the faults of every table in one error."""
    say("reading streets", 0, 0)
    streets = read_scenario_streets(scenario)
    say("reading people and places", 0, 0)
    place = Place(streets, scenario.circle, osm_file(scenario))
    faults: list[str] = []

    def attempt(read: Callable[[], T]) -> T | None:
        try:
            return read()
        except InputError as error:
            faults.extend(error.faults)
            return None

    demand = attempt(lambda: make_demand_of(scenario.demand, place))
    standing = attempt(lambda: _read_sites(scenario, scenario.standing, standing=True))
    candidates = attempt(lambda: _read_sites(scenario, scenario.candidates, standing=False))
    raise_faults(faults)
    assert demand is not None
    assert candidates is not None
    return Inputs(streets, demand, candidates if standing is None else join_sites(standing, candidates))


def _read_sites(scenario: Scenario, given: Input, *, standing: bool) -> Sites | None:
    if given.origin == "none":
        return None
    if given.origin == "osm":
        from ..osm.osm import read_osm_devices, read_osm_venues

        file = osm_file(scenario)
        if file is None:
            key = "standing" if standing else "candidates"
            raise InputError(
                f"{key}.from reads an OpenStreetMap file; expected streets.file to be one, or streets.osm to name one"
            )
        return read_osm_devices(file) if standing else read_osm_venues(file, kinds=given.kinds or None)
    from ..files import read_sites

    assert given.file is not None
    sites = read_sites(given.file, crs=given.crs, standing=standing, columns=given.columns, sheet=given.sheet)
    return replace(sites, source=tuple(credit(source, given) for source in sites.source))


def suspect_systems(scenario: Scenario, read: Inputs) -> tuple[Suspicion, ...]:
    """Warnings about tables that may be declared in the wrong coordinate system, by streets and by mapped places."""
    streets, made, sites = read
    standing, planned = np.flatnonzero(sites.standing), np.flatnonzero(~sites.standing)
    tables = (
        *((scenario.demand.parts[name].given, lonlat, ()) for name, lonlat in made.places.items()),
        (scenario.standing, sites.lonlat[standing], tuple(sites.label[row] for row in standing)),
        (scenario.candidates, sites.lonlat[planned], tuple(sites.label[row] for row in planned)),
    )
    file = osm_file(scenario)
    mapped = None
    if file is not None and any(labels and given.file is not None for given, _, labels in tables):
        from ..osm.osm import find_osm_venues

        mapped = find_osm_venues(file)
    return tuple(
        warning
        for given, lonlat, labels in tables
        if given.file is not None
        for warning in suspect_system(
            streets, lonlat, declared=given.crs or "wgs84", file=given.file.name, labels=labels, mapped=mapped
        )
    )
