"""The pages: complete without a script, in two languages, and in a real browser without a request to other hosts."""

import re
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser import chromium
from outcomes import small_outcome
from town import DEVICES, served

__all__ = ["chromium"]

PAGES = Path(__file__).parents[2] / "service" / "pages"


class Links(HTMLParser):
    """Every address a page names, in order."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name in ("href", "src", "action")]


def test_calling_120_is_the_first_thing_on_every_page(client):
    for path in ("/", "/?lang=en", "/d/d-south", "/d/nobody", "/nothing", "/nothing?lang=en"):
        body = client.get(path).text.partition("<body")[2]
        assert Links(body).found[0] == "tel:120", path


def test_the_list_names_every_device_in_the_order_of_its_name(client):
    page = client.get("/").text
    labels = re.findall(r'class="name"[^>]*>(.*?)</a>', page)
    assert labels == [
        "北岸超市",
        "环路村委会 &lt;b&gt;1 号&lt;/b&gt;",
        "南岸第一小学",
        "桥头汽车站",
    ]  # by pinyin
    assert "周一至周五 08:00-18:00" in page
    assert "演示数据：这里没有真实的设备。" in page
    assert "data-reports" not in page, "where no records are kept nothing can be reported"
    assert "<form" not in client.get("/d/d-south").text


def test_where_no_records_are_kept_no_device_counts_as_usable(client):
    states = re.findall(r'data-state="(\w+)"', client.get("/").text)
    assert len(states) == 4
    assert set(states) <= {"unverified", "closed"}


def test_the_former_address_of_the_list_leads_to_it(client):
    for path, target in (("/devices", "/"), ("/devices?lang=en", "/?lang=en")):
        answer = client.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (308, target)


def test_english_is_as_complete_as_chinese(client):
    page = client.get("/?lang=en").text
    assert '<html lang="en">' in page
    visible = re.sub(r"<[^>]*>", "", page)
    for label in (d[1] for d in DEVICES):
        visible = visible.replace(label.replace("<", "&lt;").replace(">", "&gt;"), "")
    assert re.findall(r"[\u4e00-\u9fff]+", visible) == ["中文"]


@pytest.mark.parametrize("language", ["", "?lang=zh", "?lang=fr", "?lang=%3Cscript%3E"])
def test_any_other_language_is_answered_in_chinese(client, language):
    assert '<html lang="zh-CN">' in client.get(f"/{language}").text


def test_an_error_on_a_page_is_a_page(client):
    answer = client.get("/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "没有这个页面" in answer.text
    assert client.post("/").status_code == 405


def test_no_style_names_a_colour_of_its_own():
    for file in (PAGES / "static").glob("*.[cj]s*"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?!-)|\brgba?\(|\bhsl", text), file.name
    html = "".join(f.read_text(encoding="utf-8") for f in (PAGES / "templates").rglob("*.html"))
    assert "style=" not in html


def test_styles_name_only_shared_tokens(client):
    known = set(re.findall(r"(--[a-z0-9-]+):", client.get("/static/zh/base.css").text))
    for file in (PAGES / "static").glob("*.css"):
        style = file.read_text(encoding="utf-8")
        own = set(re.findall(r"(--[a-z0-9-]+):", style))
        assert set(re.findall(r"var\((--[a-z0-9-]+)", style)) <= known | own, file.name
    assert client.get("/static/zh/secrets.css").status_code == 404


def test_a_file_under_its_checksum_is_kept_and_an_old_address_still_answers(client):
    address = re.search(r'href="(/static/zh/base.css[^"]*)"', client.get("/").text)[1]
    assert "immutable" in client.get(address).headers["cache-control"]
    assert client.get("/static/zh/base.css?v=old").headers["cache-control"] == "no-cache"
    assert client.get("/static/fr/base.css").status_code == 404


@pytest.fixture
def visit(chromium, server):
    """Opens a page of the drawn town."""
    with watched(chromium, server) as open_page:
        yield open_page


@contextmanager
def watched(browser, server):
    """Opens pages; at the end fails if one asked another host, complained, or was stopped by its own policy."""
    asked, complaints, contexts = [], [], []

    def open_page(path, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(server + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} <= {urlsplit(server).netloc}
    assert complaints == []


def test_the_map_runs_its_own_scripts_and_asks_no_other_host(visit):
    assert visit("/plan").title() == "河边小镇 已运行"


def test_the_map_and_report_of_a_finished_study_run_under_the_policy(chromium, tmp_path):
    small_outcome().save(tmp_path / "plan")
    with served(tmp_path / "plan") as address, watched(chromium, address) as open_page:
        assert open_page("/plan").locator(".leaflet-container path, .leaflet-container canvas").count() > 0
        assert "一号点" in open_page("/report").content()
        assert open_page("/").locator("li.entry").count() == 2


@pytest.mark.parametrize("size", [{"width": 360, "height": 740}, {"width": 1280, "height": 800}])
def test_the_served_map_leads_to_the_list_of_devices_in_the_language_shown(chromium, tmp_path, size):
    small_outcome().save(tmp_path / "plan")
    with served(tmp_path / "plan") as address, watched(chromium, address) as open_page:
        for anchor, words, language in (("", "最近的 AED", "zh-CN"), ("#en", "Nearest AED", "en")):
            page = open_page(f"/plan{anchor}", viewport=size)
            (link,) = [one for one in page.locator("a.nearest").all() if one.is_visible()]
            assert link.inner_text() == words
            around = [page.locator(one) for one in (".study", ".language", "h1", ".map", ".panel")]
            boxes = [one.bounding_box() for one in (link, *around)]
            assert not any(on_one_another(a, b) for i, a in enumerate(boxes) for b in boxes[:i])
            assert boxes[0]["height"] >= 48
            assert boxes[-1]["height"] >= 96, "both heads of the panel can be seen"
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
            link.click()
            page.locator("#all").wait_for()
            assert page.evaluate("document.documentElement.lang") == language
            assert page.locator("li.entry").count() == 2


def on_one_another(one, other):
    apart = [one[at] + one[size] <= other[at] + 0.5 or other[at] + other[size] <= one[at] + 0.5
             for at, size in (("x", "width"), ("y", "height"))]  # fmt: skip
    return not any(apart)


def test_the_map_opened_from_a_file_names_no_page_that_is_not_there(chromium, tmp_path):
    small_outcome().save(tmp_path / "plan")
    page = chromium.new_page()
    page.goto((tmp_path / "plan" / "map.html").as_uri())
    assert page.locator("a.nearest").count() == 2
    assert not any(link.is_visible() for link in page.locator("a.nearest").all())
    page.close()
