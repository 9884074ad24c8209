"""Without a network: the public pages after one visit, by a worker or the browser's cache; states go on by the clock."""

import datetime as dt
from contextlib import contextmanager

import pytest
from browser import chromium, opened, until
from databases import SqliteFiles
from strangers import MARKET, STATION, river_town
from town import at

from service.public.opening import told_until
from service.public.state import TAKEN_FOR, Condition, ReadyStep, judge
from service.public.words import Words

__all__ = ["chromium"]

LON, LAT = at(5.0, 0.0)
HERE = {"geolocation": {"longitude": LON, "latitude": LAT, "accuracy": 9}, "permissions": ["geolocation"]}
NETWORK_GONE = "ERR_INTERNET_DISCONNECTED"
DAYS_LATER = "{const now = Date.now; Date.now = () => now() + %d * 86400000;}"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, sqlite_files: SqliteFiles):
    with river_town(tmp_path_factory.mktemp("offline"), sqlite_files) as found:
        yield found


@pytest.fixture
def visited(chromium, address):
    """A phone that has seen the page once, and whose worker is ready."""

    @contextmanager
    def once(path="/", **options):
        with opened(chromium, address + path, size="phone", **HERE, **options) as seen:
            seen.page.locator(".near .first").wait_for()
            if options.get("service_workers") != "block":
                seen.page.evaluate(KEPT)
            yield seen.page
            assert seen.outside == []
            assert [one for one in seen.complaints if "blocked by Playwright" not in one] == []

    return once


KEPT = """async () => {
    await navigator.serviceWorker.ready;
    const kept = async (part) => (await (await caches.open('public-1')).keys()).some(request => request.url.includes(part));
    for (const part of ['/?lang=en', '/emergency.js', '/api/v1/places', '/api/v1/walks'])
        for (let tries = 0; !await kept(part) && tries < 200; tries += 1) await new Promise(done => setTimeout(done, 100));
}"""


def test_after_one_visit_the_nearest_is_found_by_streets_without_a_network(visited, address):
    with visited() as page:
        page.context.set_offline(True)
        page.goto(address)
        first = page.locator(".near .first")
        page.locator(".near .first .walk", has_text="步行 3 分钟").wait_for()
        assert "210 米 · 正东" in first.inner_text(), "no about: the streets are known"
        assert first.get_attribute("data-code") == STATION
        page.locator("#me-words", has_text="河南街道 · 桥头汽车站").wait_for()
        assert "可用 全天开放" in first.inner_text()
        assert page.locator("#age").inner_text() == "刚刚"
        page.goto(f"{address}/?lang=en")
        page.locator(".near .first", has_text="3 min on foot").wait_for()
        page.goto(f"{address}/d/{MARKET}")
        page.locator(f"#{MARKET}", has_text="服务台右侧墙上").wait_for()
        assert page.url.endswith(f"/#{MARKET}"), "a code that was never opened is found in the list"


def test_the_network_goes_and_comes_back_while_the_page_is_open(visited):
    with visited() as page:
        page.context.set_offline(True)
        page.evaluate("page.walks = null; lookAround({...page.here})")
        page.locator(".near .first .walk", has_text="步行约").wait_for()
        card = page.locator(".near .first")
        card.get_by_role("button", name="这里有问题").click()
        card.get_by_role("button", name="位置不对").click()
        card.get_by_text("有网络时自动送出").wait_for()
        assert page.evaluate("waiting().length") == 1
        with page.expect_response(lambda reply: reply.url.endswith("/api/v1/reports")) as sent:
            page.context.set_offline(False)
        assert sent.value.status == 201
        until(page, "waiting().length === 0")
        page.evaluate("page.asOf -= 3600000; refreshList()")
        page.locator("#age", has_text="刚刚").wait_for()


def test_what_was_taken_without_a_network_is_not_offered_again_from_the_kept_list(visited, address):
    with visited() as page:
        page.context.set_offline(True)
        page.locator(".near .first").get_by_role("button", name="我已取走这台设备").click()
        page.locator(".near .first").get_by_text("有网络时自动送出").wait_for()
        for path in ("/", f"/d/{STATION}"):
            page.goto(address + path)
            page.locator(f"#{STATION} .state", has_text="未核实 有人报告已取走").wait_for()
        page.locator(f".near .first[data-code={MARKET}]").wait_for()
        page.evaluate("page.asOf += 120000; list.dataset.asOf = new Date(page.asOf).toISOString(); readList()")
        page.evaluate("freshenStates()")
        page.locator(f"#{STATION} .usable").wait_for(state="attached")  # a later list knows better


def test_without_a_worker_the_browsers_cache_alone_serves_the_page_again(chromium, address):
    context = chromium.new_context(
        **chromium.phone, **HERE, service_workers="block"
    )  # routes would switch its cache off
    page, complaints, asked = context.new_page(), [], []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.locator("#me-words", has_text="桥头汽车站").wait_for()
    until(page, "Boolean(page.walks)")
    context.set_offline(True)
    page.goto("about:blank")
    page.goto(address)
    page.locator(".near .first .walk", has_text="步行 3 分钟").wait_for()
    assert page.locator(".entry").count() == 4
    assert complaints == []
    assert all(url.startswith((address, "about:")) for url in asked)
    context.close()


def test_data_older_than_a_week_says_so_and_nothing_old_counts_as_open(visited, address):
    with visited() as page:
        page.context.set_offline(True)
        page.add_init_script(DAYS_LATER % 10)
        page.goto(address)
        assert page.locator("#old").is_visible()
        assert page.locator("#age").inner_text() == "10 天前"
        assert page.locator(".entry .usable").count() == 0
        assert "数据过旧" in page.locator(f"#{MARKET}").inner_text()


HOURS = ("24/7", "Mo-Fr 08:00-12:00,14:30-17:30", "06:00-02:00", "Sa 08:00-24:00", "Mo,Th 05:30-22:00; PH off", "")


def test_the_phone_judges_by_the_clock_as_the_service_does(chromium, address):
    """State and words from the list of one instant, at instants up to a week later, against the service's own."""
    start = dt.datetime(2026, 11, 22, 7, 13, tzinfo=dt.UTC)
    cases, expected = [], {"": [], "?lang=en": []}
    taken = start - dt.timedelta(hours=5)
    for hours in HOURS:
        for ready, taken_at in ((True, None), (True, taken), (False, taken), (None, None)):
            condition = Condition((ReadyStep(dt.date.min, ready, Words("原因", "reason")),), taken_at, hours)
            then = judge(condition, start)
            for passed in range(0, 7 * 24 * 60, 437):
                later = judge(condition, start + dt.timedelta(minutes=passed))
                cases.append((condition, then, passed))
                expected[""].append((later.state, later.why.zh))
                expected["?lang=en"].append((later.state, later.why.en))
    for language, words in expected.items():
        with opened(chromium, f"{address}/{language}", size="desk") as seen:
            found = seen.page.evaluate(JUDGE, [as_read(*case, start, language) for case in cases])
        assert [one["state"] for one in found] == [state for state, _ in words]
        said = [(one["why"], why) for one, (state, why) in zip(found, words, strict=True) if state == "usable"]
        assert said
        assert [pair for pair in said if pair[0] != pair[1]] == []
        shut = [
            (one["why"], why)
            for one, (state, why), (condition, _, _) in zip(found, words, cases, strict=True)
            if state == "closed" and condition.ready[0].ready is not False
        ]
        assert len(shut) > 50
        beyond = [pair for pair in shut if pair[0] in ("近期不开放", "does not open soon")]
        assert len(beyond) < len(shut) / 20, "opens after the days that the list tells of"
        assert [pair for pair in shut if pair[0] != pair[1] and pair not in beyond] == []


JUDGE = "cases => cases.map(([device, at]) => stateAt(device, at))"


def as_read(condition, then, passed, start, language):
    """What the page reads of a device from its list, and the instant at which it is asked."""
    from service.public.opening import open_stretches

    stretches = open_stretches(condition.hours, dt.date(2026, 11, 22))
    spans = stretches and [[first.timestamp() * 1000, last.timestamp() * 1000] for first, last in stretches]
    device = {
        "asOf": start.timestamp() * 1000, "told": told_until(dt.date(2026, 11, 22)).timestamp() * 1000, "open": spans,
        "taken": condition.taken_at and (condition.taken_at + TAKEN_FOR).timestamp() * 1000,
        "ready": condition.ready[0].ready, "state": then.state, "why": then.why.en if language else then.why.zh,
    }  # fmt: skip
    return [device, (start.timestamp() + passed * 60) * 1000]
