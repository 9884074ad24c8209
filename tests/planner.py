"""A planner's surroundings for tests: a small county whose plan is served, its records, and a worker that works at once."""

import atexit
import dataclasses
import json
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from counties import SCENARIO, at, write_county
from people import County, become, make_county
from starlette.testclient import TestClient

import aedplan as ap
from service.db import Database
from service.settings import Settings

V1 = "/api/v1"
TOWNS = "\n[areas.town]\nfrom = 'column'\n"
ENDED = ("done", "stopped", "failed", "interrupted")


@cache
def served_plan() -> Path:
    """The folder of a finished plan for the small county, whose hours count; made once."""
    folder = Path(mkdtemp(prefix="aedplan-served-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = write_county(folder, scenario=SCENARIO + "[hours]\nyear = 2026\n" + TOWNS)
    hours = ["24/7", "Mo-Fr 08:00-17:00", "24/7", "06:00-22:00", "24/7"]
    places = [(2, 2, "school"), (6, 6, "shop"), (6, 2, "hotel"), (2, 6, "school"), (8, 8, "compound")]
    rows = [f"C{i},点位{i},{kind},{at(c, r)},{hours[i]},{town(c)}" for i, (c, r, kind) in enumerate(places)]
    table = "编号,名称,类别,经度,纬度,开放时间,镇街"
    (folder / "candidates.csv").write_text("\n".join([table, *rows]), encoding="utf-8")
    (folder / "devices.csv").write_text(f"{table}\nD1,汽车站,transport,{at(0, 0)},24/7,西镇", encoding="utf-8")
    people = [f"p{c}{r},{at(c, r)},{10 + c * r},{town(c)}" for r in range(9) for c in range(9)]
    (folder / "people.csv").write_text("\n".join(["id,lon,lat,population,town", *people]), encoding="utf-8")
    ap.run(ap.Scenario.read(path)).save(folder / "plan")
    return folder / "plan"


def town(column: int) -> str:
    """The west or the east of the small county."""
    return "西镇" if column < 4 else "东镇"


def make_planning(settings: Settings) -> tuple[Settings, County]:
    """A service that serves that plan, with an account of each role."""
    settings = dataclasses.replace(settings, plan=served_plan())
    with closing(Database(settings)) as database:
        return settings, make_county(database)


def begin(client: TestClient, role: str = "planner", **more: Any) -> dict[str, Any]:
    """A new study of somebody, on the plan that is served."""
    become(client, role)
    said = client.post(f"{V1}/studies", json={"title_zh": "一号方案", **more})
    assert said.status_code == 201, said.text
    study: dict[str, Any] = said.json()
    if study["settings"].get("standing", {}).get("file") == "records:devices":
        study["settings"]["standing"] = {"file": "served:standing"}  # the devices on record have no hours
        study = put(client, study)
    return study


def put(client: TestClient, study: dict[str, Any], **plan: Any) -> dict[str, Any]:
    """The study with changed settings; plan: keys of [plan]."""
    settings = {**study["settings"], "plan": {**study["settings"]["plan"], **plan}}
    said = client.put(f"{V1}/studies/{study['id']}", json={"version": study["version"], "settings": settings})
    assert said.status_code == 200, said.text
    changed: dict[str, Any] = said.json()
    return changed


def start(client: TestClient, study: dict[str, Any]) -> dict[str, Any]:
    """A run of a study."""
    said = client.post(f"{V1}/studies/{study['id']}/runs", json={"version": study["version"]})
    assert said.status_code == 201, said.text
    run: dict[str, Any] = said.json()
    return run


def wait(
    client: TestClient, run: dict[str, Any], until: Callable[[dict[str, Any]], bool] | None = None
) -> dict[str, Any]:
    """A run once it has ended, or once it is as wanted."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        found: dict[str, Any] = client.get(f"{V1}/runs/{run['id']}").json()
        if found["state"] in ENDED or (until is not None and until(found)):
            return found
        time.sleep(0.1)
    raise AssertionError(f"still {found['state']}: {found}")


def works_at_once(folder: str) -> int:
    """A worker that hands in the plan that is served, whatever was asked."""
    attempt = Path(folder)
    shutil.copytree(served_plan(), attempt / "plan")
    (attempt / "ended.json").write_text(json.dumps({"state": "done", "fault_zh": "", "fault_en": ""}))
    return 0
