"""Photos and scans: sent as the plain bytes of the file, given back to those who may see the record they belong to."""

import datetime as dt
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response

from ..access import Thing, Verb, Who, may
from ..db import Database, database_of, now
from ..errors import ServiceError
from ..history import By, RecordSession
from ..inspections.scans import MOST_BYTES
from ..records import find
from ..records.attachments import DATA, OWNERS, PDF, File, attach, list_attachments, owner_of, take
from ..tables import Attachment, PublicReport
from ..tables.papers import AttachmentKind
from .asking import Asking, AskingFirst, Db, require
from .raw_bodies import read_body
from .shapes import FileName, Key, Shape, refusals, shown

router = APIRouter(prefix="/api/v1", tags=["attachments"])
BINARY = {"schema": {"type": "string", "format": "binary"}}
BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}}
GIVEN: dict[int | str, dict[str, Any]] = {
    200: {"description": "the file", "content": dict.fromkeys(("image/jpeg", PDF, DATA), BINARY)}
}
WRITES: dict[str, Verb] = {"inspection": "add", "training": "add"}
"""What somebody must be allowed to do with a record to add a file to it; `change` where nothing is said."""


Body = Annotated[bytes, Depends(read_body(MOST_BYTES))]


class Owner(Shape):
    """The one record that a file belongs to, by id."""

    site_id: Key | None = None
    device_id: Key | None = None
    inspection_id: Key | None = None
    defect_id: Key | None = None
    agreement_id: Key | None = None
    policy_id: Key | None = None
    incident_id: Key | None = None
    training_event_id: Key | None = None
    public_report_id: Key | None = None


class AttachmentOut(Shape):
    """A file: what it is, and where its photo was taken. `sha256` is what a check names as its photo."""

    id: str
    kind: AttachmentKind
    name: str
    media_type: str
    size: int
    sha256: str
    at: dt.datetime
    lon: float | None
    lat: float | None


class FileIn(Owner):
    """A file to add."""

    kind: AttachmentKind
    name: FileName = ""


@router.post("/records/attachments", status_code=201, responses=refusals(404, 413, 415), openapi_extra=BODY)
def add(request: Request, who: AskingFirst, about: Annotated[FileIn, Query()], content: Body) -> AttachmentOut:
    """Add a file to a record: JPEG, PNG, WebP or HEIC; scans also as PDF. The body is the file itself."""
    database, owner = database_of(request), about.model_dump(exclude={"kind", "name"})
    with database.session() as session:
        _require(session, who, owner)
    file = take(about.kind, content, about.name)
    with database.session(By(who.account, who.role, now())) as session:
        return _keep(database, session, file, about.model_dump())


@router.get("/records/attachments", responses=refusals(404))
def see_attachments(session: Db, who: Asking, about: Annotated[Owner, Query()]) -> list[AttachmentOut]:
    """The files of a record."""
    owner = about.model_dump(exclude_none=True)
    require(who, "see", *owner_of(session, owner))
    column, record_id = next(iter(owner.items()))
    return [shown(AttachmentOut, one) for one in list_attachments(session, column, record_id)]


@router.get("/records/attachments/{attachment_id}", response_class=Response, responses=refusals(404) | GIVEN)
def see_file(request: Request, attachment_id: str, session: Db, who: Asking) -> Response:
    """A file."""
    found = find(session, Attachment, attachment_id)
    require(who, "see", *owner_of(session, {column: getattr(found, column) for column in OWNERS}))
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": "sandbox"}
    if found.media_type != "image/jpeg":
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name or found.id, safe='')}"
    return Response(database_of(request).read_file(found.sha256), media_type=found.media_type, headers=headers)


@router.post(
    "/reports/{report_id}/photo", status_code=201, responses=refusals(404, 409, 413, 415, 429), openapi_extra=BODY
)
def add_photo(request: Request, who: AskingFirst, report_id: str, content: Body) -> AttachmentOut:
    """Send one photo with a report that was just made, by its number."""
    address = request.client.host if request.client else ""
    if not request.app.state.limits.report.take(address):
        raise ServiceError(429, "报告太频繁，请稍后再试。", "Too many reports; try again later.")
    database = database_of(request)
    with database.session() as session:
        _check_report(session, report_id)
    file = take("photo", content, "")
    with database.session(By(who.account, who.role, now())) as session:
        _check_report(session, report_id)
        return _keep(database, session, file, {"kind": "photo", "name": "", "public_report_id": report_id})


def _check_report(session: RecordSession, report_id: str) -> None:
    report = find(session, PublicReport, report_id)
    if (now() - report.at) > dt.timedelta(hours=1) or list_attachments(session, "public_report_id", report.id):
        raise ServiceError(409, "这份报告不再接受照片。", "This report takes no further photo.")


def _require(session: RecordSession, who: Who, owner: dict[str, Any]) -> None:
    """A device's photo may be sent by whoever may check it; every other file by whoever may change the record."""
    things = owner_of(session, owner)
    checks = [Thing("inspection", site=thing.site, device=thing.device) for thing in things if thing.kind == "device"]
    if not any(may(who, "add", thing) for thing in checks):
        require(who, WRITES.get(things[0].kind, "change"), *things)


def _keep(database: Database, session: RecordSession, file: File, about: dict[str, Any]) -> AttachmentOut:
    return shown(AttachmentOut, attach(session, file, database.keep_file(file.content), **about))
