"""Checks used by every type and reader, so that all messages read alike.

Each returns a list of faults (sentences) and raises nothing, so that a caller can gather all faults of one input.
"""

import difflib
from collections.abc import Iterable, Sequence

import numpy as np


def name_first(count: int, noun: str, first: str) -> str:
    """`3 rows ..., the first is row 17` in one shape for every message.

    >>> name_first(3, "rows have no coordinates", "row 17")
    '3 rows have no coordinates, the first is row 17'
    >>> name_first(1, "rows have no coordinates", "row 17")
    '1 row has no coordinates: row 17'
    """
    if count == 1:
        head, _, tail = noun.partition(" ")
        verb = {"have ": "has ", "are ": "is ", "lie ": "lies ", "repeat ": "repeats "}
        for plural, singular in verb.items():
            tail = singular + tail[len(plural) :] if tail.startswith(plural) else tail
        return f"1 {head.removesuffix('s')} {tail}: {first}"
    return f"{count:,} {noun}, the first is {first}"


def lonlat_faults(lonlat: np.ndarray, what: str) -> list[str]:
    """Faults of coordinates that must be longitude, latitude in degrees, shape (n, 2)."""
    if lonlat.ndim != 2 or lonlat.shape[1] != 2:
        return [f"{what}: shape {lonlat.shape}; expected (n, 2): longitude, latitude in degrees"]
    bad = ~(np.isfinite(lonlat).all(axis=1) & (np.abs(lonlat[:, 0]) <= 180) & (np.abs(lonlat[:, 1]) <= 90))
    if not bad.any():
        return []
    first = int(np.argmax(bad))
    lon, lat = lonlat[first]
    hint = "; latitude and longitude look swapped" if abs(lat) > 90 and abs(lon) <= 90 else ""
    return [
        f"{what}: {name_first(int(bad.sum()), 'points lie outside the world', f'number {first} ({lon}, {lat})')}"
        f"; expected longitude -180..180, latitude -90..90{hint}"
    ]


def length_faults(what: str, expected: int, **columns: Sequence[object] | np.ndarray) -> list[str]:
    """Faults of columns that must all have the same number of rows."""
    return [
        f"{what}: {name} has {len(column)} rows; expected {expected}"
        for name, column in columns.items()
        if len(column) != expected
    ]


def negative_faults(values: np.ndarray, what: str) -> list[str]:
    """Faults of numbers that must be finite and not below zero."""
    bad = ~(np.isfinite(values) & (values >= 0))
    if not bad.any():
        return []
    first = tuple(int(i[0]) for i in np.nonzero(bad))
    return [f"{what}: {int(bad.sum()):,} not finite or below 0, the first is {values[first]} at {first}; expected >= 0"]


def duplicate_faults(ids: Sequence[str], what: str) -> list[str]:
    """Faults of ids that must differ."""
    seen: set[str] = set()
    repeated = [i for i in ids if i in seen or seen.add(i)]  # type: ignore[func-returns-value]
    return [f"{what}: {name_first(len(repeated), 'ids repeat another', repeated[0])}"] if repeated else []


def unknown_key_faults(given: Iterable[str], known: Iterable[str], where: str) -> list[str]:
    """Faults of settings that do not exist, with the nearest one that does.

    >>> unknown_key_faults(["minuets"], ["minutes", "speed"], "circle")
    ['circle.minuets is not a setting; did you mean minutes? known: minutes, speed']
    """
    known = list(known)
    faults = []
    for key in given:
        if key not in known:
            close = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean {close[0]}? " if close else ""
            prefix = f"{where}." if where else ""
            faults.append(f"{prefix}{key} is not a setting; {hint}known: {', '.join(known)}")
    return faults


def read_only(array: np.ndarray) -> np.ndarray:
    """The array with writing switched off, so that a frozen dataclass is frozen to the last number."""
    array = np.ascontiguousarray(array)
    array.setflags(write=False)
    return array
