"""What everybody may do with their own account: password, sessions, calendar."""

from fastapi import APIRouter, Response

from ...accounts import list_feeds, list_sessions
from ...api.session import PasswordShape
from .desk import At
from .show import moment
from .words import message as _

router = APIRouter(include_in_schema=False)


@router.get("/office/me")
def me_page(desk: At) -> Response:
    """My sessions, password and calendar."""
    mine = desk.who.account or ""
    sessions = [
        (one.id, one.browser, moment(one.started_at), moment(one.expires_at))
        for one in list_sessions(desk.session, mine, desk.session.by.at)
    ]
    feeds = [(one.id, moment(one.made_at)) for one in list_feeds(desk.session, mine)]
    inputs = desk.inputs.of(PasswordShape, "password")
    password = desk.form("password", _("修改密码"), _("修改密码"), "PUT /api/v1/session/password", inputs, after="/in")
    return desk.page("me.html", _("我的登录"), sessions=sessions, feeds=feeds, password=password)
