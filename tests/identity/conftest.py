"""Shared by the tests of identity: a small world to sign in to, and cheap password hashing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app.domain.account import Account
from app.domain.ids import new_id
from app.domain.organisation import Organisation, Period
from app.domain.staff import Delegation, RoleGrant, StaffMember
from app.flows.sign_in import SignedIn, SignInForm, SignInRefused, Throttled, sign_in
from app.identity.password import Passwords
from app.records.account import insert_account
from app.records.audit_log import audit_leaf
from app.records.delegation import insert_delegation
from app.records.organisation import insert_organisation
from app.records.role_grant import insert_role_grant
from app.records.staff import insert_staff
from app.records.store import Store
from app.records.transaction import Transaction
from audit.entry import Entry, Event, Field, parse_leaf
from audit.log import DetailSealer

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
PASSWORD = "en lång väg till Torsby"
SINCE = Period(valid_from=date(2026, 1, 1))


class OpenSealer:
    """Keeps details readable, and remembers whose key sealed them in the key id."""

    def __init__(self, organisation_id: str) -> None:
        self.organisation_id = organisation_id

    def seal(self, field: Field, entry_id: str, plaintext: bytes) -> tuple[str, bytes]:
        return self.organisation_id, plaintext


@dataclass
class World:
    """Karin works in one organisation, Lena in two, Olle nowhere."""

    store: Store
    passwords: Passwords
    grants: dict[tuple[str, str], RoleGrant] = field(default_factory=dict)

    def sealers(self, organisation_id: str) -> DetailSealer:
        return OpenSealer(organisation_id)

    def hold_roles(self, _tx: Transaction, _staff_id: str, _at: datetime) -> frozenset[str]:
        """This world has no keys to open its log with; tests/flows/test_access_held.py has."""
        return frozenset()

    def sign_in(
        self,
        username: str = "karin",
        password: str = PASSWORD,
        *,
        at: datetime = AT,
        device: str | None = None,
    ) -> SignedIn | SignInRefused | Throttled:
        form = SignInForm(username=username, password=password, device_token=device)
        return sign_in(
            form,
            at=at,
            store=self.store,
            passwords=self.passwords,
            sealers=self.sealers,
            hold_roles=self.hold_roles,
        )

    def token(self, username: str = "karin", *, at: datetime = AT) -> str:
        """A new session of someone who knows their password."""
        outcome = self.sign_in(username, at=at)
        assert isinstance(outcome, SignedIn)
        return outcome.session_token

    def entries(self) -> list[Entry]:
        """The log, without the entry that made the world."""
        with self.store.look(at=AT) as tx:
            rows = tx.execute(select(audit_leaf.c.entry).order_by(audit_leaf.c.n)).scalars().all()
        return [parse_leaf(row) for row in rows][1:]

    def operations(self) -> list[str]:
        return [entry.op for entry in self.entries()]

    def change(self, step: object) -> None:
        """Do something to the records, told by an entry of its own."""
        event = an_event("register.changed")
        with self.store.begin(at=AT) as tx:
            step(tx, event.id)  # type: ignore[operator]
            tx.record(event, sealer=OpenSealer("test"))


def an_event(op: str) -> Event:
    return Event(id=new_id(AT), op=op, res="allow", org="test", actor={}, object={}, detail={})


def an_organisation(organisation_id: str) -> Organisation:
    return Organisation(
        id=organisation_id,
        name=f"Organisation {organisation_id}",
        kind="SOC",
        authority_id=f"board-{organisation_id}",
        authority_name="Nämnden",
        municipality="Sunne",
        controller="Nämnden",
    )


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    """As weak as argon2 allows, so that a test of a thousand guesses is a test and not a wait."""
    return Passwords(memory_kib=8, passes=1)


@pytest.fixture
def world(store: Store, passwords: Passwords) -> World:
    made = World(store, passwords)
    stored = passwords.hash(PASSWORD)

    def fill(tx: Transaction, entry_id: str) -> None:
        for organisation_id in ("soc", "school"):
            insert_organisation(tx, an_organisation(organisation_id), entry_id=entry_id)
        for name in ("karin", "lena", "olle"):
            insert_staff(tx, StaffMember(id=name, name=name.title(), title="t"), entry_id=entry_id)
            insert_account(
                tx,
                Account(id=f"account-{name}", staff_id=name, username=name, password_hash=stored),
                entry_id=entry_id,
            )
        for name, where in (("karin", "soc"), ("lena", "soc"), ("lena", "school")):
            grant = RoleGrant(
                id=new_id(AT),
                staff_id=name,
                organisation_id=where,
                role="case_worker",
                period=SINCE,
            )
            made.grants[name, where] = grant
            insert_role_grant(tx, grant, entry_id=entry_id)
        insert_delegation(
            tx,
            Delegation(
                id="delegation-1",
                organisation_id="soc",
                staff_id=None,
                role="case_worker",
                decision="disclose",
                item="4.2",
                period=SINCE,
                confirmed_at=AT,
            ),
            entry_id=entry_id,
        )

    made.change(fill)
    return made
