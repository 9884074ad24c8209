"""Streets, buildings, devices and venues read from OpenStreetMap files."""

import bz2
import csv
import gzip
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import networkx as nx
import numpy as np
import osmium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from osm_files import document, node, real, relation, square, way
from pyproj import Geod

from aedplan.coordinates import project
from aedplan.errors import InputError
from aedplan.network import StreetNetwork
from aedplan.osm.osm import read_osm_buildings, read_osm_devices, read_osm_streets, read_osm_venues
from aedplan.walking import passable, walkable

SIDE = 4  # the hand-drawn worlds are grids of SIDE x SIDE nodes
STEP = 0.001
ROAD = {"highway": "residential"}
WAYS = st.lists(st.lists(st.integers(1, SIDE * SIDE), min_size=1, max_size=6), min_size=1, max_size=8)


def grid() -> dict[int, tuple[float, float]]:
    return {1 + k: (118.38 + STEP * (k % SIDE), 24.96 + STEP * (k // SIDE)) for k in range(SIDE * SIDE)}


def write(path: Path, things: Iterable[str], **options: object) -> Path:
    path.write_text(document(things, **options), encoding="utf-8")  # type: ignore[arg-type]
    return path


def draw(folder: Path, ways: list[list[int]], *, gates: frozenset[int] = frozenset()) -> Path:
    shut = {"barrier": "gate", "locked": "yes"}
    points = [node(id, *position, **(shut if id in gates else {})) for id, position in grid().items()]
    lines = [way(index + 1, refs, ROAD) for index, refs in enumerate(ways)]
    return write(folder / "grid.osm", points + lines)


def naive(ways: list[list[int]], *, gates: frozenset[int] = frozenset()) -> "nx.Graph[Any]":
    """Each pair of neighbours is an edge; a gate is another node for each edge that ends there."""
    pairs = {tuple(sorted(pair)) for refs in ways for pair in pairwise(refs) if len(set(pair)) == 2}
    graph: nx.Graph[Any] = nx.Graph()
    for pair in pairs:
        graph.add_edge(*(("gate", end, pair) if end in gates else end for end in pair), pair=pair)
    return graph


def total_m(graph: "nx.Graph[Any]", crs: str) -> float:
    places = grid()
    xy = dict(zip(places, project(np.array(list(places.values())), crs), strict=True))
    return sum(float(np.hypot(*(xy[pair[0]] - xy[pair[1]]))) for _, _, pair in graph.edges(data="pair"))


def components(streets: StreetNetwork) -> int:
    return int(streets.component.max()) + 1


def has_segment(ways: list[list[int]]) -> bool:
    return naive(ways).number_of_edges() > 0


@settings(deadline=None)  # the first file opens the libraries
@given(ways=WAYS.filter(has_segment), gates=st.frozensets(st.integers(1, SIDE * SIDE), max_size=3))
def test_streets_connect_and_measure_like_the_plain_graph_of_all_segments(
    tmp_path_factory: pytest.TempPathFactory, ways: list[list[int]], gates: frozenset[int]
) -> None:
    streets = read_osm_streets(draw(tmp_path_factory.mktemp("world"), ways, gates=gates))
    expected = naive(ways, gates=gates)
    assert components(streets) == nx.number_connected_components(expected)
    assert streets.length_mm.sum() / 1000 == pytest.approx(
        total_m(expected, streets.crs), abs=0.001 * len(streets.ends)
    )


@settings(deadline=None)  # the first file opens the libraries
@given(ways=WAYS.filter(has_segment), rng=st.randoms(use_true_random=False))
def test_the_order_of_ways_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, ways: list[list[int]], rng: Random
) -> None:
    folder = tmp_path_factory.mktemp("world")
    one = read_osm_streets(draw(folder, ways))
    shuffled = [refs[:: rng.choice((1, -1))] for refs in rng.sample(ways, len(ways))]
    other = read_osm_streets(draw(folder, shuffled))
    assert sorted(one.length_mm) == sorted(other.length_mm)
    assert components(one) == components(other)


def test_ways_meet_where_they_share_a_node_and_nowhere_else(tmp_path: Path) -> None:
    crossing = read_osm_streets(draw(tmp_path, [[5, 6, 7], [2, 6, 10]]))
    assert len(crossing.ends) == 4
    bridge = read_osm_streets(draw(tmp_path, [[5, 7], [2, 10]]))
    assert (len(bridge.ends), components(bridge)) == (2, 2)


def test_a_way_is_split_where_its_node_is_not_in_the_file(tmp_path: Path) -> None:
    streets = read_osm_streets(draw(tmp_path, [[1, 2, 99, 3, 4], [98, 5, 6, 97, 96], [7, 95, 8]]))
    assert (len(streets.ends), components(streets)) == (3, 3)


def test_each_edge_has_the_kind_of_its_way(tmp_path: Path) -> None:
    points = [node(id, *position) for id, position in grid().items()]
    kinds = [{"highway": "steps"}, ROAD, {"railway": "platform"}, {"highway": "corridor"}, {"highway": "motorway"}]
    lines = [way(k + 1, [k + 1, k + 2], tags) for k, tags in enumerate(kinds)]
    streets = read_osm_streets(write(tmp_path / "kinds.osm", points + lines))
    assert sorted(streets.kind.tolist()) == [0, 1, 2, 3]


@pytest.mark.parametrize("name", ["w.osm", "w.osm.gz", "w.osm.bz2", "w.osm.pbf"])
def test_every_format_gives_the_same_streets(tmp_path: Path, name: str) -> None:
    plain = draw(tmp_path, [[1, 2, 3, 7], [6, 7, 8]])
    path = tmp_path / name
    if name.endswith(".pbf"):
        with osmium.SimpleWriter(str(path)) as writer:
            for thing in osmium.FileProcessor(str(plain)):
                writer.add(thing)
    else:
        pack: Callable[[bytes], bytes] = {".gz": gzip.compress, ".bz2": bz2.compress}.get(path.suffix, bytes)
        path.write_bytes(pack(plain.read_bytes()))
    assert read_osm_streets(path).length_mm.tolist() == read_osm_streets(plain).length_mm.tolist()
    assert read_osm_streets(path).source.file == name


def test_a_download_that_lists_ways_before_nodes_is_read_whole(tmp_path: Path) -> None:
    things = square(1, 118.38, 24.96, 0.001, building="yes", highway="footway")
    things += [node(9, 118.3801, 24.9601, emergency="defibrillator")]
    ordered = write(tmp_path / "a.osm", things)
    upside_down = write(tmp_path / "b.osm", reversed(things), ordered=False)
    assert read_osm_streets(upside_down).length_mm.tolist() == read_osm_streets(ordered).length_mm.tolist()
    assert read_osm_buildings(upside_down).floor_area_m2 == read_osm_buildings(ordered).floor_area_m2
    assert read_osm_devices(upside_down).id == ("node/9",)


def test_a_drawing_that_was_never_uploaded_is_read_whole_and_keeps_its_ids(tmp_path: Path) -> None:
    corners = [node(-1, 118.38, 24.96), node(-2, 118.381, 24.96), node(-3, 118.381, 24.961)]
    tags = {"building": "yes", "highway": "footway"}
    path = write(tmp_path / "drawn.osm", [*corners, way(-7, [-1, -2, -3, -1], tags)])
    assert len(read_osm_streets(path).ends) == 1
    assert read_osm_buildings(path).id == ("way/-7",)


def test_the_source_credits_openstreetmap_and_names_the_file(tmp_path: Path) -> None:
    source = read_osm_streets(draw(tmp_path, [[1, 2]])).source
    assert (source.attribution, source.file) == ("© OpenStreetMap contributors (ODbL 1.0)", "grid.osm")
    assert len(source.sha256) == 64
    assert not source.synthetic


def test_a_made_up_county_says_so_and_is_not_credited_to_openstreetmap(tmp_path: Path) -> None:
    things = [node(1, 118.38, 24.96), node(2, 118.381, 24.96), way(1, [1, 2], ROAD)]
    source = read_osm_streets(write(tmp_path / "county.osm", things, generator="aedplan Synthetic county")).source
    assert source.synthetic
    assert source.attribution == "aedplan demo county (synthetic)"


READERS = [read_osm_streets, read_osm_buildings, read_osm_devices, read_osm_venues]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("gone.osm.pbf", None, "no such file"),
        ("empty.osm.pbf", b"", "empty"),
        ("junk.osm.pbf", b"this is not a map" * 50, "cannot be read"),
        ("junk.osm.gz", b"this is not a map" * 50, "cannot be read"),
        ("cut.osm", b"<?xml version='1.0'?><osm version='0.6'><node id='1'", "cannot be read"),
        ("page.osm", b"<html><body>maintenance</body></html>", "cannot be read"),
        ("map.txt", b"x", "not an OpenStreetMap file by its name"),
    ],
)
def test_a_file_that_cannot_be_read_gives_one_message_that_names_it(
    tmp_path: Path, read: Callable[[Path], object], name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        read(tmp_path / name)
    assert len(caught.value.faults) == 1
    assert caught.value.faults[0].startswith(f"{name}: ")
    assert "expected" in caught.value.faults[0]


def test_a_download_cut_short_is_refused(tmp_path: Path) -> None:
    whole = real("osm/liechtenstein_20211028.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(InputError, match=r"cut\.osm\.pbf: cannot be read"):
        read_osm_streets(path)


def test_a_file_without_the_wanted_things_says_what_is_missing(tmp_path: Path) -> None:
    path = write(tmp_path / "m.osm", [node(1, 118, 24), node(2, 118.1, 24), way(1, [1, 2], {"highway": "motorway"})])
    with pytest.raises(InputError, match="no walkable street"):
        read_osm_streets(path)
    with pytest.raises(InputError, match="no building"):
        read_osm_buildings(path)
    with pytest.raises(InputError, match="no venue of the kinds bank, school"):
        read_osm_venues(path, kinds=["school", "bank"])
    with pytest.raises(InputError, match="kind 'pub' is not known"):
        read_osm_venues(path, kinds=["pub"])
    assert len(read_osm_devices(path)) == 0


# Real extracts


def raw_segments(path: Path) -> "tuple[nx.Graph[Any], set[int]]":
    """All walkable segments, by the slow way through every object of the file."""
    graph: nx.Graph[Any] = nx.Graph()
    barred: set[int] = set()
    thing: Any
    for thing in osmium.FileProcessor(str(path)).with_locations():
        tags = {tag.k: tag.v for tag in thing.tags}
        if thing.is_node() and not passable(tags):
            barred.add(thing.id)
        if thing.is_way() and walkable(tags) is not None:
            known = [(n.ref, n.lon, n.lat) if n.location.valid() else None for n in thing.nodes]
            for one, other in pairwise(known):
                if one and other and one[0] != other[0]:
                    graph.add_edge(one[0], other[0], line=(one[1:], other[1:]))
    return graph, barred


def split_at(graph: "nx.Graph[Any]", barred: set[int]) -> "nx.Graph[Any]":
    split: nx.Graph[Any] = nx.Graph()
    for one, other, line in graph.edges(data="line"):
        pair = (one, other)
        split.add_edge(*((end, pair) if end in barred else end for end in pair), line=line)
    return split


@pytest.mark.parametrize("name", ["bayfront_singapore.osm.pbf", "helsinki_centre.osm.pbf", "monaco.osm.gz"])
def test_real_streets_connect_and_measure_like_their_raw_segments(name: str) -> None:
    path = real(f"osm/{name}")
    streets = read_osm_streets(path)
    raw = split_at(*raw_segments(path))
    sizes = sorted((len(part) for part in nx.connected_components(raw)), reverse=True)
    assert components(streets) == len(sizes)
    ellipsoid = Geod(ellps="WGS84")
    length_m = sum(ellipsoid.line_length(*zip(*line, strict=True)) for _, _, line in raw.edges(data="line"))
    assert streets.length_mm.sum() / 1000 == pytest.approx(length_m, rel=2e-4)


def test_the_whole_of_liechtenstein_is_read() -> None:
    path = real("osm/liechtenstein_20211028.osm.pbf")
    streets = read_osm_streets(path)
    assert streets.length_mm.sum() / 1e6 == pytest.approx(1318, rel=0.01)
    assert np.bincount(streets.component)[0] / len(streets.xy) > 0.97


def test_the_hundred_devices_of_liechtenstein_are_found_where_they_hang() -> None:
    sites = read_osm_devices(real("osm/liechtenstein_20211028.osm.pbf"))
    with real("aed/liechtenstein_osm_aed.csv").open(encoding="utf-8") as stream:
        rows = {f"node/{row['osm_id']}": row for row in csv.DictReader(stream)}
    assert len(sites) == 100
    assert set(sites.id) == set(rows)
    assert sites.standing.all()
    expected = np.array([[float(rows[id]["lon"]), float(rows[id]["lat"])] for id in sites.id])
    assert np.abs(sites.lonlat - expected).max() < 1e-6
    assert list(sites.hours) == [rows[id]["opening_hours"] for id in sites.id]
    assert sum(map(bool, sites.hours)) == 86


def test_real_buildings_stand_in_the_country_and_have_ids_of_their_own() -> None:
    buildings = read_osm_buildings(real("osm/liechtenstein_20211028.osm.pbf"))
    assert 12_000 < len(buildings) < 15_809
    assert len(set(buildings.id)) == len(buildings)
    assert (buildings.lonlat > [9.46, 47.04]).all()
    assert (buildings.lonlat < [9.65, 47.29]).all()
    assert (buildings.floor_area_m2 >= 12).all()


def test_real_venues_of_one_kind_are_a_part_of_all() -> None:
    path = real("osm/liechtenstein_20211028.osm.pbf")
    every, schools = read_osm_venues(path), read_osm_venues(path, kinds=["school"])
    assert set(schools.kind) == {"school"}
    assert set(schools.id) == {id for id, kind in zip(every.id, every.kind, strict=True) if kind == "school"}
    timed = read_osm_venues(path, only_with_hours=True)
    assert 0 < len(timed) < len(every)
    assert all(timed.hours)


# Buildings, devices and venues drawn by hand

HUNDRED_M = 100 / 111_132 * 1.0  # degrees of latitude; of longitude at the equator nearly the same


def test_floor_area_is_footprint_times_levels_without_the_courtyard(tmp_path: Path) -> None:
    things = square(1, 0.0, 0.0, HUNDRED_M, building="office", **{"building:levels": "3"})
    things += [*square(11, 0.01, 0.0, HUNDRED_M), *square(21, 0.01025, 0.00025, HUNDRED_M / 2)]
    things += [relation(5, {11: "outer", 21: "inner"}, {"building": "apartments", "building:levels": "2"})]
    buildings = read_osm_buildings(write(tmp_path / "b.osm", things))
    found = dict(zip(buildings.id, buildings.floor_area_m2, strict=True))
    assert found["way/1"] == pytest.approx(30_000, rel=0.01)
    assert found["relation/5"] == pytest.approx(15_000, rel=0.01)
    assert set(found) == {"way/1", "relation/5"}


def test_sheds_ruins_and_broken_outlines_are_no_buildings(tmp_path: Path) -> None:
    things = square(1, 0.0, 0.0, HUNDRED_M, building="yes")
    things += [
        *square(11, 0.01, 0, HUNDRED_M, building="shed"),
        *square(21, 0.02, 0, HUNDRED_M, building="yes", ruins="yes"),
    ]
    things += square(31, 0.03, 0.0, HUNDRED_M / 40, building="yes")
    things += [way(41, [1, 3, 2, 4, 1], {"building": "yes"}), way(42, [1, 2, 3], {"building": "yes"})]
    things += [way(43, [1, 99, 3, 1], {"building": "yes"}), relation(44, {42: "outer"}, {"building": "yes"})]
    buildings = read_osm_buildings(write(tmp_path / "b.osm", things))
    assert buildings.id == ("way/1",)


def test_a_device_is_called_by_its_name_else_its_place_else_its_keeper_else_its_id(tmp_path: Path) -> None:
    aed = {"emergency": "defibrillator"}
    things = [node(1, 118, 24, **aed, name="柳城站", operator="红十字会", opening_hours="24/7")]
    things += [node(2, 118, 24, **aed, operator="红十字会", **{"defibrillator:location": "一楼服务台"})]
    things += [
        node(3, 118, 24, **aed, operator="红十字会"),
        node(4, 118, 24, **aed),
        node(5, 118, 24, emergency="phone"),
    ]
    things += square(11, 118.1, 24.0, 0.001, **aed)
    sites = read_osm_devices(write(tmp_path / "d.osm", things))
    assert sites.id == ("node/1", "node/2", "node/3", "node/4", "way/11")
    assert sites.label == ("柳城站", "一楼服务台", "红十字会", "AED node/4", "AED way/11")
    assert sites.hours == ("24/7", "", "", "", "")
    assert sites.lonlat[4] == pytest.approx([118.1005, 24.0005])
    assert sites.standing.all()


def test_a_place_mapped_as_point_and_building_is_one_site_with_the_hours_of_either(tmp_path: Path) -> None:
    school = {"amenity": "school", "name": "第一小学"}
    things = square(1, 118.0, 24.0, 0.002, **school, opening_hours="Mo-Fr 08:00-17:00")
    things += [node(9, 118.0001, 24.0001, **school), node(10, 118.01, 24.0, **school)]
    things += [
        node(11, 118.0001, 24.0001, amenity="bank", name="第一小学"),
        node(12, 118.0001, 24.0001, amenity="school"),
    ]
    sites = read_osm_venues(write(tmp_path / "v.osm", things))
    assert sites.id == ("node/9", "node/10", "node/11", "node/12")
    assert sites.hours[0] == "Mo-Fr 08:00-17:00"
    assert sites.label[3] == "学校 node/12"
    assert not sites.standing.any()
