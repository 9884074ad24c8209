"""A study as planners edit it: the tables of an aedplan scenario as JSON, its files named by tokens, and places put on the
map by hand. aedplan itself judges the settings; here they become its TOML file.

A token says where a file comes from, such as "upload:ID", "served:streets", "records:devices"; no other file can be named.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aedplan import InputError, Sites, read_sites
from aedplan.hours.texts import understand_hours
from aedplan.outputs import write_csv, write_text
from aedplan.sites import KINDS_ZH

Settings = Mapping[str, Any]

MOST_BYTES = 500_000
DEEPEST = 12
FILE = "scenario.toml"
TOKEN = re.compile(r"(served|records|demo|upload):[\w-]{1,64}")
SHIPPED = re.compile(r"[\w-]{1,64}")
ADDED = {"id", "label", "kind", "lon", "lat", "hours"}
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_KEY = re.compile(r"[a-z][\w]*(\.[\w-]+)*(?=[:\s]|$)")


@dataclass(frozen=True)
class Fault:
    """What is wrong with settings: the key, "" where it is none alone, and aedplan's sentence."""

    key: str
    text: str


@dataclass(frozen=True)
class Head:
    """What a scenario is called; title_en may be ""."""

    name: str
    title_zh: str
    title_en: str = ""


@dataclass(frozen=True)
class Put:
    """A file that was put beside a scenario: its name there, and what a scenario says of it where the planner does not."""

    name: str
    keys: Mapping[str, str]


Putting = Callable[[str, Path], Put]
"""Puts the file of a token into a folder; raises InputError where there is none."""


def kept(settings: Any) -> dict[str, Any]:
    """Settings without what is not given, as the records keep them.

    Raises InputError for what no record can hold: too much, too deep, no plain text or number.
    """
    if not isinstance(settings, dict) or _depth(settings) > DEEPEST:
        raise InputError(f"settings: expected tables, at most {DEEPEST} deep")
    try:
        size = len(json.dumps(settings, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, UnicodeEncodeError) as error:
        raise InputError(f"settings: {error}; expected texts and numbers") from error
    if size > MOST_BYTES or any("\x00" in text for text in _texts(settings)):
        raise InputError(f"settings: expected at most {MOST_BYTES:,} bytes, and no control characters")
    tidy: dict[str, Any] = _given(settings)
    return tidy


def find_faults(settings: Settings, head: Head, put: Putting) -> list[Fault]:
    """All that is wrong with settings; only what can be told without reading the data."""
    from aedplan import Scenario  # reads the kernels, which a start has no use for

    with TemporaryDirectory(prefix="aedplan-study-") as folder:
        try:
            write_scenario(settings, head, Path(folder), put, joined=False)
            Scenario.read(Path(folder) / FILE)
        except InputError as error:
            return [_fault(text) for text in error.faults]
    return []


def write_scenario(settings: Settings, head: Head, folder: Path, put: Putting, *, joined: bool = True) -> None:
    """Write scenario.toml and its files into a folder.

    joined  whether the places put on the map by hand are joined to the candidates, which reads them

    Raises InputError with every fault that can be told before aedplan reads the scenario.
    """
    tables = json.loads(json.dumps({key: value for key, value in settings.items() if key != "added"}))
    faults = [f"{key} is not a setting of a study; expected it left out" for key in _TITLES & tables.keys()]
    for number, slot in enumerate(_slots(tables)):
        faults += _fill(slot, folder / f"files-{number}", put)
    added, wrong = read_added(settings.get("added", []))
    faults += wrong
    if faults:
        raise InputError(*faults)
    if added and joined:
        tables["candidates"] = _join(tables, added, folder)
    titles = {"name": head.name, "title_zh": head.title_zh, "title_en": head.title_en or head.title_zh}
    write_text(folder / FILE, to_toml(titles | tables))


_TITLES = {"name", "title_zh", "title_en"}


@dataclass(frozen=True)
class _Slot:
    """A place in the tables that names a file: `within[key]`; `table` says how the file is to be read."""

    where: str
    within: Any
    key: Any
    table: dict[str, Any] | None = None


def _slots(tables: dict[str, Any]) -> Iterator[_Slot]:
    """Every place that names a file."""
    for role, keys in {"streets": ("file", "osm"), "standing": ("file",), "candidates": ("file",)}.items():
        yield from _named(tables.get(role), role, keys)
    demand = tables.get("demand")
    parts = {"demand": demand}
    if isinstance(demand, dict):
        parts |= {f"demand.{layer}": demand.get(layer) for layer in ("home", "public")}
    for where, part in parts.items():
        yield from _named(part, where, ("file",))
        if isinstance(part, dict):
            yield from _listed(part.get("rasters"), f"{where}.rasters")
            yield from _named(part.get("people"), f"{where}.people", ("file",))
            if isinstance(part.get("people"), str) and part["people"] != "buildings":
                yield _Slot(f"{where}.people", part, "people")
            if isinstance(part.get("incidence"), str) and not SHIPPED.fullmatch(part["incidence"]):
                yield _Slot(f"{where}.incidence", part, "incidence")
    areas = tables.get("areas")
    for level, area in areas.items() if isinstance(areas, dict) else ():
        yield from _named(area, f"areas.{level}", ("file", "codes"))
    names = tables.get("norms")
    for number, name in enumerate(names if isinstance(names, list) else ()):
        if isinstance(name, str) and not SHIPPED.fullmatch(name):
            yield _Slot(f"norms[{number}]", names, number)


def _named(table: Any, where: str, keys: Sequence[str]) -> Iterator[_Slot]:
    if isinstance(table, dict):
        for key in keys:
            if key in table:
                yield _Slot(f"{where}.{key}", table, key, table if key == "file" else None)


def _listed(names: Any, where: str) -> Iterator[_Slot]:
    for number in range(len(names) if isinstance(names, list) else 0):
        yield _Slot(f"{where}[{number}]", names, number)


def _fill(slot: _Slot, folder: Path, put: Putting) -> list[str]:
    """Put the file of a slot in its folder, and its path in the place of the token; what is wrong."""
    token = slot.within[slot.key]
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        return [f"{slot.where} is {token!r}; expected one of the files offered"]
    folder.mkdir()
    try:
        done = put(token, folder)
    except InputError as error:
        return [f"{slot.where}: {fault}" for fault in error.faults]
    slot.within[slot.key] = f"{folder.name}/{done.name}"
    if slot.table is not None:
        slot.table.update({key: value for key, value in done.keys.items() if key == "crs" or key not in slot.table})
    return []


def read_added(given: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """The places put on the map by hand, and what is wrong with them.

    >>> read_added([{"id": "new-1", "lon": 118.39, "lat": 24.96}])
    ([{'id': 'new-1', 'label': 'new-1', 'kind': 'other', 'lon': 118.39, 'lat': 24.96, 'hours': '24/7'}], [])
    """
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        return [], ["added: expected a list of places { id, label, kind, lon, lat, hours }"]
    faults, places = [], []
    for number, one in enumerate(given):
        place = {"id": "", "label": one.get("id"), "kind": "other", "lon": None, "lat": None, "hours": "24/7"} | one
        wrong = _added_faults(place)
        faults += [f"added[{number}]: {fault}" for fault in wrong]
        places.append(place)
    return places, faults


def _added_faults(place: dict[str, Any]) -> list[str]:
    faults = [f"{key} is not known; known: {', '.join(sorted(ADDED))}" for key in sorted(place.keys() - ADDED)]
    if not isinstance(place["id"], str) or not re.fullmatch(r"[\w.:-]{1,60}", place["id"]):
        faults.append(f"id is {place['id']!r}; expected letters, digits, - or _")
    for key, most in (("lon", 180), ("lat", 90)):
        value = place[key]
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        if not number or abs(value) > most:
            faults.append(f"{key} is {value!r}; expected degrees")
    if not isinstance(place["label"], str) or len(place["label"]) > 200:
        faults.append(f"label is {place['label']!r}; expected a short text")
    if place["kind"] not in list(KINDS_ZH):
        faults.append(f"kind is {place['kind']!r}; known: {', '.join(KINDS_ZH)}")
    if not isinstance(place["hours"], str) or (place["hours"] and not understand_hours([place["hours"]])[0].osm):
        faults.append(f'hours is {place["hours"]!r}; expected such as "24/7" or "Mo-Fr 08:00-17:00"')
    return faults


def _join(tables: dict[str, Any], added: list[dict[str, Any]], folder: Path) -> dict[str, str]:
    """The candidates with the places put on the map by hand, as one table; how a scenario names it."""
    given = tables.get("candidates", {})
    if "file" in given:
        how = {key: given[key] for key in ("crs", "columns", "sheet") if key in given}
        sites = read_sites(folder / given["file"], **how)
    else:
        from aedplan.osm.osm import read_osm_venues

        streets = tables.get("streets", {})
        osm = folder / (streets.get("osm") or streets.get("file") or "")
        sites = read_osm_venues(osm, kinds=tuple(given.get("kinds", ())) or None)
    write_sites(folder / "candidates.csv", sites, added)
    credit = {"source": sites.source[0].name, "licence": sites.source[0].licence}
    credit |= {key: given[key] for key in ("source", "licence") if key in given}
    return {"file": "candidates.csv", "crs": "wgs84", **{key: text for key, text in credit.items() if text}}


SITE_HEADER = ("id", "label", "kind", "lon", "lat", "hours", "cost", "town", "ready")


def write_sites(path: Path, sites: Sites, added: Sequence[Mapping[str, Any]] = ()) -> None:
    """Sites as a table that aedplan reads back the same, WGS-84."""
    ready = ["yes" if one else "no" for one in sites.ready.tolist()]
    columns = (
        sites.id,
        sites.label,
        sites.kind,
        *sites.lonlat.T.tolist(),
        sites.hours,
        sites.cost.tolist(),
        sites.town,
    )
    rows = [list(row) for row in zip(*columns, ready, strict=True)]
    usual = float(sites.cost.mean()) if len(sites) else ""
    rows += [[*(one[key] for key in SITE_HEADER[:6]), usual, "", "yes"] for one in added]
    write_csv(path, SITE_HEADER, rows)


def to_toml(tables: Mapping[str, Any]) -> str:
    """Tables as TOML, one heading for each.

    >>> print(to_toml({"name": "a", "plan": {"devices": 2, "quotas": {"school": {"minimum": 1}}}}), end="")
    name = "a"
    <BLANKLINE>
    [plan]
    devices = 2
    quotas = { school = { minimum = 1 } }
    """
    plain = {key: value for key, value in tables.items() if not isinstance(value, dict)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in plain.items()]
    for key, table in tables.items():
        if isinstance(table, dict):
            lines += ["", f"[{_key(key)}]", *(f"{_key(inner)} = {_value(value)}" for inner, value in table.items())]
    return "\n".join(lines) + "\n"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }" if value else "{}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _fault(text: str) -> Fault:
    text = text.removeprefix(f"{FILE}: ")
    key = _KEY.match(text)
    return Fault(key[0] if key else "", text)


def _given(value: Any) -> Any:
    """The same without what is null."""
    if isinstance(value, dict):
        return {key: _given(inner) for key, inner in value.items() if inner is not None}
    return [_given(inner) for inner in value if inner is not None] if isinstance(value, list) else value


def _depth(value: Any) -> int:
    """How deep tables and lists lie in one another, counted level by level."""
    depth, level = 0, [value]
    while level and depth <= DEEPEST:
        depth += 1
        inner = ((one.values() if isinstance(one, dict) else one) for one in level if isinstance(one, (dict, list)))
        level = [value for values in inner for value in values]
    return depth


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def renamed(head: Head, study_id: str) -> Head:
    """The head with a name that a scenario may have."""
    return replace(head, name=f"study-{study_id[-8:]}")
