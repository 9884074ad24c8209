"""The papers and people of the demo county: agreements, insurance, training, teams, legal support. All invented."""

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

from ..facts import day_of
from ..public.tag_files import CC_BY, Licence
from ..records.agreements import About, add_agreement, add_breach
from ..records.devices import add_funding
from ..records.incidents import list_incidents
from ..records.legal import add_case, add_page
from ..records.people import add_certificate, add_person
from ..records.policies import add_claim, add_policy
from ..records.public import set_licence
from ..records.training import add_event, add_team
from ..tables import (
    Agreement,
    Breach,
    Certificate,
    Claim,
    Funding,
    LegalCase,
    LegalKitPage,
    Obligation,
    Person,
    Policy,
    PolicyInsured,
    RescueTeam,
    TrainingEvent,
)
from ..tables.papers import Cover, InsuredKind

if TYPE_CHECKING:
    from .records import County

UNIT_PRICE_FEN = 2_400_000
"""Licheng 2023: 50 devices for 1.2 million RMB (hxnews.com 2023-07-13)."""

_PROMISES = (
    ("maintenance_daily", "party_b", None), ("staff_training_n", "party_b", 10.0), ("free_public_access", "party_b", None),
    ("signage", "party_b", None), ("report_use_within_h", "party_b", 24.0), ("consumables_paid_by", "party_a", None),
    ("no_relocation_without_consent", "party_b", None),
)  # fmt: skip


def tell_papers(county: "County") -> None:
    """Have the office write its papers, after the devices they are about are there."""
    for number, given in enumerate(county.story["device"], start=1):
        county.then(given["installed"] - 1, "office", partial(_add_people, county, given))
        county.then(given["installed"] - 2, "office", partial(_add_funding, county, given, number))
        if "agreement" in given:
            county.then(given["installed"] - 3, "office", partial(_add_agreement, county, given, number))
    county.then(300, "office", partial(_add_helpers, county))
    county.then(290, "office", partial(_add_team, county))
    policies: tuple[tuple[Cover, InsuredKind, int, int], ...] = (
        ("personal_accident", "all_registered", 340, 25), ("rescuer_liability", "all_registered", 340, 25),
        ("equipment_loss", "devices", 180, 185), ("event", "all_registered", 385, -20),
    )  # fmt: skip
    for cover, insured, begun, ends in policies:
        county.then(min(begun, 330), "office", partial(_add_policy, county, (cover, insured), begun, ends))
    for days, site in ((320, 5), (270, 9), (215, 1), (160, 8), (120, 12), (75, 3), (45, 9), (14, 11), (-10, 1)):
        county.then(max(days, 1), "office", partial(_add_training, county, days, f"D{site:02d}"))
    county.then(300, "administrator", partial(_add_law, county))
    county.then(170, "office", partial(_add_claim, county))
    county.then(20, "office", partial(_add_breach, county))


def _add_people(county: "County", given: dict[str, Any]) -> None:
    """Who keeps the device, and the others of the site who hold a certificate."""
    mine = [
        _person(county, ["staff", "volunteer"] if n == 0 else ["volunteer"], given) for n in range(given["trained"])
    ]
    county.ids[f"guard {given['id']}"] = mine[0]
    for number, person in enumerate(mine):
        issued = county.on(-int(county.rng.integers(30, min(given["installed"], 600))))
        expires = issued + dt.timedelta(days=730)
        if number == 0 and given["id"] in ("D03", "D10"):
            expires = county.on(45 if given["id"] == "D03" else -30)
        certificate = Certificate(
            person_id=person, kind="cpr_aed" if number else "first_aider", issuer_id=county.ids["red_cross"],
            issued_on=issued, expires_on=expires,
        )  # fmt: skip
        add_certificate(county.session, certificate, f"DEMO-{given['id']}-{number:02d}")


def _person(county: "County", roles: list[str], given: dict[str, Any] | None = None) -> str:
    surnames, names = county.story["surnames"], county.story["given_names"]
    number = len([key for key in county.ids if key.startswith("person ")]) + 1
    name = surnames[number % len(surnames)] + names[(number * 5) // len(surnames) % len(names)]
    person = Person(roles=roles, consent_on=day_of(county.at))
    if given is not None:
        person.organisation_id = county.ids[f"organisation {given['id']}"]
    sites = (county.ids[f"site {given['id']}"],) if given is not None else ()
    made = add_person(county.session, person, name=name, phone=f"000-0001-{number:04d}", sites=sites)
    county.ids[f"person {number}"] = made.person.id
    return made.person.id


def _add_funding(county: "County", given: dict[str, Any], number: int) -> None:
    donor = "volunteers" if number % 5 == 0 else "red_cross"
    funding = Funding(
        device_id=county.ids[given["id"]], source="donation" if number % 5 == 0 else "municipal_project",
        organisation_id=county.ids[donor], amount_fen=UNIT_PRICE_FEN, paid_on=day_of(county.at),
    )  # fmt: skip
    add_funding(county.session, funding)


def _add_agreement(county: "County", given: dict[str, Any], number: int) -> None:
    ends = county.on(given["agreement"])
    starts = max(ends - dt.timedelta(days=3 * 365), day_of(county.at) - dt.timedelta(days=30))
    agreement = Agreement(
        number=f"示红协〔{starts.year}〕{number:02d}号", kind="public_benefit_hosting", party_a_id=county.ids["red_cross"],
        party_b_id=county.ids[f"organisation {given['id']}"], contact_b_id=county.ids[f"guard {given['id']}"],
        signed_on=starts, starts_on=starts, ends_on=ends, term_years=3.0,
    )  # fmt: skip
    promises = [Obligation(code=code, owner=owner, target=target) for code, owner, target in _PROMISES]
    about = About(sites=(county.ids[f"site {given['id']}"],), devices=(county.ids[given["id"]],))
    county.ids[f"agreement {given['id']}"] = add_agreement(county.session, agreement, about, promises).id


def _add_helpers(county: "County") -> None:
    county.ids["trainer"] = _person(county, ["trainer"])
    county.ids["counsel"] = _person(county, ["counsel"])
    certificate = Certificate(
        person_id=county.ids["trainer"], kind="instructor", issuer_id=county.ids["red_cross"], issued_on=county.on(-400),
        expires_on=county.on(700),
    )  # fmt: skip
    add_certificate(county.session, certificate, "DEMO-T-01")


def _add_team(county: "County") -> None:
    for name, town, site in (("文庙社区救护队", "990101001001", "D11"), ("一中救护队", "990101002", "D09")):
        members = [_person(county, ["volunteer"]) for _ in range(4)]
        team = RescueTeam(
            name=name, admin_code=town, site_id=county.ids[f"site {site}"], founded_on=day_of(county.at),
            organisation_id=county.ids[f"organisation {site}" if site == "D09" else "volunteers"],
        )  # fmt: skip
        add_team(county.session, team, members)


def _add_policy(county: "County", what: tuple[Cover, InsuredKind], begun: int, ends: int) -> None:
    """One of the four covers; that of equipment names the devices but two, that of events has ended: both are gaps."""
    cover, insured_kind = what
    policy = Policy(
        insurer_id=county.ids["insurer"], policy_no=f"DEMO-{cover.upper()}", cover=cover, insured_kind=insured_kind,
        starts_on=county.on(-begun), ends_on=county.on(ends), payer_id=county.ids["red_cross"], premium_fen=480_000,
        sum_per_person_fen=30_000_000, sum_total_fen=200_000_000, claim_requirements="救护活动记录、设备数据、医疗单据",
    )  # fmt: skip
    named = [one["id"] for one in county.story["device"][:-2]] if insured_kind == "devices" else []
    insured = [PolicyInsured(device_id=county.ids[name]) for name in named]
    county.ids[f"policy {cover}"] = add_policy(county.session, policy, insured).id


def _add_training(county: "County", days: int, site: str) -> None:
    """A course or drill at a site; one that is still to come has no figures yet."""
    courses = county.story["training"]["courses"]
    course = courses[(abs(days) // 7) % len(courses)]
    event = TrainingEvent(
        site_id=county.ids[f"site {site}"], held_on=county.on(-days), course=course, hours=4.0, drill="演练" in course,
        trainer_id=county.ids.get("trainer"), device_models="AED-S1",
    )  # fmt: skip
    people: dict[str, bool | None] = {}
    if days > 0:
        event.attended_n = int(county.rng.integers(18, 60))
        event.passed_n = event.attended_n - int(county.rng.integers(0, 6))
        people = {county.ids[f"guard {site}"]: True}
    add_event(county.session, event, people)


def _add_law(county: "County") -> None:
    set_licence(county.session, Licence(*CC_BY, "示例县红十字会（虚构）"))
    law = county.story["law"]
    for place, (title, text) in enumerate(law["pages"], start=1):
        add_page(county.session, LegalKitPage(place=place, title=title, text=text, source=law["source"]))
    title, text = law["evidence"]
    add_page(county.session, LegalKitPage(place=9, title=title, text=text, source="示例"))
    case = LegalCase(
        counsel_id=county.ids["law_firm"], hotline="000-0000-9999", opened_on=day_of(county.at), topic="施救者责任咨询",
        summary="示例：志愿者询问施救后是否会被追究责任，已答复。", closed_on=day_of(county.at) + dt.timedelta(days=3),
    )  # fmt: skip
    add_case(county.session, case)


def _add_claim(county: "County") -> None:
    """For the pads used up in a rescue."""
    incident = list_incidents(county.session)[-1]
    claim = Claim(
        policy_id=county.ids["policy equipment_loss"], incident_id=incident.id, device_id=incident.device_id,
        filed_on=day_of(county.at), amount_fen=98_000, paid_fen=98_000, status="paid",
    )  # fmt: skip
    add_claim(county.session, claim)


def _add_breach(county: "County") -> None:
    breach = Breach(agreement_id=county.ids["agreement D06"], found_on=day_of(county.at), text="逾期未检查，已电话提醒")
    add_breach(county.session, breach)
