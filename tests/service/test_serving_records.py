"""The real server with records: it starts with them, says what to run when their tables are old, and stops cleanly."""

import subprocess
import sys
from contextlib import closing

import pytest
from databases import KEY
from people import make_county
from town import ROOT, environment

from service import migrations
from service.db import Database


def command(settings, folder) -> dict:
    words = [sys.executable, "-W", "error", "-m", "service", "serve", "--port", "0", "--plan", str(folder)]
    named = {"AEDPLAN_DATABASE_URL": settings.database_url} if settings.database_url else {}
    return {"args": words, "cwd": ROOT, "env": environment(AEDPLAN_DATA=str(settings.data), AEDPLAN_KEY=KEY, **named)}


def test_the_server_keeps_records_beside_the_published_plan(settings, database, folder):
    import httpx2

    make_county(database)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(**command(settings, folder), **pipes) as server:
        try:
            address = server.stdout.readline().strip()
            with httpx2.Client(base_url=address) as client:
                assert client.get("/api/v1/records/devices").status_code == 401
                assert client.get("/api/v1/devices").status_code == 200
        finally:
            server.terminate()
        assert server.stderr.read() == ""


def test_a_start_with_old_tables_says_what_to_run(sqlite_files, tmp_path, folder):
    """On one database; on both, test_migrations."""
    settings = sqlite_files.make(tmp_path)
    with closing(Database(settings)) as database, database.engine.execution_options(writes=True).begin() as connection:
        migrations.downgrade(connection, "0002")
    done = subprocess.run(**command(settings, folder), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "python -m service upgrade" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("key", ["", "short"])
def test_a_start_without_the_key_says_so(sqlite_files, tmp_path, folder, key):
    """Before any database is asked."""
    told = command(sqlite_files.make(tmp_path), folder)
    told["env"]["AEDPLAN_KEY"] = key
    done = subprocess.run(**told, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "key" in done.stderr
