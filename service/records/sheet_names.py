"""How rows of sheets point at one another: by the name people use, with the record's id after it where two share a name."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from ..history import RecordSession
from ..sheets.record_sheets import CellError
from ..tables import AdminUnit, Agreement, Device, Organisation, Person, Site, TrainingEvent

_WITH_ID = re.compile(r"(.*) #([0-9a-f]{8,32})", re.DOTALL)

_COLUMNS: Mapping[str, tuple[Any, Any]] = {
    "organisations": (Organisation.id, Organisation.name),
    "sites": (Site.id, Site.name),
    "devices": (Device.id, Device.public_code),
    "agreements": (Agreement.id, Agreement.number),
    "events": (TrainingEvent.id, TrainingEvent.id),
    "units": (AdminUnit.code, AdminUnit.code),
}
_WORDS = {"organisations": "单位", "sites": "点位", "devices": "设备", "agreements": "协议", "people": "人员",
          "events": "活动", "units": "行政区划"}  # fmt: skip


class Names:
    """The names of all records that sheets point to, read once for each kind, and those added meanwhile."""

    def __init__(self, session: RecordSession) -> None:
        self._session = session
        self._names: dict[str, dict[str, str]] = {}
        self._ids: dict[str, dict[str, list[str]]] = {}
        self._came_as: dict[str, str] = {}

    def read(self, kind: str) -> None:
        """Read the names of a kind as they are now, before any of them changes."""
        self._of(kind)

    def name(self, kind: str, id: str) -> str:
        """What a cell says of a record; "" for one that is not there any more."""
        name = self._of(kind).get(id, "")
        return f"{name} #{id}" if len(self._ids[kind].get(name, ())) > 1 else name

    def find(self, kind: str, text: str) -> str:
        """The id of the record that a cell names.

        Raises CellError when there is none, or more than one.
        """
        self._of(kind)
        found = self._ids[kind].get(text, [])
        match = _WITH_ID.fullmatch(text)
        if not found and match:
            id = self._came_as.get(match[2], match[2])
            found = [id] if id in self._names[kind] else self._ids[kind].get(match[1], [])
        if not found:
            raise CellError(f"没有{_WORDS[kind]}“{text[:60]}”", f"{kind}: there is no {text[:60]!r}")
        if len(found) > 1:
            zh = f"有 {len(found)} 个{_WORDS[kind]}叫“{text[:60]}”，请写“名称 #档案号”"
            raise CellError(
                zh, f"{kind}: {len(found)} are called {text[:60]!r}; write the name, a space, # and the record id"
            )
        return found[0]

    def add(self, kind: str, id: str, name: str, *, came_as: str = "") -> None:
        """Take note of a record under its name now; the one before still finds it, which other rows may use.

        came_as  the id that it had in its file, perhaps of another database
        """
        self._of(kind)[id] = name
        if id not in self._ids[kind].setdefault(name, []):
            self._ids[kind][name].append(id)
        if came_as:
            self._came_as[came_as] = id

    def _of(self, kind: str) -> dict[str, str]:
        if kind not in self._names:
            rows = self._people() if kind == "people" else self._session.execute(select(*_COLUMNS[kind])).all()
            self._names[kind] = {row[0]: row[1] for row in rows}
            self._ids[kind] = {}
            for id, name in self._names[kind].items():
                self._ids[kind].setdefault(name, []).append(id)
        return self._names[kind]

    def _people(self) -> list[Any]:
        query = select(Person.id, Person.name_sealed).where(Person.erased_at.is_(None))
        return [(id, self._session.safe.open(sealed)) for id, sealed in self._session.execute(query)]
