"""The application: routes, the headers on every answer, and what is said when something goes wrong."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict

from anyio import to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .api import devices, health, nearest, ogc, places, plan, walks, week
from .api.examples import add_examples
from .channels import make_channels
from .errors import ServiceError, error_of_status
from .inspections.rules import FormError
from .later import Later, WaitsForTheRest
from .limits import LimitedBodies, SignInLimits
from .mapping.basemaps import Basemaps
from .mapping.tile_services import tile_service
from .pages import basemap, device_page, emergency, files, shell
from .pages import map as map_pages
from .pages import plan as plan_pages
from .planning.run_folders import RUNS
from .public.now import PublicList
from .public.small_photos import SmallPhotos
from .published import PUBLISHED, Shelf
from .settings import Settings, data_folder, has_records

DESCRIPTION = "已发布方案的只读接口。坐标一律为 WGS-84 经度、纬度。A published plan, read only. Coordinates are WGS-84."

HEADERS = {
    "Content-Security-Policy": shell.STRICT_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}

LONGEST_NAME = 100

_log = logging.getLogger(__name__)


def make_app(settings: Settings, *, rooms_later: bool = False) -> FastAPI:
    """The application for one plan folder, with the records' routes where records are kept.

    rooms_later  begin to serve before those routes have been read in

    Raises InputError when the folder cannot be served.
    """
    app = FastAPI(
        title="aedplan",
        version="1",
        description=DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # the usual pages load their scripts from hosts outside
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.shelf = Shelf(settings.plan, data_folder(settings) / PUBLISHED)
    app.state.basemaps = Basemaps(app.state.shelf, data_folder(settings))
    app.state.tile_service = theirs = tile_service(
        settings.basemap or "own", key=settings.basemap_key, approval=settings.basemap_approval
    )
    pages = (files, emergency, device_page, basemap, map_pages, plan_pages)
    # nearest first, and as a route of our own: routes are tried one after the other, and somebody may be dying
    app.router.routes.extend(nearest.router.routes)
    for room in (*pages, devices, plan, walks, places, health, ogc, week):
        app.include_router(room.router)
    app.state.public = PublicList(app.state.shelf.current, data_folder(settings))
    app.state.small_photos = SmallPhotos(data_folder(settings))
    app.state.database = app.state.reminding = app.state.jobs = app.state.later = None
    if has_records(settings):
        _add_records(app, settings)
        if rooms_later:
            app.state.later = Later(lambda: _add_rooms(app))
            app.add_middleware(WaitsForTheRest, whole=app, later=app.state.later)
        else:
            _add_rooms(app)
    add_examples(app)
    app.add_middleware(LimitedBodies)
    app.add_middleware(EveryAnswer, policy=shell.policy_with(theirs.hosts if theirs else ()))
    app.add_exception_handler(ServiceError, _say)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _say_invalid)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _say_status)  # type: ignore[arg-type]
    app.add_exception_handler(Exception, _say_failure)
    return app


def _add_records(app: FastAPI, settings: Settings) -> None:
    """The database of the records; its libraries are read only where there is one."""
    from .db import Database
    from .jobs import Jobs
    from .records.public import PublicRecords
    from .reminding import Reminding

    app.state.database = Database(settings)
    app.state.database.check_start()
    records = PublicRecords(app.state.database)
    app.state.public = PublicList(app.state.shelf.current, data_folder(settings), records)
    app.state.limits = SignInLimits()
    app.state.public_url = settings.public_url
    channels = make_channels(settings)
    app.state.reminding = Reminding(app.state.database, channels) if channels else None
    app.state.jobs = Jobs(app.state.database, data_folder(settings).absolute() / RUNS, settings.scheduler)


def _add_rooms(app: FastAPI) -> None:
    """The routes of the records."""
    from .api.rooms import ROOMS
    from .pages import checks, device_report, office, plans, prints, sign_in

    for room in (*ROOMS, sign_in, device_report, checks, prints, office, plans):
        app.include_router(room.router)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Reminds and works on runs while the service runs; lets go of the database when it stops."""
    reminding = app.state.reminding
    if reminding is not None:
        reminding.start()
    if app.state.jobs is not None:
        await to_thread.run_sync(app.state.jobs.start)
    if app.state.tile_service is None:
        app.state.basemaps.start()
    if app.state.later is not None:
        app.state.later.begin_soon()
    yield
    app.state.basemaps.stop()
    if reminding is not None:
        await to_thread.run_sync(reminding.stop)
    if app.state.jobs is not None:
        await to_thread.run_sync(app.state.jobs.close)
    if app.state.database is not None:
        await to_thread.run_sync(app.state.public.stop)
        app.state.database.close()


class EveryAnswer:
    """Puts the headers on every answer, where the route did not set its own; answers HEAD as GET, and /x/ as /x."""

    def __init__(self, app: ASGIApp, policy: str = shell.STRICT_POLICY) -> None:
        self.app = app
        self.headers = HEADERS | {"Content-Security-Policy": policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            elif scope["method"] == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        path = scope["path"].rstrip("/") or "/"
        await self.app({**scope, "method": method, "path": path}, receive, with_headers)


class InvalidError(ServiceError):
    """What was sent is not of the right shape; `faults`: where, which kind of fault, and words, for a form to show."""

    def __init__(self, message_zh: str, message_en: str, faults: list[dict[str, str]]) -> None:
        super().__init__(422, message_zh, message_en)
        self.faults = faults


def _say(request: Request, error: ServiceError) -> Response:
    if request.url.path.startswith(("/api/", "/health", "/ogc")):
        content: dict[str, object] = {
            "status": error.status, "message_zh": error.message_zh, "message_en": error.message_en
        }  # fmt: skip
        if isinstance(error, FormError):  # the client shows each fault at its item
            content["faults"] = [asdict(fault) for fault in error.faults]
        elif isinstance(error, InvalidError):
            content["faults"] = error.faults
        return JSONResponse(content, status_code=error.status, headers={"Cache-Control": "no-store"})
    if error.status == 401 and request.method in ("GET", "HEAD") and request.app.state.database is not None:
        asked = shell.own_path(f"{request.url.path}?{request.url.query}".rstrip("?"))
        return RedirectResponse(shell.url("/in", shell.language_of(request), next=asked), status_code=303)
    return shell.error_page(request, error)


def _say_invalid(request: Request, error: RequestValidationError) -> Response:
    """All that is wrong with what was sent, and where; nothing of what was sent is said again."""
    places = [(_place(fault["loc"]), str(fault["msg"])) for fault in error.errors()]
    words = "; ".join(f"{place}: {message}" for place, message in places)
    faults = [
        {"place": place.removeprefix("body."), "kind": str(fault["type"]), "message": message}
        for (place, message), fault in zip(places, error.errors(), strict=True)
    ]
    return _say(request, InvalidError(f"填写有误：{words}", words, faults))


def _place(parts: tuple[str | int, ...]) -> str:
    """Where a fault lies; a name that somebody sent may be anything."""
    return ".".join(str(part)[:LONGEST_NAME] for part in parts).encode("utf-8", "replace").decode()


def _say_status(request: Request, error: HTTPException) -> Response:
    status = 422 if error.status_code == 400 else error.status_code  # a body that nothing could be read from
    response = _say(request, error_of_status(status))
    response.status_code = status
    response.headers.update(error.headers or {})
    return response


def _say_failure(request: Request, error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    response = _say(request, error_of_status(500))
    response.headers.update(HEADERS)  # this answer is made outside EveryAnswer
    return response
