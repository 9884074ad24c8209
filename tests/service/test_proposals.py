"""A plan becomes proposed sites, which become agreements, then devices; each site knows which plan it came from."""

import dataclasses

import pytest
from people import become, browser, make_county
from town import PROPOSED

from service.__main__ import main

R = "/api/v1/records"


@pytest.fixture
def client(settings, folder, database):
    make_county(database)
    with browser(dataclasses.replace(settings, plan=folder)) as opened:
        become(opened, "planner")
        yield opened


def test_a_plan_becomes_sites_then_agreements_then_devices(client):
    assert f'data-to="{R}/proposals"' in client.get("/office/sites").text
    said = client.post(f"{R}/proposals", json={})
    assert said.status_code == 200
    assert "2 个点位，已设 0 个" in client.get("/office/sites").text
    sites = said.json()["sites"]
    assert [(one["plan_site_id"], one["order"], one["stage"], one["added"]) for one in sites] == [
        (PROPOSED[0][0], 1, "proposed", True), (PROPOSED[1][0], 2, "proposed", True),
    ]  # fmt: skip
    again = client.post(f"{R}/proposals").json()
    assert [one["added"] for one in again["sites"]] == [False, False], "a plan that is proposed already adds nothing"
    assert again["id"] == said.json()["id"]
    first = client.get(f"{R}/sites/{sites[0]['id']}").json()
    assert (first["stage"], first["coordinate_source"], first["name"]) == ("proposed", "plan", PROPOSED[0][1])

    become(client, "office")
    parties = [one["id"] for one in client.get(f"{R}/organisations").json()]
    paper = {"number": "2026-9", "kind": "public_benefit_hosting", "party_a_id": parties[0], "party_b_id": parties[1],
             "sites": [first["id"]]}  # fmt: skip
    assert client.post(f"{R}/agreements", json=paper).status_code == 201
    assert client.get(f"{R}/sites/{first['id']}").json()["stage"] == "proposed", "a draft is no agreement"
    signed = paper | {"number": "2026-10", "signed_on": "2026-10-01", "starts_on": "2026-10-01"}
    assert client.post(f"{R}/agreements", json=signed).status_code == 201
    assert client.get(f"{R}/sites/{first['id']}").json()["stage"] == "agreed"
    device = client.post(f"{R}/devices", json={"site_id": first["id"]}).json()
    assert client.get(f"{R}/sites/{first['id']}").json()["stage"] == "agreed", "it is only planned"
    client.post(f"{R}/devices/{device['id']}/steps", json={"status": "installed"})
    [plan] = client.get(f"{R}/proposals").json()
    assert [one["stage"] for one in plan["sites"]] == ["standing", "proposed"]
    assert [one["added"] for one in client.post(f"{R}/proposals").json()["sites"]] == [False, False]
    become(client, "manager")
    assert client.get(f"{R}/proposals").json() == []
    assert client.post(f"{R}/proposals").status_code == 403
    assert f"{R}/proposals" not in client.get("/office/sites").text


def test_the_command_proposes_a_folder(tmp_path, monkeypatch, capsys, folder):
    monkeypatch.setenv("AEDPLAN_DATA", str(tmp_path))
    assert main(["init"]) == 0
    capsys.readouterr()
    for expected in ("2 sites proposed, 0 known", "0 sites proposed, 2 known"):
        assert main(["propose", str(folder)]) == 0
        assert expected in capsys.readouterr().out
    assert main(["propose", str(tmp_path)]) == 2
    assert "summary.json" in capsys.readouterr().err
