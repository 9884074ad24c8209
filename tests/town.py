"""A published plan of a small hand-drawn town, and the service that serves it.

    y=3            +---+          a loop street with the village office
    y=1  ----------+---+----+---  the north bank: the supermarket opposite x=0
    y=0  -------+-----------+---  the south bank: the school at x=-6, the station at the bridge, x=8
    y=-2        +                 a dead end
    y=-4         -----            a street joined to nothing

A step is about 100 m. From the south bank the supermarket is nearest by straight line and furthest on foot.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aedplan.circles import RescueCircle, circle
from aedplan.network import build
from aedplan.report.summary import circle_values
from aedplan.source import Source
from aedplan.store import save

ROOT = Path(__file__).parents[1]
STEP = 0.001

VERTICES = [
    *((float(x), 0.0) for x in range(-10, 11)),
    *((float(x), 1.0) for x in range(-10, 11)),
    (-4.0, -2.0), (2.0, 3.0), (4.0, 3.0), (0.0, -4.0), (4.0, -4.0),
]  # fmt: skip
SOUTH, NORTH = list(range(21)), list(range(21, 42))
WAYS = [SOUTH, NORTH, [18, 39], [6, 42], [33, 43, 44, 35], [45, 46]]

DEVICES = [
    ("d-north", "北岸超市", "shop", (0.0, 1.02), ""),
    ("d-south", "南岸第一小学", "school", (-6.0, -0.05), "Mo-Fr 08:00-18:00"),
    ("d-bridge", "桥头汽车站", "transport", (7.0, 0.05), "06:00-22:00"),
    ("d-loop", "环路村委会 <b>1 号</b>", "village", (3.0, 3.1), "24/7"),
]
PROPOSED = [("p-here", "河边酒店", "hotel", (0.0, -0.05)), ("p-there", "北岸银行", "bank", (1.0, 1.0))]


def at(x: float, y: float) -> tuple[float, float]:
    """Longitude, latitude of a place in steps."""
    return round(118.0 + x * STEP, 7), round(25.0 + y * STEP, 7)


@dataclass(frozen=True)
class Town:
    """The drawing, for oracles: vertices in degrees, ways, and where the devices hang."""

    lonlat: np.ndarray
    ways: list[list[int]]
    devices: dict[str, tuple[float, float]]


def feature(id: str, label: str, kind: str, place: tuple[float, float], **more: Any) -> dict[str, Any]:
    properties = {"id": id, "label": label, "kind": kind, "kind_zh": "类别", "cost": 24000.0, "secret": "内部", **more}
    return {
        "type": "Feature", "id": id, "properties": properties, "geometry": {"type": "Point", "coordinates": at(*place)},
    }  # fmt: skip


def write_plan(folder: Path, *, title: str = "河边小镇", devices: int = 4, rule: RescueCircle | None = None) -> Path:
    """Write a whole plan folder, swapped in at once as `aedplan plan` does."""
    fresh = folder.parent / f".{folder.name}.new"
    fresh.mkdir(parents=True)
    standing = [feature(i, n, k, at_, hours=h, role="standing", order=None, gain=None)
                for i, n, k, at_, h in DEVICES[:devices]]  # fmt: skip
    proposed = [feature(i, n, k, at_, hours="", role="proposed", order=number, gain=1.5 / number)
                for number, (i, n, k, at_) in enumerate(PROPOSED, 1)]  # fmt: skip
    summary = {
        "version": "0", "scenario": "river-town", "title_zh": title, "title_en": "River town", "synthetic": True,
        "inputs": [{"role": "streets", "file": "", "sha256": "", "source": "drawn by hand", "licence": "CC0"}],
        "circle": circle_values(rule or circle("walk-4")), "sites": 6, "standing": devices,
        "chosen": [p[0] for p in PROPOSED], "value": 3.5, "total": 7.0, "share": 0.5, "before": 2.0, "bound": 3.75,
        "gap": 0.0667, "status": "stopped", "seconds": 0.1, "method": "greedy",
    }  # fmt: skip
    (fresh / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    (fresh / "plan.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": proposed + standing}))
    script = "<script>document.title += ' 已运行'</script>"
    (fresh / "map.html").write_text(f"<!doctype html><title>{title}</title><h1>地图 {title}</h1>{script}" + " " * 2000)
    (fresh / "report.html").write_text(f"<!doctype html><title>报告</title><h1>报告 {title}</h1>")
    lonlat = np.array([at(*v) for v in VERTICES])
    save(build(lonlat, WAYS, way_kind=[0] * len(WAYS), source=Source("drawn by hand")), fresh / "streets")
    if folder.exists():
        shutil.rmtree(folder)
    os.rename(fresh, folder)
    return folder


def environment(**more: str) -> dict[str, str]:
    """This process's environment without settings of the service, and without the user's own records."""
    without = {key: value for key, value in os.environ.items() if not key.startswith("AEDPLAN_")}
    return without | {"AEDPLAN_DATA": "no-records"} | more


@contextmanager
def served(plan: Path, **more: str) -> Iterator[str]:
    """The real server on a free port, and its address; more: variables of its environment."""
    command = [sys.executable, "-m", "service", "serve", "--port", "0", "--plan", str(plan)]
    with subprocess.Popen(command, cwd=ROOT, env=environment(**more), stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            address = server.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), "the server did not start; its words are on stderr"
            yield address.rstrip("/")
        finally:
            server.terminate()
