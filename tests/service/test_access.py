"""Who may what: the table, walked route by route and role by role, through the running application."""

import dataclasses
from contextlib import closing

import pytest
from people import ROLES, browser, make_county, routes_of, sign_in

from service.access import TABLE, Thing, Who, may, row_of
from service.api.asking import CSRF_HEADER
from service.app import make_app
from service.db import Database

OPEN = ("read", "add session")


@pytest.fixture(scope="module")
def county_settings(sqlite_files, folder, tmp_path_factory):
    made = sqlite_files.make(tmp_path_factory.mktemp("county"))
    settings = dataclasses.replace(made, plan=folder)
    with closing(Database(settings)) as database:
        county = make_county(database)
    return settings, county


@pytest.fixture
def client(county_settings):
    with browser(county_settings[0]) as client:
        yield client


def test_every_route_has_one_row_and_every_row_its_routes(county_settings):
    served = routes_of(make_app(county_settings[0]))
    listed = [route for row in TABLE for route in row.routes]
    assert len(listed) == len(set(listed))
    assert served == set(listed)
    assert len(served) > 30


def test_no_right_stands_twice():
    rights = [(row.verb, row.kind) for row in TABLE]
    assert len(rights) == len(set(rights))


def test_the_public_may_read_sign_in_and_report_and_nothing_else():
    open_to_all = {(row.verb, row.kind) for row in TABLE if row.reach["public"] != "-"}
    assert open_to_all == {("read", "published"), ("add", "session"), ("add", "report"), ("end", "report")}


def test_nobody_may_more_than_the_administrator():
    for row in TABLE:
        for role, reach in row.reach.items():
            worth = ("-", "own", "all").index
            assert worth(row.reach["administrator"]) >= worth(reach) or row.kind in ("session", "token", "account"), (
                row,
                role,
            )


@pytest.mark.parametrize("role", ["public", *ROLES])
def test_the_application_lets_each_role_in_where_the_table_says_so(client, county_settings, role):
    county = county_settings[1]
    if role != "public":
        sign_in(client, role)
    for row in TABLE:
        for route in row.routes:
            if route in ("DELETE /api/v1/session", "PUT /api/v1/session/password"):
                continue  # they end the session
            status = ask(client, route, county)
            shut = row.reach[role] == "-"
            assert (status in (401, 403)) == shut, (role, route, status)
            if shut:
                assert status == (401 if role == "public" else 403), (role, route, status)
            assert status < 500, (role, route, status)


def test_nothing_is_changed_for_a_cookie_without_the_header_that_other_sites_cannot_send(client, county_settings):
    sign_in(client, "administrator")
    del client.headers[CSRF_HEADER]
    changing = [
        route
        for row in TABLE
        for route in row.routes
        if not route.startswith("GET ") and (row.reach["public"] == "-" or row.verb == "end")
    ]
    assert len(changing) > 60
    for route in changing:
        assert ask(client, route, county_settings[1]) == 403, route


def ask(client, route: str, county) -> int:
    method, path = route.split(" ")
    names = {
        "site_id": county.site, "device_id": county.device, "agreement_id": county.agreement,
        "person_id": county.person, "account_id": "none", "session_id": "none", "token_id": "none", "name": "devices.css",
    }  # fmt: skip
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", value)
    if (method, path.rsplit("/", 1)[0]) == ("DELETE", "/api/v1/records/people"):
        path = "/api/v1/records/people/none"
    body = None if method in ("GET", "DELETE") else {}
    answer = client.request(method, path, json=body, follow_redirects=False)
    sent_to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/in?next=")
    return 401 if sent_to_sign_in else answer.status_code


def test_a_manager_and_an_inspector_reach_their_own_and_no_others(client, county_settings):
    county = county_settings[1]
    r = "/api/v1/records"
    for role, own, others in (
        ("manager", [f"sites/{county.site}", f"devices/{county.device}", f"people/{county.person}",
                     f"agreements/{county.agreement}"],
         [f"sites/{county.other_site}", f"devices/{county.other_device}", f"people/{county.other_person}",
          f"agreements/{county.other_agreement}"]),
        ("inspector", [f"devices/{county.device}"], [f"devices/{county.other_device}"]),
    ):  # fmt: skip
        sign_in(client, role)
        for path in own:
            assert client.get(f"{r}/{path}").status_code == 200, path
        for path in others:
            assert client.get(f"{r}/{path}").status_code == 404, path
        devices = [device["id"] for device in client.get(f"{r}/devices").json()]
        assert devices == [county.device]
    sign_in(client, "manager")
    assert [person["id"] for person in client.get(f"{r}/people").json()] == [county.person]
    assert [site["id"] for site in client.get(f"{r}/sites").json()] == [county.site]
    assert [paper["id"] for paper in client.get(f"{r}/agreements").json()] == [county.agreement]
    assert client.patch(f"{r}/devices/{county.other_device}", json={"note": "x"}).status_code == 404
    assert client.patch(f"{r}/sites/{county.site}", json={"name": "mine"}).status_code == 403
    assert client.patch(f"{r}/sites/{county.site}", json={"alias": "小学"}).json()["alias"] == "小学"
    added = client.post(f"{r}/people", json={"name": "新人", "sites": [county.other_site]})
    assert added.status_code == 404
    assert client.post(f"{r}/people", json={"name": "新人"}).status_code == 404


def test_an_unknown_right_is_nobodys():
    assert not may(Who(role="administrator", account="a"), "erase", Thing("log"))
    assert row_of("GET", "/nowhere") is None


def test_own_means_the_thing_and_nothing_empty():
    nobody = Who(role="manager", account="m")
    assert not may(nobody, "see", Thing("site"))
    assert not may(nobody, "see", Thing("site", site=None))
    keeper = dataclasses.replace(nobody, sites=frozenset({"s"}))
    assert may(keeper, "see", Thing("device", site="s", device="d"))
    assert not may(keeper, "see", Thing("device", site="t", device="s"))


def test_a_key_may_only_what_its_scopes_name():
    whole = Who(role="office", account="o")
    part = dataclasses.replace(whole, scopes=frozenset({"see:device", "list:*"}))
    assert may(whole, "see", Thing("site"))
    assert may(part, "see", Thing("device"))
    assert not may(part, "see", Thing("site"))
    assert not may(dataclasses.replace(part, role="viewer", scopes=frozenset({"add:*"})), "add", Thing("device"))
