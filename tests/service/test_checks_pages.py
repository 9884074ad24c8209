"""A guard with a phone and a minute: few taps, nothing lost without a network, a session or a second tab; nothing sent twice."""

import io
import time

import pytest
from browser import chromium, too_wide, until
from checkers import HERE, page_faults, phone_of, round_of
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import select

from service.db import now
from service.history import By
from service.inspections.rules import Position
from service.records import find
from service.records.devices import move
from service.tables import Attachment, Device

__all__ = ["chromium"]

MOST_TAPS, MOST_SECONDS = 5, 60


@pytest.fixture(scope="module")
def place(sqlite_files, folder, tmp_path_factory):
    with round_of(sqlite_files.make(tmp_path_factory.mktemp("round")), folder) as made:
        yield made


@pytest.fixture
def phone(chromium, place):
    with phone_of(chromium, place) as held:
        yield held


def is_saved(page):
    page.locator("h1", has_text="已保存").wait_for()


def check_path(code):
    return f"/checks/{code}"


def test_an_all_fine_check_takes_at_most_five_taps_and_a_minute_on_a_slow_phone(phone, place, capsys):
    code = place.codes[0]
    page = phone.open("/checks?lang=zh")
    slow = phone.context.new_cdp_session(page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    slow.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000,
    })  # fmt: skip
    began = time.monotonic()
    phone.tap(page.locator("a.device", has_text=code))
    phone.tap(page.locator(".fine"))
    phone.tap(page.locator(".submit"))
    is_saved(page)
    seconds = time.monotonic() - began
    [check] = place.checks(code)
    assert (check.overall, check.flags, check.accuracy_m) == ("pass", [], 8)
    assert check.distance_to_device_m < 1
    assert phone.taps <= MOST_TAPS
    assert seconds <= MOST_SECONDS
    with capsys.disabled():
        print(f"\nan all-fine check: {phone.taps} taps from the list, {seconds:.1f} s at 400 kbit/s, 400 ms, 4x slower")
    assert "可用" in page.locator(".after").inner_text()
    assert page.locator("a.button", has_text="去检查下一台").get_attribute("href").startswith("/checks/")


def test_checks_made_without_a_network_are_sent_later_exactly_once(phone, place):
    codes = [place.add_device() for _ in range(2)]
    page = phone.open()
    page.locator("a.device").first.wait_for()
    phone.keep(page)
    phone.without_network()
    for code in codes:
        page.goto(place.address + "/checks")
        page.locator("#seek").fill(code)
        phone.tap(page.locator("a.device", has_text=code))
        phone.tap(page.locator(".fine"))
        phone.tap(page.locator(".submit"))
        page.locator("h1", has_text="已存在手机里").wait_for()
    page.goto(place.address + "/checks")
    assert "等待发送" in page.locator("#waiting h2").inner_text()
    assert "没有网络" in page.locator(".out-of-date").inner_text()
    assert "已查，等待发送" in page.locator("a.device", has_text=codes[0]).inner_text()
    assert [place.checks(code) for code in codes] == [[], []]
    phone.context.set_offline(False)
    page.locator("#waiting h2").wait_for(state="detached")
    page.reload()
    page.locator("a.device").first.wait_for()
    assert [len(place.checks(code)) for code in codes] == [1, 1]


def test_a_check_whose_answer_was_lost_is_there_once(phone, place):
    code, lost = place.add_device(), []
    page = phone.open(check_path(code))

    def lose(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    phone.expected += ("net::ERR_FAILED",)
    page.route("**/inspections", lose)
    page.locator(".fine").tap()
    page.locator(".submit").tap()
    page.get_by_text("有网络时自动发送").wait_for()
    assert (lost, len(place.checks(code))) == ([201], 1)
    page.evaluate("dispatchEvent(new Event('online'))")
    is_saved(page)
    assert len(place.checks(code)) == 1


def test_a_check_that_meets_a_database_that_is_gone_is_kept_and_sent_once_it_is_back(phone, place):
    code, file = place.add_device(), place.database.file
    away = file.with_suffix(".away")
    page = phone.open(check_path(code))
    phone.keep(page)
    page.locator(".fine").tap()
    phone.expected += ("503",)
    file.rename(away)
    try:
        page.locator(".submit").tap()
        page.locator("h1", has_text="已存在手机里").wait_for()
        page.get_by_text("服务器忙，过一会儿自动再发").wait_for()
        page.reload()  # nothing hangs on the open page
        page.locator("h1", has_text="已存在手机里").wait_for()
        page.goto(place.address + "/checks")
        assert "已查，等待发送" in page.locator("a.device", has_text=code).inner_text()
    finally:
        away.rename(file)
    page.locator("#waiting h2").wait_for(state="detached")  # nobody taps, and the service was not started again
    assert len(place.checks(code)) == 1


def test_a_session_that_ends_during_a_check_keeps_what_was_filled_in(chromium, place):
    code = place.add_device()
    with phone_of(chromium, place) as phone:
        phone.expected += ("401",)
        page = phone.open(check_path(code))
        fill_fault(page, "casing", "外壳有裂纹")
        place.end_sessions("manager")
        page.locator(".submit").tap()
        page.get_by_text("登录已过期").wait_for()
        page.locator("a.button", has_text="重新登录").tap()
        page.get_by_label("登录名").fill("the manager")
        page.get_by_label("密码").fill("correct horse battery")
        page.get_by_role("button", name="登录", exact=True).tap()
        page.wait_for_url(f"**/checks/{code}")
        is_saved(page)
    [check] = place.checks(code)
    assert check.items["casing"] == {"result": "fail", "note": "外壳有裂纹"}


def fill_fault(page, item, words):
    """Find an item not in order, in words."""
    field = page.locator(f"#item-{item}")
    if not field.is_visible():
        page.locator(f"details:has(#item-{item}) > summary").click()
    field.locator("input[value=fail]").check()
    field.get_by_label("是什么样的").fill(words)


def test_a_draft_survives_reload_back_and_a_new_session_and_is_nobody_elses(chromium, place):
    code = place.codes[0]
    with phone_of(chromium, place) as phone:
        page = phone.open(check_path(code))
        fill_fault(page, "cabinet_clean", "有灰")
        until(page, "kept.get('drafts', work.draft.key).then(left => JSON.stringify(left || '').includes('有灰'))")
        for come_back in (page.reload, lambda: (page.goto(place.address + "/checks"), page.go_back())):
            come_back()
            page.get_by_text("接着上次没有交的填写").wait_for()
            assert page.locator("#item-cabinet_clean textarea").first.input_value() == "有灰"
        phone.sign_in("inspector")
        page.goto(place.address + check_path(code))
        page.locator(".fine").wait_for()
        assert page.get_by_text("接着上次没有交的填写").count() == 0
        phone.sign_in("manager")
        page.goto(place.address + check_path(code))
        page.get_by_text("接着上次没有交的填写").wait_for()


def test_two_tabs_show_one_draft_and_send_one_check(phone, place):
    code = place.add_device()
    one, two = phone.open(check_path(code)), phone.open(check_path(code))
    fill_fault(one, "casing", "第一页写的")
    expect(two.locator("#item-casing textarea").first).to_have_value("第一页写的")
    two.bring_to_front()
    two.locator("#item-casing").get_by_label("是什么样的").fill("第二页改的")
    expect(one.locator("#item-casing textarea").first).to_have_value("第二页改的")
    one.bring_to_front()
    one.locator(".submit").tap()
    is_saved(one)
    two.locator("#item-casing.differs").wait_for(state="detached")
    [check] = place.checks(code)
    assert check.items["casing"]["note"] == "第二页改的"


def test_what_was_overtaken_is_shown_with_both_versions_and_sent_only_when_asked(phone, place):
    code = place.add_device()
    page = phone.open(check_path(code))
    page.locator(".fine").wait_for()
    place.checked_by_office(code, note="红会来看过", position=Position(118.386, 24.96, 5))
    page.locator(".fine").tap()
    page.locator(".submit").tap()
    versions = page.locator(".versions")
    versions.wait_for()
    assert all(words in versions.inner_text() for words in ("红十字会", "红会来看过", "我的检查", "全部与登记一致"))
    assert len(place.checks(code)) == 1
    page.reload()
    page.get_by_role("button", name="我的也要发送").tap()
    is_saved(page)
    assert [bool(check.note) for check in place.checks(code)] == [True, False]


def test_a_check_of_a_device_that_is_somebody_elses_by_now_is_kept_until_one_drops_it(phone, place):
    code = place.add_device()
    page = phone.open(check_path(code))
    fill_fault(page, "casing", "裂了")
    with place.database.session(By(None, "office", now())) as session:
        move(session, find(session, Device, place.devices[-1]), place.county.other_site, None)
    page.locator(".submit").tap()
    page.get_by_text("不再由您检查").wait_for()
    assert "裂了" in page.locator(".versions").inner_text()
    page.get_by_role("button", name="不要我的了").tap()
    page.get_by_role("button", name="确定不要").tap()
    page.locator("#round").wait_for()
    assert page.locator("#waiting h2").count() == 0
    assert place.checks(code) == []


def test_nothing_is_sent_under_another_name(chromium, place):
    code = place.codes[0]
    before = len(place.checks(code))
    with phone_of(chromium, place) as phone:
        page = phone.open()
        page.locator("a.device").first.wait_for()
        phone.keep(page)
        phone.without_network()
        page.goto(place.address + check_path(code))
        page.locator(".fine").tap()
        page.locator(".submit").tap()
        page.locator("h1", has_text="已存在手机里").wait_for()
        phone.sign_in("inspector")
        phone.expected += ("409",)
        phone.context.set_offline(False)
        page.get_by_text("现在登录的是 the inspector").wait_for()
        page.goto(place.address + "/checks")
        page.get_by_text("别的账号写的检查").wait_for()
        assert len(place.checks(code)) == before
        phone.sign_in("manager")
        page.goto(place.address + "/checks")
        page.locator("#waiting h2").wait_for(state="detached")
        page.evaluate("(async () => { while ((await kept.all('queue')).length) await sendWaiting(); })()")
    assert place.checks(code)[-1].account_id == place.county.accounts["manager"]
    assert len(place.checks(code)) == before + 1


def test_faults_that_only_the_service_sees_stand_at_their_item_and_can_be_mended(phone, place):
    code = place.add_device()
    phone.expected += ("422",)
    page = phone.open(check_path(code))
    page.locator("summary", has_text="标识与场所").tap()
    hours = page.locator("#item-opening_hours_true").get_by_role("textbox").first
    hours.fill("随便什么时候")
    page.locator(".submit").tap()
    page.get_by_text("服务器没有收下这份检查").wait_for()
    assert "没有看懂" in page.locator("#item-opening_hours_true [role=alert]").inner_text()
    page.reload()
    page.locator("#item-opening_hours_true").get_by_role("textbox").first.fill("周一至周五 8:00-17:00")
    page.locator(".submit").tap()
    is_saved(page)
    [check] = place.checks(code)
    assert check.items["opening_hours_true"]["value"] == "Mo-Fr 08:00-17:00"


def test_what_has_expired_asks_for_a_plan_and_a_photo_comes_along_small(phone, place):
    code = place.add_device()
    page = phone.open(check_path(code))
    page.locator("summary", has_text="电极片与电池").tap()
    battery = page.locator("#item-battery_expiry")
    battery.get_by_label("标签上的日期").fill("2026-01-31")
    page.locator(".submit").tap()
    alert = battery.get_by_role("alert").inner_text()
    assert "怎么处理" in alert
    assert "更正须说明原因" in alert
    battery.get_by_role("button", name="联系红十字会更换").tap()
    battery.get_by_label("为什么更正").fill("标签看错")
    picture = io.BytesIO()
    Image.effect_noise((2000, 1500), 40).convert("RGB").save(picture, "JPEG")
    chooser = battery.locator("input[type=file]")
    chooser.set_input_files({"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()})
    page.locator(".photos img").wait_for()
    page.locator(".submit").tap()
    is_saved(page)
    assert "电池已于 2026-01-31 到期" in page.locator(".after").inner_text()
    [check] = place.checks(code)
    assert (check.overall, check.plans["battery_expiry"]["text"]) == ("fail", "联系红十字会更换")
    with place.database.session() as session:
        [photo] = session.scalars(select(Attachment).where(Attachment.inspection_id == check.id))
        content = place.database.read_file(photo.sha256)
    assert photo.name.startswith("battery_expiry-")
    assert Image.open(io.BytesIO(content)).size == (1600, 1200)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({**HERE, "longitude": 118.396}, "离登记位置约 1.0 公里"), ({**HERE, "accuracy": 400}, "位置误差 400 米"),
        (None, "没有位置，也可以提交"),
    ],
)  # fmt: skip
def test_far_away_unsure_or_unknown_is_said_and_hinders_nobody(chromium, place, where, said):
    code = place.add_device()
    with phone_of(chromium, place, geolocation=where or HERE) as phone:
        if where is None:
            phone.context.add_init_script("navigator.geolocation.watchPosition = (got, refused) => refused({code: 1})")
        page = phone.open(check_path(code))
        page.get_by_text(said).wait_for()
        page.locator(".fine").tap()
        page.locator(".submit").tap()
        is_saved(page)
    flags = {"1.0": ["far"], "误差": ["poor_accuracy"], "没有": ["no_position"]}
    assert place.checks(code)[0].flags == next(flag for words, flag in flags.items() if words in said)


def test_the_list_is_sought_scanned_and_looked_at_by_month(phone, place):
    scanned = "https://aed.example.org/d/" + place.codes[1]
    phone.context.add_init_script(f"""
        window.BarcodeDetector = class {{ async detect() {{ return [{{rawValue: {scanned!r}}}]; }} }};
        navigator.mediaDevices.getUserMedia = async () => document.createElement('canvas').captureStream(5);
        HTMLMediaElement.prototype.play = async () => undefined;
    """)
    page = phone.open()
    page.locator("#scan-code").tap()
    page.wait_for_url(f"**/checks/{place.codes[1]}")
    page.go_back()
    page.locator("#seek").fill(place.codes[2][:4].lower())
    until(page, "location.search.startsWith('?q=')")
    page.reload()
    page.locator("a.device").first.wait_for()
    assert [place.codes[2] in row.inner_text() for row in page.locator("a.device").all()] == [True]
    page.locator("#seek").press("Enter")
    page.wait_for_url(f"**/checks/{place.codes[2]}")
    page.locator(".fine").tap()
    page.locator(".submit").tap()
    is_saved(page)
    page.goto(place.address + "/checks")
    page.get_by_role("link", name="本月检查").tap()
    page.locator(".month").first.wait_for()
    assert page.locator(".month td.usable.today").count() >= 1


def test_all_can_be_done_by_keyboard_alone(chromium, place):
    code = place.add_device()
    with phone_of(chromium, place, desk=True) as phone:
        page = phone.open(check_path(code))
        page.locator(".fine").wait_for()
        walk(page, lambda: page.evaluate("document.activeElement.classList.contains('fine')"))
        page.keyboard.press("Space")
        walk(page, lambda: page.evaluate("document.activeElement.classList.contains('submit')"))
        page.keyboard.press("Enter")
        is_saved(page)
        assert page.evaluate("document.activeElement.tagName") == "H1"


def walk(page, there):
    for _ in range(60):
        page.keyboard.press("Tab")
        if there():
            return
    pytest.fail("it cannot be reached by the tab key")


@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("en", "dark")])
def test_axe_finds_nothing_and_nothing_runs_out_of_the_screen(chromium, place, language, scheme):
    query = "?lang=en" if language == "en" else "?lang=zh"
    with phone_of(chromium, place, bypass_csp=True, color_scheme=scheme) as phone:
        page = phone.open("/checks" + query)
        page.locator("a.device").first.wait_for()
        found = {"round": page_faults(page)}
        page.goto(place.address + check_path(place.codes[3]) + query)
        page.locator("summary").nth(1).click()
        page.locator("#item-battery_expiry input[value=fail]").check()
        page.locator(".submit").tap()
        found["form"] = page_faults(page)
        page.evaluate("kept.drop('drafts', work.draft.key)")
        page.goto(place.address + f"/checks{query}&month=2026-11")
        page.locator(".month").first.wait_for()
        found["month"] = page_faults(page)
        for path in ("/checks", check_path(place.codes[3])):
            page.goto(place.address + path + query)
            page.set_viewport_size({"width": 320, "height": 640})
            page.evaluate("document.documentElement.classList.add('large')")
            page.locator("a.device, .fine").first.wait_for()
            assert [one for one in too_wide(page) if not one.startswith("A.skip")] == []
    assert found == {"round": [], "form": [], "month": []}
