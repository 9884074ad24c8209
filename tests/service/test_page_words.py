"""The words of the pages: every message used has its English, none is left over, both ask for the same values."""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from service.pages.catalog import MESSAGE, localise, read_areas, read_catalog, translator

PAGES = Path(__file__).parents[2] / "service" / "pages"
SOURCES = [
    path for path in sorted(PAGES.rglob("*")) if path.suffix in (".html", ".js", ".py") and path.name != "catalog.py"
]
PLACE = re.compile(r"\{(\w+)\}")


@cache
def used() -> dict[str, str]:
    """Every message, and a file that uses it."""
    return {
        json.loads(literal): path.name
        for path in SOURCES
        for literal in MESSAGE.findall(path.read_text(encoding="utf-8"))
    }


def english() -> dict[str, list[str]]:
    """The English of every message: one form, or singular and plural."""
    found = {}
    for message in read_catalog("en"):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            found[key] = [message.string] if isinstance(message.string, str) else list(message.string)
    return found


def test_every_message_has_its_english_and_none_is_left_over():
    known = {message for message, forms in english().items() if all(forms)}
    assert {message: file for message, file in used().items() if message not in known} == {}
    assert known - used().keys() == set()


def test_english_asks_for_the_same_values_as_chinese():
    for message, forms in english().items():
        for form in forms:
            missing = Counter(PLACE.findall(message)) - Counter(PLACE.findall(form))
            assert set(PLACE.findall(form)) <= set(PLACE.findall(message)), form
            assert set(missing) <= {"n"}, form  # one device, {n} devices


def test_areas_say_the_same_message_the_same_way():
    said: dict[object, dict[object, str]] = {}
    for area, messages in read_areas("en").items():
        for message in messages:
            said.setdefault(message.id, {}).setdefault(message.string, area)
    said.pop("")
    assert [forms for forms in said.values() if len(forms) > 1] == []


def test_no_english_holds_chinese():
    chinese = {form for forms in english().values() for form in forms if re.search("[\u4e00-\u9fff]", form)}
    assert {form for form in chinese if "中文" not in form and "AED" not in form} == set()


def test_no_message_is_written_so_that_it_would_be_missed():
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        text = text.replace("function _(message) { return message; }", "").replace("_(name)", "")
        calls = len(re.findall(r"(?<![\w.])_\(", text))
        assert calls == len(MESSAGE.findall(text)), f'{path.name}: write _("...") with one literal in double quotes'


@pytest.mark.parametrize("script", sorted((PAGES / "static").glob("*.js")), ids=lambda path: path.name)
def test_scripts_are_sent_in_the_language_of_the_page(script):
    text = script.read_text(encoding="utf-8")
    assert localise(text, "zh") == text
    shown = re.sub(r"//[^\n]*|/\*.*?\*/", "", localise(text, "en"), flags=re.DOTALL)
    assert re.findall("[\u4e00-\u9fff]+", shown) == []


def test_a_message_knows_one_from_many_where_english_does():
    _ = translator("en")
    assert _("登录") == "Sign in"
    assert _("已登录：{name}", name="王") == "Signed in: 王"
    assert translator("zh")("已登录：{name}", name="王") == "已登录：王"
