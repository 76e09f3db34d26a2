"""Change one's own password. The old one is asked for, and every other session ends.

As at sign-in, the guess at the old password is counted and committed before it is checked, so that
whoever sits down at an open page cannot try many; and it is checked with no transaction open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.domain.account import Account
from app.domain.ids import INSTALLATION, new_id
from app.domain.problem import Problem
from app.domain.session import Session
from app.flows.recognise import NotSignedIn, live_session
from app.flows.sign_in import Sealers, Throttled
from app.identity.password import Passwords, problems_with_password
from app.identity.session import key_of, new_token
from app.identity.throttle import bucket_of, charged, wait_until
from app.records.account import account_of, set_password_hash
from app.records.session import insert_session, revoke_sessions_of
from app.records.store import Store
from app.records.throttle import clear_attempts, lock_attempts, save_attempts
from app.records.transaction import Transaction
from audit.canonical import Json
from audit.entry import Event


@dataclass(frozen=True, kw_only=True)
class PasswordForm:
    """What was typed. None of it is ever shown again or kept."""

    old: str = field(repr=False)
    new: str = field(repr=False)
    repeated: str = field(repr=False)


@dataclass(frozen=True)
class PasswordChanged:
    """The new one counts; the only session that is left has this token."""

    session_token: str = field(repr=False)


@dataclass(frozen=True)
class PasswordNotChanged:
    """What is wrong, by field. Nothing changed."""

    problems: Sequence[Problem]


def change_password(
    form: PasswordForm,
    session_token: str,
    *,
    at: datetime,
    store: Store,
    passwords: Passwords,
    sealers: Sealers,
) -> PasswordChanged | PasswordNotChanged | Throttled | NotSignedIn:
    """Replace the password of whoever has the session. One entry, unless nobody has it."""
    counted = _count_guess(form, session_token, at=at, store=store, sealers=sealers)
    if not isinstance(counted, Account):
        return counted
    right = passwords.check(counted.password_hash, form.old).right
    made = passwords.hash(form.new) if right else ""
    with store.begin(at=at) as tx:
        found = live_session(tx, session_token, at=at)
        if found is None:
            return NotSignedIn()
        session = found[0]
        # Read again: somebody else may have changed it meanwhile.
        if not right or account_of(tx, session.staff_id) != counted:
            _tell(tx, session, "refused", "wrong", at=at, sealers=sealers)
            return PasswordNotChanged((Problem(field="old_password", code="old_password_wrong"),))
        return _replace(tx, session, counted, made, at=at, sealers=sealers)


def _count_guess(
    form: PasswordForm, session_token: str, *, at: datetime, store: Store, sealers: Sealers
) -> Account | PasswordNotChanged | Throttled | NotSignedIn:
    with store.begin(at=at) as tx:
        found = live_session(tx, session_token, at=at)
        account = account_of(tx, found[0].staff_id) if found else None
        if found is None or account is None:
            return NotSignedIn()
        if problems := _problems(form, account):
            _tell(tx, found[0], "refused", "unfit", at=at, sealers=sealers)
            return PasswordNotChanged(problems)
        bucket = bucket_of(account.username)
        attempts = lock_attempts(tx, bucket, at=at)
        if until := wait_until(attempts, at=at):
            _tell(tx, found[0], "refused", "throttled", at=at, sealers=sealers)
            return Throttled(until)
        save_attempts(tx, bucket, charged(attempts, at=at))
        return account


def _problems(form: PasswordForm, account: Account) -> list[Problem]:
    problems = []
    if not form.old:
        problems.append(Problem(field="old_password", code="password_missing"))
    unfit = problems_with_password(form.new, username=account.username)
    problems += [replace(one, field="new_password") for one in unfit]
    if form.new == form.old and not problems:
        problems.append(Problem(field="new_password", code="password_same"))
    if form.new != form.repeated:
        problems.append(Problem(field="repeated_password", code="password_differs"))
    return problems


def _replace(
    tx: Transaction, old: Session, account: Account, made: str, *, at: datetime, sealers: Sealers
) -> PasswordChanged:
    """Every session ends, this one too: it goes on under a new id, from the same sign-in."""
    token = new_token()
    new = replace(old, id=new_id(at), key=key_of(token), last_seen_at=at)
    entry_id = _tell(tx, new, "changed", "", at=at, sealers=sealers)
    set_password_hash(tx, account.id, made, entry_id=entry_id)
    revoke_sessions_of(tx, old.staff_id, at=at, entry_id=entry_id)
    insert_session(tx, new, entry_id=entry_id)
    clear_attempts(tx, bucket_of(account.username))
    return PasswordChanged(token)


def _tell(
    tx: Transaction, session: Session, how: str, reason: str, *, at: datetime, sealers: Sealers
) -> str:
    detail: dict[str, Json] = {"reason": reason} if reason else {}
    event = Event(
        id=new_id(at),
        op="password.changed" if how == "changed" else "password.change_refused",
        res="allow" if how == "changed" else "deny",
        org=session.organisation_id or INSTALLATION,
        actor={"staff": session.staff_id, "session": session.id},
        object={},
        detail=detail,
    )
    tx.record(event, sealer=sealers(event.org))
    return event.id
