"""The database in trouble: killed, gone, locked, full, replaced; what was acknowledged is there, nothing is half there."""

import dataclasses
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from people import browser, make_county, sign_in
from town import ROOT, environment

import service.db
from service.db import Database
from service.errors import ServiceError
from service.history import By
from service.settings import Settings, has_records
from service.tables import Change, Organisation, Site

R = "/api/v1/records"
BODY = {"name": "医院", "kind": "hospital"}


@pytest.fixture
def client(settings, database, folder, monkeypatch):
    monkeypatch.setattr(service.db, "WAIT_S", 1)
    make_county(database)
    with browser(dataclasses.replace(settings, plan=folder)) as client:
        sign_in(client, "office")
        yield client


@pytest.mark.slow
def test_killed_at_any_moment_the_acknowledged_is_there_and_nothing_is_half_there(settings, database):
    rng = random.Random(6)
    command = [sys.executable, "-W", "error", ROOT / "tests" / "killed.py", settings.data, settings.database_url]
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=environment(PYTHONPATH=path), text=True, **pipes) as killed:
        for round_ in range(20):
            acknowledged = one_round(killed, round_, rng)
            assert len(acknowledged) < 500, "killed too late"
            check_whole(database, str(round_), acknowledged)
        killed.stdin.close()


def one_round(killed: subprocess.Popen[str], round_: int, rng: random.Random) -> set[str]:
    """Names of what was acknowledged before the writer was killed."""
    killed.stdin.write(f"{round_}\n")
    killed.stdin.flush()
    pid, acknowledged, enough = 0, set(), rng.randrange(40)
    while (line := killed.stdout.readline().strip()) != "ended":
        assert line, "the program to be killed has ended by itself"
        if line.startswith("pid "):
            pid = int(line[4:])
        else:
            acknowledged.add(line)
        if pid and len(acknowledged) >= enough:
            time.sleep(rng.random() * 0.01)
            os.kill(pid, signal.SIGKILL)
            pid, enough = 0, 10_000
    return acknowledged


def check_whole(database: Database, round_: str, acknowledged: set[str]) -> None:
    mine = f"{round_}-%"
    with database.session() as session:
        organisations = session.scalars(sa.select(Organisation.name).where(Organisation.name.like(mine))).all()
        sites = session.scalars(sa.select(Site.name).where(Site.name.like(mine))).all()
        lines = session.scalars(sa.select(Change.after["name"].as_string())).all()
    assert sorted(organisations) == sorted(sites)
    assert len(set(sites)) == len(sites) <= len(acknowledged) + 1
    assert acknowledged <= set(sites)
    assert sorted(name for name in lines if name.startswith(f"{round_}-")) == sorted([*sites, *organisations])


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
