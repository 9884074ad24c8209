"""Settings for all tests: no test fails on a clock, random tests repeat on every machine."""

import atexit
import gc
import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

MEMORY = Path("/dev/shm")
ROOMY = 8 * 2**30


def keep_files_in_memory() -> None:
    """Temporary files are kept in memory where it has room: databases wait for a disk at each commit, often for long."""
    if "TMPDIR" in os.environ or not MEMORY.is_dir():
        return
    for left in MEMORY.glob("aedplan-tests-*-*"):  # by a run that was killed
        if not Path("/proc", left.name.split("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    if shutil.disk_usage(MEMORY).free >= ROOMY:
        folder = tempfile.mkdtemp(prefix=f"aedplan-tests-{os.getpid()}-", dir=MEMORY)
        os.chmod(folder, 0o711)  # PostgreSQL runs as somebody else
        os.environ["TMPDIR"] = tempfile.tempdir = folder  # workers and programs that tests start keep theirs there, too
        atexit.register(remove, folder, os.getpid())


def remove(folder: str, owner: int) -> None:
    """Remove a folder, unless this is a fork of the process that made it."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_finish() -> None:
    """What was imported stays to the end: nobody need look through it for rubbish again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)  # nor through all of a test's things after every few of them


keep_files_in_memory()

# Notebooks keep their profile, history and settings where the user's home is not touched.
for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
    folder = os.path.join(tempfile.gettempdir(), "aedplan-tests", name.lower())
    os.makedirs(folder, exist_ok=True)
    os.environ.setdefault(name, folder)

settings.register_profile("house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))
