"""Rows of the map: making the base map, and panning it in a browser without a GPU."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from bench.served_demo import Served
from bench.table import ROOT, Promise, Row
from bench.worlds_big import LIECHTENSTEIN
from browser import DESK

import aedplan as ap
from aedplan.network import bounds
from aedplan.osm.background import read_osm_background
from aedplan.outputs import write_gpkg
from aedplan.study.publish import background_frames

COUNTY = ROOT / "data" / "demo" / "county.osm.gz"
SIZE = Promise("size", "base map of the demo county, size", most=2.0, unit=" MB")
MADE = Promise("made", "base map of the demo county, made in", most=10.0, unit=" s")
COUNTRY = Promise("country", "base map of Liechtenstein, made in", most=30.0, unit=" s")
PAN = {
    "desk": Promise("pan-desk", "panning, desk 1280 × 800: median frame", most=33.0, unit=" ms"),
    "phone": Promise("pan-phone", "panning, Pixel 7: median frame", most=33.0, unit=" ms"),
}
PAN_HOW = "12 × 7 pixels a frame, with devices, rescue circles and demand on the map, no GPU"
PAN_SCRIPT = """() => new Promise((done) => {
  const map = weekMap.map, times = [], strokes = [[12, 7], [-12, -7], [-12, 7], [12, -7]];
  let before = 0;
  function frame(now) {
    times.push(now - before); before = now;
    const stroke = Math.floor(times.length / 40);
    if (stroke >= 12) { done(times.slice(1).sort((one, other) => one - other)); return; }
    map._rawPanBy(L.point(strokes[stroke % 4]));  // what Leaflet does while a finger drags
    map.fire("move").fire("drag");
    if (times.length % 40 === 39) map.fire("moveend");
    requestAnimationFrame(frame);
  }
  map.setZoom(15, { animate: false });
  setTimeout(() => requestAnimationFrame((now) => { before = now; requestAnimationFrame(frame); }), 2000);
})"""


def make_map(osm: Path, folder: Path) -> tuple[float, int]:
    """Seconds and bytes of the base map of an OpenStreetMap file: what a plan's folder holds is written first, not counted."""
    folder.mkdir()
    streets = ap.read_streets(osm)
    streets.save(folder / "streets")
    background = background_frames(read_osm_background(osm, within=bounds(streets)))
    write_gpkg(folder / "background.gpkg", background)
    target = folder / "made.pmtiles"
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "service.mapping.basemap", str(folder), str(target)], cwd=ROOT, check=True)
    return time.perf_counter() - began, target.stat().st_size


def made_rows(temp: Path) -> Iterator[Row]:
    """Size and time of base maps."""
    seconds, size = make_map(COUNTY, temp / "county")
    how = "`python -m service.mapping.basemap`, whole process, once"
    yield SIZE.row(size / 1e6, how)
    yield MADE.row(seconds, how)
    if LIECHTENSTEIN.is_file():
        how = "the same"
        seconds, size = make_map(LIECHTENSTEIN, temp / "country")
        yield COUNTRY.row(seconds, f"{how}; {size / 1e6:.2f} MB")
    else:
        yield COUNTRY.missing(f"{LIECHTENSTEIN.name} is not beside the checkout")


def pan_rows(at: Served) -> Iterator[Row]:
    """Frames while the map of the demo county's plan is panned."""
    devices: dict[str, Any] = {"desk": {"viewport": DESK}, "phone": at.phone}
    for name, promise in PAN.items():
        page = at.chromium.new_context(**devices[name]).new_page()
        page.goto(f"{at.address}/map")
        page.wait_for_selector("#map.drawn")
        page.wait_for_selector("#map canvas.leaflet-tile", state="attached")
        times = page.evaluate(PAN_SCRIPT)
        worst = times[int(0.95 * len(times))]
        page.context.close()
        yield promise.row(median(times), f"{len(times)} frames at zoom 15, {PAN_HOW}; 19 of 20 within {worst:.0f} ms")
