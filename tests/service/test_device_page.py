"""The page behind the QR on a cabinet: for a stranger, without a script, an account or a database; never a dead end."""

import re
import time
from contextlib import closing

import pytest
from browser import chromium, opened
from databases import SqliteFiles
from people import quick_app
from starlette.testclient import TestClient
from strangers import MARKET, SCHOOL, VILLAGE, keep_records, river_town, violations
from town import write_plan

from service.settings import Settings

__all__ = ["chromium"]
FROM_HERE = {"sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, sqlite_files: SqliteFiles):
    folder = tmp_path_factory.mktemp("device")
    (folder / "data").mkdir()
    keep_records(folder / "data", sqlite_files)
    return write_plan(folder / "plan"), folder / "data"


@pytest.fixture
def client(folders):
    from databases import KEY

    plan, data = folders
    app = quick_app(Settings(plan, "127.0.0.1", 0, data=data, key=KEY))
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


def test_the_page_says_where_exactly_whether_it_is_usable_and_how_to_use_it(client):
    page = client.get(f"/d/{MARKET.lower()}").text
    body = page.partition("<body")[2]
    assert re.findall(r'href="([^"#]+)"', body)[0] == "tel:120"
    in_order = ("北岸超市", "可用", "服务台右侧墙上", "编号 <b", "去这里", "我已取走这台设备", "这里有问题", "开机", "贴电极片",
                "听提示", "不会用也能用", "第一百八十四条", f"/checks/{MARKET}")  # fmt: skip
    places = [body.find(words) for words in in_order]
    assert -1 not in places
    assert places == sorted(places)
    assert "<script>" not in page
    assert "环路村委会 &lt;b&gt;1 号&lt;/b&gt;" in client.get(f"/d/{VILLAGE}").text
    assert re.search("已关闭</b> <span[^>]*>周. 7:00 开", client.get(f"/d/{SCHOOL}").text)


def test_the_page_is_found_in_english_too(client):
    page = client.get(f"/d/{MARKET}?lang=en").text
    assert "Usable</b>" in page
    assert "wall right of the desk" in page
    assert f'action="/d/{MARKET}/report?lang=en"' in page
    assert f'href="/checks/{MARKET}?lang=en"' in page


def test_an_unknown_code_leads_on(client):
    answer = client.get("/d/%3Cscript%3Ealert(1)" + "x" * 200)
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text
    assert all(words in answer.text for words in ("tel:120", "柜门不需要扫码", 'href="/"', "开机", "第一百八十四条"))
    assert len(answer.text) < 8000
    assert "No device has the code" in client.get("/d/NOBODY?lang=en").text


def test_without_a_script_a_device_is_taken_and_the_mistake_taken_back(client):
    def press(**fields):
        return client.post(f"/d/{MARKET}/report", data=fields, headers=FROM_HERE)

    taken = press(kind="used")
    assert taken.status_code == 200
    assert re.search(r"已记下：您取走了这台设备。谢谢。编号 \S{5,}<", taken.text)
    assert "未核实</b>" in taken.text
    assert "未核实</b>" in client.get(f"/d/{MARKET}").text
    number = re.search(r'name="id" value="([^"]+)"', taken.text)[1]
    key = re.search(r'name="undo" value="([^"]+)"', taken.text)[1]
    wrong = press(id=number, undo="somebody else's")
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (404, True)
    back = press(id=number, undo=key)
    assert (back.status_code, "已撤销。" in back.text) == (200, True)
    assert "可用</b>" in client.get(f"/d/{MARKET}").text


@pytest.mark.parametrize(
    ("headers", "data", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, {"kind": "missing"}, 403),
        ({"origin": "https://evil.example"}, {"kind": "missing"}, 403),
        (FROM_HERE, {"kind": "no such kind"}, 422),
        (FROM_HERE, {}, 422),
        (FROM_HERE, {"id": "1", "undo": "\0"}, 422),
    ],
)
def test_a_report_that_is_none_is_refused_on_the_page(client, headers, data, status):
    answer = client.post(f"/d/{MARKET}/report", data=data, headers=headers)
    assert (answer.status_code, 'role="alert"' in answer.text) == (status, True)
    assert "可用</b>" in client.get(f"/d/{MARKET}").text
    for code in ("NOBODY", "9" * 300):
        assert client.post(f"/d/{code}/report", data={"kind": "missing"}, headers=FROM_HERE).status_code == 404


def test_reports_without_a_script_count_among_those_of_one_address(client):
    codes = [
        client.post(f"/d/{VILLAGE}/report", data={"kind": "closed"}, headers=FROM_HERE).status_code for _ in range(21)
    ]
    assert codes == [200] * 20 + [429]


def test_the_page_is_served_while_the_database_is_away(client, folders, tmp_path):
    assert "可用</b>" in client.get(f"/d/{MARKET}").text
    database = client.app.state.database
    with closing(database):
        (folders[1] / "aedplan.sqlite").rename(tmp_path / "away")
        database.engine.dispose()
        try:
            for path in (f"/d/{MARKET}", "/", "/?lang=en"):
                answer = client.get(path)
                assert answer.status_code == 200
                assert "北岸超市" in answer.text
            until = time.monotonic() + 5
            while "暂时查不到最新档案" not in (page := client.get("/").text) and time.monotonic() < until:
                time.sleep(0.1)
            assert "暂时查不到最新档案" in page
            assert "北岸超市" in page
            refused = client.post(f"/d/{MARKET}/report", data={"kind": "used"}, headers=FROM_HERE)
            assert refused.status_code >= 500
        finally:
            (tmp_path / "away").replace(folders[1] / "aedplan.sqlite")


def test_in_a_browser_the_page_is_whole_quiet_and_readable(chromium, tmp_path, sqlite_files):
    with river_town(tmp_path, sqlite_files) as address:
        for language in ("", "?lang=en"):
            with opened(chromium, f"{address}/d/{MARKET}{language}", size="phone", bypass_csp=True) as seen:
                page = seen.page
                page.get_by_role("button", name="这里有问题" if not language else "Something is wrong here").click()
                assert violations(page) == []
                assert (seen.outside, seen.complaints) == ([], [])
        with opened(chromium, f"{address}/d/{MARKET}", size="phone", java_script_enabled=False) as seen:
            seen.page.get_by_role("button", name="我已取走这台设备").click()
            seen.page.locator(".done").wait_for()
            seen.page.get_by_role("button", name="按错了，撤销").click()
            seen.page.get_by_text("已撤销。").wait_for()
            assert seen.outside == []
        with opened(chromium, f"{address}/d/{MARKET}", size="phone") as seen:
            seen.page.get_by_role("button", name="我已取走这台设备").click()
            seen.page.locator(".done").wait_for()
            assert seen.complaints == []
