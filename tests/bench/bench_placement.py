"""The benchmark of placement: one table, printed and written to its section of docs/benchmarks.md. Run by
`make bench-placement`.

    PYTHONPATH=tests .venv/bin/python -m bench.bench_placement [--quick] [--rows SECTION ...] [--write]

Problems are made from seeds, or from real streets beside the checkout. Every solver runs in a process of its own, one
after the other, on one thread. All sections take about fifty minutes; the table is written
after each row. `--rows` runs some and writes nothing, with `--write` puts them in the place of the same rows of the page.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator

from bench import placement_rows as rows_of
from bench.page import PAGE, read_sections, write_section
from bench.placement_reasons import REASONS
from bench.placement_rows import Sizes
from bench.table import ROOT, Row, commit, machine, measured_again, section, show, versions

TITLE = "选点 Placement"
INTRO = (
    "由 `make bench-placement` 写出。问题由种子生成，或取自真实街道；每个求解器在自己的进程里先后运行，单线程。"
    "Written by `make bench-placement`. Problems are made from seeds, or from real streets; each solver runs in a process of "
    "its own, one after the other, on one thread. A gap is 1 - value/bound, both proven by the run itself."
)
LIBRARIES = ("numpy", "numba", "scipy", "highspy", "spopt", "pulp", "pyscipopt")

SECTIONS: dict[str, Callable[[Sizes], Iterator[Row]]] = {
    "a-10k": rows_of.small_rows,
    "a-100k": rows_of.middle_rows,
    "a-1m": rows_of.million_rows,
    "a-10m": rows_of.stream_rows,
    "greedy": rows_of.greedy_rows,
    **{name: rows_of.city_rows(name) for name in rows_of.CITIES},
    "plain": rows_of.plain_rows,
    "value": rows_of.value_rows,
    "streets": rows_of.street_rows,
    "beyond": rows_of.beyond_rows,
}


def run(chosen: list[str], sizes: Sizes, keep: Callable[[list[Row], list[str]], None]) -> tuple[list[Row], list[str]]:
    """All rows of the chosen sections, and the sections that were run; Ctrl-C leaves out the rest.

    Whatever fails in a section gives one row that says so, and the next one is begun.

    keep  is handed the rows and sections so far after each row
    """
    rows: list[Row] = []
    done: list[str] = []
    for name in chosen:
        began = time.perf_counter()
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            for row in SECTIONS[name](sizes):
                rows.append(row)
                show(row)
                keep(rows, done)
        except KeyboardInterrupt:
            break
        except Exception as error:  # nobody is there to begin again: the other sections are still worth an hour
            told = f"{type(error).__name__}: {error}".replace("\n", " ")[:300]
            rows.append(Row(name, name, "the same answer", "failed", False, told))
            show(rows[-1])
        done.append(name)
        keep(rows, done)
        print(f"  {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return rows, done


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the sizes and times; writes nothing")
    parser.add_argument(
        "--rows", nargs="+", choices=list(SECTIONS), dest="only", help="these alone; writes nothing by itself"
    )
    parser.add_argument("--write", action="store_true", help="some rows take the place of the same rows of the page")
    given = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    about = {"提交 commit": commit(), "机器 machine": machine(), "版本 versions": versions(LIBRARIES)}
    began = time.perf_counter()
    sizes = Sizes(shrink=20, time=0.05, rounds=1) if given.quick else Sizes()
    writes = not given.quick and not given.only

    def text_of(rows: list[Row], done: list[str]) -> str:
        left_out = [name for name in SECTIONS if name not in done]
        took = {"历时 took": f"{(time.perf_counter() - began) / 60:.1f} minutes"}
        missing = {"未测 left out": ", ".join(left_out)} if left_out else {}  # after Ctrl-C, or while it runs
        return section(rows, about | took | missing, INTRO, REASONS)

    def keep(rows: list[Row], done: list[str]) -> None:
        if writes:
            write_section(PAGE, TITLE, text_of(rows, done))

    rows, done = run(given.only or list(SECTIONS), sizes, keep)
    print(text_of(rows, done))
    again = given.write and bool(given.only) and not given.quick
    if again:
        told = f"{', '.join(done)} ({commit()})"
        write_section(
            PAGE, TITLE, measured_again(read_sections(PAGE)[TITLE], rows, REASONS, told, rows_of.reasons_by_words())
        )
    if writes or again:
        print(f"wrote {PAGE.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    main()
