"""What the public says of devices, without an account, in three taps; and what the office makes of it."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Request, Response
from pydantic import Field

from ..access import Thing
from ..errors import ServiceError
from ..records import find
from ..records.reports import add_report, find_by_code, handle, list_reports, number_of, origin_of, take_back, undo_of
from ..tables import Device, PublicReport
from ..tables.events import ReportKind, ReportState
from .asking import Asking, Db, own_sites, require
from .shapes import Line, Shape, Word, refusals, shown

router = APIRouter(prefix="/api/v1", tags=["reports"])
Words = Annotated[Line, Field(max_length=1000)]
PublicCode = Annotated[str, Field(min_length=1, max_length=16, pattern="^[0-9A-Za-z]+$", examples=["A2B3C9"])]


class ReportIn(Shape):
    """What somebody saw. `contact` only for whoever wishes to be told what came of it."""

    kind: ReportKind
    code: PublicCode | None = None
    text: Words = ""
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    accuracy_m: Annotated[float, Field(ge=0, le=1e7)] | None = None
    contact: Annotated[Line, Field(max_length=100)] = ""


class ReportTaken(Shape):
    """That a report is kept: its number for people; its id, under which a photo can be sent; what takes it back."""

    id: str
    number: Annotated[str, Field(examples=["1122-7F3A"])]
    at: dt.datetime
    undo: str


class TakeBack(Shape):
    """What the service said when the report was made."""

    undo: Annotated[Word, Field(max_length=100)]


class ReportOut(Shape):
    """A report as the office sees it; `reporter` only tells independent ones apart."""

    id: str
    number: str
    version: int
    device_id: str | None
    kind: ReportKind
    text: str
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    contact: str
    reporter: str
    at: dt.datetime
    state: ReportState
    handled_by: str | None
    handled_at: dt.datetime | None
    effect: str


class ReportChange(Shape):
    """What became of a report: confirmed (still so), dismissed, or done."""

    state: ReportState
    effect: Words


@router.post("/reports", status_code=201, responses=refusals(404, 429))
def add(request: Request, given: ReportIn, session: Db, who: Asking, afterwards: BackgroundTasks) -> ReportTaken:
    """Report something, by the code on the device's sign; open to everybody, so often from one address. `used` says that
    somebody has taken the device: it is shown as not verified for two days, or until somebody looks into it."""
    if request.app.state.reminding is not None:
        afterwards.add_task(request.app.state.reminding.wake)  # once it is kept
    address = request.client.host if request.client else ""
    if not request.app.state.limits.report.take(address):
        raise ServiceError(429, "报告太频繁，请稍后再试。", "Too many reports; try again later.")
    device_id = find_by_code(session, given.code).id if given.code else None
    values = given.model_dump(exclude={"code", "contact"})
    made = PublicReport(device_id=device_id, **values)
    report = add_report(session, made, contact=given.contact, reporter=who.account or origin_of(address))
    return shown(ReportTaken, report, number=number_of(report), undo=undo_of(session, report))


@router.delete("/reports/{report_id}", status_code=204, response_class=Response, responses=refusals(404, 409))
def undo(report_id: str, given: TakeBack, session: Db, who: Asking) -> None:
    """Take back a report that was a mistake, within an hour, before anybody has seen to it."""
    take_back(session, find(session, PublicReport, report_id), given.undo)


@router.get("/records/reports", responses=refusals())
def see_reports(session: Db, who: Asking, handled: bool = False) -> list[ReportOut]:
    """Reports that are open, or with `handled` all, newest first; a manager's only those of own sites."""
    found = list_reports(session, sites=own_sites(who, "see", "report"), handled=handled)
    return [_shape(session, report) for report in found]


@router.patch("/records/reports/{report_id}", responses=refusals(404, 409))
def change(report_id: str, given: ReportChange, session: Db, who: Asking) -> ReportOut:
    """Say what became of a report."""
    report = find(session, PublicReport, report_id)
    device = find(session, Device, report.device_id) if report.device_id is not None else None
    site = device.site_id if device is not None else None
    require(who, "change", Thing("report", site=site, device=report.device_id))
    return _shape(session, handle(session, report, given.state, given.effect))


def _shape(session: Db, report: PublicReport) -> ReportOut:
    contact = session.safe.open(report.contact_sealed)
    return shown(ReportOut, report, contact=contact, number=number_of(report))
