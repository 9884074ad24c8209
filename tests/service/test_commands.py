"""python -m service init, add-user, backup, restore, export, import, upgrade: what they do and say."""

import io
import os
import sqlite3
import stat
from contextlib import closing
from dataclasses import dataclass

import pytest

from service.__main__ import main
from service.settings import SQLITE_FILE as FILE


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Runs a command on records in a folder of this test; the key file of `init` is theirs."""
    for name in [name for name in os.environ if name.startswith("AEDPLAN_")]:
        monkeypatch.delenv(name)

    def run(*arguments: object, data: str = "data", typed: str = "", **more: str) -> Done:
        with monkeypatch.context() as patch:
            patch.setenv("AEDPLAN_DATA", str(tmp_path / data))
            patch.setattr("sys.stdin", io.StringIO(typed))
            for name, value in more.items():
                patch.setenv(name, value)
            code = main([str(argument) for argument in arguments])
        return Done(code, *capsys.readouterr())

    return run


def test_an_office_makes_its_records_backs_them_up_and_moves_them(run, tmp_path):
    made = run("init")
    assert (made.returncode, made.stderr) == (0, "")
    for name in ("key", FILE):
        assert stat.S_IMODE(os.stat(tmp_path / "data" / name).st_mode) == 0o600
    with closing(sqlite3.connect(tmp_path / "data" / FILE)) as kept:
        assert kept.execute("SELECT count(*) FROM account").fetchone() == (
            0,
        )  # nobody gets in before the command says so
    key = (tmp_path / "data" / "key").read_text()
    again = run("init")
    assert again.returncode == 0
    assert (tmp_path / "data" / "key").read_text() == key
    added = run("add-user", "boss", "--role", "administrator", "--link")
    assert added.stdout.startswith("boss: administrator\n/in#")
    assert run("backup", tmp_path / "b.zip").returncode == 0
    moved = run("restore", tmp_path / "b.zip", data="other", AEDPLAN_KEY=key.strip())
    assert (moved.returncode, moved.stderr) == (0, "")
    assert run("export", tmp_path / "out").returncode == 0
    refused = run("import", tmp_path / "out", data="other", AEDPLAN_KEY=key.strip())
    assert refused.returncode == 2
    assert "--replace" in refused.stderr
    assert run("import", tmp_path / "out", "--replace", data="other", AEDPLAN_KEY=key.strip()).returncode == 0
    assert run("upgrade").returncode == 0


def test_what_cannot_be_done_is_said_in_one_clear_message(run, tmp_path):
    for arguments, words in (
        (("backup", tmp_path / "b.zip"), "init"),
        (("restore", tmp_path / "none.zip"), "init"),
        (("add-user", "x", "--role", "office"), "init"),
    ):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert words in done.stderr
        assert "Traceback" not in done.stderr
    assert run("init").returncode == 0
    missing = run("restore", tmp_path / "none.zip")
    assert "none.zip" in missing.stderr
    nowhere = run("backup", tmp_path / "no" / "folder" / "b.zip")
    assert nowhere.returncode == 2
    assert "password" in run("add-user", "guard", "--role", "office").stderr
    weak = run("add-user", "guard", "--role", "office", typed="short\n")
    assert (weak.returncode, "10 to 200" in weak.stderr) == (2, True)
    assert run("add-user", "guard", "--role", "office", typed="long enough, surely\n").stdout == "guard: office\n"
    assert "taken" in run("add-user", "guard", "--role", "office", typed="long enough, surely\n").stderr
    (tmp_path / "data" / "key").chmod(0o644)
    open_key = run("upgrade")
    assert open_key.returncode == 2
    assert "chmod 600" in open_key.stderr


def test_the_program_starts_and_explains_itself(run_service):
    told = run_service("--help")
    assert told.returncode == 0
    assert all(word in told.stdout for word in ("init", "upgrade", "add-user", "backup", "restore", "export", "import"))
