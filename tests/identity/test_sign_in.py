"""Signing in, choosing an organisation and signing out, with the entry each leaves."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from app.flows.act_for import ActsFor, NotYourOrganisation, act_for, organisations_to_choose
from app.flows.recognise import NotSignedIn, Recognised, recognise
from app.flows.sign_in import DEVICE_KNOWN_FOR, SignedIn, SignInRefused
from app.flows.sign_out import SignedOut, sign_out
from app.identity.password import Passwords
from app.records.account import account, account_of, disable_account
from app.records.audit_log import StoredLog
from app.records.delegation import end_delegation
from app.records.errors import UnloggedWriteError
from app.records.known_device import known_device
from app.records.role_grant import end_role_grant
from app.records.session import revoke_session, revoke_sessions_of, session
from app.records.store import Store
from audit.entry import read_sealed_form

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def who(world: Any, token: str, *, at: datetime = AT) -> Recognised | NotSignedIn:
    return recognise(token, at=at, store=world.store)


def recognised(world: Any, token: str, *, at: datetime = AT) -> Recognised:
    found = who(world, token, at=at)
    assert isinstance(found, Recognised)
    return found


def choose(world: Any, token: str, where: str, *, at: datetime = AT) -> Any:
    return act_for(
        token,
        where,
        at=at,
        store=world.store,
        sealers=world.sealers,
        hold_roles=world.hold_roles,
    )


def leave(world: Any, token: str, *, at: datetime = AT) -> Any:
    return sign_out(token, at=at, store=world.store, sealers=world.sealers)


def test_the_right_password_begins_a_session_and_is_told(world: Any) -> None:
    outcome = world.sign_in()
    assert isinstance(outcome, SignedIn)
    assert outcome.staff.name == "Karin"
    assert outcome.organisation.id == "soc"
    [entry] = world.entries()
    assert (entry.op, entry.res, entry.org) == ("session.signed_in", "allow", "soc")


def test_the_actor_holds_roles_and_delegations_of_the_day(world: Any) -> None:
    found = recognised(world, world.token())
    assert found.actor.staff_id == "karin"
    assert found.actor.organisation.id == "soc"
    assert found.actor.roles == {"case_worker"}
    assert found.actor.delegation_for("disclose").item == "4.2"
    assert found.actor.delegation_for("withdraw") is None
    assert found.actor.session_id == found.session.id


@pytest.mark.parametrize("name", ["KARIN", "  karin"])
def test_a_user_name_is_known_however_it_is_written(world: Any, name: str) -> None:
    assert isinstance(world.sign_in(name), SignedIn)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("karin", "fel lösenord som är långt"),
        ("ingen", "en lång väg till Torsby"),
        ("19850101-2384", "en lång väg till Torsby"),
        ("karin\0", "en lång väg till Torsby"),
        ("x" * 5000, "y" * 5000),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ],
)
def test_a_wrong_name_and_a_wrong_password_are_refused_alike_and_told(
    world: Any, name: str, password: str
) -> None:
    assert world.sign_in(name, password) == SignInRefused()
    [entry] = world.entries()
    assert (entry.op, entry.res, entry.org) == (
        "session.sign_in_refused",
        "deny",
        "installation",
    )


def test_what_was_typed_is_nowhere_in_the_database(world: Any) -> None:
    typed = "ovanligtnamn-att-hitta"
    world.sign_in(typed, typed)
    with world.store.look(at=AT) as tx:
        log = StoredLog(tx)
        kept = [row.entry for row in log.leaves(0, 9)]
        kept += [read_sealed_form(row.body).body for row in log.details(1, 9)]
        kept += [str(row).encode() for row in tx.execute(text("SELECT * FROM sign_in_attempt"))]
    assert len(kept) == 2 + 3 + 1
    assert not any(b"ovanligt" in one for one in kept)


def test_a_disabled_account_is_refused_like_a_wrong_password(world: Any) -> None:
    world.change(
        lambda tx, entry_id: disable_account(tx, "account-karin", at=AT, entry_id=entry_id)
    )
    assert world.sign_in() == SignInRefused()


def test_disabling_an_account_shuts_its_sessions_on_the_next_request(world: Any) -> None:
    token = world.token()
    world.change(
        lambda tx, entry_id: disable_account(tx, "account-karin", at=AT, entry_id=entry_id)
    )
    assert who(world, token) == NotSignedIn()


def test_someone_without_a_role_is_signed_in_and_acts_for_nobody(world: Any) -> None:
    outcome = world.sign_in("olle")
    assert isinstance(outcome, SignedIn)
    assert outcome.organisation is None
    assert recognised(world, outcome.session_token).actor is None
    assert organisations_to_choose("olle", at=AT, store=world.store) == ()


def test_each_sign_in_has_a_session_id_of_its_own(world: Any) -> None:
    first, second = world.token(), world.token()
    assert first != second
    assert recognised(world, first).session.id != recognised(world, second).session.id


def test_a_token_somebody_else_chose_opens_nothing(world: Any) -> None:
    world.token()
    assert who(world, "chosen-by-an-attacker") == NotSignedIn()
    assert who(world, "") == NotSignedIn()


def test_the_database_holds_no_token(world: Any) -> None:
    outcome = world.sign_in()
    with world.store.look(at=AT) as tx:
        rows = [str(row) for row in tx.execute(text("SELECT * FROM session"))]
        rows += [str(row) for row in tx.execute(text("SELECT * FROM known_device"))]
    assert len(rows) == 2
    assert not any(outcome.session_token in row or outcome.device_token in row for row in rows)


def test_the_stored_key_in_a_cookie_opens_nothing(world: Any) -> None:
    token = world.token()
    assert who(world, recognised(world, token).session.key) == NotSignedIn()


def test_tokens_and_passwords_do_not_show_in_what_is_printed(world: Any) -> None:
    outcome = world.sign_in()
    assert outcome.session_token not in repr(outcome)
    assert outcome.device_token not in repr(outcome)


def test_an_old_cookie_opens_nothing_after_signing_out(world: Any) -> None:
    token = world.token()
    assert leave(world, token) == SignedOut()
    assert who(world, token) == NotSignedIn()
    assert choose(world, token, "soc") == NotSignedIn()
    assert leave(world, token) == NotSignedIn()
    assert world.operations() == ["session.signed_in", "session.signed_out"]


def test_signing_out_leaves_ones_other_sign_ins(world: Any) -> None:
    here, elsewhere = world.token(), world.token()
    leave(world, here)
    assert isinstance(who(world, elsewhere), Recognised)


def test_one_with_two_organisations_chooses_one(world: Any) -> None:
    outcome = world.sign_in("lena")
    assert outcome.organisation is None
    assert [entry.org for entry in world.entries()] == ["installation"]
    choices = organisations_to_choose("lena", at=AT, store=world.store)
    assert [(one.id, roles) for one, roles in choices] == [
        ("school", {"case_worker"}),
        ("soc", {"case_worker"}),
    ]
    chosen = choose(world, outcome.session_token, "school")
    assert isinstance(chosen, ActsFor)
    assert recognised(world, chosen.session_token).actor.organisation.id == "school"
    last = world.entries()[-1]
    assert (last.op, last.org) == ("session.organisation_chosen", "school")


def test_choosing_an_organisation_gives_a_new_id_and_shuts_the_old_one(world: Any) -> None:
    before = world.token("lena")
    after = choose(world, before, "soc").session_token
    assert after != before
    assert who(world, before) == NotSignedIn()
    assert isinstance(who(world, after), Recognised)


def test_choosing_an_organisation_does_not_make_the_day_longer(world: Any) -> None:
    token, now = world.token("lena"), AT
    while now < AT + timedelta(hours=8) - 10 * MINUTE:
        now += 10 * MINUTE
        token = choose(world, token, "soc", at=now).session_token
    assert isinstance(who(world, token, at=AT + timedelta(hours=8) - MINUTE), Recognised)
    assert who(world, token, at=AT + timedelta(hours=8)) == NotSignedIn()


@pytest.mark.parametrize("where", ["school", "nowhere", "", "x" * 3000])
def test_an_organisation_that_is_not_yours_is_refused_and_told(world: Any, where: str) -> None:
    token = world.token()
    assert choose(world, token, where) == NotYourOrganisation()
    assert world.operations() == ["session.signed_in", "session.organisation_refused"]
    assert recognised(world, token).actor.organisation.id == "soc"


def test_a_role_that_is_taken_away_is_gone_on_the_next_request(world: Any) -> None:
    token = world.token()
    assert recognised(world, token).actor is not None
    grant = world.grants["karin", "soc"]
    world.change(lambda tx, entry_id: end_role_grant(tx, grant.id, at=AT, entry_id=entry_id))
    assert recognised(world, token).actor is None
    assert choose(world, token, "soc") == NotYourOrganisation()


def test_a_delegation_that_is_ended_is_gone_on_the_next_request(world: Any) -> None:
    token = world.token()
    assert recognised(world, token).actor.delegations != ()
    world.change(lambda tx, entry_id: end_delegation(tx, "delegation-1", at=AT, entry_id=entry_id))
    assert recognised(world, token).actor.delegations == ()


def test_an_unused_session_ends_after_fifteen_minutes(world: Any) -> None:
    token = world.token()
    assert isinstance(who(world, token, at=AT + 14 * MINUTE), Recognised)
    assert isinstance(who(world, token, at=AT + 28 * MINUTE), Recognised)
    assert who(world, token, at=AT + 43 * MINUTE) == NotSignedIn()


def test_a_used_session_ends_after_eight_hours(world: Any) -> None:
    token, now = world.token(), AT
    while now < AT + timedelta(hours=8) - 10 * MINUTE:
        now += 10 * MINUTE
        assert isinstance(who(world, token, at=now), Recognised)
    assert who(world, token, at=AT + timedelta(hours=8)) == NotSignedIn()


def test_a_use_within_the_minute_writes_nothing(world: Any) -> None:
    token = world.token()
    who(world, token, at=AT + timedelta(seconds=59))
    assert recognised(world, token, at=AT).session.last_seen_at == AT
    who(world, token, at=AT + MINUTE)
    assert recognised(world, token, at=AT + MINUTE).session.last_seen_at == AT + MINUTE


def test_all_sessions_of_a_person_are_ended_at_once_and_nobody_elses(world: Any) -> None:
    mine, also_mine, hers = world.token(), world.token(), world.token("lena")
    world.change(lambda tx, entry_id: revoke_sessions_of(tx, "karin", at=AT, entry_id=entry_id))
    assert [type(who(world, token)) for token in (mine, also_mine, hers)] == [
        NotSignedIn,
        NotSignedIn,
        Recognised,
    ]


def test_one_session_of_a_person_is_ended_from_elsewhere(world: Any) -> None:
    lost, kept = world.token(), world.token()
    lost_id = recognised(world, lost).session.id
    world.change(lambda tx, entry_id: revoke_session(tx, lost_id, at=AT, entry_id=entry_id))
    assert who(world, lost) == NotSignedIn()
    assert isinstance(who(world, kept), Recognised)


def test_a_browser_that_is_no_longer_known_is_forgotten_when_somebody_signs_in(world: Any) -> None:
    later = AT + DEVICE_KNOWN_FOR + timedelta(days=1)
    world.sign_in()
    world.sign_in(at=later)
    with world.store.look(at=later) as tx:
        assert list(tx.execute(select(known_device.c.made_at)).scalars()) == [later]


def test_a_session_cannot_be_made_untold(world: Any) -> None:
    world.token()
    said = "wrote session and recorded nothing"
    with pytest.raises(UnloggedWriteError, match=said), world.store.begin(at=AT) as tx:
        tx.execute(update(session).values(revoked_at=None))


def test_a_hash_made_with_less_work_is_replaced_at_the_next_sign_in(world: Any) -> None:
    world.passwords = Passwords(memory_kib=16, passes=2)
    with world.store.look(at=AT) as tx:
        before = account_of(tx, "karin").password_hash
    assert isinstance(world.sign_in(), SignedIn)
    with world.store.look(at=AT) as tx:
        after = account_of(tx, "karin").password_hash
    assert "m=8,t=1" in before
    assert "m=16,t=2" in after
    assert isinstance(world.sign_in(), SignedIn)


def test_a_password_changed_while_it_was_checked_is_refused(world: Any) -> None:
    class Slow:
        def check(self, stored: str | None, typed: str) -> Any:
            world.change(lambda tx, _id: tx.execute(update(account).values(password_hash="new")))
            return kept.check(stored, typed)

    kept, world.passwords = world.passwords, Slow()
    assert world.sign_in() == SignInRefused()


def test_sessions_survive_the_store_being_opened_again(world: Any, database_url: str) -> None:
    token = world.token()
    world.store.close()
    world.store = Store.open(database_url)
    assert isinstance(who(world, token), Recognised)
    world.store.close()


def test_guesses_at_one_account_at_the_same_time_are_all_counted(world: Any) -> None:
    outcomes: list[Any] = []
    start = threading.Barrier(8)

    def guess() -> None:
        start.wait()
        outcomes.append(type(world.sign_in("karin", "fel")))

    guesses = [threading.Thread(target=guess) for _ in range(8)]
    for one in guesses:
        one.start()
    for one in guesses:
        one.join()
    assert sorted(one.__name__ for one in outcomes) == ["SignInRefused"] * 3 + ["Throttled"] * 5
