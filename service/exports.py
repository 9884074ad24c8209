"""Everything as files that can be read without this program: CSV of each table, GeoJSON of sites and devices, the files.

Names and phones are open in it, passwords and keys are not in it at all. What was exported can be read in again.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aedplan import InputError

from . import migrations
from .backups import MANIFEST, Rows, Source, one_moment, read_in, runs_of
from .db import Database, now
from .planning.run_folders import RUNS, list_ended, put_back
from .portable import Row, tables, write_table
from .sealing import Safe
from .tables import Base

SEALED, SECRET = "_sealed", "_hash"
WITHOUT = frozenset({"api_token"})
MAPPED = {"site": ("name", "stage", "venue_type", "address", "opening_hours"),
          "device": ("public_code", "status", "model", "location_text", "site_id")}  # fmt: skip
README = """AED 档案导出 / an export of AED records

tables/*.csv     每张表一个文件，UTF-8；空白表示未知；时间为 UTC；金额单位为分
                 one file per table, UTF-8; empty is unknown; instants in UTC; money in fen (0.01 CNY)
*.geojson        点位和设备，WGS-84 / sites and devices, WGS-84
runs/            规划：每次计算的设置和结果，study_run 表的 id 为目录名 / plans: each run's settings and results, by study_run id
files/           照片和扫描件，文件名为 SHA-256；见 tables/attachment.csv / photos and scans, named by SHA-256
本目录含个人信息，请妥善保管。 This folder holds personal data: keep it safe.
读回 / read in again: python -m service import DIR
"""


def export_folder(database: Database, folder: Path) -> Rows:
    """Write everything into a new folder; how many rows of each table.

    Raises InputError when the folder is there already and not empty, or cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InputError(f"{folder}: is not empty; expected a new folder")
        return _write(database, folder)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror or error})") from error


def _write(database: Database, folder: Path) -> Rows:
    (folder / "tables").mkdir()
    (folder / "files").mkdir()
    rows: Rows = {}
    with one_moment(database) as connection:
        for table in tables(connection):
            if table.name not in WITHOUT:
                with open(folder / "tables" / f"{table.name}.csv", "w", encoding="utf-8-sig", newline="") as file:
                    rows[table.name] = write_table(connection, table, file, lambda row: _open(row, database.safe))
            if table.name in MAPPED:
                content = json.dumps(_features(connection, table), ensure_ascii=False, indent=1)
                (folder / f"{table.name}s.geojson").write_text(content, encoding="utf-8")
        revision = migrations.revision(connection)
    for file_kept in database.list_files():
        shutil.copy2(file_kept, folder / "files")
    for path in list_ended(runs_of(database)):
        put_back(folder / RUNS, path.as_posix(), (runs_of(database) / path).read_bytes())
    manifest = {"made_at": now().isoformat(), "revision": revision, "rows": rows}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    (folder / "README.txt").write_text(README, encoding="utf-8")
    return rows


def _open(row: Row, safe: Safe) -> Row:
    """A row with its sealed columns open, under their plain names, and without its secrets."""
    shown = {name: text for name, text in row.items() if not name.endswith(SECRET)}
    return {
        name.removesuffix(SEALED): safe.open(text) if name.endswith(SEALED) else text for name, text in shown.items()
    }


def _features(connection: sa.Connection, table: sa.Table) -> dict[str, Any]:
    query = sa.select(table).where(table.c.lon.is_not(None)).order_by(table.c.id)
    features = [
        {
            "type": "Feature",
            "id": row["id"],
            "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
            "properties": {name: row[name] for name in ("id", *MAPPED[table.name])},
        }
        for row in connection.execute(query).mappings()
    ]
    return {"type": "FeatureCollection", "features": features}


def import_folder(database: Database, folder: Path, *, replace: bool) -> Rows:
    """Read in what `export_folder` wrote, perhaps edited since; how many rows of each table came.

    Accounts come without passwords: who had one gets a new one, or a link.

    Raises InputError when the folder is no export, or the database is not empty.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        revision = manifest["revision"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder}: cannot be read as an export ({error}); expected what `export` wrote") from error
    for file in sorted((folder / "files").glob("*")):
        database.keep_file(file.read_bytes())
    for path in list_ended(folder / RUNS):
        put_back(runs_of(database), path.as_posix(), (folder / RUNS / path).read_bytes())

    def open_table(name: str) -> Any:
        path = folder / "tables" / f"{name}.csv"
        return open(path, encoding="utf-8-sig", newline="") if os.path.exists(path) else None

    source = Source(str(folder), revision, open_table, lambda row: _seal(row, database.safe))
    try:
        return read_in(database, source, replace=replace)
    except (ValueError, sa.exc.IntegrityError, sa.exc.DataError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{folder}: a row cannot be read in ({error}); nothing was changed") from error


def _seal(row: Row, safe: Safe) -> Row:
    """A row with sealed twins of the columns that were opened; columns that a table does not have are left aside."""
    return row | {f"{name}{SEALED}": safe.seal(row[name]) for name in _OPENED if name in row}


_OPENED = sorted(
    {
        column.name.removesuffix(SEALED)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name.endswith(SEALED)
    }
)
"""The plain names of all columns that are sealed in some table."""
