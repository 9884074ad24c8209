"""Rows of whole studies: a small country with everything that a planner takes away, a large city, and a registry."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
from bench.table import ROOT, Promise, Row
from bench.worlds_big import DATA, LIECHTENSTEIN, PORTO, lonlat_of, spots

import aedplan as ap

COUNTRY_TIME = Promise("country-time", "Liechtenstein, the whole study from a saved network", most=30, unit=" s")
COUNTRY_MEMORY = Promise("country-memory", "the same: memory at the peak", most=1.5, unit=" GiB")
CITY = Promise("city-time", "Porto, 20,000 candidates and 300,000 demand points, the whole study", most=180, unit=" s")
TAIWAN = Promise("taiwan", "Taiwan's 8,693 rows, each read or refused, and their hours understood", most=3, unit=" s")

REGISTRY = DATA.parent / "aed" / "taiwan_aed_2018.csv"
FILES = ("summary.json", "plan.gpkg", "plan.xlsx", "map.html", "report.html", "report.docx")

PLAN = """
import json, resource, sys
from aedplan.cli import main
code = main(["plan", *sys.argv[1:3], sys.argv[3]])
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"code": code, "peak": used.ru_maxrss * 1024, "cpu": used.ru_utime + used.ru_stime}))
"""
"""What a process of its own runs: a plan, and how much memory and time of the processor it took."""


MOST_SECONDS = 600
"""A study that takes longer is ended and counts as failed."""


@dataclass(frozen=True)
class Sizes:
    """Sizes of a run.

    temp        a folder for scenarios and plans, removed at the end
    rounds      times each study is run, after one of another kind that fills the caches
    candidates  of the large city
    demand      points of the large city
    seeds       of the rows on arrests held out
    """

    temp: Path
    rounds: int = 3
    candidates: int = 20_000
    demand: int = 300_000
    seeds: int = 20


def quick(temp: Path) -> Sizes:
    """A look at whether everything runs."""
    return Sizes(temp, rounds=1, candidates=2_000, demand=30_000, seeds=1)


class Study(NamedTuple):
    """A study that was run: seconds of the whole process, those of the processor, bytes at its peak, and its summary."""

    seconds: float
    cpu: float
    peak: int
    summary: dict[str, object]


def failed(key: str, error: Exception) -> Row:
    """The row of what could not be measured."""
    told = f"{type(error).__name__}: {error}".replace("\n", " ").replace("|", "/")
    return Row(key, key, "measured to the end", "failed", False, told[-500:])


def run_study(scenario: Path) -> Study:
    """Run a scenario as the command line does, in a process of its own, from the first import to the last file."""
    out = scenario.with_suffix("")
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", PLAN, str(scenario), "--out", str(out)]
    began = time.perf_counter()
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT, timeout=MOST_SECONDS
    )
    seconds = time.perf_counter() - began
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    told = json.loads(done.stdout.splitlines()[-1])
    missing = [name for name in FILES if not (out / name).is_file()]
    if told["code"] != 0 or missing:
        raise RuntimeError(f"{scenario.name}: exit code {told['code']}, missing {missing}: {done.stderr}")
    return Study(seconds, told["cpu"], told["peak"], json.loads((out / "summary.json").read_text(encoding="utf-8")))


COUNTRY = """name = "liechtenstein"
title_zh = "列支敦士登新增 20 台 AED"
title_en = "20 more AEDs for Liechtenstein"
[streets]
file = "liechtenstein.streets"
osm = "{osm}"
[demand]
from = "buildings"
population = 39055
[standing]
from = "osm"
[candidates]
from = "osm"
[circle]
name = "walk-4"
[hours]
holidays = "none"
[plan]
devices = 20
seconds = 30
"""


def country_rows(sizes: Sizes) -> Iterator[Row]:
    """A whole small country with its 100 mapped devices: 20 more, three circles, six periods, every file."""
    if not LIECHTENSTEIN.is_file():
        yield from (promise.missing(f"{LIECHTENSTEIN.name} is not there") for promise in (COUNTRY_TIME, COUNTRY_MEMORY))
        return
    ap.read_streets(LIECHTENSTEIN).save(sizes.temp / "liechtenstein.streets")
    scenario = sizes.temp / "liechtenstein.toml"
    scenario.write_text(COUNTRY.format(osm=LIECHTENSTEIN.as_posix()), encoding="utf-8")
    run_study(scenario)
    studies = [run_study(scenario) for _ in range(sizes.rounds)]
    summary = studies[0].summary
    how = (
        f"{summary['standing']} standing, {len(summary['chosen'])} new of {summary['sites']:,} sites,"  # type: ignore[arg-type]
        f" {len(summary['circles'])} circles, {len(summary['periods'])} periods of the week with opening hours counted;"  # type: ignore[arg-type]
        f" report, Word document, map, workbook, GeoPackage; a process of its own from the first import,"
        f" {summary['seconds']:.1f} s of it choosing ({summary['status']}, gap {summary['gap']:.2%}); buildings, venues,"
        f" areas and the ground below the map from the .osm.pbf; {median(one.cpu for one in studies):.1f} s of the processor;"
        f" median of {len(studies)}"
    )
    yield COUNTRY_TIME.row(median(one.seconds for one in studies), how)
    yield COUNTRY_MEMORY.row(max(one.peak for one in studies) / 2**30, "the largest resident size of that process")


CITY_TEXT = """name = "porto"
title_zh = "波尔图新增 100 台"
title_en = "100 devices for Porto"
[streets]
file = "porto.streets"
[demand]
file = "demand.csv"
crs = "wgs84"
[candidates]
file = "candidates.csv"
crs = "wgs84"
[plan]
devices = 100
seconds = 60
"""


def city_rows(sizes: Sizes) -> Iterator[Row]:
    """A large city: candidates and demand along its streets, made from seeds and read from tables."""
    if not PORTO.is_file():
        yield CITY.missing(f"{PORTO.name} is not there")
        return
    streets = ap.read_streets(PORTO)
    streets.save(sizes.temp / "porto.streets")
    weight = np.random.default_rng(3).gamma(2.0, 0.002, sizes.demand)
    write_places(sizes.temp / "demand.csv", lonlat_of(streets, spots(streets, sizes.demand, seed=2)), weight)
    write_places(sizes.temp / "candidates.csv", lonlat_of(streets, spots(streets, sizes.candidates, seed=1)))
    scenario = sizes.temp / "porto.toml"
    scenario.write_text(CITY_TEXT, encoding="utf-8")
    study = run_study(scenario)
    summary = study.summary
    how = (
        f"{sizes.candidates:,} candidates and {sizes.demand:,} demand points read from CSV, {len(summary['chosen'])} devices,"  # type: ignore[arg-type]
        f" {summary['seconds']:.1f} s of it choosing ({summary['status']}, gap {summary['gap']:.2%}); opening hours absent;"
        f" every file written; {study.cpu:.1f} s of the processor; one run, a process of its own from the first import"
    )
    yield CITY.row(study.seconds, how)
    yield Row("city-memory", "the same: memory at the peak", "–", f"{study.peak / 2**30:.2f} GiB", None, "no goal")


def write_places(path: Path, lonlat: np.ndarray, weight: np.ndarray | None = None) -> None:
    """A table of places, with the arrests expected at each where they are given."""
    columns = [lonlat.round(7)] if weight is None else [lonlat.round(7), weight[:, None].round(6)]
    table = np.column_stack([np.arange(len(lonlat)), *columns])
    header = "id,lon,lat" + ",weight" * (weight is not None)
    np.savetxt(path, table, fmt=["%d", *["%.7f"] * (table.shape[1] - 1)], delimiter=",", header=header, comments="")


def registry_rows(sizes: Sizes) -> Iterator[Row]:
    """A whole real registry with texts of several lines in its cells."""
    if not REGISTRY.is_file():
        yield TAIWAN.missing(f"{REGISTRY.name} is not there")
        return
    from aedplan.hours.texts import understand_hours

    seconds = []
    for _ in range(sizes.rounds + 1):
        began = time.perf_counter()
        sites, report = ap.read_sites_by_row(REGISTRY, crs="wgs84", standing=True)
        understood = understand_hours(sites.hours)
        seconds.append(time.perf_counter() - began)
    known = sum(bool(one.osm) for one in understood)
    how = (
        f"{report.rows:,} rows: {report.read:,} read, {len(report.refused)} refused by row; {known:,} texts of hours understood;"
        f" median of {sizes.rounds} after one that does not count"
    )
    yield TAIWAN.row(median(seconds[1:]), how)


def arrest_rows(sizes: Sizes) -> Iterator[Row]:
    """What plans keep on arrests held out, and York's count."""
    from bench import heldout_rows

    if not heldout_rows.YORK.is_dir():
        why = "York's tables are not there"
        yield Row(
            "york-lit-100", "York, grade I buildings, 100 m in a straight line", "339 of 1,814 (18.7%)", "–", None, why
        )
        return
    for key, measure in heldout_rows.parts(sizes.seeds).items():
        try:
            yield from measure()
        except Exception as error:  # the other rows are worth having
            yield failed(key, error)
