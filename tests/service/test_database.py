"""The database in trouble: killed, gone, locked, full, replaced; what was acknowledged is there, nothing is half there."""

import dataclasses
import datetime as dt
import http.client
import io
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

import pytest
import sqlalchemy as sa
from people import browser, make_county, sign_in
from PIL import Image
from sqlalchemy import select
from town import ROOT, environment

import service.db
from service.accounts import make_token
from service.db import Database
from service.errors import ServiceError
from service.history import By
from service.settings import Settings, has_records
from service.tables import Attachment, Change, Defect, Inspection, Organisation

R = "/api/v1/records"
BODY = {"name": "医院", "kind": "hospital"}


@pytest.fixture
def client(settings, database, folder, monkeypatch):
    monkeypatch.setattr(service.db, "WAIT_S", 1)
    make_county(database)
    with browser(dataclasses.replace(settings, plan=folder)) as client:
        sign_in(client, "office")
        yield client


@pytest.fixture
def killed(settings, database, folder):
    """Starts services that may be killed, with a device and a key for scripts in their records."""
    county = make_county(database)
    with database.session(By(county.accounts["office"], "office", service.db.now())) as session:
        scopes = ["add:*", "see:*", "change:*"]
        key, _ = make_token(session, county.accounts["office"], "script", scopes, days=1)
    command = [
        sys.executable,
        "-W",
        "error",
        ROOT / "tests" / "killed.py",
        settings.data,
        settings.database_url,
        folder,
    ]
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=environment(PYTHONPATH=path), text=True, **pipes) as program:
        made = Killed(program, key, county.device)
        yield made
        program.stdin.close()
        if made.running:
            made.kill()


@dataclasses.dataclass
class Killed:
    """The program, and who writes to the services that it starts."""

    program: subprocess.Popen[str]
    key: str
    device: str
    pid: int = 0
    port: int = 0
    running: bool = False

    def start(self) -> None:
        self.program.stdin.write("go\n")
        self.program.stdin.flush()
        self.pid, self.running = int(self.program.stdout.readline()), True
        self.port = int(self.program.stdout.readline().strip(" /\n").rpartition(":")[2])

    def kill(self) -> None:
        self.running = False
        os.kill(self.pid, signal.SIGKILL)
        assert self.program.stdout.readline() == "ended\n"

    def write(self, name: str) -> tuple[int, int, int]:
        """Write an organisation, a photo and a check; how the service answered."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Authorization": f"Bearer {self.key}"}
        try:
            body = json.dumps({**BODY, "name": name})
            connection.request("POST", f"{R}/organisations", body, headers | {"Content-Type": "application/json"})
            first = connection.getresponse()
            first.read()
            about = f"{R}/attachments?kind=photo&name={name}&device_id={self.device}"
            connection.request("POST", about, photo(name), headers | {"Content-Type": "image/jpeg"})
            second = connection.getresponse()
            second.read()
            path, check = f"{R}/devices/{self.device}/inspections", json.dumps(check_of(name))
            connection.request("POST", path, check, headers | {"Content-Type": "application/json"})
            return first.status, second.status, connection.getresponse().status
        finally:
            connection.close()

    def see(self) -> int:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request("GET", f"{R}/organisations", headers={"Authorization": f"Bearer {self.key}"})
            return connection.getresponse().status


def check_of(name: str) -> dict[str, object]:
    """A check, of which some find a defect and others that it is mended."""
    found = {"cabinet_sign": {"result": "fail", "note": name}} if name[-1] in "02468" else {}
    at = dt.datetime.now(dt.UTC).isoformat()
    return {"client_id": client_id(name), "kind": "daily", "at": at, "form_version": 1, "differences": found}


def client_id(name: str) -> str:
    return str(uuid5(NAMESPACE_OID, name))


def photo(name: str) -> bytes:
    """A small picture that is no other's."""
    made = io.BytesIO()
    Image.frombytes("RGB", (16, 16), random.Random(name).randbytes(768)).save(made, "JPEG")
    return made.getvalue()


@pytest.mark.slow
def test_the_service_killed_at_any_moment_keeps_what_it_has_acknowledged_and_nothing_is_half_there(killed, database):
    rng, acknowledged = random.Random(6), []
    for round_ in range(20):
        killed.start()
        enough = len(acknowledged) + rng.randrange(30)
        with ThreadPoolExecutor(4) as pool:
            prefixes = [f"{round_}-{writer}" for writer in range(4)]
            writing = [pool.submit(write_until_killed, killed, prefix, acknowledged) for prefix in prefixes]
            while len(acknowledged) < enough and not any(one.done() for one in writing):
                time.sleep(0.002)
            time.sleep(rng.random() * 0.02)
            killed.kill()
        assert [one.result() for one in writing] == [None] * 4
    assert len(acknowledged) > 200
    check_whole(database, set(acknowledged))


def write_until_killed(killed: Killed, prefix: str, acknowledged: list[str]) -> None:
    for number in range(500):
        try:
            answered = killed.write(f"{prefix}-{number}")
        except (OSError, http.client.HTTPException):
            return
        assert answered == (201, 201, 201)
        acknowledged.append(f"{prefix}-{number}")


def check_whole(database: Database, acknowledged: set[str]) -> None:
    with database.session() as session:
        organisations = {one.id: one.name for one in session.scalars(select(Organisation)) if "-" in one.name}
        photos = {one.id: one for one in session.scalars(select(Attachment))}
        checks = list(session.scalars(select(Inspection).order_by(Inspection.at, Inspection.id)))
        defects = list(session.scalars(select(Defect)))
        told = {(one.kind, one.record_id) for one in session.scalars(select(Change)) if one.verb == "add"}
    assert acknowledged <= set(organisations.values())
    assert acknowledged <= {one.name for one in photos.values()}
    assert {id for kind, id in told if kind == "attachment"} == set(photos)
    assert {id for kind, id in told if kind == "organisation"} >= set(organisations)
    assert len(set(organisations.values())) == len(organisations)
    assert set(map(client_id, acknowledged)) <= {one.client_uuid for one in checks}
    assert {id for kind, id in told if kind == "inspection"} == {one.id for one in checks}
    assert {id for kind, id in told if kind == "defect"} == {one.id for one in defects}
    assert [one.inspection_id for one in defects if one.done_at is None] == last_to_find(checks)
    for one in photos.values():
        assert Image.open(io.BytesIO(database.read_file(one.sha256))).size == (16, 16)


def last_to_find(checks: list[Inspection]) -> list[str]:
    """The check that found the defect that stands, if one does."""
    found: list[str] = []
    for one in checks:
        failed = one.items["cabinet_sign"]["result"] == "fail"
        found = (found or [one.id]) if failed else []
    return found


def test_a_disk_that_takes_nothing_more_is_a_clear_503_until_it_does_again(killed, database):
    killed.start()
    assert killed.write("a-1") == (201, 201, 201)
    before = resource.prlimit(killed.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(killed.pid, resource.RLIMIT_FSIZE, (0, before[1]))  # whatever is written to any file fails
    kept = 503 if database.file else 201  # PostgreSQL writes for itself
    assert killed.write("a-2") == (kept, 503, kept)
    assert killed.see() == 200
    resource.prlimit(killed.pid, resource.RLIMIT_FSIZE, before)
    assert killed.write("a-3") == (201, 201, 201)
    killed.kill()
    check_whole(database, {"a-1", "a-3"})


def test_a_database_that_is_gone_is_a_clear_503_and_is_found_again(client, settings, database):
    with gone(settings, database):
        for answer in (client.get(f"{R}/sites"), client.post(f"{R}/organisations", json=BODY)):
            assert answer.status_code == 503
            assert set(answer.json()) == {"status", "message_zh", "message_en"}
        assert client.get("/api/v1/devices").status_code == 200  # the published plan needs no database
    assert client.get(f"{R}/sites").status_code == 200
    assert client.post(f"{R}/organisations", json=BODY).status_code == 201


class gone:  # noqa: N801  reads as a word of the with statement
    """Takes the database away for a while."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._file = database.file
        if not self._file:
            url = sa.make_url(settings.database_url).set(drivername="postgresql+psycopg")
            self._name = url.database
            self._server = sa.create_engine(
                url.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
            )

    def __enter__(self) -> None:
        if self._file:
            self._file.rename(self._file.with_suffix(".away"))
            return
        with self._server.connect() as connection:
            connection.exec_driver_sql(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS false")
            connection.exec_driver_sql(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._name}'"
            )

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.with_suffix(".away").rename(self._file)
            return
        with self._server.connect() as connection:
            connection.exec_driver_sql(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS true")


def test_a_locked_database_is_a_clear_503_and_works_again_once_it_is_free(client, database):
    with database.engine.execution_options(writes=True).connect() as other:
        if database.file:
            other.execute(sa.text("SELECT 1"))  # holds the turn to write
        else:
            other.execute(sa.text("LOCK TABLE organisation IN ACCESS EXCLUSIVE MODE"))
        assert client.post(f"{R}/organisations", json=BODY).status_code == 503
        other.rollback()
    assert client.post(f"{R}/organisations", json=BODY).status_code == 201


def test_a_full_disk_is_a_clear_503_and_nothing_is_half_written(client, database):
    app_database = client.app.state.database
    with app_database.engine.execution_options(writes=True).begin() as connection:
        if app_database.file:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        else:
            connection.exec_driver_sql(FULL)
    if app_database.file:
        limit = lambda raw, *_: raw.execute(f"PRAGMA max_page_count={pages}")  # noqa: E731
        sa.event.listen(app_database.engine, "checkout", limit)
    statuses = [client.post(f"{R}/organisations", json={**BODY, "address": "x" * 200}).status_code for _ in range(200)]
    assert statuses[-1] == 503
    assert set(statuses) <= {201, 503}
    with database.session() as session:
        kept = session.scalar(sa.select(sa.func.count()).where(Organisation.name == BODY["name"]))
        lines = [line for line in session.scalars(sa.select(Change)) if line.after.get("name") == BODY["name"]]
    assert kept == len(lines) == statuses.count(201)


FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON change FOR EACH ROW EXECUTE FUNCTION full_disk();
"""


def test_a_commit_that_fails_is_told(client):
    failing = [True]

    def fail(_):
        if failing:
            failing.clear()
            raise sa.exc.OperationalError("COMMIT", {}, Exception("the disk is gone"))

    sa.event.listen(client.app.state.database.engine, "commit", fail)
    assert client.post(f"{R}/organisations", json=BODY).status_code == 503
    assert client.post(f"{R}/organisations", json=BODY).status_code == 201
    assert [one["name"] for one in client.get(f"{R}/organisations").json()].count(BODY["name"]) == 1


def test_a_replaced_file_is_noticed_so_that_nothing_is_written_to_the_old_one(sqlite_files, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    database = Database(sqlite_files.make(first))
    with database.session(By(None, "test", service.db.now())) as session:
        session.add(Organisation(name="old", kind="school"))
    other = sqlite_files.make(second).data / database.file.name
    for old in first.glob(f"{database.file.name}*"):
        old.unlink()
    os.replace(other, database.file)
    with database.session() as session:
        assert session.scalars(sa.select(Organisation)).all() == []


def test_a_lost_file_never_becomes_an_empty_database(sqlite_files, tmp_path):
    database = Database(sqlite_files.make(tmp_path))
    database.file.unlink()
    with pytest.raises(ServiceError) as caught, database.session():
        pass
    assert caught.value.status == 503
    assert not database.file.exists()
    assert not has_records(dataclasses.replace(sqlite_files.make(tmp_path), data=tmp_path / "none"))


def test_sqlite_keeps_what_it_has_said_it_keeps(sqlite_files, tmp_path):
    with Database(sqlite_files.make(tmp_path)).engine.connect() as connection:
        pragmas = {
            p: connection.exec_driver_sql(f"PRAGMA {p}").scalar()
            for p in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "not an address", "postgresql"])
def test_an_address_of_no_database_is_refused(url):
    from databases import settings_of

    from aedplan import InputError

    with pytest.raises(InputError, match="AEDPLAN_DATABASE_URL"):
        Database(settings_of(Path("x"), url))
