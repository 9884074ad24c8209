"""GET /static/...: styles, scripts and drawings of the pages, each by its language, kept for a year under its checksum."""

from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

import aedplan
from aedplan.look import AED_SIGN, colour, css_variables

from ..bodies import Body, answer, make_body
from ..errors import error_of_status
from .catalog import LANGUAGES, Language, localise

router = APIRouter(include_in_schema=False)

HERE = Path(__file__).parent / "static"
VENDOR = Path(aedplan.__file__).parent / "assets"
"""Scripts and styles of others, which the set-up fetches."""
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
TOKENS_GO_INTO = "base.css"


@router.get("/static/{language}/{name}")
def static_file(request: Request, language: str, name: str) -> Response:
    """A file of the pages; under its present checksum it may be kept for a year."""
    if language not in LANGUAGES or name not in _files():
        raise error_of_status(404)
    body = file_body(name, language)  # type: ignore[arg-type]
    kept = request.query_params.get("v") == _version(body)
    return answer(request, body, {"Cache-Control": "public, max-age=31536000, immutable"} if kept else None)


@router.get("/favicon.ico")
def icon(request: Request) -> Response:
    """The sign of a device, for the browser's tab."""
    return answer(request, _icon_body(), {"Cache-Control": "public, max-age=86400"})


def static(name: str, language: Language) -> str:
    """The address of a file of the pages, with its checksum."""
    return f"/static/{language}/{name}?v={_version(file_body(name, language))}"


def _version(body: Body) -> str:
    return body.tag[3:15]


@cache
def _files() -> dict[str, Path]:
    return {path.name: path for folder in (VENDOR, HERE) for path in folder.iterdir() if path.suffix in TYPES}


@cache
def file_body(name: str, language: Language) -> Body:
    """A file as it is sent: styles with the shared tokens before them, scripts with their words in one language."""
    path = _files()[name]
    content = path.read_bytes()
    if name == TOKENS_GO_INTO:
        content = css_variables().encode() + b"\n" + content
    elif path.suffix == ".js" and path.parent == HERE:
        content = localise(content.decode(), language).encode()
    return make_body(content, TYPES[path.suffix])


@cache
def _icon_body() -> Body:
    sign = AED_SIGN.replace("var(--sign-mark)", colour("sign-mark")).replace("var(--sign)", colour("sign"))
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{sign}<use href="#aed-sign"/></svg>'
    return make_body(drawing.encode(), "image/svg+xml")
