"""Tiny hand-drawn streets and hypothesis strategies for random ones.

A world is drawn in metres around a corner of the demo county; `lonlat` turns metres into degrees.
"""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from aedplan.coordinates import unproject
from aedplan.network import StreetNetwork, build
from aedplan.source import Source

CRS = "+proj=tmerc +lat_0=24.96 +lon_0=118.39 +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m +no_defs"


def lonlat(xy: object) -> np.ndarray:
    """Metres (n, 2) of the drawing board in WGS-84 degrees."""
    return unproject(np.asarray(xy, dtype=float).reshape(-1, 2), CRS)


@dataclass(frozen=True)
class World:
    """Vertices in metres, ways over them, their kinds, and the network built from them."""

    xy: np.ndarray
    ways: list[list[int]]
    streets: StreetNetwork


def draw(xy: object, ways: list[list[int]], kinds: list[int] | None = None, blocked: tuple[int, ...] = ()) -> World:
    """A world from vertices in metres and ways over them."""
    points = np.asarray(xy, dtype=float).reshape(-1, 2)
    streets = build(
        lonlat(points), ways, way_kind=kinds or [0] * len(ways), blocked=blocked, source=Source("drawn by hand")
    )
    return World(points, ways, streets)


@st.composite
def worlds(draw_from: st.DrawFn, most_vertices: int = 14) -> World:
    """Random streets: parallel ways, loops, dead ends, crossings without a junction, several components."""
    count = draw_from(st.integers(2, most_vertices))
    grid = st.tuples(st.integers(0, 40), st.integers(0, 40))
    spots = draw_from(st.lists(grid, min_size=count, max_size=count, unique=True))
    vertex = st.integers(0, count - 1)
    way = st.lists(vertex, min_size=2, max_size=6).filter(lambda w: len(set(w)) > 1)
    ways = draw_from(st.lists(way, min_size=1, max_size=8))
    kinds = draw_from(st.lists(st.integers(0, 2), min_size=len(ways), max_size=len(ways)))
    return draw(np.array(spots) * 17.3, ways, kinds)


def places(most: int = 8) -> st.SearchStrategy[np.ndarray]:
    """Random points on the drawing board, (n, 2) metres, some exactly on the grid of the vertices."""
    spot = st.one_of(
        st.tuples(st.integers(0, 40).map(lambda i: i * 17.3), st.integers(0, 40).map(lambda i: i * 17.3)),
        st.tuples(st.floats(-50, 750), st.floats(-50, 750)),
    )
    return st.lists(spot, min_size=1, max_size=most).map(lambda points: np.array(points, dtype=float))
