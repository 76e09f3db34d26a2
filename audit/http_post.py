"""One POST, with an answer that is bounded in size and time. No redirect is followed."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

ANSWER_CAP = 256 * 1024  # bytes


class NoAnswer(Exception):
    """Nobody answered there, or not in a form that can be read; the message says what."""


def is_address(url: str) -> bool:
    """Whether it is an http or https address that can be posted to."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def post(url: str, body: bytes, *, kind: str, wait_seconds: float) -> tuple[int, bytes]:
    """Status and body of the answer. `kind` is the type of what is sent. Raises NoAnswer."""
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection = make(parts.hostname or "", parts.port, timeout=wait_seconds)
        try:
            connection.request("POST", path, body, {"Content-Type": kind})
            answer = connection.getresponse()
            data = answer.read(ANSWER_CAP + 1)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer(f"{url} does not answer: {error}") from error
    if len(data) > ANSWER_CAP:
        raise NoAnswer(f"the answer of {url} is far too long")
    return answer.status, data
