"""OGC API - Features: the standard's promises, and GDAL and OWSLib reading all pages from a real server."""

import dataclasses
import datetime as dt
import subprocess
import sys
from contextlib import closing, contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcomes import small_outcome
from people import browser
from town import ROOT, environment

from service.db import Database, now
from service.errors import ServiceError
from service.history import By
from service.public.features import Collection, Point, Query, page, read_query, select_page
from service.records.devices import add_device, step
from service.records.positions import Position
from service.records.sites import add_organisation, add_site
from service.tables import Device, Organisation, Site

COUNT = 23
ALL = {"devices": COUNT, "sites": COUNT, "coverage": 42}


def fill(database) -> None:
    """Public devices in a row, and as many that nobody may see: planned, hidden, on a bus, retired, nowhere."""
    with database.session(By(None, "office", now())) as session:
        keeper = add_organisation(session, Organisation(name="第一小学 <b>", kind="school"))
        for number in range(COUNT):
            site = add_site(
                session,
                Site(
                    name=f"点位{number}",
                    organisation_id=keeper.id,
                    opening_hours="24/7",
                    note="内部",
                    emergency_phone="120",
                ),
                Position(118.39 + number / 1000, 24.96),
            )
            add_one(session, site, installed_on=dt.date(2026, 1, 1) + dt.timedelta(days=number), note="内部")
        for hidden in ({"display_public": False}, {"mobile": True}):
            add_one(session, site, **hidden)
        add_device(session, Device(site_id=site.id), None)
        nowhere = add_site(session, Site(name="无处"), None)
        add_one(session, nowhere)
        step(session, add_one(session, site), "retired", at=session.by.at, reason="报废")


def add_one(session, site, **fields) -> Device:
    device = add_device(session, Device(site_id=site.id, **fields), None)
    for status in ("installed", "active"):
        step(session, device, status, at=session.by.at)
    return device


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ogc") / "plan"
    small_outcome().save(folder)
    return folder


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def open_settings(request, plan, tmp_path_factory):
    maker = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgresql")
    settings = dataclasses.replace(maker.make(tmp_path_factory.mktemp("data")), plan=plan)
    with closing(Database(settings)) as database:
        fill(database)
    return settings


@pytest.fixture(scope="module")
def client(open_settings):
    with browser(open_settings) as client:
        yield client


@contextmanager
def serving(settings):
    """The real server with records, and its address."""
    more = {
        "AEDPLAN_DATA": str(settings.data),
        "AEDPLAN_KEY": settings.key,
        "AEDPLAN_DATABASE_URL": settings.database_url,
    }
    command = [sys.executable, "-m", "service", "serve", "--port", "0", "--plan", str(settings.plan)]
    with subprocess.Popen(command, cwd=ROOT, env=environment(**more), stdout=subprocess.PIPE, text=True) as server:
        try:
            yield server.stdout.readline().strip().rstrip("/")
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def address(open_settings):
    with serving(open_settings) as found:
        assert found.startswith("http://127.0.0.1:"), "the server did not start; its words are on stderr"
        yield found


def walk(client, path: str) -> list[dict]:
    """All features, following the links `next`."""
    found, pages = [], 0
    while path:
        said = client.get(path)
        assert said.status_code == 200, said.text
        assert said.headers["content-type"].startswith("application/geo+json")
        told = said.json()
        assert told["numberReturned"] == len(told["features"])
        found += told["features"]
        path = next((one["href"] for one in told["links"] if one["rel"] == "next"), "")
        pages += 1
        assert pages < 100
    assert len(found) == told["numberMatched"]
    return found


@pytest.mark.parametrize("name", list(ALL))
def test_the_pages_together_hold_every_feature_once(client, name):
    found = walk(client, f"/ogc/collections/{name}/items?limit=5")
    assert len(found) == ALL[name]
    assert len({one["id"] for one in found}) == ALL[name]
    shapes = {tuple((key, type(value)) for key, value in one["properties"].items()) for one in found}
    assert len(shapes) == 1, "a property changes its type"
    one = client.get(f"/ogc/collections/{name}/items/{found[7]['id']}").json()
    assert (one["properties"], one["geometry"]) == (found[7]["properties"], found[7]["geometry"])


def test_every_link_of_every_document_leads_somewhere(client):
    seen, waiting = set(), ["/ogc"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        said = client.get(path)
        assert said.status_code == 200, path
        if "json" in said.headers["content-type"] and path.startswith("/ogc"):
            told = said.json()
            inner = [link for one in told.get("collections", []) for link in one["links"]]
            waiting += [
                urlsplit(link["href"])._replace(scheme="", netloc="").geturl() for link in told.get("links", []) + inner
            ]
    assert {"/ogc", "/ogc/conformance", "/ogc/collections", "/api/v1/openapi.json"} <= seen
    assert {f"/ogc/collections/{name}?f=json" for name in ALL} <= seen


def test_a_box_and_a_time_leave_what_lies_in_them(client):
    items = "/ogc/collections/devices/items"
    assert len(walk(client, f"{items}?bbox=118.3895,24.9,118.3925,25&limit=1")) == 3
    assert walk(client, f"{items}?bbox=0,0,1,1") == []
    assert len(walk(client, f"{items}?datetime=../2026-01-05T12:00:00Z")) == 5
    assert len(walk(client, f"{items}?datetime=2026-01-03")) == 3
    assert len(walk(client, f"{items}?datetime=2026-01-03/..")) == COUNT


def test_html_is_for_who_asks_for_it_and_holds_what_is_there_as_text(client):
    page = client.get("/ogc/collections/devices/items", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.headers["content-type"].startswith("text/html")
    assert "点位7" in page.text
    assert "第一小学 &lt;b&gt;" in page.text
    assert (
        client.get("/ogc?f=html", headers={"Accept": "application/json"})
        .headers["content-type"]
        .startswith("text/html")
    )
    assert client.get("/ogc").headers["content-type"] == "application/json"
    for path in ("/ogc", "/ogc/conformance", "/ogc/collections", "/ogc/collections/sites"):
        assert client.get(f"{path}?f=html").text.startswith("<!doctype html>")


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=-1", "limit=x", "bbox=1,2,3", "bbox=1,2,3,nan", "bbox=1,5,3,4", "datetime=yesterday",
     "datetime=2026-01-02/2026-01-01", "datetime=2026-01-01T00:00:00", "f=xml", "colour=red", "limit=1&limit=2", "offset=-1"],
)  # fmt: skip
def test_what_is_no_query_is_refused_with_400(client, query):
    said = client.get(f"/ogc/collections/devices/items?{query}")
    assert said.status_code == 400, said.text
    assert set(said.json()) == {"status", "message_zh", "message_en"}


def test_what_is_not_there_is_404_and_nothing_private_is_told(client):
    for path in ("/ogc/collections/people", "/ogc/collections/people/items", "/ogc/collections/devices/items/none"):
        assert client.get(path).status_code == 404
    everything = "".join(client.get(f"/ogc/collections/{name}/items?limit=1000").text for name in ALL)
    assert "内部" not in everything
    assert client.get("/ogc").headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("name", list(ALL))
def test_gdal_reads_every_page(address, name):
    import pyogrio

    frame = pyogrio.read_dataframe(f"OAPIF:{address}/ogc", layer=name, PAGE_SIZE=5)
    assert len(frame) == ALL[name]
    assert frame.crs.to_epsg() in (4326, None) or "84" in str(frame.crs)
    assert frame.geometry.x.between(118, 119).all()
    if name == "coverage":
        assert frame["arrests_per_year"].dtype == float
        assert frame["covered"].sum() > frame["covered_before"].sum() > 0
    else:
        assert set(frame["name"]) == {f"点位{number}" for number in range(COUNT)}
    inside = pyogrio.read_dataframe(
        f"OAPIF:{address}/ogc", layer="devices", bbox=(118.3895, 24.9, 118.3925, 25), PAGE_SIZE=2
    )
    assert len(inside) == 3


def test_gdal_lists_the_collections(address):
    import pyogrio

    assert {str(name) for name, _ in pyogrio.list_layers(f"OAPIF:{address}/ogc")} == set(ALL)


def test_owslib_reads_every_page(address):
    from owslib.ogcapi.features import Features

    service = Features(f"{address}/ogc")
    assert set(service.feature_collections()) == set(ALL)
    assert any("conf/core" in one for one in service.conformance()["conformsTo"])
    for name, count in ALL.items():
        assert service.collection(name)["id"] == name
        found, offset = [], 0
        while True:
            told = service.collection_items(name, limit=7, offset=offset)
            found += told["features"]
            following = [link["href"] for link in told["links"] if link["rel"] == "next"]
            if not following:
                break
            offset = int(parse_qs(urlsplit(following[0]).query)["offset"][0])
        assert len({one["id"] for one in found}) == count
        assert service.collection_item(name, found[0]["id"])["id"] == found[0]["id"]


def test_without_records_the_devices_are_those_of_the_plan(client_of, folder):
    client = client_of(folder)
    assert {one["id"] for one in walk(client, "/ogc/collections/devices/items?limit=3")} == {
        "d-north", "d-south", "d-bridge", "d-loop",
    }  # fmt: skip
    assert walk(client, "/ogc/collections/sites/items") == []
    assert walk(client, "/ogc/collections/coverage/items") == []


points = st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), max_size=30)


@given(points, st.integers(1, 9))
def test_following_next_gives_what_one_large_page_gives(places, limit):
    collection = Collection("c", "", "", "", "", [Point(str(n), lon, lat, {}) for n, (lon, lat) in enumerate(places)])
    whole = [point.id for point in select_page(collection, Query(limit=1000)).points]
    found, offset = [], 0
    while True:
        told = page(collection, Query(limit=limit, offset=offset), "", [("limit", str(limit))])
        found += [one["id"] for one in told["features"]]
        following = [link["href"] for link in told["links"] if link["rel"] == "next"]
        if not following:
            break
        offset = int(parse_qs(urlsplit(following[0]).query)["offset"][0])
    assert found == whole


@given(st.dictionaries(st.sampled_from(["bbox", "datetime", "limit", "offset", "f", "x"]), st.text(max_size=12)))
def test_any_words_are_a_query_or_refused(asked):
    assert status_of(asked) in (200, 400)


def status_of(asked) -> int:
    try:
        return 200 if 1 <= read_query(list(asked.items())).limit <= 1000 else 500
    except ServiceError as error:
        return error.status


def test_a_box_over_the_date_line_holds_both_sides():
    collection = Collection(
        "c", "", "", "", "", [Point("w", -179.0, 0, {}), Point("e", 179.0, 0, {}), Point("m", 0.0, 0, {})]
    )
    query = read_query([("bbox", "178,-1,-178,1")])
    assert [point.id for point in select_page(collection, query).points] == ["w", "e"]
