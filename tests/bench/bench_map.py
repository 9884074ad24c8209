"""The benchmark of the map: making the base map, and panning it in a browser without a GPU. Run by `make bench-map`.

    PYTHONPATH=tests .venv/bin/python -m bench.bench_map

Needs Chromium; the row of Liechtenstein says so where the real data are not beside the checkout.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from bench.page import PAGE, write_section
from bench.table import ROOT, Promise, Row, commit, machine, section, show, versions
from bench.worlds_big import LIECHTENSTEIN
from browser import DESK, FLAGS, PHONE
from town import served

import aedplan as ap
from aedplan.network import bounds
from aedplan.osm_background import read_osm_background
from aedplan.outputs import write_gpkg
from aedplan.publish import background_frames

LIBRARIES = ("numpy", "shapely", "pyogrio", "playwright")
TITLE = "地图 The map"
INTRO = (
    "由 `make bench-map` 写出。底图由服务从方案文件夹制作；平移在无 GPU 的 Chromium 中测量，"
    "每帧移动 12 × 7 像素，图上有设备、救护圈和需求点。"
    "Written by `make bench-map`. The base map is made by the service from a plan's folder; panning is measured in Chromium"
    " without a GPU, 12 × 7 pixels a frame, with the devices, their rescue circles and the demand on the map."
)
COUNTY = ROOT / "data" / "demo" / "county.osm.gz"
SCENARIO = ROOT / "data" / "scenarios" / "nanan-20.toml"
SIZE = Promise("size", "base map of the demo county, size", most=2.0, unit=" MB")
MADE = Promise("made", "base map of the demo county, made in", most=10.0, unit=" s")
COUNTRY = Promise("country", "base map of Liechtenstein, made in", most=30.0, unit=" s")
PAN = {
    "desk": Promise("pan-desk", "panning, desk 1280 × 800: median frame", most=33.0, unit=" ms"),
    "phone": Promise("pan-phone", "panning, Pixel 7: median frame", most=33.0, unit=" ms"),
}
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
        seconds, size = make_map(LIECHTENSTEIN, temp / "country")
        yield COUNTRY.row(seconds, f"{how}; {size / 1e6:.2f} MB")
    else:
        yield COUNTRY.missing(f"{LIECHTENSTEIN.name} is not beside the checkout")


def pan_rows(temp: Path) -> Iterator[Row]:
    """Frames while the map of the demo county's plan is panned."""
    from playwright.sync_api import sync_playwright

    ap.run(ap.Scenario.read(SCENARIO)).save(temp / "plan")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        yield from (promise.missing("no Chromium on this machine") for promise in PAN.values())
        return
    with served(temp / "plan") as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[*FLAGS, "--disable-gpu"])
        devices: dict[str, Any] = {"desk": {"viewport": DESK}, "phone": playwright.devices[PHONE]}
        for name, promise in PAN.items():
            page = chromium.new_context(**devices[name]).new_page()
            page.goto(f"{address}/map")
            page.wait_for_selector("#map.drawn")
            page.wait_for_selector("#map canvas.leaflet-tile", state="attached")
            times = page.evaluate(PAN_SCRIPT)
            worst = times[int(0.95 * len(times))]
            yield promise.row(median(times), f"{len(times)} frames at zoom 15; 19 of 20 within {worst:.0f} ms")
        chromium.close()


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="prints, writes nothing")
    given = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    about = {
        "提交 commit": commit("aedplan", "service"),
        "机器 machine": machine(),
        "版本 versions": versions(LIBRARIES),
    }
    rows = []
    with tempfile.TemporaryDirectory(prefix="aedplan-bench-") as temp:
        for make in (made_rows, pan_rows):
            for row in make(Path(temp)):
                rows.append(row)
                show(row)
    text = section(rows, about, INTRO, {})
    print(text)
    if not given.quick:
        write_section(PAGE, TITLE, text)


if __name__ == "__main__":
    main()
