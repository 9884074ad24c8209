"""Places that people know by name, for who cannot or will not share a position: towns, villages, streets, venues.

From the names on the plan's map (`background.gpkg`), the plan's sites and the devices of the public list; the database is
not asked.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from aedplan import InputError

from .bodies import Body, json_body
from .initials import initials

if TYPE_CHECKING:
    from .public.now import PublicNow
    from .published import Published

MOST = 1500
"""About 35 kB as they are sent; the most telling first."""

KINDS = {
    "town": "town", "suburb": "town", "village": "village", "hamlet": "village", "estate": "compound", "park": "scenic",
    "street": "street", "lane": "street",
}  # fmt: skip
"""What is told of the names on a map, the most telling first; rivers are no place to stand at."""

_QUERY = "SELECT geom, zh, en, kind FROM names ORDER BY weight DESC, fid"


@dataclass(frozen=True)
class Spot:
    """A named place in WGS-84 degrees; `name_en` and `town` are "" where not known."""

    name: str
    name_en: str
    kind: str
    town: str
    lon: float
    lat: float


def read_names(path: Path) -> tuple[Spot, ...]:
    """The names on a plan's map, the most telling first; none where there is no such file or layer.

    Raises InputError when the file holds something else.
    """
    if not path.exists():
        return ()
    try:
        # read by SQLite itself: the libraries for GIS files would stay in memory for ever
        file = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            known = file.execute("SELECT 1 FROM gpkg_contents WHERE table_name = 'names'").fetchone()
            rows = file.execute(_QUERY).fetchall() if known else []
        finally:
            file.close()
        found = [_named(*row) for row in rows if row[3] in KINDS]
    except (sqlite3.Error, TypeError, ValueError) as error:
        raise InputError(
            f"{path}: has no names that can be read ({error}); expected what `aedplan plan` writes"
        ) from error
    order = list(dict.fromkeys(KINDS.values()))
    return tuple(sorted(found, key=lambda spot: order.index(spot.kind)))


def _named(geometry: bytes, zh: str, en: str, kind: str) -> Spot:
    lon, lat = np.frombuffer(geometry[-16:], dtype="<f8").tolist()  # a point ends with its x and y
    return Spot(zh, "" if en == zh else en, KINDS[kind], "", round(lon, 6), round(lat, 6))


def places_body(published: "Published", public: "PublicNow") -> Body:
    """All places with their pinyin initials, as they are sent."""
    return _body(tuple(list_places(published, public)))


@lru_cache(maxsize=2)
def _body(spots: tuple[Spot, ...]) -> Body:
    told = [{**vars(spot), "initials": initials(spot.name)} for spot in spots]
    return json_body({"places": told}, "application/json")


def list_places(published: "Published", public: "PublicNow") -> list[Spot]:
    """Towns first, then villages, devices' and sites' places, then other names; each name of a town once."""
    devices = [
        Spot(device.label, "", device.kind, device.town, round(device.lon, 6), round(device.lat, 6))
        for device in public.devices
    ]
    sites = [
        Spot(site.label, "", site.kind, "", round(site.lon, 6), round(site.lat, 6))
        for site in (*published.devices, *published.proposed)
    ]
    settled = [spot for spot in published.names if spot.kind in ("town", "village")]
    others = [spot for spot in published.names if spot.kind not in ("town", "village")]
    mapped = {spot.name for spot in settled}
    towns = [town for town in _towns(devices) if town.name not in mapped]
    return _once([*towns, *settled, *devices, *sites, *others])[:MOST]


def _towns(devices: Sequence[Spot]) -> list[Spot]:
    """The towns that devices hang in, each in their middle."""
    found: dict[str, list[Spot]] = {}
    for device in devices:
        if device.town:
            found.setdefault(device.town, []).append(device)
    return [_middle(town, there) for town, there in found.items()]


def _middle(town: str, there: Sequence[Spot]) -> Spot:
    lon, lat = np.mean([(spot.lon, spot.lat) for spot in there], axis=0).round(6).tolist()
    return Spot(town, "", "town", "", lon, lat)


def _once(spots: Iterable[Spot]) -> list[Spot]:
    """The first of each name in a town; a name without a town gives way to one that has it."""
    found: dict[tuple[str, str], Spot] = {}
    named: set[str] = set()
    for spot in spots:
        if spot.town or spot.name not in named:
            found.setdefault((spot.name, spot.town), spot)
        named.add(spot.name)
    return list(found.values())
