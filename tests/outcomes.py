"""A small finished study for tests of maps and reports: made by the real functions on hand-drawn streets."""

from itertools import combinations

import numpy as np

from aedplan.anchors import Anchors, snap
from aedplan.circles import SIDE_BY_SIDE, RescueCircle, circle
from aedplan.coordinates import project, unproject
from aedplan.coverage import Coverage, as_problem, cover
from aedplan.demand import Demand, make_demand
from aedplan.network import StreetNetwork, build
from aedplan.plan import Proof, make_plan
from aedplan.problem import covered, value
from aedplan.report.summary import summarise
from aedplan.scenario.demand_settings import DemandInput
from aedplan.scenario.given import Input
from aedplan.scenario.scenario import Scenario
from aedplan.scenario.week import find_kept, open_week
from aedplan.sites import Sites, join_sites
from aedplan.source import Source
from aedplan.study.outcome import CircleFigure, Outcome, Unreachable
from aedplan.study.study import Walked

MADE_UP = Source("aedplan tests", licence="CC0", file="tiny.geojson", sha256="0" * 64, synthetic=True)
MIDDLE = np.array([[118.4, 24.96]])
BLOCK_M, SIDE = 150.0, 7
STRANGER = "</script><script>alert(1)</script>\"'<b>&\u2028`${x}"
"""A label as a stranger could type it."""


def small_outcome(*, rescue: RescueCircle | None = None, budget: int = 3, label: str = "一号点") -> Outcome:
    """Two standing devices and six candidates on a 7 x 7 grid with a separate street beside it; the best plan of all.

    label  of the first candidate
    """
    rescue = rescue or circle("walk-4")
    streets, demand, sites = grid_streets(), grid_demand(), grid_sites(label)
    anchors = snap(streets, sites.lonlat), snap(streets, demand.lonlat)
    coverage = cover(streets, sites, demand, circle=rescue, anchors=anchors)
    problem = as_problem(coverage, sites, budget=float(budget))
    subsets = combinations(np.flatnonzero(~sites.standing).tolist(), budget)
    best = max(subsets, key=lambda subset: value(problem, subset))
    bound = value(problem, best) * (1.0 if budget == 3 else 1.05)
    plan = make_plan(problem, best, proof=Proof(bound), status="stopped", method="exact", seconds=0.25)
    circles = {name: figure(streets, sites, demand, plan.chosen, name) for name in SIDE_BY_SIDE}
    unreachable = out_of_reach(coverage, anchors[1], streets, rescue)
    week = open_week(sites, None)
    kept = find_kept(Walked(streets, demand, sites, anchors, coverage, week), plan.chosen, circle=rescue)
    outcome = Outcome(
        scenario=tiny_scenario(rescue, budget), streets=streets, demand=demand, sites=sites,
        site_anchors=anchors[0], demand_anchors=anchors[1], coverage=coverage, plan=plan,
        covered=covered(problem, plan.chosen), covered_before=covered(problem, ()), circles=circles,
        unreachable=unreachable, week=week, kept=kept, inputs=(("streets", MADE_UP), ("demand", MADE_UP)),
    )  # fmt: skip
    return outcome.with_summary(summarise(outcome))


def tiny_scenario(rescue: RescueCircle, budget: int) -> Scenario:
    """The scenario such a study would come from."""
    given = Input("file")
    return Scenario(
        name="tiny-3", title_zh="小小县城", title_en="Tiny county", streets=given, demand=DemandInput(given), standing=given,
        candidates=given, circle=rescue, devices=budget, budget_rmb=None, method="exact",
        seconds=30.0, gap=0.0, quotas={}, text="",
    )  # fmt: skip


def place(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(n, 2) WGS-84 degrees of metres east and north of the middle."""
    crs = f"+proj=tmerc +lat_0={MIDDLE[0, 1]} +lon_0={MIDDLE[0, 0]} +ellps=WGS84 +units=m"
    return unproject(project(MIDDLE, crs) + np.column_stack([x, y]), crs)


def grid_streets() -> StreetNetwork:
    """A 7 x 7 grid of 150 m blocks, one diagonal path, and a street nobody can walk to from it."""
    x, y = np.meshgrid(np.arange(SIDE) * BLOCK_M, np.arange(SIDE) * BLOCK_M)
    lonlat = place(np.append(x.ravel(), [1400.0, 1400.0]), np.append(y.ravel(), [0.0, 400.0]))
    rows = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    ways = [*rows, *rows.T, rows.diagonal(), np.array([SIDE * SIDE, SIDE * SIDE + 1])]
    return build(lonlat, ways, way_kind=[0] * (2 * SIDE) + [1, 0], source=MADE_UP)


def grid_demand() -> Demand:
    """42 points: 40 about the grid, one on the separate street, one far from any street."""
    rng = np.random.default_rng(7)
    inside = rng.uniform(0, SIDE * BLOCK_M, size=(40, 2))
    xy = np.concatenate([inside, [[1410.0, 200.0], [400.0, 2400.0]]])
    weight = np.append(rng.gamma(2.0, 0.05, size=40), [0.1, 0.1])
    ids = tuple(f"d{i}" for i in range(len(xy)))
    return make_demand(place(*xy.T), weight, id=ids, source=MADE_UP)


def grid_sites(label: str) -> Sites:
    """Two standing devices and six candidates."""
    xy = np.array(
        [[150, 150], [300, 160], [450, 450], [760, 740], [140, 750], [900, 150], [460, 890], [600, 300]], float
    )
    lonlat = place(*xy.T)
    standing = Sites(
        lonlat[:2],
        id=("s0", "s1"),
        label=("汽车站", "第一小学"),
        kind=("transport", "school"),
        source=(MADE_UP,),
        standing=np.ones(2, dtype=bool),
    )
    candidates = Sites(
        lonlat[2:],
        id=tuple(f"c{i}" for i in range(6)),
        label=(label, "万祥广场", "滨江小区北门岗亭", "文化中心", "恒丰鞋业工厂园区", "派出所"),
        kind=("shop", "shop", "compound", "culture", "industry", "police"),
        hours=("24/7", "Mo-Su 10:00-22:00", "24/7", "", "Mo-Sa 08:00-20:00", "24/7"),
        source=(MADE_UP,),
    )
    return join_sites(standing, candidates)


def figure(streets: StreetNetwork, sites: Sites, demand: Demand, chosen: tuple[int, ...], name: str) -> CircleFigure:
    """What the plan covers under a preset circle."""
    problem = as_problem(cover(streets, sites, demand, circle=circle(name)), sites, budget=1.0)
    worth = value(problem, chosen)
    return CircleFigure(circle(name), worth, worth / demand.total, value(problem, ()) / demand.total)


def out_of_reach(coverage: Coverage, points: Anchors, streets: StreetNetwork, rescue: RescueCircle) -> Unreachable:
    """Demand that no site covers, by cause, for the one separate street and the one far point of this world."""
    none = np.flatnonzero(np.asarray(coverage.covers.sum(axis=0)).ravel() == 0)
    weight, off, apart = coverage.weight[none], points.off_mm[none] > rescue.limit_m * 1000, none == 40
    sums = [float(weight[mask].sum()) for mask in (off, apart & ~off, ~apart & ~off)]
    return Unreachable(*sums, points=none)
