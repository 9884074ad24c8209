"""summary.json and the rows of the plan's tables: the figures of an outcome in plain values, nothing measured again."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..circles import RescueCircle
from ..losses import CAUSES
from ..routes import street_line_ratio
from ..scenario.choosing import problem_of
from ..sites import KINDS_ZH
from ..towns import Served
from ..worth import worth

if TYPE_CHECKING:
    from ..study.outcome import Outcome


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
        "hours": outcome.week.summary(),
        "warnings": [{"words_zh": warning.zh, "words_en": warning.en} for warning in outcome.warnings],
        "demand": {
            "points": len(demand), "total": round_(demand.total), "basis": demand.basis, "smoothing": smoothing(outcome),
        },
        "sites": len(sites),
        "standing": int(sites.standing.sum()),
        "chosen": [sites.id[s] for s in plan.chosen],
        "value": round_(plan.value),
        "total": round_(plan.total),
        "share": round_(plan.share),
        "before": round_(outcome.before),
        "bound": round_(plan.bound),
        "device_bounds": None if outcome.device_bounds is None else [round_(bound) for bound in outcome.device_bounds],
        "gap": round_(plan.gap),
        "cost": round_(plan.cost),
        "cost_unit": "devices" if scenario.budget_rmb is None else "RMB",
        "budget": round_(scenario.devices or scenario.budget_rmb or plan.cost),
        "status": plan.status,
        "method": plan.method,
        "objective": objective(outcome),
        "moved": [{"from": sites.id[here], "to": None if to < 0 else sites.id[to]} for here, to in outcome.moved],
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
        **kept_values(outcome),
        "worth": device_worth(outcome),
        "heldout": held_out(outcome),
        "survival": survival(outcome),
    }  # fmt: skip


def smoothing(outcome: "Outcome") -> dict[str, Any]:
    """By layer made from arrests: how many there were, and what cross-validation chose."""
    made = outcome.made
    told: dict[str, Any] = {
        name: {"arrests": count, "smoothing": made.smoothing[name]} for name, count in made.arrests.items()
    }
    for name, chosen in made.chosen.items():
        told[name] |= {
            "mixture": {kind: round_(share) for kind, share in chosen.mixture.items()},
            "bandwidth_m": round_(chosen.bandwidth_m) if np.isfinite(chosen.bandwidth_m) else None,
            "score": round_(chosen.score),
            "words_zh": chosen.words_zh,
            "words_en": chosen.words_en,
        }
    return told


def held_out(outcome: "Outcome") -> dict[str, Any] | None:
    """What plans like this one promise and keep of arrests held out; None where demand is not made from arrests alone."""
    held = outcome.made.held_out
    if held is None:
        return None
    low, high = held.interval
    columns = {
        "promised": held.promised, "kept": held.kept, "low": low, "high": high, "raw_promised": held.raw_promised,
        "raw_kept": held.raw_kept,
    }  # fmt: skip
    return {
        "how": held.how,
        "judged": held.judged,
        "devices": held.devices.tolist(),
        **{name: [round_(share) for share in column] for name, column in columns.items()},
        "words_zh": held.words_zh,
        "words_en": held.words_en,
    }


def survival(outcome: "Outcome") -> dict[str, Any] | None:
    """Under which curve sites were chosen; None where by coverage. The values of a curve are no lives and are not told."""
    timed = outcome.made.timed
    if timed is None:
        return None
    rule, when = timed.curve, timed.when
    return {
        "curve": rule.name, "source": rule.source, "sure": rule.sure, "limits_zh": rule.limits_zh,
        "limits_en": rule.limits_en, "resuscitation_minutes": when.resuscitation, "ambulance_minutes": when.ambulance,
        "of_best": round_(timed.of_best), "status": timed.plan.status,
    }  # fmt: skip


def objective(outcome: "Outcome") -> dict[str, Any] | None:
    """What was wanted beside coverage, its value and how sure that is; None where coverage alone was wanted.

    `share` above is covered demand in any case; `value` here counts a second device, or the group served worst, too.
    """
    aims, aim = outcome.scenario.aims, outcome.aim
    if aim is None:
        return None
    return {
        "backup": aims.backup,
        "equity": aims.equity,
        "equity_by": aims.equity_by if aims.equity else None,
        "value": round_(aim.value),
        "total": round_(aim.total),
        "bound": round_(aim.bound),
        "gap": round_(aim.gap),
        "status": aim.status,
    }


def device_worth(outcome: "Outcome") -> list[dict[str, Any]]:
    """What is lost while each device alone fails, and the site that would make up for most of it; the largest loss first.

    By covered demand, as the plan counts it. Quotas, spacing and money hold for what takes a device's place.
    """
    sites, chosen = outcome.sites, outcome.plan.chosen
    aims = replace(outcome.scenario.aims.plain, move=None, target=None, pin=())  # a pinned one may fail, too
    problem = problem_of(replace(outcome.scenario, aims=aims), outcome.coverage, sites, outcome.groups)
    fixed = np.zeros(len(sites), dtype=bool)
    fixed[outcome.staying] = True
    spent = float(problem.cost[list(chosen)].sum())
    found = worth(replace(problem, fixed=fixed, budget=max(problem.budget, spent)), chosen)
    return [
        {
            "id": sites.id[found.site[row]],
            "loss": round_(found.loss[row]),
            "instead": None if found.instead[row] < 0 else sites.id[found.instead[row]],
            "regained": round_(found.regained[row]),
        }
        for row in np.lexsort([found.site, -found.loss])
    ]


def kept_values(outcome: "Outcome") -> dict[str, Any]:
    """What hours, readiness and floors leave: shares by cause, period and group, in whole units so that sums are exact."""
    kept, periods = outcome.kept, outcome.week.times.periods
    losses = kept.losses
    by_period = losses.by(losses.period, len(periods))
    before = kept.before.by(kept.before.period, len(periods))
    whole = {"share": round_(kept.share), "share_before": round_(kept.before.causes()[0] / max(kept.before.total, 1))}
    return {
        "kept": whole,
        "losses": {"unit": losses.unit, "units": _by_cause(losses.causes())},
        "periods": [
            {"id": one.id, "words_zh": one.zh, "words_en": one.en, "hours": round_(hours), "share": round_(_share(row)),
             "share_before": round_(_share(earlier)), "units": _by_cause(row)}
            for one, hours, row, earlier in zip(periods.periods, periods.hours, by_period, before, strict=True)
        ],
        "layers": [
            {"id": name, "share": round_(outcome.demand.weight[outcome.demand.layer == layer].sum() / outcome.demand.total)}
            for layer, name in enumerate(outcome.demand.layers)
        ],
        "towns": served_values(kept.served.get("town", ())),
        "groups": {level: served_values(rows) for level, rows in kept.served.items() if level != "town"},
    }  # fmt: skip


def _by_cause(units: np.ndarray) -> dict[str, int]:
    return dict(zip(CAUSES, units.tolist(), strict=True))


def _share(units: np.ndarray) -> float:
    return float(units[0]) / max(int(units.sum()), 1)


def served_values(rows: Sequence[Served]) -> list[dict[str, Any]]:
    """How each group is served, as files hold it."""
    return [
        {"id": row.code or row.name, "words_zh": row.name, "words_en": row.name, "devices": row.devices,
         "demand": round_(row.demand), "share": None if row.share is None else round_(row.share),
         "people": None if row.people is None else round_(row.people),
         "per_10k": None if row.per_10k is None else round_(row.per_10k), "units": _by_cause(row.units)}
        for row in rows
    ]  # fmt: skip


def ratio_to_line(outcome: "Outcome") -> float:
    """How many times longer the walk to the nearest device of the plan is than the straight line, in the median of people.

    1.4 to 1.6 in cities (Karlsson 2021); why a circle drawn on a map promises too much. 0 where no point can walk to one.
    """
    sites, demand = outcome.sites, outcome.demand
    rows = outcome.devices
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
    """The standing and the proposed sites, one record each, as plan.geojson, plan.gpkg and plan.xlsx hold them.

    `moved` is where a device that moves away goes, and where that of a proposed site comes from.
    """
    sites, plan = outcome.sites, outcome.plan
    order = {site: (number, gain) for number, (site, gain) in enumerate(zip(plan.chosen, plan.gain, strict=True), 1)}
    other = {here: there for pair in outcome.moved for here, there in (pair, pair[::-1]) if min(pair) >= 0}
    leaving = {here for here, _ in outcome.moved}
    rows = []
    for site in [*plan.chosen, *np.flatnonzero(sites.standing)]:
        number, gain = order.get(site, (None, None))
        rows.append(
            {
                "id": sites.id[site],
                "label": sites.label[site],
                "kind": sites.kind[site],
                "kind_zh": KINDS_ZH[sites.kind[site]],
                "role": ("moved away" if site in leaving else "standing") if sites.standing[site] else "proposed",
                "moved": sites.id[other[site]] if site in other else None,
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
