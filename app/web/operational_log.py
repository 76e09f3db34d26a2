"""The operator's log: JSON lines with ids and outcomes, and nothing a person has written.

Keys not listed here are dropped, values that are not short plain tokens are withheld, and messages
of exceptions never get in, because any of them could carry what somebody typed.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from flask import Flask, Response, g, request

LOGGED_KEYS = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "request_id",
        "method",
        "route",
        "status",
        "duration_ms",
        "staff_id",
        "organisation_id",
        "op",
        "outcome",
        "entry_id",
        "fault_id",
        "fault",
        "where",
        "logger",
        "template",
        "pack_sha256",
        "key_id",
        "count",
        "seconds",
    }
)
_TOKEN = re.compile(r"[\w.:<>/()\[\]+-]{1,160}", re.ASCII)
_WITHHELD = "withheld"


def only_ids_and_outcomes(
    _logger: object, _method: str, fields: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drops keys not in `LOGGED_KEYS`; replaces values that could be prose by `withheld`."""
    return {key: _plain(key, value) for key, value in fields.items() if key in LOGGED_KEYS}


def _plain(key: str, value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(key, part) for part in value]
    if key == "template" and isinstance(value, str):
        return value[:160]  # a library's own constant, see `_Bare`
    return value if isinstance(value, str) and _TOKEN.fullmatch(value) else _WITHHELD


class _Bare(logging.Handler):
    """Other libraries' lines: who, how bad, and the unfilled template if it is a constant."""

    def emit(self, record: logging.LogRecord) -> None:
        # A message without arguments may have been built from data, so only a template is kept.
        template = record.msg if isinstance(record.msg, str) and record.args else None
        fault = record.exc_info[0] if record.exc_info else None
        structlog.get_logger().log(
            record.levelno,
            "library",
            logger=record.name,
            template=template,
            fault=fault.__name__ if fault else None,
        )


def configure(stream: TextIO | None = None) -> None:
    """Sends everything to `stream`, standard error by default, one JSON object a line."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_ids_and_outcomes,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_Bare(level=logging.WARNING)]
    root.setLevel(logging.WARNING)


def frames(fault: BaseException) -> list[str]:
    """Where it happened: `file:line` of each of our frames, innermost last."""
    places = []
    trace = fault.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "?")
        places.append(f"{name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[-12:]


def watch_requests(app: Flask) -> None:
    """One line a request: which route, which outcome, how long. Never the path or the query."""

    @app.before_request
    def begin() -> None:
        g.request_id = secrets.token_hex(8)
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        visitor = g.get("visitor")
        actor = visitor.actor if visitor else None
        structlog.get_logger().info(
            "request",
            request_id=g.get("request_id"),
            method=request.method,
            route=request.url_rule.rule if request.url_rule else None,
            status=response.status_code,
            duration_ms=round((time.perf_counter() - g.began) * 1000, 1) if "began" in g else None,
            staff_id=visitor.staff_id if visitor else None,
            organisation_id=actor.organisation_id if actor else None,
        )
        return response
