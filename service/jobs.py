"""Works on runs in the background, through one executor: a process of this machine, one run after the other, or a cluster.

Whatever the executor is, a run is a program of its own (planning/run_study.py) that speaks through its folder; on a cluster the
workers must see that folder, and this checkout, under the same names.
"""

import logging
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .db import Database, now
from .errors import ServiceError
from .history import By
from .planning.run_folders import RunFolder
from .records.studies import end_run, list_waiting
from .settings import PREFIX
from .tables import StudyRun

ROOT = Path(__file__).resolve().parents[1]
CONNECT_S = 10
TRIES = 5
SILENT_S = 30.0
"""A run that gave no sign of life for so long is taken for lost when it is asked to stop."""

GONE = (
    "负责计算的进程被结束了，没有算完；可以重新开始。",
    "The process that worked on it was ended; it can be started again.",
)
LEFT = ("服务停止时还没有算完；可以重新开始。", "The service stopped before it was finished; it can be started again.")
NO_FOLDER = ("计算机看不到这次计算的文件夹。", "The worker cannot see the folder of the run.")
NO_CLUSTER = ("连不上计算集群。", "The cluster cannot be reached.")

_log = logging.getLogger(__name__)


def work(folder: str) -> int:
    """Work on the run in a folder, in a process of its own that leaves nothing behind; its exit code.

    Raises FileNotFoundError where the folder cannot be seen from here.
    """
    run = RunFolder(Path(folder))
    if not run.study.is_dir():
        raise FileNotFoundError(folder)
    run.path.mkdir(exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}  # no secrets
    with open(run.path / "log.txt", "ab") as log:
        command = [sys.executable, "-m", "service.planning.run_study", folder]
        return subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            check=False,
        ).returncode


class Jobs:
    """The runs under way.

    scheduler  tcp://host:port of a Dask cluster; "": this machine
    """

    def __init__(self, database: Database, runs: Path, scheduler: str = "") -> None:
        self.runs = runs
        self._database = database
        self._scheduler = scheduler
        self._executor: Executor | None = None
        self._client: Any = None
        self._futures: dict[str, tuple[Future[int], int]] = {}
        self._lock = threading.Lock()
        self._closing = False
        self._started = False

    def folder(self, run: StudyRun) -> RunFolder:
        """The folder of a run's last attempt."""
        return RunFolder(self.runs / run.id / str(run.attempt))

    def start(self) -> None:
        """Take up what an earlier service left: what waited goes on waiting, what was worked on was interrupted."""
        try:
            with self._database.session() as session:
                left = list_waiting(session)
        except ServiceError as error:
            _log.warning("runs that were left are not taken up yet: %s", error)
            return
        self._started = True
        for run in left:
            folder = self.folder(run)
            if folder.ended() is not None or folder.progress() is not None or not folder.study.is_dir():
                folder.ask("leave")
                self._settle(run.id, run.attempt, LEFT)
            else:
                self.submit(run)

    def submit(self, run: StudyRun) -> None:
        """Have a run worked on, in its turn."""
        if not self._started:
            self.start()  # takes up this one, too
            return
        try:
            executor = self._open()
        except (OSError, ValueError, ImportError) as error:
            _log.error("the cluster %s cannot be reached: %s", self._scheduler, error)
            self._settle(run.id, run.attempt, NO_CLUSTER)
            return
        folder = self.folder(run)
        folder.begin()
        future = executor.submit(work, str(folder.path))
        with self._lock:
            self._futures[run.id] = future, run.attempt
        future.add_done_callback(lambda done: self._done(run.id, run.attempt, done))

    def let_go(self, run: StudyRun, *, silent_s: float | None) -> None:
        """End a run that was asked to stop and has nobody who could: it has not begun, or its worker is lost.

        silent_s  since its last sign of life; None where it has not begun
        """
        future, _ = self._futures.get(run.id, (None, 0))
        if future is not None and (silent_s is None or silent_s > SILENT_S):
            future.cancel()

    def close(self) -> None:
        """End what is under way; it can be started again."""
        self._closing = True
        with self._lock:
            under_way = list(self._futures.items())
        for run_id, (future, attempt) in under_way:
            RunFolder(self.runs / run_id / str(attempt)).ask("leave")
            future.cancel()
        if self._executor is not None and not self._scheduler:
            self._executor.shutdown(cancel_futures=True)
        if self._client is not None:
            self._client.close()

    def _open(self) -> Executor:
        """The executor, opened when it is first needed; raises OSError, ValueError or ImportError where there is no cluster."""
        with self._lock:
            if self._executor is None and self._scheduler:
                from distributed import Client

                self._client = Client(self._scheduler, timeout=CONNECT_S, set_as_default=False)
                self._executor = self._client.get_executor(pure=False, retries=0)
            elif self._executor is None:
                self._executor = ThreadPoolExecutor(1, thread_name_prefix="runs")
            return self._executor

    def _done(self, run_id: str, attempt: int, future: "Future[int]") -> None:
        with self._lock:
            if self._futures.get(run_id, (None, 0))[1] == attempt:
                del self._futures[run_id]
        words = LEFT if self._closing else GONE
        if not future.cancelled():
            error = future.exception()
            if isinstance(error, FileNotFoundError):
                words = NO_FOLDER
            elif error is not None:
                _log.error("run %s failed: %r", run_id, error)
        if not (self._closing and future.cancelled()):  # what only waited goes on waiting
            self._settle(run_id, attempt, words)

    def _settle(self, run_id: str, attempt: int, words: tuple[str, str]) -> None:
        """Note how a run ended: as its process told, else as an interrupted one.

        The database may be away for a moment; if it stays away, the next start settles it.
        """
        folder = RunFolder(self.runs / run_id / str(attempt))
        stopped = folder.progress() is None and folder.asked("stop")
        state, zh, en = (
            ("stopped", "还没有开始就停止了。", "Stopped before it began.") if stopped else ("interrupted", *words)
        )
        told = folder.ended() or {"state": state, "fault_zh": zh, "fault_en": en}
        for _ in range(TRIES):
            try:
                with self._database.session(By(None, "machine", now())) as session:
                    end_run(session, run_id, attempt, told, folder.summary())
                return
            except ServiceError as error:
                _log.warning("the end of run %s is not noted yet: %s", run_id, error)
                time.sleep(1)
