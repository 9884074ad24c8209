"""Photos: what phones make is taken, its position read and stripped; what attackers make is refused."""

import io
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from databases import settings_of
from hypothesis import given, settings
from hypothesis import strategies as st
from photos import TAILS, archive, encoded, picture, png_bomb
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from service.db import Database
from service.errors import ServiceError
from service.inspections.photos import LONGEST_SIDE, MOST_BYTES, MOST_PIXELS, accept, is_polyglot, read_upload


def exif(orientation: int = 1) -> Image.Exif:
    block = Image.Exif()
    block[0x0112], block[0x010F], block[0x013B] = orientation, "PhoneMaker", "张三"
    gps = block.get_ifd(0x8825)
    gps[1], gps[2] = "N", (IFDRational(24), IFDRational(57), IFDRational(3600, 100))
    gps[3], gps[4] = "E", (IFDRational(118), IFDRational(23), IFDRational(960, 100))
    block.get_ifd(0x8769)[0x9003] = "2026:11:22 10:00:00"
    return block


def refused(content: bytes, **more: str) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        accept(content, **more)
    assert caught.value.message_zh
    assert not caught.value.message_zh.isascii()
    return caught.value


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_the_position_is_read_and_nothing_of_the_metadata_stays(kind: str) -> None:
    photo = accept(encoded(kind, exif=exif()), name="IMG_0001.jpg")
    assert (photo.lon, photo.lat) == (pytest.approx(118.386, abs=1e-6), pytest.approx(24.96, abs=1e-6))
    assert photo.taken_at == datetime(2026, 11, 22, 2, tzinfo=UTC)
    with Image.open(io.BytesIO(photo.content)) as kept:
        assert kept.format == "JPEG"
        assert not dict(kept.getexif())
        assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"PhoneMaker" not in photo.content
    assert "张三".encode() not in photo.content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_the_right_way_up(kind: str) -> None:
    turned = picture().transpose(Image.Transpose.ROTATE_90)  # as a phone held upright stores it
    photo = accept(encoded(kind, turned, exif=exif(orientation=6)))
    with Image.open(io.BytesIO(photo.content)) as kept:
        assert kept.size == (60, 40)
        assert kept.getpixel((30, 5))[0] > 200
        assert kept.getpixel((30, 35))[2] > 200


def test_a_large_photo_becomes_small_enough() -> None:
    photo = accept(encoded("JPEG", picture(5000, 3000)))
    assert (photo.width, photo.height) == (LONGEST_SIDE, round(LONGEST_SIDE * 3 / 5))


def test_what_was_clear_becomes_white() -> None:
    photo = accept(encoded("PNG", Image.new("RGBA", (20, 20), (0, 0, 0, 0))))
    with Image.open(io.BytesIO(photo.content)) as kept:
        assert min(kept.getpixel((10, 10))) > 250


def test_a_position_that_cannot_be_is_no_position() -> None:
    block = exif()
    block.get_ifd(0x8825)[2] = (IFDRational(99), IFDRational(0), IFDRational(0))
    assert accept(encoded("JPEG", exif=block)).lat is None
    assert accept(encoded("JPEG")).taken_at is None


def text_bomb() -> bytes:
    """A small picture with 100 MB of text packed into it."""
    text = b"zTXtx\0\0" + zlib.compress(b"a" * 100_000_000, 9)
    chunk = (len(text) - 4).to_bytes(4, "big") + text + zlib.crc32(text).to_bytes(4, "big")
    content = encoded("PNG")
    return content[:33] + chunk + content[33:]


@pytest.mark.parametrize("bomb", [png_bomb, text_bomb])
def test_a_bomb_is_refused(bomb) -> None:
    assert refused(bomb()).status == 422


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_more_pixels_than_the_limit_are_refused_before_they_are_decoded(kind: str, monkeypatch) -> None:
    content = encoded(kind)
    monkeypatch.setitem(MOST_PIXELS, kind, 60 * 40)
    assert accept(content).width == 60
    monkeypatch.setitem(MOST_PIXELS, kind, 60 * 40 - 1)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("it was decoded"))
    assert "像素" in refused(content).message_zh


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("tail", TAILS)
def test_a_polyglot_is_refused(kind: str, tail: str) -> None:
    assert "非图片内容" in refused(encoded(kind) + TAILS[tail]).message_zh


def test_a_script_in_the_metadata_is_refused() -> None:
    block = exif()
    block[0x010E] = "<script>alert(1)</script>"
    assert refused(encoded("JPEG", exif=block)).status == 422
    assert refused(encoded("JPEG", comment=b"%PDF-1.7")).status == 422


def test_the_film_that_phones_put_behind_a_photo_is_dropped() -> None:
    film = b"\x00\x00\x00\x18ftypmp42" + b"\x01" * 5000
    assert accept(encoded("JPEG") + film).sha256 == accept(encoded("JPEG")).sha256


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b'<svg xmlns="x"><script/></svg>', b"%PDF-1.7", b"GIF89a" + b"\0" * 50, archive(), b"BM" + b"\0" * 60,
     b"\x00\x00\x00\x18ftypmp42" + b"\0" * 50],
)  # fmt: skip
def test_what_is_no_photo_is_refused(content: bytes) -> None:
    assert refused(content).status == 415


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_photo_that_is_cut_off_is_refused(kind: str) -> None:
    content = encoded(kind, picture(400, 300))
    assert refused(content[: len(content) // 2]).status == 422


@pytest.mark.filterwarnings("ignore::UserWarning")  # of a block of metadata that is cut off: it is thrown away anyway
@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP", "HEIF"]), st.data())
def test_broken_bytes_are_refused_or_taken_and_nothing_else_happens(kind: str, data: st.DataObject) -> None:
    content = bytearray(encoded(kind, exif=exif()))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(12, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        photo = accept(bytes(content))
    except ServiceError as error:
        assert error.status in (413, 415, 422)  # noqa: PT017
    else:
        assert photo.content.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b.jpg", "c:\\x.jpg", "..", "x\0.jpg", "a\r\nb.jpg", "x" * 256])
def test_a_path_in_the_name_is_refused(name: str) -> None:
    assert refused(encoded("JPEG"), name=name).status == 422


class Endless(io.RawIOBase):
    """A gigabyte that nobody should read to its end."""

    given = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0
        self.given += size
        return b"\xff" * size


def test_a_gigabyte_is_refused_after_the_limit() -> None:
    stream = Endless()
    with pytest.raises(ServiceError) as caught:
        read_upload(stream)
    assert caught.value.status == 413
    assert stream.given == MOST_BYTES + 1
    assert refused(encoded("JPEG") + b"\0" * MOST_BYTES).status == 413


@pytest.fixture
def files(tmp_path: Path) -> Database:
    """A database of which only the files beside it are used."""
    return Database(settings_of(tmp_path))


def test_a_photo_is_stored_once_under_its_checksum_and_read_again(files: Database) -> None:
    photo = accept(encoded("JPEG"))
    assert files.keep_file(photo.content) == photo.sha256
    [path] = files.list_files()
    changed = path.stat().st_mtime_ns
    files.keep_file(photo.content)
    assert path.stat().st_mtime_ns == changed
    assert [p for p in files.files.rglob("*") if p.is_file()] == [path]
    assert path.stat().st_mode & 0o077 == 0
    assert files.read_file(photo.sha256) == photo.content


@pytest.mark.parametrize("checksum", ["", "../../x", "0" * 63, "G" * 64, "0" * 64, "A" * 64, "0" * 64 + "\n"])
def test_nothing_but_a_known_checksum_is_looked_for(files: Database, checksum: str) -> None:
    with pytest.raises(ServiceError) as caught:
        files.read_file(checksum)
    assert caught.value.status == 404


def test_a_photo_that_the_disk_has_changed_is_not_shown(files: Database) -> None:
    checksum = files.keep_file(accept(encoded("JPEG")).content)
    [path] = files.list_files()
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ServiceError, match="damaged"):
        files.read_file(checksum)


def test_a_photo_that_cannot_be_written_leaves_nothing_half_there(files: Database, monkeypatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(ServiceError) as caught:
        files.keep_file(accept(encoded("JPEG")).content)
    assert caught.value.status == 503
    assert not [p for p in files.files.rglob("*") if p.is_file()]


@given(st.binary(max_size=3000))
def test_noise_is_rarely_taken_for_a_polyglot(noise: bytes) -> None:
    assert is_polyglot(noise) is (b"%PDF-" in noise[:2048] or is_polyglot(b" " * 2048 + noise))
