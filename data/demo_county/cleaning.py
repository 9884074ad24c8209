"""Takes away what drawing in layers leaves behind: houses on streets, in water or in one another."""

import numpy as np
import shapely
from shapely import LineString, STRtree

from demo_county.frame import EXTENT, County
from demo_county.streetmap import Way

HALF_WIDTH = {
    "motorway": 14.0,
    "motorway_link": 6.0,
    "trunk": 11.0,
    "primary": 9.0,
    "secondary": 7.5,
    "tertiary": 5.5,
    "unclassified": 4.0,
    "residential": 3.5,
    "living_street": 2.2,
    "service": 2.5,
    "pedestrian": 2.5,
    "track": 2.0,
}
FOOT_HALF_WIDTH = 1.0


def clear_buildings(county: County, ways: list[Way]) -> None:
    """Keep the buildings that stand free of streets, water, the railway, the county's edge and earlier buildings."""
    outdoor = [way for way in ways if way.tags.get("indoor") != "yes"]
    streets = [
        LineString(way.points).buffer(HALF_WIDTH.get(way.tags["highway"], FOOT_HALF_WIDTH), cap_style="flat")
        for way in outdoor
    ]
    rails = [line.buffer(9) for line, tags in county.lines if "railway" in tags]
    streams = [line.buffer(5) for line, tags in county.lines if tags.get("waterway") == "stream"]
    shapes = np.array([building.polygon for building in county.buildings])
    blocked = np.zeros(len(shapes), dtype=bool)
    for barrier in ([*streets, *rails, *streams], shapely.get_parts([county.water.buffer(3)])):
        blocked[STRtree(barrier).query(shapes, predicate="intersects")[0]] = True
    blocked |= ~shapely.contains(shapely.box(*EXTENT), shapes)
    first, second = STRtree(shapes).query(shapes, predicate="intersects")
    for one, two in sorted(zip(first.tolist(), second.tolist(), strict=False)):
        if one < two and not blocked[one]:
            blocked[two] = True
    county.buildings = [building for building, gone in zip(county.buildings, blocked, strict=False) if not gone]
