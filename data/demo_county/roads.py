"""The roads drawn by hand: everything with a number or a main name. Smaller streets grow between them later."""

from shapely import LineString, Point, box
from shapely.ops import substring

from demo_county.frame import EXTENT, Area, County, Street, curve, parts, spline
from demo_county.terrain import RIVER, river_polygon

# class, name, English name, control points. An end may overshoot the street it meets: stubs are trimmed afterwards.
MAIN = [
    ("trunk", "北山国道", "Beishan National Road",
     [(-4050, 1330), (-3000, 1480), (-2200, 1500), (-1300, 1640), (-300, 1700), (800, 1760), (1800, 1850),
      (2800, 1720), (4050, 1900)]),
    ("primary", "人民路", "Renmin Road",
     [(-2330, 1560), (-1980, 1120), (-1620, 700), (-1240, 290), (-800, 70), (-400, 25), (0, 0), (420, 28), (830, 5),
      (1380, -30), (2200, 20), (3100, 110), (4050, 30)]),
    ("primary", "西环路", "West Ring Road",
     [(-1280, 1700), (-1330, 1050), (-1240, 290), (-1150, -250), (-1260, -800), (-1390, -1430), (-1320, -2050),
      (-960, -2480), (-300, -2700), (640, -2620), (1350, -2600), (2300, -2640), (3050, -2450), (3130, -2060)]),
    ("primary", "迎宾大道", "Yingbin Avenue",
     [(1450, 2330), (1395, 1800), (1330, 1230), (1300, 620), (1380, -30), (1330, -560), (1190, -950), (1010, -1180),
      (850, -1420), (730, -1800), (640, -2300), (640, -2860)]),
    ("primary", "江南大道", "Jiangnan Avenue",
     [(-4050, -1450), (-3000, -1300), (-2200, -1370), (-1390, -1430), (-700, -1500), (-240, -1530), (300, -1560),
      (850, -1490), (1300, -1830), (2000, -2130), (3000, -2080), (4050, -2330)]),
    ("secondary", "中山路", "Zhongshan Road",
     [(-40, 1740), (-60, 1050), (30, 600), (45, 250), (0, 0), (-60, -250), (-110, -520), (-140, -760), (-180, -1080),
      (-240, -1530), (-300, -2100), (-300, -2740)]),
    ("secondary", "环城路", "City Wall Road",
     [(-640, -470), (-800, -120), (-700, 330), (-310, 610), (30, 640), (300, 590), (690, 370), (835, 5), (660, -470),
      (170, -540), (-250, -590), (-640, -470)]),
    ("secondary", "东环路", "East Ring Road",
     [(2980, 1780), (3060, 900), (3110, 110), (3070, -500), (2960, -1050), (2925, -1400)]),
    ("secondary", "文化路", "Wenhua Road",
     [(-1370, 1020), (-1000, 1140), (-650, 1110), (-60, 1150), (650, 1160), (1380, 1215)]),
    ("secondary", "创业大道", "Chuangye Avenue",
     [(-1350, -2020), (-700, -2090), (-300, -2100), (300, -2170), (690, -2130), (1250, -2330), (1900, -2440),
      (2600, -2420), (3160, -2270)]),
    ("tertiary", "学府路", "Xuefu Road", [(-560, 440), (-600, 700), (-660, 1110), (-690, 1710)]),
    ("tertiary", "朝阳路", "Chaoyang Road", [(560, 440), (630, 760), (650, 1160), (700, 1790)]),
    ("tertiary", "西门街", "Ximen Street", [(-1260, -150), (-1000, -90), (-780, -100)]),
    ("tertiary", "站前路", "Railway Station Road",
     [(640, 2150), (1000, 2230), (1430, 2240), (1900, 2260), (2440, 2330)]),
    ("tertiary", "溪南路", "Xinan Road", [(-1380, -1720), (-900, -1790), (-270, -1830), (300, -1860), (780, -1790)]),
    ("tertiary", "育才路", "Yucai Road", [(-830, -1440), (-800, -1800), (-860, -2120), (-900, -2540)]),
    ("tertiary", "福泉路", "Fuquan Road", [(260, -1510), (280, -1900), (260, -2200), (200, -2680)]),
    ("tertiary", "工业一路", "Gongye 1st Road", [(1290, -1780), (1240, -2330), (1300, -2640)]),
    ("tertiary", "工业二路", "Gongye 2nd Road", [(1930, -2060), (1880, -2440), (1930, -2660)]),
    ("tertiary", "工业三路", "Gongye 3rd Road", [(2600, -2080), (2570, -2420), (2640, -2640)]),
    ("tertiary", "职教路", "Zhijiao Road", [(-2230, -1330), (-2180, -1800), (-1750, -2180), (-1300, -2140)]),
    ("tertiary", "驿前街", "Old Post Road",
     [(-800, -560), (-560, -330), (-300, -190), (-20, 20), (260, 200), (420, 400), (560, 640), (660, 800)]),
]
# the new town's grid is drawn as it grew: bent by the river, some avenues stopping short
NEW_TOWN = [
    ("tertiary", "锦江路", "Jinjiang Road",
     [(940, 1240), (960, 800), (930, 380), (960, -20), (930, -420), (860, -860)]),
    ("tertiary", "新华路", "Xinhua Road",
     [(1740, 1870), (1720, 1280), (1650, 860), (1660, 470), (1720, -10), (1730, -420), (1690, -820), (1640, -1500)]),
    ("secondary", "政通路", "Zhengtong Road",
     [(2170, 1840), (2150, 1230), (2200, 850), (2190, 430), (2160, 10), (2200, -400), (2210, -800), (2240, -1440)]),
    ("tertiary", "学苑路", "Xueyuan Road",
     [(2600, 1790), (2590, 1230), (2640, 820), (2620, 420), (2650, 60), (2620, -420), (2600, -880), (2620, -1330)]),
    ("tertiary", "安康路", "Ankang Road", [(1300, 1560), (1720, 1590), (2170, 1560), (2600, 1520), (3030, 1500)]),
    ("secondary", "新城路", "Xincheng Road", [(1320, 1215), (1730, 1250), (2160, 1200), (2590, 1230), (3080, 1180)]),
    ("tertiary", "湖滨路", "Hubin Road",
     [(640, 830), (950, 800), (1320, 850), (1650, 865), (2190, 850), (2640, 800), (3090, 830)]),
    ("tertiary", "云鹤路", "Yunhe Road",
     [(660, 390), (930, 400), (1310, 440), (1660, 470), (2190, 430), (2620, 420), (3120, 450)]),
    ("tertiary", "金桂路", "Jingui Road",
     [(700, -380), (930, -400), (1360, -370), (1730, -420), (2200, -400), (2620, -420), (3110, -380)]),
    ("tertiary", "沙洲路", "Shazhou Road",
     [(800, -780), (1080, -760), (1280, -780), (1690, -800), (2210, -790), (2600, -820), (3060, -800)]),
]
COUNTRY = [
    [(-3000, 1440), (-3180, 1850), (-3080, 2400), (-2700, 2950), (-2600, 3550)],
    [(-1930, 1520), (-2000, 2000), (-1900, 2520), (-1500, 3080), (-1400, 3550)],
    [(-300, 1680), (-220, 2330), (90, 2850), (20, 3550)],
    [(-3100, 2350), (-2500, 2500), (-1900, 2520), (-1000, 2300), (-210, 2350), (640, 2150)],
    [(2860, 1700), (3300, 2480), (3420, 3550)],
    [(2420, 1780), (2440, 2400), (2900, 2500), (3320, 2500)],
    [(3100, 300), (3520, 880), (4050, 1180)],
    [(3060, -520), (3580, -640), (4050, -560)],
    [(2930, -1060), (3300, -980), (3580, -640), (3520, 100)],
    [(-3020, -1330), (-3320, -980), (-3000, -350), (-2780, 90), (-3150, 330), (-4050, 380)],
    [(-2780, 90), (-2400, -250), (-2250, -800), (-2190, -1400)],
    [(-2200, -1340), (-2520, -1880), (-3000, -2280), (-3600, -2650), (-4050, -2700)],
    [(-3000, -2280), (-3200, -1800), (-3020, -1270)],
    [(-920, -2460), (-760, -2780), (-520, -3150), (-450, -3550)],
    [(3100, -2100), (3480, -1800), (4050, -1780)],
    [(-1600, 680), (-2050, 830), (-2600, 1000), (-3000, 1480)],
    [(1320, -2580), (1500, -2850), (1420, -3550)],
    [(-1300, -2080), (-1800, -2500), (-2500, -2750), (-3020, -2250)],
]
MOTORWAY = [(-4050, -3080), (-2400, -2930), (-900, -2980), (640, -3080), (2000, -2980), (3000, -2880), (4050, -3020)]
RAILWAY = [(-4050, 2080), (-2400, 2230), (-700, 2480), (1000, 2420), (2400, 2560), (4050, 2300)]
TOLL_GATE = (640, -2860)  # where 迎宾大道 ends
# metres from the water, class, names on the north and on the south bank
EMBANKMENTS = [(42, "tertiary", ("滨江北路", "滨江南路")), (13, "footway", ("白鹭溪步道", "白鹭溪步道"))]
BRIDGES = {"西环路": "迎恩桥", "中山路": "永济桥", "迎宾大道": "白鹭大桥"}


def draw_roads(county: County) -> None:
    """Put every road drawn by hand on the map; only the three bridges enter the river."""
    river = river_polygon()
    for kind, name, english, points in MAIN + NEW_TOWN:
        tags = {"highway": kind, "name": name, "name:en": english}
        if kind == "trunk":
            tags |= {"ref": "G9999", "foot": "yes", "sidewalk": "both"}
        draw_road(county, curve(points), tags, river)
    for number, points in enumerate(COUNTRY):
        kind = "tertiary" if number % 3 else "unclassified"
        draw_road(county, curve(points), {"highway": kind, "name": f"乡道{number + 1:02d}线"}, river)
    draw_embankments(county, river)
    draw_motorway(county)
    county.lines.append((curve(RAILWAY).intersection(box(*EXTENT)), {
        "railway": "rail", "bridge": "yes", "layer": "1", "name": "示例铁路", "usage": "main"}))


def draw_road(county: County, line: LineString, tags: dict[str, str], river) -> None:
    """One road, with its bridge split off when it has one and its wet part dropped when it has none."""
    line = line.intersection(box(*EXTENT))
    bridge = BRIDGES.get(tags.get("name", ""))
    if bridge is None:
        for part in parts(line.difference(county.water.buffer(9)), "LineString"):
            county.streets.append(Street(part, tags))
        return
    wet = line.intersection(river.buffer(6))
    ends = sorted(line.project(Point(xy)) for xy in (wet.coords[0], wet.coords[-1]))
    for begin, stop, extra in ((0.0, ends[0], {}), (*ends, {"bridge": "yes", "layer": "1", "bridge:name": bridge}),
                               (ends[1], line.length, {})):
        county.streets.append(Street(substring(line, begin, stop), tags | extra))


def draw_embankments(county: County, river) -> None:
    """The streets and promenades that follow both banks through the town."""
    town = box(-1800, -2400, 3000, 900)
    for distance, kind, names in EMBANKMENTS:
        for ring in parts(river.buffer(distance, join_style="round").boundary, "LineString"):
            for part in parts(ring.intersection(town), "LineString"):
                draw_embankment(county, part.simplify(2.0), kind, names)


def draw_embankment(county: County, line: LineString, kind: str, names: tuple[str, str]) -> None:
    """One bank's street, named after the side it is on, cut to the stretch where the town has reached the river."""
    middle = line.interpolate(0.5, normalized=True)
    bank = LineString(spline(RIVER))
    north = middle.y > bank.interpolate(bank.project(middle)).y
    reach = box(-1285, -2400, 2990, 900) if north else box(-1340, -2400, 950, 900)
    if north and kind == "footway":  # downstream of the last bridge no face closes this strip
        lawn = line.intersection(box(900, -1700, 2950, -900)).buffer(24, cap_style="flat").difference(river_polygon())
        county.areas += [Area(part.simplify(1), {"landuse": "grass"}) for part in parts(lawn, "Polygon")]
    for part in parts(line.intersection(reach), "LineString"):
        county.streets.append(Street(part, {"highway": kind, "name": names[0] if north else names[1]}))


def draw_motorway(county: County) -> None:
    """A viaduct that nobody may walk on, and its toll road, which meets both at shared points."""
    tags = {"highway": "motorway", "name": "示例高速", "ref": "S9999", "bridge": "yes", "layer": "1", "foot": "no"}
    west, east = MOTORWAY[:4], MOTORWAY[3:]
    for points in (west, east):
        county.streets.append(Street(curve(points).intersection(box(*EXTENT)), tags, level=1))
    ramp = LineString([TOLL_GATE, (670, -2960), MOTORWAY[3]])
    county.streets.append(Street(ramp, {"highway": "motorway_link", "foot": "no"}, level=1))


def draw_pavements(county: County) -> None:
    """Pavements of their own along the two avenues of the new town, with crossings between them."""
    for name, stretch in (("人民路", box(900, -300, 3060, 400)), ("迎宾大道", box(1100, -500, 1500, 1780))):
        street = next(street for street in county.streets if street.tags.get("name") == name)
        for part in parts(street.line.intersection(stretch), "LineString"):
            sides = [part.offset_curve(distance).simplify(0.8) for distance in (9.5, -9.5)]
            for side in sides:
                county.streets.append(Street(side, {"highway": "footway", "footway": "sidewalk"}))
            for at in range(120, int(part.length) - 60, 230):
                middle = part.interpolate(at)
                ends = [side.interpolate(side.project(middle)) for side in sides]
                county.streets.append(Street(LineString(ends), {"highway": "footway", "footway": "crossing",
                                                                "crossing": "traffic_signals"}))
