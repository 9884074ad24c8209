"""Papers taken in: scans of agreements and policies as PDF, data that a device recorded. Photos go through photos.py.

They are kept as they came and only ever given back as a download: no browser opens one of them as a page of ours.
"""

import re

from ..errors import ServiceError
from .photos import is_polyglot, kind_of

MOST_BYTES = 20 * 1024 * 1024
_RUNS = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA)\b")


def is_pdf(content: bytes) -> bool:
    """Whether a file says that it is a PDF, from its first byte to its last lines."""
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]


def check_pdf(content: bytes) -> None:
    """Refuse a PDF that holds a script, another file or another kind of file.

    Raises ServiceError 422.
    """
    if _RUNS.search(content) or b"PK\x03\x04" in content or b"PK\x05\x06" in content or _is_page(content):
        raise ServiceError(422, "PDF 中含有脚本或其他文件，已拒绝。", "The PDF holds a script or another file.")


def _is_page(content: bytes) -> bool:
    return re.search(rb"<\s*(?:script|html|svg)[\s>]|<!doctype\s+html", content[:2048], re.IGNORECASE) is not None


def check_data(content: bytes) -> None:
    """Refuse data of a device that another program could open as a picture, an archive, a page or a script.

    Raises ServiceError 422.
    """
    if not content or content.startswith((b"MZ", b"\x7fELF", b"#!")) or kind_of(content) or is_polyglot(content):
        raise ServiceError(422, "文件不是设备记录的数据，已拒绝。", "This is no data that a device recorded.")
