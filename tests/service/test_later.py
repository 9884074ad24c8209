"""The rooms of the records come a little later than the others: nobody sees another answer for it."""

import dataclasses
from contextlib import closing

import pytest
from people import routes_of
from starlette.testclient import TestClient

from service import app as service_app
from service import later
from service.app import make_app
from service.db import Database


@pytest.fixture
def settings(sqlite_files, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(later, "REST_S", 600.0)
    made = dataclasses.replace(sqlite_files.make(tmp_path), plan=folder)
    Database(made).close()
    return made


@pytest.fixture
def whole(settings):
    app = make_app(settings)
    with closing(app.state.database):
        yield app


def started(settings):
    return TestClient(
        make_app(settings, rooms_later=True), base_url="https://testserver", raise_server_exceptions=False
    )


def test_what_the_public_asks_for_is_answered_before_the_rest_is_there_and_the_rest_is_waited_for(settings, whole):
    with started(settings) as client:
        is_done = lambda: client.app.state.later.is_done  # noqa: E731
        for path in ("/", "/api/v1/devices", "/api/v1/nearest?lon=118.0&lat=25.0", "/health"):
            assert client.get(path).status_code == 200
        assert not is_done()
        assert client.get("/api/v1/records/devices").status_code == 401
        assert is_done()
        assert routes_of(client.app) == routes_of(whole)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/openapi.json", 200),
        ("GET", "/nowhere", 404),
        ("POST", "/", 405),
        ("POST", "/api/v1/session", 422),
    ],
)
def test_the_first_who_asks_for_something_else_gets_the_answer_of_the_whole(settings, whole, method, path, status):
    with started(settings) as client:
        answer = client.request(method, path)
        assert client.app.state.later.is_done
    assert answer.status_code == status
    with TestClient(whole, base_url="https://testserver") as client:
        assert client.request(method, path).json() == answer.json() if "api" in path else True


def test_they_come_by_themselves_after_a_rest(settings, monkeypatch):
    monkeypatch.setattr(later, "REST_S", 0.0)
    with started(settings) as client:
        assert client.app.state.later._done.wait(timeout=30)
        assert client.app.state.later.is_done


def test_rooms_that_cannot_be_read_in_fail_aloud_and_leave_the_public_its_own(settings, monkeypatch, caplog):
    def fail(app):
        raise RuntimeError("a library is broken")

    monkeypatch.setattr(service_app, "_add_rooms", fail)
    with started(settings) as client:
        assert client.get("/api/v1/records/devices").status_code == 500
        assert client.get("/api/v1/records/devices").status_code == 500
        assert client.get("/").status_code == 200
    assert "cannot be read in" in caplog.text
