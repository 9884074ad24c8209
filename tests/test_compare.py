"""Plans side by side: true to their folders, refused where the figures are not one measure, maps that move together."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from browser import chromium, opened, too_wide, until
from outcomes import STRANGER, small_outcome

from aedplan.circles import circle
from aedplan.cli import main
from aedplan.errors import InputError
from aedplan.report.compare import compare_html, ranking, read_studies, unlike

__all__ = ["chromium"]

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three devices, two devices with a stranger's label, and three under another circle."""
    outcomes = [small_outcome(), small_outcome(budget=2, label=STRANGER), small_outcome(rescue=circle("fetch-4"))]
    made = []
    for name, outcome in zip(("three", "two", "fetch"), outcomes, strict=True):
        folder = tmp_path_factory.mktemp("compare") / name
        outcome.save(folder)
        (folder / "scenario.toml").write_text(f"[plan]\ndevices = {len(outcome.plan.chosen)}\n", encoding="utf-8")
        made.append(folder)
    return made


def test_every_figure_is_that_of_its_own_folder(folders: list[Path]) -> None:
    html = compare_html(read_studies(folders[:2]))
    for folder in folders[:2]:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        assert f"{100 * summary['share']:.1f}" in html
    assert "plan.devices" in html
    assert "<script>alert" not in html


def test_unlike_plans_are_refused_until_asked_for_and_then_the_page_says_so(folders: list[Path]) -> None:
    studies = read_studies([folders[0], folders[2]])
    assert [words.en for words in unlike(studies)] == ["different rescue circles"]
    with pytest.raises(InputError, match=r"救护圈不同.*--even-if-unlike"):
        compare_html(studies)
    assert "different rescue circles" in compare_html(studies, even_if_unlike=True)
    assert unlike(read_studies(folders[:2])) == []


def test_plans_of_one_demand_are_ranked_by_survival_curves_and_others_are_not(folders: list[Path]) -> None:
    ranked = ranking(read_studies(folders[:2]))
    assert ranked is not None
    assert (ranked.plans, ranked.first) == (("A", "B"), ("A", len(ranked.cases)))  # three devices beside two
    html = compare_html(read_studies(folders[:2]))
    assert "不代表救活人数" in html
    assert "King County" in html
    assert ranking(read_studies([folders[0], folders[2]])) is None


@pytest.mark.parametrize(("count", "words"), [(1, "1 plans to compare"), (5, "5 plans to compare")])
def test_fewer_than_two_and_more_than_four_are_refused(folders: list[Path], count: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_studies(folders[:1] * count)


def test_a_folder_that_is_no_plan_is_named_and_nothing_is_written(
    folders: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folders[0], broken)
    (broken / "summary.json").write_text("{", encoding="utf-8")
    out = tmp_path / "compare.html"
    assert main(["compare", str(folders[0]), str(broken), str(tmp_path / "none"), "--out", str(out)]) == 2
    told = capsys.readouterr().err
    assert "broken" in told
    assert "none" in told
    assert not out.exists()


def test_scenarios_are_planned_first_each_beside_the_page(
    folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = ROOT / "data" / "scenarios" / "nanan-20.toml"
    monkeypatch.setattr("aedplan.cli.plans.plan_to", lambda scenario, out: shutil.copytree(folders[0], out))
    out = tmp_path / "out" / "compare.html"
    assert main(["compare", str(scenario), str(folders[1]), "--out", str(out)]) == 0
    assert "A nanan-20" in capsys.readouterr().out
    namesake = scenario.parent / ".." / "scenarios" / scenario.name
    assert main(["compare", str(scenario), str(namesake), "--out", str(tmp_path / "twice" / "compare.html")]) == 2
    assert "nanan-20: 2 scenarios of this name" in capsys.readouterr().err
    assert not (tmp_path / "twice").exists()


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_maps_move_together_and_speak_the_pages_language(
    chromium: Any, folders: list[Path], tmp_path: Path, size: Any
) -> None:
    out = tmp_path / "compare.html"
    assert main(["compare", *map(str, folders), "--even-if-unlike", "--out", str(out)]) == 0
    with opened(chromium, out, size=size) as seen:
        page = seen.page
        first, *others = (frame.content_frame() for frame in page.query_selector_all("iframe"))
        assert len(others) == 2
        frames = "[...document.querySelectorAll('iframe')].map(f => f.contentDocument)"
        scales = f"{frames}.map(d => d.querySelector('.leaflet-control-scale-line').textContent)"
        until(page, f"new Set({scales}).size === 1")
        far = page.evaluate(scales)[0]
        first.locator(".leaflet-control-zoom-in").click()
        until(page, f"new Set({scales}).size === 1 && {scales}[0] !== '{far}'")
        left = "document.querySelector('.pin').getBoundingClientRect().left"
        before = first.evaluate(left)
        first.locator(".leaflet-container").press("ArrowRight")
        until(first, f"{left} < {before}")
        page.click(".language")
        until(page, f"{frames}[0].documentElement.lang === 'en'")
        assert first.locator(".panel").is_hidden()
        assert too_wide(page) == []
        assert seen.outside == seen.complaints == []
