"""A street network as a folder of plain arrays, mapped into memory when opened: a county opens in milliseconds.

`network.json` holds the version of the format, the coordinate system, the source, the version of the walking rule, and
every array's shape and type; each array is a `.npy` file of its own name.
"""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from .errors import InputError, raise_faults
from .network import KINDS, StreetNetwork
from .outputs import whole_folder, write_json
from .source import Source
from .walking import WALKING_RULE_VERSION

FORMAT = "aedplan streets"
VERSION = 1
INDEX = "network.json"

TYPES = {
    "xy": "<f8",
    "ends": "<i4",
    "length_mm": "<i4",
    "kind": "|u1",
    "vertex_start": "<i8",
    "vertex_xy": "<f8",
    "start": "<i8",
    "head": "<i4",
    "way": "<i4",
}
"""The arrays of a StreetNetwork and how they lie in the files."""


def save(streets: StreetNetwork, path: str | Path) -> None:
    """Write a network to a folder, whole or not at all; a network saved there before is replaced.

    Raises InputError when the folder holds files that aedplan did not write.
    """
    arrays = {name: np.ascontiguousarray(getattr(streets, name), dtype=kind) for name, kind in TYPES.items()}
    with whole_folder(path) as folder:
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        index = {
            "format": FORMAT,
            "version": VERSION,
            "walking_rule": WALKING_RULE_VERSION,
            "crs": streets.crs,
            "source": asdict(streets.source),
            "arrays": {name: {"shape": array.shape, "type": TYPES[name]} for name, array in arrays.items()},
        }
        write_json(folder / INDEX, index)


def load(path: str | Path) -> StreetNetwork:
    """Open a saved network; its arrays stay in the files until they are used, and cannot be written.

    Raises InputError when the folder holds no network, one of another version, or a damaged one.
    """
    path = Path(path)
    index = _index(path)
    arrays, faults = {}, []
    for name in TYPES:
        try:
            arrays[name] = _open(path / f"{name}.npy", index["arrays"].get(name))
        except (OSError, EOFError, ValueError) as error:
            faults.append(f"{path.name}/{name}.npy: {_why(error)}; expected the array that was saved")
    raise_faults(faults)
    raise_faults(f"{path.name}: {fault}; expected a network that was saved whole" for fault in _size_faults(arrays))
    return StreetNetwork(**arrays, crs=index["crs"], source=Source(**index["source"]))


def _index(path: Path) -> dict[str, Any]:
    """What `network.json` says, checked."""
    if not (path / INDEX).is_file():
        raise InputError(f"{path.name}: no {INDEX} in it; expected a network saved by aedplan fetch")
    try:
        index = json.loads((path / INDEX).read_bytes())
    except ValueError as error:
        raise InputError(f"{path.name}/{INDEX}: not readable; expected the file that was saved") from error
    if not isinstance(index, dict) or index.get("format") != FORMAT:
        raise InputError(f"{path.name}/{INDEX}: not a saved network; expected format {FORMAT!r}")
    known = {"version": VERSION, "walking_rule": WALKING_RULE_VERSION}
    faults = [
        f"{path.name}: {key} is {index.get(key)!r}; expected {value!r}: fetch the streets again"
        for key, value in known.items()
        if index.get(key) != value
    ]
    raise_faults(faults or _index_faults(index, f"{path.name}/{INDEX}"))
    return index


def _index_faults(index: dict[str, Any], where: str) -> list[str]:
    source, known = index.get("source"), {field.name for field in fields(Source)}
    faults = [] if isinstance(index.get("crs"), str) else [f"{where}: no crs; expected its words"]
    if not isinstance(source, dict) or set(source) != known:
        faults.append(f"{where}: source is {source!r}; expected {', '.join(sorted(known))}")
    if not isinstance(index.get("arrays"), dict):
        faults.append(f"{where}: no arrays; expected the shape and type of each")
    return faults


def _open(file: Path, said: object) -> np.ndarray:
    """An array mapped from its file, read-only; ValueError when it is not what the index says."""
    array = np.asarray(np.load(file, mmap_mode="r", allow_pickle=False))
    found = {"shape": list(array.shape), "type": array.dtype.str}
    if said != found or found["type"] != TYPES[file.stem]:
        raise ValueError(f"holds {found}, {INDEX} says {said}")
    return array


def _why(error: Exception) -> str:
    return "is missing" if isinstance(error, FileNotFoundError) else f"cannot be used ({error})"


def _size_faults(arrays: dict[str, np.ndarray]) -> list[str]:
    """Faults of arrays that do not fit together; kernels trust their numbers, so that a wrong one could crash."""
    nodes, edges, vertices = len(arrays["xy"]), len(arrays["ends"]), len(arrays["vertex_xy"])
    shapes = {
        "xy": (nodes, 2), "ends": (edges, 2), "length_mm": (edges,), "kind": (edges,), "vertex_start": (edges + 1,),
        "vertex_xy": (vertices, 2), "start": (nodes + 1,), "head": (2 * edges,), "way": (2 * edges,),
    }  # fmt: skip
    faults = [
        f"{name} has shape {arrays[name].shape} beside {nodes} nodes, {edges} edges and {vertices} vertices"
        for name, shape in shapes.items()
        if arrays[name].shape != shape
    ]
    if faults or not edges:
        return faults or ["no edge in it"]
    limits = {"ends": nodes, "head": nodes, "way": 2 * edges, "kind": len(KINDS), "length_mm": 2**31}
    for name, limit in limits.items():
        if arrays[name].min() < 0 or arrays[name].max() >= limit:
            faults.append(f"{name} holds numbers outside 0..{limit - 1}")
    for name, end in (("start", 2 * edges), ("vertex_start", vertices)):
        if arrays[name][0] != 0 or arrays[name][-1] != end or (np.diff(arrays[name]) < 0).any():
            faults.append(f"{name} does not rise from 0 to {end}")
    return faults or _short_edge_faults(arrays)


def _short_edge_faults(arrays: dict[str, np.ndarray]) -> list[str]:
    """Edges shorter than the straight line between their ends: no street is, and a walk over one would be too short."""
    chord_mm = np.hypot(*(arrays["xy"][arrays["ends"][:, 0]] - arrays["xy"][arrays["ends"][:, 1]]).T) * 1000
    short = np.flatnonzero(arrays["length_mm"] + 1 < chord_mm)  # a length is rounded to the millimetre
    if not len(short):
        return []
    first = int(short[0])
    return [
        f"length_mm: {len(short):,} edges are shorter than the line between their ends, the first is {first}:"
        f" {arrays['length_mm'][first]} mm of {chord_mm[first]:.0f} mm"
    ]
