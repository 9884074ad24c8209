"""The page of benchmarks: every benchmark writes its own section."""

from pathlib import Path

import pytest
from bench.page import read_sections, write_section
from bench.table import Promise, section


def test_a_section_is_replaced_and_the_others_keep_place_and_words(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "page.md"
    for title, text in (
        ("步行 Walks", "one\n\n### more\n\nof it"),
        ("布点 Placement", "two"),
        ("服务 Service", "three"),
    ):
        write_section(page, title, text)
    before = page.read_text(encoding="utf-8")
    write_section(page, "布点 Placement", "| a | b |\n|---|---|\n| 1 | 2 |\n")
    after = page.read_text(encoding="utf-8")
    assert after == before.replace("\ntwo\n", "\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    assert list(read_sections(page)) == ["步行 Walks", "布点 Placement", "服务 Service"]
    assert read_sections(page)["步行 Walks"] == "one\n\n### more\n\nof it\n"


def test_writing_the_same_section_twice_changes_nothing(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    write_section(page, "Walks", "one")
    write_section(page, "Placement", "two")
    before = page.read_bytes()
    write_section(page, "Walks", "one")
    assert page.read_bytes() == before


@pytest.mark.parametrize(("title", "text"), [("Walks", "# big"), ("Walks", "x\n## inner\ny"), ("two\nlines", "x")])
def test_a_heading_that_would_end_the_section_is_refused(tmp_path: Path, title: str, text: str) -> None:
    with pytest.raises(ValueError, match="begin at ###"):
        write_section(tmp_path / "page.md", title, text)


def test_a_table_made_from_rows_fits_into_a_section_and_explains_what_is_missed(tmp_path: Path) -> None:
    rows = [Promise("fast", "speed", least=2).row(3.0, "a"), Promise("small", "size", most=2, unit=" B").row(9.0, "b")]
    text = section(rows, {"commit": "abc"}, "how it was measured", {"small": "too much in it"})
    write_section(tmp_path / "page.md", "Walks", text)
    body = read_sections(tmp_path / "page.md")["Walks"]
    assert "| speed | ≥ 2x | **3x** | 是 yes | a |" in body
    assert "| size | 9 B | too much in it |" in body
    assert "1 of 2 measured" in body
    assert "| speed | 3x |" not in body
