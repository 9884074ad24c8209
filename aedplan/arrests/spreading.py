"""Spreads the mass of points over the ground: Gaussian kernels on a grid, and few points that stand for many.

The grid is square, in metres; kernels are multiplied in Fourier space, so that one of 3 km costs as much as one of 25 m.
"""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError

MOST_CELLS = 6_000_000
"""A finer grid is made coarser."""

WIDEST_M = 400_000.0
"""Points that lie further apart than any county is wide hold a mistake in their coordinates."""

_BLOCK = 16


@dataclass(frozen=True)
class Grid:
    """Square cells over points and a margin around them.

    corner  (2,) metres: the south-western one
    """

    corner: np.ndarray
    step_m: float
    shape: tuple[int, int]

    @property
    def area_m2(self) -> float:
        """Square metres of all cells."""
        return self.shape[0] * self.shape[1] * self.step_m**2

    def blocks(self) -> np.ndarray:
        """(cells,) int32 a number alike for the 16 x 16 cells of one block: blocks in rows, every other row turned round."""
        row, column = (np.arange(side, dtype=np.int32) // _BLOCK for side in self.shape)
        turned = np.where(row[:, None] % 2 == 0, column[None], column[-1] - column[None])
        return np.asarray(row[:, None] * (column[-1] + 1) + turned).ravel()

    def cell(self, xy: np.ndarray) -> np.ndarray:
        """(n,) flat number of the cell that holds each point; points outside go to the nearest cell."""
        column = np.floor((xy - self.corner) / self.step_m).astype(np.int64).clip(0, np.array(self.shape) - 1)
        return np.asarray(np.ravel_multi_index((column[:, 0], column[:, 1]), self.shape))

    def middle(self, cell: np.ndarray) -> np.ndarray:
        """(n, 2) metres: the middles of cells."""
        return np.asarray((np.column_stack(np.unravel_index(cell, self.shape)) + 0.5) * self.step_m + self.corner)

    def count(self, xy: np.ndarray, mass: np.ndarray) -> np.ndarray:
        """(X, Y) the mass in each cell."""
        total = self.shape[0] * self.shape[1]
        return np.bincount(self.cell(xy), weights=mass, minlength=total).reshape(self.shape)

    def blur(self, *spread: tuple[np.ndarray, dict[float, float]]) -> np.ndarray:
        """(X, Y) the sum of masses (X, Y), each spread by a mixture of Gaussian kernels.

        spread  mass and {standard deviation in metres: share}
        """
        from scipy import fft

        turns = fft.fftfreq(self.shape[0], self.step_m), fft.rfftfreq(self.shape[1], self.step_m)
        waves = np.zeros([len(side) for side in turns], dtype=complex)
        for mass, scales in spread:
            kernel = np.zeros(waves.shape)
            for scale, share in scales.items():
                x, y = (np.exp(-2 * (np.pi * scale * side) ** 2) for side in turns)
                kernel += share * x[:, None] * y[None]
            waves += fft.rfft2(mass) * kernel
        return np.maximum(fft.irfft2(waves, s=self.shape), 0.0)


def make_grid(xy: np.ndarray, *, step_m: float, margin_m: float) -> Grid:
    """A grid over points, coarser than asked for where it would have too many cells.

    Raises InputError where the points lie too far apart.
    """
    from scipy import fft

    wide = np.ptp(xy, axis=0)
    if wide.max() > WIDEST_M:
        raise InputError(
            f"points lie {wide.max() / 1000:,.0f} km apart; expected one county, at most {WIDEST_M / 1000:,.0f} km:"
            " are the coordinates and their system right?"
        )
    wide = wide + 2 * margin_m
    step = max(step_m, float(np.sqrt(wide.prod() / MOST_CELLS)))
    x, y = (fft.next_fast_len(int(np.ceil(side / step)) + 1, real=True) for side in wide)
    return Grid(xy.min(axis=0) - margin_m, step, (x, y))


def thin(mass: np.ndarray, near: np.ndarray, *, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Few points for many: numbers of those kept, and their mass; the total stays the same.

    mass  (n,) not below 0
    near  (n,) any number that is alike for neighbours
    most  about how many points to keep

    Points heavier than their part stay as they are. The light ones are walked through in the order of `near`, and one
    is kept each time that their masses have added up to a part, so that every region keeps its mass to within a part.
    """
    part = mass.sum() / most
    heavy = np.flatnonzero(mass >= part)
    light = np.flatnonzero((mass > 0) & (mass < part))
    light = light[np.argsort(near[light], kind="stable")]
    summed = np.cumsum(mass[light])
    if not len(light):
        return heavy, mass[heavy]
    parts = max(1, round(summed[-1] / part))
    at = np.searchsorted(summed, (np.arange(parts) + 0.5) * summed[-1] / parts)
    kept = light[at.clip(max=len(light) - 1)]
    return np.concatenate([heavy, kept]), np.concatenate([mass[heavy], np.full(parts, summed[-1] / parts)])
