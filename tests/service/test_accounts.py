"""Signing in: passwords, sessions, links, keys, and what is refused; on both databases."""

import dataclasses
import datetime as dt
import threading
from collections.abc import Iterator

import pytest
from people import PASSWORD, browser, make_county, sign_in
from sqlalchemy import select
from starlette.testclient import TestClient

from service import accounts
from service.api.asking import COOKIE, CSRF_HEADER
from service.db import Database
from service.errors import ServiceError
from service.history import By
from service.tables import Account, ApiToken, Change, OneTimeLink, SignIn

AT = dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)


def by(at: dt.datetime = AT) -> By:
    return By(None, "test", at)


@pytest.fixture
def account(database: Database) -> str:
    with database.session(by()) as session:
        return accounts.add_account(session, Account(name=" Guard ", role="manager"), password=PASSWORD).id


def check(database: Database, name: str, password: str) -> None:
    with database.session() as session:
        accounts.check_password(session, name, password, AT.date())


def test_a_password_lets_in_and_nothing_like_it(database, account):
    check(database, "guard", PASSWORD)
    check(database, "GUARD ", PASSWORD)
    for name, password in (
        ("guard", PASSWORD + " "),
        ("guard", ""),
        ("nobody", PASSWORD),
        ("", ""),
        ("guard", "x" * 9000),
    ):
        with pytest.raises(ServiceError) as caught:
            check(database, name, password)
        assert caught.value.status == 401


def test_passwords_are_kept_as_argon2id_and_never_in_the_log(database, account):
    with database.session() as session:
        assert session.get(Account, account).password_hash.startswith("$argon2id$")
        line = session.scalars(select(Change)).one()
    assert line.after["password_hash"] == line.after["name"] == "***"


def test_an_account_without_a_password_needs_a_link(database):
    with database.session(by()) as session:
        accounts.add_account(session, Account(name="temp", role="inspector"))
    with pytest.raises(ServiceError):
        check(database, "temp", "")


@pytest.mark.parametrize("password", ["short", "x" * 201])
def test_a_password_that_is_too_short_or_too_long_is_refused(database, password):
    with pytest.raises(ServiceError, match="10 to 200"), database.session(by()) as session:
        accounts.add_account(session, Account(name="new", role="viewer"), password=password)


def test_a_session_ends_by_itself_by_hand_and_with_its_account(database, account):
    with database.session(by()) as session:
        mine = session.get(Account, account)
        tokens = [accounts.start_session(session, mine, "phone")[0] for _ in range(3)]
    with database.session() as session:
        lasts = accounts.LASTS["manager"]
        assert accounts.find_session(session, tokens[0], AT + lasts - dt.timedelta(seconds=1)) is not None
        assert accounts.find_session(session, tokens[0], AT + lasts) is None
        assert accounts.find_session(session, "wrong", AT) is None
        assert len(accounts.list_sessions(session, account, AT)) == 3
    with database.session(by()) as session:
        accounts.set_password(session, session.get(Account, account), "another password")
    with database.session() as session:
        assert [accounts.find_session(session, token, AT) for token in tokens] == [None] * 3
    with database.session(by()) as session:
        token = accounts.start_session(session, session.get(Account, account), "")[0]
        accounts.end_account(session, session.get(Account, account))
    with database.session() as session:
        assert accounts.find_session(session, token, AT) is None
    with pytest.raises(ServiceError):
        check(database, "guard", "another password")


def test_a_temporary_account_ends_after_its_last_day(database):
    with database.session(by()) as session:
        made = accounts.add_account(session, Account(name="temp", role="inspector", until_on=dt.date(2026, 11, 22)))
        token = accounts.start_session(session, made, "")[0]
    with database.session() as session:
        last_moment = dt.datetime(2026, 11, 22, 15, 59, tzinfo=dt.UTC)  # 23:59 in the county
        assert accounts.find_session(session, token, last_moment) is not None
        assert accounts.find_session(session, token, last_moment + dt.timedelta(minutes=1)) is None


def test_a_link_lets_in_once_even_when_two_use_it_at_once(database, account):
    with database.session(by()) as session:
        token = accounts.make_link(session, session.get(Account, account))
    let_in = []
    start = threading.Barrier(2)

    def use() -> None:
        start.wait()
        try:
            with database.session(by()) as session:
                let_in.append(accounts.use_link(session, token).id)
        except ServiceError as error:
            let_in.append(error.status)

    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(let_in, key=str) == sorted([account, 401], key=str)


def test_a_link_is_refused_when_it_is_too_old(database, account):
    with database.session(by()) as session:
        token = accounts.make_link(session, session.get(Account, account))
    with pytest.raises(ServiceError), database.session(by(AT + accounts.LINK_LASTS)) as session:
        accounts.use_link(session, token)


def test_the_database_knows_no_token_that_lets_in(database, account):
    with database.session(by()) as session:
        mine = session.get(Account, account)
        given = [
            accounts.start_session(session, mine, "")[0],
            accounts.make_link(session, mine),
            accounts.make_token(session, account, "script", ["see:device"], days=1)[0],
        ]
    with database.session() as session:
        kept = [row.token_hash for table in (SignIn, OneTimeLink, ApiToken) for row in session.scalars(select(table))]
    assert len(kept) == 3
    assert not set(given) & set(kept)


def test_a_key_lasts_its_days_and_knows_its_scopes(database, account):
    with database.session(by()) as session:
        token, _ = accounts.make_token(session, account, "script", ["see:device", "see:device"], days=2)
    with database.session() as session:
        found, owner = accounts.find_token(session, token, AT)
        assert (found.scopes, owner.id) == (["see:device"], account)
        assert accounts.find_token(session, token, AT + dt.timedelta(days=2)) is None
    for scopes, days in ((["see:everything"], 1), ([], 1), (["see:device"], 0), (["see:device"], 9999)):
        with pytest.raises(ServiceError), database.session(by()) as session:
            accounts.make_token(session, account, "script", scopes, days=days)


@pytest.fixture
def client(settings, database, folder) -> Iterator[TestClient]:
    make_county(database)
    with browser(dataclasses.replace(settings, plan=folder)) as client:
        yield client


def test_a_browser_signs_in_and_out(client):
    said = sign_in(client, "office")
    assert client.get("/api/v1/session").json() == said
    assert said["role"] == "office"
    assert [one["browser"] for one in client.get("/api/v1/sessions").json()] == ["testclient"]
    token = client.cookies[COOKIE]
    assert client.delete("/api/v1/session").status_code == 204
    assert COOKIE not in client.cookies
    client.cookies.set(COOKIE, token)
    assert client.get("/api/v1/session").status_code == 401


def test_the_cookie_is_secure_and_closed_to_scripts_and_other_sites(client):
    said = client.post("/api/v1/session", json={"name": "the viewer", "password": PASSWORD})
    cookie = said.headers["set-cookie"].lower()
    assert cookie.startswith("__host-")
    assert all(word in cookie for word in ("secure", "httponly", "samesite=lax", "path=/"))
    assert "domain" not in cookie
    assert PASSWORD not in said.text


def test_what_changes_something_needs_the_csrf_header(client):
    sign_in(client, "office")
    body = {"name": "医院", "kind": "hospital"}
    for header in ("", "wrong"):
        assert client.post("/api/v1/records/organisations", json=body, headers={CSRF_HEADER: header}).status_code == 403
    assert client.post("/api/v1/records/organisations", json=body).status_code == 201


def test_who_tries_too_often_must_wait(client):
    body = {"name": "the office", "password": "wrong"}
    statuses = [client.post("/api/v1/session", json=body).status_code for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    assert client.post("/api/v1/session", json={"name": "the viewer", "password": PASSWORD}).status_code == 201


def test_a_script_sees_with_its_key_what_its_scopes_name(client):
    sign_in(client, "office")
    given = client.post("/api/v1/tokens", json={"name": "script", "scopes": ["see:device"], "days": 30}).json()
    assert client.get("/api/v1/tokens").json()[0]["token"] == ""
    client.cookies.clear()
    key = {"Authorization": f"Bearer {given['token']}"}
    assert len(client.get("/api/v1/records/devices", headers=key).json()) == 2
    assert client.get("/api/v1/records/sites", headers=key).status_code == 403
    assert client.get("/api/v1/records/devices", headers={"Authorization": "Bearer x"}).status_code == 401
    assert client.get("/api/v1/records/devices", headers={"Authorization": "Basic x"}).status_code == 401
    sign_in(client, "office")
    assert client.delete(f"/api/v1/tokens/{given['id']}").status_code == 204
    client.cookies.clear()
    assert client.get("/api/v1/records/devices", headers=key).status_code == 401


def test_an_inspector_comes_in_by_a_link_and_sees_only_the_own_device(client):
    sign_in(client, "office")
    account = next(one for one in client.get("/api/v1/accounts").json() if one["role"] == "inspector")
    token = client.post(f"/api/v1/accounts/{account['id']}/link").json()["token"]
    client.cookies.clear()
    assert client.post("/api/v1/session/link", json={"token": token}).status_code == 201
    assert len(client.get("/api/v1/records/devices").json()) == 1
    assert client.get("/api/v1/records/people").status_code == 403
    client.cookies.clear()
    assert client.post("/api/v1/session/link", json={"token": token}).status_code == 401


def test_the_office_makes_no_link_for_an_administrator(client):
    sign_in(client, "office")
    boss = next(one for one in client.get("/api/v1/accounts").json() if one["role"] == "administrator")
    assert client.post(f"/api/v1/accounts/{boss['id']}/link").status_code == 403


def test_an_administrator_gives_another_role_which_counts_at_once_and_stays_told(client):
    sign_in(client, "manager")
    theirs = dict(client.cookies)
    sign_in(client, "administrator")
    found = {one["role"]: one["id"] for one in client.get("/api/v1/accounts").json()}
    path = f"/api/v1/accounts/{found['manager']}"
    assert client.put(f"{path}/role", json={"role": "inspector"}).status_code == 422  # without a last day
    said = client.put(f"{path}/role", json={"role": "office"})
    assert (said.status_code, said.json()["role"], said.json()["until_on"]) == (200, "office", None)
    lines = client.get(f"/api/v1/records/log/account/{found['manager']}").json()
    changed = [(one["before"]["role"], one["after"]["role"]) for one in lines if "role" in one["before"]]
    assert changed == [("manager", "office")]
    mine = client.put(f"/api/v1/accounts/{found['administrator']}/role", json={"role": "viewer"})
    assert mine.status_code == 409  # an administrator is left
    page = client.get(f"/office/accounts/{found['manager']}").text
    assert f'data-to="{path}/role"' in page
    assert "role" not in client.get(f"/office/accounts/{found['administrator']}").text.partition('id="act-')[2][:10]
    client.put(f"{path}/role", json={"role": "manager"})
    client.cookies.clear()
    client.cookies.update(theirs)
    assert client.get("/api/v1/records/devices").status_code == 401  # signs in anew
    sign_in(client, "manager")
    assert client.get("/api/v1/records/sites").json() == []  # nothing is its own any more
    sign_in(client, "office")
    assert client.put(f"{path}/role", json={"role": "administrator"}).status_code == 403
    sign_in(client, "administrator")
    assert client.delete(path).status_code == 204
    assert client.put(f"{path}/role", json={"role": "viewer"}).status_code == 409


def test_nobody_ends_anothers_session_but_the_administrator(client):
    sign_in(client, "viewer")
    session = client.get("/api/v1/sessions").json()[0]["id"]
    sign_in(client, "office")
    assert client.delete(f"/api/v1/sessions/{session}").status_code == 404
    sign_in(client, "administrator")
    assert client.delete(f"/api/v1/sessions/{session}").status_code == 204
