"""The benchmark of the routing core: one table, printed and written to its section of docs/benchmarks.md. Run by
`make bench-routing`.

    PYTHONPATH=tests .venv/bin/python -m bench.bench_routing [--quick] [--only SECTION ...]

Every comparison runs on the same network from the same sources, in turns, on one thread unless the row says otherwise,
after both answers were checked to agree. Needs the real data beside the checkout; peers that are not installed are left
out with the reason.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

from bench import alone, outlines, peers, settings, startup, valhalla_rows
from bench.page import PAGE, write_section
from bench.reasons import REASONS
from bench.table import ROOT, AnswersDifferError, Row, commit, machine, section, show, versions
from bench.worlds_big import PORTO, World, heidelberg, open_world, porto, tiled

TITLE = "步行计算 Routing core"
INTRO = (
    "由 `make bench-routing` 写出。同一路网、同一起点、轮流运行、取中位数；计时之前先核对双方答案一致。"
    "Written by `make bench-routing`. Same network, same sources, run in turns, medians; before timing, both answers are "
    "checked to agree. Ratios are the peer's time over aedplan's."
)
LIBRARIES = ("numpy", "numba", "networkx", "scipy", "pandana", "osmnx", "osmium", "shapely", "contourpy")


class Worlds:
    """The networks, made when first asked for."""

    @cached_property
    def porto(self) -> World:
        """About 70,000 nodes."""
        return porto()

    @cached_property
    def big(self) -> World:
        """Four by four copies of it: over a million nodes."""
        return open_world("Porto, 4 x 4 copies", tiled(self.porto.streets))

    @cached_property
    def heidelberg(self) -> World:
        """The second town."""
        return heidelberg()


Section = Callable[[Worlds, settings.Settings], Iterator[Row]]
SECTIONS: dict[str, Section] = {
    "networkx": lambda worlds, sizes: peers.networkx_rows(worlds.porto, worlds.heidelberg, sizes),
    "scipy": lambda worlds, sizes: peers.scipy_rows(worlds.porto, worlds.big, sizes),
    "pandana": lambda worlds, sizes: peers.pandana_rows(worlds.porto, sizes),
    "valhalla": lambda worlds, sizes: valhalla_rows.rows(worlds.porto, sizes),
    "nearest": lambda worlds, sizes: peers.nearest_rows(worlds.porto, worlds.heidelberg, sizes),
    "outlines": lambda worlds, sizes: outlines.rows(worlds.porto, sizes),
    "size": lambda worlds, sizes: alone.size_rows(worlds.porto, worlds.big, sizes),
    "cover": lambda worlds, sizes: alone.cover_rows(worlds.porto, sizes),
    "memory": lambda worlds, sizes: alone.memory_rows(worlds.porto, worlds.big, sizes),
    "files": lambda worlds, sizes: startup.file_rows(worlds.porto, worlds.big, sizes),
    "cold": lambda worlds, sizes: startup.cold_rows(worlds.porto, sizes),
    "floor": lambda worlds, sizes: alone.floor_rows(worlds.porto, sizes),
    "threads": lambda worlds, sizes: alone.thread_rows(worlds.porto, sizes),
}


def run(chosen: list[str], sizes: settings.Settings) -> list[Row]:
    """All rows of the chosen sections; a section whose answers differ gives one row that says so."""
    rows, worlds = [], Worlds()
    for name in chosen:
        began = time.perf_counter()
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            for row in SECTIONS[name](worlds, sizes):
                rows.append(row)
                show(row)
        except AnswersDifferError as error:
            rows.append(Row(name, name, "the same answer", "answers differ", False, str(error)))
            show(rows[-1])
        print(f"  {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return rows


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes and few rounds; prints, writes nothing")
    parser.add_argument(
        "--only", nargs="+", choices=list(SECTIONS), help="these sections alone; prints, writes nothing"
    )
    given = parser.parse_args()
    if not PORTO.is_file():
        sys.exit(f"{PORTO.name} is not there; expected it in ../shared/data/osm beside the checkout")
    os.environ["OMP_NUM_THREADS"] = "1"  # pandana, imported later, takes all cores otherwise
    about = {"提交 commit": commit(), "机器 machine": machine()}
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="aedplan-bench-") as temp:
        sizes = (settings.quick if given.quick else settings.full)(Path(temp))
        rows = run(given.only or list(SECTIONS), sizes)
    about["版本 versions"] = f"{versions(LIBRARIES)}, {valhalla_rows.version()}"
    about["历时 took"] = f"{(time.perf_counter() - began) / 60:.1f} minutes"
    text = section(rows, about, INTRO, REASONS)
    print(text)
    if not given.quick and not given.only:
        write_section(PAGE, TITLE, text)
        print(f"wrote {PAGE.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    main()
