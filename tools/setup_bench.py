"""Set up the peers of the benchmarks, after tools/setup.py: `.venv/bin/python tools/setup_bench.py [lighthouse]`.

Installs requirements-bench.lock into .venv, and Valhalla, whose wheels need Python 3.12 or newer, into .venv-valhalla
where such a Python is found; without one its rows are left out. With the word `lighthouse` only Lighthouse is installed,
into .venv/lighthouse from the lock file beside the benchmarks. A second run returns at once.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from assets import run_npm
from setup import PYTHON, ROOT, VENV, run

VALHALLA = ROOT / ".venv-valhalla"
VALHALLA_PYTHON = VALHALLA / PYTHON.relative_to(VENV)
NEW_ENOUGH = ("3.12", "3.13")
LIGHTHOUSE = VENV / "lighthouse"
LIGHTHOUSE_LOCK = ROOT / "tests" / "bench" / "lighthouse" / "package-lock.json"


def install(python: Path, lock: str, stamp: Path) -> None:
    """Install a lock file into an environment, unless that was done already."""
    digest = hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == digest:
        return
    print(f"installing {lock} ...", flush=True)
    run(PYTHON, "-m", "uv", "pip", "install", "-q", "--python", python, "--require-hashes", "-r", lock)
    stamp.write_text(digest)


def candidates() -> Iterator[str]:
    """Interpreters that may be new enough: this one, those on the PATH, those of pyenv."""
    yield sys.executable
    for version in NEW_ENOUGH:
        yield f"python{version}"
        yield from map(str, sorted(Path.home().glob(f".pyenv/versions/{version}*/bin/python{version}")))


def runs(python: str) -> bool:
    """Whether an interpreter really starts (a name on the PATH may be a stand-in) and is new enough."""
    check = "import sys; sys.exit(sys.version_info < (3, 12))"
    try:
        return subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def install_lighthouse() -> None:
    """Install Lighthouse apart from what pages need: it brings two hundred packages."""
    stamp = LIGHTHOUSE / "ready"
    if stamp.is_file() and stamp.read_bytes() == LIGHTHOUSE_LOCK.read_bytes():
        return
    print("installing Lighthouse ...", flush=True)
    shutil.copytree(LIGHTHOUSE_LOCK.parent, LIGHTHOUSE, dirs_exist_ok=True)
    status = run_npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(LIGHTHOUSE)])
    shutil.rmtree(ROOT / ".npm-cache", ignore_errors=True)
    if status:
        sys.exit(f"npm ci failed with status {status}; is this machine online?")
    shutil.copyfile(LIGHTHOUSE_LOCK, stamp)


def main() -> None:
    """What was asked for: Lighthouse, or both environments."""
    if sys.argv[1:] == ["lighthouse"]:
        install_lighthouse()
        return
    install(PYTHON, "requirements-bench.lock", VENV / "aedplan-bench-ready")
    if not VALHALLA_PYTHON.is_file():
        python = next(filter(runs, candidates()), None)
        if python is None:
            print("no Python 3.12 or newer was found: the benchmark leaves Valhalla out", flush=True)
            return
        run(PYTHON, "-m", "uv", "venv", "-q", "--python", python, VALHALLA)
    install(VALHALLA_PYTHON, "requirements-bench-valhalla.lock", VALHALLA / "aedplan-bench-ready")


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
