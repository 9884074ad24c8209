"""Small OpenStreetMap files for tests, written as XML, and where the real extracts lie."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

REAL = Path(__file__).parents[2] / "shared" / "data"

Tags = Mapping[str, str]


def real(name: str) -> Path:
    """A real extract; skips the test where it is absent."""
    path = REAL / name
    if not path.exists():
        pytest.skip(f"the real data {name} are not beside this checkout")
    return path


def node(id: int, lon: float, lat: float, **tags: str) -> str:
    return f'<node id="{id}" lon="{lon:.7f}" lat="{lat:.7f}">{_tags(tags)}</node>'


def way(id: int, nodes: Iterable[int], tags: Tags) -> str:
    return f'<way id="{id}">{"".join(f"<nd ref={quoteattr(str(n))}/>" for n in nodes)}{_tags(tags)}</way>'


def relation(id: int, members: Mapping[int, str], tags: Tags) -> str:
    rows = "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members.items())
    return f'<relation id="{id}">{rows}{_tags({"type": "multipolygon", **tags})}</relation>'


def square(first: int, lon: float, lat: float, side: float, **tags: str) -> list[str]:
    """Four nodes and a closed way, all numbered from `first`; side in degrees."""
    corners = [(lon, lat), (lon + side, lat), (lon + side, lat + side), (lon, lat + side)]
    points = [node(first + index, *corner) for index, corner in enumerate(corners)]
    return [*points, way(first, [first, first + 1, first + 2, first + 3, first], tags)]


def document(things: Iterable[str], *, generator: str = "test", ordered: bool = True) -> str:
    things = list(things)
    if ordered:
        things.sort(key=lambda thing: ("<node", "<way ", "<rela").index(thing[:5]))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="{generator}">{"".join(things)}</osm>'


def _tags(tags: Tags) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())
