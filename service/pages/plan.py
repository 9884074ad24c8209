"""The pages of the published plan: its map and report as they were written, and its devices as a list."""

from functools import lru_cache

from fastapi import APIRouter, Request, Response

from aedplan.words import KINDS_EN

from ..bodies import Body, answer, make_body
from ..published import Place, Published
from .catalog import Language
from .shell import INLINE_POLICY, language_of, other_language, render

router = APIRouter(include_in_schema=False)


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
    return answer(request, _devices_body(_current(request), language_of(request), other_language(request)))


@lru_cache(maxsize=8)
def _devices_body(published: Published, language: Language, here: str) -> Body:
    content = render(
        "devices.html",
        language,
        devices=sorted(published.devices, key=by_name),
        synthetic=published.summary["synthetic"],
        attribution=published.attribution,
        kinds_en=KINDS_EN,
        here=here,
        visitor=None,
    )
    return make_body(content.encode(), "text/html; charset=utf-8")


def by_name(place: Place) -> tuple[bytes, str]:
    """Sorts common Chinese characters by their pinyin, the order in which GB 2312 numbers them."""
    return place.label.encode("gb18030", errors="replace"), place.id


def _current(request: Request) -> Published:
    published: Published = request.app.state.shelf.current()
    return published
