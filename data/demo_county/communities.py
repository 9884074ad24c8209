"""Schools, works, village and community committees, compound gates: venues that come from the ground they stand on."""

from demo_county import names
from demo_county.frame import County, Venue
from demo_county.people import town_of

SCHOOL_HOURS = "Mo-Fr 07:00-18:00"
LARGE_M2 = 23_500  # compounds smaller than this share a guard with a neighbour


def add_schools(county: County, picker) -> None:
    """Names for the school grounds, largest first: middle schools, then primary schools; kindergartens in buildings."""
    grounds = sorted(
        (area for area in county.areas if area.tags == {"amenity": "school"}), key=lambda area: -area.polygon.area
    )
    pool = [*names.MIDDLE_SCHOOLS, *names.PRIMARY_SCHOOLS]
    for area in grounds:
        town = town_of(area.polygon.centroid.coords[0])
        name = next(name for name in pool if names.home_town(name) in (None, town))
        pool.remove(name)
        level = "middle" if name in names.MIDDLE_SCHOOLS else "primary"
        area.tags |= {"name": name, "school": level, "opening_hours": SCHOOL_HOURS}
        gate = area.polygon.exterior.interpolate(
            area.polygon.exterior.project(picker.street_point(area.polygon.centroid.coords[0]))
        )
        county.venues.append(Venue(gate.coords[0], name, "school", area.tags, SCHOOL_HOURS, mapped=False))
    stems = names.KINDERGARTENS
    for stem, index in zip(stems, picker.spread(len(stems), ("retail", "residential", "house"), 350), strict=False):
        picker.place_building(
            county, index, "school", f"{stem}幼儿园", {"amenity": "kindergarten"}, "Mo-Fr 07:30-17:30"
        )


def add_works(county: County, picker) -> None:
    """A gate hut for every named works."""
    for name, index in zip(names.INDUSTRY, picker.spread(len(names.INDUSTRY), ("industrial",), 120), strict=False):
        hours = "Mo-Sa 08:00-20:00" if len(name) % 2 else "24/7"
        picker.place_building(county, index, "industry", name, {"office": "company"}, hours)


def add_committees(county: County, picker) -> None:
    """Village committees in the villages, community committees in the town."""
    for name, centre, _ in names.VILLAGES:
        index = picker.nearest(centre, 260.0)
        if index is not None:
            picker.place_building(
                county,
                index,
                "village",
                f"{name}村民委员会",
                {"office": "government", "government": "village"},
                "Mo-Su 08:00-18:00",
            )
    taken: list[int] = []
    for stem in names.COMMUNITIES:
        index = picker.home(stem, ("retail", "residential", "house"), taken, 380)
        if index is None:
            continue
        taken.append(index)
        picker.place_building(
            county,
            index,
            "office",
            f"{stem}社区居民委员会",
            {"office": "government", "government": "community"},
            "Mo-Fr 08:00-17:30",
        )


def add_gates(county: County) -> None:
    """A gate hut for each larger compound: its guard is there day and night."""
    large = {block.name for block in county.blocks if block.fabric == "compound" and block.polygon.area > LARGE_M2}
    seen: set[str] = set()
    for gate, name in county.gates:
        if name in large and name not in seen:
            seen.add(name)
            county.venues.append(Venue(gate.coords[0], f"{name}门岗", "compound", {}, "24/7", mapped=False))
