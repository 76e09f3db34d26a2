"""The shell of the pages, over doors that need no database."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
import structlog
from flask.testing import FlaskClient

from app.web import operational_log
from tests.web.stand_in import PASSWORD, StandInDoor, a_site, an_app

TEMPLATES = str(Path(__file__).parent / "templates")
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')

Post = Callable[..., object]


@pytest.fixture(autouse=True)
def operator_log() -> Iterator[StringIO]:
    """What the operator would read."""
    lines, root = StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    operational_log.configure(lines)
    yield lines
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def shell():  # type: ignore[no-untyped-def]
    """Site, door, faults and a client, over plain HTTP."""
    site, door, faults = a_site()
    return site, door, faults, an_app(site, TEMPLATES).test_client()


@pytest.fixture
def client(shell) -> FlaskClient:  # type: ignore[no-untyped-def]
    return shell[3]


@pytest.fixture
def door(shell) -> StandInDoor:  # type: ignore[no-untyped-def]
    return shell[1]


@pytest.fixture
def send(client: FlaskClient):  # type: ignore[no-untyped-def]
    """Posts a form as a browser would: with the token of the page it stands on."""

    def post(path: str, *, page: str | None = None, **fields: str):  # type: ignore[no-untyped-def]
        found = TOKEN.findall(client.get(page or path).get_data(as_text=True))
        # The last form of the page is the page's own; the first is the sign-out in the frame.
        return client.post(path, data={"csrf_token": found[-1], **fields})

    return post


@pytest.fixture
def karin(client: FlaskClient, send) -> FlaskClient:  # type: ignore[no-untyped-def]
    """A client in which Karin has signed in."""
    answer = send("/logga-in", user_name="karin", password=PASSWORD)
    assert answer.status_code == 303
    return client
