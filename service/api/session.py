"""Signing in and out, the sessions of an account, keys for scripts."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from ..access import Thing
from ..accounts import (
    check_password,
    csrf_of,
    find_session,
    list_sessions,
    list_tokens,
    make_token,
    set_password,
    start_session,
    use_link,
)
from ..db import database_of, now
from ..errors import ServiceError
from ..facts import day_of
from ..history import By, RecordSession
from ..records import find
from ..tables import Account, ApiToken, SignIn
from .asking import COOKIE, Asking, Db, require
from .shapes import Line, Shape, Word, refusals

router = APIRouter(prefix="/api/v1", tags=["session"])


class SignInShape(Shape):
    """A name and a password."""

    name: Line
    password: Annotated[Word, Field(max_length=1000)]


class LinkShape(Shape):
    """The token of a link that lets in once."""

    token: Annotated[Word, Field(max_length=100)]


class PasswordShape(Shape):
    """The password there was, if any, and the one to come."""

    old: Annotated[Word, Field(max_length=1000)] = ""
    new: Annotated[Word, Field(max_length=1000)]


class TokenShape(Shape):
    """A key for a script: what it may (`see:device`, `see:*`) and for how many days."""

    name: Line
    scopes: list[Line]
    days: int


class Signed(Shape):
    """Who has signed in. `csrf` goes into the header X-CSRF-Token of everything that changes something."""

    account: str
    name: str
    role: str
    expires_at: dt.datetime
    csrf: str


class SessionOut(Shape):
    """A session that lasts."""

    id: str
    browser: str
    started_at: dt.datetime
    expires_at: dt.datetime


class TokenOut(Shape):
    """A script's key; `token` only when it was just made, and never again."""

    id: str
    name: str
    scopes: list[str]
    expires_at: dt.datetime
    ended: bool
    token: str = ""


@router.post("/session", status_code=201, responses=refusals(429))
def sign_in(request: Request, response: Response, given: SignInShape) -> Signed:
    """Sign in by name and password."""
    return enter(request, response, given.name, given.password)


@router.post("/session/link", status_code=201, responses=refusals(429))
def sign_in_by_link(request: Request, response: Response, given: LinkShape) -> Signed:
    """Sign in by a link, once."""
    return enter_by_link(request, response, given.token)


def enter(request: Request, response: Response, name: str, password: str) -> Signed:
    """Sign in by name and password; the cookie goes onto the response.

    Raises ServiceError 401 when one of them is wrong, 429 when it was tried too often.
    """
    _limit(request, name)
    at = now()
    database = database_of(request)
    with database.session() as session:  # the slow look at the password holds nobody up
        account_id = check_password(session, name, password, day_of(at)).id
    with database.session(By(account_id, "self", at)) as session:
        return _start(request, response, session, find(session, Account, account_id))


def enter_by_link(request: Request, response: Response, token: str) -> Signed:
    """Sign in by the token of a link, once; the cookie goes onto the response.

    Raises ServiceError 401 when it lets nobody in any more, 429 when it was tried too often.
    """
    _limit(request, "")
    with database_of(request).session(By(None, "link", now())) as session:
        return _start(request, response, session, use_link(session, token))


@router.get("/session", responses=refusals())
def see_session(request: Request, session: Db, who: Asking) -> Signed:
    """Who I am here."""
    current = _current(request, session)
    account = find(session, Account, current.account_id)
    return _signed(account, current, request.cookies[COOKIE])


@router.delete("/session", status_code=204, responses=refusals())
def sign_out(request: Request, response: Response, session: Db, who: Asking) -> None:
    """Sign out."""
    _current(request, session).ended_at = session.by.at
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="lax")


@router.get("/sessions", responses=refusals())
def see_sessions(session: Db, who: Asking) -> list[SessionOut]:
    """Where else I am signed in."""
    return [
        SessionOut(id=one.id, browser=one.browser, started_at=one.started_at, expires_at=one.expires_at)
        for one in list_sessions(session, who.account or "", session.by.at)
    ]


@router.delete("/sessions/{session_id}", status_code=204, responses=refusals(404))
def end_session(session_id: str, session: Db, who: Asking) -> None:
    """End one of my sessions; an administrator may end anybody's."""
    one = find(session, SignIn, session_id)
    require(who, "end", Thing("session", account=one.account_id))
    one.ended_at = one.ended_at or session.by.at


@router.put("/session/password", status_code=204, responses=refusals())
def change_password(given: PasswordShape, session: Db, who: Asking) -> None:
    """Set another password, or the first of an account that only links let in; all my sessions end."""
    account = find(session, Account, who.account or "")
    if account.password_hash:
        check_password(session, account.name, given.old, day_of(session.by.at))
    set_password(session, account, given.new)


@router.post("/tokens", status_code=201, responses=refusals())
def add_token(given: TokenShape, session: Db, who: Asking) -> TokenOut:
    """Make a key for a script."""
    if who.scopes is not None:
        raise ServiceError(403, "密钥不能再生成密钥。", "A key cannot make keys.")
    token, made = make_token(session, who.account or "", given.name, given.scopes, days=given.days)
    return _token_out(made, token)


@router.get("/tokens", responses=refusals())
def see_tokens(session: Db, who: Asking) -> list[TokenOut]:
    """My keys."""
    return [_token_out(one) for one in list_tokens(session, who.account or "")]


@router.delete("/tokens/{token_id}", status_code=204, responses=refusals(404))
def end_token(token_id: str, session: Db, who: Asking) -> None:
    """End a key."""
    one = find(session, ApiToken, token_id)
    require(who, "end", Thing("token", account=one.account_id))
    one.ended_at = one.ended_at or session.by.at


def _limit(request: Request, name: str) -> None:
    """Refuse who tries too often: from one address, or with one name."""
    address = request.client.host if request.client else ""
    limits = request.app.state.limits
    if not (limits.address.take(address) and limits.pair.take(f"{address} {name}") and limits.name.take(name)):
        raise ServiceError(429, "尝试次数太多，请 15 分钟后再试。", "Too many tries; try again in 15 minutes.")


def _start(request: Request, response: Response, session: RecordSession, account: Account) -> Signed:
    token, current = start_session(session, account, request.headers.get("user-agent", ""))
    lasts = int((current.expires_at - current.started_at).total_seconds())
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(COOKIE, token, max_age=lasts, secure=True, httponly=True, samesite="lax")
    return _signed(account, current, token)


def _signed(account: Account, current: SignIn, token: str) -> Signed:
    return Signed(
        account=account.id, name=account.name, role=account.role, expires_at=current.expires_at, csrf=csrf_of(token)
    )


def _current(request: Request, session: RecordSession) -> SignIn:
    """The session that the cookie names; a key has none."""
    found = find_session(session, request.cookies.get(COOKIE, ""), session.by.at)
    if found is None:
        raise ServiceError(404, "密钥没有会话。", "A key has no session.")
    return found[0]


def _token_out(made: ApiToken, token: str = "") -> TokenOut:
    return TokenOut(
        id=made.id,
        name=made.name,
        scopes=list(made.scopes),
        expires_at=made.expires_at,
        ended=made.ended_at is not None,
        token=token,
    )
