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

from app.keys import RootKey, SoftwareKeyring
from app.records.store import Store
from app.web import operational_log
from policies import Law, load
from tests.founded import Founded
from tests.web.stand_in import PASSWORD, StandInDoor, a_site, an_app
from tests.web.town import Town, build

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


@pytest.fixture(scope="session")
def law() -> Law:
    return load()


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> SoftwareKeyring:
    path: Path = tmp_path_factory.mktemp("root") / "root.key"
    return SoftwareKeyring(RootKey.create(path, "production"))


@pytest.fixture(scope="session")
def founded(keyring: SoftwareKeyring, law: Law) -> Founded[Town]:
    return Founded(
        lambda store: build(store, keyring, law), lambda town, store: town.again(store, keyring)
    )


@pytest.fixture
def town(store: Store, founded: Founded[Town]) -> Town:
    """The pages' own house: real database of either kind, real law, real keys."""
    return founded.on(store)


class Someone:
    """A signed-in member of staff with a browser of their own, without JavaScript."""

    def __init__(self, client: FlaskClient, name: str) -> None:
        self.client = client
        self.token = self._token("/logga-in")
        assert self.post("/logga-in", user_name=name, password=PASSWORD).status_code == 303
        # The token is the session's own, the same in every form; this page leaves no entry.
        self.token = self._token("/finns-inte")

    def _token(self, path: str) -> str:
        return TOKEN.findall(self.client.get(path).get_data(as_text=True))[0]

    def get(self, path: str):  # type: ignore[no-untyped-def]
        return self.client.get(path)

    def see(self, path: str) -> str:
        """The page as text. It must be there."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.status
        return answer.get_data(as_text=True)

    def post(self, path: str, **fields: object):  # type: ignore[no-untyped-def]
        """Sends a form with this browser's token. A list is a field with several values."""
        return self.client.post(path, data={"csrf_token": self.token, **fields})


@pytest.fixture
def sign_in(town: Town):  # type: ignore[no-untyped-def]
    """Signs somebody in, each in a browser of their own."""
    app = an_app(town.site(), TEMPLATES)
    return lambda name: Someone(app.test_client(), name)
