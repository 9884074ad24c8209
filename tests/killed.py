"""A program to be killed: for each line that it reads it forks the real service, which says where it listens.

Forked from one that has loaded everything, twenty services start in the time of two.
"""

import os
import sys
from pathlib import Path

from databases import settings_of

from service.app import make_app
from service.serving import serve


def main() -> None:
    """Fork a service for each line read; say its number, then its address, and when it has ended."""
    data, url, plan = sys.argv[1:]
    settings = settings_of(Path(data), url, Path(plan))
    make_app(settings).state.database.close()  # loads what a service loads; no connection may be shared
    while sys.stdin.readline().strip():
        pid = os.fork()
        if pid == 0:
            serve(settings)
            os._exit(0)
        os.write(1, f"{pid}\n".encode())
        os.waitpid(pid, 0)
        os.write(1, b"ended\n")


if __name__ == "__main__":
    main()
