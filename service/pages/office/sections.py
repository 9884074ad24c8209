"""The parts of a record's page."""

from collections.abc import Sequence
from typing import NamedTuple

from .files import Uploads
from .forms import Form
from .lines import Told
from .lists import Column, Row


class Section(NamedTuple):
    """A heading and a table, lines or files below it; `empty` says what to do where there is nothing."""

    id: str
    title: str
    columns: Sequence[Column] = ()
    rows: Sequence[Row] = ()
    lines: Sequence[Told] = ()
    uploads: Uploads | None = None
    empty: str = ""
    forms: Sequence[Form] = ()
    note: str = ""
