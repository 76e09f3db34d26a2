"""Sign in with a user name and a password.

Three steps in two transactions. The guess is counted and that is committed; then the password is
checked with no transaction open, because checking is slow on purpose and would hold up everybody
else; then the outcome and its entry are written together. A crash in between leaves a counted
guess and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.account import Account, fold_username
from app.domain.ids import INSTALLATION, new_id
from app.domain.legal_day import legal_day
from app.domain.organisation import Organisation
from app.domain.session import Session
from app.domain.staff import StaffMember
from app.flows.access_held import HoldRoles
from app.identity.password import Checked, Passwords
from app.identity.session import ABSOLUTE_LIMIT, key_of, new_token
from app.identity.throttle import FORGOTTEN_AFTER, bucket_of, charged, wait_until
from app.records.account import find_account, set_password_hash
from app.records.known_device import forget_devices, insert_device, is_known_device
from app.records.once import forget_forms
from app.records.role_grant import standings_of
from app.records.session import forget_sessions, insert_session
from app.records.staff import find_staff
from app.records.store import Store
from app.records.throttle import clear_attempts, forget_attempts, lock_attempts, save_attempts
from app.records.transaction import Transaction
from audit.canonical import Json
from audit.entry import Event
from audit.log import DetailSealer

DEVICE_KNOWN_FOR = timedelta(days=180)
FORMS_KEPT_FOR = timedelta(days=7)
"""No page that was open so long ago can be sent: its session ended long before."""

Sealers = Callable[[str], DetailSealer]
"""The sealer of an organisation's entries, by its id or `INSTALLATION`."""


@dataclass(frozen=True, kw_only=True)
class SignInForm:
    """What was typed, and what the browser keeps from an earlier sign-in."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    device_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A session has begun. Both tokens are for cookies of their own and nowhere else."""

    session_token: str = field(repr=False)
    device_token: str | None = field(repr=False)
    """To be kept by the browser for `DEVICE_KNOWN_FOR`; None if it has a good one already."""
    staff: StaffMember
    organisation: Organisation | None
    """The organisation acted for, if there is only one to choose."""


@dataclass(frozen=True)
class SignInRefused:
    """Unknown name, wrong password or disabled account: one answer, so that names stay secret."""


@dataclass(frozen=True)
class Throttled:
    """Too many guesses: nothing was checked, and nothing will be before `until`."""

    until: datetime


@dataclass(frozen=True)
class _Guess:
    """A guess that has been counted and may be checked."""

    bucket: int
    account: Account | None
    known_device: bool


def sign_in(
    form: SignInForm,
    *,
    at: datetime,
    store: Store,
    passwords: Passwords,
    sealers: Sealers,
    hold_roles: HoldRoles,
) -> SignedIn | SignInRefused | Throttled:
    """Begin a session under a new id, or refuse. One entry whatever the outcome, and one for each
    organisation where a role is not as the log says: the session is not for that one."""
    guess = _count_guess(form, at=at, store=store, sealers=sealers)
    if isinstance(guess, Throttled):
        return guess
    stored = guess.account.password_hash if guess.account else None
    checked = passwords.check(stored, form.password)
    with store.begin(at=at) as tx:
        # Read again: the password may have been changed, or the account disabled, meanwhile.
        account = find_account(tx, fold_username(form.username))
        if account is None or not checked.right or account != guess.account:
            return _refuse(tx, "wrong", guess, at=at, sealers=sealers)
        if account.disabled_at is not None:
            return _refuse(tx, "disabled", guess, at=at, sealers=sealers)
        unlike = hold_roles(tx, account.staff_id, at)
        return _begin_session(tx, account, guess, checked, unlike, at=at, sealers=sealers)


def _count_guess(
    form: SignInForm, *, at: datetime, store: Store, sealers: Sealers
) -> _Guess | Throttled:
    """Charge the guess before it is checked, so that many at once cannot outrun the count."""
    device_key = key_of(form.device_token) if form.device_token else None
    with store.begin(at=at) as tx:
        account = find_account(tx, fold_username(form.username))
        known = (
            account is not None
            and device_key is not None
            and is_known_device(tx, device_key, account_id=account.id, since=at - DEVICE_KNOWN_FOR)
        )
        bucket = bucket_of(form.username, device_key=device_key if known else None)
        guess = _Guess(bucket, account, known)
        attempts = lock_attempts(tx, bucket, at=at)
        until = wait_until(attempts, at=at)
        if until is not None:
            _refuse(tx, "throttled", guess, at=at, sealers=sealers)
            return Throttled(until)
        save_attempts(tx, bucket, charged(attempts, at=at))
        forget_attempts(tx, before=at - FORGOTTEN_AFTER)
        return guess


def _refuse(
    tx: Transaction, reason: str, guess: _Guess, *, at: datetime, sealers: Sealers
) -> SignInRefused:
    """Tell it without the name that was typed: people type passwords there by mistake."""
    known = guess.account is not None
    told: dict[str, Json] = {"account": guess.account.id} if guess.account else {}
    event = Event(
        id=new_id(at),
        op="session.sign_in_refused",
        res="deny",
        org=INSTALLATION,
        actor={},
        object=told,
        detail={"reason": reason, "known_account": known, "guesses_at": guess.bucket},
    )
    tx.record(event, sealer=sealers(INSTALLATION))
    return SignInRefused()


def _begin_session(
    tx: Transaction,
    account: Account,
    guess: _Guess,
    checked: Checked,
    unlike: frozenset[str],
    *,
    at: datetime,
    sealers: Sealers,
) -> SignedIn:
    member = find_staff(tx, account.staff_id)
    if member is None:
        raise LookupError(f"account {account.id} belongs to nobody; the database is damaged")
    standings = standings_of(tx, member.id, on=legal_day(at), at=at)
    only = standings[0][0] if len(standings) == 1 and standings[0][0].id not in unlike else None
    token, device_token = new_token(), None if guess.known_device else new_token()
    session = Session(
        id=new_id(at),
        key=key_of(token),
        staff_id=member.id,
        organisation_id=only.id if only else None,
        signed_in_at=at,
        last_seen_at=at,
    )
    event = _signed_in(session, account, checked, at=at, new_device=device_token is not None)
    insert_session(tx, session, entry_id=event.id)
    if device_token is not None:
        insert_device(tx, key_of(device_token), account_id=account.id, at=at, entry_id=event.id)
    if checked.stronger_hash is not None:
        set_password_hash(tx, account.id, checked.stronger_hash, entry_id=event.id)
    clear_attempts(tx, guess.bucket)
    forget_sessions(tx, before=at - ABSOLUTE_LIMIT)
    forget_devices(tx, before=at - DEVICE_KNOWN_FOR)
    forget_forms(tx, before=at - FORMS_KEPT_FOR)
    tx.record(event, sealer=sealers(event.org))
    return SignedIn(session_token=token, device_token=device_token, staff=member, organisation=only)


def _signed_in(
    session: Session, account: Account, checked: Checked, *, at: datetime, new_device: bool
) -> Event:
    return Event(
        id=new_id(at),
        op="session.signed_in",
        res="allow",
        org=session.organisation_id or INSTALLATION,
        actor={"staff": session.staff_id, "session": session.id},
        object={"account": account.id},
        detail={"new_device": new_device, "rehashed": checked.stronger_hash is not None},
    )
