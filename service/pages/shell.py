"""What all pages share: templates, words, addresses that keep the language, policies, the page of an error."""

from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from aedplan.look import AED_SIGN

from ..errors import ServiceError
from .catalog import Language, translator
from .files import static

STRICT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
INLINE_POLICY = STRICT_POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'").replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)
"""For the plan's map and report, which hold their scripts and styles within; still no other host is asked."""


def policy_with(hosts: tuple[str, ...]) -> str:
    """The strict policy, which lets pictures come from some hosts besides our own address.

    >>> "img-src 'self' data: blob: https://t0.example;" in policy_with(("https://t0.example",))
    True
    """
    return STRICT_POLICY.replace("img-src 'self' data: blob:", " ".join(("img-src 'self' data: blob:", *hosts)))


HTML_LANG: dict[Language, str] = {"zh": "zh-CN", "en": "en"}


def language_of(request: Request) -> Language:
    """The language that was asked for, Chinese unless it is English."""
    return "en" if request.query_params.get("lang") == "en" else "zh"


def url(path: str, language: Language, **query: object) -> str:
    """An address of our own that keeps the language; queries that are None or empty are left out.

    >>> url("/office", "en", page=2, town="")
    '/office?page=2&lang=en'
    """
    given = {name: value for name, value in query.items() if value not in (None, "")}
    given |= {"lang": "en"} if language == "en" else {}
    return path + (f"?{urlencode(given)}" if given else "")


@cache
def _templates(language: Language) -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "_": translator(language),
        "language": language,
        "html_lang": HTML_LANG[language],
        "url": lambda path, **query: url(path, language, **query),
        "static": lambda name: static(name, language),
        "sign": AED_SIGN,
    }
    return made


def render(template: str, language: Language, /, **values: object) -> str:
    """A page from its template."""
    return _templates(language).get_template(template).render(**values)


def page(request: Request, template: str, /, *, status: int = 200, **values: object) -> HTMLResponse:
    """An answer with a page in the language asked for, not kept by caches.

    Templates know `_`, `url`, `static`, `language`, and `here`: the address asked for, in the other language.
    """
    language = language_of(request)
    content = render(template, language, **{"here": other_language(request), "visitor": None, **values})
    return HTMLResponse(content, status_code=status, headers={"Cache-Control": "no-store"})


def other_language(request: Request) -> str:
    """The address asked for, in the other language."""
    query = {name: value for name, value in request.query_params.items() if name != "lang"}
    return url(request.url.path, "zh" if language_of(request) == "en" else "en", **query)


def own_path(address: str) -> str:
    """An address to go on to, when it is one of ours; else nothing.

    >>> own_path("/office?town=a"), own_path("//elsewhere.example"), own_path("https://elsewhere.example/")
    ('/office?town=a', '', '')
    """
    ours = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if ours and address.isprintable() else ""


def error_page(request: Request, error: ServiceError) -> HTMLResponse:
    """What went wrong, as a small page."""
    message = error.message_en if language_of(request) == "en" else error.message_zh
    return page(request, "error.html", status=error.status, message=message)
