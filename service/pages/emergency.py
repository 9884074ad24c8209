"""The page of an emergency: what to do, the nearest usable device, all devices by town. It needs no script and no database.

GET / is made from the public list; it may be kept by a cache until some device opens or closes, so that it is there for a
time without a network even where a browser knows no service worker. /worker.js keeps it longer.
"""

import datetime as dt
from collections.abc import Callable
from functools import lru_cache, partial

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from aedplan.look import colour

from ..api import Current
from ..api.devices import Public
from ..bodies import Body, answer, json_body, make_body
from ..facts import COUNTY_TIME, day_of
from ..line_factor import line_factor
from ..public.now import DeviceNow, PublicNow, this_instant
from ..public.opening import told_until
from ..public.state import TAKEN_FOR
from ..published import Published
from .catalog import LANGUAGES, Language, translator
from .files import file_body, static
from .shell import HTML_LANG, language_of, other_language, render, url

router = APIRouter(include_in_schema=False)

LONGEST_KEPT_S = 900
"""So long a browser may show the page without asking again, at most: somebody may have taken a device meanwhile."""

A_WEEK_S = 7 * 86_400
FEW = 30
"""Up to so many devices all towns are unfolded."""

SHELL = (
    "base.css", "emergency.css", "base.js", "devices.js", "place.js", "walk.js", "report.js", "beat.js", "emergency.js",
    "device.js",
)  # fmt: skip
"""What the two public pages need; the worker keeps it."""


@router.get("/")
def emergency_page(request: Request, published: Current, known: Public) -> Response:
    """The page, made again at every change of the list."""
    body = _body(known, published, language_of(request), other_language(request))
    return answer(request, body, {"Cache-Control": kept_for(known, this_instant())})


def kept_for(known: PublicNow, at: dt.datetime) -> str:
    """How long caches may show the list from an instant on: until the state of a device changes by the clock."""
    turns = [dt.datetime.fromisoformat(device.until) for device in known.devices if device.until]
    left = min((int((turn - at).total_seconds()) for turn in turns), default=LONGEST_KEPT_S)
    kept = max(0, min(left, LONGEST_KEPT_S))
    return f"public, max-age={kept}, stale-while-revalidate={A_WEEK_S}, stale-if-error={A_WEEK_S}"


@lru_cache(maxsize=8)
def _body(known: PublicNow, published: Published, language: Language, here: str) -> Body:
    content = render(
        "emergency.html",
        language,
        **list_values(known, published, language),
        towns=by_town(known.devices),
        few=len(known.devices) <= FEW,
        here=here,
        visitor=None,
    )
    return make_body(content.encode(), "text/html; charset=utf-8")


def list_values(known: PublicNow, published: Published, language: Language) -> dict[str, object]:
    """What templates need to show devices of the list."""
    return {
        "said": partial(said, language),
        "spans": spans,
        "taken": taken_until(known),
        "foreign": Markup("" if language == "zh" else f' lang="{HTML_LANG["zh"]}"'),
        "as_of": known.as_of.isoformat(),
        "as_of_words": f"{known.as_of.astimezone(COUNTY_TIME):%Y-%m-%d %H:%M}",
        "told": told_until(day_of(known.as_of)).isoformat(),
        "speed": published.circle.speed,
        "line_factor": line_factor(published),
        "stale": known.stale,
        "synthetic": published.summary["synthetic"],
        "attribution": published.attribution,
        "reports": known.source == "records",
    }


def said(language: Language, device: DeviceNow, what: str) -> str:
    """What a device says of itself in a language, Chinese where there is no English."""
    zh, en = str(getattr(device, f"{what}_zh")), str(getattr(device, f"{what}_en"))
    return (en or zh) if language == "en" else zh


def spans(device: DeviceNow) -> str:
    """When a device can be reached, as "start+length" in minutes since 1970.

    A fifth of the size of the same instants written out, in a page that slow networks must carry.
    """
    pairs = [
        [int(dt.datetime.fromisoformat(instant).timestamp()) // 60 for instant in one] for one in device.open or ()
    ]
    return " ".join(f"{first}+{last - first}" for first, last in pairs)


def taken_until(known: PublicNow) -> dict[str, int]:
    """Until when a device that somebody says to have taken is believed to be away, in minutes since 1970, by its code."""
    said = {card.code: card.condition.taken_at for card in known.cards}
    return {
        code: int((at + TAKEN_FOR).timestamp()) // 60
        for code, at in said.items()
        if at and at + TAKEN_FOR > known.as_of
    }


def by_town(devices: tuple[DeviceNow, ...]) -> list[tuple[str, list[DeviceNow]]]:
    """Devices by town and name, in the order of pinyin; those of no town last."""
    towns: dict[str, list[DeviceNow]] = {}
    for device in sorted(devices, key=lambda device: (in_order(device.label), device.code)):
        towns.setdefault(device.town, []).append(device)
    return sorted(towns.items(), key=lambda town: (not town[0], in_order(town[0])))


def in_order(name: str) -> bytes:
    """Sorts common Chinese characters by their pinyin, the order in which GB 2312 numbers them."""
    return name.encode("gb18030", errors="replace")


@router.get("/devices")
def former_page(request: Request) -> Response:
    """The list was here once; signs and bookmarks may still say so."""
    return Response(status_code=308, headers={"Location": url("/", language_of(request))})


@router.get("/worker.js")
def worker(request: Request) -> Response:
    """The service worker, which may look after all public pages."""
    return answer(request, _worker_body(), {"Service-Worker-Allowed": "/"})


@lru_cache(maxsize=1)
def _worker_body() -> Body:
    addresses = [static(name, language) for language in LANGUAGES for name in SHELL]
    pages = [url(path, language) for path in ("/", "/app.webmanifest") for language in LANGUAGES]
    head = json_body({"files": addresses, "pages": pages}, "").plain.decode()
    script = file_body("worker.js", "zh").plain.decode()
    return make_body(f"const SHELL = {head};\n{script}".encode(), "text/javascript; charset=utf-8")


@router.get("/app.webmanifest")
def manifest(request: Request) -> Response:
    """How a phone shows the page among its programs."""
    return answer(request, _manifest_body(language_of(request)), {"Cache-Control": "public, max-age=86400"})


@lru_cache(maxsize=2)
def _manifest_body(language: Language) -> Body:
    _: Callable[..., str] = translator(language)
    content = {
        "name": _("身边的 AED"),
        "short_name": "AED",
        "lang": HTML_LANG[language],
        "start_url": url("/", language),
        "scope": "/",
        "display": "minimal-ui",
        "background_color": colour("paper"),
        "theme_color": colour("paper"),
        "icons": [{"src": "/favicon.ico", "type": "image/svg+xml", "sizes": "any"}],
    }
    return json_body(content, "application/manifest+json")
