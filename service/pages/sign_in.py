"""The page on which one signs in: by name and password, or by a link that lets in once. Complete without a script.

What stands behind the # of a link is never sent by the browser itself; a small script puts it into the form, and without
it the code can be pasted. Nobody is let in before a button is pressed: a preview of the link does not use it up.
"""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from ..accounts import csrf_of, end_session, find_session, who_is
from ..api.asking import COOKIE
from ..api.session import enter, enter_by_link
from ..db import database_of, now
from ..errors import ServiceError
from ..facts import day_of
from ..history import By
from .forms import Fields, Form, check_own
from .shell import language_of, own_path, page, url
from .visitor import make_visitor, rooms_of

router = APIRouter(include_in_schema=False)


@router.get("/in")
def sign_in_page(request: Request) -> Response:
    """The form, or who is signed in already and where to go from here."""
    token = request.cookies.get(COOKIE, "")
    with database_of(request).session() as session:
        at = now()
        found = find_session(session, token, at) if token else None
        who = who_is(session, found[1], day_of(at)) if found else None
        visitor = make_visitor(session, who, token, "/in", language_of(request)) if who else None
    return page(request, "sign_in.html", visitor=visitor, message="", next="" if visitor else _next(request))


@router.post("/in")
def sign_in(request: Request, fields: Form) -> Response:
    """Sign in or out, and come back to the page."""
    check_own(request)
    language = language_of(request)
    after: Response = RedirectResponse(url("/in", language), status_code=303)
    try:
        if "out" in fields:
            _sign_out(request, after, fields.get("csrf", ""))
        else:
            role = _enter(request, after, fields)
            rooms = rooms_of(role, language)
            after.headers["location"] = _next(request) or url(rooms[0][0] if rooms else "/in", language)
    except ServiceError as error:
        message = error.message_en if language == "en" else error.message_zh
        return page(request, "sign_in.html", status=error.status, message=message, next=_next(request))
    after.headers["Cache-Control"] = "no-store"
    return after


def _next(request: Request) -> str:
    """Where somebody wanted to go before being asked who they are."""
    return own_path(request.query_params.get("next", ""))


def _enter(request: Request, after: Response, fields: Fields) -> str:
    """Sign in by what was filled in; returns the role.

    Raises ServiceError 422 when nothing was, else what `enter` and `enter_by_link` raise.
    """
    if fields.get("token"):
        return enter_by_link(request, after, fields["token"].strip().rpartition("#")[2][:100]).role
    if fields.get("name") and fields.get("password"):
        return enter(request, after, fields["name"][:200], fields["password"][:1000]).role
    raise ServiceError(422, "请填写登录名和密码。", "Fill in name and password.")


def _sign_out(request: Request, after: Response, csrf: str) -> None:
    token = request.cookies.get(COOKIE, "")
    if token and csrf == csrf_of(token):
        with database_of(request).session(By(None, "self", now())) as session:
            end_session(session, token)
        after.delete_cookie(COOKIE, secure=True, httponly=True, samesite="lax")
