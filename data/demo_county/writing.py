"""The finished county as files: OpenStreetMap XML and CSV, the same bytes every time."""

import csv
import gzip
import io
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
from shapely import Polygon

from demo_county.frame import EXTENT, County, to_degrees
from demo_county.streetmap import Way, on_grid

GENERATOR = "aedplan data/make_demo_county.py: synthetic, not a real place"


class OsmFile:
    """Nodes and ways in the order they were met; a place on the grid is one node."""

    def __init__(self) -> None:
        self.ids: dict[tuple[float, float], int] = {}
        self.node_tags: dict[int, dict[str, str]] = {}
        self.ways: list[tuple[list[int], dict[str, str]]] = []

    def node(self, xy: tuple[float, float], *, shared: bool = True) -> int:
        """The id of the node at a place; a building's corner is never a node of a street."""
        key = on_grid(xy) if shared else (*on_grid(xy, 0.1), "own")
        return self.ids.setdefault(key, len(self.ids) + 1)

    def way(self, points, tags: dict[str, str], *, shared: bool = True) -> None:
        """A way through points; equal points one after the other are one."""
        ids = [self.node(xy, shared=shared) for xy in points]
        ids = [one for number, one in enumerate(ids) if number == 0 or one != ids[number - 1]]
        if len(ids) > 1:
            self.ways.append((ids, tags))

    def text(self) -> str:
        """The file; way ids follow on from node ids."""
        west, south, east, north = [f"{value:.7f}" for value in to_degrees(np.array(EXTENT).reshape(2, 2)).ravel()]
        lines = [
            "<?xml version='1.0' encoding='UTF-8'?>",
            f'<osm version="0.6" generator="{GENERATOR}">',
            f'<bounds minlat="{south}" minlon="{west}" maxlat="{north}" maxlon="{east}"/>',
        ]
        places = to_degrees(np.array([key[:2] for key in self.ids]))
        # nothing is drawn finer than a tenth of a metre: the seventh decimal would be noise, and a third more bytes
        for number, (lon, lat) in enumerate(places, start=1):
            head = f'<node id="{number}" version="1" lat="{lat:.6f}0" lon="{lon:.6f}0"'
            tags = self.node_tags.get(number)
            lines.append(f"{head}>{tag_text(tags)}</node>" if tags else f"{head}/>")
        for number, (ids, tags) in enumerate(self.ways, start=len(self.ids) + 1):
            refs = "".join(f'<nd ref="{one}"/>' for one in ids)
            lines.append(f'<way id="{number}" version="1">{refs}{tag_text(tags)}</way>')
        return "\n".join([*lines, "</osm>", ""])


def tag_text(tags: dict[str, str]) -> str:
    """The tags of one object, in the order they were given."""
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())


def write_osm(path: Path, county: County, ways: list[Way]) -> int:
    """Write the map; gives the size of the file in bytes."""
    osm = OsmFile()
    for way in ways:
        osm.way(way.points, way.tags)
    for line, tags in county.lines:
        osm.way(line.coords, tags, shared=False)
    for area in county.areas:
        osm.way(ring_of(area.polygon), area.tags, shared=False)
    for building in county.buildings:
        osm.way(ring_of(building.polygon), building.tags, shared=False)
    for gate, _ in county.gates:
        osm.node_tags[osm.node(gate.coords[0])] = {"barrier": "gate", "foot": "permissive"}
    for venue in county.venues:
        if venue.mapped:
            hours = {"opening_hours": venue.hours}
            osm.node_tags[osm.node(venue.xy, shared=False)] = venue.tags | {"name": venue.name} | hours
    for xy, tags in county.labels:
        osm.node_tags[osm.node(xy, shared=False)] = tags
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=9, mtime=0) as stream:
        stream.write(osm.text().encode())
    path.write_bytes(packed.getvalue())
    return len(packed.getvalue())


def ring_of(polygon: Polygon):
    """The outline of a polygon; whatever is inside lies on top when drawn."""
    return polygon.exterior.coords


def write_table(path: Path, header: list[str], rows: list[list]) -> None:
    """A UTF-8 table with one header row."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
