"""What is accepted as a password, and what checking one tells."""

from __future__ import annotations

import statistics
import time

import argon2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.identity.password import Passwords, problems_with_password

GOOD = "tre röda båtar i Fryken"


def codes(password: str, username: str = "karin") -> list[str]:
    return [problem.code for problem in problems_with_password(password, username=username)]


@pytest.mark.parametrize(
    ("password", "wrong_with_it"),
    [
        (GOOD, []),
        ("a2c4e6g8i0k2m4", ["password_too_short"]),
        ("a2c4e6g8i0k2m4o", []),
        ("ö" * 7 + "abcdefgh", []),
        ("x" * 500 + "abcdefghijk" * 50, ["too_long"]),
        ("Karin tycker om sommaren", ["password_holds_username"]),
        ("sommaren är KARINS", ["password_holds_username"]),
        ("aaaaaaaaaaaaaaaaaa", ["password_too_simple"]),
        ("lösenordlösenord", ["password_too_simple"]),
        ("sommar2026sommar2026somm", ["password_too_simple"]),
        ("123456789012345", ["password_too_simple"]),
        ("987654321098765", ["password_too_simple"]),
        ("qwertyuiopåasdf", ["password_too_simple"]),
        ("abcdefghijklmno", ["password_too_simple"]),
        ("karin", ["password_too_short", "password_holds_username", "password_too_simple"]),
    ],
)
def test_what_is_wrong_with_a_password(password: str, wrong_with_it: list[str]) -> None:
    assert codes(password) == wrong_with_it


@pytest.mark.parametrize("password", ["min chef heter kArIn", "min chef heter ＫＡＲＩＮ"])
def test_the_user_name_is_refused_however_it_is_written(password: str) -> None:
    assert codes(password, " KARIN ") == ["password_holds_username"]


def test_the_right_password_is_right_and_any_other_is_wrong(passwords: Passwords) -> None:
    stored = passwords.hash(GOOD)
    assert passwords.check(stored, GOOD).right
    assert not passwords.check(stored, GOOD + " ").right
    assert not passwords.check(stored, GOOD.upper()).right
    assert not passwords.check(stored, "").right


def test_no_password_is_right_where_there_is_no_account(passwords: Passwords) -> None:
    assert not passwords.check(None, GOOD).right


def test_a_damaged_hash_lets_nobody_in(passwords: Passwords) -> None:
    assert not passwords.check("not a hash at all", GOOD).right


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=90), st.text(max_size=3))
def test_a_password_counts_exactly_as_typed(password: str, more: str) -> None:
    cheap = Passwords(memory_kib=8, passes=1)
    try:
        password.encode()
        more.encode()
    except UnicodeEncodeError:
        return
    stored = cheap.hash(password)
    assert cheap.check(stored, password).right
    assert cheap.check(stored, password + more).right is (more == "")


def test_two_hashes_of_one_password_differ(passwords: Passwords) -> None:
    assert passwords.hash(GOOD) != passwords.hash(GOOD)


def test_a_hash_made_with_less_work_is_replaced_when_the_password_is_right() -> None:
    weak, strong = Passwords(memory_kib=8, passes=1), Passwords(memory_kib=16, passes=2)
    checked = strong.check(weak.hash(GOOD), GOOD)
    assert checked.right
    assert checked.stronger_hash is not None
    assert strong.check(checked.stronger_hash, GOOD) == type(checked)(right=True)
    assert strong.check(weak.hash(GOOD), "wrong").stronger_hash is None


def test_the_work_is_at_least_what_owasp_names() -> None:
    parameters = argon2.extract_parameters(Passwords().hash(GOOD))
    assert parameters.type is argon2.Type.ID
    assert parameters.memory_cost >= 47_104
    assert parameters.time_cost >= 1
    assert parameters.salt_len >= 16
    assert parameters.hash_len >= 32


def test_an_unknown_account_takes_as_long_as_a_wrong_password() -> None:
    passwords = Passwords(memory_kib=1024, passes=2)
    stored = passwords.hash(GOOD)

    def seconds(where: str | None) -> float:
        start = time.process_time()
        passwords.check(where, "wrong")
        return time.process_time() - start

    # The processor's time, in turns, so that whatever else the machine does falls on both.
    taken = [(seconds(stored), seconds(None)) for _ in range(120)]
    known, unknown = (statistics.median(side) for side in zip(*taken, strict=True))
    assert 0.8 < unknown / known < 1.25
