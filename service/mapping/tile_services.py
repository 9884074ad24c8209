"""Public map services that may lie under our layers instead of our own base map, by setting.

Tianditu (天地图): Web Mercator tiles by WMTS, CGCS2000, within a metre of WGS-84; a key of the office's own.
Amap (高德): Web Mercator tiles in GCJ-02; pages shift all that they draw. Both must show their approval number (审图号).
"""

from dataclasses import dataclass
from typing import Literal

from aedplan.errors import raise_faults

Provider = Literal["own", "tianditu", "amap"]
PROVIDERS = ("own", "tianditu", "amap")
_TIANDITU = (
    "https://t{s}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}"
    "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}"
)
_AMAP = "https://wprd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scl=1&style=7&x={x}&y={y}&z={z}"


@dataclass(frozen=True)
class TileService:
    """tiles: addresses with places {s} {x} {y} {z}, lowest layer first; system: of their coordinates."""

    provider: Provider
    name_zh: str
    name_en: str
    tiles: tuple[str, ...]
    subdomains: str
    system: Literal["wgs84", "gcj02"]
    approval: str

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host that pictures come from."""
        hosts = {tile.split("/")[2].replace("{s}", one) for tile in self.tiles for one in self.subdomains}
        return tuple(f"https://{host}" for host in sorted(hosts))


def tile_service(provider: str, *, key: str, approval: str) -> TileService | None:
    """The service that a setting names; None for our own base map.

    Raises InputError when it is not known, or its key or approval number is missing or has strange characters.
    """
    known = provider in PROVIDERS
    faults = [] if known else [f"AEDPLAN_BASEMAP is {provider!r}; expected one of {', '.join(PROVIDERS)}"]
    if provider == "tianditu" and not (key.isascii() and key.isalnum()):
        faults.append("AEDPLAN_BASEMAP_KEY: expected the key that Tianditu has given you, letters and digits")
    if known and provider != "own" and not approval:
        faults.append(
            "AEDPLAN_BASEMAP_APPROVAL: expected the approval number of the map (审图号), such as GS(2024)0650号"
        )
    raise_faults(faults)
    if provider == "tianditu":
        tiles = tuple(_TIANDITU.replace("{layer}", layer).replace("{key}", key) for layer in ("vec", "cva"))
        return TileService("tianditu", "天地图", "Tianditu", tiles, "01234567", "wgs84", approval)
    return TileService("amap", "高德地图", "Amap", (_AMAP,), "1234", "gcj02", approval) if provider == "amap" else None
