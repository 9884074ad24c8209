"""What smoothed plans keep of arrests held out, beside plans from the raw points: on a known density, and on York.

The demo county's density is known: people by cell. Arrests are drawn from it, 2,000 to plan with and 600 to judge by, and
what a plan would keep of endlessly many is known too. York's 1,814 crimes stand in for arrests: three quarters, drawn by
chance, to plan with, the rest to judge by; there are no streets, so circles are straight.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from bench.table import Row

import aedplan as ap
from aedplan.arrests.arrests import Arrests, read_arrests
from aedplan.arrests.heldout import FOLDS, Terrain, hold_out, plan_sites, shares_covered
from aedplan.arrests.smoothing import raw_demand
from aedplan.coordinates import project, unproject
from aedplan.tables.columns import shipped

DEVICES = (20, 50, 100, 200)
TO_PLAN, TO_JUDGE, ENDLESS = 2_000, 600, 30_000
SEEDS, MOST_LOST = 20, 18
POINTS_OFF = 0.02
HOME_SPREAD_M = 30.0
"""Homes lie around the middle of their 100 m cell with this standard deviation."""
YORK = Path(__file__).parents[3] / "shared" / "data" / "placement" / "york"


@dataclass(frozen=True)
class Trial:
    """One seed: (B,) shares for the numbers of DEVICES.

    kept, raw_kept  of the arrests that judge
    true            of endlessly many; the same as `kept` where they are all there are
    predicted       what cross-validation on the planning arrests alone says
    """

    promised: np.ndarray
    raw_promised: np.ndarray
    kept: np.ndarray
    raw_kept: np.ndarray
    true: np.ndarray
    raw_true: np.ndarray
    predicted: np.ndarray


def try_once(plan: Arrests, judge: Arrests, endless: Arrests, terrain: Terrain, folds: int = FOLDS) -> Trial:
    """Plan from the raw points and smoothed, judge both, and predict."""
    shares = []
    for make in (terrain.smoothed, raw_demand):
        demand = make(plan)
        chosen = plan_sites(demand, terrain, max(DEVICES))
        shares.append(
            [shares_covered(d, terrain, chosen, DEVICES) for d in (demand, *map(raw_demand, (judge, endless)))]
        )
    (promised, kept, true), (raw_promised, raw_kept, raw_true) = shares
    predicted = hold_out(plan, terrain, devices=DEVICES, folds=folds).kept
    return Trial(promised, raw_promised, kept, raw_kept, true, raw_true, predicted)


@lru_cache(maxsize=1)
def demo_county() -> tuple[Terrain, Callable[[np.random.Generator, int], Arrests]]:
    """The demo county with its candidates and people, and arrests drawn from its density."""
    streets = ap.read_streets(shipped("demo/county.osm.gz"))
    people = ap.read_demand(shipped("demo/population.csv"), crs="wgs84")
    candidates = ap.read_sites(shipped("demo/candidates.csv"), crs="wgs84")
    weight = people.weight.sum(axis=1) / people.total
    middle = project(people.lonlat, streets.crs)

    def draw(rng: np.random.Generator, count: int) -> Arrests:
        cell = rng.choice(len(people), count, p=weight)
        return Arrests(unproject(middle[cell] + rng.normal(0, HOME_SPREAD_M, (count, 2)), streets.crs))

    return Terrain(candidates, ap.circle("walk-4"), streets, people), draw


def demo_trials(seeds: int, *, people: bool, folds: int = FOLDS) -> list[Trial]:
    """Trials in the demo county; with `people`, smoothing may use its population."""
    terrain, draw = demo_county()
    terrain = terrain if people else replace(terrain, people=None)
    endless = draw(np.random.default_rng(10_000), ENDLESS)
    trials = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        trials.append(try_once(draw(rng, TO_PLAN), draw(rng, TO_JUDGE), endless, terrain, folds))
    return trials


def york_terrain(circle: str) -> tuple[Terrain, Arrests]:
    """York's listed buildings as candidates, and its crimes."""
    sites = ap.read_sites(YORK / "york.csv", crs="wgs84", columns={"id": "object_id", "kind": "", "label": "name"})
    return Terrain(sites, ap.circle(circle)), read_arrests(YORK / "york_crime.csv", crs="wgs84")


def york_trials(seeds: int, circle: str = "lit-100") -> list[Trial]:
    """Trials on York, another quarter held out in each."""
    terrain, crimes = york_terrain(circle)
    trials = []
    for seed in range(seeds):
        order = np.random.default_rng(seed).permutation(len(crimes))
        plan, judge = crimes[order[len(crimes) // 4 :]], crimes[order[: len(crimes) // 4]]
        trials.append(try_once(plan, judge, judge, terrain))
    return trials


def york_covered() -> tuple[int, int]:
    """Crimes within 100 m of a grade I building in a straight line, and all crimes."""
    terrain, crimes = york_terrain("lit-100")
    grade = np.array(ap.files.read_table(YORK / "york.csv").columns[-1])
    standing = replace(terrain.sites, standing=grade == "I")
    share = shares_covered(raw_demand(crimes), replace(terrain, sites=standing), (), (0,))
    return round(float(share[0]) * len(crimes)), len(crimes)


def parts(seeds: int = SEEDS) -> dict[str, Callable[[], list[Row]]]:
    """The rows of the benchmark, each kind to be measured by itself."""
    return {
        "york-lit-100": york_rows,
        "demo-people": lambda: worth(
            "demo-people", "demo county, with its population", demo_trials(seeds, people=True)
        ),
        "demo-points": lambda: worth("demo-points", "demo county, from points alone", demo_trials(seeds, people=False)),
        "york": lambda: worth("york", "York, 100 m in a straight line", york_trials(seeds)),
    }


def york_rows() -> list[Row]:
    """York's count, which others published."""
    covered, crimes = york_covered()
    share = f"{covered} of {crimes:,} ({covered / crimes:.1%})"
    return [Row("york-lit-100", "York, grade I buildings, 100 m in a straight line", "339 of 1,814 (18.7%)", share,
                (covered, crimes) == (339, 1_814), "counted")]  # fmt: skip


def worth(key: str, what: str, trials: list[Trial]) -> list[Row]:
    """Two rows: in how many seeds the smoothed plan keeps more, and how far the prediction is off."""
    columns = {name: np.array([getattr(t, name) for t in trials]) for name in Trial.__dataclass_fields__}
    won = int((columns["kept"].mean(axis=1) > columns["raw_kept"].mean(axis=1)).sum())
    ratio = columns["true"].mean(axis=0) / columns["raw_true"].mean(axis=0)
    off = float((columns["predicted"] - columns["true"]).mean())
    each = float(np.abs(columns["predicted"] - columns["true"]).mean())
    least = np.ceil(len(trials) * MOST_LOST / SEEDS)
    how = f"{len(trials)} seeds; {', '.join(map(str, DEVICES))} devices; mean share of all numbers of devices"
    kept = ", ".join(
        f"{raw:.1%} raw and {smooth:.1%} smoothed ({times:.2f} x) with {count}"
        for count, raw, smooth, times in zip(
            DEVICES, columns["raw_true"].mean(axis=0), columns["true"].mean(axis=0), ratio, strict=True
        )
    )
    promised = (
        f"promised {columns['raw_promised'][:, -1].mean():.1%} raw, {columns['promised'][:, -1].mean():.1%} smoothed"
    )
    return [
        Row(f"{key}-keeps", f"{what}: smoothed keeps more", f"≥ {least:.0f} of {len(trials)} seeds",
            f"{won} of {len(trials)}; kept {kept}; {promised} with {DEVICES[-1]}", won >= least, how),
        Row(f"{key}-predicts", f"{what}: predicted against true share", f"≤ {POINTS_OFF * 100:g} points off",
            f"{abs(off) * 100:.2f} points on average, {each * 100:.2f} in each", abs(off) <= POINTS_OFF, how),
    ]  # fmt: skip
