"""The answers of /api/v1 and /health, and what they refuse."""

import datetime as dt
import json
import math

import pytest
from town import DEVICES, PROPOSED, at, write_plan

from service.api.devices import EXAMPLE, EXAMPLE_DEVICE
from service.api.nearest import REASONS, Near, NearDevice
from service.api.week import CirclesOut, WeekOut

GOOD = "lon=118.0&lat=25.0"
MONDAY_MORNING = dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def everything_is_open(monkeypatch):
    monkeypatch.setattr("service.api.devices.this_instant", lambda: MONDAY_MORNING)


def test_devices_are_the_standing_ones_and_show_only_listed_fields(client):
    answer = client.get("/api/v1/devices")
    assert answer.headers["content-type"] == "application/geo+json"
    content = answer.json()
    assert [f["id"] for f in content["features"]] == [d[0] for d in DEVICES]
    assert {tuple(sorted(f["properties"])) for f in content["features"]} == {tuple(sorted(EXAMPLE_DEVICE))}
    assert content["features"][0]["geometry"] == {"type": "Point", "coordinates": list(at(0, 1.02))}
    assert content["attribution"] == ["drawn by hand (CC0)"]
    assert content["synthetic"] is True
    assert set(content) == set(EXAMPLE)
    assert (content["source"], content["stale"]) == ("plan", False)


@pytest.mark.parametrize("path", ["/api/v1/devices", "/ogc", "/map", "/nothing"])
def test_a_slash_too_many_leads_nowhere_else(client, path):
    plain, slashed = (client.get(one, follow_redirects=False) for one in (path, f"{path}/"))
    assert (slashed.status_code, slashed.text) == (plain.status_code, plain.text)


def test_the_week_and_the_circles_are_as_described(client):
    WeekOut.model_validate_json(client.get("/api/v1/coverage/week").text)
    CirclesOut.model_validate_json(client.get("/api/v1/coverage/circles").text)
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    for path, kind in (("week", "application/json"), ("circles", "application/geo+json")):
        assert paths[f"/api/v1/coverage/{path}"]["get"]["responses"]["200"]["content"][kind]["schema"]["$ref"]


def test_no_proposed_site_is_ever_offered_as_a_device(client):
    for path in ("/api/v1/devices", f"/api/v1/nearest?{GOOD}&limit=50", "/"):
        text = client.get(path).text
        assert not any(id in text or label in text for id, label, *_ in PROPOSED), path


def test_the_plan_holds_the_proposed_sites_in_order_and_what_they_are_worth(client):
    content = client.get("/api/v1/plan").json()
    assert [(f["id"], f["properties"]["order"]) for f in content["features"]] == [("p-here", 1), ("p-there", 2)]
    assert (content["value"], content["bound"], content["gap"], content["status"]) == (3.5, 3.75, 0.0667, "stopped")
    assert content["circle"]["limit_m"] == 300.0
    assert not any("secret" in f["properties"] or "cost" in f["properties"] for f in content["features"])


def test_nearest_says_everything_a_person_needs(client):
    answer = client.get("/api/v1/nearest", params={"lon": "118.0", "lat": "25.0001", "limit": "2"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    content = answer.json()
    assert set(content) == set(Near.model_fields)
    assert [d["id"] for d in content["devices"]] == ["d-south", "d-bridge"]
    first = content["devices"][0]
    assert set(first) == set(NearDevice.model_fields)
    assert (first["measure"], first["hours"], first["in_time"]) == ("street", "Mo-Fr 08:00-18:00", False)
    assert first["minutes"] == pytest.approx(first["metres"] / 1.25 / 60, abs=0.06)
    assert isinstance(first["metres"], int)
    assert content["off_street_m"] == pytest.approx(11.1, abs=0.1)
    assert content["circle"]["words_zh"].startswith("walk-4")
    assert (content["call"], content["about"], content["reason"]) == ("120", False, "")


def test_nearest_gives_three_devices_unless_asked_for_more(client):
    assert len(client.get(f"/api/v1/nearest?{GOOD}").json()["devices"]) == 3
    assert len(client.get(f"/api/v1/nearest?{GOOD}&limit=50").json()["devices"]) == 4


@pytest.mark.parametrize(
    ("query", "reason"), [("lon=116.4&lat=39.9", "outside_area"), ("lon=118.0&lat=24.988", "far_from_street")]
)
def test_a_straight_line_answer_says_about_and_why_in_both_languages(client, query, reason):
    content = client.get(f"/api/v1/nearest?{query}").json()
    assert (content["measure"], content["about"], content["reason"]) == ("line", True, reason)
    assert (content["message_zh"], content["message_en"]) == REASONS[reason]
    assert {d["measure"] for d in content["devices"]} == {"line"}
    assert len(content["devices"]) == 3


@pytest.mark.parametrize(
    ("place", "devices", "reason"),
    [((0, 0), 4, ""), ((-20000, 0), 4, "outside_area"), ((0, -12), 4, "far_from_street"), ((2, -4.1), 4, "no_way"),
     ((0, 0), 0, "no_device")],
)  # fmt: skip
def test_the_bytes_of_nearest_written_by_hand_are_those_of_its_described_shape(
    client, client_of, tmp_path, place, devices, reason
):
    asked = client if devices else client_of(write_plan(tmp_path / "plan", devices=0))
    lon, lat = at(*place)
    answer = asked.get("/api/v1/nearest", params={"lon": lon, "lat": lat, "limit": 50})
    told = json.loads(answer.content, object_pairs_hook=each_once, parse_constant=pytest.fail)
    assert Near.model_validate_json(answer.content, strict=True).model_dump() == told
    assert (told["reason"], len(told["devices"])) == (reason, devices)
    assert (told["message_zh"], told["message_en"]) == REASONS[reason]


def each_once(pairs):
    """An object of JSON that names nothing twice."""
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


BAD = {
    "": ("缺少 lon", "lon (longitude) is missing"),
    "lon=118": ("缺少 lat", "lat (latitude) is missing"),
    "lon=&lat=25": ("lon 为“”", "lon is ''"),
    "lon=abc&lat=25": ("lon 为“abc”", "lon is 'abc'"),
    "lon=NaN&lat=25": ("NaN", "NaN"),
    "lon=118&lat=inf": ("inf", "lat is 'inf'"),
    "lon=1e2&lat=25": ("1e2", "lon is '1e2'"),
    "lon=false&lat=25": ("false", "lon is 'false'"),
    "lon=118&lat=%EF%BC%92%EF%BC%95": ("lat 为“\uff12\uff15”", "lat is '\uff12\uff15'"),
    "lon=%20118&lat=25": ("118", "lon is ' 118'"),
    "lon=118,5&lat=25": ("118,5", "118,5"),
    "lon=118&lat=25%0a": ("lat", "lat is"),
    "lon=180.1&lat=25": ("180", "-180 to 180"),
    "lon=118&lat=-90.5": ("90", "-90 to 90"),
    "lon=118&lat=91": ("90", "-90 to 90"),
    "lon=25.0&lat=118.0": ("颠倒", "swapped"),
    "lon=1&lon=2&lat=25": ("不止一次", "lon is given more than once"),
    f"{GOOD}&limit=0": ("1 至 50", "1 to 50"),
    f"{GOOD}&limit=51": ("1 至 50", "1 to 50"),
    f"{GOOD}&limit=-1": ("1 至 50", "1 to 50"),
    f"{GOOD}&limit=2.5": ("1 至 50", "limit is '2.5'"),
    f"{GOOD}&limit=": ("1 至 50", "limit is ''"),
    f"{GOOD}&limit=3&limit=4": ("不止一次", "limit is given more than once"),
    f"{GOOD}&crs=gcj02": ("没有“crs”", "'crs' is no parameter"),
    f"{GOOD}&{'x' * 900}=1": ("x…", "x…"),
}  # fmt: skip


@pytest.mark.parametrize("query", BAD)
def test_a_question_that_cannot_be_meant_is_refused_in_both_languages(client, query):
    answer = client.get(f"/api/v1/nearest?{query}")
    assert answer.status_code == 422
    content = answer.json()
    zh, en = BAD[query]
    assert zh in content["message_zh"]
    assert en in content["message_en"]
    assert len(answer.content) < 1000


def test_all_that_is_wrong_stands_in_one_message(client):
    message = client.get("/api/v1/nearest?lon=x&limit=0&speed=2").json()["message_en"]
    assert all(part in message for part in ("lon is 'x'", "lat (latitude) is missing", "limit is '0'", "'speed'"))


def test_swapped_coordinates_are_seen_where_both_could_be_latitudes():
    from service.api.queries import read_nearest
    from service.errors import ServiceError

    alps = (9.47, 47.04, 9.64, 47.28)
    assert read_nearest([("lon", "9.5"), ("lat", "47.1")], alps) == (9.5, 47.1, 3)
    with pytest.raises(ServiceError, match="swapped"):
        read_nearest([("lon", "47.1"), ("lat", "9.5")], alps)


def test_health_names_the_plan(client):
    assert client.get("/health").json() == {
        "status": "ok", "scenario": "river-town", "devices": 4, "proposed": 2, "stale": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/v1/nothing", 404), ("POST", "/api/v1/devices", 405), ("DELETE", "/health", 405)],
)
def test_errors_of_the_api_are_json_in_both_languages(client, method, path, status):
    answer = client.request(method, path)
    assert answer.status_code == status
    assert set(answer.json()) == {"status", "message_zh", "message_en"}


def test_a_failure_inside_is_told_without_its_details(client, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError("a private detail")

    monkeypatch.setattr("service.api.nearest.find_nearest", fail)
    answer = client.get(f"/api/v1/nearest?{GOOD}")
    assert answer.status_code == 500
    assert "detail" not in answer.text
    assert "120" in answer.json()["message_zh"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "118.0" not in caplog.text


def test_openapi_describes_every_route_with_an_example(client):
    document = client.get("/api/v1/openapi.json").json()
    public = {path for path in document["paths"] if not path.startswith("/ogc")}
    assert {"/api/v1/devices", "/api/v1/plan", "/api/v1/nearest", "/photos/{code}.jpg", "/health"} <= public
    parameters = document["paths"]["/api/v1/nearest"]["get"]["parameters"]
    assert [(p["name"], p["required"]) for p in parameters] == [("lon", True), ("lat", True), ("limit", False)]
    assert all("example" in p for p in parameters)
    shapes = document["components"]["schemas"]
    assert all(shapes[name]["examples"] for name in ("Near", "Health"))
    Near.model_validate(shapes["Near"]["examples"][0], strict=True)


def test_every_number_that_leaves_is_finite(client):
    def numbers(value):
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            return [n for part in value for n in numbers(part)]
        return [value] if isinstance(value, float) else []

    for path in ("/api/v1/devices", "/api/v1/plan", f"/api/v1/nearest?{GOOD}", "/api/v1/nearest?lon=0&lat=0"):
        assert all(math.isfinite(n) for n in numbers(client.get(path).json()))
