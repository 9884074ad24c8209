"""The ways of sending that the settings name: a mail server, robots of WeCom and DingTalk groups.

AEDPLAN_SMTP_URL         smtps://user:password@host (TLS), smtp://... (STARTTLS), smtp+none://127.0.0.1:25 (this machine)
AEDPLAN_SMTP_FROM        the address that mail comes from
AEDPLAN_WECOM_ROBOTS     group=https://..., several with a comma between; the group's name is the receiver's address
AEDPLAN_DINGTALK_ROBOTS  the same; after a space the secret of a robot that asks for signatures
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from aedplan import InputError
from aedplan.errors import raise_faults

from .outbox import Message, Sender, SendError
from .senders import EmailSender, Robot, RobotKind
from .settings import Settings

_SECURITY: Mapping[str, tuple[Literal["none", "starttls", "tls"], int]] = {
    "smtp": ("starttls", 587), "smtps": ("tls", 465), "smtp+none": ("none", 25),
}  # fmt: skip


@dataclass(frozen=True)
class Groups:
    """The robots of one maker by the name of their group."""

    robots: Mapping[str, Robot]

    def send(self, message: Message) -> None:
        """Hand a message to the robot of its group."""
        if message.receiver not in self.robots:
            raise SendError("there is no robot of this group")
        self.robots[message.receiver].send(message)


def make_channels(settings: Settings) -> dict[str, Sender]:
    """The senders by channel; none where nothing is set up.

    Raises InputError with everything that is wrong.
    """
    channels: dict[str, Sender] = {}
    faults: list[str] = []
    if settings.smtp_url:
        try:
            channels["email"] = _mail(settings.smtp_url, settings.smtp_from)
        except InputError as error:
            faults += error.faults
    robots: tuple[tuple[RobotKind, str], ...] = (
        ("wecom", settings.wecom_robots),
        ("dingtalk", settings.dingtalk_robots),
    )
    for kind, text in robots:
        if text:
            try:
                channels[kind] = Groups(_robots(kind, text))
            except InputError as error:
                faults += error.faults
    raise_faults(faults)
    return channels


def _mail(url: str, sender: str) -> EmailSender:
    parts = urlsplit(url)
    expected = f"AEDPLAN_SMTP_URL: expected {', '.join(f'{name}://' for name in _SECURITY)} user:password@host:port"
    try:
        port = parts.port
    except ValueError:
        raise InputError(expected) from None
    if parts.scheme not in _SECURITY or not parts.hostname:
        raise InputError(expected)
    if "@" not in sender:
        raise InputError("AEDPLAN_SMTP_FROM: expected the address that mail comes from")
    security, usual = _SECURITY[parts.scheme]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return EmailSender(parts.hostname, port or usual, sender, security=security, user=user, password=password)


def _robots(kind: RobotKind, text: str) -> dict[str, Robot]:
    robots = {}
    for entry in text.split(","):
        name, found, address = entry.strip().partition("=")
        address, _, secret = address.strip().partition(" ")
        if not (name and found and address):
            raise InputError(f"AEDPLAN_{kind.upper()}_ROBOTS: expected GROUP=https://...")
        robots[name.strip()] = Robot(kind, address, secret.strip())
    return robots
