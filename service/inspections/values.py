"""Values of the inspection form: what may be typed at an item, and the one shape in which it is kept.

A value is text: a day as 2026-11-22, a number in digits, a list as ids with commas, hours in OSM syntax. So it goes through
JSON, tables and databases unchanged.
"""

from datetime import date
from math import isfinite

from .form import Item, Language

LONGEST_TEXT = 255


def has_failed(item: Item, value: str, on: date) -> bool:
    """Whether a value says by itself that the item is not in order on that day."""
    if item.value == "date":
        return bool(value) and date.fromisoformat(value) < on
    if item.value == "list":
        return bool(value)
    return value in item.fails


def canonical(item: Item, raw: object) -> str:
    """A typed value in the shape in which it is kept.

    Raises ValueError saying in Chinese and English, after one another as two arguments, what was expected.

    >>> from service.inspections.form import shipped_form
    >>> canonical(shipped_form().get("rescue_kit"), ["gloves", "mask"])
    'mask,gloves'
    """
    if raw is None or raw == "" or raw == []:
        return ""
    if isinstance(raw, bool):
        raise ValueError("不是可用的值", "no usable value")
    makers = {"choice": _one, "date": _day, "number": _number, "list": _several, "text": _text, "hours": _hours}
    if item.value == "none":
        raise ValueError("本项不填数值", "this item takes no value")
    return makers[item.value](item, raw)


def _one(item: Item, raw: object) -> str:
    known = [choice.id for choice in item.choices]
    if raw not in known:
        raise ValueError(f"应为：{'、'.join(c.zh for c in item.choices)}", f"expected one of {', '.join(known)}")
    return str(raw)


def _several(item: Item, raw: object) -> str:
    given = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
        raise ValueError("应为列表", "expected a list")
    for one in given:
        _one(item, one)
    return ",".join(choice.id for choice in item.choices if choice.id in given)


def _day(_: Item, raw: object) -> str:
    """The label often names a month only; pages turn it into its last day before they send it."""
    try:
        if not isinstance(raw, str) or len(raw) != 10:
            raise ValueError
        day = date.fromisoformat(raw)
    except ValueError:
        raise ValueError("应为日期，如 2027-05-31", "expected a day such as 2027-05-31") from None
    if not 1990 <= day.year <= 2100:
        raise ValueError("年份应在 1990 至 2100 之间", "expected a year from 1990 to 2100")
    return day.isoformat()


def _number(item: Item, raw: object) -> str:
    try:
        number = float(raw) if isinstance(raw, str | int | float) else float("nan")
    except (ValueError, OverflowError):
        number = float("nan")
    if not isfinite(number) or not item.least <= number <= item.most:
        limits = f"{item.least:g} – {item.most:g}"
        raise ValueError(f"应为 {limits} 之间的数", f"expected a number, {limits}")
    return f"{number:g}" if abs(number) < 1e6 else repr(number)


def _text(_: Item, raw: object) -> str:
    if not isinstance(raw, str) or len(raw.strip()) > LONGEST_TEXT or not raw.isprintable():
        raise ValueError(
            f"应为一行文字，不超过 {LONGEST_TEXT} 字", f"expected one line of text, at most {LONGEST_TEXT} characters"
        )
    return raw.strip()


def _hours(item: Item, raw: object) -> str:
    """Opening hours in OSM syntax, from that or from what people write: 周一至周五 8:00-17:00."""
    from aedplan.hours.texts import understand_hours

    [understood] = understand_hours([_text(item, raw)])
    if not understood.osm:
        raise ValueError(
            "没有看懂，请写如：周一至周五 8:00-17:00，节假日休息",
            "expected opening hours such as Mo-Fr 08:00-17:00; PH off",
        )
    return understood.osm


def shown_value(item: Item, value: str, language: Language) -> str:
    """A canonical value in words.

    >>> from service.inspections.form import shipped_form
    >>> shown_value(shipped_form().get("rescue_kit"), "mask,gloves", "zh")
    '呼吸面膜、手套'
    """
    if item.value == "hours" and value:
        from aedplan.hours.words import say_hours

        return say_hours(value)[0 if language == "zh" else 1]
    words = {choice.id: choice.zh if language == "zh" else choice.en for choice in item.choices}
    if not words:
        return value
    return ("、" if language == "zh" else ", ").join(words.get(one, one) for one in value.split(",") if one)
