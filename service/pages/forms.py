"""Forms that work without a script: read field by field, and taken from our own pages only."""

from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends, Request

from ..errors import ServiceError

MOST_BYTES = 8192
MOST_FIELDS = 10
Fields = dict[str, str]


async def _read(request: Request) -> Fields:
    """The fields of a form, each once."""
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > MOST_BYTES:
            raise ServiceError(413, "表单过大。", "The form is too large.")
    try:
        fields = parse_qs(content.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise ServiceError(422, "表单无法读取。", "The form cannot be read.") from error
    return {name: values[0] for name, values in fields.items()}


Form = Annotated[Fields, Depends(_read)]
"""The fields of the form that was sent."""


def check_own(request: Request) -> None:
    """Refuse a form that another site has sent in somebody's name.

    Raises ServiceError 403.
    """
    sent_by, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "null")
    foreign = sent_by is not None and sent_by not in ("same-origin", "none")
    if sent_by is None and origin != "null":
        foreign = urlsplit(origin).netloc != request.headers.get("host")
    if foreign:
        raise ServiceError(403, "请在本站的页面上填写。", "Fill this in on our own page.")
