"""The nearest other device is the one found by asking from each device alone."""

import numpy as np
import pytest
from outcomes import grid_streets, place

from aedplan.anchors import snap
from aedplan.neighbours import nearest_other
from aedplan.reach import nearest


@pytest.mark.parametrize("count", [0, 1, 2, 3, 9])
def test_the_nearest_other_is_the_nearest_of_all_the_rest(count: int) -> None:
    streets = grid_streets()
    xy = np.random.default_rng(count).uniform(0, 900, size=(count, 2))
    places = snap(streets, place(xy[:, 0], xy[:, 1]))
    rows = np.arange(count)
    alone = [
        nearest(streets, places.some(rows[rows != row]), places.some(rows[[row]])).metres[0] if count > 1 else np.inf
        for row in rows
    ]
    assert nearest_other(streets, places).tolist() == alone


def test_two_places_without_a_way_between_them_have_no_neighbour() -> None:
    streets = grid_streets()
    places = snap(streets, place(np.array([0.0, 1400.0]), np.array([0.0, 100.0])))
    assert nearest_other(streets, places).tolist() == [np.inf, np.inf]
