"""Placement problems for the benchmark, made from seeds or from real streets.

Family a: Cordeau, Furini and Ljubić (2019), facilities and customers uniform in a square of 30 x 30, demands 1 to 100, covered
when nearer than R. Family b: a city, 70 % of demand and 60 % of candidates in 30 Gaussian clusters, the rest uniform,
lognormal whole weights, the radius such that a candidate covers 200 cells on average. Family c: candidates and demand along
real streets, covered within 312 m of walking.
"""

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import KDTree

SIDE, MOST_DEMAND = 30.0, 100
CLUSTERS, CELLS_EACH = 30, 200.0


def family_a(customers: int, radius: float, *, sites: int = 100) -> tuple[csr_array, np.ndarray]:
    """Covers (sites, customers) and weights."""
    from scipy.sparse import hstack

    parts = list(family_a_parts(customers, radius, sites=sites, size=min(customers, 250_000)))
    return csr_array(hstack([covers for covers, _ in parts], format="csr")), np.concatenate([w for _, w in parts])


def family_a_parts(
    customers: int, radius: float, *, sites: int = 100, size: int = 250_000
) -> Iterator[tuple[csr_array, np.ndarray]]:
    """The same some customers at a time."""
    rng = np.random.default_rng(customers)
    places = rng.uniform(0, SIDE, (sites, 2)).astype(np.float32)
    for at in range(0, customers, size):
        count = min(size, customers - at)
        x, y = rng.uniform(0, SIDE, (2, count)).astype(np.float32)
        near = [np.flatnonzero((x - a) ** 2 + (y - b) ** 2 < radius**2).astype(np.int32) for a, b in places]
        yield from_rows(near, count), rng.integers(1, MOST_DEMAND + 1, count).astype(float)


def from_rows(rows: list[np.ndarray], cells: int) -> csr_array:
    """Covers from the cells of each site, ascending."""
    start = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    cell = np.concatenate(rows)
    return csr_array((np.ones(len(cell), dtype=bool), cell, start), shape=(len(rows), cells))


def family_b(sites: int, cells: int, *, seed: int = 0) -> tuple[csr_array, np.ndarray]:
    """Covers (sites, cells) and weights."""
    rng = np.random.default_rng(seed)
    centres, spread = rng.random((CLUSTERS, 2)), rng.uniform(0.02, 0.06, CLUSTERS)
    demand, places = (scattered(rng, n, share, centres, spread) for n, share in ((cells, 0.7), (sites, 0.6)))
    weight = np.ceil(rng.lognormal(2.0, 1.0, cells))
    tree = KDTree(demand)
    probe, low, high = places[:: max(1, sites // 1000)], 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        few = tree.query_ball_point(probe, middle, return_length=True).mean() < CELLS_EACH
        low, high = (middle, high) if few else (low, middle)
    rows = [np.sort(row).astype(np.int32) for row in tree.query_ball_point(places, high)]
    return from_rows(rows, cells), weight


def scattered(
    rng: np.random.Generator, count: int, share: float, centres: np.ndarray, spread: np.ndarray
) -> np.ndarray:
    """(count, 2) points, a share of them around centres, the others anywhere in the unit square."""
    inside, which = rng.random(count) < share, rng.integers(len(centres), size=count)
    around = centres[which] + rng.normal(size=(count, 2)) * spread[which][:, None]
    return np.where(inside[:, None], around, rng.random((count, 2)))


def family_c(town: str, sites: int, cells: int) -> tuple[csr_array, np.ndarray]:
    """Covers and weights along the streets of Porto or Heidelberg; covers from the routing core."""
    from bench import ours
    from bench.worlds_big import heidelberg, porto, spots

    streets = {"porto": porto, "heidelberg": heidelberg}[town]().streets
    reached = ours.reach(streets, spots(streets, sites, seed=1), spots(streets, cells, seed=2))
    start, point = np.asarray(reached.start), np.asarray(reached.point)
    covers = csr_array((np.ones(len(point), dtype=bool), point, start), shape=(sites, cells))
    return covers, np.ceil(np.random.default_rng(3).lognormal(2.0, 1.0, cells))


def world(family: str, *sizes: float | str) -> tuple[csr_array, np.ndarray]:
    """A world by its name and sizes: ("a", customers, radius), ("b", sites, cells) or ("c", town, sites, cells)."""
    if family == "a":
        return family_a(int(sizes[0]), float(sizes[1]))
    if family == "b":
        return family_b(int(sizes[0]), int(sizes[1]))
    return family_c(str(sizes[0]), int(sizes[1]), int(sizes[2]))
