"""How much memory a batch takes at its peak; run in a process of its own by `alone.memory_rows`, prints JSON.

python -m bench.memory_probe STREETS pairs SITES DEMAND | scratch THREADS
"""

import json
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
from bench import ours
from bench.worlds_big import node_anchors, spots

import aedplan as ap


def status(name: str) -> int:
    """Bytes that Linux reports of this process: VmRSS now, VmHWM at the peak."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def touch(streets: ap.StreetNetwork) -> None:
    """Read every mapped array once, so that its pages do not count as new memory later."""
    for name in ("xy", "ends", "length_mm", "kind", "start", "head", "way", "walk_mm"):
        np.asarray(getattr(streets, name, np.zeros(1))).max()


def main() -> None:
    """Warm up on a few origins, then measure."""
    streets = ap.read_streets(sys.argv[1])
    touch(streets)
    if sys.argv[2] == "pairs":
        sites, points = (spots(streets, int(count), seed=seed) for seed, count in enumerate(sys.argv[3:5], start=1))
        threads = 1
    else:
        every = node_anchors(streets)
        chosen = np.random.default_rng(4).permutation(len(every))
        sites, points, threads = ours.part(every, chosen[:100_000]), ours.part(every, chosen[:1000]), int(sys.argv[3])
    ours.reach(streets, ours.part(sites, slice(0, 10)), ours.part(points, slice(0, 10)), threads=threads)
    import_module("aedplan.reach")._SPARE.clear()  # what the warm-up left for the next call counts as its own
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = status("VmRSS")
    reached = ours.reach(streets, sites, points, threads=threads)
    peak = status("VmHWM") - before
    stored = reached.point.nbytes + reached.mm.nbytes
    print(json.dumps({"pairs": len(reached.point), "stored": stored, "peak": peak}))


if __name__ == "__main__":
    main()
