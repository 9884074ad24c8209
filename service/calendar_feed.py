"""The calendar feed: what falls due, as all-day events that any calendar can subscribe to (RFC 5545)."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from .reminders import Due, Language, Rule

MEDIA_TYPE = "text/calendar; charset=utf-8"
MOST_OCTETS = 75
"""Of a line, without its end; longer ones go on in the next, after a space (RFC 5545, 3.1)."""


def calendar(
    dues: Iterable[Due], rules: Mapping[str, Rule], *, changed_at: datetime, language: Language = "zh"
) -> bytes:
    """The feed. The same records give the same bytes.

    rules       their names become the categories
    changed_at  when the records were last changed
    """
    name = "AED 到期提醒" if language == "zh" else "AED reminders"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//aedplan//aedplan service//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
    ]
    for due in sorted(dues, key=lambda due: (due.due_on, due.rule_id, due.subject_kind, due.subject_id)):
        lines += _event(due, rules, changed_at, language)
    return "".join(folded(line) for line in [*lines, "END:VCALENDAR"]).encode()


def _event(due: Due, rules: Mapping[str, Rule], changed_at: datetime, language: Language) -> list[str]:
    rule = rules.get(due.rule_id)
    category = (rule.zh if language == "zh" else rule.en) if rule else due.rule_id
    return [
        "BEGIN:VEVENT",
        f"UID:{uid(due)}",
        f"DTSTAMP:{changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{_day(due.due_on)}",
        f"DTEND;VALUE=DATE:{_day(due.due_on + timedelta(days=1))}",
        f"SUMMARY:{escaped(due.zh if language == 'zh' else due.en)}",
        f"CATEGORIES:{escaped(category)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _day(day: date) -> str:
    return day.isoformat().replace("-", "")


def uid(due: Due) -> str:
    """Names the due thing, not its day: when new pads move the day, the event moves with it."""
    return escaped(f"{due.rule_id}.{due.subject_kind}.{due.subject_id}@aedplan")


def escaped(text: str) -> str:
    """Text as a value (RFC 5545, 3.3.11); control characters have no place in one.

    >>> escaped("一楼, 左侧; a\\\\b")
    '一楼\\\\, 左侧\\\\; a\\\\\\\\b'
    """
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(letter for letter in text if letter == "\t" or not (ord(letter) < 32 or ord(letter) == 127))


def folded(line: str) -> str:
    """A content line with its end, in pieces of at most 75 octets, never cut inside a character."""
    pieces, piece, size = [], "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > MOST_OCTETS:
            pieces.append(piece)
            piece, size = " ", 1
        piece += letter
        size += octets
    return "\r\n".join([*pieces, piece]) + "\r\n"
