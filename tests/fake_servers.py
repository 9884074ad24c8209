"""Servers of this machine that act as a mail server and as the robots of WeCom and DingTalk groups; real sockets."""

import asyncio
import base64
import hashlib
import json
import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.smtp import SMTP


class MailServer:
    """Keeps the mails it takes; `answer` goes back after each, `drops` closes the line instead."""

    def __init__(self, *, answer: str = "250 OK", refuse: str = "", drops: int = 0, **more: Any) -> None:
        self.mails: list[EmailMessage] = []
        self.answer, self.refuse, self.drops = answer, refuse, drops
        self.sessions: list[Any] = []
        self._more = more

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        self.sessions.append(session)
        if self.drops:
            self.drops -= 1
            server.transport.close()
        return self.answer

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        making = self._loop.create_server(lambda: SMTP(self, loop=self._loop, **self._more), "127.0.0.1", 0)
        self._server = self._loop.run_until_complete(making)
        self.port = int(self._server.sockets[0].getsockname()[1])
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        open_ones = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)


class RobotServer:
    """Answers as a group's robot does, and checks what the makers' pages say it checks.

    secret  asked for as DingTalk does: timestamp within an hour, sign right
    """

    def __init__(self, *, secret: str = "", now_s: float = 0.0, script: tuple[tuple[int, bytes], ...] = ()) -> None:
        self.texts: list[str] = []
        self.keys: list[str] = []
        self.queries: list[dict[str, list[str]]] = []
        self.secret, self.now_s, self.script = secret, now_s, list(script)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status, body = outer.answer(
                    self.path, self.headers, self.rfile.read(int(self.headers["Content-Length"]))
                )
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def answer(self, path: str, headers: Any, body: bytes) -> tuple[int, bytes]:
        if self.script:
            return self.script.pop(0)
        query = parse_qs(urlsplit(path).query)
        self.queries.append(query)
        if self.secret and not self._is_signed(query):
            return 200, b'{"errcode": 310000, "errmsg": "sign not match"}'
        given = json.loads(body)
        text = given["text"]["content"]
        if given["msgtype"] != "text" or len(text.encode()) > 2048 * (1 if not self.secret else 8):
            return 200, b'{"errcode": 40058, "errmsg": "invalid content"}'
        self.texts.append(text)
        self.keys.append(headers["Idempotency-Key"])
        return 200, b'{"errcode": 0, "errmsg": "ok"}'

    def _is_signed(self, query: dict[str, list[str]]) -> bool:
        """HMAC-SHA256 spelled out (RFC 2104), so that it is not checked by the function that made it."""
        stamp = query["timestamp"][0]
        block = self.secret.encode().ljust(64, b"\0")
        inner = hashlib.sha256(bytes(b ^ 0x36 for b in block) + f"{stamp}\n{self.secret}".encode()).digest()
        right = base64.b64encode(hashlib.sha256(bytes(b ^ 0x5C for b in block) + inner).digest()).decode()
        return abs(int(stamp) / 1000 - self.now_s) < 3600 and query["sign"] == [right]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/robot/send?access_token=a%2Bb"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
