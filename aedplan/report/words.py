"""The sentences that maps, charts and reports share, in Chinese and English, made from an outcome's numbers."""

import re
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from ..circles import RescueCircle
from ..plan import Plan
from ..sites import KINDS_ZH

if TYPE_CHECKING:
    from ..study.outcome import Outcome


class Words(NamedTuple):
    """The same thing said in Chinese and in English; prints as HTML of which a page shows one language."""

    zh: str
    en: str

    def __html__(self) -> str:
        """Both languages, escaped, each marked with its language.

        >>> Words("设备", "device <1>").__html__()
        '<span class="zh" lang="zh-CN">设备</span><span class="en" lang="en">device &lt;1&gt;</span>'
        """
        zh, en = escape(full_width(self.zh)), escape(self.en)
        return f'<span class="zh" lang="zh-CN">{zh}</span><span class="en" lang="en">{en}</span>'


_WIDE = str.maketrans(",:;", "\uff0c\uff1a\uff1b")


def full_width(zh: str) -> str:
    """Chinese with the punctuation of Chinese: full-width where it touches a Chinese character.

    >>> full_width("walk-4 (v1)：单程，4 分钟") == "walk-4 (v1)\uff1a单程\uff0c4 分钟"
    True
    """
    return re.sub(r"(?<=[\u4e00-\u9fff])[,:;]|[,:;](?=[\u4e00-\u9fff])", lambda mark: mark[0].translate(_WIDE), zh)


LANGUAGE_STYLE = "html[lang|=zh] .en, html[lang|=en] .zh { display: none !important; }"
"""The style that shows one language of a page: that of its root element."""

SYNTHETIC = Words("合成数据，非真实地点", "Synthetic data, not a real place")

KINDS_EN = {
    "transport": "transport hub",
    "shop": "shopping",
    "school": "school",
    "compound": "housing estate",
    "office": "office",
    "sport": "sport",
    "culture": "culture",
    "hotel": "hotel",
    "scenic": "scenic spot",
    "care": "elder care",
    "health": "health",
    "police": "police",
    "fire": "fire station",
    "convenience": "24 h convenience store",
    "bank": "bank",
    "village": "village office",
    "industry": "industrial site",
    "other": "other",
}

STATUS = {
    "optimal": Words("已证明没有更好的方案", "proven: no plan is better"),
    "gap-reached": Words("与上界的差距已小于要求的值", "the gap to the bound is below what was asked for"),
    "time-limit": Words("计算时间已到；现为已找到的最好方案", "time was up; this is the best plan found"),
    "stopped": Words(
        "未证明到底即结束；是否还有更好的方案，以差距为限",
        "ended before it was proven best; the gap says how much better a plan could be",
    ),
}

HOURS_OUT = Words(
    "开放时间以外能否进入、设备当天是否可用、楼层和电梯（除非救护圈里写明）都没有计入；实际比例更低。",
    "Whether a place is open, whether its device works that day, and floors and lifts (unless named by the circle)"
    " are not counted; the share really reached is lower.",
)
HOURS_IN = Words(
    "开放时间按场所自报计算；新设备按随时可用计算；楼层和电梯除非救护圈里写明都没有计入。",
    "Opening hours are those the places state; new devices are taken to work at any time; floors and lifts are not"
    " counted unless the circle names them.",
)
NEVER_IN = (
    Words(
        "预计骤停数由人口和发病率推算，只用来给点位排先后，不是对本地病例数的预测。",
        "Expected arrests come from people and an incidence. They rank places; they do not predict local numbers.",
    ),
    Words(
        "覆盖只说明设备离得够近，不说明有人会用、有人去取，也不等于救治结果。",
        "Coverage says that a device is near enough, not that somebody fetches or uses it, nor how a patient fares.",
    ),
)
FROM_ARRESTS = Words(
    "需求由既往骤停推算：没有报告的骤停不在内，以后发生在哪里也会变；只用来给点位排先后。",
    "Demand is made from arrests that happened: unreported ones are not in it, and the next may happen elsewhere. It ranks"
    " places.",
)


def not_included(outcome: "Outcome") -> tuple[Words, ...]:
    """What no figure of a plan includes."""
    expected, coverage = NEVER_IN
    made = FROM_ARRESTS if outcome.made.arrests else expected
    return (HOURS_IN if outcome.week.counted else HOURS_OUT, made, coverage)


ROLES = {
    "streets": Words("街道", "streets"),
    "demand": Words("需求", "demand"),
    "demand-people": Words("平滑用的人口", "people for smoothing"),
    "demand-home": Words("家中的需求", "demand at home"),
    "demand-people-home": Words("平滑用的人口（家中）", "people for smoothing at home"),
    "demand-public": Words("公共场所的需求", "demand in public"),
    "demand-people-public": Words("平滑用的人口（公共）", "people for smoothing in public"),
    "sites": Words("点位", "sites"),
    "standing": Words("已设设备", "standing devices"),
    "candidates": Words("候选点位", "candidates"),
}
"""What an input of a study is used for."""


def role_words(role: str) -> Words:
    """What an input is used for, in words."""
    return ROLES.get(role, Words(role, role))


def kind_words(kind: str) -> Words:
    """A kind of venue."""
    return Words(KINDS_ZH[kind], KINDS_EN[kind])


def percents(*shares: float) -> tuple[str, ...]:
    """Shares as whole percents, or with one decimal where whole ones would hide a difference.

    >>> percents(0.31, 0.624), percents(0.031, 0.034), percents(0.5, 0.5)
    (('31%', '62%'), ('3.1%', '3.4%'), ('50%', '50%'))
    """
    whole = [f"{share:.0%}" for share in shares]
    fine = [f"{share:.1%}" for share in shares]
    return tuple(fine if len(set(fine)) > len(set(whole)) else whole)


def number(value: float, *, like: float | None = None) -> str:
    """A figure with as many decimals as its size, or that of another, deserves; thousands apart.

    >>> number(180_000.0), number(12.34), number(1.234), number(0.0312), number(0.0004, like=1.0)
    ('180,000', '12.3', '1.23', '0.031', '0.00')
    """
    size = abs(value if like is None else like)
    steps = ((100, 0), (10, 1), (0.1, 2), (0.01, 3))
    decimals = next((places for low, places in steps if size >= low), 4)
    return f"{value:,.{decimals}f}"


def in_time(circle: RescueCircle) -> Words:
    """The circle's limit in as few words as a title allows.

    >>> from aedplan.circles import circle
    >>> in_time(circle("walk-4")).en.replace("\u00a0", " ")
    'within 4 minutes'
    """
    if circle.radius_m is None:
        return Words(f"{circle.minutes:g}\u00a0分钟内", f"within {circle.minutes:g}\u00a0minutes")
    line = circle.measure == "line"
    return Words(
        f"{'直线' if line else '步行'} {circle.radius_m:.0f}\u00a0米内",
        f"within {circle.radius_m:.0f}\u00a0m {'in a straight line' if line else 'on foot'}",
    )


def headline(outcome: "Outcome") -> Words:
    """The finding in one sentence."""
    plan, near = outcome.plan, in_time(outcome.scenario.circle)
    if not plan.chosen:
        (share,) = percents(plan.share)
        standing = int(outcome.sites.standing.sum())
        return Words(
            f"现有 {standing}\u00a0台设备：{near.zh}覆盖 {share}",
            f"{standing} standing devices cover {share} {near.en}",
        )
    before, after = percents(outcome.before / plan.total, plan.share)
    what = devices_words(outcome)
    return Words(
        f"{what.zh}：{near.zh}覆盖从 {before} 升到 {after}",
        f"{what.en}: coverage {near.en} rises from {before} to {after}",
    )


def devices_words(outcome: "Outcome") -> Words:
    """How many devices are new, and how many move."""
    moved = len(outcome.moved)
    new = len(outcome.plan.chosen) - sum(to >= 0 for _, to in outcome.moved)
    bought = Words(f"{new}\u00a0台新设备", f"{new} new device{'s' * (new > 1)}")
    if not moved:
        return bought
    shifted = Words(f"移动 {moved}\u00a0台", f"{moved} device{'s' * (moved > 1)} moved")
    return Words(f"{bought.zh}、{shifted.zh}", f"{bought.en} and {shifted.en}") if new else shifted


def moved_words(outcome: "Outcome", to: int) -> Words:
    """Where a standing device goes; to is -1 where nobody needs it."""
    if to < 0:
        return Words("已设设备，移走备用", "standing device, moved away as a spare")
    return Words(f"已设设备，移到 {outcome.sites.label[to]}", f"standing device, moves to {outcome.sites.label[to]}")


def circle_words(circle: RescueCircle) -> Words:
    """The whole rule of a circle."""
    return Words(circle.words_zh, circle.words_en)


def unit(basis: str) -> Words:
    """The unit that demand of this basis is counted in."""
    if "arrests" in basis:
        return Words("例/年", "arrests/year")
    return Words("人", "people") if basis == "people" else Words(basis, basis)


def gain_words(gain: float, *, basis: str, like: float | None = None) -> Words:
    """What a site adds, marked as the estimate it is.

    >>> gain_words(1.2, basis="expected arrests per year").zh
    '约 +1.20 例/年'
    """
    words, figure = unit(basis), number(gain, like=like)
    return Words(f"约 +{figure} {words.zh}", f"about +{figure} {words.en}")


def hours_words(hours: dict[str, Any]) -> Words:
    """Whether opening hours were counted, from the summary's word on them."""
    return Words(hours["words_zh"], hours["words_en"])


def proof_words(plan: Plan) -> Words:
    """Who made the plan and how sure it is, in one sentence."""
    status, share = STATUS[plan.status], plan.bound / plan.total
    return Words(
        f"方法 {plan.method}：{status.zh}。"
        f"任何方案的覆盖都不会超过上界 {share:.1%}；本方案 {plan.share:.1%}，差距 {plan.gap:.2%}。",
        f"Method {plan.method}: {status.en}. "
        f"No plan covers more than the bound, {share:.1%}; this one covers {plan.share:.1%}, a gap of {plan.gap:.2%}.",
    )
