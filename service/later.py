"""Parts of the application that are read in while the first questions are answered: somebody may be dying, an office can wait.

The rooms of the records are two thirds of what a start reads. Until they are there, what the other rooms answer is answered,
and everything else waits for them; nobody is told that a page is not there which is about to be.
"""

import asyncio
import gc
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Receive, Scope, Send

REST_S = 1.0
"""So long after the start the first questions have the processor to themselves."""

_log = logging.getLogger(__name__)


@contextmanager
def reading_in() -> Iterator[None]:
    """While libraries are read in, nothing becomes garbage, and what they made stays: a fifth of the time of a start goes into
    looking for it, and later part of every long pause."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class Later:
    """Reads the rest in, once, in a thread of its own: a little after the start, or when somebody asks for it.

    read  adds the rest to the application
    """

    def __init__(self, read: Callable[[], None]) -> None:
        self._read = read
        self._begun, self._lock = False, threading.Lock()
        self._done = threading.Event()
        self._fault: Exception | None = None

    @property
    def is_done(self) -> bool:
        """Whether all has been read in."""
        return self._done.is_set() and self._fault is None

    def begin(self) -> None:
        """Begin to read, where nobody has begun."""
        with self._lock:
            begun, self._begun = self._begun, True
        if not begun:
            threading.Thread(target=self._run, daemon=True).start()

    def begin_soon(self) -> None:
        """Begin after a rest."""
        timer = threading.Timer(REST_S, self.begin)
        timer.daemon = True
        timer.start()

    async def wait(self) -> None:
        """Until all has been read in; raises what went wrong."""
        self.begin()
        await asyncio.to_thread(self._done.wait)
        if self._fault is not None:
            raise self._fault

    def _run(self) -> None:
        try:
            with reading_in():
                self._read()
        except Exception as error:
            _log.error("the rooms of the records cannot be read in", exc_info=error)
            self._fault = error
        finally:
            self._done.set()


class WaitsForTheRest:
    """Lets through what the rooms that are there answer; everything else waits for the others."""

    def __init__(self, app: "ASGIApp", whole: "FastAPI", later: Later) -> None:
        self.app, self._whole, self._later = app, whole, later

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] == "http" and not self._later.is_done and not self._is_there(scope):
            await self._later.wait()
        await self.app(scope, receive, send)

    def _is_there(self, scope: "Scope") -> bool:
        """The description of the interface tells of all rooms."""
        if scope["path"] == self._whole.openapi_url:
            return False
        return any(route.matches(scope)[0].name == "FULL" for route in list(self._whole.router.routes))
