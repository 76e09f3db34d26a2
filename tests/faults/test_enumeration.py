"""A stolen dump, and everybody's personal identity number tried against every column of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
import sqlalchemy

from app.records.schema import all_tables
from tests.attacks.house import House
from tests.attacks.story import BORN, Story, a_number

HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b", "blake2s")
SHORTEST = 8
"""Bytes of a hash that would still tell one number from all others."""


def _forms(number: str) -> Iterator[str]:
    """The ways in which people and programs write one number: ÅÅÅÅMMDD-NNNN and its kin."""
    day, serial = number.split("-")
    for begin in (day, day[2:]):
        for between in ("", "-", "+"):
            yield f"{begin}{between}{serial}"


def _guesses(number: str, salts: list[bytes]) -> set[bytes]:
    """Beginnings of every hash that a dump without its keys would let somebody make."""
    found = set()
    for form in _forms(number):
        for name in HASHES:
            for salt in salts:
                for data in (form.encode(), salt + form.encode(), form.encode() + salt):
                    found.add(hashlib.new(name, data).digest()[:SHORTEST])
    return found


def _columns(house: House) -> Iterator[tuple[str, bytes]]:
    """Every value of the dump, as bytes: what is hex or text too."""
    with house.opened.store.engine.connect() as connection:
        for name, table in all_tables().tables.items():
            for row in connection.execute(sqlalchemy.select(table)).mappings():
                for column, value in row.items():
                    if isinstance(value, bytes):
                        yield f"{name}.{column}", value
                    elif isinstance(value, str):
                        yield f"{name}.{column}", value.encode()
                        if len(value) % 2 == 0 and set(value) <= set("0123456789abcdef"):
                            yield f"{name}.{column}", bytes.fromhex(value)


@pytest.fixture
def story(house: House) -> Story:
    made = Story(house, lambda name: f"Ord om {name}")
    made.start_case()
    return made


def _told(story: Story) -> set[str]:
    """Where a guess is right. Salts are whatever else the dump holds that is short enough."""
    columns = list(_columns(story.house))
    ids = [value for _, value in columns if len(value) in (16, 32, 36)]
    guesses = _guesses(story.number, [b"", *dict.fromkeys(ids)])
    return {
        where
        for where, value in columns
        if any(value[at : at + SHORTEST] in guesses for at in range(len(value) - SHORTEST + 1))
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_column_tells_a_number_to_one_who_tries_them_all(story: Story) -> None:
    assert story.number == a_number(BORN)
    assert _told(story) == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("salted", [False, True])
def test_a_column_that_did_would_be_found(story: Story, salted: bool) -> None:
    form = story.number.replace("-", "").encode()
    salt = story.young.encode() if salted else b""
    with story.house.opened.store.engine.begin() as connection:
        connection.execute(
            sqlalchemy.text("UPDATE subject SET number_index = :index"),
            {"index": hashlib.sha256(salt + form).digest()},
        )
    assert _told(story) == {"subject.number_index"}
