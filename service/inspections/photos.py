"""Photos: taken in from strangers' phones, decoded, stripped of everything but the picture, kept under their checksum.

What is kept is a JPEG that this program wrote: no position, no owner, no thumbnail, nothing behind the last byte. The
position is read before it goes. A file's own name is looked at only to refuse a path; it is never used.
"""

import hashlib
import io
import re
import threading
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from math import isfinite
from typing import IO, TYPE_CHECKING

from ..errors import ServiceError
from ..facts import COUNTY_TIME

if TYPE_CHECKING:
    from PIL.Image import Exif, Image

MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = {"JPEG": 64_000_000, "PNG": 25_000_000, "WEBP": 16_000_000, "HEIF": 25_000_000}
"""So that none takes more than about 250 MB while it is decoded: a JPEG is decoded at a fraction of its size, a WebP twice."""

LONGEST_SIDE = 2048
QUALITY = 85
LONGEST_NAME = 255

_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")
_ACTIVE = re.compile(
    rb"<\s*(?:script|html|iframe|object)[\s>]|<\s*svg[\s>]|<!doctype|<\?php|__HALT_COMPILER", re.IGNORECASE
)
_GPS_TAGS, _EXIF_TAGS = 0x8825, 0x8769
_TAKEN, _TAKEN_OFFSET = 0x9003, 0x9011

_one_at_a_time = threading.Lock()  # two large ones at once would not fit into memory


@dataclass(frozen=True)
class Photo:
    """A photo as it is kept.

    content   JPEG, no metadata
    sha256    of the content, in hexadecimal
    lon, lat  where the phone said it was taken, WGS-84 degrees; None when it did not say
    taken_at  when it said so
    """

    content: bytes
    sha256: str
    width: int
    height: int
    lon: float | None
    lat: float | None
    taken_at: datetime | None

    media_type = "image/jpeg"


def read_upload(stream: IO[bytes], *, most: int = MOST_BYTES) -> bytes:
    """The bytes of an upload, never more than `most` in memory.

    Raises ServiceError 413 as soon as there are more.
    """
    content = stream.read(most + 1)
    if len(content) > most:
        mib = most // 1024 // 1024
        raise ServiceError(413, f"照片超过 {mib} MB", f"The photo is larger than {mib} MiB")
    return content


def accept(content: bytes, *, name: str = "") -> Photo:
    """A photo from the bytes somebody sent.

    name  the file's name as sent, if any

    Raises ServiceError 413 when it is too large, 415 when it is no JPEG, PNG, WebP or HEIC, and 422 when it is damaged,
    too many pixels, a path, or at the same time a file of another kind.
    """
    _check_name(name)
    if len(content) > MOST_BYTES:
        read_upload(io.BytesIO(content))
    kind = kind_of(content)
    if kind is None:
        raise ServiceError(415, "只接受 JPEG、PNG、WebP、HEIC 照片", "Only JPEG, PNG, WebP and HEIC photos are taken")
    if is_polyglot(content):
        raise ServiceError(422, "文件中另有非图片内容，已拒绝", "The file is more than a photo and was refused")
    with _one_at_a_time:
        return _decode(content, kind)


def _check_name(name: str) -> None:
    bad = len(name) > LONGEST_NAME or not name.isprintable() or re.search(r"[/\\:]|^\.+$", name)
    if bad:
        raise ServiceError(422, "文件名含有路径或不可用字符", "The file's name holds a path or unusable characters")


def kind_of(content: bytes) -> str | None:
    """The kind of photo by its first bytes; None for everything else.

    >>> kind_of(b"<svg xmlns=") is None
    True
    """
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    return "HEIF" if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS else None


def is_polyglot(content: bytes) -> bool:
    """Whether another program could take the file for an archive, a PDF, or a page or script.

    The film that some phones put behind a photo is none of these and is dropped with the metadata.
    """
    if zipfile.is_zipfile(io.BytesIO(content)) or b"%PDF-" in content[:2048]:
        return True
    return _ACTIVE.search(content) is not None or b"Rar!\x1a\x07" in content or b"7z\xbc\xaf\x27\x1c" in content


def _decode(content: bytes, kind: str) -> Photo:
    """Any failure of a decoder means that the photo is damaged: their errors share no other class than Exception."""
    from PIL import Image, UnidentifiedImageError
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as image:
            if image.width * image.height > MOST_PIXELS[kind]:
                raise _too_many_pixels()
            exif = image.getexif()
            lon, lat = _position(exif)
            small = _picture(image)
            return _keep(small, lon, lat, _taken_at(exif))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, RuntimeError, TypeError) as error:
        raise ServiceError(422, "照片已损坏，无法读取", "The photo is damaged and cannot be read") from error


def _too_many_pixels() -> ServiceError:
    return ServiceError(422, "照片像素过多", "The photo has too many pixels")


def _picture(image: "Image") -> "Image":
    """Upright, at most LONGEST_SIDE pixels a side, RGB on white."""
    from PIL import Image, ImageOps

    image.seek(0)
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))  # in place and before anything else: one large copy, not three
    upright = ImageOps.exif_transpose(image)
    if upright.mode in ("RGBA", "LA", "PA", "P"):
        layers = upright.convert("RGBA")
        ground = Image.new("RGBA", layers.size, "white")
        return Image.alpha_composite(ground, layers).convert("RGB")
    return upright.convert("RGB")


def _keep(picture: "Image", lon: float | None, lat: float | None, taken_at: datetime | None) -> Photo:
    from PIL import Image

    bare = Image.new("RGB", picture.size)  # a new picture has no metadata to carry along
    bare.paste(picture)
    stream = io.BytesIO()
    bare.save(stream, "JPEG", quality=QUALITY, optimize=True)
    content = stream.getvalue()
    return Photo(content, hashlib.sha256(content).hexdigest(), bare.width, bare.height, lon, lat, taken_at)


SMALL_SIDE, SMALL_BYTES = 480, 25_000
_SMALL_QUALITIES = (75, 65, 55, 45, 35, 25, 15, 5)


def make_small(content: bytes) -> bytes:
    """A kept photo as a small JPEG for poor networks: at most SMALL_SIDE pixels a side and SMALL_BYTES bytes.

    Raises ServiceError 422 when it is damaged.
    """
    from PIL import Image

    try:
        with _one_at_a_time, Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
            image.draft("RGB", (SMALL_SIDE, SMALL_SIDE))
            image.thumbnail((SMALL_SIDE, SMALL_SIDE))
            picture = image.convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:
        raise ServiceError(422, "照片已损坏，无法读取", "The photo is damaged and cannot be read") from error
    small = b""
    for quality in _SMALL_QUALITIES:
        stream = io.BytesIO()
        picture.save(stream, "JPEG", quality=quality, optimize=True, progressive=True)
        small = stream.getvalue()
        if len(small) <= SMALL_BYTES:
            break
    return small


def _position(exif: "Exif") -> tuple[float | None, float | None]:
    """Longitude and latitude from the EXIF block; None where they are missing or cannot be."""
    gps = exif.get_ifd(_GPS_TAGS)
    lat, lon = _degrees(gps.get(2), gps.get(1), "S", 90), _degrees(gps.get(4), gps.get(3), "W", 180)
    if lat is None or lon is None or (lat == 0 and lon == 0):
        return None, None
    return round(lon, 7), round(lat, 7)


def _degrees(parts: object, side: object, negative: str, most: float) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)  # type: ignore[attr-defined]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not isfinite(value) or not 0 <= value <= most:
        return None
    return -value if str(side).strip().upper() == negative else value


def _taken_at(exif: "Exif") -> datetime | None:
    """The instant of the photo; without an offset the phone's clock is taken for the county's."""
    block = exif.get_ifd(_EXIF_TAGS)
    try:
        taken = datetime.strptime(str(block[_TAKEN]).strip("\0 "), "%Y:%m:%d %H:%M:%S")
    except (KeyError, ValueError):
        return None
    offset = re.fullmatch(r"([+-])(\d\d):(\d\d)", str(block.get(_TAKEN_OFFSET, "")).strip("\0 "))
    if offset is None or int(offset[2]) > 14:
        return taken.replace(tzinfo=COUNTY_TIME)
    shift = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    return taken.replace(tzinfo=timezone(-shift if offset[1] == "-" else shift))
