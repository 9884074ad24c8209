"""Sheets in and out: the office's lists as XLSX and CSV, a template to fill in, and imports that can be looked at and undone."""

import datetime as dt
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response

from ..access import Kind, Who, reach_of
from ..db import database_of, now
from ..facts import day_of
from ..history import By, RecordSession
from ..records import find
from ..records.imports import Looked, apply, list_imports, look_again, preview, undo
from ..records.people import list_people
from ..records.sheets import Action, sheet_rows
from ..sheets.readings import MOST_BYTES
from ..sheets.record_books import XLSX, write_book, write_csv
from ..sheets.record_sheets import shipped_sheets
from ..tables import SheetImport
from ..tables.imports import ImportState
from .asking import Asking, AskingFirst, Db, own_sites
from .raw_bodies import read_body
from .shapes import FileName, Key, Shape, refusals, shown

router = APIRouter(prefix="/api/v1/records", tags=["sheets"])
CSV = "text/csv; charset=utf-8"
BINARY = {"schema": {"type": "string", "format": "binary"}}
BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {XLSX: BINARY, "text/csv": BINARY}}}
SheetName = Literal[
    "organisations", "sites", "people", "certificates", "devices", "agreements", "obligations", "policies",
]  # fmt: skip
KIND_OF: dict[str, Kind] = {
    "organisations": "organisation", "sites": "site", "people": "contact", "certificates": "contact", "devices": "device",
    "agreements": "agreement", "obligations": "agreement", "policies": "policy",
}  # fmt: skip
"""What must be seen to get a sheet."""

Body = Annotated[bytes, Depends(read_body(MOST_BYTES))]


class FaultOut(Shape):
    """Why a row is refused."""

    zh: str
    en: str


class CellOut(Shape):
    """A field before and after."""

    column_zh: str
    column_en: str
    before: str
    after: str


class RowOut(Shape):
    """What becomes of a row; `row` as a spreadsheet counts."""

    sheet: str
    row: int
    action: Action
    what: str
    changes: list[CellOut]
    faults: list[FaultOut]


class RemarkOut(FaultOut):
    """A sheet or column that was not read."""

    sheet: str


class ImportOut(Shape):
    """An import: `counts` by action, and how far it has come."""

    id: str
    name: str
    at: dt.datetime
    account_id: str | None
    state: ImportState
    counts: dict[str, int]
    applied_at: dt.datetime | None
    undone_at: dt.datetime | None


class LookedOut(ImportOut):
    """An import, row by row as long as that can be told."""

    rows: list[RowOut]
    remarks: list[RemarkOut]


class FileIn(Shape):
    """What the file is called, and for a CSV table which sheet it is."""

    name: FileName = ""
    sheet: SheetName | Literal[""] = ""


@router.get("/imports/template.xlsx", response_class=Response, responses=refusals())
def see_template(who: Asking) -> Response:
    """An empty workbook to fill in, with explanations and drop-down lists."""
    return _file(write_book({sheet: [] for sheet in shipped_sheets()}), "AED-template.xlsx", XLSX)


@router.get("/imports", responses=refusals())
def see_imports(session: Db, who: Asking) -> list[ImportOut]:
    """The imports, newest first."""
    return [shown(ImportOut, one) for one in list_imports(session)]


@router.get("/imports/{import_id}", responses=refusals(404))
def see_import(request: Request, import_id: Key, who: AskingFirst) -> LookedOut:
    """One import; if it is not taken in yet, what would change now."""
    with database_of(request).session(By(who.account, who.role, now())) as session:
        looked = _shape(look_again(session, find(session, SheetImport, import_id)))
        session.rollback()
        return looked


@router.post("/imports", status_code=201, responses=refusals(413, 415), openapi_extra=BODY)
def add_import(request: Request, who: AskingFirst, about: Annotated[FileIn, Query()], content: Body) -> LookedOut:
    """Send a workbook or a CSV table and see what would change, row by row. Nothing changes yet."""
    with database_of(request).session(By(who.account, who.role, now())) as session:
        return _shape(preview(session, content, name=about.name, sheet=about.sheet))


@router.post("/imports/{import_id}/apply", responses=refusals(404, 409))
def apply_import(import_id: Key, session: Db, who: Asking) -> LookedOut:
    """Take in what was shown; rows that were refused are left out."""
    return _shape(apply(session, find(session, SheetImport, import_id)))


@router.post("/imports/{import_id}/undo", responses=refusals(404, 409))
def undo_import(import_id: Key, session: Db, who: Asking) -> LookedOut:
    """Put everything back as it was, unless somebody has changed or used one of the records since."""
    return _shape(undo(session, find(session, SheetImport, import_id)))


@router.get("/county.xlsx", response_class=Response, responses=refusals())
def see_county(session: Db, who: Asking) -> Response:
    """All sheets in one workbook, which can be taken in again."""
    rows = {name: sheet_rows(session, sheet) for name, sheet in shipped_sheets().items()}
    return _file(write_book(rows), f"AED-{day_of(session.by.at)}.xlsx", XLSX)


def _add_sheet_routes(name: str) -> None:
    """Two routes for a sheet: as a workbook and as CSV; a manager's own records only."""

    def see_workbook(session: Db, who: Asking) -> Response:
        return _file(write_book({name: _rows(session, name, who)}), _name(session, name, "xlsx"), XLSX)

    def see_table(session: Db, who: Asking) -> Response:
        return _file(write_csv(shipped_sheets()[name], _rows(session, name, who)), _name(session, name, "csv"), CSV)

    for ending, route, media in (("xlsx", see_workbook, XLSX), ("csv", see_table, "text/csv")):
        route.__doc__ = f"The {name} as a sheet that can be taken in again ({ending.upper()})."
        route.__name__ = f"see_{name}_{ending}"
        given: dict[int | str, dict[str, Any]] = {200: {"description": "the sheet", "content": {media: BINARY}}}
        router.get(f"/{name}.{ending}", response_class=Response, responses=refusals() | given)(route)


def _rows(session: RecordSession, name: str, who: Who) -> list[list[Any]]:
    within = own_sites(who, "see", KIND_OF[name])
    people = people_of(session, who)
    return sheet_rows(session, shipped_sheets()[name], within=within, devices=who.devices, people=people)


def people_of(session: RecordSession, who: Who) -> frozenset[str] | None:
    """Who may be named to somebody, by id; None is everybody. Whoever sees a paper need not see the people on it."""
    if reach_of(who, "see", "contact") == "all":
        return None
    if reach_of(who, "see", "contact") == "-":
        return frozenset()
    return frozenset(one.person.id for one in list_people(session, sites=who.sites))


def _name(session: RecordSession, name: str, ending: str) -> str:
    return f"AED-{name}-{day_of(session.by.at)}.{ending}"


for _sheet in KIND_OF:
    _add_sheet_routes(_sheet)


def _file(content: bytes, name: str, media_type: str) -> Response:
    told = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}", "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=told)


def _shape(looked: Looked) -> LookedOut:
    rows = [
        RowOut(
            sheet=row.sheet,
            row=row.row,
            action=row.action,
            what=row.what,
            changes=[shown(CellOut, one) for one in row.changes],
            faults=[FaultOut(zh=zh, en=en) for zh, en in row.faults],
        )
        for row in looked.rows
    ]
    remarks = [shown(RemarkOut, one) for one in looked.remarks]
    return shown(LookedOut, looked.kept, rows=rows, remarks=remarks)
