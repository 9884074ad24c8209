"""Set everything up in this checkout: `python3 tools/setup.py` (Python 3.11 or newer, nothing else; works on Windows).

Makes .venv from requirements.lock (names, versions, hashes), installs aedplan into it for editing, and fetches what
pages need from npm. Nothing is written outside the checkout. A second run sees that nothing changed and returns at once.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "aedplan-ready"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
CACHE = VENV / "cache"
LOCKS = ("requirements.lock", "requirements-uv.lock", "package-lock.json")
INPUTS = (*LOCKS, "pyproject.toml", "tools/setup.py", "tools/assets.py")


def fingerprint() -> str:
    """Checksum of everything that decides what is installed, and of where and with which Python."""
    digest = hashlib.sha256(os.fsencode(ROOT) + str(sys.version_info[:2]).encode())
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def run(*command: str | Path, **settings: str) -> None:
    """Run one step; caches stay in the checkout."""
    here = {"UV_CACHE_DIR": str(CACHE), "PIP_CACHE_DIR": str(CACHE), "UV_LINK_MODE": "copy", "PIP_USER": "0"}
    environment = {**settings, **os.environ, **here}
    status = subprocess.run([str(part) for part in command], cwd=ROOT, env=environment, check=False)
    if status.returncode:
        sys.exit(f"set-up stopped: {' '.join(str(part) for part in command)} ended with {status.returncode}")


def mirror() -> dict[str, str]:
    """What uv must be told so that it asks the same index as pip, whose settings it does not read; often a mirror."""
    command = [str(PYTHON), "-m", "pip", "config", "list"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", errors="replace", check=False)
    told = dict(line.split("=", 1) for line in listed.stdout.splitlines() if "=" in line)
    for place in (":env:", "install", "global"):  # as pip ranks them
        if address := told.get(f"{place}.index-url"):
            return {"UV_DEFAULT_INDEX": address.strip("'")}
    return {}


def main() -> None:
    """Install, unless that was done already from the same inputs."""
    if sys.version_info < (3, 11):  # noqa: UP036  an older Python may well run this line
        sys.exit(f"aedplan needs Python 3.11 or newer; this is {sys.version.split()[0]}")
    if STAMP.is_file() and STAMP.read_text() == fingerprint():
        return
    print("setting up .venv (about a minute) ...", flush=True)
    try:
        venv.create(VENV, with_pip=True, clear=VENV.exists(), symlinks=os.name != "nt")
    except subprocess.CalledProcessError:
        sys.exit("this Python cannot make environments with pip; on Debian or Ubuntu: apt install python3-venv")
    run(PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", "requirements-uv.lock")
    uv = (PYTHON, "-m", "uv", "pip", "install", "-q", "--python", PYTHON)
    run(*uv, "--require-hashes", "--compile-bytecode", "-r", "requirements.lock", **mirror())
    run(*uv, "--no-deps", "--no-build-isolation", "-e", ".")
    run(PYTHON, "tools/assets.py")
    run(PYTHON, "-m", "compileall", "-q", "aedplan", "service")  # the first click need not compile them
    shutil.rmtree(CACHE, ignore_errors=True)  # as large as everything installed, and cleared by the next set-up anyway
    STAMP.write_text(fingerprint())


if __name__ == "__main__":
    main()
