"""What the finished streets are: nodes, classes, connectedness. Raises where the county breaks its promises."""

from collections import Counter

import shapely
from shapely import LineString, STRtree

from demo_county.frame import County, Venue
from demo_county.streetmap import Way

NOT_WALKABLE = ("motorway", "motorway_link")
ISLAND_SHARE = 0.97  # of the street nodes must be in one piece
OFF_STREET_M = 60.0  # a site is never farther from a street that is open to all


def walkable(ways: list[Way], *, gated: bool = True) -> list[Way]:
    """The ways a person may walk; `gated` says whether the inside of compounds counts."""
    return [
        way
        for way in ways
        if way.tags["highway"] not in NOT_WALKABLE and (gated or way.tags.get("access") != "private")
    ]


def street_nodes(ways: list[Way]) -> set[tuple[float, float]]:
    """Junctions and dead ends: the nodes whose degree is not 2."""
    degree: Counter = Counter()
    for way in ways:
        for start, end in zip(way.points, way.points[1:], strict=False):
            degree[start] += 1
            degree[end] += 1
    return {node for node, count in degree.items() if count != 2}


def components(ways: list[Way]) -> list[set[tuple[float, float]]]:
    """The nodes of each connected piece, the largest first."""
    parent: dict = {}

    def root(node):
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for way in ways:
        for point in way.points[1:]:
            parent[root(point)] = root(way.points[0])
    found: dict = {}
    for node in parent:
        found.setdefault(root(node), set()).add(node)
    return sorted(found.values(), key=len, reverse=True)


def drop_islets(ways: list[Way], kept_name: str) -> list[Way]:
    """Only the largest piece, the island that is named, and what is not for walking."""
    main = components(walkable(ways))[0]
    return [
        way
        for way in ways
        if way.tags["highway"] in NOT_WALKABLE or way.points[0] in main or way.tags.get("name") == kept_name
    ]


def check_water(county: County, ways: list[Way]) -> None:
    """Raise unless exactly the three bridges are over the river and nothing else is over any water."""
    wet = county.water.buffer(-1.0)
    lines = [LineString(way.points) for way in ways]
    over = [
        way
        for way, line in zip(ways, lines, strict=False)
        if line.intersects(wet) and way.tags["highway"] not in NOT_WALKABLE
    ]
    bridges = [way for way in over if way.tags.get("bridge") == "yes"]
    if len(bridges) != 3 or len(over) != 3:
        raise ValueError(
            f"{len(over)} streets over water, {len(bridges)} of them bridges; expected three bridges: "
            + ", ".join(str((way.tags, way.points[0])) for way in over[:5])
        )


def check_crossings(ways: list[Way]) -> None:
    """Raise where two streets on the ground cross without a shared node."""
    ground = [way for way in ways if way.tags.get("bridge") != "yes" and way.tags["highway"] not in NOT_WALKABLE]
    lines = [LineString(way.points) for way in ground]
    nodes = [set(way.points) for way in ground]
    first, second = STRtree(lines).query(lines, predicate="intersects")
    for one, two in zip(first, second, strict=False):
        if one < two:
            met = shapely.MultiPoint(sorted(nodes[one] & nodes[two])).buffer(0.3)
            loose = lines[one].intersection(lines[two]).difference(met)
            if not loose.is_empty:
                raise ValueError(
                    f"streets cross without a node near {loose.representative_point()}: "
                    f"{ground[one].tags} and {ground[two].tags}"
                )


def check_sites(venues: list[Venue], ways: list[Way]) -> None:
    """Raise where a site is too far from every street that is open to all."""
    open_streets = STRtree([LineString(way.points) for way in walkable(ways, gated=False)])
    for venue in venues:
        distance = open_streets.query_nearest(shapely.Point(venue.xy), return_distance=True)[1][0]
        if distance > OFF_STREET_M:
            raise ValueError(f"{venue.name} is {distance:.0f} m from the nearest street; at most {OFF_STREET_M:.0f} m")


def describe(ways: list[Way]) -> list[str]:
    """Lines to print: nodes, edges by class, the largest piece."""
    open_ways = walkable(ways)
    nodes = street_nodes(open_ways)
    largest = components(open_ways)[0]
    edges: Counter = Counter()
    for way in open_ways:
        edges[way.tags["highway"]] += 1 + sum(point in nodes for point in way.points[1:-1])
    length = sum(LineString(way.points).length for way in open_ways) / 1000
    return [
        f"street nodes {len(nodes)}, without the gated compounds {len(street_nodes(walkable(ways, gated=False)))}",
        f"edges {sum(edges.values())}, {length:.0f} km: " + ", ".join(f"{k} {v}" for k, v in edges.most_common()),
        f"in the largest piece {len(nodes & largest) / len(nodes):.2%} of the street nodes",
    ]
