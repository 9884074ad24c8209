"""The page of a stranger with a phone: complete without a script, the nearest usable device first with one."""

import json
import re
import time
import urllib.request
from contextlib import contextmanager

import numpy as np
import pytest
from browser import chromium, opened, too_wide, until
from databases import SqliteFiles
from strangers import CODES, MARKET, SCHOOL, STATION, VILLAGE, river_town, violations
from town import at

__all__ = ["chromium"]

NEVER = "navigator.geolocation.watchPosition = () => 1; navigator.geolocation.clearWatch = () => {};"


def place(x: float, y: float, accuracy: float = 12.0) -> dict[str, object]:
    """Options of a browser whose phone is at a place of the town, in steps, and may say so."""
    lon, lat = at(x, y)
    position = {"longitude": lon, "latitude": lat, "accuracy": accuracy}
    return {"geolocation": position, "permissions": ["geolocation"]}


NEAR_STATION = place(5.0, 0.0)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, sqlite_files: SqliteFiles):
    with river_town(tmp_path_factory.mktemp("river"), sqlite_files) as found:
        yield found


@pytest.fixture
def visit(chromium, address):
    """Opens a page as a phone; fails at the end if it asked another host or complained."""

    @contextmanager
    def visited(path="/", *, size="phone", **options):
        with opened(chromium, address + path, size=size, **options) as seen:
            yield seen.page
            assert seen.outside == []
            assert seen.complaints == []

    return visited


def first_card(page):
    page.locator("ol.near li").first.wait_for()
    return page.locator("ol.near li").first


def cards(page):
    first_card(page)
    return [one.get_attribute("data-code") for one in page.locator("ol.near li").all()]


def test_the_page_is_whole_without_a_script(visit):
    with visit(java_script_enabled=False) as page:
        assert page.locator("a").first.get_attribute("href") == "tel:120"
        towns = [one.inner_text() for one in page.locator("#all h3").all()]
        assert towns == ["北岸镇", "河南街道"], "by pinyin"
        assert [one.get_attribute("id") for one in page.locator(".entry").all()] == [MARKET, VILLAGE, SCHOOL, STATION]
        words = {code: page.locator(f"#{code}").inner_text() for code in CODES}
        assert "可用 全天开放" in words[MARKET]
        assert re.search("已关闭 周. 7:00 开", words[SCHOOL])
        assert "未核实 从未检查" in words[VILLAGE]
        assert "<b>1 号</b>" in words[VILLAGE], "what an office typed is text"
        assert "服务台右侧墙上" in words[MARKET]
        market = page.locator(f"#{MARKET}")
        market.locator("summary").click()
        hosts = [link.get_attribute("href").split("/")[2] for link in market.locator(".apps a").all()]
        assert hosts == ["uri.amap.com", "api.map.baidu.com", "apis.map.qq.com", "maps.apple.com"]
        assert market.locator(".name").get_attribute("href") == f"/d/{MARKET}"
        assert page.locator("#ask").get_attribute("href") == "#all", "the list answers where no script does"
        for scripted in ("#me", "#near", "#chooser", "#map-open", "[data-beat] button"):
            assert not page.locator(scripted).is_visible(), scripted


def test_who_shares_a_position_sees_the_nearest_usable_device_on_foot(visit, address):
    with visit(**NEAR_STATION) as page:
        assert cards(page) == [STATION, MARKET, VILLAGE], "closed ones only where nothing better is left"
        card = first_card(page)
        assert "桥头汽车站" in card.inner_text()
        assert "步行 3 分钟" in card.inner_text(), "200 m along the street"
        assert "210 米 · 正东" in card.inner_text()
        assert "可用 全天开放" in card.inner_text()
        assert "1 楼 候车厅" in card.inner_text()
        page.locator("#me-words", has_text="河南街道 · 桥头汽车站").wait_for()
        assert page.locator("#me-point").inner_text() == "25.00000, 118.00500"
        assert "精确到约 10 米" in page.locator("#me").inner_text()
        card.locator(".go summary").click()
        assert [link.inner_text() for link in card.locator(".apps a").all()] == [
            "高德地图",
            "百度地图",
            "腾讯地图",
            "苹果地图",
        ]


def test_the_position_is_asked_for_at_a_tap_and_followed(visit):
    with visit(permissions=[]) as page:
        assert page.locator("#ask").is_visible()
        assert not page.locator("#near").is_visible()
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation({"longitude": at(5, 0)[0], "latitude": at(5, 0)[1], "accuracy": 10})
        page.locator("#ask").click()
        assert cards(page)[0] == STATION
        page.context.set_geolocation({"longitude": at(0, 1)[0], "latitude": at(0, 1)[1], "accuracy": 10})
        page.locator(f".near .first[data-code={MARKET}]").wait_for()
        assert "步行 1 分钟" in first_card(page).inner_text()


def test_who_does_not_share_a_position_chooses_a_place_by_initials_and_back_closes_the_choice(visit):
    with visit(permissions=[]) as page:
        page.locator("#ask").click()
        page.locator("#status", has_text="没有允许定位").wait_for()
        page.locator("#place").fill("qtqc")
        page.get_by_role("button", name="桥头汽车站").click()
        assert cards(page)[0] == STATION
        assert page.locator("#me-words").inner_text() == "河南街道 · 桥头汽车站"
        assert not page.locator("#chooser").is_visible()
        page.get_by_role("button", name="选地点").click()
        assert page.locator("#place").evaluate("field => field === document.activeElement")
        page.go_back()
        assert not page.locator("#chooser").is_visible()
        assert page.locator(".near li").count() == 3, "going back leaves what was found"


def test_after_three_seconds_without_a_position_a_place_can_be_chosen_and_the_late_position_still_counts(
    chromium, address
):
    late = NEVER.replace("() => 1", "(found) => { window.tell = found; return 1; }")
    with opened(chromium, "about:blank", size="phone", permissions=["geolocation"]) as seen:
        page = seen.page
        page.add_init_script(late)
        page.goto(address)
        assert not page.locator("#chooser").is_visible()
        page.locator("#chooser").wait_for(timeout=4500)
        assert "先选一个地点" in page.locator("#status").inner_text()
        lon, lat = at(5, 0)
        fix = "window.tell({timestamp: Date.now() - %d, coords: {longitude: %f, latitude: %f, accuracy: 10}})"
        page.evaluate(fix % (600_000, lon, lat))
        page.wait_for_timeout(300)
        assert not page.locator("#near").is_visible(), "a position of ten minutes ago is none"
        page.evaluate(fix % (0, lon, lat))
        assert cards(page)[0] == STATION
        assert not page.locator("#chooser").is_visible()
        assert (seen.outside, seen.complaints) == ([], [])


def test_a_position_that_is_not_sure_says_so_and_distances_are_about(visit):
    with visit(**place(5.0, 0.0, 800.0)) as page:
        assert "步行约 3 分钟" in first_card(page).inner_text()
        assert "误差约 800 米" in page.locator("#me-rough").inner_text()


def test_outside_the_county_nobody_is_sent_anywhere_without_a_word(visit):
    with visit(geolocation={"longitude": 116.4, "latitude": 39.9}, permissions=["geolocation"]) as page:
        first_card(page)
        assert "您不在本图范围内" in page.locator("#near").inner_text()


def test_where_nothing_is_known_to_be_usable_the_page_does_not_pretend(visit):
    unknown = "document.querySelectorAll('.entry').forEach(d => delete d.dataset.ready)"
    with visit(**NEAR_STATION, java_script_enabled=True) as page:
        first_card(page)
        page.evaluate(unknown + "; readList(); showNear(rankHere(page.here), page.here)")
        assert page.locator("#near h2").inner_text() == "现在没有确定可用的 AED"
        assert "未核实" in first_card(page).inner_text()


def wait_until_first(address, code):
    """Until the service offers a device as the nearest to the supermarket; a list is made again behind a busy one."""
    lon, lat = at(0.0, 1.0)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with urllib.request.urlopen(f"{address}/api/v1/nearest?lon={lon}&lat={lat}&limit=1") as reply:
            if json.load(reply)["devices"][0]["code"] == code:
                return
        time.sleep(0.1)
    pytest.fail(f"{code} was not offered")


def test_one_tap_says_that_a_device_was_taken_and_can_be_taken_back(visit, address):
    with visit(**place(0.0, 1.0)) as page:
        assert cards(page)[0] == MARKET
        card = first_card(page)
        card.get_by_role("button", name="我已取走这台设备").click()
        card.locator(".done").wait_for()
        assert re.search(r"已记下：您取走了这台设备。谢谢。编号 \S{5,}", card.locator(".done").inner_text())
        wait_until_first(address, STATION)
        with visit(**place(0.0, 1.0)) as another:
            assert cards(another)[0] == STATION, "what was taken is not offered as usable"
            taken = another.locator(f"#{MARKET}")
            assert "有人报告" in taken.inner_text()
            assert 47 < int(taken.get_attribute("data-taken")) / 60 - time.time() / 3600 < 49, "believed for two days"
        card.get_by_role("button", name="撤销").click()
        card.get_by_text("已撤销。").wait_for()
        assert card.get_by_role("button", name="我已取走这台设备").is_visible()
    wait_until_first(address, MARKET)


def test_something_wrong_is_said_in_two_taps(visit):
    with visit(**NEAR_STATION) as page:
        card = first_card(page)
        card.get_by_role("button", name="这里有问题").click()
        card.get_by_role("button", name="位置不对").click()
        card.locator(".done").wait_for()
        assert "已记下：位置不对" in card.locator(".done").inner_text()
        card.get_by_role("button", name="撤销").click()
        card.get_by_text("已撤销。").wait_for()


def test_the_beat_is_heard_seen_counted_and_stopped_beside_the_picture(visit):
    with visit(reduced_motion="reduce") as page:
        button = page.locator("[data-beat] button")
        page.evaluate("""window.beats = []; new MutationObserver(() => window.beats.push(performance.now()))
            .observe(document.querySelector('[data-count]'), {childList: true})""")
        button.click()
        page.locator("[data-count]", has_text="8").wait_for()
        assert 100 < 60_000 / np.median(np.diff(page.evaluate("window.beats"))) < 120
        assert page.locator(".hit .pulse").evaluate("mark => getComputedStyle(mark).animationName") == "none"
        assert button.inner_text() == "停止节拍"
        button.click()
        assert page.locator("[data-count]").inner_text() == ""
        picture, beat = page.locator(".picture").bounding_box(), button.bounding_box()
        assert abs(picture["y"] - beat["y"]) < picture["height"], "beside the picture"


def test_inside_wechat_the_page_says_how_to_leave_it(chromium, visit):
    agent = chromium.phone["user_agent"] + " MicroMessenger/8.0.49"
    with visit(user_agent=agent) as page:
        assert "右上角" in page.locator("#inside").inner_text()
    with visit() as page:
        assert not page.locator("#inside").is_visible()


def test_the_language_can_be_changed_and_english_is_whole(visit):
    with visit(**NEAR_STATION) as page:
        first_card(page)
        page.get_by_role("link", name="English").click()
        page.wait_for_url("**/?lang=en")
        assert "3 min on foot" in first_card(page).inner_text()
        assert "210 m · east" in first_card(page).inner_text()
        page.locator("#me-words", has_text="河南街道").wait_for()
        chinese = page.evaluate("""() => [...document.querySelectorAll('body *')].filter(e => /[\\u4e00-\\u9fff]/.test(
            [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join('')) && !e.closest('[lang=zh-CN], .heard'))
            .map(e => e.textContent)""")
        assert [text for text in chinese if "候车厅" not in text] == [], "names alone are Chinese, and say so"
        assert page.locator("a.name").first.get_attribute("href") == f"/d/{MARKET}?lang=en"


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_twice_the_text_still_fits(visit, size):
    with visit(size=size, **NEAR_STATION) as page:
        first_card(page)
        page.get_by_role("button", name="大字").click()
        for token, pixels in (("body", 36), ("step-1", 32), ("step-2", 36), ("step-3", 44)):
            page.evaluate(f"document.documentElement.style.setProperty('--{token}', '{pixels}px')")
        page.locator(".first .go summary").click()
        assert too_wide(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_everything_can_be_reached_by_keyboard_alone(visit):
    with visit(size="desk", permissions=[]) as page:
        names = []
        for _ in range(14):
            page.keyboard.press("Tab")
            names.append(page.evaluate("document.activeElement.innerText.trim().split('\\n')[0]"))
            ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert ring != "none", names
        assert names[:4] == ["拨打 120", "一人按压", "一人取 AED", "找最近的 AED"]
        assert "北岸超市" in names
        page.locator("#ask").focus()
        page.keyboard.press("Enter")
        page.locator("#place").wait_for()
        page.locator("#place").focus()
        page.keyboard.type("bacs")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert cards(page)[0] == MARKET


@pytest.mark.parametrize("language", ["", "?lang=en"])
def test_axe_finds_nothing_and_all_text_has_seven_to_one(visit, language):
    with visit(f"/{language}", bypass_csp=True, **NEAR_STATION) as page:
        first_card(page)
        for opener in (".first .go summary", ".report .plain", "#me [data-choose]"):
            page.locator(opener).first.click()
        page.locator("#matches button").first.wait_for()
        assert violations(page) == []
        small = page.evaluate("""() => [...document.querySelectorAll('a.button, button, summary, input')].filter(e => {
            const r = e.getBoundingClientRect(); return r.height && r.height < 48; }).map(e => e.textContent)""")
        assert small == []


def test_on_paper_the_list_is_there_and_buttons_are_not(visit):
    with visit(size="desk", **NEAR_STATION) as page:
        first_card(page)
        page.emulate_media(media="print")
        assert page.locator(".entry").first.is_visible()
        assert not page.locator("#fetch").is_visible()
        assert not page.locator(".call").is_visible()


def test_who_chooses_a_place_is_not_disturbed_by_a_newer_fix(visit):
    with visit(**NEAR_STATION) as page:
        first_card(page)
        page.get_by_role("button", name="选地点").click()
        page.locator("#matches button").first.wait_for()
        page.context.set_geolocation({"longitude": at(0, 1)[0], "latitude": at(0, 1)[1], "accuracy": 10})
        until(page, f"Math.abs(page.here.lon - {at(0, 1)[0]}) < 1e-6")
        page.locator(f".near .first[data-code={MARKET}]").wait_for()
        assert page.locator("#chooser").is_visible()
        page.go_back()
        page.locator("#chooser").wait_for(state="hidden")


def test_the_map_comes_when_it_is_wanted_and_a_tap_on_it_says_where_one_is(visit):
    with visit(**NEAR_STATION) as page:
        first_card(page)
        assert page.locator("script[src*=leaflet]").count() == 0, "no byte of it before"
        page.get_by_role("button", name="选地点").click()
        page.locator("#matches button").first.wait_for()  # above the map, which stays in its place from now on
        page.get_by_role("button", name="在地图上点").click()
        page.locator("#map .leaflet-marker-icon").first.wait_for()
        assert page.locator("#map .leaflet-marker-icon").count() == 4
        assert page.locator(f"#{MARKET}").bounding_box()["width"] > 300, "the map's style leaves the list alone"
        page.evaluate("page.map.open({lat: 25.001, lng: 118.0})")
        until(page, "!document.querySelector('.leaflet-pan-anim')")  # the button moves until the map shows all of it
        page.get_by_role("button", name="我在这里").click()
        page.locator(f".near .first[data-code={MARKET}]").wait_for()
        assert page.locator("#me-words").inner_text() == "地图上选的地点"
        assert not page.locator("#chooser").is_visible()
