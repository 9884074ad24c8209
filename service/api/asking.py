"""Who asks: by the cookie of a session or by a script's key; what the table of rights says of the route; who writes."""

from typing import Annotated

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from ..access import Kind, Reach, Thing, Verb, Who, may, reach_of, row_of
from ..accounts import csrf_of, find_session, find_token, who_is
from ..db import database_of, get_db, now
from ..errors import ServiceError
from ..facts import day_of
from ..history import By, RecordSession

COOKIE = "__Host-aedplan"
CSRF_HEADER = "X-CSRF-Token"
SAFE = ("GET", "HEAD")

Db = Annotated[RecordSession, Depends(get_db, scope="function")]
"""The session of the request, committed before the answer leaves."""


def _ask(request: Request, response: Response, session: Db) -> Who:
    """Whoever asks, if the route is open to them at all; what they may do with each thing is asked again there."""
    who = _let_in(request, session)
    session.info["by"] = By(who.account, who.role, now())
    response.headers["Cache-Control"] = "no-store"
    return who


Asking = Annotated[Who, Depends(_ask, scope="function")]
"""Who asks; the route is open to them."""


def _ask_first(request: Request, response: Response) -> Who:
    """The same before a large body is read, in a session of its own, so that nobody waits while it comes in."""
    response.headers["Cache-Control"] = "no-store"
    with database_of(request).session() as session:
        return _let_in(request, session)


AskingFirst = Annotated[Who, Depends(_ask_first)]
"""Who asks, found out before the body is read."""


def _let_in(request: Request, session: RecordSession) -> Who:
    who = _who(request, session)
    row = row_of("GET" if request.method == "HEAD" else request.method, request.scope["route"].path)
    if row is None or reach_of(who, row.verb, row.kind) == "-":
        raise _refused(who)
    return who


def _who(request: Request, session: RecordSession) -> Who:
    at = now()
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme:
        token = find_token(session, key, at) if scheme.lower() == "bearer" else None
        if token is None:
            raise ServiceError(401, "密钥无效或已过期。", "The key is wrong or has ended.")
        return who_is(session, token[1], day_of(at), [str(scope) for scope in token[0].scopes])
    cookie = request.cookies.get(COOKIE, "")
    found = find_session(session, cookie, at) if cookie else None
    if found is None:
        return Who()
    if request.method not in SAFE and request.headers.get(CSRF_HEADER) != csrf_of(cookie):
        raise ServiceError(
            403, "页面已过期，请刷新后重试。", f"The {CSRF_HEADER} header is missing or wrong; reload the page."
        )
    session.info["account"] = found[1]  # a session forgets what nobody holds, and rules ask for it again
    return who_is(session, found[1], day_of(at))


def require(who: Who, verb: Verb, *things: Thing) -> None:
    """Refuse who may not do something with any of the things.

    Raises ServiceError 404: what somebody may not see is not said to be there.
    """
    if not any(may(who, verb, thing) for thing in things):
        raise ServiceError(404, "没有这条档案。", "There is no such record.")


def check_fields(who: Who, given: BaseModel, own: type[BaseModel]) -> None:
    """Refuse a manager who sets what only the office may: any field that is not one of `own`."""
    beyond = given.model_fields_set - own.model_fields.keys() - {"version"}
    if who.role == "manager" and beyond:
        names = ", ".join(sorted(beyond))
        raise ServiceError(403, f"只有红十字会能修改 {names}。", f"Only the office may change {names}.")


def own_sites(who: Who, verb: Verb, kind: Kind) -> frozenset[str] | None:
    """The sites that an answer is kept to; None is all."""
    reach: Reach = reach_of(who, verb, kind)
    return None if reach == "all" else who.sites


def _refused(who: Who) -> ServiceError:
    if who.account is None:
        return ServiceError(401, "请先登录。", "Sign in first.")
    return ServiceError(403, "您的角色不能这样做。", "Your role may not do this.")
