"""The sections of a report on what is left of a plan: losses by cause, periods of the week, towns, whom nobody reaches."""

from typing import TYPE_CHECKING, Any

import numpy as np

from ..hours.words import say_hours
from ..losses import CAUSES, CAUSES_EN, CAUSES_ZH, CLOSED, KEPT, NEVER, shown
from .sheets import Column, Section, Sheet
from .words import Words, kind_words, number, unit

if TYPE_CHECKING:
    from ..study.outcome import Outcome
    from ..towns import Served

MOST_ROWS = 20
"""Of lists that could be thousands long; the workbook holds them whole."""

LEVELS = {
    "town": Words("乡镇、街道", "town"),
    "community": Words("社区、村", "community"),
    "school": Words("学校", "school"),
    "county": Words("县、区", "county"),
}

ORDER = Words(
    "每项损失是走到这一步才失去的，次序固定：先是街道，再是楼层、关门、设备；换一种次序，各项会变，合计不变。",
    "Each loss is what is lost at its step, in a fixed order: streets, floors, closed, not ready; another order would"
    " shift the parts and keep the sum.",
)


def cause_words(cause: int) -> Words:
    """A cause of loss."""
    return Words(CAUSES_ZH[CAUSES[cause]], CAUSES_EN[CAUSES[cause]])


def week_sections(outcome: "Outcome") -> list[Section]:
    """Everything a report says on hours, losses and groups."""
    hours = hours_left(outcome)
    floors = Words(
        "救护圈没有写楼层耽搁，所以楼层未计。", "This circle has no delay for floors, so floors are not counted."
    )
    notes = (hours, *(() if outcome.scenario.circle.vertical_delay_s else (floors,)), ORDER)
    sections = [
        Section("losses", Words("从纸面到实际，覆盖丢在哪里", "From paper to what holds: where coverage is lost"),
                sheets=(losses_sheet(outcome),), after=notes),
        _alone(periods_sheet(outcome)),
        *(_alone(served_sheet(outcome, level)) for level in outcome.kept.served),
        _alone(closed_sheet(outcome)),
        _alone(uncovered_sheet(outcome)),
    ]  # fmt: skip
    return sections


def _alone(sheet: Sheet) -> Section:
    return Section("", sheet.title, sheets=(sheet,))


def hours_left(outcome: "Outcome") -> Words:
    """What was done with opening hours."""
    week = outcome.week
    if not week.known:
        return Words(
            "点位都没有给出开放时间，按全天开放计算，实际更低。",
            "No site gives its hours; all count as always open, so the real share is lower.",
        )
    plan = (
        Words("方案按开放时间计算。", "The plan is made for what is open.")
        if week.counted
        else Words("方案按全天开放计算，下面是计入开放时间以后剩下的。",
                   "The plan takes every site as always open; below is what opening hours leave of it.")
    )  # fmt: skip
    return Words(plan.zh + week.said.zh, f"{plan.en} {week.said.en}")


def open_words(outcome: "Outcome", site: int) -> Words:
    """When a site is open, as it was understood; as it stands in the table where nothing was."""
    given, understood = outcome.sites.hours[site], outcome.week.hours[site]
    if not understood:
        return Words(f"{given}（没看懂）", f"{given} (not understood)") if given else Words("未知", "not known")
    words = Words(*say_hours(understood))
    return words if given else Words(f"假定{words.zh}", f"assumed {words.en}")


def losses_sheet(outcome: "Outcome") -> Sheet:
    """All demand by cause; the percents shown add up to 100."""
    losses, counted = outcome.kept.losses, unit(outcome.demand.basis)
    units = losses.causes()
    amounts, percents = losses.amounts(units), shown(units)
    rows = [
        [cause_words(cause), number(amounts[cause], like=losses.total * losses.unit), f"{percents[cause]:.1f}"]
        for cause in range(len(CAUSES))
    ]
    columns = [
        Column(Words("这部分需求", "This part of demand")),
        Column(Words(f"需求（约，{counted.zh}）", f"Demand (about, {counted.en})"), "right"),
        Column(Words("占全部需求（%）", "Of all demand (%)"), "right"),
    ]
    total = [Words("合计", "Total"), number(losses.total * losses.unit), "100.0"]
    return Sheet(Words("损失的原因", "Losses by cause"), columns, rows, total)


def periods_sheet(outcome: "Outcome") -> Sheet:
    """What holds in each period of the week; no rows where there is only one."""
    periods, losses = outcome.week.times.periods, outcome.kept.losses
    units = losses.by(losses.period, len(periods))
    rows = [
        [Words(period.zh, period.en), f"{hours:,.0f}", *_shares(row)]
        for period, hours, row in zip(periods.periods, periods.hours, units, strict=True)
    ]
    columns = [
        Column(Words("时段", "Period")), Column(Words("全年小时", "Hours a year"), "right"),
        Column(Words("纸面覆盖（%）", "On paper (%)"), "right"),
        Column(Words("因关门失去（%）", "Lost: closed (%)"), "right"),
        Column(Words("真正覆盖（%）", "Really covered (%)"), "right"),
    ]  # fmt: skip
    total = [Words("全年", "The year"), f"{periods.hours.sum():,.0f}", *_shares(losses.causes())]
    return Sheet(Words("一周各时段", "Over the week"), columns, rows if len(rows) > 1 else [], total)


def _shares(units: np.ndarray) -> list[str]:
    """Covered on paper, lost because closed, and kept, in per cent of a group's demand."""
    whole = max(int(units.sum()), 1)
    return [f"{100 * part / whole:.1f}" for part in (whole - int(units[NEVER]), int(units[CLOSED]), int(units[KEPT]))]


def served_sheet(outcome: "Outcome", level: str) -> Sheet:
    """How each town (community, school) is served, the worst first."""
    rows = outcome.kept.served[level]
    ranked = sorted(rows, key=lambda row: (row.share is None, row.share, -row.demand))
    counted = unit(outcome.demand.basis)
    name = LEVELS.get(level, Words(level, level))
    people = any(row.people for row in rows)
    columns = [
        Column(Words(name.zh, name.en.capitalize()), "long"), Column(Words("设备（台）", "Devices"), "right"),
        *([Column(Words("每万人设备", "Devices per 10,000 people"), "right")] if people else []),
        Column(Words(f"需求（约，{counted.zh}）", f"Demand (about, {counted.en})"), "right"),
        Column(Words("纸面覆盖（%）", "On paper (%)"), "right"),
        Column(Words("真正覆盖（%）", "Really covered (%)"), "right"),
    ]  # fmt: skip
    told = [_served_row(row, people, max(one.demand for one in rows)) for row in ranked]
    total = [Words("合计", "Total"), f"{sum(row.devices for row in rows):,}"]
    everybody = sum(row.people or 0.0 for row in rows)
    total += [f"{10_000 * sum(row.devices for row in rows) / everybody:.2f}"] if people else []
    whole = outcome.kept.losses.causes()
    total += [number(sum(row.demand for row in rows)), _shares(whole)[0], _shares(whole)[2]]
    return Sheet(Words(f"各{name.zh}，覆盖最差的在前", f"By {name.en}, the worst served first"), columns, told, total)


def _served_row(row: "Served", people: bool, like: float) -> list[Any]:
    from ..towns import ELSEWHERE_EN, ELSEWHERE_ZH

    name: Any = Words(ELSEWHERE_ZH, ELSEWHERE_EN) if row.name == ELSEWHERE_ZH else row.name
    density = ["—" if row.per_10k is None else f"{row.per_10k:.2f}"] if people else []
    paper, _, kept = _shares(row.units) if row.share is not None else ("—", "—", "—")
    return [name, f"{row.devices:,}", *density, number(row.demand, like=like), paper, kept]


def closed_sheet(outcome: "Outcome") -> Sheet:
    """The devices whose closed doors cost most: whose hours to talk about first."""
    losses, sites, counted = outcome.kept.losses, outcome.sites, unit(outcome.demand.basis)
    lost = losses.by(losses.site, len(outcome.kept.devices))[:, CLOSED]
    order = [row for row in np.argsort(-lost, kind="stable")[:MOST_ROWS] if lost[row]]
    rows = []
    for row in order:
        site = outcome.kept.devices[row]
        amount = number(lost[row] * losses.unit, like=lost[order[0]] * losses.unit)
        rows.append([sites.label[site], kind_words(sites.kind[site]), open_words(outcome, int(site)), amount])
    columns = [
        Column(Words("点位", "Site"), "long"), Column(Words("类别", "Kind")), Column(Words("开放时间", "Hours"), "long"),
        Column(Words(f"因关门失去（约，{counted.zh}）", f"Lost while closed (about, {counted.en})"), "right"),
    ]  # fmt: skip
    title = Words("先和哪些场所谈开放时间", "Whose hours to talk about first")
    return Sheet(title, columns, rows if outcome.week.known else [], [])


def uncovered_sheet(outcome: "Outcome") -> Sheet:
    """Where most demand is lost, with the nearest place that could still take a device."""
    kept, counted = outcome.kept, unit(outcome.demand.basis)
    rows = []
    for order, one in enumerate(kept.uncovered[:MOST_ROWS], start=1):
        lon, lat = outcome.demand.lonlat[one.point]
        near: Any = Words("没有", "none") if one.site < 0 else outcome.sites.label[kept.possible[one.site]]
        metres = "—" if one.site < 0 else f"{one.metres:,.0f}"
        lost = number(one.lost, like=kept.uncovered[0].lost)
        rows.append([order, f"{lon:.5f}, {lat:.5f}", lost, cause_words(one.cause), near, metres])
    columns = [
        Column(Words("次序", "Order"), "right"), Column(Words("地点（经度, 纬度）", "Place (lon, lat)")),
        Column(Words(f"失去（约，{counted.zh}）", f"Lost (about, {counted.en})"), "right"),
        Column(Words("主要原因", "Main cause")), Column(Words("最近的候选点位", "Nearest candidate"), "long"),
        Column(Words("走过去（米）", "Walk to it (m)"), "right"),
    ]  # fmt: skip
    title = Words(
        f"还缺在哪里：失去最多的 {len(rows)} 处", f"Where it is still lacking: the {len(rows)} places that lose most"
    )
    return Sheet(title, columns, rows, [])
