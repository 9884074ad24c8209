"""Which mapped places can hold a device, what to call them, and when two of them are one.

The kinds follow the list of the national guide 国卫办医函〔2021〕602号 (transport, shops, schools, compounds, offices,
sport, culture, hotels, scenic spots, care, factories, police and fire stations), with health, banks, convenience stores
and village offices, which county plans add. Which tags say so: OpenStreetMap wiki, "Map features".
"""

from collections.abc import Mapping, Sequence

import numpy as np

from .sites import KINDS_ZH

VENUES: tuple[tuple[str, tuple[str, ...], str, bool], ...] = (
    ("amenity", ("bus_station", "ferry_terminal"), "transport", False),
    ("railway", ("station", "halt"), "transport", False),
    ("public_transport", ("station",), "transport", False),
    ("aeroway", ("terminal",), "transport", False),
    ("building", ("train_station",), "transport", True),
    ("amenity", ("police",), "police", False),
    ("amenity", ("fire_station",), "fire", False),
    ("social_facility", ("nursing_home", "group_home", "assisted_living"), "care", False),
    ("amenity", ("nursing_home", "retirement_home"), "care", False),
    ("amenity", ("hospital", "clinic", "doctors", "pharmacy"), "health", False),
    ("healthcare", ("hospital", "clinic", "centre", "doctor", "pharmacy"), "health", False),
    ("amenity", ("school", "kindergarten", "college", "university"), "school", False),
    ("shop", ("mall", "supermarket", "department_store"), "shop", False),
    ("amenity", ("marketplace",), "shop", False),
    ("shop", ("convenience",), "convenience", False),
    ("amenity", ("bank",), "bank", False),
    ("leisure", ("sports_centre", "sports_hall", "stadium", "fitness_centre"), "sport", False),
    ("leisure", ("swimming_pool",), "sport", True),
    ("amenity", ("library", "theatre", "cinema", "community_centre", "arts_centre"), "culture", False),
    ("amenity", ("place_of_worship",), "culture", False),
    ("tourism", ("hotel", "hostel", "guest_house", "motel"), "hotel", False),
    ("tourism", ("attraction", "museum", "viewpoint", "zoo", "theme_park"), "scenic", False),
    ("amenity", ("townhall",), "office", False),
    ("office", (), "office", False),
    ("building", ("office",), "office", True),
    ("man_made", ("works",), "industry", False),
    ("landuse", ("industrial",), "industry", True),
    ("building", ("industrial", "factory"), "industry", True),
    ("residential", ("gated",), "compound", True),
    ("landuse", ("residential",), "compound", True),
    ("building", ("apartments", "residential"), "compound", True),
    ("place", ("neighbourhood",), "compound", True),
)
"""Tag, its values (none: any value), kind of site, and whether it must have a name. The first line that fits decides.
A pool without a name stands in a garden, and a block of flats without one is a part of a compound."""

VENUE_KEYS = tuple(dict.fromkeys(key for key, _, _, _ in VENUES))

VILLAGE_WORDS = ("村委会", "村民委员会", "居委会", "居民委员会", "村部", "党群服务中心")
"""A place whose name ends in one of these is the office of a village or community, however it is mapped."""

SAME_PLACE_M = 30.0
"""Two of one name and kind closer than this are one place, mapped as a point and as a building."""


def venue_kind(tags: Mapping[str, str]) -> str | None:
    """The kind of site a mapped place can be, a key of `sites.KINDS_ZH`, or None.

    >>> venue_kind({"amenity": "bus_station"}), venue_kind({"leisure": "swimming_pool"})
    ('transport', None)
    """
    for key, values, kind, named in VENUES:
        value = tags.get(key, "no")
        if value != "no" and (not values or value in values) and (not named or tags.get("name")):
            return "village" if tags.get("name", "").endswith(VILLAGE_WORDS) else kind
    return None


def venue_label(tags: Mapping[str, str], kind: str, id: str) -> str:
    """What people call a place: its name, or its kind and id where it has none."""
    names = (tags.get(key) for key in ("name", "name:zh", "name:en", "brand", "operator"))
    return next((name for name in names if name), f"{KINDS_ZH[kind]} {id}")


def device_label(tags: Mapping[str, str], id: str) -> str:
    """What to call a mapped device: a name, where it hangs, who keeps it, or its id."""
    names = (tags.get(key) for key in ("name", "defibrillator:location", "operator"))
    return next((name.strip() for name in names if name and name.strip()), f"AED {id}")


def same_places(shapes: np.ndarray, key: Sequence[tuple[str, str]]) -> np.ndarray:
    """For each place the place it is the same as: itself, or an earlier one that is kept.

    shapes  (n,) shapely points and areas in metres
    key     (n,) name and kind; a place with an empty name is never the same as another

    Points come before areas and large areas before small ones, because a point is where someone put the place by hand.

    Returns (n,) int64.
    """
    import shapely

    order = np.lexsort((-shapely.area(shapes), shapely.get_dimensions(shapes)))
    rank = np.argsort(order)
    pairs = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=SAME_PLACE_M).T
    twins: dict[int, list[int]] = {}
    for one, other in pairs.tolist():
        if rank[other] < rank[one] and key[one] == key[other] and key[one][0]:
            twins.setdefault(one, []).append(other)
    same = np.arange(len(shapes))
    for one in order.tolist():
        kept = [other for other in twins.get(one, []) if same[other] == other]
        if kept:
            same[one] = min(kept, key=lambda other: int(rank[other]))
    return same
