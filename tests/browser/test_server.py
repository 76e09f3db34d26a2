"""What the browser tests stand on: a server that leaves nothing open when a browser hangs up."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator

import pytest
from flask import Flask, Response

from tests.browser.server import serving

PATIENCE_SECONDS = 120
# Closing with this resets the line at once instead of taking leave.
RESET = struct.pack("ii", 1, 0)


class _Answer:
    """Sends the first part, waits until it is told that nobody listens, and sends the rest."""

    def __init__(self, rest: int) -> None:
        self._rest = rest
        self.begun, self.unheard, self.closed = (threading.Event() for _ in range(3))

    def __iter__(self) -> Iterator[bytes]:
        yield b"x"
        self.begun.set()
        assert self.unheard.wait(PATIENCE_SECONDS)
        yield b"x" * self._rest

    def close(self) -> None:
        self.closed.set()


@pytest.mark.parametrize("rest", [0, 20_000_000], ids=["when all is sent", "in the middle"])
@pytest.mark.parametrize("reset", [True, False], ids=["by resetting", "by leaving"])
def test_an_answer_is_closed_when_the_browser_hangs_up(reset: bool, rest: int) -> None:
    app, answer = Flask(__name__), _Answer(rest)

    @app.get("/")
    def give() -> Response:
        return Response(answer, direct_passthrough=True)  # type: ignore[arg-type]

    with serving(app) as address:
        host, port = address.removeprefix("http://").split(":")
        line = socket.create_connection((host, int(port)))
        line.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert answer.begun.wait(PATIENCE_SECONDS)
        if reset:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        line.close()
        answer.unheard.set()
        assert answer.closed.wait(PATIENCE_SECONDS), "what was being sent is still open"
