"""Backups: one ZIP of everything, taken while others write, checked after writing, read into either database.

Beside the tables it holds photos and scans, and the planner's runs that have ended, with what they were made from. Names
and phones stay sealed in it; the key is not in it. Reading one in is one transaction: all of it, or nothing.
"""

import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from alembic.util.exc import CommandError

from aedplan import InputError

from . import migrations
from .db import Database, now
from .looks import rebuild
from .planning.run_folders import RUNS, list_ended, put_back
from .portable import Row, read_table, tables, write_table
from .published import PUBLISHED, point_at

FORMAT = 1
MANIFEST = "manifest.json"
Rows = dict[str, int]


@dataclass(frozen=True)
class Source:
    """Where records are read in from: the version of their tables, their files, and how a row is to be changed."""

    name: str
    revision: str
    open_table: Callable[[str], IO[str] | None]
    change: Callable[[Row], Row] = dict
    rows: Rows | None = None


def backup(database: Database, path: Path) -> Rows:
    """Write a backup; how many rows of each table are in it.

    Raises InputError when the file cannot be written, or reads back otherwise than it was written.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
                manifest = _pack(database, packed)
            file.flush()
            os.fsync(file.fileno())
        check(partial)
        os.replace(partial, path)
    except OSError as error:
        raise InputError(f"{path}: the backup cannot be written ({error.strerror or error})") from error
    finally:
        partial.unlink(missing_ok=True)
    return {name: part["rows"] for name, part in manifest["tables"].items()}


def _pack(database: Database, packed: zipfile.ZipFile) -> dict[str, Any]:
    manifest: dict[str, Any] = {"format": FORMAT, "made_at": now().isoformat(), "tables": {}, "files": [], "runs": {}}
    with one_moment(database) as connection:
        manifest["revision"] = migrations.revision(connection)
        for table in tables(connection):
            with packed.open(f"tables/{table.name}.csv", "w", force_zip64=True) as member:
                hashing = _Hashing(member)
                text = io.TextIOWrapper(io.BufferedWriter(hashing), encoding="utf-8", newline="")
                rows = write_table(connection, table, text, dict)
                text.flush()
                text.detach()
            manifest["tables"][table.name] = {"rows": rows, "sha256": hashing.digest.hexdigest()}
    for file in database.list_files():  # a file is there before the row that names it
        packed.write(file, f"files/{file.name}")
        manifest["files"].append(file.name)
    runs = runs_of(database)
    for path in list_ended(runs):
        content = (runs / path).read_bytes()
        packed.writestr(f"{RUNS}/{path.as_posix()}", content)
        manifest["runs"][path.as_posix()] = hashlib.sha256(content).hexdigest()
    manifest["published"] = _published(runs)
    packed.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return manifest


def runs_of(database: Database) -> Path:
    """The folder of the planner's runs, beside the photos and scans."""
    return database.files.with_name(RUNS)


def _published(runs: Path) -> str:
    """Which run's plan a planner has published, as a path within their folder; "" for none."""
    plan = runs.with_name(PUBLISHED).resolve()
    return plan.relative_to(runs.resolve()).as_posix() if plan.is_relative_to(runs.resolve()) else ""


class _Hashing(io.RawIOBase):
    """Passes bytes on and keeps their checksum."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.digest.update(data)
        return self._target.write(data)


@contextmanager
def one_moment(database: Database) -> Iterator[sa.Connection]:
    """A connection that sees the records as they are now, whatever others write meanwhile."""
    level = {} if database.file else {"isolation_level": "REPEATABLE READ"}
    with database.engine.connect().execution_options(**level) as connection:  # type: ignore[arg-type]
        yield connection


def check(path: Path) -> dict[str, Any]:
    """The manifest of a backup whose every part is as it was written.

    Raises InputError when the file is no backup, or a part of it is damaged.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            manifest: dict[str, Any] = json.loads(packed.read(MANIFEST))
            sums = {f"tables/{name}.csv": part["sha256"] for name, part in manifest["tables"].items()}
            sums |= {f"files/{name}": name for name in manifest["files"]}
            sums |= {f"{RUNS}/{name}": expected for name, expected in manifest.get("runs", {}).items()}
            damaged = [name for name, expected in sums.items() if _checksum(packed, name) != expected]
    except (OSError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError) as error:
        raise InputError(f"{path}: cannot be read as a backup ({error}); expected what `backup` wrote") from error
    if damaged:
        raise InputError(f"{path}: {len(damaged)} parts are damaged, the first is {damaged[0]}")
    if manifest.get("format") != FORMAT:
        raise InputError(f"{path}: is a backup of format {manifest.get('format')!r}; this program reads {FORMAT}")
    return manifest


def _checksum(packed: zipfile.ZipFile, name: str) -> str:
    with packed.open(name) as member:
        return hashlib.file_digest(member, "sha256").hexdigest()  # type: ignore[arg-type]


def restore(database: Database, path: Path, *, replace: bool) -> Rows:
    """Read a backup in; how many rows of each table came.

    replace  whether what the database holds may go

    Raises InputError when the backup is damaged, was sealed with another key, or the database is not empty.
    """
    manifest = check(path)
    rows = {name: part["rows"] for name, part in manifest["tables"].items()}
    with zipfile.ZipFile(path) as packed:
        for name in manifest["files"]:
            database.keep_file(packed.read(f"files/{name}"))
        for name in manifest.get("runs", {}):  # none in a backup of an earlier version
            put_back(runs_of(database), name, packed.read(f"{RUNS}/{name}"))
        if f"{manifest.get('published')}/summary.json" in manifest.get("runs", {}):
            point_at(database.files.with_name(PUBLISHED), runs_of(database) / manifest["published"])

        def open_table(name: str) -> IO[str] | None:
            return io.TextIOWrapper(packed.open(f"tables/{name}.csv"), "utf-8", newline="") if name in rows else None

        return read_in(database, Source(str(path), manifest["revision"], open_table, rows=rows), replace=replace)


def read_in(database: Database, source: Source, *, replace: bool) -> Rows:
    """Read all tables in, in one transaction: into the tables of their version, which are then brought up to date."""
    with database.engine.execution_options(writes=True).begin() as connection:
        _make_room(connection, database, replace)
        _defer(connection)
        try:
            migrations.upgrade(connection, source.revision)
        except CommandError as error:
            raise InputError(f"{source.name}: its tables are of version {source.revision!r}, unknown here") from error
        came: Rows = {}
        for table in tables(connection):
            file = source.open_table(table.name)
            if file is not None:
                with file:
                    came[table.name] = read_table(connection, table, file, source.change)
        if source.rows is not None and came != source.rows:
            raise InputError(f"{source.name}: read back otherwise than it was written; nothing was changed")
        _check_key(connection, database)
        if not database.file:
            connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        migrations.upgrade(connection)
        rebuild(connection)
    return came


def _make_room(connection: sa.Connection, database: Database, replace: bool) -> None:
    if migrations.revision(connection) is None:
        return
    held = sum(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables(connection))
    if held and not replace:
        raise InputError(f"{database.name}: holds {held:,} rows; add --replace to put the others in their place")
    _defer(connection)
    migrations.remove(connection)


def _defer(connection: sa.Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON" if sqlite else "SET CONSTRAINTS ALL DEFERRED")


def _check_key(connection: sa.Connection, database: Database) -> None:
    for table in tables(connection):
        for column in table.columns:
            if column.name.endswith("_sealed"):
                some = connection.scalar(sa.select(column).where(column != "").limit(1))
                database.safe.open(some or "")
