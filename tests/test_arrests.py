"""Arrests: read with every row accounted for, and split so that none judges the plan it helped to make."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aedplan.arrests.arrests import Arrests, moment, read_arrests, read_arrests_by_row, split_in_folds, split_in_time
from aedplan.coordinates import convert
from aedplan.errors import InputError

YORK = Path(__file__).parents[2] / "shared" / "data" / "placement" / "york"

TABLE = """编号,经度,纬度,发病时间,发生场所
1,118.386,24.960,2024-01-05 07:05,家中
2,118.387,24.961,2024/3/9,公共场所
3,118.388,24.962,,
"""


def table(folder: Path, text: str = TABLE) -> Path:
    path = folder / "arrests.csv"
    path.write_text(text, encoding="utf-8")
    return path


def some(count: int, *, time: bool = True) -> Arrests:
    lonlat = np.column_stack([np.linspace(118.3, 118.4, count), np.full(count, 24.96)])
    days = np.datetime64("2024-01-01T00:00:00") + np.arange(count)[::-1] * np.timedelta64(1, "D")
    return Arrests(lonlat, time=days if time else None)


def test_a_table_gives_places_times_and_settings(tmp_path):
    arrests = read_arrests(table(tmp_path), crs="gcj02")
    given_there = np.array([[118.386, 24.960], [118.387, 24.961], [118.388, 24.962]])
    np.testing.assert_array_equal(arrests.lonlat, convert(given_there, source="gcj02", target="wgs84"))
    assert [str(time) for time in arrests.time] == ["2024-01-05T07:05:00", "2024-03-09T00:00:00", "NaT"]
    assert arrests.setting == ("home", "public", "")
    assert arrests.source.file == "arrests.csv"
    assert arrests.years is None


def test_all_faults_of_a_table_stand_in_one_message(tmp_path):
    bad = TABLE.replace("2024/3/9", "9.3.2024").replace("家中", "家附近").replace("118.388", "")
    with pytest.raises(InputError) as caught:
        read_arrests(table(tmp_path, bad), crs="wgs84")
    assert [word in str(caught.value) for word in ("row 3", "row 2", "row 4")] == [True] * 3
    assert len(caught.value.faults) == 3


def test_rows_that_are_wrong_can_be_left_out_and_are_counted(tmp_path):
    arrests, told = read_arrests_by_row(table(tmp_path, TABLE.replace("2024/3/9", "9.3.2024")), crs="wgs84")
    assert len(arrests) == 2
    assert (told.rows, told.read) == (3, 2)
    assert [refusal.row for refusal in told.refused] == [3]


def test_a_table_without_a_declared_system_is_refused(tmp_path):
    with pytest.raises(InputError, match="wgs84"):
        read_arrests(table(tmp_path))


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2016-09", "2016-09-01T00:00:00"),
        ("2024-01-05T07:05:09.5Z", "2024-01-05T07:05:09"),
        ("2024年12月31日", "2024-12-31T00:00:00"),
        ("2024.1.5 7:05", "2024-01-05T07:05:00"),
        ("2024-02-30", "NaT"),
        ("2024-13-01", "NaT"),
        ("05/01/2024", "NaT"),
        ("早上", "NaT"),
        ("", "NaT"),
    ],
)
def test_times_are_read_year_first_or_not_at_all(text, time):
    assert str(moment(text)) == time


@pytest.mark.skipif(not YORK.is_dir(), reason="the shared real data are not here")
def test_yorks_crimes_are_all_read():
    crimes = read_arrests(YORK / "york_crime.csv", crs="wgs84")
    assert len(crimes) == 1814
    assert set(crimes.time.astype(str)) == {"2016-09-01T00:00:00"}


def test_the_last_ones_judge(tmp_path):
    before, after = split_in_time(some(10), share=0.3)
    assert (len(before), len(after)) == (7, 3)
    assert before.time.max() < after.time.min()


def test_arrests_without_times_cannot_be_split_by_them():
    with pytest.raises(InputError, match="10 have no time"):
        split_in_time(some(10, time=False))


@given(count=st.integers(2, 60), folds=st.integers(2, 12), time=st.booleans())
def test_folds_are_alike_in_size_and_spread_over_time(count, folds, time):
    if folds > count:
        with pytest.raises(InputError):
            split_in_folds(some(count), folds)
        return
    fold = split_in_folds(some(count, time=time), folds)
    sizes = np.bincount(fold, minlength=folds)
    assert sizes.max() - sizes.min() <= 1
    ordered = fold[np.argsort(some(count, time=time).time, kind="stable")]
    assert all(len(set(ordered[at : at + folds])) == folds for at in range(count - folds + 1))


def test_years_are_those_the_arrests_cover():
    assert some(366).years == pytest.approx(366 / 365.25)


def test_wrong_arrests_are_refused_with_every_fault():
    with pytest.raises(InputError) as caught:
        Arrests(np.array([[200.0, 20.0]]), setting=("outside",))
    assert len(caught.value.faults) == 2
    with pytest.raises(InputError, match="no arrest"):
        Arrests(np.zeros((0, 2)))
