"""Opening hours in words: what a text was understood to say, shown back in Chinese and in English."""

import re

_DAYS = {
    "Mo": ("周一", "Monday"),
    "Tu": ("周二", "Tuesday"),
    "We": ("周三", "Wednesday"),
    "Th": ("周四", "Thursday"),
    "Fr": ("周五", "Friday"),
    "Sa": ("周六", "Saturday"),
    "Su": ("周日", "Sunday"),
    "PH": ("公众假期", "public holidays"),
    "SH": ("学校假期", "school holidays"),
}
_MONTHS = {
    name[:3]: (f"{number}月", name)
    for number, name in enumerate(
        ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
         "December"), 1)
}  # fmt: skip
_NAMES = _DAYS | _MONTHS
_DAY, _MONTH = "|".join(_DAYS), "|".join(_MONTHS)
_DATE = rf"(?:{_DAY})\b|(?:{_MONTH})\b(?:\s?\d\d?(?![\d:]))?"
_WORDS = re.compile(rf"\b({_DAY})\[([-\d,]+)\]|\bMo-Su\b|\b({_DATE})(?:\s*-\s*({_DATE}))?")
_STATES = {
    "off": ("不开放", "closed"),
    "closed": ("不开放", "closed"),
    "unknown": ("不明", "not known"),
    "open": ("开放", "open"),
}

NOT_UNDERSTOOD = ("没有看懂，按不开放计算", "not understood, counted as closed")


def say_hours(osm: str) -> tuple[str, str]:
    """Opening hours in OSM syntax as a Chinese and an English line; what has no words stays as written.

    >>> say_hours("Mo-Fr 08:00-12:00,14:30-17:30; PH off")
    ('周一至周五 08:00-12:00、14:30-17:30；公众假期不开放', 'Monday to Friday 08:00-12:00, 14:30-17:30; public holidays closed')
    >>> say_hours("24/7")
    ('全天 24 小时', '24 hours')
    """
    if not osm.strip():
        return NOT_UNDERSTOOD
    rules = [rule.strip() for rule in osm.split(";") if rule.strip()]
    return "；".join(_say(rule, 0) for rule in rules), "; ".join(_say(rule, 1) for rule in rules)


def _say(rule: str, language: int) -> str:
    """One rule, in Chinese (0) or English (1)."""
    quoted = re.findall(r'"[^"]*"', rule)
    text = re.sub(r'"[^"]*"', "\0", rule)
    text = re.sub(r"(\b00:00-24:00|24/7)", ("全天 24 小时", "24 hours")[language], text)
    text = _WORDS.sub(lambda found: _nth(found, language) if found[2] else _span(found, language), text)
    for word, said in _STATES.items():
        text = re.sub(rf"\s*\b{word}\b" if language == 0 else rf"\b{word}\b", said[language], text)
    text = re.sub(r"\s*,\s*", ("、", ", ")[language], text).replace(": ", " ")
    for comment in quoted:
        text = text.replace("\0", comment, 1)
    return text.strip()


def _nth(found: re.Match[str], language: int) -> str:
    name = _NAMES[found[1]][language]
    if found[2] == "-1":
        return (f"每月最后一个{name}", f"the last {name} of a month")[language]
    english = {"1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth"}
    ordered = found[2].split(",")
    if language == 0:
        return "每月" + "、".join(f"第{number}个" for number in ordered) + name
    return f"the {' and '.join(english.get(number, number) for number in ordered)} {name} of a month"


def _span(found: re.Match[str], language: int) -> str:
    if found[0] == "Mo-Su":
        return ("每天", "every day")[language]
    first, last = (_date(date, language) for date in (found[3], found[4]))
    return first if not last else f"{first}{('至', ' to ')[language]}{last}"


def _date(date: str | None, language: int) -> str:
    if not date:
        return ""
    name, day = date[:3].strip(), date[3:].strip()
    said = _NAMES[name][language]
    if not day:
        return said
    return f"{said}{int(day)}日" if language == 0 else f"{int(day)} {said}"
