"""The words of a first scenario: a TOML file with a comment beside every setting, Chinese first."""

import json
from typing import NamedTuple

from ..circles import circle
from ..hours.holidays import REFERENCE_YEAR


class FileWords(NamedTuple):
    """A file as the scenario names it; `crs` is None where the file names its own system."""

    file: str
    crs: str | None = None


class Hours(NamedTuple):
    """Of how many sites opening hours were understood.

    candidates  (understood, all)
    standing    (understood, all)
    """

    candidates: tuple[int, int]
    standing: tuple[int, int]


class Filled(NamedTuple):
    """What a first scenario says; a table that is None is taken from the streets' file, or left out."""

    name: str
    streets: str
    demand: FileWords | None
    standing: FileWords | None
    candidates: FileWords | None
    population: float | None
    mapped_devices: int
    devices: int
    circle: str
    hours: Hours


COLUMN = 46
"""Where comments begin."""


def write_scenario(filled: Filled) -> str:
    """The whole file."""
    parts = (_head(filled), _streets(filled), _demand(filled), _standing(filled), _candidates(filled), _circle(filled),
             _hours(filled.hours), _plan(filled))  # fmt: skip
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _line(setting: str, comment: str = "") -> str:
    return f"{setting:<{COLUMN}} # {comment}" if comment else setting


def _text(value: str) -> str:
    """A text as TOML writes it; JSON escapes the same way.

    >>> _text('a "b"')
    '"a \\\\"b\\\\""'
    """
    return json.dumps(value, ensure_ascii=False)


def _head(filled: Filled) -> list[str]:
    return [
        "# 由 aedplan new 写出，可以随意修改；改完运行 aedplan plan。路径以本文件所在文件夹为准。",
        "# Written by aedplan new, yours to change; then run aedplan plan. Paths are relative to this file.",
        f"name = {_text(filled.name)}",
        _line(
            f'title_zh = "新增 {filled.devices} 台 AED"',
            "报告的标题，写上县名 / title of the report; add the county's name",
        ),
        f'title_en = "{filled.devices} new AEDs"',
    ]


def _table(file: FileWords) -> list[str]:
    lines = [f"file = {_text(file.file)}"]
    if file.crs:
        lines.append(
            _line(f"crs = {_text(file.crs)}", "坐标系：wgs84、gcj02（高德、腾讯）、bd09（百度） / coordinate system")
        )
    return [*lines, '# source = "某某局 2026"', '# licence = ""']


def _streets(filled: Filled) -> list[str]:
    return [
        "# 街道：步行距离从这里来。Streets: what is walked along.",
        "[streets]",
        f"file = {_text(filled.streets)}",
    ]


def _demand(filled: Filled) -> list[str]:
    head = ["# 需求：预计每年在哪里发生多少起心脏骤停。Demand: where how many arrests are expected a year.", "[demand]"]
    rate = "# arrests_per_100k = 97.1"
    told = _line(rate, "每 10 万人每年的起数 / per 100,000 people and year")
    if filled.demand is not None:
        return [*head, *_table(filled.demand), told]
    people = "本县人口，由建筑分摊 / people of the county, shared out by buildings"
    if filled.population is None:
        return [
            *head,
            'from = "buildings"',
            _line("# population = 500000", people + "；不写会偏高 too high without"),
            told,
        ]
    return [*head, 'from = "buildings"', _line(f"population = {filled.population:.12g}", people), told]


def _standing(filled: Filled) -> list[str]:
    head = "# 已设设备：先算它们，再补新的。Devices that hang already: they count first."
    if filled.standing is not None:
        return [head, "[standing]", *_table(filled.standing)]
    mapped = (
        f"；地图上有 {filled.mapped_devices:,} 台 the map has {filled.mapped_devices:,}"
        if filled.mapped_devices
        else ""
    )
    return [head, "# [standing]", _line('# file = "devices.xlsx"', f'或 or from = "osm"{mapped}'), '# crs = "gcj02"']


def _candidates(filled: Filled) -> list[str]:
    head = ["# 候选点位：新设备只会选在这些地方。Candidates: new devices are chosen among these.", "[candidates]"]
    if filled.candidates is not None:
        return [*head, *_table(filled.candidates)]
    kinds = '# kinds = ["school", "shop"]'
    return [*head, 'from = "osm"', _line(kinds, "只要这几类；默认全部 / only these kinds; all unless told")]


def _circle(filled: Filled) -> list[str]:
    words = circle(filled.circle)
    return [
        "# 救护圈：怎样算“来得及”。报告会并列给出 walk-4、fetch-4、sz-i-300。",
        "# The rescue circle: what in time means. The report shows walk-4, fetch-4 and sz-i-300 side by side.",
        "[circle]",
        f"name = {_text(filled.circle)}",
        f"# {words.words_zh}",
        f"# {words.words_en}",
    ]


def _hours(hours: Hours) -> list[str]:
    """[hours], commented out where no candidate gives any: all would count as closed, and nothing could be chosen."""
    known, all_sites = hours.candidates
    head = [
        "# 开放时间：关门时不算覆盖；没写或没看懂的按关门算。Opening hours: closed does not cover, unknown counts as closed."
    ]
    dead = "" if known else "# "
    if not known and not hours.standing[0]:
        head.append("# 表中没有开放时间，所以没有计入。No table gives hours, so they are not counted.")
    elif not known:
        head.append(
            "# 候选点位没有开放时间：计入的话要写 unknown。Candidates give no hours: to count them, state unknown."
        )
    elif known < all_sites:
        left = all_sites - known
        head.append(
            f"# {left:,} 个候选点位的开放时间不明，按关门算。{left:,} candidates have unknown hours and count as closed."
        )
    return [
        *head,
        f"{dead}[hours]",
        _line(f"{dead}year = {REFERENCE_YEAR}", "哪一年的节假日和调休 / whose holidays and make-up workdays"),
        _line(
            '# unknown = "Mo-Su 08:00-22:00"',
            "不明的候选点位按这个假定 / assumed for candidates whose hours are unknown",
        ),
    ]


def _plan(filled: Filled) -> list[str]:
    return [
        "[plan]",
        _line(f"devices = {filled.devices}", "新设备台数；或 budget_rmb = 480000（元） / new devices; or money"),
        _line('method = "exact"', '或 "greedy"，较快，同样有上界 / or "greedy": faster, with a bound all the same'),
        _line("seconds = 30", "求解最多用几秒 / seconds for the solver"),
        "",
        "# 各类场所至少、至多几台。At least and at most so many by kind of venue.",
        "# [plan.quotas]",
        "# school = { minimum = 2, maximum = 6 }",
        "# compound = { minimum = 4 }",
        "# 各镇街至少、至多几台。By town.",
        "# [plan.quotas_by.town]",
        '# "城关街道" = { minimum = 2 }',
    ]
