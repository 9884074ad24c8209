"""What a study's demand was made from, and what plans like its own keep of arrests that they were not made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..arrests.arrests import split_in_folds, split_in_time
from ..arrests.heldout import FOLDS, HeldOut, Terrain, hold_out, hold_out_later
from ..arrests.smoothing import FEWEST, Chosen
from ..suspicions import Suspicion
from .demand_making import MadeDemand
from .inputs import Inputs
from .objectives import Timed
from .scenario import Scenario

STEPS = 4
"""Numbers of devices that are judged: a quarter, half, three quarters and all of the plan's."""


@dataclass(frozen=True)
class MadeFrom:
    """What the demand of a study was made from, and how far its plan can be trusted.

    smoothing  of each layer made from arrests: "auto" or "none"
    chosen     how arrests were smoothed, by layer
    arrests    how many there were, by layer
    left_out   how many more no layer counts, since their setting is not known
    held_out   what such plans promise and keep; None where demand is not made from arrests alone
    timed      how sites were chosen under a curve of survival; None where by coverage
    """

    smoothing: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, Chosen] = field(default_factory=dict)
    arrests: Mapping[str, int] = field(default_factory=dict)
    left_out: int = 0
    held_out: HeldOut | None = None
    timed: Timed | None = None


def made_from(scenario: Scenario, read: Inputs, *, devices: int, timed: Timed | None) -> MadeFrom:
    """What the demand was made from; plans of so many devices are judged where it is from arrests alone."""
    made = read.demand
    judged = made.remake is not None and devices > 0 and not why_not_judged(scenario, read)
    return MadeFrom(
        smoothing={name: scenario.demand.parts[name].smoothing for name in made.arrests},
        chosen=made.chosen,
        arrests={name: len(arrests) for name, arrests in made.arrests.items()},
        left_out=made.left_out,
        held_out=judge_promise(scenario, read, devices) if judged else None,
        timed=timed,
    )


def judge_promise(scenario: Scenario, read: Inputs, devices: int) -> HeldOut:
    """Plans of up to so many devices, made by coverage on paper and without quotas, on arrests held out."""
    streets, made, sites = read
    terrain = Terrain(sites, scenario.circle, streets, make=made.remake)
    counts = sorted({-(-devices * step // STEPS) for step in range(1, STEPS + 1)})
    judge = hold_out if scenario.demand.judge == "folds" else hold_out_later
    return judge(made.all_arrests, terrain, devices=counts)


def why_not_judged(scenario: Scenario, read: Inputs) -> tuple[Suspicion, ...]:
    """Why plans cannot be judged, where demand is made from arrests and yet too few would be left to plan with."""
    made = read.demand
    if made.remake is None or _fewest_left(made, scenario.demand.judge) >= FEWEST:
        return ()
    zh = f"骤停太少，留出一部分后不足 {FEWEST} 起，无法检验方案能兑现多少。"
    en = f"Too few arrests: with a part held out fewer than {FEWEST} are left, so what plans keep cannot be judged."
    return (Suspicion(zh, en),)


def _fewest_left(made: MadeDemand, judge: str) -> int:
    """How many arrests of the smallest layer are left to plan with, once some are held out."""
    every = made.all_arrests
    if len(every) < FEWEST:
        return 0
    if judge == "later":
        parts = [split_in_time(every)[0]]
    else:
        fold = split_in_folds(every, FOLDS)
        parts = [every[fold != number] for number in range(FOLDS)]
    if len(made.arrests) == 1:
        return min(len(part) for part in parts)
    return min(part.setting.count(name) for part in parts for name in made.arrests)


def warnings_of_demand(scenario: Scenario, read: Inputs) -> tuple[Suspicion, ...]:
    """What demand from arrests takes for granted."""
    told = [*why_not_judged(scenario, read)]
    asked, made = scenario.demand, read.demand
    if made.arrests and asked.per_year is None and any(one.years is None for one in made.arrests.values()):
        zh = "骤停的时间不全，不知是几年的，“例/年”只是文件里的起数；知道每年多少请写 demand.per_year。"
        en = (
            "The times of the arrests are not all there, so over how many years they are is not known and “arrests/year”"
            " are those of the file;"
            " name demand.per_year where you know it."
        )
        told.append(Suspicion(zh, en))
    if made.left_out:
        zh = f"{made.left_out:,} 起骤停不知是家中还是公共场所，两层都没有计入。"
        en = f"{made.left_out:,} arrests are not known to be at home or in public; neither layer counts them."
        told.append(Suspicion(zh, en))
    return tuple(told)
