"""What falls due: as a list, as a feed for calendars, and the rules by which somebody is reminded."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from ..access import Thing, Who, may
from ..accounts import find_feed, list_feeds, make_feed, who_is
from ..calendar_feed import MEDIA_TYPE, calendar
from ..db import now
from ..errors import ServiceError
from ..facts import day_of
from ..history import RecordSession, last_change_at
from ..notices import list_notices, try_again
from ..records import find
from ..records.dues import acknowledge, list_dues, list_tasks
from ..records.rules import current_rules, list_rules, reset_rule, set_rule
from ..reminders import Due, Language, falling_due
from ..tables import CalendarFeed, Notice
from ..tables.checks import NoticeState
from .asking import Asking, Db, require
from .shapes import Day, Shape, Table, refusals, shown

router = APIRouter(prefix="/api/v1", tags=["reminders"])
Ahead = Annotated[int, Field(ge=0, le=3650)]
Name = Annotated[str, Field(min_length=1, max_length=64, pattern="^[a-z_.]+$")]
Most = Annotated[int, Field(ge=1, le=1000)]
Subject = Annotated[str, Field(min_length=1, max_length=64)]


class DueName(Shape):
    """Which of all that falls due."""

    rule_id: Name
    subject_kind: Name
    subject_id: Subject
    due_on: Day


class DueOut(DueName):
    """Something that falls due. `level`: who has been reached by now, from 0 manager to 3 county; null: nobody yet."""

    zh: str
    en: str
    site_id: str
    device_id: str
    level: int | None
    acknowledged_at: dt.datetime | None
    acknowledged_by: str | None


class NoticeOut(Shape):
    """A message and how it went; `fault`: why it could not be sent."""

    id: str
    channel: str
    receiver: str
    subject: str
    made_at: dt.datetime | None
    state: NoticeState
    tries: int
    next_try_at: dt.datetime | None
    sent_at: dt.datetime | None
    fault: str


class RuleIn(Shape):
    """The value of a rule: {"steps": [[days, level], ...]}, {"profile": ...}, or receivers by level."""

    value: Annotated[Table, Field(max_length=50)]


class FeedOut(Shape):
    """A calendar feed; its address only when it was just made, and never again."""

    id: str
    made_at: dt.datetime
    address: str = ""


@router.get("/records/due", responses=refusals())
def see_due(session: Db, who: Asking, days: Ahead = 90) -> list[DueOut]:
    """What is overdue or falls due within so many days, the most pressing first; a manager's and inspector's own."""
    on = day_of(session.by.at)
    last = on + dt.timedelta(days=days)
    dues = [due for due in _dues(session, who, on) if due.due_on <= last]
    tasks = list_tasks(session)
    levels = {reminder.due: reminder.escalation for reminder in falling_due(dues, current_rules(session), on)}
    ordered = sorted(dues, key=lambda due: (-levels.get(due, -1), due.due_on, due.subject_id))
    return [_shape(due, levels.get(due), tasks.get(_key(due))) for due in ordered]


@router.post("/records/due/acknowledged", responses=refusals(404))
def add_acknowledgement(given: DueName, session: Db, who: Asking) -> DueOut:
    """Say that one takes care of something; it stays due until the records say otherwise."""
    on = day_of(session.by.at)
    wanted = (given.rule_id, given.subject_kind, given.subject_id, given.due_on)
    due = next((due for due in _dues(session, who, on) if _key(due) == wanted), None)
    if due is None:
        raise ServiceError(404, "没有这项到期事项。", "Nothing like this falls due.")
    require(who, "change", _thing(due))
    task = acknowledge(session, due)
    reached = falling_due([due], current_rules(session), on)
    return _shape(due, reached[0].escalation if reached else None, task)


@router.get("/records/notices", responses=refusals())
def see_notices(session: Db, who: Asking, state: NoticeState = "failed", limit: Most = 100) -> list[NoticeOut]:
    """Messages that could not be sent, or those that wait or were sent, newest first; receivers only in part."""
    return [shown(NoticeOut, one, receiver=receiver) for one, receiver in list_notices(session, state, most=limit)]


@router.post("/records/notices/{notice_id}/again", responses=refusals(404, 409))
def send_again(notice_id: str, session: Db, who: Asking) -> NoticeOut:
    """Try to send a message that has failed once more."""
    one, receiver = try_again(session, find(session, Notice, notice_id))
    return shown(NoticeOut, one, receiver=receiver)


@router.get("/records/rules", responses=refusals())
def see_rules(session: Db, who: Asking) -> dict[str, dict[str, Any]]:
    """All rules with the values in force."""
    return list_rules(session)


@router.put("/records/rules/{name}", responses=refusals(404))
def change_rule(name: str, given: RuleIn, session: Db, who: Asking) -> RuleIn:
    """Change a rule."""
    return RuleIn(value=set_rule(session, name, given.value).value)


@router.delete("/records/rules/{name}", status_code=204, responses=refusals(404))
def end_rule(name: str, session: Db, who: Asking) -> None:
    """Let what ships count again."""
    reset_rule(session, name)


@router.get("/records/feeds", responses=refusals())
def see_feeds(session: Db, who: Asking) -> list[FeedOut]:
    """My calendar feeds."""
    return [shown(FeedOut, feed, address="") for feed in list_feeds(session, who.account or "")]


@router.post("/records/feeds", status_code=201, responses=refusals())
def add_feed(session: Db, who: Asking) -> FeedOut:
    """Make an address that a calendar can subscribe to; whoever has it sees what I am reminded of."""
    token, feed = make_feed(session, who.account or "")
    return shown(FeedOut, feed, address=f"/api/v1/due.ics?token={token}")


@router.delete("/records/feeds/{feed_id}", status_code=204, responses=refusals(404))
def end_feed(feed_id: str, session: Db, who: Asking) -> None:
    """End a calendar feed."""
    feed = find(session, CalendarFeed, feed_id)
    require(who, "end", Thing("feed", account=feed.account_id))
    feed.ended_at = feed.ended_at or session.by.at


@router.get(
    "/due.ics",
    response_class=Response,
    responses=refusals(404) | {200: {"description": "RFC 5545", "content": {"text/calendar": {}}}},
)
def see_calendar(
    session: Db, who: Asking, token: Annotated[str, Query(min_length=1, max_length=100)], lang: Language = "zh"
) -> Response:
    """What falls due for whoever made the secret address."""
    at = now()
    account = find_feed(session, token, at)
    if account is None:
        raise ServiceError(404, "没有这个日历。", "There is no such calendar.")
    dues = _dues(session, who_is(session, account, day_of(at)), day_of(at))
    body = calendar(dues, current_rules(session), changed_at=last_change_at(session) or at, language=lang)
    return Response(body, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def _dues(session: RecordSession, who: Who, on: dt.date) -> list[Due]:
    """What falls due and somebody may see."""
    return [due for due in list_dues(session, on) if may(who, "see", _thing(due))]


def _thing(due: Due) -> Thing:
    return Thing("task", site=due.site_id or None, device=due.device_id or None)


def _key(due: Due) -> tuple[str, str, str, dt.date]:
    return due.rule_id, due.subject_kind, due.subject_id, due.due_on


def _shape(due: Due, level: int | None, task: Any) -> DueOut:
    return shown(
        DueOut, due, level=level,
        acknowledged_at=task.acknowledged_at if task else None,
        acknowledged_by=task.acknowledged_by if task else None,
    )  # fmt: skip
