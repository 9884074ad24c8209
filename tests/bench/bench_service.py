"""The benchmark of the service with its records: one table, printed and written to its section of docs/benchmarks.md. Run by
`make bench-service`.

    PYTHONPATH=tests .venv/bin/python -m bench.bench_service [--quick] [--only ROW ...] [--database sqlite postgresql]

Each database is filled with years of records; then one real process of the service answers over loopback, and another
process puts the load on it. Needs the demo county's plan, which is made where it is not there, and PostgreSQL's binaries.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench import service_rows as rows_of
from bench.page import PAGE, write_section
from bench.service_fill import Sizes, fill
from bench.service_reasons import REASONS
from bench.service_rows import ROWS, Lengths
from bench.service_world import County, serving, settle
from bench.table import ROOT, Row, commit, machine, section, show, versions
from databases import PostgresqlServer, SqliteFiles, postgresql_server

import aedplan as ap
from service.db import Database

TITLE = "服务 The service"
INTRO = (
    "由 `make bench-service` 写出。数据库中有 500 台设备、50 位场所管理员和 20 万次检查（每周一次，近 8 年），"
    "设备位于示例县街道旁；一个真实的服务进程经本机回环 HTTP 应答，另一个进程施加负载；两种数据库都完全落盘后才确认写入。"
    "Written by `make bench-service`. The database holds 500 devices beside the demo county's streets, 50 site managers and"
    " 200,000 checks, one a week for nearly eight years. One real process of the service answers HTTP over loopback on"
    " connections kept open, another process puts the load on it. A write is acknowledged when it is on the disk, on both"
    " databases. The empty route answers `{}` from an async function without parameters, is tried before all others, and passes"
    " what every request passes."
)
LIBRARIES = ("fastapi", "starlette", "uvicorn", "uvloop", "pydantic", "sqlalchemy", "psycopg", "numpy")
PLAN = ROOT / "out" / "demo"
DATABASES = ("sqlite", "postgresql")
QUICK_SIZES = Sizes(devices=500, managers=50, checks=10_000)


def run(databases: list[str], chosen: list[str], sizes: Sizes, lengths: Lengths) -> list[Row]:
    """All rows of the chosen databases; what fails gives one row that says so."""
    rows: list[Row] = []
    make_plan()
    for name in databases:
        with (
            tempfile.TemporaryDirectory(prefix="aedplan-bench-", ignore_cleanup_errors=True) as temp,
            ExitStack() as stack,
        ):
            found = guarded(f"{name}: a filled database", lambda: counties(name, Path(temp), sizes, stack))  # noqa: B023
            for made in found:
                if isinstance(made, Row):
                    rows.append(made)
                else:
                    rows += measure(made, chosen, lengths)
    return rows


def make_plan() -> None:
    """The demo county's plan, where it is not there."""
    if not (PLAN / "summary.json").is_file():
        command = [sys.executable, "-m", "aedplan.cli", "demo", "--out", str(PLAN)]
        subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)


def counties(name: str, temp: Path, sizes: Sizes, stack: ExitStack) -> Iterator[County]:
    """The filled database of a name, until the stack is left."""
    began = time.perf_counter()
    print(f"{name} ...", file=sys.stderr, flush=True)
    made = temp / "made"
    made.mkdir()
    maker: SqliteFiles | PostgresqlServer = (
        SqliteFiles(made) if name == "sqlite" else stack.enter_context(postgresql_server(durable=True))
    )
    settings = replace(maker.make(temp), plan=PLAN)
    database = Database(settings)
    try:
        filled = fill(database, ap.read_streets(PLAN / "streets"), sizes, datetime.now(UTC))
    finally:
        database.close()
    county = County({"sqlite": "SQLite", "postgresql": "PostgreSQL"}[name], settings, filled, sizes)
    settle(county)
    print(f"  filled in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    yield county


def measure(county: County, chosen: list[str], lengths: Lengths) -> Iterator[Row]:
    """The chosen rows of one database."""
    if "start" in chosen:
        yield from shown(guarded(f"{county.name}: start", lambda: rows_of.start_rows(county, lengths)))
    wanted = [name for name in ROWS if name in chosen]
    if not wanted:
        return

    def served() -> Iterator[Row]:
        with serving(county.settings, "bench.service_app") as running:
            for name in wanted:
                made = ROWS[name]
                yield from guarded(f"{county.name}: {name}", lambda: made(county, running, lengths))  # noqa: B023

    yield from shown(guarded(f"{county.name}: the service", served))


def shown(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows, each printed as it comes."""
    for row in rows:
        show(row)
        yield row


def guarded(what: str, make: Callable[[], Iterator[Row] | Iterator[County]]) -> Iterator[Row | County]:
    """What is made, and where that fails a row that says so: the other rows are measured all the same."""
    try:
        yield from make()
    except (Exception, SystemExit) as error:
        yield Row(what, what, "measured", "failed", False, f"{type(error).__name__}: {error}".replace("\n", " ")[:300])


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few checks, short loads; prints, writes nothing")
    parser.add_argument("--only", nargs="+", choices=["start", *ROWS], help="these rows alone; prints, writes nothing")
    parser.add_argument("--database", nargs="+", choices=DATABASES, help="these alone; prints, writes nothing")
    given = parser.parse_args()
    about = {
        "提交 commit": commit("aedplan", "service"),
        "机器 machine": machine(),
        "版本 versions": versions(LIBRARIES),
    }
    about["线程 threads"] = "服务为一个进程，负载为另一个进程 one process of the service, another for the load"
    began = time.perf_counter()
    sizes, lengths = (QUICK_SIZES, rows_of.QUICK) if given.quick else (Sizes(), Lengths())
    rows = run(given.database or list(DATABASES), given.only or ["start", *ROWS], sizes, lengths)
    about["历时 took"] = f"{(time.perf_counter() - began) / 60:.1f} minutes"
    text = section(rows, about, INTRO, REASONS)
    print(text)
    if not (given.quick or given.only or given.database):
        write_section(PAGE, TITLE, text)
        print(f"wrote {PAGE.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    main()
