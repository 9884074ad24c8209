"""Cells covered by the same set of sites are one cell: nothing is lost, and often little is left.

Each site gets a random key of 64 bits and each cell the sum of the keys of its sites; cells with equal sums are compared
exactly, site by site, and told apart where the sums have lied.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from . import kernels


@dataclass(frozen=True)
class Cells:
    """S sites, K cells: site s covers cell[start[s] : start[s + 1]].

    weight, second  (K,) of the first and the second site that covers a cell
    """

    start: np.ndarray
    cell: np.ndarray
    weight: np.ndarray
    second: np.ndarray


def merge(cells: Cells) -> Cells:
    """Equal cells made one; cells without a site or a weight are dropped. Classes keep the order of their first cells."""
    return merged(cells, classes(cells))


def neighbourly(cells: Cells) -> np.ndarray:
    """(K,) new numbers of cells that all have a site, by which neighbours stand near one another in memory."""
    order: np.ndarray = kernels.places(cells.start, cells.cell, *turn(cells.start, cells.cell, len(cells.weight)))
    return order


def classes(cells: Cells, *, bits: int = 64) -> np.ndarray:
    """(K,) the class of each cell, -1 where no site covers it or it weighs nothing; classes are numbered by first cells.

    bits  of a site's key; few make sums collide
    """
    rng = np.random.default_rng(0)
    sites = len(cells.start) - 1
    class_of = np.zeros(len(cells.weight), dtype=np.int32)
    while True:
        key = rng.integers(0, 2**bits - 1, sites, dtype=np.uint64, endpoint=True)
        total = kernels.key_sums(cells.start, cells.cell, key, class_of)
        class_of = numbered(total, open_cells(cells))
        if kernels.same_sites(cells.start, cells.cell, class_of, np.bincount(class_of + 1)[1:].astype(np.int32)):
            return class_of


def open_cells(cells: Cells) -> np.ndarray:
    """(K,) bool: cells that weigh something and that some site covers."""
    touched = np.zeros(len(cells.weight), dtype=bool)
    touched[cells.cell] = True
    return touched & (cells.weight > 0)


def numbered(label: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """(K,) int32: equal labels get equal numbers, in the order of their first places; -1 where not wanted."""
    places = np.flatnonzero(wanted)
    class_of = np.full(len(label), -1, dtype=np.int32)
    order = np.argsort(label[places], kind="stable")
    ranked = label[places][order]
    fresh = np.concatenate([[True], ranked[1:] != ranked[:-1]])[: len(ranked)]
    first = order[fresh]
    rank = np.empty(len(first), dtype=np.int32)
    rank[np.argsort(first)] = np.arange(len(first))
    class_of[places[order]] = rank[np.cumsum(fresh) - 1]
    return class_of


def merged(cells: Cells, class_of: np.ndarray) -> Cells:
    """One cell for each class, with the weights of its cells added up."""
    kept = class_of >= 0
    size = int(class_of.max(initial=-1)) + 1
    weight, second = (
        np.bincount(class_of[kept], weights=w[kept], minlength=size) for w in (cells.weight, cells.second)
    )
    start, cell = kernels.merged_rows(cells.start, cells.cell, class_of, size)
    return Cells(start, cell, weight, second)


def merge_stream(parts: Iterable[tuple[Any, np.ndarray]]) -> tuple[Any, np.ndarray]:
    """Covers and weights of very many cells, given a part at a time, as those of their classes; no more is ever stored.

    parts  covers (S, k) sparse bool and weight (k,) of some cells, again and again

    Returns covers (S, C) CSR and weight (C,), ready for a PlacementProblem: every plan keeps its value. Cells that no site
    covers are dropped. Raises InputError when there is no part, or parts differ in their sites.

    >>> import aedplan as ap
    >>> first = (np.array([[1, 1, 0], [0, 1, 0]], dtype=bool), np.array([5.0, 2.0, 9.0]))
    >>> second = (np.array([[1, 0], [0, 1]], dtype=bool), np.array([4.0, 3.0]))
    >>> covers, weight = ap.merge_stream(part for part in (first, second))
    >>> covers.toarray().astype(int), weight
    (array([[1, 1, 0],
           [0, 1, 1]]), array([9., 2., 3.]))
    >>> ap.solve(ap.PlacementProblem(covers, weight, budget=1)).value
    11.0
    """
    from scipy.sparse import csr_array

    have: Cells | None = None
    for covers, weight in parts:
        rows = csr_array(covers)
        amount = np.asarray(weight, dtype=float)
        fresh = merge(Cells(rows.indptr.astype(np.int64), rows.indices.astype(np.int32), amount, np.zeros(len(amount))))
        if have is not None and len(have.start) != len(fresh.start):
            raise InputError(f"a part has {len(fresh.start) - 1} sites; expected {len(have.start) - 1}")
        have = fresh if have is None else merge(beside(have, fresh))
    if have is None:
        raise InputError("there is no part of cells; expected one or more")
    inside = np.ones(len(have.cell), dtype=bool)
    return csr_array((inside, have.cell, have.start), shape=(len(have.start) - 1, len(have.weight))), have.weight


def beside(left: Cells, right: Cells) -> Cells:
    """The cells of both, for the same sites."""
    start, cell = kernels.joined_rows(left.start, left.cell, right.start, right.cell, len(left.weight))
    weight = np.concatenate([left.weight, right.weight])
    return Cells(start, cell, weight, np.concatenate([left.second, right.second]))


def turn(start: np.ndarray, cell: np.ndarray, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """The transpose: where the sites of each cell begin, and the sites, ascending."""
    top, site = kernels.transposed(start, cell, cells)
    return top, site


def take_sites(graph: Any, kept: np.ndarray) -> tuple[Cells, np.ndarray]:
    """The merged cells of some sites, and the class of each cell before (-1: none of these sites covers it)."""
    start, cell = kernels.some_rows(graph.start, graph.cell, kept)
    part = Cells(start, cell, graph.weight, graph.second)
    class_of = classes(part)
    return merged(part, class_of), class_of
