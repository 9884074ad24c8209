"""A site's score of the year, 0 to 100: only what the site itself can do better, each part with what would raise it."""

from collections.abc import Callable
from dataclasses import dataclass

TRAINED_PER_DEVICE = 10
"""Hangzhou 2022 and Guangzhou 2024 ask for ten trained people for each device."""


@dataclass(frozen=True)
class SiteYear:
    """What a site did in a year.

    checked_share  share of its device-days within the interval since the last check; None without a device
    trained        people of the site who were trained and still hold it
    cover_in_force its devices are insured against loss, its volunteers for accident and liability
    signs_ok       the last check found cabinet sign and guide signs in order
    """

    devices: int
    checked_share: float | None
    trained: int
    agreement_in_force: bool
    cover_in_force: bool
    signs_ok: bool
    drills: int


@dataclass(frozen=True)
class ScorePart:
    """Points of one part, the most it can give, and what would raise it; advice is "" when nothing is missing."""

    id: str
    zh: str
    en: str
    points: float
    most: float
    advice_zh: str
    advice_en: str


@dataclass(frozen=True)
class SiteScore:
    """The sum of its parts; None for a site without a device, which has nothing to be graded for."""

    total: float | None
    parts: tuple[ScorePart, ...]


@dataclass(frozen=True)
class _Rule:
    id: str
    zh: str
    en: str
    most: float
    share: Callable[[SiteYear], float]
    advice: tuple[str, str]


_RULES = (
    _Rule("checks", "按时检查", "Checks on time", 30, lambda s: s.checked_share or 0.0,
          ("按规定间隔检查设备", "check the device at the interval of the norm")),
    _Rule("trained", "培训人员", "Trained people", 25, lambda s: s.trained / (TRAINED_PER_DEVICE * s.devices),
          (f"每台设备培训 {TRAINED_PER_DEVICE} 人", f"train {TRAINED_PER_DEVICE} people for each device")),
    _Rule("agreement", "协议有效", "Agreement in force", 15, lambda s: s.agreement_in_force,
          ("签订或续签公益协议", "sign or renew the agreement")),
    _Rule("cover", "保险有效", "Cover in force", 10, lambda s: s.cover_in_force,
          ("为设备和志愿者续保", "renew the cover of device and volunteers")),
    _Rule("signs", "标识齐全", "Signs in place", 10, lambda s: s.signs_ok,
          ("补齐箱体标识和入口指引", "put up the cabinet's sign and the guide signs")),
    _Rule("drill", "开展演练", "A drill held", 10, lambda s: s.drills > 0,
          ("每年至少演练一次", "hold at least one drill a year")),
)  # fmt: skip


def site_score(site: SiteYear) -> SiteScore:
    """The score of a site.

    >>> site_score(SiteYear(1, 1.0, 10, True, True, True, 1)).total
    100.0
    """
    if site.devices == 0:
        return SiteScore(None, ())
    parts = tuple(_part(rule, min(1.0, max(0.0, float(rule.share(site))))) for rule in _RULES)
    return SiteScore(sum(part.points for part in parts), parts)


def _part(rule: _Rule, share: float) -> ScorePart:
    zh, en = rule.advice if share < 1 else ("", "")
    return ScorePart(rule.id, rule.zh, rule.en, rule.most * share, rule.most, zh, en)


FORMULA_ZH = "总分 = " + " + ".join(f"{rule.zh} {rule.most:g}" for rule in _RULES) + "；按完成的比例计分"
FORMULA_EN = "score = " + " + ".join(f"{rule.en.lower()} {rule.most:g}" for rule in _RULES) + "; each by the share done"
