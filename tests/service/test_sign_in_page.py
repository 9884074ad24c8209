"""The page on which one signs in: with a name, or by a link that lets in once; complete without a script."""

import dataclasses
import re
from contextlib import closing

import pytest
from people import PASSWORD, browser, make_county

from service import accounts
from service.api.asking import COOKIE, CSRF_HEADER
from service.db import Database, now
from service.history import By
from service.records import find
from service.tables import Account


@pytest.fixture(params=["sqlite", "postgresql"])
def made(request, tmp_path, folder):
    maker = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgresql")
    settings = dataclasses.replace(maker.make(tmp_path), plan=folder)
    with closing(Database(settings)) as database:
        county = make_county(database)
        with database.session(By(None, "office", now())) as session:
            token = accounts.make_link(session, find(session, Account, county.accounts["inspector"]))
    with browser(settings) as client:
        yield client, token


def test_one_signs_in_by_name_sees_who_one_is_and_signs_out(made):
    client, _ = made
    page = client.get("/in")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in page.text
    assert " style=" not in page.text
    signed = client.post("/in", data={"name": "the manager", "password": PASSWORD}, follow_redirects=False)
    assert (signed.status_code, signed.headers["location"]) == (303, "/checks")
    cookie = signed.headers["set-cookie"]
    assert all(word in cookie for word in (COOKIE, "HttpOnly", "Secure", "SameSite=lax", "Path=/"))
    page = client.get("/in")
    assert "已登录：the manager" in page.text
    assert client.get("/api/v1/session").json()["role"] == "manager"
    client.post("/in", data={"out": "1", "csrf": "wrong"})
    assert client.get("/api/v1/session").status_code == 200
    csrf = re.search('name="csrf" value="([^"]+)"', page.text)[1]
    client.post("/in", data={"out": "1", "csrf": csrf})
    assert client.get("/api/v1/session").status_code == 401


def test_a_link_lets_in_once_when_the_button_is_pressed_and_not_before(made):
    client, token = made
    for _ in range(2):
        assert client.get("/in").status_code == 200
    whole = f"https://aed.example.org/in#{token}"
    assert client.post("/in", data={"token": whole}, follow_redirects=False).status_code == 303
    assert client.get("/api/v1/session").json()["role"] == "inspector"
    client.cookies.clear()
    again = client.post("/in?lang=en", data={"token": token})
    assert (again.status_code, "was used or is too old" in again.text) == (401, True)


def test_who_came_in_by_a_link_sets_a_first_password_and_needs_it_for_the_second(made):
    client, _ = made
    database = client.app.state.database
    with database.session(By(None, "command", now())) as session:
        guest = accounts.add_account(session, Account(name="a guest", role="viewer"))
        token = accounts.make_link(session, guest)
    client.post("/in", data={"token": token})
    assert 'data-name="old"' not in client.get("/office/me").text

    def set_password(**given):
        csrf = client.get("/api/v1/session").json()["csrf"]
        return client.put("/api/v1/session/password", json=given, headers={CSRF_HEADER: csrf}).status_code

    assert set_password(new="a first password") == 204
    assert client.get("/api/v1/session").status_code == 401
    client.post("/in", data={"name": "a guest", "password": "a first password"})
    assert 'data-name="old"' in client.get("/office/me").text
    assert set_password(new="a second password") == 401
    assert set_password(old="a first password", new="a second password") == 204


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"name": "the manager", "password": "wrong wrong wrong"}, 401), ({"name": "the manager"}, 422), ({}, 422),
        ({"token": "x"}, 401), ({"name": "<script>alert(1)</script>", "password": "y"}, 401),
    ],
)  # fmt: skip
def test_what_lets_nobody_in_says_so_on_the_page(made, data, status):
    page = made[0].post("/in", data=data)
    assert page.status_code == status
    assert 'role="alert"' in page.text
    assert "<script>alert" not in page.text
    assert COOKIE not in page.headers.get("set-cookie", "")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403), ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://evil.example"}, 403), ({"sec-fetch-site": "same-origin", "origin": "null"}, 303),
        ({"origin": "https://testserver"}, 303), ({"sec-fetch-site": "none"}, 303),
    ],
)  # fmt: skip
def test_another_site_cannot_sign_somebody_in(made, headers, status):
    data = {"name": "the viewer", "password": PASSWORD}
    assert made[0].post("/in", data=data, headers=headers, follow_redirects=False).status_code == status


def test_a_form_that_is_none_is_refused(made):
    client, _ = made
    assert client.post("/in", content=b"\xff\xfe=1").status_code == 422
    assert client.post("/in", content=b"name=" + b"x" * 10_000).status_code == 413
    assert client.post("/in", content="&".join(f"a{n}=1" for n in range(50)).encode()).status_code == 422


def test_one_comes_back_to_the_page_that_asked_who_one_is_and_never_to_another_site(made):
    client, _ = made
    for path, back in (
        ("/checks?day=1", "/checks?day=1"),
        ("//elsewhere.example/", "/checks"),
        ("https://elsewhere.example", "/checks"),
    ):
        answer = client.post(
            f"/in?next={path}", data={"name": "the manager", "password": PASSWORD}, follow_redirects=False
        )
        assert (answer.status_code, answer.headers["location"]) == (303, back)
        client.cookies.clear()
