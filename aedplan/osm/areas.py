"""Named areas of an OpenStreetMap file: towns, communities and the grounds of schools, from relations and closed ways."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..source import OPENSTREETMAP, Source, sha256
from .osm import in_order

LEVELS = {"county": 6, "town": 8, "community": 10}
"""admin_level of China's divisions: 6 counties, 8 townships and streets, 10 villages and communities
(https://wiki.openstreetmap.org/wiki/Tag:boundary=administrative)."""


def read_osm_areas(path: str | Path, *, level: str | int) -> tuple[list[str], list[str], list[Any], Source]:
    """Names, codes, shapes (WGS-84) and the source of the areas of one level, by name.

    level  a key of LEVELS, another admin_level such as 7, or "school"

    None at all where the file maps no such area. Raises InputError when the file cannot be read.
    """
    import shapely

    path = Path(path)
    found = {}
    with in_order(path) as file:
        for id, tags, shape in _read_areas(file, level):
            found[id] = (tags["name"], tags.get("ref:admin") or tags.get("ref") or "", shapely.from_wkb(shape))
    areas = sorted(found.values(), key=lambda area: (area[0], area[1], area[2].bounds))
    names, codes, shapes = [area[0] for area in areas], [area[1] for area in areas], [area[2] for area in areas]
    return names, codes, shapes, Source(OPENSTREETMAP.name, OPENSTREETMAP.licence, path.name, sha256(path))


def _read_areas(path: Path, level: str | int) -> Iterator[tuple[int, dict[str, str], str]]:
    """Number, tags and shape (WKB) of each named area of a level whose outline is closed in the file."""
    import osmium

    school = level == "school"
    wanted = [("amenity", "school")] if school else [("boundary", "administrative")]
    admin = str(LEVELS.get(str(level), level))
    factory = osmium.geom.WKBFactory()
    stream: Any = osmium.FileProcessor(str(path)).with_areas(osmium.filter.TagFilter(*wanted))
    areas = stream.with_filter(osmium.filter.EntityFilter(osmium.osm.AREA)).with_filter(
        osmium.filter.TagFilter(*wanted)
    )
    for area in areas:
        tags = {tag.k: tag.v for tag in area.tags}
        if "name" in tags and area.num_rings()[0] and (school or tags.get("admin_level") == admin):
            yield area.id, tags, factory.create_multipolygon(area)
