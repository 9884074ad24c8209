"""python -m service with one route more: GET /empty, which answers `{}`. All that every request passes it passes, too.

It is an ordinary route of the app that is tried before all others, runs in no thread and makes nothing, so that no route of
the app can be faster.
"""

import sys

from fastapi import FastAPI, Response

from service import app, serving
from service.__main__ import main
from service.settings import Settings


async def empty() -> Response:
    """Nothing."""
    return Response(b"{}", media_type="application/json")


def make_app(settings: Settings, *, rooms_later: bool = False) -> FastAPI:
    """The application of the service, and the empty route before its own."""
    made = app.make_app(settings, rooms_later=rooms_later)
    made.add_api_route("/empty", empty)
    made.router.routes.insert(0, made.router.routes.pop())
    return made


if __name__ == "__main__":
    serving.make_app = make_app
    sys.exit(main())
