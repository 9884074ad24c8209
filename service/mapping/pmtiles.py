"""One file of map tiles, PMTiles version 3: a header, a directory of where each tile lies, and the tiles.

A browser reads it by ranges of bytes, so that one plain file takes the place of a tile server. Source: PMTiles
specification 3.4, github.com/protomaps/PMTiles, spec/v3/spec.md.
"""

import gzip
import json
import struct
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

Tile = tuple[int, int, int]
"""Zoom, column from the west, row from the north."""

HEADER_BYTES = 127
ROOT_BYTES = 16_384
"""Header and root directory together must fit in here: what a reader fetches first."""

ENTRIES_OF_A_LEAF = 4096
_HEADER = struct.Struct("<7sB 8Q 3Q 6B 4i B 2i")
_GZIP, _VECTOR, _CLUSTERED = 2, 1, 1


class _Entry(NamedTuple):
    id: int
    offset: int
    length: int
    run: int


def write_pmtiles(
    tiles: Mapping[Tile, bytes], *, bounds: tuple[float, float, float, float], metadata: Mapping[str, Any]
) -> bytes:
    """An archive of vector tiles.

    tiles     not yet compressed; at least one
    bounds    west, south, east, north in WGS-84 degrees
    metadata  what the archive says of itself, such as its `vector_layers`
    """
    entries, data, contents = _lay_out({tile_id(tile): content for tile, content in tiles.items()})
    root, leaves = _directories(entries)
    about = _pack(json.dumps(metadata, ensure_ascii=False).encode())
    lengths = [len(root), len(about), len(leaves), len(data)]
    offsets = [HEADER_BYTES + sum(lengths[:number]) for number in range(4)]
    places = [part for pair in zip(offsets, lengths, strict=True) for part in pair]
    zooms = [zoom for zoom, _, _ in tiles]
    west, south, east, north = (round(edge * 1e7) for edge in bounds)
    header = _HEADER.pack(
        b"PMTiles", 3, *places, len(tiles), len(entries), contents, _CLUSTERED, _GZIP, _GZIP, _VECTOR,
        min(zooms), max(zooms), west, south, east, north, min(zooms), (west + east) // 2, (south + north) // 2,
    )  # fmt: skip
    return header + root + about + leaves + data


def tile_id(tile: Tile) -> int:
    """The number of a tile: zooms one after the other, within each along a Hilbert curve.

    >>> [tile_id(tile) for tile in [(0, 0, 0), (1, 0, 0), (1, 0, 1), (1, 1, 1), (1, 1, 0), (2, 0, 0)]]
    [0, 1, 2, 3, 4, 5]
    """
    zoom, x, y = tile
    number = ((1 << 2 * zoom) - 1) // 3
    for level in reversed(range(zoom)):
        side = 1 << level
        right, down = bool(x & side), bool(y & side)
        number += side * side * ((3 * right) ^ down)
        if not down:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        x, y = x & (side - 1), y & (side - 1)
    return number


def _lay_out(tiles: Mapping[int, bytes]) -> tuple[list[_Entry], bytes, int]:
    """Entries by number, the bytes of all tiles, and how many differ; equal tiles are kept once."""
    entries: list[_Entry] = []
    found: dict[bytes, tuple[int, int]] = {}
    data = bytearray()
    for number in sorted(tiles):
        content = tiles[number]
        if content not in found:
            packed = _pack(content)
            found[content] = len(data), len(packed)
            data += packed
        offset, length = found[content]
        last = entries[-1] if entries else _Entry(-1, -1, -1, 0)
        if (last.offset, last.length, last.id + last.run) == (offset, length, number):
            entries[-1] = last._replace(run=last.run + 1)
        else:
            entries.append(_Entry(number, offset, length, 1))
    return entries, bytes(data), len(found)


def _directories(entries: Sequence[_Entry]) -> tuple[bytes, bytes]:
    """The root directory, and the leaves that it points to where it would be too long itself."""
    root, leaves, size = _directory(entries), b"", ENTRIES_OF_A_LEAF
    while len(root) > ROOT_BYTES - HEADER_BYTES:
        parts = [entries[start : start + size] for start in range(0, len(entries), size)]
        packed = [_directory(part) for part in parts]
        starts = [sum(map(len, packed[:number])) for number in range(len(packed))]
        root = _directory([_Entry(p[0].id, s, len(d), 0) for p, s, d in zip(parts, starts, packed, strict=True)])
        leaves, size = b"".join(packed), size * 2
    return root, leaves


def _directory(entries: Sequence[_Entry]) -> bytes:
    ids = [0, *(entry.id for entry in entries)]
    numbers = [len(entries), *(after - before for before, after in pairwise(ids))]
    numbers += [entry.run for entry in entries] + [entry.length for entry in entries]
    end = None
    for entry in entries:
        numbers.append(0 if entry.offset == end else entry.offset + 1)  # 0: it follows the one before
        end = entry.offset + entry.length
    return _pack(b"".join(map(varint, numbers)))


def varint(number: int) -> bytes:
    """A whole number from 0, seven bits a byte, the lowest first.

    >>> varint(300).hex()
    'ac02'
    """
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _pack(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9, mtime=0)
