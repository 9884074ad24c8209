"""From a file to a network, from a saved network to an answer: reading beside OSMnx, opening, and whole processes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.peers import void
from bench.settings import Settings
from bench.table import ROOT, Promise, Row, interleave, show_seconds
from bench.worlds_big import LIECHTENSTEIN, World, lonlat_of, spots

import aedplan as ap

READ = Promise("read", ".pbf to network: OSMnx graph_from_xml", least=8)
OPEN = Promise("open", "a saved network opens, per 100k nodes", most=20, unit=" ms")
CLICK = Promise("click", "cold start, whole process: one click", most=0.4, unit=" s")
BATCH = Promise("batch", "cold start, whole process: a batch with compiled kernels cached", most=1.2, unit=" s")

HEAVY = ("numba", "scipy", "pandas", "geopandas", "shapely", "contourpy", "pyproj", "osmnx", "osmium")

ONE_CLICK = """
import sys
from aedplan.cli import main
sys.argv = ["aedplan", "isochrones", sys.argv[1], "--at=" + sys.argv[2], "--minutes", "4", "--out", sys.argv[3]]
try:
    main()
except SystemExit as end:
    if end.code:
        raise
"""
A_BATCH = """
import sys
import numpy as np
import aedplan as ap
streets = ap.read_streets(sys.argv[1])
places = np.load(sys.argv[2])
reached = ap.reach(streets, places[:1000], places, limit_m=312.0)
assert len(reached.point) > 1000
"""
WHICH = f"import json\nprint(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"


def process(code: str, *words: str) -> str:
    """Run Python code in a fresh process of this environment; what it printed.

    Bytecode may be written as usual, whatever this machine says: nobody's second click compiles the library again.
    """
    command = [sys.executable, "-c", code, *words]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"a process of the benchmark failed: {done.stderr[-2000:]}")
    return done.stdout


def written_as_xml(pbf: Path, xml: Path) -> int:
    """Write the streets of an extract, and their nodes, as OSM XML; returns how many ways."""
    import osmium

    ways = 0
    with osmium.BackReferenceWriter(str(xml), ref_src=str(pbf), overwrite=True) as writer:
        for way in osmium.FileProcessor(str(pbf), osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway")):
            writer.add_way(way)
            ways += 1
    return ways


def file_rows(world: World, big: World, settings: Settings) -> Iterator[Row]:
    """Reading an extract beside OSMnx, and opening what was saved."""
    import osmnx

    xml = settings.temp / "streets.osm"
    ways = written_as_xml(LIECHTENSTEIN, xml)
    osmnx.settings.use_cache = False
    peer = osmnx.graph_from_xml(xml, bidirectional=True, retain_all=True)
    mine = ap.read_streets(LIECHTENSTEIN)
    times = interleave(
        min(2, settings.rounds),
        ours=lambda: void(ap.read_streets(LIECHTENSTEIN)),
        peer=lambda: void(osmnx.graph_from_xml(xml, bidirectional=True, retain_all=True)),
    )
    how = (
        f"{show_seconds(times['ours'])} from the whole .pbf of Liechtenstein ({len(mine.xy):,} nodes) against "
        f"{show_seconds(times['peer'])} from an XML holding its {ways:,} ways with highway alone ({len(peer):,} nodes; "
        "the filters differ, the ways read do not)"
    )
    yield READ.row(times["peer"] / times["ours"], how)
    yield open_row(world, big, settings)


def open_row(world: World, big: World, settings: Settings) -> Row:
    """Both saved networks, opened again and again."""
    folders = {"small": (world, settings.temp / "open-small.streets"), "big": (big, settings.temp / "open-big.streets")}
    for one, folder in folders.values():
        one.streets.save(folder)
    times = interleave(
        settings.rounds,
        small=lambda: void(ap.read_streets(folders["small"][1])),
        big=lambda: void(ap.read_streets(folders["big"][1])),
    )
    per_100k = {name: times[name] * 1000 / (one.nodes / 1e5) for name, (one, _) in folders.items()}
    took = f"{show_seconds(times['big'])} for {big.nodes:,} nodes, {show_seconds(times['small'])} for {world.nodes:,}"
    return OPEN.row(max(per_100k.values()), f"{took}; files in the page cache")


def cold_rows(world: World, settings: Settings) -> Iterator[Row]:
    """Fresh processes from a saved network to a written answer; the first of each is not counted."""
    import numpy as np

    folder, places, out = (settings.temp / name for name in ("cold.streets", "places.npy", "click.geojson"))
    world.streets.save(folder)
    lonlat = lonlat_of(world.streets, spots(world.streets, 10_000, seed=3))
    np.save(places, lonlat)
    at = ",".join(f"{value:.6f}" for value in lonlat[0])
    click = (ONE_CLICK, str(folder), at, str(out))
    batch = (A_BATCH, str(folder), str(places))
    times = interleave(
        max(3, settings.rounds),
        bare=lambda: void(process("pass")),
        click=lambda: void(process(*click)),
        batch=lambda: void(process(*batch)),
    )
    if not json.loads(out.read_text(encoding="utf-8"))["features"]:
        raise RuntimeError("the click wrote no outline")
    loaded = {name: ", ".join(json.loads(process(job[0] + WHICH, *job[1:]).splitlines()[-1])) for name, job in
              (("click", click), ("batch", batch))}  # fmt: skip
    start = f"Python alone {show_seconds(times['bare'])}"
    yield CLICK.row(
        times["click"], f"`aedplan isochrones` on saved Porto to GeoJSON; {start}; loaded: {loaded['click'] or 'none'}"
    )
    how = f"1,000 sites x 10,000 points by longitude and latitude on saved Porto; loaded: {loaded['batch']}"
    yield BATCH.row(times["batch"], how)
