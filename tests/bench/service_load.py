"""The load on a service: sockets kept open, in a process of its own, so that it takes no time from what is measured.

    PYTHONPATH=tests .venv/bin/python -m bench.service_load < JOB.json > LOAD.json

Closed loop: each connection asks again as soon as it is answered. Open loop: requests are due at a steady rate whether or not
the ones before were answered, and each waits from the moment it was due, so that queueing counts.
"""

import asyncio
import gc
import json
import math
import sys
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

FRESH = {"@uuid": lambda: str(uuid.uuid4()), "@now": lambda: datetime.now(UTC).isoformat()}
"""What stands in a body for what must be another in each request."""


@dataclass(frozen=True)
class Asked:
    """A request, without what every request of its connection has."""

    path: str
    method: str = "GET"
    body: str = ""


@dataclass(frozen=True)
class Load:
    """What a load came to: seconds waited for each answer that counts, how many answers of each status, how long it took,
    and the share of that time in which the load itself was at work."""

    waited: list[float]
    statuses: dict[int, int]
    seconds: float
    busy: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.waited) / self.seconds

    def waits(self, share: float) -> float:
        """Seconds within which this share was answered."""
        return percentile(self.waited, share)


@dataclass
class Job:
    """What to ask.

    wants        for each connection its headers, and its requests, asked in turn from the first on again and again
    seconds      how long it counts, after `warm` seconds that do not
    rate         requests a second over all connections; None: as fast as they are answered
    pause        seconds that a connection rests after each answer; spread by half, so that connections drift apart
    """

    port: int
    wants: list[tuple[dict[str, str], list[Asked]]]
    seconds: float
    rate: float | None = None
    pause: float = 0.0
    warm: float = 0.5
    host: str = field(default="127.0.0.1")


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed (the nearest rank).

    >>> percentile([4.0, 1.0, 3.0, 2.0], 0.5), percentile(range(1, 101), 0.99), percentile([7.0], 0.99)
    (2.0, 99, 7.0)
    """
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


class Connection(asyncio.Protocol):
    """One connection: one request at a time, answered with a Content-Length."""

    def __init__(self, headers: dict[str, str], requests: Sequence[Asked]) -> None:
        self._head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._requests, self._next = requests, 0
        self._came = bytearray()
        self._size = -1
        self._answered: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        """Whoever waits waits in vain."""
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(0)

    def data_received(self, data: bytes) -> None:
        """Take in part of an answer, or all of it."""
        self._came += data
        if self._size < 0:
            end = self._came.find(b"\r\n\r\n")
            if end < 0:
                return
            self._size = end + 4 + length_of(bytes(self._came[:end]))
        if len(self._came) >= self._size and self._answered is not None:
            status = int(self._came[9:12])
            self._came.clear()
            self._size = -1
            self._answered.set_result(status)

    async def ask(self) -> int:
        """Send the next request; the status of its answer, 0 where the connection broke."""
        asked = self._requests[self._next % len(self._requests)]
        self._next += 1
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(self._made(asked))
        return await self._answered

    def _made(self, asked: Asked) -> bytes:
        body = asked.body
        for name, make in FRESH.items():
            if name in body:
                body = body.replace(name, make())
        content = body.encode()
        about = f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n" if content else ""
        return f"{asked.method} {asked.path} HTTP/1.1\r\nHost: localhost\r\n{self._head}{about}\r\n".encode() + content

    def close(self) -> None:
        """Let go."""
        self._transport.close()


def length_of(head: bytes) -> int:
    """The length of the body that a head announces; none is announced without one."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def run(job: Job) -> Load:
    """Put the load on the service, and let go of all connections."""
    loop = asyncio.get_running_loop()
    made = [loop.create_connection(lambda w=want: Connection(*w), job.host, job.port) for want in job.wants]
    connections = [protocol for _, protocol in await asyncio.gather(*made)]
    gc.freeze()
    began, cpu = time.perf_counter(), time.process_time()
    kept: list[tuple[float, float, int]] = []
    if job.rate is None:
        await asyncio.gather(*(_ask_on(one, job, began, kept) for one in connections))
    else:
        await _ask_in_time(connections, job, began, kept)
    took, worked = time.perf_counter() - began, time.process_time() - cpu
    for one in connections:
        one.close()
    counted = [one for one in kept if one[0] >= began + job.warm]
    last = max((one[0] + one[1] for one in counted), default=began + job.warm)
    seconds = max(job.seconds, last - began - job.warm)
    statuses = Counter(status for _, _, status in kept)
    return Load([waited for _, waited, _ in counted], dict(statuses), seconds, worked / took)


async def _ask_on(one: Connection, job: Job, began: float, kept: list[tuple[float, float, int]]) -> None:
    """Closed loop: ask again as soon as it is answered, after the pause."""
    end = began + job.warm + job.seconds
    while (asked := time.perf_counter()) < end:
        status = await one.ask()
        kept.append((asked, time.perf_counter() - asked, status))
        if not status:
            return
        if job.pause:
            await asyncio.sleep(job.pause * (0.5 + uuid.uuid4().int % 1000 / 1000))


async def _ask_in_time(
    connections: Sequence[Connection], job: Job, began: float, kept: list[tuple[float, float, int]]
) -> None:
    """Open loop: each request is due at its time, and waits from then on, also for a connection that is free."""
    assert job.rate is not None
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for one in connections:
        free.put_nowait(one)

    async def ask(due: float) -> None:
        one = await free.get()
        status = await one.ask()
        kept.append((due, time.perf_counter() - due, status))
        if status:
            free.put_nowait(one)

    tasks = []
    for number in range(round((job.warm + job.seconds) * job.rate)):
        due = began + number / job.rate
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        tasks.append(asyncio.create_task(ask(due)))
    await asyncio.wait_for(asyncio.gather(*tasks), timeout=30)


def main() -> None:
    """Read a job, run it, print what it came to."""
    given: dict[str, Any] = json.load(sys.stdin)
    wants = [(headers, [Asked(**one) for one in requests]) for headers, requests in given.pop("wants")]
    print(json.dumps(asdict(asyncio.run(run(Job(wants=wants, **given))))))


if __name__ == "__main__":
    main()
