"""The page on which one signs in: by name and password, or by a link that lets in once. Complete without a script.

What stands behind the # of a link is never sent by the browser itself; a small script puts it into the form, and without
it the code can be pasted. Nobody is let in before a button is pressed: a preview of the link does not use it up.
"""

from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from ..accounts import csrf_of, end_session, find_session
from ..api.asking import COOKIE
from ..api.session import enter, enter_by_link
from ..db import database_of, now
from ..errors import ServiceError
from ..history import By
from ..tables import Account
from . import STRICT_POLICY, common, language_of, render

router = APIRouter(include_in_schema=False)
MOST_BYTES = 8192
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": STRICT_POLICY.replace("form-action 'none'", "form-action 'self'"),
}
Fields = dict[str, str]


async def _read(request: Request) -> Fields:
    """The fields of the form, each once."""
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > MOST_BYTES:
            raise ServiceError(413, "表单过大。", "The form is too large.")
    try:
        fields = parse_qs(content.decode("utf-8"), keep_blank_values=True, max_num_fields=10)
    except ValueError as error:
        raise ServiceError(422, "表单无法读取。", "The form cannot be read.") from error
    return {name: values[0] for name, values in fields.items()}


@router.get("/in")
def sign_in_page(request: Request) -> Response:
    """The form, or who is signed in already."""
    token = request.cookies.get(COOKIE, "")
    with database_of(request).session() as session:
        found = find_session(session, token, now()) if token else None
        account = found[1] if found else None
    return _page(request, account=account, csrf=csrf_of(token) if account else "")


@router.post("/in")
def sign_in(request: Request, fields: Annotated[Fields, Depends(_read)]) -> Response:
    """Sign in or out, and come back to the page."""
    _check_own(request)
    after: Response = RedirectResponse(f"/in?lang={language_of(request)}", status_code=303)
    try:
        if "out" in fields:
            _sign_out(request, after, fields.get("csrf", ""))
        elif fields.get("token"):
            enter_by_link(request, after, fields["token"].strip().rpartition("#")[2][:100])
        elif fields.get("name") and fields.get("password"):
            enter(request, after, fields["name"][:200], fields["password"][:1000])
        else:
            raise ServiceError(422, "请填写登录名和密码。", "Fill in name and password.")
    except ServiceError as error:
        return _page(request, error=error)
    after.headers["Cache-Control"] = "no-store"
    return after


def _check_own(request: Request) -> None:
    """Refuse a form that another site has sent: it could sign somebody in as somebody else."""
    sent_by, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "null")
    foreign = sent_by is not None and sent_by not in ("same-origin", "none")
    if sent_by is None and origin != "null":
        foreign = urlsplit(origin).netloc != request.headers.get("host")
    if foreign:
        raise ServiceError(403, "请从本站登录。", "Sign in from this site itself.")


def _sign_out(request: Request, after: Response, csrf: str) -> None:
    token = request.cookies.get(COOKIE, "")
    if token and csrf == csrf_of(token):
        with database_of(request).session(By(None, "self", now())) as session:
            end_session(session, token)
        after.delete_cookie(COOKIE, secure=True, httponly=True, samesite="lax")


def _page(
    request: Request, *, account: Account | None = None, csrf: str = "", error: ServiceError | None = None
) -> Response:
    language = language_of(request)
    message = (error.message_en if language == "en" else error.message_zh) if error else ""
    name = account.name if account else ""
    content = render("sign_in.html", name=name, csrf=csrf, message=message, **common(language))
    return HTMLResponse(content, status_code=error.status if error else 200, headers=HEADERS)
