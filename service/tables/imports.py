"""Sheets that somebody has sent to be taken into the records: looked at, taken in, and perhaps undone."""

import datetime as dt
from typing import Any, Literal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from .base import Record, Sealed, Words, choice, reference

ImportState = Literal["previewed", "applied", "undone"]


class SheetImport(Record):
    """One file. What it changed stands in the log under its note (see records/imports.py).

    digest          of what the preview said would become of each row
    content_sealed  the file in base64, until it is taken in: names and phones stand in it
    before_sealed   what personal columns held before, which the log does not tell
    """

    __tablename__ = "sheet_import"
    name: Mapped[Words]
    sheet: Mapped[Words]
    at: Mapped[dt.datetime]
    account_id: Mapped[str | None] = reference("account.id")
    state: Mapped[ImportState] = choice("state", ImportState, default="previewed")
    counts: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    content_sealed: Mapped[Sealed]
    before_sealed: Mapped[Sealed]
    applied_at: Mapped[dt.datetime | None]
    undone_at: Mapped[dt.datetime | None]
