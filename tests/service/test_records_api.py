"""The routes of the records: strict shapes in, listed fields out, the rules between; on both databases."""

import dataclasses
from contextlib import closing

import pytest
from people import browser, make_county, sign_in

from service.db import Database

R = "/api/v1/records"
HOSTILE = [
    "<script>alert(1)</script>",
    "'; DROP TABLE site; --",
    "=cmd|'/c calc'!A1",
    "a\r\nSet-Cookie: x=1",
    "{{7*7}}",
    "☃" * 50,
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def made(request, tmp_path_factory, folder):
    """One county for all tests here, on each database: they add to it and change what they have added."""
    maker = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgresql")
    settings = dataclasses.replace(maker.make(tmp_path_factory.mktemp("records")), plan=folder)
    with closing(Database(settings)) as database:
        county = make_county(database)
    with browser(settings) as client:
        sign_in(client, "office")
        yield client, county


@pytest.fixture
def client(made):
    return made[0]


@pytest.fixture
def county(made):
    return made[1]


def test_a_device_is_added_installed_fitted_moved_and_told_as_it_is(client, county):
    body = {"site_id": county.site, "model": "M2", "cabinet_access": "open",
            "position": {"lon": 118.390889, "lat": 24.957368, "source": "gcj02", "accuracy_m": 5}}  # fmt: skip
    added = client.post(f"{R}/devices", json=body)
    assert added.status_code == 201, added.text
    device = added.json()
    assert (device["status"], device["site_name"], device["lon"]) == (
        "planned",
        "第一小学",
        pytest.approx(118.386, abs=1e-6),
    )
    path = f"{R}/devices/{device['id']}"
    assert client.post(f"{path}/steps", json={"status": "installed"}).json()["status"] == "installed"
    assert client.post(f"{path}/steps", json={"status": "retired"}).status_code == 422
    assert client.post(f"{path}/steps", json={"status": "planned"}).status_code == 409
    fitted = client.post(f"{path}/pads", json={"kind": "adult", "expires_on": "2028-01-31", "fitted_on": "2026-11-22"})
    assert fitted.json()["pads"][0]["expires_on"] == "2028-01-31"
    assert (
        client.post(f"{path}/battery", json={"expires_on": "2030-01-31"}).json()["batteries"][0]["removed_on"] is None
    )
    moved = client.post(f"{path}/move", json={"site_id": county.other_site}).json()
    assert (moved["site_id"], moved["lon"]) == (county.other_site, 118.391)
    assert [one["id"] for one in client.get(f"{R}/devices?status=installed").json()] == [device["id"]]
    lines = client.get(f"{R}/log?record_id={device['id']}").json()
    assert [line["verb"] for line in lines] == ["change", "change", "add"]
    assert {line["role"] for line in lines} == {"office"}


def test_a_device_in_the_list_is_as_it_is_alone(client, county):
    path = f"{R}/devices/{county.other_device}"
    client.post(f"{path}/pads", json={"kind": "child", "lot": "7"})
    alone = client.post(f"{path}/battery", json={"expires_on": "2030-01-31"}).json()
    listed = {one["id"]: one for one in client.get(f"{R}/devices").json()}
    assert listed[county.other_device] == alone


def test_of_two_who_change_a_site_the_second_is_told(client, county):
    path = f"{R}/sites/{county.site}"
    seen = client.get(path).json()["version"]
    assert client.patch(path, json={"version": seen, "note": "first"}).json()["version"] == seen + 1
    assert client.patch(path, json={"version": seen, "note": "second"}).status_code == 409
    assert client.get(path).json()["note"] == "first"


def test_an_agreement_is_added_renewed_and_terminated(client, county):
    body = {
        "number": "N-1", "kind": "donation", "party_a_id": county.red_cross, "party_b_id": county.school,
        "signed_on": "2026-01-01", "starts_on": "2026-01-01", "ends_on": "2999-01-01", "sites": [county.site],
        "obligations": [{"code": "staff_training_n", "owner": "party_b", "target": 10}],
    }  # fmt: skip
    added = client.post(f"{R}/agreements", json=body).json()
    assert {name: added[name] for name in body if name != "obligations"} == {
        k: v for k, v in body.items() if k != "obligations"
    }
    assert (added["state"], added["obligations"][0]["target"]) == ("active", 10)
    assert client.post(f"{R}/agreements", json=body).status_code == 409
    path = f"{R}/agreements/{added['id']}"
    renewal = {"number": "N-2", "starts_on": "2999-01-02", "ends_on": "2999-12-31"}
    assert client.post(f"{path}/renewal", json=renewal).json()["renews_id"] == added["id"]
    ended = client.post(f"{path}/termination", json={"on": "2026-02-01", "reason": "拆迁"}).json()
    assert ended["state"] == "terminated"


def test_what_an_agreement_is_about_and_promises_is_put_right_and_a_broken_promise_stays(client, county):
    promises = [{"code": "signage", "owner": "party_b"}, {"code": "publicity", "owner": "party_a"}]
    body = {"number": "N-9", "kind": "donation", "party_a_id": county.red_cross, "party_b_id": county.school,
            "sites": [county.site], "obligations": promises}  # fmt: skip
    path = f"{R}/agreements/{client.post(f'{R}/agreements', json=body).json()['id']}"
    breach = {"found_on": "2026-11-01", "text": "没有标识", "obligation_code": "signage"}
    broken = client.post(f"{path}/breaches", json=breach).json()["obligation_id"]
    kept = {"code": "signage", "owner": "party_b", "target": 2}
    change = {"sites": [county.other_site], "devices": [county.device], "obligations": [kept]}
    changed = client.patch(path, json=change).json()
    assert (changed["sites"], changed["devices"]) == ([county.other_site], [county.device])
    assert [(one["code"], one["target"]) for one in changed["obligations"]] == [("signage", 2)]
    assert client.get(f"{path}/breaches").json()[0]["obligation_id"] == broken
    for obligations, status in (([], 409), ([kept, kept], 422)):
        assert client.patch(path, json={"obligations": obligations}).status_code == status
    assert client.patch(path, json={"devices": ["none"]}).status_code == 409
    assert client.patch(path, json={"note": "x"}).json()["devices"] == [county.device]


def test_a_person_is_added_changed_told_everything_and_erased(client, county):
    added = client.post(f"{R}/people", json={"name": "林", "phone": "138 0000", "roles": ["volunteer"]}).json()
    path = f"{R}/people/{added['id']}"
    assert client.patch(path, json={"phone": "139"}).json()["phone"] == "139"
    assert client.get(path).json()["name"] == "林"
    assert client.delete(path).status_code == 204
    assert client.get(path).json()["name"] == ""


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("sites", {"name": ""}), ("sites", {"name": "x", "stage": "gone"}), ("sites", {"name": "x", "residents": "7"}),
        ("sites", {"name": "x", "residents": True}), ("sites", {"name": "x", "surprise": 1}), ("sites", {"name": 7}),
        ("sites", {"name": "x", "position": {"lon": False, "lat": 0}}), ("sites", {"name": "a\x00b"}),
        ("sites", {"name": "x", "position": {"lon": 181, "lat": 0}}), ("sites", {"name": "x" * 201}),
        ("sites", {"name": "x", "admin_code": "35058"}), ("people", {"name": "x", "phone": "call me"}),
        ("agreements", {"number": "1", "kind": "donation", "party_a_id": "a", "party_b_id": "b", "signed_on": "yesterday"}),
        ("devices", {"installed_on": 20261122}), ("organisations", {"name": "x", "kind": "circus"}), ("sites", []),
    ],
)  # fmt: skip
def test_what_is_not_as_it_should_be_is_refused_with_the_place(client, path, body):
    answer = client.post(f"{R}/{path}", json=body)
    assert answer.status_code == 422, answer.text
    assert set(answer.json()) == {"status", "message_zh", "message_en", "faults"}
    assert "body" in answer.json()["message_en"]


def test_an_id_of_nothing_is_refused(client, county):
    assert client.post(f"{R}/devices", json={"site_id": "nowhere"}).status_code == 404
    assert client.post(f"{R}/sites", json={"name": "x", "organisation_id": "nobody"}).status_code == 409
    assert client.get(f"{R}/devices/..%2F..%2Fetc").status_code == 404


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_comes_back_as_it_was_or_is_refused(client, text):
    answer = client.post(f"{R}/sites", json={"name": text, "note": text})
    if "\r" in text:
        assert answer.status_code == 422
        return
    assert (answer.status_code, answer.json()["name"]) == (201, text)
    assert text in [site["name"] for site in client.get(f"{R}/sites", params={"text": text}).json()]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_answers_about_records_are_kept_by_nobody_on_the_way(client, county):
    for path in ("sites", "devices", "people", "agreements", "log"):
        assert client.get(f"{R}/{path}").headers["cache-control"] == "no-store", path
    assert client.get("/api/v1/devices").headers["cache-control"] == "no-cache"


def test_no_answer_holds_a_seal_or_a_checksum(client, county):
    text = "".join(
        client.get(path).text for path in ("/api/v1/accounts", f"{R}/people", f"{R}/log", "/api/v1/sessions")
    )
    assert "gAAAA" not in text
    assert "argon2" not in text
