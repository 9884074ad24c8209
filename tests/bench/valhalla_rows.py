"""Walks and outlines beside Valhalla, on tiles made from the same extract, at the same walking speed."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from bench import ours
from bench.peers import void
from bench.settings import Settings
from bench.table import ROOT, AnswersDifferError, Promise, Row, interleave, show_seconds
from bench.worlds_big import PORTO, World, lonlat_of, spots

import aedplan as ap
from aedplan.coordinates import unproject
from aedplan.outlines.isochrones import outlines

VENV = ROOT / ".venv-valhalla"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
KILOMETRES_PER_HOUR = 4.68  # 1.3 m/s
WALKER = {
    "walking_speed": KILOMETRES_PER_HOUR, "walkway_factor": 1.0, "sidewalk_factor": 1.0, "alley_factor": 1.0,
    "driveway_factor": 1.0, "service_factor": 1.0, "service_penalty": 0, "step_penalty": 0, "gate_penalty": 0,
    "gate_cost": 0, "elevator_penalty": 0, "use_living_streets": 1.0, "use_tracks": 1.0, "use_hills": 1.0,
    "use_lit": 0, "max_hiking_difficulty": 6, "use_ferry": 0,
}  # fmt: skip
ROUND_M = 2000.0
NEARBY_M = 400.0

MATRIX = Promise("valhalla_matrix", "one origin to a thousand points: Valhalla costmatrix", least=100)
NEARBY = Promise("valhalla_nearby", "100 x 100 nearby, who is within 312 m: Valhalla costmatrix", least=1000)
ISOCHRONE = Promise("valhalla_isochrone", "one outline of four minutes: Valhalla isochrone", least=2)
ISOCHRONE_GOAL = Promise(
    "valhalla_isochrone_4", "one outline of four minutes: Valhalla isochrone, second goal", least=4
)
PROMISES = (MATRIX, NEARBY, ISOCHRONE, ISOCHRONE_GOAL)


def version() -> str:
    """Valhalla's version, or that it is not there."""
    found = sorted(VENV.glob("lib/python3*/site-packages/pyvalhalla-*.dist-info"))
    return f"pyvalhalla {found[0].name.split('-')[1].removesuffix('.dist')}" if found else "pyvalhalla absent"


class Valhalla:
    """A Valhalla process; requests go in and come out one line each."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def ask(self, verb: str, body: dict[str, Any], *, want: bool = False) -> Any:
        """The seconds of a call, or its answer when it is wanted."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"verb": verb, "body": body, "want": want}) + "\n")
        self.process.stdin.flush()
        reply = self.process.stdout.readline()
        if not reply:
            raise RuntimeError(f"Valhalla stopped at a {verb}")
        answer = json.loads(reply)
        return answer["answer"] if want else answer["seconds"]


@contextmanager
def serving(folder: Path) -> Iterator[Valhalla]:
    """Tiles of Porto, and a process that answers from them."""
    folder.mkdir()
    worker = str(Path(__file__).with_name("valhalla_worker.py"))
    subprocess.run([str(PYTHON), worker, "build", str(folder), str(PORTO)], check=True)
    log = (folder / "log.txt").open("w", encoding="utf-8")
    process = subprocess.Popen(
        [str(PYTHON), worker, "serve", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield Valhalla(process)
    finally:
        process.terminate()
        process.wait()
        log.close()


def rows(world: World, settings: Settings) -> Iterator[Row]:
    """All comparisons, or why there are none."""
    if not PYTHON.is_file():
        yield from (
            promise.missing("no .venv-valhalla: no Python 3.12 or newer was found at set-up") for promise in PROMISES
        )
        return
    with serving(settings.temp / "valhalla") as valhalla:
        yield far_row(world, settings, valhalla)
        yield nearby_row(world, settings, valhalla)
        yield from isochrone_rows(world, settings, valhalla)


def places(lonlat: np.ndarray) -> list[dict[str, float]]:
    """Places as Valhalla takes them."""
    return [{"lon": round(float(lon), 7), "lat": round(float(lat), 7)} for lon, lat in lonlat]


def question(origins: np.ndarray, points: np.ndarray) -> dict[str, Any]:
    """A matrix for Valhalla."""
    options = {"pedestrian": WALKER}
    return {"sources": places(origins), "targets": places(points), "costing": "pedestrian", "costing_options": options}


def table_m(answer: dict[str, Any]) -> np.ndarray:
    """(n, m) Valhalla's metres by its time at the walking speed, since it too walks steps slower; nan where it found no way."""
    rows = answer["sources_to_targets"]
    return np.array(
        [[np.nan if pair["time"] is None else pair["time"] * KILOMETRES_PER_HOUR / 3.6 for pair in row] for row in rows]
    )


def agreement(mine: np.ndarray, theirs: np.ndarray) -> str:
    """How far both agree, in words; raises AnswersDifferError when half of all walks differ by more than a tenth."""
    both = np.isfinite(mine) & np.isfinite(theirs)
    off = np.abs(mine[both] - theirs[both]) / np.maximum(mine[both], 50.0)
    words = f"answers agree to {np.median(off):.1%} in the median, {np.mean(off < 0.1):.0%} of walks within a tenth"
    if not both.any() or np.median(off) > 0.1:
        raise AnswersDifferError(f"Valhalla: {words}")
    return words


def around(world: World, radius_m: float, count: int, *, seed: int) -> np.ndarray:
    """(1 + count, 2) a node in the middle of town and places along streets within a radius of it, WGS-84 degrees."""
    streets = world.streets
    off_centre = np.hypot(*(np.asarray(streets.xy) - np.median(streets.xy, axis=0)).T)
    centre = int(np.argmin(np.where(streets.component == 0, off_centre, np.inf)))
    off = np.hypot(*(np.asarray(streets.xy) - streets.xy[centre]).T)
    inside = ((off < radius_m) & (streets.component == 0))[streets.ends].all(axis=1)
    chosen = spots(streets, count, seed=seed, beside_m=0.0, among=inside)
    return np.concatenate([unproject(streets.xy[[centre]], streets.crs), lonlat_of(streets, chosen)])


def dense_m(reached: ap.Reach) -> np.ndarray:
    """(S, P) metres, nan where not reached."""
    table = np.full((len(reached.start) - 1, reached.points), np.nan)
    table[np.repeat(np.arange(len(table)), np.diff(reached.start)), reached.point] = reached.mm / 1000
    return table


@dataclass(frozen=True)
class Matrix:
    """Whom of some points each origin reaches, for both.

    limit_m  aedplan walks so far; Valhalla knows no limit and answers all pairs
    all_m    far enough for all pairs, so that every answer can be compared
    """

    origins: np.ndarray
    points: np.ndarray
    limit_m: float
    all_m: float


def matrix_row(promise: Promise, world: World, settings: Settings, valhalla: Valhalla, asked: Matrix) -> Row:
    """One matrix, places by longitude and latitude on both sides."""
    streets, body = world.streets, question(asked.origins, asked.points)
    theirs = table_m(valhalla.ask("matrix", body, want=True))
    words = agreement(dense_m(ours.reach(streets, asked.origins, asked.points, limit_m=asked.all_m)), theirs)
    joined = ap.snap(streets, asked.origins), ap.snap(streets, asked.points)
    times = interleave(
        min(2, settings.rounds),
        peer=lambda: valhalla.ask("matrix", body),
        ours=lambda: void(ours.reach(streets, asked.origins, asked.points, limit_m=asked.limit_m)),
        walked=lambda: void(ours.reach(streets, *joined, limit_m=asked.limit_m)),
        every=lambda: void(ours.reach(streets, *joined, limit_m=asked.all_m)),
    )
    ratio = {name: times["peer"] / took for name, took in times.items()}
    took = {name: show_seconds(seconds) for name, seconds in times.items()}
    how = (
        f"{took['ours']} against {took['peer']}, both from longitude and latitude, {asked.limit_m:,.0f} m here; with places "
        f"already joined to streets {took['walked']}, {ratio['walked']:,.0f}x, and all pairs {took['every']}, "
        f"{ratio['every']:,.0f}x; {words}"
    )
    return promise.row(ratio["ours"], how)


def far_row(world: World, settings: Settings, valhalla: Valhalla) -> Row:
    """One place to a thousand within two kilometres, all of them."""
    there = around(world, ROUND_M, 1000, seed=11)
    return matrix_row(MATRIX, world, settings, valhalla, Matrix(there[:1], there[1:], 2 * ROUND_M, 2 * ROUND_M))


def nearby_row(world: World, settings: Settings, valhalla: Valhalla) -> Row:
    """A hundred places to a hundred others in the same quarter: who is within four minutes of whom."""
    there = around(world, NEARBY_M, 200, seed=12)[1:]
    return matrix_row(NEARBY, world, settings, valhalla, Matrix(there[:100], there[100:], ours.LIMIT_M, 4 * NEARBY_M))


def isochrone_rows(world: World, settings: Settings, valhalla: Valhalla) -> Iterator[Row]:
    """One outline at a time, from longitude and latitude to a polygon."""
    import shapely
    from pyproj import Transformer

    lonlat = lonlat_of(world.streets, spots(world.streets, settings.isochrones, seed=13))
    bodies = [
        {"locations": [place], "costing": "pedestrian", "costing_options": {"pedestrian": WALKER}, "polygons": True,
         "contours": [{"time": 4}], "denoise": 0, "generalize": 1}
        for place in places(lonlat)
    ]  # fmt: skip

    joined = ap.snap(world.streets, lonlat)

    def mine(number: int) -> Any:
        return outlines(world.streets, ap.snap(world.streets, lonlat[[number]]), [ours.LIMIT_M])[0]

    turn = Transformer.from_crs("EPSG:4326", world.streets.crs, always_xy=True).transform
    shared, larger = [], []
    for number in range(min(settings.samples, len(bodies))):
        given = valhalla.ask("isochrone", bodies[number], want=True)["features"][0]["geometry"]
        theirs = shapely.make_valid(shapely.transform(shapely.from_geojson(json.dumps(given)), turn, interleaved=False))
        own = mine(number)
        shared.append(theirs.intersection(own).area / own.area)
        larger.append(theirs.area / own.area)
    if np.median(shared) < 0.8:
        raise AnswersDifferError(
            f"Valhalla isochrone: {np.median(shared):.0%} of our outline lies in its, in the median"
        )
    times = interleave(
        min(3, settings.rounds),
        peer=lambda: sum(valhalla.ask("isochrone", body) for body in bodies),
        ours=lambda: void([mine(number) for number in range(len(bodies))]),
        drawn=lambda: void(
            [outlines(world.streets, ours.part(joined, [number]), [ours.LIMIT_M]) for number in range(len(bodies))]
        ),
    )
    each = {name: took / len(bodies) for name, took in times.items()}
    inside = f"{np.median(shared):.0%} of ours lies inside Valhalla's, which is {np.median(larger):.1f} times as large"
    how = (
        f"{show_seconds(each['ours'])} against {show_seconds(each['peer'])} an outline, {len(bodies)} places, coordinates to "
        f"polygon; from a place already joined to its street {show_seconds(each['drawn'])}; {inside}"
    )
    yield ISOCHRONE.row(each["peer"] / each["ours"], how)
    yield ISOCHRONE_GOAL.row(each["peer"] / each["ours"], "the row above")
