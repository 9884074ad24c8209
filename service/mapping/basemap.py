"""The base map of a plan: its streets, water, green and names as one file of vector tiles.

Made from the plan's folder alone by `python -m service.mapping.basemap FOLDER FILE`, a process of its own: the libraries for
shapes and GIS files do not stay in the service's memory, and nobody waits for it.
"""

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from aedplan import StreetNetwork, read_streets
from aedplan.coordinates import unproject
from aedplan.network import KINDS, bounds
from aedplan.osm.background import NAMES_FROM_ZOOM

from .pmtiles import write_pmtiles
from .vector_tiles import Layer, cut, on_square

FORM = b"1"
"""Changes when the same plan would give other tiles."""

DATA_ZOOMS = range(8, 16)
"""A tile of one zoom is drawn at the next, four times as large; the last serves all above."""

ROADS_FROM_ZOOM = {"major": 8, "medium": 10, "street": 12, "path": 14, "steps": 14, "indoor": 15}
AREAS_FROM_ZOOM = {"water": 8, "green": 10}
BACKGROUND = "background.gpkg"


def version_of(folder: Path) -> str:
    """What tells one base map from another: a checksum of all that it is made from."""
    found = hashlib.sha256(FORM)
    for path in [*sorted((folder / "streets").iterdir()), folder / BACKGROUND]:
        if path.is_file():
            found.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def make_basemap(folder: Path) -> bytes:
    """The base map of the plan in a folder, as a PMTiles archive.

    Raises InputError when the folder holds no streets.
    """
    streets = read_streets(folder / "streets")
    layers = [layer for layer in _layers(streets, _read_background(folder / BACKGROUND)) if len(layer.shapes)]
    west, south, east, north = (float(edge) for edge in bounds(streets))
    about = [{"id": layer.name, "fields": fields_of(layer)} for layer in layers]
    return write_pmtiles(
        cut(layers, zooms=DATA_ZOOMS),
        bounds=(west, south, east, north),
        metadata={"name": "aedplan", "vector_layers": about},
    )


def fields_of(layer: Layer) -> dict[str, str]:
    """What the tiles tell of a layer's shapes, and of what type, as an archive says it of itself."""
    return {
        key: "String" if isinstance(value, str) else "Number"
        for values in layer.values
        for key, value in values.items()
    }


Table = tuple[np.ndarray, list[dict[str, Any]]]
"""Shapes in WGS-84 degrees, and what is told of each."""


def _read_background(path: Path) -> dict[str, Table]:
    """The layers of the plan's background by name; none where it has no such file."""
    import pyogrio
    import shapely

    if not path.is_file():
        return {}
    tables = {}
    for name, _ in pyogrio.list_layers(path):
        about, _, shapes, columns = pyogrio.raw.read(path, layer=name)
        rows = zip(*(column.tolist() for column in columns), strict=True) if columns else [()] * len(shapes)
        tables[str(name)] = shapely.from_wkb(shapes), [dict(zip(about["fields"], row, strict=True)) for row in rows]
    return tables


def _layers(streets: StreetNetwork, background: Mapping[str, Table]) -> list[Layer]:
    """What is drawn, lowest first."""
    nothing: Table = (np.zeros(0, dtype=object), [])
    areas = [_area_layer(name, *background.get(name, nothing)) for name in ("green", "water")]
    return [
        *areas,
        _road_layer(streets, *background.get("roads", nothing)),
        _name_layer(*background.get("names", nothing)),
    ]


def _area_layer(name: str, shapes: np.ndarray, _: list[dict[str, Any]]) -> Layer:
    import shapely

    parts = shapely.get_parts(shapes)
    return Layer(name, _squared(parts), [{}] * len(parts), np.full(len(parts), AREAS_FROM_ZOOM[name]))


def _road_layer(streets: StreetNetwork, shapes: np.ndarray, told: list[dict[str, Any]]) -> Layer:
    import shapely

    walked = shapely.transform(streets.lines, lambda xy: unproject(xy, streets.crs))
    kinds = [KINDS[kind] for kind in streets.kind.tolist()] + [row["kind"] for row in told]
    lines = _squared(np.concatenate([walked, shapes]))
    return Layer("roads", lines, [{"kind": kind} for kind in kinds], np.array([ROADS_FROM_ZOOM[k] for k in kinds]))


def _name_layer(places: np.ndarray, told: list[dict[str, Any]]) -> Layer:
    """Names, with their place among those of their kind: what comes first is drawn first."""
    said = []
    for rank, row in enumerate(told):
        other = {"en": row["en"]} if row["en"] != row["zh"] else {}
        leaning = {"turn": int(row["turn"]), "room": int(row["weight"])}
        said.append({"name": row["zh"], **other, "kind": row["kind"], "rank": rank, **leaning})
    first = np.array([int(NAMES_FROM_ZOOM[row["kind"]]) - 1 for row in told], dtype=int)
    return Layer("names", _squared(places), said, first, joined=False)


def _squared(shapes: np.ndarray) -> np.ndarray:
    import shapely

    return np.asarray(shapely.transform(shapes, on_square), dtype=object)


def main(folder: str, target: str) -> None:
    """Make the base map of a folder and put it in its place, whole or not at all."""
    content = make_basemap(Path(folder))
    part = Path(f"{target}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
