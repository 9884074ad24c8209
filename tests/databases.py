"""Empty databases for tests, one body for both: a SQLite file, and a PostgreSQL server started from Debian's binaries."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from service.db import Database
from service.migrations import upgrade
from service.settings import SQLITE_FILE as FILE
from service.settings import Settings

UNNEEDED = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
"""What a server does so that databases outlive the machine and years of use; tests make hundreds and keep none."""

KEY = "Jc2IfkwD9Jm3yBmRT0wG1VpZ7zI3Zc1GHTMhbXrXhTs="
"""Seals the names in tests; opens nothing else."""

_numbers = count(1)


def settings_of(data: Path, url: str = "", plan: Path = Path("none")) -> Settings:
    """Settings of a service whose records are kept in a folder or at a URL."""
    return Settings(plan, "127.0.0.1", 0, data=data, database_url=url, key=KEY)


class SqliteFiles:
    """Makes SQLite databases: copies of one whose tables were made once."""

    def __init__(self, folder: Path) -> None:
        self._made = folder / FILE
        self._made.touch()
        make_tables(Database(settings_of(folder)))

    def make(self, data: Path) -> Settings:
        """A database of its own in a folder."""
        shutil.copy(self._made, data / FILE)
        return settings_of(data)


class PostgresqlServer:
    """Makes PostgreSQL databases: copies of one whose tables were made once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._psql("CREATE DATABASE made")
        make_tables(Database(settings_of(folder, self._url("made"))))

    def make(self, data: Path) -> Settings:
        """A database of its own; files go to a folder."""
        name = f"test_{next(_numbers)}"
        self._psql(f"CREATE DATABASE {name} TEMPLATE made STRATEGY FILE_COPY")
        return settings_of(data, self._url(name))

    def make_bare(self, data: Path) -> Settings:
        """A database without tables."""
        name = f"bare_{next(_numbers)}"
        self._psql(f"CREATE DATABASE {name}")
        return settings_of(data, self._url(name))

    def _url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def _psql(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(statement)


def make_tables(database: Database) -> None:
    """Make the tables, and let go of the database."""
    with database.engine.execution_options(writes=True).begin() as connection:
        upgrade(connection)
    database.engine.dispose()


@contextmanager
def postgresql_server(*, durable: bool = False) -> Iterator[PostgresqlServer]:
    """A server of its own in a folder under /tmp, reached only by a socket in there.

    durable  whether a commit waits for the disk, as everywhere but in tests
    """
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="aedplan-pg-"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data = folder / "data"
        _as_postgres(binaries / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
        lasting = "" if durable else "".join(f" -c {name}=off" for name in UNNEEDED)
        options = f"-k {folder} -c listen_addresses= -c max_connections=120{lasting}"
        _as_postgres(binaries / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
        try:
            yield PostgresqlServer(folder)
        finally:
            _as_postgres(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    """Where PostgreSQL's programs are; without them the test is skipped, or fails where nothing may be skipped."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found and int(found[-1].parts[-3]) >= 15:
        return found[-1].parent
    reason = "PostgreSQL 15 or newer is not installed; on Debian: apt-get install postgresql"
    if os.environ.get("TESTS_NO_SKIPS"):
        pytest.fail(reason)
    pytest.skip(reason)


def _as_postgres(*command: object) -> None:
    """Run a program of the server, which refuses to run as root."""
    words = [str(word) for word in command]
    if os.getuid() == 0:
        words = ["runuser", "-u", "postgres", "--", *words]
    log = subprocess.run(words, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    assert log.returncode == 0, log.stderr
