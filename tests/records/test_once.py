"""A form sent twice acts once, and the second sending gets the first one's answer."""

# ruff: noqa: PT012 -- what fails is the end of the block, so the block is what is looked at.

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from app.records.once import already_done, forget_forms, remember_done
from app.records.staff import staff
from app.records.store import Store
from audit.entry import Event
from audit.log import DetailSealer

FORM = "form-1"


@pytest.fixture(autouse=True)
def karin(store: Store, at: datetime, an_event: Callable[..., Event], sealer: DetailSealer) -> None:
    """Somebody who sends forms."""
    happened = an_event()
    with store.begin(at=at) as tx:
        for name in ("karin", "sara"):
            tx.execute(insert(staff).values(id=name, name="K", title="t", audit_id=happened.id))
        tx.record(happened, sealer=sealer)


def send(
    store: Store, at: datetime, *, token: str = FORM, who: str = "karin", act: str = "disclose"
) -> str | None:
    """Send a form; what was remembered of an earlier sending, None if this one acted."""
    with store.begin(at=at) as tx:
        done = already_done(tx, token, who, act)
        if done is None:
            remember_done(tx, token, who, act, "note-1", at=at)
        return done


def test_the_second_sending_gets_the_answer_of_the_first(store: Store, at: datetime) -> None:
    assert [send(store, at), send(store, at), send(store, at)] == [None, "note-1", "note-1"]


@pytest.mark.parametrize("other", [{"token": "form-2"}, {"who": "sara"}, {"act": "write_note"}])
def test_another_form_person_or_act_is_not_a_repetition(
    store: Store, at: datetime, other: dict[str, str]
) -> None:
    send(store, at)
    assert send(store, at, **other) is None


def test_a_form_without_a_token_acts_every_time(store: Store, at: datetime) -> None:
    assert [send(store, at, token=""), send(store, at, token="")] == [None, None]


def test_a_form_whose_act_was_undone_acts_when_sent_again(store: Store, at: datetime) -> None:
    with pytest.raises(RuntimeError), store.begin(at=at) as tx:
        already_done(tx, "form-1", "karin", "disclose")
        remember_done(tx, "form-1", "karin", "disclose", "note-1", at=at)
        raise RuntimeError("undone")
    assert send(store, at) is None


def test_a_form_that_was_refused_acts_when_sent_again(store: Store, at: datetime) -> None:
    with store.begin(at=at) as tx:
        assert already_done(tx, "form-1", "karin", "disclose") is None
    assert send(store, at) is None


def test_of_two_sendings_at_once_one_acts(store: Store, at: datetime) -> None:
    answers: list[str | None] = []
    start = threading.Barrier(4)

    def press() -> None:
        start.wait()
        answers.append(send(store, at))

    presses = [threading.Thread(target=press) for _ in range(4)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert sorted(answers, key=str) == [None, "note-1", "note-1", "note-1"]


def test_an_old_form_is_forgotten(store: Store, at: datetime) -> None:
    send(store, at)
    with store.begin(at=at) as tx:
        forget_forms(tx, before=at)
    assert send(store, at) == "note-1"
    with store.begin(at=at) as tx:
        forget_forms(tx, before=at + timedelta(seconds=1))
    assert send(store, at) is None
