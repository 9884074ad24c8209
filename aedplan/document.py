"""The report of a study as a Word document, for those who edit, sign and pass it on; the same sections as the page.

A document holds one language. Written by python-docx; the pictures come from pictures.py.
"""

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .look import colour
from .outputs import EPOCH, timeless
from .pictures import Language, bars_png, curve_png, map_key, map_png
from .sections import curve, sections
from .sheets import Section, Sheet
from .source import attributions
from .words import SYNTHETIC, Words, circle_words, full_width, headline, hours_words

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Cell

    from .outcome import Outcome

FONT_ZH, FONT_EN = "Microsoft YaHei", "Calibri"
"""Named, not embedded: where a reader has neither, Word takes its own."""

PAGE_CM = (21.0, 29.7)
MARGIN_CM = 2.0
TEXT_CM = PAGE_CM[0] - 2 * MARGIN_CM
BODY_PT, TABLE_PT = 10.5, 8.5
CELL_MARGINS_CM = 0.3
"""Left and right of a cell's text, together."""
UNIT_CM = 0.155
"""A digit of a table, half a Chinese character."""


def report_docx(outcome: "Outcome", *, language: Language = "zh", map_picture: bytes | None = None) -> bytes:
    """A study as a .docx file: A4, one language; the same outcome gives the same bytes.

    map_picture  what `map_png` gave, where it is drawn already

    Raises MissingLibraryError where this machine has no Chinese font to draw the pictures with.
    """
    from docx import Document

    document = Document()
    _set_up(document, outcome, language)
    say = _sayer(language)
    if outcome.summary["synthetic"]:
        _paragraph(document, "⚠ " + say(SYNTHETIC), tone="unsure", bold=True)
    _paragraph(document, say(Words(outcome.scenario.title_zh, outcome.scenario.title_en)), tone="quiet")
    document.add_heading(say(headline(outcome)), level=0)
    for words in (circle_words(outcome.scenario.circle), hours_words(outcome.summary["hours"])):
        _paragraph(document, say(words), tone="quiet")
    for warning in outcome.warnings:
        _paragraph(document, "⚠ " + say(Words(*warning)), tone="unsure", bold=True)
    pictures = _pictures(outcome, language) | {"map": map_picture or map_png(outcome)}
    for section in sections(outcome):
        _add_section(document, section, pictures.get(section.key), language)
        if section.key == "map":
            _add_key(document, outcome, language)
    _paragraph(document, " · ".join(attributions([source for _, source in outcome.inputs])), tone="quiet")
    _paragraph(document, f"aedplan {outcome.summary['version']}", tone="quiet")
    buffer = io.BytesIO()
    document.save(buffer)
    return timeless(buffer.getvalue())


def _sayer(language: Language) -> Any:
    """What turns Words, texts and numbers into text of one language."""

    def say(value: object) -> str:
        if isinstance(value, Words):
            return full_width(value.zh) if language == "zh" else value.en
        return str(value)

    return say


def _set_up(document: "Document", outcome: "Outcome", language: Language) -> None:
    """Paper, fonts, colours, page numbers; dates that say nothing."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    page = document.sections[0]
    page.page_width, page.page_height = Cm(PAGE_CM[0]), Cm(PAGE_CM[1])
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(MARGIN_CM)
    for name, size in (("Normal", BODY_PT), ("Title", 20), ("Heading 1", 14)):
        style: Any = document.styles[name]
        style.font.size, style.font.name = Pt(size), FONT_EN
        style.font.color.rgb = RGBColor.from_string(colour("ink")[1:])
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), FONT_ZH)
    for mark, text in (("begin", None), (None, "PAGE"), ("end", None)):
        run = page.footer.paragraphs[0].add_run()
        element = OxmlElement("w:fldChar" if mark else "w:instrText")
        if mark:
            element.set(qn("w:fldCharType"), mark)
        else:
            element.text = text
        run._r.append(element)
    page.footer.paragraphs[0].alignment = 1
    about = document.core_properties
    about.title, about.author, about.comments = _sayer(language)(headline(outcome)), "aedplan", ""
    about.created = about.modified = EPOCH.replace(tzinfo=None)
    about.language = "zh-CN" if language == "zh" else "en"


def _pictures(outcome: "Outcome", language: Language) -> dict[str, bytes]:
    """The pictures with words in them, by the key of their section."""
    circles = [(one.circle, one.share_before, one.share) for one in outcome.circles.values()]
    return {"circles": bars_png(circles, language=language), "curve": curve_png(*curve(outcome), language=language)}


def _add_key(document: "Document", outcome: "Outcome", language: Language) -> None:
    """What is what on the map, each mark in its colour."""
    from docx.shared import RGBColor

    paragraph = document.add_paragraph()
    for mark, name, words in map_key(outcome):
        paragraph.add_run(f"{mark} ").font.color.rgb = RGBColor.from_string(colour(name)[1:])
        paragraph.add_run(f"{_sayer(language)(words)}    ")


def _add_section(document: "Document", section: Section, picture: bytes | None, language: Language) -> None:
    from docx.shared import Cm

    say = _sayer(language)
    document.add_heading(say(section.title), level=1)
    for words in section.before:
        _paragraph(document, say(words), tone="quiet")
    if picture is not None:
        document.add_picture(io.BytesIO(picture), width=Cm(TEXT_CM))
        document.paragraphs[-1].paragraph_format.keep_with_next = section.key == "map"
    for sheet in section.sheets:
        _add_table(document, sheet, language)
    for words in section.after:
        _paragraph(document, say(words), style="List Bullet" if section.listed else None)


def _paragraph(
    document: "Document", text: str, *, tone: str = "ink", bold: bool = False, style: str | None = None
) -> None:
    from docx.shared import Pt, RGBColor

    paragraph = document.add_paragraph(style=style)
    paragraph.paragraph_format.space_after = Pt(4)
    run = paragraph.add_run(text)
    run.bold = bold
    run.font.color.rgb = RGBColor.from_string(colour(tone)[1:])


def _add_table(document: "Document", sheet: Sheet, language: Language) -> None:
    """A table whose head is repeated on every page and whose rows are never torn apart."""
    from docx.oxml import OxmlElement
    from docx.shared import Cm

    say = _sayer(language)
    rows = [[column.words for column in sheet.columns], *sheet.rows, *([sheet.total] if sheet.total else [])]
    table = document.add_table(len(rows), len(sheet.columns))
    _rule(table)
    widths = _widths([[say(cell) for cell in row] for row in rows])
    for grid, width in zip(table.columns, widths, strict=True):
        grid.width = Cm(width)
    for number, (row, values) in enumerate(zip(table.rows, rows, strict=True)):
        strong = number == 0 or (bool(sheet.total) and number == len(rows) - 1)
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, column, value, width in zip(row.cells, sheet.columns, values, widths, strict=True):
            _fill(cell, say(value), right=column.shape == "right", strong=strong, width_cm=width)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    document.add_paragraph().paragraph_format.space_after = 0


def _widths(texts: Sequence[Sequence[str]]) -> np.ndarray:
    """Centimetres for each column, header first: rows stand on one line where there is room, the longest give way first.

    A header may take two lines; no word or number is broken while there is room.
    """
    body = np.array([[_units(text) for text in row] for row in texts[1:]]).max(axis=0, initial=0)
    least = np.array([[_longest_word(text) for text in row] for row in texts]).max(axis=0) + 2  # bold
    want = np.maximum(body, [(_units(text) + 1) // 2 for text in texts[0]]) + 1
    room = (TEXT_CM - len(want) * CELL_MARGINS_CM) / UNIT_CM
    caps = (np.maximum(least, np.minimum(want, cap)) for cap in range(int(want.max()), 0, -1))
    taken = next((units for units in caps if units.sum() <= room), least)
    widths: np.ndarray = CELL_MARGINS_CM + taken * (TEXT_CM - len(want) * CELL_MARGINS_CM) / taken.sum()
    return widths


def _units(text: str) -> int:
    """How wide a text is: a Chinese character counts two, any other one."""
    return sum(1 + (ord(c) > 0x2E7F) for c in text)


def _longest_word(text: str) -> int:
    """The widest part of a text that stands on one line: Chinese breaks anywhere, other words after a hyphen at most."""
    return max((_units(part) for part in re.findall(r"[!-,.-~]+-?|\S", text)), default=0)


def _fill(cell: "_Cell", text: str, *, right: bool, strong: bool, width_cm: float) -> None:
    from docx.shared import Cm, Pt

    cell.width = Cm(width_cm)
    paragraph = cell.paragraphs[0]
    paragraph.alignment = 2 if right else 0
    paragraph.paragraph_format.space_after = paragraph.paragraph_format.space_before = Pt(2)
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(TABLE_PT), strong


def _rule(table: "Table") -> None:
    """Thin lines between rows, none between columns; the widths given are kept."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    table.autofit = False
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", colour("rule")[1:])):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(round(CELL_MARGINS_CM / 2 * 1440 / 2.54)))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)
