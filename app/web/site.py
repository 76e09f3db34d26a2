"""What the pages are handed: settings, clock, flows. Nothing is fetched from the air."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypedDict, cast

from flask import current_app, g

from app.domain.actor import Actor
from app.domain.log_round import RoundState
from app.flows.active_law import ActiveLaw, LawInUse
from app.flows.review_emergency import Unreviewed
from app.keys import Rings
from app.records.store import Store
from app.web.front_door import FrontDoor
from audit.key_list import LogKeys
from audit.witnessing import NOBODY, Witnesses
from policies import Law
from policies.scenarios import Cases


@dataclass(frozen=True, kw_only=True)
class SiteSettings:
    """What an installation decides about its pages."""

    form_secret: bytes = field(repr=False)
    """At least 32 random bytes; signs form tokens and nothing else."""
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    """Host names the service answers to, in lower case, without port."""
    secure: bool = True
    """Served over TLS: cookies are `__Host-` and Secure, and HSTS is sent."""
    demonstration: bool = False
    open_question: bool = False
    """Whether those who have not signed in may ask what the law says and read the rules."""
    round_due_day: int = 7
    """Day of the month by which the round of loggkontroll is to be signed."""
    proxy_hops: int = 0
    """How many proxies in front are ours; X-Forwarded-* is believed from that many, no more."""

    def __post_init__(self) -> None:
        if len(self.form_secret) < 32:
            raise ValueError(
                f"form_secret must be at least 32 bytes, got {len(self.form_secret)}; "
                "`sluss init` makes one"
            )


@dataclass(frozen=True, kw_only=True)
class Fault:
    """An exception that reached the edge: its kind, where and for whom. Never its message."""

    id: str
    kind: str
    route: str
    organisation_id: str | None
    staff_id: str | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Work:
    """What every flow of the case work is handed: `flow(..., store=work.store, ...)`."""

    store: Store
    rings: Rings = field(repr=False)
    active: ActiveLaw
    log_keys: LogKeys
    """The log's public keys, for checking the trail."""
    state: Path
    """The service's own folder, where files lie while an export is put together."""
    witnesses: Witnesses = NOBODY
    """Who countersigns the log, and how many of them are enough."""

    @property
    def law(self) -> Law:
        """The law of the current request, the same from its beginning to its end."""
        return law_in_use().law


@dataclass(frozen=True, kw_only=True)
class Site:
    """All that the pages need, put together by `app.main`. `clock` gives aware UTC."""

    settings: SiteSettings
    clock: Callable[[], datetime]
    front_door: FrontDoor
    work: Work
    waiting: Callable[[Actor, datetime], int]
    """How many deliveries stand unregistered under Inkommet for the actor's organisation."""
    unanswered: Callable[[Actor, datetime], int]
    """How many questions of approval wait for the actor."""
    unreviewed: Callable[[Actor, datetime], Unreviewed]
    """How many emergency openings wait for those who review the actor's organisation's log."""
    asked: Callable[[Actor, datetime], int]
    """How many questions from those who review the log wait for the actor."""
    round_state: Callable[[Actor, datetime], RoundState]
    """Whether this month's round of loggkontroll waits for those who review the log."""
    record_fault: Callable[[Fault], None]
    """Writes the fault's own entry in a transaction of its own. It may raise when the log cannot
    be written; the operator's log alone has the fault then."""


def the_site() -> Site:
    """The site that answers the current request."""
    return cast(Site, current_app.extensions["sluss"])


class Hands(TypedDict):
    """What nearly every flow of the case work asks for: `flow(..., **the_hands())`."""

    at: datetime
    store: Store
    rings: Rings
    law: Law


def the_hands() -> Hands:
    """The hands of the current request: its moment, and what the installation works with."""
    site = the_site()
    return Hands(at=site.clock(), store=site.work.store, rings=site.work.rings, law=site.work.law)


def law_in_use() -> LawInUse:
    """What the current request goes by. Looked up once a request, when it is first asked for."""
    if "law_in_use" not in g:
        site, visitor = the_site(), g.get("visitor")
        known = visitor.pack_sha256 if visitor else None
        g.law_in_use = site.work.active.now(site.clock(), known=known)
    return cast(LawInUse, g.law_in_use)


def cases_in_use() -> Cases:
    """The cases that the pack in use brings with it."""
    site = the_site()
    return site.work.active.cases_of(site.work.law.sha256, site.clock())


def law_of_day(sha256: str) -> Law | None:
    """The rule pack that something was decided by, to explain it with."""
    site = the_site()
    return site.work.active.of_day(sha256, site.clock()) if sha256 else None
