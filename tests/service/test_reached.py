"""The streets drawn as reached lie within the limit of their band, and all that can be walked to is drawn."""

import numpy as np
import pytest
from counties import SCENARIO, write_county

import aedplan as ap
from service.planning.draft_value import open_drafting
from service.planning.reached import bands_of, find_reached

METRE = 1 / 111_320  # of latitude, in degrees; within half a per cent
SLACK_M = 3


@pytest.fixture(scope="module", params=["walk-4", "sz-i-300"])
def study(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    scenario = write_county(folder, scenario=SCENARIO + f'[circle]\nname = "{request.param}"\n')
    ap.run(ap.Scenario.read(scenario)).save(folder / "plan")
    return open_drafting(folder / "plan").study


def vertices(line):
    return np.cumsum(np.array(line).reshape(-1, 2), axis=0) / 1e6


def length(line):
    east_north = np.diff(vertices(line), axis=0) * [np.cos(np.radians(24.96)), 1.0] / METRE
    return float(np.hypot(*east_north.T).sum())


def test_streets_reached_lie_within_their_band_and_none_is_missing(study):
    lon, lat = study.sites.lonlat[1].tolist()  # a crossing of the grid, two blocks from its edges
    told = find_reached(study, [(lon, lat)])
    if told["measure"] == "line":
        assert told == {"measure": "line", "limit_m": 300.0, "bands": []}
        return
    assert [round(band["metres"]) for band in told["bands"]] == [round(metres) for _, metres in bands_of(study.circle)]
    walked_m = 0.0
    for before_m, band in zip([0.0, *(band["metres"] for band in told["bands"])], told["bands"], strict=False):
        for line in band["lines"]:
            steps_m = np.abs(vertices(line) - [lon, lat]) * [np.cos(np.radians(lat)), 1.0] / METRE
            walk_m = steps_m.sum(axis=1)  # along a grid
            assert walk_m.max() <= band["metres"] + SLACK_M
            assert walk_m.min() >= before_m - SLACK_M
            walked_m += length(line)
    around, north = METRE**-1 * 0.001 * np.cos(np.radians(lat)), METRE**-1 * 0.001
    assert walked_m == pytest.approx(_within(around, north, 300.0), rel=0.02)


def _within(east_m, north_m, limit_m):
    """Length of the grid's streets within a walk of a crossing, edge by edge."""
    total = 0.0
    for column in range(-2, 7):
        for row in range(-2, 7):
            here = abs(column) * east_m + abs(row) * north_m
            for step, onward in ((east_m, (column + 1, row)), (north_m, (column, row + 1))):
                there = abs(onward[0]) * east_m + abs(onward[1]) * north_m
                if max(onward) < 7:
                    total += min(step, max(0.0, limit_m - min(here, there)))
    return total


def test_no_device_reaches_nothing(study):
    assert find_reached(study, [])["bands"] == []
