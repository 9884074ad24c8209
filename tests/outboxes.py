"""An outbox in one file, the records' own on both databases, and a process that is killed while it delivers from one."""

import os
import signal
import sqlite3
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from service.db import Database
from service.notices import NoticeBox
from service.outbox import Claimed, Message, deliver
from service.settings import Settings, read_settings
from service.tables import Notice

TABLE = """create table if not exists message (
    key text primary key, channel text, receiver text, subject text, text text, made_at text,
    state text default 'waiting', tries integer default 0, next_try_at text, sent_at text, fault text default '')"""
COLUMNS = "key, channel, receiver, subject, text, made_at"


class FileOutbox:
    """Keeps messages in SQLite; each call is one transaction."""

    def __init__(self, path: Path) -> None:
        self.line = sqlite3.connect(path, isolation_level=None, timeout=30)
        self.line.execute("pragma journal_mode = wal")
        self.line.execute("pragma synchronous = full")
        self.line.execute(TABLE)

    def put(self, messages: Iterable[Message]) -> None:
        for m in messages:
            made = m.made_at.astimezone(UTC).isoformat()
            self.line.execute(
                f"insert into message ({COLUMNS}, next_try_at) values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
                (m.key, m.channel, m.receiver, m.subject, m.text, made, made),
            )

    def claim(self, now: datetime, *, until: datetime) -> Claimed | None:
        rows = self.line.execute(
            f"""update message set tries = tries + 1, next_try_at = ? where key = (
                select key from message where state = 'waiting' and next_try_at <= ? order by next_try_at, key limit 1
            ) returning {COLUMNS}, tries""",
            (until.isoformat(), now.isoformat()),
        ).fetchall()
        if not rows:
            return None
        *words, made_at, tries = rows[0]
        return Claimed(Message(*words, datetime.fromisoformat(made_at)), tries)

    def note_sent(self, key: str, at: datetime) -> None:
        self.line.execute("update message set state = 'sent', sent_at = ? where key = ?", (at.isoformat(), key))

    def note_failure(self, key: str, fault: str, next_try_at: datetime | None) -> None:
        state = "waiting" if next_try_at else "failed"
        at = next_try_at.isoformat() if next_try_at else None
        self.line.execute(
            "update message set state = ?, next_try_at = ?, fault = ? where key = ?", (state, at, fault, key)
        )

    def states(self) -> dict[str, str]:
        return dict(self.line.execute("select key, state from message"))

    def tries(self) -> dict[str, int]:
        return dict(self.line.execute("select key, tries from message"))

    def close(self) -> None:
        self.line.close()


class RecordOutbox(NoticeBox):
    """The outbox of the records, with what tests ask of it."""

    def __init__(self, settings: Settings) -> None:
        self.database = Database(settings)
        super().__init__(self.database)

    def states(self) -> dict[str, str]:
        return dict(self._column(Notice.state))

    def tries(self) -> dict[str, int]:
        return dict(self._column(Notice.tries))

    def _column(self, column: Any) -> list[tuple[str, Any]]:
        with self.database.session() as session:
            return [(row[0], row[1]) for row in session.execute(select(Notice.key, column))]

    def close(self) -> None:
        self.database.close()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deliver_and_die(path: str, port: str, now: str, moment: str) -> None:
    """Deliver by mail to a port of this machine and be killed around the third message: claimed, sent, or noted.

    path  of the file; "": the records that the environment names
    """
    from service.senders import EmailSender

    outbox = FileOutbox(Path(path)) if path else RecordOutbox(read_settings(os.environ))
    mail = EmailSender("127.0.0.1", int(port), "aed@example.org", security="none")
    seen = []

    class Deadly:
        def send(self, message: Message) -> None:
            seen.append(message.key)
            if (moment, len(seen)) in {("claimed", 3), ("noted", 4)}:
                die()
            mail.send(message)
            if moment == "sent" and len(seen) == 3:
                die()

    deliver(outbox, {"email": Deadly()}, now=lambda: datetime.fromisoformat(now))


if __name__ == "__main__":
    deliver_and_die(*sys.argv[1:])
