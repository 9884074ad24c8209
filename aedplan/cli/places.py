"""Numbers and places given as options."""

from typing import TYPE_CHECKING

from ..errors import InputError, raise_faults

if TYPE_CHECKING:
    import numpy as np

    from ..network import StreetNetwork


def numbers(text: str, flag: str, count: int | None = None) -> list[float]:
    """Numbers divided by commas; InputError that names the option otherwise."""
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if not values or (count is not None and len(values) != count):
        wanted = "LON,LAT in degrees such as 118.386,24.960" if count == 2 else "numbers such as 2,3,4"
        raise InputError(f"{flag} {text!r}: expected {wanted}")
    return values


def place(text: str, flag: str, streets: "StreetNetwork") -> "np.ndarray":
    """(1, 2) longitude, latitude of an option; InputError that names it where that is nowhere near the streets."""
    import numpy as np

    from ..anchors import FAR_FROM_STREET_M, snap
    from ..checks import lonlat_faults

    lonlat = np.array([numbers(text, flag, 2)])
    raise_faults(lonlat_faults(lonlat, flag))
    off_m = int(snap(streets, lonlat).off_mm[0]) / 1000
    if off_m > FAR_FROM_STREET_M:
        where = f"{off_m:,.0f} m from the nearest walkable street; expected at most {FAR_FROM_STREET_M:,.0f} m"
        raise InputError(f"{flag} {text}: {where}: is it longitude,latitude in WGS-84?")
    return lonlat
