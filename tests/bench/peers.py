"""Batch reach and nearest beside networkx, scipy and pandana, one thread each, on the very same graph."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from bench import ours
from bench.settings import Settings
from bench.table import AnswersDifferError, Promise, Row, interleave, show_seconds
from bench.worlds_big import World, networkx_graph, pandana_network, scipy_graph

import aedplan as ap

LIMIT_MM = round(ours.LIMIT_M * 1000)
DEVICES = 500

NETWORKX = Promise("networkx", "batch reach at 312 m: networkx single_source_dijkstra_path_length(cutoff)", least=25)
NETWORKX_SECOND = Promise("networkx_second", "the same in Heidelberg", least=25)
EGO = Promise("ego_graph", "batch reach at 312 m: networkx ego_graph (the OSMnx recipe)", least=150)
SCIPY = Promise("scipy", "batch reach at 312 m: scipy dijkstra(limit), 70k nodes, 256 sources at a time", least=150)
SCIPY_FEW = Promise("scipy_few", "the same, 8 sources at a time, where scipy is fastest", least=150)
SCIPY_BIG = Promise(
    "scipy_big", "batch reach at 312 m: scipy dijkstra(limit), 1 M nodes, 8 sources at a time", least=1000
)
AGGREGATE = Promise("pandana_aggregate", "summed reach at 312 m from every node: pandana aggregate", least=2)
IN_RANGE = Promise("pandana_range", "batch reach at 312 m: pandana nodes_in_range", least=200)
NEAREST_SCIPY = Promise(
    "nearest_scipy", f"nearest of {DEVICES} devices for all nodes: scipy dijkstra(min_only)", least=2.5
)
NEAREST_SECOND = Promise("nearest_second", "the same in Heidelberg", least=2.5)
NEAREST_NETWORKX = Promise(
    "nearest_networkx", f"nearest of {DEVICES} devices for all nodes: networkx multi-source", least=40
)


def same(who: str, ours_mm: dict[int, int], theirs_mm: dict[int, float], *, within_mm: float = 0.5) -> None:
    """Raises AnswersDifferError unless both reach the same nodes, equally far to `within_mm` millimetres.

    Nodes that near to the limit, a millimetre at least, may be in either answer.
    """
    limit_mm = LIMIT_MM
    for node in ours_mm.keys() | theirs_mm.keys():
        mine, other = ours_mm.get(node), theirs_mm.get(node)
        if mine is None or other is None:
            if abs(limit_mm - (mine if mine is not None else other or 0)) > max(1, within_mm):
                raise AnswersDifferError(f"{who}: node {node} is {mine} mm away for aedplan and {other} mm for it")
        elif abs(mine - other) > within_mm:
            raise AnswersDifferError(f"{who}: node {node} is {mine} mm away for aedplan and {other} mm for it")


def sample(world: World, count: int) -> list[tuple[int, dict[int, int]]]:
    """Some sources and what aedplan says they reach."""
    sources = world.order[:count]
    reached = ours.reach(world.streets, ours.part(world.at_node, sources), world.at_node)
    return [(int(source), ours.row(reached, number)) for number, source in enumerate(sources)]


def per_source(world: World, batch: int) -> Any:
    """aedplan's batch from so many sources to all nodes, as a job."""
    origins = ours.part(world.at_node, world.order[:batch])
    return lambda: void(ours.reach(world.streets, origins, world.at_node))


def void(_: object) -> None:
    """Nothing: the answer was made and is dropped."""


def compared(promise: Promise, times: dict[str, float], batch: int, count: int, more: str) -> Row:
    """The row of a comparison per source."""
    mine, theirs = times["ours"] / batch, times["peer"] / count
    how = f"{show_seconds(mine)} per source ({batch:,} sources) against {show_seconds(theirs)} ({count:,} of them); {more}"
    return promise.row(theirs / mine, how)


def networkx_rows(world: World, second: World, settings: Settings) -> Iterator[Row]:
    """Against networkx, which gives the same whole millimetres, in two towns."""
    import networkx as nx

    yield networkx_row(NETWORKX, world, settings)
    yield networkx_row(NETWORKX_SECOND, second, settings)
    directed, few = networkx_graph(world, nx.MultiDiGraph), world.order[: settings.ego_sources].tolist()
    for source, mine in sample(world, min(5, settings.samples)):
        if set(mine) != set(nx.ego_graph(directed, source, radius=LIMIT_MM, distance="weight")):
            raise AnswersDifferError(f"networkx ego_graph: node {source} reaches other nodes")
    batch = min(settings.batch, world.nodes)
    times = interleave(
        settings.rounds,
        peer=lambda: void([nx.ego_graph(directed, source, radius=LIMIT_MM, distance="weight") for source in few]),
        ours=per_source(world, batch),
    )
    yield compared(EGO, times, batch, len(few), "the same nodes; MultiDiGraph as OSMnx makes it")


def networkx_row(promise: Promise, world: World, settings: Settings) -> Row:
    """Against networkx's fastest bounded walk."""
    import networkx as nx

    walk = nx.single_source_dijkstra_path_length
    graph, batch = networkx_graph(world), min(settings.batch, world.nodes)
    for source, mine in sample(world, settings.samples):
        if mine != walk(graph, source, cutoff=LIMIT_MM):
            raise AnswersDifferError(f"networkx: node {source} reaches other nodes or distances")
    sources = world.order[: settings.networkx_sources].tolist()
    times = interleave(
        settings.rounds,
        peer=lambda: void([walk(graph, source, cutoff=LIMIT_MM) for source in sources]),
        ours=per_source(world, batch),
    )
    more = f"equal to the millimetre; {world.nodes:,} nodes; nx.Graph with whole numbers"
    return compared(promise, times, batch, len(sources), more)


def scipy_row(promise: Promise, world: World, settings: Settings, count: int, size: int) -> Row:
    """Against scipy's dijkstra with a limit, `size` sources at a time since its answer is dense."""
    from scipy.sparse.csgraph import dijkstra

    graph = scipy_graph(world)

    def walk(sources: np.ndarray) -> np.ndarray:
        return np.asarray(dijkstra(graph, directed=True, indices=sources, limit=LIMIT_MM))

    checked = sample(world, min(size, settings.samples))
    for (_, mine), row in zip(checked, walk(world.order[: len(checked)]), strict=True):
        near = np.flatnonzero(np.isfinite(row))
        same("scipy", mine, dict(zip(near.tolist(), row[near].tolist(), strict=True)))
    parts = [world.order[at : at + size] for at in range(0, count, size)]
    batch = min(settings.batch * max(1, world.nodes // 65_000), world.nodes)
    job = per_source(world, batch)
    times = interleave(min(3, settings.rounds), peer=lambda: void([walk(part) for part in parts]), ours=job)
    return compared(promise, times, batch, count, f"equal; {world.nodes:,} nodes; scipy's answer is dense")


def scipy_rows(world: World, big: World, settings: Settings) -> Iterator[Row]:
    """Against scipy on the small and on the large network."""
    yield scipy_row(SCIPY, world, settings, settings.scipy_sources, 256)
    yield scipy_row(SCIPY_FEW, world, settings, settings.scipy_sources, 8)
    yield scipy_row(SCIPY_BIG, big, settings, settings.scipy_sources_big, 8)


def pandana_rows(world: World, settings: Settings) -> Iterator[Row]:
    """Against pandana on one thread (OMP_NUM_THREADS=1)."""
    try:
        network = pandana_network(world)
    except ImportError:
        yield from (promise.missing("pandana is not installed") for promise in (AGGREGATE, IN_RANGE))
        return
    yield aggregate_row(world, settings, network)
    batch = min(settings.batch, world.nodes)
    sources = world.order[: settings.pandana_sources]
    frame = network.nodes_in_range(sources[: settings.samples], ours.LIMIT_M)
    for source, mine in sample(world, settings.samples):
        rows = frame[frame["source"] == source]
        theirs = dict(zip(rows["destination"], rows["metres"] * 1000, strict=True))
        same("pandana nodes_in_range", mine, theirs, within_mm=50)  # it cuts each edge down to a whole millimetre
    times = interleave(
        min(3, settings.rounds),
        peer=lambda: void(network.nodes_in_range(sources, ours.LIMIT_M)),
        ours=per_source(world, batch),
    )
    yield compared(IN_RANGE, times, batch, len(sources), "equal; one thread each")


def aggregate_row(world: World, settings: Settings, network: Any) -> Row:
    """Against pandana's best path: a sum over what is reached, from every node."""
    import pandas as pd

    weight = np.random.default_rng(7).integers(1, 100, world.nodes).astype(float)
    network.set(pd.Series(np.arange(world.nodes)), variable=pd.Series(weight), name="people")

    def theirs() -> np.ndarray:
        return np.asarray(network.aggregate(ours.LIMIT_M, type="sum", decay="flat", name="people"))

    def mine() -> np.ndarray:
        return ours.reach_sum(world.streets, world.at_node, world.at_node, weight)

    other, own = theirs(), mine()
    differ = np.flatnonzero(np.abs(other - own) > 0.5)
    if len(differ) > world.nodes // 1000:  # a node exactly at the limit may fall on either side
        first = int(differ[0])
        raise AnswersDifferError(
            f"pandana aggregate: {len(differ)} nodes differ, first {first}: {own[first]} here, {other[first]} there"
        )
    times = interleave(min(3, settings.rounds), peer=lambda: void(theirs()), ours=lambda: void(mine()))
    how = (
        f"{show_seconds(times['ours'])} against {show_seconds(times['peer'])} for all {world.nodes:,} nodes, weights 1 to 99; "
        f"{len(differ)} sums differ; one thread each"
    )
    return AGGREGATE.row(times["peer"] / times["ours"], how)


def nearest_rows(world: World, second: World, settings: Settings) -> Iterator[Row]:
    """The nearest device of every node, with its distance, against scipy in two towns, and against networkx."""
    import networkx as nx

    yield nearest_row(NEAREST_SCIPY, world, settings)
    yield nearest_row(NEAREST_SECOND, second, settings)
    devices, wanted = ours.part(world.at_node, world.order[:DEVICES]), set(world.order[:DEVICES].tolist())
    mine, whole = ap.nearest(world.streets, devices, world.at_node), networkx_graph(world)
    reached = nx.multi_source_dijkstra_path_length(whole, wanted)
    theirs = np.full(world.nodes, np.inf)
    theirs[list(reached)] = np.array(list(reached.values())) / 1000
    same_nearest("networkx", mine.metres, theirs)
    times = interleave(
        min(3, settings.rounds),
        peer=lambda: void(nx.multi_source_dijkstra_path_length(whole, wanted)),
        ours=lambda: void(ap.nearest(world.streets, devices, world.at_node)),
    )
    how = f"{show_seconds(times['ours'])} with who is nearest against {show_seconds(times['peer'])} for distances alone; equal"
    yield NEAREST_NETWORKX.row(times["peer"] / times["ours"], how)


def nearest_row(promise: Promise, world: World, settings: Settings) -> Row:
    """Against scipy's walk from all devices at once."""
    from scipy.sparse.csgraph import dijkstra

    graph, sources = scipy_graph(world), world.order[:DEVICES]
    devices = ours.part(world.at_node, sources)
    mine = ap.nearest(world.streets, devices, world.at_node)
    far, _, who = dijkstra(graph, directed=True, indices=sources, min_only=True, return_predecessors=True)
    same_nearest("scipy min_only", mine.metres, far / 1000)
    named = mine.origin >= 0
    tied = int((sources[mine.origin[named]] != who[named]).sum())
    times = interleave(
        settings.rounds,
        peer=lambda: void(dijkstra(graph, directed=True, indices=sources, min_only=True, return_predecessors=True)),
        ours=lambda: void(ap.nearest(world.streets, devices, world.at_node)),
    )
    took = f"{show_seconds(times['ours'])} against {show_seconds(times['peer'])}"
    how = f"{took}, {world.nodes:,} nodes, both with who is nearest; equal, {tied} ties named differently"
    return promise.row(times["peer"] / times["ours"], how)


def same_nearest(who: str, mine_m: np.ndarray, theirs_m: np.ndarray) -> None:
    """Raises AnswersDifferError unless all distances are equal to half a millimetre."""
    both = np.isfinite(mine_m) & np.isfinite(theirs_m)
    if (np.isfinite(mine_m) != np.isfinite(theirs_m)).any() or np.abs(mine_m[both] - theirs_m[both]).max() > 5e-4:
        raise AnswersDifferError(f"{who}: nearest distances differ")
