"""Senders: what goes over the wire, to servers of this machine over real sockets, and what is made of their answers."""

import ipaddress
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fake_servers import MailServer, RobotServer

from aedplan import InputError
from service.outbox import Message, SendError
from service.senders import EmailSender, Robot, fitted

NOW_S = 1_795_305_600.123
MESSAGE = Message(
    "ab12" * 16, "email", "guard@example.org", "【AED 提醒】电池到期，还有 7 天", "汽车站：电池到期\n日期：2026-11-29",
    datetime(2026, 11, 22, 2, tzinfo=UTC),
)  # fmt: skip


def mail_to(server: MailServer, **more: object) -> EmailSender:
    return EmailSender("127.0.0.1", server.port, "aed@example.org", **{"security": "none", **more})


def test_a_mail_arrives_as_it_was_written_under_its_key() -> None:
    with MailServer() as server:
        mail_to(server).send(MESSAGE)
        [mail] = server.mails
    assert mail["Subject"] == MESSAGE.subject
    assert mail.get_content().splitlines() == MESSAGE.text.splitlines()
    assert (mail["To"], mail["From"]) == ("guard@example.org", "aed@example.org")
    assert mail["Message-ID"] == f"<{MESSAGE.key}@aedplan.invalid>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == MESSAGE.made_at


@pytest.mark.parametrize(
    ("server", "final"),
    [
        ({"answer": "550 not here"}, True),
        ({"answer": "451 later"}, False),
        ({"refuse": "550 no such user"}, True),
        ({"refuse": "450 busy"}, False),
        ({"drops": 1}, False),
    ],
)
def test_what_the_mail_server_answers_decides_whether_it_is_tried_again(server: dict, final: bool) -> None:
    with MailServer(**server) as running, pytest.raises(SendError) as caught:
        mail_to(running).send(MESSAGE)
    assert caught.value.final is final


def test_a_line_lost_after_the_mail_was_taken_brings_the_same_key_again() -> None:
    with MailServer(drops=1) as server:
        with pytest.raises(SendError):
            mail_to(server).send(MESSAGE)
        mail_to(server).send(MESSAGE)
        assert len({mail["Message-ID"] for mail in server.mails}) == 1
        assert len(server.mails) == 2


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def test_no_server_is_tried_again() -> None:
    with pytest.raises(SendError) as caught:
        EmailSender("127.0.0.1", free_port(), "aed@example.org", security="none").send(MESSAGE)
    assert not caught.value.final
    with pytest.raises(SendError) as caught:
        Robot("wecom", f"http://127.0.0.1:{free_port()}/send?key=secret").send(MESSAGE)
    assert not caught.value.final
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "receiver", ["", "guard", "a@b.cn, c@d.cn", "a@b.cn\nBcc: x@y.cn", "Guard <", "a@b.cn>", "x" * 9]
)
def test_what_is_no_address_is_never_sent(receiver: str) -> None:
    with MailServer() as server:
        with pytest.raises(SendError) as caught:
            mail_to(server).send(Message(MESSAGE.key, "email", receiver, "s", "t", MESSAGE.made_at))
        assert caught.value.final
        assert server.mails == []


def test_a_header_cannot_be_smuggled_in_through_the_subject() -> None:
    with MailServer() as server:
        sent = Message(MESSAGE.key, "email", MESSAGE.receiver, "x\r\nBcc: y@z.cn", "t\n.\nQUIT", MESSAGE.made_at)
        mail_to(server).send(sent)
        [mail] = server.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "x Bcc: y@z.cn"
    assert mail.get_content().splitlines() == ["t", ".", "QUIT"]


def test_a_password_never_goes_in_the_clear_to_another_machine() -> None:
    with pytest.raises(InputError, match="in the clear"):
        EmailSender("mail.example.org", 25, "aed@example.org", security="none", user="u", password="p")
    assert "geheim" not in repr(EmailSender("127.0.0.1", 25, "a@b.cn", user="u", password="geheim"))


def test_a_server_without_encryption_gets_nothing_when_encryption_was_asked_for() -> None:
    with MailServer() as server:
        with pytest.raises(SendError):
            mail_to(server, security="starttls").send(MESSAGE)
        assert server.mails == []


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server of this machine shows, and a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, datetime(2020, 1, 1), datetime(2120, 1, 1))
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = made.add_extension(address, critical=False).sign(key, hashes.SHA256())
    pem = signed.public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (tmp_path / "both.pem").write_bytes(pem + secret)
    shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shown.load_cert_chain(tmp_path / "both.pem")
    return shown, ssl.create_default_context(cadata=pem.decode())


def test_name_and_password_go_over_an_encrypted_line_to_a_server_that_is_known(certificate) -> None:
    shown, trusting = certificate
    seen = []

    def let_in(server: object, session: object, envelope: object, mechanism: str, data: LoginPassword) -> AuthResult:
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)

    with MailServer(tls_context=shown, require_starttls=True, authenticator=let_in, auth_required=True) as server:
        login = {"security": "starttls", "user": "u", "context": trusting}
        mail_to(server, password="right", **login).send(MESSAGE)
        assert len(server.mails) == 1
        with pytest.raises(SendError, match="535"):
            mail_to(server, password="wrong", **login).send(MESSAGE)
        with pytest.raises(SendError, match="SSLCertVerification"):
            mail_to(server, security="starttls", user="u", password="right").send(MESSAGE)
        assert len(server.mails) == 1
    assert set(seen) == {(b"u", b"right"), (b"u", b"wrong")}  # each mechanism is tried; none with the unknown server


def test_a_wecom_robot_takes_the_message() -> None:
    with RobotServer() as server:
        Robot("wecom", server.address).send(MESSAGE)
        assert server.texts == [f"{MESSAGE.subject}\n{MESSAGE.text}\n（编号 ab12ab12）"]
        assert server.keys == [MESSAGE.key]
        assert server.queries == [{"access_token": ["a+b"]}]


def test_a_dingtalk_robot_takes_the_signed_message() -> None:
    with RobotServer(secret="SEC1", now_s=NOW_S) as server:
        Robot("dingtalk", server.address, "SEC1", clock=lambda: NOW_S).send(MESSAGE)
        assert len(server.texts) == 1
        for secret, clock in (("SEC2", NOW_S), ("SEC1", NOW_S + 4000)):
            with pytest.raises(SendError, match="310000 sign not match"):
                Robot("dingtalk", server.address, secret, clock=lambda now=clock: now).send(MESSAGE)
        assert len(server.texts) == 1


@pytest.mark.parametrize(
    "answer",
    [(200, b'{"errcode": 45009, "errmsg": "api freq out of limit"}'), (500, b""), (200, b"<html>"), (200, b"[]"),
     (302, b""), (200, b"\xff"), (200, b'{"errcode": "0"}')],
)  # fmt: skip
def test_any_other_answer_of_a_robot_is_tried_again(answer: tuple[int, bytes]) -> None:
    with RobotServer(script=(answer,)) as server:
        with pytest.raises(SendError) as caught:
            Robot("wecom", server.address).send(MESSAGE)
        assert not caught.value.final
        assert "access_token" not in str(caught.value)


@pytest.mark.parametrize("most", [60, 61, 62, 63, 2048])
def test_a_long_text_is_cut_between_two_characters(most: int) -> None:
    text = fitted("电" * 3000, "0123456789", most)
    assert most - 3 < len(text.encode()) <= most
    assert text.endswith("…\n（编号 01234567）")


@pytest.mark.parametrize(
    "address",
    ["http://qyapi.weixin.qq.com/send", "https://evil.example/send", "https://qyapi.weixin.qq.com.evil.example/",
     "https://qyapi.weixin.qq.com@evil.example/", "https://qyapi.weixin.qq.com:8443/x", "http://10.0.0.1/", "ftp://x",
     "http://169.254.169.254/", ""],
)  # fmt: skip
def test_only_the_makers_own_address_is_a_robot(address: str) -> None:
    with pytest.raises(InputError) as caught:
        Robot("wecom", address)
    assert "evil" not in str(caught.value)


def test_the_makers_own_addresses_are_taken() -> None:
    assert Robot("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1")
    assert "key=1" not in repr(Robot("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1"))
    assert Robot("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=1", "SEC")
