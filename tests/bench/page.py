"""The page of all benchmarks, docs/benchmarks.md: each benchmark replaces its own section and leaves the others alone."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"

HEAD = """# 基准测试 Benchmarks

本页由各条 `make bench-…` 命令写出，每条命令只替换自己的一节，请勿手改。Each section is written by its own `make bench-…` command;
never edit this page by hand.
"""


def write_section(page: Path, title: str, text: str) -> None:
    """Put a section in its place on the page, or at the end when the page has none of that title.

    title  one line, without `##`
    text   Markdown below the title; headings inside begin at `###`

    Raises ValueError for a heading inside that would end the section.
    """
    if "\n" in title or re.search(r"^##? ", text, re.MULTILINE):
        raise ValueError(f"section {title!r}: a title is one line, and headings inside it begin at ###")
    sections = read_sections(page)
    sections[title] = text.strip() + "\n"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(HEAD + "".join(f"\n## {name}\n\n{body}" for name, body in sections.items()), encoding="utf-8")


def read_sections(page: Path) -> dict[str, str]:
    """The sections of a page by title, in order; none where there is no page yet."""
    if not page.is_file():
        return {}
    _, *parts = re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    split = (part.partition("\n") for part in parts)
    return {title.strip(): body.strip() + "\n" for title, _, body in split}
