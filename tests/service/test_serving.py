"""The real server, started as an office starts it, and the ways it refuses to start."""

import gzip
import json
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing

import pytest
from town import ROOT, environment, served, write_plan


def ask(address, path, method="GET", **headers):
    request = urllib.request.Request(address + path, method=method, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_the_server_serves_map_report_devices_plan_nearest_and_health(server, folder):
    assert ask(server, "/plan")[2] == (folder / "map.html").read_bytes()
    assert ask(server, "/report")[2] == (folder / "report.html").read_bytes()
    assert len(json.loads(ask(server, "/api/v1/devices")[2])["features"]) == 4
    assert len(json.loads(ask(server, "/api/v1/plan")[2])["features"]) == 2
    nearest = json.loads(ask(server, "/api/v1/nearest?lon=118.0&lat=25.0&limit=9")[2])
    walked = sorted(nearest["devices"], key=lambda device: device["metres"])  # which are usable depends on the clock
    assert [d["id"] for d in walked] == ["d-south", "d-bridge", "d-loop", "d-north"]
    assert json.loads(ask(server, "/health")[2])["status"] == "ok"


def test_a_map_the_client_has_already_is_not_sent_again(server):
    _, headers, _ = ask(server, "/plan")
    status, _, body = ask(server, "/plan", **{"If-None-Match": headers["ETag"]})
    assert (status, body) == (304, b"")
    assert ask(server, "/plan", **{"If-None-Match": '"another"'})[0] == 200


def test_the_map_is_compressed_only_for_clients_that_unpack_it(server, folder):
    _, headers, packed = ask(server, "/plan", **{"Accept-Encoding": "br, gzip"})
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == (folder / "map.html").read_bytes()
    for accepted in ("identity", "gzip;q=0, identity"):
        assert ask(server, "/plan", **{"Accept-Encoding": accepted})[1]["Content-Encoding"] is None


@pytest.mark.parametrize(
    "path", ["/", "/plan", "/d/d-south", "/worker.js", "/api/v1/devices", "/health", "/no-such-page"]
)
def test_head_gives_the_headers_of_get_without_a_body(server, path):
    got, had = ask(server, path), ask(server, path, "HEAD")
    assert had[0] == got[0]
    assert had[1]["Content-Length"] == got[1]["Content-Length"]
    assert had[2] == b""


@pytest.mark.parametrize(
    "path", ["/", "/plan", "/report", "/d/d-south", "/api/v1/devices", "/api/v1/nearest", "/nothing"]
)
def test_every_answer_forbids_other_hosts(server, path):
    headers = ask(server, path)[1]
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert not re.search(r"https?:|\*", headers["Content-Security-Policy"])
    assert ("'unsafe-inline'" in policy["script-src"]) == (path in ("/plan", "/report"))
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Server"] is None


def test_a_plan_written_again_is_served_by_the_running_server(tmp_path):
    with served(write_plan(tmp_path / "plan", title="旧")) as address:
        assert "旧" in ask(address, "/plan")[2].decode()
        write_plan(tmp_path / "plan", title="新", devices=2)
        assert "新" in ask(address, "/plan")[2].decode()
        assert len(json.loads(ask(address, "/api/v1/devices")[2])["features"]) == 2


def test_asking_where_devices_are_leaves_no_trace_of_the_person(folder):
    command = [sys.executable, "-m", "service", "serve", "--port", "0", "--plan", str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=pipe, stderr=pipe, text=True) as server:
        address = server.stdout.readline().strip().rstrip("/")
        ask(address, "/api/v1/nearest?lon=118.00123&lat=25.0")
        server.send_signal(signal.SIGINT)
        words = "".join(server.communicate(timeout=10))
    assert "118.00123" not in words
    assert "Traceback" not in words
    assert server.returncode == 0


def test_a_missing_plan_is_told_in_one_line_with_the_command_that_makes_one(run_service, tmp_path):
    done = run_service("serve", "--plan", str(tmp_path / "none"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"aedplan plan SCENARIO.toml --out {tmp_path / 'none'}" in done.stderr
    assert "no such plan folder" in done.stderr


def test_a_folder_that_is_no_plan_is_told_in_one_line_with_what_it_lacks(run_service, tmp_path):
    (tmp_path / "summary.json").write_text("{}")
    done = run_service("serve", AEDPLAN_PLAN=str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "plan.geojson, map.html, report.html, streets" in done.stderr
    assert "aedplan plan SCENARIO.toml --out" in done.stderr


def test_a_port_in_use_is_told_in_one_line(run_service, folder):
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = str(other.getsockname()[1])
        done = run_service("serve", "--plan", str(folder), "--port", port)
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, "")
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
    assert "PORT=" in done.stderr  # what `make demo` takes


def test_an_address_of_another_machine_is_told_in_one_line(run_service, folder):
    done = run_service("serve", "--plan", str(folder), "--host", "192.0.2.1", "--port", "0")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_setting_that_does_not_exist_is_refused_with_the_near_one(run_service):
    done = run_service("serve", AEDPLAN_PLANS="x")
    assert done.returncode == 2
    assert "AEDPLAN_PLANS is not a setting; did you mean AEDPLAN_PLAN?" in done.stderr


def test_help_loads_nothing_heavy(run_service):
    done = run_service("--help")
    assert done.returncode == 0
    assert "serve" in done.stdout
    heavy = "import sys, service.__main__; assert not {'fastapi', 'numpy', 'uvicorn'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", heavy], cwd=ROOT, check=False).returncode == 0
