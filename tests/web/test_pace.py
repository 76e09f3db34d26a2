"""The pages of the law are answered at a person's pace to those who have not signed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web import pace
from app.web.pace import Allowance, Pace, network_of
from tests.web.conftest import TEMPLATES
from tests.web.stand_in import PASSWORD, a_site, an_app

AT = datetime(2026, 11, 23, 12, 40, tzinfo=UTC)
ASK = "/fraga?from=SOC&to=POLICE&category=K11"
ONE, ALL, OWN = 6, 20, 40
"""How many at once here: an address, all strangers together, somebody who has signed in."""


@dataclass
class Clock:
    now: datetime = AT

    def __call__(self) -> datetime:
        return self.now

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A service as it is, but for the numbers, so that a test need not ask hundreds of times."""
    for name, at_once in (("STRANGER", ONE), ("STRANGERS", ALL), ("STAFF", OWN)):
        real = getattr(pace, name)
        monkeypatch.setattr(pace, name, replace(real, at_once=at_once))
    return _app(clock)


def _app(clock: Clock) -> Flask:
    site, _, _ = a_site()
    site = replace(site, clock=clock, settings=replace(site.settings, open_question=True))
    return an_app(site, TEMPLATES, paced=True)


Ask = Callable[..., int]


@pytest.fixture
def ask(app: Flask) -> Ask:
    """Asks once from an address, and tells the status."""
    client = app.test_client()
    return lambda address="192.0.2.1", path=ASK: (
        client.get(path, environ_base={"REMOTE_ADDR": address}).status_code
    )


def test_a_person_who_clicks_every_other_second_is_never_asked_to_wait() -> None:
    client, clock = Pace(pace.STRANGER), Clock()
    for _ in range(1800):
        assert client.wait("192.0.2.1", at=clock()) == 0
        clock.later(2)


def test_nobody_at_a_keyboard_reaches_the_pace_of_staff() -> None:
    client, clock = Pace(pace.STAFF), Clock()
    for _ in range(36_000):
        assert client.wait("karin", at=clock()) == 0
        clock.later(0.1)


def test_whoever_asks_too_fast_is_told_how_long_to_wait(app: Flask, ask: Ask, clock: Clock) -> None:
    for _ in range(ONE):
        assert ask() == 200
    answer = app.test_client().get(ASK, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "2"
    html = answer.get_data(as_text=True)
    assert "Många frågor på kort tid" in html
    assert "Inget av det du har frågat är sparat" in html
    clock.later(1.9)
    assert ask() == 429
    clock.later(0.2)
    assert ask() == 200
    assert ask() == 429


def test_the_message_is_in_english_too(app: Flask) -> None:
    client = app.test_client()
    client.get("/sprak/en")
    for _ in range(ONE):
        client.get(ASK)
    assert "Many questions in a short time" in client.get(ASK).get_data(as_text=True)


@pytest.mark.parametrize("path", ["/regler", "/regler/matris", "/ova"])
def test_the_other_pages_of_the_law_go_by_the_same_pace(ask: Ask, path: str) -> None:
    for _ in range(ONE):
        assert ask(path=ASK) == 200
    assert ask(path=path) == 429


def test_one_address_takes_nothing_from_another(ask: Ask) -> None:
    for _ in range(ONE * 2):
        ask("192.0.2.1")
    assert ask("192.0.2.1") == 429
    assert ask("192.0.2.2") == 200


def test_many_addresses_have_one_pace_together(ask: Ask, clock: Clock) -> None:
    answers = [ask(f"192.0.2.{n % 250}") for n in range(ALL + 5)]
    assert answers.count(429) == 5
    clock.later(1)
    assert ask("198.51.100.7") == 200


def test_staff_are_answered_while_strangers_wait(app: Flask, ask: Ask) -> None:
    staff = _signed_in(app)
    for n in range(ALL + 5):
        ask(f"192.0.2.{n % 250}")
    assert ask("198.51.100.7") == 429
    # Ten times faster than a hand, from the very address that is too fast.
    for _ in range(OWN):
        assert staff.get(ASK, environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 200


def test_a_program_that_borrows_a_session_is_slowed_too(app: Flask) -> None:
    staff = _signed_in(app)
    answers = [staff.get(ASK).status_code for _ in range(OWN + 1)]
    assert answers[-2:] == [200, 429]


def test_a_page_that_is_not_of_the_law_has_no_pace(app: Flask, ask: Ask) -> None:
    for _ in range(ONE + 5):
        ask()
    assert app.test_client().get("/logga-in").status_code == 200


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff::9", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::1", "2001:db8:0:2::/64"),
        (None, "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_a_client_is_an_address_or_an_ipv6_network(address: str | None, network: str) -> None:
    assert network_of(address) == network


def test_no_more_clients_are_remembered_than_there_is_room_for() -> None:
    pace = Pace(Allowance(at_once=2, a_second=1), most_clients=10)
    for n in range(1000):
        assert pace.wait(str(n), at=AT) == 0
    assert len(pace) == 10


def test_a_clock_set_back_gives_nothing_and_takes_nothing() -> None:
    pace = Pace(Allowance(at_once=1, a_second=1))
    assert pace.wait("a", at=AT) == 0
    assert pace.wait("a", at=AT - timedelta(days=1)) == 1
    assert pace.wait("a", at=AT - timedelta(days=1) + timedelta(seconds=1)) == 0


def _signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    form = client.get("/logga-in").get_data(as_text=True)
    token = form.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    answer = client.post(
        "/logga-in", data={"csrf_token": token, "user_name": "karin", "password": PASSWORD}
    )
    assert answer.status_code == 303
    return client
