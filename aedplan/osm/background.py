"""What makes a county recognisable on a map: its water, its green and its names, from an OpenStreetMap file.

For the eye alone: shapes are merged and simplified, small ones left out, and no figure comes from them. Sources:
OpenStreetMap wiki, "Key:natural", "Key:waterway", "Key:landuse", "Key:leisure", "Key:place" and "Multilingual names".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..coordinates import local_crs, project, unproject
from .osm import in_order

SIMPLIFY_WATER_M = 2.0
SIMPLIFY_GREEN_M = 5.0
SIMPLIFY_ROAD_M = 1.0
ROUGH_M = 1.0
"""Before merging, which is what takes the time."""

SMALLEST_WATER_M2 = 300.0
SMALLEST_GREEN_M2 = 2_000.0
"""Smaller areas, and smaller holes in areas, are a speck on a map of a county."""

RIVER_WIDTH_M = 10.0
"""Drawn for a river that is mapped as a line without its width."""

WIDE_CANAL_M = 8.0
"""Canals narrower than this are ditches on a map of a county."""

NAME_EVERY_M = 1_200.0
"""A street or river is named again after about this way."""

SHORTEST_NAMED_M = 100.0
"""Shorter pieces of streets and rivers have no room for a name."""

LONGEST_NAME = 32
"""Letters; what is longer is a description, and would cover the map."""

NAMES_FROM_ZOOM = {
    "town": 8.0, "suburb": 12.0, "village": 11.0, "water": 12.0, "hamlet": 13.5, "street": 14.0, "park": 14.5,
    "lane": 16.5, "estate": 16.0,
}  # fmt: skip
"""What has a name on the map, the most telling first, and the zoom from which it is shown as far as it has room."""

NAME_KINDS = tuple(NAMES_FROM_ZOOM)

_PLACES = {
    "city": "town", "town": "town", "suburb": "suburb", "borough": "suburb", "quarter": "suburb", "village": "village",
    "hamlet": "hamlet", "neighbourhood": "hamlet", "island": "hamlet",
}  # fmt: skip
_STREETS = {
    "trunk": "street", "primary": "street", "secondary": "street", "tertiary": "lane", "pedestrian": "lane",
    "unclassified": "lane", "residential": "lane", "living_street": "lane",
}  # fmt: skip
_ROADS = {
    **dict.fromkeys(("motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link"), "major"),
    **dict.fromkeys(("secondary", "secondary_link", "tertiary", "tertiary_link"), "medium"),
}
"""Roads by which a county is known from afar; all other ways are drawn from the streets that are walked."""

_AREAS = {
    "water": {("natural", "water"), ("waterway", "riverbank"), ("landuse", "reservoir"), ("landuse", "basin")},
    "park": {("leisure", "park"), ("leisure", "golf_course"), ("landuse", "cemetery")},
    "green": {
        *(("natural", value) for value in ("wood", "scrub", "grassland", "heath")),
        *(("landuse", value) for value in ("forest", "grass", "meadow", "orchard", "vineyard", "village_green")),
        *(("leisure", value) for value in ("garden", "common")),
    },
    "estate": {("landuse", "residential"), ("place", "square")},
}
"""What areas are on the map, by their tags; the first that fits. Estates and squares give their names only."""


@dataclass(frozen=True)
class Name:
    """A name and where it stands.

    zh, en  the same where the map knows one name only
    kind    one of NAME_KINDS
    place   WGS-84 longitude, latitude of its middle; metres while it is being made
    turn    degrees clockwise by which it leans with its street or river; 0 for places
    weight  what comes first among names of a kind: area or length in metres
    """

    zh: str
    en: str
    kind: str
    place: tuple[float, float]
    turn: int = 0
    weight: int = 0


@dataclass(frozen=True)
class Background:
    """What lies under the streets of a map.

    water, green  (n,) shapely polygons in WGS-84 degrees; those of one kind do not overlap
    names         the most telling first
    roads         by kind, "major" and "medium": (n,) shapely lines in WGS-84 degrees
    """

    water: np.ndarray
    green: np.ndarray
    names: tuple[Name, ...]
    roads: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class _Thing:
    """A mapped area, line or point: what it is on the map, its tags, and its shape in metres."""

    kind: str
    tags: Mapping[str, str]
    shape: Any


def read_osm_background(path: Path, *, within: np.ndarray) -> Background:
    """Water, green and names of a file.

    within  (4,) west, south, east, north in WGS-84 degrees; shapes are cut at it

    Raises InputError when the file cannot be read. A file that maps none of it gives an empty background.
    """
    import shapely

    crs = local_crs(within.reshape(2, 2))
    box = shapely.box(*project(within.reshape(2, 2), crs).ravel())
    with in_order(path) as file:
        areas = _near(_read_areas(file), crs, box)
        things = _near(_read_lines_and_places(file), crs, box)
    water = [thing.shape for thing in areas if thing.kind == "water"]
    green = [thing.shape for thing in areas if thing.kind in ("park", "green")]
    names = [*_name_spots(things), *_name_lines(things), *_name_areas(areas)]
    names = [name for name in names if shapely.intersects_xy(box, *name.place)]
    return Background(
        water=_in_degrees(_merge([*water, *_bands(things, water)], box, SIMPLIFY_WATER_M, SMALLEST_WATER_M2), crs),
        green=_in_degrees(_merge(green, box, SIMPLIFY_GREEN_M, SMALLEST_GREEN_M2), crs),
        names=_on_map(_told_apart(names), crs),
        roads={kind: _in_degrees(lines, crs) for kind, lines in _roads(things, box).items()},
    )


def _read_areas(path: Path) -> Iterator[_Thing]:
    """Closed ways and multipolygons that are water, green, or an estate or square with a name; in degrees, as WKB."""
    import osmium

    factory = osmium.geom.WKBFactory()
    wanted = osmium.filter.TagFilter(*sorted(pair for pairs in _AREAS.values() for pair in pairs))
    stream: Any = osmium.FileProcessor(str(path)).with_areas(wanted)
    for area in stream.with_filter(osmium.filter.EntityFilter(osmium.osm.AREA)).with_filter(wanted):
        tags = {tag.k: tag.v for tag in area.tags}
        kind = next(kind for kind, pairs in _AREAS.items() if not pairs.isdisjoint(tags.items()))
        if area.num_rings()[0] and (kind != "estate" or "name" in tags):
            yield _Thing(kind, tags, factory.create_multipolygon(area))


def _read_lines_and_places(path: Path) -> Iterator[_Thing]:
    """Rivers, named streets and named places; in degrees, as WKB."""
    import osmium
    import shapely

    stream: Any = osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations()
    for thing in stream.with_filter(osmium.filter.KeyFilter("place", "highway", "waterway")):
        tags = {tag.k: tag.v for tag in thing.tags}
        kind = _PLACES.get(tags.get("place", ""), "") if thing.is_node() else _line_kind(tags)
        if not kind or (kind != "water" and "name" not in tags and tags.get("highway") not in _ROADS):
            continue
        nodes = [thing] if thing.is_node() else thing.nodes
        known = [(node.location.lon, node.location.lat) for node in nodes if node.location.valid()]
        if len(known) > 1:
            yield _Thing(kind, tags, shapely.to_wkb(shapely.LineString(known)))
        elif known and thing.is_node():
            yield _Thing(kind, tags, shapely.to_wkb(shapely.Point(known[0])))


def _line_kind(tags: Mapping[str, str]) -> str:
    """water for rivers and wide canals that lie open, street, lane or road for streets, nothing for all else."""
    flow = tags.get("waterway")
    if flow in ("river", "canal"):
        open_to_sky = tags.get("tunnel", "no") == "no"
        return "water" if open_to_sky and (flow == "river" or _width_m(tags) >= WIDE_CANAL_M) else ""
    way = tags.get("highway", "") if tags.get("area") != "yes" else ""
    return _STREETS.get(way, "road" if way in _ROADS else "")


def _width_m(tags: Mapping[str, str]) -> float:
    """The mapped width; RIVER_WIDTH_M for a river and 0 for a canal where it is not a plain number of metres."""
    said = tags.get("width", "").removesuffix("m").strip()
    if said.replace(".", "", 1).isdecimal():
        return float(said)
    return RIVER_WIDTH_M if tags.get("waterway") == "river" else 0.0


def _near(things: Iterable[_Thing], crs: str, box: Any) -> list[_Thing]:
    """Those that touch the box, with their shapes in metres."""
    import shapely

    things = list(things)
    shapes = shapely.from_wkb(np.array([thing.shape for thing in things], dtype=object))
    shapes = shapely.transform(shapes, lambda lonlat: project(lonlat, crs))
    return [replace(things[i], shape=shapes[i]) for i in np.flatnonzero(shapely.intersects(shapes, box)).tolist()]


def _bands(things: list[_Thing], water: list[Any]) -> list[Any]:
    """Rivers that are mapped as lines, as wide as they are.

    Where an area is mapped too it tells more: the line would lead over its islands.
    """
    import shapely

    parts = shapely.get_parts(shapely.union_all(shapely.make_valid(np.array(water, dtype=object))))
    outer = [shapely.Polygon(part.exterior) for part in parts if part.geom_type == "Polygon"]
    mapped = shapely.union_all(np.array(outer, dtype=object))
    rivers = [thing for thing in things if thing.kind == "water"]
    return [thing.shape.difference(mapped).buffer(_width_m(thing.tags) / 2, quad_segs=2) for thing in rivers]


def _roads(things: list[_Thing], box: Any) -> dict[str, np.ndarray]:
    """The larger roads by kind, those that meet as one line, cut at the box and simplified."""
    import shapely

    kinds: dict[str, list[Any]] = {}
    for thing in things:
        kind = _ROADS.get(thing.tags.get("highway", ""))
        if kind and thing.kind != "water" and thing.shape.geom_type == "LineString":
            kinds.setdefault(kind, []).append(thing.shape)
    return {
        kind: shapely.simplify(shapely.get_parts(shapely.line_merge(_within(lines, box))), SIMPLIFY_ROAD_M)
        for kind, lines in sorted(kinds.items())
    }


def _within(lines: list[Any], box: Any) -> Any:
    """What of some lines lies in a box, as one multi-line."""
    import shapely

    parts = shapely.get_parts(shapely.intersection(np.array(lines, dtype=object), box))
    return shapely.multilinestrings(parts[shapely.get_dimensions(parts) == 1])


def _merge(shapes: list[Any], box: Any, simplify_m: float, smallest_m2: float) -> np.ndarray:
    """Polygons that cover the same ground without overlapping, simplified, without specks and pinholes.

    A river mapped in pieces becomes one: the edges they share would show as hairs on the map.
    """
    import shapely

    rough = shapely.simplify(np.array(shapes, dtype=object), ROUGH_M, preserve_topology=False)
    whole = shapely.disjoint_subset_union_all(shapely.make_valid(rough))
    parts = shapely.simplify(shapely.get_parts(shapely.intersection(whole, box)), simplify_m)
    large = parts[(shapely.get_dimensions(parts) == 2) & (shapely.area(parts) >= smallest_m2)]
    return np.array([_without_pinholes(part, smallest_m2) for part in large], dtype=object)


def _in_degrees(shapes: np.ndarray, crs: str) -> np.ndarray:
    import shapely

    return np.asarray(shapely.transform(shapes, lambda xy: unproject(xy, crs)), dtype=object)


def _without_pinholes(polygon: Any, smallest_m2: float) -> Any:
    import shapely

    holes = [ring for ring in polygon.interiors if shapely.Polygon(ring).area >= smallest_m2]
    return shapely.Polygon(polygon.exterior, holes)


def _named(thing: _Thing, place: Any, *, turn: int = 0, weight: float = 0.0) -> Name:
    """The name of a thing, in Chinese and in English where the map has them."""
    own = _plain(thing.tags.get("name", ""))
    zh, en = (_plain(thing.tags.get(f"name:{tongue}", "")) or own for tongue in ("zh", "en"))
    return Name(zh, en, thing.kind, (float(place.x), float(place.y)), turn, round(weight))


def _plain(text: str) -> str:
    """A name on one line; nothing where it is too long, or holds characters that do not print or turn the text round."""
    text = " ".join(text.split())
    return text if text.isprintable() and len(text) <= LONGEST_NAME else ""


def _name_spots(things: list[_Thing]) -> list[Name]:
    return [_named(thing, thing.shape) for thing in things if thing.shape.geom_type == "Point"]


def _name_areas(areas: list[_Thing]) -> list[Name]:
    """Names of water, parks and estates, inside them."""
    named = [thing for thing in areas if thing.kind != "green"]
    return [_named(thing, thing.shape.representative_point(), weight=thing.shape.area**0.5) for thing in named]


def _name_lines(things: list[_Thing]) -> list[Name]:
    """Names of rivers and streets, again and again along them; ways of one name that meet are one line."""
    import shapely

    whole: dict[tuple[str, str], list[_Thing]] = {}
    for thing in things:
        if "name" in thing.tags and thing.kind != "road" and thing.shape.geom_type == "LineString":
            whole.setdefault((thing.kind, thing.tags["name"]), []).append(thing)
    names = []
    for parts in whole.values():
        lines = shapely.get_parts(shapely.line_merge(shapely.multilinestrings([part.shape for part in parts])))
        best = max(parts, key=lambda part: len(part.tags))  # only some ways of a long river tell its other names
        names += [name for line in lines for name in _name_line(replace(best, shape=line))]
    return names


def _name_line(thing: _Thing) -> list[Name]:
    """One name in the middle of a line, or several at equal distances, each leaning with the line around it."""
    length = thing.shape.length
    if length < SHORTEST_NAMED_M:
        return []
    count = max(1, round(length / NAME_EVERY_M))
    names = []
    for middle in ((index + 0.5) * length / count for index in range(count)):
        before, after = (thing.shape.interpolate(middle + step) for step in (-50.0, 50.0))
        east, north = after.x - before.x, after.y - before.y
        turn = -round(float(np.degrees(np.arctan2(north, east))))
        upright = (turn + 90) % 180 - 90
        names.append(_named(thing, thing.shape.interpolate(middle), turn=upright, weight=length))
    return names


def _told_apart(names: list[Name]) -> list[Name]:
    """The most telling first; what is empty, or an area called like its river or like a larger one, is left out."""
    ranked = sorted(names, key=lambda name: (NAME_KINDS.index(name.kind), -name.weight, name.zh, name.place))
    lines = {(name.zh, name.kind) for name in ranked if name.turn}
    kept: dict[object, Name] = {}
    for name in ranked:
        spot = name.place if name.turn or name.kind in ("street", "lane") else None
        if name.zh and (spot or (name.zh, name.kind) not in lines):
            kept.setdefault((name.zh, name.kind, spot), name)
    return list(kept.values())


def _on_map(names: list[Name], crs: str) -> tuple[Name, ...]:
    if not names:
        return ()
    lonlat = unproject(np.array([name.place for name in names]), crs).round(6).tolist()
    return tuple(replace(name, place=(lon, lat)) for name, (lon, lat) in zip(names, lonlat, strict=True))
