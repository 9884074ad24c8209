"""docs/office.md: an office that types what stands there, in that order, gets what the page promises."""

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from databases import PostgresqlServer
from town import ROOT, environment

from service.__main__ import main

PAGES = ("office.md", "office.zh-CN.md")


def blocks(page: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(r"^```(?:sh|cron)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_both_languages_give_the_same_commands():
    assert blocks(PAGES[0]) == blocks(PAGES[1])
    assert len(blocks(PAGES[0])) > 10


class Typist:
    """Types the lines of the page: commands of the service in this process, all others in a shell."""

    def __init__(self, monkeypatch, capsys, folder: Path) -> None:
        self._monkeypatch, self._capsys, self._folder = monkeypatch, capsys, folder
        self.said: dict[str, str] = {}

    def type(self, line: str) -> None:
        words = shlex.split(line)
        before = dict(word.split("=", 1) for word in words if re.match(r"^[A-Z_]+=", word))
        words = [word for word in words if not re.match(r"^[A-Z_]+=", word)]
        if words[0] == "export":
            name, value = line.removeprefix("export ").split("=", 1)
            self._monkeypatch.setenv(name, value)
        elif words[:3] == ["python", "-m", "service"] and words[3] == "serve":
            self._serve(words[3:], before)
        elif words[:3] == ["python", "-m", "service"]:
            with self._monkeypatch.context() as patch:
                for name, value in before.items():
                    patch.setenv(name, value)
                patch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
                code = main(words[3:])
            self.said[line] = (told := self._capsys.readouterr()).out
            assert code == 0, f"{line}: {told.err}"
        elif words[0] == "make":
            assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        else:
            done = subprocess.run(
                ["bash", "-c", line], cwd=self._folder, capture_output=True, text=True, timeout=60, check=False
            )
            assert done.returncode == 0, f"{line}: {done.stderr}"

    def _serve(self, words: list[str], before: dict[str, str]) -> None:
        """Start it, see that it answers, and stop it: on another port, which may be taken here."""
        words = [*words[: words.index("--port")], "--port", "0"]
        given = {name: os.environ[name] for name in os.environ if name.startswith("AEDPLAN_")} | before
        env = environment(**given) | {"PYTHONPATH": str(ROOT)}
        with subprocess.Popen(
            [sys.executable, "-m", "service", *words],
            cwd=self._folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as running:
            assert running.stdout is not None
            address = running.stdout.readline().strip()
            running.terminate()
            _, fault = running.communicate(timeout=20)
        assert address.startswith("http://127.0.0.1:"), fault


def test_every_command_of_the_page_runs(tmp_path, monkeypatch, capsys, folder, postgresql: PostgresqlServer):
    for name in [name for name in os.environ if name.startswith("AEDPLAN_")]:
        monkeypatch.delenv(name)
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    for name, value in {"PGHOST": str(postgresql.folder), "PGUSER": "postgres"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    for name in ("demo", "nanan"):
        shutil.copytree(folder, tmp_path / "out" / name)
    monkeypatch.setattr("service.senders.EmailSender.send", lambda *_: None)
    typist = Typist(monkeypatch, capsys, tmp_path)
    for block in blocks(PAGES[0]):
        for line in block.splitlines():
            if not re.match(r"^\d+ \d+ \*", line):
                typist.type(line)
    said = typist.said
    assert "2 sites proposed" in said["python -m service propose out/nanan"]
    assert re.search(r"/in#\S+", said["python -m service add-user li --role office --link"])
    moved = said["python -m service restore aed-office/move.zip"]
    assert moved.startswith("postgresql:")
    assert (tmp_path / "aed-office" / "export" / "tables" / "site.csv").read_text(encoding="utf-8").count("\n") == 3
    assert oct((tmp_path / "aed-office" / "data" / "key").stat().st_mode)[-3:] == "600"


def test_the_line_for_cron_is_a_command_of_the_service():
    [line] = [line for block in blocks(PAGES[0]) for line in block.splitlines() if re.match(r"^\d+ \d+ \*", line)]
    command = line.split("&&")[1].strip()
    words = [word for word in shlex.split(command.replace("$(date +\\%a)", "Mon")) if "=" not in word]
    assert words[1:4] == ["-m", "service", "backup"]
    assert len(words) == 5


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_that_the_page_names_is_one(page):
    from service.settings import DEFAULTS, RECORDS, SECRETS

    named = set(re.findall(r"AEDPLAN_[A-Z_]+", (ROOT / "docs" / page).read_text(encoding="utf-8")))
    assert named <= {*DEFAULTS, *RECORDS, SECRETS}
