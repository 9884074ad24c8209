"""Makes the demand that a scenario asks for: each layer from people, arrests, visitors or buildings, then joined.

A layer made from arrests takes those that its file says happened there, at home or in public; where the file says of none,
it takes all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ..arrests.arrests import Arrests, read_arrests
from ..arrests.heldout import detail_of
from ..arrests.smoothing import Chosen, SmoothedDemand, raw_demand, smooth
from ..circles import RescueCircle
from ..demand import Demand, Layer, join_layers, spread
from ..errors import InputError, raise_faults
from ..hours.holidays import REFERENCE_YEAR, china
from ..hours.periods import WHOLE_WEEK, Periods, share_out
from ..network import StreetNetwork, bounds
from ..people.incidence import read_incidence
from ..source import Source, sha256
from .demand_settings import DemandInput
from .given import Input

NATIONAL = "shanghai-97"
"""The incidence of rasters for which none is named."""


@dataclass(frozen=True)
class MadeDemand:
    """Demand of a whole year, before it is spread over the week.

    layers     one, "all", where the scenario has none
    layered    whether the scenario has layers
    total      arrests per year of all layers together
    arrests    by layer: those that it was made from
    left_out   arrests of the layers' files that no layer counts, since their setting is not known
    remake     the same demand from other arrests, to judge by; None where it is not made from arrests alone
    sources    (role, source) of everything read for it
    """

    layers: tuple[Layer, ...]
    layered: bool
    total: float
    arrests: Mapping[str, Arrests] = field(default_factory=dict)
    left_out: int = 0
    remake: Callable[[Arrests], Demand] | None = None
    sources: tuple[tuple[str, Source], ...] = ()

    @property
    def places(self) -> dict[str, np.ndarray]:
        """By layer (n, 2) WGS-84 degrees as read: of arrests where it is made from them, else of its points."""
        made = {layer.name: layer.demand.lonlat for layer in self.layers}
        return made | {name: arrests.lonlat for name, arrests in self.arrests.items()}

    @property
    def chosen(self) -> dict[str, Chosen]:
        """How arrests were smoothed, by layer."""
        demands = {layer.name: layer.demand for layer in self.layers}
        return {name: one.chosen for name, one in demands.items() if isinstance(one, SmoothedDemand)}

    @property
    def all_arrests(self) -> Arrests:
        """The arrests of all layers, each with its layer as setting."""
        parts = list(self.arrests.items())
        if len(parts) == 1:
            return parts[0][1]
        return Arrests(
            np.concatenate([one.lonlat for _, one in parts]),
            parts[0][1].source,
            np.concatenate([one.time for _, one in parts]),
            tuple(name for name, one in parts for _ in range(len(one))),
        )

    def over(self, periods: Periods) -> Demand:
        """The demand, each layer spread over the periods of the week."""
        if not self.layered:
            return spread(self.layers[0].demand, periods)
        return join_layers(self.layers, periods, total=self.total)


@dataclass(frozen=True)
class Place:
    """Where demand is made.

    osm  the OpenStreetMap file that buildings are mapped in, where there is one
    """

    streets: StreetNetwork
    circle: RescueCircle
    osm: Path | None = None


def make_demand_of(asked: DemandInput, place: Place) -> MadeDemand:
    """The demand of a scenario.

    Raises InputError with the faults of every file.
    """
    faults: list[str] = []
    parts: dict[str, _Part] = {}
    for name, part in asked.parts.items():
        try:
            parts[name] = _make_part(name, part, place, later=asked.judge == "later")
        except InputError as error:
            faults += error.faults
    raise_faults(dict.fromkeys(faults))
    shares = _shares(asked, parts)
    layers = tuple(
        Layer(name, part.demand, shares[name], None if (rates := asked.parts[name].rates) is None else np.array(rates))
        for name, part in parts.items()
    )
    arrests = {name: part.arrests for name, part in parts.items() if part.arrests is not None}
    return MadeDemand(
        layers,
        layered=bool(asked.layers),
        total=_total(asked, layers, arrests),
        arrests=arrests,
        left_out=_left_out(parts),
        remake=_remake(asked, parts, shares, place) if asked.of_arrests else None,
        sources=tuple(
            (role if name == "all" else f"{role}-{name}", source)
            for name, part in parts.items()
            for role, source in part.sources
        ),
    )


@dataclass(frozen=True)
class _Part:
    """One layer as it was made."""

    demand: Demand
    sources: tuple[tuple[str, Source], ...]
    arrests: Arrests | None = None
    people: Demand | None = None
    left_out: int = 0


def _make_part(name: str, asked: DemandInput, place: Place, *, later: bool) -> _Part:
    origin = asked.given.origin
    if origin == "arrests":
        return _from_arrests(name, asked, place, later=later)
    made: dict[str, Callable[[DemandInput, Place], Demand]] = {
        "buildings": _from_buildings,
        "visitors": _from_visitors,
        "rasters": _from_people_by_age,
        "file": _from_people_by_age if asked.incidence else _from_table,
    }
    demand = made[origin](asked, place)
    demand = replace(demand, source=credit(demand.source, asked.given))
    others = [Source(demand.source.name, demand.source.licence, path.name, sha256(path)) for path in asked.rasters[1:]]
    return _Part(demand, (("demand", demand.source), *((f"demand-{n}", one) for n, one in enumerate(others, 2))))


def credit(source: Source, given: Input) -> Source:
    """A source with the name and licence that the scenario gives it."""
    return replace(source, name=given.source or source.name, licence=given.licence or source.licence)


def _from_table(asked: DemandInput, place: Place) -> Demand:
    from ..files import read_demand

    given = asked.given
    assert given.file is not None
    return read_demand(
        given.file, crs=given.crs, per_100k=asked.arrests_per_100k, columns=given.columns, sheet=given.sheet
    )


def _from_people_by_age(asked: DemandInput, place: Place) -> Demand:
    from ..people.population import home_demand, read_population, read_population_rasters

    given = asked.given
    if asked.rasters:
        west, south, east, north = bounds(place.streets).tolist()
        people = read_population_rasters(asked.rasters, within=(west, south, east, north))
    else:
        assert given.file is not None
        people = read_population(given.file, crs=given.crs, columns=given.columns, sheet=given.sheet)
    demand = home_demand(people, asked.incidence or read_incidence(NATIONAL), per_100k=asked.per_100k)
    return replace(demand, layers=("all",))  # the arrests of residents, wherever they happen


def _from_visitors(asked: DemandInput, place: Place) -> Demand:
    from ..files import read_visitors
    from ..people.population import public_demand

    given = asked.given
    assert given.file is not None
    venues, visitors = read_visitors(given.file, crs=given.crs, columns=given.columns, sheet=given.sheet)
    return public_demand(venues, visitors, per_100k=asked.arrests_per_100k)


def _from_buildings(asked: DemandInput, place: Place) -> Demand:
    from ..osm.osm import read_osm_buildings
    from ..people.buildings import buildings_demand

    buildings = read_osm_buildings(_mapped(place, "demand.from"))
    return buildings_demand(buildings, per_100k=asked.arrests_per_100k, population=asked.given.population)


def _mapped(place: Place, key: str) -> Path:
    if place.osm is None:
        raise InputError(
            f"{key} reads an OpenStreetMap file; expected streets.file to be one, or streets.osm to name one"
        )
    return place.osm


def _from_arrests(name: str, asked: DemandInput, place: Place, *, later: bool) -> _Part:
    """Arrests of one layer, smoothed or as they are."""
    given = asked.given
    assert given.file is not None
    every = read_arrests(given.file, crs=given.crs, columns=given.columns, sheet=given.sheet)
    every = replace(every, source=credit(every.source, given))
    if later and np.isnat(every.time).any():
        count = int(np.isnat(every.time).sum())
        raise InputError(f'{given.file.name}: {count:,} arrests have no time; expected one in each for judge = "later"')
    arrests = every if name == "all" else _of_setting(every, name)
    people = None if asked.people is None else _people(asked.people, place)
    demand = _demand_of_arrests(asked, place, arrests, people)
    sources = [("demand", arrests.source), *([] if people is None else [("demand-people", people.source)])]
    settled = sum(setting != "" for setting in every.setting)
    return _Part(demand, tuple(sources), arrests, people, len(every) - settled if settled and name != "all" else 0)


def _of_setting(arrests: Arrests, name: str) -> Arrests:
    """The arrests that happened at home, or in public; all where nothing is known of any."""
    setting = np.array(arrests.setting, dtype=object)
    if not (setting != "").any():
        return arrests
    if not (setting == name).any():
        raise InputError(f"{arrests.source.file}: no arrest has the setting {name}; expected some for [demand.{name}]")
    return arrests[setting == name]


def _people(given: Input, place: Place) -> Demand:
    """People or buildings that smoothing may follow."""
    if given.origin == "buildings":
        from ..osm.osm import read_osm_buildings
        from ..people.buildings import buildings_demand

        return buildings_demand(read_osm_buildings(_mapped(place, 'demand.people = "buildings"')))
    from ..files import read_demand

    assert given.file is not None
    return read_demand(given.file, crs=given.crs, columns=given.columns, sheet=given.sheet)


def _demand_of_arrests(asked: DemandInput, place: Place, arrests: Arrests, people: Demand | None) -> Demand:
    if asked.smoothing == "none":
        return raw_demand(arrests, per_year=asked.per_year)
    detail_m = detail_of(place.circle)
    try:
        return smooth(arrests, streets=place.streets, people=people, detail_m=detail_m, per_year=asked.per_year)
    except InputError as error:
        raise InputError(*(f"{arrests.source.file}: {fault}" for fault in error.faults)) from error


def _shares(asked: DemandInput, parts: Mapping[str, _Part]) -> dict[str, float]:
    """The share of each layer; of arrests known to be of each where the scenario does not say."""
    if not asked.layers:
        return {"all": 1.0}
    counted = {name: len(part.arrests) for name, part in parts.items() if part.arrests is not None}
    said = asked.shares()
    return {
        name: counted[name] / sum(counted.values()) if share is None else float(share) for name, share in said.items()
    }


def _total(asked: DemandInput, layers: tuple[Layer, ...], arrests: Mapping[str, Arrests]) -> float:
    """Arrests per year of all layers: as the scenario says, as arrests show, or as residents are expected to have."""
    if asked.per_year is not None:
        return asked.per_year
    shown = [layer for layer in layers if layer.name in arrests]
    if not shown:
        return layers[0].demand.total
    return sum(layer.demand.total for layer in shown) / sum(layer.share for layer in shown)


def _left_out(parts: Mapping[str, _Part]) -> int:
    """Arrests that no layer counts; those of one file that several layers read are counted once."""
    left = {part.arrests.source.sha256: part.left_out for part in parts.values() if part.arrests is not None}
    return sum(left.values())


def _remake(
    asked: DemandInput, parts: Mapping[str, _Part], shares: Mapping[str, float], place: Place
) -> Callable[[Arrests], Demand]:
    """How the same demand is made of other arrests, to be judged; smoothed even where the study plans from raw points."""
    year = share_out(WHOLE_WEEK, china(REFERENCE_YEAR))

    def layer(name: str, arrests: Arrests) -> Demand:
        smoothed = replace(asked.parts[name], smoothing="auto")
        return _demand_of_arrests(smoothed, place, arrests, parts[name].people)

    def make(arrests: Arrests) -> Demand:
        if not asked.layers:
            return layer("all", arrests)
        setting = np.array(arrests.setting, dtype=object)
        layers = [Layer(name, layer(name, arrests[setting == name]), shares[name]) for name in parts]
        return join_layers(layers, year)

    return make
