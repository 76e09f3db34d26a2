"""Guessing at passwords is slowed down, for known and unknown names alike, and across restarts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.flows.sign_in import SignedIn, SignInRefused, Throttled
from app.records.store import Store

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def guess(world: Any, times: int, *, name: str = "karin", at: datetime = AT) -> Any:
    """Guess wrong so many times, waiting as long as is asked; the time of the last guess."""
    for _ in range(times):
        while isinstance(outcome := world.sign_in(name, "fel", at=at), Throttled):
            at = outcome.until
        assert outcome == SignInRefused()
    return at


@pytest.mark.parametrize("name", ["karin", "finns-inte"])
def test_the_fourth_guess_waits_whether_or_not_there_is_such_an_account(
    world: Any, name: str
) -> None:
    guess(world, 3, name=name)
    assert world.sign_in(name, "fel") == Throttled(AT + SECOND)
    assert world.sign_in(name, "fel", at=AT + SECOND) == SignInRefused()
    assert world.sign_in(name, "fel", at=AT + SECOND) == Throttled(AT + 3 * SECOND)


def test_the_right_password_is_not_tried_while_waiting(world: Any) -> None:
    guess(world, 3)
    assert world.sign_in() == Throttled(AT + SECOND)
    assert isinstance(world.sign_in(at=AT + SECOND), SignedIn)


def test_asking_while_waiting_does_not_lengthen_the_wait(world: Any) -> None:
    guess(world, 3)
    assert [world.sign_in() for _ in range(5)] == [Throttled(AT + SECOND)] * 5


def test_a_right_password_ends_the_counting(world: Any) -> None:
    now = guess(world, 5)
    assert isinstance(world.sign_in(at=now + 4 * SECOND), SignedIn)
    later = now + 4 * SECOND
    assert [world.sign_in("karin", "fel", at=later) for _ in range(3)] == [SignInRefused()] * 3


def test_the_count_survives_the_store_being_opened_again(world: Any, database_url: str) -> None:
    now = guess(world, 6)
    world.store.close()
    world.store = Store.open(database_url)
    assert world.sign_in(at=now) == Throttled(now + 8 * SECOND)
    world.store.close()


def test_one_accounts_count_is_not_anothers(world: Any) -> None:
    guess(world, 4)
    assert isinstance(world.sign_in("lena"), SignedIn)


def test_each_outcome_leaves_one_entry(world: Any) -> None:
    guess(world, 3)
    world.sign_in("karin", "fel")
    world.sign_in(at=AT + SECOND)
    assert world.operations() == ["session.sign_in_refused"] * 4 + ["session.signed_in"]


def test_an_hour_of_guessing_gets_few_guesses_checked(world: Any) -> None:
    checked, now = 0, AT
    while now < AT + timedelta(hours=1):
        outcome = world.sign_in("karin", "fel", at=now)
        if isinstance(outcome, Throttled):
            now = outcome.until
        else:
            checked += 1
    assert 10 <= checked <= 100


def test_the_owner_gets_in_from_a_known_browser_while_a_stranger_keeps_guessing(world: Any) -> None:
    earlier = world.sign_in(at=AT - timedelta(days=1))
    now = guess(world, 15)
    assert isinstance(world.sign_in(at=now), Throttled)
    again = world.sign_in(at=now, device=earlier.device_token)
    assert isinstance(again, SignedIn)
    assert again.device_token is None


def test_a_known_browser_of_another_account_gets_no_count_of_its_own(world: Any) -> None:
    lenas = world.sign_in("lena").device_token
    now = guess(world, 15)
    assert isinstance(world.sign_in(at=now, device=lenas), Throttled)


def test_guesses_from_a_known_browser_are_slowed_down_too(world: Any) -> None:
    device = world.sign_in().device_token
    outcomes = [type(world.sign_in("karin", "fel", device=device)) for _ in range(4)]
    assert outcomes == [SignInRefused] * 3 + [Throttled]


def test_a_browser_is_forgotten_after_half_a_year(world: Any) -> None:
    device = world.sign_in(at=AT - timedelta(days=181)).device_token
    now = guess(world, 15)
    assert isinstance(world.sign_in(at=now, device=device), Throttled)


def test_a_made_up_browser_gets_no_count_of_its_own(world: Any) -> None:
    guess(world, 3)
    assert isinstance(world.sign_in("karin", "fel", device="made up"), Throttled)


def test_counts_that_delay_nobody_are_not_kept(world: Any) -> None:
    guess(world, 1, name="first")
    guess(world, 1, name="second", at=AT + timedelta(hours=25))
    with world.store.look(at=AT) as tx:
        assert tx.execute(text("SELECT count(*) FROM sign_in_attempt")).scalar_one() == 1
