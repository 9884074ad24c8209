"""Who has opened a page behind the sign-in: name, rights, the rooms of the house that the role may enter."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from ..access import Who
from ..accounts import csrf_of
from ..api.asking import COOKIE, Asking, Db
from ..history import RecordSession
from ..records import find
from ..tables import Account
from .catalog import Language, translator
from .shell import language_of

Rooms = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Visitor:
    """csrf: what `ask` in base.js sends with every change; rooms: address and name, in the language of the page."""

    who: Who
    name: str
    csrf: str
    rooms: Rooms
    room: str


def rooms_of(role: str, language: Language) -> Rooms:
    """The rooms that a role may enter, the one for its daily work first."""
    _ = translator(language)
    checks, office, plans = ("/checks", _("检查")), ("/office", _("办公室")), ("/plans", _("方案"))
    return {
        "administrator": (office, checks, plans),
        "office": (office, checks, plans),
        "planner": (plans, office),
        "manager": (checks, office),
        "inspector": (checks,),
        "viewer": (office,),
    }.get(role, ())


def make_visitor(session: RecordSession, who: Who, cookie: str, path: str, language: Language) -> Visitor:
    """A visitor with a session."""
    rooms = rooms_of(who.role, language)
    room = next((room for room, _ in rooms if path.startswith(room)), "")
    return Visitor(who, find(session, Account, who.account or "").name, csrf_of(cookie), rooms, room)


def _visit(request: Request, session: Db, who: Asking) -> Visitor:
    cookie = request.cookies.get(COOKIE, "")
    return make_visitor(session, who, cookie, request.url.path, language_of(request))


Visiting = Annotated[Visitor, Depends(_visit, scope="function")]
"""Who opens a page that is open to their role; who has not signed in is sent to do so first, and comes back."""
