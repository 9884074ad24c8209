"""The sections of a report on demand: what it was made from, what such plans keep of what they promise, survival."""

from typing import TYPE_CHECKING, Any

from ..arrests.smoothing import GROUNDS_EN, GROUNDS_ZH
from .sheets import Column, Section, Sheet
from .words import Words, number, unit

if TYPE_CHECKING:
    from ..arrests.heldout import HeldOut
    from ..study.outcome import Outcome

LAYERS = {"all": Words("全部", "all"), "home": Words("家中", "at home"), "public": Words("公共场所", "in public")}


def demand_sections(outcome: "Outcome") -> list[Section]:
    """Everything a report says on demand; nothing where it is people or given arrests in one layer."""
    sections = []
    made, layered = outcome.made, len(outcome.demand.layers) > 1
    if made.arrests or layered:
        sheets = [sheet for sheet in (layers_sheet(outcome), mixture_sheet(outcome)) if sheet.rows]
        title = Words("需求从哪里来", "What the demand was made from")
        sections.append(Section("", title, before=made_words(outcome), sheets=tuple(sheets)))
    if made.held_out is not None:
        title = Words("承诺的覆盖能兑现多少", "How much of the promise is kept")
        sheet = held_out_sheet(made.held_out)
        sections.append(
            Section("", title, before=kept_words(outcome, made.held_out), sheets=(sheet,), after=HOW[made.held_out.how])
        )
    if made.timed is not None:
        title = Words("按生存曲线选点", "Chosen under a curve of survival")
        sections.append(Section("", title, after=timed_words(outcome)))
    return sections


def layer_words(layer: str) -> Words:
    """The name of a layer."""
    return LAYERS.get(layer, Words(layer, layer))


def made_words(outcome: "Outcome") -> tuple[Words, ...]:
    """What was done with the arrests, a sentence for each layer made from them."""
    made, several = outcome.made, len(outcome.demand.layers) > 1
    told = []
    for layer, arrests in made.arrests.items():
        if layer in made.chosen:
            words = Words(made.chosen[layer].words_zh, made.chosen[layer].words_en)
        else:
            words = Words(f"按 {arrests:,} 起骤停的原始点位，没有平滑：承诺会高于兑现",
                          f"the raw points of {arrests:,} arrests, not smoothed: the promise is more than is kept")  # fmt: skip
        name = layer_words(layer)
        told.append(Words(f"{name.zh}：{words.zh}。", f"Arrests {name.en}: {words.en}.") if several
                    else Words(f"{words.zh}。", f"{words.en[0].upper()}{words.en[1:]}."))  # fmt: skip
    return tuple(told)


def layers_sheet(outcome: "Outcome") -> Sheet:
    """The share of each layer; no rows where there is only one."""
    demand, counted = outcome.demand, unit(outcome.demand.basis)
    sums = [float(demand.weight[demand.layer == layer].sum()) for layer in range(len(demand.layers))]
    held = [outcome.covered[demand.layer == layer] for layer in range(len(demand.layers))]
    weight = demand.weight.sum(axis=1)
    rows: list[list[Any]] = [
        [layer_words(name), f"{int((demand.layer == layer).sum()):,}", number(sums[layer], like=demand.total),
         f"{100 * sums[layer] / demand.total:.1f}",
         f"{100 * float(weight[demand.layer == layer][held[layer]].sum()) / max(sums[layer], 1e-300):.1f}"]
        for layer, name in enumerate(demand.layers)
    ]  # fmt: skip
    columns = [
        Column(Words("需求的层", "Layer")), Column(Words("点（个）", "Points"), "right"),
        Column(Words(f"需求（约，{counted.zh}）", f"Demand (about, {counted.en})"), "right"),
        Column(Words("占全部需求（%）", "Of all demand (%)"), "right"),
        Column(Words("在某个时段覆盖到的（%）", "Covered in some period (%)"), "right"),
    ]  # fmt: skip
    total = [Words("合计", "Total"), f"{len(demand):,}", number(demand.total), "100.0",
             f"{100 * float(weight[outcome.covered].sum()) / demand.total:.1f}"]  # fmt: skip
    return Sheet(Words("家中与公共场所分层", "Home and public apart"), columns, rows if len(rows) > 1 else [], total)


def mixture_sheet(outcome: "Outcome") -> Sheet:
    """Where cross-validation expects the next arrest, by layer."""
    chosen = outcome.made.chosen
    rows: list[list[Any]] = [
        [
            Words(f"{GROUNDS_ZH[kind]}（%）", f"{GROUNDS_EN[kind]} (%)"),
            *(f"{100 * one.mixture[kind]:.0f}" for one in chosen.values()),
        ]
        for kind in GROUNDS_ZH
    ]
    rows.append(
        [Words("带宽中位数（米）", "Median bandwidth (m)"), *(f"{one.bandwidth_m:,.0f}" for one in chosen.values())]
    )
    rows.append([Words("骤停（起）", "Arrests"), *(f"{one.arrests:,}" for one in chosen.values())])
    names = [layer_words(layer) for layer in chosen]
    columns = [
        Column(Words("下一起骤停预计在", "The next arrest is expected")),
        *(Column(Words("份额", "Share") if len(names) == 1 else name, "right") for name in names),
    ]
    return Sheet(Words("平滑是怎样选定的", "How smoothing was chosen"), columns, rows if chosen else [], [])


HOW = {
    "folds": (
        Words("检验方法：骤停分成五份，轮流留出一份，只用其余四份规划，再数留出的一份里有多少被覆盖。",
              "How: arrests in five parts; each in turn is held out, plans are made from the other four and judged by it."),
    ),
    "later": (
        Words("检验方法：只用较早的八成骤停规划，再数最后两成里有多少被覆盖。",
              "How: plans are made from the earlier four fifths of the arrests and judged by the last fifth."),
    ),
}  # fmt: skip
"""How plans were judged."""

ON_PAPER = Words(
    "检验的是同样做法、同样台数的方案，按纸面覆盖（场所全天开放、设备都可用），不计配额。",
    "Judged are plans made in the same way, of so many devices, by coverage on paper (places always open, devices ready),"
    " without quotas.",
)


def kept_words(outcome: "Outcome", held: "HeldOut") -> tuple[Words, ...]:
    """What plans of this size promise and keep: the figure to plan with first."""
    raw = "none" in outcome.made.smoothing.values()
    kept, promised = (held.raw_kept, held.raw_promised) if raw else (held.kept, held.promised)
    finding = Words(
        f"请以兑现的比例为准：{held.devices[-1]:,} 台承诺 {promised[-1]:.1%}，兑现 {kept[-1]:.1%}。",
        f"Plan with what is kept: {held.devices[-1]:,} devices promise {promised[-1]:.1%} and keep {kept[-1]:.1%}.",
    )
    return finding, Words(held.words_zh, held.words_en), ON_PAPER


def held_out_sheet(held: "HeldOut") -> Sheet:
    """Promised beside kept for several numbers of new devices."""
    low, high = held.interval
    rows: list[list[Any]] = [
        [f"{held.devices[row]:,}", *(f"{100 * share[row]:.1f}" for share in (held.promised, held.kept)),
         f"{100 * low[row]:.1f} – {100 * high[row]:.1f}",
         *(f"{100 * share[row]:.1f}" for share in (held.raw_promised, held.raw_kept))]
        for row in range(len(held.devices))
    ]  # fmt: skip
    columns = [
        Column(Words("新设备（台）", "New devices"), "right"),
        Column(Words("平滑：承诺（%）", "Smoothed: promised (%)"), "right"),
        Column(Words("平滑：兑现（%）", "Smoothed: kept (%)"), "right"),
        Column(Words("兑现的 95% 区间（%）", "95% interval of kept (%)"), "right"),
        Column(Words("原始点：承诺（%）", "Raw points: promised (%)"), "right"),
        Column(Words("原始点：兑现（%）", "Raw points: kept (%)"), "right"),
    ]
    title = Words("承诺与兑现，对未参与规划的骤停", "Promised and kept, on arrests held out")
    return Sheet(title, columns, rows, [])


def timed_words(outcome: "Outcome") -> tuple[Words, ...]:
    """Under which curve sites were chosen, how sure that is, and what it does not mean."""
    timed = outcome.made.timed
    assert timed is not None
    rule, when = timed.curve, timed.when
    return (
        Words(
            f"点位按曲线 {rule.name} 选出，越快到越好；至少达到该曲线下最好方案的 {timed.of_best:.1%}。"
            "上面的覆盖是这些点位在救护圈内的覆盖，所以可能低于只求覆盖的方案。曲线只用来比较方案，不代表救活人数。",
            f"Sites were chosen under the curve {rule.name}, the sooner the better; they reach at least {timed.of_best:.1%} of"
            " the best possible under it. Coverage above is that of these sites within the circle, so a plan for coverage"
            " alone may cover more. The curve compares plans; it is not a number of lives.",
        ),
        Words(
            f"假定：倒地后 {when.resuscitation:g} 分钟有人按压，{when.ambulance:g} 分钟救护车到。"
            f"局限：{rule.limits_zh}。出处：{rule.source}",
            f"Assumed: somebody presses after {when.resuscitation:g} minutes, the ambulance is there after"
            f" {when.ambulance:g}. Limits: {rule.limits_en}. Source: {rule.source}",
        ),
    )
