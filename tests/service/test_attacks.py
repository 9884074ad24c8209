"""Attackers as one suite: files that are bombs or something else, endless bodies, injected text, curious managers.

What single rooms promise by themselves (photos, sheets, sign-in, OGC) stands in their own tests.
"""

import asyncio
import csv
import dataclasses
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest
from filled import V1, Filled, R, fill
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook
from people import PASSWORD, become, browser, make_county, routes_of
from photos import TAILS, encoded, png_bomb
from planner import served_plan

from aedplan.tables.formulas import STARTS, runs
from service.api.asking import CSRF_HEADER
from service.api.imports import KIND_OF
from service.app import HEADERS
from service.db import Database
from service.exports import export_folder
from service.limits import SignInLimits
from service.pages.shell import own_path

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


@contextmanager
def filled_county(maker: Any, folder: Path) -> Iterator[tuple[Filled, Path]]:
    """A county with a record of every kind, and the folder of its files."""
    made = dataclasses.replace(maker.make(folder), plan=served_plan())
    with closing(Database(made)) as database:
        of = make_county(database)
    with browser(made) as client:
        yield fill(client, of), made.data


@pytest.fixture(scope="module")
def county(sqlite_files, tmp_path_factory) -> Iterator[tuple[Filled, Path]]:
    """For what does not depend on the database."""
    with filled_county(sqlite_files, tmp_path_factory.mktemp("attacked")) as made:
        yield made


# ---- files ----


def zip_bomb() -> bytes:
    """A workbook of which one sheet unpacks to a gigabyte."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        with packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(640):
                sheet.write(bytes(1 << 20))
    return stream.getvalue()


DOORS = {
    "photo of a check": f"{R}/attachments?kind=photo&device_id={{device_id}}",
    "photo of a report": f"{V1}/reports/{{report_id}}/photo",
    "scan of an agreement": f"{R}/attachments?kind=scan&agreement_id={{agreement_id}}",
    "data of a device": f"{R}/attachments?kind=device_data&device_id={{device_id}}",
    "workbook": f"{R}/imports?sheet=sites",
    "table of a study": f"{V1}/studies/files?name=x.xlsx",
    "text of a study": f"{V1}/studies/files?name=x.csv",
}
BAD_FILES = {
    "picture bomb": png_bomb,
    "zip bomb": zip_bomb,
    "photo and page": lambda: encoded("JPEG") + TAILS["page"],
    "photo and archive": lambda: encoded("JPEG") + TAILS["archive"],
    "PDF and photo": lambda: b"%PDF-1.7\n" + encoded("JPEG") + TAILS["script"] + b"\n%%EOF",
    "PDF and page": lambda: b"%PDF-1.7\n<script>alert(1)</script>\n%%EOF",
    "PDF with a script": lambda: b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>\n%%EOF",
    "drawing with a script": lambda: SVG,
}


@pytest.mark.parametrize("bad", BAD_FILES)
def test_a_file_that_is_a_bomb_or_something_else_is_refused_at_every_door_and_leaves_nothing(county, bad):
    filled, folder = county
    content, before = BAD_FILES[bad](), files_in(folder)
    become(filled.client, "office")
    for door, path in DOORS.items():
        answer = filled.client.post(filled.at(path), content=content)
        assert answer.status_code in (413, 415, 422), (door, answer.status_code, answer.text)
        assert answer.json()["message_zh"]
    assert files_in(folder) == before


def files_in(folder: Path) -> set[Path]:
    """All files but the database's own and the base map, which is made meanwhile."""
    return {path for path in folder.rglob("*") if path.is_file() and not {".sqlite", ".pmtiles"} & set(path.suffixes)}


def test_every_door_that_takes_a_file_is_tried(county):
    described = county[0].document["paths"]
    doors = {
        path
        for path, operations in described.items()
        for operation in operations.values()
        if operation.get("requestBody", {}).get("content", {}).keys() - {"application/json"}
    }
    assert doors == {path.partition("?")[0] for path in DOORS.values()}


BAD_NAMES = ("../x.csv", "..\\x.csv", "/etc/x.csv", "C:\\x.csv", "x\0.csv", "x\r\nA: b.csv", "..", "x\u202ecsv.exe")


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_path_in_a_files_name_is_refused_at_every_door(county, name):
    filled, folder = county
    before = files_in(folder)
    become(filled.client, "office")
    table = "名称,场所类型\n丙村小学,学校\n".encode()
    for path, content in ((f"{R}/attachments", encoded("JPEG")), (f"{R}/attachments", b"%PDF-1.7\n%%EOF"),
                          (f"{R}/imports", table), (f"{V1}/studies/files", table)):  # fmt: skip
        about = {"kind": "scan", "device_id": filled.county.device} if "attachments" in path else {}
        answer = filled.client.post(path, params={"name": name, **about}, content=content)
        assert answer.status_code == 422, (path, answer.text)
    assert files_in(folder) == before


def ask_endlessly(filled: Filled, path: str, *, told: bool) -> tuple[int, int]:
    """The status of an answer to a gigabyte, and how many bytes of it were read.

    told  whether its length is said before
    """
    client, given, statuses = filled.client, 0, []
    headers = [(name.lower().encode(), value.encode()) for name, value in client.headers.items()]
    headers += [(b"cookie", "; ".join(f"{one.name}={one.value}" for one in client.cookies.jar).encode())]
    headers += [(b"content-type", b"application/json"), *([(b"content-length", b"1000000000")] if told else [])]
    where, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "https",
        "path": where, "raw_path": where.encode(), "query_string": query.encode(), "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("testserver", 443), "state": {},
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        nonlocal given
        given += 1 << 20
        assert given < 1 << 30, "all of it was read"
        return {"type": "http.request", "body": bytes(1 << 20), "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    asyncio.run(client.app(scope, receive, send))
    return statuses[0], given


def test_a_gigabyte_is_refused_at_every_door_before_it_is_read(county):
    filled, _ = county
    become(filled.client, "office")
    limits = {"workbook": 5, "table of a study": 100, "text of a study": 100}
    doors = {name: (filled.at(path), limits.get(name, 20)) for name, path in DOORS.items()}
    others = {"json": (f"{R}/sites", 1), "form": ("/in", 1), "report": ("/d/X/report", 1)}
    for door, (path, most_mib) in (doors | others).items():
        assert ask_endlessly(filled, path, told=True) == (413, 0) or door in ("form", "report"), door
        status, read = ask_endlessly(filled, path, told=False)
        assert status == 413, door
        assert read <= (most_mib + 1) << 20, (door, read)


# ---- text ----

MARK = "<i id=owned>"
"""What stands in every injected text; had a page not escaped it, it would have become an element."""

NOT_TEXT = {
    "opening_hours",
    "token",
    "password",
    "old",
    "new",
    "scopes",
    "undo",
    "start",
    "standing",
    "consumables_used",
}
"""Fields whose text means something to the service: hours are parsed, others let somebody in or are looked up."""

NO_RECORDS = ("/session", "/runs", "/due/acknowledged")
FITTING: dict[str, dict[str, Any]] = {
    f"post {R}/policies": {"insured": [{"device_id": "device"}]},
    f"patch {R}/policies/{{policy_id}}": {"insured": [{"device_id": "device"}]},
    f"patch {R}/organisations/{{organisation_id}}": {"parent_id": None},
    f"post {R}/devices/{{device_id}}/steps": {"status": "out_of_service", "at": None},
    f"post {R}/devices/{{device_id}}/inspections": {"client_id": "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c", "photos": []},
    f"post {V1}/reports": {"code": "PUBLIC"},
    f"put {V1}/studies/{{study_id}}": {"version": 1, "settings": None},
    f"post {V1}/tokens": {"scopes": ["see:device"], "days": 3},
    f"put {R}/licence": {"address": f"https://a.example/{MARK}"},
    f"post {R}/units": {"code": "350584"},
}
"""What a route needs besides its example to take a body."""


@dataclass
class Injected:
    """Where text was sent, by the number it carries; and what the routes answered."""

    fields: dict[int, tuple[str, str]] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)

    def text(self, route: str, place: tuple[Any, ...]) -> str:
        """Text that means something to SQL, pages, templates and spreadsheets, for one field."""
        number = len(self.fields)
        self.fields[number] = (subject_of(route), str(place[-1]))
        return f"=1+1{MARK}'\"--{{{{7*7}}}}%s [{number}]"

    def found_in(self, text: str) -> set[tuple[str, str]]:
        """Of which fields a text tells."""
        return {self.fields[int(number)] for number in re.findall(r"7\*7\}\}%s \[(\d+)\]", text)}


def subject_of(route: str) -> str:
    """What a route is about: the first word of its address."""
    return route.split(" ")[1].removeprefix(R).removeprefix(V1).split("/")[1]


def text_places(
    schema: dict[str, Any], document: dict[str, Any], place: tuple[Any, ...] = ()
) -> Iterator[tuple[Any, ...]]:
    """Where a body of a schema holds free text: no pattern, no format, no choices."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    options = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    if options:
        yield from text_places(options[0], document, place)
    elif schema.get("type") == "object":
        for name, one in schema.get("properties", {}).items():
            yield from text_places(one, document, (*place, name))
    elif schema.get("type") == "array" and "items" in schema:
        yield from text_places(schema["items"], document, (*place, 0))
    elif schema.get("type") == "string" and not schema.keys() & {"enum", "const", "pattern", "format"}:
        yield place


def inject(filled: Filled, make: Callable[[str, tuple[Any, ...]], str]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Send every route that takes a record a body with another text in each free field: route, body, answer."""
    for path, operations in filled.document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            places = list(text_places(content["schema"], filled.document)) if content else []
            places = [place for place in places if not NOT_TEXT & set(place)]
            if not places or any(word in path for word in NO_RECORDS):
                continue
            route, body = f"{method} {path}", filled.example(method, path)
            for place in places:
                put(body, place, make(route, place))
            body |= filled.fit(FITTING.get(route, {}))
            if body.get("code") == "PUBLIC":
                body["code"] = filled.ids["public_code"]
            filled.client.app.state.limits = SignInLimits()
            yield route, body, filled.client.request(method, filled.at(path), json=body)


def put(body: Any, place: tuple[Any, ...], text: str) -> None:
    """Put a text into a body where that has such a place."""
    for key in place[:-1]:
        body = body[key] if isinstance(key, str) else next(iter(body), {})
    if isinstance(body, list):
        body[:1] = [text]
    else:
        body[place[-1]] = text


@pytest.fixture(scope="module")
def hostile(county) -> tuple[Filled, Injected]:
    """The same county after an attacker with an administrator's rights has written into every field."""
    return county[0], write_into_every_field(county[0])


def write_into_every_field(filled: Filled) -> Injected:
    """What was sent and answered; every route must take it."""
    become(filled.client, "administrator")
    sent = Injected()
    for route, body, answer in inject(filled, sent.text):
        assert answer.status_code in (200, 201), (route, answer.text)
        sent.answers[route] = (body, answer.json())
    return sent


def test_no_header_can_be_split_by_any_text(county):
    filled, _ = county
    become(filled.client, "administrator")
    for route, _body, answer in inject(filled, lambda *_: "a\r\nSet-Cookie: owned=1"):
        assert answer.status_code == 422, (route, answer.text)


def test_text_is_kept_as_it_was_sent(hostile):
    check_kept(*hostile)


def test_text_is_kept_as_it_was_sent_in_the_other_database_too(postgresql, tmp_path):
    with filled_county(postgresql, tmp_path) as (filled, _):
        check_kept(filled, write_into_every_field(filled))


def check_kept(filled: Filled, sent: Injected) -> None:
    """Whatever was sent is answered as it was, and stands there afterwards."""
    assert len(sent.fields) > 100
    for route, (body, answer) in sent.answers.items():
        for name in body.keys() & answer.keys():
            if isinstance(body[name], str) and MARK in body[name]:
                assert answer[name] == body[name], (route, name)
    become(filled.client, "administrator")
    kept = filled.client.get(filled.at(f"{R}/devices/{{device_id}}")).json()
    assert kept["note"] == sent.answers[f"patch {R}/devices/{{device_id}}"][0]["note"]


def pages_of(filled: Filled, ids: dict[str, str] | None = None, **query: str) -> Iterator[tuple[str, Any]]:
    """Every answer to GET that whoever is signed in may have, each about records that are there."""
    other = dataclasses.replace(filled, ids=filled.ids | (ids or {}))
    for route in sorted(routes_of(filled.client.app)):
        method, path = route.split(" ")
        if method == "GET" and "/static/" not in path and (ids is None or "{" in path):
            yield (
                path,
                filled.client.get(
                    other.at(path),
                    params={} if path.startswith("/ogc") else query,
                    headers={"Accept": "text/html,*/*"},
                    follow_redirects=False,
                ),
            )


def test_every_page_shows_text_as_text_and_no_header_holds_it(hostile):
    filled, _ = hostile
    become(filled.client, "administrator")
    shown = set()
    for path, answer in pages_of(filled, text=MARK, q=MARK, next=f"/{MARK}"):
        assert answer.status_code < 500, path
        assert "owned" not in str(answer.headers), path
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert MARK not in answer.text, path
            shown |= {path} if "&lt;i id=owned&gt;" in answer.text else set()
    assert len(shown) > 25
    assert shown >= {"/", "/d/{code}", "/office/log", "/office/devices/{device_id}", "/ogc/collections/{name}/items"}


STRANGE = ("\0", "a\r\nb", "x" * 2000, "9" * 300, "..%2F..%2Fkey", "\u202e", "{0}%s")


@pytest.mark.parametrize("strange", STRANGE, ids=range(len(STRANGE)))
def test_no_page_and_no_form_breaks_on_what_nobody_should_send(county, strange):
    """Of what is described for programs, test_openapi asks the same."""
    filled, _ = county
    become(filled.client, "administrator")
    forms = [
        {"kind": "used"},
        {"kind": strange},
        {"undo": strange},
        {"token": strange},
        {"name": strange, "password": strange},
    ]
    for method, path in (route.split(" ") for route in sorted(routes_of(filled.client.app))):
        if path in filled.document["paths"] or (method == "GET" and "{" not in path):
            continue
        address = re.sub(r"\{\w+\}", quote(strange, safe="%"), path)
        for form in forms if method == "POST" else ({},):
            answer = filled.client.request(method, address, data=form, headers={"Sec-Fetch-Site": "same-origin"})
            assert answer.status_code < 500, (method, path, form, answer.text)


def test_no_cell_of_any_sheet_runs_and_all_of_them_come_back_unchanged(hostile):
    filled, _ = hostile
    become(filled.client, "administrator")
    for name in KIND_OF:
        book = load_workbook(io.BytesIO(filled.client.get(f"{R}/{name}.xlsx").content))
        cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row]
        assert not [cell.coordinate for cell in cells if cell.data_type == "f"], name
        table = filled.client.get(f"{R}/{name}.csv").content.decode("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(table)) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "@", "\t", "\r", "+1", "-1"))], name
        assert MARK in table, name
    county = filled.client.get(f"{R}/county.xlsx").content
    looked = filled.client.post(f"{R}/imports", params={"name": "county.xlsx"}, content=county).json()
    assert {action for action, count in looked["counts"].items() if count} == {"same"}


def test_no_table_that_can_be_had_runs_a_formula(hostile, county, tmp_path):
    filled, _ = hostile
    become(filled.client, "administrator")
    for start in STARTS:
        school = {"name": f"{start}1+1", "kind": "school"}
        assert filled.client.post(f"{R}/organisations", json=school).json()["name"] == school["name"]
    tables = {}
    for path, answer in pages_of(filled):
        kind = answer.headers.get("content-type", "")
        if "csv" in kind or "spreadsheet" in kind:
            tables[path] = answer.content
    export_folder(filled.client.app.state.database, tmp_path / "out")
    tables |= {path.name: path.read_bytes() for path in (tmp_path / "out").rglob("*.csv")}
    assert len(tables) > 40
    assert tables.keys() >= {f"{V1}/dataset.csv", "change.csv", "device.csv"}
    for path, content in tables.items():
        assert not [cell for cell in cells_of(content) if runs(cell) and not NUMBER.fullmatch(cell)], path


NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?")


def cells_of(content: bytes) -> list[str]:
    """The texts of a table; of a workbook only what it would run."""
    if content.startswith(b"PK"):
        cells = [
            cell for page in load_workbook(io.BytesIO(content)).worksheets for row in page.iter_rows() for cell in row
        ]
        return [f"={cell.value}" for cell in cells if cell.data_type == "f"]
    csv.field_size_limit(1 << 30)
    return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]


# ---- who sees what ----

PUBLIC_TEXTS = {
    ("sites", "name"), ("sites", "venue_type"), ("sites", "emergency_phone"), ("devices", "location_text"),
    ("devices", "location_text_en"), ("devices", "level"), ("legal", "title"), ("legal", "text"), ("legal", "source"),
    ("units", "name"), ("devices", "manufacturer"), ("devices", "model"),
    ("licence", "name"), ("licence", "publisher"), ("organisations", "name"),
}  # fmt: skip
"""The only free texts of the records that somebody without an account may read."""


def test_the_public_reads_the_texts_that_are_listed_and_no_others(people, hostile):
    filled, sent = hostile
    filled.client.cookies.clear()
    told = set()
    for path, answer in pages_of(filled):
        text = unpacked(answer).replace("\\u0027", "'")
        told |= sent.found_in(text)
        assert not sent.found_in(text) - PUBLIC_TEXTS, path
        assert not [word for word in (*OTHERS, *OWN) if word in text], path
    assert {("sites", "name"), ("devices", "location_text"), ("legal", "text")} <= told


def unpacked(answer: Any) -> str:
    """An answer as text; of an archive all that is in it."""
    if not answer.content.startswith(b"PK"):
        return str(answer.content.decode("utf-8", "replace"))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


OTHERS, OWN = (
    ("别家王某", "13777776666", "others@example.org", "13666665555"),
    ("自家李某", "13555554444", "own@example.org"),
)


@pytest.fixture(scope="module")
def people(hostile) -> tuple[Filled, dict[str, str]]:
    """The same county, where another school's person is named in records of every kind; and the ids of those."""
    filled, _ = hostile
    client, of = filled.client, filled.county
    become(client, "office")
    for person, (name, phone, email, *_) in ((of.other_person, OTHERS), (of.person, OWN)):
        body = {"name": name, "phone": phone, "email": email}
        assert client.patch(f"{R}/people/{person}", json=body).status_code == 200
    ids = {"person_id": of.other_person, "device_id": of.other_device, "site_id": of.other_site,
           "agreement_id": of.other_agreement, "record_id": of.other_person, "kind": "person"}  # fmt: skip
    code = client.get(f"{R}/devices/{of.other_device}").json()["public_code"]
    for name, path, body in (
        ("event_id", f"{R}/training", {"held_on": "2026-11-01", "site_id": of.other_site, "people": {of.other_person: True}}),
        ("team_id", f"{R}/teams", {"name": "别队", "site_id": of.other_site, "members": [of.other_person]}),
        ("certificate_id", f"{R}/people/{of.other_person}/certificates", {"kind": "cpr_aed"}),
        ("incident_id", f"{R}/incidents", {"at": "2026-11-01T08:00:00Z", "device_id": of.other_device,
                                           "reported_by": of.other_person}),
        ("report_id", f"{V1}/reports", {"kind": "broken", "code": code, "contact": OTHERS[3]}),
    ):  # fmt: skip
        answer = client.post(path, json=body)
        assert answer.status_code == 201, answer.text
        ids[name] = answer.json()["id"]
    return filled, ids


@pytest.mark.parametrize(
    ("role", "hidden"),
    [("manager", OTHERS), ("inspector", OTHERS + OWN), ("planner", OTHERS + OWN), ("viewer", OTHERS + OWN)],
)
def test_nobody_sees_people_of_others_on_any_page_or_in_any_file(people, role, hidden):
    filled, ids = people
    become(filled.client, "office")
    assert all(word in filled.client.get(f"{R}/people").text for word in (*OTHERS[:3], *OWN))
    become(filled.client, role)
    seen = ""
    for about in (None, ids):
        for path, answer in pages_of(filled, about):
            text = unpacked(answer)
            seen += text
            assert not [word for word in hidden if word in text], (path, about)
    assert (OWN[0] in seen) == (role == "manager")


def test_no_file_of_the_records_holds_a_name_or_a_phone(people, county):
    filled, folder = people[0], county[1]
    become(filled.client, "office")
    sheet = filled.client.get(f"{R}/people.xlsx").content
    assert filled.client.post(f"{R}/imports", params={"name": "people.xlsx"}, content=sheet).status_code == 201
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert any(path.suffix == ".sqlite" and filled.county.person.encode() in content for path, content in files.items())
    words = [form for word in (*OWN, *OTHERS) for form in (word.encode(), word.encode("unicode_escape"))]
    assert not [(path, word) for path, content in files.items() for word in words if word in content]


# ---- headers ----


def test_every_answer_has_the_headers_and_no_page_may_run_what_stands_within(people):
    filled, _ = people
    client = filled.client
    answers = [
        ("404", client.get("/nowhere")),
        ("405", client.put("/api/v1/nearest")),
        ("422", client.get(f"{V1}/nearest")),
    ]
    client.cookies.clear()
    answers += [("401", client.get(f"{R}/sites")), ("413", client.post(f"{V1}/session", content=bytes(2 << 20)))]
    answers += [("in", client.get("/office", follow_redirects=False)), *pages_of(filled)]
    public, client.app.state.public = client.app.state.public, None
    answers.append(("500", client.get(f"{V1}/devices")))
    client.app.state.public = public
    assert [str(answer.status_code) for name, answer in answers if name.isdigit()] == [
        "404",
        "405",
        "422",
        "401",
        "413",
        "500",
    ]
    for path, answer in answers:
        missing = [name for name in HEADERS if name not in answer.headers]
        assert not missing, (path, missing)
        within = "'unsafe-inline'" in answer.headers["content-security-policy"]
        assert within == (path in ("/plan", "/report")), path


def test_the_cookie_goes_nowhere_else(people):
    filled, _ = people
    signed = filled.client.post(f"{V1}/session", json={"name": "the viewer", "password": PASSWORD})
    ended = filled.client.delete(f"{V1}/session", headers={CSRF_HEADER: signed.json()["csrf"]})
    for answer in (signed, ended):
        attributes = {one.strip().lower() for one in answer.headers["set-cookie"].split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= attributes
        assert not [one for one in attributes if one.startswith("domain")]
    filled.client.__dict__.pop("signed", None)


@given(st.text("/\\.:@?#\r\n\t [a%e", max_size=12) | st.text())
@example("//[")
@example("/\\elsewhere.example")
@example("/\t/elsewhere.example")
def test_nobody_is_sent_on_to_another_site_or_past_the_end_of_a_header(address):
    kept = own_path(address)
    assert kept in ("", address)
    assert not re.search("[\r\n\t\\x00]", kept)
    if kept:
        assert urlsplit(urljoin("https://ours.example/in", kept)).netloc == "ours.example"
