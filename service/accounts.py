"""Accounts: passwords (argon2id), sessions, links that let in once, and keys for scripts.

Of a session, link or key the database knows only the checksum: who reads the database can sign in as nobody. Rules here
get the instant they need from the session's `by`; nothing reads a clock.
"""

import datetime as dt
import hashlib
import secrets
import threading
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from .access import TABLE, Who
from .errors import ServiceError
from .facts import day_of
from .history import RecordSession
from .tables import Account, ApiToken, Assignment, CalendarFeed, OneTimeLink, Role, SignIn, SiteKeeper, new_id

LASTS: Final = {
    "administrator": dt.timedelta(hours=12),
    "office": dt.timedelta(hours=12),
    "planner": dt.timedelta(hours=12),
    "manager": dt.timedelta(days=30),  # a guard who looks once a month must not have to type a password each time
    "inspector": dt.timedelta(days=30),
    "viewer": dt.timedelta(days=30),
}
"""How long a session lasts, by role."""

LINK_LASTS = dt.timedelta(days=7)
MOST_TOKEN_DAYS = 400
LEAST_PASSWORD, MOST_PASSWORD = 10, 200
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane."""
_HASHING = threading.BoundedSemaphore(2)  # each takes 19 MiB


def add_account(session: RecordSession, account: Account, *, password: str = "") -> Account:
    """Add an account.

    Raises ServiceError 422 when the name or password will not do, 409 when the name is taken.
    """
    account.name = account.name.strip().casefold()
    if not 2 <= len(account.name) <= 64 or not account.name.isprintable():
        raise ServiceError(422, "登录名应为 2 至 64 个字符。", "A name has 2 to 64 characters.")
    if session.scalar(select(Account.id).where(Account.name == account.name)):
        raise ServiceError(409, "这个登录名已有人使用。", "This name is taken.")
    if password:
        account.password_hash = _hash(password)
    session.add(account)
    session.flush()
    return account


def set_password(session: RecordSession, account: Account, password: str) -> None:
    """Set another password, and end all sessions, in which the old one may be known."""
    account.password_hash = _hash(password)
    end_all(session, account.id)
    session.flush()


def _hash(password: str) -> str:
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        zh = f"密码应为 {LEAST_PASSWORD} 至 {MOST_PASSWORD} 个字符。"
        raise ServiceError(422, zh, f"A password has {LEAST_PASSWORD} to {MOST_PASSWORD} characters.")
    with _HASHING:
        return _HASHER.hash(password)


def check_password(session: Session, name: str, password: str, on: dt.date) -> Account:
    """The account of a name and password; as slow for a name that nobody has.

    Raises ServiceError 401.
    """
    account = find_account(session, name)
    known = account.password_hash if account and account.password_hash else _nobodys()
    try:
        with _HASHING:
            _HASHER.verify(known, password[: MOST_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        account = None
    if account is None or not account.password_hash or not _lives(account, on):
        raise ServiceError(401, "登录名或密码不对。", "The name or the password is wrong.")
    return account


@cache
def _nobodys() -> str:
    """What a password of nobody is compared with, so that asking takes as long."""
    return _HASHER.hash(secrets.token_hex())


def start_session(session: RecordSession, account: Account, browser: str) -> tuple[str, SignIn]:
    """Sign an account in: the session's token, told only now, and its record."""
    token = secrets.token_urlsafe(32)
    started = session.by.at
    made = SignIn(
        id=new_id(),
        account_id=account.id,
        token_hash=_checksum(token),
        browser=browser[:200],
        started_at=started,
        expires_at=started + LASTS[account.role],
    )
    session.add(made)
    session.flush()
    return token, made


def find_session(session: Session, token: str, at: dt.datetime) -> tuple[SignIn, Account] | None:
    """The session of a token and its account, while both last."""
    row = session.execute(_SESSION, {"token_hash": _checksum(token)}).one_or_none()
    if row is None or row[0].ended_at is not None or row[0].expires_at <= at or not _lives(row[1], day_of(at)):
        return None
    return row[0], row[1]


# made once, as those of `who_is`: making a statement costs more than asking it, and everybody who is signed in asks them
_SESSION = (
    select(SignIn, Account)
    .join(Account, SignIn.account_id == Account.id)
    .where(SignIn.token_hash == bindparam("token_hash"))
)


def list_sessions(session: Session, account: str, at: dt.datetime) -> list[SignIn]:
    """An account's sessions that last, newest first."""
    query = select(SignIn).where(SignIn.account_id == account, SignIn.ended_at.is_(None), SignIn.expires_at > at)
    return list(session.scalars(query.order_by(SignIn.started_at.desc(), SignIn.id.desc())))


def end_session(session: RecordSession, token: str) -> None:
    """End the session of a token, if it lasts."""
    found = find_session(session, token, session.by.at)
    if found is not None:
        found[0].ended_at = session.by.at
        session.flush()


def end_all(session: RecordSession, account: str) -> None:
    """End all sessions of an account."""
    query = update(SignIn).where(SignIn.account_id == account, SignIn.ended_at.is_(None))
    session.execute(query.values(ended_at=session.by.at))


def change_role(session: RecordSession, account: Account, role: Role, until: dt.date | None) -> None:
    """Give an account another role, until a day where it is temporary; its sessions end, and nothing is its own any more.

    Raises ServiceError 409 for one's own account, so that an administrator is left, and for one that has ended; 422 when
    an inspector's has no last day.
    """
    if account.id == session.by.account:
        raise ServiceError(
            409, "不能更改自己的角色，请另一位管理员来改。", "Another administrator changes your own role."
        )
    if account.ended_at is not None:
        raise ServiceError(409, "这个账号已停用。", "This account has ended.")
    if role == "inspector" and until is None:
        raise ServiceError(422, "临时检查员的账号须有截止日期。", "A temporary inspector's account needs its last day.")
    if role != account.role:
        give(session, account, sites=frozenset(), devices=frozenset())
        end_all(session, account.id)  # they last as long as the old role lets them
    account.role, account.until_on = role, until
    session.flush()


def end_account(session: RecordSession, account: Account) -> None:
    """Nobody signs in with this account any more; what it did stays told."""
    account.ended_at = session.by.at
    end_all(session, account.id)
    session.flush()


def make_link(session: RecordSession, account: Account) -> str:
    """The token of a link that signs an account in once, within a week."""
    token = secrets.token_urlsafe(32)
    made = session.by.at
    session.add(
        OneTimeLink(
            id=new_id(),
            account_id=account.id,
            token_hash=_checksum(token),
            made_by=session.by.account,
            made_at=made,
            expires_at=made + LINK_LASTS,
        )
    )
    session.flush()
    return token


def use_link(session: RecordSession, token: str) -> Account:
    """The account that a link lets in; of two who use it at once, one.

    Raises ServiceError 401 when the link was used, is too old, or is none.
    """
    at = session.by.at
    mine = (OneTimeLink.token_hash == _checksum(token), OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > at)
    used = session.execute(update(OneTimeLink).where(*mine).values(used_at=at).returning(OneTimeLink.account_id))
    account = session.get(Account, used.scalar_one_or_none() or "")
    if account is None or not _lives(account, day_of(at)):
        raise ServiceError(401, "这个链接已用过或已过期，请向红十字会再要一个。", "This link was used or is too old.")
    return account


def make_token(
    session: RecordSession, account: str, name: str, scopes: list[str], *, days: int
) -> tuple[str, ApiToken]:
    """A script's key for some scopes ("see:device", "see:*"), told only now, and its record."""
    known = {f"{row.verb}:{row.kind}" for row in TABLE} | {f"{row.verb}:*" for row in TABLE}
    unknown = [scope for scope in scopes if scope not in known]
    if unknown or not scopes or not 1 <= days <= MOST_TOKEN_DAYS:
        raise ServiceError(
            422, "范围或天数不对。", f"Scopes are {', '.join(sorted(known))}; days 1 to {MOST_TOKEN_DAYS}."
        )
    token = secrets.token_urlsafe(32)
    made_at = session.by.at
    made = ApiToken(
        account_id=account,
        name=name,
        token_hash=_checksum(token),
        scopes=sorted(set(scopes)),
        made_at=made_at,
        expires_at=made_at + dt.timedelta(days=days),
    )
    session.add(made)
    session.flush()
    return token, made


def find_token(session: Session, token: str, at: dt.datetime) -> tuple[ApiToken, Account] | None:
    """A script's key and its account, while both last."""
    query = select(ApiToken, Account).join(Account, ApiToken.account_id == Account.id)
    row = session.execute(query.where(ApiToken.token_hash == _checksum(token))).one_or_none()
    if row is None or row[0].ended_at is not None or row[0].expires_at <= at or not _lives(row[1], day_of(at)):
        return None
    return row[0], row[1]


def list_tokens(session: Session, account: str) -> list[ApiToken]:
    """An account's keys, oldest first, those that have ended too."""
    return list(session.scalars(select(ApiToken).where(ApiToken.account_id == account).order_by(ApiToken.id)))


def find_account(session: Session, name: str) -> Account | None:
    """The account of a name, however it is written."""
    return session.scalar(select(Account).where(Account.name == name.strip().casefold()))


def list_accounts(session: Session) -> list[Account]:
    """Accounts that have not ended, by name."""
    return list(session.scalars(select(Account).where(Account.ended_at.is_(None)).order_by(Account.name)))


def give(session: RecordSession, account: Account, *, sites: frozenset[str], devices: frozenset[str]) -> None:
    """Make these and no others a manager's own sites and an inspector's own devices.

    Raises ServiceError 422 when an inspector's account has no last day: they are temporary.
    """
    if devices and account.until_on is None:
        raise ServiceError(422, "临时检查员的账号须有截止日期。", "A temporary inspector's account needs its last day.")
    for keeper in session.scalars(select(SiteKeeper).where(SiteKeeper.account_id == account.id)):
        session.delete(keeper)
    for assignment in session.scalars(select(Assignment).where(Assignment.account_id == account.id)):
        session.delete(assignment)
    session.flush()
    session.add_all(SiteKeeper(account_id=account.id, site_id=site) for site in sorted(sites))
    until = account.until_on
    session.add_all(Assignment(account_id=account.id, device_id=one, until_on=until) for one in sorted(devices))
    session.flush()


def make_feed(session: RecordSession, account: str) -> tuple[str, CalendarFeed]:
    """The token of a calendar feed, told only now, and its record."""
    token = secrets.token_urlsafe(32)
    made = CalendarFeed(account_id=account, token_hash=_checksum(token), made_at=session.by.at)
    session.add(made)
    session.flush()
    return token, made


def find_feed(session: Session, token: str, at: dt.datetime) -> Account | None:
    """The account that a calendar asks for, while both last."""
    query = select(Account).join(CalendarFeed, CalendarFeed.account_id == Account.id)
    mine = (CalendarFeed.token_hash == _checksum(token), CalendarFeed.ended_at.is_(None))
    account = session.scalar(query.where(*mine))
    return account if account is not None and _lives(account, day_of(at)) else None


def list_feeds(session: Session, account: str) -> list[CalendarFeed]:
    """An account's feeds that last."""
    query = select(CalendarFeed).where(CalendarFeed.account_id == account, CalendarFeed.ended_at.is_(None))
    return list(session.scalars(query.order_by(CalendarFeed.made_at)))


_SITES = select(SiteKeeper.site_id).where(
    SiteKeeper.account_id == bindparam("account"),
    SiteKeeper.until_on.is_(None) | (SiteKeeper.until_on >= bindparam("on")),
)
_DEVICES = select(Assignment.device_id).where(
    Assignment.account_id == bindparam("account"), Assignment.until_on >= bindparam("on")
)


def who_is(session: Session, account: Account, on: dt.date, scopes: list[str] | None = None) -> Who:
    """Somebody as `access.may` sees them: role, own sites and own devices of that day."""
    asked = {"account": account.id, "on": on}
    return Who(
        role=account.role,
        account=account.id,
        sites=frozenset(session.scalars(_SITES, asked)) if account.role == "manager" else frozenset(),
        devices=frozenset(session.scalars(_DEVICES, asked)) if account.role == "inspector" else frozenset(),
        scopes=None if scopes is None else frozenset(scopes),
    )


def csrf_of(token: str) -> str:
    """What a page must send beside the cookie of a session; another site can send the cookie, but not this."""
    return _checksum("csrf:" + token)


def _lives(account: Account, on: dt.date) -> bool:
    return account.ended_at is None and (account.until_on is None or on <= account.until_on)


def _checksum(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
