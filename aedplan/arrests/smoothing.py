"""Demand from arrests that happened, smoothed: a plan made from the raw points promises what it will not keep.

The next arrest is expected from a mixture: near an earlier one, by kernels from "the same building" to 3 km wide, apart
for crowded and for lonely arrests; along streets, as far as one walks from an earlier one; among people or buildings,
where any are given, and there as often as arrests around were; and, very little, anywhere. The shares, and with them the
bandwidth, are those under which the arrests themselves, each left out in turn, are most likely (`stacking`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ..coordinates import local_crs, project, unproject
from ..demand import Demand, Layer, make_demand
from ..errors import InputError
from ..network import StreetNetwork
from .arrests import SETTINGS, Arrests
from .grounds import Ground, Kind, OpenGround, Part, PeopleGround, StreetGround
from .spreading import Grid, make_grid
from .stacking import SCALES_M, best_shares, judged, score

FEWEST = 20
"""Of fewer arrests nothing can be learned about how they scatter."""

GROUNDS_ZH: dict[Kind, str] = {
    "point": "原地",
    "open": "周围",
    "street": "沿街",
    "people": "人口或建筑",
    "anywhere": "任意处",
}
GROUNDS_EN: dict[Kind, str] = {
    "point": "the very place",
    "open": "the ground around",
    "street": "along streets",
    "people": "people or buildings",
    "anywhere": "anywhere",
}

_NEGLIGIBLE = 0.002


@dataclass(frozen=True)
class Chosen:
    """What cross-validation chose.

    parts     of the mixture
    shares    (J,) of the parts, adding up to one
    arrests   how many it was learned from
    score     mean log-likelihood of an arrest left out, per square metre; higher is better
    single    {bandwidth in metres: the score of it alone, with a little of anywhere}
    detail_m  side of the cells that open ground was divided into
    """

    parts: tuple[Part, ...]
    shares: tuple[float, ...]
    arrests: int
    score: float
    single: dict[float, float] = field(default_factory=dict)
    detail_m: float = 25.0

    @property
    def mixture(self) -> dict[Kind, float]:
        """Share of each kind of ground."""
        both = list(zip(self.parts, self.shares, strict=True))
        return {kind: sum(share for part, share in both if part.kind == kind) for kind in GROUNDS_ZH}

    @property
    def bandwidth_m(self) -> float:
        """The bandwidth in one number: half of what is spread around earlier arrests is spread by no more."""
        around = sorted((p.scale_m, s) for p, s in zip(self.parts, self.shares, strict=True) if np.isfinite(p.scale_m))
        summed = np.cumsum([share for _, share in around])
        return around[int(np.searchsorted(summed, summed[-1] / 2))][0] if around else np.inf

    @property
    def words_zh(self) -> str:
        """The choice in one Chinese line."""
        shares = "，".join(f"{GROUNDS_ZH[key]} {share:.0%}" for key, share in self.mixture.items() if share >= 0.005)
        return (
            f"按 {self.arrests:,} 起既往骤停平滑（留一交叉验证选定）：{shares}；带宽中位数 {self.bandwidth_m:,.0f} 米"
        )

    @property
    def words_en(self) -> str:
        """The choice in one English line."""
        shares = ", ".join(f"{GROUNDS_EN[key]} {share:.0%}" for key, share in self.mixture.items() if share >= 0.005)
        return (
            f"smoothed from {self.arrests:,} arrests (chosen by leave-one-out cross-validation): {shares};"
            f" median bandwidth {self.bandwidth_m:,.0f} m"
        )


@dataclass(frozen=True)
class SmoothedDemand(Demand):
    """Demand made by `smooth`, and what was chosen on the way."""

    chosen: Chosen = None  # type: ignore[assignment]


def raw_demand(arrests: Arrests, *, per_year: float | None = None) -> Demand:
    """Demand at the very points of the arrests, all alike: what not to plan from, to compare with.

    per_year  expected arrests per year; without it the arrests' own number per year, or their number where times are not
              known
    """
    total, basis = _total(arrests, per_year)
    count = len(arrests)
    ids = tuple(f"a{number}" for number in range(1, count + 1))
    return make_demand(arrests.lonlat, np.full(count, total / count), id=ids, source=arrests.source, basis=basis)


def smooth(
    arrests: Arrests,
    *,
    streets: StreetNetwork | None = None,
    people: Demand | None = None,
    detail_m: float = 25.0,
    per_year: float | None = None,
) -> SmoothedDemand:
    """Demand from arrests, smoothed as far as cross-validation says.

    streets   offers spreading along streets too; it takes the share it earns
    people    offers spreading over people or buildings too, in proportion to the weights of this demand
    detail_m  side of the cells of open ground; a quarter of the circle's limit or less
    per_year  expected arrests per year; as `raw_demand`

    Raises InputError for fewer than FEWEST arrests, or arrests further apart than any county is wide.
    """
    if len(arrests) < FEWEST:
        raise InputError(f"{len(arrests)} arrests; expected at least {FEWEST}, or demand from people and buildings")
    crs = streets.crs if streets else local_crs(arrests.lonlat)
    xy = project(arrests.lonlat, crs)
    grid = make_grid(xy, step_m=detail_m, margin_m=2 * max(SCALES_M))
    grounds = list(_grounds(arrests, xy, grid, streets, people))
    rows = judged(len(xy))
    density = [ground.density(rows) for ground in grounds]
    shares = _shares(density)
    chosen = _chosen(grounds, density, shares, arrests=len(xy), detail_m=grid.step_m)
    spread = [piece for ground, own in zip(grounds, shares, strict=True) for piece in ground.spread(own)]
    spots, mass = np.concatenate([xy for xy, _ in spread]), np.concatenate([mass for _, mass in spread])
    total, basis = _total(arrests, per_year)
    demand = make_demand(
        unproject(spots, crs),
        mass * total / mass.sum(),
        id=tuple(f"s{number}" for number in range(1, len(spots) + 1)),
        source=arrests.source,
        basis=f"{basis}; {chosen.words_en}",
    )
    return SmoothedDemand(**{name: getattr(demand, name) for name in Demand.__dataclass_fields__}, chosen=chosen)


def smooth_by_setting(
    arrests: Arrests, *, streets: StreetNetwork | None = None, people: Demand | None = None, detail_m: float = 25.0
) -> tuple[Layer, ...]:
    """Arrests at home and in public smoothed apart, as layers for `join_layers`; only homes follow people.

    Shares are those among arrests whose setting is known; the others are left out of both layers.
    Raises InputError where fewer than FEWEST are known to be of each.
    """
    setting = np.array(arrests.setting, dtype=object)
    rows = {name: np.flatnonzero(setting == name) for name in SETTINGS}
    few = [f"{len(of)} arrests {name}" for name, of in rows.items() if len(of) < FEWEST]
    if few:
        raise InputError(f"{' and '.join(few)}; expected at least {FEWEST} of each to keep home and public apart")
    known = sum(len(of) for of in rows.values())
    return tuple(
        Layer(
            name,
            smooth(arrests[of], streets=streets, people=people if name == "home" else None, detail_m=detail_m),
            len(of) / known,
        )
        for name, of in rows.items()
    )


def _total(arrests: Arrests, per_year: float | None) -> tuple[float, str]:
    """Arrests per year, and in words where that comes from."""
    if per_year is not None:
        if not (np.isfinite(per_year) and per_year > 0):
            raise InputError(f"per_year is {per_year}; expected arrests per year, above 0")
        return float(per_year), "arrests per year as given"
    years = arrests.years
    if years is None:
        return float(len(arrests)), "arrests in the file, over an unknown time"
    return len(arrests) / years, f"arrests per year over {years:.1f} years"


def _grounds(
    arrests: Arrests, xy: np.ndarray, grid: Grid, streets: StreetNetwork | None, people: Demand | None
) -> Iterator[Ground]:
    yield OpenGround(xy, grid)
    if people is not None:
        crs = streets.crs if streets else local_crs(arrests.lonlat)
        yield PeopleGround(xy, grid, project(people.lonlat, crs), people.weight.sum(axis=1))
    if streets is not None:
        yield StreetGround(xy, arrests.lonlat, streets, grid)


def _shares(density: list[np.ndarray]) -> list[np.ndarray]:
    """The best shares of the parts of each ground, negligible ones left out."""
    shares = best_shares(np.concatenate(density, axis=1))
    shares = np.where(shares >= _NEGLIGIBLE, shares, 0.0)
    return np.split(shares / shares.sum(), np.cumsum([columns.shape[1] for columns in density])[:-1])


def _chosen(
    grounds: list[Ground], density: list[np.ndarray], shares: list[np.ndarray], *, arrests: int, detail_m: float
) -> Chosen:
    every = np.concatenate(shares)
    parts = [part for ground in grounds for part in ground.parts]
    kept = np.flatnonzero(every)
    return Chosen(
        tuple(parts[number] for number in kept),
        tuple(every[kept].tolist()),
        arrests,
        score(np.concatenate(density, axis=1), every),
        _single(grounds[0], density[0]),
        detail_m,
    )


def _single(ground: Ground, density: np.ndarray) -> dict[float, float]:
    """What one bandwidth for all arrests would reach, with as much of anywhere as is best."""
    scores = {}
    for scale in SCALES_M:
        origin = np.array([part.origin if part.scale_m == scale else 0.0 for part in ground.parts])
        pair = np.column_stack([density @ origin, density[:, -1]])
        scores[scale] = score(pair, best_shares(pair))
    return scores
