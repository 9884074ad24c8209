"""Runs the service: takes the port, reads the plan, listens, and only then prints the address."""

import errno
import socket
from contextlib import suppress

import uvicorn

from aedplan import InputError

from .app import make_app
from .later import reading_in
from .settings import Settings


def serve(settings: Settings) -> None:
    """Serve until stopped.

    Raises InputError when the plan cannot be read or the address cannot be listened on.
    """
    with _bind(settings) as bound:
        # where people in need stand is nobody's business: no log of addresses asked for
        with reading_in():
            app = make_app(settings, rooms_later=True)
        config = uvicorn.Config(app, access_log=False, log_level="warning", server_header=False)
        with suppress(KeyboardInterrupt):
            _Server(config).run(sockets=[bound])


class _Server(uvicorn.Server):
    """Says where it listens once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            print(f"http://{f'[{host}]' if ':' in host else host}:{port}/", flush=True)


def _bind(settings: Settings) -> socket.socket:
    """A socket bound to the address of the settings."""
    where = f"{settings.host}:{settings.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise InputError(f"{where}: {error.strerror}; expected an address of this machine") from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        used = error.errno == errno.EADDRINUSE
        hint = "another program listens there; take another with --port (make: PORT=)" if used else f"{error.strerror}"
        raise InputError(f"{where}: cannot listen: {hint}") from error
    return bound
