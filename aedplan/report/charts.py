"""Charts as inline SVG: coverage against the number of devices, and bars.

Text is in both languages, colours come from style variables. A chart is drawn at about the width of a phone, so that
its text is never smaller there than the page's.
"""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from .words import Words

WIDTH, HEIGHT = 400, 264
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 30, 52
STYLE = """
.chart { display: block; width: 100%; max-width: 520px; height: auto; font: 16px/1.2 var(--sans); }
.chart text { fill: var(--ink); font-variant-numeric: tabular-nums; }
.chart .axis { stroke: var(--rule); fill: none; }
.chart .value { stroke: var(--plan); stroke-width: 3; fill: none; stroke-linejoin: round; stroke-linecap: round; }
.chart .bound { stroke: var(--ink); stroke-width: 1; fill: none; }
.chart .gap { fill: var(--gap); fill-opacity: .3; }
.chart .goal { stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 2 4; fill: none; }
.chart .span { stroke: var(--gap); stroke-width: 5; stroke-linecap: round; fill: none; }
.chart .mark { fill: var(--plan); stroke: var(--paper); stroke-width: 2; }
.bar { display: block; width: 100%; height: 20px; }
.bar .ground { fill: var(--rule); }
.bar .before { fill: var(--aed); }
.bar .plan { fill: var(--plan); }
"""
"""The style of the charts; a page that shows one includes it."""


class Goal(NamedTuple):
    """A share of demand to be reached: no plan of fewer than `least` devices does, a plan of `enough` does.

    None where that many are not on the curve
    """

    share: float
    least: int | None
    enough: int | None


def curve_svg(share: Sequence[float], bound: Sequence[float | None], *, id: str = "curve") -> str:
    """Coverage against the number of new devices, up to the chosen budget, which is marked.

    share  (P+1,) share of demand covered with 0, 1, ... P new devices, in the order of the plan
    bound  (P+1,) share that no plan of so many devices can exceed; None where that is not known

    >>> curve_svg([0.2, 0.4], [None, 0.5]).startswith('<svg class="chart"')
    True
    """
    chosen, top = len(share) - 1, _ceiling(max([*share, *(b for b in bound if b is not None)]))
    points = [(_x(i, chosen), _y(value, top)) for i, value in enumerate(share)]
    body = [*_grid(top), *_counts(chosen), *_gap(share, bound, top), _path("value", points), *_ends(share, bound, top)]
    title = Words("覆盖率随设备台数的变化", "Coverage against number of devices")
    told = Words(
        f"没有新设备时 {share[0]:.1%},{chosen} 台时 {share[-1]:.1%}。",
        f"{share[0]:.1%} with no new device, {share[-1]:.1%} with {chosen}.",
    )
    return _figure(id, title, told, body)


def frontier_svg(
    counts: Sequence[int], share: Sequence[float], bound: Sequence[float], *, goal: Goal | None = None
) -> str:
    """Coverage against the number of new devices, for plans made anew for each number, with the bound on each.

    counts  (B,) numbers of new devices, ascending
    share   (B,) share of demand that the best plan found for each covers
    bound   (B,) share that no plan of so many devices can exceed
    goal    a share to be reached, marked where plans reach it

    >>> frontier_svg([1, 2], [0.2, 0.4], [0.3, 0.5]).count('class="bound"')
    1
    """
    last, top = counts[-1], _ceiling(max([*bound, 0.0]))
    line, limit = ([(_x(n, last), _y(y, top)) for n, y in zip(counts, ys, strict=True)] for ys in (share, bound))
    body = [
        *_grid(top),
        *_counts(last),
        _path("gap", [*limit, *line[::-1]]),
        _path("bound", limit),
        _path("value", line),
    ]
    if len(counts) == 1:
        body.append(_dot(*line[0]))
    body += _goal(goal, last, top) if goal is not None and goal.share <= top else []
    title = Words("覆盖率随设备台数的变化", "Coverage against number of devices")
    told = Words(
        f"{counts[0]} 台时 {share[0]:.1%}，{last} 台时 {share[-1]:.1%}，上界 {bound[-1]:.1%}。",
        f"{share[0]:.1%} with {counts[0]}, {share[-1]:.1%} with {last}, bound {bound[-1]:.1%}.",
    )
    return _figure("frontier", title, told, body)


def bar_svg(before: float, after: float, *, told: Words) -> str:
    """One bar from 0 to 100 %: what standing devices cover, and what the plan adds."""
    parts = [("ground", 0.0, 1.0), ("before", 0.0, before), ("plan", before, after)]
    rects = [
        f'<rect class="{name}" x="{100 * low:.2f}" y="0" width="{100 * max(high - low, 0):.2f}" height="10"/>'
        for name, low, high in parts
    ]
    label = escape(f"{told.zh} {told.en}")
    return (
        f'<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f"<title>{label}</title>{''.join(rects)}</svg>"
    )


def _figure(id: str, title: Words, told: Words, body: Sequence[str]) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{id}-title {id}-desc">'
        f'<title id="{id}-title">{escape(title.zh)} / {escape(title.en)}</title>'
        f'<desc id="{id}-desc">{escape(told.zh)} {escape(told.en)}</desc>{"".join(body)}</svg>'
    )


def _ceiling(share: float) -> float:
    """The least of a few round shares that is not below; always more than 0."""
    return next(top for top in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0) if share <= top or top == 1.0)


def _x(count: float, chosen: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * count / max(chosen, 1)


def _y(share: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share / top


def _path(name: str, points: Sequence[tuple[float, float]]) -> str:
    return f'<path class="{name}" d="M{" L".join(f"{x:.1f} {y:.1f}" for x, y in points)}"/>'


def _text(x: float, y: float, words: Words | str, *, anchor: str = "middle") -> str:
    """SVG text; Words become two texts in the same place, of which one shows."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    if isinstance(words, str):
        return f"<text {place}>{escape(words)}</text>"
    return (
        f'<text {place} class="zh" lang="zh-CN">{escape(words.zh)}</text>'
        f'<text {place} class="en" lang="en">{escape(words.en)}</text>'
    )


def _grid(top: float) -> list[str]:
    shares = [0.0, top / 2, top]
    lines = [f'<path class="axis" d="M{LEFT} {_y(s, top):.1f}H{WIDTH - RIGHT}"/>' for s in shares]
    labels = [_text(LEFT - 6, _y(s, top) + 5, f"{100 * s:g}%", anchor="end") for s in shares]
    return [*lines, *labels, _text(0, 16, Words("覆盖需求的比例", "share of demand covered"), anchor="start")]


def _counts(chosen: int) -> list[str]:
    """Round numbers of devices under the axis, the chosen one always, none that would touch it."""
    step = next((s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500) if chosen / s <= 5), 1000)
    counts = [c for c in range(0, chosen, step) if chosen - c >= 0.6 * step] + [chosen]
    labels = [_text(_x(c, chosen), HEIGHT - BOTTOM + 20, str(c)) for c in dict.fromkeys(counts)]
    name = Words("新设备台数", "number of new devices")
    return [*labels, _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, name)]


def _gap(share: Sequence[float], bound: Sequence[float | None], top: float) -> list[str]:
    """The bound as a thin line and the gap below it shaded; a lone bound is drawn half a device wide."""
    chosen = len(share) - 1
    known = [(i, b) for i, b in enumerate(bound) if b is not None]
    if not known:
        return []
    if len(known) == 1:
        (at, high), reach = known[0], max(0.5, 0.06 * chosen)
        low = share[at]
        ceiling = [(_x(at - reach, chosen), _y(high, top)), (_x(at, chosen), _y(high, top))]
        floor = [(_x(at, chosen), _y(low, top)), (_x(at - reach, chosen), _y(low, top))]
    else:
        ceiling = [(_x(i, chosen), _y(b, top)) for i, b in known]
        floor = [(_x(i, chosen), _y(share[i], top)) for i, _ in reversed(known)]
    return [_path("gap", [*ceiling, *floor]), _path("bound", ceiling)]


def _goal(goal: Goal, last: int, top: float) -> list[str]:
    """A line at the share wanted; on it the numbers of devices that could be enough, and the one that is."""
    if goal.least is None:
        return []
    y, near = _y(goal.share, top), _x(goal.least, last)
    marks = [f'<path class="goal" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>']
    words = Words(f"{goal.share:.0%}：至少要 {goal.least} 台", f"{goal.share:.0%}: at least {goal.least}")
    if goal.enough is not None:
        far = _x(goal.enough, last)
        marks.append(f'<path class="span" d="M{near:.1f} {y:.1f}H{far:.1f}"/>')
        marks.append(f'<path class="axis" d="M{far:.1f} {y:.1f}V{HEIGHT - BOTTOM}"/>')
        marks.append(_dot(far, y))
        few = goal.least == goal.enough
        words = Words(
            f"{goal.share:.0%}：{goal.enough} 台够" + ("，再少不行" if few else f"，至少要 {goal.least} 台"),
            f"{goal.share:.0%}: {goal.enough} enough, " + ("and no fewer" if few else f"at least {goal.least}"),
        )
    return [*marks, _text(WIDTH - RIGHT - 8, HEIGHT - BOTTOM - 12, words, anchor="end")]


def _dot(x: float, y: float) -> str:
    return f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="6"/>'


def _ends(share: Sequence[float], bound: Sequence[float | None], top: float) -> list[str]:
    """A mark at the chosen budget, with its share and bound in words."""
    chosen, last = len(share) - 1, bound[-1]
    x, y = _x(chosen, chosen), _y(share[-1], top)
    words = Words(f"{chosen} 台：{share[-1]:.1%}", f"{chosen}: {share[-1]:.1%}")
    if last is not None:
        words = Words(f"{words.zh}，上界 {last:.1%}", f"{words.en}, bound {last:.1%}")
    return [
        f'<path class="axis" d="M{x:.1f} {y:.1f}V{HEIGHT - BOTTOM}"/>',
        _dot(x, y),
        _text(WIDTH - RIGHT - 8, HEIGHT - BOTTOM - 12, words, anchor="end"),
    ]
