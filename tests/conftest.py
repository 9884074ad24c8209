"""Settings for all tests: no test fails on a clock, random tests repeat on every machine."""

import os
import tempfile

from hypothesis import HealthCheck, settings

# Notebooks keep their profile, history and settings where the user's home is not touched.
for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
    folder = os.path.join(tempfile.gettempdir(), "aedplan-tests", name.lower())
    os.makedirs(folder, exist_ok=True)
    os.environ.setdefault(name, folder)

settings.register_profile("house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))
