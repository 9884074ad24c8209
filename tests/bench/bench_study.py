"""The benchmark of whole studies: one table, printed and written to its section of docs/benchmarks.md. Run by
`make bench-study`.

    PYTHONPATH=tests .venv/bin/python -m bench.bench_study [--quick] [--only SECTION ...]

Studies run as the command line runs them, each in a process of its own, on one thread. Needs the real data beside the
checkout; rows whose files are not there say so.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import study_rows as rows_of
from bench.page import PAGE, write_section
from bench.study_rows import Sizes, failed
from bench.table import ROOT, Row, commit, machine, section, show, versions

TITLE = "整个研究 Whole studies"
INTRO = (
    "由 `make bench-study` 写出。每个研究都像命令行那样，在自己的进程里从头运行到写完全部文件，单线程。"
    "Written by `make bench-study`. Each study runs as the command line does, in a process of its own, from the first import"
    " to the last file, on one thread. What plans keep is judged on arrests that they were not made from."
)
LIBRARIES = ("numpy", "numba", "scipy", "highspy", "geopandas", "osmium", "matplotlib", "python-docx", "openpyxl")
REASONS: dict[str, str] = {}
"""Why a row is not met, by its key."""

SECTIONS: dict[str, Callable[[Sizes], Iterator[Row]]] = {
    "country": rows_of.country_rows,
    "city": rows_of.city_rows,
    "registry": rows_of.registry_rows,
    "arrests": rows_of.arrest_rows,
}


def run(chosen: list[str], sizes: Sizes) -> list[Row]:
    """All rows of the chosen sections; a row that fails says so, and what comes after it is measured all the same."""
    rows: list[Row] = []
    for name in chosen:
        began = time.perf_counter()
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            for row in SECTIONS[name](sizes):
                rows.append(row)
                show(row)
        except Exception as error:  # whatever it is, the other rows are worth having
            rows.append(failed(name, error))
            show(rows[-1])
        print(f"  {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return rows


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes and one round; prints, writes nothing")
    parser.add_argument("--only", nargs="+", choices=list(SECTIONS), help="these alone; prints, writes nothing")
    given = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    about = {"提交 commit": commit(), "机器 machine": machine(), "版本 versions": versions(LIBRARIES)}
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="aedplan-bench-") as temp:
        rows = run(given.only or list(SECTIONS), rows_of.quick(Path(temp)) if given.quick else Sizes(Path(temp)))
    about["历时 took"] = f"{(time.perf_counter() - began) / 60:.1f} minutes"
    text = section(rows, about, INTRO, REASONS)
    print(text)
    if not given.quick and not given.only:
        write_section(PAGE, TITLE, text)
        print(f"wrote {PAGE.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    main()
