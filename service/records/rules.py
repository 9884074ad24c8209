"""Rules that the office can change: how often devices are checked, when somebody is reminded, who is told.

What ships stands in `data/readiness.toml` and `data/reminders.toml`; a row of the table `rule` goes before it.

norm               {"profile": name in readiness.toml}
reminders.NAME     {"steps": [[days, level], ...]} in the place of that rule's steps
receivers          {"2": [{"channel": ..., "address": ..., "language": ...}]}: who is told by level, for every site
holidays           {"2027": {"holidays": ["2027-02-05/2027-02-11"], "workdays": ["2027-02-20"]}}: years that
                   `aedplan.hours.holidays` does not know yet, or knows otherwise
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from aedplan import InputError
from aedplan.hours.holidays import from_table, known_years, read_year_tables

from ..errors import ServiceError
from ..history import RecordSession
from ..public.opening import Years
from ..ready.norms import Norm, shipped_norms
from ..reminders import LEVELS, Language, Receiver, make_rules, shipped_rules
from ..reminders import Rule as ReminderRule
from ..tables import Rule
from . import add, find, refuse

Channel = Literal["email", "wecom", "dingtalk"]
PREFIX = "reminders."
MOST_RECEIVERS = 50


def current_norm(session: Session) -> Norm:
    """The norm profile in force."""
    norms = shipped_norms()
    chosen = _values(session).get("norm", {}).get("profile")
    return norms.get(chosen, next(iter(norms.values()))) if chosen else next(iter(norms.values()))


def current_rules(session: Session) -> Mapping[str, ReminderRule]:
    """The reminder rules in force, by id."""
    changed = {name: value for name, value in _values(session).items() if name.startswith(PREFIX)}
    return _reminder_rules({name.removeprefix(PREFIX): value for name, value in changed.items()})


def current_receivers(session: Session) -> dict[int, tuple[Receiver, ...]]:
    """Who is told of every site, by level."""
    return _receivers(_values(session).get("receivers", {}))


def current_years(session: Session) -> Years:
    """The office's own tables of years, by year."""
    return _years(_values(session).get("holidays", {}))


def unknown_years(session: Session, first: dt.date, last: dt.date) -> list[int]:
    """Years between two days whose holidays nobody has given: in them weekends alone are free."""
    known = known_years() | {year for year, _ in current_years(session)}
    return [year for year in range(first.year, last.year + 1) if year not in known]


def list_rules(session: Session) -> dict[str, dict[str, Any]]:
    """All rules by name with their values in force, changed or not."""
    rules = current_rules(session)
    shipped = {f"{PREFIX}{name}": {"steps": [list(step) for step in rule.steps]} for name, rule in rules.items()}
    mine = {"norm": {"profile": current_norm(session).name}, "receivers": {}, "holidays": {}}
    return {**mine, **shipped, **_values(session)}


def set_rule(session: RecordSession, name: str, value: dict[str, Any]) -> Rule:
    """Change a rule.

    Raises ServiceError 404 for a name that is no rule, 422 when the value will not do.
    """
    _check(name, value)
    rule = session.get(Rule, name)
    if rule is None:
        return add(session, Rule(name=name, value=value))
    if rule.value != value:
        rule.value = value
        session.flush()
    return rule


def reset_rule(session: RecordSession, name: str) -> None:
    """Let what ships count again; raises ServiceError 404 when the rule was not changed."""
    session.delete(find(session, Rule, name))
    session.flush()


def _check(name: str, value: dict[str, Any]) -> None:
    known = ["norm", "receivers", "holidays", *(f"{PREFIX}{rule}" for rule in shipped_rules())]
    if name not in known:
        raise ServiceError(404, f"没有规则“{name}”。", f"{name!r} is no rule; known: {', '.join(known)}.")
    try:
        if name == "receivers":
            _receivers(value)
        elif name == "holidays":
            _years(value)
        elif name == "norm" and (value.keys() != {"profile"} or value["profile"] not in shipped_norms()):
            raise InputError(f"norm: expected profile, one of {', '.join(shipped_norms())}")
        elif name.startswith(PREFIX):
            _reminder_rules({name.removeprefix(PREFIX): value})
    except InputError as error:
        refuse([(f"规则 {name} 的值不对：{error}", str(error))])


def _values(session: Session) -> dict[str, dict[str, Any]]:
    return {rule.name: rule.value for rule in session.scalars(select(Rule))}


def _reminder_rules(changed: Mapping[str, Mapping[str, Any]]) -> Mapping[str, ReminderRule]:
    words = {name: {"zh": rule.zh, "en": rule.en, "steps": rule.steps} for name, rule in shipped_rules().items()}
    return make_rules({name: {**table, **changed.get(name, {})} for name, table in words.items()})


def _years(value: Mapping[str, Any]) -> Years:
    """Tables of years; raises InputError with every day that cannot be."""
    expected = 'expected {"2027": {"holidays": [days], "workdays": [days]}}'
    for table in value.values():
        lists = table.values() if isinstance(table, dict) else [None]
        if not all(isinstance(days, list) and all(isinstance(day, str) for day in days) for days in lists):
            raise InputError(expected)
    found = []
    for year, table in sorted(read_year_tables(value).items()):
        from_table(year, table)
        found.append((year, type(table)(tuple(table.holidays), tuple(table.workdays))))
    return tuple(found)


def _receivers(value: Mapping[str, Any]) -> dict[int, tuple[Receiver, ...]]:
    """Receivers by level; raises InputError for what are none."""
    levels = [str(level) for level in range(len(LEVELS))]
    expected = f'expected {{level: [{{"channel", "address", "language"}}]}}, levels {", ".join(levels)}'
    found: dict[int, tuple[Receiver, ...]] = {}
    for level, given in value.items():
        if level not in levels or not isinstance(given, list) or len(given) > MOST_RECEIVERS:
            raise InputError(expected)
        found[int(level)] = tuple(_receiver(one, expected) for one in given)
    return found


def _receiver(given: Any, expected: str) -> Receiver:
    keys = {"channel", "address", "language"}
    if not isinstance(given, dict) or not {"channel", "address"} <= given.keys() <= keys:
        raise InputError(expected)
    channel, address, language = given["channel"], given["address"], given.get("language", "zh")
    good = channel in get_args(Channel) and language in get_args(Language)
    if not good or not isinstance(address, str) or not 1 <= len(address) <= 200 or not address.isprintable():
        raise InputError(expected)
    return Receiver(channel, address, language)
