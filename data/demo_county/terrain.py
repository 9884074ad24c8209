"""The river and its island, the lakes, the woods: what no street may run through."""

import numpy as np
from shapely import LineString, Polygon, box
from shapely.ops import split

from demo_county.frame import EXTENT, Area, County, blob, curve, parts, spline

RIVER = [(-4400, 1080), (-3600, 700), (-2900, 750), (-2250, 250), (-1750, -450), (-1150, -880), (-450, -800),
         (150, -710), (720, -930), (1300, -1420), (1950, -1640), (2650, -1400), (3300, -1250), (4400, -1520)]
ISLAND = [(1690, -1590), (1860, -1545), (2060, -1590), (2200, -1575), (2260, -1610), (2080, -1690), (1880, -1690),
          (1740, -1650)]
STREAM = [(-2700, 3600), (-2350, 2900), (-2450, 2150), (-2150, 1250), (-1900, 700), (-2030, 130)]
LAKE = [(1830, 560), (1950, 640), (2060, 600), (2110, 690), (2030, 790), (1900, 770), (1850, 700), (1770, 650)]

# centre, radii, turn: hills stand where the valley ends
WOODS = [((-3350, 3050), (750, 480), 0.2), ((-3900, 2250), (300, 500), 0.0),
         ((-650, 3250), (560, 260), 0.1), ((900, 3150), (650, 330), -0.15), ((2500, 3200), (700, 330), 0.1),
         ((3850, 2900), (350, 520), 0.2), ((-3750, -1900), (330, 560), 0.1), ((-2350, -3150), (900, 300), 0.0),
         ((200, -3300), (620, 170), 0.0), ((2600, -3250), (900, 220), 0.05), ((-3650, -400), (280, 330), 0.3),
         ((-2350, -600), (300, 360), 0.5), ((3700, 1650), (240, 330), 0.0), ((-1700, 2000), (180, 230), 0.3)]
PONDS = [((-3100, 1250), (90, 45), 0.4), ((3760, 420), (80, 40), 0.9), ((-600, 2050), (95, 50), 0.2),
         ((3300, -2650), (100, 60), 0.5), ((-2600, -1700), (85, 50), 1.0), ((-3150, 150), (70, 40), 0.2),
         ((2950, 2250), (60, 45), 0.0), ((-1050, -2650), (80, 35), 0.3)]


def river_polygon() -> Polygon:
    """The river: wider in its bends and where it parts around the island."""
    centre = spline(RIVER)
    along = np.linspace(0, 26, len(centre))
    half = 58 + 9 * np.sin(along * 1.7) + 7 * np.sin(along * 3.1 + 1)
    half += 105 * np.exp(-(((centre[:, 0] - 1980) / 330) ** 2))
    direction = np.gradient(centre, axis=0)
    normal = np.c_[-direction[:, 1], direction[:, 0]] / np.hypot(*direction.T)[:, None]
    left, right = centre + normal * half[:, None], centre - normal * half[:, None]
    return Polygon(np.vstack([left, right[::-1]])).buffer(0).intersection(box(*EXTENT)).simplify(2.0)


def draw_water(county: County) -> None:
    """Put the river, its island, the lake and the ponds on the map.

    The river is cut through the island into pieces without holes, so that a reader needs no multipolygons.
    """
    island = Polygon(spline(ISLAND, closed=True)).simplify(1.5)
    river = river_polygon().difference(island)
    cuts = [LineString([(x, -2500), (x, 1500)]) for x in (-2000.0, 0.0, 1980.0, 3000.0)]
    pieces = [river]
    for cut in cuts:
        pieces = [part for piece in pieces for part in parts(split(piece, cut), "Polygon")]
    for piece in pieces:
        county.areas.append(Area(piece, {"natural": "water", "water": "river", "name": "白鹭溪"}))
    centre = LineString(spline(RIVER)).intersection(box(*EXTENT)).simplify(2.0)
    county.lines.append((centre, {"waterway": "river", "name": "白鹭溪", "name:en": "Egret River"}))
    lake = Polygon(spline(LAKE, closed=True)).simplify(1.0)
    county.areas.append(Area(lake, {"natural": "water", "water": "lake", "name": "镜湖"}))
    county.water = river.union(lake)
    stream = curve(STREAM).intersection(box(*EXTENT))
    county.lines.append((stream.difference(river), {"waterway": "stream", "name": "柳溪"}))
    for centre_xy, radius, turn in PONDS:
        pond = blob(centre_xy, radius, county.rng, turn=turn).difference(river)
        county.areas.append(Area(pond, {"natural": "water", "water": "pond"}))
        county.water = county.water.union(pond)


def draw_woods(county: County) -> None:
    """Put the wooded hills on the map."""
    for number, (centre, radius, turn) in enumerate(WOODS):
        wood = blob(centre, radius, county.rng, turn=turn, rough=0.25).difference(county.water.buffer(20))
        for part in parts(wood.intersection(box(*EXTENT)), "Polygon"):
            tags = {"natural": "wood"} if number % 3 else {"landuse": "forest"}
            county.areas.append(Area(Polygon(part.exterior), tags))
