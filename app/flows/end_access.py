"""What the technician does when somebody leaves, changes work or has lost a password.

As in `app.flows.install` the entries belong to the installation, and name the operator. What is
taken away counts from the next request on: roles and accounts are looked up at each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.domain.account import Account, fold_username
from app.domain.legal_day import legal_day
from app.flows.install import Operator
from app.identity.throttle import bucket_of
from app.records.account import (
    AccountLine,
    accounts,
    disable_account,
    find_account,
    set_password_hash,
)
from app.records.role_grant import end_role_grant, grants_of
from app.records.session import revoke_sessions_of
from app.records.store import Store
from app.records.throttle import clear_attempts
from app.records.transaction import Transaction
from audit.canonical import Json


@dataclass(frozen=True)
class Ended:
    """It is done, and to how many roles or accounts."""

    count: int


@dataclass(frozen=True)
class NothingEnded:
    """Nothing changed, and why, in a sentence for a technician."""

    why: str


Outcome = Ended | NothingEnded


def list_accounts(operator: Operator, *, at: datetime, store: Store) -> Sequence[AccountLine]:
    """Everybody who has an account, by name, with the roles they hold now. One entry."""
    with store.begin(at=at) as tx:
        found = accounts(tx, on=legal_day(at), at=at)
        _tell(tx, "staff.listed", operator, at=at, about={}, detail={"count": len(found)})
    return found


def end_role(
    staff_id: str,
    organisation_id: str,
    role: str,
    operator: Operator,
    *,
    at: datetime,
    store: Store,
) -> Outcome:
    """Take a role away, also one that has not begun. Their other roles stay."""
    about: dict[str, Json] = {"staff": staff_id, "organisation": organisation_id}
    with store.begin(at=at) as tx:
        held = [
            grant
            for grant in grants_of(tx, staff_id)
            if grant.ended_at is None
            and (grant.organisation_id, grant.role) == (organisation_id, role)
        ]
        if not held:
            why = f"{staff_id} has no role {role} in {organisation_id} that could end"
            return _nothing(tx, "role.end_refused", why, operator, at=at)
        entry_id = _tell(tx, "role.ended", operator, at=at, about=about, detail={"role": role})
        for grant in held:
            end_role_grant(tx, grant.id, at=at, entry_id=entry_id)
    return Ended(len(held))


def close_account(username: str, operator: Operator, *, at: datetime, store: Store) -> Outcome:
    """Let nobody sign in by it any more, end its sessions and every role of whoever had it."""
    with store.begin(at=at) as tx:
        found = _open_account(tx, username)
        if isinstance(found, NothingEnded):
            return _nothing(tx, "account.close_refused", found.why, operator, at=at)
        about: dict[str, Json] = {"staff": found.staff_id}
        entry_id = _tell(tx, "account.closed", operator, at=at, about=about)
        disable_account(tx, found.id, at=at, entry_id=entry_id)
        revoke_sessions_of(tx, found.staff_id, at=at, entry_id=entry_id)
        for grant in grants_of(tx, found.staff_id):
            if grant.ended_at is None:
                end_role_grant(tx, grant.id, at=at, entry_id=entry_id)
    return Ended(1)


def refuse_no_account(
    username: str, operator: Operator, *, at: datetime, store: Store
) -> NothingEnded | None:
    """Why nobody's password can be set, asked before one is typed; `set_password` asks again."""
    with store.begin(at=at) as tx:
        found = _open_account(tx, username)
        if isinstance(found, NothingEnded):
            return _nothing(tx, "password.set_refused", found.why, operator, at=at)
    return None


def set_password(
    username: str, password_hash: str, operator: Operator, *, at: datetime, store: Store
) -> Outcome:
    """Replace a password that has been lost: every session ends, and the throttle with them.

    The password itself never comes here. The owner sees in the log that it was not they who did it.
    """
    with store.begin(at=at) as tx:
        found = _open_account(tx, username)
        if isinstance(found, NothingEnded):
            return _nothing(tx, "password.set_refused", found.why, operator, at=at)
        about: dict[str, Json] = {"staff": found.staff_id}
        entry_id = _tell(tx, "password.set", operator, at=at, about=about)
        set_password_hash(tx, found.id, password_hash, entry_id=entry_id)
        revoke_sessions_of(tx, found.staff_id, at=at, entry_id=entry_id)
        clear_attempts(tx, bucket_of(found.username))
    return Ended(1)


def _open_account(tx: Transaction, username: str) -> Account | NothingEnded:
    found = find_account(tx, fold_username(username))
    if found is None:
        return NothingEnded("there is no such user name")
    return NothingEnded("that account is closed") if found.disabled_at is not None else found


def _nothing(
    tx: Transaction, op: str, why: str, operator: Operator, *, at: datetime
) -> NothingEnded:
    _tell(tx, op, operator, at=at, about={}, res="deny")
    return NothingEnded(why)


def _tell(
    tx: Transaction,
    op: str,
    operator: Operator,
    *,
    at: datetime,
    about: dict[str, Json],
    detail: dict[str, Json] | None = None,
    res: Literal["allow", "deny"] = "allow",
) -> str:
    event = operator.event(op, at=at, about=about, detail=detail, res=res)
    tx.record(event, sealer=operator.sealer)
    return event.id
