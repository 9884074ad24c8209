"""Runs by real processes: finished, stopped, killed, left by a service that died, and worked on by a real cluster."""

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from counties import write_hard_county
from people import become, browser
from planner import V1, begin, make_planning, put, start, wait
from starlette.testclient import TestClient
from town import ROOT

from service.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture
def planning(sqlite_files, tmp_path: Path) -> Settings:
    return make_planning(sqlite_files.make(tmp_path))[0]


def begin_hard(client: TestClient, folder: Path) -> dict:
    """A study whose best plan takes minutes to prove, made from files that were sent."""
    write_hard_county(folder)
    become(client, "planner")
    settings = {"circle": {"name": "near", "preset": "walk-4", "minutes": 2.2}, "plan": {"devices": 20, "seconds": 120}}
    for role, name in (("streets", "streets.osm"), ("demand", "people.csv"), ("candidates", "candidates.csv")):
        content = (folder / name).read_bytes()
        token = client.post(f"{V1}/studies/files?name={name}", content=content).json()["token"]
        settings[role] = {"file": token} if role == "streets" else {"file": token, "crs": "wgs84"}
    study = client.post(f"{V1}/studies", json={"title_zh": "难", "start": "empty"}).json()
    body = {"version": study["version"], "settings": settings}
    study = client.put(f"{V1}/studies/{study['id']}", json=body).json()
    assert study["faults"] == []
    return study


def worker_of(client: TestClient, run: dict) -> int:
    """The number of the process that works on a run."""
    (attempt,) = (client.app.state.jobs.runs / run["id"]).glob("[0-9]*/progress.json")
    return json.loads(attempt.read_text())["pid"]


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def ends(pid: int, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while lives(pid) and time.monotonic() < end:
        time.sleep(0.1)
    return not lives(pid)


def test_a_run_writes_exactly_what_the_command_line_writes(planning: Settings, tmp_path: Path) -> None:
    with browser(planning) as client:
        study = put(client, begin(client), devices=3, pin=["C1"])
        run = wait(client, start(client, study))
        assert run["state"] == "done", run
        folder = client.app.state.jobs.runs / run["id"]
        found = client.get(f"{V1}/runs/{run['id']}/results").json()
        assert "C1" in [site["id"] for site in found["sites"] if site["role"] == "proposed"]
        command = [
            sys.executable,
            "-m",
            "aedplan.cli",
            "plan",
            str(folder / "study/scenario.toml"),
            "--out",
            str(tmp_path / "cli"),
        ]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        names = {path.name for path in (tmp_path / "cli").iterdir()}
        assert {path.name for path in (folder / "1/plan").iterdir()} == names
        manifest = (folder / "1/plan/.aedplan.json").read_text()
        assert manifest == (tmp_path / "cli/.aedplan.json").read_text()  # checksums of all files


def test_a_run_that_cannot_be_is_told_in_the_words_of_the_scenario(planning: Settings) -> None:
    with browser(planning) as client:
        study = put(client, begin(client), devices=1, pin=["C0", "C1"])
        run = wait(client, start(client, study))
        assert (run["state"], run["has_plan"]) == ("failed", False)
        assert "plan.pin = 2 sites" in run["fault_en"]
        study = put(client, study, devices=2, pin=["nobody"])
        run = wait(client, start(client, study))
        assert "plan.pin: 'nobody' is no site" in run["fault_zh"]
        assert str(client.app.state.jobs.runs) not in run["fault_en"]


def test_a_stop_brings_the_best_plan_so_far_and_a_killed_worker_is_noticed(planning: Settings, tmp_path: Path) -> None:
    with browser(planning) as client:
        study = begin_hard(client, tmp_path)
        run, second = start(client, study), start(client, study)
        seen = wait(client, run, until=lambda one: one["so_far"] is not None and one["so_far"]["gap"] > 0)
        assert 0 < seen["so_far"]["value"] < seen["so_far"]["bound"]
        assert (seen["state"], seen["stage"]["zh"]) == ("running", "选点")
        assert client.get(f"{V1}/runs/{second['id']}").json()["state"] == "waiting"  # one at a time
        assert client.delete(f"{V1}/runs/{run['id']}").status_code == 409
        assert client.post(f"{V1}/runs/{second['id']}/stop").json()["stopping"]
        ended = wait(client, second)
        assert (ended["state"], ended["has_plan"]) == ("stopped", False)
        assert client.post(f"{V1}/runs/{run['id']}/stop").json()["stopping"]
        ended = wait(client, run)
        assert (ended["state"], ended["has_plan"], ended["figures"]["status"]) == ("stopped", True, "stopped")
        assert ended["figures"]["devices"] == 20
        assert seen["so_far"]["value"] <= ended["figures"]["value"] * (1 + 1e-9)
        assert ended["figures"]["bound"] >= ended["figures"]["value"]
        assert client.post(f"{V1}/runs/{second['id']}/again").status_code == 202
        wait(client, second, until=lambda one: one["so_far"] is not None)
        (progress,) = (client.app.state.jobs.runs / second["id"]).glob("2/progress.json")
        os.kill(json.loads(progress.read_text())["pid"], signal.SIGKILL)
        ended = wait(client, second)
        assert (ended["state"], ended["has_plan"], ended["may_start_again"]) == ("interrupted", False, True)
        assert "被结束" in ended["fault_zh"]


DIES = """
import sys
sys.path.insert(0, "tests")
from pathlib import Path
from databases import settings_of
from people import browser
from planner import begin, served_plan, start, wait
import dataclasses
settings = dataclasses.replace(settings_of(Path(sys.argv[1])), plan=Path(sys.argv[2]))
sys.path.insert(0, "tests/service")
from test_jobs import begin_hard, worker_of
with browser(settings) as client:
    study = begin_hard(client, Path(sys.argv[3]))
    run, second = start(client, study), start(client, study)
    wait(client, run, until=lambda one: one["state"] == "running")
    print(run["id"], second["id"], worker_of(client, run), flush=True)
    sys.stdin.read()
"""


def test_runs_of_a_service_that_died_are_interrupted_and_those_that_waited_are_taken_up(
    planning: Settings, tmp_path: Path
) -> None:
    (tmp_path / "hard").mkdir()
    arguments = [str(planning.data), str(planning.plan), str(tmp_path / "hard")]
    command = [sys.executable, "-c", DIES, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        first, second, worker = service.stdout.readline().split()
        assert lives(int(worker))
        service.kill()
    assert ends(int(worker))  # nobody would hear what it finds
    with browser(planning) as client:
        become(client, "planner")
        found = client.get(f"{V1}/runs/{first}").json()
        assert (found["state"], found["may_start_again"]) == ("interrupted", True)
        assert "服务停止" in found["fault_zh"]
        wait(client, {"id": second}, until=lambda one: one["state"] == "running")
        worker = worker_of(client, {"id": second})
        began = time.monotonic()
    assert time.monotonic() - began < 10  # a service that is told to stop does not wait for a run
    assert ends(worker)
    with browser(planning) as client:
        become(client, "planner")
        assert client.get(f"{V1}/runs/{second}").json()["state"] == "interrupted"


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler and one worker, real processes: the address, and the worker."""
    file, environment = folder / "scheduler.json", {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}

    def run(module: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", module, "--scheduler-file", str(file), "--no-dashboard", *arguments]
        log = open(folder / f"{module}.log", "wb")  # noqa: SIM115  the process keeps it
        with log:
            return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)

    with run("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0") as scheduler:
        try:
            end = time.monotonic() + 60
            while not file.exists() and time.monotonic() < end:
                time.sleep(0.1)
            address = json.loads(file.read_text())["address"]
            with run("distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny") as worker:
                try:
                    yield address, worker
                finally:
                    worker.kill()
        finally:
            scheduler.kill()


def test_a_cluster_works_on_runs_tells_how_far_it_is_and_stops_when_asked(planning: Settings, tmp_path: Path) -> None:
    (tmp_path / "hard").mkdir()
    with cluster(tmp_path) as (address, worker), browser(dataclasses.replace(planning, scheduler=address)) as client:
        hard = start(client, begin_hard(client, tmp_path / "hard"))
        seen = wait(client, hard, until=lambda one: one["so_far"] is not None)
        assert (seen["state"], seen["silent_s"] < 30) == ("running", True)
        parent = Path(f"/proc/{worker_of(client, hard)}/stat").read_text().rsplit(")", 1)[1].split()[1]
        assert int(parent) == worker.pid
        client.post(f"{V1}/runs/{hard['id']}/stop")
        ended = wait(client, hard)
        assert (ended["state"], ended["has_plan"], ended["figures"]["status"]) == ("stopped", True, "stopped")
    with browser(dataclasses.replace(planning, scheduler=address)) as client:  # the cluster is gone
        run = wait(client, start(client, begin(client)))
        assert (run["state"], run["fault_en"]) == ("interrupted", "The cluster cannot be reached.")
