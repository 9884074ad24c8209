"""Studies as planners meet them: begun, changed, tried, copied, run, published; who may what; on both databases."""

import copy
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from people import become, browser
from planner import V1, begin, make_planning, put, served_plan, start, wait, works_at_once
from starlette.testclient import TestClient

from aedplan import Scenario
from aedplan import run as run_scenario
from service import jobs
from service.planning.draft_answer import tell
from service.planning.draft_value import DraftSite, open_drafting
from service.planning.studies import Head, Put, find_faults, to_toml
from service.planning.study_results import read_results


@pytest.fixture
def client(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A planner's browser, on both databases."""
    monkeypatch.setattr(jobs, "work", works_at_once)
    made, _ = make_planning(settings)
    with browser(made) as opened:
        yield opened


@pytest.fixture(scope="module")
def desk(sqlite_files, tmp_path_factory) -> Iterator[TestClient]:
    """The same on one database, for what does not depend on it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(jobs, "work", works_at_once)
        made, _ = make_planning(sqlite_files.make(tmp_path_factory.mktemp("desk")))
        with browser(made) as opened:
            yield opened


def test_a_study_begins_on_the_plan_that_is_served_and_can_run_at_once(client):
    study = begin(client)
    assert study["settings"]["streets"] == {"file": "served:streets"}
    assert study["settings"]["plan"]["devices"] == 2
    assert study["settings"]["hours"] == {"year": 2026}
    assert study["faults"] == []
    run = start(client, study)
    assert run["state"] in ("waiting", "running")
    done = wait(client, run)
    assert (done["state"], done["has_plan"], done["figures"]["devices"]) == ("done", True, 2)
    assert {file["name"] for file in done["files"]} == {path.name for path in served_plan().iterdir() if path.is_file()} - {
        "study.npz", "background.gpkg", ".aedplan.json",
    }  # fmt: skip


def test_standing_devices_come_from_the_records_where_there_are_some(desk):
    become(desk, "planner")
    said = desk.post(f"{V1}/studies", json={"title_zh": "档案"}).json()
    offered = desk.get(f"{V1}/studies/choices").json()["sources"]["standing"]
    counts = {one["token"]: one["count"] for one in offered}
    assert counts["served:standing"] == 1
    expected = "records:devices" if counts["records:devices"] else "served:standing"
    assert said["settings"]["standing"] == {"file": expected}


def test_every_fault_of_settings_is_told_with_its_key_and_a_run_is_refused(desk):
    study = begin(desk)
    settings = copy.deepcopy(study["settings"])
    settings["plan"] |= {"devices": -1, "method": "magic", "minuets": 4}
    settings["circle"] = {"name": "nowhere"}
    settings["demand"] = {"file": "../../etc/passwd"}
    settings["candidates"] = {"file": "upload:0000"}
    settings["added"] = [{"id": "x y", "lon": 200, "lat": None, "kind": "pub", "colour": 1}]
    tried = desk.post(f"{V1}/studies/{study['id']}/check", json={"settings": settings}).json()["faults"]
    assert {"demand.file", "candidates.file"} <= {fault["key"] for fault in tried}
    kept = desk.put(f"{V1}/studies/{study['id']}", json={"version": study["version"], "settings": settings}).json()
    assert kept["faults"] == tried
    assert any("added[0]" in fault["text"] and "id is 'x y'" in fault["text"] for fault in tried)
    said = desk.post(f"{V1}/studies/{study['id']}/runs", json={"version": kept["version"]})
    assert said.status_code == 422
    assert all(fault["text"] in said.json()["message_en"] for fault in tried)
    for name in ("demand", "candidates", "added"):
        settings.pop(name)
    settings |= {"demand": {"file": "served:demand"}, "candidates": {"file": "served:candidates"}}
    tried = desk.post(f"{V1}/studies/{study['id']}/check", json={"settings": settings}).json()["faults"]
    assert {fault["key"] for fault in tried} >= {"plan.devices", "plan.method", "plan.minuets", "circle"}


@pytest.mark.parametrize(
    "settings",
    [
        {"streets": {"file": "/etc/passwd"}},
        {"streets": {"file": "served:streets", "osm": "../x.osm"}},
        {"demand": {"home": {"file": "a.csv"}, "public": {"rasters": ["/x.tif"]}}},
        {"demand": {"from": "arrests", "file": "served:demand", "people": "/etc/hosts"}},
        {"demand": {"from": "arrests", "file": "served:demand", "people": {"file": "/etc/hosts"}}},
        {"demand": {"file": "served:demand", "incidence": "../../x.toml"}},
        {"areas": {"town": {"file": "/etc/hosts", "codes": "/etc/hosts"}}},
        {"norms": ["../../norm.toml"]},
        {"standing": {"file": ["/etc/hosts"]}},
    ],
)
def test_no_file_of_the_machine_can_be_named(settings: dict) -> None:
    def put(token: str, folder: Path) -> Put:
        (folder / "x.csv").touch()
        return Put("x.csv", {})

    told = find_faults(settings, Head("s", "s"), put)
    assert any("one of the files offered" in fault.text for fault in told), told


def test_settings_that_no_record_can_hold_are_refused(desk):
    study = begin(desk)
    deep: dict = {}
    for _ in range(40):
        deep = {"a": deep}
    for bad in (deep, {"a": "x" * 600_000}, {"a": "\x00"}, {"a\x00": 1}):
        said = desk.put(f"{V1}/studies/{study['id']}", json={"version": study["version"], "settings": bad})
        assert said.status_code == 422, said.text
    for raw in ('{"version": 1, "settings": {"a": NaN}}', '{"version": 1, "settings": {"a": "\\ud800"}}'):
        said = desk.put(f"{V1}/studies/{study['id']}", content=raw, headers={"content-type": "application/json"})
        assert said.status_code == 422, said.text


def test_two_planners_do_not_overwrite_one_another_and_every_version_is_kept(client):
    study = begin(client, "planner")
    first = put(client, study, devices=3)
    said = client.put(f"{V1}/studies/{study['id']}", json={"version": study["version"], "title_zh": "迟到"})
    assert said.status_code == 409
    become(client, "office")
    again = put(client, first, devices=4)
    assert again["settings"]["plan"]["devices"] == 4
    versions = client.get(f"{V1}/studies/{study['id']}/versions").json()
    assert [one["settings"]["plan"]["devices"] for one in versions][:2] == [4, 3]
    assert [one["by"] for one in versions][:2] == ["the office", "the planner"]
    said = client.post(f"{V1}/studies/{study['id']}/runs", json={"version": first["version"]})
    assert said.status_code == 409  # what runs is what was seen


def test_a_planner_may_see_and_copy_but_not_change_what_is_anothers(client):
    study = begin(client, "administrator")
    run = wait(client, start(client, study))
    become(client, "planner")
    seen = client.get(f"{V1}/studies/{study['id']}").json()
    assert (seen["mine"], seen["may_change"], seen["owner"]) == (False, False, "the administrator")
    assert client.get(f"{V1}/runs/{run['id']}/results").status_code == 200
    body = {"version": study["version"], "title_zh": "改"}
    assert client.put(f"{V1}/studies/{study['id']}", json=body).status_code == 403
    assert client.delete(f"{V1}/studies/{study['id']}").status_code == 403
    assert client.post(f"{V1}/studies/{study['id']}/runs", json={"version": study["version"]}).status_code == 403
    assert client.post(f"{V1}/runs/{run['id']}/stop").status_code == 403
    assert client.delete(f"{V1}/runs/{run['id']}").status_code == 403
    mine = client.post(f"{V1}/studies/{study['id']}/copy", json={"title_zh": "我的"}).json()
    assert (mine["mine"], mine["settings"], mine["title_zh"]) == (True, study["settings"], "我的")
    assert [one["title_zh"] for one in client.get(f"{V1}/studies").json()] == ["我的", "一号方案"]
    for role, status in (("manager", 403), ("inspector", 403), ("viewer", 403)):
        become(client, role)
        assert client.get(f"{V1}/studies").status_code == status


def test_a_study_and_its_runs_go_together_and_what_was_published_stays(client):
    study = begin(client)
    kept, gone = wait(client, start(client, study)), wait(client, start(client, study))
    assert client.post(f"{V1}/runs/{kept['id']}/publish").status_code == 200
    assert client.delete(f"{V1}/studies/{study['id']}").status_code == 409
    assert client.delete(f"{V1}/runs/{kept['id']}").status_code == 409
    runs = client.app.state.jobs.runs
    assert client.delete(f"{V1}/runs/{gone['id']}").status_code == 204
    assert [path.name for path in runs.iterdir()] == [kept["id"]]
    other = begin(client)
    assert client.delete(f"{V1}/studies/{other['id']}").status_code == 204
    assert client.get(f"{V1}/studies/{other['id']}").status_code == 404


def test_a_file_that_was_sent_becomes_a_part_of_the_run_and_only_known_kinds_are_taken(desk):
    study = begin(desk)
    table = "编号,名称,类别,经度,纬度\nN1,新点,school,118.392,24.962\n".encode()
    assert desk.post(f"{V1}/studies/files?name=x.exe", content=table).status_code == 415
    sent = desk.post(f"{V1}/studies/files?name={quote('候选 点位.csv')}", content=table).json()
    assert desk.get(f"{V1}/studies/files").json() == [sent]
    settings = {**study["settings"], "candidates": {"file": sent["token"]}}
    body = {"version": study["version"], "settings": settings}
    changed = desk.put(f"{V1}/studies/{study['id']}", json=body).json()
    assert changed["faults"] == []  # a table without crs is read as a fault of the run, not of the settings
    settings["candidates"]["crs"] = "gcj03"
    body = {"version": changed["version"], "settings": settings}
    changed = desk.put(f"{V1}/studies/{study['id']}", json=body).json()
    assert [fault["key"] for fault in changed["faults"]] == ["candidates.crs"]
    settings["candidates"]["crs"] = "wgs84"
    body = {"version": changed["version"], "settings": settings}
    changed = desk.put(f"{V1}/studies/{study['id']}", json=body).json()
    run = wait(desk, start(desk, changed))
    files = desk.app.state.jobs.runs / run["id"] / "study"
    (copied,) = files.glob("files-*/候选 点位.csv")
    assert copied.read_bytes() == table
    assert not copied.is_symlink()
    assert "候选 点位.csv" in (files / "scenario.toml").read_text(encoding="utf-8")


def test_places_put_on_the_map_by_hand_join_the_candidates(desk):
    from aedplan import read_sites

    study = begin(desk)
    settings = {**study["settings"], "added": [{"id": "new-1", "label": "=手放", "lon": 118.3931, "lat": 24.9611}]}
    body = {"version": study["version"], "settings": settings}
    study = put(desk, desk.put(f"{V1}/studies/{study['id']}", json=body).json(), pin=["new-1"], forbid=["C0"])
    assert study["faults"] == []
    run = wait(desk, start(desk, study))
    folder = desk.app.state.jobs.runs / run["id"] / "study"
    scenario = Scenario.read(folder / "scenario.toml")
    assert (scenario.aims.pin, scenario.aims.forbid) == (("new-1",), ("C0",))
    sites = read_sites(scenario.candidates.file, crs=scenario.candidates.crs)
    assert sites.id == ("C0", "C1", "C2", "C3", "C4", "new-1")
    assert (sites.label[-1], sites.hours[-1]) == ("=手放", "24/7")
    assert sites.lonlat[-1].tolist() == [118.3931, 24.9611]


def test_results_tell_which_sites_were_pinned_and_what_each_kind_had_to_get(tmp_path):
    folder = Path(shutil.copytree(served_plan(), tmp_path / "plan"))
    told = folder / "scenario.toml"
    asked = '[plan]\npin = ["C4"]\nquotas = { school = { minimum = 1 } }\n'
    told.write_text(told.read_text(encoding="utf-8").replace("[plan]\n", asked), encoding="utf-8")
    found = read_results(folder)
    assert [site["id"] for site in found["sites"] if site["pinned"]] == ["C4"]
    assert [(one["kind"], one["kind_en"], one["minimum"], one["maximum"]) for one in found["quotas"]] == [
        ("school", "school", 1, None)
    ]
    assert read_results(served_plan())["quotas"] == []


def test_results_tell_figures_sites_curve_towns_periods_and_losses_that_belong_together(desk):
    become(desk, "planner")
    found = desk.get(f"{V1}/runs/served/results").json()
    summary = json.loads((served_plan() / "summary.json").read_text(encoding="utf-8"))
    assert found["can_draft"]
    assert [site["id"] for site in found["sites"] if site["role"] == "proposed"] == summary["chosen"]
    assert len([site for site in found["sites"] if site["role"] == "candidate"]) == 3
    assert found["curve"][0]["value"] == summary["before"]
    assert found["curve"][-1]["value"] == pytest.approx(summary["value"])
    assert all(point["value"] <= point["bound"] * (1 + 1e-9) for point in found["curve"])
    assert sum(loss["share"] for loss in found["losses"]) == pytest.approx(1)
    assert {row["zh"] for row in found["towns"]} == {"东镇", "西镇"}
    for rows in (found["towns"], found["periods"]):
        assert sum(row["value"] for row in rows) == pytest.approx(found["losses"][0]["value"])
        assert sum(row["demand"] for row in rows) == pytest.approx(found["total"])
    demand = desk.get(f"{V1}/runs/served/demand").json()
    covered = sum(w * c for w, c in zip(demand["weight"], demand["covered"], strict=True))
    assert covered == pytest.approx(found["value"], abs=1e-4)


def test_a_draft_is_valued_beside_the_plan_and_says_what_it_breaks(desk):
    become(desk, "planner")
    sites = [{"id": id} for id in json.loads((served_plan() / "summary.json").read_text())["chosen"]]
    same = desk.post(f"{V1}/runs/served/value", json={"sites": sites}).json()
    assert (same["change"], same["breaches"], same["bound_holds"]) == (0, [], True)
    assert same["changed"] == {"point": [], "covered": []}
    fewer = desk.post(f"{V1}/runs/served/value", json={"sites": sites[:1]}).json()
    assert fewer["change"] == pytest.approx(-same["losses"][1])
    assert sum(row["change"] < 0 for row in fewer["towns"]) >= 1
    assert fewer["changed"]["point"]
    many = [*sites, {"lon": 118.3931, "lat": 24.9611, "hours": "Mo-Fr 08:00-12:00"}]
    more = desk.post(f"{V1}/runs/served/value", json={"sites": many}).json()
    assert more["change"] == pytest.approx(more["gains"][2])
    assert (more["breaches"][0]["zh"], more["bound_holds"]) == ("3 台，最多 2 台", False)
    for bad in ({"sites": [{"id": "C9"}]}, {"sites": [{"lon": 181, "lat": 0}]}, {"sites": [{"lon": False, "lat": 0}]}):
        assert desk.post(f"{V1}/runs/served/value", json=bad).status_code == 422
    held = desk.app.state.database.written
    desk.post(f"{V1}/runs/served/value", json={"sites": sites})
    assert desk.app.state.database.written == held  # a drag must not queue behind who writes


def test_quotas_by_town_go_into_the_run_its_results_and_every_draft(desk, tmp_path):
    study = begin(desk)
    assert {"东镇", "西镇"} <= set(desk.get(f"{V1}/studies/choices").json()["towns"])
    wrong = {"town": {"西镇": {"minimum": 3, "maximum": 1}}}
    assert [one["key"] for one in put(desk, study, quotas_by=wrong)["faults"]] == ["plan.quotas_by.town.西镇"]
    study = put(desk, desk.get(f"{V1}/studies/{study['id']}").json(), quotas_by={"town": {"西镇": {"minimum": 2}}})
    assert study["faults"] == []
    run = wait(desk, start(desk, study))
    scenario = Scenario.read(desk.app.state.jobs.runs / run["id"] / "study" / "scenario.toml")
    run_scenario(scenario).save(tmp_path / "plan")  # what stands for the worker here computes nothing
    found = read_results(tmp_path / "plan")
    assert found["quotas_by"] == [{"level": "town", "name": "西镇", "minimum": 2, "maximum": None, "new": 2}]
    sites = [DraftSite(site["id"]) for site in found["sites"] if site["role"] == "proposed"]
    assert {site["town"] for site in found["sites"] if site["role"] == "proposed"} == {"西镇"}
    drafting = open_drafting(tmp_path / "plan")

    def draft(*sites):
        said = tell(drafting, drafting.value(sites))
        return said["quotas_by"][0]["new"], [(one["zh"], one["en"]) for one in said["breaches"]]

    assert draft(*sites) == (2, [])
    east, west = (118.3975, 24.9611), (118.3901, 24.9611)
    dragged = DraftSite(sites[1].id, lonlat=east)
    assert draft(sites[0], dragged) == (1, [("西镇 1 台，至少 2 台", "西镇: 1, at least 2")])
    assert draft(sites[0], DraftSite(lonlat=west)) == (2, [])


def test_a_run_follows_the_holidays_that_the_office_has_entered_unless_the_study_has_its_own(desk):
    study = begin(desk)
    hours = {"year": 2031}
    settings = {**study["settings"], "hours": hours}
    path = f"{V1}/studies/{study['id']}"
    assert desk.put(path, json={"version": study["version"], "settings": settings}).is_success
    own = {"holidays": ["2031-01-01", "2031-10-01/2031-10-07"], "workdays": ["2031-10-11"]}
    become(desk, "office")
    rule = f"{V1}/records/rules/holidays"
    assert desk.put(rule, json={"value": {"2031": own}}).is_success
    become(desk, "planner")
    study = desk.get(path).json()
    assert (study["faults"], study["settings"]["hours"]) == ([], hours)
    run = wait(desk, start(desk, study))
    assert run["state"] == "done"
    folder = desk.app.state.jobs.runs / run["id"] / "study"
    calendar = Scenario.read(folder / "scenario.toml").week.calendar()
    assert (calendar.year, calendar.holiday.sum()) == (2031, 8)
    theirs = {"2031": {"holidays": ["2031-01-01"], "workdays": []}}
    settings["hours"] = {**hours, "years": theirs}
    study = desk.put(path, json={"version": study["version"], "settings": settings}).json()
    run = start(desk, study)
    text = (desk.app.state.jobs.runs / run["id"] / "study" / "scenario.toml").read_text(encoding="utf-8")
    assert "2031-10" not in text
    wait(desk, run)
    become(desk, "office")
    desk.delete(rule)


def test_publishing_changes_what_everybody_sees_and_is_noted_and_can_be_taken_back(client):
    study = begin(client)
    run = wait(client, start(client, study))
    folder = client.app.state.shelf.folder
    said = client.post(f"{V1}/runs/{run['id']}/publish")
    assert (said.status_code, said.json()["served"]) == (200, True)
    assert client.app.state.shelf.folder != folder
    assert client.get(f"{V1}/plan").status_code == 200
    (told,) = client.get(f"{V1}/published").json()
    assert (told["run_id"], told["by"], told["served"]) == (run["id"], "the planner", True)
    other = wait(client, start(client, study))
    client.post(f"{V1}/runs/{other['id']}/publish")
    now, then = client.get(f"{V1}/published").json()
    assert (now["served"], then["served"], then["withdrawn_at"] is not None) == (True, False, True)
    assert client.post(f"{V1}/runs/{run['id']}/publish").json()["served"]  # the old one was kept
    assert client.delete(f"{V1}/published").status_code == 204
    assert client.app.state.shelf.folder == folder
    assert begin(client)["settings"]["streets"] == {"file": "served:streets"}


def test_a_plan_published_before_a_restart_is_served_after_it(settings, monkeypatch):
    monkeypatch.setattr(jobs, "work", works_at_once)
    made, _ = make_planning(settings)
    with browser(made) as client:
        run = wait(client, start(client, begin(client)))
        client.post(f"{V1}/runs/{run['id']}/publish")
    with browser(made) as client:
        become(client, "planner")
        assert client.get(f"{V1}/runs/{run['id']}").json()["served"]
        study = client.post(f"{V1}/studies", json={"title_zh": "接着做"}).json()
        assert study["settings"] == client.get(f"{V1}/studies/{run['study_id']}").json()["settings"]


def test_only_the_files_of_a_plan_can_be_taken_away(desk):
    become(desk, "planner")
    for name in ("summary.json", "plan.xlsx", "report.docx", "scenario.toml"):
        said = desk.get(f"{V1}/runs/served/files/{name}")
        assert said.content == (served_plan() / name).read_bytes()
        assert "attachment" in said.headers["content-disposition"]
    for name in ("study.npz", ".aedplan.json", "streets", "..%2Fstudy.toml", "%2Fetc%2Fpasswd"):
        assert desk.get(f"{V1}/runs/served/files/{name}").status_code == 404


def test_plans_side_by_side_tell_what_differs(desk):
    study = begin(desk)
    run = wait(desk, start(desk, study))
    found = desk.get(f"{V1}/compare?runs=served&runs={run['id']}").json()
    assert [one["letter"] for one in found["runs"]] == ["A", "B"]
    assert (found["unlike"], found["settings"], found["inputs"]) == ([], [], [])  # the same plan, handed in again
    assert all(site["orders"][0] == site["orders"][1] for site in found["sites"])
    assert {row["zh"] for row in found["towns"]} == {"东镇", "西镇"}
    assert desk.get(f"{V1}/compare?runs=served").status_code == 422
    assert desk.get(f"{V1}/compare?runs=served&runs=none").status_code == 404


def test_settings_become_toml_that_says_the_same():
    import tomllib

    tables = {
        "name": 'q"\\\x7f\n', "plan": {"devices": 2, "gap": 0.01, "quotas": {"school": {"minimum": 1}}, "pin": ["a", "ü"]},
        "periods": [{"id": "day", "hours": "08:00-16:00"}], "areas": {"town 1": {"from": "osm"}}, "hours": {},
        "on": True, "many": [[1, 2], []],
    }  # fmt: skip
    assert tomllib.loads(to_toml(tables)) == tables
