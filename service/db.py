"""The database: SQLite (one file, nothing lost on power failure) or PostgreSQL; sessions that commit before the answer.

A read sees one moment. On SQLite a write takes its turn at the beginning, so that it never fails half-way for another's
sake. A database that is away, locked or full is a clear 503, and is found again without a restart.
"""

import builtins
import datetime as dt
import hashlib
import json
import logging
import os
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio
import psycopg
from fastapi import Request
from fastapi.concurrency import contextmanager_in_threadpool
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    TimeoutError,
)
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import QueuePool

from aedplan import InputError

from .errors import ServiceError
from .history import By, RecordSession
from .looks import keep_looks
from .migrations import HEAD, known, revision
from .sealing import read_safe
from .settings import SQLITE_FILE, Settings, data_folder

event.listen(RecordSession, "after_flush", keep_looks)

WAIT_S = 5
_log = logging.getLogger(__name__)
READING, WRITING = 16, 4
"""So many requests may have a session at once, to read and to write (SQLite: one to write). Others wait without a thread:
if all threads waited for those who have the connections or the turn to write, these would find none to go on. More who write
only take Python's lock from one another at every answer of the database: the slowest of fifty then wait longer."""

LONGEST_QUEUE_S = 20

# the connection that was used last is taken first: what it has prepared and read is at hand
_POOL: dict[str, Any] = {"pool_size": 20, "max_overflow": 20, "pool_timeout": WAIT_S, "pool_use_lifo": True}


class Database:
    """An engine and its sessions. Making one asks nothing of the database."""

    def __init__(self, settings: Settings) -> None:
        url = settings.database_url
        file = _sqlite_file(settings)
        self.name = str(file) if file else make_url(url).render_as_string(hide_password=True)
        self.file = file
        self.engine = _sqlite_engine(file) if file else _postgresql_engine(url)
        event.listen(self.engine, "checkin", _leave_clean)
        self._writer = self.engine.execution_options(writes=True)
        self.safe = read_safe(settings.key, data_folder(settings))
        self.files = data_folder(settings) / "files"
        self._checked = False
        self._turn = threading.Lock()
        self._rooms = {False: anyio.Semaphore(READING), True: anyio.Semaphore(1 if file else WRITING)}
        self.written = 0
        """How many transactions that may have written something this process has committed."""

    @contextmanager
    def session(self, by: By | None = None, *, writes: bool | None = None) -> Iterator[RecordSession]:
        """One transaction: committed at the end, rolled back on any error.

        by      who writes; None opens it for reading, until a route finds out who asks
        writes  whether to take the turn to write at once; by default when `by` is given

        Raises ServiceError 503 when the database is away, locked, full or of another version, 409 on a conflict.
        """
        writes = by is not None if writes is None else writes
        with _say_clearly(), self._take_turn(writes), self._open(writes) as session:
            session.info.update(by=by, safe=self.safe)
            self._check_once()
            yield session
            session.commit()
            self.written += writes

    @asynccontextmanager
    async def session_of_request(self, *, writes: bool) -> AsyncIterator[RecordSession]:
        """The same for a request, whose turn comes in the order in which requests came.

        Raises ServiceError 503 when it does not come in time.
        """
        try:
            with anyio.fail_after(LONGEST_QUEUE_S):
                await self._rooms[writes].acquire()
        except builtins.TimeoutError as error:
            raise ServiceError(503, *_AWAY) from error
        try:
            async with contextmanager_in_threadpool(self.session(writes=writes)) as session:
                yield session
        finally:
            self._rooms[writes].release()

    @contextmanager
    def _take_turn(self, writes: bool) -> Iterator[None]:
        """Nobody of this process waits for SQLite's lock, which is asked for again and again, and goes to anybody."""
        mine = writes and self.file is not None
        if mine and not self._turn.acquire(timeout=WAIT_S):
            raise ServiceError(503, *_AWAY)
        try:
            yield
        finally:
            if mine:
                self._turn.release()

    def _open(self, writes: bool) -> RecordSession:
        return RecordSession(self._writer if writes else self.engine, expire_on_commit=False)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def check_schema(self) -> None:
        """Raises InputError, saying what to run, when the tables are not those of this program."""
        with self.engine.connect() as connection:
            found = revision(connection)
            newer = found is not None and found != HEAD and not known(connection, found)
        if found is None:
            raise InputError(f"{self.name}: holds no records yet; make them with: python -m service init")
        if found != HEAD:
            what = f"{self.name}: its tables are of version {found}, this program's of {HEAD}"
            way = "take the newer program" if newer else "bring them up to date with: python -m service upgrade"
            raise InputError(f"{what}; {way}")

    def list_files(self) -> list[Path]:
        """The photos and scans kept beside the database, each named by its SHA-256."""
        return sorted(path for path in self.files.glob("*/*") if len(path.name) == 64)

    def path_of(self, name: str) -> Path:
        """Where a kept file lies, by its checksum."""
        return self.files / name[:2] / name

    def keep_file(self, content: bytes) -> str:
        """Keep a file under its checksum, which is returned; on the disk before the row that names it.

        Raises ServiceError 503 when the disk cannot take it; nothing half is left there.
        """
        name = hashlib.sha256(content).hexdigest()
        path = self._file_path(name)
        partial = path.with_name(f"{name}.{os.getpid()}.{threading.get_ident()}")
        try:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(partial, path)
                _sync_folder(path.parent)
        except OSError as error:
            partial.unlink(missing_ok=True)
            _log.error("a file cannot be kept: %s", error)
            raise ServiceError(503, *_AWAY) from error
        return name

    def _file_path(self, name: str) -> Path:
        """Where a file of that checksum lies; a name that is no checksum leads nowhere else."""
        known = len(name) == 64 and not set(name) - set("0123456789abcdef")
        return self.files / name[:2] / name if known else self.files / "none"

    def read_file(self, name: str) -> bytes:
        """A kept file by its checksum.

        Raises ServiceError 404 when it is not there, 500 when the disk has changed it.
        """
        try:
            content = self.path_of(name).read_bytes()
        except FileNotFoundError:
            raise ServiceError(404, "没有这个文件。", "There is no such file.") from None
        if hashlib.sha256(content).hexdigest() != name:
            raise ServiceError(500, "文件已损坏，请从备份恢复。", "The file is damaged; restore it from a backup.")
        return content

    def check_start(self) -> None:
        """Refuse to start with tables of another version; a database that is away may come yet.

        Raises InputError, saying what to run.
        """
        try:
            self.check_schema()
        except (OperationalError, InterfaceError, DisconnectionError) as error:
            _log.error("%s cannot be opened yet: %s", self.name, error.args[0])
        except InputError:
            self.close()
            raise

    def _check_once(self) -> None:
        if not self._checked:
            try:
                self.check_schema()
            except InputError as error:
                raise ServiceError(
                    503, "数据库版本不符，请管理员运行 python -m service upgrade。", str(error)
                ) from error
            self._checked = True


def _sync_folder(folder: Path) -> None:
    """Let the disk know the names in a folder, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def get_db(request: Request) -> AsyncIterator[RecordSession]:
    """The session of one request; use as `Depends(get_db, scope="function")`, so that a failing commit is told."""
    writes = request.method not in ("GET", "HEAD")
    async with database_of(request).session_of_request(writes=writes) as session:
        yield session


def database_of(request: Request) -> Database:
    """The database of the application, which has one where it has routes that ask for it."""
    database: Database = request.app.state.database
    return database


def now() -> dt.datetime:
    """This instant: the only clock of the records."""
    return dt.datetime.now(dt.UTC)


@contextmanager
def _say_clearly() -> Iterator[None]:
    try:
        yield
    except (IntegrityError, StaleDataError) as error:
        raise ServiceError(409, *_CONFLICT) from error
    except (OperationalError, InterfaceError, TimeoutError, DisconnectionError) as error:
        raise ServiceError(503, *_AWAY) from error
    except (DataError, OverflowError) as error:
        raise ServiceError(422, *_UNFIT) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise ServiceError(503, *_AWAY) from error
        raise


_AWAY = (
    "档案暂时无法读写，请稍后再试；您填写的内容没有丢失。",
    "The records are away for a moment; try again soon.",
)
_UNFIT = (
    "填写的文字或数值无法保存。",
    "A text or number is none that the records can hold.",
)
_CONFLICT = (
    "与现有档案冲突，或他人刚刚修改过，请刷新后重试。",
    "This conflicts with the records, or somebody was faster; reload.",
)


def _sqlite_file(settings: Settings) -> Path | None:
    """The SQLite file, or None for PostgreSQL."""
    url = settings.database_url
    if not url:
        return data_folder(settings) / SQLITE_FILE
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InputError("AEDPLAN_DATABASE_URL is no address; " + _EXPECTED) from error
    backend = parsed.get_backend_name()
    if backend not in ("sqlite", "postgresql") or (backend == "sqlite" and not parsed.database):
        raise InputError(f"AEDPLAN_DATABASE_URL names {parsed.drivername!r}; {_EXPECTED}")
    return Path(str(parsed.database)) if backend == "sqlite" else None


_EXPECTED = "expected sqlite:////folder/file.sqlite or postgresql://user:password@host/database"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _postgresql_engine(url: str) -> Engine:
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        json_serializer=_json,
        connect_args={"connect_timeout": WAIT_S, "options": f"-c timezone=UTC -c lock_timeout={WAIT_S * 1000}"},
        **_POOL,
    )


def _sqlite_engine(file: Path) -> Engine:
    engine = create_engine(
        "sqlite://", creator=partial(_open, file), poolclass=QueuePool, json_serializer=_json, **_POOL
    )
    event.listen(engine, "connect", partial(_remember_file, file))
    event.listen(engine, "checkout", partial(_check_file, file))
    event.listen(engine, "begin", _begin)
    return engine


def _leave_clean(raw: Any, record: Any) -> None:
    """After a commit that failed, SQLAlchemy hands the connection to the next in the middle of the transaction."""
    if raw is not None:
        try:
            raw.rollback()  # asks the database nothing when there is no transaction
        except (sqlite3.Error, psycopg.Error):
            record.invalidate()


def _open(file: Path) -> sqlite3.Connection:
    """A connection to a file that is there: a lost file must not turn into an empty database."""
    address = f"file:{quote(str(file.absolute()))}?mode=rw"
    opened = sqlite3.connect(address, uri=True, timeout=WAIT_S, isolation_level=None, check_same_thread=False)
    for setting in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        opened.execute(f"PRAGMA {setting}")
    return opened


def _remember_file(file: Path, _: sqlite3.Connection, record: Any) -> None:
    record.info["file"] = _identity(file)


def _check_file(file: Path, _: sqlite3.Connection, record: Any, __: Any) -> None:
    """A file that was removed or replaced still answers through old connections, and would swallow what is written."""
    if record.info["file"] != _identity(file):
        raise DisconnectionError(f"{file} was removed or replaced")


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
