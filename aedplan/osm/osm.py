"""The only door to OpenStreetMap: walking streets, buildings, venues and mapped devices of an area.

Files are `.osm.pbf`, `.osm`, `.osm.gz` or `.osm.bz2` and are streamed: nothing but what is asked for is kept. What can
be walked is decided by `aedplan.walking`, what a building or a venue is by the tables of `buildings` and `venues`. Live
data and graphs come through OSMnx, in `graphs`.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ..checks import read_only
from ..coordinates import local_crs, project
from ..errors import InputError, raise_faults
from ..network import StreetNetwork, build
from ..people.buildings import SMALLEST_M2, Buildings, building_kind, building_levels
from ..sites import KINDS_ZH, Sites
from ..source import OPENSTREETMAP, Source, sha256
from ..venues import VENUE_KEYS, device_label, same_places, venue_kind, venue_label
from ..walking import WAY_KEYS, passable, walkable
from .graphs import fetch_streets, read_graphml_streets

__all__ = [
    "fetch_streets",
    "is_osm_file",
    "osm_source",
    "read_graphml_streets",
    "read_osm_buildings",
    "read_osm_devices",
    "read_osm_streets",
    "read_osm_venues",
]

SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
SYNTHETIC_NAME = "aedplan demo county (synthetic)"
_TYPES = "nwr"
_DRAWN = 2**40  # far above every id of OpenStreetMap
_NOWHERE = 2**31 - 1  # osmium's coordinate of a node that is not in the file
_UNITS_PER_DEGREE = 1e7  # osmium keeps whole units of 1e-7 degree


def is_osm_file(path: Path) -> bool:
    """Whether a file name says that it holds OpenStreetMap data."""
    return path.name.lower().endswith(SUFFIXES)


def read_osm_streets(path: Path) -> StreetNetwork:
    """The walking streets of an OpenStreetMap file.

    Raises InputError when the file is missing, damaged, of another format, or holds nothing that can be walked.
    """
    source = osm_source(path)
    with in_order(path) as ordered:
        refs, units, sizes, kinds, blocked = _collect_ways(ordered)
    vertex, where, number = np.unique(refs, return_index=True, return_inverse=True)
    known = units[:, 0] != _NOWHERE
    ways, of_way = _split_ways(number, known, sizes)
    if not ways:
        raise InputError(f"{path.name}: no walkable street in it; expected ways with highway=* open to walkers")
    barred = np.flatnonzero(np.isin(vertex, np.array(blocked, dtype=np.int64))).tolist()
    # a vertex whose position is unknown is in no way; it still needs a number, and stands at 0, 0
    lonlat = np.where(known[:, None], units, 0)[where] / _UNITS_PER_DEGREE
    return build(lonlat, ways, way_kind=[kinds[way] for way in of_way], blocked=barred, source=source)


def _collect_ways(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[int], list[int]]:
    """One pass over nodes and ways.

    Returns the node ids of all walkable ways in a row (R,), their positions in osmium units (R, 2) with _NOWHERE where
    the file lacks the node, the number of nodes of each way (W,), its kind (W,), and the ids of blocked nodes.
    """
    refs: list[int] = []
    units: list[int] = []
    sizes: list[int] = []
    kinds: list[int] = []
    blocked: list[int] = []
    for thing in _walks_and_barriers(path):
        tags = {tag.k: tag.v for tag in thing.tags}
        if thing.is_node():
            if not passable(tags):
                blocked.append(thing.id)
        elif (kind := walkable(tags)) is not None:
            nodes = list(thing.nodes)
            refs += [node.ref for node in nodes]
            units += [value for node in nodes for value in (node.x, node.y)]
            sizes.append(len(nodes))
            kinds.append(kind)
    position = np.array(units, dtype=np.int64).reshape(-1, 2)
    return np.array(refs, dtype=np.int64), position, np.array(sizes, dtype=np.int64), kinds, blocked


def _walks_and_barriers(path: Path) -> Iterator[Any]:
    """The nodes with a barrier and the ways that might be walked; untagged nodes never reach Python."""
    import osmium

    barriers, ways = osmium.filter.KeyFilter("barrier"), osmium.filter.KeyFilter(*WAY_KEYS)
    barriers.enable_for(osmium.osm.NODE)
    ways.enable_for(osmium.osm.WAY)
    stream = osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations()
    return iter(stream.with_filter(barriers).with_filter(ways))


def _split_ways(number: np.ndarray, known: np.ndarray, sizes: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Cut ways where a node's position is unknown.

    number (R,) vertices of all ways in a row; known (R,) bool; sizes (W,) vertices of each way

    Returns the pieces of two vertices and more, and for each the way it comes from.
    """
    of_way = np.repeat(np.arange(len(sizes)), sizes)
    piece = np.cumsum(np.diff(of_way, prepend=-1).astype(bool) | ~known)[known]
    cuts = np.flatnonzero(np.diff(piece)) + 1
    pieces = np.split(number[known], cuts) if known.any() else []
    first = of_way[known][np.concatenate([[0], cuts])] if known.any() else np.zeros(0, dtype=np.int64)
    long = [index for index, vertices in enumerate(pieces) if len(vertices) > 1]
    return [pieces[index] for index in long], first[long]


def osm_source(path: Path) -> Source:
    """The credit of an OpenStreetMap file, from its name, content and header.

    Raises InputError when it is missing or not of a known format.
    """
    import osmium

    if not path.is_file():
        raise InputError(f"{path.name}: no such file; expected OpenStreetMap data ({', '.join(SUFFIXES)})")
    if not is_osm_file(path):
        raise InputError(f"{path.name}: not an OpenStreetMap file by its name; expected one of {', '.join(SUFFIXES)}")
    if not path.stat().st_size:
        raise InputError(f"{path.name}: the file is empty; expected OpenStreetMap data")
    with _reading(path), osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
        synthetic = "synthetic" in reader.header().get("generator", "").lower()
    source = replace(OPENSTREETMAP, file=path.name, sha256=sha256(path))
    return replace(source, name=SYNTHETIC_NAME, licence="", synthetic=True) if synthetic else source


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn osmium's complaints about a damaged file into one that names the file."""
    try:
        yield
    except (RuntimeError, EOFError) as error:  # osmium raises plain RuntimeError for every fault of a file
        fault = f"{path.name}: cannot be read as OpenStreetMap data ({error}); expected a whole file"
        raise InputError(fault) from error


@contextmanager
def in_order(path: Path) -> Iterator[Path]:
    """The same content with nodes before ways, as streaming needs: the file itself, or a temporary copy.

    Downloads from Overpass list ways first, and drawings not yet uploaded have negative ids, which osmium cannot look
    up; in the copy these are _DRAWN + 1, _DRAWN + 2 ...
    """
    with _reading(path):
        state = path.stat() if path.exists() else None
        if path.name.lower().endswith(".pbf") or _is_ordered(path, state and (state.st_mtime_ns, state.st_size)):
            yield path
            return
        with TemporaryDirectory() as folder:
            copy = Path(folder) / "ordered.osm.pbf"
            _write_ordered(path, copy)
            yield copy


@lru_cache(maxsize=8)
def _is_ordered(path: Path, state: tuple[int, int] | None) -> bool:
    """Whether nodes, ways and relations follow each other, all with ids above 0.

    state  of the file, so that the answer is remembered until it changes: a study reads the same file several times
    """
    import osmium

    last = 0
    for thing in osmium.FileProcessor(str(path)):
        rank = _TYPES.index(thing.type_str())
        if rank < last or thing.id < 0:
            return False
        last = rank
    return True


def _write_ordered(path: Path, copy: Path) -> None:
    import osmium

    thing: Any
    with osmium.SimpleWriter(str(copy)) as writer:
        for entity in (osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION):
            for thing in osmium.FileProcessor(str(path), entity):
                writer.add(thing.replace(**_renumbered(thing)))


def _renumbered(thing: Any) -> dict[str, object]:
    """The id of a thing and those it refers to, all above 0."""
    change: dict[str, object] = {"id": _positive(thing.id)}
    if thing.is_way():
        change["nodes"] = [_positive(node.ref) for node in thing.nodes]
    elif thing.is_relation():
        change["members"] = [(member.type, _positive(member.ref), member.role) for member in thing.members]
    return change


def _positive(id: int) -> int:
    return id if id >= 0 else _DRAWN - id


def _mapped_id(kind: str, id: int) -> str:
    """`node/1`, `way/2`, `relation/3`; the id of a drawing not yet uploaded is negative, as in its file."""
    return f"{kind}/{_DRAWN - id if id > _DRAWN else id}"


@dataclass(frozen=True)
class _Places:
    """n mapped points and areas: id, tags, and shapely shapes in longitude, latitude."""

    id: list[str]
    tags: list[dict[str, str]]
    shape: np.ndarray

    def take(self, keep: Sequence[int]) -> "_Places":
        """Some of the places, by number."""
        shape = self.shape[np.array(keep, dtype=np.int64)]
        return _Places([self.id[i] for i in keep], [self.tags[i] for i in keep], shape)


def _read_places(path: Path, wanted: Any, *, nodes: bool = True) -> _Places:
    """The nodes, closed ways and multipolygon relations that pass a filter of osmium.

    Areas whose outline is broken, and nodes without a position, are left out.
    """
    import osmium
    import shapely

    places, shapes = _Places([], [], np.zeros(0)), []
    factory = osmium.geom.WKBFactory()
    entities = osmium.filter.EntityFilter(osmium.osm.NODE | osmium.osm.AREA if nodes else osmium.osm.AREA)
    thing: Any
    with in_order(path) as ordered:
        stream = osmium.FileProcessor(str(ordered)).with_areas(wanted)
        for thing in stream.with_filter(entities).with_filter(wanted):
            is_node = thing.is_node()
            if not (thing.location.valid() if is_node else thing.num_rings()[0]):
                continue
            shapes.append(factory.create_point(thing) if is_node else factory.create_multipolygon(thing))
            kind = "node" if is_node else "way" if thing.from_way() else "relation"
            places.id.append(_mapped_id(kind, thing.id if is_node else thing.orig_id()))
            places.tags.append({tag.k: tag.v for tag in thing.tags})
    return replace(places, shape=np.asarray(shapely.from_wkb(np.array(shapes, dtype=object))))


def _in_metres(shapes: np.ndarray) -> np.ndarray:
    """Shapes in the metres of a local system."""
    import shapely

    crs = local_crs(shapely.get_coordinates(shapes))
    return np.asarray(shapely.transform(shapes, lambda lonlat: project(lonlat, crs)))


def _centres(shapes: np.ndarray) -> np.ndarray:
    """(n, 2) longitude, latitude of the middle of each shape."""
    import shapely

    return np.asarray(shapely.get_coordinates(shapely.centroid(shapes)))


def read_osm_buildings(path: Path) -> Buildings:
    """The buildings of a file in which people live, work or meet, with their floor area.

    Raises InputError when the file cannot be read or maps no such building.
    """
    import osmium
    import shapely

    source = osm_source(path)
    places = _read_places(path, osmium.filter.KeyFilter("building"), nodes=False)
    kinds = [building_kind(tags) for tags in places.tags]
    footprint = shapely.area(_in_metres(places.shape)) if kinds else np.zeros(0)
    keep = [i for i, kind in enumerate(kinds) if kind and footprint[i] >= SMALLEST_M2]
    if not keep:
        raise InputError(f"{path.name}: no building with people in it; expected building=* on closed ways")
    kind = tuple(str(kinds[i]) for i in keep)
    places = places.take(keep)
    levels = np.array([building_levels(tags, name) for tags, name in zip(places.tags, kind, strict=True)])
    lonlat = read_only(_centres(places.shape))
    return Buildings(lonlat, read_only(footprint[keep] * levels), kind, tuple(places.id), source)


def read_osm_devices(path: Path) -> Sites:
    """The mapped AEDs of a file, all standing; none is an answer too, since few counties are mapped.

    Raises InputError when the file cannot be read.
    """
    import osmium

    source = osm_source(path)
    places = _read_places(path, osmium.filter.TagFilter(("emergency", "defibrillator")))
    return Sites(
        lonlat=_centres(places.shape),
        id=tuple(places.id),
        label=tuple(device_label(tags, id) for tags, id in zip(places.tags, places.id, strict=True)),
        hours=tuple(tags.get("opening_hours", "") for tags in places.tags),
        standing=np.ones(len(places.id), dtype=bool),
        where=tuple(f"{path.name}, {id}" for id in places.id),
        source=(source,),
    )


def read_osm_venues(path: Path, *, kinds: Sequence[str] | None = None, only_with_hours: bool = False) -> Sites:
    """The mapped places of a file that can hold a device, by `venues.VENUES`; a place mapped twice is one site.

    kinds            keys of sites.KINDS_ZH; None for all
    only_with_hours  leave out places whose opening hours are not mapped

    Raises InputError when the file cannot be read, a kind is not known, or nothing is found.
    """
    wanted = set(KINDS_ZH if kinds is None else kinds)
    raise_faults(f"kind {kind!r} is not known; known: {', '.join(KINDS_ZH)}" for kind in sorted(wanted - set(KINDS_ZH)))
    found = find_osm_venues(path, wanted, only_with_hours=only_with_hours)
    if found is None:
        raise InputError(f"{path.name}: no venue of the kinds {', '.join(sorted(wanted))} in it; expected at least one")
    return found


def find_osm_venues(
    path: Path, wanted: Collection[str] = tuple(KINDS_ZH), *, only_with_hours: bool = False
) -> Sites | None:
    """As `read_osm_venues`, for a file that need not map any; None where it maps none.

    wanted  keys of sites.KINDS_ZH

    Raises InputError when the file cannot be read.
    """
    import osmium

    source = osm_source(path)
    places = _read_places(path, osmium.filter.KeyFilter(*VENUE_KEYS))
    found = [venue_kind(tags) for tags in places.tags]
    places = places.take([i for i, kind in enumerate(found) if kind in wanted])
    kind = [name for name in found if name is not None and name in wanted]
    hours = [tags.get("opening_hours", "") for tags in places.tags]
    keep = _merge_twins(places, kind, hours) if kind else []
    keep = [i for i in keep if hours[i] or not only_with_hours]
    if not keep:
        return None
    places, kind, hours = places.take(keep), [kind[i] for i in keep], [hours[i] for i in keep]
    return Sites(
        lonlat=_centres(places.shape),
        id=tuple(places.id),
        label=tuple(venue_label(tags, name, id) for tags, name, id in zip(places.tags, kind, places.id, strict=True)),
        kind=tuple(kind),
        hours=tuple(hours),
        where=tuple(f"{path.name}, {id}" for id in places.id),
        source=(source,),
    )


def _merge_twins(places: _Places, kind: list[str], hours: list[str]) -> list[int]:
    """The places to keep where several are one; a kept one without hours takes, in place, those of its twin."""
    names = [(tags.get("name", ""), name) for tags, name in zip(places.tags, kind, strict=True)]
    same = same_places(_in_metres(places.shape), names)
    for one, kept in enumerate(same.tolist()):
        hours[kept] = hours[kept] or hours[one]
    return np.flatnonzero(same == np.arange(len(same))).tolist()
