"""The three tables: people, standing devices, candidate sites."""

from pathlib import Path

import numpy as np

from demo_county.frame import County, Venue, to_degrees
from demo_county.people import population_rows, town_of
from demo_county.writing import write_table

PRICE = 24_000  # RMB for one device with its cabinet: Licheng 2023
# the twelve that hang already: as in many counties, where the building was ready rather than where people are
STANDING = {
    "示例县汽车客运站": "一楼候车厅服务台左侧",
    "示例站": "进站口安检通道右侧墙上",
    "示例县人民政府": "一号楼一楼大厅值班室旁",
    "江南天地": "一楼东门服务台旁",
    "示例县医院": "门诊楼一楼导诊台后方",
    "示例县体育中心": "主馆南门入口内左侧",
    "示例县图书馆": "一楼总服务台旁",
    "云天广场": "一楼客服中心对面立柱",
    "示例县第一中学": "体育馆一楼器材室门口",
    "老城百货大楼": "一楼收银台对面立柱",
    "城关派出所": "报警大厅入口右侧",
    "示例职业技术学院": "校医室门外走廊",
}


def write_tables(folder: Path, county: County) -> dict[str, list[list]]:
    """Write population.csv, devices.csv and candidates.csv; gives their rows by file name."""
    standing = [next(venue for venue in county.venues if venue.name == name) for name in STANDING]
    others = [venue for venue in county.venues if venue.name not in STANDING]
    others.sort(key=lambda venue: (venue.kind, county.venues.index(venue)))
    tables = {
        "population.csv": (
            ["id", "lon", "lat", "town", "age_0_17", "age_18_59", "age_60_plus", "population"],
            population_rows(county),
        ),
        "devices.csv": (
            ["编号", "名称", "类别", "经度", "纬度", "开放时间", "位置说明", "镇街"],
            [
                [f"D{number:02d}", *place(venue), STANDING[venue.name], town_of(venue.xy)]
                for number, venue in enumerate(standing, start=1)
            ],
        ),
        "candidates.csv": (
            ["编号", "名称", "类别", "经度", "纬度", "开放时间", "费用", "镇街"],
            [
                [f"C{number:03d}", *place(venue), PRICE, town_of(venue.xy)]
                for number, venue in enumerate(others, start=1)
            ],
        ),
    }
    for name, (header, rows) in tables.items():
        write_table(folder / name, header, rows)
    return {name: rows for name, (_, rows) in tables.items()}


def place(venue: Venue) -> list[str]:
    """Name, kind, longitude, latitude and hours of a venue."""
    lon, lat = to_degrees(np.array([venue.xy]))[0]
    return [venue.name, venue.kind, f"{lon:.6f}", f"{lat:.6f}", venue.hours]
