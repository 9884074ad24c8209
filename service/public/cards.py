"""What everybody may know of a device, kept apart from the moment: a card holds all that its state follows from.

Cards come from the records, or from the plan where no records are kept. They survive as JSON, so that the last good list
can be served while the database is away.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from aedplan.hours.holidays import YearTable
from aedplan.sites import KINDS_ZH
from aedplan.tables.columns import kind_of, plain

from ..initials import initials
from ..published import Place
from .state import UNCHECKED, Condition, ReadyStep
from .words import Words


@dataclass(frozen=True)
class Card:
    """A device as the public sees it; "" where not known.

    id, code    the code on its sign; of a plan's device the id of its site
    kind        key of aedplan.sites.KINDS_ZH; `kind_zh` its name, or the word the records have
    place_zh    where in the building it hangs: floor and entrance
    checked_on  day of the last look, ISO
    photo       checksum of the kept photo
    """

    id: str
    code: str
    label: str
    kind: str
    kind_zh: str
    lon: float
    lat: float
    condition: Condition
    town: str = ""
    place_zh: str = ""
    place_en: str = ""
    level: str = ""
    access: str = ""
    phone: str = ""
    checked_on: str = ""
    photo: str = ""
    initials: str = ""


def card_of_place(place: Place) -> Card:
    """The card of a plan's standing device: nobody keeps records of it."""
    return Card(
        id=place.id,
        code=place.id,
        label=place.label,
        kind=place.kind,
        kind_zh=place.kind_zh,
        lon=place.lon,
        lat=place.lat,
        condition=Condition(UNCHECKED, None, place.hours),
        initials=initials(place.label),
    )


def kind_words(word: str) -> tuple[str, str]:
    """The kind of venue that a word of the records means, and its Chinese name: the word itself where it is no kind.

    >>> kind_words("小学"), kind_words("hotel"), kind_words("灯塔")
    (('school', '小学'), ('hotel', '酒店'), ('other', '灯塔'))
    """
    kind = kind_of().get(plain(word), "other")
    return kind, KINDS_ZH[kind] if word in ("", kind) else word


_FLOOR = re.compile("楼|层|floor|level", re.IGNORECASE)


def place_words(level: str, text_zh: str, text_en: str) -> Words:
    """Where in a building a device hangs: its floor, unless the words name it, and the words; Chinese where no English is.

    >>> place_words("2", "进门左转", "")
    Words(zh='2 楼 进门左转', en='floor 2, 进门左转')
    >>> place_words("1", "一楼服务台", "desk on the ground floor")
    Words(zh='一楼服务台', en='desk on the ground floor')
    """
    english = text_en or text_zh
    floor = _floor(level)
    parts_zh = [floor.zh] * (not _FLOOR.search(text_zh)) + [text_zh]
    parts_en = [floor.en] * (not _FLOOR.search(english)) + [english]
    return Words(" ".join(filter(None, parts_zh)), ", ".join(filter(None, parts_en)))


def _floor(level: str) -> Words:
    if re.fullmatch("[0-9]{1,3}", level):
        return Words(f"{level} 楼", f"floor {level}")
    if re.fullmatch("-[0-9]{1,2}", level):
        return Words(f"地下 {level[1:]} 层", f"basement {level[1:]}")
    return Words(level, level)


def to_json(card: Card) -> dict[str, Any]:
    """A card as JSON can hold it."""
    condition = card.condition
    steps = [[step.on.isoformat(), step.ready, *step.why] for step in condition.ready]
    taken = condition.taken_at.isoformat() if condition.taken_at else None
    kept = {"ready": steps, "taken_at": taken, "hours": condition.hours, "years": condition.years}
    return asdict(card) | {"condition": kept}


def from_json(given: Mapping[str, Any]) -> Card:
    """A card from JSON.

    Raises KeyError, TypeError or ValueError when it is none.
    """
    kept = given["condition"]
    steps = tuple(ReadyStep(date.fromisoformat(on), ready, Words(zh, en)) for on, ready, zh, en in kept["ready"])
    taken = datetime.fromisoformat(kept["taken_at"]) if kept["taken_at"] else None
    years = tuple((int(year), YearTable(tuple(off), tuple(worked))) for year, (off, worked) in kept.get("years", ()))
    return Card(**{**given, "condition": Condition(steps, taken, str(kept["hours"]), years)})
