"""Serve the pages with gunicorn, from one process that opens everything after forking.

A worker opens its own database connections and keys: SQLite's and a PKCS#11 module's handles do
not survive a fork.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from app.config import Config
from app.flows.install import no_second_opinion
from app.main import CannotStart, House, closed_application, open_house, web_application
from app.web import operational_log
from policies import PackError
from policies.second_opinion import engine_version

WORKERS = 2
THREADS = 8
"""Threads per worker. Most of a request is waiting for the disk."""


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with our settings and no configuration file of its own."""

    def __init__(self, config: Config) -> None:
        self._config = config
        super().__init__()

    def load_config(self) -> None:
        """Loopback or what the configuration says; no access log, because it would hold paths."""
        service = self._config.service
        settings: dict[str, Any] = {
            "bind": f"{service.host}:{service.port}",
            "workers": WORKERS,
            "threads": THREADS,
            "worker_class": "gthread",
            "accesslog": None,
            "loglevel": "warning",
            "timeout": 60,
            "graceful_timeout": 15,
            "limit_request_line": 2048,
            "limit_request_fields": 60,
            "forwarded_allow_ips": "",
            "control_socket_disable": True,
        }
        for name, value in settings.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, opened in the worker.

        A worker that begins anew may find rules that were damaged since the service started: it
        then answers every page with that, and the operator's terminal gets every problem.
        """
        operational_log.configure()
        try:
            return web_application(open_house(self._config))
        except PackError as error:
            sys.stderr.write(f"sluss: {error}\n")
            sys.stderr.flush()
            return closed_application(self._config)


def _say_who_is_asked(house: House) -> None:
    """An installation that lets notes out on one engine's word says so, here and in the log."""
    if house.law.adviser is None:
        sys.stderr.write(
            "sluss: second_opinion = false: notes leave on the word of one engine alone. "
            "This is in the log.\n"
        )
        no_second_opinion(house.operator("sluss serve"), at=house.clock(), store=house.store)
    elif not engine_version():
        sys.stderr.write(
            "sluss: the Cedar engine (cedarpy) is not installed, so every disclosure will be "
            "refused; install it, or set second_opinion = false under [service]\n"
        )
    sys.stderr.flush()


def _say_which_rules(house: House) -> None:
    """An upgrade changes no rules by itself, so somebody must be told that there are others."""
    packaged, found = house.packaged, house.active.latest
    if found.usable and found.law.sha256 != packaged.sha256:
        sys.stderr.write(
            f"sluss: the rules in use are {found.law.version}; those that come with this version "
            f"of Sluss ({packaged.version}) can be proposed on the page Regelpaket\n"
        )
        sys.stderr.flush()


def _refuse_taken(config: Config) -> None:
    """Raises CannotStart where the service cannot answer, in one sentence in place of a trace."""
    host, port = config.service.host, config.service.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise CannotStart(
            f"nothing can answer on {host}, port {port} ({why}); end what answers there, "
            "or correct host and port under [service]"
        ) from None


def serve(config: Config, *, announce: Callable[[], object] = lambda: None) -> None:
    """Serve until stopped; `announce` is called once nothing stands in the way.

    The house and its pages are put together once first, so that what is wrong is said plainly,
    and not by a worker that cannot start.
    """
    _refuse_taken(config)
    house = open_house(config)
    try:
        web_application(house)
        _say_who_is_asked(house)
        _say_which_rules(house)
    finally:
        house.close()
    announce()
    logging.getLogger("gunicorn.error").propagate = False
    Server(config).run()
