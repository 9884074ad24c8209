"""GET /d/CODE: the page of one device, behind the QR on its cabinet: is it usable, where exactly, how to use it.

The QR never opens anything, and the page needs no script and no database. A code that no device has leads on, not astray.
"""

from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse

from ..api import Current
from ..api.devices import Public
from ..bodies import answer, make_body
from ..public.now import DeviceNow, PublicNow, this_instant
from ..published import Published
from .catalog import Language, translator
from .emergency import kept_for, list_values
from .shell import language_of, other_language, page, render

router = APIRouter(include_in_schema=False)

LONGEST_CODE = 40


@router.get("/d/{code}")
def device_page(request: Request, code: str, published: Current, known: Public) -> Response:
    """The page of the device with this code, however it was typed; a helpful one where there is none."""
    device = known.find(code)
    if device is None:
        return unknown_page(request, code)
    values = device_values(request, published, known, device)
    body = make_body(render("device.html", language_of(request), **values).encode(), "text/html; charset=utf-8")
    return answer(request, body, {"Cache-Control": kept_for(known, this_instant())})


def unknown_page(request: Request, code: str) -> HTMLResponse:
    """What helps where no device has the code."""
    return page(request, "no_device.html", status=404, code=code[:LONGEST_CODE])


def device_values(request: Request, published: Published, known: PublicNow, device: DeviceNow) -> dict[str, object]:
    """What the page of a device shows."""
    language = language_of(request)
    return {
        **list_values(known, published, language),
        "device": device,
        "wrongs": wrongs(language),
        "said_back": "",
        "refused": "",
        "undo": None,
        "here": other_language(request),
        "visitor": None,
    }


def wrongs(language: Language) -> list[tuple[str, str]]:
    """What may be wrong with a device, as kinds of reports, each in words."""
    _ = translator(language)
    return [
        ("missing", _("这里没有设备")),
        ("broken", _("设备或机柜坏了")),
        ("moved", _("位置不对")),
        ("closed", _("门关着，拿不到")),
    ]
