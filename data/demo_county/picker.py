"""Finds a building for a place: on a public street, of the right class, away from others of its kind."""

import numpy as np
import shapely
from numpy.random import Generator
from shapely import LineString, Point, Polygon, STRtree
from shapely.ops import nearest_points

from demo_county.counting import walkable
from demo_county.frame import Building, County, Venue
from demo_county.names import home_town
from demo_county.people import town_of
from demo_county.places import ENGLISH_NAMES
from demo_county.streetmap import Way
from demo_county.terrain import ISLAND

BUILDING_USE = {"hotel": "hotel", "kindergarten": "kindergarten", "bus_station": "transportation"}
VILLAGE_SHARE = 0.15  # villages have fewer shops for their houses than the town has
FRONT_M = 22.0  # a building farther from a public street than this has no front


class Picker:
    """Buildings on public streets, taken one at a time; none serves twice."""

    def __init__(self, county: County, ways: list[Way]) -> None:
        self.rng: Generator = county.rng
        self.buildings = county.buildings
        self.xy = np.array([building.polygon.centroid.coords[0] for building in self.buildings])
        self.kind = np.array([building.tags["building"] for building in self.buildings])
        self.streets = [LineString(way.points) for way in walkable(ways, gated=False) if way.tags["highway"] != "track"]
        self.tree = STRtree(self.streets)
        shapes = [building.polygon for building in self.buildings]
        near = self.tree.query_nearest(shapes, all_matches=False, return_distance=True)[1]
        self.town = np.array([town_of(tuple(xy)) for xy in self.xy])
        self.in_town = np.isin(self.town, ("城关街道", "北门街道", "新城街道", "江南街道"))
        island = Polygon(ISLAND).buffer(60)
        self.free = (near < FRONT_M) & ~shapely.contains_xy(island, self.xy)

    def street_point(self, xy: tuple[float, float]) -> Point:
        """The nearest place on a public street."""
        return nearest_points(self.streets[int(self.tree.nearest(Point(xy)))], Point(xy))[0]

    def nearest(self, xy: tuple[float, float], within: float) -> int | None:
        """The nearest free building, or None when there is none within some metres."""
        distance = np.where(self.free, np.hypot(*(self.xy - xy).T), np.inf)
        best = int(distance.argmin())
        if distance[best] > within:
            return None
        self.free[best] = False
        return best

    def home(self, name: str, kinds: tuple[str, ...], others: list[int], apart: float) -> int | None:
        """A free building for one name: in the town the name points to, away from others of its kind."""
        town = home_town(name)
        wanted = self.free & np.isin(self.kind, kinds) & ((self.town == town) if town else self.in_town)
        for index in self.rng.permutation(np.flatnonzero(wanted)):
            if all(np.hypot(*(self.xy[index] - self.xy[other])) > apart for other in others):
                self.free[index] = False
                return int(index)
        return None

    def spread(self, count: int, kinds: tuple[str, ...], apart: float) -> list[int]:
        """Free buildings of some classes, no two nearer than `apart` as long as there is room."""
        chosen: list[int] = []
        served = self.in_town | (self.rng.random(len(self.free)) < VILLAGE_SHARE)
        pool = self.rng.permutation(np.flatnonzero(self.free & np.isin(self.kind, kinds) & served))
        for index in pool:
            if len(chosen) == count:
                break
            if all(np.hypot(*(self.xy[index] - self.xy[other])) > apart for other in chosen):
                chosen.append(int(index))
        self.free[chosen] = False
        return chosen

    def front(self, index: int) -> tuple[float, float]:
        """A point in the entrance hall: a third of the way from the middle of the building to the street."""
        street = np.asarray(self.street_point(tuple(self.xy[index])).coords[0])
        return tuple(self.xy[index] + (street - self.xy[index]) * 0.35)

    def place_building(
        self, county: County, index: int, kind: str, name: str, tags: dict[str, str], hours: str
    ) -> None:
        """A whole building becomes the place."""
        building = county.buildings[index]
        english = {"name:en": ENGLISH_NAMES[name]} if name in ENGLISH_NAMES else {}
        use = BUILDING_USE.get(tags.get("amenity", kind), building.tags["building"])
        tags_now = building.tags | {"building": use} | tags | {"name": name} | english | {"opening_hours": hours}
        county.buildings[index] = Building(building.polygon, tags_now)
        county.venues.append(Venue(self.front(index), name, kind, tags, hours, mapped=False))

    def place_node(self, county: County, index: int, kind: str, name: str, tags: dict[str, str], hours: str) -> None:
        """A shop on the ground floor: a node towards the street; its building stays what it is."""
        county.venues.append(Venue(self.front(index), name, kind, tags, hours))
