"""The columns that migrations are written with. Once a version has shipped, what a function here makes stays as it is."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from .append_only import forget, protect

__all__ = [
    "code", "day", "decimal", "fact", "forget", "instant", "key", "make", "one_of", "plain", "protect", "record",
    "reference", "whole", "words", "yes_no",
]  # fmt: skip


def make(table: str, *parts: Any) -> None:
    """Create a table with its indexes."""
    op.create_table(table, *parts)


def key(name: str = "id", length: int = 32) -> sa.Column[str]:
    """The primary key."""
    return sa.Column(name, sa.String(length), primary_key=True)


def record() -> tuple[sa.Column[Any], ...]:
    """The columns of every record that changes."""
    return key(), sa.Column("version", sa.BigInteger, nullable=False)


def fact() -> tuple[sa.Column[Any], ...]:
    """The columns of every record that is written once."""
    return (key(),)


def words(name: str) -> sa.Column[str]:
    """Free text, "" when unknown."""
    return sa.Column(name, sa.Text, nullable=False)


def code(name: str, length: int, *, null: bool = False, unique: bool = False, index: bool = False) -> sa.Column[str]:
    """Short text for machines."""
    return sa.Column(name, sa.String(length), nullable=null, unique=unique or None, index=index or None)


def one_of(name: str, *options: str, null: bool = False) -> sa.Column[str]:
    """One of some words, checked by the database."""
    kind = sa.Enum(*options, name=name, native_enum=False, create_constraint=True, length=32)
    return sa.Column(name, kind, nullable=null)


def whole(name: str, *, null: bool = True) -> sa.Column[int]:
    """A whole number."""
    return sa.Column(name, sa.BigInteger, nullable=null)


def decimal(name: str) -> sa.Column[float]:
    """A number with decimals."""
    return sa.Column(name, sa.Double)


def yes_no(name: str, *, null: bool = True) -> sa.Column[bool]:
    """True, false or unknown."""
    return sa.Column(name, sa.Boolean, nullable=null)


def day(name: str, *, null: bool = True, index: bool = False) -> sa.Column[Any]:
    """A date."""
    return sa.Column(name, sa.Date, nullable=null, index=index or None)


def instant(name: str, *, null: bool = True, index: bool = False) -> sa.Column[Any]:
    """An instant in UTC."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null, index=index or None)


def plain(name: str, *, null: bool = True) -> sa.Column[Any]:
    """What JSON can hold."""
    kind = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    return sa.Column(name, kind, nullable=null)


def reference(name: str, target: str, *, null: bool = True) -> sa.Column[str]:
    """The key of a record of another table, by `table.column`."""
    length = 12 if target == "admin_unit.code" else 32
    to = sa.ForeignKey(target, deferrable=True, initially="IMMEDIATE")
    return sa.Column(name, sa.String(length), to, nullable=null, index=True)
