"""Shapes cut into vector tiles, as browsers draw them: for each zoom simplified, clipped, in whole units of the tile.

Coordinates: the world in Web Mercator as the unit square, x eastwards, y southwards. Source: Mapbox Vector Tile
specification 2.1, github.com/mapbox/vector-tile-spec.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .pmtiles import Tile, varint

EXTENT = 4096
"""Units along the side of a tile; drawn at 512 pixels, so 8 units a pixel."""

UNITS_OF_A_PIXEL = 8
MARGIN = 10 * UNITS_OF_A_PIXEL
"""How far beyond its tile a shape is kept, so that the ends of wide lines are not seen."""

SIMPLIFY = 0.4 * UNITS_OF_A_PIXEL
SMALLEST = 4 * UNITS_OF_A_PIXEL**2
"""Areas below it are specks."""

_POINT, _LINE, _POLYGON = 1, 2, 3
_MOVE, _LINE_TO, _CLOSE = 1, 2, 7
Value = str | int


@dataclass(frozen=True)
class Layer:
    """Shapes of one kind of geometry, at least one.

    shapes      (n,) shapely points, lines or polygons on the unit square
    values      (n,) what a tile says of each
    from_zoom   (n,) the first zoom whose tiles hold it
    joined      whether lines and areas that say the same may become one
    """

    name: str
    shapes: np.ndarray
    values: Sequence[Mapping[str, Value]]
    from_zoom: np.ndarray
    joined: bool = True

    @property
    def kind(self) -> int:
        """1 for points, 2 for lines, 3 for areas."""
        import shapely

        return int(shapely.get_dimensions(self.shapes[0])) + 1


def on_square(lonlat: np.ndarray) -> np.ndarray:
    """(n, 2) WGS-84 degrees on the unit square.

    >>> on_square(np.array([[0.0, 0.0], [180.0, 85.0511287798]])).round(9).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    sine = np.sin(np.radians(lonlat[:, 1]))
    return np.column_stack([lonlat[:, 0] / 360 + 0.5, 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)])


def cut(layers: Sequence[Layer], *, zooms: range) -> dict[Tile, bytes]:
    """All tiles that hold anything, encoded."""
    tiles: dict[Tile, bytes] = {}
    for zoom in zooms:
        for layer in layers:
            for place, content in _cut_layer(layer, zoom, finest=zoom == zooms[-1]):
                tiles[place] = tiles.get(place, b"") + content  # layers of a tile simply follow each other
    return tiles


def _cut_layer(layer: Layer, zoom: int, *, finest: bool) -> Iterator[tuple[Tile, bytes]]:
    """The tiles of one layer at one zoom."""
    import shapely

    kind = layer.kind
    shown = np.flatnonzero(layer.from_zoom <= zoom)
    world = EXTENT << zoom
    shapes = shapely.transform(layer.shapes[shown], lambda xy: xy * world)
    keep = (shapely.area(shapes) >= SMALLEST) | (kind != _POLYGON)
    shown, shapes = shown[keep], shapely.simplify(shapes[keep], SIMPLIFY / (4 if finest else 1))
    margin = 0 if kind == _POINT else MARGIN
    tree = shapely.STRtree(shapes)
    for x, y in _touched(shapes, margin):
        west, north = x * EXTENT, y * EXTENT
        box = west - margin, north - margin, west + EXTENT + margin, north + EXTENT + margin
        found = np.sort(tree.query(shapely.box(*box)))
        parts = shapes[found] if kind == _POINT else shapely.clip_by_rect(shapes[found], *box)
        inside = ~shapely.is_empty(parts)
        if kind == _POINT:  # a point on an edge belongs to one tile only
            inside &= (shapely.get_x(parts) < west + EXTENT) & (shapely.get_y(parts) < north + EXTENT)
        features = _features(layer, shown[found[inside]], parts[inside], merge=layer.joined and not finest)
        encoded = _encode(layer, features, np.array([west, north]))
        if encoded:
            yield (zoom, x, y), encoded


def _touched(shapes: np.ndarray, margin: int) -> list[tuple[int, int]]:
    """The tiles that the boxes of some shapes touch."""
    import shapely

    boxes = shapely.bounds(shapes)
    low = np.floor((boxes[:, :2] - margin) / EXTENT).astype(int)
    high = np.floor((boxes[:, 2:] + margin) / EXTENT).astype(int)
    return sorted(
        {
            (x, y)
            for (x0, y0), (x1, y1) in zip(low.tolist(), high.tolist(), strict=True)
            for x in range(x0, x1 + 1)
            for y in range(y0, y1 + 1)
        }
    )


Feature = tuple[Mapping[str, Value], np.ndarray]
"""What a tile tells of some shapes, and those shapes, each in one piece."""


def _features(layer: Layer, rows: np.ndarray, parts: np.ndarray, *, merge: bool) -> list[Feature]:
    """The features of a tile; shapes of which the same is told are one feature where they may be joined."""
    alike: dict[tuple[tuple[str, Value], ...], list[int]] = {}
    for number, row in enumerate(rows):
        alike.setdefault((*layer.values[row].items(), ("", number if not merge else 0)), []).append(number)
    return [(dict(told[:-1]), _pieces(parts[numbers], layer.kind)) for told, numbers in alike.items()]


def _pieces(shapes: np.ndarray, kind: int) -> np.ndarray:
    """Single points, lines or polygons; what clipping left of another kind is dropped, lines that meet become one."""
    import shapely

    single = shapely.get_parts(shapely.get_parts(shapes))  # twice: clipping may give collections of collections
    single = single[shapely.get_dimensions(single) == kind - 1]
    return shapely.get_parts(shapely.line_merge(shapely.multilinestrings(single))) if kind == _LINE else single


def _encode(layer: Layer, features: Sequence[Feature], origin: np.ndarray) -> bytes:
    """A layer of one tile; nothing where no shape is left of it."""
    keys: dict[str, int] = {}
    values: dict[Value, int] = {}
    encoded = []
    for told, shapes in features:
        geometry = _geometry(shapes, layer.kind, origin)
        if not geometry:
            continue
        tags = [
            number
            for key, value in told.items()
            for number in (keys.setdefault(key, len(keys)), values.setdefault(value, len(values)))
        ]
        packed = _bytes(2, b"".join(map(varint, tags))) if tags else b""
        encoded.append(_bytes(2, packed + _number(3, layer.kind) + _bytes(4, geometry)))
    if not encoded:
        return b""
    said = [_bytes(3, key.encode()) for key in keys] + [_bytes(4, _value(value)) for value in values]
    return _bytes(3, b"".join([_number(15, 2), _bytes(1, layer.name.encode()), *encoded, *said, _number(5, EXTENT)]))


def _value(value: Value) -> bytes:
    if isinstance(value, str):
        return _bytes(1, value.encode())
    return _number(6, _zigzag(value))


def _geometry(shapes: np.ndarray, kind: int, origin: np.ndarray) -> bytes:
    """The drawing commands of some shapes; b"" where nothing of them is left on the grid."""
    import shapely

    rings = shapely.get_rings(shapes) if kind == _POLYGON else shapes
    paths = [np.rint(shapely.get_coordinates(one) - origin).astype(int) for one in rings]
    if kind == _POLYGON:
        outer = [first for n in shapely.get_num_interior_rings(shapes) for first in [True] + [False] * int(n)]
        paths = [_turned(path, outside) for path, outside in zip(paths, outer, strict=True)]
    return _commands(kind, paths)


def _turned(ring: np.ndarray, outside: bool) -> np.ndarray:
    """Outer rings clockwise on the screen, where y goes down; holes the other way."""
    x, y = ring[:, 0], ring[:, 1]
    area = float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))
    return ring if (area > 0) == outside else ring[::-1]


def _commands(kind: int, paths: Sequence[np.ndarray]) -> bytes:
    """Move, draw, close; each step from where the one before ended."""
    numbers: list[int] = []
    at = np.zeros(2, dtype=int)
    for path in paths:
        fresh = np.ones(len(path), dtype=bool)
        fresh[1:] = (np.diff(path, axis=0) != 0).any(axis=1)
        path = path[fresh]
        path = path[:-1] if kind == _POLYGON and len(path) > 1 and (path[0] == path[-1]).all() else path
        if len(path) < kind:  # a point needs one place, a line two, an area three
            continue
        steps = np.diff(path, axis=0, prepend=at[None, :])
        zigzag = ((steps << 1) ^ (steps >> 63)).ravel().tolist()
        numbers += [_MOVE | 1 << 3, *zigzag[:2]]
        if len(path) > 1:
            numbers += [_LINE_TO | (len(path) - 1) << 3, *zigzag[2:]]
        if kind == _POLYGON:
            numbers.append(_CLOSE | 1 << 3)
        at = path[-1]
    return b"".join(map(varint, numbers))


def _zigzag(number: int) -> int:
    return number << 1 ^ number >> 63


def _number(field: int, number: int) -> bytes:
    return varint(field << 3) + varint(number)


def _bytes(field: int, content: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(content)) + content
