"""What an office puts on its papers: a language, and its own mark on map, page and document instead of the AED sign."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from counties import write_county
from outcomes import small_outcome
from PIL import Image

from aedplan.errors import InputError
from aedplan.look import colour
from aedplan.report.document import report_docx
from aedplan.report.maps import draw_map
from aedplan.report.pictures import sign_png
from aedplan.report.report import report_html
from aedplan.scenario.letterhead import Letterhead, read_mark
from aedplan.scenario.scenario import Scenario
from aedplan.study.outcome import Outcome

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><circle cx="2" cy="2" r="2"/></svg>'


def marked(path: Path, language: str = "zh") -> Outcome:
    """A small study whose office gives a mark."""
    outcome = small_outcome()
    letterhead = Letterhead(language, read_mark(path))  # type: ignore[arg-type]
    return replace(outcome, scenario=replace(outcome.scenario, letterhead=letterhead))


def parts(docx: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def picture(tmp_path: Path, name: str = "ours.png") -> Path:
    path = tmp_path / name
    Image.new("RGB", (30, 20), colour("plan")).save(path)
    return path


def test_a_mark_stands_on_map_page_and_document_instead_of_the_sign(tmp_path: Path) -> None:
    path = picture(tmp_path)
    outcome = marked(path)
    address = read_mark(path).address
    for page in (draw_map(outcome), report_html(outcome)):
        assert page.count(address) == 1
        assert "M16 27" not in page
    media = [data for name, data in parts(report_docx(outcome)).items() if name.startswith("word/media/")]
    assert path.read_bytes() in media
    assert sign_png() not in media


def test_without_a_mark_the_green_heart_stands() -> None:
    outcome = small_outcome()
    assert all("M16 27" in page for page in (draw_map(outcome), report_html(outcome)))
    assert sign_png() in parts(report_docx(outcome)).values()
    sign = Image.open(io.BytesIO(sign_png())).convert("RGB")
    middle, corner = sign.getpixel((sign.width // 4, sign.height // 2)), sign.getpixel((sign.width // 2, 12))
    assert middle == (255, 255, 255)
    assert "#{:02X}{:02X}{:02X}".format(*corner) == colour("sign")


def test_a_drawing_is_a_drawing_in_the_document_with_the_sign_for_readers_that_show_none(tmp_path: Path) -> None:
    path = tmp_path / "ours.svg"
    path.write_bytes(DRAWING)
    inside = parts(report_docx(marked(path)))
    assert inside["word/media/mark.svg"] == DRAWING
    assert sign_png() in inside.values()
    assert b"svgBlip" in inside["word/document.xml"]
    assert b"image/svg+xml" in inside["[Content_Types].xml"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("ours.gif", b"GIF89a", "expected a .png or .svg"),
        ("ours.png", b"\x89PNG but no more", "cannot be read as PNG"),
        ("ours.svg", b"<html></html>", "cannot be read as SVG"),
        ("ours.svg", b'<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg>&a;</svg>', "cannot be read as SVG"),
        ("large.svg", b" " * 600_000, "600 kB; expected at most 500 kB"),
    ],
)
def test_a_mark_that_is_none_gives_one_sentence(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words) as told:
        read_mark(tmp_path / name)
    assert len(told.value.faults) == 1


def test_a_scenario_names_language_and_mark_and_is_told_what_is_wrong_with_them(tmp_path: Path) -> None:
    path = write_county(tmp_path)
    picture(tmp_path)
    assert Scenario.read(path).letterhead == Letterhead()
    text = path.read_text(encoding="utf-8")
    good = Scenario.parse(text + '\n[report]\nlanguage = "en"\nmark = "ours.png"\n', folder=tmp_path)
    assert (good.letterhead.language, good.letterhead.mark) == ("en", read_mark(tmp_path / "ours.png"))
    with pytest.raises(InputError) as told:
        Scenario.parse(text + '\n[report]\nlanguage = "fr"\nmark = "no.png"\nlogo = 1\n', folder=tmp_path)
    assert [fault.split(" ")[1] for fault in told.value.faults] == ["report.logo", "report.language", "report.mark:"]


def test_the_scenarios_language_is_the_documents_unless_another_is_asked_for(tmp_path: Path) -> None:
    outcome = marked(picture(tmp_path), "en")
    assert "One plan under three rescue circles" in parts(report_docx(outcome))["word/document.xml"].decode()
    assert "同一方案，三种救护圈" in parts(report_docx(outcome, language="zh"))["word/document.xml"].decode()
