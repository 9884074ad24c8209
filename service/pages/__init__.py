"""The routes that answer with pages: the plan's map and report, the list of devices, styles and scripts."""

from functools import cache, lru_cache
from pathlib import Path

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from aedplan.look import AED_SIGN, colour, css_variables
from aedplan.words import KINDS_EN

from ..bodies import Body, answer, make_body
from ..errors import ServiceError, error_of_status
from ..published import Place, Published
from .words import WORDS, Language

router = APIRouter(include_in_schema=False)

_HERE = Path(__file__).parent
_templates = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True)

STRICT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
INLINE_POLICY = STRICT_POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'").replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)
"""For the plan's map and report, which hold their scripts and styles within; still no other host is asked."""

_FILES = {
    "devices.css": "text/css; charset=utf-8",
    "nearest.js": "text/javascript; charset=utf-8",
    "sign_in.js": "text/javascript; charset=utf-8",
}


@router.get("/")
def map_page(request: Request) -> Response:
    """The plan's map, as it was written."""
    return answer(request, _current(request).map, {"Content-Security-Policy": INLINE_POLICY})


@router.get("/report")
def report_page(request: Request) -> Response:
    """The plan's report, as it was written."""
    return answer(request, _current(request).report, {"Content-Security-Policy": INLINE_POLICY})


@router.get("/devices")
def devices_page(request: Request) -> Response:
    """The devices by name; complete without a script."""
    return answer(request, _devices_body(_current(request), language_of(request)))


@router.get("/favicon.ico")
def icon(request: Request) -> Response:
    """The sign of a device, for the browser's tab."""
    return answer(request, _icon_body())


@router.get("/static/{name}")
def static_file(request: Request, name: str) -> Response:
    """A style or script of the pages."""
    if name not in _FILES:
        raise error_of_status(404)
    return answer(request, _file_body(name))


def error_page(request: Request, error: ServiceError) -> Response:
    """What went wrong, as a small page."""
    language = language_of(request)
    message = error.message_en if language == "en" else error.message_zh
    page = render("error.html", message=message, **common(language))
    return HTMLResponse(page, status_code=error.status, headers={"Cache-Control": "no-store"})


@lru_cache(maxsize=2)
def _devices_body(published: Published, language: Language) -> Body:
    page = render(
        "devices.html",
        devices=sorted(published.devices, key=by_name),
        synthetic=published.summary["synthetic"],
        attribution=published.attribution,
        kinds_en=KINDS_EN,
        **common(language),
    )
    return make_body(page.encode(), "text/html; charset=utf-8")


def by_name(place: Place) -> tuple[bytes, str]:
    """Sorts common Chinese characters by their pinyin, the order in which GB 2312 numbers them."""
    return place.label.encode("gb18030", errors="replace"), place.id


@cache
def _file_body(name: str) -> Body:
    content = (_HERE / name).read_text(encoding="utf-8")
    return make_body((css_variables() + "\n" + content if name.endswith(".css") else content).encode(), _FILES[name])


@cache
def _icon_body() -> Body:
    sign = AED_SIGN.replace("var(--sign-mark)", colour("sign-mark")).replace("var(--sign)", colour("sign"))
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{sign}<use href="#aed-sign"/></svg>'
    return make_body(drawing.encode(), "image/svg+xml")


def render(template: str, /, **values: object) -> str:
    """A page from its template."""
    return _templates.get_template(template).render(**values)


def common(language: Language) -> dict[str, object]:
    """What every page needs."""
    return {"words": WORDS[language], "language": language, "sign": AED_SIGN}


def language_of(request: Request) -> Language:
    """The language that was asked for, Chinese unless it is English."""
    return "en" if request.query_params.get("lang") == "en" else "zh"


def _current(request: Request) -> Published:
    published: Published = request.app.state.shelf.current()
    return published
