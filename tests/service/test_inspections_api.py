"""Checks, defects and readiness over the wire: who may send, what comes back, and what the public sees of it."""

import dataclasses
import io
import uuid
from contextlib import closing

import pytest
from people import become, browser, make_county
from PIL import Image

from service.db import Database
from service.inspections.scans import MOST_BYTES

R = "/api/v1/records"
GOOD = {
    "pads_adult_expiry": {"result": "ok", "value": "2099-05-31"}, "battery_expiry": {"result": "ok", "value": "2099-05-31"},
}  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def made(request, tmp_path_factory, folder):
    maker = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgresql")
    settings = dataclasses.replace(maker.make(tmp_path_factory.mktemp("checks")), plan=folder)
    with closing(Database(settings)) as database:
        county = make_county(database)
    with browser(settings) as client:
        become(client, "office")
        for device in (county.device, county.other_device):
            for status in ("installed", "active"):
                assert client.post(f"{R}/devices/{device}/steps", json={"status": status}).status_code == 201
        yield client, county


@pytest.fixture
def client(made):
    become(made[0], "inspector")
    return made[0]


@pytest.fixture
def county(made):
    return made[1]


def check(**more: object) -> dict[str, object]:
    basis = {
        "client_id": str(uuid.uuid4()), "kind": "monthly", "at": "2026-01-01T08:00:00+08:00", "form_version": 1,
        "differences": GOOD, "position": {"lon": 118.386, "lat": 24.96, "accuracy_m": 8},
    }  # fmt: skip
    return {**basis, **more}


def test_a_guard_gets_the_form_sends_the_differences_and_the_device_is_ready(client, county):
    path = f"{R}/devices/{county.device}"
    form = client.get(f"{path}/inspection-form").json()
    items = {item["id"]: item for group in form["groups"] for item in group["items"]}
    assert (len(items), items["battery_expiry"]["result"], items["casing"]["result"]) == (25, "not_checked", "ok")
    assert client.get(f"{path}/readiness").json()["state"] == "NOT_READY"
    from service.db import now

    sent = check(at=now().isoformat())
    first, again = (client.post(f"{path}/inspections", json=sent) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200), first.text
    assert first.json() == again.json()
    assert (first.json()["overall"], first.json()["flags"]) == ("pass", [])
    ready = client.get(f"{path}/readiness").json()
    assert (ready["state"], ready["usable"]) == ("READY", True)
    assert [one["device_id"] for one in client.get(f"{R}/readiness?state=READY").json()] == [county.device]
    items = {i["id"]: i for g in client.get(f"{path}/inspection-form?lang=en").json()["groups"] for i in g["items"]}
    assert items["battery_expiry"]["value"] == "2099-05-31"
    assert client.post(f"{path}/inspections", json={**sent, "note": "x"}).status_code == 409
    kept = client.get(f"{R}/inspections/{first.json()['id']}").json()
    assert (kept["client_uuid"], kept["reviews"]) == (sent["client_id"], [])


def test_each_fault_of_a_check_comes_back_at_its_item(client, county):
    wrong = {"casing": {"result": "na"}, "battery_fitted": {"result": "fail"}}
    answer = client.post(f"{R}/devices/{county.device}/inspections", json=check(differences=wrong))
    assert answer.status_code == 422
    assert {fault["item"] for fault in answer.json()["faults"]} == {"casing", "battery_fitted"}


@pytest.mark.parametrize(
    "more",
    [
        {"client_id": "7"}, {"kind": "yearly"}, {"at": "2026-11-22T08:00:00"}, {"at": 7}, {"form_version": True},
        {"differences": {"casing": {"result": "good"}}}, {"differences": {"casing": "ok"}}, {"surprise": 1},
        {"position": {"lon": False, "lat": 0, "accuracy_m": 1}}, {"position": {"lon": 0, "lat": 0}},
        {"plans": {"casing": {"text": "x", "due_on": "soon"}}}, {"photos": ["../../etc/passwd"]},
        {"duration_s": float("1e309")}, {"differences": {"../casing": {"result": "ok"}}},
    ],
)  # fmt: skip
def test_what_is_no_check_is_refused(client, county, more):
    import json

    body = json.dumps(check(**more))
    headers = {"content-type": "application/json"}
    answer = client.post(f"{R}/devices/{county.device}/inspections", content=body, headers=headers)
    assert answer.status_code == 422, answer.text


def test_a_check_of_somebody_elses_device_is_not_there(client, county):
    path = f"{R}/devices/{county.other_device}"
    assert client.post(f"{path}/inspections", json=check()).status_code == 404
    assert client.get(f"{path}/inspection-form").status_code == 404
    assert client.get(f"{path}/readiness").status_code == 404
    become(client, "office")
    other = client.post(f"{path}/inspections", json=check())
    assert other.status_code == 201
    become(client, "inspector")
    assert client.get(f"{R}/inspections/{other.json()['id']}").status_code == 404
    assert county.other_device not in {one["device_id"] for one in client.get(f"{R}/inspections").json()}


def test_the_office_reviews_what_is_flagged_and_a_manager_mends_what_is_broken(client, county):
    path = f"{R}/devices/{county.device}"
    from service.db import now

    found = {"cabinet_sign": {"result": "fail", "note": "标识掉了"}}
    sent = client.post(f"{path}/inspections", json=check(at=now().isoformat(), differences=found, position=None)).json()
    assert sent["flags"] == ["no_position"]
    assert client.post(f"{R}/inspections/{sent['id']}/reviews", json={"state": "accepted"}).status_code == 403
    become(client, "manager")
    [defect] = client.get(f"{R}/defects").json()
    assert (defect["item"], defect["severity"], defect["due_on"] is not None) == ("cabinet_sign", "major", True)
    change = f"{R}/defects/{defect['id']}"
    assert client.patch(change, json={"done": True}).status_code == 422
    done = client.patch(change, json={"done": True, "evidence": "已贴新标识"}).json()
    assert done["done_by"] == county.accounts["manager"]
    assert client.get(f"{R}/defects").json() == []
    become(client, "office")
    flagged = [one["id"] for one in client.get(f"{R}/inspections?flagged=true").json()]
    assert sent["id"] in flagged
    reviewed = client.post(f"{R}/inspections/{sent['id']}/reviews", json={"state": "rejected", "reason": "位置不明"})
    assert (reviewed.status_code, reviewed.json()["account_id"]) == (201, county.accounts["office"])
    assert sent["id"] not in [one["id"] for one in client.get(f"{R}/inspections?flagged=true").json()]
    history = client.get(f"{R}/log/defect/{defect['id']}").json()
    assert [line["verb"] for line in history] == ["add", "change"]


def jpeg() -> bytes:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "SECRET"
    Image.new("RGB", (40, 30), "green").save(stream, "JPEG", exif=exif)
    return stream.getvalue()


def test_a_photo_is_sent_named_by_its_check_and_seen_by_those_who_may(client, county):
    taken = client.post(f"{R}/attachments?kind=photo&device_id={county.device}&name=a.jpg", content=jpeg())
    assert taken.status_code == 201, taken.text
    photo = taken.json()
    sent = client.post(f"{R}/devices/{county.device}/inspections", json=check(photos=[photo["sha256"]]))
    assert sent.status_code == 201, sent.text
    [kept] = client.get(f"{R}/attachments?inspection_id={sent.json()['id']}").json()
    assert kept["sha256"] == photo["sha256"]
    told = client.get(f"{R}/attachments/{kept['id']}")
    assert (told.headers["content-type"], told.headers["content-security-policy"]) == ("image/jpeg", "sandbox")
    assert told.headers.get_list("cache-control") == ["no-store"]
    assert told.content.startswith(b"\xff\xd8")
    assert b"SECRET" not in told.content
    become(client, "viewer")
    assert client.get(f"{R}/attachments/{kept['id']}").status_code == 200
    client.cookies.clear()
    assert client.get(f"{R}/attachments/{kept['id']}").status_code == 401


PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"


@pytest.mark.parametrize(
    ("query", "content", "status"),
    [
        ("kind=photo&site_id={site}", b"GIF89a", 415),
        ("kind=photo&site_id={site}", b"<svg onload=alert(1)>", 415),
        ("kind=photo&site_id={site}", PDF, 415),
        ("kind=photo&site_id={site}&name=..%2Fetc", None, 422),
        ("kind=scan&site_id={site}", PDF.replace(b"<<>>", b"<</OpenAction<</S/JavaScript>>>>"), 422),
        ("kind=scan&site_id={site}", PDF[:9] + b"<script>x</script>" + PDF[9:], 422),
        ("kind=device_data&site_id={site}", b"PK\x03\x04" + b"\0" * 30 + b"PK\x05\x06" + b"\0" * 18, 422),
        ("kind=photo", None, 422),
        ("kind=photo&site_id={site}&device_id={device}", None, 422),
        ("kind=photo&site_id=nowhere", None, 404),
        ("kind=photo&site_id={other_site}", None, 404),
        ("kind=picture&site_id={site}", None, 422),
        ("kind=photo&site_id={site}", b"", 415),
    ],
)
def test_files_that_are_none_or_nobodys_are_refused(client, county, query, content, status):
    become(client, "manager")
    query = query.format(site=county.site, other_site=county.other_site, device=county.device)
    answer = client.post(f"{R}/attachments?{query}", content=jpeg() if content is None else content)
    assert answer.status_code == status, answer.text


def test_a_scan_comes_back_as_a_download_only(client, county):
    become(client, "office")
    added = client.post(f"{R}/attachments?kind=scan&agreement_id={county.agreement}&name=协议.pdf", content=PDF)
    assert added.status_code == 201, added.text
    become(client, "manager")
    told = client.get(f"{R}/attachments/{added.json()['id']}")
    assert (told.content, told.headers["content-type"]) == (PDF, "application/pdf")
    assert told.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert client.get(f"{R}/attachments?agreement_id={county.other_agreement}").status_code == 404
    assert client.post(f"{R}/attachments?kind=scan&agreement_id={county.agreement}", content=PDF).status_code == 404


def test_a_file_that_is_too_large_is_refused_before_it_is_read(client, county):
    become(client, "manager")
    path = f"{R}/attachments?kind=photo&site_id={county.site}"
    parts = iter([b"\0" * MOST_BYTES, b"\0"])  # sent without telling how much it is
    assert client.post(path, content=parts).status_code == 413
    told = client.post(path, content=b"x", headers={"content-length": str(10**9)})
    assert told.status_code == 413
    client.cookies.clear()
    assert client.post(path, content=jpeg()).status_code == 401
