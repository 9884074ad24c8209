"""What an office puts on what it hands out: the language of the Word report, and its own mark instead of the AED sign.

The red cross emblem is protected by law, so nothing here draws it: the sign of ISO 7010 (a white heart on green) stands
unless an office gives a mark of its own.
"""

import base64
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

from ..errors import InputError
from ..look import sign_symbol
from .given import Given

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

KEYS = ("language", "mark")

MEDIA = {".png": "image/png", ".svg": "image/svg+xml"}
MOST_KB = 500
"""A mark stands inside every page and document."""


@dataclass(frozen=True)
class Mark:
    """A picture of an office's own: what kind it is, and its bytes."""

    media: str
    content: bytes

    @property
    def address(self) -> str:
        """The picture itself as an address, so that a page loads nothing."""
        return f"data:{self.media};base64,{base64.b64encode(self.content).decode()}"


@dataclass(frozen=True)
class Letterhead:
    """Of one scenario; mark None: the AED sign."""

    language: Language = "zh"
    mark: Mark | None = None

    @property
    def sign_svg(self) -> str:
        """The symbol `#aed-sign` of a page: the mark, or the AED sign."""
        return sign_symbol(self.mark.address if self.mark else None)


def read_letterhead(table: Given) -> Letterhead:
    """A scenario's table [report]; its faults join the others."""
    table.only(KEYS)
    language: Language = "en" if table.choice("language", LANGUAGES, "zh") == "en" else "zh"
    mark = None
    if "mark" in table:
        before, path = len(table.faults), table.path("mark")
        try:
            mark = read_mark(path) if len(table.faults) == before else None
        except InputError as error:
            table.fault(f"{table.name('mark')}: {error}")
    return Letterhead(language, mark)


def read_mark(path: Path) -> Mark:
    """A mark from a PNG or SVG file.

    Raises InputError, one sentence, for any other kind, for a damaged file and for one of more than MOST_KB.
    """
    media = MEDIA.get(path.suffix.lower())
    content = path.read_bytes() if path.is_file() else b""
    if media is None:
        raise InputError(f"{path.name}: expected a .png or .svg picture")
    if len(content) > MOST_KB * 1000:
        raise InputError(f"{path.name}: {len(content) / 1000:,.0f} kB; expected at most {MOST_KB} kB")
    if not (_is_png if media == "image/png" else _is_svg)(content):
        raise InputError(f"{path.name}: cannot be read as {path.suffix[1:].upper()}; expected a whole picture")
    return Mark(media, content)


def _is_png(content: bytes) -> bool:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
            picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    return True


def _is_svg(content: bytes) -> bool:
    """Whether it is an SVG drawing; entities, which could swell without end, are in none that an office draws."""
    if b"<!ENTITY" in content:
        return False
    try:
        return ElementTree.fromstring(content).tag.rpartition("}")[2] == "svg"
    except ElementTree.ParseError:
        return False
