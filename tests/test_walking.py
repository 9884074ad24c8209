"""The walking rule, line by line."""

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aedplan.network import KINDS
from aedplan.walking import (
    FOOT_CLOSES,
    FOOT_OPENS,
    HIGHWAYS,
    NODE_TAGS,
    OTHER_WAYS,
    WALLS,
    WAY_TAGS,
    passable,
    walkable,
)

WAYS = {
    "highway=residential": "street",
    "highway=trunk": "street",
    "highway=service access=private": "street",
    "highway=footway foot=private": "path",
    "highway=pedestrian area=yes": "street",
    "highway=cycleway": "path",
    "highway=track": "path",
    "highway=steps": "steps",
    "highway=steps conveying=yes": "steps",
    "highway=steps indoor=yes": "steps",
    "highway=corridor": "indoor",
    "highway=elevator": "indoor",
    "highway=footway indoor=yes": "indoor",
    "indoor=corridor": "indoor",
    "railway=platform": "path",
    "public_transport=platform": "path",
    "highway=platform": "path",
    "highway=primary tunnel=yes": "street",
    "highway=primary bridge=yes": "street",
    "highway=motorway foot=yes": "street",
    "highway=service access=no foot=designated": "street",
    "highway=trunk motorroad=yes foot=permissive": "street",
    "highway=residential oneway=yes motor_vehicle=no": "street",
}

NOT_WAYS = [
    "highway=motorway",
    "highway=motorway_link",
    "highway=trunk motorroad=yes",
    "highway=trunk foot=no",
    "highway=cycleway foot=no",
    "highway=primary foot=use_sidepath",
    "highway=service access=no",
    "highway=service access=military",
    "highway=construction",
    "highway=proposed foot=yes",
    "highway=raceway",
    "highway=bus_guideway",
    "highway=rest_area",
    "highway=primary route=ferry",
    "route=ferry foot=yes",
    "railway=rail",
    "indoor=room",
    "building=yes foot=yes",
    "railway=platform foot=no",
    "railway=platform access=no",
]

PASSABLE = ["", "highway=crossing access=no", "barrier=gate", "barrier=gate access=private", "barrier=bollard"]
PASSABLE += [
    "barrier=lift_gate",
    "barrier=gate locked=yes foot=yes",
    "barrier=wall foot=yes",
    "barrier=gate access=no foot=yes",
]
IMPASSABLE = [
    "barrier=gate locked=yes",
    "barrier=gate access=no",
    "barrier=gate foot=no",
    "barrier=wall",
    "barrier=fence",
]
IMPASSABLE += ["barrier=bollard foot=no", "barrier=gate locked=yes access=private"]


def tags(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in text.split())


@pytest.mark.parametrize(("text", "kind"), WAYS.items())
def test_a_way_open_to_walkers_has_its_kind(text: str, kind: str) -> None:
    assert walkable(tags(text)) == KINDS.index(kind)


@pytest.mark.parametrize("text", NOT_WAYS)
def test_a_way_closed_to_walkers_is_none(text: str) -> None:
    assert walkable(tags(text)) is None


@pytest.mark.parametrize("text", PASSABLE)
def test_a_walk_goes_on_through(text: str) -> None:
    assert passable(tags(text))


@pytest.mark.parametrize("text", IMPASSABLE)
def test_a_walk_ends_at(text: str) -> None:
    assert not passable(tags(text))


class Spy(Mapping[str, str]):
    """Tags that remember which of them were looked at."""

    def __init__(self, inner: dict[str, str]) -> None:
        self.inner, self.read = inner, set[str]()

    def __getitem__(self, key: str) -> str:
        self.read.add(key)
        return self.inner[key]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("the rule must ask for tags by name")

    def __len__(self) -> int:
        return len(self.inner)


VALUES = {
    "highway": [*HIGHWAYS, "construction", "proposed", "no"],
    "foot": [*FOOT_OPENS, *FOOT_CLOSES, "private", "customers"],
    "access": ["yes", "no", "private", "military", "customers"],
    "motorroad": ["yes", "no"],
    "route": ["ferry", "bus"],
    "barrier": [*WALLS, "gate", "bollard"],
    "locked": ["yes", "no"],
} | {key: sorted({v for k, v in OTHER_WAYS if k == key} | {"yes", "rail"}) for key, _ in OTHER_WAYS}
SOME_TAGS = st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in VALUES.items()})


@given(SOME_TAGS)
def test_the_rule_reads_only_the_tags_it_declares(some: dict[str, str]) -> None:
    way, node = Spy(some), Spy(some)
    walkable(way)
    passable(node)
    assert way.read <= set(WAY_TAGS)
    assert node.read <= set(NODE_TAGS)


@given(SOME_TAGS)
def test_forbidding_walkers_closes_every_way_and_barrier_node(some: dict[str, str]) -> None:
    assert walkable({**some, "foot": "no"}) is None
    assert not passable({"barrier": "gate", **some, "foot": "no"})


@given(SOME_TAGS)
def test_allowing_walkers_never_closes_what_was_open(some: dict[str, str]) -> None:
    kind = walkable(some)
    assert kind is None or walkable({**some, "foot": "yes"}) == kind
    assert passable({**some, "foot": "yes"})


@given(SOME_TAGS)
def test_private_ground_is_walked_like_any_other(some: dict[str, str]) -> None:
    plain = {key: value for key, value in some.items() if key != "access"}
    assert walkable({**plain, "access": "private"}) == walkable(plain)


@pytest.mark.parametrize("highway", HIGHWAYS)
def test_every_class_in_the_table_can_be_opened_to_walkers(highway: str) -> None:
    kind = walkable({"highway": highway, "foot": "yes"})
    assert kind is not None
    assert HIGHWAYS[highway] in (None, kind)
