"""The photos and scans of a record: shown, and sent by whoever may."""

from collections.abc import Sequence
from typing import NamedTuple

from ...tables import Attachment
from .choices import word_of
from .desk import Desk
from .show import moment


class Upload(NamedTuple):
    """A file: what it is, when it came, whether it is a picture."""

    href: str
    words: str
    at: str
    picture: bool


class Uploads(NamedTuple):
    """The files of a record; `to` is where another one is sent, "" for who may not."""

    files: tuple[Upload, ...]
    to: str
    kinds: tuple[tuple[str, str], ...]


def uploads_of(
    desk: Desk,
    files: Sequence[Attachment],
    owner: str,
    *,
    may: bool,
    kinds: Sequence[str] = ("photo", "plan_drawing", "other"),
) -> Uploads:
    """The files of a record, newest first.

    owner  the record as the interface names it: "device_id=..."
    """
    shown = tuple(
        Upload(
            f"/api/v1/records/attachments/{one.id}",
            " ".join(part for part in (desk.say(word_of(one.kind)), one.name) if part),
            moment(one.at),
            one.media_type == "image/jpeg",
        )
        for one in reversed(files)
    )
    words = tuple((kind, desk.say(word_of(kind))) for kind in kinds)
    return Uploads(shown, f"/api/v1/records/attachments?{owner}" if may else "", words)
