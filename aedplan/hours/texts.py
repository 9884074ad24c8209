"""Opening hours as registries write them, turned into the syntax of OpenStreetMap, with what was understood said back.

Understood are days and hours in Chinese (both scripts), Japanese and English, such as "周一至周五 8:00-17:00，节假日休息",
the three lines of Taiwan's register with their remark, Japan's columns for days, hours and remarks, and loose spellings of
OSM syntax. The rule behind every choice: a place must never count as open when its text may mean that it is closed. So

- words left over that speak of a limit ("依公告", "除外", "预约") make the whole text not understood; other words do not;
- from midnight to midnight on some days, beside hours on others, means closed; on all days it means nothing without a word;
- where a remark and the hours beside it differ, the shorter hold, or nothing where neither holds the other;
- the eve and days of the Spring Festival are taken as all public holidays, 例假日 and 节假日 as weekends too.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from .hours import readable, week_of
from .periods import WEEKDAYS
from .tokens import ALL_DAY, FILLER, LIMIT, NOISE, TIMELIKE, TO_SIMPLIFIED, Token, clock_range, tokens
from .words import NOT_UNDERSTOOD, say_hours


class Understood(NamedTuple):
    """One text and what it was taken to say.

    osm   opening hours in OSM syntax; "" where not understood, which never counts as open
    zh    what was understood, in Chinese
    en    the same in English
    left  words that were not understood
    """

    text: str
    osm: str
    zh: str
    en: str
    left: str = ""


class HoursReport(NamedTuple):
    """What became of all texts of a table.

    given       rows that say something
    understood  rows of these that were understood
    empty       rows that say nothing
    missed      (text, rows) of those not understood, the commonest first
    """

    given: int
    understood: int
    empty: int
    missed: tuple[tuple[str, int], ...]

    @property
    def zh(self) -> str:
        """One Chinese sentence."""
        return (
            f"开放时间：{self.given:,} 条中看懂 {self.understood:,} 条，没看懂 {self.given - self.understood:,} 条，"
            f"另有 {self.empty:,} 条没有填写；没看懂和没填写的一律按不开放计算。"
        )

    @property
    def en(self) -> str:
        """One English sentence."""
        missed = self.given - self.understood
        return (
            f"Opening hours: of {self.given:,} texts {self.understood:,} were understood and {missed:,} were not;"
            f" {self.empty:,} rows have none. What is not understood or not given counts as closed."
        )


def understand_hours(texts: Sequence[str]) -> tuple[Understood, ...]:
    """What each text says, in their order; equal texts are read once.

    >>> [one.osm for one in understand_hours(["周一至周五 8:00-17:00", "24小时", "视情况而定"])]
    ['Mo-Fr 08:00-17:00', '24/7', '']
    """
    return tuple(_understand(text) for text in texts)


def report_hours(understood: Iterable[Understood], *, most: int = 20) -> HoursReport:
    """How many texts were understood, and the commonest that were not."""
    rows = list(understood)
    given = [one for one in rows if one.text.strip()]
    missed = Counter(re.sub(r"\s*\n\s*", " / ", one.text.strip()) for one in given if not one.osm)
    return HoursReport(len(given), len(given) - missed.total(), len(rows) - len(given), tuple(missed.most_common(most)))


@lru_cache(maxsize=50_000)
def _understand(text: str) -> Understood:
    if not text.strip():
        return Understood(text, "", "没有填写，按不开放计算", "not given, counted as closed")
    if readable(text):
        return Understood(text, text.strip(), *say_hours(text))
    form = _FORM.match(plain_hours(text))
    osm, left = _read_form(form) if form else _read_free(plain_hours(text))
    if not osm or not readable(osm):
        return Understood(text, "", *NOT_UNDERSTOOD, left)
    return Understood(text, osm, *say_hours(osm), left)


def plain_hours(text: str) -> str:
    """A text in simplified script, half width and lower case, spaces single but for the ends of lines.

    >>> plain_hours("星期一至星期五　０８：００～１７：００")
    '星期一至星期五 08:00~17:00'
    """
    text = unicodedata.normalize("NFKC", text).translate(TO_SIMPLIFIED).casefold()
    return re.sub(r"[ \t]+", " ", re.sub(r"\s*\n\s*", "\n", text)).strip()


# --- Taiwan's register: three lines and a remark, all in one cell

_FORM = re.compile(
    r"星期一至星期五(?P<week>[^\n]*)\n星期六(?P<sa>[^\n]*)\n星期日(?P<su>[^\n]*)(?:\n备注:?(?P<note>.*))?$", re.DOTALL
)
_CLOCKS = re.compile(r"^\s*(?:(\d\d?):?(\d\d)?)?\s*至\s*(?:(\d\d?):?(\d\d)?)?\s*$")
_UNCLEAR = "?"


def _read_form(form: re.Match[str]) -> tuple[str, str]:
    """OSM syntax of the three lines and their remark, and the words left over."""
    lines = [_form_hours(form[key]) for key in ("week", "sa", "su")]
    note = NOISE.sub("", form["note"] or "").strip()
    said, limited, left = _read_note(note)
    all_day = any(token.kind == "all_day" for token in tokens(note)) and not limited
    if _UNCLEAR in lines or limited:
        return "", note or left
    if set(lines) <= {"", "same"}:
        whole = "same" in lines and len(set(lines)) == 1
        return (said, left) if said and (all_day or said == "off" or not whole) else ("", note)
    times = [hours if hours != "same" else "" for hours in lines]
    days = dict(zip(WEEKDAYS, [times[0]] * 5 + times[1:], strict=True))
    return _with_note(_weekly(days), said), left


def _form_hours(line: str) -> str:
    """Hours of one line in OSM syntax; "" closed, "same" from an hour to itself, "?" when something is missing."""
    found = _CLOCKS.match(line)
    if found is None or (found[1] is None) != (found[3] is None):
        return _UNCLEAR
    if found[1] is None:
        return ""
    begin, end = (int(found[n]) * 60 + int(found[n + 1] or 0) for n in (1, 3))
    if begin > 1440 or end > 1440 or int(found[2] or 0) > 59 or int(found[4] or 0) > 59:
        return _UNCLEAR
    return "same" if begin == end else clock_range(begin, end)


def _read_note(note: str) -> tuple[str, bool, str]:
    """OSM syntax of a remark, whether it limits the hours in a way not understood, and its words left over."""
    if not note or HARMLESS.fullmatch(note):
        return "", False, ""
    if CLOSED_WHOLLY.fullmatch(note):
        return "off", False, ""
    found = tokens(note)
    left = _left_over(note, found)
    if LIMIT.search(left) or TIMELIKE.search(left):
        return "", True, left
    rules = _rules(found)
    return ("", True, left) if rules is None else (_compose(rules), False, left)


HARMLESS = re.compile(r"(?:无|none|n/?a|-|仅?供?成人(?:可以)?使用|(?:限|适用)成人|营[业运]开始至结束)[。.\s]*")
CLOSED_WHOLLY = re.compile(r"(?:此处)?(?:aed)?(?:不|未|无)(?:对外)?(?:提供)?开放[。.\s]*")


def _with_note(hours: str, note: str) -> str:
    """Hours beside a remark: the shorter of the two, "" where neither holds the other."""
    if not note or note == "off" or not hours:
        return note if note == "off" else hours
    both = f"{hours}; {note}"
    alone, together = week_of(hours), week_of(both)
    if alone is None or together is None:
        return ""
    if not (together & ~alone).any():
        return both if "off" in note or (alone & ~together).any() else hours
    return "" if (alone & ~together).any() or "off" in note else hours


# --- free text


def _read_free(text: str) -> tuple[str, str]:
    """OSM syntax of a free text, "" when not understood, and the words left over."""
    if CLOSED_WHOLLY.fullmatch(text):
        return "off", ""
    text = NOISE.sub("", text)
    found = tokens(text)
    left = _left_over(text, found)
    if LIMIT.search(left) or TIMELIKE.search(left):
        return "", left
    rules = _rules(found)
    if not rules or not any(rule.hours and rule.hours != "off" and not rule.off_hours for rule in rules):
        return "", left or text
    return _compose(rules), left


def _left_over(text: str, found: Sequence[Token]) -> str:
    """What no token holds, without words that change nothing."""
    rest, at = [], 0
    for token in found:
        rest.append(text[at : token.begin])
        at = token.end
    rest.append(text[at:])
    return " ".join(FILLER.sub(" ", " ".join(rest)).split())


class _Rule(NamedTuple):
    """Days (OSM) with hours (OSM) or "off"; `off_hours` where just these hours are closed."""

    days: tuple[str, ...]
    hours: str
    off_hours: bool = False


def _rules(found: Sequence[Token]) -> list[_Rule] | None:
    """Tokens put together: days hold for the hours and closings that follow them; None when they do not fit together."""
    rules: list[_Rule] = []
    days: list[str] = []
    fresh = closing = ended = False  # fresh: nothing said of these days yet; closing: inside a list of closed days
    for token in found:
        if token.kind == "closing" and not fresh:
            days, closing = [], True
        elif token.kind == "days":
            days = [*days, *token.days] if fresh and not ended else list(token.days)
            fresh, ended = not closing, False
            if closing:
                rules += [_Rule((day,), "off") for day in token.days]
        elif token.kind in ("hours", "all_day"):
            hours = ALL_DAY if token.kind == "all_day" else token.hours
            if rules and not fresh and not closing and rules[-1].days == tuple(days) and rules[-1].hours != "off":
                hours = hours if rules[-1].hours == ALL_DAY else f"{rules[-1].hours},{hours}"
                rules.pop()
            rules.append(_Rule(tuple(days), hours))
            fresh = closing = False
        elif token.kind in ("off", "closing"):
            if fresh:
                rules += [_Rule((day,), "off") for day in days]
            elif rules and rules[-1].hours not in ("off", ALL_DAY) and not closing:
                rules = _close_last_hours(rules)
            elif not (rules and (closing or rules[-1].hours == "off")):
                return None
            days, fresh, closing = [], False, False
        elif token.kind == "end":
            closing, ended = False, True
    if fresh and rules:  # days at the end: of the hours before, where these have none of their own
        return None if any(rule.days for rule in rules) else [rule._replace(days=tuple(days)) for rule in rules]
    return rules


def _close_last_hours(rules: list[_Rule]) -> list[_Rule]:
    """Hours just read are a break: "8:00-17:00，12:00-13:00休息"."""
    last = rules[-1]
    *before, broken = last.hours.split(",")
    kept = [last._replace(hours=",".join(before))] if before else []
    return [*rules[:-1], *kept, _Rule(last.days, broken, off_hours=True)]


def _compose(rules: Sequence[_Rule]) -> str:
    """Rules in OSM syntax: hours of the week first, closings after them."""
    weekly: dict[str, str] = {}
    special, closed, breaks = [], [], []
    ordinary = [rule for rule in rules if rule.hours != "off" and not rule.off_hours]
    named = {day for rule in ordinary for day in rule.days}
    for rule in rules:
        days = rule.days or WEEKDAYS
        if "HOLIDAYS" in days:  # weekends count among them where they are not named on their own
            weekend = () if rule.hours != "off" and named & {"Sa", "Su"} else ("Sa", "Su")
            days = tuple(day for each in days for day in ((*weekend, "PH") if each == "HOLIDAYS" else (each,)))
        if rule.hours == "off":
            closed += [day for day in days if day not in closed]
        elif rule.off_hours:
            breaks.append(f"{_listed(days)} {rule.hours} off".strip())
        else:
            weekly |= {day: rule.hours for day in days if day in WEEKDAYS}
            special += [f"{day} {rule.hours}" for day in days if day not in (*WEEKDAYS, "WORKDAYS")]
            if "WORKDAYS" in days:
                weekly |= dict.fromkeys(WEEKDAYS[:5], rule.hours)
                closed.append("PH")
    closed = [day for day in dict.fromkeys(closed) if not any(rule.startswith(f"{day} ") for rule in special)]
    week = _weekly({day: weekly.get(day, "") for day in WEEKDAYS}) if weekly else ""
    short = [day for day in closed if day in (*WEEKDAYS, "PH", "SH")]
    dated = [f"{day} off" for day in closed if day not in short]
    off = [f"{_listed(short)} off"] if short else []
    return "; ".join(part for part in (week, *special, *breaks, *dated, *off) if part)


def _weekly(hours: dict[str, str]) -> str:
    """A week in OSM syntax, days of the same hours together.

    >>> _weekly({**dict.fromkeys(WEEKDAYS, "08:00-12:00"), "Su": ""})
    'Mo-Sa 08:00-12:00'
    """
    if set(hours.values()) == {ALL_DAY}:
        return "24/7"
    told: dict[str, list[str]] = {}
    for day in WEEKDAYS:
        if hours[day]:
            told.setdefault(hours[day], []).append(day)
    past_midnight = any(end < begin for each in told for begin, end in (r.split("-") for r in each.split(",")))
    joint = ", " if past_midnight else "; "  # a rule after ; would cut the night before short
    return joint.join(f"{_listed(days)} {each}" for each, days in told.items()) or "off"


def _listed(days: Sequence[str]) -> str:
    """Days as OSM lists them: three or more in a row as a range.

    >>> _listed(["Mo", "Tu", "We", "Fr", "PH"]), _listed(WEEKDAYS)
    ('Mo-We,Fr,PH', 'Mo-Su')
    """
    runs: list[list[str]] = []
    order = sorted(days, key=lambda day: WEEKDAYS.index(day) if day in WEEKDAYS else 9)
    for day in order:
        follows = runs and day in WEEKDAYS and runs[-1][-1] in WEEKDAYS
        if follows and WEEKDAYS.index(day) == WEEKDAYS.index(runs[-1][-1]) + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else run[0] for run in runs)
