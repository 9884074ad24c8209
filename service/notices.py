"""Notices in the records: the outbox on the table `notice`, for SQLite and PostgreSQL alike. Receivers are sealed."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from .db import Database, now
from .errors import ServiceError
from .history import By, RecordSession
from .outbox import Claimed, Message
from .tables import Notice, new_id

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def put_notices(session: RecordSession, messages: Iterable[Message], *, task_id: str | None = None) -> None:
    """Keep messages to be sent, within the caller's transaction; one whose key is known is left as it is."""
    rows = [
        {
            "id": new_id(),
            "version": 1,
            "key": message.key,
            "task_id": task_id,
            "channel": message.channel,
            "receiver_sealed": session.safe.seal(message.receiver),
            "subject": message.subject,
            "text": message.text,
            "made_at": message.made_at,
            "state": "waiting",
            "tries": 0,
            "next_try_at": message.made_at,
            "fault": "",
        }
        for message in messages
    ]
    known = set(session.scalars(select(Notice.key).where(Notice.key.in_([row["key"] for row in rows]))))
    new = [row for row in rows if row["key"] not in known]
    if new:
        made = _INSERT[session.connection().dialect.name](Notice).values(new)
        session.execute(made.on_conflict_do_nothing(index_elements=["key"]))


class NoticeBox:
    """The outbox of a database; each call is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, messages: Iterable[Message]) -> None:
        """Keep messages to be sent; one whose key is known already, sent or not, is left as it is."""
        with self._database.session(_machine()) as session:
            put_notices(session, messages)

    def claim(self, now: dt.datetime, *, until: dt.datetime) -> Claimed | None:
        """The waiting message whose next try came first; its next try becomes `until` and its tries go up by one."""
        waiting = select(Notice.id).where(Notice.state == "waiting", Notice.next_try_at <= now)
        first = waiting.order_by(Notice.next_try_at, Notice.key).limit(1).with_for_update(skip_locked=True)
        claims = update(Notice).where(Notice.id == first.scalar_subquery())
        claims = claims.values(tries=Notice.tries + 1, next_try_at=until).execution_options(synchronize_session=False)
        columns = (
            Notice.key, Notice.channel, Notice.receiver_sealed, Notice.subject, Notice.text, Notice.made_at,
            Notice.tries,
        )  # fmt: skip
        with self._database.session(_machine()) as session:
            row = session.execute(claims.returning(*columns)).one_or_none()
            if row is None:
                return None
            receiver = session.safe.open(row.receiver_sealed)
        message = Message(row.key, row.channel, receiver, row.subject, row.text, row.made_at or now)
        return Claimed(message, row.tries)

    def note_sent(self, key: str, at: dt.datetime) -> None:
        """The message has been handed over."""
        self._note(key, state="sent", sent_at=at, next_try_at=None, fault="")

    def note_failure(self, key: str, fault: str, next_try_at: dt.datetime | None) -> None:
        """It could not be; None: no more tries."""
        self._note(key, state="waiting" if next_try_at else "failed", next_try_at=next_try_at, fault=fault)

    def _note(self, key: str, **values: object) -> None:
        with self._database.session(_machine()) as session:
            noted = update(Notice).where(Notice.key == key).values(**values)
            session.execute(noted.execution_options(synchronize_session=False))


def _machine() -> By:
    return By(None, "machine", now())


def list_notices(session: RecordSession, state: str, *, most: int) -> list[tuple[Notice, str]]:
    """Messages in a state, newest first, each with its receiver as far as the office needs it to find the mistake."""
    query = select(Notice).where(Notice.state == state).order_by(Notice.made_at.desc(), Notice.id.desc())
    return [(one, _partly(session.safe.open(one.receiver_sealed))) for one in session.scalars(query.limit(most))]


def _partly(receiver: str) -> str:
    """A mail address as it is; of a robot, whose address is a key, only its name."""
    return receiver if "://" not in receiver else receiver.split("?")[0]


def try_again(session: RecordSession, notice: Notice) -> tuple[Notice, str]:
    """Let a message that has failed wait to be sent again.

    Raises ServiceError 409 when it has not failed.
    """
    if notice.state != "failed":
        raise ServiceError(409, "这条消息没有失败。", "This message has not failed.")
    notice.state, notice.tries, notice.next_try_at = "waiting", 0, session.by.at
    session.flush()
    return notice, _partly(session.safe.open(notice.receiver_sealed))
