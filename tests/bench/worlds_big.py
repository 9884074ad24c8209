"""Large networks for the benchmark: real extracts, a tiled copy, and the very same graph in each peer's own form."""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

import aedplan as ap
from aedplan.anchors import Anchors
from aedplan.coordinates import unproject
from aedplan.network import StreetNetwork

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "osm"
PORTO, HEIDELBERG, LIECHTENSTEIN = (
    DATA / name for name in ("porto_portugal.osm.pbf", "heidelberg.osm.pbf", "liechtenstein_20211028.osm.pbf")
)
BETWEEN_TILES_M = 1000.0


@dataclass(frozen=True)
class World:
    """A network, its nodes as anchors, and the order in which its nodes serve as sources."""

    name: str
    streets: StreetNetwork
    at_node: Anchors
    order: np.ndarray

    @cached_property
    def pairs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Nodes a (n,), b (n,) and the lightest walk in millimetres (n,) of every joined pair, a < b."""
        return joined_pairs(self.streets)

    @property
    def nodes(self) -> int:
        """How many nodes."""
        return len(self.streets.xy)


def open_world(name: str, streets: StreetNetwork) -> World:
    """A network made ready for the benchmark; the order of sources is shuffled with a fixed seed."""
    order = np.random.default_rng(4).permutation(len(streets.xy))
    return World(name, streets, node_anchors(streets), order)


def walks_mm(streets: StreetNetwork) -> np.ndarray:
    """(U,) what walking each edge counts, in millimetres."""
    return np.asarray(getattr(streets, "walk_mm", streets.length_mm))


def node_anchors(streets: StreetNetwork) -> Anchors:
    """(N,) every node as a point at one end of its first edge."""
    way = np.asarray(streets.way)[np.asarray(streets.start[:-1])]
    edge, side = way >> 1, way & 1
    walk = walks_mm(streets)[edge]
    along = np.column_stack([np.where(side == 0, 0, walk), np.where(side == 0, walk, 0)])
    return Anchors(edge.astype(np.int32), along.astype(np.int32), np.zeros(len(edge), dtype=np.int32))


def joined_pairs(streets: StreetNetwork) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct joined nodes a < b and the lightest edge between them; no loops."""
    ends, walk = np.sort(np.asarray(streets.ends), axis=1).astype(np.int64), walks_mm(streets)
    keep = np.flatnonzero(ends[:, 0] != ends[:, 1])
    order = keep[np.lexsort([walk[keep], ends[keep, 1], ends[keep, 0]])]
    sorted_ends = ends[order]
    first = np.concatenate([[True], (np.diff(sorted_ends, axis=0) != 0).any(axis=1)])
    return sorted_ends[first, 0], sorted_ends[first, 1], walk[order][first].astype(np.int64)


def networkx_graph(world: World, kind: type | None = None) -> Any:
    """The same graph for networkx, weights in millimetres; `kind` is its class, nx.Graph when none is given."""
    import networkx as nx

    graph = (kind or nx.Graph)()
    graph.add_nodes_from(range(world.nodes))
    a, b, walk = (column.tolist() for column in world.pairs)
    graph.add_weighted_edges_from(zip(a, b, walk, strict=True))
    if graph.is_directed():
        graph.add_weighted_edges_from(zip(b, a, walk, strict=True))
    return graph


def scipy_graph(world: World) -> Any:
    """The same graph for scipy: (N, N) CSR of millimetres, both directions."""
    from scipy.sparse import coo_array

    a, b, walk = world.pairs
    both = (np.concatenate([walk, walk]).astype(float), (np.concatenate([a, b]), np.concatenate([b, a])))
    return coo_array(both, shape=(world.nodes, world.nodes)).tocsr()


def pandana_network(world: World) -> Any:
    """The same graph for pandana, weights in metres."""
    import pandana
    import pandas as pd

    a, b, walk = world.pairs
    x, y = (pd.Series(column) for column in np.asarray(world.streets.xy).T)
    return pandana.Network(x, y, pd.Series(a), pd.Series(b), pd.DataFrame({"metres": walk / 1000}))


def tiled(streets: StreetNetwork, side: int = 4) -> StreetNetwork:
    """`side` by `side` copies of a network beside each other, not joined."""
    nodes, edges, vertices = len(streets.xy), len(streets.ends), len(streets.vertex_xy)
    span = np.ptp(streets.vertex_xy, axis=0) + BETWEEN_TILES_M
    shifts = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * span
    raised = {"ends": nodes, "head": nodes, "way": 2 * edges}
    arrays: dict[str, np.ndarray] = {}
    for field in fields(streets):
        array = getattr(streets, field.name)
        if not isinstance(array, np.ndarray):
            continue
        if field.name in ("xy", "vertex_xy"):
            arrays[field.name] = np.concatenate([array + shift for shift in shifts])
        elif field.name in ("start", "vertex_start"):
            by = 2 * edges if field.name == "start" else vertices
            arrays[field.name] = np.concatenate([array[:1], *(array[1:] + tile * by for tile in range(len(shifts)))])
        else:
            by = raised.get(field.name, 0)
            arrays[field.name] = np.concatenate([array + array.dtype.type(tile * by) for tile in range(len(shifts))])
    return replace(streets, **arrays)


def spots(
    streets: StreetNetwork, count: int, *, seed: int, beside_m: float = 30.0, among: np.ndarray | None = None
) -> Anchors:
    """(count,) places along streets, evenly by length and up to `beside_m` metres off the street.

    among  (U,) bool: on these edges alone
    """
    rng = np.random.default_rng(seed)
    length = np.asarray(streets.length_mm, dtype=np.float64)
    if among is not None:
        length = np.where(among, length, 0.0)
    edge = rng.choice(len(length), size=count, p=length / length.sum())
    walk = walks_mm(streets)[edge].astype(np.int64)
    begin = (rng.random(count) * walk).astype(np.int64)
    along = np.column_stack([begin, walk - begin]).astype(np.int32)
    return Anchors(edge.astype(np.int32), along, (rng.random(count) * beside_m * 1000).astype(np.int32))


def positions(streets: StreetNetwork, anchors: Anchors) -> np.ndarray:
    """(P, 2) where anchors lie on their streets, metres in the network's crs."""
    import shapely

    share = anchors.along_mm[:, 0] / np.maximum(anchors.along_mm.sum(axis=1), 1)
    return np.asarray(
        shapely.get_coordinates(shapely.line_interpolate_point(streets.lines[anchors.edge], share, normalized=True))
    )


def lonlat_of(streets: StreetNetwork, anchors: Anchors) -> np.ndarray:
    """(P, 2) where anchors lie on their streets, WGS-84 degrees."""
    return unproject(positions(streets, anchors), streets.crs)


def porto() -> World:
    """Porto, about 70,000 nodes."""
    return open_world("Porto", ap.read_streets(PORTO))


def heidelberg() -> World:
    """Heidelberg, the second town."""
    return open_world("Heidelberg", ap.read_streets(HEIDELBERG))
