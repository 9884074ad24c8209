"""Hand over to a map program: https links that lead on foot to a device, each in its program's own coordinates.

WGS-84 goes in. On mainland maps Amap, Tencent and Apple draw in GCJ-02, Baidu in BD-09; nothing is asked of the programs
to convert, since each does so in its own way. Outside China nothing is shifted. All four open without a key, inside
WeChat too, where the programs' own schemes (iosamap://, baidumap://) are blocked.

Parameters: Amap "URI API" (uri.amap.com, lon,lat), Baidu "地图调起 URI API" (lat,lon), Tencent "地图 URI API" (lat,lon),
Apple "Map Links" (lat,lon; it takes no name beside a destination).
"""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

import numpy as np

from aedplan.coordinates import convert

SOURCE = "aedplan"
HERE = "我的位置"
"""What Baidu, which asks for an origin, takes for the place where the phone is: we tell nobody where that is."""

Place = tuple[float, float]


def go_links(lonlat: np.ndarray, names: Sequence[str]) -> list[dict[str, str]]:
    """For each place the links by program.

    lonlat  (n, 2) WGS-84 degrees
    names   (n,) what the programs call the places
    """
    gcj02, bd09 = (convert(lonlat, source="wgs84", target=system) for system in ("gcj02", "bd09"))
    shifted = (gcj02 != lonlat).any(axis=1)
    rows = zip(lonlat.tolist(), gcj02.tolist(), bd09.tolist(), shifted.tolist(), names, strict=True)
    return [
        {
            "amap": _amap(gcj, name),
            "baidu": _baidu(bd, "bd09ll", name) if in_china else _baidu(plain, "wgs84", name),
            "tencent": _tencent(gcj, name),
            "apple": _link("https://maps.apple.com/", {"daddr": _lat_lon(gcj), "dirflg": "w"}),
        }
        for plain, gcj, bd, in_china, name in rows
    ]


def _amap(place: Place, name: str) -> str:
    to = f"{place[0]:.6f},{place[1]:.6f},{name.replace(',', ' ')}"  # a comma would begin another field
    query = {"to": to, "mode": "walk", "coordinate": "gaode", "callnative": "1", "src": SOURCE}
    return _link("https://uri.amap.com/navigation", query)


def _baidu(place: Place, system: str, name: str) -> str:
    plain = name.replace("|", " ").replace(":", " ")
    query = {"origin": HERE, "destination": f"latlng:{_lat_lon(place)}|name:{plain}", "mode": "walking",
             "coord_type": system, "output": "html", "src": f"webapp.{SOURCE}.{SOURCE}"}  # fmt: skip
    return _link("https://api.map.baidu.com/direction", query)


def _tencent(place: Place, name: str) -> str:
    query = {"type": "walk", "to": name, "tocoord": _lat_lon(place), "referer": SOURCE}
    return _link("https://apis.map.qq.com/uri/v1/routeplan", query)


def _lat_lon(place: Place) -> str:
    return f"{place[1]:.6f},{place[0]:.6f}"


def _link(address: str, query: dict[str, str]) -> str:
    return f"{address}?{urlencode(query, quote_via=quote)}"
