"""The base map: one file of vector tiles made from the plan, which others read as we meant it, served by ranges."""

import dataclasses
import gzip
import shutil
import struct
import time
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from town import served, write_plan

from aedplan import InputError, read_streets
from aedplan.network import bounds
from aedplan.osm.background import read_osm_background
from aedplan.outputs import write_gpkg
from aedplan.study.publish import background_frames
from service.app import make_app
from service.mapping.basemap import fields_of, make_basemap, version_of
from service.mapping.basemaps import Basemaps
from service.mapping.pmtiles import tile_id, write_pmtiles
from service.mapping.tile_services import tile_service
from service.mapping.vector_tiles import Layer, cut, on_square
from service.published import Shelf
from service.settings import Settings

UNITS = 4096


def layer(shapes, *, name="things", values=None, from_zoom=0, joined=True):
    shapes = np.array([shapely.transform(shape, on_square) for shape in shapes], dtype=object)
    return Layer(name, shapes, values or [{}] * len(shapes), np.full(len(shapes), from_zoom), joined)


def read_back(tmp_path: Path, tiles, *, zoom: int, fields=()):
    """What GDAL, which knows nothing of us, finds in an archive of these tiles: shapes in degrees and their fields."""
    from pyproj import Transformer

    path = tmp_path / "tiles.pmtiles"
    about = {"vector_layers": [{"id": "things", "fields": dict(fields)}]}
    path.write_bytes(write_pmtiles(tiles, bounds=(117, 24, 119, 26), metadata=about))
    meta, _, shapes, columns = pyogrio.raw.read(path, layer="things", ZOOM_LEVEL=str(zoom))
    turn = Transformer.from_crs("EPSG:3857", "EPSG:4326", always_xy=True)
    lonlat = shapely.transform(shapely.from_wkb(shapes), lambda xy: np.column_stack(turn.transform(*xy.T)))
    return lonlat, dict(zip(meta["fields"], columns, strict=True))


def unit_degrees(zoom: int) -> float:
    return 360 / (UNITS << zoom)


@given(st.lists(st.tuples(st.floats(118.0, 118.9), st.floats(24.2, 25.2)), min_size=1, max_size=30, unique=True))
def test_every_point_is_read_back_once_to_a_unit_of_its_tile(tmp_path_factory, places):
    tiles = cut([layer([shapely.Point(place) for place in places], joined=False)], zooms=range(12, 13))
    found, _ = read_back(tmp_path_factory.mktemp("tiles"), tiles, zoom=12)
    there = np.sort(shapely.get_coordinates(found)[:, 0])
    assert len(there) == len(places)
    np.testing.assert_allclose(there, np.sort([lon for lon, _ in places]), atol=unit_degrees(12))


def test_a_line_over_many_tiles_is_read_back_whole_and_where_it_was(tmp_path):
    line = shapely.LineString([(118.1, 24.9), (118.2, 25.0), (118.4, 24.95)])
    tiles = cut([layer([line])], zooms=range(13, 14))
    assert len(tiles) > 5
    found, _ = read_back(tmp_path, tiles, zoom=13)
    whole = shapely.union_all(found)
    assert shapely.hausdorff_distance(whole, line) < 2 * unit_degrees(13) + 0.4 * 8 * unit_degrees(13)


def test_an_area_keeps_its_hole_and_its_size(tmp_path):
    outer = shapely.box(118.1, 24.9, 118.3, 25.1)
    lake = shapely.Polygon(outer.exterior, [shapely.box(118.15, 24.95, 118.2, 25.0).exterior])
    found, _ = read_back(tmp_path, cut([layer([lake])], zooms=range(11, 12)), zoom=11)
    assert shapely.is_valid(found).all()
    assert shapely.union_all(found).symmetric_difference(lake).area < 0.01 * lake.area


def test_what_is_told_of_a_shape_is_read_back_in_any_script(tmp_path):
    told = [{"name": "成功街 ☂", "rank": 3, "turn": -45}, {"name": "b", "rank": 0, "turn": 0}]
    points = [shapely.Point(118.3, 24.9), shapely.Point(118.31, 24.9)]
    made = layer(points, values=told, joined=False)
    _, fields = read_back(tmp_path, cut([made], zooms=range(10, 11)), zoom=10, fields=fields_of(made))
    assert sorted(zip(fields["name"], fields["rank"], fields["turn"], strict=True)) == [
        ("b", 0, 0),
        ("成功街 ☂", 3, -45),
    ]


def test_shapes_of_which_the_same_is_told_become_one_but_not_at_the_last_zoom(tmp_path):
    lines = [shapely.LineString([(118.32 + i / 1e4, 24.9), (118.3201 + i / 1e4, 24.9)]) for i in range(9)]
    tiles = cut([layer(lines, values=[{"kind": "street"}] * 9)], zooms=range(12, 14))
    for zoom, expected in ((12, 1), (13, 9)):
        found, _ = read_back(tmp_path, {key: value for key, value in tiles.items() if key[0] == zoom}, zoom=zoom)
        assert len(found) == expected


def test_small_areas_are_left_out_from_afar_and_shapes_begin_at_their_zoom():
    speck = shapely.box(118.3, 24.9, 118.3005, 24.9005)
    assert {zoom for zoom, _, _ in cut([layer([speck])], zooms=range(8, 16))} == set(
        range(12, 16)
    )  # 23 units wide at 12, 12 at 11
    road = layer([shapely.LineString([(118.3, 24.9), (118.4, 24.9)])], from_zoom=14)
    assert {zoom for zoom, _, _ in cut([road], zooms=range(8, 16))} == {14, 15}


def hilbert_by_hand(zoom: int) -> list[tuple[int, int]]:
    """All tiles of a zoom in their order, by drawing the curve: four smaller ones, two of them turned."""
    if zoom == 0:
        return [(0, 0)]
    smaller, side = hilbert_by_hand(zoom - 1), 1 << (zoom - 1)
    return [
        *((y, x) for x, y in smaller),
        *((x, y + side) for x, y in smaller),
        *((x + side, y + side) for x, y in smaller),
        *((2 * side - 1 - y, side - 1 - x) for x, y in smaller),
    ]


def test_tiles_are_numbered_along_the_curve():
    for zoom in range(5):
        before = sum(4**level for level in range(zoom))
        assert [tile_id((zoom, x, y)) - before for x, y in hilbert_by_hand(zoom)] == list(range(4**zoom))


@pytest.mark.parametrize("count", [1, 300, 20_000])
def test_every_tile_is_found_by_its_number_however_many_there_are(count):
    tiles = {(10, n % 200, n // 200): b"tile %d" % (n % (count // 3 + 1)) for n in range(count)}
    archive = write_pmtiles(tiles, bounds=(0, 0, 1, 1), metadata={})
    asked = list(tiles)[:: max(1, count // 50)]
    assert [look_up(archive, tile_id(tile)) for tile in asked] == [tiles[tile] for tile in asked]
    assert look_up(archive, tile_id((10, 900, 900))) is None


def look_up(archive: bytes, number: int) -> bytes | None:
    """A tile by the specification's own words, without our writer's help."""
    root, root_size, _, _, leaves, _, data, _ = struct.unpack_from("<8Q", archive, 8)
    start, size = root, root_size
    assert root + root_size <= 16384
    for _ in range(3):
        ids, runs, sizes, offsets = directory(gzip.decompress(archive[start : start + size]))
        found = int(np.searchsorted(ids, number, side="right")) - 1
        if found < 0:
            return None
        if runs[found]:
            inside = number < ids[found] + runs[found]
            place = data + offsets[found]
            return gzip.decompress(archive[place : place + sizes[found]]) if inside else None
        start, size = leaves + offsets[found], sizes[found]
    return None


def directory(content: bytes):
    numbers, value, shift = [], 0, 0
    for byte in content:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(value)
            value = shift = 0
    n = numbers[0]
    ids, runs, sizes, told = (numbers[1 + k * n : 1 + (k + 1) * n] for k in range(4))
    offsets = []
    for i, offset in enumerate(told):
        offsets.append(offsets[-1] + sizes[i - 1] if offset == 0 else offset - 1)
    return np.cumsum(ids), runs, sizes, offsets


COUNTY = Path(__file__).parents[2] / "data" / "demo" / "county.osm.gz"


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """What a plan of the demo county holds for its map."""
    folder = tmp_path_factory.mktemp("county") / "plan"
    folder.mkdir()
    streets = read_streets(COUNTY)
    streets.save(folder / "streets")
    background = read_osm_background(COUNTY, within=bounds(streets))
    write_gpkg(folder / "background.gpkg", background_frames(background))
    begun = time.process_time()
    content = make_basemap(folder)
    seconds = time.process_time() - begun
    path = folder.parent / "county.pmtiles"
    path.write_bytes(content)
    return folder, path, seconds


def test_the_base_map_of_the_demo_county_is_small_and_quick_and_tells_all_names(county):
    folder, path, seconds = county
    assert seconds < 10
    assert path.stat().st_size < 2_000_000
    assert {name for name, _ in pyogrio.list_layers(path)} == {"green", "water", "roads", "names"}
    assert pyogrio.read_info(path, layer="roads")["features"] > 100
    meta, _, _, columns = pyogrio.raw.read(path, layer="names", ZOOM_LEVEL="15")
    names = dict(zip(meta["fields"], columns, strict=True))
    wanted = dict(
        zip(
            ("zh", "kind"),
            pyogrio.raw.read(folder / "background.gpkg", layer="names", columns=["zh", "kind"])[3],
            strict=True,
        )
    )
    assert sorted(zip(names["name"], names["kind"], strict=True)) == sorted(zip(*wanted.values(), strict=True))


def test_from_afar_only_the_large_roads_are_there(county):
    _, path, _ = county
    for zoom, expected in ((8, {"major"}), (10, {"major", "medium"}), (12, {"major", "medium", "street"})):
        _, _, _, (kinds,) = pyogrio.raw.read(path, layer="roads", columns=["kind"], ZOOM_LEVEL=str(zoom))
        assert set(kinds) == expected


def test_the_same_plan_gives_the_same_bytes(tmp_path):
    folder = write_plan(tmp_path / "plan")
    assert make_basemap(folder) == make_basemap(folder)


def test_another_street_or_another_name_is_another_version(county, tmp_path):
    folder = tmp_path / "plan"
    shutil.copytree(county[0], folder)
    first = version_of(folder)
    assert version_of(folder) == version_of(county[0]) == first
    (folder / "background.gpkg").unlink()
    assert len({first, version_of(folder)}) == 2
    (folder / "streets" / "kind.npy").write_bytes(b"x")
    assert len({first, version_of(folder), version_of(county[0])}) == 2


@pytest.fixture(scope="module")
def waited(town_server):
    """The answer of /basemap when the map is there, of the drawn town on a real server."""
    until = time.monotonic() + 60
    while (said := get(town_server, "/basemap").json())["state"] == "making":
        assert time.monotonic() < until
        time.sleep(0.2)
    return said


@pytest.fixture(scope="module")
def town_server(tmp_path_factory):
    with served(write_plan(tmp_path_factory.mktemp("basemap") / "plan")) as address:
        yield address


def get(address, path, **headers):
    import httpx2

    return httpx2.get(address + path, headers=headers, trust_env=False, timeout=30)


def test_the_service_makes_its_map_beside_its_answers_and_sends_it_by_ranges(town_server, waited):
    assert waited["state"] == "ready"
    (tiles,) = waited["tiles"]
    whole = get(town_server, tiles)
    assert (whole.status_code, whole.headers["accept-ranges"]) == (200, "bytes")
    assert "immutable" in whole.headers["cache-control"]
    assert whole.content[:7] == b"PMTiles"
    part = get(town_server, tiles, Range="bytes=100-299")
    assert (part.status_code, part.content) == (206, whole.content[100:300])
    assert part.headers["content-range"] == f"bytes 100-299/{len(whole.content)}"
    assert part.headers["etag"] == whole.headers["etag"]
    assert get(town_server, tiles, Range="bytes=-20").content == whole.content[-20:]
    assert get(town_server, tiles, Range=f"bytes={len(whole.content)}-").status_code == 416
    again = get(town_server, tiles, **{"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (again.status_code, again.content) == (200, whole.content)
    assert get(town_server, tiles, **{"If-None-Match": whole.headers["etag"]}).status_code == 304


def test_no_other_file_is_reached_by_the_address_of_the_map(town_server, waited):
    for name in (
        "nothing.pmtiles",
        "..%2Fsecret.pmtiles",
        "..%2F..%2Fsummary.json",
        waited["tiles"][0][9:-8],
        ".pmtiles",
        f"{'a' * 300}.pmtiles",
    ):
        assert get(town_server, f"/basemap/{name}").status_code == 404, name


def test_the_streets_alone_are_those_of_the_plan(town_server, town):
    features = get(town_server, "/basemap/streets.geojson").json()["features"]
    assert [one["properties"]["kind"] for one in features] == ["street", "path", "steps", "indoor"]
    drawn = {tuple(at) for line in features[0]["geometry"]["coordinates"] for at in line}
    assert drawn <= {tuple(at) for at in np.round(town.lonlat, 5).tolist()}
    assert len(drawn) > 20


def test_where_no_map_can_be_made_the_service_says_so_quietly_and_goes_on(tmp_path, caplog):
    folder = write_plan(tmp_path / "plan")
    shelf = Shelf(folder)
    (folder / "background.gpkg").write_bytes(b"not a GeoPackage")
    basemaps = Basemaps(shelf, tmp_path / "nowhere")
    begun = time.monotonic()
    assert basemaps.current().state == "making"
    assert time.monotonic() - begun < 1
    until = time.monotonic() + 60
    while basemaps.current().state == "making" and time.monotonic() < until:
        time.sleep(0.1)
    assert basemaps.current().state == "failed"
    assert "streets are drawn instead" in caplog.text
    basemaps.stop()


def test_beside_records_the_map_is_kept_and_a_few_of_plans_before(tmp_path):
    folder, data = write_plan(tmp_path / "plan"), tmp_path / "data"
    kept = data / "basemaps"
    kept.mkdir(parents=True)
    for number in range(5):
        (kept / f"old{number}.pmtiles").write_bytes(b"old")
    basemaps = Basemaps(Shelf(folder), data)
    made = basemaps.current()
    until = time.monotonic() + 60
    while basemaps.current().state == "making" and time.monotonic() < until:
        time.sleep(0.1)
    assert basemaps.current().state == "ready"
    assert made.path.parent == kept
    basemaps.stop()
    assert len(list(kept.iterdir())) == 3
    assert Basemaps(Shelf(folder), data).current().state == "ready"


def test_a_public_map_needs_its_key_and_its_approval_number():
    assert tile_service("own", key="", approval="") is None
    with pytest.raises(InputError, match="AEDPLAN_BASEMAP is 'google'"):
        tile_service("google", key="", approval="")
    with pytest.raises(InputError, match=r"(?s)KEY.*APPROVAL"):
        tile_service("tianditu", key="a b", approval="")
    with pytest.raises(InputError, match="审图号"):
        tile_service("amap", key="", approval="")
    theirs = tile_service("tianditu", key="0123abcd", approval="GS(2024)0650号")
    assert len(theirs.hosts) == 8
    assert all("tk=0123abcd" in tile for tile in theirs.tiles)
    assert (theirs.system, tile_service("amap", key="", approval="GS 1").system) == ("wgs84", "gcj02")


def test_only_a_public_map_widens_what_pages_may_load_and_only_by_its_own_hosts(folder, tmp_path):
    plain = Settings(folder, "127.0.0.1", 0, data=tmp_path)
    wide = dataclasses.replace(plain, basemap="amap", basemap_approval="GS(2024)1号")
    policies = [TestClient(make_app(one)).get("/devices").headers["content-security-policy"] for one in (plain, wide)]
    assert "https" not in policies[0]
    added = set(policies[1].replace(";", "").split()) - set(policies[0].replace(";", "").split())
    assert added == {f"https://wprd0{n}.is.autonavi.com" for n in range(1, 5)}
    said = TestClient(make_app(wide)).get("/basemap").json()
    assert (said["provider"], said["approval"], said["state"]) == ("amap", "GS(2024)1号", "ready")
