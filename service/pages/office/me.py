"""What everybody may do with their own account: password, sessions, keys for scripts, calendar."""

from fastapi import APIRouter, Response

from ...accounts import MOST_TOKEN_DAYS, find_session, list_feeds, list_sessions, list_tokens
from ...api.asking import COOKIE
from ...api.session import PasswordShape
from ...records import find
from ...tables import Account, ApiToken
from .browsers import browser_words
from .desk import At, Desk
from .forms import Form, Input
from .show import Badge, badge, moment
from .words import message as _

router = APIRouter(include_in_schema=False)

SCOPES = {
    "see:*": _("查看档案"), "list:*": _("查看可用状态、待办和评分"), "see:device": _("只查看设备"), "add:*": _("新增记录"),
    "change:*": _("改写记录"), "decide:*": _("审核和决定"),
}  # fmt: skip
"""What a key may be good for; never more than its account."""

USUAL_DAYS = 90


@router.get("/office/me")
def me_page(desk: At) -> Response:
    """My sessions, password, keys and calendar."""
    mine = find(desk.session, Account, desk.who.account or "")
    feeds = [(one.id, moment(one.made_at)) for one in list_feeds(desk.session, mine.id)]
    keys = desk.ever("see", "token")
    return desk.page(
        "me.html", _("我的登录"), sessions=session_lines(desk, mine.id), feeds=feeds, password=_password(desk, mine),
        keys=[_key_line(desk, one) for one in list_tokens(desk.session, mine.id)] if keys else None,
        new_key=_new_key(desk) if keys else None,
    )  # fmt: skip


def session_lines(desk: Desk, account: str) -> list[tuple[str, str, str, str, bool]]:
    """The sessions of an account: id, browser, since when, until when, whether it is the one that asks."""
    at = desk.session.by.at
    own = find_session(desk.session, desk.request.cookies.get(COOKIE, ""), at)
    return [
        (one.id, browser_words(one.browser, desk.say), moment(one.started_at), moment(one.expires_at),
         own is not None and own[0].id == one.id)
        for one in list_sessions(desk.session, account, at)
    ]  # fmt: skip


def _password(desk: Desk, mine: Account) -> Form:
    """Who came in by a link only has no password to tell."""
    title = _("修改密码") if mine.password_hash else _("设置密码")
    inputs = desk.inputs.of(PasswordShape, "password", only="old new" if mine.password_hash else "new")
    return desk.form("password", title, title, "PUT /api/v1/session/password", inputs, after="/in")


def _key_line(desk: Desk, key: ApiToken) -> tuple[str, str, str, str, Badge, bool]:
    """A key: id, name, what it may, until when, its state, whether it can be ended."""
    scopes = desk.say(_("、")).join(desk.say(SCOPES[one]) if one in SCOPES else one for one in key.scopes)
    lasts = key.ended_at is None and key.expires_at > desk.session.by.at
    state = badge("active" if lasts else "expired", desk.say)
    if key.ended_at is not None:
        state = state._replace(word=desk.say(_("已停用")))
    return key.id, key.name, scopes, moment(key.expires_at), state, lasts


def _new_key(desk: Desk) -> Form:
    scopes = tuple((scope, desk.say(words)) for scope, words in SCOPES.items())
    days = desk.say(_("有效（天）"))
    inputs = (
        Input("name", "text", desk.say(_("给什么用")), required=True, limits={"maxlength": 100}),
        Input("days", "whole", days, required=True, value=USUAL_DAYS, limits={"min": 1, "max": MOST_TOKEN_DAYS}),
        Input("scopes", "several", desk.say(_("可以做什么")), value=["see:*", "list:*"], choices=scopes),
    )
    note = _("程序用口令代替登录，权限不超过您的账号。泄露了就在这里停用。")
    return desk.form("key", _("生成口令"), _("生成口令"), "POST /api/v1/tokens", inputs, note=note, shows="token")
