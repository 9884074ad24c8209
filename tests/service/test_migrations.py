"""The tables: made, taken down, and the same as the program's, on both databases."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from aedplan import InputError
from service import migrations
from service.db import Database
from service.tables import Base, Fact


def writing(database: Database):
    return database.engine.execution_options(writes=True).begin()


def test_migrated_tables_are_those_of_the_program(database):
    with writing(database) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_step_goes_down_and_up_again(database):
    steps = [step.revision for step in ScriptDirectory(migrations.__path__[0]).walk_revisions()]
    assert steps[0] == migrations.HEAD
    for target in (*steps[1:], "base"):
        with writing(database) as connection:
            migrations.downgrade(connection, target)
    with writing(database) as connection:
        assert set(sa.inspect(connection).get_table_names()) == {"alembic_version"}
    for target in reversed(steps):
        with writing(database) as connection:
            migrations.upgrade(connection, target)
            assert migrations.revision(connection) == target


def test_the_database_checks_the_words_of_a_choice(database):
    with pytest.raises(sa.exc.IntegrityError), writing(database) as connection:
        connection.exec_driver_sql(
            "INSERT INTO organisation (id, version, name, kind, credit_code, address, duty_phone)"
            " VALUES ('a', 1, 'x', 'circus', '', '', '')"
        )


def test_free_text_is_never_null_so_that_a_table_survives_csv():
    for table in Base.metadata.tables.values():
        for column in table.columns:
            free = isinstance(column.type, sa.Text) and not isinstance(column.type, sa.Enum)
            assert not (free and column.nullable), column


def test_what_is_written_once_is_never_logged_with_its_content_and_has_no_version():
    for mapper in Base.registry.mappers:
        if issubclass(mapper.class_, Fact):
            assert "version" not in mapper.columns


def test_old_tables_say_what_to_run(database):
    with writing(database) as connection:
        migrations.downgrade(connection, "0002")
    with pytest.raises(InputError, match=r"version 0002.*python -m service upgrade"):
        database.check_schema()
    with writing(database) as connection:
        migrations.downgrade(connection)
    with pytest.raises(InputError, match="python -m service init"):
        database.check_schema()
