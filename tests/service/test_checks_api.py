"""The round over the wire: own devices only, each as the single form and readiness say, and the month behind it."""

import dataclasses
import datetime as dt

import pytest
from checkers import county_of
from people import become, browser

from service.db import now
from service.facts import day_of
from service.history import By
from service.records import add, find, inspections
from service.records.devices import step
from service.records.rules import set_rule
from service.tables import Device, Incident, InspectionReview

R = "/api/v1/records"


@pytest.fixture(params=["sqlite", "postgresql"])
def made(request, tmp_path, folder):
    maker = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgresql")
    settings = maker.make(tmp_path)
    with county_of(settings, folder) as place, browser(dataclasses.replace(settings, plan=folder)) as client:
        yield place, client


def test_a_round_is_the_same_as_form_and_readiness_of_each_own_device(made):
    place, client = made
    place.checked_by_office(place.codes[1], note="门框松")
    for role, codes in (("manager", place.codes), ("inspector", place.codes[:1])):
        become(client, role)
        for lang in ("zh", "en"):
            told = client.get(f"{R}/checks?lang={lang}")
            assert told.headers["cache-control"] == "no-store"
            whole = told.json()
            assert sorted(one["public_code"] for one in whole["devices"]) == sorted(codes)
            assert whole["account"] == place.county.accounts[role]
            assert whole["csrf"] == client.headers["X-CSRF-Token"]
            for one in whole["devices"]:
                is_as_form(client.get(f"{R}/devices/{one['device_id']}/inspection-form?lang={lang}").json(), whole, one)
                ready = client.get(f"{R}/devices/{one['device_id']}/readiness").json()
                assert {name: one[name] for name in ("state", "usable", "changes_on", "reasons")} == {
                    name: ready[name] for name in ("state", "usable", "changes_on", "reasons")
                }
    [checked] = [one for one in client.get(f"{R}/checks").json()["devices"] if one["public_code"] == place.codes[0]]
    assert checked["checks"] == []
    become(client, "manager")
    [checked] = client.get(f"{R}/checks?device_id={place.devices[1]}").json()["devices"]
    [past] = checked["checks"]
    assert (past["mine"], past["role"], past["note"], past["overall"]) == (False, "office", "门框松", "pass")
    assert {name for name in past if "account" in name or "person" in name} == set()


def is_as_form(form, whole, one):
    """The words once and the answers of a device make the form that is given for it alone."""
    for group, sheet in zip(form["groups"], whole["form"]["groups"], strict=True):
        for item, words in zip(group["items"], sheet["items"], strict=True):
            shown = {"result": "ok", "value": "", **one["answers"].get(item["id"], {})}
            assert item == {**words, "result": shown["result"], "value": shown["value"]}
    assert (form["version"], form["open_defects"]) == (whole["form"]["version"], one["open_defects"])


def test_the_check_is_called_by_how_often_it_is_made_and_by_what_happened(made):
    place, client = made
    become(client, "manager")

    def kind():
        [one] = client.get(f"{R}/checks?device_id={place.devices[0]}").json()["devices"]
        return one["kind"]

    assert kind() == "monthly"
    with place.database.session(By(None, "office", now())) as session:
        set_rule(session, "norm", {"profile": "guangzhou-2024"})
    assert kind() == "daily"
    with place.database.session(By(None, "office", now())) as session:
        add(session, Incident(device_id=place.devices[0], at=now()))
    assert kind() == "post_use"
    with place.database.session(By(None, "office", now())) as session:
        step(session, find(session, Device, place.devices[0]), "retired", at=session.by.at, reason="旧")
    assert client.get(f"{R}/checks?device_id={place.devices[0]}").json()["devices"] == []


def test_the_month_names_the_days_with_the_worst_that_was_found(made):
    place, client = made
    become(client, "manager")
    at = now()
    place.checked_by_office(place.codes[0])
    bad = {
        "client_id": "6f0c5f6e-2f4f-4a52-9a53-0d6d2f9c1a11", "kind": "special", "at": at.isoformat(), "form_version": 1,
        "differences": {"casing": {"result": "fail"}},
    }  # fmt: skip
    assert client.post(f"{R}/devices/{place.devices[0]}/inspections", json=bad).status_code == 201
    months = {day_of(at).strftime("%Y-%m"), day_of(now()).strftime("%Y-%m")}
    days = {}
    for month in months:
        told = client.get(f"{R}/checks/days?month={month}").json()
        assert told.keys() == set(place.devices)
        days |= told[place.devices[0]]
    assert max(days) == str(day_of(now()))
    assert "attention" in days.values()
    assert client.get(f"{R}/checks/days?month=2020-02").json()[place.devices[0]] == {}
    for month in ("2020-13", "2020-1", "", "x"):
        assert client.get(f"{R}/checks/days?month={month}").status_code == 422


def test_who_may_not_check_has_no_round(made):
    place, client = made
    for role, status in (("viewer", 403), ("planner", 403), ("office", 200)):
        become(client, role)
        assert client.get(f"{R}/checks").status_code == status
        assert client.get("/checks").status_code == status
        assert client.get(f"/checks/{place.codes[0]}").status_code == status
    become(client, "inspector")
    assert client.get(f"/checks/{place.codes[0].lower()}").status_code == 200
    assert client.get(f"/checks/{place.codes[1]}").status_code == 404
    assert client.get("/checks/NOTHING").status_code == 404
    client.cookies.clear()
    gone = client.get(f"/checks/{place.codes[0]}", follow_redirects=False)
    assert (gone.status_code, gone.headers["location"]) == (303, f"/in?next=%2Fchecks%2F{place.codes[0]}")
    worker = client.get("/checks/worker.js")
    assert (worker.status_code, worker.headers["service-worker-allowed"]) == (200, "/checks")


def test_the_last_five_are_told_the_newest_first_even_when_rejected(made):
    place, client = made
    for _ in range(7):
        place.checked_by_office(place.codes[0])
    become(client, "inspector")
    [one] = client.get(f"{R}/checks").json()["devices"]
    with place.database.session(By(place.county.accounts["office"], "office", now())) as session:
        inspections.review(
            session, InspectionReview(inspection_id=one["checks"][0]["id"], state="rejected", reason="x")
        )
    [one] = client.get(f"{R}/checks").json()["devices"]
    assert [(check["review"], check["reason"]) for check in one["checks"]] == [("rejected", "x"), *[(None, "")] * 4]
    times = [dt.datetime.fromisoformat(check["at"]) for check in one["checks"]]
    assert (len(times), times) == (5, sorted(times, reverse=True))
