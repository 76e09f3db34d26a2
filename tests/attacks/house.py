"""A whole installation behind the pages: real keys, database, law, log and sign-in.

Everything that it writes is in its own folder. Its clock stands still until a test moves it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.config import Config
from app.config import load as load_config
from app.domain.ids import new_id
from app.domain.organisation import Organisation, Period
from app.domain.staff import Delegation, RoleGrant, StaffMember
from app.flows.install import add_organisation, add_staff, grant_delegation, grant_role
from app.identity.password import Passwords
from app.main import House as OpenedHouse
from app.main import install, open_house, web_application
from app.records.audit_view import SeenEntry, entries_of_organisation

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EVER = Period(valid_from=date(2019, 1, 1))
PASSWORD = "tolv gröna hästar sjunger"
CHEAP = Passwords(memory_kib=64, passes=1)
LOCK_SECONDS = 0.2
CONFIG = """
[service]
cookie_secure = false

[storage]
database = "{database}"
state = "state"

[keys]
root = "root.key"
forms = "forms.key"

[signer]
origin = "sluss.example.se/log"
key = "signer/signer.key"
state = "signer/signer.state"
"""
ORGANISATIONS = {
    "soc": ("Socialtjänsten, Sunne", "SOC"),
    "polis": ("Lokalpolisområde Torsby", "POLICE"),
    "elevhalsa": ("Elevhälsan, Sunne", "SCHOOL_M_EH"),
}
STAFF = {
    "karin": ("Karin Holm", "soc", "case_worker"),
    "jonas": ("Jonas Ek", "soc", "case_worker"),
    "chef": ("Eva Dahl", "soc", "supervisor"),
    "ombud": ("Ola Strand", "soc", "data_protection_officer"),
    "sara": ("Sara Lind", "polis", "case_worker"),
    "farida": ("Farida Berg", "elevhalsa", "case_worker"),
    "maja": ("Maja Rätt", "polis", "lawyer"),
}


class _Forms(HTMLParser):
    """The forms of a page: where each goes and what a browser would send, untouched."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]]]] = []
        self._inside = False
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "form":
            self.forms.append((has.get("action") or "", []))
            self._inside = True
        if not self._inside or not has.get("name"):
            return
        name, kind = str(has["name"]), has.get("type", "text")
        if tag == "input" and (kind not in ("radio", "checkbox") or "checked" in has):
            self.forms[-1][1].append((name, has.get("value") or ""))
        if tag == "textarea":
            self._area = name

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.forms[-1][1].append((self._area, data.removeprefix("\n")))
            self._area = None

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "textarea":
            self._area = None


@dataclass
class Browser:
    """One person's browser. Keeps every answer it gets."""

    client: FlaskClient
    answers: list[TestResponse] = field(default_factory=list)
    token: str = ""
    between: Callable[[], None] | None = None
    """Called before each form is sent, so that no two acts are at the same instant."""

    def get(self, path: str, **more: Any) -> TestResponse:
        return self._kept(self.client.get(path, **more))

    def post(self, path: str, fields: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Sends fields with this browser's token."""
        if self.between is not None:
            self.between()
        sent = {"csrf_token": self.token, **(fields or {})}
        return self._kept(self.client.post(path, data=sent, **more))

    def see(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status)
        return answer.get_data(as_text=True)

    def sign_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        self.token = _token(self.see("/logga-in"))
        answer = self.post("/logga-in", {"user_name": name, "password": password})
        # The token is the session's own; this page leaves no entry.
        if answer.status_code == 303:
            self.token = _token(self.get("/finns-inte").get_data(as_text=True))
        return answer

    def _kept(self, answer: TestResponse) -> TestResponse:
        answer.get_data()
        self.answers.append(answer)
        return answer


def forms_in(page: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """(action, fields) of every form of a page."""
    parser = _Forms()
    parser.feed(page)
    return parser.forms


def _token(page: str) -> str:
    return unescape(re.findall(r'name="csrf_token" value="([^"]+)"', page)[-1])


@dataclass
class House:
    """The installation, its pages and everybody's browsers."""

    folder: Path
    opened: OpenedHouse
    app: Flask
    organisations: dict[str, str]
    staff: dict[str, str]
    browsers: dict[str, Browser] = field(default_factory=dict)
    clock: list[datetime] = field(default_factory=lambda: [START])

    @property
    def at(self) -> datetime:
        return self.clock[0]

    def later(self, **span: float) -> None:
        self.clock[0] += timedelta(**span)

    def new_browser(self) -> Browser:
        return Browser(self.app.test_client(), between=lambda: self.later(seconds=1))

    def as_(self, name: str) -> Browser:
        """The browser in which somebody has signed in."""
        if name not in self.browsers:
            browser = self.browsers[name] = self.new_browser()
            assert browser.sign_in(name).status_code == 303
        return self.browsers[name]

    def entries(self, organisation: str = "soc") -> list[SeenEntry]:
        """Oldest first."""
        of = self.organisations.get(organisation, organisation)
        with self.opened.store.look(at=self.at) as tx:
            return list(entries_of_organisation(tx, of, most=100_000))[::-1]


@contextmanager
def a_house(folder: Path, database: str) -> Iterator[House]:
    """Installed in an empty folder and opened, on a database of either kind."""
    path = folder / "config.toml"
    path.write_text(CONFIG.format(database=database), encoding="utf-8")
    with (
        # Nobody guesses passwords here, and whoever waits for a lock waits in vain.
        patch("app.main.Passwords", lambda: CHEAP),
        patch("app.records.store.SQLITE_LOCK_SECONDS", LOCK_SECONDS),
        patch("app.records.store.POSTGRES_LOCK_SECONDS", LOCK_SECONDS),
        _opened(load_config(path), folder) as house,
    ):
        yield house


@contextmanager
def _opened(config: Config, folder: Path) -> Iterator[House]:
    install(config, operator_name="tester", clock=lambda: START)
    clock = [START]
    founding = open_house(config, clock=lambda: clock[0])
    organisations = {name: new_id(START) for name in ORGANISATIONS}
    try:
        staff = _found(founding, organisations)
    finally:
        founding.close()
    opened = open_house(config, clock=lambda: clock[0])
    try:
        yield House(
            folder=folder,
            opened=opened,
            app=web_application(opened),
            organisations=organisations,
            staff=staff,
            clock=clock,
        )
    finally:
        opened.close()


def _found(house: OpenedHouse, organisations: dict[str, str]) -> dict[str, str]:
    operator = house.operator("tester")
    for short, (name, kind) in ORGANISATIONS.items():
        new = Organisation(
            id=organisations[short],
            name=name,
            kind=kind,
            authority_id=short,
            authority_name=name,
            municipality="Sunne",
            controller=name,
            authority_periods=(EVER,),
        )
        add_organisation(new, operator, at=START, store=house.store, keyring=house.keyring)
    hashed = CHEAP.hash(PASSWORD)
    staff = {}
    for user_name, (name, where, role) in STAFF.items():
        member = StaffMember(id=new_id(START), name=name, title="handläggare")
        staff[user_name] = member.id
        add_staff(member, user_name, hashed, operator, at=START, store=house.store)
        grant = RoleGrant(
            id=new_id(START),
            staff_id=member.id,
            organisation_id=organisations[where],
            role=role,
            period=EVER,
        )
        grant_role(grant, operator, at=START, store=house.store)
        held = Delegation(
            id=new_id(START),
            organisation_id=organisations[where],
            staff_id=member.id,
            role=None,
            decision="disclose",
            item="4.2",
            period=EVER,
        )
        grant_delegation(held, operator, at=START, store=house.store)
    return staff
