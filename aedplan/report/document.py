"""The report of a study as a Word document, for those who edit, sign and pass it on; the same sections as the page.

A document holds one language. Written by python-docx; the pictures come from pictures.py.
"""

import io
from typing import TYPE_CHECKING

from ..look import colour
from ..scenario.letterhead import Language, Mark
from ..source import attributions
from .pictures import bars_png, curve_png, map_key, map_png, sign_png
from .sections import curve, sections
from .sheets import Section
from .word_document import TEXT_CM, add_marked, add_paragraph, add_table, content, new_document, sayer
from .words import SYNTHETIC, Words, circle_words, headline, hours_words

if TYPE_CHECKING:
    from docx.document import Document

    from ..study.outcome import Outcome


MAP_CM = 13.0
"""How wide the map is: so that it stands on the first page, below the circles."""


def report_docx(outcome: "Outcome", *, language: Language | None = None, map_picture: bytes | None = None) -> bytes:
    """A study as a .docx file: A4, one language; the same outcome gives the same bytes.

    language     the scenario's own unless given
    map_picture  what `map_png` gave, where it is drawn already

    Raises MissingLibraryError where this machine has no Chinese font to draw the pictures with.
    """
    letterhead = outcome.scenario.letterhead
    language = language or letterhead.language
    say = sayer(language)
    document = new_document(say(headline(outcome)), language)
    if outcome.summary["synthetic"]:
        add_paragraph(document, "⚠ " + say(SYNTHETIC), tone="unsure", bold=True)
    title = say(Words(outcome.scenario.title_zh, outcome.scenario.title_en))
    sign = Mark("image/png", sign_png())
    add_marked(document, title, letterhead.mark or sign, otherwise=sign)
    document.add_heading(say(headline(outcome)), level=0)
    for words in (circle_words(outcome.scenario.circle), hours_words(outcome.summary["hours"])):
        add_paragraph(document, say(words), tone="quiet")
    for warning in outcome.warnings:
        add_paragraph(document, "⚠ " + say(Words(*warning)), tone="unsure", bold=True)
    pictures = _pictures(outcome, language) | {"map": map_picture or map_png(outcome)}
    for section in sections(outcome):
        _add_section(document, section, pictures.get(section.key), language)
        if section.key == "map":
            _add_key(document, outcome, language)
    add_paragraph(document, " · ".join(attributions([source for _, source in outcome.inputs])), tone="quiet")
    add_paragraph(document, f"aedplan {outcome.summary['version']}", tone="quiet")
    return content(document)


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
        paragraph.add_run(f"{sayer(language)(words)}    ")


def _add_section(document: "Document", section: Section, picture: bytes | None, language: Language) -> None:
    from docx.shared import Cm

    say = sayer(language)
    document.add_heading(say(section.title), level=1)
    for words in section.before:
        add_paragraph(document, say(words), tone="quiet")
    if picture is not None:
        document.add_picture(io.BytesIO(picture), width=Cm(MAP_CM if section.key == "map" else TEXT_CM))
        document.paragraphs[-1].paragraph_format.keep_with_next = section.key == "map"
    for sheet in section.sheets:
        add_table(document, sheet, language)
    for words in section.after:
        add_paragraph(document, say(words), style="List Bullet" if section.listed else None)
