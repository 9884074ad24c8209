"""The grounds on which the next arrest may happen: around earlier ones, among people, along streets.

Each ground offers parts for a mixture, says how likely every part makes an arrest that is left out, and spreads its mass
over points once the shares are known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np

from ..coordinates import unproject
from ..network import StreetNetwork
from .spreading import Grid, thin
from .stacking import CROWDS_M, SCALES_M, crowds, gaussian, open_ground

Kind = Literal["point", "open", "street", "people", "anywhere"]
"""Where arrests are expected: the very place of an earlier one, the ground around it, the streets around it, people (or
buildings) around it, anywhere at all."""

MOST_POINTS = 100_000
"""Points of each ground at most; the lightest are drawn together."""

PEOPLE_SCALES_M = (200.0, 800.0, 3200.0, np.inf)
STREET_SCALES_M = (50.0, 100.0, 200.0, 400.0)
STREET_STEP_M = 25.0
_BESIDE_M = (10.0, 25.0)  # how far beside the middle of a street arrests are, as standard deviations
_WALK_CUT = 2.5  # standard deviations beyond which a walk is not followed
_NEAR_CUT = 3.0  # standard deviations beyond which a point does not touch an arrest


@dataclass(frozen=True)
class Part:
    """One part of the mixture.

    scale_m  standard deviation of the kernel; inf where earlier arrests play no role
    crowd    which arrests it starts from, an index of `stacking.crowds`; -1 all of them
    origin   the share of the arrests that it starts from
    """

    kind: Kind
    scale_m: float
    crowd: int = -1
    origin: float = 1.0


Spread = tuple[np.ndarray, np.ndarray]
"""(n, 2) metres and (n,) mass."""


class Ground(Protocol):
    """A ground: its J parts, how likely they make arrests, and where they put their mass."""

    parts: tuple[Part, ...]

    def density(self, rows: np.ndarray) -> np.ndarray:
        """(R, J) per square metre at some arrests, each left out of its own."""

    def spread(self, shares: np.ndarray) -> Iterator[Spread]:
        """Points and their mass, for the shares (J,) of the parts."""


class OpenGround:
    """Kernels around earlier arrests in straight lines, apart for crowded and lonely ones; and a little anywhere."""

    def __init__(self, xy: np.ndarray, grid: Grid) -> None:
        self.xy, self.grid, self.crowd = xy, grid, crowds(xy)[0]
        origin = np.bincount(self.crowd, minlength=len(CROWDS_M) + 1) / len(xy)
        around = [
            Part("point" if scale == SCALES_M[0] else "open", scale, crowd, float(origin[crowd]))
            for crowd in range(len(origin))
            for scale in SCALES_M
        ]
        self.parts = (*around, Part("anywhere", np.inf))

    def density(self, rows: np.ndarray) -> np.ndarray:
        """As `Ground`."""
        around = open_ground(self.xy, rows).reshape(len(rows), -1)
        return np.column_stack([around, np.full(len(rows), 1 / self.grid.area_m2)])

    def spread(self, shares: np.ndarray) -> Iterator[Spread]:
        """The smallest kernels stay at the arrests themselves, the wider ones go to the cells."""
        by_crowd = shares[:-1].reshape(len(CROWDS_M) + 1, len(SCALES_M))
        size = np.maximum(np.bincount(self.crowd, minlength=len(by_crowd)), 1)
        at_arrests = (by_crowd[:, 0] / size)[self.crowd]
        yield self.xy[at_arrests > 0], at_arrests[at_arrests > 0]
        wider = []
        for crowd in np.flatnonzero(by_crowd[:, 1:].any(axis=1)):
            here = self.xy[self.crowd == crowd]
            around = dict(zip(SCALES_M[1:], by_crowd[crowd, 1:].tolist(), strict=True))
            wider.append((self.grid.count(here, np.full(len(here), 1 / len(here))), around))
        mass = self.grid.blur(*wider) + shares[-1] / (self.grid.shape[0] * self.grid.shape[1])
        flat = mass.ravel()
        cell, kept = thin(flat, self.grid.blocks(), most=MOST_POINTS)
        yield self.grid.middle(cell), kept


class PeopleGround:
    """People or buildings, as they are, or more of them where arrests around were more than people say."""

    def __init__(self, xy: np.ndarray, grid: Grid, people_xy: np.ndarray, weight: np.ndarray) -> None:
        self.xy, self.grid, self.people_xy = xy, grid, people_xy
        self.weight = weight / weight.sum()
        self.near_m = tuple(scale for scale in SCALES_M if scale <= 3 * own_scale(people_xy))
        self.parts = tuple(Part("people", scale) for scale in PEOPLE_SCALES_M for _ in self.near_m)

    @cached_property
    def pulls(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each scale: (G,) the mass of each point of people, and (N,) what one arrest sends per person close by."""
        return [self._pull(scale) for scale in PEOPLE_SCALES_M]

    def _pull(self, scale: float) -> tuple[np.ndarray, np.ndarray]:
        if scale == np.inf:
            return self.weight, np.zeros(len(self.xy))
        here = self.grid.cell(self.xy)
        around = self.grid.blur((self.grid.count(self.people_xy, self.weight), {scale: 1.0})).ravel()[here]
        sent = np.where(around > 1e-9, 1 / np.maximum(around, 1e-9), 0.0) / len(self.xy)
        pulled = self.grid.blur((self.grid.count(self.xy, sent), {scale: 1.0})).ravel()[self.grid.cell(self.people_xy)]
        return self.weight * pulled, sent * self.grid.step_m**2 * gaussian(np.zeros(1), scale)[0]

    def density(self, rows: np.ndarray) -> np.ndarray:
        """As `Ground`."""
        columns = []
        for scale, (mass, sent) in zip(PEOPLE_SCALES_M, self.pulls, strict=True):
            for near_m in self.near_m:
                close = touching(self.xy[rows], self.people_xy, near_m)
                own = (close @ self.weight) * sent[rows]
                left = len(self.xy) - 1 if scale < np.inf else len(self.xy)
                columns.append(np.maximum(close @ mass - own, 0.0) * len(self.xy) / left)
        return np.column_stack(columns)

    def spread(self, shares: np.ndarray) -> Iterator[Spread]:
        """As `Ground`; near_m is how exactly an arrest's place is known and moves nothing."""
        of_scale = shares.reshape(len(PEOPLE_SCALES_M), -1).sum(axis=1)
        mass = sum(share * pull[0] for share, pull in zip(of_scale, self.pulls, strict=True))
        block = self.grid.blocks()[self.grid.cell(self.people_xy)]
        kept, weight = thin(np.asarray(mass), block, most=MOST_POINTS)
        yield self.people_xy[kept], weight


class StreetGround:
    """Kernels around earlier arrests over the streets, by the metres walked."""

    def __init__(self, xy: np.ndarray, lonlat: np.ndarray, streets: StreetNetwork, grid: Grid) -> None:
        self.xy, self.grid = xy, grid
        self.parts = tuple(Part("street", scale) for scale in STREET_SCALES_M for _ in _BESIDE_M)
        self.street_xy, self.metres = points_along(streets, STREET_STEP_M)
        self.walks = self._walks(lonlat, streets)

    def _walks(self, lonlat: np.ndarray, streets: StreetNetwork) -> Any:
        """(N, G) scipy CSR: metres walked from arrests to points of the streets, half a metre more than there are."""
        from scipy.sparse import csr_array

        from ..reach import reach

        limit_m = _WALK_CUT * STREET_SCALES_M[-1]
        walked = reach(streets, lonlat, unproject(self.street_xy, streets.crs), limit_m=limit_m)
        return csr_array(
            ((walked.metres + 0.5).astype(np.float32), walked.point, walked.start), shape=(len(lonlat), walked.points)
        )

    def _sent(self, scale: float) -> Any:
        """(N, G) scipy CSR of the mass each arrest sends to each point, one from every arrest."""
        sent = self.walks.copy()
        sent.data = np.where(sent.data <= _WALK_CUT * scale, np.exp(-0.5 * (sent.data / scale) ** 2), 0)
        sent.data *= self.metres[sent.indices]
        total = np.asarray(sent.sum(axis=1)).ravel()
        sent.data /= np.repeat(np.maximum(total, 1e-12), np.diff(sent.indptr))
        return sent

    def density(self, rows: np.ndarray) -> np.ndarray:
        """As `Ground`."""
        columns = []
        beside = [touching(self.xy[rows], self.street_xy, near_m) for near_m in _BESIDE_M]
        for sent in map(self._sent, STREET_SCALES_M):
            mass, own = np.asarray(sent.sum(axis=0)).ravel(), sent[rows]
            for close in beside:
                left = close @ mass - np.asarray(close.multiply(own).sum(axis=1)).ravel()
                columns.append(np.maximum(left, 0.0) / (len(self.xy) - 1))
        return np.column_stack(columns)

    def spread(self, shares: np.ndarray) -> Iterator[Spread]:
        """As `Ground`."""
        mass = np.zeros(len(self.street_xy))
        of_scale = shares.reshape(len(STREET_SCALES_M), -1).sum(axis=1)
        for share, scale in zip(of_scale, STREET_SCALES_M, strict=True):
            if share > 0:
                mass += share * np.asarray(self._sent(scale).sum(axis=0)).ravel() / len(self.xy)
        if mass.any():
            block = self.grid.blocks()[self.grid.cell(self.street_xy)]
            kept, weight = thin(mass, block, most=MOST_POINTS)
            yield self.street_xy[kept], weight


def own_scale(xy: np.ndarray) -> float:
    """The standard deviation, in metres, of places that a point of people stands for: of squares as far apart as points.

    >>> round(own_scale(np.array([[0.0, 0.0], [100.0, 0.0], [200.0, 0.0]])), 1)
    28.9
    """
    from scipy.spatial import cKDTree

    if len(xy) < 2:
        return SCALES_M[0]
    apart = np.asarray(cKDTree(xy).query(xy, 2)[0])[:, 1]
    return float(np.clip(np.median(apart) / np.sqrt(12), SCALES_M[0], 500.0))


def touching(xy: np.ndarray, others: np.ndarray, scale_m: float) -> Any:
    """(R, G) scipy CSR of the density per square metre, at each place, of a kernel around each of the others."""
    from scipy.sparse import csr_array
    from scipy.spatial import cKDTree

    near = cKDTree(others).query_ball_point(xy, _NEAR_CUT * scale_m, return_sorted=True)
    sizes = np.array([len(row) for row in near], dtype=np.int64)
    point = np.concatenate([np.asarray(row, dtype=np.int64) for row in near])
    away_2 = ((xy[np.repeat(np.arange(len(xy)), sizes)] - others[point]) ** 2).sum(axis=1)
    start = np.concatenate([[0], np.cumsum(sizes)])
    return csr_array((gaussian(away_2, scale_m), point, start), shape=(len(xy), len(others)))


def points_along(streets: StreetNetwork, step_m: float) -> tuple[np.ndarray, np.ndarray]:
    """(G, 2) points along all streets, at most so many metres apart, and the metres of street each stands for."""
    first, last = streets.vertex_xy[streets.piece], streets.vertex_xy[streets.piece + 1]
    length = np.hypot(*(last - first).T)
    count = np.maximum(np.ceil(length / step_m).astype(np.int64), 1)
    of = np.repeat(np.arange(len(length)), count)
    number = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    along = ((number + 0.5) / count[of])[:, None]
    return first[of] * (1 - along) + last[of] * along, (length / count)[of]
