"""How fast the pages of the law may be asked by those who have not signed in.

Answering costs processor time and nobody knows who asks, so each address has a pace that a person
reading the answers never reaches, and strangers together have one too: addresses are cheap. Staff
who have signed in have one of their own, far above what a hand can do, whatever strangers do.
Addresses are held in memory only, a bounded number of them, and never written down.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock

from flask import Flask, current_app, g, request
from werkzeug.wrappers import Response

from app.web import errors
from app.web.site import the_site

MOST_CLIENTS = 4096
"""Addresses remembered at a time; the one that asked longest ago is forgotten first."""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """How many questions may come at once, and how many a second in the long run."""

    at_once: int
    a_second: float


STRANGER = Allowance(at_once=60, a_second=0.5)
STRANGERS = Allowance(at_once=300, a_second=10.0)
"""All who have not signed in, together, at one serving process."""
STAFF = Allowance(at_once=600, a_second=10.0)


class Pace:
    """Counts questions per client. One object for one serving process; any thread may ask it."""

    def __init__(self, allowance: Allowance, *, most_clients: int = MOST_CLIENTS) -> None:
        self._allowance, self._most = allowance, most_clients
        self._left: OrderedDict[str, tuple[float, datetime]] = OrderedDict()
        self._lock = Lock()

    def wait(self, client: str, *, at: datetime) -> int:
        """0 if the client may ask now, which is then counted; else the whole seconds to wait."""
        with self._lock:
            left = self._left_now(client, at)
            may = left >= 1
            self._left[client] = (left - 1 if may else left, at)
            self._left.move_to_end(client)
            if len(self._left) > self._most:
                self._left.popitem(last=False)
        return 0 if may else math.ceil((1 - left) / self._allowance.a_second)

    def __len__(self) -> int:
        """How many clients are remembered."""
        return len(self._left)

    def _left_now(self, client: str, at: datetime) -> float:
        most = float(self._allowance.at_once)
        if client not in self._left:
            return most
        left, then = self._left[client]
        # A clock that was set back takes nothing away and gives nothing.
        passed = max(0.0, (at - then).total_seconds())
        return min(most, left + passed * self._allowance.a_second)


def install(app: Flask) -> None:
    """Asks those to wait who ask too fast. After the door, so that staff are known."""
    stranger, strangers, staff = Pace(STRANGER), Pace(STRANGERS), Pace(STAFF)

    @app.before_request
    def not_too_fast() -> Response | None:
        view = current_app.view_functions.get(request.endpoint or "")
        if not getattr(view, "open_where_asked", False):
            return None
        at, visitor = the_site().clock(), g.get("visitor")
        if visitor is not None:
            wait = staff.wait(visitor.staff_id, at=at)
        else:
            # The address's own pace first: one that is too fast takes nothing of the others'.
            wait = stranger.wait(network_of(request.remote_addr), at=at)
            wait = wait or strangers.wait("", at=at)
        return errors.too_many_questions(wait) if wait else None


def network_of(address: str | None) -> str:
    """What counts as one client: an IPv4 address, or the /64 that an IPv6 subscriber has."""
    try:
        known = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(ip_network((known, 64), strict=False))
    return str(known)
