"""Keeps the base map of the plan that is served: made beside the service in the background, and kept until it changes."""

import logging
import re
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..published import Published, Shelf
from .basemap import version_of

FOLDER = "basemaps"
KEPT = 3
"""Files of plans before, for pages that are still open."""

LONGEST_S = 600.0
FIRST_ANSWERS_S = 20
"""After the start: the first who ask are answered before the map is made."""

_VERSION = re.compile("[0-9a-f]{16}")

State = Literal["making", "ready", "failed"]
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Basemap:
    """version: of what it is made from; path: where it lies once it is ready."""

    version: str
    state: State
    path: Path


class Basemaps:
    """The base map of the plan on a shelf."""

    def __init__(self, shelf: Shelf, data: Path) -> None:
        self._shelf = shelf
        self._data = data
        self._own: tempfile.TemporaryDirectory[str] | None = None
        self._lock, self._closing = threading.Lock(), threading.Event()
        self._seen: tuple[Published, str] | None = None
        self._making: subprocess.Popen[bytes] | None = None
        self._waiting: threading.Thread | None = None
        self._failed: set[str] = set()

    def current(self) -> Basemap:
        """The base map of the plan that is served; where there is none yet, it is being made from now on."""
        published = self._shelf.current()
        with self._lock:
            if self._seen is None or self._seen[0] is not published:
                self._seen = published, version_of(self._shelf.folder)
            version = self._seen[1]
            path = self._folder() / f"{version}.pmtiles"
            if path.is_file():
                return Basemap(version, "ready", path)
            if version in self._failed:
                return Basemap(version, "failed", path)
            if self._making is None and not self._closing.is_set():
                self._making = _start(self._shelf.folder.resolve(), path)
                self._waiting = threading.Thread(target=self._wait, args=(self._making, version, path), daemon=True)
                self._waiting.start()
            return Basemap(version, "making", path)

    def find(self, version: str) -> Path | None:
        """A file that was made, also of the plan before."""
        path = self._folder() / f"{version}.pmtiles"
        return path if _VERSION.fullmatch(version) and path.is_file() else None

    def start(self) -> None:
        """Begin to make what is missing, soon after the service has started."""
        threading.Thread(target=lambda: self._closing.wait(FIRST_ANSWERS_S) or self.current(), daemon=True).start()

    def stop(self) -> None:
        """Leave off what is being made."""
        self._closing.set()
        with self._lock:
            if self._making is not None:
                self._making.terminate()
        if self._waiting is not None:
            self._waiting.join()
        if self._own is not None:
            self._own.cleanup()

    def _wait(self, making: "subprocess.Popen[bytes]", version: str, path: Path) -> None:
        try:
            _, said = making.communicate(timeout=LONGEST_S)
        except subprocess.TimeoutExpired:
            making.kill()
            _, said = making.communicate()
        with self._lock:
            self._making = None
            if path.is_file():
                _tidy(path)
            elif not self._closing.is_set():
                self._failed.add(version)
                _log.warning("no base map, streets are drawn instead: %s", said.decode(errors="replace").strip())

    def _folder(self) -> Path:
        """Where the files lie: beside the records, or where none are kept, in a folder of this run."""
        if self._own is None and self._data.is_dir():
            folder = self._data / FOLDER
            try:
                folder.mkdir(exist_ok=True)
                tempfile.TemporaryFile(dir=folder).close()
                return folder
            except OSError as error:
                _log.info("the base map is kept for this run only: %s", error)
        self._own = self._own or tempfile.TemporaryDirectory(prefix="aedplan-")
        return Path(self._own.name)


def _start(plan: Path, target: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "service.mapping.basemap", str(plan), str(target.absolute())]
    house = Path(__file__).parents[2]
    return subprocess.Popen(
        command, cwd=house, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def _tidy(newest: Path) -> None:
    """Remove all but the last few files."""
    files = sorted(newest.parent.glob("*.pmtiles"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[KEPT:]:
        path.unlink(missing_ok=True)
