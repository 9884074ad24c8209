"""Cells that a spreadsheet would run: a text such as =HYPERLINK(...) in a table from outside must stay a text.

OWASP, "CSV injection": a cell that begins with = + - @, blanks before it or not, is taken for a formula; in East Asian
editions also with the full-width forms.
"""

import re

STARTS = "=+-@＝＋－＠"

_RUNS = re.compile(rf"\s*[{re.escape(STARTS)}]")
_QUOTED_RUNS = re.compile(rf"'*\s*[{re.escape(STARTS)}]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)


def runs(text: str) -> bool:
    """Whether a spreadsheet would take a text for a formula."""
    return _RUNS.match(text) is not None


def guarded(text: str) -> str:
    """A text for a CSV cell, with a quote before it where a spreadsheet would run it; numbers stay as they are.

    >>> guarded("=1+1"), guarded("-5"), guarded("-5 号楼"), guarded("南门")
    ("'=1+1", '-5', "'-5 号楼", '南门')
    """
    return f"'{text}" if _QUOTED_RUNS.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """A cell of a CSV table without the quote of `guarded`, so that what is written and read again is the same text.

    >>> unguarded("'=1+1"), unguarded(guarded("'=1+1")), unguarded("'")
    ('=1+1', "'=1+1", "'")
    """
    return text[1:] if text[:1] == "'" and _QUOTED_RUNS.match(text[1:]) else text
