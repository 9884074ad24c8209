"""Settings of the service: `AEDPLAN_*` in the environment, read once; what the command line says goes before.

AEDPLAN_SECRETS names a file of lines NAME=value for what should not stand in the environment; only its owner may read it.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aedplan.checks import unknown_key_faults
from aedplan.errors import InputError, raise_faults

PREFIX = "AEDPLAN_"


@dataclass(frozen=True)
class Settings:
    """plan: the folder served; host and port: where; port 0 is any free one.

    data          the folder of the records: the SQLite file, photos and scans, the key; None: the user's data folder
    database_url  postgresql://...; "": the SQLite file in the data folder
    key           seals names and phones; "": from the file named `key` in the data folder
    smtp_url ...  how reminders are sent (see channels.py); "": not by this way
    basemap ...   what lies under maps (see mapping/tile_services.py); "": our own base map
    scheduler     tcp://host:port of a Dask cluster that works on plans; "": a process of this machine does
    """

    plan: Path
    host: str
    port: int
    data: Path | None = None
    database_url: str = field(default="", repr=False)  # may hold a password
    key: str = field(default="", repr=False)
    smtp_url: str = field(default="", repr=False)
    smtp_from: str = ""
    wecom_robots: str = field(default="", repr=False)
    dingtalk_robots: str = field(default="", repr=False)
    basemap: str = ""
    basemap_key: str = field(default="", repr=False)
    basemap_approval: str = ""
    public_url: str = ""
    scheduler: str = ""


DEFAULTS = {"AEDPLAN_PLAN": "out/demo", "AEDPLAN_HOST": "127.0.0.1", "AEDPLAN_PORT": "8000"}
RECORDS = (
    "AEDPLAN_DATA", "AEDPLAN_DATABASE_URL", "AEDPLAN_KEY", "AEDPLAN_SMTP_URL", "AEDPLAN_SMTP_FROM",
    "AEDPLAN_WECOM_ROBOTS", "AEDPLAN_DINGTALK_ROBOTS", "AEDPLAN_BASEMAP", "AEDPLAN_BASEMAP_KEY",
    "AEDPLAN_BASEMAP_APPROVAL", "AEDPLAN_PUBLIC_URL", "AEDPLAN_SCHEDULER",
)  # fmt: skip
SECRETS = "AEDPLAN_SECRETS"


def read_settings(
    environ: Mapping[str, str], *, plan: str | None = None, host: str | None = None, port: str | None = None
) -> Settings:
    """The settings, each from the argument, else the environment, else its default.

    Raises InputError naming every AEDPLAN_ variable that is no setting, and a port that is no port.
    """
    given = {key: value for key, value in environ.items() if key.startswith(PREFIX)}
    secrets = given.pop(SECRETS, "")
    given = (_read_secrets(Path(secrets)) if secrets else {}) | given
    faults = unknown_key_faults(sorted(given), (*DEFAULTS, *RECORDS, SECRETS), "")
    arguments = {"AEDPLAN_PLAN": plan, "AEDPLAN_HOST": host, "AEDPLAN_PORT": port}
    chosen = DEFAULTS | given | {key: value for key, value in arguments.items() if value is not None}
    faults += [f"{key} is empty; expected {_EXPECTED[key]}" for key in DEFAULTS if not chosen[key].strip()]
    number = chosen["AEDPLAN_PORT"]
    if number.strip() and not (number.isascii() and number.isdigit() and int(number) <= 65535):
        where = "AEDPLAN_PORT" if port is None else "--port"
        faults.append(f"{where} is {number!r}; expected a whole number, 0 to 65535")
    public = given.get("AEDPLAN_PUBLIC_URL", "").strip()
    if public and not _PUBLIC_URL.fullmatch(public):
        faults.append(f"AEDPLAN_PUBLIC_URL is {public!r}; expected an address such as https://aed.example.org")
    scheduler = given.get("AEDPLAN_SCHEDULER", "").strip()
    if scheduler and not re.fullmatch(r"(tcp|tls)://[^/\s]+:\d+", scheduler):
        faults.append(f"AEDPLAN_SCHEDULER is {scheduler!r}; expected tcp://host:port of a Dask scheduler")
    raise_faults(faults)
    others: dict[str, Any] = {name.removeprefix(PREFIX).lower(): given.get(name, "").strip() for name in RECORDS}
    others["data"] = Path(others["data"]) if others["data"] else None
    return Settings(Path(chosen["AEDPLAN_PLAN"]), chosen["AEDPLAN_HOST"], int(number), **others)


_PUBLIC_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?")


def _read_secrets(path: Path) -> dict[str, str]:
    """Settings from a file, as NAME=value lines; # begins a remark.

    Raises InputError when it cannot be read, others may read it, or a line is none.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{SECRETS}: {path} cannot be read: {error}") from error
    if os.name == "posix" and mode & 0o077:
        raise InputError(f"{SECRETS}: others may read {path} (mode {mode & 0o777:o}); run: chmod 600 {path}")
    named = [(n, line.partition("=")) for n, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    raise_faults(
        [f"{path}, line {n}: expected NAME=value" for n, (name, is_, _) in named if not (name.strip() and is_)]
    )
    return {name.strip(): value.strip() for _, (name, _, value) in named}


_EXPECTED = {
    "AEDPLAN_PLAN": "the folder of a plan",
    "AEDPLAN_HOST": "an address of this machine",
    "AEDPLAN_PORT": "a whole number, 0 to 65535",
}


SQLITE_FILE = "aedplan.sqlite"


def data_folder(settings: Settings) -> Path:
    """Where the SQLite file, photos, scans and the key are kept."""
    from platformdirs import user_data_path

    return settings.data or user_data_path("aedplan", appauthor=False)


def has_records(settings: Settings) -> bool:
    """Whether records are kept at all: a database was named, or made in the data folder."""
    return bool(settings.database_url) or (data_folder(settings) / SQLITE_FILE).exists()
