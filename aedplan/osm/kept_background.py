"""Reads back the background that lies beside the streets of a finished plan, so that a new plan on the same streets has it."""

from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from .background import Background, Name

FILE = "background.gpkg"


def read_kept_background(path: Path) -> Background:
    """Water, green, larger roads and names, as a plan's folder keeps them.

    Raises InputError when the file holds something else.
    """
    import pyogrio

    try:
        layers = {name for name, _ in pyogrio.list_layers(path)}
        tables: dict[str, Any] = {name: pyogrio.read_dataframe(path, layer=name) for name in layers}
        names = tables.get("names")
        roads = tables.get("roads")
        return Background(
            water=_shapes(tables.get("water")),
            green=_shapes(tables.get("green")),
            names=() if names is None else tuple(_name(row) for row in names.itertuples(index=False)),
            roads={} if roads is None else {kind: _shapes(part) for kind, part in roads.groupby("kind")},
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, AttributeError, KeyError) as error:
        raise InputError(f"{path.name}: no background can be read from it ({error})") from error


def _shapes(table: Any) -> np.ndarray:
    return np.array([], dtype=object) if table is None else np.asarray(table.geometry.array)


def _name(row: Any) -> Name:
    return Name(
        place=(row.geometry.x, row.geometry.y), zh=row.zh, en=row.en, kind=row.kind, turn=row.turn, weight=row.weight
    )
