"""The public dataset as the routes give it: nothing before the licence is decided, only public devices after."""

import csv
import dataclasses
import io
from contextlib import closing
from xml.etree import ElementTree

import pytest
from people import browser, make_county, sign_in

from service.db import Database, now
from service.history import By
from service.records import find
from service.records.devices import step
from service.tables import Device, Site

V1 = "/api/v1"
LICENCE = {
    "name": "CC BY 4.0",
    "address": "https://creativecommons.org/licenses/by/4.0/",
    "publisher": "南安市红十字会",
}


@pytest.fixture
def client(settings, folder):
    settings = dataclasses.replace(settings, plan=folder)
    with closing(Database(settings)) as database:
        county = make_county(database)
        with database.session(By(None, "office", now())) as session:
            for device_id in (county.device, county.other_device):
                for status in ("installed", "active"):
                    step(session, find(session, Device, device_id), status, at=session.by.at)
            find(session, Device, county.device).note = "内部"
            find(session, Device, county.other_device).display_public = False
            find(session, Site, county.site).name = "=1+1"
    with browser(settings) as client:
        yield client


def test_nothing_is_given_away_before_the_office_has_decided_the_licence(client):
    files = [f"{V1}/dataset.{kind}" for kind in ("geojson", "csv", "osm")]
    assert [client.get(path).status_code for path in files] == [409] * 3
    sign_in(client, "planner")
    assert client.put(f"{V1}/records/licence", json=LICENCE).status_code == 403
    sign_in(client, "office")
    assert client.put(f"{V1}/records/licence", json=LICENCE | {"address": "javascript:x"}).status_code == 422
    assert client.put(f"{V1}/records/licence", json=LICENCE).json() == LICENCE
    assert client.get(f"{V1}/records/licence").json() == LICENCE
    client.cookies.clear()
    assert [client.get(path).status_code for path in files] == [200] * 3


def test_the_three_files_tell_of_the_same_public_devices_and_nothing_else(client):
    sign_in(client, "office")
    client.put(f"{V1}/records/licence", json=LICENCE)
    client.cookies.clear()
    shown = client.get(f"{V1}/dataset.geojson")
    assert shown.headers["content-disposition"] == 'attachment; filename="aed.geojson"'
    told = shown.json()
    assert (told["licence"], told["publisher"], len(told["date"])) == ("CC BY 4.0", "南安市红十字会", 10)
    (feature,) = told["features"]
    assert feature["properties"]["name"] == "=1+1"
    assert "内部" not in shown.text
    (row,) = csv.DictReader(io.StringIO(client.get(f"{V1}/dataset.csv").content.decode("utf-8-sig")))
    assert (row["编号"], row["名称"], row["许可"]) == (feature["id"], "'=1+1", "CC BY 4.0")
    (node,) = ElementTree.fromstring(client.get(f"{V1}/dataset.osm").content).iter("node")
    tags = {tag.get("k"): tag.get("v") for tag in node.iter("tag")}
    assert (tags["emergency"], tags["ref"]) == ("defibrillator", feature["id"])
    assert [float(node.get("lon")), float(node.get("lat"))] == feature["geometry"]["coordinates"]
