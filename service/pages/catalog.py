"""The words of the pages by gettext: Chinese stands in templates and scripts, English in words/en/*.po.

A message is written as `_("最近的 {n} 台", n=3)` in templates and Python, and as `say(_("最近的 {n} 台"), {n: 3})` in scripts,
always as one literal in double quotes. `n` chooses between English singular and plural.
"""

import gettext
import io
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = Literal["zh", "en"]
LANGUAGES = get_args(Language)
Translate = Callable[..., str]

HERE = Path(__file__).parent
MESSAGE = re.compile(r'\b_\(\s*("(?:[^"\\\n]|\\.)*")')
"""A message where it is used, in templates, scripts and Python alike."""


def read_catalog(language: Language) -> Catalog:
    """All messages of one language, from the files of all areas; where two differ, the first file's.

    A page must not fail for a word: that files do not differ is for the tests to see.
    """
    whole = Catalog(locale=language)
    for area in read_areas(language).values():
        for message in area:
            if message.id and message.id not in whole:
                whole.add(message.id, message.string)
    return whole


def read_areas(language: Language) -> dict[str, Catalog]:
    """The messages of each file, by its name."""
    files = sorted((HERE / "words" / language).glob("*.po"))
    return {path.stem: read_po(io.BytesIO(path.read_bytes()), locale=language) for path in files}


@cache
def _translations(language: Language) -> gettext.NullTranslations:
    if language == "zh":
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read_catalog(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def translator(language: Language) -> Translate:
    """A function that says a message in a language: `_("约 {n} 分钟", n=3)`."""
    translations = _translations(language)

    def say(message: str, /, **values: object) -> str:
        said = translations.ngettext(message, message, n) if isinstance(n := values.get("n"), int) else message
        said = translations.gettext(message) if said == message else said
        return said.format(**values) if values else said

    return say


def localise(script: str, language: Language) -> str:
    """A script with its messages said in a language; one with singular and plural becomes the list of both."""
    translations = _translations(language)

    def replaced(found: re.Match[str]) -> str:
        message = json.loads(found[1])
        forms = [translations.ngettext(message, message, n) for n in (1, 2)]
        said = forms if forms[0] != forms[1] else translations.gettext(message)
        return f"_({json.dumps(said, ensure_ascii=False)}"

    return MESSAGE.sub(replaced, script)
