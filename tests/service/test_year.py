"""The year's figures and the sites' scores as the routes tell them, counted by hand, on both databases."""

import dataclasses
import datetime as dt
import re
from contextlib import closing

import pytest
from people import browser, make_county, sign_in

from service.db import Database
from service.facts import COUNTY_TIME
from service.history import By
from service.looks import KEPT
from service.records import add, find
from service.records.agreements import About, add_agreement
from service.records.devices import fit_battery, fit_pads, step
from service.records.incidents import add_incident
from service.records.people import add_certificate
from service.records.policies import add_policy
from service.records.sites import add_admin_unit, add_organisation
from service.records.training import add_event, add_team
from service.tables import (
    AdminUnit,
    Agreement,
    Battery,
    Certificate,
    Device,
    Incident,
    Inspection,
    Organisation,
    Pads,
    Person,
    Policy,
    RescueTeam,
    Site,
    TrainingEvent,
)
from service.year.figures import UNIT_KINDS

FIRST, LAST = dt.date(2025, 1, 1), dt.date(2025, 12, 31)
BEGIN = dt.datetime(2025, 1, 1, 8, tzinfo=COUNTY_TIME)
TOWN, OTHER = "350583001", "350583002"


def day(number: int) -> dt.datetime:
    return BEGIN + dt.timedelta(days=number)


def fill(database, county) -> None:
    """The first school's device in service from 1 January 2025, checked on days 0 and 20 and then on day 200."""
    with database.session(By(None, "office", day(400))) as session:
        for code, name, population in (
            ("350583", "南安市", None),
            (TOWN, "溪美街道", 20_000),
            (OTHER, "柳城街道", 30_000),
        ):
            add_admin_unit(session, AdminUnit(code=code, name=name, population=population))
        add_admin_unit(session, AdminUnit(code=TOWN + "001", name="溪美社区"))
        site, device = find(session, Site, county.site), find(session, Device, county.device)
        site.admin_code, site.venue_type = TOWN, "scenic"
        school = find(session, Organisation, county.school)
        school.admin_code = TOWN
        site.organisation_id = school.id
        device.installed_on = FIRST
        for status in ("installed", "active"):
            step(session, device, status, at=day(0))
        fit_pads(session, Pads(device_id=device.id, expires_on=dt.date(2030, 1, 1), fitted_on=FIRST))
        fit_battery(session, Battery(device_id=device.id, expires_on=dt.date(2030, 1, 1), installed_on=FIRST))
        for number in (0, 20, 200):
            items = {item: {"result": "ok"} for item in KEPT}
            add(session, Inspection(device_id=device.id, kind="monthly", at=day(number), received_at=day(number),
                                    items=items, overall="pass", client_uuid=f"u{number}"))  # fmt: skip
        add_event(session, TrainingEvent(site_id=site.id, held_on=FIRST, attended_n=12), {})
        add_event(session, TrainingEvent(site_id=site.id, held_on=LAST, attended_n=30, drill=True), {})
        add_event(session, TrainingEvent(site_id=site.id, held_on=LAST + dt.timedelta(days=1), attended_n=99), {})
        find(session, Person, county.person).admin_code = TOWN
        add_certificate(session, Certificate(person_id=county.person, kind="first_aider", issued_on=FIRST), "1")
        add_incident(session, Incident(at=day(365), device_id=device.id))
        add_organisation(session, Organisation(name="学校红十字会", kind="red_cross", parent_id=school.id))
        add_organisation(session, Organisation(name="溪美红十字会", kind="red_cross", admin_code=TOWN))
        add_organisation(session, Organisation(name="鞋厂", kind="company", admin_code=OTHER))
        add_team(session, RescueTeam(name="社区救护队", admin_code=TOWN + "001"), [])


@pytest.fixture
def told(settings, folder):
    settings = dataclasses.replace(settings, plan=folder)
    with closing(Database(settings)) as database:
        county = make_county(database, at=day(-30))
        fill(database, county)
        with browser(settings) as client:
            sign_in(client, "office")
            yield client, county, database


def test_every_figure_of_the_year_is_what_counting_by_hand_gives(told):
    client, _, _ = told
    said = client.get("/api/v1/records/figures", params={"year": 2025})
    assert said.status_code == 200, said.text
    content = said.json()
    assert (content["first"], content["last"]) == (FIRST.isoformat(), LAST.isoformat())
    figures = {one["id"]: one for one in content["figures"]}
    # checked in time: days 0..50 after the checks of day 0 and 20, days 200..230; ready until 45 days after a check
    expected = {
        "devices": (1, None), "checked_in_time": (51 + 31, 365), "days_not_ready": (365 - 66 - 46, None), "uses": (0, None),
        "trained_per_10000": (12, 50_000), "certified_per_10000": (1, 50_000), "trained_per_device": (12, 1),
        "certified_per_device": (1, 1), "drills": (1, None), "organisation_township": (1, 2), "team_township": (0, 2),
        "organisation_community": (0, 1), "team_community": (1, 1), "organisation_school": (1, 1), "team_school": (0, 1),
        "organisation_scenic": (1, 1), "organisation_enterprise": (0, 1), "team_enterprise": (0, 1),
    }  # fmt: skip
    assert {name: (figures[name]["numerator"], figures[name]["denominator"]) for name in expected} == expected
    assert figures["trained_per_10000"]["value"] == pytest.approx(2.4)
    assert all(one["formula_zh"] and one["formula_en"] for one in figures.values())
    towns = {one["code"]: one for one in figures["trained_per_10000"]["towns"]}
    assert (towns[TOWN]["name"], towns[TOWN]["value"], towns[OTHER]["value"]) == ("溪美街道", pytest.approx(6.0), 0.0)
    towns = {one["code"]: one for one in figures["checked_in_time"]["towns"]}
    assert towns[OTHER]["value"] is None
    used = client.get("/api/v1/records/figures", params={"first": "2026-01-01", "last": "2026-01-31"}).json()
    assert {one["id"]: one["value"] for one in used["figures"]}["uses"] == 1


def score(client, site: str) -> tuple[float, dict[str, float]]:
    said = client.get("/api/v1/records/scores", params={"year": 2025}).json()
    assert "总分" in said["formula_zh"]
    found = {one["site_id"]: one for one in said["sites"]}[site]
    return found["total"], {part["id"]: part["points"] for part in found["parts"]}


def test_a_site_raises_its_score_by_what_it_does(told):
    client, county, database = told
    total, parts = score(client, county.site)
    assert parts == {"checks": pytest.approx(30 * 82 / 365), "trained": 2.5, "agreement": 0.0, "cover": 0.0, "signs": 10.0,
                     "drill": 10.0}  # fmt: skip
    assert total == pytest.approx(sum(parts.values()))
    with database.session(By(None, "office", day(400))) as session:
        paper = Agreement(number="N-25", kind="donation", party_a_id=county.red_cross, party_b_id=county.school,
                          signed_on=FIRST, starts_on=FIRST, ends_on=LAST)  # fmt: skip
        add_agreement(session, paper, About(sites=(county.site,)), [])
        add_policy(session, Policy(insurer_id=county.red_cross, policy_no="P-25", cover="equipment_loss", starts_on=FIRST,
                                   ends_on=LAST, insured_kind="all_registered"), [])  # fmt: skip
    assert score(client, county.site)[0] == pytest.approx(total + 15 + 10)
    sign_in(client, "office")
    assert client.patch(f"/api/v1/records/people/{county.person}", json={"roles": ["volunteer"]}).status_code == 200
    assert score(client, county.site)[1]["cover"] == 0.0  # nothing insures the volunteer
    with database.session(By(None, "office", day(400))) as session:
        for cover in ("personal_accident", "rescuer_liability"):
            add_policy(session, Policy(insurer_id=county.red_cross, policy_no=cover, cover=cover, starts_on=FIRST, ends_on=LAST,
                                       insured_kind="all_registered"), [])  # fmt: skip
    assert score(client, county.site)[1]["cover"] == 10.0


def test_the_page_of_the_year_shows_each_figure_with_its_formula_for_the_county_and_by_town(told):
    client, _, _ = told
    page = client.get("/office/figures", params={"year": 2025}).text
    figures = client.get("/api/v1/records/figures", params={"year": 2025}).json()["figures"]
    for one in figures:
        assert f'<p class="formula">{one["formula_zh"]}</p>' in page, one["id"]
    assert page.count("<details><summary>按镇街</summary>") == len(figures) - len(UNIT_KINDS)
    kinds = page.partition('id="kinds"')[2].partition('id="monthly"')[0]
    community = kinds.partition("<strong>村和社区</strong>")[2]
    assert re.search(
        r'溪美街道</th><td class="number">0.0 .*?0 ÷ 1</span></td><td class="number">100.0 .*?1 ÷ 1<', community
    )


def test_a_site_without_a_device_in_service_has_no_score_and_a_manager_sees_only_the_own(told):
    client, county, _ = told
    assert score(client, county.other_site) == (None, {})
    sign_in(client, "manager")
    said = client.get("/api/v1/records/scores", params={"year": 2025}).json()
    assert [one["site_id"] for one in said["sites"]] == [county.site]
    assert client.get("/api/v1/records/figures").status_code == 403


@pytest.mark.parametrize(
    "query", ["first=2026-02-01&last=2026-01-01", "year=2999", "year=x", "first=2000-01-01&last=2026-01-01"]
)
def test_a_stretch_that_cannot_be_is_refused(told, query):
    assert told[0].get(f"/api/v1/records/figures?{query}").status_code == 422
