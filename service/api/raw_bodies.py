"""Bodies that are files: read in parts, and never more of one in memory than may come."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from ..errors import ServiceError


def read_body(most: int) -> Callable[[Request], Awaitable[bytes]]:
    """What reads the body of a request, for `Depends`.

    It raises ServiceError 413 as soon as there is more, or at once when its length is told.
    """

    async def read(request: Request) -> bytes:
        told = request.headers.get("content-length", "")
        parts, size = [], int(told) if told.isdecimal() else 0
        if size <= most:
            size = 0
            async for part in request.stream():
                parts.append(part)
                size += len(part)
                if size > most:
                    break
        if size > most:
            raise ServiceError(413, f"文件超过 {most >> 20} MB。", f"The file is larger than {most >> 20} MiB.")
        return b"".join(parts)

    return read
