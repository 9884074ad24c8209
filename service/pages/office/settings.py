"""Rules that the office can change: the norm, when somebody is reminded, who is told; and the public dataset's licence."""

from collections.abc import Mapping
from typing import Any, get_args

from fastapi import APIRouter, Response

from ...api.dataset import LicenceShape, see_licence
from ...api.due import see_notices, see_rules
from ...ready.norms import shipped_norms
from ...records.dues import CALENDAR_AHEAD
from ...records.rules import PREFIX, Channel, unknown_years
from ...reminders import LEVELS, shipped_rules
from .desk import At, Desk
from .forms import Form, Input
from .past import past_of
from .words import message as _

router = APIRouter(include_in_schema=False)
R = "/api/v1/records"
CHANNELS: Mapping[str, str] = {"email": _("电子邮件"), "wecom": _("企业微信群机器人"), "dingtalk": _("钉钉群机器人")}


@router.get("/office/rules")
def rules_page(desk: At) -> Response:
    """Norm, reminders, receivers, licence."""
    rules = see_rules(desk.session, desk.who)
    changes = desk.ever("change", "rule")
    reminders = [_reminder(desk, name, rules[PREFIX + name]) for name in shipped_rules()]
    licence = see_licence(desk.session, desk.who) if desk.ever("see", "licence") else None
    norm = shipped_norms()[rules["norm"]["profile"]]
    names = ["norm", "receivers", "holidays", "dataset", *(PREFIX + name for name in shipped_rules())]
    return desk.page(
        "rules.html", _("规则和许可"), changes=changes, norm=norm, norm_form=_norm(desk, norm.name), reminders=reminders,
        receivers=_receivers(desk, rules["receivers"]), holidays=_holidays(desk, rules["holidays"]),
        unknown=unknown_years(desk.session, desk.on, desk.on + CALENDAR_AHEAD),
        licence=licence, licence_form=_licence(desk, licence),
        failed=see_notices(desk.session, desk.who) if desk.ever("see", "notice") else [],
        levels=[desk.either(*words) for words in LEVELS], past=past_of(desk, *(("rule", name) for name in names)),
    )  # fmt: skip


def _norm(desk: Desk, chosen: str) -> Form:
    choices = tuple((name, desk.either(norm.zh, norm.en)) for name, norm in shipped_norms().items())
    inputs = (Input("profile", "choice", desk.say(_("采用的规范")), required=True, value=chosen, choices=choices),)
    return desk.form("norm", _("更换规范"), _("保存"), f"PUT {R}/rules/norm", inputs, wraps="profile")


def _levels(desk: Desk) -> tuple[tuple[str, str], ...]:
    return tuple((str(number), desk.either(*words)) for number, words in enumerate(LEVELS))


def _reminder(desk: Desk, name: str, rule: Mapping[str, Any]) -> tuple[str, list[str], Form, bool]:
    """A rule: what it is about, its steps in words, its form, whether the office has changed it."""
    shipped = shipped_rules()[name]
    parts = (
        Input(
            "days",
            "whole",
            desk.say(_("到期后第几天（提前写负数）")),
            required=True,
            limits={"min": -3650, "max": 3650},
        ),
        Input("level", "choice", desk.say(_("通知至")), required=True, choices=_levels(desk)),
    )
    lines = [{"days": days, "level": str(level)} for days, level in rule["steps"]]
    inputs = (Input("steps", "rows", desk.say(_("何时通知谁")), value=lines, parts=parts),)
    title = desk.either(shipped.zh, shipped.en)
    made = desk.form(f"rule-{name}", _("修改提醒"), _("保存"), f"PUT {R}/rules/{PREFIX}{name}", inputs, wraps="steps")
    words = [_step_words(desk, days, level) for days, level in rule["steps"]]
    changed = [list(step) for step in shipped.steps] != [list(step) for step in rule["steps"]]
    return title, words, made, changed


def _step_words(desk: Desk, days: int, level: int) -> str:
    who = desk.either(*LEVELS[level])
    if days < 0:
        return desk.say(_("提前 {n} 天 → {who}"), n=-days, who=who)
    return desk.say(_("当天 → {who}"), who=who) if days == 0 else desk.say(_("过后 {n} 天 → {who}"), n=days, who=who)


def _receivers(desk: Desk, rule: Mapping[str, Any]) -> Form:
    channels = tuple((one, desk.say(CHANNELS[one])) for one in get_args(Channel))
    languages = (("zh", "中文"), ("en", "English"))
    parts = (
        Input("level", "choice", desk.say(_("级别")), required=True, choices=_levels(desk)),
        Input("channel", "choice", desk.say(_("方式")), required=True, choices=channels),
        Input("address", "text", desk.say(_("地址或机器人名称")), required=True, limits={"maxlength": 200}),
        Input("language", "choice", desk.say(_("语言")), required=True, choices=languages),
    )
    lines = [{"language": "zh", **one, "level": level} for level, given in rule.items() for one in given]
    inputs = (Input("receivers", "rows", desk.say(_("除点位自己的人外，还通知")), value=lines, parts=parts),)
    return desk.form("receivers", _("谁会收到提醒"), _("保存"), f"PUT {R}/rules/receivers", inputs, wraps="receivers")


def _holidays(desk: Desk, rule: Mapping[str, Any]) -> Form:
    kinds = (("holidays", desk.say(_("放假"))), ("workdays", desk.say(_("调休上班"))))
    parts = (
        Input("kind", "choice", desk.say(_("放假或上班")), required=True, choices=kinds),
        Input("first", "date", desk.say(_("从")), required=True),
        Input("last", "date", desk.say(_("到（只有一天的不填）")), nullable=True),
    )
    lines = [
        {"kind": kind, "first": days.partition("/")[0], "last": days.partition("/")[2]}
        for table in rule.values()
        for kind, stretches in table.items()
        for days in stretches
    ]
    inputs = (Input("days", "rows", desk.say(_("国务院办公厅公布的放假和调休")), value=lines, parts=parts),)
    return desk.form("holidays-form", _("录入放假安排"), _("保存"), f"PUT {R}/rules/holidays", inputs, wraps="holidays")


def _licence(desk: Desk, licence: LicenceShape | None) -> Form | None:
    if licence is None or not desk.ever("decide", "licence"):
        return None
    inputs = desk.inputs.of(LicenceShape, "licence", values=licence)
    return desk.form("licence", _("修改许可"), _("保存"), f"PUT {R}/licence", inputs)
