"""How much further it is along streets than in a straight line, on towns whose answer is known."""

from types import SimpleNamespace

import numpy as np
import pytest

from aedplan.network import build
from aedplan.source import Source
from service.line_factor import USUAL, line_factor
from service.published import read_published

STEP = 0.001  # degrees, about 100 m


def town(ways, lonlat):
    streets = build(np.array(lonlat), ways, way_kind=[0] * len(ways), source=Source("drawn"))
    return type("Plan", (SimpleNamespace,), {"__hash__": object.__hash__})(streets=streets)


def test_along_one_straight_street_it_is_no_further():
    assert line_factor(town([[n, n + 1] for n in range(15)], [(118 + n * STEP, 25.0) for n in range(16)])) == 1.0


def test_among_square_blocks_it_is_a_third_further_at_most():
    side = 15
    lonlat = [(118 + x * STEP, 25 + y * STEP * 0.91) for y in range(side) for x in range(side)]
    rows = [[y * side + x for x in range(side)] for y in range(side)]
    columns = [[y * side + x for y in range(side)] for x in range(side)]
    assert line_factor(town(rows + columns, lonlat)) == pytest.approx(4 / np.pi, abs=0.08)


def test_a_street_too_short_to_measure_has_the_usual_factor():
    assert line_factor(town([[0, 1]], [(118.0, 25.0), (118.0003, 25.0)])) == USUAL


def test_a_river_makes_it_further(folder):
    assert 1.05 < line_factor(read_published(folder)) < 1.5
