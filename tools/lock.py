"""Write the requirements*.lock files and the lock file of Lighthouse again: names, versions and hashes, no registry named."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OPTIONS = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links",
           "--no-header", "--no-annotate", "-q")  # fmt: skip


def compile_lock(*inputs: str, to: str) -> None:
    """Pin the newest versions that the inputs allow."""
    environment = {key: value for key, value in os.environ.items() if key != "PIP_FIND_LINKS"}
    command = [sys.executable, "-m", "uv", "pip", "compile", *inputs, *OPTIONS, "--upgrade", "-o", to]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def compile_bench() -> None:
    """Pin the peers of the benchmarks; what they share with requirements.lock stays as it is there."""
    compile_lock("--group", "bench", "--constraint", "requirements.lock", to="requirements-bench.lock")
    compile_lock("--group", "bench-valhalla", to="requirements-bench-valhalla.lock")


def lock_lighthouse() -> None:
    """Pin what Lighthouse brings, in its own package: without the addresses of its registry and of those who ask for gifts."""
    lock = ROOT / "tests" / "bench" / "lighthouse" / "package-lock.json"
    lock.unlink(missing_ok=True)
    options = [
        "--package-lock-only",
        "--ignore-scripts",
        "--omit-lockfile-registry-resolved",
        "--prefix",
        str(lock.parent),
    ]
    subprocess.run(["npm", "install", *options], check=True)
    content = json.loads(lock.read_text(encoding="utf-8"))
    for package in content["packages"].values():
        package.pop("funding", None)
    lock.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """All lock files."""
    compile_lock("pyproject.toml", "--all-extras", "--group", "dev", to="requirements.lock")
    compile_bench()
    lock_lighthouse()
    with tempfile.NamedTemporaryFile("w", suffix=".in") as wanted:
        wanted.write("uv\n")
        wanted.flush()
        compile_lock(wanted.name, to="requirements-uv.lock")


if __name__ == "__main__":
    main()
