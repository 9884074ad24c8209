"""The list that the public sees: every device with its state at this minute, made again at every change.

Where no records are kept, or none is public, it holds the plan's standing devices. States follow from the cards by the clock
alone, for each minute anew.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from pydantic_core import to_json

from ..facts import day_of
from ..published import Published
from .cards import Card, card_of_place
from .keeping import Found, Keeper, Kept, Records
from .opening import Stretch
from .state import Condition, State, judge, ready_at, same_until
from .words import hours_words

Source = Literal["records", "plan"]


@dataclass(frozen=True)
class DeviceNow:
    """A device at an instant; the fields are those of the public interface."""

    id: str
    code: str
    label: str
    kind: str
    kind_zh: str
    town: str
    place_zh: str
    place_en: str
    level: str
    access: str
    phone: str
    hours: str
    hours_zh: str
    hours_en: str
    ready: bool | None
    open: list[list[str]] | None
    state: State
    why_zh: str
    why_en: str
    until: str | None
    checked_on: str
    photo: str
    initials: str
    go: dict[str, str]
    lon: float
    lat: float

    @cached_property
    def properties(self) -> dict[str, Any]:
        """All that is told of it but where it is."""
        return {name: getattr(self, name) for name in _PROPERTIES}

    @cached_property
    def told(self) -> bytes:
        """All that is told of it, as JSON: what is the same for everybody is written once."""
        return to_json(self.properties | {"lon": self.lon, "lat": self.lat})


RANK: dict[State, int] = {"usable": 0, "unverified": 1, "closed": 2}

_PROPERTIES = tuple(one.name for one in fields(DeviceNow) if one.name not in ("lon", "lat"))


@dataclass(frozen=True, eq=False)  # one is equal to itself alone, so that bodies can be kept by it
class PublicNow:
    """The list at a minute.

    as_of   the minute of the states; of a stale list when it was last known to be right
    source  "records", or "plan" where none are kept
    stale   the records cannot be asked at present
    rank    (n,) 0 usable, 1 unverified, 2 closed, 3 known not to be ready
    photos  checksum of the kept photo by code, of the devices that have one
    cards   what the states follow from at any other instant, in the order of the devices
    """

    devices: tuple[DeviceNow, ...]
    as_of: datetime
    source: Source
    stale: bool
    rank: np.ndarray
    photos: Mapping[str, str]
    cards: tuple[Card, ...]

    @cached_property
    def places(self) -> tuple[tuple[float, float], ...]:
        """Longitude and latitude of each device."""
        return tuple((device.lon, device.lat) for device in self.devices)

    def find(self, code: str) -> DeviceNow | None:
        """The device with the code on its sign, however it was typed."""
        return self._by_code.get(code.strip().upper())

    @cached_property
    def _by_code(self) -> dict[str, DeviceNow]:
        return {device.code.upper(): device for device in self.devices}


class _Told(NamedTuple):
    """What is said of the devices from one minute until another."""

    kept: Kept
    since: datetime
    until: datetime
    devices: tuple[DeviceNow, ...]
    rank: np.ndarray


class PublicList:
    """Holds the list; `current` never fails, whatever has become of the database.

    published  gives the plan that is served now
    folder     where the last good list is kept
    records    where cards come from; None where no records are kept
    """

    def __init__(self, published: Callable[[], Published], folder: Path, records: Records | None = None) -> None:
        self._published = published
        self._keeper = Keeper(folder, records)
        self.stop = self._keeper.stop
        self._now: tuple[object, PublicNow] | None = None
        self._told: _Told | None = None
        self._lock = threading.Lock()

    def current(self, at: datetime) -> PublicNow:
        """The list at the minute of an instant."""
        kept, source, since = self._source(self._keeper.find(at))
        minute = _minute(at)
        key = (kept, minute, since)
        now = self._now
        if now is None or now[0] != key:
            with self._lock:  # once for all who ask
                told = self._tell(kept, minute)
                as_of = minute if since is None else min(minute, since)
                made = PublicNow(told.devices, as_of, source, since is not None, told.rank, kept.photos, kept.cards)
                self._now = now = key, made
        return now[1]

    def at_hand(self, at: datetime) -> PublicNow | None:
        """The same where it has been made, and nobody need be asked; None otherwise."""
        found, now = self._keeper.at_hand(), self._now
        if found is None or now is None:
            return None
        kept, _, since = self._source(found)
        return now[1] if now[0] == (kept, _minute(at), since) else None

    def _source(self, found: Found) -> tuple[Kept, Source, datetime | None]:
        """The cards that are told of, where they come from, and when they were last known to be right."""
        kept, since = found
        if kept is None or not kept.cards:
            return _of_plan(self._published()), "plan", None
        return kept, "records", since

    def _tell(self, kept: Kept, minute: datetime) -> _Told:
        """What is said at a minute; what was said before stays while it is true."""
        told = self._told
        if told is None or told.kept is not kept or not told.since <= minute < told.until:
            self._told = told = _tell(kept, minute)
        return told


def _minute(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)


@lru_cache(maxsize=2)
def _of_plan(published: Published) -> Kept:
    return Kept(tuple(card_of_place(place) for place in published.devices))


def _tell(kept: Kept, minute: datetime) -> _Told:
    devices = tuple(_device(card, links, minute) for card, links in zip(kept.cards, kept.links, strict=True))
    rank = np.array([_rank(device) for device in devices], dtype=np.int64)
    until = min((same_until(card.condition, minute) for card in kept.cards), default=minute)
    return _Told(kept, minute, until, devices, rank)


def _rank(device: DeviceNow) -> int:
    return 3 if device.ready is False else RANK[device.state]


def _device(card: Card, links: dict[str, str], at: datetime) -> DeviceNow:
    judged, hours = judge(card.condition, at), hours_words(card.condition.hours)
    return DeviceNow(
        **{name: getattr(card, name) for name in _OF_CARD},
        hours=card.condition.hours,
        hours_zh=hours.zh,
        hours_en=hours.en,
        ready=ready_at(card.condition, at).ready,
        open=_open(card.condition, at),
        state=judged.state,
        why_zh=judged.why.zh,
        why_en=judged.why.en,
        until=instant_text(judged.until) if judged.until else None,
        photo=f"/photos/{card.code}.jpg?v={card.photo[:12]}" if card.photo else "",
        go=links,
    )


_OF_CARD = tuple({one.name for one in fields(DeviceNow)} & {one.name for one in fields(Card)} - {"photo"})


def _open(condition: Condition, at: datetime) -> list[list[str]] | None:
    """What is left of the stretches in which a place is open, as text."""
    return _left(condition.stretches(day_of(at)), at)


@lru_cache(maxsize=1024)
def _left(stretches: tuple[Stretch, ...] | None, at: datetime) -> list[list[str]] | None:
    if stretches is None:
        return None
    return [[instant_text(first), instant_text(last)] for first, last in stretches if last > at]


def this_instant() -> datetime:
    """The clock, which only routes may read."""
    return datetime.now(UTC)


def instant_text(at: datetime) -> str:
    """An instant in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
