"""Ways of sending: e-mail by SMTP, robots of WeCom and DingTalk groups. Addresses and secrets come from the settings.

Sources: WeCom group robots, developer.work.weixin.qq.com path 91770 (text up to 2,048 bytes, 20 messages a minute, the
key in the address is the whole secret). DingTalk custom robots, open.dingtalk.com custom-robot-access (sign: Base64 of
HMAC-SHA256 of "timestamp\\nsecret" under the secret, timestamp in milliseconds, within an hour; 20 messages a minute).
"""

import base64
import hashlib
import hmac
import http.client
import ipaddress
import json
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from aedplan.errors import raise_faults

from .outbox import Message, SendError

TIMEOUT_S = 20.0
MOST_ANSWER_BYTES = 65_536
RobotKind = Literal["wecom", "dingtalk"]
ROBOT_HOSTS: Mapping[RobotKind, str] = {"wecom": "qyapi.weixin.qq.com", "dingtalk": "oapi.dingtalk.com"}
MOST_TEXT_BYTES: Mapping[RobotKind, int] = {"wecom": 2048, "dingtalk": 15_000}


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("10.0.0.1")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True)
class EmailSender:
    """Sends by an SMTP server. A password goes over an encrypted connection only, or to this machine.

    sender    the address that messages come from
    security  "tls" from the first byte, "starttls", or "none"

    Raises InputError when a password would go in the clear.
    """

    host: str
    port: int
    sender: str
    security: Literal["none", "starttls", "tls"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    def __post_init__(self) -> None:
        clear = self.password and self.security == "none" and not is_loopback(self.host)
        raise_faults([f"{self.host}: the password would go in the clear; expected starttls or tls"] if clear else [])

    def send(self, message: Message) -> None:
        """Hand a message to the server."""
        mail = self._mail(message)
        try:
            with self._connected() as server:
                server.send_message(mail, self.sender, [message.receiver])
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise SendError(f"SMTP {code} {_said(words)}", final=500 <= code < 600) from error
        except smtplib.SMTPResponseException as error:
            final = isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
            raise SendError(f"SMTP {error.smtp_code} {_said(error.smtp_error)}", final=final) from error
        except (OSError, UnicodeError) as error:
            raise SendError(f"SMTP {type(error).__name__}: {error}") from error

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        try:
            mail["From"], mail["To"] = self.sender, message.receiver
            mail["Subject"] = " ".join(message.subject.split())
            if len(mail["To"].addresses) != 1 or mail["To"].defects:
                raise ValueError("not one address")
        except (ValueError, MessageError, IndexError) as error:
            raise SendError("the address is no e-mail address", final=True) from error
        mail["Message-ID"] = f"<{message.key}@aedplan.invalid>"
        mail["Date"] = format_datetime(message.made_at)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text + "\n")
        return mail

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=self.context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        with server:
            if self.security == "starttls":
                server.starttls(context=self.context)
            if self.user:
                server.login(self.user, self.password)
            yield server


def _said(words: bytes | str) -> str:
    """What a server answered, in one short line."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(text.split())[:200]


@dataclass(frozen=True)
class Robot:
    """A group's robot. The message's receiver is the name of the group and is not sent.

    address  as the group shows it: https and the maker's own host; http to this machine only, for trials
    secret   of a DingTalk robot that asks for signatures; "" when it does not

    Raises InputError for any other address.
    """

    kind: RobotKind
    address: str = field(repr=False)
    secret: str = field(default="", repr=False)
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        ours = parts.scheme == "https" and parts.hostname == ROBOT_HOSTS[self.kind] and parts.port in (None, 443)
        trial = parts.scheme == "http" and is_loopback(parts.hostname or "")
        plain = not (parts.username or parts.password or parts.fragment) and self.address.isprintable()
        expected = f"https://{ROBOT_HOSTS[self.kind]}/..."
        raise_faults([] if (ours or trial) and plain else [f"{self.kind}: the robot's address; expected {expected}"])

    def send(self, message: Message) -> None:
        """Hand a message to the robot's group."""
        text = fitted(f"{message.subject}\n{message.text}", message.key, MOST_TEXT_BYTES[self.kind])
        body = json.dumps({"msgtype": "text", "text": {"content": text}}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": message.key}
        try:
            status, answer = self._post(body, headers)
        except (OSError, http.client.HTTPException) as error:
            raise SendError(f"{self.kind}: {type(error).__name__}") from error
        _check_answer(self.kind, status, answer)

    def _post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body of the answer; a redirection is an answer like any other and is not followed."""
        parts = urlsplit(self.address)
        host = parts.hostname or ""
        if parts.scheme == "https":
            context = ssl.create_default_context()
            line: http.client.HTTPConnection = http.client.HTTPSConnection(host, timeout=TIMEOUT_S, context=context)
        else:
            line = http.client.HTTPConnection(host, parts.port or 80, timeout=TIMEOUT_S)
        try:
            query = parse_qsl(parts.query) + (sign(self.secret, self.clock()) if self.secret else [])
            line.request("POST", f"{quote(parts.path)}?{urlencode(query)}", body, dict(headers))
            answer = line.getresponse()
            return answer.status, answer.read(MOST_ANSWER_BYTES)
        finally:
            line.close()


def sign(secret: str, now_s: float) -> list[tuple[str, str]]:
    """The two parameters that a signing DingTalk robot asks for, at an instant in seconds since 1970.

    >>> sign("this is secret", 1577262236.757)
    [('timestamp', '1577262236757'), ('sign', 'hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM=')]
    """
    stamp = str(round(now_s * 1000))
    mac = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return [("timestamp", stamp), ("sign", base64.b64encode(mac).decode())]


def fitted(text: str, key: str, most_bytes: int) -> str:
    """The text with its number in the last line, cut between two characters to what a robot takes.

    >>> fitted("电池到期", "ab12cd34ef", 2048)
    '电池到期\\n（编号 ab12cd34）'
    """
    number = f"\n（编号 {key[:8]}）"
    room = most_bytes - len(number.encode())
    if len(text.encode()) > room:
        text = text.encode()[: room - len("…".encode())].decode("utf-8", "ignore") + "…"
    return text + number


def _check_answer(kind: RobotKind, status: int, answer: bytes) -> None:
    """Both makers answer 200 with `errcode`; anything but 0 is tried again, since most are a full minute or a setting."""
    if status != 200:
        raise SendError(f"{kind}: HTTP {status}")
    try:
        said = json.loads(answer)
        code = said["errcode"]
    except (ValueError, TypeError, KeyError):
        raise SendError(f"{kind}: the answer is no robot's") from None
    if code != 0:
        raise SendError(f"{kind}: errcode {code} {_said(str(said.get('errmsg', '')))}")
