"""A sharper bound from regions: what the multipliers leave fractional within a region is settled exactly there.

The multipliers' bound falls apart into what cells give back and what each site collects beyond its price. Cells that one
region's sites alone cover need no charge there: the region is then a small problem of its own, and as far as its best falls
short of what the multipliers promise for it, so far falls the bound (Lagrangian decomposition, Guignard and Kim 1987).
"""

import time
from collections.abc import Generator

import numpy as np

from .core import Core
from .highs import Model, settle
from .merging import Cells, merge, turn
from .relaxed import Relaxation

FIRST = 120
"""Sites of a region at first, about: HiGHS settles it in a moment."""

MOST_PAIRS = 60_000_000
"""Pairs of sites that share a cell, beyond which finding regions takes too long."""

PROGRAMS = 4000
"""Linear programs for one region; what they prove counts, whether or not they settle it."""

LARGER = 2 / 3
"""Regions of a level for each one of the level before."""

GROWTH = 3.0
"""How much longer the next level takes, about."""

SHARE = 2.0
"""Of the time left, times what an even share of it would be: as much may one region take."""

DENSE = 100
"""Sites up to which eigenvectors are found without iterations."""

SURE = 1e-7
"""Of a region's weight: more than linear programs err by."""


Bounds = Generator[float, float | None, None]
"""A number after each region, sent the seconds that it may take."""


class Levels:
    """Bounds from ever larger regions, one region at a time.

    bound  what the levels so far prove
    """

    def __init__(self, core: Core, relaxation: Relaxation) -> None:
        self.core, self.relaxation = core, relaxation
        self.bound = np.inf
        self.parts = max(2, round(core.sites / FIRST)) if can_be_cut(core) else 0
        self.took = 0.0
        self._level: Bounds | None = None

    def lasts(self, left: float) -> bool:
        """Whether there is a level to go on with that so many seconds may be enough for."""
        return self.parts > 0 and (self._level is not None or GROWTH * self.took < left)

    def step(self, inside: np.ndarray, left: float) -> None:
        """Settle the next region.

        inside  (S,) bool a good plan
        left    seconds
        """
        began = time.perf_counter()
        if self._level is None:
            self._level, self.took = self._begin(inside), 0.0
            next(self._level)
        try:
            self.bound = min(self.bound, self._level.send(left))
            self.took += time.perf_counter() - began
        except StopIteration:
            self._level = None
            self.parts = int(self.parts * LARGER)

    def _begin(self, inside: np.ndarray) -> Bounds:
        """A level: the bound after each region, sent the seconds left."""
        bound = self.relaxation.best.value
        regions = regions_of(self.core, self.parts)
        each = savings(self.core, self.relaxation, regions, inside)
        next(each)
        left = yield bound
        for done in range(len(regions)):
            assert left is not None  # sent by every step
            bound -= each.send(min(left, SHARE * left / (len(regions) - done)))
            left = yield bound


def regions_of(core: Core, parts: int) -> list[np.ndarray]:
    """The sites in so many parts of about equal size that share little weight, each ascending (spectral bisection)."""
    return [np.sort(part) for part in _halved(_shared(core), np.arange(core.sites), parts)]


def can_be_cut(core: Core) -> bool:
    """Whether regions of a core are found quickly and mean something: no second weights."""
    covered = np.diff(core.graph.top).astype(float)
    return core.sites > FIRST and not core.graph.second.any() and float((covered**2).sum()) <= MOST_PAIRS


def savings(core: Core, relaxation: Relaxation, regions: list[np.ndarray], inside: np.ndarray) -> Bounds:
    """By how much each region in turn lowers the bound of a relaxation, which is taken as it is now.

    inside  (S,) bool a good plan: a region is settled where it holds nothing better than that or what is found

    Send the seconds that the next region may take, None before the first.
    """
    charge, reduced = relaxation.charge[0].copy(), relaxation.best.reduced
    region = np.empty(core.sites, dtype=np.int64)
    for number, sites in enumerate(regions):
        region[sites] = number
    first, last = _ends(core, region)
    own = first == last
    weight = np.where(own, core.graph.weight, charge)
    given_back = np.where(own, np.maximum(core.graph.weight - charge, 0.0), 0.0)
    promised = np.bincount(first, weights=given_back, minlength=len(regions))
    seconds = yield 0.0
    for number, sites in enumerate(regions):
        limit = promised[number] + float(np.maximum(reduced[sites], 0.0).sum())
        cells, cost = _part(core, sites, weight, charge)
        best = _best(cells, cost - reduced[sites], inside[sites], np.inf if seconds is None else seconds)
        seconds = yield max(0.0, limit - best)


def _part(core: Core, sites: np.ndarray, weight: np.ndarray, charge: np.ndarray) -> tuple[Cells, np.ndarray]:
    """The cells of some sites with other weights, and the charges that each site collects."""
    start, cell = core.graph.start, core.graph.cell
    rows = [cell[start[s] : start[s + 1]] for s in sites]
    size = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    held = np.concatenate([np.zeros(0, dtype=cell.dtype), *rows])
    collects = np.bincount(np.repeat(np.arange(len(sites)), np.diff(size)), charge[held], minlength=len(sites))
    return merge(Cells(size, held, weight, np.zeros(len(weight)))), collects


def _best(part: Cells, cost: np.ndarray, inside: np.ndarray, seconds: float) -> float:
    """No choice of a region's sites is worth more, after what they cost."""
    known = _value(part, inside) - float(cost[inside].sum())
    unit = float(part.weight.max(initial=0.0)) or 1.0
    step = SURE * max(unit, float(part.weight.sum()))
    model = _model(part, cost, unit, (max(known, 0.0) + step, step))
    return settle(model, seconds=seconds, programs=PROGRAMS).bound + step


def _value(part: Cells, inside: np.ndarray) -> float:
    """The weight that some sites cover."""
    covered = np.zeros(len(part.weight), dtype=bool)
    for s in np.flatnonzero(inside):
        covered[part.cell[part.start[s] : part.start[s + 1]]] = True
    return float(part.weight[covered].sum())


def _model(part: Cells, cost: np.ndarray, unit: float, wanted: tuple[float, float]) -> Model:
    """Maximise the weight covered less the cost of the sites chosen, in units of so much."""
    from scipy.sparse import csr_array, eye_array, hstack

    sites, cells = len(cost), len(part.weight)
    top, site = turn(part.start, part.cell, cells)
    cover = csr_array((np.ones(len(site)), site, top), shape=(cells, sites))
    return Model(
        objective=np.concatenate([-cost, part.weight]) / unit,
        matrix=hstack([-cover, eye_array(cells)], format="csc"),
        lower=np.full(cells, -np.inf),
        upper=np.zeros(cells),
        bottom=np.zeros(sites + cells),
        top=np.ones(sites + cells),
        whole=sites,
        wanted=(wanted[0] / unit, wanted[1] / unit),
        unit=unit,
    )


def _ends(core: Core, region: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least and the greatest region whose sites cover each cell, (K,) and (K,)."""
    near, begin = region[core.graph.site], core.graph.top[:-1]
    return np.minimum.reduceat(near, begin), np.maximum.reduceat(near, begin)


def _shared(core: Core):  # type: ignore[no-untyped-def]  # a scipy matrix
    """(S, S) the weight that two sites both cover."""
    from scipy.sparse import csr_array

    graph = core.graph
    entry = np.sqrt(graph.weight)[graph.cell]
    covers = csr_array((entry, graph.cell, graph.start), shape=(core.sites, core.cells))
    return csr_array(covers @ covers.T)


def _halved(shared, sites: np.ndarray, parts: int) -> list[np.ndarray]:  # type: ignore[no-untyped-def]
    """Some sites in so many parts, along the slowest wave of what they share."""
    if parts < 2 or len(sites) < 2 * parts:
        return [sites]
    wave = _wave(shared[sites][:, sites])
    order = sites[np.argsort(wave, kind="stable")]
    few = parts // 2
    at = len(sites) * few // parts
    return _halved(shared, order[:at], few) + _halved(shared, order[at:], parts - few)


def _wave(shared) -> np.ndarray:  # type: ignore[no-untyped-def]
    """(n,) the second eigenvector of the walk between sites by what they share (Fiedler 1973, Shi and Malik 2000)."""
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import ArpackError, eigsh

    size = shared.shape[0]
    root = 1.0 / np.sqrt(np.maximum(np.asarray(shared.sum(axis=1)).ravel(), 1e-300))
    walk = diags_array(root) @ shared @ diags_array(root)
    if size <= DENSE:
        wave: np.ndarray = np.linalg.eigh(walk.toarray())[1][:, -2] * root
        return wave
    try:
        values, vectors = eigsh(walk, k=2, which="LA", tol=1e-4, v0=np.random.default_rng(0).random(size), maxiter=2000)
    except ArpackError:  # no wave to go by: any halves will do
        return np.arange(size, dtype=float)
    wave = vectors[:, int(np.argmin(values))] * root
    return wave
