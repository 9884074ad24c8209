"""Settings of the service: `AEDPLAN_*` in the environment, read once; what the command line says goes before."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aedplan.checks import unknown_key_faults
from aedplan.errors import raise_faults

PREFIX = "AEDPLAN_"


@dataclass(frozen=True)
class Settings:
    """plan: the folder served; host and port: where; port 0 is any free one."""

    plan: Path
    host: str
    port: int


DEFAULTS = {"AEDPLAN_PLAN": "out/demo", "AEDPLAN_HOST": "127.0.0.1", "AEDPLAN_PORT": "8000"}


def read_settings(
    environ: Mapping[str, str], *, plan: str | None = None, host: str | None = None, port: str | None = None
) -> Settings:
    """The settings, each from the argument, else the environment, else its default.

    Raises InputError naming every AEDPLAN_ variable that is no setting, and a port that is no port.
    """
    given = {key: value for key, value in environ.items() if key.startswith(PREFIX)}
    faults = unknown_key_faults(sorted(given), DEFAULTS, "")
    arguments = {"AEDPLAN_PLAN": plan, "AEDPLAN_HOST": host, "AEDPLAN_PORT": port}
    chosen = DEFAULTS | given | {key: value for key, value in arguments.items() if value is not None}
    faults += [f"{key} is empty; expected {_EXPECTED[key]}" for key in DEFAULTS if not chosen[key].strip()]
    number = chosen["AEDPLAN_PORT"]
    if number.strip() and not (number.isascii() and number.isdigit() and int(number) <= 65535):
        where = "AEDPLAN_PORT" if port is None else "--port"
        faults.append(f"{where} is {number!r}; expected a whole number, 0 to 65535")
    raise_faults(faults)
    return Settings(Path(chosen["AEDPLAN_PLAN"]), chosen["AEDPLAN_HOST"], int(number))


_EXPECTED = {
    "AEDPLAN_PLAN": "the folder of a plan",
    "AEDPLAN_HOST": "an address of this machine",
    "AEDPLAN_PORT": "a whole number, 0 to 65535",
}
