"""Demand from mapped buildings: floor area and use say how many people are there, where no census grid is at hand.

Nothing here is measured: levels that are not mapped are guessed by kind, and people per floor area are a table
(`demand.FLOOR_AREA_M2_PER_PERSON`). People are counted at home and again at work, so the total is too high: with a
census figure for the whole area, `population` fixes the total and the buildings only share it out.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..checks import read_only
from ..demand import FLOOR_AREA_M2_PER_PERSON, SUDDEN_CARDIAC_DEATHS_PER_100K, Demand, arrests_from_people, make_demand
from ..errors import InputError
from ..source import Source

BUILDINGS: dict[str, tuple[str, ...]] = {
    "apartments": ("apartments", "residential", "dormitory", "barracks"),
    "house": (
        *("house", "detached", "semidetached_house", "terrace", "bungalow", "villa", "farm", "cabin", "houseboat"),
        *("ger", "hut", "static_caravan", "siheyuan"),
    ),
    "school": ("school", "kindergarten", "college", "university"),
    "retail": ("retail", "commercial", "supermarket", "shop", "mall", "kiosk", "market", "department_store"),
    "office": ("office", "government", "public", "civic", "townhall", "fire_station", "police", "bank"),
    "hotel": ("hotel", "guest_house", "hostel"),
    "hospital": ("hospital", "clinic", "nursing_home"),
    "culture": (
        *("church", "chapel", "cathedral", "mosque", "temple", "pagoda", "shrine", "synagogue", "monastery"),
        *(
            "religious",
            "museum",
            "theatre",
            "cinema",
            "library",
            "stadium",
            "sports_hall",
            "sports_centre",
            "grandstand",
        ),
    ),
    "transport": ("train_station", "transportation", "terminal", "bus_station"),
    "industrial": ("industrial", "factory", "manufacture", "warehouse", "works", "hangar"),
}
"""Kind of building by the value of `building`; a value that is in no list here or below counts as `other`."""

USES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("amenity", ("school", "kindergarten", "college", "university"), "school"),
    ("amenity", ("hospital", "clinic", "doctors", "nursing_home"), "hospital"),
    ("amenity", ("marketplace", "restaurant", "cafe", "fast_food", "pharmacy"), "retail"),
    ("amenity", ("townhall", "police", "fire_station", "bank", "courthouse", "post_office"), "office"),
    ("amenity", ("place_of_worship", "library", "theatre", "cinema", "arts_centre", "community_centre"), "culture"),
    ("amenity", ("bus_station", "ferry_terminal"), "transport"),
    ("tourism", ("hotel", "hostel", "guest_house", "motel"), "hotel"),
    ("tourism", ("museum", "attraction", "gallery"), "culture"),
    ("railway", ("station", "halt"), "transport"),
    ("leisure", ("sports_centre", "sports_hall", "stadium", "fitness_centre"), "culture"),
    ("man_made", ("works",), "industrial"),
    ("shop", (), "retail"),
    ("office", (), "office"),
)
"""Kind of a building mapped only as `building=yes`, by its use: tag, values (none: any), kind; the first that fits."""

NOBODY = frozenset(
    {
        *("no", "ruins", "collapsed", "demolished", "construction", "proposed", "tent", "pavilion", "gazebo", "bridge"),
        *(
            "garage",
            "garages",
            "carport",
            "parking",
            "shed",
            "roof",
            "canopy",
            "wall",
            "container",
            "gatehouse",
            "tower",
        ),
        *("greenhouse", "barn", "stable", "sty", "cowshed", "farm_auxiliary", "silo", "slurry_tank", "digester"),
        *("storage_tank", "tank", "service", "transformer_tower", "water_tower", "bunker", "boathouse"),
        *("toilet", "toilets", "allotment_house"),
    }
)
"""Buildings where nobody lives or works, or only now and then: they count no demand."""

UNUSED_KEYS = ("ruins", "abandoned", "disused")

SMALLEST_M2 = 12.0
"""A footprint below this is a shed or a kiosk, whatever it is called."""

LEVELS = {
    "apartments": 6.0,
    "house": 2.0,
    "school": 4.0,
    "retail": 2.0,
    "office": 4.0,
    "hotel": 6.0,
    "hospital": 5.0,
    "culture": 1.0,
    "transport": 1.0,
    "industrial": 1.0,
    "other": 2.0,
}
"""Floors where the map does not say. A judgement for a Chinese county town (flats without a lift have at most six),
not verified; it shifts weight between kinds of building and nothing else once `population` is given."""

MOST_LEVELS = 130.0
"""The tallest building has 163 floors and the tallest in China 128; a larger number is a typing error."""

LEVEL_HEIGHT_M = 3.0


@dataclass(frozen=True)
class Buildings:
    """B buildings in which people live, work or meet.

    lonlat         (B, 2) WGS-84 degrees, centroids
    floor_area_m2  (B,) footprint times floors above ground
    kind           (B,) keys of demand.FLOOR_AREA_M2_PER_PERSON
    id             (B,) such as way/123
    """

    lonlat: np.ndarray
    floor_area_m2: np.ndarray
    kind: tuple[str, ...]
    id: tuple[str, ...]
    source: Source

    def __len__(self) -> int:
        return len(self.id)


def building_kind(tags: Mapping[str, str]) -> str | None:
    """The kind of a building, a key of `FLOOR_AREA_M2_PER_PERSON`, or None where nobody is in it.

    >>> building_kind({"building": "yes", "shop": "bakery"}), building_kind({"building": "garage"})
    ('retail', None)
    """
    value = tags.get("building", "no")
    if value in NOBODY or any(tags.get(key, "no") != "no" for key in UNUSED_KEYS) or tags.get("amenity") == "parking":
        return None
    for kind, values in BUILDINGS.items():
        if value in values:
            return kind
    for key, values, kind in USES:
        if tags.get(key, "no") != "no" and (not values or tags[key] in values):
            return kind
    return "other"


def building_levels(tags: Mapping[str, str], kind: str) -> float:
    """Floors above ground: as mapped, else from the height, else by kind.

    >>> building_levels({"building:levels": "5-7层"}, "apartments"), building_levels({}, "house")
    (6.0, 2.0)
    """
    levels = _mean_number(tags.get("building:levels", tags.get("levels", "")))
    if levels is None:
        height = _mean_number(tags.get("height", ""))
        levels = None if height is None else round(height / LEVEL_HEIGHT_M)
    if levels is None or not 0 <= levels <= MOST_LEVELS:
        return LEVELS[kind]
    return max(float(levels), 1.0)


def _mean_number(text: str) -> float | None:
    """The mean of the numbers in a text (`5`, `3;4`, `5-7`, full-width digits); None where there is none or a minus."""
    text = unicodedata.normalize("NFKC", text).strip().replace(",", ".")
    if text.startswith("-"):
        return None
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]
    return sum(numbers) / len(numbers) if numbers else None


def building_people(buildings: Buildings) -> np.ndarray:
    """(B,) people expected in each building at a time of ordinary use."""
    per_person = np.array([FLOOR_AREA_M2_PER_PERSON[kind] for kind in buildings.kind])
    return np.asarray(buildings.floor_area_m2 / per_person)


def buildings_demand(
    buildings: Buildings, *, per_100k: float = SUDDEN_CARDIAC_DEATHS_PER_100K, population: float | None = None
) -> Demand:
    """Expected arrests per year at buildings.

    per_100k    arrests per 100,000 people and year
    population  people in the whole area, shared out over the buildings; None: as many as the floor area says

    Raises InputError when there is no building, or a figure is not above 0.
    """
    faults = [
        f"{name} is {value}; expected a number above 0"
        for name, value in (("per_100k", per_100k), ("population", population))
        if value is not None and not (np.isfinite(value) and value > 0)
    ]
    if not len(buildings):
        faults.append(f"{buildings.source.file or 'buildings'}: no building; expected at least one")
    if faults:
        raise InputError(*faults)
    people = building_people(buildings)
    if population is not None:
        people = people * (population / people.sum())
    weight = arrests_from_people(people, per_100k=per_100k)
    demand = make_demand(buildings.lonlat, weight, id=buildings.id, source=buildings.source)
    return replace(demand, people=read_only(people))
