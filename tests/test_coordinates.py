"""The shifts of Chinese maps, there and back, and local metres."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from aedplan.coordinates import CHINA_BOX, convert, local_crs, project, unproject
from aedplan.errors import InputError

EARTH = Geod(ellps="WGS84")
# Away from the edge of the box of GCJ-02, where the shift begins with a jump of its own.
CHINA = st.tuples(st.floats(73.6, 134.9), st.floats(18.1, 53.6)).map(lambda p: np.array([p]))


def apart_m(a: np.ndarray, b: np.ndarray) -> float:
    return float(EARTH.inv(*a[0], *b[0])[2])


def test_two_independent_packages_give_the_same_shifts() -> None:
    eviltransform = pytest.importorskip("eviltransform")
    prcoords = pytest.importorskip("prcoords")
    rng = np.random.default_rng(5)
    places = np.column_stack([rng.uniform(73.6, 134.9, 500), rng.uniform(18.1, 53.6, 500)])
    peers = {
        "gcj02": (eviltransform.wgs2gcj, prcoords.wgs_gcj),
        "bd09": (eviltransform.wgs2bd, prcoords.wgs_bd),
    }
    for system, (evil, prc) in peers.items():
        ours = convert(places, source="wgs84", target=system)  # type: ignore[arg-type]
        by_evil = np.array([evil(lat, lon)[::-1] for lon, lat in places])
        by_prc = [prc(prcoords.Coords(lat, lon), check_china=False) for lon, lat in places]
        # The first takes an Earth radius 108 m shorter than that of the formula, 1.7e-5 of a shift of up to 1.5 km.
        assert EARTH.inv(*ours.T, *by_evil.T)[2].max() < 0.03
        assert EARTH.inv(*ours.T, *np.array([(one.lon, one.lat) for one in by_prc]).T)[2].max() < 0.001


def test_an_independent_inverse_ends_at_the_same_place() -> None:
    prcoords = pytest.importorskip("prcoords")
    rng = np.random.default_rng(6)
    given = np.column_stack([rng.uniform(73.6, 134.9, 200), rng.uniform(18.1, 53.6, 200)])
    ours = convert(given, source="gcj02", target="wgs84")
    theirs = [prcoords.gcj_wgs_bored(prcoords.Coords(lat, lon), check_china=False) for lon, lat in given]
    assert EARTH.inv(*ours.T, *np.array([(one.lon, one.lat) for one in theirs]).T)[2].max() < 0.01


@given(st.sampled_from(["gcj02", "bd09"]), st.floats(72.03, 137.8), st.floats(0.86, 55.8))
def test_there_and_back_holds_to_the_edge_of_the_shifted_box(system: str, lon: float, lat: float) -> None:
    place = np.array([[lon, lat]])
    there = convert(place, source="wgs84", target=system)  # type: ignore[arg-type]
    assert apart_m(convert(there, source=system, target="wgs84"), place) < 0.001  # type: ignore[arg-type]


@given(st.floats(-180, 180), st.floats(-89, 89))
def test_gcj02_outside_the_box_is_the_identity_both_ways(lon: float, lat: float) -> None:
    west, south, east, north = CHINA_BOX
    place = np.array([[lon, lat]])
    if west <= lon <= east and south <= lat <= north:
        assert apart_m(convert(place, source="wgs84", target="gcj02"), place) > 10
        return
    assert (convert(place, source="wgs84", target="gcj02") == place).all()
    assert (convert(place, source="gcj02", target="wgs84") == place).all()


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        # Pairs published with the test suites of open implementations (eviltransform).
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_gcj02_equals_published_pairs(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    assert apart_m(convert(np.array([wgs84]), source="wgs84", target="gcj02"), np.array([gcj02])) < 0.01
    assert apart_m(convert(np.array([gcj02]), source="gcj02", target="wgs84"), np.array([wgs84])) < 0.01


def test_the_shift_at_nanan_is_larger_than_a_rescue_circle() -> None:
    here = np.array([[118.386, 24.960]])
    assert apart_m(here, convert(here, source="wgs84", target="gcj02")) == pytest.approx(573, abs=2)
    assert apart_m(here, convert(here, source="wgs84", target="bd09")) == pytest.approx(1204, abs=3)


@given(CHINA, st.sampled_from(["gcj02", "bd09"]))
def test_there_and_back_is_the_same_place_to_a_millimetre(place: np.ndarray, system: str) -> None:
    there = convert(place, source="wgs84", target=system)  # type: ignore[arg-type]
    assert apart_m(convert(there, source=system, target="wgs84"), place) < 0.001  # type: ignore[arg-type]
    across = convert(convert(place, source="gcj02", target="bd09"), source="bd09", target="gcj02")
    assert apart_m(across, place) < 0.001


def test_outside_china_gcj02_is_wgs84_and_shapes_and_inputs_are_kept() -> None:
    vaduz = np.array([[9.52, 47.14], [9.53, 47.15]])
    before = vaduz.copy()
    assert (convert(vaduz, source="wgs84", target="gcj02") == vaduz).all()
    assert convert(np.zeros((0, 2)), source="gcj02", target="wgs84").shape == (0, 2)
    convert(np.array([[118.4, 24.9]]), source="bd09", target="wgs84")
    assert (vaduz == before).all()


def test_a_system_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="expected one of wgs84, gcj02, bd09"):
        convert(np.zeros((1, 2)), source="wgs-84", target="gcj02")  # type: ignore[arg-type]


@given(st.floats(-170, 170), st.floats(-70, 70), st.floats(0, 0.2), st.floats(0, 0.2))
def test_local_metres_are_true_to_the_ellipsoid_across_a_county(
    lon: float, lat: float, east: float, north: float
) -> None:
    ends = np.array([[lon, lat], [lon + east, lat + north]])
    crs = local_crs(ends)
    xy = project(ends, crs)
    true_m = EARTH.inv(*ends[0], *ends[1])[2]
    assert np.hypot(*(xy[1] - xy[0])) == pytest.approx(true_m, rel=2e-5, abs=0.001)
    assert unproject(xy, crs) == pytest.approx(ends, abs=1e-9)
