"""What a newcomer reads is true: the code runs, the commands exist, the links lead somewhere, both languages agree."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from town import write_plan

from aedplan.circles import PRESETS
from aedplan.cli import make_parser
from aedplan.scenario.scenario import TABLES, Scenario
from service import __main__ as service_door
from service.app import make_app
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.zh-CN.md")
NOT_OURS = {p.name for p in ROOT.glob(".*")} | {"node_modules", "out"}
PAGES = sorted(
    [*ROOT.glob("*.md"), *(p for top in ROOT.glob("*/") if top.name not in NOT_OURS for p in top.rglob("*.md"))]
)
FORBIDDEN = re.compile(
    r"pypi\.|npmjs|github\.com|gitlab|/root/|/home/|/work/|/tmp/|localhost|\bissue #?\d|\btracker\b|\bsession\b", re.I
)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", text(name), re.MULTILINE | re.DOTALL)


def commands(name: str) -> list[list[str]]:
    """Every line of the shell and Windows blocks as words; a path into the environment is taken off the program."""
    lines = [line for block in blocks(name, "sh") for line in block.splitlines()]
    lines += [line.replace("\\", "/") for block in blocks(name, "bat") for line in block.splitlines()]
    words = [shlex.split(line, comments=True) for line in lines]
    return [[re.sub(r"^\.venv/(bin|Scripts)/", "", line[0]), *line[1:]] for line in words if line]


def check_command(words: list[str]) -> None:
    """Fails unless the command would be understood; nothing runs."""
    if words[0] == "aedplan":
        make_parser().parse_args(words[1:])
    elif words[:3] == ["python", "-m", "service"]:
        service_door._parser().parse_args(words[3:])
    elif words[0] == "make":
        assert re.search(rf"^{words[1]}:", text("Makefile"), re.MULTILINE), f"there is no make {words[1]}"
    else:
        assert words == ["py", "-3.11", "tools/setup.py"], f"unknown command {words}"
        assert (ROOT / words[2]).is_file()


@pytest.mark.parametrize("name", READMES)
def test_the_python_of_the_readme_runs_and_makes_the_map_it_says(name: str, tmp_path: Path) -> None:
    (block,) = blocks(name, "python")
    assert len([line for line in block.splitlines() if line.strip()]) <= 10
    shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("__pycache__"))
    run = [sys.executable, "-X", "utf8", "-W", "error", "-c", block]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(r"老城百货大楼.* 131 (m|米)", done.stdout)
    for made in ("reached.gpkg", "out/first/map.html"):
        assert made in block
        assert (tmp_path / made).stat().st_size > 10_000


@pytest.mark.parametrize("name", READMES)
def test_every_command_of_the_readme_is_understood(name: str) -> None:
    given = commands(name)
    assert len(given) > 8
    for words in given:
        check_command(words)


def test_a_command_that_does_not_exist_would_be_noticed() -> None:
    for wrong in ("aedplan plan a.toml", "aedplan plam a.toml --out b", "python -m service serve --prot 1"):
        with pytest.raises(SystemExit):
            check_command(shlex.split(wrong))
    with pytest.raises(AssertionError):
        check_command(["make", "coffee"])


def test_every_command_there_is_stands_in_the_table_with_one_line() -> None:
    (choices,) = (a.choices for a in make_parser()._actions if a.dest == "command" or isinstance(a.choices, dict))
    assert choices
    for name in READMES:
        assert re.findall(r"^\| `aedplan (\w+)` \| \S", text(name), re.MULTILINE) == list(choices)


def test_both_readmes_give_the_same_commands_scenario_and_addresses() -> None:
    english, chinese = READMES
    assert commands(english) == commands(chinese)
    assert [tomllib.loads(b) for b in blocks(english, "toml")] == [tomllib.loads(b) for b in blocks(chinese, "toml")]
    assert [a.replace("编号", "CODE") for a in addresses(chinese)] == addresses(english)
    assert text(english).count("\n## ") == text(chinese).count("\n## ")


@pytest.mark.parametrize("name", READMES)
def test_the_circles_of_the_readme_are_the_presets_with_their_limits(name: str) -> None:
    rows = re.findall(r"^\| `([\w-]+)`[^|]*\| (\d+) m \| ([^|]+) \|", text(name), re.MULTILINE)
    street = {"along streets", "沿街道"}
    assert [(row[0], int(row[1]), "street" if row[2] in street else "line") for row in rows] == [
        (c.name, round(c.limit_m), c.measure) for c in PRESETS.values()
    ]


def test_the_scenario_of_the_readme_is_the_shipped_one_and_every_key_is_explained() -> None:
    (block,) = blocks("README.md", "toml")
    folder = ROOT / "data" / "scenarios"
    shown, shipped = tomllib.loads(block), tomllib.loads((folder / "nanan-20.toml").read_text(encoding="utf-8"))
    for table, values in shown.items():
        for key, value in values.items() if isinstance(values, dict) else ():
            assert shipped[table][key] == value, f"{table}.{key}"
    assert {k: v for k, v in shown.items() if isinstance(v, str)} == {
        k: v for k, v in shipped.items() if isinstance(v, str)
    }
    assert Scenario.parse(block, folder=folder).devices == 20
    for name in READMES:
        missing = [key for keys in TABLES.values() for key in keys if not re.search(rf"\b{key}\b", text(name))]
        assert missing == [], f"{name} does not explain {missing}"


def addresses(name: str) -> list[str]:
    """The addresses in the tables, in order."""
    rows = re.findall(r"^\|[^|\n]*\| (`/[^|]*) \|", text(name), re.MULTILINE)
    return [address for row in rows for address in re.findall(r"`(/[^`]*)`", row)]


def test_every_address_of_the_readme_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AEDPLAN_DATA", str(tmp_path / "records"))
    assert service_door.main(["init"]) == 0
    settings = Settings(write_plan(tmp_path / "plan"), "127.0.0.1", 0, data=tmp_path / "records")
    assert len(addresses("README.md")) >= 8
    with TestClient(make_app(settings), follow_redirects=False) as client:
        for address in addresses("README.md"):
            answer = client.get(address)
            staff = address in ("/checks", "/office", "/plans")
            assert answer.status_code == (303 if staff else 404 if "CODE" in address else 200), address
            assert not staff or answer.headers["location"].startswith("/in?next=")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    broken = [to for to in links if "://" not in to and not (page.parent / to.split("#")[0]).exists()]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_pages_speak_of_the_project_alone(page: Path) -> None:
    assert FORBIDDEN.findall(page.read_text(encoding="utf-8")) == []


def test_the_pictures_are_there_and_small() -> None:
    for name in READMES:
        pictures = re.findall(r"^!\[[^\]]+\]\(([^)]+)\)$", text(name), re.MULTILINE)
        assert pictures
        for picture in pictures:
            assert 20_000 < (ROOT / picture).stat().st_size < 400_000


def test_every_file_under_data_is_described_with_source_licence_date_and_making() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", text("data/README.md"), re.MULTILINE)
    described = {name: [cell.strip() for cell in rest.split(" | ")] for name, rest in rows}
    folder = ROOT / "data"
    files = {
        p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts
    }
    left = {
        f for f in files - {"README.md"} if not any(f == d or (d.endswith("/") and f.startswith(d)) for d in described)
    }
    assert left == set()
    for name, cells in described.items():
        assert (folder / name).exists(), f"{name} is described and not there"
        assert len(cells) == 5
        assert all(cells), name
        assert re.fullmatch(r"\d{4}-\d\d(-\d\d)?", cells[3]), name
