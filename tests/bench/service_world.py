"""The service that is measured: its filled database, one real process of it, and what that process says of itself."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.service_fill import Filled, Sizes
from bench.service_load import Job, Load
from bench.table import ROOT
from town import environment

from service.settings import Settings


@dataclass(frozen=True)
class County:
    """A filled database.

    name  of the database, as rows call it
    """

    name: str
    settings: Settings
    filled: Filled
    sizes: Sizes


@dataclass(frozen=True)
class Running:
    """One process of the service."""

    process: "subprocess.Popen[str]"
    port: int

    def resident(self) -> float:
        """MiB of memory that are resident."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))

    def cpu(self) -> float:
        """Seconds for which it has worked."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def get(self, path: str, headers: dict[str, str] | None = None) -> Any:
        """What it answers; raises RuntimeError where that is not 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise RuntimeError(f"GET {path}: {answer.status} {content[:300].decode(errors='replace')}")
        return json.loads(content) if "json" in (answer.headers["content-type"] or "") else content


@contextmanager
def serving(settings: Settings, module: str = "service") -> Iterator[Running]:
    """One process, from its start until it is stopped; `bench.service_app` has the empty route besides.

    Raises RuntimeError when it does not start.
    """
    named = {"AEDPLAN_DATABASE_URL": settings.database_url} if settings.database_url else {}
    given = environment(
        AEDPLAN_DATA=str(settings.data), AEDPLAN_KEY=settings.key, PYTHONPATH=str(ROOT / "tests"), **named
    )
    given.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody's second start compiles the program again
    command = [sys.executable, "-m", module, "serve", "--port", "0", "--plan", str(settings.plan)]
    with subprocess.Popen(command, cwd=ROOT, env=given, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            if not address:
                raise RuntimeError("the service did not start; its words are above")
            yield Running(process, int(address.rstrip("/").rpartition(":")[2]))
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()


def settle(county: County, seconds: float = 120.0) -> None:
    """Serve once until the base map has been made, which would otherwise be made while others are measured."""
    with serving(county.settings) as running:
        end = time.monotonic() + seconds
        while running.get("/basemap")["state"] == "making" and time.monotonic() < end:
            time.sleep(0.3)


def put(job: Job, *, right: tuple[int, ...] = (200,)) -> Load:
    """Put a load on the service from a process of its own.

    Raises RuntimeError when an answer is not one of the right ones.
    """
    done = subprocess.run(
        [sys.executable, "-m", "bench.service_load"],
        input=json.dumps(asdict(job)),
        env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
        cwd=ROOT, capture_output=True, text=True, timeout=job.warm + job.seconds + 90, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"the load failed: {done.stderr[-1500:]}")
    given = json.loads(done.stdout)
    load = Load(**given | {"statuses": {int(status): count for status, count in given["statuses"].items()}})
    wrong = {status: count for status, count in load.statuses.items() if status not in right}
    if wrong or not load.waited:
        raise RuntimeError(f"answers that are not {right}: {wrong} of {sum(load.statuses.values())}")
    return load
