"""What all tables share: ids, instants in UTC, plain JSON, choices that the database itself checks.

Free text is never null: unknown is "". Everything else unknown is null. So a table survives CSV, where both are empty.
"""

import datetime as dt
import secrets
import threading
import time
from typing import Annotated, Any, ClassVar, get_args

from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    DateTime,
    Dialect,
    Double,
    Enum,
    ForeignKey,
    MetaData,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, declared_attr, mapped_column

ID_LENGTH = 32
_CHOICE_LENGTH = 32

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """An id that no other record anywhere has; of two made by one process the later sorts after the earlier.

    >>> first, second = new_id(), new_id()
    >>> len(first), first < second
    (32, True)
    """
    global _last
    with _lock:
        _last = max(_last + 1, time.time_ns() // 1000)
        return f"{_last:016x}{secrets.token_hex(8)}"


class Instant(TypeDecorator[dt.datetime]):
    """An instant, always with its zone in Python and always UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """UTC; a time without a zone is a mistake of the program."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """With its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Base(DeclarativeBase):
    """Every table. The names of constraints follow one pattern, so that a migration can name what it changes.

    logged  whether each write leaves a line in the log
    """

    logged: ClassVar[bool] = True
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  the name and shape that SQLAlchemy reads
        str: Text(),
        int: BigInteger(),
        float: Double(),
        dt.date: Date(),
        dt.datetime: Instant(),
        dict[str, Any]: Json,
        list[Any]: Json,
    }


Id = Annotated[str, mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)]
Words = Annotated[str, mapped_column(Text, default="")]
Sealed = Annotated[str, mapped_column(Text, default="", info={"sealed": True})]
"""Personal words, readable only with the key (see sealing.py); "" when there are none."""


class Record(Base):
    """A record that changes: two people who change it at once do not overwrite one another (`version`)."""

    __abstract__ = True
    id: Mapped[Id]
    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]


class Fact(Base):
    """A record that is written once and never changed or removed: triggers in the database refuse."""

    __abstract__ = True
    id: Mapped[Id]


def reference(column: str, *, null: bool = True, unique: bool = False) -> MappedColumn[Any]:
    """A column that names a record of another table, by `table.column`."""
    key = ForeignKey(column, deferrable=True, initially="IMMEDIATE")  # deferred only while a backup is read in
    return mapped_column(key, nullable=null, index=not unique, unique=unique)


def choice(name: str, options: Any, *, null: bool = False, default: str | None = None) -> MappedColumn[Any]:
    """A column that holds one of the words of a Literal."""
    kind = Enum(
        *get_args(options),
        name=name,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=_CHOICE_LENGTH,
    )
    return mapped_column(kind, nullable=null, default=default)
