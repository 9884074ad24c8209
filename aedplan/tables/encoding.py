"""Which encoding is a text table in? UTF-8 proves itself; of the older ones, that in which the text is everyday writing.

Bytes of one East Asian encoding often pass for another, as characters nobody writes. How everyday real tables are when read
rightly: Nan'an's villages 0.99 in GB18030, Taiwan's AED table 1.00 in Big5 and 0.71 in GB18030 (traditional script), Japan's
table 0.75 in Shift-JIS. Misread: Big5 as GB18030 at most 0.56 and always below its own figure, Latin-1 at most 0.50.
"""

from collections import Counter

from ..errors import InputError

EVERYDAY = 0.55
"""An older encoding is believed when so much of the text beyond ASCII is everyday writing in it."""

OLDER = ("gb18030", "cp950", "cp932")
"""Mainland China, Taiwan (Big5), Japan (Shift-JIS), as Excel writes them there."""

NAMES = {"utf-8": "UTF-8", "utf-16": "UTF-16", "gb18030": "GB18030", "cp950": "Big5", "cp932": "Shift-JIS"}


def decode(data: bytes, file: str) -> tuple[str, str]:
    """The text of a file and the name of its encoding: UTF-8, UTF-16 with its mark, GB18030, Big5 or Shift-JIS.

    Raises InputError when it is none of them, or UTF-8 with a few broken bytes.

    >>> decode("經度,緯度".encode("big5"), "devices.csv")
    ('經度,緯度', 'Big5')
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16"), NAMES["utf-16"]
        except UnicodeDecodeError as error:
            raise _unreadable(file) from error
    if b"\0" in data:
        raise InputError(f"{file}: the file is not text; expected a table in UTF-8 or GB18030")
    try:
        return data.decode("utf-8-sig"), NAMES["utf-8"]
    except UnicodeDecodeError as error:
        if _mostly_utf8(data):
            line = data[: error.start].count(b"\n") + 1
            raise InputError(f"{file}, line {line}: bytes that are not UTF-8; expected UTF-8 all through") from error
    return _older(data, file)


def _unreadable(file: str) -> InputError:
    known = "UTF-8, GB18030, Big5 or Shift-JIS (save as CSV UTF-8)"
    return InputError(f"{file}: the characters cannot be read; expected {known}")


def _mostly_utf8(data: bytes) -> bool:
    loose = data.decode("utf-8", "replace")
    broken = loose.count("\ufffd")
    sound = sum(character > "\x7f" for character in loose) - broken
    return broken * 10 < sound or data.startswith(b"\xef\xbb\xbf")


def _older(data: bytes, file: str) -> tuple[str, str]:
    found = []
    for encoding in OLDER:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        found.append((share_everyday(text, encoding), text, NAMES[encoding]))
    best = max(found, key=lambda one: one[0], default=None)
    if best is None or best[0] < EVERYDAY:
        raise _unreadable(file)
    return best[1], best[2]


def share_everyday(text: str, encoding: str) -> float:
    """How everyday the characters beyond ASCII are, 0 to 1: all in level 1 of the encoding's standard give 1."""
    beyond = {c: count for c, count in Counter(text).items() if c > "\x7f"}
    common = sum(count * _everyday(c.encode(encoding, "ignore"), encoding) for c, count in beyond.items())
    return common / max(1, sum(beyond.values()))


RARE = {"gb18030": 0.5, "cp950": 0.4, "cp932": 0.25}
"""What a character of level 2 counts. Latin-1 misread as Shift-JIS is all level 2; half-width kana, as which any Chinese can
be misread, count nothing."""


def _everyday(code: bytes, encoding: str) -> float:
    if len(code) != 2:
        return 0.0
    lead = code[0]
    if encoding == "gb18030":
        in_standard, first = code[1] >= 0xA1 and 0xA1 <= lead <= 0xF7, lead <= 0xA3 or 0xB0 <= lead <= 0xD7
    elif encoding == "cp950":
        in_standard, first = 0xA1 <= lead <= 0xF9, lead <= 0xC6
    else:
        in_standard, first = 0x81 <= lead <= 0xEA, lead <= 0x97
    return (1.0 if first else RARE[encoding]) if in_standard else 0.0
