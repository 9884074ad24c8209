"""Inspections: the form as it is prefilled, checks sent in, what the office says of them, and the defects they found."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from ..access import Kind, Thing, Verb, Who, reach_of
from ..facts import Result, Severity, day_of
from ..history import RecordSession
from ..inspections.form import Answer, Language, shipped_form
from ..inspections.rules import ActionPlan, Draft, Position
from ..inspections.sheets import page_fields
from ..records import find
from ..records.defects import change_defect, list_defects
from ..records.device_state import device_state
from ..records.inspections import Which, list_inspections, list_reviews, record, review, take_turn
from ..tables import Defect, Device, Inspection, InspectionReview
from ..tables.checks import InspectionKind, InspectionSource, Overall, ReviewState
from .asking import Asking, Db, require
from .log import Most
from .shapes import Checksum, Day, Instant, Key, Line, Shape, Text, refusals, shown

router = APIRouter(prefix="/api/v1/records", tags=["inspections"])
Item = Annotated[str, Field(min_length=1, max_length=32, pattern="^[a-z_]+$", examples=["battery_expiry"])]


class AnswerShape(Shape):
    """What was found at one item; a list of several is written with commas."""

    result: Result
    value: Line = ""
    note: Text = ""


class PlanShape(Shape):
    """What will be done, and by when."""

    text: Annotated[Text, Field(min_length=1)]
    due_on: Day


class PlaceShape(Shape):
    """Where the phone was, in WGS-84 degrees, and how sure it is in metres."""

    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    accuracy_m: Annotated[float, Field(ge=0, le=1e7)]


class DraftIn(Shape):
    """A check: only what differs from the prefilled form. `client_id` is made where the check is written, once."""

    client_id: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
    kind: InspectionKind
    at: Instant
    source: InspectionSource = "app"
    form_version: Annotated[int, Field(ge=0, le=10_000)]
    differences: Annotated[dict[Item, AnswerShape], Field(max_length=100, default_factory=dict)]
    plans: Annotated[dict[Item, PlanShape], Field(max_length=100, default_factory=dict)]
    reasons: Annotated[dict[Item, Text], Field(max_length=100, default_factory=dict)]
    position: PlaceShape | None = None
    photos: Annotated[list[Checksum], Field(max_length=20, default_factory=list)]
    duration_s: Annotated[float, Field(ge=0, le=1e6)] | None = None
    note: Text = ""

    def draft(self, device_id: str) -> Draft:
        """The same for the rules."""
        return Draft(
            client_id=self.client_id,
            device_id=device_id,
            kind=self.kind,
            at=self.at,
            source=self.source,
            form_version=self.form_version,
            differences={item: Answer(**answer.model_dump()) for item, answer in self.differences.items()},
            plans={item: ActionPlan(**plan.model_dump()) for item, plan in self.plans.items()},
            reasons=dict(self.reasons),
            position=Position(**self.position.model_dump()) if self.position else None,
            photos=tuple(self.photos),
            duration_s=self.duration_s,
            note=self.note,
        )


class FormOut(Shape):
    """The form for a device as it stands: groups of items, each with its question and prefilled answer."""

    version: int
    device_id: str
    public_code: str
    groups: list[dict[str, Any]]
    open_defects: dict[str, dt.date | None]


class InspectionOut(Shape):
    """A check as it is kept."""

    id: str
    device_id: str
    kind: InspectionKind
    at: dt.datetime
    received_at: dt.datetime
    account_id: str | None
    person_id: str | None
    source: InspectionSource
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    distance_to_device_m: float | None
    duration_s: float | None
    items: dict[str, Any]
    plans: dict[str, Any]
    reasons: dict[str, Any]
    overall: Overall
    flags: list[str]
    note: str
    client_uuid: str
    schema_version: int


class ReviewIn(Shape):
    """What the office says of a check; queried or rejected with the reason."""

    state: ReviewState
    reason: Text = ""


class ReviewOut(ReviewIn):
    """A review, by whom and when."""

    id: str
    inspection_id: str
    account_id: str | None
    at: dt.datetime


class InspectionWithReviews(InspectionOut):
    """A check and what the office said of it, oldest first."""

    reviews: list[ReviewOut]


class DefectOut(Shape):
    """Something wrong with a device, and what is done about it."""

    id: str
    version: int
    device_id: str
    inspection_id: str | None
    item: str
    severity: Severity
    found_at: dt.datetime
    action_plan: str
    due_on: dt.date | None
    done_at: dt.datetime | None
    done_by: str | None
    evidence: str
    escalated_level: int


class DefectChange(Shape):
    """Another plan or deadline, or that it is done, with what shows it."""

    version: int | None = None
    action_plan: Text = ""
    due_on: Day | None = None
    done: bool = False
    evidence: Text = ""


@router.get("/devices/{device_id}/inspection-form", responses=refusals(404))
def see_form(device_id: str, session: Db, who: Asking, lang: Language = "zh") -> FormOut:
    """The form for a device, prefilled with what is on record."""
    device = _device(session, who, "add", device_id)
    form, state = shipped_form(), device_state(session, device)
    groups = page_fields(form, state, day_of(session.by.at), lang)
    return FormOut(
        version=form.version, device_id=device.id, public_code=device.public_code, groups=groups,
        open_defects=dict(state.open),
    )  # fmt: skip


@router.post(
    "/devices/{device_id}/inspections",
    status_code=201,
    responses=refusals(404, 409) | {200: {"model": InspectionOut, "description": "it was here already"}},
)
def add(device_id: str, given: DraftIn, session: Db, who: Asking, response: Response) -> InspectionOut:
    """Send a check; sent again it is kept once."""
    device = take_turn(session, device_id)
    require(who, "add", Thing("inspection", site=device.site_id, device=device.id))
    kept, new = record(session, given.draft(device.id), device)
    response.status_code = 201 if new else 200
    return shown(InspectionOut, kept)


@router.get("/inspections", responses=refusals())
def see_inspections(
    session: Db, who: Asking, device_id: Key | None = None, flagged: bool = False, limit: Most = 100
) -> list[InspectionOut]:
    """The newest checks, newest first; `flagged`: those that the office should look at and has not."""
    sites, devices = _own(who, "inspection")
    which = Which(sites=sites, devices=devices, device_id=device_id or "", flagged=flagged)
    return [shown(InspectionOut, one) for one in list_inspections(session, which, most=limit)]


@router.get("/inspections/{inspection_id}", responses=refusals(404))
def see_inspection(inspection_id: str, session: Db, who: Asking) -> InspectionWithReviews:
    """One check, and what the office said of it."""
    found = find(session, Inspection, inspection_id)
    _device(session, who, "see", found.device_id)
    reviews = [shown(ReviewOut, one) for one in list_reviews(session, found.id)]
    return shown(InspectionWithReviews, found, reviews=reviews)


@router.post("/inspections/{inspection_id}/reviews", status_code=201, responses=refusals(404))
def add_review(inspection_id: str, given: ReviewIn, session: Db, who: Asking) -> ReviewOut:
    """Say what the office thinks of a check; one that is rejected no longer counts."""
    found = find(session, Inspection, inspection_id)
    made = InspectionReview(inspection_id=found.id, state=given.state, reason=given.reason)
    return shown(ReviewOut, review(session, made))


@router.get("/defects", responses=refusals())
def see_defects(session: Db, who: Asking, device_id: Key | None = None, done: bool = False) -> list[DefectOut]:
    """Defects that are open, or all, the one that is due first first."""
    sites, devices = _own(who, "defect")
    which = Which(sites=sites, devices=devices, device_id=device_id or "")
    return [shown(DefectOut, one) for one in list_defects(session, which, done=done)]


@router.patch("/defects/{defect_id}", responses=refusals(404, 409))
def change_one_defect(defect_id: str, given: DefectChange, session: Db, who: Asking) -> DefectOut:
    """Change the plan or the deadline, or say that it is done."""
    defect = find(session, Defect, defect_id)
    _device(session, who, "change", defect.device_id, "defect")
    return shown(DefectOut, change_defect(session, defect, given.model_dump(exclude_unset=True)))


def _device(session: RecordSession, who: Who, verb: Verb, device_id: str, kind: Kind = "inspection") -> Device:
    device = find(session, Device, device_id)
    require(who, verb, Thing(kind, site=device.site_id, device=device.id))
    return device


def _own(who: Who, kind: Kind) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    """The sites and devices that an answer is kept to; None is all."""
    return (None, None) if reach_of(who, "see", kind) == "all" else (who.sites, who.devices)
