"""A round of checks: everything that a phone takes along to check devices without a network, and the month behind it."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from ..access import Who, reach_of
from ..accounts import csrf_of
from ..bodies import answer, make_body
from ..facts import Lifecycle, day_of
from ..inspections.form import Answer, DeviceState, Form, Language, shipped_form
from ..inspections.sheets import page_fields, prefill
from ..inspections.values import shown_value
from ..ready.readiness import State
from ..records import find
from ..records.checks import Past, ToCheck, days_checked, list_to_check
from ..records.devices import Filter
from ..tables import Account
from ..tables.checks import InspectionKind, Overall, ReviewState
from .asking import COOKIE, Asking, Db
from .readiness import ReasonOut
from .shapes import Key, Shape, refusals, shown

router = APIRouter(prefix="/api/v1/records/checks", tags=["inspections"])
Month = Annotated[str, Field(pattern=r"^(19|20)\d\d-(0[1-9]|1[0-2])$", examples=["2026-11"])]


class GivenOut(Shape):
    """What the form shows at an item before anybody types; `words` say the value."""

    result: str
    value: str = ""
    words: str = ""


class DueLine(Shape):
    """Something that falls due of a device: a part, the next check, a defect."""

    rule_id: str
    due_on: dt.date
    words: str


class PastOut(Shape):
    """A check that was made: of its items those that were not in order, or where something was noted.

    mine    made with the account that asks; of another only the role is told
    review  what the office said of it last, `reason` why
    """

    id: str
    client_id: str
    at: dt.datetime
    kind: InspectionKind
    overall: Overall
    mine: bool
    role: str
    items: dict[str, dict[str, str]]
    note: str
    review: ReviewState | None
    reason: str


class ToCheckOut(Shape):
    """A device on the round, and its form as it stands: `answers` hold the items that are not simply in order."""

    device_id: str
    public_code: str
    site_id: str | None
    site_name: str
    location_text: str
    level: str
    lon: float | None
    lat: float | None
    status: Lifecycle
    kind: InspectionKind
    dues: list[DueLine]
    state: State
    usable: bool
    changes_on: dt.date | None
    reasons: list[ReasonOut]
    answers: dict[str, GivenOut]
    open_defects: dict[str, dt.date | None]
    checks: list[PastOut]


class FormSheet(Shape):
    """The form: groups of items with their words, the same for every device."""

    version: int
    far_m: float
    plan_days: dict[str, int]
    groups: list[dict[str, Any]]


class RoundOut(Shape):
    """The round of whoever asks. `csrf` goes into the header X-CSRF-Token of what is sent in this session."""

    account: str
    name: str
    csrf: str
    at: dt.datetime
    on: dt.date
    form: FormSheet
    devices: list[ToCheckOut]


@router.get("", response_model=RoundOut, responses=refusals())
def see_round(
    request: Request, session: Db, who: Asking, lang: Language = "zh", device_id: Key | None = None
) -> Response:
    """The devices that I check, each with its form as prefilled and its last checks; or one of them."""
    on, form = day_of(session.by.at), shipped_form()
    found = list_to_check(session, _own(who), on)
    made = RoundOut(
        account=who.account or "",
        name=find(session, Account, who.account).name if who.account else "",
        csrf=csrf_of(cookie) if (cookie := request.cookies.get(COOKIE, "")) else "",
        at=session.by.at,
        on=on,
        form=_sheet(form, lang),
        devices=[_shape(one, form, on, who, lang) for one in found if device_id in (None, one.device.id)],
    )
    body = make_body(made.model_dump_json().encode(), "application/json")
    return answer(request, body, {"Cache-Control": "no-store"})


@router.get("/days", responses=refusals())
def see_days(session: Db, who: Asking, month: Month) -> dict[str, dict[dt.date, Overall]]:
    """The days of a month on which each of my devices was checked, and the worst that was found on each."""
    return days_checked(session, _own(who), dt.date.fromisoformat(f"{month}-01"))


def _own(who: Who) -> Filter:
    own = reach_of(who, "add", "inspection") == "own"
    return Filter(sites=who.sites if own else None, devices=who.devices if own else None)


def _sheet(form: Form, lang: Language) -> FormSheet:
    groups = page_fields(form, DeviceState(""), dt.date.min, lang)
    for group in groups:
        group["items"] = [{k: v for k, v in item.items() if k not in ("result", "value")} for item in group["items"]]
    return FormSheet(version=form.version, far_m=form.far_m, plan_days=dict(form.plan_days), groups=groups)


def _shape(one: ToCheck, form: Form, on: dt.date, who: Who, lang: Language) -> ToCheckOut:
    answers = prefill(form, one.state, on)
    return ToCheckOut(
        device_id=one.device.id,
        site_name=one.site_name,
        kind=one.kind,
        dues=[DueLine(rule_id=due.rule_id, due_on=due.due_on, words=getattr(due, lang)) for due in one.dues],
        state=one.ready.state,
        usable=one.ready.usable,
        changes_on=one.ready.changes_on,
        reasons=[shown(ReasonOut, reason) for reason in one.ready.reasons],
        answers={
            item.id: GivenOut(result=given.result, value=given.value, words=shown_value(item, given.value, lang))
            for item in form.items
            if (given := answers[item.id]) != Answer("ok")
        },
        open_defects=dict(one.state.open),
        checks=[_past(past, who) for past in one.checks],
        **{name: getattr(one.device, name) for name in _PLAIN},
    )


_PLAIN = ("public_code", "site_id", "location_text", "level", "lon", "lat", "status")


def _past(past: Past, who: Who) -> PastOut:
    told = {item: kept for item, kept in past.items.items() if kept["result"] not in ("ok", "na") or kept.get("note")}
    mine = past.account_id == who.account
    return shown(PastOut, past, client_id=past.client_uuid, mine=mine, role=past.role or "", items=told)
