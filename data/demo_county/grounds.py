"""Large grounds laid out by hand: park, mall, civic centre, stadium, hospital, campus, hill, schools."""

import numpy as np
import shapely
from shapely import LineString, Point, Polygon
from shapely.affinity import scale
from shapely.ops import nearest_points

from demo_county.compounds import largest_part
from demo_county.fabric import divide, longest_axis, rectangle, row_angle
from demo_county.frame import Area, Building, County, Street, curve, parts
from demo_county.houses import along_edge, houses, slabs
from demo_county.terrain import LAKE


def lay_out_grounds(county: County) -> None:
    """Draw the inside of every block that was kept for an institution."""
    draw_station(county)
    streets = shapely.unary_union(
        [street.line for street in county.streets if street.level == 0 and "access" not in street.tags]
    )
    for block in list(county.blocks):
        if block.fabric in LAYOUTS:
            LAYOUTS[block.fabric](county, block.polygon, streets)


def approach(county: County, streets, ground: Polygon, toward: float, tags: dict[str, str]) -> Point:
    """A way from the nearest street to the ground's edge, somewhere along that edge; gives where it enters."""
    entry = ground.exterior.interpolate(toward % 1, normalized=True)
    outside = nearest_points(streets, entry)[0]
    county.streets.append(Street(LineString([outside, entry]), tags))
    return entry


def draw_station(county: County) -> None:
    """The railway station at the head of 迎宾大道, with its forecourt."""
    square = rectangle((1452, 2352), 150, 60, -0.06)
    county.areas.append(Area(square, {"place": "square", "name": "站前广场"}))
    county.streets.append(Street(LineString(square.exterior.coords), {"highway": "pedestrian", "name": "站前广场"}))
    county.streets.append(Street(LineString([(1450, 2310), (1452, 2345), (1453, 2380)]), {"highway": "pedestrian"}))
    county.buildings += houses(
        [rectangle((1454, 2402), 130, 34, -0.06)], county.rng, levels=(2, 2), kind="train_station", lived_in=0.0
    )


def lay_out_park(county: County, face: Polygon, streets) -> None:
    """A lake with a promenade around it and paths to all sides."""
    lake = Polygon(curve(LAKE, closed=True).coords)
    face = Polygon(face.exterior)
    park = face.buffer(-12)
    county.areas.append(Area(park, {"leisure": "park", "name": "镜湖公园"}))
    shore = lake.buffer(12, quad_segs=3).simplify(1.5)
    county.streets.append(Street(LineString(shore.exterior.coords), {"highway": "footway", "name": "环湖步道"}))
    outer = park.buffer(-70).buffer(45).simplify(1.5)
    county.streets.append(Street(LineString(outer.exterior.coords), {"highway": "path"}))
    for share in (0.03, 0.16, 0.3, 0.43, 0.55, 0.69, 0.82, 0.93):
        start = face.exterior.interpolate(share, normalized=True)
        end = nearest_points(shore.exterior, start)[0]
        middle = ((start.x + end.x) / 2 + county.rng.normal(0, 16), (start.y + end.y) / 2 + county.rng.normal(0, 16))
        for part in parts(curve([start.coords[0], middle, end.coords[0]]).difference(lake.buffer(5)), "LineString"):
            county.streets.append(Street(part, {"highway": "footway"}))


def lay_out_mall(county: County, face: Polygon, streets) -> None:
    """Two malls on a pedestrian street, joined by a covered corridor."""
    ground = face.buffer(-24, join_style="mitre")
    county.areas.append(Area(ground, {"landuse": "commercial"}))
    angle, middle = row_angle(face), np.array(face.centroid.coords[0])
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    walk = LineString([middle - along * 400, middle + along * 400]).intersection(face)
    county.streets.append(Street(walk, {"highway": "pedestrian", "name": "云天步行街"}))
    county.streets.append(
        Street(
            LineString([middle - across * 400, middle + across * 400]).intersection(face),
            {"highway": "pedestrian", "name": "喜年步行街"},
        )
    )
    shops = []
    for side in (-1, 1):
        for end in (-1, 1):
            centre = middle + along * end * 75 + across * side * 62
            shops.append(rectangle(tuple(centre), 110, 84, angle))
        far = middle + across * side * 150
        shops += [rectangle(tuple(far + along * shift), 46, 30, angle) for shift in (-95, -40, 40, 95)]
    county.buildings += houses(
        [shop for shop in shops if ground.contains(shop)], county.rng, levels=(4, 7), kind="retail", lived_in=0.0
    )
    corridor = LineString([middle + along * 75, middle + along * 75 + across * 62])
    county.streets.append(
        Street(corridor, {"highway": "footway", "indoor": "yes", "covered": "yes", "name": "云天连廊"})
    )


def lay_out_civic(county: County, face: Polygon, streets) -> None:
    """The county offices behind their square."""
    middle = np.array(face.centroid.coords[0])
    square = rectangle((middle[0], middle[1] - 75), 170, 110, 0.02)
    county.areas.append(Area(face.buffer(-20).simplify(2), {"landuse": "commercial"}))
    county.areas.append(Area(square, {"place": "square", "name": "市民广场"}))
    county.streets.append(Street(LineString(square.exterior.coords), {"highway": "pedestrian", "name": "市民广场"}))
    for shift in (-45, 45):
        county.streets.append(
            Street(
                LineString([(middle[0] + shift, middle[1] - 130), (middle[0] + shift, middle[1] - 400)]).intersection(
                    face
                ),
                {"highway": "footway"},
            )
        )
    county.streets.append(
        Street(
            LineString([(middle[0], middle[1] - 20), (middle[0], middle[1] + 400)]).intersection(face),
            {"highway": "service"},
        )
    )
    shapes = [
        rectangle((middle[0] + x, middle[1] + y), wide, deep, 0.02)
        for x, y, wide, deep in (
            (-62, 30, 96, 28),
            (62, 30, 96, 28),
            (-62, 105, 80, 22),
            (62, 105, 80, 22),
            (-150, -75, 26, 90),
            (150, -75, 26, 90),
            (-140, 60, 24, 70),
            (140, 60, 24, 70),
        )
    ]
    inside = face.buffer(-22)
    county.buildings += houses(
        [shape for shape in shapes if inside.contains(shape)], county.rng, levels=(5, 12), kind="public", lived_in=0.0
    )


def lay_out_sport(county: County, face: Polygon, streets) -> None:
    """The stadium, a hall, courts, and a ring path."""
    ground = largest_part(face.buffer(-24))
    middle = np.array(ground.centroid.coords[0])
    county.areas.append(Area(ground, {"leisure": "sports_centre", "name": "示例县体育中心"}))
    track = scale(Point(middle[0] - 40, middle[1]).buffer(1, quad_segs=6), 52, 92)
    county.areas.append(Area(track, {"leisure": "track", "sport": "athletics"}))
    county.streets.append(
        Street(LineString(track.buffer(16, quad_segs=4).simplify(1).exterior.coords), {"highway": "footway"})
    )
    hall = rectangle((middle[0] + 100, middle[1] - 30), 74, 62, 0.05)
    county.buildings += houses([hall], county.rng, levels=(2, 3), kind="sports_hall", lived_in=0.0)
    county.areas.append(
        Area(rectangle((middle[0] + 100, middle[1] + 60), 60, 34, 0.05), {"leisure": "pitch", "sport": "basketball"})
    )
    for dx, dy in ((-400, 3), (0, -400), (-4, 400)):
        start = Point(middle[0] - 40, middle[1])
        line = (
            LineString([start, (middle[0] - 40 + dx, middle[1] + dy)]).intersection(face).difference(track.buffer(15))
        )
        county.streets += [Street(part, {"highway": "footway"}) for part in parts(line, "LineString")]


def lay_out_hospital(county: County, face: Polygon, streets) -> None:
    """The county hospital: a loop for ambulances, wards, outpatients."""
    ground = largest_part(face.buffer(-22, join_style="mitre"))
    county.areas.append(
        Area(
            ground,
            {
                "amenity": "hospital",
                "name": "示例县医院",
                "healthcare": "hospital",
                "emergency": "yes",
                "opening_hours": "24/7",
            },
        )
    )
    loop = ground.buffer(-16).simplify(2)
    county.streets.append(Street(LineString(loop.exterior.coords), {"highway": "service"}))
    for share in (0.1, 0.62):
        approach(county, streets, loop, share, {"highway": "service"})
    wards = slabs(loop.buffer(-10), county.rng, spacing=52, depth=24, width=(60, 95), start=0.5)
    county.buildings += houses(wards, county.rng, levels=(6, 16), kind="hospital", lived_in=0.0)


def lay_out_campus(county: County, face: Polygon, streets) -> None:
    """The vocational college: ring road, teaching rows, dormitories, running track."""
    rng = county.rng
    ground = largest_part(face.buffer(-26))
    county.areas.append(Area(ground, {"amenity": "college", "name": "示例职业技术学院"}))
    ring = ground.buffer(-45).buffer(-20).buffer(20).simplify(3)
    county.streets.append(Street(LineString(ring.exterior.coords), {"highway": "service", "name": "校园环路"}))
    for share in (0.2, 0.55, 0.85):
        approach(county, streets, ring, share, {"highway": "service"})
    yards, cuts = divide(ring, rng, largest=21_000, bend=2.5)
    county.streets += [Street(line, {"highway": "footway" if depth > 1 else "service"}) for line, depth in cuts]
    for number, yard in enumerate(yards):
        if number == 1:
            centre = yard.representative_point()
            track = scale(centre.buffer(1, quad_segs=6), 45, 80).intersection(yard.buffer(-10))
            county.areas.append(Area(track, {"leisure": "track", "sport": "athletics"}))
            continue
        dorm = number % 3 == 0
        rows = slabs(yard.buffer(-9), rng, spacing=38, depth=15, width=(38, 66), start=0.4)
        county.buildings += houses(
            rows, rng, levels=(5, 7), kind="dormitory" if dorm else "college", lived_in=0.5 if dorm else 0.0
        )


def lay_out_hill(county: County, face: Polygon, streets) -> None:
    """文笔山: steps and paths climb to the pagoda; old houses at its foot."""
    rng = county.rng
    foot = face.buffer(-2)
    county.areas.append(Area(foot.simplify(2), {"landuse": "residential"}))
    wood = largest_part(face.buffer(-42).buffer(-25).buffer(25)).simplify(4)
    county.areas.append(Area(wood, {"natural": "wood", "name": "文笔山"}))
    top = np.array([-1010.0, 880.0])
    turns = np.linspace(0.2, 2 * np.pi + 0.2, 6, endpoint=False)
    ring = curve(
        [(top[0] + np.cos(t) * rng.uniform(85, 125), top[1] + np.sin(t) * rng.uniform(60, 90)) for t in turns],
        closed=True,
    )
    county.streets.append(Street(ring, {"highway": "path", "name": "文笔山步道"}))
    for number, turn in enumerate(turns + 0.4):
        inner = (top[0] + np.cos(turn) * 14, top[1] + np.sin(turn) * 14)
        bend = (top[0] + np.cos(turn + 0.1) * 170, top[1] + np.sin(turn + 0.1) * 150)
        outer = (top[0] + np.cos(turn - 0.1) * 620, top[1] + np.sin(turn - 0.1) * 620)
        sway = rng.normal(0, 22, 2)
        knee = (bend[0] * 0.55 + outer[0] * 0.45 + sway[0], bend[1] * 0.55 + outer[1] * 0.45 + sway[1])
        line = curve([inner, bend, knee, outer]).intersection(face)
        kind = {"highway": "steps", "name": "文笔山石阶"} if number in (1, 4, 5) else {"highway": "path"}
        county.streets += [Street(part, kind) for part in parts(line, "LineString")[:1]]
    square = rectangle(tuple(top), 20, 20, 0.3)
    county.streets.append(Street(LineString(square.exterior.coords), {"highway": "footway"}))
    county.buildings.append(
        Building(rectangle(tuple(top), 10, 10, 0.3), {"building": "pagoda", "building:levels": "7"})
    )
    rows = along_edge(foot, rng, setback=13, depth=(9, 12), width=(12, 24), gap=0.35)
    county.buildings += houses(rows, rng, levels=(2, 4), lived_in=0.8)


def lay_out_school(county: County, face: Polygon, streets) -> None:
    """A school: teaching rows to the north, sports ground to the south, gate to the street."""
    ground = largest_part(face.buffer(-11, join_style="mitre"))
    county.areas.append(Area(ground.simplify(1.5), {"amenity": "school"}))
    low, high = ground.bounds[1], ground.bounds[3]
    cut = low + (high - low) * 0.45
    south = largest_part(ground.buffer(-9).intersection(shapely.box(-9e3, -9e3, 9e3, cut)))
    north = ground.intersection(shapely.box(-9e3, cut + 4, 9e3, 9e3))
    for part in parts(north, "Polygon"):
        rows = slabs(part.buffer(-4), county.rng, spacing=27, depth=12, width=(36, 64), start=0.4)
        county.buildings += houses(rows, county.rng, levels=(3, 5), kind="school", lived_in=0.0)
    if south is not None:
        county.areas.append(Area(sports_ground(south), {"leisure": "track"}))


def sports_ground(ground: Polygon) -> Polygon:
    """The largest running track that lies well inside a piece of ground."""
    centre = ground.representative_point()
    long, _ = longest_axis(ground)
    room = centre.distance(ground.exterior)
    half = LineString(
        [(centre.x - long[0] * 0.16, centre.y - long[1] * 0.16), (centre.x + long[0] * 0.16, centre.y + long[1] * 0.16)]
    )
    return half.buffer(max(6.0, room * 0.85), quad_segs=5).intersection(ground)


LAYOUTS = {
    "park": lay_out_park,
    "mall": lay_out_mall,
    "civic": lay_out_civic,
    "sport": lay_out_sport,
    "hospital": lay_out_hospital,
    "campus": lay_out_campus,
    "hill": lay_out_hill,
    "school": lay_out_school,
}
