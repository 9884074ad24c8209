"""Whatever is sent, every role gets an answer that the description of the interface promises, and never a failure.

OPENAPI_EXAMPLES in the environment says how many examples of each kind an operation gets (1), to look longer by hand;
another OPENAPI_SEED (0) draws others.
"""

import copy
import dataclasses
import itertools
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any
from urllib.parse import quote

import pytest
import requests
import schemathesis
from filled import Filled, fill
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from people import ROLES, browser, make_county
from planner import served_plan, works_at_once
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks

from service import jobs
from service.accounts import csrf_of, make_token, start_session
from service.api.asking import COOKIE, CSRF_HEADER
from service.db import Database, now
from service.history import By
from service.limits import SignInLimits
from service.records import find
from service.tables import Account

EXAMPLES = int(os.environ.get("OPENAPI_EXAMPLES", "1"))
SEED = int(os.environ.get("OPENAPI_SEED", "0"))
DATABASES = ["sqlite", "postgresql"]
"""The first promise is of the routes and holds on any; the second is harder to keep on PostgreSQL, which refuses more."""

CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
ADDRESS = "https://testserver"
SCOPES = ["see:device", "change:device", "add:inspection", "see:contact"]


class Everybody:
    """Nobody in particular, each role, and a script with a key that may do a little; what they show to be let in."""

    def __init__(self, made: Filled, database: Database) -> None:
        self._made, self._database = made, database
        self.papers: dict[str, dict[str, str]] = {}
        self.sign_in()

    def sign_in(self) -> None:
        """Sign everybody in, past the slow look at passwords."""
        with self._database.session(By(None, "command", now())) as session:
            self.papers["public"] = {}
            for role in ROLES:
                token, _ = start_session(session, find(session, Account, self._made.county.accounts[role]), "")
                self.papers[role] = {"Cookie": f"{COOKIE}={token}", CSRF_HEADER: csrf_of(token)}
            office = self._made.county.accounts["office"]
            key, _ = make_token(session, office, "script", SCOPES, days=1)
            self.papers["key"] = {"Authorization": f"Bearer {key}"}

    def send(self, who: str, case: Case) -> Any:
        """What somebody is answered."""
        sent = case.as_transport_kwargs(base_url=ADDRESS)
        sent = {
            key: sent[key] for key in ("method", "url", "params", "headers", "data", "json", "files") if key in sent
        }
        made = requests.Request(**sent).prepare()
        headers = {name: value for name, value in made.headers.items() if name.lower() not in NOT_OURS}
        return self.ask(who, made.method, made.url, content=made.body, headers=headers)

    def ask(self, who: str, method: str, url: str, **more: Any) -> Any:
        """What somebody is answered, who is not stopped for asking often."""
        client = self._made.client
        client.app.state.limits = SignInLimits()
        headers = {**more.pop("headers", {}), **self.papers[who]}
        return client.request(method, url, headers=headers, follow_redirects=False, **more)


JSON = {"Content-Type": "application/json"}
NOT_OURS = ("cookie", "authorization", "x-csrf-token", "host", "content-length")


@pytest.fixture(scope="module")
def everybody(request, tmp_path_factory) -> Iterator[tuple[Filled, Everybody]]:
    """A county with a record of every kind, and everybody who may ask."""
    maker = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgresql")
    made = dataclasses.replace(maker.make(tmp_path_factory.mktemp("described")), plan=served_plan())
    with pytest.MonkeyPatch.context() as patched, closing(Database(made)) as database:
        patched.setattr(jobs, "work", works_at_once)
        county = make_county(database)
        with browser(made) as client:
            filled = fill(client, county)
            client.cookies.clear()
            client.headers.pop(CSRF_HEADER, None)
            yield filled, Everybody(filled, database)


def operations_of(filled: Filled) -> list[APIOperation]:
    """All that is described; what removes comes last."""
    schema = schemathesis.openapi.from_dict(copy.deepcopy(filled.document))
    found = [result.ok() for result in schema.get_all_operations()]
    return sorted(found, key=lambda one: one.method.lower() == "delete")


def drawn(strategy: st.SearchStrategy[Case], count: int) -> list[Case]:
    """Some of what a strategy makes, the same at every run."""
    found: list[Case] = []

    @seed(SEED)
    @settings(
        max_examples=count, phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        deadline=None, database=None,
    )  # fmt: skip
    @given(strategy)
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return found[:count]


def cases_of(operation: APIOperation, filled: Filled) -> list[Case]:
    """What to send: as described, about records that are there, first the example; as described; and not as described."""
    cases = drawn(operation.as_strategy(generation_mode=GenerationMode.POSITIVE), 2 * EXAMPLES)
    for case in cases[:EXAMPLES]:
        case.path_parameters = {**(case.path_parameters or {}), **filled.parameters(operation.path)}
        case.body = filled.fit(case.body) if isinstance(case.body, dict) else case.body
    if isinstance(cases[0].body, dict):
        cases[0].body = filled.example(operation.method, operation.path)
    if operation.query or operation.body:  # any text is a path
        with suppress(Unsatisfiable):  # any bytes are a file
            cases += drawn(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), EXAMPLES)
    return cases


def faults_of(answer: Any, who: str, case: Case) -> list[str]:
    """What of an answer was not promised."""
    try:
        case.validate_response(answer, checks=CHECKS)
    except (FailureGroup, Failure) as failure:
        found = getattr(failure, "exceptions", [failure])
        return [f"{who}: {case.method} {case.formatted_path} {answer.status_code}: {one}" for one in found]
    return []


@pytest.mark.parametrize("everybody", ["sqlite"] if EXAMPLES == 1 else DATABASES, indirect=True)
def test_every_answer_to_anybody_is_as_described(everybody):
    filled, all_of_them = everybody
    faults: list[str] = []
    operations, done = operations_of(filled), set()
    for operation in operations:
        for number, case in enumerate(cases_of(operation, filled)):
            asking = all_of_them.papers if number == 0 or EXAMPLES > 1 else ("administrator",)
            for who in asking:
                answer = all_of_them.send(who, case)
                faults += faults_of(answer, who, case)
                done |= {operation.label} if answer.status_code < 400 else set()
            if "/session" in operation.path:  # who has signed out would only be refused from now on
                all_of_them.sign_in()
    assert faults == []
    assert len(done) > 0.75 * len(operations)  # a few only to who knows more: links, passwords, what just fell due


DEEP = json.loads("[" * 300 + "]" * 300)
STRANGE: tuple[Any, ...] = (
    "\0", "a\0b", "\ud800", "\x7f", "\x1b[31m", "\u202e\u2028", "\uffff", "x" * 100_000, "9" * 5000, "", " ", "-1", "NaN",
    "1e999", "2026-02-30", "0000-00-00", "+10000-01-01", "9999-12-31", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00",
    "2026-11-22T08:00:00", "../../etc/passwd", "'; DROP TABLE device; --", "<script>", "%00", "%s%n{0}", "=1+1", None, True,
    -1, 0, 2**31, 2**63, 2**64, -(2**63) - 1, 10**400, 1e308, float("nan"), float("-inf"), [], {}, [None], {"": ""},
    {"\ud800": "x"},
    DEEP, "y" * 2_000_000,
)  # fmt: skip
"""What nobody should send; all of it can be written into JSON or an address."""


def places_in(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the fields of a body lie."""
    yield place
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places_in(one, (*place, key))


def replaced(value: Any, place: tuple[Any, ...], by: Any) -> Any:
    """The same with something else at a place."""
    if not place:
        return by
    changed = copy.copy(value)
    changed[place[0]] = replaced(value[place[0]], place[1:], by)
    return changed


def strange_requests(
    filled: Filled, path: str, method: str, operation: dict[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    """Requests that are right but for one place: the address, its query, and the body; the values take turns."""
    parameters = operation.get("parameters", [])
    body = filled.example(method, path) if "application/json" in content_of(operation) else None
    turn = itertools.cycle(STRANGE[zlib.crc32(f"{method} {path}".encode()) % len(STRANGE) :] + STRANGE)
    for one in parameters:
        for value in itertools.islice(turn, EXAMPLES):
            if one["in"] == "path":
                yield (
                    filled.at(
                        path.replace(
                            f"{{{one['name']}}}", quote(as_text(value)[:2000].replace("/", "") or "-", safe="")
                        )
                    ),
                    {},
                    body,
                )
            elif one["in"] == "query":
                yield filled.at(path), {one["name"]: as_text(value)[:2000]}, body
    for place in places_in(body) if body is not None else ():
        for value in itertools.islice(turn, EXAMPLES):
            yield filled.at(path), {}, replaced(body, place, value)


def content_of(operation: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    return content


def as_text(value: Any) -> str:
    """A value as an address can hold it."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "replace").decode()


@pytest.mark.parametrize("everybody", ["postgresql"] if EXAMPLES == 1 else DATABASES, indirect=True)
def test_what_nobody_should_send_is_refused_or_taken_and_breaks_nothing(everybody):
    filled, all_of_them = everybody
    paths = filled.document["paths"]
    operations = [(path, method, paths[path][method]) for path in paths for method in paths[path]]
    faults = []
    for path, method, operation in sorted(operations, key=lambda one: one[1] == "delete"):
        for address, query, body in strange_requests(filled, path, method, operation):
            content = "" if body is None else json.dumps(body)
            answer = all_of_them.ask("administrator", method, address, params=query, content=content, headers=JSON)
            if str(answer.status_code) not in operation["responses"]:
                faults.append(
                    f"{method} {address:.200} {query} {content:.300} -> {answer.status_code} {answer.text:.200}"
                )
            if "/session" in path:
                all_of_them.sign_in()
    assert faults == []
