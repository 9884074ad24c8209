"""What the public says of devices, without an account; two who say independently that one is missing are believed."""

import datetime as dt
import hmac
from ipaddress import ip_address, ip_network

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..errors import ServiceError
from ..facts import COUNTY_TIME
from ..history import RecordSession
from ..tables import Device, PublicReport
from . import add, refuse

LONGEST_TEXT = 1000
OPEN = ("new", "confirmed")
ENOUGH = 2
TAKE_BACK_WITHIN = dt.timedelta(hours=1)
TAKEN_BACK = "报告人撤回 / taken back by who reported it"


def add_report(session: RecordSession, report: PublicReport, *, contact: str, reporter: str) -> PublicReport:
    """Keep a report.

    contact   how to reach the person, if they wish it; sealed
    reporter  where it came from; only a keyed checksum is kept

    Raises ServiceError 422 when the text is too long, or no device is named where one must be.
    """
    if len(report.text or "") > LONGEST_TEXT or len(contact) > LONGEST_TEXT:
        refuse([(f"文字不超过 {LONGEST_TEXT} 字", f"the text is longer than {LONGEST_TEXT} characters")])
    if report.device_id is None and report.kind != "new_aed":
        refuse([("请说明是哪台设备", "which device is it?")])
    report.contact_sealed = session.safe.seal(contact)
    report.reporter = session.safe.checksum(reporter)
    report.at = session.by.at
    return add(session, report)


def origin_of(address: str) -> str:
    """What shows that two reports come from the same place: the address, of IPv6 the network that one household has.

    >>> origin_of("2001:db8:1:2:3:4:5:6"), origin_of("192.0.2.7"), origin_of("testclient")
    ('2001:db8:1:2::/64', '192.0.2.7', 'testclient')
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else address


def number_of(report: PublicReport) -> str:
    """A short number to tell on the phone: the day, and what tells the day's reports apart."""
    return f"{report.at.astimezone(COUNTY_TIME):%m%d}-{report.id[-4:].upper()}"


def undo_of(session: RecordSession, report: PublicReport) -> str:
    """What only who made a report knows, to take it back with."""
    return session.safe.checksum(f"undo {report.id}")


def take_back(session: RecordSession, report: PublicReport, undo: str) -> PublicReport:
    """Take back a report that was a mistake; it stays on record, dismissed.

    Raises ServiceError 404 for who did not make it, 409 when it is too late or somebody has seen to it.
    """
    if not hmac.compare_digest(undo_of(session, report).encode(), undo.encode()):
        raise ServiceError(404, "没有这份报告。", "There is no such report.")
    if report.state != "new" or session.by.at - report.at > TAKE_BACK_WITHIN:
        raise ServiceError(409, "这份报告已不能撤销。", "This report can no longer be taken back.")
    return handle(session, report, "dismissed", TAKEN_BACK)


def find_by_code(session: Session, code: str) -> Device:
    """The device with the code on its sign, however it was typed.

    Raises ServiceError 404 when there is none.
    """
    found = session.scalar(select(Device).where(Device.public_code == code.strip().upper()))
    if found is None:
        raise ServiceError(404, "没有这个编号的设备。", "No device has this code.")
    return found


def list_reports(session: Session, *, sites: frozenset[str] | None = None, handled: bool = False) -> list[PublicReport]:
    """Open reports, or with `handled` all, newest first; with `sites` only of devices there."""
    query = select(PublicReport).order_by(PublicReport.at.desc(), PublicReport.id.desc())
    if sites is not None:
        query = query.where(PublicReport.device_id.in_(select(Device.id).where(Device.site_id.in_(sites))))
    if not handled:
        query = query.where(PublicReport.state.in_(OPEN))
    return list(session.scalars(query))


def list_unconfirmed(session: Session) -> list[str]:
    """Devices that two or more independent open reports call missing, by id."""
    independent = func.count(PublicReport.reporter.distinct())
    query = select(PublicReport.device_id).where(PublicReport.kind == "missing", PublicReport.state.in_(OPEN))
    query = query.where(PublicReport.device_id.is_not(None)).group_by(PublicReport.device_id)
    return [device for device in session.scalars(query.having(independent >= ENOUGH)) if device is not None]


def handle(session: RecordSession, report: PublicReport, state: str, effect: str) -> PublicReport:
    """Say what became of a report.

    Raises ServiceError 422 when nothing is said.
    """
    if not effect.strip():
        refuse([("请写明处理结果", "say what was done")])
    report.state = state  # type: ignore[assignment]
    report.handled_by, report.handled_at, report.effect = session.by.account, session.by.at, effect
    session.flush()
    return report
