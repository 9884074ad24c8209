"""What a finished plan says, as plain values for a page: its figures, sites, curve, towns, periods and losses, read from its
folder; and several plans side by side.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from aedplan.losses import CAUSES, CAUSES_EN, CAUSES_ZH
from aedplan.network import bounds
from aedplan.report.compare import Study, flatten, unlike
from aedplan.report.words import KINDS_EN
from aedplan.sites import KINDS_ZH
from aedplan.source import Source, attributions

from ..errors import ServiceError
from .draft_answer import quotas_by
from .draft_value import Drafting, open_drafting
from .run_folders import read

PLAIN = (
    "title_zh", "title_en", "synthetic", "value", "total", "share", "before", "bound", "gap", "status", "cost", "cost_unit",
    "budget", "seconds", "objective", "warnings",
)  # fmt: skip
LETTERS = "ABCD"
NAMES = ("name", "title_zh", "title_en")
NEEDED = {"hours", "demand", "circles", "worth", "towns", "periods", "losses"}
DIFFERENT_DEMAND = "different demand"
"""What aedplan says of plans whose demand does not come from the same files."""


def read_results(folder: Path) -> dict[str, Any]:
    """All that a page shows of a plan; candidates and town names only where its study was kept.

    Raises ServiceError 404 where there is no plan, 409 where it was written before all of this was told.
    """
    summary, features = _read(folder)
    if not summary.keys() >= NEEDED:
        raise ServiceError(
            409, "这个方案是旧版本写的，请重新计算。", "This plan was written by an earlier version; run it again."
        )
    drafting = _drafting(folder)
    circle = {name: summary["circle"][name] for name in ("name", "words_zh", "words_en", "minutes", "limit_m")}
    hours = {name: summary["hours"][name] for name in ("counted", "words_zh", "words_en")}
    return {
        **{name: summary.get(name) for name in PLAIN},
        "circle": circle,
        "hours": hours,
        "basis": summary["demand"]["basis"],
        "attribution": attributions([Source(one["source"], one["licence"]) for one in summary["inputs"]]),
        "circles": [
            {"name": name, **{key: one[key] for key in ("words_zh", "words_en", "share", "share_before")}}
            for name, one in summary["circles"].items()
        ],
        "sites": _sites(summary, features, drafting, pinned=set(_asked(folder).get("pin", []))),
        "curve": _curve(summary, features),
        "towns": [_row(one, summary) for one in summary["towns"]],
        "periods": [_row(one, summary) for one in summary["periods"]],
        "losses": losses_of(**summary["losses"]),
        "bounds": None if drafting is None else list(bounds(drafting.study.streets)),
        "quotas": _quotas(_asked(folder)),
        "quotas_by": [] if drafting is None else quotas_by(drafting, drafting.plan),
        "can_draft": drafting is not None,
    }


def _asked(folder: Path) -> dict[str, Any]:
    """[plan] of the scenario that a plan was made from."""
    plan: dict[str, Any] = tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8-sig")).get("plan", {})
    return plan


def _quotas(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How many new devices each kind of venue had to get and could get at most; None for any number."""
    return [
        {"kind": kind, **_kind(kind), "minimum": limit.get("minimum", 0), "maximum": limit.get("maximum")}
        for kind, limit in plan.get("quotas", {}).items()
    ]


def losses_of(units: Mapping[str, int], unit: float) -> list[dict[str, Any]]:
    """What becomes of all demand, by cause."""
    whole = max(sum(units.values()), 1)
    return [
        {
            "cause": one,
            "zh": CAUSES_ZH[one],
            "en": CAUSES_EN[one],
            "value": units[one] * unit,
            "share": units[one] / whole,
        }
        for one in CAUSES
    ]


def read_demand(folder: Path) -> dict[str, Any]:
    """The demand of a plan, point by point: where, how much, and which share of it the plan covers.

    Raises ServiceError 409 where the plan was written before studies were kept.
    """
    drafting = open_drafting(folder)
    demand = drafting.study.demand
    return {
        "lon": demand.lonlat[:, 0].round(6).tolist(),
        "lat": demand.lonlat[:, 1].round(6).tolist(),
        "weight": demand.weight.sum(axis=1).tolist(),
        "covered": drafting.plan.covered.round(6).tolist(),
    }


def compare(folders: Sequence[tuple[str, Path]]) -> dict[str, Any]:
    """Plans side by side; only settings and inputs that differ are told.

    folders  the name of each plan, and its folder
    """
    studies = [_study(letter, folder) for letter, (_, folder) in zip(LETTERS, folders, strict=False)]
    tables = [{key: _plain(value) for key, value in one.settings.items() if key not in NAMES} for one in studies]
    inputs = [{one["role"]: one["file"] or one["source"] for one in study.summary["inputs"]} for study in studies]
    alike = _same_demand([folder for _, folder in folders])
    return {
        "runs": [_column(study, name) for study, (name, _) in zip(studies, folders, strict=True)],
        "unlike": [
            {"zh": words.zh, "en": words.en}
            for words in unlike(studies)
            if not (alike and words.en == DIFFERENT_DEMAND)
        ],
        "settings": [{"key": key, "values": values} for key, values in _differing(tables)],
        "inputs": [{"role": role, "values": values} for role, values in _differing(inputs)],
        "sites": _sites_side_by_side(studies),
        "towns": _shares_side_by_side(studies, "towns"),
        "periods": _shares_side_by_side(studies, "periods"),
    }


def _same_demand(folders: Sequence[Path]) -> bool:
    """Whether plans were made for the same demand, whatever files it came from; False where that is not known."""
    kept = [_drafting(folder) for folder in folders]
    demand = [one.study.demand for one in kept if one is not None]
    if len(demand) < len(folders):
        return False
    first = demand[0]
    return all(
        one.weight.shape == first.weight.shape
        and np.allclose(one.weight, first.weight, rtol=1e-9, atol=0)
        and np.allclose(one.lonlat, first.lonlat, rtol=0, atol=1e-7)
        for one in demand[1:]
    )


def _read(folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    summary, features = read(folder / "summary.json"), read(folder / "plan.geojson")
    if summary is None or features is None:
        raise ServiceError(404, "还没有方案。", "There is no plan yet.")
    return summary, features["features"]


def _drafting(folder: Path) -> Drafting | None:
    return open_drafting(folder) if (folder / "study.npz").is_file() else None


def _sites(
    summary: dict[str, Any], features: list[dict[str, Any]], drafting: Drafting | None, *, pinned: set[str]
) -> list[dict[str, Any]]:
    """The proposed sites in order, the standing ones, then the candidates that were not chosen."""
    worth = {one["id"]: one for one in summary["worth"]}
    towns = _towns_of_sites(drafting)
    rows = []
    for feature in features:
        given, (lon, lat) = feature["properties"], feature["geometry"]["coordinates"]
        site = {key: given[key] for key in ("label", "kind", "role", "order", "gain", "hours", "cost")}
        of = worth.get(feature["id"], {})
        more = {"lon": lon, "lat": lat, "town": towns.get(feature["id"], ""), "worth": of.get("loss")}
        more |= {"instead": of.get("instead"), "pinned": feature["id"] in pinned}
        rows.append({"id": feature["id"], **site, **_kind(given["kind"]), **more})
    return rows + ([] if drafting is None else _candidates(drafting, towns, {row["id"] for row in rows}))


def _candidates(drafting: Drafting, towns: dict[str, str], told: set[str]) -> list[dict[str, Any]]:
    sites = drafting.study.sites
    blank = {"role": "candidate", "order": None, "gain": None, "worth": None, "instead": None, "pinned": False}
    columns = zip(
        sites.id, sites.label, sites.kind, sites.lonlat.tolist(), sites.hours, sites.cost.tolist(), strict=True
    )
    return [
        {"id": id, "label": label, "kind": kind, **_kind(kind), "lon": lon, "lat": lat, "hours": hours, "cost": cost,
         "town": towns.get(id, ""), **blank}
        for id, label, kind, (lon, lat), hours, cost in columns
        if id not in told
    ]  # fmt: skip


def _kind(kind: str) -> dict[str, str]:
    return {"kind_zh": KINDS_ZH.get(kind, kind), "kind_en": KINDS_EN.get(kind, kind)}


def _towns_of_sites(drafting: Drafting | None) -> dict[str, str]:
    towns = [one for one in drafting.study.groups if one.level == "town"] if drafting else []
    if not towns or drafting is None:
        return {}
    names = (*towns[0].name, "")  # -1, in none, takes the last
    return {id: names[group] for id, group in zip(drafting.study.sites.id, towns[0].site.tolist(), strict=True)}


def _curve(summary: dict[str, Any], features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the first 0, 1, 2 ... devices of the plan cover, and what no plan of so many exceeds."""
    chosen = sorted(
        (f["properties"] for f in features if f["properties"]["order"]), key=lambda site: int(site["order"])
    )
    total, value = summary["total"] or 1.0, summary["before"]
    bounds_of = summary.get("device_bounds") or []
    point = {"devices": 0, "value": value, "share": value / total, "bound": value, "bound_share": value / total}
    points = [point]
    for number, site in enumerate(chosen):
        value += site["gain"]
        bound = bounds_of[number] if number < len(bounds_of) else None
        share = None if bound is None else bound / total
        points.append(
            {"devices": number + 1, "value": value, "share": value / total, "bound": bound, "bound_share": share}
        )
    return points


def _row(one: dict[str, Any], summary: dict[str, Any]) -> dict[str, Any]:
    """A town or period; its demand is what all causes leave together."""
    units, unit = one["units"], summary["losses"]["unit"]
    whole = sum(units.values())
    causes = {cause: count / whole if whole else 0.0 for cause, count in units.items()}
    told = {"id": one["id"], "zh": one["words_zh"], "en": one["words_en"]}
    figures = {"demand": whole * unit, "value": units["kept"] * unit, "share": one["share"]}
    return {**told, **figures, "share_before": one.get("share_before"), "causes": causes}


def _study(letter: str, folder: Path) -> Study:
    summary, features = _read(folder)
    sites = tuple(
        feature["properties"] | {"id": feature["id"], "lonlat": feature["geometry"]["coordinates"]}
        for feature in features
    )
    settings = flatten(tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8-sig")))
    return Study(letter, folder.name, summary, sites, settings, map="")


def _column(study: Study, name: str) -> dict[str, Any]:
    summary = study.summary
    keys = ("title_zh", "title_en", "value", "total", "share", "before", "bound", "gap", "status", "cost", "cost_unit")
    circles = {circle: one["share"] for circle, one in summary["circles"].items()}
    plain = {key: summary[key] for key in keys}
    return {"letter": study.letter, "run_id": name, **plain, "devices": len(summary["chosen"]), "circles": circles}


def _plain(value: Any) -> Any:
    """A setting as it is told: of a file its name alone."""
    return PurePosixPath(value).name if isinstance(value, str) and "/" in value else value


def _differing(tables: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Any]]]:
    keys = dict.fromkeys(key for table in tables for key in table)
    rows = [(key, [table.get(key) for table in tables]) for key in keys]
    return [(key, values) for key, values in rows if any(value != values[0] for value in values)]


def _sites_side_by_side(studies: Sequence[Study]) -> list[dict[str, Any]]:
    """Every site that some plan proposes, with its number in each; those in most plans first."""
    chosen = [{one["id"]: one for one in study.sites if one["role"] == "proposed"} for study in studies]
    rows = []
    for id in dict.fromkeys(id for sites in chosen for id in sites):
        orders = [sites[id]["order"] if id in sites else None for sites in chosen]
        site = next(sites[id] for sites in chosen if id in sites)
        lon, lat = site["lonlat"]
        named = {"id": id, "label": site["label"], "kind": site["kind"], **_kind(site["kind"])}
        rows.append({**named, "lon": lon, "lat": lat, "orders": orders})
    return sorted(rows, key=lambda row: row["orders"].count(None))


def _shares_side_by_side(studies: Sequence[Study], key: str) -> list[dict[str, Any]]:
    tables = [{one["id"]: one for one in study.summary[key]} for study in studies]
    rows = []
    for id in dict.fromkeys(id for table in tables for id in table):
        words = next(table[id] for table in tables if id in table)
        shares = [table[id]["share"] if id in table else None for table in tables]
        rows.append({"id": id, "zh": words["words_zh"], "en": words["words_en"], "shares": shares})
    return rows
