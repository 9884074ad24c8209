"""Ctrl-C while a search runs: it is noted, and the search ends by itself at the next moment that suits it.

Raised in the midst of a compiled function, an exception may end the whole process; noted, nothing found is ever lost.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_noted = threading.Event()


def asked() -> bool:
    """Whether somebody has asked the search that runs to end."""
    return _noted.is_set()


def ask() -> None:
    """Ask the search that runs to end."""
    _noted.set()


@contextmanager
def listening() -> Iterator[None]:
    """While this lasts the first Ctrl-C asks; a second one is a KeyboardInterrupt.

    Nothing is changed outside of the main thread, which alone gets signals, where a program has its own handler, and
    within another `listening`.
    """
    here = threading.current_thread() is threading.main_thread()
    if not here or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    _noted.clear()
    signal.signal(signal.SIGINT, _note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _noted.clear()


def _note(*_: object) -> None:
    if asked():
        raise KeyboardInterrupt
    ask()
