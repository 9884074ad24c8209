"""Finished plans side by side on one page: what differs in what went in, in what came out, and where the devices hang.

Reads the folders that `aedplan plan` wrote. Figures under different circles or of different demand are not the same
measure, so such plans are put beside each other only when that is asked for, and the page says so.
"""

import json
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from ..circles import RescueCircle
from ..errors import InputError, raise_faults
from ..look import css_variables
from ..pages import read, render
from ..survival import CURVES, Ranking, rank_plans
from .sheets import Column, Sheet
from .words import LANGUAGE_STYLE, STATUS, SYNTHETIC, Words, kind_words, number, role_words, unit

MOST = 4
"""Plans that one page can show beside each other."""

NOTHING = "—"


@dataclass(frozen=True)
class Study:
    """One folder of a finished plan.

    letter    A, B ...: what the page calls it
    summary   summary.json
    sites     properties of the features of plan.geojson: the chosen in order, then the standing ones
    settings  the scenario flattened: {"plan.devices": 20}
    map       map.html
    walks     (D,) metres from each demand point to its nearest device, inf where there is no way, and (D,) its arrests per
              year; empty where the folder was written without them
    """

    letter: str
    folder: str
    summary: dict[str, Any]
    sites: tuple[dict[str, Any], ...]
    settings: dict[str, Any]
    map: str
    walks: tuple[np.ndarray, np.ndarray] = (np.zeros(0), np.zeros(0))

    @property
    def title(self) -> Words:
        """What its scenario calls it."""
        return Words(self.summary["title_zh"], self.summary["title_en"])


def read_studies(folders: Sequence[str | Path]) -> tuple[Study, ...]:
    """The studies of two to four folders, in their order.

    Raises InputError when there are fewer or more, or when a folder is not one that `aedplan plan` wrote.
    """
    if not 2 <= len(folders) <= MOST:
        raise InputError(f"{len(folders)} plans to compare; expected 2 to {MOST}")
    faults: list[str] = []
    studies = []
    for letter, folder in zip("ABCD", map(Path, folders), strict=False):
        try:
            studies.append(_read_study(letter, folder))
        except (OSError, ValueError, KeyError) as error:
            faults.append(f"{folder}: no plan can be read there ({error}); expected a folder that `aedplan plan` wrote")
    raise_faults(faults)
    return tuple(studies)


def _read_study(letter: str, folder: Path) -> Study:
    texts = {
        name: (folder / name).read_text(encoding="utf-8")
        for name in ("summary.json", "plan.geojson", "scenario.toml", "map.html")
    }
    return Study(
        letter=letter,
        folder=folder.resolve().name,
        summary=json.loads(texts["summary.json"]),
        sites=tuple(
            feature["properties"] | {"id": feature["id"]} for feature in json.loads(texts["plan.geojson"])["features"]
        ),
        settings=flatten(tomllib.loads(texts["scenario.toml"])),
        map=texts["map.html"],
        walks=_read_walks(folder / "plan.gpkg"),
    )


def _read_walks(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Walks and weights of the demand points of a plan's GeoPackage."""
    import pyogrio

    if not path.is_file() or "walk_m" not in pyogrio.read_info(path, layer="demand")["fields"]:
        return np.zeros(0), np.zeros(0)
    columns = ["walk_m", "arrests_per_year"]
    table = pyogrio.read_dataframe(path, layer="demand", columns=columns, read_geometry=False)
    walks, weight = (table[name].to_numpy(dtype=float) for name in columns)
    return np.where(np.isnan(walks), np.inf, walks), weight


def flatten(tables: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as one, keys joined by dots.

    >>> flatten({"plan": {"devices": 20, "quotas": {"school": {"minimum": 2}}}})
    {'plan.devices': 20, 'plan.quotas.school.minimum': 2}
    """
    flat: dict[str, Any] = {}
    for key, value in tables.items():
        flat |= flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat


def unlike(studies: Sequence[Study]) -> list[Words]:
    """Why the figures of some studies are not the same measure; empty when they are."""
    measures: tuple[tuple[Words, Callable[[Study], Any]], ...] = (
        (Words("救护圈不同", "different rescue circles"), _rule),
        (Words("需求不同", "different demand"), _demand),
        (Words("计入的时段或开放时间不同", "different hours counted"), _hours),
    )
    return [words for words, of in measures if any(of(study) != of(studies[0]) for study in studies)]


def _rule(study: Study) -> Any:
    """The numbers of the circle; where they come from is no matter of measure."""
    return {key: value for key, value in study.summary["circle"].items() if not key.startswith(("source", "words"))}


def _hours(study: Study) -> Any:
    """How hours were counted; how many texts of how many sites were understood is no matter of measure."""
    hours = study.summary["hours"]
    return hours["counted"], hours["counted"] and (
        hours["year"],
        hours["source"],
        [one["id"] for one in study.summary["periods"]],
    )


def _demand(study: Study) -> Any:
    files = [one["sha256"] for one in study.summary["inputs"] if one["role"].startswith("demand")]
    return study.summary["demand"], files


def compare_html(studies: Sequence[Study], *, even_if_unlike: bool = False) -> str:
    """The page; nothing is loaded from outside.

    even_if_unlike  put plans with different circles, demand or hours beside each other; the page then says what differs

    Raises InputError when they differ in these and that was not asked for.
    """
    why = unlike(studies)
    if why and not even_if_unlike:
        told = Words("、".join(w.zh for w in why), ", ".join(w.en for w in why))
        raise InputError(f"{told.zh}，数字不可直接相比；确要并列请加 --even-if-unlike。{told.en}: the figures are not"
                         " the same measure; to see them side by side all the same, add --even-if-unlike")  # fmt: skip
    headline = Words(f"{len(studies)} 个方案并列", f"{len(studies)} plans side by side")
    return render(
        "compare.html",
        style="\n".join([css_variables(), LANGUAGE_STYLE, read("base.css"), read("report.css"), read("compare.css")]),
        script=read("page.js") + read("compare.js"),
        headline=headline,
        synthetic=any(study.summary["synthetic"] for study in studies),
        synthetic_words=SYNTHETIC,
        why=why,
        studies=studies,
        sheets=[sheet for sheet in _sheets(studies) if sheet.rows],
    )


def _sheets(studies: Sequence[Study]) -> list[Sheet]:
    return [
        _figures_sheet(studies),
        _sites_sheet(studies),
        _shares_sheet(studies, "towns", Words("各乡镇、街道的覆盖（%）", "Covered by town (%)")),
        _shares_sheet(studies, "periods", Words("各时段的覆盖（%）", "Covered by period of the week (%)")),
        _survival_sheet(studies),
        _settings_sheet(studies),
        _inputs_sheet(studies),
    ]


def _columns(studies: Sequence[Study], first: Words) -> list[Column]:
    return [Column(first, "long"), *(Column(Words(study.letter, study.letter), "right") for study in studies)]


def _figures_sheet(studies: Sequence[Study]) -> Sheet:
    """Value, bound, gap and what the same plan covers under every circle."""
    all_of = [study.summary for study in studies]
    counted = unit(all_of[0]["demand"]["basis"])
    money = any(one["cost_unit"] == "RMB" for one in all_of)
    rows: list[list[Any]] = [
        [Words("新设备（台）", "New devices"), *(f"{len(one['chosen']):,}" for one in all_of)],
        *([[Words("费用（元）", "Cost (yuan)"), *(_cost(one) for one in all_of)]] if money else []),
        [Words("已设设备覆盖（%）", "Standing devices cover (%)"), *(_percent(one["before"] / one["total"]) for one in all_of)],
        [Words("方案覆盖（%）", "The plan covers (%)"), *(_percent(one["share"]) for one in all_of)],
        [Words("任何方案不超过（上界，%）", "No plan covers more than (bound, %)"),
         *(_percent(one["bound"] / one["total"]) for one in all_of)],
        [Words("差距（%）", "Gap (%)"), *(f"{100 * one['gap']:.2f}" for one in all_of)],
        [Words(f"覆盖需求（约，{counted.zh}）", f"Demand covered (about, {counted.en})"),
         *(number(one["value"]) for one in all_of)],
        *([Words(f"按 {name} 覆盖（%）", f"Covers under {name} (%)"),
           *(_percent(one["circles"][name]["share"]) for one in all_of)]
          for name in all_of[0]["circles"] if all(name in one["circles"] for one in all_of)),
        [Words("是否最优", "How sure"), *(STATUS[one["status"]] for one in all_of)],
    ]  # fmt: skip
    return Sheet(Words("结果", "What came out"), _columns(studies, Words("项目", "Item")), rows, [])


def _cost(summary: dict[str, Any]) -> str:
    return f"{summary['cost']:,.0f}" if summary["cost_unit"] == "RMB" else NOTHING


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _sites_sheet(studies: Sequence[Study]) -> Sheet:
    """Every site that some plan chose, with its place in the order of each; those of all plans first."""
    order: dict[str, list[int | None]] = {}
    told: dict[str, list[Any]] = {}
    for column, study in enumerate(studies):
        for site in study.sites:
            if site["role"] == "proposed":
                order.setdefault(site["id"], [None] * len(studies))[column] = site["order"]
                told.setdefault(site["id"], [site["label"], kind_words(site["kind"])])
    ranked = sorted(order, key=lambda id: (order[id].count(None), [n or 1_000_000 for n in order[id]], id))
    rows = [[*told[id], *(n if n is not None else NOTHING for n in order[id])] for id in ranked]
    common = sum(None not in numbers for numbers in order.values())
    columns = _columns(studies, Words("点位（格内为次序）", "Site (order in each plan)"))
    columns.insert(1, Column(Words("类别", "Kind")))
    total = [
        Words(f"各方案都选：{common} 处", f"In every plan: {common}"),
        "",
        *(len(s.summary["chosen"]) for s in studies),
    ]
    return Sheet(Words("选了哪些点位", "Sites chosen"), columns, rows, total)


def _shares_sheet(studies: Sequence[Study], key: str, title: Words) -> Sheet:
    """Shares by town or by period, for what all of the summaries hold; the widest differences first."""
    shares: dict[str, list[float]] = {}
    names: dict[str, Words] = {}
    for study in studies:
        for one in (one for one in study.summary.get(key, ()) if one["share"] is not None):
            names.setdefault(one["id"], Words(one["words_zh"], one["words_en"]))
            shares.setdefault(one["id"], []).append(one["share"])
    whole = [id for id, values in shares.items() if len(values) == len(studies)]
    whole.sort(key=lambda id: min(shares[id]) - max(shares[id]))
    rows = [[names[id], *map(_percent, shares[id])] for id in whole]
    return Sheet(title, _columns(studies, Words("名称", "Name")), rows, [])


def ranking(studies: Sequence[Study]) -> Ranking | None:
    """The order of the plans under curves of survival; None where they are not of one demand and one circle."""
    measures = [(_demand(study), _rule(study)) for study in studies]
    weight = studies[0].walks[1]
    if not len(weight) or any(
        one != measures[0] or len(s.walks[0]) != len(weight) for one, s in zip(measures, studies, strict=True)
    ):
        return None
    given = studies[0].summary["circle"]
    circle = RescueCircle(**{one.name: given[one.name] for one in fields(RescueCircle) if one.name in given})
    try:
        return rank_plans({study.letter: study.walks[0] for study in studies}, weight, circle=circle)
    except InputError:  # no device of any plan comes before the ambulance
        return None


def _survival_sheet(studies: Sequence[Study]) -> Sheet:
    """The plans in order under every curve, and whether the curves agree; no rows where they cannot be ranked."""
    title = Words("按生存曲线排序：只比较先后，不代表救活人数",
                  "Ranked by curves of survival: an order of plans, not a number of lives")  # fmt: skip
    columns = _columns(studies, Words("曲线（最好的为 100；括号内为各种时间假设下的名次）",
                                      "Curve (the best is 100; in brackets the ranks under all timelines)"))  # fmt: skip
    columns.insert(1, Column(Words("局限与出处", "Limits and source"), "long"))
    ranked = ranking(studies)
    if ranked is None:
        return Sheet(title, columns, [], [])
    rows: list[list[Any]] = []
    for name, rule in CURVES.items():
        cases = [row for row, (curve, _) in enumerate(ranked.cases) if curve == name]
        if cases:
            cells = [_index_words(ranked, cases, plan) for plan in range(len(studies))]
            limits = Words(f"{rule.limits_zh}。{rule.source}", f"{rule.limits_en}. {rule.source}")
            rows.append([name, limits, *cells])
    firsts = (ranked.rank == 1).sum(axis=0)
    total = [
        Words(f"排第一的次数，共 {len(ranked.cases)} 种假设", f"Times first, of {len(ranked.cases)} cases"),
        Words(
            f"方案两两先后一致的占 {ranked.agreement:.0%}",
            f"{ranked.agreement:.0%} of the pairs keep their order in all",
        ),
        *(f"{count}" for count in firsts.tolist()),
    ]
    return Sheet(title, columns, rows, total)


def _index_words(ranked: Ranking, cases: Sequence[int], plan: int) -> str:
    """A plan's index under a curve and the usual timeline, and its best and worst rank under all timelines."""
    ranks = ranked.rank[cases, plan]
    span = f"{ranks.min()}" if ranks.min() == ranks.max() else f"{ranks.min()}–{ranks.max()}"
    return f"{ranked.index[cases[0], plan]:.1f} ({span})"


def _settings_sheet(studies: Sequence[Study]) -> Sheet:
    """The settings of the scenarios that are not the same in all."""
    keys = dict.fromkeys(key for study in studies for key in study.settings)
    values = {key: [study.settings.get(key, NOTHING) for study in studies] for key in keys}
    elsewhere = re.compile(r"name|title_.*|.*\.file")  # told by the titles and by the inputs
    rows = [
        [key, *map(str, row)]
        for key, row in values.items()
        if not elsewhere.fullmatch(key) and any(value != row[0] for value in row)
    ]
    return Sheet(
        Words("方案文件里不同的设置", "Settings that differ"), _columns(studies, Words("设置", "Setting")), rows, []
    )


def _inputs_sheet(studies: Sequence[Study]) -> Sheet:
    """Every input, with the beginning of its checksum: equal ones are the same data."""
    inputs = [{one["role"]: one for one in study.summary["inputs"]} for study in studies]
    roles = dict.fromkeys(role for one in inputs for role in one)
    rows: list[list[Any]] = []
    for role in roles:
        given = [one.get(role) for one in inputs]
        alike = len({one["sha256"] if one else "" for one in given}) == 1
        said = Words("相同", "the same") if alike else Words("不同", "different")
        rows.append(
            [role_words(role), said, *(f"{one['file']} {one['sha256'][:8]}" if one else NOTHING for one in given)]
        )
    columns = _columns(studies, Words("用途", "Used for"))
    columns.insert(1, Column(Words("数据", "Data")))
    return Sheet(Words("用了哪些数据", "What went in"), columns, rows, [])
