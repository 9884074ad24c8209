"""The folder of a run: what it is made from, and for each attempt its progress, its end and its plan.

    runs/ID/study/      scenario.toml and its files
    runs/ID/1/          progress.json  ended.json  log.txt  plan/; "stop" and "leave" are put there to ask for an end

Service and worker speak through these files alone, so that a worker may be another process or another machine that sees
the same folder.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aedplan.errors import InputError

RUNS = "runs"
"""In the data folder, the folder of all runs."""

FILES = (
    "summary.json", "plan.geojson", "plan.gpkg", "plan.xlsx", "map.html", "report.html", "report.docx", "scenario.toml",
    "certificate.npz",
)  # fmt: skip
"""What may be taken away, and nothing else."""

STATES = {
    "waiting": ("排队等候", "waiting"),
    "running": ("正在计算", "running"),
    "done": ("已完成", "done"),
    "stopped": ("已停止", "stopped"),
    "failed": ("没有算成", "failed"),
    "interrupted": ("被中断", "interrupted"),
}
"""In which state a run is, in Chinese and English."""

STAGES = {
    "starting": ("准备", "starting"),
    "reading streets": ("读取街道", "reading streets"),
    "reading people and places": ("读取人口与点位", "reading people and places"),
    "joining them to the streets": ("接到街道上", "joining them to the streets"),
    "walking": ("计算步行距离", "walking"),
    "choosing sites": ("选点", "choosing sites"),
    "judging the plan": ("评估方案", "judging the plan"),
    "writing files": ("生成文件", "writing files"),
}
"""What a run is doing, in Chinese and English."""


@dataclass(frozen=True)
class RunFolder:
    """One attempt of a run."""

    path: Path

    @property
    def study(self) -> Path:
        """What the run is made from."""
        return self.path.parent / "study"

    @property
    def plan(self) -> Path:
        """What `aedplan plan` would have written."""
        return self.path / "plan"

    @property
    def has_plan(self) -> bool:
        """Whether there is a finished plan."""
        return (self.plan / "summary.json").is_file()

    def begin(self) -> None:
        """Make the folder empty."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True)

    def ask(self, what: str) -> None:
        """Ask for an end: "stop" after the best plan so far, "leave" at once."""
        if self.path.is_dir():
            (self.path / what).touch()

    def asked(self, what: str) -> bool:
        """Whether an end was asked for."""
        return (self.path / what).exists()

    def progress(self) -> dict[str, Any] | None:
        """How far the run is; None before its process has begun."""
        return read(self.path / "progress.json")

    def ended(self) -> dict[str, Any] | None:
        """How the run ended; None while it has not, or where its process was ended."""
        return read(self.path / "ended.json")

    def summary(self) -> dict[str, Any] | None:
        """The summary of the plan; None where there is none."""
        return read(self.plan / "summary.json")


def list_ended(runs: Path) -> list[Path]:
    """The files of all runs that do not change any more, as paths within their folder: studies, and what has ended."""
    kept = [path for path in runs.glob("*/study") if path.is_dir()]
    kept += [path.parent for path in runs.glob("*/*/ended.json")]
    found = (path for folder in kept for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(path.relative_to(runs) for path in found)


def put_back(runs: Path, name: str, content: bytes) -> None:
    """Put a file of a run back in its place.

    Raises InputError for a name that leads out of the folder.
    """
    path = runs / name
    if not path.resolve().is_relative_to(runs.resolve()) or len(Path(name).parts) < 3:
        raise InputError(f"{name!r} is no file of a run")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(content)
    os.replace(part, path)


def write(path: Path, content: dict[str, Any]) -> None:
    """Put a file in its place at one stroke: a reader sees the old one or the new one."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(json.dumps(content, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    os.replace(part, path)


def read(path: Path) -> dict[str, Any] | None:
    """What such a file holds; None where there is none, or none that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
