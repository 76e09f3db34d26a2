"""PostgreSQL lets nobody in: which of database, role and password is wrong is said."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Thread

import pytest
import sqlalchemy

from app.records.errors import StoreBusy, StoreFault, StoreNotReady
from app.records.store import Store, connect

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CLEARTEXT = b"R" + struct.pack("!ii", 8, 3)


def refusal(code: str, words: str) -> bytes:
    """An ErrorResponse. Source: PostgreSQL, Frontend/Backend Protocol, Message Formats"""
    fields = "".join(f"{key}{text}\0" for key, text in (("S", "FATAL"), ("C", code), ("M", words)))
    body = fields.encode() + b"\0"
    return b"E" + struct.pack("!i", len(body) + 4) + body


@contextmanager
def answering(*replies: bytes) -> Iterator[int]:
    """A server that says these, one after each thing said to it. Its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with listening.accept()[0] as spoken:
                for reply in replies:
                    spoken.recv(4096)
                    spoken.sendall(reply)
                spoken.recv(4096)

        thread = Thread(target=answer, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


def told(url: str) -> StoreFault:
    store = Store(connect(url))
    with pytest.raises(StoreFault) as failed, store.begin(at=AT):
        pass
    store.close()
    return failed.value


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"database": "nope"}, "has no database nope; make it"),
        ({"username": "nobody_here"}, "has no role nobody_here; make it"),
    ],
)
def test_a_server_without_the_database_or_the_role_says_which(
    change: dict[str, str], words: str
) -> None:
    server = sqlalchemy.make_url(os.environ["SLUSS_TEST_POSTGRES"]).set(**change)  # type: ignore[arg-type]
    fault = told(server.render_as_string(hide_password=False))
    assert type(fault) is StoreNotReady
    assert words in str(fault)


@pytest.mark.parametrize(
    ("password", "replies", "words"),
    [
        ("", (CLEARTEXT,), "asks for a password for the role sluss_app, and none is known"),
        (
            ":secret",
            (CLEARTEXT, refusal("28P01", 'password authentication failed for user "sluss_app"')),
            "does not accept the password of the role sluss_app",
        ),
        (
            "",
            (refusal("28000", 'no pg_hba.conf entry for host "10.1.2.3", user "sluss_app"'),),
            "pg_hba.conf lets the role sluss_app into the database sluss from nowhere like here",
        ),
        (
            "",
            (refusal("28000", 'Peer authentication failed for user "sluss_app"'),),
            "only the account of the same name",
        ),
        (
            "",
            (refusal("42501", 'permission denied for database "sluss"'),),
            "GRANT CONNECT",
        ),
    ],
)
def test_a_server_that_turns_the_role_away_says_why(
    monkeypatch: pytest.MonkeyPatch, password: str, replies: tuple[bytes, ...], words: str
) -> None:
    monkeypatch.setenv("PGPASSFILE", "/nonexistent")
    with answering(*replies) as port:
        url = f"postgresql+psycopg://sluss_app{password}@127.0.0.1:{port}/sluss?sslmode=disable"
        fault = told(f"{url}&gssencmode=disable")
    assert type(fault) is StoreNotReady
    assert words in str(fault)
    assert "secret" not in str(fault)
    assert "10.1.2.3" not in str(fault)


def test_a_server_that_is_starting_is_tried_again() -> None:
    with answering(refusal("57P03", "the database system is starting up")) as port:
        url = f"postgresql+psycopg://sluss_app@127.0.0.1:{port}/sluss?sslmode=disable"
        assert type(told(f"{url}&gssencmode=disable")) is StoreBusy
