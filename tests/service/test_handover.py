"""Links to map programs: read back as each program reads them, they lead to the device to a metre."""

import math
from urllib.parse import parse_qs, urlsplit

import eviltransform
import numpy as np
import prcoords
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aedplan.coordinates import convert
from service.public.handover import go_links

HOSTS = {
    "amap": "uri.amap.com", "baidu": "api.map.baidu.com", "tencent": "apis.map.qq.com", "apple": "maps.apple.com",
}  # fmt: skip
NAMES = ["柳城汽车站 一楼", "A&B #1, 50%?", "门|口:西=东", "<b>“Ä”</b>", ""]


def query(link):
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query, keep_blank_values=True).items()}


def leads_to(program, link):
    """The program's longitude, latitude and the name of their system, as its parameters say."""
    said = query(link)
    if program == "amap":
        assert said["coordinate"] == "gaode"
        lon, lat = said["to"].split(",")[:2]
        return float(lon), float(lat), "gcj02"
    if program == "baidu":
        place = said["destination"].split("|")[0].removeprefix("latlng:")
        system = {"bd09ll": "bd09", "wgs84": "wgs84"}[said["coord_type"]]
    else:
        place, system = said["tocoord" if program == "tencent" else "daddr"], "gcj02"
    lat, lon = place.split(",")
    return float(lon), float(lat), system


def apart_m(one, other):
    return math.dist(one, other) * 111_320


inland = st.tuples(st.floats(100.0, 122.0), st.floats(22.0, 45.0))


@given(inland)
def test_each_link_leads_to_the_device_by_our_own_inverse(place):
    (links,) = go_links(np.array([place]), ["汽车站"])
    assert list(links) == list(HOSTS)
    for program, link in links.items():
        lon, lat, system = leads_to(program, link)
        back = convert(np.array([[lon, lat]]), source=system, target="wgs84")[0]
        assert apart_m(back, place) < 0.3, program  # six decimals are 0.1 m


@given(inland)
def test_each_link_leads_to_the_device_by_programs_written_elsewhere(place):
    (links,) = go_links(np.array([place]), ["汽车站"])
    for program, link in links.items():
        lon, lat, system = leads_to(program, link)
        if system == "bd09":
            back = prcoords.bd_wgs_bored(prcoords.Coords(lat, lon))
            assert apart_m((back.lon, back.lat), place) < 1, program
            evil = eviltransform.bd2wgs(lat, lon)
        else:
            back = prcoords.gcj_wgs_bored(prcoords.Coords(lat, lon))
            assert apart_m((back.lon, back.lat), place) < 1, program
            evil = eviltransform.gcj2wgs_exact(lat, lon)
            assert apart_m(evil[::-1], place) < 1, program
        assert apart_m(evil[::-1], place) < 6  # its way back from Baidu is a single step, up to 5.5 m off


def test_at_nanan_the_shift_is_as_large_as_it_must_be():
    place = (118.386, 24.960)
    (links,) = go_links(np.array([place]), ["汽车站"])
    moved = {program: apart_m(leads_to(program, link)[:2], place) for program, link in links.items()}
    assert 500 < moved["amap"] < 650
    assert moved["amap"] == moved["tencent"] == moved["apple"]
    assert moved["baidu"] > 1000


@pytest.mark.parametrize("place", [(9.52, 47.14), (-0.1, 51.5), (145.0, -37.8)])
def test_outside_china_nothing_is_shifted(place):
    (links,) = go_links(np.array([place]), ["Vaduz"])
    assert {leads_to(program, link)[:2] for program, link in links.items()} == {place}
    assert query(links["baidu"])["coord_type"] == "wgs84"


@pytest.mark.parametrize("name", NAMES)
def test_any_name_stays_whole_and_cannot_become_another_parameter(name):
    (links,) = go_links(np.array([[118.386, 24.96]]), [name])
    for program, link in links.items():
        parts = urlsplit(link)
        assert (parts.scheme, parts.netloc, parts.fragment) == ("https", HOSTS[program], "")
        assert link.isascii()
        assert " " not in link
    assert query(links["tencent"])["to"] == name
    assert query(links["amap"])["to"].split(",")[2] == name.replace(",", " ")
    assert query(links["baidu"])["destination"].split("|name:")[1] == name.replace("|", " ").replace(":", " ")


def test_every_program_is_told_to_lead_on_foot_and_none_is_told_where_the_person_is():
    (links,) = go_links(np.array([[118.386, 24.96]]), ["汽车站"])
    said = {program: query(link) for program, link in links.items()}
    modes = (said["amap"]["mode"], said["baidu"]["mode"], said["tencent"]["type"], said["apple"]["dirflg"])
    assert modes == ("walk", "walking", "walk", "w")
    assert said["baidu"]["origin"] == "我的位置"
    assert not any(name in given for given in said.values() for name in ("from", "fromcoord", "saddr"))


def test_many_places_are_linked_in_their_order():
    lonlat = np.array([[118.386, 24.96], [9.52, 47.14]])
    both = go_links(lonlat, ["一", "二"])
    assert both == [go_links(lonlat[:1], ["一"])[0], go_links(lonlat[1:], ["二"])[0]]
    assert go_links(np.zeros((0, 2)), []) == []
