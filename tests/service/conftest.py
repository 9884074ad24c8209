"""The published plan of the hand-drawn town, and the service that serves it: in this process, and for real."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from databases import PostgresqlServer, SqliteFiles, postgresql_server
from starlette.testclient import TestClient
from town import DEVICES, ROOT, VERTICES, WAYS, Town, at, environment, served, write_plan

from service.db import Database
from service.settings import Settings


@pytest.fixture(scope="session")
def town() -> Town:
    return Town(np.array([at(*v) for v in VERTICES]), WAYS, {d[0]: at(*d[3]) for d in DEVICES})


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_plan(tmp_path_factory.mktemp("published") / "plan")


@pytest.fixture(scope="session")
def client_of() -> Callable[[Path], TestClient]:
    from people import quick_app

    return lambda plan: TestClient(
        quick_app(Settings(plan, "127.0.0.1", 0, data=plan / "no-records")), raise_server_exceptions=False
    )


@pytest.fixture(scope="session")
def client(client_of: Callable[[Path], TestClient], folder: Path) -> TestClient:
    return client_of(folder)


@pytest.fixture(scope="session")
def run_service() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `python -m service` to its end."""

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "service", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment(**more), capture_output=True, text=True, timeout=60, check=False
        )

    return run


@pytest.fixture(scope="session")
def server(folder: Path) -> Iterator[str]:
    with served(folder) as address:
        yield address


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    with postgresql_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a service with empty records; every test that takes them runs on both databases."""
    maker = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgresql")
    made: Settings = maker.make(tmp_path)
    return made


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    opened = Database(settings)
    yield opened
    opened.close()
