"""Which quarter each block belongs to, and what fills the quarters that are not gated compounds."""

import shapely
from shapely import Point, Polygon, box
from shapely.ops import polygonize

from demo_county.compounds import fill_superblock
from demo_county.fabric import Lines, alley, divide
from demo_county.frame import EXTENT, Area, Block, County, Street
from demo_county.houses import along_edge, houses, slabs
from demo_county.names import NameStock

TOWN_EDGE = Polygon([(-1340, 1660), (-300, 1705), (1800, 1860), (2990, 1790), (3130, 100), (2990, -1330), (1340, -1450),
                     (1340, -1800), (3180, -2050), (3180, -2690), (1300, -2660), (-900, -2760), (-2260, -2200),
                     (-2300, -1300), (-1420, -1390), (-1290, -800), (-1180, -250), (-1290, 300)])
OLD_TOWN = Polygon([(-660, -640), (-820, -120), (-720, 340), (-310, 630), (300, 610), (700, 380), (850, 0), (690, -640),
                    (170, -690), (-450, -760)])
# a point inside the face, and its fabric; faces without an entry follow the part of town they lie in
SPECIAL = [((1720, 500), "park"), ((1480, 640), "mall"), ((2420, 620), "civic"), ((2400, 1020), "sport"),
           ((1520, 1040), "hospital"), ((-1750, -1800), "campus"), ((-950, 760), "hill"), ((1600, -2150), "industry"),
           ((2250, -2250), "industry"), ((2900, -2250), "industry"), ((1600, -2520), "industry"),
           ((2250, -2530), "industry"), ((2850, -2500), "industry"), ((950, -2350), "industry"),
           ((950, -2000), "industry")]


def fill_quarters(county: County, names: NameStock) -> list[Polygon]:
    """Fill every face between the main roads; gives the faces left to the country."""
    main = shapely.unary_union([street.line for street in county.streets if street.level == 0
                                and street.tags["highway"] != "footway"], grid_size=0.1)
    whole = shapely.unary_union([main, county.water.boundary, box(*EXTENT).boundary], grid_size=0.1)
    lines, country = Lines(main), []
    for face in sorted(polygonize(whole), key=lambda part: part.centroid.coords[0]):
        if county.water.contains(face.representative_point()):
            continue
        fabric = fabric_of(face)
        if fabric == "country":
            country.append(face)
        else:
            FILLERS[fabric](county, face, lines, names)
    return country


def fabric_of(face: Polygon) -> str:
    """The fabric of a face between main roads."""
    for point, fabric in SPECIAL:
        if face.contains(Point(point)):
            return fabric
    middle = face.representative_point()
    if not TOWN_EDGE.contains(middle) or face.area > 1_500_000:
        return "country"
    if face.area / face.length < 24:
        return "green"
    if OLD_TOWN.contains(middle):
        return "old"
    x, y = middle.coords[0]
    if y > 600 and x < 1300:
        return "mixed" if face.area < 300_000 and (int(x) // 300 + int(y) // 300) % 3 else "compound"
    if x < -700 and y > -700:
        return "mixed"
    return "compound" if x > 850 or (int(x) // 350 + int(y) // 350) % 2 else "mixed"


def fill_old(county: County, face: Polygon, main: Lines, names: NameStock) -> None:
    """Narrow bent lanes, blind alleys, small houses wall to wall."""
    rng = county.rng
    blocks, cuts = divide(face, rng, largest=5500, bend=3.8)
    lanes = [line for line, _ in cuts]
    for line, depth in cuts:
        kind = "living_street" if depth < 2 else str(rng.choice(["living_street", "footway", "footway", "pedestrian"]))
        named = {"name": next(names.lane)} if line.length > 70 or rng.random() < 0.3 else {}
        county.streets.append(Street(line, {"highway": kind} | named))
    county.areas.append(Area(face.buffer(-4).simplify(2), {"landuse": "residential"}))
    streets = Lines(main.near(face), *lanes)
    for block in blocks:
        blind = alley(block, streets, rng) if rng.random() < 0.42 else None
        if blind is not None:
            county.streets.append(Street(blind, {"highway": "footway"}))
        county.blocks.append(Block(block, "old"))
        rows = along_edge(block, rng, setback=3.6, depth=(8, 13), width=(13, 30), gap=0.07)
        county.buildings += houses(rows, rng, levels=(2, 4), lived_in=1.5)


def fill_mixed(county: County, face: Polygon, main: Lines, names: NameStock) -> None:
    """Work-unit housing of the 1980s: open streets, five- and six-storey rows, yards with alleys."""
    rng = county.rng
    blocks, cuts = divide(face, rng, largest=17_000, bend=3.5)
    for line, depth in cuts:
        kind = "residential" if depth < 3 else "living_street"
        named = {"name": next(names.street)} if depth < 3 else {}
        county.streets.append(Street(line, {"highway": kind} | named))
    streets = Lines(main.near(face), *(line for line, _ in cuts))
    county.areas.append(Area(face.buffer(-7).simplify(2), {"landuse": "residential"}))
    for block in blocks:
        if block.area > 9000 and rng.random() < 0.12:
            county.blocks.append(Block(block, "school"))
            continue
        county.blocks.append(Block(block, "mixed"))
        yards, lanes = divide(block, rng, largest=9500, bend=2.0)
        for line, _ in lanes:
            county.streets.append(Street(line, {"highway": "living_street" if rng.random() < 0.4 else "footway"}))
        inner = Lines(streets.near(block), *(line for line, _ in lanes))
        for yard in yards:
            fill_yard(county, yard, inner)


def fill_yard(county: County, yard: Polygon, streets) -> None:
    """One yard: rows facing south, or old houses around it; now and then a blind alley."""
    rng = county.rng
    if rng.random() < 0.24:
        blind = alley(yard, streets, rng)
        if blind is not None:
            county.streets.append(Street(blind, {"highway": "footway"}))
    if rng.random() < 0.7:
        rows = slabs(yard.buffer(-6), rng, spacing=25, depth=11, width=(30, 62), start=0.35)
        county.buildings += houses(rows, rng, levels=(5, 7), kind="apartments")
    else:
        rows = along_edge(yard, rng, setback=5.5, depth=(10, 12), width=(22, 50), gap=0.15)
        county.buildings += houses(rows, rng, levels=(3, 6), kind="residential")


def fill_compounds(county: County, face: Polygon, main: Lines, names: NameStock) -> None:
    """A block of gated compounds."""
    county.areas.append(Area(face.buffer(-8).simplify(2), {"landuse": "residential"}))
    fill_superblock(county, face, main.near(face), names)


def fill_green(county: County, face: Polygon, main: Lines, names: NameStock) -> None:
    """The strip between the embankment and the river."""
    county.areas.append(Area(face.buffer(-3), {"leisure": "park"} if face.area > 6000 else {"landuse": "grass"}))


def fill_industry(county: County, face: Polygon, main: Lines, names: NameStock) -> None:
    """Works: wide plots, sheds, few roads."""
    rng = county.rng
    plots, cuts = divide(face, rng, largest=26_000, bend=1.0)
    county.areas.append(Area(face.buffer(-9).simplify(2), {"landuse": "industrial"}))
    for line, _ in cuts:
        county.streets.append(Street(line, {"highway": "service" if rng.random() < 0.5 else "unclassified"}))
    for plot in plots:
        county.blocks.append(Block(plot, "industry"))
        sheds = slabs(plot.buffer(-14), rng, spacing=float(rng.uniform(44, 58)), depth=float(rng.uniform(26, 36)),
                      width=(48, 105), start=0.42)
        county.buildings += houses(sheds[1:], rng, levels=(1, 3), kind="industrial", lived_in=0.0)
        hostel = rng.random() < 0.4  # some works house their people in one building of the plot
        county.buildings += houses(sheds[:1], rng, levels=(4, 6) if hostel else (1, 3),
                                   kind="dormitory" if hostel else "industrial", lived_in=0.3 if hostel else 0.0)


def fill_special(county: County, face: Polygon, main: Lines, names: NameStock) -> None:
    """A face kept for one large institution; grounds.py lays it out."""
    fabric = next(name for point, name in SPECIAL if face.contains(Point(point)))
    county.blocks.append(Block(face, fabric))


FILLERS = {"old": fill_old, "mixed": fill_mixed, "compound": fill_compounds, "green": fill_green,
           "industry": fill_industry}
FILLERS |= dict.fromkeys(("park", "mall", "civic", "sport", "hospital", "campus", "hill"), fill_special)
