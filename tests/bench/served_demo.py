"""The demo county with a year of invented records, served for a benchmark, and a browser without a GPU to look at it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.table import ROOT
from browser import FLAGS, PHONE
from town import environment, served

import aedplan as ap

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SCENARIO = ROOT / "data" / "scenarios" / "nanan-20.toml"


@dataclass(frozen=True)
class Served:
    """A service that answers, and what looks at it.

    links   the path of a sign-in link by role
    phone   options of a context of the browser that is a phone
    path    where Chromium lies
    """

    address: str
    links: dict[str, str]
    chromium: "Browser"
    phone: dict[str, Any]
    path: str
    temp: Path


@contextmanager
def served_demo(temp: Path) -> Iterator[Served]:
    """The demo county planned, filled and served from a folder that is thrown away.

    Raises RuntimeError where there is no Chromium.
    """
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise RuntimeError("no Chromium on this machine")
    ap.run(ap.Scenario.read(SCENARIO)).save(temp / "plan")
    records = {"AEDPLAN_DATA": str(temp / "records")}
    command = [sys.executable, "-m", "service", "init", "--demo"]
    made = subprocess.run(command, cwd=ROOT, env=environment(**records), capture_output=True, text=True, check=True)
    links = dict(re.findall(r"^(\w+) +\S+(/in#\S+)$", made.stdout, re.MULTILINE))
    home = {**os.environ, "XDG_CONFIG_HOME": str(temp), "XDG_CACHE_HOME": str(temp)}
    with served(temp / "plan", **records) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[*FLAGS, "--disable-gpu"], env=home)
        yield Served(address, links, chromium, playwright.devices[PHONE], path, temp)
        chromium.close()
