"""How mapped buildings become expected arrests."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aedplan.demand import FLOOR_AREA_M2_PER_PERSON
from aedplan.errors import InputError
from aedplan.people.buildings import (
    BUILDINGS,
    LEVELS,
    NOBODY,
    USES,
    Buildings,
    building_kind,
    building_levels,
    building_people,
    buildings_demand,
)
from aedplan.source import Source


def some_buildings(areas: list[float], kinds: list[str]) -> Buildings:
    count = len(areas)
    lonlat = np.column_stack([118 + np.arange(count) / 1000, np.full(count, 24.0)])
    ids = tuple(f"way/{number}" for number in range(count))
    return Buildings(lonlat, np.array(areas, dtype=float), tuple(kinds), ids, Source("test", file="b.osm"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("building=apartments", "apartments"),
        ("building=yes", "other"),
        ("building=yes shop=mall", "retail"),
        ("building=yes amenity=school", "school"),
        ("building=yes office=no", "other"),
        ("building=house shop=kiosk", "house"),
        ("building=garage shop=bakery", None),
        ("building=house ruins=yes", None),
        ("building=house disused=no", "house"),
        ("building=yes amenity=parking", None),
        ("building=no", None),
        ("amenity=school", None),
        ("building=whatever", "other"),
    ],
)
def test_tags_say_what_a_building_is(text: str, kind: str | None) -> None:
    assert building_kind(dict(pair.split("=") for pair in text.split())) == kind


def test_the_tables_know_the_same_kinds_and_no_value_twice() -> None:
    kinds = set(FLOOR_AREA_M2_PER_PERSON)
    assert set(LEVELS) == kinds
    assert set(BUILDINGS) | {"other"} == kinds
    assert {kind for _, _, kind in USES} <= kinds
    values = [value for row in BUILDINGS.values() for value in row]
    assert len(values) == len(set(values))
    assert not NOBODY & set(values)


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("5", 5.0),
        ("5.5", 5.5),
        ("5,5", 5.5),
        ("3;4;5", 4.0),
        ("3-5", 4.0),
        ("6层", 6.0),
        ("6", 6.0),
        ("~18F", 18.0),
        ("0", 1.0),
        ("0.5", 1.0),
        ("-1", 6.0),
        ("many", 6.0),
        ("", 6.0),
        ("999", 6.0),
    ],
)
def test_levels_are_read_however_they_are_written(text: str, levels: float) -> None:
    assert building_levels({"building:levels": text}, "apartments") == levels


def test_levels_come_from_the_height_where_they_are_not_mapped() -> None:
    assert building_levels({"height": "18 m"}, "house") == 6.0
    assert building_levels({"height": "18", "building:levels": "4"}, "house") == 4.0
    assert building_levels({"height": "tall"}, "house") == LEVELS["house"]


@given(st.text(max_size=12), st.sampled_from(sorted(LEVELS)))
def test_levels_are_always_a_possible_number(text: str, kind: str) -> None:
    assert 1 <= building_levels({"building:levels": text, "height": text}, kind) <= 130


AREAS = st.lists(st.floats(12, 1e5), min_size=1, max_size=8)


@given(AREAS, st.floats(1, 1e7), st.data())
def test_a_given_population_fixes_the_total_and_leaves_the_shares(
    areas: list[float], population: float, data: st.DataObject
) -> None:
    kinds = [data.draw(st.sampled_from(sorted(LEVELS))) for _ in areas]
    buildings = some_buildings(areas, kinds)
    free, fixed = buildings_demand(buildings), buildings_demand(buildings, population=population, per_100k=50.0)
    assert fixed.total == pytest.approx(population * 50 / 100_000)
    assert fixed.weight / fixed.total == pytest.approx(free.weight / free.total)


def test_people_are_floor_area_over_area_per_person() -> None:
    buildings = some_buildings([400.0, 450.0], ["apartments", "house"])
    assert building_people(buildings) == pytest.approx([10.0, 10.0])
    demand = buildings_demand(buildings, per_100k=100.0)
    assert demand.weight.ravel() == pytest.approx([0.01, 0.01])
    assert demand.id == buildings.id
    assert demand.source == buildings.source


def test_all_wrong_figures_are_named_at_once() -> None:
    with pytest.raises(InputError) as caught:
        buildings_demand(some_buildings([], []), per_100k=0.0, population=float("nan"))
    assert [fault.split()[0] for fault in caught.value.faults] == ["per_100k", "population", "b.osm:"]
