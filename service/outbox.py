"""The outbox: messages that must be sent once, also when the process is killed at any point.

Claim, send, note. A claim puts off the next try, so that a message whose sender died comes back by itself. Whoever is
killed after sending and before noting sends again: at least once, always with the same key. A receiver that knows keys
(mail by its Message-ID) drops the second one; the robots of WeCom and DingTalk know none and show it twice, with the
same number in its last line. Nothing is lost, and nothing else can come twice.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

LEASE = timedelta(minutes=2)
"""Longer than any sender may take for one message."""

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=12)
MOST_TRIES = 12
"""With the waits between them about three days."""


@dataclass(frozen=True)
class Message:
    """One message to one address. `key` is the same however often it is made or sent."""

    key: str
    channel: str
    receiver: str
    subject: str
    text: str
    made_at: datetime


@dataclass(frozen=True)
class Claimed:
    """A message that this process may send until its lease ends; `tries` counts this one."""

    message: Message
    tries: int


class SendError(Exception):
    """A message could not be handed over. `final`: it never can be, to that address.

    The text is kept for the office and holds no secret.
    """

    def __init__(self, fault: str, *, final: bool = False) -> None:
        super().__init__(fault)
        self.fault = fault
        self.final = final


class Sender(Protocol):
    """One way of sending."""

    def send(self, message: Message) -> None:
        """Hand a message over; raises SendError."""


class Outbox(Protocol):
    """Where messages wait. Each call is one transaction."""

    def put(self, messages: Iterable[Message]) -> None:
        """Keep messages to be sent; one whose key is known already, sent or not, is left as it is."""

    def claim(self, now: datetime, *, until: datetime) -> Claimed | None:
        """The waiting message whose next try came first; its next try becomes `until` and its tries go up by one.

        None when no try has come. Two processes never get the same message.
        """

    def note_sent(self, key: str, at: datetime) -> None:
        """The message has been handed over."""

    def note_failure(self, key: str, fault: str, next_try_at: datetime | None) -> None:
        """It could not be; None: no more tries."""


def deliver(outbox: Outbox, senders: Mapping[str, Sender], *, now: Callable[[], datetime], limit: int = 20) -> int:
    """Send what is waiting, trying at most `limit` messages; returns how many were sent.

    A channel without a sender is a failure that is tried again: the office may still set it up.
    """
    sent = 0
    for _ in range(limit):
        begun = now()
        claimed = outbox.claim(begun, until=begun + LEASE)
        if claimed is None:
            break
        message = claimed.message
        try:
            _send(senders, message)
        except SendError as failure:
            over = failure.final or claimed.tries >= MOST_TRIES
            outbox.note_failure(message.key, failure.fault, None if over else now() + wait(claimed.tries, message.key))
        else:
            outbox.note_sent(message.key, now())
            sent += 1
    return sent


def _send(senders: Mapping[str, Sender], message: Message) -> None:
    if message.channel not in senders:
        raise SendError(f"channel {message.channel} is not set up")
    senders[message.channel].send(message)


def wait(tries: int, key: str) -> timedelta:
    """How long to wait after so many tries: doubling, at most LONGEST_WAIT, spread by up to a quarter by the key.

    >>> [round(wait(n, "a") / FIRST_WAIT) for n in (1, 2, 3)]
    [1, 2, 5]
    """
    doubled: timedelta = min(FIRST_WAIT * 2 ** (min(tries, 30) - 1), LONGEST_WAIT)
    spread = hashlib.sha256(f"{key}{tries}".encode()).digest()[0] / 255 / 4
    return doubled * (1 + spread)
