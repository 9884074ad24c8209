"""Where things are: WGS-84 inside; what came in another system is kept as it came."""

import math
from dataclasses import dataclass
from typing import get_args

import numpy as np

from aedplan.coordinates import System, convert

from ..tables import Device, Site
from . import Fault, refuse

DECIMALS = 7  # about 1 cm


@dataclass(frozen=True)
class Position:
    """A position as somebody gave it: degrees in the system that `source` names (WGS-84 when it is no system)."""

    lon: float
    lat: float
    source: str = "wgs84"
    accuracy_m: float | None = None


def put(record: Site | Device, position: Position | None) -> None:
    """Put a site or device somewhere, or nowhere.

    Raises ServiceError 422 when the position lies outside the world.
    """
    if position is None:
        record.lon = record.lat = record.coordinate_source = record.coordinate_original = None
        record.coordinate_accuracy_m = None
        return
    refuse(_faults(position))
    given = np.array([[position.lon, position.lat]])
    shifted = position.source in get_args(System)
    lon, lat = convert(given, source=position.source, target="wgs84")[0] if shifted else given[0]  # type: ignore[arg-type]
    record.lon, record.lat = round(float(lon), DECIMALS), round(float(lat), DECIMALS)
    record.coordinate_source = position.source  # type: ignore[assignment]
    record.coordinate_original = {"lon": position.lon, "lat": position.lat, "source": position.source}
    record.coordinate_accuracy_m = position.accuracy_m


def _faults(position: Position) -> list[Fault]:
    faults = []
    if not (math.isfinite(position.lon) and abs(position.lon) <= 180):
        faults.append((f"经度 {position.lon} 应为 -180 至 180 度", f"longitude {position.lon} is not in -180..180"))
    if not (math.isfinite(position.lat) and abs(position.lat) <= 90):
        faults.append((f"纬度 {position.lat} 应为 -90 至 90 度", f"latitude {position.lat} is not in -90..90"))
    return faults
