"""How much further it is along streets than in a straight line, on towns whose answer is known."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from aedplan.network import build
from aedplan.source import Source
from service.line_factor import FILE, USUAL, line_factor, measure
from service.published import read_published

STEP = 0.001  # degrees, about 100 m


def town(ways, lonlat):
    streets = build(np.array(lonlat), ways, way_kind=[0] * len(ways), source=Source("drawn"))
    return type("Plan", (SimpleNamespace,), {"__hash__": object.__hash__})(streets=streets, kept=None)


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


def test_it_is_measured_once_for_the_same_streets_and_again_for_others_or_a_spoilt_file(folder, tmp_path, monkeypatch):
    published = read_published(folder)
    once = line_factor(replace(published, kept=tmp_path))
    assert once == line_factor(published)
    monkeypatch.setattr("service.line_factor.measure", lambda streets: 9.9)
    assert line_factor(replace(published, kept=tmp_path)) == once
    other = build(np.array([(118.0, 25.0), (118.001, 25.0)]), [[0, 1]], way_kind=[0], source=Source("drawn"))
    assert line_factor(replace(published, streets=other, kept=tmp_path)) == 9.9
    (tmp_path / FILE).write_text("{", encoding="utf-8")
    monkeypatch.setattr("service.line_factor.measure", measure)
    assert line_factor(replace(published, kept=tmp_path)) == once
    assert line_factor(replace(published, kept=tmp_path / "away")) == once
