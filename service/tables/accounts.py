"""Who can sign in, as what, for which sites and devices; their sessions, links and tokens, kept only as checksums."""

import datetime as dt
from typing import Any, Literal

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Id, Record, Words, choice, reference

Role = Literal["administrator", "office", "planner", "manager", "inspector", "viewer"]


class Account(Record):
    """A name to sign in with, and one role. Without a password only a link lets in."""

    __tablename__ = "account"
    name: Mapped[str] = mapped_column(String(64), unique=True, info={"private": True})
    role: Mapped[Role] = choice("role", Role)
    person_id: Mapped[str | None] = reference("person.id")
    password_hash: Mapped[str] = mapped_column(String(256), default="", info={"secret": True})
    until_on: Mapped[dt.date | None]
    ended_at: Mapped[dt.datetime | None]


class SiteKeeper(Record):
    """A site manager's site."""

    __tablename__ = "site_keeper"
    __table_args__ = (UniqueConstraint("account_id", "site_id"),)
    account_id: Mapped[str] = reference("account.id", null=False)
    site_id: Mapped[str] = reference("site.id", null=False)
    until_on: Mapped[dt.date | None]


class Assignment(Record):
    """A temporary inspector's device, until a date."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("account_id", "device_id"),)
    account_id: Mapped[str] = reference("account.id", null=False)
    device_id: Mapped[str] = reference("device.id", null=False)
    until_on: Mapped[dt.date]


class SignIn(Base):
    """A session of an account in one browser."""

    __tablename__ = "sign_in"
    logged = False
    id: Mapped[Id]
    account_id: Mapped[str] = reference("account.id", null=False)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info={"secret": True})
    browser: Mapped[Words]
    started_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]


class OneTimeLink(Base):
    """A link that signs an account in once."""

    __tablename__ = "one_time_link"
    logged = False
    id: Mapped[Id]
    account_id: Mapped[str] = reference("account.id", null=False)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info={"secret": True})
    made_by: Mapped[str | None] = reference("account.id")
    made_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class ApiToken(Record):
    """A script's key to an account, for the scopes named and no others."""

    __tablename__ = "api_token"
    account_id: Mapped[str] = reference("account.id", null=False)
    name: Mapped[Words]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info={"secret": True})
    scopes: Mapped[list[Any]]
    made_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]


class CalendarFeed(Record):
    """A secret address under which a calendar finds what falls due for an account."""

    __tablename__ = "calendar_feed"
    account_id: Mapped[str] = reference("account.id", null=False)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info={"secret": True})
    made_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
