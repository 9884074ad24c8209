"""The rows of the placement benchmark, each run in a process of its own, one thread, one after the other."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.placement_reasons import REASONS
from bench.table import ROOT, AnswersDifferError, Promise, Row, show_seconds

Job = dict[str, Any]

FAMILY_A = ((5.5, 10), (6.25, 10), (5.0, 15), (4.25, 20))
"""Radius and devices of Cordeau, Furini and Ljubić."""

GIB = 2.0**30


@dataclass(frozen=True)
class Sizes:
    """How much is run.

    shrink  sites, cells and devices of families b and c are divided by it
    time    seconds allowed are multiplied by it
    rounds  of the comparisons whose median counts
    """

    shrink: int = 1
    time: float = 1.0
    rounds: int = 3


OURS = ("aedplan", "greedy", "streamed")

NOTHING: Job = {"value": 0.0, "bound": float("inf"), "by": "nobody", "steps": [], "peak": 0, "whole": 0}
"""What a solver that did not end by itself has proven."""

_known: dict[str, Job] = {}


def run(who: str, world: list[Any], devices: int, seconds: float) -> Job:
    """One solver on one world; the same question is asked once. One that fails or hangs has found nothing, and says so."""
    job = json.dumps({"who": who, "world": world, "devices": devices, "seconds": seconds})
    if job not in _known:
        _known[job] = ask(who, job, seconds)
    return _known[job]


def run_again(who: str, world: list[Any], devices: int, seconds: float, rounds: int) -> list[Job]:
    """The same some times over."""
    job = json.dumps({"who": who, "world": world, "devices": devices, "seconds": seconds})
    return [ask(who, job, seconds) for _ in range(rounds)]


def ask(who: str, job: str, seconds: float) -> Job:
    """The answer of one process; peers may take twice their limit beside the making of the world."""
    limit = 2 * seconds + 600 if who in OURS else 2 * seconds + 90
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "bench.placement_probe", job]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, cwd=ROOT, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        return {**NOTHING, "status": f"killed after {limit:.0f} s", "seconds": limit}
    if done.returncode or not done.stdout.strip():
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return {**NOTHING, "status": f"failed: {last[:200]}", "seconds": float("inf")}
    answer: Job = json.loads(done.stdout.splitlines()[-1])
    return answer


def gap(answer: Job) -> float:
    """In per cent; 0 for a proven best, whatever rounding leaves."""
    if answer["status"] == "optimal" or answer["bound"] <= 0:
        return 0.0
    return 100 * (1 - answer["value"] / answer["bound"])


SMALLEST = "(a) 100 x 10,000, R 5.5, p 10, build and solve: the faster of spopt's two"


def small_rows(sizes: Sizes) -> Iterator[Row]:
    """(a) 100 x 10,000, p 10, beside spopt."""
    promise = Promise("a_10k", SMALLEST, least=60)
    world, limit = ["a", 10_000, 5.5], 180.0 * sizes.time
    ours = run_again("aedplan", world, 10, limit, sizes.rounds)
    took = median(one["seconds"] for one in ours)
    words, times = [f"{show_seconds(took)}, {ours[0]['value']:,.0f} proven {ours[0]['status']}"], []
    for who in ("spopt with CBC", "spopt with HiGHS"):
        theirs = run(who, world, 10, limit)
        times.append(theirs["seconds"])
        late = theirs["seconds"] >= limit or theirs["value"] == 0
        ended = "" if not late else " (at its limit)" if theirs["value"] else f" ({theirs['status']})"
        words.append(f"{who} {show_seconds(theirs['seconds'])}{ended}: {theirs['value']:,.0f}")
        if not late and abs(theirs["value"] - ours[0]["value"]) > 0.5:
            raise AnswersDifferError(f"{who} finds {theirs['value']}, aedplan {ours[0]['value']}")
    yield promise.row(min(times) / took, "; ".join(words))


def middle_rows(sizes: Sizes) -> Iterator[Row]:
    """(a) 100 x 100,000, beside plain highspy."""
    promise = Promise(
        "a_100k", "(a) 100 x 100,000, R 5.5, p 10, to the proven best: plain highspy to any bound", least=100
    )
    world, limit = ["a", 100_000, 5.5], 400.0 * sizes.time
    ours = run("aedplan", world, 10, limit)
    theirs = run("highspy", world, 10, limit)
    first = theirs.get("first_bound")
    reached = f"its first bound after {show_seconds(first)}" if first else f"no bound after {limit:.0f} s"
    how = (
        f"{show_seconds(ours['seconds'])}, {ours['status']}; highspy alone ({theirs['status']}): {reached}, "
        f"value {theirs['value']:,.0f}"
    )
    yield promise.row((first or theirs["seconds"]) / ours["seconds"], how)


def million_rows(sizes: Sizes) -> Iterator[Row]:
    """(a) 100 x 1,000,000."""
    for radius, devices in FAMILY_A:
        what = f"(a) 100 x 1,000,000, R {radius:g}, p {devices}, from the CSR to the proven best"
        answer = run("aedplan", ["a", 1_000_000, radius], devices, 60.0)
        memory = answer["whole"] / GIB
        how = f"{answer['status']} by {answer['by']}, {answer['value']:,.0f}; the process at its peak {memory:.2f} GiB (≤ 1.5)"
        yield proven(Promise(f"a_1m_{radius:g}", what, most=5, unit=" s"), answer, memory <= 1.5, how)


def stream_rows(sizes: Sizes) -> Iterator[Row]:
    """(a) 100 x 10,000,000 in parts."""
    radius, devices = FAMILY_A[0]
    what = f"(a) 100 x 10,000,000, R {radius:g}, p {devices}, in parts, no CSR stored"
    customers = 10_000_000 // (100 if sizes.shrink > 1 else 1)
    answer = run("streamed", ["a", customers, radius], devices, 60.0)
    memory = answer["whole"] / GIB
    how = (
        f"{answer['status']} by {answer['by']}, {answer.get('classes', 0):,} classes; {answer.get('made', 0.0):.1f} s "
        f"of it making the customers; the process at its peak {memory:.2f} GiB (≤ 3)"
    )
    yield proven(Promise("a_10m", what, most=60, unit=" s"), answer, memory <= 3, how)


def proven(promise: Promise, answer: Job, fits: bool, how: str) -> Row:
    """A row of seconds that is met only by a proven best within its memory."""
    from dataclasses import replace

    row = promise.row(answer["seconds"], how)
    return replace(row, met=bool(row.met and fits and answer["status"] == "optimal"))


def greedy_rows(sizes: Sizes) -> Iterator[Row]:
    """Lazy greedy beside the greedy of matrix and vector."""
    world = ["b", 50_000 // sizes.shrink, 500_000 // sizes.shrink]
    answer = run("greedy", world, 2000 // sizes.shrink, 600.0)
    if not answer.get("same"):
        if answer["value"] == 0 and "slow" not in answer:
            raise RuntimeError(answer["status"])
        raise AnswersDifferError("lazy greedy picks other sites than plain greedy")
    how = f"{show_seconds(answer['seconds'])} against {show_seconds(answer['slow'])}; identical picks"
    what = "lazy greedy, (b) 50,000 x 500,000, p 2,000"
    yield Promise("greedy", what, most=0.5, unit=" s").row(answer["seconds"], how)
    yield Promise("greedy_ratio", f"{what}: matrix-vector greedy", least=100).row(
        answer["slow"] / answer["seconds"], how
    )


CITIES = {
    "b1": (1_000, 10_000, ((50, ((10, 0.5), (60, 0.3))),)),
    "b5": (
        5_000,
        50_000,
        ((20, ((30, 0.25), (120, 0.1))), (100, ((30, 1.0), (120, 0.6))), (500, ((30, 0.6), (120, 0.4)))),
    ),
    "b20": (20_000, 200_000, ((200, ((120, 1.2),)), (1000, ((120, 1.5),)))),
    "b50": (50_000, 500_000, ((500, ((300, 2.0),)), (2000, ((300, 2.0),)))),
}
"""Sites, cells, and for each number of devices the seconds and the gap in per cent."""


def city_words(name: str, devices: int, seconds: int) -> str:
    """What a row of family (b) is about."""
    sites, cells, _ = CITIES[name]
    return f"(b) {sites:,} x {cells:,}, p {devices:,}, gap in {seconds} s"


def reasons_by_words() -> dict[str, str]:
    """Why rows that take long are not met, by what they are about."""
    every = [(name, p, s) for name, (_, _, plans) in CITIES.items() for p, limits in plans for s, _ in limits]
    return {SMALLEST: REASONS["a_10k"], **{city_words(*one): REASONS["{}_{}_{}".format(*one)] for one in every}}


def city_rows(name: str) -> Callable[[Sizes], Iterator[Row]]:
    """The rows of one size of family (b)."""

    def rows(sizes: Sizes) -> Iterator[Row]:
        sites, cells, plans = CITIES[name]
        world = ["b", sites // sizes.shrink, cells // sizes.shrink]
        for devices, limits in plans:
            answer = dict(NOTHING, status="not begun")
            for seconds, most in limits:
                what = city_words(name, devices, seconds)
                if answer["status"] != "optimal":  # what is proven best sooner needs no more time
                    answer = run("aedplan", world, max(2, devices // sizes.shrink), seconds * sizes.time)
                memory = answer["peak"] / GIB
                fits = name != "b50" or memory <= 1.0
                row = Promise(f"{name}_{devices}_{seconds}", what, most=most, unit=" %").row(gap(answer), told(answer))
                yield row if fits else Row(row.key, row.what, row.goal, row.figure, False, row.how)

    return rows


def told(answer: Job) -> str:
    """What a run found, in words."""
    memory = answer["peak"] / GIB
    return (
        f"{answer['value']:,.0f} of at most {answer['bound']:,.0f} ({answer['by']}), {answer['status']}, "
        f"{answer['seconds']:.1f} s, {memory:.2f} GiB above the covers"
    )


def plain_rows(sizes: Sizes) -> Iterator[Row]:
    """Plain HiGHS on (b) 1,000 x 10,000, for comparison."""
    sites, cells, _ = CITIES["b1"]
    seconds = 120.0 * sizes.time
    theirs = run("highspy", ["b", sites // sizes.shrink, cells // sizes.shrink], 50 // sizes.shrink, seconds)
    how = f"value {theirs['value']:,.0f}, bound {theirs['bound']:,.0f}, {theirs['status']}"
    what = "(b) 1,000 x 10,000, p 50: plain HiGHS in 120 s, for comparison"
    yield Row("plain", what, "–", f"{gap(theirs):.3g} %", None, how)


def value_rows(sizes: Sizes) -> Iterator[Row]:
    """Value beside HiGHS and SCIP at equal time."""
    sites, cells, plans = CITIES["b5"]
    world = ["b", sites // sizes.shrink, cells // sizes.shrink]
    for devices, limits in plans:
        seconds, number = limits[0][0] * sizes.time, max(2, devices // sizes.shrink)
        ours = run("aedplan", world, number, seconds)
        peers = {who: run(who, world, number, seconds) for who in ("highspy", "scip")}
        best = max(peer["value"] for peer in peers.values())
        each = (f"{who} {one['value']:,.0f} in {one['seconds']:.0f} s ({one['status']})" for who, one in peers.items())
        words = ", ".join(each)
        what = f"(b) {sites:,} x {cells:,}, p {devices}: value beside HiGHS and SCIP after {limits[0][0]} s"
        how = f"{ours['value']:,.0f}; {words}; each given the same limit, overruns included"
        ratio = ours["value"] / best if best > 0 else float("inf" if ours["value"] > 0 else 0)
        yield Promise(f"value_{devices}", what, least=1).row(ratio, how)


def street_rows(sizes: Sizes) -> Iterator[Row]:
    """(c) Porto and Heidelberg."""
    goal = Promise(
        "c_porto", "(c) the whole of Porto, 20,000 candidates, 200,000 points, p 500, gap in 60 s", most=1, unit=" %"
    )
    plans = [(goal, "porto", 500)]
    plans.append(
        (Promise("c_heidelberg", goal.what.replace("Porto", "Heidelberg"), most=1, unit=" %"), "heidelberg", 500)
    )
    for promise, town, devices in plans:
        world = ["c", town, 20_000 // sizes.shrink, 200_000 // sizes.shrink]
        answer = run("aedplan", world, devices // sizes.shrink, 60.0 * sizes.time)
        yield promise.row(gap(answer), told(answer))


def beyond_rows(sizes: Sizes) -> Iterator[Row]:
    """What limits the plans of (b) and (c): the same past the time limit of the table."""
    for name, devices, limit in (("b1", 50, 120), ("b5", 100, 150), ("b5", 500, 150), ("c", 500, 90)):
        sites, cells = CITIES[name][:2] if name in CITIES else (20_000, 200_000)
        world = ["b", sites, cells] if name in CITIES else ["c", "porto", sites, cells]
        world[-2:] = [sites // sizes.shrink, cells // sizes.shrink]
        seconds = limit * sizes.time
        answer = run("aedplan", world, devices // sizes.shrink, seconds)
        what = f"({name[0]}) {sites:,} x {cells:,}, p {devices}: {seconds:.0f} s, to learn what limits it"
        yield Row(
            f"beyond_{name}_{devices}", what, "–", f"{gap(answer):.3g} %", None, f"{told(answer)}; {stalled(answer)}"
        )


def stalled(answer: Job) -> str:
    """When value and bound came within a thousandth of where they ended."""
    value = next((s for s, v, _ in answer["steps"] if v >= 0.999 * answer["value"]), answer["seconds"])
    bound = next((s for s, _, b in answer["steps"] if b <= 1.001 * answer["bound"]), answer["seconds"])
    return f"within 0.1 % of its last value after {value:.0f} s, of its last bound after {bound:.0f} s"
