"""Photos for tests, and what attackers make of them."""

import io
import zipfile
import zlib

import numpy as np
from PIL import Image


def picture(width: int = 60, height: int = 40) -> Image.Image:
    """Red above, blue below, so that its right way up shows."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, :, 0] = 250
    pixels[height // 2 :, :, 2] = 250
    return Image.fromarray(pixels)


def encoded(kind: str, image: Image.Image | None = None, **more: object) -> bytes:
    if kind == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener()
    stream = io.BytesIO()
    (image or picture()).save(stream, kind, **more)
    return stream.getvalue()


def png_bomb() -> bytes:
    """A picture that says it is 60,000 x 60,000 pixels."""
    content = bytearray(encoded("PNG"))
    content[16:24] = (60_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(bytes(content[12:29])).to_bytes(4, "big")
    return bytes(content)


def archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("evil.html", "<b>")
    return stream.getvalue()


TAILS = {
    "archive": archive(),
    "page": b"\n<HTML><body onload=alert(1)>",
    "script": b"<script>alert(1)</script>",
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "program": b"<?php system($_GET[0]);",
    "phar": b"__HALT_COMPILER();",
    "rar": b"Rar!\x1a\x07\x01\x00",
    "7z": b"7z\xbc\xaf\x27\x1c",
}
