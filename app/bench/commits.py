"""An audited disclosure commit against the same rows without audit, in durable transactions.

Both arms write what a disclosure writes (a sealed delivery, the disclosure, two assessments) in one
transaction that is flushed to disk. One arm also appends its entry, details encrypted; the other
refers to an entry that exists already.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from app.bench.bench_house import RECIPIENT, SENDER, BenchHouse
from app.bench.figure import Figure, compare
from app.domain.disclosure import Disclosure
from app.domain.ids import new_id
from app.flows.happened import happened
from app.keys import event_sealer, seal_delivery
from app.records.answer import StoredAnswer, insert_answer
from app.records.case import persons_of
from app.records.delivery import StoredDelivery, insert_delivery
from app.records.disclosure import insert_disclosure
from app.records.store import connect
from app.records.transaction import Transaction

TEXT = 4_096
ROUNDS, CALLS = 15, 12


def measure(server: str | None) -> Iterator[Figure]:
    """SQLite always; PostgreSQL when `server` names one where a database can be made."""
    with TemporaryDirectory() as name:
        yield _measure(Path(name) / "house", None, "commit-sqlite", 0.60)
        if server:
            with _database_beside(server, f"sluss_bench_{secrets.token_hex(4)}") as database:
                yield _measure(Path(name) / "house2", database, "commit-postgresql", 0.45)


def _measure(folder: Path, database: str | None, name: str, target: float) -> Figure:
    with BenchHouse(folder, database) as house:
        rows = _Rows(house)
        found = compare(rows.without_audit, rows.audited, rounds=ROUNDS, calls=CALLS)
    return Figure(
        name=name,
        value=found.ratio,
        unit="x the same rows without audit",
        target=target,
        sense="at least",
        note=f"{1 / found.second:,.0f} audited against {1 / found.first:,.0f} commits/s",
    )


class _Rows:
    """The rows of one disclosure, sealed once; only their ids change between commits."""

    def __init__(self, house: BenchHouse) -> None:
        self._house = house
        self._case, (self._note,) = house.case_with_notes(1)
        self._ring = house.rings.current(SENDER.id)
        police = house.rings.current(RECIPIENT.id)
        self._sealed = seal_delivery(
            RECIPIENT.id,
            police.version,
            police.public_key,
            "delivery",
            secrets.token_bytes(800),
            secrets.token_bytes(TEXT),
        )
        with house.store.begin(at=house.at) as tx:
            event = happened("note.read", "allow", house.actor, at=house.at)
            tx.record(event, sealer=event_sealer(self._ring, None))
        self._known_entry = event.id
        with house.store.look(at=house.at) as tx:
            self._subject = persons_of(tx, self._case)[0][0].id
        self._disclosure = self._made()

    def audited(self) -> None:
        """One transaction, one entry."""
        house = self._house
        event = happened(
            "note.disclosed",
            "allow",
            house.actor,
            at=house.at,
            case=self._case,
            about={"note": self._note, "version": 1},
            detail={"recipient": RECIPIENT.id, "purpose": "prevent_crime", "outcome": "may"},
            rules=("P-18a",),
            pack="0" * 64,
            ct=self._sealed.ct_hash,
            wr=self._sealed.wraps_hash,
        )
        with house.store.begin(at=house.at) as tx:
            self._write(tx, event.id)
            tx.record(event, sealer=event_sealer(self._ring, None))

    def without_audit(self) -> None:
        """The same rows and the same flush, and no entry."""
        # Past the guard on purpose, and only here: this arm is what the audit is compared with.
        with self._house.store.engine.connect() as connection, connection.begin():
            self._write(Transaction(connection, self._house.at, read_only=False), self._known_entry)

    def _write(self, tx: Transaction, entry_id: str) -> None:
        at = self._house.at
        delivery_id = new_id(at)
        insert_delivery(tx, replace(self._delivery, id=delivery_id), entry_id=entry_id)
        made = replace(self._disclosure, id=new_id(at), delivery_id=delivery_id)
        insert_disclosure(tx, made, decision=bytes(1_500), facts=bytes(1_500), entry_id=entry_id)
        for _ in range(2):
            insert_answer(tx, self._answer(), entry_id=entry_id)

    @property
    def _delivery(self) -> StoredDelivery:
        sealed = self._sealed
        return StoredDelivery(
            id="",
            organisation_id=RECIPIENT.id,
            sender_id=SENDER.id,
            arrives_at=self._house.at,
            ring_version=sealed.ring_version,
            sealed_version=sealed.sealed_version,
            suite=sealed.suite,
            wrapped_key=sealed.wrapped_key,
            commitment=sealed.commitment,
            head=sealed.head,
            body=sealed.body,
            ct_hash=sealed.ct_hash,
            wraps_hash=sealed.wraps_hash,
        )

    def _made(self) -> Disclosure:
        at = self._house.at
        return Disclosure(
            id="",
            organisation_id=SENDER.id,
            case_id=self._case,
            note_id=self._note,
            version=1,
            recipient_id=RECIPIENT.id,
            delivery_id="",
            purpose="prevent_crime",
            outcome="may",
            grounds=("P-18a",),
            consents=(),
            pack="0" * 64,
            decided_by=self._house.actor.staff_id,
            decided_at=at,
            arrives_at=at,
        )

    def _answer(self) -> StoredAnswer:
        at = self._house.at
        return StoredAnswer(
            id=new_id(at),
            organisation_id=SENDER.id,
            case_id=self._case,
            note_id=self._note,
            version=1,
            recipient_id=RECIPIENT.id,
            purpose="prevent_crime",
            subject_id=self._subject,
            kind="assessment",
            sealed=bytes(700),
            by_staff=self._house.actor.staff_id,
            at=at,
        )


@contextmanager
def _database_beside(server: str, name: str) -> Iterator[str]:
    """A database of its own on the server, dropped after."""
    engine = connect(server).execution_options(isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        url = engine.url.set(database=name)
        yield url.render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        engine.dispose()
