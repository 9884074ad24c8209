"""What the month's report follows from, read from the records."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aedplan.report.words import Words

from ..facts import COUNTY_TIME, DeviceFacts, day_of
from ..history import RecordSession
from ..plan_demand import Ground
from ..ready.device_days import IN_SERVICE
from ..ready.readiness import as_known, lifecycle_of, readiness
from ..ready.words import REPORTS, item_words
from ..tables import Defect, Device, Incident, Inspection, Organisation, PublicReport, Site, TrainingEvent
from ..year.monthly import Coming, Covered, DeviceLine, Event, Found, Month, Use
from .coverage import find_coverage, list_worth
from .device_facts import all_facts_of
from .dues import list_dues
from .public import find_licence
from .reports import OPEN
from .rules import current_norm
from .year import days_of

HOURS = (10, 2)
"""Coverage is told for these hours of the last working day: when most places are open, and when few are."""

OUTCOMES: Mapping[str, Words] = {
    "handed_over_alive": Words("存活移交", "handed over alive"),
    "handed_over_under_cpr": Words("移交时仍在复苏", "handed over under CPR"),
    "died": Words("死亡", "died"),
    "not_an_arrest": Words("并非心搏骤停", "not an arrest"),
    "unknown": Words("不详", "not known"),
}


def month_of(year: int, month: int, today: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day of a month, none in the future.

    >>> month_of(2026, 2, dt.date(2026, 11, 22)), month_of(2026, 11, dt.date(2026, 11, 22))[1]
    ((datetime.date(2026, 2, 1), datetime.date(2026, 2, 28)), datetime.date(2026, 11, 22))
    """
    first = dt.date(year, month, 1)
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return first, min(following - dt.timedelta(days=1), today)


def read_month(session: RecordSession, ground: Ground | None, first: dt.date, last: dt.date) -> Month:
    """All that the report of a month tells; `last` may be today."""
    since, until = _instant(first), _instant(last + dt.timedelta(days=1))
    names = {row.id: row.name for row in session.execute(select(Site.id, Site.name))}
    devices = list(session.scalars(select(Device).order_by(Device.public_code)))
    called = {one.id: f"{one.public_code} {names.get(one.site_id or '', '')}".strip() for one in devices}
    checked = _checked(session, since, until)
    days = [one for one in days_of(session, devices, first, last).values() if one.in_service]
    served = sum(one.in_service for one in days)
    found = list(session.scalars(select(Defect).where(Defect.found_at < until).order_by(Defect.found_at, Defect.id)))
    month_end = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    return Month(
        first=first,
        last=last,
        complete=last == month_end,
        office=_office(session),
        devices=_devices(session, devices, names, ground, last, checked),
        checks=sum(checked.values()),
        checked_share=sum(one.checked for one in days) / served if served else None,
        found=tuple(_found(one, called) for one in found if one.found_at >= since),
        open_defects=sum(one.done_at is None or one.done_at >= until for one in found),
        reports=_reports(session, since, until),
        uses=_uses(session, called, names, (since, until)),
        events=_events(session, names, first, last),
        circle=Words(ground.circle.words_zh, ground.circle.words_en) if ground else Words("", ""),
        coverage=_coverage(session, ground, last),
        coming=_coming(session, last),
    )


def _instant(day: dt.date, hour: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), COUNTY_TIME)


def _office(session: Session) -> str:
    """Whose report it is: the publisher of the dataset, else the Red Cross on record."""
    red_cross = select(Organisation.name).where(Organisation.kind == "red_cross").order_by(Organisation.id).limit(1)
    return find_licence(session).publisher or session.scalar(red_cross) or ""


def _checked(session: Session, since: dt.datetime, until: dt.datetime) -> Counter[str]:
    """How many checks each device had."""
    query = select(Inspection.device_id, func.count()).where(Inspection.at >= since, Inspection.at < until)
    return Counter(dict(session.execute(query.group_by(Inspection.device_id)).all()))  # type: ignore[arg-type]


def _devices(
    session: Session,
    devices: list[Device],
    names: Mapping[str, str],
    ground: Ground | None,
    last: dt.date,
    checked: Counter[str],
) -> tuple[DeviceLine, ...]:
    """Devices in service on a day, as the records of its end tell of them; what hangs on each as the devices hang now."""
    norm = current_norm(session)
    worth = {one.standing.device.id: one.worth for one in list_worth(session, ground, last)}
    found = []
    for device, facts in zip(devices, all_facts_of(session, devices), strict=True):
        known: DeviceFacts = as_known(facts, last)
        if lifecycle_of(known) in IN_SERVICE:
            ready = readiness(known, norm, last)
            reasons = tuple(Words(one.zh, one.en) for one in ready.reasons)
            site = names.get(device.site_id or "", "")
            line = DeviceLine(
                device.public_code, site, ready.state, reasons, worth.get(device.id), checked[device.id] > 0
            )
            found.append(line)
    return tuple(found)


def _found(one: Defect, called: Mapping[str, str]) -> Found:
    done = day_of(one.done_at) if one.done_at else None
    item = Words(*item_words(one.item))
    return Found(day_of(one.found_at), called[one.device_id], item, one.severity, one.action_plan, one.due_on, done)


def _reports(session: Session, since: dt.datetime, until: dt.datetime) -> dict[Words, tuple[int, int]]:
    """Reports of the public by kind: how many came, how many of them are handled."""
    rows = session.execute(
        select(PublicReport.kind, PublicReport.state).where(PublicReport.at >= since, PublicReport.at < until)
    ).all()
    came, left = Counter(row.kind for row in rows), Counter(row.kind for row in rows if row.state in OPEN)
    return {Words(*REPORTS[kind]): (count, count - left[kind]) for kind, count in sorted(came.items())}


def _uses(
    session: Session, called: Mapping[str, str], names: Mapping[str, str], stretch: tuple[dt.datetime, dt.datetime]
) -> tuple[Use, ...]:
    query = (
        select(Incident).where(Incident.at >= stretch[0], Incident.at < stretch[1]).order_by(Incident.at, Incident.id)
    )
    return tuple(
        Use(
            one.at,
            one.place or names.get(one.site_id or "", ""),
            called.get(one.device_id or "", ""),
            one.shocks,
            OUTCOMES[one.outcome],
            day_of(one.returned_to_service_at) if one.returned_to_service_at else None,
        )
        for one in session.scalars(query)
    )


def _events(session: Session, names: Mapping[str, str], first: dt.date, last: dt.date) -> tuple[Event, ...]:
    query = select(TrainingEvent).where(TrainingEvent.held_on.between(first, last))
    return tuple(
        Event(one.held_on, one.course, names.get(one.site_id or "", ""), one.drill, one.attended_n, one.passed_n)
        for one in session.scalars(query.order_by(TrainingEvent.held_on, TrainingEvent.id))
    )


def _coverage(session: RecordSession, ground: Ground | None, last: dt.date) -> tuple[Covered, ...]:
    if ground is None:
        return ()
    day = last - dt.timedelta(days=max(0, last.weekday() - 4))  # Saturday and Sunday: the Friday before
    found = []
    for hour in HOURS:
        at = _instant(day, hour)
        now = find_coverage(session, ground, at).now
        shares = {cause: value / now.total for cause, value in now.lost.items()}
        found.append(Covered(at, now.paper / now.total, now.effective / now.total, shares))
    return tuple(found)


def _coming(session: Session, last: dt.date) -> tuple[Coming, ...]:
    """What falls due in the month after, and what should have been done."""
    begin = (last.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    end = (begin + dt.timedelta(days=32)).replace(day=1)
    return tuple(
        Coming(due.due_on, Words(due.zh, due.en), due.due_on <= last)
        for due in list_dues(session, last)
        if due.due_on < end and not (due.rule_id == "check" and due.due_on > last)
    )
