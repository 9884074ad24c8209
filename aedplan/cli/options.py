"""Every option of the command line, by the name that commands ask for it."""

from pathlib import Path

PLACE: dict[str, object] = {
    "required": True,
    "metavar": "LON,LAT",
    "help": "WGS-84 经度,纬度，如 118.386,24.960 / in degrees",
}
GEOJSON: dict[str, object] = {
    "type": Path,
    "required": True,
    "metavar": "FILE.geojson",
    "help": "写入的文件 / the file to write",
}

OPTIONS: dict[str, tuple[str, dict[str, object]]] = {
    "scenario": ("scenario", {"type": Path, "metavar": "SCENARIO.toml", "help": "方案文件 / the scenario"}),
    "out": ("--out", {"type": Path, "required": True, "metavar": "DIR", "help": "写入的文件夹 / the folder to write"}),
    "out_file": ("--out", GEOJSON),
    "out_streets": (
        "--out",
        {"type": Path, "required": True, "metavar": "DIR", "help": "保存街道的文件夹 / the folder to save them in"},
    ),
    "language": (
        "--language",
        {
            "choices": ("zh", "en"),
            "help": "Word 报告的语言，默认按方案文件 / language of report.docx",
        },
    ),
    "numbers": (
        "--devices",
        {"default": "1..60", "metavar": "1..60", "help": "新设备台数，从几到几 / numbers of new devices, from and to"},
    ),
    "folder": ("folder", {"type": Path, "metavar": "DIR", "help": "方案的文件夹 / the folder of a plan"}),
    "folders": (
        "folders",
        {
            "type": Path,
            "nargs": "+",
            "metavar": "DIR",
            "help": "方案的文件夹或方案文件，2 到 4 个 / folders of plans, or scenarios, 2 to 4",
        },
    ),
    "even_if_unlike": (
        "--even-if-unlike",
        {
            "action": "store_true",
            "help": "救护圈、需求或时段不同也并列 / although circles, demand or hours differ",
        },
    ),
    "out_page": (
        "--out",
        {"type": Path, "required": True, "metavar": "FILE.html", "help": "写入的页面 / the page to write"},
    ),
    "area": (
        "area",
        {"metavar": "AREA", "help": "街道文件，或地名，如 南安市, 福建省, 中国 / a file of streets, or a place name"},
    ),
    "streets": (
        "streets",
        {"type": Path, "metavar": "STREETS", "help": "街道文件，或已保存的街道 / a file of streets, or saved ones"},
    ),
    "devices": (
        "devices",
        {
            "type": Path,
            "metavar": "DEVICES",
            "help": "设备表，或已算好的方案文件夹；list 列出全部规范 / a table of devices, or the folder of a finished plan;"
            " list names all norms",
        },
    ),
    "norm": ("--norm", {"metavar": "NAME", "help": "规范，如 guangzhou-2024，或 TOML 文件 / a norm, or a TOML file"}),
    "venues": (
        "--venues",
        {"type": Path, "metavar": "FILE", "help": "场所表，或 OpenStreetMap 文件 / a table of venues, or an OSM file"},
    ),
    "population": (
        "--population",
        {"metavar": "N|FILE", "help": "人口数，或有人口列的表 / people, or a table with such a column"},
    ),
    "streets_file": (
        "--streets",
        {"type": Path, "metavar": "FILE", "help": "街道，用于步行距离和核对坐标 / streets, for walks and for places"},
    ),
    "area_file": (
        "--area",
        {"type": Path, "metavar": "FILE", "help": "县界多边形，用于找出县外的点 / the county's outline, for outliers"},
    ),
    "report": (
        "--report",
        {"type": Path, "metavar": "FILE", "help": "把每一行的结果写入 .xlsx / write every row's result to a workbook"},
    ),
    "on": ("--on", {"metavar": "DATE", "help": "以哪一天为今天，如 2026-11-22 / the day that counts as today"}),
    "streets_given": (
        "--streets",
        {
            "type": Path,
            "required": True,
            "metavar": "FILE",
            "help": "街道：OpenStreetMap 文件（.osm.pbf 等）或已保存的街道 / streets: an OpenStreetMap file, or saved ones",
        },
    ),
    "candidates": (
        "--candidates",
        {
            "type": Path,
            "metavar": "TABLE",
            "help": "候选点位表；不给就用地图上的场所 / candidate sites; the venues of the map unless given",
        },
    ),
    "standing": (
        "--standing",
        {"type": Path, "metavar": "TABLE", "help": "已设设备表 / devices that hang already"},
    ),
    "demand": (
        "--demand",
        {
            "type": Path,
            "metavar": "TABLE",
            "help": "人口或需求表；不给就用地图上的建筑 / people, or demand; the buildings of the map unless given",
        },
    ),
    "people": (
        "--population",
        {"metavar": "N", "help": "本县人口，由建筑分摊 / people of the county, shared out by buildings"},
    ),
    "tables_crs": (
        "--crs",
        {
            "default": None,
            "help": "CSV、XLSX 表的坐标系：wgs84、gcj02（高德、腾讯）或 bd09（百度） / the coordinate system of CSV and"
            " XLSX tables",
        },
    ),
    "candidates_crs": (
        "--candidates-crs",
        {"metavar": "CRS", "help": "候选点位表的坐标系，若不同 / that of the candidates, where it differs"},
    ),
    "standing_crs": (
        "--standing-crs",
        {"metavar": "CRS", "help": "已设设备表的坐标系，若不同 / that of the devices, where it differs"},
    ),
    "demand_crs": (
        "--demand-crs",
        {"metavar": "CRS", "help": "人口表的坐标系，若不同 / that of the people, where it differs"},
    ),
    "new_devices": (
        "--devices",
        {"type": int, "default": 20, "metavar": "N", "help": "新设备台数，默认 20 / new devices, 20 unless given"},
    ),
    "leave_out": (
        "--leave-out",
        {
            "action": "store_true",
            "help": "读不进来的行不用，其余另存一份 / plan without rows that cannot be read, in a copy of the table",
        },
    ),
    "out_scenario": (
        "--out",
        {"type": Path, "required": True, "metavar": "FILE.toml", "help": "写入的方案文件 / the scenario to write"},
    ),
    "at": ("--at", PLACE),
    "to": ("--to", PLACE),
    "minutes": (
        "--minutes",
        {"default": "2,3,4", "help": "一个或几个分钟数，用逗号隔开，默认 2,3,4 / one or more, divided by commas"},
    ),
    "circle": (
        "--circle",
        {
            "default": "walk-4",
            "help": "采用哪个救护圈的步速与往返，默认 walk-4 / the rescue circle whose speed and trips count",
        },
    ),
    "sites": (
        "--sites",
        {
            "type": Path,
            "required": True,
            "metavar": "TABLE",
            "help": "地点表：CSV、XLSX、GeoPackage、GeoJSON 等 / a table of places",
        },
    ),
    "crs": (
        "--crs",
        {
            "default": None,
            "help": "表中坐标系：wgs84、gcj02（高德、腾讯）或 bd09（百度） / the coordinate system of the table",
        },
    ),
}
