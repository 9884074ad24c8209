"""summary.json and the rows of the plan's tables: the figures of an outcome in plain values, nothing measured again."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from .circles import RescueCircle
from .routes import street_line_ratio
from .sites import KINDS_ZH

if TYPE_CHECKING:
    from .outcome import Outcome

HOURS = "not counted: every site is taken as open at any time, so real coverage is lower"


def version() -> str:
    """The installed version of aedplan."""
    from importlib.metadata import version as installed

    return installed("aedplan")


def summarise(outcome: "Outcome") -> dict[str, Any]:
    """What summary.json holds."""
    scenario, plan, sites, demand = outcome.scenario, outcome.plan, outcome.sites, outcome.demand
    return {
        "version": version(),
        "scenario": scenario.name,
        "title_zh": scenario.title_zh,
        "title_en": scenario.title_en,
        "synthetic": any(source.synthetic for _, source in outcome.inputs),
        "inputs": [
            {"role": role, "file": s.file, "sha256": s.sha256, "source": s.name, "licence": s.licence}
            for role, s in outcome.inputs
        ],
        "circle": circle_values(scenario.circle),
        "hours": HOURS,
        "warnings": [{"words_zh": warning.zh, "words_en": warning.en} for warning in outcome.warnings],
        "demand": {"points": len(demand), "total": round_(demand.total), "basis": demand.basis},
        "sites": len(sites),
        "standing": int(sites.standing.sum()),
        "chosen": [sites.id[s] for s in plan.chosen],
        "value": round_(plan.value),
        "total": round_(plan.total),
        "share": round_(plan.share),
        "before": round_(plan.before),
        "bound": round_(plan.bound),
        "gap": round_(plan.gap),
        "cost": round_(plan.cost),
        "cost_unit": "RMB" if scenario.devices is None else "devices",
        "budget": round_(scenario.devices or scenario.budget_rmb or 0.0),
        "status": plan.status,
        "method": plan.method,
        "seconds": round(plan.seconds, 3),
        "street_line_ratio": round_(ratio_to_line(outcome)),
        "unreachable": {
            key: round_(getattr(outcome.unreachable, key)) for key in ("off_street", "cut_off", "no_site")
        },
        "circles": {
            name: {**circle_values(figure.circle), "value": round_(figure.value), "share": round_(figure.share),
                   "share_before": round_(figure.share_before)}
            for name, figure in outcome.circles.items()
        },
    }  # fmt: skip


def ratio_to_line(outcome: "Outcome") -> float:
    """How many times longer the walk to the nearest device of the plan is than the straight line, in the median of people.

    1.4 to 1.6 in cities (Karlsson 2021); why a circle drawn on a map promises too much. 0 where no point can walk to one.
    """
    sites, demand = outcome.sites, outcome.demand
    rows = np.union1d(np.flatnonzero(sites.standing), np.array(outcome.plan.chosen, dtype=np.int64))
    if not len(rows):
        return 0.0
    ratio = street_line_ratio(outcome.streets, sites.lonlat[rows], demand.lonlat)
    known = np.flatnonzero(np.isfinite(ratio))
    order = known[np.argsort(ratio[known], kind="stable")]
    weight = np.cumsum(demand.weight.sum(axis=1)[order])
    return float(ratio[order[np.searchsorted(weight, weight[-1] / 2)]]) if len(order) else 0.0


def circle_values(circle: RescueCircle) -> dict[str, Any]:
    """Every number of a rescue circle, its limit and its words."""
    return {
        **asdict(circle),
        "limit_m": round_(circle.limit_m),
        "words_zh": circle.words_zh,
        "words_en": circle.words_en,
    }


def round_(value: float) -> float:
    """A figure as files hold it: nine decimals, so that the same inputs give the same text on every machine."""
    return round(float(value), 9)


def plan_rows(outcome: "Outcome") -> list[dict[str, Any]]:
    """The standing and the proposed sites, one record each, as plan.geojson, plan.gpkg and plan.xlsx hold them."""
    sites, plan = outcome.sites, outcome.plan
    order = {site: (number, gain) for number, (site, gain) in enumerate(zip(plan.chosen, plan.gain, strict=True), 1)}
    rows = []
    for site in [*plan.chosen, *np.flatnonzero(sites.standing)]:
        number, gain = order.get(site, (None, None))
        rows.append(
            {
                "id": sites.id[site],
                "label": sites.label[site],
                "kind": sites.kind[site],
                "kind_zh": KINDS_ZH[sites.kind[site]],
                "role": "standing" if sites.standing[site] else "proposed",
                "order": number,
                "gain": None if gain is None else round_(gain),
                "hours": sites.hours[site],
                "cost": None if sites.standing[site] else float(sites.cost[site]),
                "circle": outcome.scenario.circle.words_en,
                "circle_zh": outcome.scenario.circle.words_zh,
                "lon": round(float(sites.lonlat[site, 0]), 7),
                "lat": round(float(sites.lonlat[site, 1]), 7),
            }
        )
    return rows
