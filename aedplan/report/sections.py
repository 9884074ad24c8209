"""What a report says, in order: the same sections for the page, which shows both languages, and for the Word document.

Each section is a title, sentences, tables; the page and the document draw the pictures that belong to its key.
"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from ..circles import RescueCircle
from ..neighbours import nearest_other
from .sections_aims import aim_sections
from .sections_demand import demand_sections
from .sections_norms import norm_sections
from .sections_week import open_words, week_sections
from .sections_worth import worth_sections
from .sheets import Column, Section, Sheet
from .words import Words, in_time, kind_words, not_included, number, proof_words, role_words, unit

if TYPE_CHECKING:
    from ..study.outcome import Outcome

UNKNOWN = Words("未知", "not known")


def sections(outcome: "Outcome") -> list[Section]:
    """Everything a report says about a study, numbered; tables without rows are left out, and sections with nothing in them."""
    name = outcome.scenario.circle.name
    circles_why = Words(
        f"“4 分钟”没有统一的定义，所以并列三种；本方案按 {name} 计算。",
        f"There is no single definition of “4 minutes”, so three stand side by side; this plan counts by {name}.",
    )
    ratio = ratio_words(outcome.summary["street_line_ratio"])
    everything = [
        Section("circles", Words("同一方案，三种救护圈", "One plan under three rescue circles"), (circles_why,), (),
                (ratio,) if ratio else ()),
        Section("map", map_title(outcome)),
        Section("curve", Words("每多一台，覆盖多多少", "What each further device adds"), after=(proof_words(outcome.plan),)),
        _table(chosen_sheet(outcome)),
        _table(standing_sheet(outcome)),
        *aim_sections(outcome),
        *worth_sections(outcome),
        *demand_sections(outcome),
        *week_sections(outcome),
        *norm_sections(outcome),
        _table(missed_sheet(outcome)),
        Section("", Words("这些数字不包括什么", "What the figures do not include"), after=not_included(outcome), listed=True),
        _table(rule_sheet(outcome.scenario.circle)),
        _table(inputs_sheet(outcome.summary["inputs"])),
    ]  # fmt: skip
    said = [one for one in everything if one.key or one.after or any(sheet.rows for sheet in one.sheets)]
    return [one._replace(title=_numbered(number, one.title)) for number, one in enumerate(said, start=1)]


def _numbered(number: int, title: Words) -> Words:
    """A title by which people in a meeting find the same place on the page and in the document."""
    return Words(f"{number}. {title.zh}", f"{number}. {title.en}")


def _table(sheet: Sheet) -> Section:
    """A section that is one table."""
    return Section("", sheet.title, sheets=(sheet,))


def map_title(outcome: "Outcome") -> Words:
    """What the map shows."""
    near = in_time(outcome.scenario.circle)
    return Words(f"{near.zh}走得到哪里，还缺哪里", f"Where help arrives {near.en}, and where not")


def ratio_words(ratio: float) -> Words | None:
    """How much longer the walk is than the straight line; None where nobody can walk to a device."""
    if not ratio:
        return None
    return Words(
        f"走到最近设备的路程是直线距离的 {ratio:.1f} 倍（中位数）：地图上画的圆会高估覆盖。",
        f"The walk to the nearest device is {ratio:.1f} times the straight line in the median: circles drawn on a map promise"
        " too much.",
    )


def curve(outcome: "Outcome") -> tuple[list[float], list[float | None]]:
    """Share covered with 0, 1, ... P new devices, and the share that no plan of so many exceeds, None where not known."""
    plan = outcome.plan
    share = np.cumsum([plan.before, *plan.gain]) / plan.total
    bound: list[float | None] = [None] * len(plan.gain) + [plan.bound / plan.total]
    if outcome.device_bounds is not None and len(outcome.device_bounds) == len(plan.gain):
        bound = [None, *(outcome.device_bounds / plan.total)]
    return share.tolist(), bound


def chosen_sheet(outcome: "Outcome") -> Sheet:
    """The new devices in order, with what each adds and what all up to it cover."""
    sites, plan, counted = outcome.sites, outcome.plan, unit(outcome.demand.basis)
    share = np.cumsum([plan.before, *plan.gain])[1:] / plan.total
    largest = max(plan.gain, default=0.0)
    towns = any(sites.town[site] for site in plan.chosen)
    devices = outcome.kept.devices
    metres = nearest_other(outcome.streets, outcome.site_anchors.some(devices))
    apart = dict(zip(devices, metres, strict=True))
    rows = [
        [order, sites.label[site], kind_words(sites.kind[site]), *([sites.town[site]] if towns else []),
         number(plan.gain[order - 1], like=largest), f"{100 * share[order - 1]:.1f}", open_words(outcome, site),
         f"{apart[site]:,.0f}" if np.isfinite(apart[site]) else "—", f"{sites.cost[site]:,.0f}"]
        for order, site in enumerate(plan.chosen, start=1)
    ]  # fmt: skip
    cost = float(sites.cost[list(plan.chosen)].sum())
    columns = [
        Column(Words("次序", "Order"), "right"), Column(Words("点位", "Site"), "long"), Column(Words("类别", "Kind")),
        *([Column(Words("镇街", "Town"))] if towns else []),
        Column(Words(f"新增覆盖（约，{counted.zh}）", f"Adds (about, {counted.en})"), "right"),
        Column(Words("累计覆盖（%）", "Covered so far (%)"), "right"), Column(Words("开放时间", "Hours"), "long"),
        Column(Words("最近的另一台（米）", "Nearest other device (m)"), "right"),
        Column(Words("费用（元）", "Cost (yuan)"), "right"),
    ]  # fmt: skip
    total = [Words("合计", "Total"), Words(f"{len(rows)} 台", f"{len(rows)} devices"), "", *([""] if towns else []),
             number(sum(plan.gain), like=largest), f"{100 * plan.share:.1f}", "", "", f"{cost:,.0f}"]  # fmt: skip
    return Sheet(Words("新设备点位，按先后", "New devices, in order"), columns, rows, total)


def standing_sheet(outcome: "Outcome") -> Sheet:
    """The devices that hang already."""
    sites = outcome.sites
    here = np.flatnonzero(sites.standing)
    rows = [[sites.label[i], kind_words(sites.kind[i]), open_words(outcome, int(i))] for i in here]
    columns = [
        Column(Words("点位", "Site"), "long"),
        Column(Words("类别", "Kind")),
        Column(Words("开放时间", "Hours"), "long"),
    ]
    total = [Words(f"合计 {len(here)} 台", f"Total: {len(here)} devices"), "", ""]
    return Sheet(Words("已设设备", "Standing devices"), columns, rows, total)


def missed_sheet(outcome: "Outcome") -> Sheet:
    """Demand without cover by cause; the causes add up to all that is not covered."""
    plan, lost, counted = outcome.plan, outcome.unreachable, unit(outcome.demand.basis)
    missed = plan.total - plan.value
    causes = [
        (Words("有点位够得到，但本方案台数内没有选上", "A site could reach it, but not within this number of devices"),
         max(missed - lost.total, 0.0)),
        (Words("附近没有任何候选点位，加台数也没有用，要加候选点",
               "No site near enough: more devices do not help, more candidates do"),
         lost.no_site),
        (Words("所在街道与点位不连通", "On streets not connected to any site"), lost.cut_off),
        (Words("离最近的街道就已超出救护圈", "Further from any street than the whole circle"), lost.off_street),
    ]  # fmt: skip
    columns = [
        Column(Words("原因", "Cause")),
        Column(Words(f"需求（约，{counted.zh}）", f"Demand (about, {counted.en})"), "right"),
        Column(Words("占全部需求（%）", "Of all demand (%)"), "right"),
    ]  # fmt: skip
    rows = [[words, number(amount, like=missed), f"{100 * amount / plan.total:.1f}"] for words, amount in causes]
    total = [Words("没有覆盖到的合计", "Not covered, total"), number(missed), f"{100 * missed / plan.total:.1f}"]
    return Sheet(Words("没有覆盖到的需求和原因", "Demand that is not covered, and why"), columns, rows, total)


RULE_WORDS = {
    "name": Words("名称", "Name"),
    "version": Words("版本", "Version"),
    "minutes": Words("时间（分钟）", "Time (minutes)"),
    "speed": Words("步行速度（米/秒）", "Walking speed (m/s)"),
    "trips": Words("行程", "Trips"),
    "start_delay_s": Words("起步前耽搁（秒）", "Delay before walking (s)"),
    "device_delay_s": Words("设备到场至首次电击（秒）", "From device on scene to first shock (s)"),
    "vertical_delay_s": Words("上下楼，每程（秒）", "Stairs and lifts, each trip (s)"),
    "measure": Words("距离量法", "Measure"),
    "radius_m": Words("规定的半径（米）", "Radius by rule (m)"),
}


VALUE_WORDS = {
    ("trips", 1): Words("单程", "one way"),
    ("trips", 2): Words("往返", "there and back"),
    ("measure", "street"): Words("沿街道", "along streets"),
    ("measure", "line"): Words("直线", "in a straight line"),
}


def rule_sheet(circle: RescueCircle) -> Sheet:
    """Every number of a circle, the limit that follows from them, and their source."""
    values = asdict(circle)
    rows: list[list[Any]] = [
        [words, VALUE_WORDS.get((key, values[key])) or _plain(values[key])] for key, words in RULE_WORDS.items()
    ]
    rows.append([Words("由此得出：单程不超过（米）", "It follows: one way, at most (m)"), f"{circle.limit_m:.0f}"])
    rows.append([Words("出处", "Source"), _source_words(circle)])
    columns = [Column(Words("项目", "Item")), Column(Words("数值", "Value"))]
    return Sheet(Words("救护圈的每个数字", "Every number of the rescue circle"), columns, rows, [])


def _source_words(circle: RescueCircle) -> Words:
    """Where the numbers of a circle come from; one language where the other is not given."""
    if not (circle.source or circle.source_zh):
        return UNKNOWN
    return Words(circle.source_zh or circle.source, circle.source or circle.source_zh)


def _plain(value: object) -> object:
    if value is None:
        return Words("无", "none")
    return f"{value:g}" if isinstance(value, float) else str(value)


def inputs_sheet(inputs: list[dict[str, Any]]) -> Sheet:
    """Every input with its origin, licence and checksum."""
    columns = [
        Column(Words("用途", "Used for")), Column(Words("文件", "File")), Column(Words("来源", "Source")),
        Column(Words("许可", "Licence")), Column(Words("校验 SHA-256（前 16 位）", "SHA-256 (first 16)")),
    ]  # fmt: skip
    rows = [
        [role_words(one["role"]), one["file"] or UNKNOWN, one["source"] or UNKNOWN,
         one["licence"] or UNKNOWN, one["sha256"][:16] or UNKNOWN]
        for one in inputs
    ]  # fmt: skip
    return Sheet(Words("数据来源", "Where the data come from"), columns, rows, [])
