"""A county with a record of every kind, made through the service's own interface by what its description says.

Each body is the description's example with the ids of records that are there, so that a new field is filled by itself.
"""

import io
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from people import County, become
from PIL import Image
from starlette.testclient import TestClient

V1 = "/api/v1"
R = f"{V1}/records"
ORGANISATIONS = ("organisation_id", "party_b_id", "insurer_id", "parent_id", "payer_id", "issuer_id", "counsel_id")
PEOPLE = ("person_id", "contact_a_id", "contact_b_id", "trainer_id", "reported_by")
LISTS = {"sites": "site_id", "devices": "device_id", "members": "person_id"}
"""Lists of ids, by what their ids are called alone."""

ID_NAMES = ("_id", "_by", "admin_code")

STEPS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("unit", "code", f"{R}/units", {"code": "350583", "name": "南安市"}),
    ("organisation", "", f"{R}/organisations", {"parent_id": None}),
    ("site", "", f"{R}/sites", {"stage": "standing"}),
    ("person", "", f"{R}/people", {}),
    ("device", "", f"{R}/devices", {"mobile": False, "installed_on": "2026-01-01", "access": "public"}),
    ("installed", "", f"{R}/devices/{{device_id}}/steps", {"status": "installed", "at": None}),
    ("active", "", f"{R}/devices/{{device_id}}/steps", {"status": "active", "at": None}),
    ("pads", "", f"{R}/devices/{{device_id}}/pads", {"expires_on": "2029-01-01"}),
    ("battery", "", f"{R}/devices/{{device_id}}/battery", {"expires_on": "2029-01-01"}),
    (
        "inspection",
        "inspection_id",
        f"{R}/devices/{{device_id}}/inspections",
        {"kind": "daily", "photos": [], "differences": {"cabinet_sign": {"result": "fail", "note": "标识掉了"}}},
    ),
    ("agreement", "agreement_id", f"{R}/agreements", {"number": "F-1", "ends_on": "2029-01-01"}),
    ("breach", "breach_id", f"{R}/agreements/{{agreement_id}}/breaches", {"found_on": "2026-11-22"}),
    ("incident", "incident_id", f"{R}/incidents", {}),
    ("event", "event_id", f"{R}/training", {}),
    ("policy", "policy_id", f"{R}/policies", {"insured": [{"device_id": "device"}], "ends_on": "2029-01-01"}),
    ("claim", "claim_id", f"{R}/policies/{{policy_id}}/claims", {}),
    ("page", "page_id", f"{R}/legal/kit", {}),
    ("case", "case_id", f"{R}/legal/cases", {}),
    ("certificate", "certificate_id", f"{R}/people/{{person_id}}/certificates", {}),
    ("funding", "funding_id", f"{R}/funding", {"person_id": None}),
    ("team", "team_id", f"{R}/teams", {}),
    ("role", "role_id", f"{R}/site-roles", {}),
    ("report", "report_id", f"{V1}/reports", {}),
    ("feed", "feed_id", f"{R}/feeds", {}),
    ("token", "token_id", f"{V1}/tokens", {"scopes": ["see:*"], "days": 30}),
    ("account", "account_id", f"{V1}/accounts", {"name": "somebody", "role": "viewer", "until_on": None}),
    ("study", "study_id", f"{V1}/studies", {"title_zh": "方案"}),
)


@dataclass
class Filled:
    """The service, what it says of itself, and the ids of what is there, by the names that routes and bodies use."""

    client: TestClient
    document: dict[str, Any]
    county: County
    ids: dict[str, str] = field(default_factory=dict)

    def example(self, method: str, path: str) -> dict[str, Any]:
        """A body that a route takes, with ids that are there; the version that was seen is left out."""
        body = self.document["paths"][path][method]["requestBody"]["content"]["application/json"]["example"]
        fitted: dict[str, Any] = self.fit({key: value for key, value in body.items() if key != "version"})
        return fitted

    def fit(self, value: Any, name: str = "") -> Any:
        """A value of the description with ids that are there."""
        if isinstance(value, Mapping):
            return {key: self.fit(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [self.fit(one, LISTS.get(name, name)) for one in value]
        return self.ids.get(name, value) if isinstance(value, str) and name.endswith(ID_NAMES) else value

    def at(self, path: str) -> str:
        """The address of a route about what is there."""
        named = {"collections/{name}": "collections/devices"}
        if "units/" not in path:
            named["{code}"] = self.ids.get("public_code", "none")
        for one, value in (named | {"rules/{name}": "rules/norm", "files/{name}": "files/summary.json"}).items():
            path = path.replace(one, value)
        return path.format_map(defaultdict(lambda: "none", self.ids))

    def parameters(self, path: str) -> dict[str, str]:
        """What stands for each name in the address of a route about what is there."""
        found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+?)", path), self.at(path))
        assert found is not None
        return found.groupdict()

    def add(self, path: str, more: Mapping[str, Any]) -> dict[str, Any]:
        """Add what a route adds."""
        operation = self.document["paths"][path]["post"]
        body = self.example("post", path) | self.fit(more) if "requestBody" in operation else None
        answer = self.client.post(self.at(path), json=body)
        assert answer.status_code == 201, (path, body, answer.text)
        made: dict[str, Any] = answer.json()
        return made


def fill(client: TestClient, county: County) -> Filled:
    """Add a record of every kind as the administrator; the manager and the inspector keep the first school's."""
    become(client, "administrator")
    made = Filled(client, client.get(f"{V1}/openapi.json").json(), county)
    made.ids |= {"organisation_id": county.school, "party_a_id": county.red_cross, "site_id": county.site}
    made.ids |= dict.fromkeys(ORGANISATIONS, county.school) | dict.fromkeys(PEOPLE, county.person)
    made.ids |= {"device_id": county.device, "admin_code": "350583", "subject_id": county.device}
    public_code = client.get(f"{R}/devices/{county.device}").json()["public_code"]
    for step, name, path, more in STEPS:
        if step in ("organisation", "site", "person", "device"):
            continue  # the county has them; these steps are for those who add more
        answer = made.add(path, more | {"code": public_code} if step == "report" else more)
        if name:
            made.ids[name] = answer["id"] if "id" in answer else answer["code"]
    defect = client.get(f"{R}/defects").json()[0]
    made.ids["part_id"] = client.get(f"{R}/devices/{county.device}").json()["pads"][0]["id"]
    made.ids |= {"training_event_id": made.ids["event_id"], "study": made.ids["study_id"], "defect_id": defect["id"]}
    made.ids |= {"attachment_id": _photo(client, made), "import_id": _import(client), "run_id": "served"}
    made.ids |= {"kind": "device", "record_id": county.device, "public_code": public_code}
    return made


def _photo(client: TestClient, made: Filled) -> str:
    answer = client.post(
        f"{R}/attachments", content=small_photo(), params={"device_id": made.county.device, "kind": "photo"}
    )
    assert answer.status_code == 201, answer.text
    kept: str = answer.json()["id"]
    return kept


def _import(client: TestClient) -> str:
    """An import of a table that was looked at."""
    table = "名称,场所类型\n丙村小学,学校\n".encode("utf-8-sig")
    answer = client.post(f"{R}/imports", params={"name": "点位.csv", "sheet": "sites"}, content=table)
    assert answer.status_code == 201, answer.text
    kept: str = answer.json()["id"]
    return kept


def small_photo() -> bytes:
    """A photo of nothing."""
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 30, 30)).save(stream, "PNG")
    return stream.getvalue()
