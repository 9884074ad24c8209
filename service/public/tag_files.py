"""Files for others: devices as OpenStreetMap tags for mappers, and the public dataset with its licence and date.

A public device is built by listing what everybody may know. Nothing here is sent anywhere: a mapper opens the file in
an editor, compares it with the map and uploads what is true. Tags: wiki.openstreetmap.org/wiki/Tag:emergency=defibrillator.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.etree import ElementTree

from aedplan.tables.formulas import guarded

from ..errors import ServiceError
from ..facts import CabinetAccess

LONGEST_TAG = 255
"""Characters of a value in OpenStreetMap's database."""

OPEN_CABINETS, LOCKED_CABINETS = frozenset({"open", "seal", "alarm"}), frozenset({"locked", "scan", "code"})


@dataclass(frozen=True)
class PublicDevice:
    """What everybody may know of a device. WGS-84 degrees; "" and None where not known.

    access     public, permissive, customers or private
    phone      of the site's desk, never of a person
    usable     whether it counted as ready on the day of the dataset
    since      the day it was installed
    """

    code: str
    name: str
    lon: float
    lat: float
    location_text: str = ""
    location_text_en: str = ""
    indoor: bool | None = None
    level: str = ""
    access: str = ""
    opening_hours: str = ""
    cabinet_access: CabinetAccess = ""
    operator: str = ""
    phone: str = ""
    manufacturer: str = ""
    model: str = ""
    checked_on: date | None = None
    usable: bool | None = None
    osm_id: str = ""
    since: date | None = None


@dataclass(frozen=True)
class Licence:
    """Under what the dataset is given away, and by whom."""

    name: str
    address: str
    publisher: str


CC_BY = "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"
_ACCESS = {"public": "yes", "permissive": "permissive", "customers": "customers", "private": "private"}


def osm_tags(device: PublicDevice) -> dict[str, str]:
    """The tags of a device; what is not known has none.

    >>> osm_tags(PublicDevice("A017", "汽车站", 118.386, 24.96, cabinet_access="scan"))["locked"]
    'yes'
    """
    locked = (
        "yes" if device.cabinet_access in LOCKED_CABINETS else "no" if device.cabinet_access in OPEN_CABINETS else ""
    )
    tags = {
        "emergency": "defibrillator",
        "access": _ACCESS.get(device.access, ""),
        "check_date": device.checked_on.isoformat() if device.checked_on else "",
        "defibrillator:location": device.location_text,
        "defibrillator:location:zh": device.location_text,
        "defibrillator:location:en": device.location_text_en,
        "emergency:phone": "120",
        "indoor": "" if device.indoor is None else ("yes" if device.indoor else "no"),
        "level": device.level,
        "locked": locked,
        "manufacturer": device.manufacturer,
        "model": device.model,
        "opening_hours": device.opening_hours,
        "operator": device.operator,
        "phone": device.phone,
        "ref": device.code,
    }
    short = {key: _plain(text)[:LONGEST_TAG].strip() for key, text in tags.items()}
    return {key: text for key, text in short.items() if text}


def _plain(text: str) -> str:
    """Text on one line, without what XML cannot hold."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def osm_file(devices: Sequence[PublicDevice]) -> bytes:
    """An .osm file (API 0.6) of new points, as JOSM opens it; marked so that it is not uploaded unseen."""
    root = ElementTree.Element("osm", version="0.6", generator="aedplan", upload="never")
    for number, device in enumerate(devices, start=1):
        place = {"id": str(-number), "visible": "true", "lat": f"{device.lat:.7f}", "lon": f"{device.lon:.7f}"}
        node = ElementTree.SubElement(root, "node", place)
        for key, text in osm_tags(device).items():
            ElementTree.SubElement(node, "tag", k=key, v=text)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


COLUMNS = (
    ("code", "编号", "code"),
    ("name", "名称", "name"),
    ("lon", "经度", "longitude"),
    ("lat", "纬度", "latitude"),
    ("location_text", "位置", "place"),
    ("location_text_en", "位置（英文）", "place (English)"),
    ("indoor", "室内", "indoor"),
    ("level", "楼层", "level"),
    ("access", "取用对象", "access"),
    ("opening_hours", "开放时间", "opening hours"),
    ("cabinet_access", "箱体", "cabinet"),
    ("operator", "管理单位", "operator"),
    ("phone", "电话", "phone"),
    ("manufacturer", "厂家", "manufacturer"),
    ("model", "型号", "model"),
    ("since", "安装日期", "installed on"),
    ("checked_on", "最近检查", "last check"),
    ("usable", "可用", "usable"),
)
"""Field, Chinese header, English header of the public dataset."""


def dataset(devices: Iterable[PublicDevice], licence: Licence, *, on: date) -> dict[str, Any]:
    """The public dataset as GeoJSON (RFC 7946), with licence, publisher and date as members of their own.

    Every feature has every property, null where not known, so that its types stay the same.
    """
    _check_licence(licence)
    return {
        "type": "FeatureCollection",
        "licence": licence.name,
        "licence_url": licence.address,
        "publisher": licence.publisher,
        "date": on.isoformat(),
        "crs_note": "WGS-84 longitude, latitude",
        "features": [_feature(device) for device in devices],
    }


def _feature(device: PublicDevice) -> dict[str, Any]:
    names = [name for name, _, _ in COLUMNS if name not in ("lon", "lat")]
    shown = {name: _json(getattr(device, name)) for name in names}
    place = {"type": "Point", "coordinates": [round(device.lon, 7), round(device.lat, 7)]}
    return {"type": "Feature", "id": device.code, "geometry": place, "properties": shown}


def _json(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return None if value == "" else value


def dataset_json(devices: Iterable[PublicDevice], licence: Licence, *, on: date) -> bytes:
    """The same as bytes."""
    return json.dumps(dataset(devices, licence, on=on), ensure_ascii=False, allow_nan=False, indent=1).encode()


def dataset_csv(devices: Iterable[PublicDevice], licence: Licence, *, on: date) -> bytes:
    """The same as a table with Chinese headers, for spreadsheets: UTF-8 with its mark, formulas made harmless.

    Licence, publisher and date stand in columns of their own, since a table has no other place for them.
    """
    _check_licence(licence)
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\r\n")
    table.writerow([*(zh for _, zh, _ in COLUMNS), "许可", "发布者", "日期"])
    for device in devices:
        cells = [_cell(getattr(device, name)) for name, _, _ in COLUMNS]
        table.writerow([*cells, guarded(licence.name), guarded(licence.publisher), on.isoformat()])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{value:.7f}" if isinstance(value, float) else guarded(str(value))


def _check_licence(licence: Licence) -> None:
    """Raises ServiceError 409 when nobody has decided under what the data are given away."""
    if not (licence.name.strip() and licence.publisher.strip()):
        raise ServiceError(
            409, "请先在设置中填写数据许可和发布单位", "Set the licence and the publisher of the dataset first"
        )
