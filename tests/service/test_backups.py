"""Backups and exports: everything comes back, into either database, or nothing changes."""

import csv
import datetime as dt
import json
import os
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from databases import settings_of

from aedplan import InputError
from service import migrations
from service.backups import backup, check, restore
from service.commands import upgrade
from service.db import Database
from service.exports import export_folder, import_folder
from service.history import By
from service.planning.run_folders import put_back
from service.portable import LEFT_OUT
from service.published import point_at
from service.records import people, sites
from service.records.devices import add_device
from service.records.positions import Position
from service.sealing import make_key
from service.tables import Account, Base, Device, Inspection, OneTimeLink, Organisation, Person, SignIn, Site

AT = dt.datetime(2026, 11, 22, 3, 30, 0, 123456, tzinfo=dt.UTC)
BY = By(None, "command", AT)
ODD = "=1+1,\"引号\"\n'second' line\t☃"


def fill(database: Database) -> None:
    with database.session(BY) as session:
        # a younger parent, named by an older child
        child = sites.add_organisation(session, Organisation(name="水头镇红十字会", kind="red_cross"))
        parent = sites.add_organisation(session, Organisation(name=ODD, kind="red_cross"))
        child.parent_id = parent.id
        site = sites.add_site(session, Site(name="-汽车站", stage="standing"), Position(118.386, 24.96, "gcj02", 4.5))
        device = add_device(session, Device(site_id=site.id, accessories=["剪刀", None, 1.5]), None)
        people.add_person(
            session,
            Person(roles=["volunteer"]),
            name="王小明",
            phone="+86 138 0000 0000",
            email="a@example.org",
            sites=(site.id,),
        )
        account = Account(name="guard", role="manager", password_hash="x" * 20)
        session.add(account)
        session.flush()
        session.add(SignIn(account_id=account.id, token_hash="s", started_at=AT, expires_at=AT))
        session.add(OneTimeLink(account_id=account.id, token_hash="l", made_at=AT, expires_at=AT))
        session.add(
            Inspection(
                device_id=device.id, kind="daily", at=AT, received_at=AT, items={"a": {"result": "ok"}}, overall="pass",
                client_uuid="u1", lon=118.3861234,
            )
        )  # fmt: skip
    database.keep_file(b"a photo")
    runs = database.files.with_name("runs")
    for name in (*RUN, "r1/2/plan/summary.json"):  # the second attempt has not ended
        (runs / name).parent.mkdir(parents=True, exist_ok=True)
        (runs / name).write_text(name)
    point_at(runs.with_name("published"), runs / "r1/1/plan")


RUN = ("r1/1/ended.json", "r1/1/plan/summary.json", "r1/study/scenario.toml", "r1/study/streets/nodes.npy")


def runs_in(database: Database) -> list[tuple[str, str]]:
    runs = database.files.with_name("runs")
    return sorted((path.relative_to(runs).as_posix(), path.read_text()) for path in runs.rglob("*") if path.is_file())


def contents(database: Database) -> dict[str, list[dict]]:
    """All that the program reads, by table."""
    with database.session() as session:
        return {
            name: [dict(row) for row in session.execute(sa.select(table).order_by(*table.primary_key)).mappings()]
            for name, table in Base.metadata.tables.items()
            if name not in LEFT_OUT
        }


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request, tmp_path) -> Database:
    """A database without tables."""
    folder = tmp_path / "other"
    folder.mkdir()
    if request.param == "sqlite":
        opened = Database(settings_of(folder))
        opened.file.touch()
    else:
        opened = Database(request.getfixturevalue("postgresql").make_bare(folder))
    yield opened
    opened.engine.dispose()


def test_a_backup_brings_everything_back_into_either_database(database, bare, tmp_path):
    fill(database)
    rows = backup(database, tmp_path / "b.zip")
    assert rows["device"] == 1
    assert restore(bare, tmp_path / "b.zip", replace=False) == rows
    before = contents(database)
    assert contents(bare) == before
    assert sum(map(len, before.values())) == sum(rows.values()) > 10
    assert [path.read_bytes() for path in bare.list_files()] == [b"a photo"]
    assert runs_in(bare) == [(name, name) for name in RUN]
    assert (bare.files.with_name("published") / "summary.json").read_text() == "r1/1/plan/summary.json"
    with pytest.raises(InputError):
        put_back(tmp_path / "other/runs", "../../../here", b"")
    with bare.session() as session:
        assert session.scalars(sa.select(SignIn)).all() == session.scalars(sa.select(OneTimeLink)).all() == []


def test_an_export_reads_without_the_program_and_comes_back(database, bare, tmp_path):
    fill(database)
    rows = export_folder(database, tmp_path / "out")
    with open(tmp_path / "out/tables/person.csv", encoding="utf-8-sig", newline="") as file:
        person = next(csv.DictReader(file))
    assert (person["name"], person["phone"]) == ("王小明", "'+86 138 0000 0000")
    text = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "out/tables").iterdir())
    assert "xxxx" not in text
    places = json.loads((tmp_path / "out/devices.geojson").read_text(encoding="utf-8"))
    assert places["features"][0]["geometry"]["coordinates"] == pytest.approx([118.381, 24.963], abs=2e-3)
    assert import_folder(bare, tmp_path / "out", replace=False) == rows
    assert runs_in(bare) == [(name, name) for name in RUN]
    before, after = contents(database), contents(bare)
    for name in ("organisation", "site", "device", "inspection", "change", "site_person"):
        assert after[name] == before[name], name
    with bare.session() as session:
        person = people.list_people(session)[0]
        assert (person.name, person.email) == ("王小明", "a@example.org")


def test_a_backup_holds_no_name_and_its_owner_alone_may_read_it(database, tmp_path):
    fill(database)
    backup(database, tmp_path / "b.zip")
    assert os.stat(tmp_path / "b.zip").st_mode & 0o077 == 0
    with zipfile.ZipFile(tmp_path / "b.zip") as packed:
        everything = b"".join(packed.read(name) for name in packed.namelist())
    assert "王小明".encode() not in everything
    assert b"13800000000" not in everything.replace(b" ", b"")


def test_what_the_database_holds_goes_only_when_told_and_only_as_a_whole(database, tmp_path):
    fill(database)
    backup(database, tmp_path / "b.zip")
    with pytest.raises(InputError, match="--replace"):
        restore(database, tmp_path / "b.zip", replace=False)
    before = contents(database)
    with database.session(BY) as session:
        sites.add_site(session, Site(name="later"), None)
    restore(database, tmp_path / "b.zip", replace=True)
    assert contents(database) == before


def test_the_backup_of_before_an_upgrade_goes_back_over_the_tables_of_the_newer_program(database, settings, tmp_path):
    fill(database)
    backup(database, tmp_path / "b.zip")
    before = contents(database)
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE newer (id TEXT PRIMARY KEY, site_id VARCHAR(32) REFERENCES site (id))")
        connection.exec_driver_sql("INSERT INTO newer SELECT 'n', id FROM site")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(InputError, match=r"9999.*; take the newer program"):
        database.check_schema()
    with pytest.raises(InputError, match="9999, newer than this program's"):
        upgrade(settings)
    with pytest.raises(InputError, match="--replace"):
        restore(database, tmp_path / "b.zip", replace=False)
    restore(database, tmp_path / "b.zip", replace=True)
    assert contents(database) == before
    database.check_schema()
    with pytest.raises(sa.exc.DatabaseError), database.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("DELETE FROM inspection")  # what is written once still stays


@pytest.mark.parametrize("damage", ["cut", "flip", "row", "text"])
def test_a_damaged_backup_is_refused_and_changes_nothing(database, tmp_path, damage):
    fill(database)
    path = tmp_path / "b.zip"
    backup(database, path)
    spoil(path, damage)
    before = contents(database)
    with pytest.raises(InputError, match=r"b\.zip"):
        restore(database, path, replace=True)
    assert contents(database) == before


def spoil(path: Path, damage: str) -> None:
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "flip":
        with zipfile.ZipFile(path) as packed:
            middle = packed.getinfo("tables/change.csv").header_offset + 200
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    elif damage == "text":
        path.write_text("not a backup")
    else:
        with zipfile.ZipFile(path) as packed:
            parts = {name: packed.read(name) for name in packed.namelist()}
        parts["tables/site.csv"] = parts["tables/site.csv"].rsplit(b"\n", 2)[0] + b"\n"
        with zipfile.ZipFile(path, "w") as packed:
            for name, part in parts.items():
                packed.writestr(name, part)


def test_a_backup_sealed_with_another_key_is_refused(sqlite_files, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    one = Database(sqlite_files.make(first))
    fill(one)
    backup(one, tmp_path / "b.zip")
    make_key(second)
    sqlite_files.make(second)
    other = Database(type(settings_of(second))(Path("none"), "", 0, data=second))
    with pytest.raises(InputError, match="another key"):
        restore(other, tmp_path / "b.zip", replace=False)
    assert sum(map(len, contents(other).values())) == 0


def test_a_backup_of_unknown_tables_is_refused(database, tmp_path):
    fill(database)
    path = tmp_path / "b.zip"
    backup(database, path)
    assert check(path)["revision"] == migrations.HEAD
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    parts["manifest.json"] = parts["manifest.json"].replace(f'"{migrations.HEAD}"'.encode(), b'"9999"')
    with zipfile.ZipFile(path, "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    with pytest.raises(InputError, match="9999"):
        restore(database, path, replace=True)


def test_names_of_columns_tell_what_is_sealed_and_secret():
    for table in Base.metadata.tables.values():
        for column in table.columns:
            assert column.name.endswith("_sealed") == bool(column.info.get("sealed")), column
            assert column.name.endswith("_hash") == bool(column.info.get("secret")), column
