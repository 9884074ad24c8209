"""Rows without a peer: size of the network, sites against demand, memory, distance to the floor, threads."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from bench import ours
from bench.peers import per_source, void
from bench.settings import Settings
from bench.table import ROOT, AnswersDifferError, Promise, Row, interleave, show_seconds
from bench.worlds_big import World, spots

SIZE = Promise("size", "1 M nodes against 70k, time per source", most=1.3)
COVER = Promise("cover", "10,000 sites x 300,000 demand points on Porto, one thread", most=0.2, unit=" s")
STORED = Promise("stored", "memory per stored pair", most=8, unit=" B")
PEAK = Promise("peak", "memory at the peak, per pair", most=20, unit=" B")
SCRATCH = Promise("scratch", "scratch memory per node and thread", most=12, unit=" B")
FLOOR = Promise("floor", "distance to the floor: the settled nodes replayed without a queue", most=3.5)
FLOOR_GOAL = Promise("floor_2", "distance to the floor, second goal", most=2)
THREADS = Promise("threads", "two threads against one", least=1.6)

MANY_THREADS = (8, 16)
"""Enough that the threads' scratch, not the preparation before it, makes the peak."""


def size_rows(world: World, big: World, settings: Settings) -> Iterator[Row]:
    """The same work per source on a network sixteen times as large."""
    batch = min(settings.batch, world.nodes)
    small_job, big_job = per_source(world, batch), per_source(big, 16 * batch)
    times = interleave(min(3, settings.rounds), small=small_job, big=big_job)
    small, large = times["small"] / batch, times["big"] / (16 * batch)
    took = f"{show_seconds(large)} per source at {big.nodes:,} nodes, {show_seconds(small)} at {world.nodes:,}"
    how = f"{took}; {batch:,} and {16 * batch:,} sources, every node a point"
    yield SIZE.row(large / small, how)


def cover_rows(world: World, settings: Settings) -> Iterator[Row]:
    """Sites and demand along the streets of Porto, everything from anchors to pairs."""
    sites, demand = spots(world.streets, settings.sites, seed=1), spots(world.streets, settings.demand, seed=2)
    pairs = len(ours.reach(world.streets, sites, demand).point)
    times = interleave(settings.rounds, metres=lambda: void(ours.reach(world.streets, sites, demand)))
    how = f"{pairs:,} pairs with their metres at 312 m; points already joined to streets"
    yield COVER.row(times["metres"], how)


def probe(streets: Path, *words: str) -> dict[str, float]:
    """Run the memory probe in a process of its own, so that nothing else counts."""
    command = [sys.executable, "-m", "bench.memory_probe", str(streets), *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=ROOT)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def memory_rows(world: World, big: World, settings: Settings) -> Iterator[Row]:
    """Bytes of a finished answer, of the process while it is made, and of each further thread."""
    if not Path("/proc/self/clear_refs").exists():
        yield from (
            promise.missing("the peak of a process is read from Linux's /proc") for promise in (STORED, PEAK, SCRATCH)
        )
        return
    small, large = settings.temp / "small.streets", settings.temp / "large.streets"
    world.streets.save(small)
    big.streets.save(large)
    pairs = probe(small, "pairs", str(5 * settings.sites), str(settings.demand))
    count = pairs["pairs"]
    how = f"the pairs of the answer, {count:,.0f} of them; where each site's row begins takes 8 B a site besides"
    yield STORED.row(pairs["stored"] / count, how)
    what = f"{5 * settings.sites:,} sites x {settings.demand:,} points on one thread"
    yield PEAK.row(pairs["peak"] / count, f"the process's peak less what it held before; {what}")
    few, many = (probe(large, "scratch", str(threads))["peak"] / big.nodes for threads in MANY_THREADS)
    how = (
        f"what each thread beyond {MANY_THREADS[0]} adds to the peak that is resident, up to {MANY_THREADS[1]}, "
        f"{big.nodes:,} nodes"
    )
    yield SCRATCH.row((many - few) / (MANY_THREADS[1] - MANY_THREADS[0]), how)


def floor_rows(world: World, settings: Settings) -> Iterator[Row]:
    """aedplan's batch beside a replay of the nodes it settles."""
    from bench.replay import FAR, plain_graph, replay, settled_rows

    batch = min(settings.batch, world.nodes)
    sources = world.order[:batch]
    graph, rows = plain_graph(world), settled_rows(world, sources)
    distance = np.full(world.nodes, FAR, dtype=np.int32)
    out_node, out_mm = np.empty(len(rows[1]), dtype=np.int32), np.empty(len(rows[1]), dtype=np.int32)
    limit_mm = round(ours.LIMIT_M * 1000)
    written = replay(graph, rows, limit_mm, distance, out_node, out_mm)
    if written != len(rows[1]) or not np.array_equal(out_mm, rows[2]):
        raise AnswersDifferError("the replay finds other distances")
    origins = ours.part(world.at_node, sources)
    one_point = ours.part(world.at_node, world.order[:1])
    times = interleave(
        settings.rounds,
        floor=lambda: void(replay(graph, rows, limit_mm, distance, out_node, out_mm)),
        all=lambda: void(ours.reach(world.streets, origins, world.at_node)),
        walk=lambda: void(ours.reach(world.streets, origins, one_point)),
    )
    ratio = times["all"] / times["floor"]
    how = (
        f"{show_seconds(times['all'] / batch)} per source with every node as a point written in order, floor "
        f"{show_seconds(times['floor'] / batch)}; with a single point to find, so the walk almost alone: "
        f"{times['walk'] / times['floor']:.2f}x; {len(rows[1]) / batch:.0f} nodes settled per source"
    )
    yield FLOOR.row(ratio, how)
    yield FLOOR_GOAL.row(ratio, "the row above")


def thread_rows(world: World, settings: Settings) -> Iterator[Row]:
    """The same batch on one thread and on two, with identical bytes."""
    origins = ours.part(world.at_node, world.order[: min(2 * settings.batch, world.nodes)])
    one, two = (ours.reach(world.streets, origins, world.at_node, threads=count) for count in (1, 2))
    if not all(np.array_equal(getattr(one, name), getattr(two, name)) for name in ("start", "point", "mm")):
        raise AnswersDifferError("two threads give other bytes than one")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    times = interleave(
        settings.rounds,
        one=lambda: void(ours.reach(world.streets, origins, world.at_node, threads=1)),
        two=lambda: void(ours.reach(world.streets, origins, world.at_node, threads=2)),
    )
    took = f"{show_seconds(times['one'])} and {show_seconds(times['two'])}"
    how = f"{took}, identical bytes; load {load:.1f} before, {os.cpu_count()} cores"
    yield THREADS.row(times["one"] / times["two"], how)
