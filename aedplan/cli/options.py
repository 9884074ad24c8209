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
    "folders": (
        "folders",
        {"type": Path, "nargs": "+", "metavar": "DIR", "help": "方案的文件夹，2 到 4 个 / folders of plans, 2 to 4"},
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
