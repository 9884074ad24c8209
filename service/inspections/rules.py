"""What a check means: merged with what was known, validated, its defects, corrections and flags.

A guard sends only what differs from the prefilled form. Checks written without a connection arrive later, in any order
and maybe twice: a client's own id makes each count once, and everything that follows from several checks is a fold
over them in the order in which they were made, not the order in which they came.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Literal
from uuid import UUID

import numpy as np

from ..errors import ServiceError
from ..facts import Severity, day_of
from ..nearest import line_metres
from .form import KINDS, RESULTS, Answer, DeviceState, Form, Item
from .sheets import prefill
from .values import canonical, has_failed

Overall = Literal["pass", "attention", "fail"]
SOURCES = ("app", "paper", "remote", "qr")
CLOCK_SLACK = timedelta(minutes=10)
LATE = timedelta(days=7)
LONGEST_NOTE = 2000


@dataclass(frozen=True)
class Position:
    """Where the phone was. WGS-84 degrees; `accuracy_m` as the phone says it."""

    lon: float
    lat: float
    accuracy_m: float


@dataclass(frozen=True)
class ActionPlan:
    """What will be done about something, and by when."""

    text: str
    due_on: date


@dataclass(frozen=True)
class Draft:
    """A check as it is sent.

    client_id    made on the phone, once for each check: a UUID
    differences  only the items that are not as the form showed them
    plans        by item
    reasons      by item: why a value on record is corrected
    photos       checksums of photos stored before
    """

    client_id: str
    device_id: str
    kind: str
    at: datetime
    source: str
    form_version: int
    differences: Mapping[str, Answer] = field(default_factory=dict)
    plans: Mapping[str, ActionPlan] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    position: Position | None = None
    photos: tuple[str, ...] = ()
    duration_s: float | None = None
    note: str = ""


@dataclass(frozen=True)
class NewDefect:
    """A defect that the check opens, or the new plan of one that is open already."""

    item: str
    severity: Severity
    found_at: datetime
    action_plan: str
    due_on: date


@dataclass(frozen=True)
class Correction:
    """A value on record that the check replaces; `carries` names the field of the records."""

    item: str
    carries: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class Judged:
    """A valid check and all that follows from it.

    answers     all items of the form
    flags       for the office to look at: far, poor_accuracy, no_position, clock_ahead, late, old_form
    distance_m  from the phone to the device; None when one of them is not known
    defects     opened or planned anew; `done` are the items whose open defect is gone
    """

    at: datetime
    answers: Mapping[str, Answer]
    overall: Overall
    flags: tuple[str, ...]
    distance_m: float | None
    defects: tuple[NewDefect, ...]
    done: tuple[str, ...]
    corrections: tuple[Correction, ...]


@dataclass(frozen=True)
class Fault:
    """What is wrong with one item of a form; `item` is empty for the check as a whole."""

    item: str
    zh: str
    en: str


class FormError(ServiceError):
    """A check that cannot be taken as it is; the draft stays with the client, which shows each fault at its item."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(422, "；".join(f.zh for f in self.faults), "; ".join(f.en for f in self.faults))


def judge(form: Form, state: DeviceState, draft: Draft, *, received_at: datetime) -> Judged:
    """The check merged with what was on record at its instant, and what follows.

    state  the device as known from the checks before this one (`state_at`)

    Raises FormError with every fault.
    """
    faults = _draft_faults(form, state, draft)
    if faults:
        raise FormError(faults)
    at = min(draft.at, received_at)
    answers, faults = _merge(form, state, draft, day_of(at))
    for item in form.items:
        faults += _item_faults(item, answers[item.id], day_of(at))
        faults += _plan_faults(form, item, (state, draft), answers[item.id], day_of(at))
        faults += _reason_faults(item, (state, draft), answers[item.id], day_of(at))
    if faults:
        raise FormError(faults)
    distance_m = _distance_m(state, draft.position)
    return Judged(
        at=at,
        answers=answers,
        overall=_overall(form, answers),
        flags=tuple(_flags(form, draft, distance_m, received_at)),
        distance_m=distance_m,
        defects=tuple(_defects(form, state, draft, answers)),
        done=tuple(item for item in state.open if item in answers and answers[item].result == "ok"),
        corrections=tuple(_corrections(form, state, draft, answers)),
    )


def _draft_faults(form: Form, state: DeviceState, draft: Draft) -> list[Fault]:
    faults = []
    if not _is_uuid(draft.client_id):
        faults.append(Fault("", "client_id 应为 UUID", "client_id: expected a UUID"))
    if draft.device_id != state.device_id:
        faults.append(Fault("", "检查的不是这台设备", "the check is of another device"))
    if draft.kind not in KINDS:
        faults.append(Fault("", f"检查类型未知：{draft.kind}", f"kind {draft.kind!r} is not known: {', '.join(KINDS)}"))
    if draft.source not in SOURCES:
        faults.append(Fault("", f"来源未知：{draft.source}", f"source {draft.source!r} is not known"))
    if draft.at.tzinfo is None:
        faults.append(Fault("", "检查时间缺少时区", "at: expected an instant with its time zone"))
    if len(draft.note) > LONGEST_NOTE:
        faults.append(Fault("", f"备注超过 {LONGEST_NOTE} 字", f"note: at most {LONGEST_NOTE} characters"))
    if draft.position is not None and not _is_place(draft.position):
        faults.append(Fault("", "位置无效", "position: expected WGS-84 degrees and an accuracy in metres"))
    known = {item.id for item in form.items}
    for name in ("differences", "plans", "reasons"):
        for item in getattr(draft, name).keys() - known:
            faults.append(Fault(item, f"没有这一项：{item}", f"{name}: {item!r} is no item of the form"))
    return faults


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except (ValueError, AttributeError, TypeError):
        return False


def _is_place(position: Position) -> bool:
    numbers = (position.lon, position.lat, position.accuracy_m)
    if any(isinstance(n, bool) or not isinstance(n, int | float) or not isfinite(n) for n in numbers):
        return False
    return abs(position.lon) <= 180 and abs(position.lat) <= 90 and position.accuracy_m >= 0


def _merge(form: Form, state: DeviceState, draft: Draft, on: date) -> tuple[dict[str, Answer], list[Fault]]:
    """The prefilled form with the differences in it."""
    answers, faults = prefill(form, state, on), []
    for item in form.items:
        given = draft.differences.get(item.id)
        if given is None:
            continue
        try:
            answers[item.id] = Answer(given.result, canonical(item, given.value), given.note.strip())
        except ValueError as error:
            zh, en = error.args
            faults.append(Fault(item.id, f"{item.zh}：{zh}", f"{item.en}: {en}"))
    return answers, faults


def _item_faults(item: Item, answer: Answer, on: date) -> list[Fault]:
    if answer.result not in RESULTS:
        return [Fault(item.id, f"{item.zh}：结果未知", f"{item.en}: result {answer.result!r} is not known")]
    if len(answer.note) > LONGEST_NOTE:
        return [Fault(item.id, f"{item.zh}：备注过长", f"{item.en}: the note is too long")]
    if answer.result == "na" and not item.when:
        return [Fault(item.id, f"{item.zh}：此项每台设备都有", f"{item.en}: applies to every device")]
    if answer.result != "ok":
        return []
    if has_failed(item, answer.value, on):
        return [
            Fault(
                item.id,
                f"{item.zh}：{answer.value} 不能记为正常",
                f"{item.en}: {answer.value} cannot be in order",
            )
        ]
    if item.value == "date" and not answer.value:
        return [Fault(item.id, f"{item.zh}：请填写日期", f"{item.en}: the date is missing")]
    return []


def _plan_faults(form: Form, item: Item, given: tuple[DeviceState, Draft], answer: Answer, on: date) -> list[Fault]:
    """What is critical or has expired needs a plan with a date, unless one is open and its deadline not past."""
    state, draft = given
    plan = draft.plans.get(item.id)
    if answer.result != "fail":
        return []
    last = on + timedelta(days=form.plan_days[item.severity])
    if plan is not None:
        if not plan.text.strip() or len(plan.text) > LONGEST_NOTE:
            return [Fault(item.id, f"{item.zh}：请写明处理措施", f"{item.en}: say what will be done")]
        if not on <= plan.due_on <= last:
            return [
                Fault(item.id, f"{item.zh}：完成日期应在 {on} 至 {last} 之间", f"{item.en}: due from {on} to {last}")
            ]
        return []
    planned = state.open.get(item.id)
    if planned is not None and planned >= on:
        return []
    if item.severity == "critical" or item.value == "date":
        return [
            Fault(item.id, f"{item.zh}：必须填写处理措施和日期", f"{item.en}: an action plan with a date is needed")
        ]
    return []


def _reason_faults(item: Item, given: tuple[DeviceState, Draft], answer: Answer, on: date) -> list[Fault]:
    """A date that turns expired into valid, or that is moved back, needs a reason."""
    state, draft = given
    if item.value != "date" or not is_backwards(state.values.get(item.id, ""), answer.value, on):
        return []
    reason = draft.reasons.get(item.id, "").strip()
    if 2 <= len(reason) <= LONGEST_NOTE:
        return []
    return [
        Fault(
            item.id,
            f"{item.zh}：登记为 {state.values[item.id]}，更正须说明原因",
            f"{item.en}: {state.values[item.id]} is on record; say why it is corrected",
        )
    ]


def is_backwards(before: str, after: str, on: date) -> bool:
    """Whether a correction of an expiry date needs a reason: expired made valid, or an earlier date.

    >>> is_backwards("2026-10-31", "2028-10-31", date(2026, 11, 22)), is_backwards("", "2028-10-31", date(2026, 11, 22))
    (True, False)
    """
    if not before or not after:
        return False
    return before < on.isoformat() <= after or after < before


def _distance_m(state: DeviceState, position: Position | None) -> float | None:
    if position is None or state.lon is None or state.lat is None:
        return None
    return float(line_metres(np.array([[state.lon, state.lat]]), position.lon, position.lat)[0])


def _flags(form: Form, draft: Draft, distance_m: float | None, received_at: datetime) -> list[str]:
    flags = {
        "far": distance_m is not None and distance_m > form.far_m,
        "poor_accuracy": draft.position is not None and draft.position.accuracy_m > form.poor_accuracy_m,
        "no_position": draft.position is None,
        "clock_ahead": draft.at > received_at + CLOCK_SLACK,
        "late": received_at - draft.at > LATE,
        "old_form": draft.form_version != form.version,
    }
    return [name for name, raised in flags.items() if raised]


def _overall(form: Form, answers: Mapping[str, Answer]) -> Overall:
    critical = [answers[item.id].result for item in form.items if item.severity == "critical"]
    if "fail" in critical:
        return "fail"
    failing = any(answer.result == "fail" for answer in answers.values())
    return "attention" if failing or "not_checked" in critical else "pass"


def _defects(form: Form, state: DeviceState, draft: Draft, answers: Mapping[str, Answer]) -> Iterable[NewDefect]:
    """New defects, with the proposed deadline where no plan was given; an open one only when it is planned anew."""
    for item in form.items:
        plan = draft.plans.get(item.id)
        if answers[item.id].result != "fail" or (item.id in state.open and plan is None):
            continue
        due_on = plan.due_on if plan else day_of(draft.at) + timedelta(days=form.plan_days[item.severity])
        yield NewDefect(item.id, item.severity, draft.at, plan.text.strip() if plan else "", due_on)


def _corrections(form: Form, state: DeviceState, draft: Draft, answers: Mapping[str, Answer]) -> Iterable[Correction]:
    for item in form.items:
        before, after = state.values.get(item.id, ""), answers[item.id].value
        kept = item.carries and not item.carries.startswith("reading.")
        if kept and after and after != before and answers[item.id].result != "na":
            yield Correction(item.id, item.carries, before, after, draft.reasons.get(item.id, "").strip())


def digest(draft: Draft) -> str:
    """Checksum of everything that was sent, in hexadecimal: tells a repeat from another check under the same id."""
    text = json.dumps(asdict(draft), default=_plain, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(tz=None).isoformat() if value.tzinfo is None else str(value.timestamp())
    return str(value)


def is_repeat(draft: Draft, known: Mapping[str, str]) -> bool:
    """Whether the check is here already.

    known  digest by client id

    Raises ServiceError 409 when another check came under the same id.
    """
    if draft.client_id not in known:
        return False
    if known[draft.client_id] != digest(draft):
        raise ServiceError(
            409,
            "同一编号下已有另一份检查记录，原记录未改动。请另存为新的检查。",
            "Another check is kept under this id and was not changed. Send this one as a new check.",
        )
    return True


@dataclass(frozen=True)
class Made:
    """A check that is on record: by whom it was numbered, when it was made, what it found, its deadlines by item."""

    client_id: str
    at: datetime
    answers: Mapping[str, Answer]
    due_on: Mapping[str, date] = field(default_factory=dict)


def state_at(base: DeviceState, checks: Iterable[Made], *, before: datetime | None = None) -> DeviceState:
    """The device as known from its checks made before an instant, or from all; the order given does not matter.

    base  the device as it was registered, before any check
    """
    values, open_ = dict(base.values), dict(base.open)
    for check in sorted(checks, key=lambda check: (check.at, check.client_id)):
        if before is not None and check.at >= before:
            break
        for item, answer in check.answers.items():
            if answer.value and answer.result != "na":
                values[item] = answer.value
            if answer.result == "fail":
                open_[item] = check.due_on.get(item, open_.get(item))
            elif answer.result == "ok":
                open_.pop(item, None)
    return DeviceState(base.device_id, base.has, values, open_, base.lon, base.lat)
