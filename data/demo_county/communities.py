"""Schools, works, village and community committees, compound gates: venues that come from the ground they stand on."""

from demo_county import names
from demo_county.frame import County, Venue
from demo_county.people import town_of

SCHOOL_HOURS = "Mo-Fr 07:00-18:00"
LARGE_M2 = 23_500  # compounds smaller than this share a guard with a neighbour
ORDINALS = "一二三四五六七八九十"


def add_schools(county: County, picker) -> None:
    """Names for the school grounds, largest first: middle schools, then primary schools; kindergartens in buildings."""
    grounds = sorted((area for area in county.areas if area.tags == {"amenity": "school"}),
                     key=lambda area: -area.polygon.area)
    middle_schools = ["示例县第一中学", "示例县实验中学", "示例县第二中学", "江南中学", "示例县第三中学", "新城初级中学", "城北中学"]
    pool = middle_schools + primary_names()
    for area in grounds:
        town = town_of(area.polygon.centroid.coords[0])
        name = next(name for name in pool if names.home_town(name) in (None, town))
        pool.remove(name)
        level = "middle" if name in middle_schools else "primary"
        area.tags |= {"name": name, "school": level, "opening_hours": SCHOOL_HOURS}
        gate = area.polygon.exterior.interpolate(area.polygon.exterior.project(
            picker.street_point(area.polygon.centroid.coords[0])))
        county.venues.append(Venue(gate.coords[0], name, "school", area.tags, SCHOOL_HOURS, mapped=False))
    stems = ("小白鹭", "蓝天", "向日葵", "春苗", "金摇篮", "彩虹桥", "小榕树", "明珠", "星星", "晨曦", "童心", "七色花", "百灵鸟", "启航")
    for stem, index in zip(stems, picker.spread(len(stems), ("retail", "residential", "house"), 350)):
        picker.place_building(county, index, "school", f"{stem}幼儿园", {"amenity": "kindergarten"}, "Mo-Fr 07:30-17:30")


def primary_names() -> list[str]:
    """Primary schools: the numbered ones of the old town, then the others."""
    numbered = [f"城关第{ORDINALS[i]}小学" for i in range(4)]
    stems = ("新城", "江南", "白鹭", "镜湖", "北门", "育才", "金桂", "云鹤", "滨江", "锦江", "湖滨", "朝阳", "福泉", "安康", "溪南", "学苑",
             "金河", "团结", "光明", "同心", "安泰", "康宁",
             "沙洲", "新华", "政通", "驿前", "望江", "文笔", "永济", "迎恩", "东岭", "南山", "西郊", "松岗", "泉水", "花园")
    return [*numbered, *(f"{stem}小学" for stem in stems)]


def add_works(county: County, picker) -> None:
    """A gate hut for every named works."""
    for name, index in zip(names.INDUSTRY, picker.spread(len(names.INDUSTRY), ("industrial",), 120)):
        hours = "Mo-Sa 08:00-20:00" if len(name) % 2 else "24/7"
        picker.place_building(county, index, "industry", name, {"office": "company"}, hours)


def add_committees(county: County, picker) -> None:
    """Village committees in the villages, community committees in the town."""
    for name, centre, _ in names.VILLAGES:
        index = picker.nearest(centre, 260.0)
        if index is not None:
            picker.place_building(county, index, "village", f"{name}村民委员会", {"office": "government", "government": "village"},
                                  "Mo-Su 08:00-18:00")
    stems = ("钟楼", "文庙", "南薰", "东升", "驿前", "北门", "学府", "朝阳", "锦江", "镜湖", "金桂", "沙洲", "云鹤", "福泉", "溪南", "育才")
    taken: list[int] = []
    for stem in stems:
        index = picker.home(stem, ("retail", "residential", "house"), taken, 380)
        if index is None:
            continue
        taken.append(index)
        picker.place_building(county, index, "office", f"{stem}社区居民委员会",
                              {"office": "government", "government": "community"}, "Mo-Fr 08:00-17:30")


def add_gates(county: County) -> None:
    """A gate hut for each larger compound: its guard is there day and night."""
    large = {block.name for block in county.blocks if block.fabric == "compound" and block.polygon.area > LARGE_M2}
    seen: set[str] = set()
    for gate, name in county.gates:
        if name in large and name not in seen:
            seen.add(name)
            county.venues.append(Venue(gate.coords[0], f"{name}门岗", "compound", {}, "24/7", mapped=False))


