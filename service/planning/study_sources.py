"""Files that a study can be made from without sending any: those of the plan that is served, and those of the demo county."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aedplan import InputError
from aedplan.files import read_table
from aedplan.osm.kept_background import FILE as BACKGROUND
from aedplan.outputs import write_csv
from aedplan.tables.columns import shipped

from ..errors import ServiceError
from .draft_value import open_drafting
from .run_folders import read
from .studies import Put, write_sites

ROLES = ("streets", "demand", "standing", "candidates")
WORDS = {
    "streets": ("街道", "streets"),
    "demand": ("需求", "demand"),
    "standing": ("已设设备", "standing devices"),
    "candidates": ("候选点位", "candidates"),
}
DEMO = {
    "streets": "demo/county.osm.gz",
    "demand": "demo/population.csv",
    "standing": "demo/devices.csv",
    "candidates": "demo/candidates.csv",
}
DEMO_CREDIT = {"source": "aedplan demo county (synthetic)", "licence": "Apache-2.0"}
OWN_CRS = {"crs": "wgs84"}
NEW_TABLES = ("circle", "plan", "hours", "periods")
"""What a new study takes over from the plan that is served, beside its files."""


def demo_settings() -> dict[str, Any]:
    """A first study of the demo county."""
    files = {role: {"file": f"demo:{role}"} for role in ROLES}
    return {**files, "circle": {"name": "walk-4"}, "plan": {"devices": 20, "seconds": 30}, "hours": {"year": 2026}}


def served_settings(folder: Path) -> dict[str, Any]:
    """A first study on the ground of the plan in a folder: its circle, number and hours."""
    try:
        tables = open_drafting(folder).study.settings
    except ServiceError:
        tables = {}
    taken = {key: tables[key] for key in NEW_TABLES if key in tables}
    files = {role: {"file": f"served:{role}"} for role in ROLES}
    return {**files, "circle": {"name": "walk-4"}, "plan": {"devices": 20, "seconds": 30}, **taken}


def put_demo(role: str, folder: Path) -> Put:
    """A file of the demo county, which ships."""
    if role not in DEMO:
        raise InputError(f"there is no {role!r} in the demo county")
    source = shipped(DEMO[role])
    shutil.copy(source, folder / source.name)
    return Put(source.name, DEMO_CREDIT if role == "streets" else DEMO_CREDIT | OWN_CRS)


def put_served(role: str, plan: Path, folder: Path) -> Put:
    """A file of the plan that is served: its streets, or a table of its demand, its devices or its candidates."""
    if role == "streets":
        shutil.copytree(plan / "streets", folder / "streets")
        if (plan / BACKGROUND).is_file():
            shutil.copy(plan / BACKGROUND, folder / BACKGROUND)  # the streets bring what lies under them
        return Put("streets", {})
    if role not in ROLES:
        raise InputError(f"there is no {role!r} in the plan that is served")
    try:
        study = open_drafting(plan).study
    except ServiceError as error:
        raise InputError(error.message_en) from error
    name = f"{role}.csv"
    if role == "demand":
        demand = study.demand
        town = demand.town or ("",) * len(demand)
        columns = (demand.id, *demand.lonlat.T.tolist(), demand.weight.sum(axis=1).tolist(), town)
        write_csv(folder / name, ("id", "lon", "lat", "weight", "town"), list(zip(*columns, strict=True)))
    else:
        write_sites(folder / name, study.sites.some((study.sites.standing == (role == "standing")).nonzero()[0]))
    return Put(name, OWN_CRS | credit_of(study.summary, role))


def credit_of(summary: Mapping[str, Any], role: str) -> dict[str, str]:
    """Whom a plan credits for an input."""
    for given in summary["inputs"]:
        if given["role"].startswith(role) and given["source"]:
            return {key: given[key] for key in ("source", "licence") if given[key]}
    return {}


def count_demo(role: str) -> int | None:
    """How many records a table of the demo county has."""
    return None if role == "streets" else len(read_table(shipped(DEMO[role])))


def count_served(role: str, plan: Path) -> int | None:
    """How many records the plan that is served has for a role; None where that is not counted.

    Raises ServiceError 409 where the plan was written before studies were kept.
    """
    if role == "streets":
        return None
    summary = read(plan / "summary.json")
    if summary is None or not (plan / "study.npz").is_file():
        raise ServiceError(409, "这个方案没有保存点位和需求。", "This plan was written without its sites and demand.")
    standing = int(summary["standing"])
    counts = {"demand": summary["demand"]["points"], "standing": standing, "candidates": summary["sites"] - standing}
    return int(counts[role])
