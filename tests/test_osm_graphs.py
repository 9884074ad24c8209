"""Streets through OSMnx: fetched from a map server on loopback, and from saved graphs."""

import copy
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import osmium
import osmnx
import pytest
import shapely
from osm_files import document, node, real, way
from overpass_server import MapServer, serving

from aedplan.errors import AedplanError, InputError
from aedplan.network import StreetNetwork
from aedplan.osm.osm import fetch_streets, read_graphml_streets, read_osm_streets
from aedplan.walking import NODE_TAGS, OTHER_WAYS, WAY_TAGS

WHOLE = (103.84, 1.26, 103.88, 1.31)
PART = (103.855, 1.279, 103.861, 1.286)
DISTRICT = "滨海湾, 新加坡"


@pytest.fixture(scope="module")
def server() -> Iterator[MapServer]:
    with serving(real("osm/bayfront_singapore.osm.pbf")) as running:
        running.places[DISTRICT] = shapely.geometry.mapping(shapely.box(*PART))
        running.places["一个点"] = {"type": "Point", "coordinates": [103.858, 1.282]}
        yield running


@pytest.fixture(autouse=True)
def well_behaved(server: MapServer) -> None:
    server.fault = ""
    server.asked.clear()


def fetch(server: MapServer, place: object, **options: object) -> StreetNetwork:
    options = {"timeout_s": 5.0, "patience": 0, **options}
    return fetch_streets(place, overpass_url=server.overpass, nominatim_url=server.url, **options)  # type: ignore[arg-type]


def edges(streets: StreetNetwork) -> list[tuple[object, ...]]:
    """Every edge by its ends, length and kind, whichever way round it is drawn."""
    xy = np.round(streets.xy, 3).tolist()
    rows = zip(streets.ends.tolist(), streets.length_mm.tolist(), streets.kind.tolist(), strict=True)
    return sorted((*sorted((xy[one], xy[other])), length, kind) for (one, other), length, kind in rows)


def clipped(path: Path, box: tuple[float, float, float, float], target: Path) -> Path:
    """The file without the nodes outside a box, so that ways end where OSMnx ends them."""
    west, south, east, north = box
    thing: Any
    with osmium.SimpleWriter(str(target)) as writer:
        for thing in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY):
            if thing.is_way() or (west <= thing.lon <= east and south <= thing.lat <= north):
                writer.add(thing)
    return target


def test_the_whole_recorded_area_is_fetched_as_it_is_read_from_its_file(server: MapServer) -> None:
    fetched, read = fetch(server, WHOLE), read_osm_streets(real("osm/bayfront_singapore.osm.pbf"))
    assert fetched.crs == read.crs
    assert edges(fetched) == edges(read)
    assert fetched.source.attribution == read.source.attribution


def test_a_box_and_a_named_district_are_fetched_as_read_from_the_clipped_file(
    server: MapServer, tmp_path: Path
) -> None:
    read = read_osm_streets(clipped(real("osm/bayfront_singapore.osm.pbf"), PART, tmp_path / "part.osm.pbf"))
    assert 50 < len(read.ends) < 430
    assert edges(fetch(server, PART)) == edges(read)
    assert edges(fetch(server, DISTRICT)) == edges(read)


def settings_now() -> dict[str, object]:
    return {name: copy.deepcopy(getattr(osmnx.settings, name)) for name in osmnx.settings.__annotations__}


def test_fetching_leaves_no_setting_changed_and_no_file_behind(
    server: MapServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = settings_now()
    look_up = socket.getaddrinfo
    fetch(server, PART)
    server.fault = "broken"
    with pytest.raises(AedplanError):
        fetch(server, PART)
    assert settings_now() == before
    assert socket.getaddrinfo is look_up
    assert list(tmp_path.iterdir()) == []


def test_what_was_fetched_into_a_folder_is_not_asked_for_again(server: MapServer, tmp_path: Path) -> None:
    first = fetch(server, PART, cache=tmp_path / "kept")
    assert len(server.asked) == 2
    server.fault = "broken"
    assert edges(fetch(server, PART, cache=tmp_path / "kept")) == edges(first)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("busy", "busy"),
        ("broken", "answered 500"),
        ("html", "not JSON"),
        ("remark", "gave up half-way: runtime error: Query timed out"),
        ("slow", "did not answer in time"),
    ],
)
def test_a_server_that_misbehaves_gives_an_error_and_never_a_smaller_network(
    server: MapServer, fault: str, words: str
) -> None:
    server.fault = fault
    with pytest.raises(AedplanError, match=words) as caught:
        fetch(server, PART, timeout_s=0.4 if fault == "slow" else 5.0)
    assert str(caught.value).startswith("box 103.855, 1.279, 103.861, 1.286: ")


def test_a_server_that_is_down_is_said_to_be_out_of_reach() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(AedplanError, match="cannot be reached"):
        fetch_streets(PART, overpass_url=url, nominatim_url=url, timeout_s=2.0)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("没有这个地方", "没有这个地方: no such place found; expected"),
        ("一个点", "一个点: found, but as a point and not as an area; expected"),
        ((0.0, 0.0, 0.01, 0.01), "no walkable street in it; expected"),
        ((103.855, 1.279, 103.85501, 1.27901), "no walkable street in it; expected"),
        ((2.0, 0.0, 1.0, 1.0), "west < east"),
        ((1.0, 2.0), "west, south, east, north"),
        ((0.0, 0.0, float("nan"), 1.0), "west, south, east, north"),
    ],
)
def test_a_place_without_streets_is_bad_input(server: MapServer, place: object, words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)):
        fetch(server, place)


# Saved graphs

BARE = b"""<?xml version='1.0'?>
<graphml xmlns='http://graphml.graphdrawing.org/xmlns'><graph edgedefault='directed'>
<node id='1'/><node id='2'/><edge source='1' target='2'/></graph></graphml>"""


@pytest.fixture
def graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "nx.MultiDiGraph[Any]":
    """The walkable streets of the recorded area as an unsimplified graph of OSMnx with all tags."""
    monkeypatch.setattr(osmnx.settings, "useful_tags_way", list(WAY_TAGS))
    monkeypatch.setattr(osmnx.settings, "useful_tags_node", list(NODE_TAGS))
    with osmium.SimpleWriter(str(tmp_path / "all.osm")) as writer:
        for thing in osmium.FileProcessor(str(real("osm/bayfront_singapore.osm.pbf"))):
            writer.add(thing)
    return osmnx.graph_from_xml(tmp_path / "all.osm", simplify=False, retain_all=True)


def saved(graph: "nx.MultiDiGraph[Any]", path: Path) -> Path:
    osmnx.save_graphml(graph, path)
    return path


def test_a_saved_graph_gives_the_streets_of_the_file_it_was_made_from(
    graph: "nx.MultiDiGraph[Any]", tmp_path: Path
) -> None:
    path = saved(graph, tmp_path / "g.graphml")
    assert edges(read_graphml_streets(path)) == edges(read_osm_streets(real("osm/bayfront_singapore.osm.pbf")))
    assert read_graphml_streets(path).source.file == "g.graphml"


def test_a_simplified_graph_keeps_the_bends_of_its_streets(graph: "nx.MultiDiGraph[Any]", tmp_path: Path) -> None:
    roads = graph.edge_subgraph(
        [tuple(key) for *key, tags in graph.edges(keys=True, data=True) if tags.get("highway") == "footway"]
    )
    raw = read_graphml_streets(saved(nx.MultiDiGraph(roads), tmp_path / "raw.graphml"))
    simple = read_graphml_streets(saved(osmnx.simplify_graph(nx.MultiDiGraph(roads)), tmp_path / "simple.graphml"))
    assert simple.length_mm.sum() == pytest.approx(raw.length_mm.sum(), rel=1e-6)
    assert simple.component.max() == raw.component.max()
    assert len(simple.vertex_xy) > 2 * len(simple.ends)


def test_a_projected_graph_gives_the_same_streets(graph: "nx.MultiDiGraph[Any]", tmp_path: Path) -> None:
    plain = read_graphml_streets(saved(graph, tmp_path / "a.graphml"))
    moved = read_graphml_streets(saved(osmnx.project_graph(graph), tmp_path / "b.graphml"))
    assert len(moved.ends) == len(plain.ends)
    assert moved.length_mm.sum() == pytest.approx(plain.length_mm.sum(), rel=1e-6)


def small_graph(*rows: tuple[int, int, dict[str, Any]]) -> "nx.MultiDiGraph[Any]":
    made: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs="epsg:4326")
    for name in range(4):
        made.add_node(name, x=118.38 + 0.001 * name, y=24.96)
    for tail, head, tags in rows:
        made.add_edge(tail, head, osmid=1, length=1.0, **tags)
    return made


def test_an_edge_of_several_ways_is_walked_when_all_are_and_is_steps_when_one_is(tmp_path: Path) -> None:
    made = small_graph(
        (0, 1, {"highway": ["footway", "steps"]}),
        (1, 2, {"highway": ["primary", "motorway"]}),
        (2, 3, {"highway": "path"}),
    )
    streets = read_graphml_streets(saved(made, tmp_path / "g.graphml"))
    assert sorted(streets.kind.tolist()) == [1, 2]


def test_two_streets_between_the_same_junctions_are_both_kept(tmp_path: Path) -> None:
    bend = shapely.LineString([(118.38, 24.96), (118.3805, 24.961), (118.381, 24.96)])
    back = shapely.LineString(bend.coords[::-1])
    road = {"highway": "residential"}
    made = small_graph(
        (0, 1, road), (1, 0, road), (0, 1, {**road, "geometry": bend}), (1, 0, {**road, "geometry": back})
    )
    straight_m, bent_m = 100.9, 2 * np.hypot(50.45, 110.8)
    read_m = read_graphml_streets(saved(made, tmp_path / "g.graphml")).length_mm.sum() / 1000
    assert read_m == pytest.approx(straight_m + bent_m, rel=0.01)


def test_a_graph_without_any_tags_is_all_streets(tmp_path: Path) -> None:
    assert len(read_graphml_streets(saved(small_graph((0, 1, {}), (2, 3, {})), tmp_path / "g.graphml")).ends) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such file"),
        (b"", "cannot be read"),
        (b"PK\x03\x04 not xml", "cannot be read"),
        (b"<?xml version='1.0'?><osm/>", "cannot be read"),
        (BARE, "cannot be read"),
    ],
)
def test_a_file_that_is_no_saved_graph_gives_one_message(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "g.graphml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=rf"^g\.graphml: .*{words}.*expected a graph saved by OSMnx"):
        read_graphml_streets(path)


def test_a_graph_of_motorways_has_no_walkable_street(tmp_path: Path) -> None:
    path = saved(small_graph((0, 1, {"highway": "motorway"})), tmp_path / "g.graphml")
    with pytest.raises(InputError, match=r"g\.graphml: no walkable street"):
        read_graphml_streets(path)


def test_a_locked_gate_ends_the_walk_in_files_and_live_data_alike(tmp_path: Path) -> None:
    gate = {"barrier": "gate", "locked": "yes"}
    things = [node(1, 118.38, 24.96), node(2, 118.381, 24.96, **gate), node(3, 118.382, 24.96)]
    path = tmp_path / "gate.osm"
    path.write_text(document([*things, way(1, [1, 2, 3], {"highway": "footway"})]), encoding="utf-8")
    with serving(path) as small:
        fetched = fetch(small, (118.37, 24.95, 118.39, 24.97))
    assert edges(fetched) == edges(read_osm_streets(path))
    assert fetched.component.max() == 1


def test_every_way_of_the_table_is_asked_for_and_what_is_near_to_it_is_not_walked(tmp_path: Path) -> None:
    rows = [{"highway": "steps"}, *({key: value} for key, value in OTHER_WAYS), {"railway": "rail"}, {"indoor": "room"}]
    things = []
    for row, tags in enumerate(rows):
        first, lat = 10 * row + 1, 24.96 + 0.001 * row
        things += [node(first, 118.38, lat), node(first + 1, 118.381, lat), way(row + 1, [first, first + 1], tags)]
    path = tmp_path / "table.osm"
    path.write_text(document(things), encoding="utf-8")
    with serving(path) as small:
        fetched = fetch(small, (118.37, 24.95, 118.39, 24.98))
    assert len(fetched.ends) == 1 + len(OTHER_WAYS)
    assert edges(fetched) == edges(read_osm_streets(path))
