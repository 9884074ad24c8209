"""What is corrected and changed later: organisations, teams, agreements and breaches, policies, certificates, notices."""

import dataclasses
from typing import Any

import pytest
from fastapi.routing import APIRoute
from people import become, browser, make_county

from service.db import now
from service.history import By
from service.limits import MOST_JSON, TAKE_FILES
from service.notices import put_notices
from service.outbox import Message
from service.tables import Notice

R = "/api/v1/records"


@pytest.fixture
def county(database):
    return make_county(database)


@pytest.fixture
def client(settings, folder, county):
    with browser(dataclasses.replace(settings, plan=folder)) as opened:
        become(opened, "office")
        yield opened


def said(client, method: str, path: str, status: int = 200, **body: Any) -> Any:
    answer = client.request(method, path, json=body or None)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_an_organisation_is_changed_and_never_stands_under_itself(client, county):
    path = f"{R}/organisations/{county.school}"
    one = said(client, "PATCH", path, parent_id=county.red_cross, duty_phone="0595-1", version=1)
    assert (one["parent_id"], one["version"], one["name"]) == (county.red_cross, 2, "第一小学")
    assert client.patch(path, json={"name": "旧", "version": 1}).status_code == 409
    assert "under itself" in said(
        client, "PATCH", f"{R}/organisations/{county.red_cross}", 422, parent_id=county.school
    )["message_en"]  # fmt: skip
    assert client.patch(path, json={"name": " "}).status_code == 422
    become(client, "manager")
    assert client.patch(path, json={"address": "x"}).status_code == 403


def test_who_leaves_a_team_stays_told_and_a_disbanded_team_keeps_its_day(client, county):
    team = said(client, "POST", f"{R}/teams", 201, name="一队", site_id=county.site, members=[county.person])
    path = f"{R}/teams/{team['id']}"
    assert said(client, "GET", f"{path}/members")["members"] == [county.person]
    assert said(client, "PUT", f"{path}/members", members=[county.other_person])["members"] == [county.other_person]
    assert client.put(f"{path}/members", json={"members": ["nobody"]}).status_code == 404
    gone = said(client, "GET", f"{R}/log?kind=rescue_team_member")
    assert [line["verb"] for line in gone] == ["add", "change", "add"]
    assert (
        said(client, "PATCH", path, founded_on="2026-01-01", disbanded_on="2026-11-01")["disbanded_on"] == "2026-11-01"
    )
    assert client.patch(path, json={"disbanded_on": "2025-01-01"}).status_code == 422
    become(client, "manager")
    assert client.get(f"{path}/members").status_code == 200
    assert client.patch(path, json={"name": "x"}).status_code == 403


def test_a_breach_is_noted_and_ends_and_an_agreement_is_corrected(client, county):
    path = f"{R}/agreements/{county.agreement}"
    assert (
        client.post(
            f"{path}/breaches", json={"found_on": "2026-10-01", "text": "x", "obligation_code": "publicity"}
        ).status_code
        == 422
    )
    breach = said(
        client,
        "POST",
        f"{path}/breaches",
        201,
        found_on="2026-10-01",
        text="三天没有检查",
        obligation_code="maintenance_daily",
    )
    assert breach["obligation_id"]
    where = f"{path}/breaches/{breach['id']}"
    assert client.patch(where, json={"resolved_on": "2026-09-01", "resolution": "x"}).status_code == 422
    assert client.patch(where, json={"resolved_on": "2026-10-05"}).status_code == 422
    assert said(client, "PATCH", where, resolved_on="2026-10-05", resolution="已补查")["resolved_on"] == "2026-10-05"
    assert (
        client.patch(where.replace(county.agreement, county.other_agreement), json={"resolved_on": None}).status_code
        == 404
    )
    assert said(client, "PATCH", path, ends_on="2031-12-31", version=1)["ends_on"] == "2031-12-31"
    assert client.patch(path, json={"ends_on": "2020-01-01"}).status_code == 422
    become(client, "manager")
    assert [one["id"] for one in said(client, "GET", f"{path}/breaches")] == [breach["id"]]
    assert client.get(f"{R}/agreements/{county.other_agreement}/breaches").status_code == 404


def test_a_policy_names_others_and_a_unit_is_counted_anew(client, county):
    body = {"insurer_id": county.red_cross, "policy_no": "P", "cover": "equipment_loss", "insured_kind": "devices",
            "starts_on": "2026-01-01", "ends_on": "2026-12-31", "insured": [{"device_id": county.device}]}  # fmt: skip
    policy = said(client, "POST", f"{R}/policies", 201, **body)
    path = f"{R}/policies/{policy['id']}"
    assert said(client, "PATCH", path, premium_fen=100)["insured"] == policy["insured"]
    changed = said(client, "PATCH", path, insured=[{"device_id": county.device}, {"device_id": county.other_device}])
    assert {one["device_id"] for one in changed["insured"]} == {county.device, county.other_device}
    assert (
        said(client, "PATCH", path, insured=[{"device_id": county.other_device}])["insured"][0]["device_id"]
        == county.other_device
    )
    assert client.patch(path, json={"ends_on": "2025-01-01"}).status_code == 422
    said(client, "POST", f"{R}/units", 201, code="350583001", name="溪美街道")
    assert said(client, "PATCH", f"{R}/units/350583001", population=90_000)["population"] == 90_000
    assert client.patch(f"{R}/units/350583009", json={"population": 1}).status_code == 404


def test_certificates_events_parts_and_sites_of_people_are_corrected(client, county):
    become(client, "manager")
    held = said(client, "POST", f"{R}/people/{county.person}/certificates", 201, kind="cpr_aed", number="A-1")
    assert (
        said(client, "PATCH", f"{R}/certificates/{held['id']}", expires_on="2028-01-01", number="A-2")["expires_on"]
        == "2028-01-01"
    )
    assert said(client, "GET", f"{R}/people/{county.person}")["certificates"][0]["number"] == "A-2"
    event = said(
        client, "POST", f"{R}/training", 201, held_on="2026-11-01", site_id=county.site, people={county.person: True}
    )
    assert said(client, "PATCH", f"{R}/training/{event['id']}", attended_n=30, passed_n=28)["passed_n"] == 28
    assert client.patch(f"{R}/training/{event['id']}", json={"attended_n": 0}).status_code == 422
    device = said(client, "POST", f"{R}/devices/{county.device}/pads", 201, expires_on="2027-01-31")
    part = f"{R}/devices/{county.device}/parts/{device['pads'][0]['id']}"
    assert said(client, "PATCH", part, expires_on="2028-01-31")["pads"][0]["expires_on"] == "2028-01-31"
    assert client.patch(part.replace(county.device, county.other_device), json={"lot": "x"}).status_code == 404
    assert client.patch(f"{R}/devices/{county.device}/parts/none", json={"lot": "x"}).status_code == 404
    sites = f"{R}/people/{county.person}/sites"
    assert client.put(sites, json={"sites": [county.site, county.other_site]}).status_code == 404, "not a manager's own"
    become(client, "office")
    assert said(client, "PUT", sites, sites=[county.other_site])["sites"] == [county.other_site]
    assert said(client, "PUT", sites, sites=[county.other_site])["sites"] == [county.other_site]


def test_the_office_sees_what_could_not_be_sent_and_tries_again(client, database, county):
    with database.session(By(None, "machine", now())) as session:
        put_notices(session, [Message("k1", "email", "a@example.org", "到期", "电极片到期", now())])
        put_notices(session, [Message("k2", "wecom", "https://robots.example.org/send?key=secret", "到期", "…", now())])
        for one in session.query(Notice):
            one.state, one.fault, one.tries, one.next_try_at = "failed", "550 no such user", 9, None
    found = said(client, "GET", f"{R}/notices")
    assert {(one["receiver"], one["fault"], one["tries"]) for one in found} == {
        ("a@example.org", "550 no such user", 9), ("https://robots.example.org/send", "550 no such user", 9),
    }  # fmt: skip
    again = said(client, "POST", f"{R}/notices/{found[0]['id']}/again")
    assert (again["state"], again["tries"]) == ("waiting", 0)
    assert client.post(f"{R}/notices/{found[0]['id']}/again").status_code == 409
    assert len(said(client, "GET", f"{R}/notices")) == 1
    become(client, "manager")
    assert client.get(f"{R}/notices").status_code == 403


def test_more_than_a_megabyte_of_json_is_refused_before_it_is_read(client, county):
    large = b'{"name": "' + b"x" * MOST_JSON + b'", "kind": "school"}'
    for headers in ({"content-type": "application/json"}, {"content-type": "image/png"}, {}):
        answer = client.post(f"{R}/organisations", content=large, headers=headers)
        assert answer.status_code == 413, headers
        assert "1 MB" in answer.json()["message_zh"]
        assert answer.headers["x-content-type-options"] == "nosniff"

    def parts():
        for _ in range(40):
            yield b" " * (64 << 10)

    assert client.post(f"{R}/organisations", content=parts()).status_code == 413, "whose length is not told"
    assert said(client, "POST", f"{R}/organisations", 201, name="x", kind="school")


def test_only_what_takes_files_takes_more(client):
    """Those routes read their body in parts and limit it (see raw_bodies.py); no other does."""
    with_files = set()

    def walk(routes):
        for route in routes:
            if isinstance(route, APIRoute):
                modules = {one.call.__module__ for one in route.dependant.dependencies if one.call}
                with_files.update([route.path] if "service.api.raw_bodies" in modules else [])
            else:
                walk(getattr(getattr(route, "original_router", route), "routes", ()))

    walk(client.app.routes)
    assert {path for path in with_files if not path.startswith(TAKE_FILES)} == set()
    assert all(any(path.startswith(start) for path in with_files) for start in TAKE_FILES)
