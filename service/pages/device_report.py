"""POST /d/CODE/report: "I took it" and "something is wrong here" from the page of a device, without a script or an account.

The rule is that of the API: as often from one address, for the office to look at, to be taken back within the hour.
"""

from fastapi import APIRouter, BackgroundTasks, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse

from ..access import Who
from ..api import Current
from ..api.devices import public_of
from ..api.reports import ReportIn, TakeBack, add, undo
from ..db import database_of, now
from ..errors import ServiceError, error_of_status
from ..history import By
from ..published import Published
from .catalog import translator
from .device_page import device_values, unknown_page, wrongs
from .forms import Fields, Form, check_own
from .shell import language_of, page

router = APIRouter(include_in_schema=False)


@router.post("/d/{code}/report")
def report(request: Request, code: str, fields: Form, published: Current, afterwards: BackgroundTasks) -> HTMLResponse:
    """Keep a report or take it back, and say so on the page of the device."""
    try:
        check_own(request)
        said = _take_back(request, fields) if "undo" in fields else _keep(request, code, fields, afterwards)
    except (ServiceError, ValidationError) as error:
        told = error if isinstance(error, ServiceError) else error_of_status(422)  # a code or a field that can be none
        why = told.message_en if language_of(request) == "en" else told.message_zh
        return _show(request, published, code, {"refused": why}, told.status)
    return _show(request, published, code, said, 200)


def _keep(request: Request, code: str, fields: Fields, afterwards: BackgroundTasks) -> dict[str, object]:
    """Keep the report; what to say of it, and what takes it back."""
    _ = translator(language_of(request))
    words = dict(wrongs(language_of(request))) | {"used": _("您取走了这台设备")}
    kind = fields.get("kind", "")
    if kind not in words:
        raise ServiceError(422, "请选择要报告的内容。", "Choose what to report.")
    with database_of(request).session(By(None, "public", now())) as session:
        taken = add(request, ReportIn(kind=kind, code=code), session, Who(), afterwards)  # type: ignore[arg-type]
    said = _("已记下：{words}。谢谢。编号 {number}", words=words[kind], number=taken.number)
    return {"said_back": said, "undo": (taken.id, taken.undo)}


def _take_back(request: Request, fields: Fields) -> dict[str, object]:
    _ = translator(language_of(request))
    with database_of(request).session(By(None, "public", now())) as session:
        undo(fields.get("id", ""), TakeBack(undo=fields["undo"][:100]), session, Who())
    return {"said_back": _("已撤销。")}


def _show(request: Request, published: Published, code: str, said: dict[str, object], status: int) -> HTMLResponse:
    known = public_of(request)
    device = known.find(code)
    if device is None:
        return unknown_page(request, code)
    values = device_values(request, published, known, device) | said
    return page(request, "device.html", status=status, **values)
