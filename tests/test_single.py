"""One place after the other, in plain numbers, against `snap` and `walks_from` over arrays: the same to the millimetre."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import World, lonlat, places, worlds

from aedplan import read_streets
from aedplan.anchors import snap
from aedplan.coordinates import project, project_one, unproject
from aedplan.distances import walk_table, walks_from
from aedplan.network import StreetNetwork
from aedplan.single import UNWALKED_MM, make_lookup, snap_one, walks_of

LIECHTENSTEIN = Path(__file__).parents[2] / "shared" / "data" / "osm" / "liechtenstein_20211028.osm.pbf"


def assert_same(streets: StreetNetwork, origins: np.ndarray, points: np.ndarray) -> None:
    table = walk_table(streets, origins)
    lookup, anchors = make_lookup(streets, table), snap(streets, points)
    found = [snap_one(lookup, lon, lat) for lon, lat in points.tolist()]
    rows = zip(anchors.edge.tolist(), *anchors.along_mm.T.tolist(), anchors.off_mm.tolist(), strict=True)
    assert [tuple(one) for one in found] == list(rows)
    walked = np.array([walks_of(lookup, one) for one in found]).reshape(len(points), len(origins))
    metres = np.where(walked < UNWALKED_MM, (walked + anchors.off_mm[:, None]) / 1000, np.inf)
    assert metres.tolist() == walks_from(streets, table, anchors).tolist()


@given(worlds(), places(5), places(20), st.data())
def test_a_place_alone_joins_and_walks_as_among_others(
    world: World, origins: np.ndarray, spots: np.ndarray, data: st.DataObject
) -> None:
    streets = world.streets
    on_nodes = data.draw(st.lists(st.integers(0, len(streets.xy) - 1), max_size=3))
    points = np.concatenate([lonlat(spots), unproject(streets.xy[on_nodes], streets.crs), lonlat(origins[:1])])
    assert_same(streets, lonlat(origins), points)


def test_so_it_is_all_over_a_country_on_its_crossings_beside_its_streets_and_far_from_them() -> None:
    if not LIECHTENSTEIN.exists():
        pytest.skip("the shared data is not there")
    streets, rng = read_streets(LIECHTENSTEIN), np.random.default_rng(5)
    around = streets.vertex_xy[rng.integers(len(streets.vertex_xy), size=1500)] + rng.normal(0, 30, (1500, 2))
    low, high = streets.vertex_xy.min(axis=0) - 3000, streets.vertex_xy.max(axis=0) + 3000
    xy = np.concatenate([around, streets.xy[rng.integers(len(streets.xy), size=300)], rng.uniform(low, high, (200, 2))])
    origins = unproject(streets.vertex_xy[rng.integers(len(streets.vertex_xy), size=40)], streets.crs)
    assert_same(streets, np.concatenate([origins, origins[:3]]), unproject(xy, streets.crs))


def test_one_point_is_projected_to_the_same_bits_as_many() -> None:
    crs = "+proj=tmerc +lat_0=25.00 +lon_0=118.00 +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m +no_defs"
    points = np.random.default_rng(1).uniform((117, 24), (119, 26), (500, 2))
    assert [list(project_one(lon, lat, crs)) for lon, lat in points.tolist()] == project(points, crs).tolist()
