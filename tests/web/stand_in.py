"""A site with invented doors and no database, so that the shell can be tested alone."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import cast

import pytest
from flask import Blueprint, Flask
from werkzeug.wrappers import Response

from app.domain.actor import Actor
from app.domain.organisation import Organisation
from app.domain.problem import Problem
from app.flows.active_law import LawInUse
from app.flows.review_emergency import Unreviewed
from app.records.errors import StoreBusy, StoreFault, StoreFull
from app.web import errors, forms, pace, page
from app.web.application import create_app
from app.web.front_door import (
    Entered,
    NotYourOrganisation,
    OrganisationChoice,
    PasswordProblems,
    Throttled,
    Visitor,
    WrongSignIn,
)
from app.web.site import Fault, Site, SiteSettings, Work
from app.web.visitor import open_to_all
from policies import Law, load
from policies.scenarios import Cases, packaged_cases

NOW = datetime(2026, 11, 23, 12, 40, tzinfo=UTC)
PASSWORD = "ett eget lösenord"


def an_organisation(
    code: str = "sunne", name: str = "Individ- och familjeomsorgen, Sunne"
) -> Organisation:
    return Organisation(
        id=code,
        name=name,
        kind="SOC",
        authority_id="sn",
        authority_name="Socialnämnden",
        municipality="Sunne",
        controller="Socialnämnden i Sunne",
    )


def an_actor(*roles: str, organisation: Organisation | None = None) -> Actor:
    return Actor(
        staff_id="karin",
        name="Karin Holm",
        title="socialsekreterare",
        organisation=organisation or an_organisation(),
        roles=frozenset(roles or ("case_worker",)),
        delegations=(),
        session_id="session-1",
    )


@dataclass
class StandInDoor:
    """Karin has one organisation, Per has two and Nils has none. Sessions live in a dict."""

    sessions: dict[str, Visitor] = field(default_factory=dict)
    throttled: bool = False

    def find(self, session_token: str, *, at: datetime) -> Visitor | None:
        return self.sessions.get(session_token)

    def sign_in(
        self, name: str, password: str, *, device_token: str | None, at: datetime
    ) -> Entered | WrongSignIn | Throttled:
        if self.throttled:
            return Throttled(until=at + timedelta(minutes=5))
        if password != PASSWORD or name not in ("karin", "chef", "per", "nils"):
            return WrongSignIn()
        actors = {"karin": an_actor(), "chef": an_actor("case_worker", "supervisor")}
        return self.let_in(name, actors.get(name))

    def let_in(self, name: str, actor: Actor | None) -> Entered:
        token = secrets.token_urlsafe(32)
        self.sessions[token] = Visitor(
            staff_id=name, staff_name="Karin Holm", actor=actor, session_token=token
        )
        return Entered(session_token=token, device_token="webbläsaren".encode().hex())

    def organisations(self, visitor: Visitor, *, at: datetime) -> Sequence[OrganisationChoice]:
        if visitor.staff_id == "nils":
            return ()
        return (
            OrganisationChoice(id="sunne", name="Individ- och familjeomsorgen, Sunne"),
            OrganisationChoice(
                id="torsby", name="Samordnaren för brottsförebyggande arbete, Torsby"
            ),
        )

    def choose(
        self, visitor: Visitor, organisation_id: str, *, at: datetime
    ) -> Entered | NotYourOrganisation:
        if organisation_id not in ("sunne", "torsby"):
            return NotYourOrganisation()
        del self.sessions[visitor.session_token]
        return self.let_in(
            visitor.staff_id, an_actor(organisation=an_organisation(organisation_id))
        )

    def change_password(
        self, visitor: Visitor, *, old: str, new: str, repeated: str, at: datetime
    ) -> Entered | PasswordProblems | Throttled:
        if old != PASSWORD:
            wrong = Problem(field="old_password", code="old_password_wrong")
            return PasswordProblems(problems=(wrong,))
        del self.sessions[visitor.session_token]
        return self.let_in(visitor.staff_id, visitor.actor)

    def sign_out(self, visitor: Visitor, *, at: datetime) -> None:
        del self.sessions[visitor.session_token]


def failing_pages() -> Blueprint:
    """Pages that exist only here: one for each way of failing, and one with a form."""
    pages = Blueprint("failing", __name__)
    kinds: dict[str, Callable[[], Exception]] = {
        "upptagen": lambda: StoreBusy("busy"),
        "full": lambda: StoreFull("full"),
        "trasig": lambda: StoreFault("broken"),
        "fel": lambda: RuntimeError("HEMLIG TEXT"),
    }

    @pages.route("/prov/<kind>", methods=["GET", "POST"])
    def fail(kind: str) -> Response:
        if kind == "finns-inte":
            return errors.not_found()
        if kind == "regler":
            return errors.law_unreadable()
        typed = forms.typed()
        if kind == "formular" and not typed.submitted:
            return page.render("prov_form.html", typed=typed)
        if kind == "formular":
            return Response(f"sparat: {typed.value('text')}")
        raise kinds[kind]()

    @pages.get("/oppen/fel")
    @open_to_all
    def fail_openly() -> Response:
        raise RuntimeError("HEMLIG TEXT")

    @pages.get("/prov/delar")
    def parts() -> Response:
        return page.render("prov_parts.html", typed=forms.typed())

    return pages


@cache
def _law() -> Law:
    return load()


class Unchanging:
    """Stands where a process's active law would."""

    def now(self, _at: datetime, *, known: str | None = None) -> LawInUse:
        del known
        return LawInUse(_law())

    @property
    def packaged(self) -> Law:
        return _law()

    def cases_of(self, _sha256: str, _at: datetime) -> Cases:
        return packaged_cases()


def a_site(
    *, secure: bool = False, demonstration: bool = False
) -> tuple[Site, StandInDoor, list[Fault]]:
    door, faults = StandInDoor(), []
    site = Site(
        settings=SiteSettings(
            form_secret=b"only for tests, never anything else",
            secure=secure,
            demonstration=demonstration,
            hosts=("127.0.0.1", "localhost"),
        ),
        clock=lambda: NOW,
        front_door=door,
        # Nothing here reaches a flow.
        work=cast(Work, SimpleNamespace(law=_law(), active=Unchanging())),
        waiting=lambda actor, at: 2,
        unanswered=lambda actor, at: 0,
        asked=lambda actor, at: 0,
        round_state=lambda actor, at: "",
        unreviewed=lambda actor, at: Unreviewed(),
        record_fault=faults.append,
    )
    return site, door, faults


def an_app(site: Site, templates: str, *, paced: bool = False) -> Flask:
    """The real application, with the failing pages mounted beside the real ones.

    The clock mostly stands still in tests, which ask more within an instant than any person does;
    only with `paced` are they slowed for it.
    """
    from jinja2 import ChoiceLoader, FileSystemLoader

    with pytest.MonkeyPatch.context() as patched:
        for name in () if paced else ("STRANGER", "STRANGERS", "STAFF"):
            patched.setattr(pace, name, replace(getattr(pace, name), at_once=1_000_000))
        app = create_app(site)
    app.register_blueprint(failing_pages())
    own = app.jinja_env.loader
    app.jinja_env.loader = ChoiceLoader(
        [loader for loader in (own, FileSystemLoader(templates)) if loader]
    )
    return app
