"""Works on one run of a study, as a program of its own: `python -m service.planning.run_study FOLDER`.

It writes how far it is into its folder, and looks there for being asked to stop, which ends the search as Ctrl-C does: the
best plan so far is written with its bound. It ends when the process that started it is gone.
"""

import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from .run_folders import RunFolder, write

if TYPE_CHECKING:
    from aedplan import Progress

BEAT_S = 2.0
LOOK_S = 0.2
NICE = 10
"""Whoever needs a device now goes before a plan."""

LEAST_TOLD = 2
"""The first figure of a search comes before it can be stopped with a plan to show."""


class Reporter:
    """Tells the folder what is being done, and lets an interrupt through only when it does good.

    Before sites are chosen a stop ends the run without a plan; from then on the plan is finished.
    """

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.stage: dict[str, Any] = {"id": "starting", "done": 0, "whole": 0}
        self.so_far: dict[str, float] | None = None
        self.told = 0
        self.wanted = self.stopped = False
        self._written = 0.0
        self._lock = threading.Lock()

    def say(self, what: str, done: int, whole: int) -> None:
        """A stage has begun, or got on."""
        what = "choosing sites" if what.startswith("选点") else what
        fresh = what != self.stage["id"]
        self.stage = {"id": what, "done": done, "whole": whole}
        self.beat(at_once=fresh)

    def find(self, so_far: "Progress", total: float) -> None:
        """The search has got on."""
        self.told += 1
        self.so_far = {
            "value": so_far.value, "total": total, "bound": so_far.bound, "gap": so_far.gap, "seconds": so_far.seconds,
        }  # fmt: skip
        self.beat()
        self.stop_if_wanted()

    def beat(self, *, at_once: bool = False) -> None:
        """Write how far the run is, not more often than anybody looks."""
        with self._lock:
            now = time.monotonic()
            if at_once or now - self._written >= LOOK_S:
                self._written = now
                content = {"at": time.time(), "pid": os.getpid(), "stage": self.stage, "so_far": self.so_far}
                write(self.folder.path / "progress.json", content)

    def interrupt(self, _: int, __: FrameType | None) -> None:
        """Somebody asked to stop."""
        self.wanted = True
        self.stop_if_wanted()

    def stop_if_wanted(self) -> None:
        """Raise KeyboardInterrupt, once, where the search or the run can be ended."""
        choosing, over = self.stage["id"] == "choosing sites", self.stage["id"] in ("judging the plan", "writing files")
        if self.wanted and not self.stopped and not over and (not choosing or self.told >= LEAST_TOLD):
            self.stopped = True
            raise KeyboardInterrupt


def main() -> None:
    """Work on the run in the folder named."""
    os.nice(NICE)
    folder = RunFolder(Path(sys.argv[1]))
    reporter = Reporter(folder)
    signal.signal(signal.SIGINT, reporter.interrupt)
    reporter.beat(at_once=True)
    threading.Thread(target=_watch, args=(reporter, os.getppid()), daemon=True).start()
    write(folder.path / "ended.json", _work(reporter))


def _watch(reporter: Reporter, parent: int) -> None:
    """Keep telling that the run is alive; pass on what is asked of it; end with the process that began it."""
    asked, beats = False, time.monotonic()
    while True:
        time.sleep(LOOK_S)
        if os.getppid() != parent or reporter.folder.asked("leave"):
            if os.getpgrp() == os.getpid():
                os.killpg(0, signal.SIGKILL)  # the solver's own process goes along
            os._exit(1)
        if reporter.folder.asked("stop") and not asked:
            asked = True
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        if time.monotonic() - beats >= BEAT_S:
            beats = time.monotonic()
            reporter.beat(at_once=True)


def _work(reporter: Reporter) -> dict[str, Any]:
    """How the run ended."""
    folder = reporter.folder
    try:
        from aedplan import AedplanError, InfeasibleError, Scenario, run

        outcome = run(Scenario.read(folder.study / "scenario.toml"), progress=reporter.say, finding=reporter.find)
        reporter.say("writing files", 0, 0)
        outcome.save(folder.plan)
    except KeyboardInterrupt:
        return _end("stopped", "还没有选出点位就停止了。", "Stopped before sites were chosen.")
    except InfeasibleError as error:
        told = str(error).replace("\n", "; ")
        return _end("failed", f"没有方案能同时满足这些条件：{told}", f"No plan keeps all of these: {told}")
    except AedplanError as error:
        told = str(error).replace(f"{folder.study}{os.sep}", "").replace("scenario.toml: ", "")
        return _end("failed", f"资料有误：{told}", f"Something is wrong with the inputs: {told}")
    except Exception:  # whatever it was, who waits must be told; the rest is in the log
        traceback.print_exc()
        return _end("failed", "程序出错，已记入日志。", "The program failed and has noted it.")
    return _end("stopped" if reporter.stopped else "done", "", "")


def _end(state: str, zh: str, en: str) -> dict[str, Any]:
    return {"state": state, "fault_zh": zh, "fault_en": en}


if __name__ == "__main__":
    main()
