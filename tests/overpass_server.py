"""A map server on loopback for tests: finds places and gives ways like Nominatim and Overpass, from a recorded file."""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import osmium
import shapely


@dataclass
class MapServer:
    """What the server knows, how it misbehaves, and what it was asked.

    fault  "" or one of: busy, slow, remark, html, broken
    """

    url: str
    ways: list[dict[str, Any]]
    nodes: dict[int, dict[str, Any]]
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    fault: str = ""
    asked: list[str] = field(default_factory=list)

    @property
    def overpass(self) -> str:
        return f"{self.url}/api"

    def search(self, name: str) -> list[dict[str, Any]]:
        """Nominatim's answer to a place name."""
        if name not in self.places:
            return []
        shape = shapely.geometry.shape(self.places[name])
        west, south, east, north = shape.bounds
        return [
            {
                "geojson": self.places[name],
                "boundingbox": [str(south), str(north), str(west), str(east)],
                "lat": str(shape.centroid.y),
                "lon": str(shape.centroid.x),
                "importance": 0.5,
                "display_name": name,
            }
        ]

    def interpret(self, query: str) -> dict[str, Any]:
        """Overpass's answer to `way[filter](poly:"...");>;out;`: the ways that touch the polygon, and their nodes."""
        assert re.match(r"\[out:json\]\[timeout:\d+\];", query), query
        corners = re.findall(r"poly:['\"]([^'\"]*)['\"]", query)[0]
        numbers = [float(number) for number in corners.split()]
        area = shapely.Polygon([(lon, lat) for lat, lon in zip(numbers[::2], numbers[1::2], strict=True)])
        chosen = [way for way in self.ways if _passes(way["tags"], query) and self._touches(way, area)]
        refs = sorted({ref for way in chosen for ref in way["nodes"] if ref in self.nodes})
        return {"version": 0.6, "elements": [self.nodes[ref] for ref in refs] + chosen}

    def _touches(self, way: dict[str, Any], area: shapely.Polygon) -> bool:
        points = [(self.nodes[ref]["lon"], self.nodes[ref]["lat"]) for ref in way["nodes"] if ref in self.nodes]
        return len(points) > 1 and area.intersects(shapely.LineString(points))


def _passes(tags: dict[str, str], query: str) -> bool:
    if match := re.search(r'way\["(\w+)"\]', query):
        return match[1] in tags
    keys, values = re.findall(r'way\[~"([^"]*)"~"([^"]*)"\]', query)[0]
    return any(re.search(keys, key) and re.search(values, value) for key, value in tags.items())


def _record(path: Path) -> tuple[list[dict[str, Any]], dict[int, dict[str, Any]]]:
    ways, nodes = [], {}
    thing: Any
    for thing in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY):
        tags = {tag.k: tag.v for tag in thing.tags}
        if thing.is_node():
            nodes[thing.id] = {"type": "node", "id": thing.id, "lat": thing.lat, "lon": thing.lon, "tags": tags}
        else:
            ways.append({"type": "way", "id": thing.id, "nodes": [node.ref for node in thing.nodes], "tags": tags})
    return ways, nodes


@contextmanager
def serving(path: Path) -> Iterator[MapServer]:
    """A server that knows the ways of an OpenStreetMap file, while the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(server.search(parse_qs(urlparse(self.path).query).get("q", [""])[0]))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(server.interpret(parse_qs(body)["data"][0]))

        def _answer(self, answer: Any) -> None:
            server.asked.append(self.path)
            if server.fault == "slow":
                time.sleep(1.0)
            if server.fault == "remark" and isinstance(answer, dict):
                answer = {**answer, "elements": answer["elements"][:50], "remark": "runtime error: Query timed out"}
            body = b"<html>maintenance</html>" if server.fault == "html" else json.dumps(answer).encode()
            self.send_response({"busy": 429, "broken": 500}.get(server.fault, 200))
            self.send_header("Content-Length", str(len(body)))
            with suppress(ConnectionError):  # a client that no longer waits has gone
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = MapServer(f"http://127.0.0.1:{listener.server_port}", *_record(path))
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
