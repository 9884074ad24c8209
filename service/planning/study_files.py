"""Files that planners send for studies: of the kind that their names say, and nothing that unpacks without end.

What they hold is read by the run of a study, in a process of its own; here it is looked at from outside only.
"""

import io
import zipfile

from ..errors import ServiceError
from ..inspections.photos import is_polyglot

MOST_UNPACKED = 500 << 20
"""Bytes that a workbook may unpack to."""

STARTS: dict[str, tuple[bytes, ...]] = {
    ".xlsx": (b"PK\x03\x04",),
    ".gpkg": (b"SQLite format 3\0",),
    ".parquet": (b"PAR1",),
    ".osm.gz": (b"\x1f\x8b",),
    ".osm.bz2": (b"BZh",),
    ".tif": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    ".tiff": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
}
"""How files of a kind begin, by the end of their name."""

UTF_16 = (b"\xff\xfe", b"\xfe\xff")
TEXTS = (".csv", ".geojson", ".json", ".osm", ".graphml", ".toml")
SUFFIXES = (*STARTS, *TEXTS, ".osm.pbf")
"""Of files that may be sent for a study."""


def check_study_file(name: str, content: bytes) -> None:
    """Refuse a file that is not of the kind that its name says.

    Raises ServiceError 415 for another kind, 413 for a workbook that unpacks to too much, 422 for a text that another
    program would open as a page or an archive.
    """
    suffix = next((one for one in SUFFIXES if name.lower().endswith(one)), None)
    if suffix is None:
        kinds = " ".join(SUFFIXES)
        raise ServiceError(415, f"只接受这些文件：{kinds}。", f"Only these files are taken: {kinds}.")
    if suffix in TEXTS:
        _check_text(content)
    elif not _is(suffix, content):
        raise ServiceError(415, f"文件内容不是 {suffix}。", f"What the file holds is no {suffix}.")
    elif suffix == ".xlsx":
        _check_workbook(content)


def _is(suffix: str, content: bytes) -> bool:
    return b"OSMHeader" in content[:64] if suffix == ".osm.pbf" else content.startswith(STARTS[suffix])


def _check_text(content: bytes) -> None:
    if not content or (b"\0" in content and not content.startswith(UTF_16)):
        raise ServiceError(415, "文件内容不是文字。", "What the file holds is no text.")
    if is_polyglot(content):
        raise ServiceError(422, "文件中另有网页或压缩包，已拒绝。", "The file is a page or an archive as well.")


def _check_workbook(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ServiceError(415, "文件内容不是 .xlsx。", "What the file holds is no .xlsx.") from error
    if unpacked > MOST_UNPACKED:
        raise ServiceError(413, "文件解压后过大。", f"The file unpacks to {unpacked:,} bytes.")
