"""How often something may be tried: so many times in so many seconds, counted in this process, forgotten with it."""

import threading
import time
from collections import OrderedDict, deque

MOST_KEYS = 10_000


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
