"""Demand: expected cardiac arrests per year at points.

Where arrests are not known (no county has them), they are expected from people and an incidence with its source. That is
good enough to rank places, not to predict a number.
"""

from dataclasses import dataclass

import numpy as np

from .checks import duplicate_faults, length_faults, lonlat_faults, negative_faults, read_only
from .errors import raise_faults
from .source import Source

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
    """

    lonlat: np.ndarray
    weight: np.ndarray
    id: tuple[str, ...]
    source: Source
    basis: str = "expected arrests per year"

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
