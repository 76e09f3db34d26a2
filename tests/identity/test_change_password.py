"""A password changed by whoever has it: the old one is asked for, and other sessions end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.flows.change_password import (
    PasswordChanged,
    PasswordForm,
    PasswordNotChanged,
    change_password,
)
from app.flows.recognise import NotSignedIn, Recognised, recognise
from app.flows.sign_in import SignedIn, SignInRefused, Throttled
from app.records.once import sent_form
from app.records.session import session
from tests.identity.conftest import AT, PASSWORD, World

NEW = "sju gamla båtar vid kajen"


def _change(world: World, token: str, *, old: str = PASSWORD, new: str = NEW, **more: Any) -> Any:
    form = PasswordForm(old=old, new=new, repeated=more.get("repeated", new))
    return change_password(
        form,
        token,
        at=more.get("at", AT),
        store=world.store,
        passwords=world.passwords,
        sealers=world.sealers,
    )


def _live(world: World, token: str) -> bool:
    return isinstance(recognise(token, at=AT, store=world.store), Recognised)


def test_the_new_one_counts_and_the_old_one_no_longer_does(world: World) -> None:
    assert isinstance(_change(world, world.token()), PasswordChanged)
    assert isinstance(world.sign_in(password=PASSWORD), SignInRefused)
    assert isinstance(world.sign_in(password=NEW), SignedIn)


def test_every_session_ends_and_one_goes_on_under_a_new_token(world: World) -> None:
    here, elsewhere = world.token(), world.token()
    lenas = world.token("lena")
    changed = _change(world, here)
    assert isinstance(changed, PasswordChanged)
    assert not _live(world, here)
    assert not _live(world, elsewhere)
    assert _live(world, changed.session_token)
    assert _live(world, lenas)
    assert world.operations()[-1] == "password.changed"


def test_without_the_old_one_nothing_changes(world: World) -> None:
    token = world.token()
    refused = _change(world, token, old="en helt annan lång gissning")
    assert isinstance(refused, PasswordNotChanged)
    assert [one.code for one in refused.problems] == ["old_password_wrong"]
    assert _live(world, token)
    assert isinstance(world.sign_in(), SignedIn)
    assert "password.change_refused" in world.operations()


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"new": "kort"}, "password_too_short"),
        ({"new": "karin och femton tecken"}, "password_holds_username"),
        ({"new": "abcabcabcabcabcabc"}, "password_too_simple"),
        ({"new": PASSWORD}, "password_same"),
        ({"repeated": "något annat än nyss"}, "password_differs"),
        ({"old": ""}, "password_missing"),
    ],
)
def test_what_cannot_be_a_password_is_told(world: World, form: dict[str, str], code: str) -> None:
    token = world.token()
    refused = _change(world, token, **form)
    assert isinstance(refused, PasswordNotChanged)
    assert code in [one.code for one in refused.problems]
    assert _live(world, token)


def test_guesses_at_an_open_page_are_throttled(world: World) -> None:
    token = world.token()
    answers = [_change(world, token, old=f"gissning nummer {n}") for n in range(6)]
    assert isinstance(answers[-1], Throttled)
    assert isinstance(_change(world, token), Throttled), "the right one is not tried either"


def test_nobody_is_asked_of_a_session_that_has_ended(world: World) -> None:
    token = world.token()
    before = world.operations()
    assert isinstance(_change(world, token, at=AT + timedelta(hours=9)), NotSignedIn)
    assert world.operations() == before


def test_signing_in_drops_what_can_open_nothing_any_more(world: World) -> None:
    old = world.token()
    with world.store.look(at=AT) as tx:
        assert tx.execute(select(func.count()).select_from(session)).scalar_one() == 1
    fresh = world.token(at=AT + timedelta(hours=9))
    with world.store.look(at=AT) as tx:
        assert tx.execute(select(func.count()).select_from(session)).scalar_one() == 1
    assert not _live(world, old)
    later = recognise(fresh, at=AT + timedelta(hours=9), store=world.store)
    assert isinstance(later, Recognised)


def test_signing_in_drops_the_tokens_of_forms_sent_long_ago(world: World) -> None:
    who = recognise(world.token(), at=AT, store=world.store)
    assert isinstance(who, Recognised)
    with world.store.engine.begin() as connection:
        for act, days in (("old", 8), ("new", 6)):
            row = {"staff_id": who.staff.id, "act": act, "token": "t"}
            connection.execute(sent_form.insert().values(**row, at=AT - timedelta(days=days)))
    world.token()
    with world.store.look(at=AT) as tx:
        assert tx.execute(select(sent_form.c.act)).scalars().all() == ["new"]
