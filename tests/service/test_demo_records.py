"""The demo county's records: alive on any day, the same each time, and never poured into somebody's own records."""

import datetime as dt
import re
from contextlib import closing
from dataclasses import dataclass

import pytest

from aedplan import InputError
from service.__main__ import main
from service.db import Database
from service.demo.records import LINKED, fill
from service.facts import COUNTY_TIME, day_of
from service.history import By
from service.records.devices import Filter, list_devices, pick_devices
from service.records.dues import list_dues
from service.records.inspections import Which, list_inspections
from service.records.policies import find_gaps
from service.records.ready import readiness_of
from service.records.sites import list_sites

DAYS = {
    "sqlite": dt.datetime(2026, 11, 22, 10, tzinfo=COUNTY_TIME),
    "postgresql": dt.datetime(2032, 3, 1, 0, 10, tzinfo=COUNTY_TIME),
}
EXPECTED = {
    "READY": {"D01", "D03", "D05", "D07", "D09", "bus"},
    "EXPIRING": {"D02", "D11"},
    "UNKNOWN": {"D06", "D12"},
    "NOT_READY": {"D04", "D08", "D10", "old", "planned"},
}


@dataclass
class Filled:
    """A database with the demo county's records of a day, and their links."""

    database: Database
    at: dt.datetime
    links: dict[str, str]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request, tmp_path_factory):
    maker = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgresql")
    with closing(Database(maker.make(tmp_path_factory.mktemp("demo")))) as database:
        yield Filled(database, DAYS[request.param], fill(database, at=DAYS[request.param]))


def test_the_demo_county_is_alive_on_any_day_and_its_links_let_in(filled: Filled):
    database, at = filled.database, filled.at
    with database.session(By(None, "command", at)) as session:
        devices = pick_devices(session, Filter())
        states = readiness_of(session, devices, day_of(at))
        named = {(device.external_ids or {}).get("demo") or device.status for device in devices}
        assert named == {*(f"D{n:02d}" for n in range(1, 13)), "active", "retired", "planned"}
        found: dict[str, set[str]] = {}
        for device, state in zip(devices, states, strict=True):
            name = (device.external_ids or {}).get("demo") or {"active": "bus", "retired": "old"}.get(device.status)
            found.setdefault(state.state, set()).add(name or device.status)
        assert found == EXPECTED
        checks = list_inspections(session, Which(), most=1000)
        assert len(checks) > 150
        assert min(check.at for check in checks) < at - dt.timedelta(days=330)
        assert max(check.at for check in checks) > at - dt.timedelta(days=2)
        assert [check.flags for check in checks if check.flags] == [["far"]]
        assert {due.rule_id for due in list_dues(session, day_of(at))} >= {"pads", "check", "defect", "agreement"}
        gaps = find_gaps(session, day_of(at))
        assert (len(gaps.devices), len(gaps.events)) == (3, 1)
        assert {site.stage for site in list_sites(session)} == {"standing", "agreed"}
        codes = [row["public_code"] for row in list_devices(session, Filter(), ["public_code", "id"])]
    assert len(set(codes)) == 15
    assert codes == SEEN.setdefault("codes", codes), "the same seed makes the same codes, on any day"
    with pytest.raises(InputError, match="holds records already"):
        fill(database, at=at)
    assert tuple(filled.links) == LINKED


SEEN: dict[str, list[str]] = {}


def test_the_command_prints_one_link_for_each_role_and_each_lets_in_once(tmp_path, monkeypatch, capsys):
    from service.settings import read_settings

    given = {"AEDPLAN_DATA": str(tmp_path), "AEDPLAN_PLAN": str(tmp_path)}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert main(["init", "--demo"]) == 0
    said = capsys.readouterr().out
    links = dict(re.findall(r"^(\w+) +http://127.0.0.1:8000/in#(\S+)$", said, re.MULTILINE))
    assert tuple(links) == LINKED
    assert main(["init", "--demo"]) == 2
    assert "holds records already" in capsys.readouterr().err
    settings = read_settings(given)
    assert len(links) == len(set(links.values())) == 5
    from service.accounts import use_link
    from service.db import now
    from service.errors import ServiceError

    database = Database(settings)
    for role, token in links.items():
        with database.session(By(None, "self", now())) as session:
            assert use_link(session, token).role == role
        with pytest.raises(ServiceError), database.session(By(None, "self", now())) as session:
            use_link(session, token)
    database.close()
    assert main(["link", "office", "Manager"]) == 0
    fresh = re.findall(r"/in#(\S+)$", capsys.readouterr().out, re.MULTILINE)
    with database.session(By(None, "self", now())) as session:
        assert [use_link(session, token).role for token in fresh] == ["office", "manager"]
    assert main(["link", "office", "nobody"]) == 2
    assert "no account named nobody" in capsys.readouterr().err


def test_a_study_can_be_made_from_the_records_as_they_are(filled: Filled, tmp_path):
    from aedplan import read_sites
    from aedplan.outputs import write_csv
    from service.records.studies import SITE_HEADER, device_rows, site_rows

    with filled.database.session(By(None, "planner", filled.at)) as session:
        tables = {"devices": device_rows(session), "sites": site_rows(session)}
    for name, rows in tables.items():
        write_csv(tmp_path / f"{name}.csv", SITE_HEADER, rows)
        sites = read_sites(tmp_path / f"{name}.csv", crs="wgs84", standing=name == "devices")
        assert len(sites) == len(rows) > 0
        assert (sites.cost > 0).all()
