"""Makes the synthetic demo county in data/demo: the same bytes every time for the same libraries.

    python data/make_demo_county.py

Nothing in it is real: the river, the streets, the people and every name are invented. data/demo/README.md says
what each file holds.
"""

from collections import Counter
from pathlib import Path

import numpy as np
from demo_county.cleaning import clear_buildings
from demo_county.counting import check_crossings, check_sites, check_water, describe, drop_islets
from demo_county.country import fill_country
from demo_county.frame import SEED, County
from demo_county.grounds import lay_out_grounds
from demo_county.names import ISLAND_VILLAGE, NameStock
from demo_county.quarters import fill_quarters
from demo_county.roads import draw_pavements, draw_roads
from demo_county.streetmap import Way, make_ways
from demo_county.tables import write_tables
from demo_county.terrain import draw_water, draw_woods
from demo_county.venues import name_places
from demo_county.writing import write_osm

FOLDER = Path(__file__).parent / "demo"


def draw_county() -> tuple[County, list[Way]]:
    """The county from the river up to the last shop, and its streets as ways."""
    county = County(np.random.default_rng(SEED))
    names = NameStock(county.rng)
    draw_water(county)
    draw_woods(county)
    draw_roads(county)
    country = fill_quarters(county, names)
    draw_pavements(county)
    fill_country(county, country)
    lay_out_grounds(county)
    ways = drop_islets(make_ways(county.streets), ISLAND_VILLAGE)
    clear_buildings(county, ways)
    name_places(county, ways)
    return county, ways


def main() -> None:
    """Draw, check, write, and say what was made."""
    county, ways = draw_county()
    check_water(county, ways)
    check_crossings(ways)
    check_sites(county.venues, ways)
    FOLDER.mkdir(exist_ok=True)
    size = write_osm(FOLDER / "county.osm.gz", county, ways)
    tables = write_tables(FOLDER, county)
    kinds = Counter(row[2] for row in tables["candidates.csv"])
    people = tables["population.csv"]
    print("\n".join(describe(ways)))
    print(f"buildings {len(county.buildings)}, areas {len(county.areas)}, county.osm.gz {size / 1000:.0f} kB")
    print(f"people {sum(row[-1] for row in people)} in {len(people)} cells")
    print(
        f"standing {len(tables['devices.csv'])}, candidates {sum(kinds.values())}: "
        + ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    )


if __name__ == "__main__":
    main()
