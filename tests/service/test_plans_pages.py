"""A planner at the desk: a study made, computed, stopped, changed on the map, solved again, compared, published; in a real
browser on a real service with the small county, nothing faked."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from browser import chromium, opened, too_wide, until
from counties import write_county
from databases import KEY
from people import PASSWORD, make_county
from town import served

from service.db import Database

__all__ = ["chromium"]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
FILES = {"streets": "streets.osm", "demand": "people.csv", "standing": "devices.csv", "candidates": "candidates.csv"}
PARTS = {"streets": "area"}
LONG_MS = 45_000
QUICK_MS = 200
PIN = ".leaflet-marker-icon.pin"


@dataclass
class Desk:
    """Where the service keeps its things, a county's files, and a planner who has signed in once."""

    plan: Path
    data: Path
    county: Path
    signed: Any = None
    study: str = ""

    @contextmanager
    def service(self) -> Iterator[str]:
        with served(self.plan, AEDPLAN_DATA=str(self.data), AEDPLAN_KEY=KEY) as address:
            yield address


@pytest.fixture(scope="module")
def desk(sqlite_files, folder, tmp_path_factory):
    county, data = tmp_path_factory.mktemp("county"), tmp_path_factory.mktemp("desk")
    write_county(county)
    with closing(Database(replace(sqlite_files.make(data), plan=folder))) as database:
        make_county(database)
    return Desk(folder, data, county)


@pytest.fixture(scope="module")
def address(desk):
    with desk.service() as running:
        yield running


@contextmanager
def planner(chromium, desk, url, **options):
    """A page that the planner has opened; at the end nothing left this machine, and nothing was complained of."""
    with opened(chromium, "about:blank", storage_state=desk.signed, **options) as seen:
        page, base = seen.page, re.match(r"http://[^/]+", url)[0]
        page.set_default_timeout(LONG_MS)
        if desk.signed is None:
            page.goto(f"{base}/in")
            page.fill("input[name=name]", "the planner")
            page.fill("input[name=password]", PASSWORD)
            page.click("main form button")
            page.wait_for_url(f"{base}/plans")
            desk.signed = page.context.storage_state()
        page.goto(url)
        yield page
        assert (seen.outside, seen.complaints) == ([], [])


def computed(page):
    """The figures of the finding, once it is there."""
    page.wait_for_selector("#map-rule:not(:empty)")
    page.wait_for_selector(PIN)
    return [float(share) for share in re.findall(r"([\d.]+)%", page.inner_text("#map-title"))]


def value_asked(page, deed):
    """What the service says of a changed plan, after a deed that must ask it exactly once."""
    asked = []
    page.on("request", listen := lambda request: asked.append(request) if request.url.endswith("/value") else None)
    with page.expect_response(lambda response: response.url.endswith("/value")) as answer:
        deed()
    said = answer.value.json()
    page.wait_for_selector("#draft:not(.waiting) .draft-value")
    page.remove_listener("request", listen)
    assert len(asked) == 1
    return said


def drag(page, pin, east, south):
    box = pin.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + east / 2, y + south / 2, steps=3)
    page.mouse.move(x + east, y + south, steps=3)
    page.mouse.up()


def test_a_study_is_made_and_computed_and_its_finding_is_shown(chromium, desk, address):
    with planner(chromium, desk, f"{address}/plans") as page:
        page.click("#begin")
        page.fill("input[name=title_zh]", "河边试算")
        page.check("input[name=start][value=empty]")
        page.click("#new button")
        page.wait_for_url(re.compile(r"/plans/\w{32}"))
        desk.study = page.url.split("/")[-1].split("?")[0]
        page.wait_for_selector("#saved:not(:empty)")
        for role, name in FILES.items():
            page.evaluate("part => { document.getElementById(part).open = true; }", f"part-{PARTS.get(role, role)}")
            page.select_option(f"#{role}-file", "upload")
            page.set_input_files(f"[data-upload={role}]", desk.county / name)
            until(page, f"document.getElementById('{role}-file').value.startsWith('upload:')")
            if role != "streets":
                page.select_option(f"#{role}-crs", "wgs84")
        page.fill("#devices", "0")
        page.wait_for_selector("#part-amount.wrong .fault")
        assert page.get_attribute("#devices", "aria-invalid") == "true"
        page.click("#compute")
        page.wait_for_selector("#said.fault")
        assert page.evaluate("document.activeElement.id") == "devices"
        page.fill("#devices", "2")
        page.click("#compute")
        page.wait_for_selector("#progress:not([hidden]) .stage-words")
        share, bound = computed(page)
        assert 0 < share <= bound
        assert "run=" in page.url
        rows = page.locator("#table-body tbody tr")
        assert rows.count() == page.locator(PIN).count() == 2
        assert page.locator(".files a").count() >= 7
        page.click("#table-kinds")
        assert page.locator("#table-body tfoot td").all_inner_texts()[1] == "2"
        with page.expect_download() as taken:
            page.click(".files a[href$='scenario.toml']")
        assert 'title_zh = "河边试算"' in Path(taken.value.path()).read_text(encoding="utf-8")
        slider = page.locator("input.along")
        slider.focus()
        slider.press("ArrowLeft")
        assert "前 1 台" in page.inner_text(".chart output")
        assert page.locator(f"{PIN}.later").count() == 1
        page.go_back()
        assert "run=" not in page.url


def test_a_quota_by_town_is_typed_judged_and_kept(chromium, desk, address):
    with planner(chromium, desk, f"{address}/plans/{desk.study}") as page:
        page.wait_for_selector("#saved:not(:empty)")
        page.evaluate("document.getElementById('part-candidates').open = true")
        page.click("#town-add")
        row = page.locator("#town-limits tbody tr")
        row.locator(".town").fill("西镇")
        row.locator("[data-which=minimum]").fill("3")
        row.locator("[data-which=maximum]").fill("1")
        page.locator("#part-candidates.wrong .fault", has_text="最少不大于最多").wait_for()
        row.locator("[data-which=maximum]").fill("")
        page.locator("#part-candidates .fault").wait_for(state="detached")
        page.click("#save")
        page.locator("#save[disabled]").wait_for()
        page.reload()
        page.wait_for_selector("#saved:not(:empty)")
        page.evaluate("document.getElementById('part-candidates').open = true")
        assert [one.input_value() for one in row.locator("input").all()] == ["西镇", "3", ""]
        row.locator("button").click()
        assert row.count() == 0
        page.click("#save")
        page.locator("#save[disabled]").wait_for()
        quotas = page.evaluate(
            f"fetch('/api/v1/studies/{desk.study}').then(r => r.json()).then(s => s.settings.plan.quotas_by)"
        )
        assert quotas is None


def test_a_dragged_site_is_valued_at_once_and_every_step_can_be_undone(chromium, desk, address):
    with planner(chromium, desk, f"{address}/plans/{desk.study}") as page:
        before = computed(page)[0] / 100
        first = page.locator(f"{PIN} >> nth=0")
        steps, quickest = 0, LONG_MS
        while quickest > QUICK_MS and steps < 6:  # the first one reads the plan, and other tests may want the machine
            steps += 1
            said = value_asked(page, lambda: drag(page, first, 40, 15))
            quickest = min(quickest, said["milliseconds"])
        assert quickest <= QUICK_MS
        assert said["change_share"] != 0
        assert f"{100 * said['share']:.1f}%" in page.inner_text("#draft")
        assert ("多" if said["change_share"] > 0 else "少") in page.inner_text(".draft-value")
        assert page.locator("#table-body tr.changed .tag").inner_text() == "移过"
        page.reload()
        page.wait_for_selector("#draft:not([hidden]) .draft-value")
        for _ in range(steps):
            page.click("#undo")
        page.wait_for_selector("#draft", state="hidden")
        assert computed(page)[0] / 100 == pytest.approx(before)
        page.keyboard.press("Control+y")
        page.wait_for_selector("#draft:not([hidden]) .draft-value")
        page.click("#restore")
        page.wait_for_selector("#draft", state="hidden")


def test_sites_are_moved_added_pinned_and_forbidden_by_keys_and_solved_again(chromium, desk, address):
    with planner(chromium, desk, f"{address}/plans/{desk.study}") as page:
        computed(page)
        chosen = page.locator("#table-body tbody tr").evaluate_all("rows => rows.map(row => row.dataset.site)")
        page.locator(f"{PIN} >> nth=0").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name=re.compile("^移动")).press("Enter")
        page.keyboard.press("Shift+ArrowRight")
        said = value_asked(page, lambda: page.keyboard.press("Enter"))
        assert said["devices"] == 2
        page.click("#undo")
        page.wait_for_selector("#draft", state="hidden")
        row = page.locator(f"#table-body tr[data-site={chosen[0]}]")
        row.get_by_role("button", name=re.compile("^固定")).press("Enter")
        page.wait_for_selector(f"{PIN}.pinned")
        page.locator(f"{PIN} >> nth=1").focus()
        page.keyboard.press("Enter")
        value_asked(page, lambda: page.get_by_role("button", name=re.compile("^禁用")).press("Enter"))
        page.click("#add")
        page.fill("#candidate", "点位")
        offered = page.locator("#found button").last  # the first is the one just forbidden
        assert value_asked(page, lambda: offered.press("Enter"))["devices"] == 2
        assert page.locator(PIN).count() == 2
        page.click("#undo")
        with page.expect_response(
            lambda r: r.url.endswith(f"/studies/{desk.study}") and r.request.method == "PUT"
        ) as put:
            page.click("#solve-again")
        plan = put.value.json()["settings"]["plan"]
        assert (plan["pin"], plan["forbid"]) == ([chosen[0]], [chosen[1]])
        page.wait_for_selector("#progress:not([hidden])")
        computed(page)
        again = page.locator("#table-body tbody tr").evaluate_all("rows => rows.map(row => row.dataset.site)")
        assert chosen[0] in again
        assert chosen[1] not in again
        page.click("#part-edits summary")
        assert page.locator("#pins li").count() == page.locator("#forbids li").count() == 1


def test_two_runs_stand_side_by_side_with_what_differs_and_maps_that_move_together(chromium, desk, address):
    with planner(chromium, desk, f"{address}/plans/{desk.study}?panel=runs") as page:
        page.wait_for_selector("#runs li:nth-child(2) .pick input")
        for box in page.locator("#runs .pick input").all():
            box.check()
        page.click("#compare")
        page.wait_for_url("**/plans/compare?**")
        page.wait_for_selector(f".column:nth-child(2) {PIN}")
        assert [text.split()[0] for text in page.locator(".column h2").all_inner_texts()] == ["A", "B"]
        assert "固定" in page.inner_text("#differences")
        scales = "[...document.querySelectorAll('.leaflet-control-scale-line')].map(one => one.textContent)"
        far = page.evaluate(scales)[0]
        page.locator(".leaflet-control-zoom-in >> nth=0").click()
        until(page, f"new Set({scales}).size === 1 && {scales}[0] !== '{far}'")
        page.goto(f"{address}/plans/compare")
        page.wait_for_selector("#columns >> text=计算记录")


def test_a_plan_is_published_only_after_a_question(chromium, desk, address):
    with planner(chromium, desk, f"{address}/plans/{desk.study}") as page:
        computed(page)
        page.click("#publish")
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog", state="detached")
        assert page.evaluate("document.activeElement.id") == "publish"
        page.click("#publish")
        page.click("dialog .plan")
        page.wait_for_selector(".published .tag")
        page.goto(f"{address}/plans")
        page.wait_for_selector("#served:not([hidden])")
        assert "河边试算" in page.inner_text("#served-words")


def test_a_change_in_another_tab_is_told_and_nothing_is_written_over(chromium, desk, address):
    url = f"{address}/plans/{desk.study}"
    with planner(chromium, desk, url) as one:
        other = one.context.new_page()
        other.goto(url)
        for page, devices in ((one, "1"), (other, "3")):
            page.wait_for_selector("#saved:not(:empty)")
            page.fill("#devices", devices)
        one.click("#save")
        one.wait_for_selector("#save[disabled]")
        assert one.evaluate("document.querySelector('#elsewhere').hidden")
        with other.expect_response(lambda response: response.request.method == "PUT") as refused:
            other.click("#save")
        assert refused.value.status == 409
        other.wait_for_selector("#elsewhere:not([hidden])")
        assert other.input_value("#devices") == "3"
        other.click("#reload")
        other.wait_for_selector("#elsewhere", state="hidden")
        assert other.input_value("#devices") == "1"
        other.close()


@pytest.mark.parametrize(("language", "scheme", "size"), [("zh", "light", "desk"), ("en", "dark", "phone")])
def test_axe_finds_nothing_and_nothing_is_too_wide(chromium, desk, address, language, scheme, size):
    lang = "?lang=en" if language == "en" else "?lang=zh"
    with planner(chromium, desk, f"{address}/plans{lang}", size=size, scheme=scheme, bypass_csp=True) as page:
        runs = page.evaluate(f"fetch('/api/v1/runs?study={desk.study}').then(r => r.json())")
        both = "&".join(f"runs={run['id']}" for run in runs if run["has_plan"])
        for path in (f"/plans{lang}", f"/plans/{desk.study}{lang}", f"/plans/compare{lang}&{both}"):
            page.goto(address + path)
            page.wait_for_selector(".studies li, .leaflet-marker-icon.pin")
            page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
            page.evaluate("document.querySelectorAll('button.term').forEach(term => term.click())")
            assert [wide for wide in too_wide(page) if not wide.startswith("A.skip")] == []
            assert re.findall(r"\d\s%", page.inner_text("body")) == []  # one way of writing per cents
            page.add_script_tag(path=AXE)
            found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
            assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []


def test_a_run_is_stopped_and_one_that_a_restart_interrupted_says_so_and_can_be_started_again(chromium, desk):
    with desk.service() as base, planner(chromium, desk, f"{base}/plans/{desk.study}") as page:
        computed(page)
        page.click("#compute")
        page.click("#stop")
        page.wait_for_selector("#progress", state="hidden")
        page.click("#tab-runs")
        stopped = page.locator("#runs > li").first
        assert "已停止" in stopped.inner_text()
        page.click("#tab-settings")
        page.click("#compute")
        page.wait_for_selector("#progress:not([hidden]) .stage-words")
    with desk.service() as base, planner(chromium, desk, f"{base}/plans/{desk.study}?panel=runs") as page:
        interrupted = page.locator("#runs > li", has_text="服务停过").first
        interrupted.locator("a.name").click()
        page.wait_for_selector("#results .unsure")
        interrupted.get_by_role("button", name=re.compile("^再算一次")).click()
        page.wait_for_selector("#progress:not([hidden])")
        computed(page)
