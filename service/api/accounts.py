"""Accounts: who can sign in, as what, for which sites and devices."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from ..access import Thing
from ..accounts import add_account, change_role, end_account, give, list_accounts, make_link
from ..errors import ServiceError
from ..records import find
from ..tables import Account, Device, Role, Site
from .asking import Asking, Db, require
from .shapes import Day, Key, Keys, Line, Shape, Word, refusals

router = APIRouter(prefix="/api/v1/accounts", tags=["accounts"])


class AccountIn(Shape):
    """An account; without a password only a link lets in. A temporary inspector's has a last day."""

    name: Line
    role: Role
    password: Annotated[Word, Field(max_length=1000)] = ""
    person_id: Key | None = None
    until_on: Day | None = None


class AccountOut(Shape):
    """An account; nothing of its password."""

    id: str
    name: str
    role: Role
    person_id: str | None
    until_on: dt.date | None


class RoleIn(Shape):
    """Another role; a temporary inspector's account has a last day."""

    role: Role
    until_on: Day | None = None


class OwnIn(Shape):
    """A manager's own sites, an inspector's own devices, by id; all that are not named are taken away."""

    sites: Keys
    devices: Keys


class LinkOut(Shape):
    """What lets in once, within a week."""

    token: str


@router.get("", responses=refusals())
def see_accounts(session: Db, who: Asking) -> list[AccountOut]:
    """All accounts that have not ended."""
    return [_shape(account) for account in list_accounts(session)]


@router.post("", status_code=201, responses=refusals(409))
def add(given: AccountIn, session: Db, who: Asking) -> AccountOut:
    """Add an account."""
    if given.role == "inspector" and given.until_on is None:
        raise ServiceError(422, "临时检查员的账号须有截止日期。", "A temporary inspector's account needs its last day.")
    made = Account(name=given.name, role=given.role, person_id=given.person_id, until_on=given.until_on)
    return _shape(add_account(session, made, password=given.password))


@router.put("/{account_id}/role", responses=refusals(404, 409))
def give_role(account_id: str, given: RoleIn, session: Db, who: Asking) -> AccountOut:
    """Give an account another role: it signs in anew, and nothing is its own any more."""
    account = find(session, Account, account_id)
    change_role(session, account, given.role, given.until_on)
    return _shape(account)


@router.put("/{account_id}/own", status_code=204, responses=refusals(404))
def give_own(account_id: str, given: OwnIn, session: Db, who: Asking) -> None:
    """Say which sites and devices are an account's own."""
    account = _found(account_id, session, who)
    for site in given.sites:
        find(session, Site, site)
    for device in given.devices:
        find(session, Device, device)
    give(session, account, sites=frozenset(given.sites), devices=frozenset(given.devices))


@router.post("/{account_id}/link", status_code=201, responses=refusals(404))
def add_link(account_id: str, session: Db, who: Asking) -> LinkOut:
    """Make a link that signs the account in once; nobody makes one for somebody who may do more."""
    return LinkOut(token=make_link(session, _found(account_id, session, who)))


@router.delete("/{account_id}", status_code=204, responses=refusals(404))
def end(account_id: str, session: Db, who: Asking) -> None:
    """End an account and its sessions."""
    end_account(session, find(session, Account, account_id))


def _found(account_id: str, session: Db, who: Asking) -> Account:
    account = find(session, Account, account_id)
    require(who, "decide", Thing("account", account=account.id))
    if account.role == "administrator" and who.role != "administrator":
        raise ServiceError(403, "只有管理员能这样做。", "Only an administrator may do this.")
    return account


def _shape(account: Account) -> AccountOut:
    return AccountOut(
        id=account.id, name=account.name, role=account.role, person_id=account.person_id, until_on=account.until_on
    )
