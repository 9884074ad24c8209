"""The rows of the service's benchmark, each from one database and one real process of the service over loopback."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from bench.service_fill import Own, Writer
from bench.service_load import Asked, Job, Load
from bench.service_world import County, Running, put, serving
from bench.table import Promise, Row, show_seconds
from bench.worlds_big import lonlat_of, spots
from sqlalchemy import func, select

import aedplan as ap
from service.db import Database
from service.facts import day_of
from service.records.devices import Filter, pick_devices
from service.records.ready import readiness_of
from service.tables import Inspection

NEAREST = Promise("nearest", "nearest by street: answers a second against an empty route of the same app", least=0.5)
WAIT = Promise("wait", "nearest by street at 100 requests a second, p99", most=25, unit=" ms")
LIST = Promise("list", "device list with filters, p99", most=50, unit=" ms")
READY = Promise("ready", "readiness of all devices, the function over the records", most=150, unit=" ms")
READY_ROUTE = Promise("ready-route", "readiness of all devices, its route", most=150, unit=" ms")
RECORD = Promise("record", "recording an inspection while 50 others write without a pause, p99", most=60, unit=" ms")
PACED = Promise("paced", "recording an inspection while 50 others write, each once a second, p99", most=60, unit=" ms")
START = Promise("start", "start to the first answer", most=2, unit=" s")
START_NEAREST = Promise("start-nearest", "start to the first nearest device", most=2, unit=" s")
MEMORY = Promise("memory", "resident memory after all that", most=300, unit=" MiB")
CONNECTIONS = 8
RATE = 100.0
PAUSE_S = 1.0


@dataclass(frozen=True)
class Lengths:
    """How long everything is measured.

    seconds  of each load
    rounds   turns of what is compared
    starts   processes started
    asked    times that readiness is asked for
    """

    seconds: float = 15.0
    rounds: int = 4
    starts: int = 5
    asked: int = 30


QUICK = Lengths(seconds=4.0, rounds=1, starts=1, asked=8)


def named(promise: Promise, county: County) -> Promise:
    """The promise on one database."""
    return replace(promise, key=f"{county.name.lower()}-{promise.key}", what=f"{county.name}: {promise.what}")


def nearest_jobs(county: County, port: int) -> tuple[Job, Job]:
    """The empty route, and the nearest devices from another place of a street each time."""
    streets = ap.read_streets(county.settings.plan / "streets")
    lonlat = lonlat_of(streets, spots(streets, 4000 * CONNECTIONS, seed=9))
    paths = [f"/api/v1/nearest?lon={lon:.6f}&lat={lat:.6f}" for lon, lat in lonlat.tolist()]
    wants = [({}, [Asked(path) for path in paths[n::CONNECTIONS]]) for n in range(CONNECTIONS)]
    return Job(port, [({}, [Asked("/empty")])] * CONNECTIONS, 3.0), Job(port, wants, 3.0)


def nearest_rows(county: County, running: Running, lengths: Lengths) -> Iterator[Row]:
    """As fast as it goes, in turns with the empty route."""
    empty_job, job = nearest_jobs(county, running.port)
    answers = [running.get(asked.path) for asked in job.wants[0][1][:20]]
    if not all(answer["measure"] == "street" and answer["devices"] for answer in answers):
        raise RuntimeError("nearest does not answer with walks along streets")
    empties, loads, cpu = [], [], 0.0
    for turn in range(lengths.rounds + 1):
        empty = put(empty_job)
        before = running.cpu()
        load = put(job)
        if turn:
            empties.append(empty)
            loads.append(load)
            cpu += (running.cpu() - before) / sum(load.statuses.values())
    bare, full = (median(load.rate for load in some) for some in (empties, loads))
    how = (
        f"{full:,.0f} a second against {bare:,.0f}, {CONNECTIONS} connections, median of {lengths.rounds} turns; "
        f"{cpu / len(loads) * 1e3:.2f} ms of processor an answer; the load was at work "
        f"{median(load.busy for load in empties):.0%} of the time on the empty route"
    )
    yield named(NEAREST, county).row(full / bare, how)


def wait_rows(county: County, running: Running, lengths: Lengths) -> Iterator[Row]:
    """At a steady rate, each waiting from when it was due."""
    _, job = nearest_jobs(county, running.port)
    load = put(replace(job, wants=job.wants * 4, rate=RATE, seconds=lengths.seconds, warm=1.0))
    how = (
        f"{told(load)}; due at a steady rate whatever was answered, each waits from when it was due, so queueing counts"
    )
    yield named(WAIT, county).row(load.waits(0.99) * 1e3, how)


def told(load: Load) -> str:
    """How many answers, and how long half of them took."""
    return f"{len(load.waited):,} answers, median {show_seconds(load.waits(0.5))}"


def list_rows(county: County, running: Running, lengths: Lengths) -> Iterator[Row]:
    """As the office asks for it, one list after the other."""
    towns = [f"35058310{number}" for number in range(5)]
    filters = ["?status=active", "?admin_code=350583", "", *(f"?status=active&admin_code={town}" for town in towns)]
    requests = [Asked(f"/api/v1/records/devices{one}") for one in filters]
    office = county.filled.office.headers
    counts = [len(running.get(one.path, office)) for one in requests]
    if counts[0] != county.sizes.devices or sum(counts[3:]) != county.sizes.devices:
        raise RuntimeError(f"the lists hold {counts} devices")
    load = put(Job(running.port, [(office, requests)], lengths.seconds / 2))
    how = f"{told(load)}; one after the other: by state, by town, by both, and all {counts[0]} with their parts"
    yield named(LIST, county).row(load.waits(0.99) * 1e3, how)


def ready_rows(county: County, running: Running, lengths: Lengths) -> Iterator[Row]:
    """In this process, and through HTTP; each device must stand as it was filled."""
    database = Database(county.settings)
    on = day_of(datetime.now(UTC))
    try:
        times = []
        for _ in range(lengths.asked):
            began = time.perf_counter()
            with database.session() as session:
                devices = pick_devices(session, Filter())
                found = readiness_of(session, devices, on)
            times.append(time.perf_counter() - began)
    finally:
        database.close()
    states = {device.id: ready.state for device, ready in zip(devices, found, strict=True)}
    if states != county.filled.stands:
        raise RuntimeError("readiness is not as it was filled")
    how = f"{len(devices)} devices read and judged; median of {len(times)}, the slowest {show_seconds(max(times[1:]))}"
    yield named(READY, county).row(median(times) * 1e3, how)
    path, office = "/api/v1/records/readiness", county.filled.office.headers
    if {one["device_id"]: one["state"] for one in running.get(path, office)} != states:
        raise RuntimeError("the route says another readiness")
    waited = [seconds_of(running, path, office) for _ in range(lengths.asked)]
    how = f"the same through HTTP, signed in; median of {len(waited)}, the slowest {show_seconds(max(waited))}"
    yield named(READY_ROUTE, county).row(median(waited) * 1e3, how)


def seconds_of(running: Running, path: str, headers: dict[str, str]) -> float:
    """How long one answer takes, on a connection that is open."""
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    connection.connect()
    try:
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        connection.getresponse().read()
        return time.perf_counter() - began
    finally:
        connection.close()


def record_rows(county: County, running: Running, lengths: Lengths) -> Iterator[Row]:
    """51 who write at once, so that each of them has 50 others: without a pause, and with one."""
    filled = county.filled
    writers = [filled.office, *filled.managers]
    wants = [(writer.headers, checks_of(writer)) for writer in writers]
    before, taken = count_checks(county), 0
    loads = {}
    for promise, pause, seconds in ((PACED, PAUSE_S, lengths.seconds), (RECORD, 0.0, lengths.seconds)):
        worked = running.cpu()
        loads[promise] = put(Job(running.port, wants, seconds, pause=pause, warm=2.0), right=(200, 201))
        sent = sum(loads[promise].statuses.values())
        taken += loads[promise].statuses.get(201, 0)
        each = (running.cpu() - worked) / sent
        how = (
            f"{len(writers)} connections, each asking again {f'{pause:g} s after' if pause else 'once'} it is answered; "
            f"{told(loads[promise])}, {loads[promise].rate:,.0f} checks a second; {each * 1e3:.1f} ms of processor a check"
        )
        yield named(promise, county).row(loads[promise].waits(0.99) * 1e3, how)
    if count_checks(county) - before != taken:
        raise RuntimeError(f"{taken} checks were acknowledged, {count_checks(county) - before} are on record")


def checks_of(writer: Writer) -> list[Asked]:
    """Two rounds of somebody's devices: nearly always all is in order; a crack found in the first is mended in the second."""
    bodies = [
        (one.id, check_body(one, "" if number % 10 != 9 else result))
        for result in ("fail", "ok")
        for number, one in enumerate(writer.devices)
    ]
    return [Asked(f"/api/v1/records/devices/{device}/inspections", "POST", json.dumps(body)) for device, body in bodies]


def check_body(one: Own, casing: str) -> dict[str, Any]:
    """What a phone sends: only what differs from the form as it was shown, and what will be done about expired pads."""
    due_on = str(day_of(datetime.now(UTC)) + timedelta(days=5))
    return {
        "client_id": "@uuid", "kind": "weekly", "at": "@now", "form_version": 1, "duration_s": 48.0,
        "position": {"lon": one.lon, "lat": one.lat, "accuracy_m": 8.0},
        "differences": {"casing": {"result": casing, "note": "外壳"}} if casing else {},
        "plans": {"pads_adult_expiry": {"text": "已订购", "due_on": due_on}} if one.expired else {},
    }  # fmt: skip


def count_checks(county: County) -> int:
    """How many checks are on record."""
    database = Database(county.settings)
    try:
        with database.session() as session:
            return session.scalar(select(func.count()).select_from(Inspection)) or 0
    finally:
        database.close()


def start_rows(county: County, lengths: Lengths) -> Iterator[Row]:
    """Processes started one after the other with the full database, from the fork to an answer."""
    streets = ap.read_streets(county.settings.plan / "streets")
    lon, lat = lonlat_of(streets, spots(streets, 1, seed=10))[0]
    first, nearest = [], []
    for _ in range(lengths.starts):
        began = time.perf_counter()
        with serving(county.settings) as running:
            running.get("/")
            first.append(time.perf_counter() - began)
            running.get(f"/api/v1/nearest?lon={lon:.6f}&lat={lat:.6f}")
            nearest.append(time.perf_counter() - began)
    how = "a process from its start, files in the page cache; median of"
    yield named(START, county).row(median(first), f"{how} {len(first)}, GET /; the slowest {max(first):.2f} s")
    yield named(START_NEAREST, county).row(
        median(nearest), f"the same processes, the next request; the slowest {max(nearest):.2f} s"
    )


def memory_rows(county: County, running: Running, lengths: Lengths) -> Iterator[Row]:
    """Of the process that has answered everything above."""
    del lengths
    yield named(MEMORY, county).row(running.resident(), "VmRSS of the one process that answered the rows before")


ROWS: dict[str, Callable[[County, Running, Lengths], Iterator[Row]]] = {
    "nearest": nearest_rows,
    "wait": wait_rows,
    "list": list_rows,
    "ready": ready_rows,
    "record": record_rows,
    "memory": memory_rows,
}
"""What is asked of a running service, in this order; `start` goes before."""
