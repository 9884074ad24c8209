"""The history of a record as people read it: who, when, what before and what after."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ...history import history_of
from ...planning.run_folders import STATES
from ...tables import Change
from .desk import Desk
from .fields import field_of
from .show import Link, moment
from .words import message as _


class Changed(NamedTuple):
    """A field with what it was and what it became."""

    label: str
    before: str
    after: str


class Line(NamedTuple):
    """A line of the log."""

    at: str
    who: str
    what: str
    kind: str
    record_id: str
    changes: tuple[Changed, ...]


KINDS: Mapping[str, str] = {
    "device": _("设备"), "site": _("点位"), "pads": _("电极片"), "battery": _("电池"), "defect": _("缺陷"),
    "agreement": _("协议"), "agreement_thing": _("协议所涉"), "obligation": _("约定的义务"), "policy": _("保险"),
    "policy_insured": _("保单列明"), "claim": _("理赔"), "person": _("人员"), "certificate": _("证书"),
    "site_person": _("点位人员"), "training_event": _("培训演练"), "attendance": _("参加的人员"), "incident": _("使用事件"),
    "public_report": _("公众报告"), "organisation": _("单位"), "admin_unit": _("行政区划"), "rescue_team": _("救护队"),
    "rescue_team_member": _("队员"), "site_role": _("点位角色"), "account": _("账号"), "site_keeper": _("点位管理权"),
    "assignment": _("检查任务"), "rule": _("规则"), "task": _("待办"), "funding": _("资金"), "legal_case": _("法律咨询"),
    "legal_kit_page": _("法律支持材料"), "inspection": _("检查记录"), "inspection_review": _("检查复核"),
    "device_step": _("设备状态"), "attachment": _("文件"), "api_token": _("程序密钥"), "calendar_feed": _("日历订阅"),
    "published_plan": _("已发布的方案"), "breach": _("违约"), "study": _("研究"), "study_run": _("计算任务"),
    "study_file": _("研究用的文件"), "sheet_import": _("导入"),
}  # fmt: skip
"""What each kind of record is called."""

VERBS = {"add": _("新增"), "change": _("修改"), "remove": _("删除")}
UNTOLD = frozenset({
    "id", "coordinate_original", "token_hash", "password_hash", "digest", "version", "sha256", "reporter", "client_uuid",
    "schema_version", "content_sealed", "before_sealed", "features", "outline", "external_ids",
})  # fmt: skip
"""Checksums and the like, which tell people nothing."""
LONG = frozenset({"settings", "figures", "summary"})
"""Whole tables: that they changed is told, what they hold stands on pages of their own."""


def past_of(desk: Desk, *records: tuple[str, str]) -> list[Line]:
    """All that happened to some records, newest first; nothing for those who may not see the log."""
    if not desk.ever("see", "log"):
        return []
    changes = [one for kind, record_id in records for one in history_of(desk.session, kind, record_id)]
    return [line_of(desk, one) for one in sorted(changes, key=lambda one: (one.at, one.id), reverse=True)]


def line_of(desk: Desk, change: Change) -> Line:
    """A line of the log in words."""
    what = f"{desk.say(VERBS[change.verb])} {desk.say(KINDS.get(change.kind, change.kind))}"
    who = desk.names.account_name(change.account_id, change.role)
    note = f" · {change.note}" if change.note else ""
    return Line(moment(change.at), who, what + note, change.kind, change.record_id, tuple(_changes(desk, change)))


SUBJECTS = {"training_event": "training", "legal_kit_page": "kit", "admin_unit": "unit", "rescue_team": "team"}
"""Tables that fields.py calls otherwise."""


def _changes(desk: Desk, change: Change) -> Iterable[Changed]:
    subject = SUBJECTS.get(change.kind, change.kind)
    for name in dict.fromkeys((*change.before, *change.after)):
        before, after = change.before.get(name), change.after.get(name)
        if name not in UNTOLD and before != after and (change.verb == "change" or after not in (None, "", [], {})):
            label = desk.say(field_of(name.removesuffix("_sealed"), subject).label)
            yield Changed(label, _text(desk, subject, name, before), _text(desk, subject, name, after))


def _text(desk: Desk, kind: str, name: str, value: Any) -> str:
    if value in (None, "", [], {}):
        return "—"
    if name in LONG:
        return "…"
    if (name == "at" or name.endswith("_at")) and isinstance(value, str):
        return moment(dt.datetime.fromisoformat(value))
    if kind == "study_run" and name == "state":
        return desk.either(*STATES[value])
    values = desk.shown.fact(name, value, kind).values
    return desk.either("、", ", ").join(one.text for one in values if isinstance(one, Link))
