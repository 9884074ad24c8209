"""Named places: which building or ground becomes a bank, a mall, a police station.

The same places stand in the map and in the tables of candidates and devices.
"""

from shapely import Point, STRtree

from demo_county import names
from demo_county.communities import add_committees, add_gates, add_schools, add_works
from demo_county.frame import County, Venue
from demo_county.picker import Picker
from demo_county.places import ALWAYS, CULTURE_TAGS, LISTED, PLACED
from demo_county.streetmap import Way


def name_places(county: County, ways: list[Way]) -> None:
    """Give every named place its building or ground and list it as a venue."""
    picker = Picker(county, ways)
    for kind, name, xy, tags, hours in PLACED:
        add_placed(county, picker, kind, name, xy, tags, hours)
    for kind, listed, tags, hours, classes, apart in LISTED:
        taken: list[int] = []
        for name in listed:
            index = picker.home(name, classes, taken, apart)
            if index is None:
                continue
            taken.append(index)
            special = next((more for word, more in CULTURE_TAGS.items() if word in name), tags)
            picker.place_building(county, index, kind, name, special, hours)
    add_shops(county, picker)
    add_schools(county, picker)
    add_works(county, picker)
    add_committees(county, picker)
    add_gates(county)


def add_placed(
    county: County, picker: Picker, kind: str, name: str, xy: tuple[float, float], tags: dict[str, str], hours: str
) -> None:
    """A place that must be where it is: in the nearest building, or on the spot when none stands near."""
    grounds = ("hospital", "college", "sports_centre")
    if any(area.tags.get("name") == name and set(area.tags.values()) & set(grounds) for area in county.areas):
        county.venues.append(Venue(picker.street_point(xy).coords[0], name, kind, tags, hours, mapped=False))
        return
    index = picker.nearest(xy, 70.0)
    if index is None:
        spot = picker.street_point(xy).coords[0] if county.water.buffer(5).contains(Point(xy)) else xy
        county.venues.append(Venue(spot, name, kind, tags, hours))
    else:
        picker.place_building(county, index, kind, name, tags, hours)


def street_label(county: County, xy: tuple[float, float], named: list, tree: STRtree) -> str:
    """The name of the nearest named street, for the names of branches."""
    return named[int(tree.nearest(Point(xy)))].tags["name"]


def add_shops(county: County, picker: Picker) -> None:
    """Convenience stores, supermarkets, banks."""
    classes = ("residential", "retail", "house", "apartments")
    named = [
        street
        for street in county.streets
        if street.level == 0
        and "name" in street.tags
        and street.tags["highway"] in ("primary", "secondary", "tertiary", "residential", "living_street")
    ]
    tree = STRtree([street.line for street in named])
    plans = [
        ("convenience", 40, 150, {"shop": "convenience"}, ALWAYS),
        ("shop", 20, 330, {"shop": "supermarket"}, "Mo-Su 07:30-22:30"),
        ("bank", 24, 220, {"amenity": "bank"}, "Mo-Su 08:30-17:30"),
    ]
    for kind, count, apart, tags, hours in plans:
        used: set[str] = set()
        for number, index in enumerate(picker.spread(count, classes, apart)):
            label = street_label(county, picker.xy[index], named, tree)
            name = branch_name(kind, number, label, used)
            place = picker.place_building if kind == "shop" else picker.place_node
            place(county, index, kind, name, tags, hours)


def branch_name(kind: str, number: int, street: str, used: set[str]) -> str:
    """The name of a branch, after its street; a second one in the same street is numbered."""
    if kind == "convenience":
        stem = f"{names.BRANDS[number % len(names.BRANDS)]}24小时便利店({street}"
    elif kind == "shop":
        stem = f"{names.SUPERMARKETS[number % len(names.SUPERMARKETS)]}({street}"
    else:
        stem = ("示例农商银行" if number % 2 else "白鹭银行") + f"({street}"
    ending = "支行)" if kind == "bank" else "店)"
    name, turn = stem + ending, 2
    while name in used:
        name, turn = f"{stem}{turn}号{ending}", turn + 1
    used.add(name)
    return name
