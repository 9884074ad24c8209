"""Who may what: one table, and `may`, the only place that answers.

Reaches: `all`; `own`: a manager's own sites and what stands there, an inspector's own devices, anybody's own account;
`-`: not at all. Each row names the routes that ask for it; a route without a row is refused, and fails the tests.
"""

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["administrator", "office", "planner", "manager", "inspector", "viewer", "public"]
Verb = Literal["read", "see", "list", "add", "change", "decide", "end", "erase"]
Kind = Literal[
    "published", "session", "account", "token", "site", "device", "inspection", "agreement", "policy", "organisation",
    "person", "contact", "training", "incident", "report", "log", "defect", "attachment", "legal", "funding", "team",
    "task", "rule", "feed", "unit", "coverage", "figure", "licence", "study", "import", "notice",
]  # fmt: skip
Reach = Literal["all", "own", "-"]


@dataclass(frozen=True)
class Who:
    """Somebody who asks. `scopes` are those of an API token, "see:device" or "see:*"; None is everything of the role."""

    role: Role = "public"
    account: str | None = None
    sites: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    scopes: frozenset[str] | None = None


@dataclass(frozen=True)
class Thing:
    """What is asked for: its kind, and the site, device or account that it belongs to."""

    kind: Kind
    site: str | None = None
    device: str | None = None
    account: str | None = None


@dataclass(frozen=True)
class Row:
    """One line of the table: what, for which roles how far, and the routes that ask for it."""

    verb: Verb
    kind: Kind
    reach: dict[str, Reach]
    routes: tuple[str, ...]


def _row(verb: Verb, kind: Kind, reaches: str, *routes: str) -> Row:
    return Row(verb, kind, dict(zip(get_args(Role), reaches.split(), strict=True)), routes)  # type: ignore[arg-type]


V1 = "/api/v1"
R = f"{V1}/records"


def _sheet(name: str) -> tuple[str, str]:
    """The routes of a list as a file."""
    return f"GET {R}/{name}.xlsx", f"GET {R}/{name}.csv"


TABLE = (
    #                           administrator office planner manager inspector viewer public
    _row("read", "published",   "all all all all all all all",
         "GET /", "GET /d/{code}", "GET /plan", "GET /report", "GET /devices", "GET /worker.js",
         "GET /app.webmanifest", "GET /favicon.ico", "GET /static/{language}/{name}", "GET /health",
         f"GET {V1}/devices", "GET /photos/{code}.jpg",
         f"GET {V1}/walks", f"GET {V1}/places", f"GET {V1}/plan", f"GET {V1}/nearest", f"GET {V1}/openapi.json",
         f"GET {V1}/dataset.geojson", f"GET {V1}/dataset.csv", f"GET {V1}/dataset.osm",
         "GET /ogc", "GET /ogc/conformance", "GET /ogc/collections", "GET /ogc/collections/{name}",
         "GET /ogc/collections/{name}/items", "GET /ogc/collections/{name}/items/{feature_id}",
         f"GET {V1}/legal-kit", f"GET {V1}/due.ics", "GET /basemap", "GET /basemap/{name}", "GET /map",
         f"GET {V1}/coverage/week", f"GET {V1}/coverage/circles", "GET /in", "GET /checks/worker.js"),
    _row("add", "session",      "all all all all all all all", f"POST {V1}/session", f"POST {V1}/session/link", "POST /in"),
    _row("see", "session",      "own own own own own own -", f"GET {V1}/session", f"GET {V1}/sessions",
         "GET /office/me"),
    _row("end", "session",      "all own own own own own -",
         f"DELETE {V1}/session", f"DELETE {V1}/sessions/{{session_id}}"),
    _row("add", "token",        "own own own - - - -", f"POST {V1}/tokens"),
    _row("see", "token",        "own own own - - - -", f"GET {V1}/tokens"),
    _row("end", "token",        "own own own - - - -", f"DELETE {V1}/tokens/{{token_id}}"),
    _row("see", "account",      "all all - - - - -", f"GET {V1}/accounts",
         "GET /office/accounts", "GET /office/accounts/{account_id}"),
    _row("add", "account",      "all - - - - - -", f"POST {V1}/accounts", f"PUT {V1}/accounts/{{account_id}}/role",
         "GET /office/accounts/new"),
    _row("change", "account",   "all own own own own own -", f"PUT {V1}/session/password"),
    _row("decide", "account",   "all all - - - - -",
         f"PUT {V1}/accounts/{{account_id}}/own", f"POST {V1}/accounts/{{account_id}}/link"),
    _row("end", "account",      "all - - - - - -", f"DELETE {V1}/accounts/{{account_id}}"),
    _row("see", "site",         "all all all own - all -", f"GET {R}/sites", f"GET {R}/sites/{{site_id}}",
         *_sheet("sites"), f"GET {R}/proposals",
         "GET /office/print/signs", "GET /office/print/qr", "GET /office/print/register",
         "GET /office/sites", "GET /office/sites/{site_id}"),
    _row("add", "site",         "all all all - - - -", f"POST {R}/sites", f"POST {R}/proposals",
         "GET /office/sites/new"),
    _row("change", "site",      "all all all own - - -", f"PATCH {R}/sites/{{site_id}}",
         "GET /office/sites/{site_id}/edit"),
    _row("see", "device",       "all all all own own all -", f"GET {R}/devices", f"GET {R}/devices/{{device_id}}",
         *_sheet("devices"),
         "GET /office/devices", "GET /office/devices/{device_id}"),
    _row("add", "device",       "all all - - - - -", f"POST {R}/devices",
         "GET /office/devices/new"),
    _row("change", "device",    "all all - own - - -",
         f"PATCH {R}/devices/{{device_id}}", f"POST {R}/devices/{{device_id}}/pads",
         f"POST {R}/devices/{{device_id}}/battery", f"PATCH {R}/devices/{{device_id}}/parts/{{part_id}}",
         "GET /office/devices/{device_id}/edit"),
    _row("decide", "device",    "all all - - - - -",
         f"POST {R}/devices/{{device_id}}/steps", f"POST {R}/devices/{{device_id}}/move"),
    _row("list", "device",      "all all all own own all -",
         f"GET {R}/readiness", f"GET {R}/devices/{{device_id}}/readiness", f"GET {R}/devices/{{device_id}}/steps"),
    _row("add", "inspection",   "all all - own own - -",
         f"GET {R}/devices/{{device_id}}/inspection-form", f"POST {R}/devices/{{device_id}}/inspections",
         f"GET {R}/checks", f"GET {R}/checks/days", "GET /checks", "GET /checks/{code}"),
    _row("see", "inspection",   "all all all own own all -",
         f"GET {R}/inspections", f"GET {R}/inspections/{{inspection_id}}",
         "GET /office/inspections", "GET /office/inspections/{inspection_id}"),
    _row("decide", "inspection", "all all - - - - -", f"POST {R}/inspections/{{inspection_id}}/reviews"),
    _row("see", "defect",       "all all all own own all -", f"GET {R}/defects",
         "GET /office/defects", "GET /office/defects/{defect_id}"),
    _row("change", "defect",    "all all - own - - -", f"PATCH {R}/defects/{{defect_id}}"),
    _row("add", "attachment",   "all all - own own - -", f"POST {R}/attachments"),
    _row("see", "attachment",   "all all all own own all -",
         f"GET {R}/attachments", f"GET {R}/attachments/{{attachment_id}}"),
    _row("see", "unit",         "all all all all - all -", f"GET {R}/units"),
    _row("add", "unit",         "all all - - - - -", f"POST {R}/units", f"PATCH {R}/units/{{code}}"),
    _row("see", "organisation", "all all all all - all -", f"GET {R}/organisations", *_sheet("organisations"),
         "GET /office/organisations", "GET /office/organisations/{organisation_id}"),
    _row("add", "organisation", "all all - - - - -", f"POST {R}/organisations",
         f"PATCH {R}/organisations/{{organisation_id}}",
         "GET /office/organisations/new"),
    _row("see", "agreement",    "all all all own - all -",
         f"GET {R}/agreements", f"GET {R}/agreements/{{agreement_id}}",
         f"GET {R}/agreements/{{agreement_id}}/breaches", *_sheet("agreements"), *_sheet("obligations"),
         "GET /office/agreements", "GET /office/agreements/{agreement_id}"),
    _row("add", "agreement",    "all all - - - - -", f"POST {R}/agreements",
         "GET /office/agreements/new"),
    _row("change", "agreement", "all all - - - - -",
         f"PATCH {R}/agreements/{{agreement_id}}", f"POST {R}/agreements/{{agreement_id}}/breaches",
         f"PATCH {R}/agreements/{{agreement_id}}/breaches/{{breach_id}}", f"POST {R}/agreements/{{agreement_id}}/renewal",
         f"POST {R}/agreements/{{agreement_id}}/termination"),
    _row("see", "policy",       "all all - own - all -", f"GET {R}/policies", *_sheet("policies"),
         "GET /office/policies", "GET /office/policies/{policy_id}"),
    _row("list", "policy",      "all all - - - all -",
         f"GET {R}/policies/gaps", f"GET {R}/policies/{{policy_id}}/claims"),
    _row("add", "policy",       "all all - - - - -", f"POST {R}/policies",
         "GET /office/policies/new"),
    _row("change", "policy",    "all all - - - - -",
         f"PATCH {R}/policies/{{policy_id}}", f"POST {R}/policies/{{policy_id}}/claims", f"PATCH {R}/claims/{{claim_id}}"),
    _row("see", "legal",        "all all - - - - -", f"GET {R}/legal/cases",
         "GET /office/legal", "GET /office/legal/{case_id}"),
    _row("add", "legal",        "all all - - - - -",
         f"POST {R}/legal/cases", f"PATCH {R}/legal/cases/{{case_id}}", f"POST {R}/legal/kit",
         f"PATCH {R}/legal/kit/{{page_id}}",
         "GET /office/legal/new"),
    _row("see", "funding",      "all all all - - all -", f"GET {R}/funding"),
    _row("add", "funding",      "all all - - - - -", f"POST {R}/funding", f"PATCH {R}/funding/{{funding_id}}"),
    _row("see", "contact",      "all all - own - - -", f"GET {R}/people", f"GET {R}/people/{{person_id}}",
         *_sheet("people"), *_sheet("certificates"),
         "GET /office/people", "GET /office/people/{person_id}"),
    _row("list", "contact",     "all all - own - - -", f"GET {R}/certificates"),
    _row("add", "person",       "all all - own - - -",
         f"POST {R}/people", f"POST {R}/people/{{person_id}}/certificates",
         "GET /office/people/new"),
    _row("change", "person",    "all all - own - - -", f"PATCH {R}/people/{{person_id}}", f"PUT {R}/people/{{person_id}}/sites",
         f"PATCH {R}/certificates/{{certificate_id}}",
         "GET /office/people/{person_id}/edit"),
    _row("erase", "person",     "all all - - - - -", f"DELETE {R}/people/{{person_id}}"),
    _row("see", "training",     "all all all own - all -", f"GET {R}/training",
         "GET /office/training", "GET /office/training/{event_id}"),
    _row("add", "training",     "all all - own - - -", f"POST {R}/training",
         "GET /office/training/new"),
    _row("change", "training",  "all all - own - - -", f"PATCH {R}/training/{{event_id}}"),
    _row("see", "team",         "all all all own - all -", f"GET {R}/teams",
         f"GET {R}/teams/{{team_id}}/members", f"GET {R}/site-roles"),
    _row("add", "team",         "all all - - - - -",
         f"POST {R}/teams", f"PATCH {R}/teams/{{team_id}}", f"PUT {R}/teams/{{team_id}}/members",
         f"POST {R}/site-roles", f"PATCH {R}/site-roles/{{role_id}}"),
    _row("see", "incident",     "all all all own - - -",
         f"GET {R}/incidents", f"GET {R}/incidents/{{incident_id}}",
         "GET /office/incidents", "GET /office/incidents/{incident_id}"),
    _row("add", "incident",     "all all - own own - -", f"POST {R}/incidents",
         "GET /office/incidents/new"),
    _row("change", "incident",  "all all - own - - -", f"PATCH {R}/incidents/{{incident_id}}",
         "GET /office/incidents/{incident_id}/edit"),
    _row("add", "report",       "all all all all all all all",
         "POST /d/{code}/report", f"POST {V1}/reports", f"POST {V1}/reports/{{report_id}}/photo"),
    _row("see", "report",       "all all - own - - -", f"GET {R}/reports",
         "GET /office/reports"),
    _row("end", "report",       "all all all all all all all", f"DELETE {V1}/reports/{{report_id}}"),
    _row("change", "report",    "all all - own - - -", f"PATCH {R}/reports/{{report_id}}"),
    _row("see", "task",         "all all all own own all -", f"GET {R}/due"),
    _row("change", "task",      "all all - own own - -", f"POST {R}/due/acknowledged"),
    _row("see", "coverage",     "all all all all - all -", f"GET {V1}/coverage"),
    _row("list", "coverage",    "all all all own - all -", f"GET {R}/work",
         "GET /office"),
    _row("see", "figure",       "all all all - - all -", f"GET {R}/figures",
         "GET /office/figures", "GET /office/monthly.docx"),
    _row("list", "figure",      "all all all own - all -", f"GET {R}/scores",
         "GET /office/scores"),
    _row("see", "licence",      "all all all - - all -", f"GET {R}/licence"),
    _row("decide", "licence",   "all all - - - - -", f"PUT {R}/licence"),
    _row("see", "notice",       "all all - - - - -", f"GET {R}/notices"),
    _row("change", "notice",    "all all - - - - -", f"POST {R}/notices/{{notice_id}}/again"),
    _row("see", "rule",         "all all all - - - -", f"GET {R}/rules",
         "GET /office/rules"),
    _row("change", "rule",      "all all - - - - -", f"PUT {R}/rules/{{name}}", f"DELETE {R}/rules/{{name}}"),
    _row("see", "feed",         "own own own own own own -", f"GET {R}/feeds"),
    _row("add", "feed",         "own own own own own own -", f"POST {R}/feeds"),
    _row("end", "feed",         "own own own own own own -", f"DELETE {R}/feeds/{{feed_id}}"),
    _row("see", "import",       "all all - - - - -",
         f"GET {R}/imports", f"GET {R}/imports/{{import_id}}", f"GET {R}/imports/template.xlsx", f"GET {R}/county.xlsx",
         "GET /office/imports", "GET /office/imports/{import_id}"),
    _row("add", "import",       "all all - - - - -",
         f"POST {R}/imports", f"POST {R}/imports/{{import_id}}/apply", f"POST {R}/imports/{{import_id}}/undo"),
    _row("see", "log",          "all all - - - - -", f"GET {R}/log", f"GET {R}/log/{{kind}}/{{record_id}}",
         "GET /office/log"),
    _row("see", "study",        "all all all - - - -", "GET /plans", "GET /plans/compare", "GET /plans/{study_id}",
         f"GET {V1}/studies", f"GET {V1}/studies/choices", f"GET {V1}/studies/files", f"GET {V1}/studies/{{study_id}}",
         f"GET {V1}/studies/{{study_id}}/versions", f"POST {V1}/studies/{{study_id}}/check",
         f"GET {V1}/runs", f"GET {V1}/runs/{{run_id}}", f"GET {V1}/runs/{{run_id}}/files/{{name}}",
         f"GET {V1}/runs/{{run_id}}/results", f"GET {V1}/runs/{{run_id}}/demand", f"POST {V1}/runs/{{run_id}}/value",
         f"GET {V1}/runs/{{run_id}}/reach", f"POST {V1}/runs/{{run_id}}/reach",
         f"GET {V1}/compare", f"GET {V1}/published"),
    _row("add", "study",        "all all all - - - -",
         f"POST {V1}/studies", f"POST {V1}/studies/files", f"POST {V1}/studies/{{study_id}}/copy"),
    _row("change", "study",     "all all own - - - -",
         f"PUT {V1}/studies/{{study_id}}", f"DELETE {V1}/studies/{{study_id}}", f"POST {V1}/studies/{{study_id}}/runs",
         f"POST {V1}/runs/{{run_id}}/stop", f"POST {V1}/runs/{{run_id}}/again", f"DELETE {V1}/runs/{{run_id}}"),
    _row("decide", "study",     "all all all - - - -", f"POST {V1}/runs/{{run_id}}/publish", f"DELETE {V1}/published"),
)  # fmt: skip

_BY_RIGHT = {(row.verb, row.kind): row for row in TABLE}
_BY_ROUTE = {route: row for row in TABLE for route in row.routes}


def may(who: Who, verb: Verb, thing: Thing) -> bool:
    """Whether somebody may do something with a thing."""
    reach = reach_of(who, verb, thing.kind)
    return reach == "all" or (reach == "own" and _owns(who, thing))


def reach_of(who: Who, verb: Verb, kind: Kind) -> Reach:
    """How far somebody's right goes; a right that is not in the table nobody has."""
    row = _BY_RIGHT.get((verb, kind))
    scoped = who.scopes is None or f"{verb}:{kind}" in who.scopes or f"{verb}:*" in who.scopes
    return row.reach[who.role] if row is not None and scoped else "-"


def row_of(method: str, path: str) -> Row | None:
    """What a route asks for; None for a route that is in no row, which nobody may use."""
    return _BY_ROUTE.get(f"{method} {path}")


def _owns(who: Who, thing: Thing) -> bool:
    return (
        (thing.site is not None and thing.site in who.sites)
        or (thing.device is not None and thing.device in who.devices)
        or (thing.account is not None and thing.account == who.account)
    )
