"""One row for each promise of a benchmark: timing side by side, and the table that is printed and written.

Shared by all benchmarks; what each of them measures stands in its own files.
"""

import gc
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]


class AnswersDifferError(Exception):
    """A peer and aedplan give different answers to the same question: their times must not be compared."""


@dataclass(frozen=True)
class Row:
    """One promise.

    key     names the row, and its reason where it is not met
    goal    what was promised, in words
    figure  what was measured, in words
    met     None where it could not be measured
    how     what was run, by whom, how often
    """

    key: str
    what: str
    goal: str
    figure: str
    met: bool | None
    how: str


@dataclass(frozen=True)
class Promise:
    """What a row is to reach: `least` or `most`, in `unit`."""

    key: str
    what: str
    least: float | None = None
    most: float | None = None
    unit: str = "x"

    @property
    def goal(self) -> str:
        """The promise in words."""
        return f"≥ {self.least:,g}{self.unit}" if self.least is not None else f"≤ {self.most:,g}{self.unit}"

    def row(self, value: float, how: str) -> Row:
        """The row of a measured value."""
        met = value >= self.least if self.least is not None else value <= (self.most or 0.0)
        return Row(self.key, self.what, self.goal, f"{rounded(value)}{self.unit}", bool(met), how)

    def missing(self, why: str) -> Row:
        """The row of what could not be measured."""
        return Row(self.key, self.what, self.goal, "–", None, why)


def rounded(value: float) -> str:
    """A figure with three digits that mean something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def interleave(rounds: int, **jobs: Callable[[], float | None]) -> dict[str, float]:
    """Median seconds of each job, run in turns (a, b, a, b ...), after one turn that does not count.

    A job that measures itself, such as one in another process, returns its seconds; others return None.
    """
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(rounds + 1):
        for name, job in jobs.items():
            gc.collect()
            began = time.perf_counter()
            own = job()
            took = time.perf_counter() - began if own is None else own
            if turn:
                seconds[name].append(took)
    return {name: median(times) for name, times in seconds.items()}


def show_seconds(seconds: float) -> str:
    """Seconds in the unit that reads best."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def machine() -> str:
    """Processor, cores, memory, system and load of this machine, without its name."""
    model = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "")
    memory = next((int(line.split()[1]) / 2**20 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    processor = model or platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}{load}"


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).is_file() else []


def commit(*folders: str) -> str:
    """The commit measured, and whether files of the folders, aedplan when none is named, differ from it."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    changed = git("status", "--porcelain", *(folders or ("aedplan",)))
    return (git("rev-parse", "--short=10", "HEAD") or "unknown") + (" with changes" if changed else "")


def versions(names: Iterable[str]) -> str:
    """Names and versions of the libraries measured."""
    found = []
    for name in names:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} absent")
    return ", ".join([f"Python {platform.python_version()}", *found])


def section(rows: list[Row], about: Mapping[str, str], intro: str, reasons: Mapping[str, str]) -> str:
    """The section of a benchmark as Markdown, without its title.

    about    what stands above the table, name and words; the date is added
    intro    how it was measured, in both languages
    reasons  why a row is not met, by its key
    """
    facts = {"日期 date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", **about}
    met, measured = sum(bool(row.met) for row in rows), sum(row.met is not None for row in rows)
    lines = [
        intro,
        "",
        *(f"- {name}: {words}" for name, words in facts.items()),
        f"- 达到 met: {met} of {measured} measured, {len(rows) - measured} not measured",
        "",
        "| 项目 what | 目标 goal | 实测 measured | 达到 met | 怎么测 how |",
        "|---|---|---|---|---|",
        *map(as_line, rows),
        "",
    ]
    return "\n".join(lines + not_met(rows, reasons))


def measured_again(
    old: str, rows: list[Row], reasons: Mapping[str, str], told: str, words: Mapping[str, str] | None = None
) -> str:
    """A section in which some rows were measured again: they take the place of those of the same name, the others stand.

    told   which ones, and by which commit; the date is added
    words  reasons of other rows that have changed since, by what the row is about

    Raises ValueError for a row that the section does not have.
    """
    table, _, why = old.partition("### 未达到的原因")
    new = {row.what: row for row in rows}
    lines = [as_line(new.pop(_name(line))) if _name(line) in new else line for line in table.strip().splitlines()]
    if new:
        raise ValueError(f"the page has no row {', '.join(new)}; measure the whole section")
    again = {row.what for row in rows}
    kept = [line for line in why.splitlines()[4:] if line and _name(line) not in again]
    for number, line in enumerate(kept):
        what, figure, reason = line[2:-2].split(" | ")
        kept[number] = f"| {what} | {figure} | {(words or {}).get(what, reason)} |"
    whys = [*kept, *not_met(rows, reasons)[4:-1]]
    marks = [line for line in lines if line.startswith("| ")][1:]
    counts = [sum(f"| {mark} |" in line for line in marks) for mark in ("是 yes", "否 no")]
    at = next(number for number, line in enumerate(lines) if line.startswith("- 达到 met"))
    lines[at] = f"- 达到 met: {counts[0]} of {sum(counts)} measured, {len(marks) - sum(counts)} not measured"
    lines.insert(at, f"- 重测 measured again: {told}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
    return "\n".join([*lines, "", *(NOT_MET if whys else []), *whys, ""])


def _name(line: str) -> str:
    """What a line of a table is about."""
    return line[2:].partition(" | ")[0] if line.startswith("| ") else ""


def as_line(row: Row) -> str:
    """A row as a line of the table."""
    return f"| {row.what} | {row.goal} | **{row.figure}** | {mark(row)} | {row.how} |"


NOT_MET = ("### 未达到的原因 Not met, and why", "", "| 项目 what | 实测 measured | 原因 reason |", "|---|---|---|")


def mark(row: Row) -> str:
    """Whether a row is met, in words."""
    return {True: "是 yes", False: "否 no", None: "未测 not measured"}[row.met]


def not_met(rows: list[Row], reasons: Mapping[str, str]) -> list[str]:
    """Why some rows are not met, as Markdown lines; empty when all are."""
    missed = [row for row in rows if row.met is False]
    if not missed:
        return []
    lines = [f"| {row.what} | {row.figure} | {reasons.get(row.key, 'no reason written yet')} |" for row in missed]
    return [*NOT_MET, *lines, ""]


def show(row: Row) -> None:
    """Print a row while the benchmark runs."""
    print(f"  {mark(row):<20} {row.what}: {row.figure} (goal {row.goal}) | {row.how}", file=sys.stderr, flush=True)
