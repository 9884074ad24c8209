"""Reminding: finds what is due, puts a notice for each receiver, and hands the notices over; once, or again and again."""

import datetime as dt
import logging
import threading
from collections.abc import Mapping

from .db import Database, now
from .errors import ServiceError
from .facts import day_of
from .history import By
from .notices import NoticeBox, put_notices
from .outbox import Sender, deliver
from .records.dues import close_tasks, keep_task, list_dues, read_ladder
from .records.rules import current_rules
from .reminders import falling_due, messages

EVERY_S = 300.0
_log = logging.getLogger(__name__)


def find_due(database: Database, channels: Mapping[str, Sender], at: dt.datetime) -> int:
    """Make the tasks and notices of an instant in one transaction; how many things somebody is reminded of."""
    with database.session(By(None, "machine", at)) as session:
        on = day_of(at)
        dues = list_dues(session, on)
        reminders = falling_due(dues, current_rules(session), on)
        ladder = read_ladder(session, channels, on)
        close_tasks(session, dues)
        for reminder in reminders:
            task = keep_task(session, reminder)
            put_notices(session, messages([reminder], ladder, now=at), task_id=task.id)
    return len(reminders)


def remind(database: Database, channels: Mapping[str, Sender], *, limit: int = 1000) -> tuple[int, int]:
    """Find what is due and send what waits: how many things are due, how many messages were sent."""
    found = find_due(database, channels, now())
    return found, deliver(NoticeBox(database), channels, now=now, limit=limit)


class Reminding:
    """Reminds in the background until it is stopped, at once when it is woken. What fails is tried again next time."""

    def __init__(self, database: Database, channels: Mapping[str, Sender], *, every_s: float = EVERY_S) -> None:
        self._database = database
        self._channels = channels
        self._every_s = every_s
        self._stopped, self._woken = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="reminding", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Look now: something was written that somebody must hear of at once."""
        self._woken.set()

    def stop(self) -> None:
        """End after the message that is being sent; what waits is sent after the next start."""
        self._stopped.set()
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._woken.clear()
            try:
                find_due(self._database, self._channels, now())
                box = NoticeBox(self._database)
                while not self._stopped.is_set() and deliver(box, self._channels, now=now, limit=1):
                    pass
            except ServiceError as error:
                _log.warning("reminding waits: %s", error)
            except Exception:  # whatever it was, the next round must come: reminders that stop are not noticed
                _log.exception("reminding failed")
            if not self._stopped.is_set():
                self._woken.wait(self._every_s)
