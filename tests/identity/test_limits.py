"""How long a sign-in lasts, and how long one waits between guesses, by the clock handed in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.account import Attempts, fold_username, parse_username
from app.domain.ids import new_id
from app.domain.problem import Problem
from app.domain.session import Session
from app.identity.session import is_due_for_touch, is_live, key_of, new_token
from app.identity.throttle import LONGEST_WAIT, bucket_of, charged, wait_until

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def a_session(*, signed_in_at: datetime = AT, last_seen_at: datetime = AT) -> Session:
    return Session(
        id="s",
        key="k",
        staff_id="karin",
        organisation_id=None,
        signed_in_at=signed_in_at,
        last_seen_at=last_seen_at,
    )


@pytest.mark.parametrize(
    ("unused", "live"),
    [(timedelta(0), True), (timedelta(minutes=15) - MOMENT, True), (timedelta(minutes=15), False)],
)
def test_a_session_ends_when_unused_for_fifteen_minutes(unused: timedelta, live: bool) -> None:
    assert is_live(a_session(), at=AT + unused) is live


@pytest.mark.parametrize(
    ("age", "live"), [(timedelta(hours=8) - MOMENT, True), (timedelta(hours=8), False)]
)
def test_a_session_ends_after_eight_hours_however_much_it_is_used(
    age: timedelta, live: bool
) -> None:
    now = AT + age
    assert is_live(a_session(last_seen_at=now), at=now) is live


@pytest.mark.parametrize(
    ("since", "due"), [(timedelta(minutes=1) - MOMENT, False), (timedelta(minutes=1), True)]
)
def test_a_use_is_noted_once_a_minute(since: timedelta, due: bool) -> None:
    assert is_due_for_touch(a_session(), at=AT + since) is due


def test_a_token_has_256_random_bits_and_its_key_does_not_hold_it() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(len(token) == 43 for token in tokens)
    token = tokens.pop()
    assert len(key_of(token)) == 64
    assert token not in key_of(token)


def test_a_session_does_not_show_its_key() -> None:
    assert "key" not in repr(a_session())


def test_the_first_three_guesses_are_free_and_then_the_wait_doubles() -> None:
    waits = [
        (until - AT).total_seconds() if until else 0
        for until in (wait_until(Attempts(count=n, last_at=AT), at=AT) for n in range(16))
    ]
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


@given(st.integers(0, 10**9))
def test_the_wait_is_never_longer_than_fifteen_minutes(count: int) -> None:
    until = wait_until(Attempts(count=count, last_at=AT), at=AT)
    assert until is None or until - AT <= timedelta(minutes=15)


def test_a_clock_gone_backwards_does_not_lengthen_the_wait() -> None:
    earlier = AT - timedelta(days=365)
    until = wait_until(Attempts(count=50, last_at=AT), at=earlier)
    assert until == earlier + LONGEST_WAIT


def test_a_day_without_guesses_is_forgotten() -> None:
    attempts = Attempts(count=40, last_at=AT)
    tomorrow = AT + timedelta(hours=24)
    assert wait_until(attempts, at=tomorrow) is None
    assert charged(attempts, at=tomorrow) == Attempts(count=1, last_at=tomorrow)


def test_who_guesses_without_pause_gets_fewer_than_a_hundred_guesses_in_any_hour() -> None:
    attempts, now, tried = Attempts(count=0, last_at=AT), AT, []
    while now < AT + timedelta(hours=30):
        until = wait_until(attempts, at=now)
        if until is not None:
            now = until
            continue
        tried.append(now)
        attempts = charged(attempts, at=now)
    busiest = max(
        sum(start <= one < start + timedelta(hours=1) for one in tried) for start in tried
    )
    assert busiest <= 100
    assert len(tried) < 200


@pytest.mark.parametrize("typed", ["Karin", " karin ", "KARIN", "ｋａｒｉｎ", "karin\t"])
def test_one_name_has_one_form_and_one_count(typed: str) -> None:
    assert fold_username(typed) == "karin"
    assert bucket_of(typed) == bucket_of("karin")


@given(st.text(max_size=200))
def test_folding_a_name_again_changes_nothing(typed: str) -> None:
    assert fold_username(fold_username(typed)) == fold_username(typed)
    assert "\0" not in fold_username(typed)
    assert len(fold_username(typed)) <= 81


@pytest.mark.parametrize(
    ("typed", "parsed"),
    [
        (" Karin ", "karin"),
        ("k" * 80, "k" * 80),
        ("  ", Problem(field="user_name", code="user_name_missing")),
        ("k" * 81, Problem(field="user_name", code="too_long", values={"most": 80})),
    ],
)
def test_an_account_is_made_under_a_name_of_one_to_eighty_characters(
    typed: str, parsed: str | Problem
) -> None:
    assert parse_username(typed) == parsed


@given(st.text(max_size=50))
def test_a_count_tells_little_of_what_was_typed(typed: str) -> None:
    assert 0 <= bucket_of(typed) < 2**20
    assert 2**20 <= bucket_of(typed, device_key="a" * 64) < 2**21


def test_an_id_sorts_by_time_and_two_of_one_moment_differ() -> None:
    early, late = new_id(AT), new_id(AT + timedelta(milliseconds=1))
    assert early < late
    assert new_id(AT) != new_id(AT)
    assert early[14] == "7"


def test_an_id_without_a_zone_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="zone"):
        new_id(AT.replace(tzinfo=None))
