"""A witness as an HTTP service: POST /add-checkpoint, and a few lines for whoever looks at it.

It listens on loopback unless told otherwise; put HTTPS in front. Nothing it is sent is secret, and
what it keeps is bounded by the logs that it was told of.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket

from audit.witness import Answer, Witness
from audit.witness_request import REQUEST_CAP

PATH = "/add-checkpoint"
_ABOUT = """\
This is the witness {name}. It countersigns a log of Sluss where it has only grown.

The log posts its checkpoints to /add-checkpoint; nobody else need do anything here. For what it has
signed, ask whoever runs it, or see the log's exports.
"""
SIZE_TYPE = "text/x.tlog.size"
_WAIT_SECONDS = 10.0  # for the next byte of a request
_LONGEST_SECONDS = 30.0  # for a whole connection: a byte now and then would hold a place for ever
_LENGTH_DIGITS = 10
_AT_ONCE = 32  # connections; a further one is closed at once


class WitnessServer(ThreadingHTTPServer):
    """`clock` gives aware UTC; `say` is told of each request in a line, without its sender."""

    daemon_threads = True

    def __init__(
        self,
        witness: Witness,
        address: tuple[str, int],
        *,
        clock: Callable[[], datetime],
        say: Callable[[str], object],
    ) -> None:
        self.witness, self.clock, self.say = witness, clock, say
        self._free = threading.BoundedSemaphore(_AT_ONCE)
        super().__init__(address, _Handler)

    def process_request(self, request: socket | tuple[bytes, socket], client: object) -> None:
        """One thread each, up to a number."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client)
        else:
            self.shutdown_request(request)

    def process_request_thread(
        self, request: socket | tuple[bytes, socket], client: object
    ) -> None:
        """Gives its place free when done, or when its time is out."""
        limit = threading.Timer(_LONGEST_SECONDS, _hang_up, [request])
        limit.daemon = True
        limit.start()
        try:
            super().process_request_thread(request, client)
        finally:
            limit.cancel()
            self._free.release()

    def handle_error(self, _request: object, _client: object) -> None:
        """A sender that has gone away; the witness goes on."""
        self.say("a request was broken off")


def _hang_up(request: socket | tuple[bytes, socket]) -> None:
    """Wakes whoever reads from it: there is nothing more to read."""
    if isinstance(request, socket):
        with suppress(OSError):  # it has been closed already
            request.shutdown(SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    server_version = "sluss-witness"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = _WAIT_SECONDS

    def do_POST(self) -> None:
        """A checkpoint to sign."""
        if self.path != PATH:
            self._send(404, "text/plain", "post to /add-checkpoint\n", close=True)
            return
        length = self.headers.get("Content-Length", "")
        known = length.isascii() and length.isdigit() and len(length) <= _LENGTH_DIGITS
        if not known or int(length) > REQUEST_CAP:
            self._send(400, "text/plain", "a body of known length, not too large\n", close=True)
            return
        data = self.rfile.read(int(length))
        try:
            answer = self.server.witness.answer(data, self.server.clock())
        except OSError as error:  # the disk is full: nothing was kept, so nothing was signed
            self.server.say(f"500 the checkpoint could not be kept: {error.strerror}")
            self._send(500, "text/plain", "the checkpoint could not be kept\n", close=True)
            return
        self.server.say(f"{answer.status} {answer.message}")
        self._answer(answer)

    def do_GET(self) -> None:
        """What this is, for somebody who tries the address; whose logs it signs is not told."""
        path = self.path.partition("?")[0]
        if path == "/":
            self._send(200, "text/plain", _ABOUT.format(name=self.server.witness.keys[0].name))
        elif path == PATH:
            self._not_allowed()
        else:
            self._send(404, "text/plain", f"nothing is here; post a checkpoint to {PATH}\n")

    def do_HEAD(self) -> None:
        """As GET, without the lines."""
        self.do_GET()

    def do_PUT(self) -> None:
        """Nothing can be put here."""
        self._not_allowed()

    def do_DELETE(self) -> None:
        """Nothing can be deleted here."""
        self._not_allowed()

    def _not_allowed(self) -> None:
        self._send(405, "text/plain", f"post a checkpoint to {PATH}\n", close=True)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the request's own form was refused for, in a line and no page."""
        del message, explain  # both may repeat what was sent
        self._send(code, "text/plain", f"{HTTPStatus(code).phrase.lower()}\n", close=True)

    def _answer(self, answer: Answer) -> None:
        if answer.status == 200:
            self._send(200, "text/plain", "".join(line.text() for line in answer.lines))
        elif answer.size is not None:
            self._send(answer.status, SIZE_TYPE, f"{answer.size}\n")
        else:
            self._send(answer.status, "text/plain", f"{answer.message}\n")

    def _send(self, status: int, kind: str, text: str, *, close: bool = False) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind if kind == SIZE_TYPE else f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if status == 405:
            self.send_header(
                "Allow", "POST" if self.path.partition("?")[0] == PATH else "GET, HEAD"
            )
        if close:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, _format: str, *_args: object) -> None:
        """Nothing: `say` is told what was asked and answered, and not by whom."""
