"""The curve of a scenario: what each number of new devices covers at best, and how far that is from the best possible.

Written as a page for people, a table and JSON for programs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..look import css_variables
from ..outputs import whole_folder, write_csv, write_json, write_text
from ..pages import read, render
from ..plan import OPTIMAL_GAP
from ..report.charts import STYLE, Goal, frontier_svg
from ..report.sheets import Column, Sheet
from ..report.summary import circle_values, round_, version
from ..report.words import (
    LANGUAGE_STYLE,
    SYNTHETIC,
    Words,
    circle_words,
    hours_words,
    in_time,
    kind_words,
    number,
    percents,
)
from ..scenario.choosing import Stage, curve_of
from ..scenario.grouping import groups_of
from ..scenario.inputs import osm_file, read_inputs
from ..scenario.scenario import Scenario
from ..sites import Sites
from ..solve import Frontier
from ..source import Source, attributions
from .study import walk_from

GOAL = 0.8
"""The share of demand that planners ask for most."""


@dataclass(frozen=True)
class CurveStudy:
    """The curve of a scenario, with what it was made from.

    frontier  its budgets are numbers of new devices
    inputs    (role, source) of everything read
    hours     how opening hours were counted, as summaries hold it
    wanted    the same plans by what was wanted, where that was more than coverage: a second device, equity
    """

    scenario: Scenario
    frontier: Frontier
    sites: Sites
    inputs: tuple[tuple[str, Source], ...]
    hours: dict[str, Any]
    wanted: Frontier | None = None

    @property
    def counts(self) -> list[int]:
        """The numbers of new devices."""
        return [int(budget) for budget in self.frontier.budget]

    @property
    def goal(self) -> Goal:
        """How many devices the usual share needs."""
        least, enough = self.frontier.needed(GOAL)
        return Goal(GOAL, None if least is None else int(least), None if enough is None else int(enough))

    def save(self, folder: str | Path) -> None:
        """Write frontier.html, frontier.csv and frontier.json to a folder, whole or not at all."""
        with whole_folder(folder) as new:
            write_text(new / "frontier.html", curve_html(self))
            write_csv(new / "frontier.csv", list(ROW_NAMES), [list(row.values()) for row in rows(self)])
            write_json(new / "frontier.json", curve_summary(self))
            write_text(new / "scenario.toml", self.scenario.text)


def trace(scenario: Scenario, counts: Sequence[int], *, say: Stage) -> CurveStudy:
    """The curve of a scenario for some numbers of new devices."""
    read = read_inputs(scenario, say=say)
    walked = walk_from(scenario, read, say=say)
    groups = groups_of(scenario.areas, demand=walked.demand, sites=walked.sites, osm_file=osm_file(scenario))
    curve, wanted = curve_of(scenario, walked.coverage, walked.sites, counts, groups=groups, say=say)
    return CurveStudy(scenario, curve, walked.sites, read.roles, walked.week.summary(), wanted)


NOTHING = "—"

ROW_NAMES = ("devices", "value", "share", "bound", "bound_share", "gap", "added")


def rows(study: CurveStudy) -> list[dict[str, Any]]:
    """A record for each number of devices; values in expected arrests per year.

    What a device adds is not known where the number before it is not on the curve.
    """
    curve = study.frontier
    added = [*([None] if study.counts[0] > 1 else [curve.added[0]]), *curve.added[1:]]
    columns = (study.counts, curve.value, curve.value / curve.total, curve.bound, curve.bound / curve.total, curve.gap,
               added)  # fmt: skip
    return [
        {
            name: value if value is None or name == "devices" else round_(value)
            for name, value in zip(ROW_NAMES, row, strict=True)
        }
        for row in zip(*columns, strict=True)
    ]


def curve_summary(study: CurveStudy) -> dict[str, Any]:
    """What frontier.json holds."""
    scenario, curve, goal = study.scenario, study.frontier, study.goal
    return {
        "version": version(),
        "scenario": scenario.name,
        "title_zh": scenario.title_zh,
        "title_en": scenario.title_en,
        "synthetic": any(source.synthetic for _, source in study.inputs),
        "inputs": [
            {"role": role, "file": s.file, "sha256": s.sha256, "source": s.name, "licence": s.licence}
            for role, s in study.inputs
        ],
        "circle": circle_values(scenario.circle),
        "hours": study.hours,
        "method": scenario.method,
        "total": round_(curve.total),
        "before": round_(curve.before),
        "needed": {"share": goal.share, "at_least": goal.least, "enough": goal.enough},
        "devices": rows(study),
        "objective": objective_rows(study),
        "order": [
            {"id": study.sites.id[site], "label": study.sites.label[site], "kind": study.sites.kind[site],
             "gain": round_(gain)}
            for site, gain in zip(curve.order, curve.gain, strict=True)
        ],
    }  # fmt: skip


def objective_rows(study: CurveStudy) -> list[dict[str, Any]] | None:
    """Value, bound and gap by what was wanted, for each number of devices; None where that was coverage alone."""
    if study.wanted is None:
        return None
    names, wanted = ("devices", "value", "bound", "gap"), study.wanted
    columns = zip(study.counts, wanted.value, wanted.bound, wanted.gap, strict=True)
    return [dict(zip(names, (row[0], *map(round_, row[1:])), strict=True)) for row in columns]


def curve_html(study: CurveStudy) -> str:
    """The page; nothing is loaded from outside."""
    curve, counts = study.frontier, study.counts
    start = [curve.before] if counts[0] == 1 else []
    share, bound = ([value / curve.total for value in (*start, *line)] for line in (curve.value, curve.bound))
    style = [css_variables(), LANGUAGE_STYLE, read("base.css"), read("report.css"), STYLE]
    return render(
        "frontier.html",
        style="\n".join(style),
        script=read("page.js"),
        study=Words(study.scenario.title_zh, study.scenario.title_en),
        headline=finding(study),
        circle=circle_words(study.scenario.circle),
        hours=hours_words(study.hours),
        synthetic=any(source.synthetic for _, source in study.inputs),
        synthetic_words=SYNTHETIC,
        curve_svg=frontier_svg([0] * len(start) + counts, share, bound, goal=study.goal),
        sheets=[counts_sheet(study), order_sheet(study)],
        credit=" · ".join(attributions([source for _, source in study.inputs])),
        version=version(),
    )


def finding(study: CurveStudy) -> Words:
    """What the curve says, in one sentence."""
    goal, last, near = study.goal, study.counts[-1], in_time(study.scenario.circle)
    (share, bound) = percents(
        study.frontier.value[-1] / study.frontier.total, study.frontier.bound[-1] / study.frontier.total
    )
    if goal.enough is None and study.frontier.gap[-1] <= OPTIMAL_GAP:
        return Words(
            f"{last}\u00a0台：{near.zh}最多覆盖 {share}", f"{last} new devices cover {share} {near.en}, and none more"
        )
    if goal.enough is None:
        return Words(
            f"{last}\u00a0台：{near.zh}覆盖 {share}，任何方案不超过 {bound}",
            f"{last} new devices cover {share} {near.en}; no plan covers more than {bound}",
        )
    if goal.least == goal.enough:
        return Words(
            f"{near.zh}覆盖 {goal.share:.0%}：{goal.enough}\u00a0台，再少不行",
            f"{goal.share:.0%} {near.en}: {goal.enough} new devices, and no fewer",
        )
    return Words(
        f"{near.zh}覆盖 {goal.share:.0%}：{goal.enough}\u00a0台够，少于 {goal.least}\u00a0台不够",
        f"{goal.share:.0%} {near.en}: {goal.enough} new devices are enough, fewer than {goal.least} are not",
    )


def counts_sheet(study: CurveStudy) -> Sheet:
    """Each number of devices with its value, bound and gap."""
    columns = [
        Column(Words("新设备（台）", "New devices"), "right"),
        Column(Words("覆盖（%）", "Covered (%)"), "right"),
        Column(Words("任何方案不超过（%）", "No plan covers more than (%)"), "right"),
        Column(Words("差距（%）", "Gap (%)"), "right"),
        Column(Words("比少一台多覆盖（%）", "More than with one fewer (%)"), "right"),
    ]
    total = study.frontier.total
    body = [
        [f"{row['devices']}", f"{100 * row['share']:.1f}", f"{100 * row['bound_share']:.1f}", f"{100 * row['gap']:.2f}",
         NOTHING if row["added"] is None else f"{100 * row['added'] / total:.2f}"]
        for row in rows(study)
    ]  # fmt: skip
    return Sheet(Words("每个台数", "Each number of devices"), columns, body, [])


def order_sheet(study: CurveStudy) -> Sheet:
    """The sites of the plan for the largest number, in the order in which they add most."""
    sites, curve = study.sites, study.frontier
    columns = [
        Column(Words("次序", "Order"), "right"),
        Column(Words("点位", "Site"), "long"),
        Column(Words("类别", "Kind")),
        Column(Words("新增（约，例/年）", "Adds (about, arrests/year)"), "right"),
    ]
    most = max(curve.gain, default=1.0)
    body = [
        [f"{place}", sites.label[site], kind_words(sites.kind[site]), number(gain, like=most)]
        for place, (site, gain) in enumerate(zip(curve.order, curve.gain, strict=True), 1)
    ]
    title = Words(
        f"{study.counts[-1]} 台的方案，按新增排序", f"The plan of {study.counts[-1]}, in order of what each adds"
    )
    return Sheet(title, columns, body, [])
