"""The office's pages: each role sees what it may, lists live in their address, forms keep what was typed."""

import dataclasses
import re
from contextlib import closing

import pytest
from browser import chromium, until
from checkers import AXE, page_faults, phone_of, round_of
from databases import KEY
from people import ROLES, become, browser, make_county
from town import served

from service.accounts import start_session
from service.api.agreements import AgreementIn
from service.api.asking import COOKIE
from service.api.incidents import IncidentIn
from service.api.policies import PolicyIn
from service.api.records_devices import DeviceIn, PadsIn
from service.api.sites import SiteIn
from service.api.training import EventIn
from service.db import Database, now
from service.demo.records import fill
from service.history import By
from service.pages.office.choices import CHOICES, OPTIONS
from service.pages.office.desk import MENU
from service.pages.office.fields import FIELDS, field_of
from service.pages.office.forms import Inputs
from service.pages.office.lists import PAGE, Column, Filter, Row, arrange
from service.pages.office.past import KINDS, SUBJECTS, UNTOLD
from service.records import find
from service.records.reports import add_report
from service.records.sites import add_site
from service.tables import Account, Base, Device, PublicReport, Site

__all__ = ["chromium"]

R = "/api/v1/records"
VILLAGES = "甲乙丙丁戊己庚辛"
PAGES = [path for _group, pages in MENU for path, *_rest in pages]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def place(request, tmp_path_factory, folder):
    """The county on both databases, and a browser without a screen."""
    maker = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgresql")
    settings = dataclasses.replace(maker.make(tmp_path_factory.mktemp("place")), plan=folder)
    with closing(Database(settings)) as database:
        county = make_county(database)
        with browser(settings) as client:
            yield client, county, database


# ---- lists, forms and words, without a server ----

COLUMNS = [Column("name", "Name"), Column("number", "Number", "number")]


def rows_of(values):
    return [Row(f"/{name}", {"name": name, "number": number}, {"kind": kind}) for name, number, kind in values]


def test_a_list_is_searched_filtered_sorted_and_cut_by_its_address():
    rows = rows_of([("城关站", 2, "a"), ("江南天地", None, "b"), ("城南广场", 1, "b")])
    kinds = [Filter("kind", "Kind", [("a", "A"), ("b", "B")])]

    def names(**asked):
        return [row.cells["name"] for row in arrange(rows, COLUMNS, kinds, asked, sort="number").rows]

    assert names() == ["城南广场", "城关站", "江南天地"]  # what is not known comes last
    assert names(sort="-number") == ["城关站", "城南广场", "江南天地"]
    assert names(q="城") == ["城南广场", "城关站"]
    assert names(q="城 广场") == ["城南广场"]
    assert names(kind="b", q="江") == ["江南天地"]
    assert names(kind="no such", sort="no such", page="x") == names()


def test_pages_hold_fifty_and_an_address_beyond_the_last_shows_the_last():
    rows = rows_of([(f"{number:03}", number, "a") for number in range(2 * PAGE + 1)])
    listing = arrange(rows, COLUMNS, [], {"page": "9"}, sort="name")
    assert (listing.page, listing.pages, len(listing.rows), listing.found) == (3, 3, 1, 2 * PAGE + 1)
    assert arrange(rows, COLUMNS, [], {"page": "2"}, sort="name").rows[0].cells["name"] == f"{PAGE:03}"


class NoNames:
    """Nobody's names."""

    def all(self, kind):
        return {f"{kind}-1": f"the {kind}"}


@pytest.mark.parametrize("shape", [DeviceIn, SiteIn, AgreementIn, PolicyIn, EventIn, IncidentIn, PadsIn])
def test_every_field_of_a_shape_gets_a_field_of_a_form_with_words(shape):
    made = Inputs(lambda words, **values: words.format(**values) if values else words, NoNames()).of(shape, "x")
    assert {one.name for one in made} == set(shape.model_fields) - {"version"}
    for one in made:
        assert re.search("[\u4e00-\u9fff]", one.label), one.name
        assert one.required == shape.model_fields[one.name].is_required()
        assert one.choices or one.kind not in ("choice", "several", "record", "records")


def test_every_choice_of_the_records_has_words():
    for values, words in CHOICES.items():
        assert set(values) == set(words)
    assert all(options is not None for options in OPTIONS.values())
    assert all(field.label for field in FIELDS.values())


# ---- who sees what ----


def test_every_record_and_column_that_the_log_tells_of_has_words():
    logged = [one for one in Base.registry.mappers if one.class_.logged]
    kinds = {one.local_table.name for one in logged} - KINDS.keys()
    columns = {
        f"{one.local_table.name}.{column.key}"
        for one in logged
        for column in one.column_attrs
        if column.key not in UNTOLD
        and field_of(
            column.key.removesuffix("_sealed"), SUBJECTS.get(one.local_table.name, one.local_table.name)
        ).label.isascii()
    }
    assert (kinds, columns) == (set(), set())


@pytest.mark.parametrize("role", ROLES)
def test_the_menu_names_the_pages_that_a_role_may_open_and_no_others(place, role):
    client, _county, _database = place
    become(client, role)
    offered = set(re.findall(r'<a href="(/office[^"?#]*)', menu_of(client.get("/office/me").text)))
    for path in PAGES:
        answer = client.get(path, params={"lang": "en"} if role == "office" else {}, follow_redirects=False)
        assert answer.status_code == (200 if path in offered else 403), path
        if path in offered:
            assert " style=" not in answer.text
            assert "<script>" not in answer.text


def menu_of(text):
    return re.search('<nav class="menu.*?</nav>', text, re.DOTALL)[0]


def test_a_manager_sees_own_records_and_nobody_elses_name_or_phone(place):
    client, county, _database = place
    become(client, "manager")
    pages = ["", "/devices", "/sites", "/agreements", "/people", f"/devices/{county.device}", f"/sites/{county.site}"]
    for path in pages:
        text = client.get(f"/office{path}").text
        assert "第二小学" not in text, path
    assert "第一小学保安" in client.get("/office/people").text
    assert "13800000000" in client.get(f"/office/people/{county.person}").text
    for path in (f"/devices/{county.other_device}", f"/sites/{county.other_site}", f"/people/{county.other_person}",
                 f"/agreements/{county.other_agreement}", f"/devices/{county.other_device}/edit"):  # fmt: skip
        assert client.get(f"/office{path}").status_code == 404, path
    for role in ("viewer", "planner"):
        become(client, role)
        for path in ("", "/devices", "/sites", f"/sites/{county.site}", f"/agreements/{county.agreement}"):
            answer = client.get(f"/office{path}")
            assert answer.status_code == 200
            assert "13800000000" not in answer.text
            assert "第一小学保安" not in answer.text


def test_what_a_role_may_not_do_is_not_offered(place):
    client, county, _database = place
    become(client, "viewer")
    for path in (
        "",
        "/devices",
        f"/devices/{county.device}",
        f"/sites/{county.site}",
        f"/agreements/{county.agreement}",
    ):
        text = client.get(f"/office{path}").text
        assert 'class="sends"' not in text, path
        assert 'class="uploads"' not in text, path
        assert "/edit" not in text, path
        assert "/new" not in text, path
    become(client, "office")
    offered = re.findall('data-to="([^"]+)"', client.get(f"/office/devices/{county.device}").text)
    assert f"{R}/devices/{county.device}/pads" in offered


def test_keys_for_programs_are_made_listed_and_ended_on_the_page_of_ones_own_sign_in(place):
    client, _county, _database = place
    become(client, "planner")
    made = client.post("/api/v1/tokens", json={"name": "天气屏", "scopes": ["see:device"], "days": 30}).json()
    text = client.get("/office/me").text
    assert 'data-to="/api/v1/tokens"' in text
    assert re.search(r"天气屏</th>.*?只查看设备.*?有效.*?/api/v1/tokens/" + made["id"], text, re.S)
    assert made["token"] not in text
    assert "就是这里" in text
    assert client.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    text = client.get("/office/me").text
    assert "已停用" in text
    assert f"/api/v1/tokens/{made['id']}" not in text
    become(client, "manager")
    assert "/api/v1/tokens" not in client.get("/office/me").text


def test_the_history_of_a_record_says_who_when_what_before_and_what_after(place):
    client, county, _database = place
    become(client, "office")
    device = client.get(f"{R}/devices/{county.device}").json()
    changed = client.patch(
        f"{R}/devices/{county.device}", json={"version": device["version"], "level": "B2", "indoor": True}
    )
    assert changed.status_code == 200
    text = client.get(f"/office/devices/{county.device}").text
    line = re.search(r"the office · 修改 设备.*?</table>", text, re.S)[0]
    assert set(re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td>', line)) == {
        ("楼层", "—", "B2"), ("在室内", "—", "是"),
    }  # fmt: skip
    assert "B2" in client.get("/office/log", params={"kind": "device"}).text
    become(client, "viewer")
    assert "修改 设备" not in client.get(f"/office/devices/{county.device}").text


def test_a_shape_that_will_not_do_is_refused_with_the_place_and_kind_of_each_fault(place):
    client, county, _database = place
    become(client, "office")
    answer = client.patch(f"{R}/devices/{county.device}", json={"level": "x" * 300, "mount_height_cm": -1, "what": 1})
    assert answer.status_code == 422
    assert {(one["place"], one["kind"]) for one in answer.json()["faults"]} == {
        ("level", "too_long"), ("mount_height_cm", "greater_than_equal"), ("what", "extra_forbidden"),
    }  # fmt: skip


def test_an_import_is_shown_row_by_row_taken_in_and_undone(place):
    client, _county, _database = place
    become(client, "office")
    sheet = "名称,场所类型\n丙村小学,学校\n,学校\n".encode("utf-8-sig")
    sent = client.post(f"{R}/imports", params={"name": "点位.csv", "sheet": "sites"}, content=sheet)
    assert sent.status_code == 201, sent.text
    path = f"/office/imports/{sent.json()['id']}"
    page = client.get(path).text
    assert "丙村小学" in page
    assert "应用到档案" in page
    assert "有错，不导入" in page
    assert "丙村小学" not in client.get("/office/sites").text
    assert client.post(f"{R}/imports/{sent.json()['id']}/apply").status_code == 200
    assert "丙村小学" in client.get("/office/sites").text
    page = client.get(path).text
    assert "撤销这次导入" in page
    assert "应用到档案" not in page
    assert client.post(f"{R}/imports/{sent.json()['id']}/undo").status_code == 200
    assert "点位.csv" in client.get("/office/imports").text
    become(client, "viewer")
    assert client.get(path).status_code == 403


# ---- in a browser ----


@pytest.fixture(scope="module")
def county(sqlite_files, folder, tmp_path_factory):
    with round_of(sqlite_files.make(tmp_path_factory.mktemp("office")), folder) as made:
        with made.database.session(By(None, "office", now())) as session:
            for number in range(PAGE + 10):
                name, kind = f"{VILLAGES[number // 10]}村 {number % 10}", ("school", "shop")[number % 2]
                add_site(session, Site(name=name, venue_type=kind), None)
            for kind, text in (("missing", "柜子是空的"), ("closed", "晚上锁门"), ("broken", "一直在响")):
                report = PublicReport(device_id=made.county.device, kind=kind, text=text)
                add_report(session, report, contact="", reporter=text)
        yield made


@pytest.fixture
def desk(chromium, county):
    """A desk with the office signed in; requests that leave the machine and complaints fail the test."""
    with phone_of(chromium, county, "office", desk=True) as held:
        yield held


def test_a_list_is_gone_through_by_keyboard_and_its_filters_stand_in_the_address(desk, county):
    page = desk.open("/office/sites")
    page.locator(".rows").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("甲村")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    assert "共" not in page.locator(".count").inner_text().split("中")[0]
    page.locator("select[name=venue]").select_option("school")
    page.wait_for_url("**venue=school*")
    names = page.locator("[data-row]").all_inner_texts()
    assert names == [f"甲村 {number}" for number in range(0, 10, 2)]
    page.locator("thead a").first.click()
    page.wait_for_url("**sort=-name*")
    assert page.locator("[data-row]").all_inner_texts() == names[::-1]
    for _step in range(2):
        page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == names[-2]
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/office/sites/[0-9a-f]{32}"))
    assert page.locator("h1").inner_text() == names[-2]
    page.go_back()
    assert page.locator("[data-row]").all_inner_texts() == names[::-1]
    page.go_back()
    assert page.locator("[data-row]").all_inner_texts() == names
    assert page.locator("[data-search]").input_value() == "甲村"


def test_two_who_change_one_record_at_once_lose_nothing(desk, county):
    path = f"/office/sites/{county.county.site}/edit"
    mine, theirs = desk.open(path), desk.open(path)
    desk.expected = ("409",)
    theirs.locator("[data-name=address] input").fill("成功街 1 号")
    theirs.locator("[data-name=alias] input").fill("一小")
    theirs.locator("form.sends [type=submit]").click()
    theirs.wait_for_url(f"**/office/sites/{county.county.site}")
    mine.locator("[data-name=alias] input").fill("实验小学")
    mine.locator("[data-name=note] textarea").fill("东门进")
    mine.locator("form.sends [type=submit]").click()
    mine.locator(".alert", has_text="他人刚刚修改过").wait_for()
    assert mine.locator("[data-name=alias] input").input_value() == "实验小学"
    assert "一小" in mine.locator("[data-name=alias] .fault").inner_text()
    assert mine.locator("[data-name=address] input").input_value() == "成功街 1 号"
    mine.locator("form.sends [type=submit]").click()
    mine.wait_for_url(f"**/office/sites/{county.county.site}")
    with county.database.session() as session:
        kept = find(session, Site, county.county.site)
    assert (kept.address, kept.alias, kept.note) == ("成功街 1 号", "实验小学", "东门进")


def test_faults_stand_at_their_fields_and_what_was_typed_stays(desk, county):
    page = desk.open("/office/agreements/new?lang=en")
    page.locator("[data-name=number] input").fill("2026-77")
    page.locator("form.sends [type=submit]").click()
    assert page.locator("[data-name=kind] .fault").inner_text() == "Please fill this in"
    assert page.evaluate("document.activeElement.closest('.field').dataset.name") == "kind"
    page.locator("[data-name=kind] select").select_option("donation")
    for party in ("party_a_id", "party_b_id"):
        page.locator(f"[data-name={party}] select").select_option(county.county.school)
    page.locator("[data-name=obligations] [data-more]").click()
    page.locator("[data-name=obligations] [data-part=code] select").select_option("signage")
    page.locator("[data-name=obligations] [data-part=owner] select").select_option("party_b")
    desk.expected = ("422",)
    page.locator("form.sends [type=submit]").click()
    page.locator(".alert", has_text="both parties are the same organisation").wait_for()
    page.locator("[data-name=party_a_id] select").select_option(county.county.red_cross)
    page.locator("form.sends [type=submit]").click()
    page.wait_for_url(re.compile("/office/agreements/[0-9a-f]{32}"))
    assert page.locator("h1").inner_text() == "2026-77"
    assert "Puts up signs" in page.locator("#obligations + *").inner_text()


def test_reports_are_dealt_with_one_after_another(desk, county):
    page = desk.open("/office/reports")
    assert page.locator("form.judges").count() == 3
    page.locator("form.judges [value=dismissed]").first.click()
    assert page.locator(".alert:visible").inner_text() == "请写明处理结果"
    page.locator("[data-words]").first.click()
    page.keyboard.press("Tab")
    page.locator("form.judges [value=confirmed]").first.click()
    page.locator("[data-left]", has_text="还有 2 条").wait_for()
    until(page, "document.activeElement.name === 'effect'")
    page.keyboard.type("已联系场所")
    page.locator("form.judges [value=done]").first.click()
    page.locator("[data-left]", has_text="还有 1 条").wait_for()
    with county.database.session() as session:
        states = sorted(one.state for one in session.query(PublicReport))
    assert states == ["confirmed", "done", "new"]


def test_pads_are_noted_on_the_page_that_complains_of_them(desk, county):
    page = desk.open(f"/office/devices/{county.devices[1]}#act-pads")
    form = page.locator("#pads")
    assert form.is_visible()
    form.locator("[data-name=expires_on] input").fill("2031-05-31")
    form.locator("[type=submit]").click()
    page.locator("#parts ~ .scroll td", has_text="2031-05-31").first.wait_for()
    assert page.locator(".said").inner_text() == "已保存。"


@pytest.fixture(scope="module")
def demo(sqlite_files, folder, tmp_path_factory):
    """The demo county: something of everything is on record."""
    settings = sqlite_files.make(tmp_path_factory.mktemp("demo"))
    with closing(Database(settings)) as database:
        fill(database, at=now())
        with database.session() as session:
            roles = {one.role: one.id for one in session.query(Account)}
            ids = {table: session.query(table.id).order_by(table.id).first()[0] for table in (Device, Site)}
    return settings, roles, ids


def test_no_page_is_too_wide_for_a_phone_or_faulty_to_axe_in_either_language(chromium, demo, folder):
    settings, roles, ids = demo
    paths = [*PAGES, f"/office/devices/{ids[Device]}", f"/office/devices/{ids[Device]}/edit", f"/office/sites/{ids[Site]}",
             "/office/agreements/new", "/office/reports?all=yes"]  # fmt: skip
    with (
        served(folder, AEDPLAN_DATA=str(settings.data), AEDPLAN_KEY=KEY) as address,
        closing(Database(settings)) as database,
    ):
        faults = page_faults_of(chromium, database, address, roles["administrator"], paths)
    assert faults == {}
    assert AXE.exists()


def page_faults_of(chromium, database, address, account, paths):
    """What is wrong with each page: at phone width in Chinese on dark, at a desk in English on light."""
    with database.session(By(None, "self", now())) as session:
        token = start_session(session, find(session, Account, account), "test")[0]
    faults = {}
    for language, scheme, size in (
        ("zh", "dark", {"width": 412, "height": 900}),
        ("en", "light", {"width": 1280, "height": 900}),
    ):
        context = chromium.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)
        cookie = {"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True}
        context.add_cookies([cookie])
        page = context.new_page()
        said = []
        page.on(
            "request", lambda request, said=said: None if request.url.startswith(address) else said.append(request.url)
        )
        page.on("console", lambda line, said=said: said.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        for path in paths:
            page.goto(address + path + ("&" if "?" in path else "?") + f"lang={language}")
            spaced = re.findall(r"\d\s%.*", page.inner_text("body"))  # per cents are written in one way
            found = [*page_faults(page), *said, *spaced]
            if found:
                faults[path, language] = found
            said.clear()
        context.close()
    return faults
