"""Word documents as everything here writes them: A4, one language, quiet tables, the same bytes for the same content.

Written by python-docx, which is imported only when a document is made.
"""

import io
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..look import colour
from ..outputs import EPOCH, timeless
from ..scenario.letterhead import Language, Mark
from .sheets import Sheet
from .words import Words, full_width

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Cell

FONT_ZH, FONT_EN = "Microsoft YaHei", "Calibri"
"""Named, not embedded: where a reader has neither, Word takes its own."""

PAGE_CM = (21.0, 29.7)
MARGIN_CM = 2.0
TEXT_CM = PAGE_CM[0] - 2 * MARGIN_CM
BODY_PT, TABLE_PT = 10.5, 8.5
CELL_MARGINS_CM = 0.3
"""Left and right of a cell's text, together."""
MARK_CM = 0.9

TOGETHER = 9
"""A table of so many rows is not torn between pages; of a longer one the first three stay together."""

_SVG_EXTENSION = (
    '<a:extLst xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}">'
    '<asvg:svgBlip xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:embed="{id}"/>'
    "</a:ext></a:extLst>"
)
"""How a document points to an SVG drawing (MS-ODRAWXML 2.23)."""

UNIT_CM = 0.155
"""A digit of a table, half a Chinese character."""


def new_document(title: str, language: Language) -> "Document":
    """An empty document with paper, fonts, colours and page numbers set; its dates say nothing."""
    from docx import Document

    document = Document()
    _set_up(document, title, language)
    return document


def content(document: "Document") -> bytes:
    """A document as a .docx file; the same document gives the same bytes."""
    buffer = io.BytesIO()
    document.save(buffer)
    return timeless(buffer.getvalue())


def sayer(language: Language) -> Callable[[object], str]:
    """What turns Words, texts and numbers into text of one language."""

    def say(value: object) -> str:
        if isinstance(value, Words):
            return full_width(value.zh) if language == "zh" else value.en
        return str(value)

    return say


def _set_up(document: "Document", title: str, language: Language) -> None:
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
    about.title, about.author, about.comments = title, "aedplan", ""
    about.created = about.modified = EPOCH.replace(tzinfo=None)
    about.language = "zh-CN" if language == "zh" else "en"


def add_paragraph(
    document: "Document", text: str, *, tone: str = "ink", bold: bool = False, style: str | None = None
) -> None:
    """A paragraph in a colour of the house."""
    from docx.shared import Pt, RGBColor

    paragraph = document.add_paragraph(style=style)
    paragraph.paragraph_format.space_after = Pt(4)
    run = paragraph.add_run(text)
    run.bold = bold
    run.font.color.rgb = RGBColor.from_string(colour(tone)[1:])


def add_marked(document: "Document", text: str, mark: Mark, *, otherwise: Mark) -> None:
    """A quiet line that begins with a mark.

    otherwise  a PNG for readers that show no SVG drawing
    """
    from docx.shared import Cm, RGBColor

    paragraph = document.add_paragraph()
    run = paragraph.add_run()
    drawn = mark.media != "image/png"
    run.add_picture(io.BytesIO((otherwise if drawn else mark).content), height=Cm(MARK_CM))
    if drawn:
        _add_drawing(document, run, mark)
    paragraph.add_run(f"  {text}").font.color.rgb = RGBColor.from_string(colour("quiet")[1:])


def _add_drawing(document: "Document", run: Any, mark: Mark) -> None:
    """An SVG drawing in the place of a picture, as Word keeps it: beside the picture for readers that know none."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import parse_xml
    from docx.oxml.ns import qn

    part = Part(PackURI("/word/media/mark.svg"), mark.media, mark.content, document.part.package)
    id = document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
    extension = parse_xml(_SVG_EXTENSION.format(id=id))
    next(run._r.iter(qn("a:blip"))).append(extension)


def add_table(document: "Document", sheet: Sheet, language: Language) -> None:
    """A table whose head is repeated on every page and whose rows are never torn apart."""
    from docx.oxml import OxmlElement
    from docx.shared import Cm

    say = sayer(language)
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
            cell.paragraphs[0].paragraph_format.keep_with_next = number < (
                len(rows) - 1 if len(rows) <= TOGETHER else 2
            )
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
