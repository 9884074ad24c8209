"""A program to be killed: for each line that it reads it forks a writer, which adds pairs of records and says so.

The pair is one transaction, so that one without the other would be a half. Numbers are told only once committed.
"""

import datetime as dt
import os
import sys
from pathlib import Path

from databases import settings_of

from service.db import Database
from service.history import By
from service.tables import Organisation, Site

AT = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
MOST = 500


def write(data: str, url: str, round_: str) -> None:
    """Write pairs until killed."""
    database = Database(settings_of(Path(data), url))
    for number in range(MOST):
        name = f"{round_}-{number}"
        with database.session(By(None, "test", AT)) as session:
            session.add(Organisation(name=name, kind="school"))
            session.flush()
            session.add(Site(name=name))
        os.write(1, f"{name}\n".encode())


def main() -> None:
    """Fork a writer for each line read; say its number, and when it has ended."""
    data, url = sys.argv[1:]
    while round_ := sys.stdin.readline().strip():
        pid = os.fork()
        if pid == 0:
            write(data, url, round_)
            os._exit(0)
        os.write(1, f"pid {pid}\n".encode())
        os.waitpid(pid, 0)
        os.write(1, b"ended\n")


if __name__ == "__main__":
    main()
