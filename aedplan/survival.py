"""Chance of survival falling with time: an objective for ranking plans, never a number of lives.

Each curve says how the chance falls with the minutes to resuscitation, to the first shock and to the ambulance's advanced
care. They come from witnessed arrests with a rhythm that shocks help, in cities with fast ambulances: a small part of all
arrests anywhere. What they agree on is the order of plans, and whether they do is shown; the chances themselves are not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .checks import length_faults, negative_faults, read_only
from .circles import RescueCircle
from .coverage import Coverage, coverage_of
from .demand import Demand
from .errors import InputError, raise_faults
from .network import StreetNetwork
from .reach import reach
from .sites import Sites


@dataclass(frozen=True)
class Timeline:
    """What else happens, in minutes from the collapse.

    resuscitation  until somebody begins
    ambulance      until it is there; then it shocks and gives advanced care, whatever device is on the way
    """

    resuscitation: float = 3.0
    ambulance: float = 12.0


ASSUMED = Timeline()
"""A judgement, not verified; figures of one's own county are better. `TIMELINES` are tried beside it."""

TIMELINES = (ASSUMED, Timeline(1.0, 8.0), Timeline(1.0, 12.0), Timeline(6.0, 12.0), Timeline(3.0, 20.0))


@dataclass(frozen=True)
class Curve:
    """A chance of survival.

    chance    (shock minutes (n,), timeline) -> (n,) between 0 and 1
    sure      "P": seen at the source; "M": from memory, not verified
    limits_*  what it does not hold for
    """

    name: str
    chance: Callable[[np.ndarray, Timeline], np.ndarray]
    source: str
    sure: str
    limits_zh: str
    limits_en: str


def _larsen(shock: np.ndarray, when: Timeline) -> np.ndarray:
    chance = 0.67 - 0.023 * when.resuscitation - 0.011 * shock - 0.021 * when.ambulance
    return np.asarray(np.maximum(chance, 0.0))


def _valenzuela(shock: np.ndarray, when: Timeline) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-0.260 + 0.106 * when.resuscitation + 0.139 * shock)))


def _gold(shock: np.ndarray, when: Timeline) -> np.ndarray:
    return np.asarray(np.interp(shock, (4.0, 10.0, 15.0), (6 * 0.052 + 5 * 0.019, 5 * 0.019, 0.0)))


def _rule(per_minute: float) -> Callable[[np.ndarray, Timeline], np.ndarray]:
    return lambda shock, when: np.asarray(np.maximum(1 - per_minute * shock, 0.0))


_RULE_ZH = "口诀，非研究结果：无人施救时每分钟下降7至10个百分点，起点取100%，只有下降的快慢有意义"
_RULE_EN = "a rule of thumb, no study: 7 to 10 points a minute without help; it begins at 100 %, so only the fall means anything"

CURVES: dict[str, Curve] = {
    curve.name: curve
    for curve in (
        Curve(
            "larsen-1993",
            _larsen,
            "Larsen 1993, Ann Emerg Med 22:1652 (abstract): 67 - 2.3 tCPR - 1.1 tShock - 2.1 tACLS per cent",
            "P",
            "1,667例有目击、室颤的心脏病患者，美国金县，1976年起；直线，时间长时过低",
            "1,667 witnessed arrests of heart patients in fibrillation, King County, from 1976; a straight line, too low late",
        ),
        Curve(
            "valenzuela-1997",
            _valenzuela,
            "Valenzuela 1997, Circulation 96:3308: 1 / (1 + exp(-0.260 + 0.106 tCPR + 0.139 tShock)); coefficients from memory",
            "M",
            "系数未核实；1,872例有目击的室颤，美国图森与金县",
            "coefficients not verified; 1,872 witnessed arrests in fibrillation, Tucson and King County",
        ),
        Curve(
            "gold-2010",
            _gold,
            "Gold 2010, Resuscitation 81:622 (abstract): level to 4 minutes, -5.2 points a minute to 10, -1.9 to 15",
            "P",
            "室颤；以救护车到达代替电击；摘要未给起点，取15分钟为0，只有下降的快慢有意义",
            "fibrillation; by the ambulance's arrival, not the shock; no level in the abstract, taken as 0 at 15 minutes",
        ),
        Curve("fall-7", _rule(0.07), "the rule of 7 to 10 per cent a minute, its slower end", "M", _RULE_ZH, _RULE_EN),
        Curve("fall-10", _rule(0.10), "the rule of 7 to 10 per cent a minute, its faster end", "M", _RULE_ZH, _RULE_EN),
    )
}


def curve(name: str) -> Curve:
    """The curve of that name; InputError naming all when there is none."""
    if name not in CURVES:
        raise InputError(f"survival curve {name!r} is not known; known: {', '.join(CURVES)}")
    return CURVES[name]


def gain(metres: np.ndarray, rule: Curve, circle: RescueCircle, *, when: Timeline = ASSUMED) -> np.ndarray:
    """(n,) how much a device so many metres off raises the chance over waiting for the ambulance; never below 0.

    circle  how long the way takes: its speed, trips and delays; its limit plays no role

    >>> from .circles import circle
    >>> gain(np.array([0.0, 300.0, np.inf]), curve("larsen-1993"), circle("walk-4")).round(3)
    array([0.132, 0.088, 0.   ])
    """
    minutes = np.array([circle.minutes_for(0.0), circle.minutes_for(1.0)])
    shock = np.minimum(minutes[0] + (minutes[1] - minutes[0]) * metres, when.ambulance)
    return np.asarray(np.maximum(rule.chance(shock, when) - rule.chance(np.array([when.ambulance]), when), 0.0))


def reach_m(circle: RescueCircle, *, when: Timeline = ASSUMED) -> float:
    """Metres beyond which the ambulance is there before the device; InputError where it always is."""
    metres = circle.metres_within(when.ambulance)
    if metres <= 0:
        raise InputError(
            f"circle {circle.name}: its delays last until the ambulance comes after {when.ambulance:g} minutes"
        )
    return metres


BANDS = 10


def bands(rule: Curve, circle: RescueCircle, *, when: Timeline = ASSUMED) -> tuple[tuple[float, float], ...]:
    """(metres, worth) from near to far, as `coverage.coverage_of` takes them: the nearest worth 1.

    Bands are equally wide and worth what their middles are; those worth the same are one.

    Raises InputError where devices gain nothing anywhere.
    """
    edges = np.linspace(0, reach_m(circle, when=when), BANDS + 1)
    worth = gain((edges[1:] + edges[:-1]) / 2, rule, circle, when=when)
    if not worth[0] > 0:
        raise InputError(
            f"survival curve {rule.name}: no device comes soon enough to gain anything; look at the timeline"
        )
    worth = worth / worth[0]
    last = np.flatnonzero((worth > 1e-9) & (np.append(worth[1:], 0.0) < worth - 1e-9))
    return tuple((float(edges[number + 1]), float(worth[number])) for number in last)


def survival_coverage(
    streets: StreetNetwork,
    sites: Sites,
    demand: Demand,
    *,
    circle: RescueCircle,
    rule: Curve = CURVES["larsen-1993"],
    when: Timeline = ASSUMED,
) -> Coverage:
    """Coverage whose weight falls with time, to plan with: cells are points by bands, on paper (every site open).

    Its value is only fit for comparing plans under the same curve.
    """
    steps = bands(rule, circle, when=when)
    reached = reach(streets, sites.lonlat, demand.lonlat, limit_m=steps[-1][0], measure=circle.measure)
    return coverage_of(reached, demand, circle, bands=steps)


@dataclass(frozen=True)
class Ranking:
    """P plans under C cases: every curve under every timeline.

    plans  (P,) names
    cases  (C,) curve and timeline
    index  (C, P) gain of each plan, the best of a case being 100
    rank   (C, P) 1 the best; plans within 0.05 of the index share a rank
    """

    plans: tuple[str, ...]
    cases: tuple[tuple[str, Timeline], ...]
    index: np.ndarray
    rank: np.ndarray

    @property
    def agreement(self) -> float:
        """The share of pairs of plans that all cases put in the same order, or on one rank; 1 for a single plan."""
        pairs = list(combinations(range(len(self.plans)), 2))
        signs = [np.sign(self.rank[:, a] - self.rank[:, b]) for a, b in pairs]
        same = [not ((sign > 0).any() and (sign < 0).any()) for sign in signs]
        return sum(same) / len(same) if same else 1.0

    @property
    def first(self) -> tuple[str, int]:
        """The plan that is first most often, and in how many cases."""
        firsts = (self.rank == 1).sum(axis=0)
        return self.plans[int(np.argmax(firsts))], int(firsts.max())

    @property
    def words_zh(self) -> str:
        """The ranking in one Chinese sentence."""
        name, count = self.first
        return (
            f"按生存曲线排序（只比较方案，不代表救活人数）：“{name}”在 {len(self.cases)} 种曲线与时间假设中有 {count} 种排第一；"
            f"方案两两先后有 {self.agreement:.0%} 在各种假设下一致。"
        )

    @property
    def words_en(self) -> str:
        """The ranking in one English sentence."""
        name, count = self.first
        return (
            f"Ranked by survival curves (for comparing plans, not a number of lives): “{name}” is first in {count} of"
            f" {len(self.cases)} curves and timelines; {self.agreement:.0%} of the pairs of plans keep their order in all."
        )


def rank_plans(
    walks: Mapping[str, np.ndarray],
    weight: np.ndarray,
    *,
    circle: RescueCircle,
    curves: Sequence[Curve] = tuple(CURVES.values()),
    timelines: Sequence[Timeline] = TIMELINES,
) -> Ranking:
    """The order of plans under every curve and timeline.

    walks   {plan: (D,) metres from its nearest device to each point, inf where none}, as `nearest` gives them
    weight  (D,) of the points

    Cases in which no device of any plan gains anything are left out. Raises InputError for sizes that differ, no plan,
    or nothing left.
    """
    faults = [fault for name, metres in walks.items() for fault in length_faults(name, len(weight), metres=metres)]
    faults += negative_faults(np.asarray(weight, dtype=float), "weight")
    raise_faults(faults if walks else [*faults, "plans: none given; expected at least one"])
    cases = [(rule, when) for rule in curves for when in timelines]
    worth = np.array(
        [[float(gain(walks[name], rule, circle, when=when) @ weight) for name in walks] for rule, when in cases]
    ).reshape(len(cases), len(walks))
    told = worth.max(axis=1) > 0
    if not told.any():
        raise InputError("plans: no device of any plan comes before the ambulance; expected one that does")
    index = worth[told] / worth[told].max(axis=1, keepdims=True) * 100
    named = tuple((rule.name, when) for (rule, when), kept in zip(cases, told, strict=True) if kept)
    return Ranking(tuple(walks), named, read_only(index), read_only(_ranks(index)))


_ALIKE = 0.05


def _ranks(index: np.ndarray) -> np.ndarray:
    """(C, P) 1 + how many plans are better by more than what is taken for alike."""
    better = index[:, None, :] > index[:, :, None] + _ALIKE
    return np.asarray(1 + better.sum(axis=2))
