"""How much further it is along a county's streets than in a straight line: for phones that have no streets to walk on.

Kept in a file: to measure it takes as long as a quarter of a start, and the first page needs it.
"""

import hashlib
import json
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import numpy as np

from aedplan import StreetNetwork, walk_table, walks_from
from aedplan.coordinates import unproject

from .published import Published

USUAL = 1.4
"""Where a county cannot be measured: of walks in towns, the higher of the factors that studies found (1.2 to 1.4)."""

LEAST_M, MOST_M = 100.0, 2000.0
"""Walks that matter in an emergency; nearer the factor is chance, further nobody fetches a device."""

FROM, TO = 24, 400


FILE = "line_factor.json"


@lru_cache(maxsize=2)
def line_factor(published: Published) -> float:
    """The median of walk over straight line between places spread over the streets, two decimals."""
    streets = published.streets
    if published.kept is None:
        return measure(streets)
    file, sums = published.kept / FILE, _checksum(streets)
    known = _read(file)
    if known.get("streets") != sums:
        known = {"streets": sums, "factor": measure(streets)}
        with suppress(OSError):  # measured again at the next start
            file.write_text(json.dumps(known), encoding="utf-8")
    return float(known["factor"])


def _checksum(streets: StreetNetwork) -> str:
    parts = (streets.vertex_xy, streets.vertex_start, streets.ends, streets.walk_mm)
    return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()


def _read(file: Path) -> dict[str, str | float]:
    """What was kept; nothing where it cannot be read."""
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        return {"streets": str(known["streets"]), "factor": float(known["factor"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def measure(streets: StreetNetwork) -> float:
    """The same, measured."""
    if len(streets.xy) < 2:
        return USUAL
    there = streets.xy[_spread(len(streets.xy), TO)]
    here = there[_spread(len(there), FROM)]
    table = walk_table(streets, unproject(here, streets.crs))
    walked = walks_from(streets, table, unproject(there, streets.crs))
    line = np.hypot(*(there[:, None] - here[None]).transpose(2, 0, 1))
    counted = np.isfinite(walked) & (line >= LEAST_M) & (line <= MOST_M)
    return round(float(np.median(walked[counted] / line[counted])), 2) if counted.any() else USUAL


def _spread(count: int, most: int) -> np.ndarray:
    """Numbers of at most so many of some things, spread evenly."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))
