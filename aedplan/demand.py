"""Demand: expected cardiac arrests per year at points.

Where arrests are not known (no county has them), they are expected from people and an incidence with its source. That is
good enough to rank places, not to predict a number.

Arrests at home and in public are layers of their own: where people are moves between them over the week, and each layer
has its own share of all arrests. Points of different layers stay different points.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from .checks import duplicate_faults, length_faults, lonlat_faults, negative_faults, read_only
from .errors import raise_faults
from .hours.periods import Periods
from .source import Source, attributions

SUDDEN_CARDIAC_DEATHS_PER_100K = 97.1
"""Sudden cardiac deaths per 100,000 people and year in China, the stand-in for cardiac arrests out of hospital, which no
national register counts: as quoted by Shanghai (Jiefang Daily 解放日报, 2026-02-09, secondary source). The older national
figure, 544,000 deaths a year (expert consensus on AEDs in China, 中华急诊医学杂志 2020, 29(8):1025), about 41.8 per 100,000,
gives less than half. Where demand is made from people, it scales all figures alike and changes no ranking of places."""

FLOOR_AREA_M2_PER_PERSON = {
    "apartments": 40.0,
    "house": 45.0,
    "school": 12.0,
    "retail": 15.0,
    "office": 20.0,
    "hotel": 40.0,
    "hospital": 25.0,
    "culture": 20.0,
    "transport": 20.0,
    "industrial": 60.0,
    "other": 60.0,
}
"""Floor area per person present, by kind of building. Homes: about 40 m2 per head, seventh census of China 2020. The
rest is a judgement by occupancy in use, not verified; it shifts weight between kinds of building and nothing else."""


@dataclass(frozen=True)
class Demand:
    """Expected arrests per year: D points, T periods of the week.

    lonlat  (D, 2) WGS-84 degrees
    weight  (D, T) expected arrests per year in each period; the sum over periods is the whole year
    id      (D,) str
    layers  names of the layers, such as ("home", "public")
    layer   (D,) number of each point's layer; the first when not given
    town    (D,) town or subdistrict of each point, "" where not known; () where none is
    people  (D,) residents, where the demand was made from them; None where they are not known
    """

    lonlat: np.ndarray
    weight: np.ndarray
    id: tuple[str, ...]
    source: Source
    basis: str = "expected arrests per year"
    layers: tuple[str, ...] = ("all",)
    layer: np.ndarray = None  # type: ignore[assignment]
    people: np.ndarray | None = None
    town: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        layer = np.zeros(len(self.id), dtype=np.int8) if self.layer is None else np.asarray(self.layer, dtype=np.int8)
        object.__setattr__(self, "layer", read_only(layer))

    def __len__(self) -> int:
        return len(self.id)

    @property
    def total(self) -> float:
        """All expected arrests per year."""
        return float(self.weight.sum())


def make_demand(
    lonlat: np.ndarray,
    weight: np.ndarray,
    *,
    id: tuple[str, ...],
    source: Source,
    basis: str = "expected arrests per year",
) -> Demand:
    """Demand from arrays, checked.

    weight  (D,) for the whole year or (D, T) by period; finite, >= 0

    Raises InputError with every fault: coordinates, negative weights, duplicate ids, sizes, nothing at all.
    """
    weight = np.asarray(weight, dtype=float)
    weight = weight[:, None] if weight.ndim == 1 else weight
    what = source.file or "demand"
    faults = length_faults(what, len(lonlat), weight=weight, id=id) + lonlat_faults(lonlat, what)
    faults += negative_faults(weight, f"{what}: weight") + duplicate_faults(id, what)
    if not faults and not weight.sum() > 0:
        faults.append(f"{what}: no demand in it; expected at least one point with a weight above 0")
    raise_faults(faults)
    return Demand(read_only(lonlat), read_only(weight), tuple(id), source, basis)


def arrests_from_people(people: np.ndarray, *, per_100k: float = SUDDEN_CARDIAC_DEATHS_PER_100K) -> np.ndarray:
    """Expected arrests per year of so many people, at an incidence per 100,000 people and year.

    >>> arrests_from_people(np.array([180_000.0])).round(1)
    array([174.8])
    """
    return np.asarray(people, dtype=float) * per_100k / 100_000


def _by_the_clock(*shares: float) -> np.ndarray:
    """(24,) share of the arrests of a day in each hour, from those of 7 to 15, 15 to 23 and 23 to 7 o'clock."""
    return read_only(np.roll(np.repeat(np.array(shares) / sum(shares) / 8, 8), 7))


HOME_SHARE = 0.75
"""70 to 80 % of arrests happen at home. Osaka, 13,780 arrests: 71.9 %, see RHYTHMS."""

RHYTHMS = {
    "home": _by_the_clock(5474 * 0.660, 5336 * 0.756, 2970 * 0.762),
    "public": _by_the_clock(5474 * 0.340, 5336 * 0.244, 2970 * 0.238),
    "all": _by_the_clock(5474, 5336, 2970),
}
"""(24,) share of a day's arrests in each hour, by layer. Osaka, 2011 to 2012, 13,780 adult arrests: 5,474 from 7 to 15
o'clock, 5,336 from 15 to 23, 2,970 at night, of which 66.0, 75.6 and 76.2 % at home (Critical Care 2016, 20:141, table 1).
The same on workdays and free days, which that table does not part."""


class Layer(NamedTuple):
    """Demand of one kind, and how it moves over the week.

    share  its part of all arrests; the shares of all layers add up to 1
    rates  (T,) how many times more often than at other times arrests happen in an hour of each period; None: RHYTHMS
    """

    name: str
    demand: Demand
    share: float
    rates: np.ndarray | None = None


def period_shares(layer: str, periods: Periods, *, rates: np.ndarray | None = None) -> np.ndarray:
    """(T,) share of a year's arrests of a layer in each period; they add up to 1.

    layer  a name in RHYTHMS; any other follows "all"
    rates  (T,) relative arrests per hour in each period, where they are known better

    Raises InputError for rates of another length, below 0, or all 0.

    >>> from aedplan.hours.holidays import china
    >>> from aedplan.hours.periods import DEFAULT_PERIODS, share_out
    >>> week = share_out(DEFAULT_PERIODS, china(2026))
    >>> period_shares("home", week).round(2), period_shares("public", week).round(2)
    (array([0.25, 0.26, 0.17, 0.12, 0.12, 0.08]), array([0.31, 0.22, 0.15, 0.15, 0.1 , 0.07]))
    """
    if rates is None:
        hour = RHYTHMS.get(layer, RHYTHMS["all"])
        each_minute = np.broadcast_to(np.repeat(hour, 60), periods.of.shape)
        weight = np.bincount(periods.of.ravel(), weights=each_minute.ravel(), minlength=len(periods))
    else:
        rates = np.asarray(rates, dtype=float)
        faults = length_faults(f"{layer}: periods", len(periods), rates=rates) + negative_faults(
            rates, f"{layer}: rates"
        )
        if not faults and not rates.any():
            faults.append(f"{layer}: rates are all 0; expected at least one above 0")
        raise_faults(faults)
        weight = rates * periods.minutes
    return np.asarray(weight / weight.sum())


def spread(demand: Demand, periods: Periods, *, rates: np.ndarray | None = None) -> Demand:
    """Demand of the whole year (D, 1) shared out over the periods (D, T), each layer by its rhythm.

    rates  (T,) as those of `period_shares`, for every layer
    """
    shares = np.stack([period_shares(name, periods, rates=rates) for name in demand.layers])
    year = demand.weight.sum(axis=1)
    return replace(demand, weight=read_only(year[:, None] * shares[demand.layer]))


def join_layers(layers: Sequence[Layer], periods: Periods, *, total: float | None = None) -> Demand:
    """Several layers as one demand, each with its share of all arrests and its own movement over the periods.

    total  arrests per year of all layers together; that of the first layer, the residents', when not given

    Only the proportions within a layer count, not what it adds up to. Ids become "layer:id".
    Raises InputError when the shares are negative or do not add up to 1, or two layers have one name.
    """
    shares = np.array([layer.share for layer in layers])
    faults = negative_faults(shares, "layers: share") + duplicate_faults([layer.name for layer in layers], "layers")
    if abs(shares.sum() - 1) > 1e-9:
        told = ", ".join(f"{layer.name} {layer.share:g}" for layer in layers)
        faults.append(f"layers: the shares {told} add up to {shares.sum():g}; expected 1")
    raise_faults(faults)
    total = layers[0].demand.total if total is None else total
    weights = []
    for layer in layers:
        within = layer.demand.weight.sum(axis=1) / layer.demand.total * total * layer.share
        weights.append(within[:, None] * period_shares(layer.name, periods, rates=layer.rates))
    return Demand(
        lonlat=read_only(np.concatenate([layer.demand.lonlat for layer in layers])),
        weight=read_only(np.concatenate(weights)),
        id=tuple(f"{layer.name}:{id}" for layer in layers for id in layer.demand.id),
        source=_joint_source([layer.demand.source for layer in layers]),
        basis=layers[0].demand.basis,
        layers=tuple(layer.name for layer in layers),
        layer=np.repeat(np.arange(len(layers)), [len(layer.demand) for layer in layers]),
        people=_joint_people([layer.demand for layer in layers]),
        town=tuple(town for layer in layers for town in layer.demand.town or ("",) * len(layer.demand)),
    )


def _joint_people(demands: Sequence[Demand]) -> np.ndarray | None:
    """Residents at all points, none where a layer knows none; None where no layer knows any."""
    if all(demand.people is None for demand in demands):
        return None
    return np.concatenate([np.zeros(len(one)) if one.people is None else one.people for one in demands])


def _joint_source(sources: list[Source]) -> Source:
    files = ", ".join(dict.fromkeys(source.file for source in sources if source.file))
    return Source("; ".join(attributions(sources)), file=files, synthetic=any(source.synthetic for source in sources))
