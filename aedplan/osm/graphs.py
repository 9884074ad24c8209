"""Walking streets through OSMnx: fetched live by place or box, or from a graph that OSMnx saved as GraphML.

OSMnx is asked for every way that might be walked, with all its vertices; what is walked is decided by
`aedplan.walking`, as for files. No setting of OSMnx outlives a call, nothing is written outside the given folder.
"""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import numpy as np

from ..coordinates import unproject
from ..errors import AedplanError, InputError
from ..network import KINDS, StreetNetwork, build
from ..source import OPENSTREETMAP, Source, sha256
from ..walking import NODE_TAGS, OTHER_WAYS, WAY_KEYS, WAY_TAGS, passable, walkable

if TYPE_CHECKING:
    import requests
    from networkx import MultiDiGraph
    from shapely import MultiPolygon, Polygon

Box = tuple[float, float, float, float]

_ONE_AT_A_TIME = Lock()  # OSMnx keeps its settings in one module for all threads
_BUSY = (429, 504)
_PATIENCE = 3


def fetch_streets(
    place: str | Sequence[float],
    *,
    cache: Path | None = None,
    timeout_s: float = 180.0,
    patience: int = _PATIENCE,
    overpass_url: str | None = None,
    nominatim_url: str | None = None,
) -> StreetNetwork:
    """The walking streets of a place as OpenStreetMap has them now.

    place          a name as people write it (南安市, 福建省, 中国), or west, south, east, north in degrees
    cache          folder for answers already fetched; None keeps nothing
    timeout_s      seconds to wait for one answer
    patience       how many times in a row a busy server is waited for, a minute each
    overpass_url   server that gives the ways; None for the one of OSMnx
    nominatim_url  server that finds the place; None for the one of OSMnx

    Raises InputError when the place is not found, is no area, or has no walkable street; AedplanError when a server is
    down, busy or too slow.
    """
    what = place if isinstance(place, str) else f"box {', '.join(str(value) for value in place)}"
    settings = _settings(cache, timeout_s, _Doorkeeper(what, patience))
    servers = {"overpass_url": overpass_url, "nominatim_url": nominatim_url}
    settings |= {name: url for name, url in servers.items() if url is not None}
    with _ONE_AT_A_TIME, _osmnx_set(settings), _plain_words(what):
        graph = _fetch_graph(_find_area(place), what)
    return _graph_streets(graph, OPENSTREETMAP, what)


def _find_area(place: str | Sequence[float]) -> "Polygon | MultiPolygon":
    import osmnx
    import shapely

    if isinstance(place, str):
        return osmnx.geocode_to_gdf(place).geometry.iloc[0]  # type: ignore[no-any-return]
    west, south, east, north = _checked_box(place)
    return shapely.box(west, south, east, north)


def _checked_box(box: Sequence[float]) -> Box:
    values = np.asarray(box, dtype=float)
    if values.shape == (4,) and np.isfinite(values).all():
        west, south, east, north = values.tolist()
        if -180 <= west < east <= 180 and -90 <= south < north <= 90:
            return west, south, east, north
    raise InputError(f"box {tuple(box)}: expected west, south, east, north in degrees, west < east and south < north")


def _way_filters() -> list[str]:
    """What to ask Overpass for: all highways, and the other ways of the table in one question."""
    keys = "|".join(dict.fromkeys(key for key, _ in OTHER_WAYS))
    values = "|".join(dict.fromkeys(value for _, value in OTHER_WAYS))
    return ['["highway"]', f'[~"^({keys})$"~"^({values})$"]']


def _fetch_graph(area: "Polygon | MultiPolygon", what: str) -> "MultiDiGraph[Any]":
    import osmnx

    try:
        return osmnx.graph_from_polygon(area, simplify=False, retain_all=True, custom_filter=_way_filters())
    except ValueError as error:
        if "no graph nodes within" in str(error).lower():  # how OSMnx says that all ways lie outside the area
            raise InputError(f"{what}: no walkable street in it; expected at least one") from error
        raise


def _settings(cache: Path | None, timeout_s: float, doorkeeper: "_Doorkeeper") -> dict[str, Any]:
    return {
        "use_cache": cache is not None,
        "cache_folder": str(cache),
        "cache_only_mode": False,
        "requests_timeout": timeout_s,
        "overpass_settings": f"[out:json][timeout:{max(round(timeout_s), 1)}]{{maxsize}}",  # whole seconds only
        "requests_kwargs": {"hooks": {"response": doorkeeper}},
        # asking first whether the server is free hides a dead one behind a minute of silence; a busy one says so anyway
        "overpass_rate_limit": False,
        "doh_url_template": None,
        "all_oneway": False,
        "useful_tags_way": list(WAY_TAGS),
        "useful_tags_node": list(NODE_TAGS),
        "log_file": False,
        "log_console": False,
        "http_user_agent": "aedplan",
        "http_referer": "aedplan",
        "http_accept_language": "zh-CN,zh,en",
    }


class _Doorkeeper:
    """Looks at every answer before OSMnx, which waits for a busy server for ever and takes half an answer for all."""

    def __init__(self, what: str, patience: int) -> None:
        self.what = what
        self.left = self.patience = patience

    def __call__(self, response: "requests.Response", *_: object, **__: object) -> None:
        try:
            self._check(response)
        except AedplanError:
            response.close()
            raise

    def _check(self, response: "requests.Response") -> None:
        if response.status_code in _BUSY:
            self.left -= 1
            if self.left < 0:
                raise AedplanError(
                    f"{self.what}: the map server is busy (answer {response.status_code}); try again later"
                )
            return
        self.left = self.patience
        if not response.ok:
            raise AedplanError(f"{self.what}: the map server answered {response.status_code} {response.reason}")
        if remark := self._remark(response):
            raise AedplanError(f"{self.what}: the map server gave up half-way: {remark}; ask for a smaller area")

    def _remark(self, response: "requests.Response") -> str:
        """What Overpass says of an answer that it could not finish; empty when it did."""
        import requests

        try:
            body = response.json()
        except requests.exceptions.JSONDecodeError as error:
            raise AedplanError(f"{self.what}: the map server answered something that is not JSON") from error
        return str(body.get("remark", "")) if isinstance(body, dict) else ""


@contextmanager
def _osmnx_set(settings: dict[str, Any]) -> Iterator[None]:
    """OSMnx with these settings; afterwards every setting, and the name look-up that OSMnx replaces, is as it was."""
    import osmnx

    before = {name: getattr(osmnx.settings, name) for name in settings}
    look_up = socket.getaddrinfo
    try:
        for name, value in settings.items():
            setattr(osmnx.settings, name, value)
        yield
    finally:
        socket.getaddrinfo = look_up
        for name, value in before.items():
            setattr(osmnx.settings, name, value)


@contextmanager
def _plain_words(what: str) -> Iterator[None]:
    """Turn the ways in which fetching fails into errors that say what happened."""
    import requests
    from osmnx._errors import InsufficientResponseError

    try:
        yield
    except requests.exceptions.Timeout as error:
        fault = "the map server did not answer in time; try again, or ask for a smaller area"
        raise AedplanError(f"{what}: {fault}") from error
    except requests.exceptions.RequestException as error:
        fault = f"the map server cannot be reached ({type(error).__name__}); is this machine online?"
        raise AedplanError(f"{what}: {fault}") from error
    except InsufficientResponseError as error:
        if "server response" in str(error):  # Overpass had nothing; the others of this name come from the place search
            raise InputError(f"{what}: no walkable street in it; expected at least one") from error
        raise InputError(f"{what}: no such place found; expected a name such as 南安市, 福建省, 中国") from error
    except TypeError as error:
        raise InputError(f"{what}: found, but as a point and not as an area; expected a district, or a box") from error


def read_graphml_streets(path: Path) -> StreetNetwork:
    """The walking streets of a graph that OSMnx saved as GraphML, simplified or not, projected or not.

    Ways are kept by the rule of `aedplan.walking`, as far as the graph kept the tags (by default OSMnx drops `foot`).
    Where no edge has any, all are streets, since whoever made the graph chose them.

    Raises InputError when the file is missing, is no such graph, or holds nothing that can be walked.
    """
    import osmnx
    from networkx import NetworkXError

    if not path.is_file():
        raise InputError(f"{path.name}: no such file; expected a graph saved by OSMnx as .graphml")
    try:
        graph = osmnx.load_graphml(path)
        source = replace(OPENSTREETMAP, file=path.name, sha256=sha256(path))
        return _graph_streets(graph, source, path.name)
    except InputError:
        raise
    except (ParseError, NetworkXError, KeyError, ValueError, AttributeError, TypeError) as error:
        fault = f"{path.name}: cannot be read ({type(error).__name__}: {error})"
        raise InputError(f"{fault}; expected a graph saved by OSMnx as .graphml") from error


def _graph_streets(graph: "MultiDiGraph[Any]", source: Source, what: str) -> StreetNetwork:
    """The network of a graph of OSMnx: what can be walked of it, both ways, along the geometry of the edges."""
    names = sorted(graph.nodes)
    number = {name: index for index, name in enumerate(names)}
    points = [(float(graph.nodes[name]["x"]), float(graph.nodes[name]["y"])) for name in names]
    ways: list[list[int]] = []
    kinds: list[int] = []
    for tail, head, between, kind in _walkable_lines(graph):
        ways.append([number[tail], *range(len(points), len(points) + len(between)), number[head]])
        points += between
        kinds.append(kind)
    if not ways:
        raise InputError(f"{what}: no walkable street in it; expected at least one")
    blocked = [number[name] for name, tags in graph.nodes(data=True) if not passable(tags)]
    lonlat = _to_wgs84(np.array(points), str(graph.graph["crs"]))
    return build(lonlat, ways, way_kind=kinds, blocked=blocked, source=source)


def _walkable_lines(graph: "MultiDiGraph[Any]") -> Iterator[tuple[Any, Any, list[tuple[float, float]], int]]:
    """Each walkable edge once, in order of way ids: its ends, the vertices between them, its kind."""
    seen = set()
    bare = not any(key in tags for _, _, tags in graph.edges(data=True) for key in WAY_KEYS)
    for tail, head, tags in sorted(graph.edges(data=True), key=lambda edge: _way_id(edge[2])):
        kind = KINDS.index("street") if bare else _edge_kind(tags)
        between = list(tags["geometry"].coords)[1:-1] if "geometry" in tags else []
        line = min((tail, head, tuple(between)), (head, tail, tuple(between[::-1])))
        if kind is not None and line not in seen:
            seen.add(line)
            yield line[0], line[1], list(line[2]), kind


def _way_id(tags: dict[str, Any]) -> int:
    """The number of the way an edge comes from; the first of several, 0 where the graph does not say."""
    ids = tags.get("osmid", 0)
    return int(min(ids) if isinstance(ids, list) else ids)


def _edge_kind(tags: dict[str, Any]) -> int | None:
    """The kind of an edge; one that OSMnx joined from several ways is walkable when each is, and steps when one is."""
    lists = {key: value if isinstance(value, list) else [value] for key, value in tags.items() if key in WAY_TAGS}
    kinds = [
        walkable({key: str(values[min(index, len(values) - 1)]) for key, values in lists.items()})
        for index in range(max((len(values) for values in lists.values()), default=1))
    ]
    return None if None in kinds else max(kind for kind in kinds if kind is not None)


def _to_wgs84(points: np.ndarray, crs: str) -> np.ndarray:
    return points if crs.lower() == "epsg:4326" else unproject(points, crs)
