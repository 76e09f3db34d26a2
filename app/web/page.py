"""One page rendered: the frame around it, and how times and provisions are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import get_timezone
from flask import Flask, current_app, g, make_response, render_template, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext
from jinja2 import StrictUndefined
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.domain.actor import Actor
from app.flows.review_emergency import Unreviewed
from app.web import cookies, notices
from app.web.front_door import Visitor
from app.web.site import law_in_use, the_site
from policies.roles import can

_TIME = Markup('<time datetime="{}">{}</time>')
_SWEDEN = get_timezone("Europe/Stockholm")

_LAW = (
    ("open_question.ask", lazy_gettext("Får jag dela?")),
    ("rules.index", lazy_gettext("Reglerna")),
    ("training.index", lazy_gettext("Öva")),
)
"""Pages of the law alone, for all staff; for anyone where the installation says so."""

_FEW = 8
"""So many links are read at a glance, and are in one group."""

_WITHIN = {
    "notes": "cases",
    "disclosures": "cases",
    "letters": "cases",
    "protection": "cases",
    "relations": "cases",
    "team": "cases",
    "texts": "cases",
    "matrix": "rules",
    "extracts": "trail",
    "rounds": "trail",
    "signals": "trail",
}
"""Parts of the site that lie within another, and have no place of their own to lead to."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """One place in the navigation. `here` marks the part of the site the reader is in."""

    text: str
    href: str
    here: bool


@dataclass(frozen=True, kw_only=True)
class LinkGroup:
    """Links that belong together. The name is empty where there are too few to need one."""

    name: str
    links: tuple[Link, ...]


def render(template: str, *, status: int = 200, quiet: bool = False, **values: object) -> Response:
    """The page as an answer. `quiet` asks the database nothing: for errors and the way in."""
    visitor: Visitor | None = g.get("visitor")
    notice = None if quiet else notices.waiting()
    body = render_template(
        template,
        visitor=visitor,
        navigation=_navigation(visitor, quiet=quiet),
        demonstration=the_site().settings.demonstration,
        notice=notice,
        unreviewed=_unreviewed(visitor, quiet=quiet),
        law_is_shut=visitor is not None and not quiet and not law_in_use().usable,
        **_told_by_reviewers(visitor, quiet=quiet),
        **values,
    )
    response = make_response(body, status)
    if notice is not None:
        cookies.erase(response, cookies.NOTICE)
    return response


def _unreviewed(visitor: Visitor | None, *, quiet: bool) -> Unreviewed:
    """What a supervisor is told on every page."""
    if visitor is None or visitor.actor is None or quiet:
        return Unreviewed()
    return the_site().unreviewed(visitor.actor, the_site().clock())


def _told_by_reviewers(visitor: Visitor | None, *, quiet: bool) -> dict[str, object]:
    """Whether somebody waits for the visitor's answer, or the month's round for the visitor.

    Told on the first page of each part, where one comes after signing in: what is in a case is
    shown with the few queries that it needs.
    """
    first = (request.endpoint or "").endswith(".index")
    if visitor is None or visitor.actor is None or quiet or not first:
        return {"questions_waiting": 0, "round_state": ""}
    site, actor = the_site(), visitor.actor
    at = site.clock()
    return {
        "questions_waiting": site.asked(actor, at),
        "round_state": site.round_state(actor, at),
    }


def _navigation(visitor: Visitor | None, *, quiet: bool) -> list[LinkGroup]:
    if visitor is None or visitor.actor is None:
        links = _of_the_law(quiet=quiet) if _asks(visitor) else []
        return [LinkGroup(name="", links=tuple(links))] if links else []
    # Parts of the site that the visitor's roles do not reach would only lead to a missing page;
    # those that an installation has not mounted are left out too.
    groups = [
        LinkGroup(
            name=name,
            links=tuple(
                _link(endpoint, str(text), quiet=quiet)
                for endpoint, text, acts in places
                if endpoint in current_app.view_functions and _reaches(visitor.actor, acts)
            ),
        )
        for name, places in _places(visitor.actor, quiet=quiet)
    ]
    every = tuple(link for group in groups for link in group.links)
    return groups if len(every) > _FEW else [LinkGroup(name="", links=every)]


_Place = tuple[str, "str | LazyString", tuple[str, ...]]


def _places(actor: Actor, *, quiet: bool) -> tuple[tuple[str, tuple[_Place, ...]], ...]:
    """Where one can go: endpoint, name, and the acts of which one is needed."""
    site = the_site()
    waiting = 0 if quiet else site.waiting(actor, site.clock())
    unanswered = 0 if quiet else site.unanswered(actor, site.clock())
    inbox = _counted(gettext("Inkommet"), waiting)
    approvals = _counted(gettext("Godkännanden"), unanswered)
    work: tuple[_Place, ...] = (
        ("cases.index", gettext("Ärenden"), ()),
        ("inbox.index", inbox, ("receive_delivery", "register_delivery")),
        ("consents.index", gettext("Samtycken"), ("record_consent",)),
        ("approvals.index", approvals, ("approve_disclosure", "assess")),
        ("emergency.ask", gettext("Nödöppning"), ("open_in_emergency",)),
    )
    control: tuple[_Place, ...] = (
        ("trail.index", gettext("Loggkontroll"), ("review_audit",)),
        ("registers.disclosures", gettext("Utlämnanderegister"), ("read_register",)),
        ("exports.index", gettext("Exporter"), ("export_audit", "release_export", "read_export")),
        (
            "delegations.index",
            gettext("Delegation"),
            ("grant_role", "confirm_delegation", "list_decisions"),
        ),
        ("packs.index", gettext("Regelpaket"), ("propose_pack", "activate_pack")),
    )
    law = tuple((endpoint, text, ()) for endpoint, text in _LAW)
    return (gettext("Arbete"), work), (gettext("Kontroll"), control), (gettext("Lagen"), law)


def _counted(text: str, count: int) -> str:
    return f"{text} ({count})" if count else text


def _link(endpoint: str, text: str, *, quiet: bool) -> Link:
    # A quiet page marks no place, because a missing page must not tell which part it is missing in.
    part = "" if quiet else (request.endpoint or "").partition(".")[0]
    here = endpoint.partition(".")[0] == _WITHIN.get(part, part)
    return Link(text=text, href=url_for(endpoint), here=here)


def _asks(visitor: Visitor | None) -> bool:
    """Whether the pages of the law are for this visitor, who works for nobody just now."""
    return visitor is not None or the_site().settings.open_question


def _of_the_law(*, quiet: bool) -> list[Link]:
    """What can be read without a case: nothing on these pages is about anybody."""
    known = current_app.view_functions
    return [_link(endpoint, str(text), quiet=quiet) for endpoint, text in _LAW if endpoint in known]


def _reaches(actor: Actor, acts: tuple[str, ...]) -> bool:
    law = the_site().work.law
    return not acts or any(can(law, role, act) for role in actor.roles for act in acts)


def local_time(at: datetime) -> Markup:
    """`2026-11-23 13:40`, as clocks in Sweden show it. Takes aware times only."""
    if at.tzinfo is None:
        raise ValueError("a time without zone cannot be shown; hand in aware UTC")
    return _TIME.format(at.isoformat(), local_clock(at))


def local_clock(at: datetime) -> str:
    """As `local_time`, as plain text for a table that leaves the page."""
    return at.astimezone(_SWEDEN).strftime("%Y-%m-%d %H:%M")


def local_day(on: date) -> Markup:
    """`2026-11-23`: a legal day, or the day in Sweden of an aware time."""
    day = (on.astimezone(_SWEDEN).date() if isinstance(on, datetime) else on).isoformat()
    return _TIME.format(day, day)


def install(app: Flask) -> None:
    """What templates use beside their values."""
    # Parts of the site that an installation has not mounted are left out.
    app.jinja_env.globals["mounted"] = lambda endpoint: endpoint in app.view_functions
    app.jinja_env.globals["is_rule"] = lambda name: name in the_site().work.law.rules
    app.jinja_env.filters.update(local_time=local_time, local_day=local_day)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.undefined = StrictUndefined
