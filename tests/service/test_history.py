"""The log: every write leaves its line, nothing is written without one, and nothing in it can be changed."""

import datetime as dt

import pytest
import sqlalchemy as sa

from service.errors import ServiceError
from service.history import By, as_of, history
from service.tables import Base, Change, Device, DeviceStep, Inspection, Organisation, Person, SignIn, Site, SiteKeeper

AT = dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)
BY = By("a1", "office", AT, "why")


def lines(database) -> list[Change]:
    with database.session() as session:
        return list(session.scalars(sa.select(Change).order_by(Change.id)))


def test_adding_changing_and_removing_leave_who_when_before_and_after(database):
    with database.session(BY) as session:
        site = Site(name="小学", residents=7)
        session.add(site)
    with database.session(By(None, "machine", AT + dt.timedelta(days=1))) as session:
        session.get(Site, site.id).residents = 8
    added, changed = lines(database)
    assert (added.verb, added.kind, added.record_id, added.account_id, added.role, added.at, added.note) == (
        "add", "site", site.id, "a1", "office", AT, "why",
    )  # fmt: skip
    assert added.before == {}
    assert (added.after["name"], added.after["residents"], added.after["stage"]) == ("小学", 7, "standing")
    assert (changed.verb, changed.before, changed.after) == ("change", {"residents": 7}, {"residents": 8})
    assert changed.account_id is None
    with database.session(BY) as session:
        session.delete(session.get(Site, site.id))
    assert lines(database)[-1].before["residents"] == 8


def test_a_record_can_be_seen_as_it_was(database):
    with database.session(BY) as session:
        site = Site(name="old")
        session.add(site)
    with database.session(By(None, "x", AT + dt.timedelta(days=2))) as session:
        session.get(Site, site.id).name = "new"
    with database.session() as session:
        told = history(session, session.get(Site, site.id))
    names = [as_of(told, AT + dt.timedelta(days=days)).get("name") for days in (-1, 0, 1, 2)]
    assert names == [None, "old", "old", "new"]


def test_what_stays_the_same_leaves_no_line(database):
    with database.session(BY) as session:
        site = Site(name="same")
        session.add(site)
    with database.session(BY) as session:
        session.get(Site, site.id).name = "same"
    assert len(lines(database)) == 1


def test_nobody_writes_without_a_name(database):
    with pytest.raises(RuntimeError, match="who writes"), database.session(writes=True) as session:
        session.add(Site(name="anonymous"))  # flushed when the session is committed


def test_no_statement_writes_past_the_log(database):
    for statement in (sa.update(Site).values(name="x"), sa.delete(Site)):
        with pytest.raises(RuntimeError, match="record by record"), database.session(BY) as session:
            session.execute(statement)
    with database.session(BY) as session:
        session.execute(sa.update(SignIn).values(browser="x"))


def test_what_is_sealed_is_named_in_the_log_and_not_told(database):
    with database.session(BY) as session:
        session.add(Person(name_sealed=session.safe.seal("王小明"), roles=[]))
    line = lines(database)[0]
    assert (line.after["name_sealed"], line.after["phone_sealed"]) == ("***", "")


@pytest.mark.parametrize("table", ["change", "inspection", "device_step"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = 'other'", "DELETE FROM {}"])
def test_what_was_written_once_can_neither_be_changed_nor_removed(database, table, statement):
    with database.session(BY) as session:
        device = Device(public_code="A")
        session.add(device)
        session.flush()
        session.add(DeviceStep(device_id=device.id, at=AT, status="planned"))
        session.add(
            Inspection(
                device_id=device.id, kind="daily", at=AT, received_at=AT, items={}, overall="pass", client_uuid="u"
            )
        )
    with (
        pytest.raises(sa.exc.IntegrityError, match="append-only"),
        database.engine.execution_options(writes=True).begin() as connection,
    ):
        connection.exec_driver_sql(statement.format(table))


def test_of_two_who_change_a_record_at_once_the_second_is_told(database):
    with database.session(BY) as session:
        site = Site(name="one")
        session.add(site)

    def too_late() -> None:
        with database.session(BY) as session:
            mine = session.get(Site, site.id)
            session.connection().exec_driver_sql("UPDATE site SET version = 2")  # as somebody faster would have
            mine.name = "two"

    with pytest.raises(ServiceError) as caught:
        too_late()
    assert caught.value.status == 409


def test_a_record_cannot_name_one_that_is_not_there(database):
    with pytest.raises(ServiceError) as caught, database.session(BY) as session:
        session.add(SiteKeeper(account_id="nobody", site_id="nowhere"))
    assert caught.value.status == 409


def test_instants_come_back_in_utc_and_without_a_zone_are_refused(database):
    shanghai = dt.timezone(dt.timedelta(hours=8))
    with database.session(BY) as session:
        device = Device(public_code="B", remote_seen_at=dt.datetime(2026, 11, 22, 8, 0, 0, 7, tzinfo=shanghai))
        session.add(device)
    with database.session() as session:
        seen = session.get(Device, device.id).remote_seen_at
    assert (seen.isoformat(), seen.tzinfo) == ("2026-11-22T00:00:00.000007+00:00", dt.UTC)
    with pytest.raises(sa.exc.StatementError, match="time zone"), database.session(BY) as session:
        session.add(Device(public_code="C", remote_seen_at=dt.datetime(2026, 11, 22)))


def test_every_table_that_can_change_is_logged_but_those_of_the_day():
    quiet = {mapper.local_table.name for mapper in Base.registry.mappers if not mapper.class_.logged}
    assert quiet == {"change", "sign_in", "one_time_link", "notice", "device_looks"}


def test_related_records_are_never_fetched_by_accident(database):
    with database.session(BY) as session:
        session.add(Organisation(name="x", kind="school"))
        session.add(Device(public_code="D"))
    with database.session() as session:
        device = session.scalars(sa.select(Device)).one()
        with pytest.raises(sa.exc.InvalidRequestError):
            _ = device.pads
