"""The Word report: says what the page says, one language at a time, the same bytes each time; its pictures show the plan."""

import io
import re
import zipfile

import numpy as np
import pytest
from docx import Document
from outcomes import STRANGER, small_outcome
from PIL import Image

from aedplan.circles import circle
from aedplan.errors import MissingLibraryError
from aedplan.look import colour
from aedplan.report import pictures
from aedplan.report.document import report_docx
from aedplan.report.pictures import curve_png, map_png
from aedplan.report.sections import sections
from aedplan.report.words import headline

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def texts(docx: bytes) -> list[str]:
    """Every paragraph and cell of a document."""
    document = Document(io.BytesIO(docx))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in document.paragraphs] + cells


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def shows(png: bytes, name: str, *, at_least: int) -> bool:
    """Whether so many pixels have nearly the colour of a name."""
    wanted = np.array([int(colour(name)[i : i + 2], 16) for i in (1, 3, 5)])
    return int((np.abs(pixels(png) - wanted).max(axis=2) < 24).sum()) >= at_least


def test_the_same_outcome_gives_the_same_bytes() -> None:
    assert report_docx(small_outcome()) == report_docx(small_outcome())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_document_holds_every_section_and_cell_of_the_report(language: str) -> None:
    outcome = small_outcome(label=STRANGER)
    said = texts(report_docx(outcome, language=language))  # type: ignore[arg-type]
    assert getattr(headline(outcome), language) in said
    for section in sections(outcome):
        assert getattr(section.title, language) in said
        for sheet in section.sheets:
            assert all(str(cell) in said for row in sheet.rows for cell in row if isinstance(cell, (int, float)))
    assert STRANGER in said


def test_the_english_document_has_chinese_only_in_names() -> None:
    outcome = small_outcome()
    names = {*outcome.sites.label}
    assert [one for one in texts(report_docx(outcome, language="en")) if CHINESE.search(one) and one not in names] == []


def test_sign_and_three_pictures_stand_in_it_and_nothing_is_linked_from_outside() -> None:
    with zipfile.ZipFile(io.BytesIO(report_docx(small_outcome()))) as archive:
        assert len([name for name in archive.namelist() if name.endswith(".png")]) == 4
        links = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".rels"))
    assert b'TargetMode="External"' not in links


@pytest.mark.parametrize("name", ["walk-4", "sz-i-300"])
def test_the_map_shows_plan_devices_and_what_is_reached(name: str) -> None:
    png = map_png(small_outcome(rescue=circle(name)))
    for shown in ("plan", "sign", "map-street"):
        assert shows(png, shown, at_least=50), shown
    if name == "walk-4":
        assert all(shows(png, f"reach-{step}", at_least=50) for step in (1, 2, 3))


def test_the_curve_shades_the_gap_only_where_there_is_one() -> None:
    open_gap = curve_png([0.1, 0.3, 0.4], [None, 0.35, 0.6], language="zh")
    closed = curve_png([0.1, 0.3, 0.4], [None, 0.3, 0.4], language="zh")
    assert not np.array_equal(pixels(open_gap), pixels(closed))
    assert shows(closed, "plan", at_least=200)


def test_without_a_chinese_font_one_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "CHINESE_FONTS", ("No Such Font",))
    pictures.chinese_font.cache_clear()
    with pytest.raises(MissingLibraryError, match=r"fonts-noto-cjk"):
        report_docx(small_outcome())
    pictures.chinese_font.cache_clear()
