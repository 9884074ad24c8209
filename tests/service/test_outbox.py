"""The outbox: every message arrives, under one key, whatever fails and whenever the process is killed."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fake_servers import MailServer
from hypothesis import given
from hypothesis import strategies as st
from outboxes import FileOutbox, RecordOutbox
from town import ROOT, environment

from service.outbox import FIRST_WAIT, LEASE, LONGEST_WAIT, MOST_TRIES, Message, SendError, deliver, wait
from service.senders import EmailSender

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)


def message(number: int, channel: str = "email") -> Message:
    return Message(f"{number:064x}", channel, f"guard{number}@example.org", f"电池到期 {number}", "请更换。", NOW)


Box = FileOutbox | RecordOutbox


@dataclass(frozen=True)
class Place:
    """Where an outbox is: opens it once more, and says to another process where it is."""

    open: Callable[[], Box]
    path: str
    environment: dict[str, str]


@pytest.fixture(params=["file", "sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """One contract for all three."""
    if request.param == "file":
        path = tmp_path / "outbox.db"
        return Place(lambda: FileOutbox(path), str(path), {})
    maker = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgresql")
    settings = maker.make(tmp_path)
    named = {"AEDPLAN_DATABASE_URL": settings.database_url} if settings.database_url else {}
    return Place(
        lambda: RecordOutbox(settings), "", {"AEDPLAN_DATA": str(tmp_path), "AEDPLAN_KEY": settings.key, **named}
    )


@pytest.fixture
def outbox(place: Place) -> Iterator[Box]:
    made = place.open()
    yield made
    made.close()


class Listed:
    """Takes messages, or fails so many times first."""

    def __init__(self, failures: int = 0, *, final: bool = False) -> None:
        self.failures, self.final, self.taken = failures, final, []

    def send(self, given: Message) -> None:
        if self.failures:
            self.failures -= 1
            raise SendError("no line", final=self.final)
        self.taken.append(given.key)


def test_each_message_is_sent_once_however_often_it_is_put(outbox: Box) -> None:
    sender = Listed()
    for _ in range(3):
        outbox.put([message(1), message(2)])
        deliver(outbox, {"email": sender}, now=lambda: NOW)
    assert sorted(sender.taken) == [message(1).key, message(2).key]


def test_a_failure_is_tried_again_after_its_wait_and_not_before(outbox: Box) -> None:
    sender = Listed(failures=2)
    outbox.put([message(1)])
    clock = NOW
    tried = []
    for _ in range(20):
        before = sender.failures
        if deliver(outbox, {"email": sender}, now=lambda: clock):  # noqa: B023
            break
        tried += [clock] if sender.failures < before else []
        clock += timedelta(seconds=20)
    assert tried[0] == NOW
    assert tried[1] - tried[0] >= FIRST_WAIT
    assert clock - tried[1] >= 2 * FIRST_WAIT
    assert sender.taken == [message(1).key]


def test_after_the_most_tries_it_is_left_to_the_office(outbox: Box) -> None:
    sender = Listed(failures=100)
    outbox.put([message(1)])
    clock = NOW
    for _ in range(50):
        deliver(outbox, {"email": sender}, now=lambda: clock)  # noqa: B023
        clock += 2 * LONGEST_WAIT
    assert sender.failures == 100 - MOST_TRIES
    assert outbox.states() == {message(1).key: "failed"}


def test_an_address_that_never_can_be_reached_is_tried_once(outbox: Box) -> None:
    sender = Listed(failures=100, final=True)
    outbox.put([message(1)])
    deliver(outbox, {"email": sender}, now=lambda: NOW)
    assert outbox.states() == {message(1).key: "failed"}
    assert sender.failures == 99


def test_one_that_fails_does_not_hold_up_the_others(outbox: Box) -> None:
    sender = Listed()
    outbox.put([message(1, "wecom"), message(2), message(3)])
    assert deliver(outbox, {"email": sender}, now=lambda: NOW) == 2
    assert outbox.states()[message(1).key] == "waiting"


def test_two_processes_never_claim_the_same_message(outbox: Box, place: Place) -> None:
    other = place.open()
    outbox.put([message(n) for n in range(6)])
    claimed = [box.claim(NOW, until=NOW + LEASE) for _ in range(4) for box in (outbox, other)]
    other.close()
    keys = [one.message.key for one in claimed if one]
    assert len(keys) == len(set(keys)) == 6


def test_a_mistake_of_the_program_does_not_stop_the_others_for_good(outbox: Box) -> None:
    class Broken(Listed):
        def send(self, given: Message) -> None:
            if given.key == message(1).key:
                raise ZeroDivisionError
            super().send(given)

    sender = Broken()
    outbox.put([message(1), message(2)])
    with pytest.raises(ZeroDivisionError):
        deliver(outbox, {"email": sender}, now=lambda: NOW)
    assert deliver(outbox, {"email": sender}, now=lambda: NOW) == 1
    assert sender.taken == [message(2).key]


@given(st.integers(1, 400), st.text(min_size=1, max_size=20))
def test_waits_grow_to_a_limit_and_differ_between_messages(tries: int, key: str) -> None:
    assert FIRST_WAIT <= wait(tries, key) <= LONGEST_WAIT * 1.25
    assert wait(tries + 2, key) > wait(tries, key) or wait(tries, key) >= LONGEST_WAIT


@pytest.mark.parametrize(("moment", "twice"), [("claimed", 0), ("sent", 1), ("noted", 0)])
def test_nothing_is_lost_when_the_process_is_killed(outbox: Box, place: Place, moment: str, twice: int) -> None:
    outbox.put([message(n) for n in range(5)])
    with MailServer() as server:
        script = [sys.executable, str(ROOT / "tests/outboxes.py"), place.path, str(server.port)]
        ended = subprocess.run(
            [*script, NOW.isoformat(), moment],
            cwd=ROOT,
            env=environment(PYTHONPATH=str(ROOT), **place.environment),
            timeout=60,
            check=False,
        )
        assert ended.returncode == -9
        mail = {"email": EmailSender("127.0.0.1", server.port, "aed@example.org", security="none")}
        deliver(outbox, mail, now=lambda: NOW + LEASE / 2)
        deliver(outbox, mail, now=lambda: NOW + LEASE * 2)
        counts = Counter(mail["Message-ID"] for mail in server.mails)
    assert set(outbox.states().values()) == {"sent"}
    assert set(counts) == {f"<{message(n).key}@aedplan.invalid>" for n in range(5)}
    assert sorted(counts.values()) == [1] * (5 - twice) + [2] * twice
