"""Keeps the cards of the public's devices as the records have them: in memory, and in a file beside the records.

Asked whether anything has changed at most once a second, or after a write of this process; made again when it has. While
the database is away, and after a restart meanwhile, the last good cards are served on, with their age.
"""

import json
import logging
import os
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from ..errors import ServiceError
from .cards import Card, from_json, to_json
from .handover import go_links

FILE = "public.json"
FORMAT = 1
LOOK_EVERY_S = 1.0

AT_ONCE_S = 0.1
"""Cards that take no more work than this are made again while somebody waits; more of them in the background."""

REST = 5.0
"""After work in the background so many times as long must pass before it is done again, however much is written."""

_NEVER = datetime.min.replace(tzinfo=UTC)
_log = logging.getLogger(__name__)


class Records(Protocol):
    """Where cards come from; both questions raise ServiceError while the database is away."""

    @property
    def written(self) -> int:
        """How often this process has written, so that it need not wait to see its own changes."""

    def stamp(self) -> str:
        """Another one after every change that the public might see."""

    def read(self, at: datetime) -> tuple[str, list[Card]]:
        """The stamp, and the cards as they are now."""


@dataclass(frozen=True, eq=False)  # one is equal to itself alone, so that what follows from it can be kept by it
class Kept:
    """Cards with what follows from them at any time."""

    cards: tuple[Card, ...]
    stamp: str = ""

    @cached_property
    def links(self) -> list[dict[str, str]]:
        """Links to map programs, by card."""
        lonlat = np.array([(card.lon, card.lat) for card in self.cards], dtype=float).reshape(-1, 2)
        return go_links(lonlat, [card.label for card in self.cards])

    @cached_property
    def photos(self) -> dict[str, str]:
        """Checksums of kept photos by code."""
        return {card.code: card.photo for card in self.cards if card.photo}


class Found(NamedTuple):
    """The cards; None when there never were any. `since`: when they were last known to be right; None: they are now."""

    kept: Kept | None
    since: datetime | None


class Keeper:
    """Gives the cards, whatever has become of the database.

    folder   where the last good cards are kept
    records  None where no records are kept
    """

    def __init__(self, folder: Path, records: Records | None) -> None:
        self._file, self._records = folder / FILE, records
        self._kept, self._right_at = read_file(self._file)
        self._away = records is None
        self._asked_s, self._written = -1e9, -1
        self._took_s, self._made_s = 0.0, -1e9
        self._asking, self._making = threading.Lock(), threading.Lock()
        self._behind: threading.Thread | None = None

    def find(self, at: datetime) -> Found:
        """The cards as they are at an instant, as far as anybody knows."""
        records = self._records
        if records is not None and self._is_time_to_ask(records):
            if self._away and self._kept is not None:
                self._do_behind(records, at)  # nobody waits for what did not answer
            else:
                self._ask(records, at)
        return Found(self._kept, self._right_at if self._away else None)

    def at_hand(self) -> Found | None:
        """The same where nobody need be asked; None otherwise."""
        if self._records is not None and self._is_time_to_ask(self._records):
            return None
        return Found(self._kept, self._right_at if self._away else None)

    def stop(self) -> None:
        """Wait for what is being done in the background, before the database is closed."""
        if self._behind is not None:
            self._behind.join()

    def _is_time_to_ask(self, records: Records) -> bool:
        return records.written != self._written or time.monotonic() - self._asked_s >= LOOK_EVERY_S

    def _do_behind(self, records: Records, at: datetime) -> None:
        if self._behind is None or not self._behind.is_alive():
            self._behind = threading.Thread(target=self._ask, args=(records, at, True), daemon=True)
            self._behind.start()

    def _ask(self, records: Records, at: datetime, behind: bool = False) -> None:
        """Ask the records whether anything has changed; one who asks is enough, unless there is nothing to serve yet."""
        if not self._asking.acquire(blocking=behind or self._kept is None):
            return
        try:
            self._written, self._asked_s = records.written, time.monotonic()
            if self._kept is not None and records.stamp() == self._kept.stamp:
                self._away, self._right_at = False, at
            elif behind or self._kept is None or self._took_s <= AT_ONCE_S:
                self._make(records, at)
            elif time.monotonic() - self._made_s > REST * self._took_s:
                self._do_behind(records, at)
        except ServiceError as error:
            if not self._away:
                _log.error("the records are away, the list of devices is served on: %s", error.message_en)
            self._away = True
        finally:
            self._asking.release()

    def _make(self, records: Records, at: datetime) -> None:
        begun, first = time.thread_time(), self._made_s < 0
        stamp, cards = records.read(at)
        self._kept, self._away, self._right_at = Kept(tuple(cards), stamp), False, at
        write_file(self._file, self._kept, at)
        # the first time libraries are read in as well
        self._took_s, self._made_s = 0.0 if first else time.thread_time() - begun, time.monotonic()


def read_file(path: Path) -> tuple[Kept | None, datetime]:
    """The cards that were kept last, and when they were right; None where there are none that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            return None, _NEVER
        cards = tuple(from_json(card) for card in content["devices"])
        return Kept(cards, str(content["stamp"])), datetime.fromisoformat(content["at"])
    except FileNotFoundError:
        return None, _NEVER
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("%s cannot be read and will be made again: %s", path, error)
        return None, _NEVER


def write_file(path: Path, kept: Kept, at: datetime) -> None:
    """Keep cards, all of them or none; a full disk must not stop the service."""
    content = {"format": FORMAT, "at": at.isoformat(), "stamp": kept.stamp}
    text = json.dumps({**content, "devices": [to_json(card) for card in kept.cards]}, ensure_ascii=False)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with open(fresh, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except OSError as error:
        _log.error("%s cannot be written: %s", path, error)
