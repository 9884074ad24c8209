"""A saved network opens as it was, at once, read-only, and a damaged one is refused."""

import json
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aedplan import store
from aedplan.anchors import snap
from aedplan.errors import InputError
from aedplan.network import KINDS, build
from aedplan.source import Source

SOURCE = Source("测试 streets", "ODbL 1.0", "tiny.osm", "ab" * 32, synthetic=True)


def grid(width, height):
    """Streets on a grid of junctions about 100 m apart."""
    lon, lat = np.meshgrid(118.38 + np.arange(width) / 1000, 24.96 + np.arange(height) / 1000)
    number = np.arange(width * height).reshape(height, width)
    ways = [*number, *number.T]
    kind = np.arange(len(ways)) % len(KINDS)
    return build(np.column_stack([lon.ravel(), lat.ravel()]), ways, way_kind=kind.tolist(), source=SOURCE)


@pytest.fixture
def saved(tmp_path):
    store.save(grid(5, 4), tmp_path / "county.streets")
    return tmp_path / "county.streets"


def fault(path):
    with pytest.raises(InputError) as caught:
        store.load(path)
    return str(caught.value)


def test_a_network_comes_back_bit_for_bit(saved):
    before, after = grid(5, 4), store.load(saved)
    for name in store.TYPES:
        assert getattr(after, name).dtype == getattr(before, name).dtype
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
    assert (after.crs, after.source) == (before.crs, before.source)


@settings(deadline=None, max_examples=25)
@given(width=st.integers(1, 6), height=st.integers(2, 6))
def test_points_join_a_saved_network_where_they_joined_it_before(width, height, tmp_path_factory):
    streets = grid(width, height)
    path = tmp_path_factory.mktemp("store") / "a.streets"
    streets.save(path)
    points = np.array([[118.3804, 24.9601], [118.3811, 24.9634], [118.39, 24.95]])
    before, after = snap(streets, points), snap(store.load(path), points)
    for name in ("edge", "along_mm", "off_mm"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))


def test_saved_arrays_cannot_be_written(saved):
    for name in store.TYPES:
        with pytest.raises(ValueError, match="read-only"):
            getattr(store.load(saved), name)[0] = 0


def test_every_array_of_a_network_is_stored():
    arrays = {name for name, value in vars(grid(3, 3)).items() if isinstance(value, np.ndarray)}
    assert arrays == set(store.TYPES)


def test_saving_twice_gives_the_same_bytes_and_no_other_file(saved, tmp_path):
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    store.save(grid(5, 4), saved)
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before
    assert os.listdir(tmp_path) == ["county.streets"]


def test_a_folder_of_other_files_is_not_overwritten(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"notes\.txt"):
        store.save(grid(3, 3), tmp_path)
    assert os.listdir(tmp_path) == ["notes.txt"]


@pytest.mark.parametrize("name", store.TYPES)
def test_a_missing_array_is_named(name, saved):
    (saved / f"{name}.npy").unlink()
    assert f"county.streets/{name}.npy: is missing" in fault(saved)


@pytest.mark.parametrize("name", store.TYPES)
@pytest.mark.parametrize("keep", [0, 40, -1])
def test_a_cut_array_is_named(name, keep, saved):
    path = saved / f"{name}.npy"
    path.write_bytes(path.read_bytes()[:keep])
    assert f"county.streets/{name}.npy: cannot be used" in fault(saved)


@pytest.mark.parametrize("name", store.TYPES)
def test_an_array_of_another_type_is_named(name, saved):
    array = np.load(saved / f"{name}.npy")
    np.save(saved / f"{name}.npy", array.astype("<f4"))
    assert f"county.streets/{name}.npy: cannot be used" in fault(saved)


def test_an_array_of_objects_is_refused_and_never_run(saved):
    np.save(saved / "head.npy", np.array([{}, {}], dtype=object), allow_pickle=True)
    assert "head.npy: cannot be used" in fault(saved)


@pytest.mark.parametrize(
    ("name", "index", "value"),
    [("head", 3, 10**6), ("head", 3, -1), ("ends", 0, 10**6), ("way", 0, -5), ("kind", 0, 200), ("length_mm", 0, -1),
     ("length_mm", 2, 5),
     ("start", 1, 10**9), ("vertex_start", -1, 10**9), ("vertex_start", 0, 1)],
)  # fmt: skip
def test_numbers_that_would_lead_a_walk_out_of_the_network_are_refused(name, index, value, saved):
    array = np.load(saved / f"{name}.npy")
    array[index] = value
    np.save(saved / f"{name}.npy", array)
    assert name in fault(saved)


def test_arrays_that_do_not_fit_together_are_refused(saved):
    other = saved.parent / "other.streets"
    store.save(grid(6, 4), other)
    (saved / "kind.npy").write_bytes((other / "kind.npy").read_bytes())
    index = json.loads((saved / "network.json").read_text(encoding="utf-8"))
    index["arrays"]["kind"] = json.loads((other / "network.json").read_text(encoding="utf-8"))["arrays"]["kind"]
    (saved / "network.json").write_text(json.dumps(index), encoding="utf-8")
    assert "kind has shape" in fault(saved)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("version", 2, "version is 2; expected 1"),
        ("walking_rule", "0", "walking_rule is '0'"),
        ("format", "other", "not a saved network"),
        ("crs", None, "no crs"),
        ("source", {"name": "x"}, "source is"),
        ("arrays", [], "no arrays"),
    ],
)
def test_another_version_or_a_changed_index_is_refused(key, value, words, saved):
    index = json.loads((saved / "network.json").read_text(encoding="utf-8")) | {key: value}
    (saved / "network.json").write_text(json.dumps(index), encoding="utf-8")
    assert words in fault(saved)


def test_what_is_no_network_is_refused(tmp_path):
    assert "no network.json" in fault(tmp_path)
    assert "no network.json" in fault(tmp_path / "nowhere")
    (tmp_path / "network.json").write_text("{")
    assert "not readable" in fault(tmp_path)


def test_opening_maps_the_arrays_for_reading_only(tmp_path):
    store.save(grid(12, 9), tmp_path / "small.streets")
    streets = store.load(tmp_path / "small.streets")
    for name in ("xy", "ends", "length_mm", "vertex_xy", "start", "head", "way"):
        array = getattr(streets, name)
        assert isinstance(array, np.memmap) or isinstance(array.base, np.memmap), name
        assert not array.flags.writeable, name


def test_a_network_made_from_another_file_is_refused(tmp_path):
    from counties import write_county

    from aedplan.streets import read_streets

    write_county(tmp_path)
    read_streets(tmp_path / "streets.osm").save(tmp_path / "county.streets")
    assert len(read_streets(tmp_path / "county.streets", made_from=tmp_path / "streets.osm").xy) > 70
    (tmp_path / "streets.osm").write_text((tmp_path / "streets.osm").read_text() + "\n")
    with pytest.raises(
        InputError, match=r"county\.streets: made from streets\.osm, not from streets\.osm as it is now"
    ):
        read_streets(tmp_path / "county.streets", made_from=tmp_path / "streets.osm")
