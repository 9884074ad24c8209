"""Which mapped places can hold a device, and when two of them are one."""

from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from aedplan.sites import KINDS_ZH
from aedplan.venues import SAME_PLACE_M, VENUES, same_places, venue_kind, venue_label

EXAMPLES = {
    "amenity=bus_station": "transport",
    "railway=station": "transport",
    "aeroway=terminal": "transport",
    "shop=mall": "shop",
    "amenity=marketplace": "shop",
    "shop=convenience": "convenience",
    "shop=bakery": None,
    "amenity=kindergarten": "school",
    "landuse=residential name=万祥花园": "compound",
    "landuse=residential": None,
    "building=apartments name=3号楼": "compound",
    "building=apartments": None,
    "office=government": "office",
    "office=government name=溪美村委会": "village",
    "amenity=community_centre name=柳城社区居民委员会": "village",
    "office=no": None,
    "amenity=townhall": "office",
    "leisure=stadium": "sport",
    "leisure=swimming_pool": None,
    "leisure=swimming_pool name=市游泳馆": "sport",
    "amenity=library": "culture",
    "tourism=hotel": "hotel",
    "tourism=museum": "scenic",
    "amenity=social_facility social_facility=nursing_home": "care",
    "amenity=hospital": "health",
    "amenity=police": "police",
    "amenity=fire_station": "fire",
    "amenity=bank": "bank",
    "landuse=industrial name=滨江工业区": "industry",
    "amenity=bench": None,
    "": None,
}


@pytest.mark.parametrize(("text", "kind"), EXAMPLES.items())
def test_tags_say_what_kind_of_site_a_place_is(text: str, kind: str | None) -> None:
    assert venue_kind(dict(pair.split("=") for pair in text.split())) == kind


def test_every_line_of_the_table_leads_to_a_known_kind_and_can_be_reached() -> None:
    for key, values, kind, named in VENUES:
        assert kind in KINDS_ZH
        for value in values or ("anything",):
            assert venue_kind({key: value, "name": "某处"}) == kind
            assert (venue_kind({key: value}) is None) == named


def test_the_national_guide_s_kinds_are_all_in_the_table() -> None:
    assert {kind for _, _, kind, _ in VENUES} == set(KINDS_ZH) - {"village", "other"}


def test_a_nameless_place_is_called_by_its_brand_or_its_kind_and_id() -> None:
    assert venue_label({"name:en": "Bank", "brand": "B"}, "bank", "node/1") == "Bank"
    assert venue_label({"brand": "B", "operator": "O"}, "bank", "node/1") == "B"
    assert venue_label({}, "bank", "node/1") == "银行 node/1"


def slow_same(shapes: Sequence[shapely.Point | shapely.Polygon], key: list[tuple[str, str]]) -> set[int]:
    """Take places in order of preference and drop each that lies close to a kept one of its name."""
    order = sorted(range(len(shapes)), key=lambda i: (shapes[i].area > 0, -shapes[i].area, i))
    kept: list[int] = []
    for one in order:
        if not any(
            key[one][0] and key[one] == key[other] and shapes[one].distance(shapes[other]) <= SAME_PLACE_M
            for other in kept
        ):
            kept.append(one)
    return set(kept)


SPOTS = st.tuples(
    st.integers(0, 20), st.sampled_from([0, 10, 25]), st.sampled_from(["", "甲", "乙"]), st.sampled_from("ab")
)


@settings(deadline=None)  # the first world opens the libraries
@given(st.lists(SPOTS, min_size=1, max_size=12))
def test_twins_are_merged_as_by_comparing_every_pair(spots: list[tuple[int, int, str, str]]) -> None:
    shapes = [shapely.box(9 * x, 0, 9 * x + side, side) if side else shapely.Point(9 * x, 0) for x, side, _, _ in spots]
    key = [(name, kind) for _, _, name, kind in spots]
    same = same_places(np.array(shapes), key)
    kept = set(np.flatnonzero(same == np.arange(len(same))).tolist())
    assert kept == slow_same(shapes, key)
    assert set(same.tolist()) == kept
    assert all(key[one] == key[other] for one, other in enumerate(same.tolist()))
