"""How often something may be tried, counted in this process and forgotten with it; how much may be sent at once."""

import threading
import time
from collections import OrderedDict, deque

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_KEYS = 10_000
MOST_JSON = 1 << 20
TAKE_FILES = ("/api/v1/records/attachments", "/api/v1/reports/", "/api/v1/records/imports", "/api/v1/studies/files")
"""Where the addresses begin that take whole files, and limit them themselves."""


class Limit:
    """At most `most` times within `seconds` for each key.

    >>> limit = Limit(2, 60.0)
    >>> [limit.take("a", at) for at in (0.0, 1.0, 2.0, 60.5)]
    [True, True, False, True]
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._taken: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, at: float | None = None) -> bool:
        """Whether it may be done once more now; what is refused does not count."""
        at = time.monotonic() if at is None else at
        with self._lock:
            times = self._taken.setdefault(key, deque())
            self._taken.move_to_end(key)
            while len(self._taken) > MOST_KEYS:
                self._taken.popitem(last=False)
            while times and times[0] <= at - self._seconds:
                times.popleft()
            if len(times) >= self._most:
                return False
            times.append(at)
            return True


class SignInLimits:
    """Tries to sign in within a quarter of an hour: from one address, with one name, and with both; reports in an hour.

    The limit of a name alone is wide, so that nobody can lock somebody else out from another address. A report takes no
    account; one address may stand for a whole school.
    """

    def __init__(self) -> None:
        self.address = Limit(60, 900.0)
        self.pair = Limit(10, 900.0)
        self.name = Limit(200, 900.0)
        self.report = Limit(20, 3600.0)


class LimitedBodies:
    """Refuses more than MOST_JSON in one request with 413, before it is in memory; files have limits of their own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what comes in."""
        if scope["type"] != "http" or scope["path"].startswith(TAKE_FILES):
            await self.app(scope, receive, send)
            return
        told = dict(scope["headers"]).get(b"content-length", b"0")
        size = int(told) if told.isdigit() else 0

        async def counted() -> Message:
            nonlocal size
            message: Message = {} if size > MOST_JSON else await receive()
            if told == b"0":
                size += len(message.get("body", b""))
            if size > MOST_JSON:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)
