"""Bodies: answers that stay the same until the plan changes, kept in memory with their checksum and compressed once."""

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True)
class Body:
    """The bytes of an answer, and the tag that names them, compressed or not."""

    plain: bytes
    media_type: str
    tag: str

    @cached_property
    def packed(self) -> bytes:
        """The same compressed, when first asked for; none of photos, which are compressed as they are."""
        return b"" if self.media_type == "image/jpeg" else gzip.compress(self.plain, compresslevel=6, mtime=0)


def make_body(content: bytes, media_type: str) -> Body:
    """A body from its bytes."""
    return Body(content, media_type, f'W/"{hashlib.sha256(content).hexdigest()[:32]}"')


def json_body(content: Mapping[str, Any], media_type: str) -> Body:
    """A body from what JSON can hold; Chinese stays readable."""
    return make_body(json.dumps(content, ensure_ascii=False, allow_nan=False).encode(), media_type)


def joined(*objects: bytes) -> bytes:
    """JSON objects, none of them empty, as one.

    >>> joined(b'{"a":1}', b'{"b":[2]}')
    b'{"a":1,"b":[2]}'
    """
    return b"{%b}" % b",".join([one[1:-1] for one in objects])


def answer(request: Request, body: Body, headers: Mapping[str, str] | None = None) -> Response:
    """The body, or 304 when the client has it already; compressed when the client can unpack it."""
    always = {"ETag": body.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding", **(headers or {})}
    if _has_it(request.headers.get("if-none-match", ""), body.tag):
        return Response(status_code=304, headers=always)
    if _unpacks(request.headers.get("accept-encoding", "")) and body.packed:
        return Response(body.packed, headers={**always, "Content-Encoding": "gzip"}, media_type=body.media_type)
    return Response(body.plain, headers=always, media_type=body.media_type)


def _has_it(none_match: str, tag: str) -> bool:
    tags = {part.strip().removeprefix("W/") for part in none_match.split(",")}
    return "*" in tags or tag.removeprefix("W/") in tags


def _unpacks(accept_encoding: str) -> bool:
    """Whether gzip is among the encodings a client accepts, not counting one marked q=0."""
    for part in accept_encoding.lower().split(","):
        name, _, quality = part.partition(";")
        if name.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
