"""The report: what it says adds up, in both languages, on paper and on a phone, and it loads nothing."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from browser import chromium, opened, too_wide, until
from outcomes import STRANGER, small_outcome
from test_maps import loads

from aedplan.circles import circle
from aedplan.look import colour
from aedplan.report.charts import bar_svg, curve_svg
from aedplan.report.report import report_html
from aedplan.report.sections import chosen_sheet, missed_sheet, rule_sheet
from aedplan.report.words import Words, full_width, headline
from aedplan.study.publish import kept_sheets
from aedplan.suspicions import Suspicion

__all__ = ["chromium"]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report_html(small_outcome(budget=2, label=STRANGER)), encoding="utf-8")
    return path


def test_the_same_outcome_gives_the_same_bytes() -> None:
    assert report_html(small_outcome()) == report_html(small_outcome())


def test_per_cents_are_written_without_a_space(page: Path) -> None:
    text = re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.search(r"\d%", text)
    assert re.findall(r"[\d}] %.*", unescape(text)) == []


def test_a_report_names_nothing_to_load() -> None:
    assert [one for one in loads(report_html(small_outcome())).found if not one.startswith(("#", "data:"))] == []


def test_a_strangers_text_never_becomes_markup() -> None:
    outcome = small_outcome(label=STRANGER)
    html = report_html(outcome)
    assert "<script>alert" not in html
    assert loads(html).scripts == loads(report_html(small_outcome())).scripts


def test_a_warning_stands_above_the_figures_in_the_colour_of_the_unsure(chromium: Any, tmp_path: Path) -> None:
    assert 'class="warning"' not in report_html(small_outcome())
    warned = replace(small_outcome(), warnings=(Suspicion("坐标系可能错了。<甲>", "The system may be wrong. <a>"),))
    path = tmp_path / "report.html"
    path.write_text(report_html(warned), encoding="utf-8")
    with opened(chromium, path, size="phone") as seen:
        warning = seen.page.locator(".warning")
        assert warning.inner_text().endswith("坐标系可能错了。<甲>")
        assert warning.bounding_box()["y"] < seen.page.locator("h1").bounding_box()["y"]
        red, green, blue = (int(colour("unsure")[i : i + 2], 16) for i in (1, 3, 5))
        assert warning.evaluate("e => getComputedStyle(e).color") == f"rgb({red}, {green}, {blue})"
        assert too_wide(seen.page) == []


def test_the_headline_says_both_shares() -> None:
    outcome = small_outcome()
    words = headline(outcome)
    before, after = (f"{100 * share:.0f}%" for share in (outcome.plan.before / outcome.plan.total, outcome.plan.share))
    for said in words:
        assert before in said
        assert after in said


def test_the_gains_in_the_table_add_up_to_the_total_below() -> None:
    outcome = small_outcome()
    sheet = chosen_sheet(outcome)
    gains = [float(row[3]) for row in sheet.rows]
    assert sum(gains) == pytest.approx(float(sheet.total[3]), abs=0.02)
    assert float(sheet.total[3]) == pytest.approx(outcome.plan.value - outcome.plan.before, abs=0.006)
    assert float(sheet.rows[-1][4]) == pytest.approx(100 * outcome.plan.share, abs=0.05)


def test_what_is_missed_and_what_is_covered_make_the_whole() -> None:
    outcome = small_outcome(budget=2)
    sheet = missed_sheet(outcome)
    shares = [float(row[2]) for row in sheet.rows]
    assert sum(shares) == pytest.approx(100 * (1 - outcome.plan.share), abs=0.2)
    assert all(share >= 0 for share in shares)


@pytest.mark.parametrize("name", ["walk-4", "fetch-4", "shock-4", "sz-i-300"])
def test_every_number_of_the_circle_and_its_source_stand_in_the_report(name: str) -> None:
    rule = circle(name)
    rows = [row[1] for row in rule_sheet(rule).rows]
    assert {rule.name, f"{rule.minutes:g}", f"{rule.speed:g}", f"{rule.limit_m:.0f}"} <= {str(one) for one in rows}
    assert rows[-1] == Words(rule.source_zh, rule.source)


def test_three_circles_stand_side_by_side() -> None:
    outcome = small_outcome()
    text = unescape(report_html(outcome))
    for figure in outcome.circles.values():
        assert full_width(figure.circle.words_zh) in text
        assert figure.circle.words_en in text
        assert f"{figure.share:.0%}" in text


def test_a_report_never_speaks_of_lives_saved() -> None:
    text = report_html(small_outcome())
    assert not re.search(r"lives|saved|救活|挽救|拯救", text)


def test_a_curve_holds_every_point_and_only_shades_where_there_is_a_gap() -> None:
    share = [0.1, 0.3, 0.45, 0.5]
    drawing = curve_svg(share, [None, None, None, 0.55])
    (line,) = re.findall(r'class="value" d="M([^"]*)"', drawing)
    points = [tuple(map(float, point.split())) for point in line.split(" L")]
    assert len(points) == len(share)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    heights = [points[0][1] - y for _, y in points]
    assert heights[2] / heights[3] == pytest.approx((0.45 - 0.1) / (0.5 - 0.1), abs=0.01)
    assert 'class="gap"' in drawing
    assert 'class="gap"' not in curve_svg(share, [None] * 4)


@pytest.mark.parametrize("share", [[0.3], [0.0, 1.0], [0.2] * 201])
def test_curves_of_any_length_can_be_drawn(share: list[float]) -> None:
    drawing = curve_svg(share, [*[None] * (len(share) - 1), share[-1]])
    numbers = [float(n) for n in re.findall(r' (?:x|y|cx|cy)="([^"]+)"', drawing)]
    assert all(-1 <= n <= 401 for n in numbers)
    assert "nan" not in drawing


def test_a_bar_is_as_long_as_its_share() -> None:
    widths = re.findall(r'class="(\w+)" x="([\d.]+)" y="0" width="([\d.]+)"', bar_svg(0.25, 0.4, told=Words("甲", "a")))
    assert widths == [("ground", "0.00", "100.00"), ("before", "0.00", "25.00"), ("plan", "25.00", "15.00")]


@pytest.mark.parametrize("size", ["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_opens_from_a_file_in_both_languages(chromium: Any, page: Path, size: Any, scheme: Any) -> None:
    with opened(chromium, page, size=size, scheme=scheme) as seen:
        for pattern in ("2 台新设备", "2 new devices"):
            assert seen.page.locator("h1").inner_text().replace("\u00a0", " ").startswith(pattern)
            assert too_wide(seen.page) == []
            assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert not text_collisions(seen.page)
            seen.page.locator(".language").click()
        assert seen.outside == []
        assert seen.complaints == []


def test_a_phone_opens_long_tables_when_tapped_and_paper_shows_them_all(chromium: Any, page: Path) -> None:
    with opened(chromium, page, size="phone") as seen:
        folds = seen.page.locator("details.fold")
        assert folds.count() >= 2
        assert set(folds.evaluate_all("all => all.map(one => one.open)")) == {False}
        seen.page.locator(".contents summary").tap()
        last = seen.page.locator(".contents a").last
        assert last.inner_text() == seen.page.locator("h2").last.inner_text()
        last.tap()
        until(
            seen.page,
            "location.hash && document.querySelector(location.hash + ' h2').getBoundingClientRect().top < innerHeight",
        )
        seen.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert set(folds.evaluate_all("all => all.map(one => one.open)")) == {True}


def text_collisions(page: Any) -> list[str]:
    """Pairs of texts of the curve that lie on one another."""
    script = """() => { const shown = t => getComputedStyle(t).display !== 'none';
        const all = [...document.querySelectorAll('.chart text')].filter(shown);
        const boxes = all.map(t => t.getBoundingClientRect()), out = [];
        boxes.forEach((a, i) => boxes.slice(0, i).forEach((b, j) => {
            const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (wide > 1 && high > 3) out.push(all[i].textContent + ' | ' + all[j].textContent); }));
        return out; }"""
    found: list[str] = page.evaluate(script)
    return found


def test_the_report_prints_on_a4_without_cutting(chromium: Any, page: Path, tmp_path: Path) -> None:
    with opened(chromium, page, scheme="dark") as seen:
        seen.page.emulate_media(media="print")
        seen.page.set_viewport_size({"width": 688, "height": 1000})
        assert too_wide(seen.page) == []
        assert seen.page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
        assert not seen.page.locator(".language").is_visible()
        printed = tmp_path / "report.pdf"
        seen.page.pdf(path=str(printed), format="A4", prefer_css_page_size=True)
        assert printed.read_bytes().count(b"/Type /Page\n") in range(2, 10)


def test_a_workbook_names_the_worst_points_and_counts_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = small_outcome()
    header, whole = kept_sheets(outcome)["未覆盖 uncovered"]
    monkeypatch.setattr("aedplan.study.publish.MOST_UNCOVERED", 3)
    _, short = kept_sheets(outcome)["未覆盖 uncovered"]
    lost = header.index("失去(例/年) lost (arrests/year)")
    assert short[:3] == whole[:3]
    assert len(short) == 4
    assert f"{len(whole) - 3} together" in str(short[3][0])
    assert sum(row[lost] for row in short) == pytest.approx(sum(row[lost] for row in whole))  # type: ignore[misc]
