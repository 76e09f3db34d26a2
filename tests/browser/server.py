"""Serves an application to a browser that comes and goes as it likes.

A browser hangs up in the middle of an answer whenever it leaves a page. WSGI asks that the answer
is closed all the same, and the standard library's handler does that whatever the line does.
Werkzeug's development server first reads what is left on the line, and if that fails the file it
was sending stays open.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from flask import Flask


class _Server(ThreadingMixIn, WSGIServer):
    """A thread for each request, so that a browser's idle spare connection holds up no other."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A line that was reset before it said anything is no fault."""


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- as it is called
        """The application keeps its own log."""


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The address at which `app` answers while the block runs."""
    server = make_server("127.0.0.1", 0, app, server_class=_Server, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
