"""Makes the synthetic demo county in data/demo: the same bytes every time for the same libraries.

    python data/make_demo_county.py
"""

from pathlib import Path

import numpy as np

from demo_county.cleaning import clear_buildings
from demo_county.counting import check_crossings, check_water, describe, drop_islets
from demo_county.country import fill_country
from demo_county.frame import SEED, County
from demo_county.grounds import lay_out_grounds
from demo_county.names import ISLAND_VILLAGE, NameStock
from demo_county.quarters import fill_quarters
from demo_county.roads import draw_roads
from demo_county.streetmap import make_ways
from demo_county.terrain import draw_water, draw_woods
from demo_county.writing import write_osm

FOLDER = Path(__file__).parent / "demo"


def draw_county() -> County:
    """The county, from the river up to the last house."""
    county = County(np.random.default_rng(SEED))
    names = NameStock(county.rng)
    draw_water(county)
    draw_woods(county)
    draw_roads(county)
    country = fill_quarters(county, names)
    fill_country(county, country)
    lay_out_grounds(county)
    return county


def main() -> None:
    """Draw, check, write, and say what was made."""
    FOLDER.mkdir(exist_ok=True)
    county = draw_county()
    ways = drop_islets(make_ways(county.streets), ISLAND_VILLAGE)
    clear_buildings(county, ways)
    print('\n'.join(describe(ways)))
    check_water(county, ways)
    check_crossings(ways)
    size = write_osm(FOLDER / "county.osm.gz", county, ways)
    print(size, len(county.buildings), len(ways))


if __name__ == "__main__":
    main()
