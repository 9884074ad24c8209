"""Places by name: from the plan's map, its sites and the public's devices, found by pinyin initials, small on the wire."""

import gzip
from types import SimpleNamespace

import pytest
from outcomes import small_outcome

from aedplan import InputError
from aedplan.osm.background import Background, Name
from aedplan.outputs import write_gpkg
from aedplan.study.publish import background_frames
from service.initials import PHRASES, initials
from service.places import MOST, Spot, list_places, places_body, read_names
from service.published import read_published

NAMES = [
    Name("新街", "Xin Street", "street", (118.39, 24.96), 30, 900),
    Name("柳城街道", "Liucheng", "town", (118.38, 24.97)),
    Name("西溪", "West Brook", "water", (118.37, 24.96)),
    Name("霞东村", "霞东村", "village", (118.40, 24.95), 0, 7),
    Name("上村", "", "hamlet", (118.41, 24.95), 0, 9),
]


@pytest.fixture
def map_file(tmp_path):
    """The names of a map as `aedplan plan` writes them."""
    import numpy as np

    nothing = np.array([], dtype=object)
    write_gpkg(tmp_path / "background.gpkg", background_frames(Background(nothing, nothing, tuple(NAMES))))
    return tmp_path / "background.gpkg"


def test_names_of_the_map_are_read_the_most_telling_kind_first(map_file):
    assert read_names(map_file) == (
        Spot("柳城街道", "Liucheng", "town", "", 118.38, 24.97),
        Spot("上村", "", "village", "", 118.41, 24.95),
        Spot("霞东村", "", "village", "", 118.40, 24.95),
        Spot("新街", "Xin Street", "street", "", 118.39, 24.96),
    )


def test_a_plan_without_a_map_of_names_has_none_and_a_damaged_one_is_refused(tmp_path):
    assert read_names(tmp_path / "background.gpkg") == ()
    (tmp_path / "background.gpkg").write_bytes(b"no map")
    with pytest.raises(InputError, match=r"background\.gpkg"):
        read_names(tmp_path / "background.gpkg")


def test_a_map_without_names_has_none(tmp_path):
    import numpy as np
    import shapely

    water = np.array([shapely.box(118.3, 24.9, 118.4, 25.0)], dtype=object)
    write_gpkg(tmp_path / "background.gpkg", background_frames(Background(water, np.array([], dtype=object), ())))
    assert read_names(tmp_path / "background.gpkg") == ()


def test_a_plan_folder_is_served_with_the_names_on_its_map(tmp_path):
    small_outcome().save(tmp_path / "plan")
    published = read_published(tmp_path / "plan")
    assert published.names == read_names(tmp_path / "plan" / "background.gpkg")


def device(label, town="", lon=118.0, kind="school"):
    return SimpleNamespace(label=label, town=town, lon=lon, lat=25.0, kind=kind)


def told(devices=(), sites=(), names=()):
    published = SimpleNamespace(devices=(), proposed=sites, names=names)
    return list_places(published, SimpleNamespace(devices=devices))


def test_towns_come_first_then_villages_then_venues_then_streets():
    street, village = Spot("新街", "", "street", "", 1, 1), Spot("霞东村", "", "village", "", 1, 1)
    found = told([device("第一小学", "溪美街道")], [device("河边酒店", kind="hotel")], (village, street))
    assert [(spot.name, spot.kind) for spot in found] == [
        ("溪美街道", "town"), ("霞东村", "village"), ("第一小学", "school"), ("河边酒店", "hotel"), ("新街", "street"),
    ]  # fmt: skip


def test_a_town_that_the_map_does_not_name_lies_amid_its_devices_and_one_that_it_names_where_the_map_says():
    devices = [device("甲", "溪美街道", 118.0), device("乙", "溪美街道", 118.2)]
    (town, *_) = told(devices)
    assert (town.name, town.lon) == ("溪美街道", pytest.approx(118.1))
    (town, *_) = told(devices, names=(Spot("溪美街道", "", "town", "", 118.5, 25),))
    assert town.lon == 118.5


def test_the_same_name_stands_once_unless_it_is_of_two_towns():
    devices = [device("中心小学", "甲镇"), device("中心小学", "乙镇"), device("中心小学", "乙镇")]
    found = told(devices, [device("中心小学")])
    assert [spot.town for spot in found if spot.name == "中心小学"] == ["甲镇", "乙镇"]


def test_of_very_many_names_the_most_telling_are_told_in_few_bytes():
    names = [Spot(f"第{n}街坊路口", "", "street", "", 118 + n / 1e5, 25 + n / 1e5) for n in range(3 * MOST)]
    town = Spot("柳城街道", "", "town", "", 118.0, 25.0)
    published = SimpleNamespace(devices=(), proposed=(), names=(town, *names))
    body = places_body(published, SimpleNamespace(devices=()))
    assert len(gzip.compress(body.plain)) < 40_000
    assert told(names=(town, *names))[0] == town


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("柳城汽车站", "lcqcz"), ("建设银行", "jsyh"), ("长途汽车站", "ctqcz"), ("村长办公室", "czbgs"), ("重庆路", "cql"),
        ("国贸大厦", "gmds"), ("厦门路", "xml"), ("音乐厅", "yyt"), ("快乐小学", "klxx"), ("1 号门 A区", "1hmaq"),
        ("ＡＥＤ点", "aedd"), ("Vaduz Post", "vaduzpost"), ("", ""), ("——", ""),
    ],
)  # fmt: skip
def test_initials_are_read_as_people_say_the_names(text, expected):
    assert initials(text) == expected


def test_each_phrase_is_said_as_many_sounds_as_it_has_characters():
    assert {phrase: said for phrase, said in PHRASES.items() if len(phrase) != len(said.split())} == {}


def test_the_route_tells_of_the_plans_sites(client):
    said = client.get("/api/v1/places")
    assert "max-age" in said.headers["cache-control"]
    places = {one["name"]: one for one in said.json()["places"]}
    assert places["河边酒店"] == {
        "name": "河边酒店", "name_en": "", "kind": "hotel", "town": "", "lon": 118.0, "lat": 24.99995, "initials": "hbjd",
    }  # fmt: skip
    assert set(places) >= {"北岸超市", "南岸第一小学", "桥头汽车站"}
