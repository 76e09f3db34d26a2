"""An organisation's key ring is renewed while people work: nothing is ever unreadable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, event, select

from app.domain.ids import INSTALLATION
from app.flows import renew_ring as renewing
from app.flows.access_held import roles_held
from app.flows.disclose_note import Disclosed
from app.flows.install import NotAdded, Operator
from app.flows.list_cases import list_cases
from app.flows.read_notes import NotesRead, read_notes
from app.flows.receive_delivery import register_delivery
from app.flows.renew_ring import (
    Resealed,
    RingRenewed,
    RingsDestroyed,
    destroy_old_rings,
    renew_ring,
    reseal,
)
from app.flows.review_trail import Trail, review_trail
from app.flows.ring_texts import RING_TEXTS
from app.flows.sealing import open_delivery_head, open_delivery_text
from app.flows.standing import as_they_stand
from app.keys import KeyFault, Ring, Rings, SealBroken, key_version_of
from app.records.audit_log import audit_detail
from app.records.case import case_key
from app.records.delivery import StoredDelivery, delivery
from app.records.errors import StoreFault
from app.records.organisation_key import all_rings
from app.records.schema import UtcTime, all_tables
from app.records.subject import subject
from tests.flows.archive import Archive, an_archive
from tests.flows.town import Town, opened_rings


@pytest.fixture
def working(town: Town) -> Town:
    """The town with rings that are read again when one is wanted, as a running service has."""

    def again() -> Iterable[Ring]:
        found = opened_rings(town.store, town.keyring)
        with town.store.look(at=town.at) as tx:
            return [found.version(one.organisation_id, one.version) for one in all_rings(tx)]

    return replace(town, rings=Rings(again(), again))


@pytest.fixture
def operator(town: Town) -> Operator:
    return Operator(name="ops", ring=town.rings.current(INSTALLATION))


def renew(town: Town, operator: Operator, organisation: str = "soc") -> RingRenewed | NotAdded:
    return renew_ring(
        organisation,
        operator,
        at=town.at,
        store=town.store,
        keyring=town.keyring,
        rings=town.rings,
    )


def all_sealed(town: Town, operator: Operator) -> Resealed:
    *_, last = reseal("soc", operator, at=town.at, store=town.store, rings=town.rings)
    return last


def readable(town: Town, case: str, note: str) -> None:
    """The note's text, the person's name in the list, and who did what in the trail."""
    read = read_notes(case, [note], town.karin, **town.hands)
    assert isinstance(read, NotesRead)
    assert [one.text for one in read.texts] == ["Berättar om kontakter med äldre kamrater."]
    listed = list_cases(town.karin, at=town.at, store=town.store, rings=town.rings)
    assert {line.subject.identity.name for line in listed} == {"Vera Exempelsson"}
    trail = review_trail(case, town.chief, log_keys=[], **town.hands)
    assert isinstance(trail, Trail)
    assert all(row.actor for row in trail.rows)


def versions(town: Town) -> tuple[set[int], set[int]]:
    with town.store.look(at=town.at) as tx:
        wraps = tx.execute(
            select(case_key.c.ring_version).where(case_key.c.organisation_id == "soc")
        ).scalars()
        identities = tx.execute(
            select(subject.c.identity).where(subject.c.organisation_id == "soc")
        ).scalars()
        return set(wraps), {key_version_of(one) for one in identities}


def test_everything_is_readable_after_and_what_is_new_goes_under_the_new_version(
    working: Town, operator: Operator
) -> None:
    town = working
    case = town.case()
    note = town.note(case)
    service = Rings(_all(town))
    assert renew(town, operator) == RingRenewed(2, begun=False)
    readable(town, case, note)
    last = all_sealed(town, operator)
    assert last.left == 0
    assert last.done > 2
    assert versions(town) == ({2}, {2})
    readable(town, case, note)
    # A place in the team is held to its entry first, so that it is the ring that is missed first.
    with pytest.raises((KeyFault, SealBroken)):
        readable(replace(town, rings=service), case, note)
    town.case(reference="SN 2026/0002")
    assert versions(town) == ({2}, {2})
    assert town.ops(INSTALLATION)[-4:] == [
        "ring.renewed",
        "ring.case_keys_resealed",
        "ring.subjects_resealed",
        "ring.details_resealed",
    ]


def test_a_service_that_runs_meanwhile_reads_the_new_ring(
    working: Town, operator: Operator, town: Town
) -> None:
    case = working.case()
    note = working.note(case)
    technician = replace(town, rings=Rings(_all(working), lambda: _all(working)))
    assert renew(technician, operator) == RingRenewed(2, begun=False)
    assert working.rings.current("soc").version == 1, "it does not know yet"
    all_sealed(technician, operator)
    readable(working, case, note)
    assert working.rings.current("soc").version == 2


def test_whoever_was_given_a_role_before_comes_in_after(
    working: Town, operator: Operator, town: Town
) -> None:
    technician = replace(town, rings=Rings(_all(working), lambda: _all(working)))
    for organisation in (INSTALLATION, "soc"):
        renewed = renew(technician, operator, organisation)
        assert isinstance(renewed, RingRenewed), renewed
        operator = Operator(name="ops", ring=technician.rings.current(INSTALLATION))
        for _ in reseal(
            organisation, operator, at=town.at, store=town.store, rings=technician.rings
        ):
            pass
    with town.store.begin(at=town.at) as tx:
        assert roles_held(working.rings)(tx, town.karin.staff_id, town.at) == frozenset()
        assert as_they_stand(tx, town.karin, at=town.at, rings=working.rings) is not None
    assert not {"role.differs", "delegation.differs"} & set(town.ops())


def _all(town: Town) -> list[Ring]:
    found = opened_rings(town.store, town.keyring)
    with town.store.look(at=town.at) as tx:
        return [found.version(one.organisation_id, one.version) for one in all_rings(tx)]


def test_a_renewal_that_was_stopped_is_gone_on_with(
    working: Town, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewing, "BATCH", 1)
    town = working
    cases = [town.case(reference=f"SN 2026/{number}") for number in range(3)]
    notes = [town.note(case) for case in cases]
    renew(town, operator)
    stopped = reseal("soc", operator, at=town.at, store=town.store, rings=town.rings)
    assert next(stopped).done == 1
    stopped.close()
    assert versions(town)[0] == {1, 2}
    for case, note in zip(cases, notes, strict=True):
        readable(town, case, note)
    assert renew(town, operator) == RingRenewed(2, begun=True)
    assert all_sealed(town, operator).left == 0
    assert versions(town) == ({2}, {2})
    assert renew(town, operator) == RingRenewed(3, begun=False)


def test_what_was_delivered_before_opens_after(working: Town, operator: Operator) -> None:
    town = working
    case = town.case()
    assert isinstance(town.disclose(town.assessed(case, town.note(case))), Disclosed)
    renew(town, operator, "police")
    with town.store.look(at=town.at) as tx:
        assert tx.execute(select(delivery.c.ring_version)).scalars().all() == [1]
    assert town.rings.version("police", 1).version == 1
    assert isinstance(town.disclose(town.assessed(case, town.note(case))), Disclosed)
    with town.store.look(at=town.at) as tx:
        assert set(tx.execute(select(delivery.c.ring_version)).scalars()) == {1, 2}


def test_no_ring_is_renewed_that_is_not_there(working: Town, operator: Operator) -> None:
    assert isinstance(renew(working, operator, "nowhere"), NotAdded)
    assert working.ops(INSTALLATION)[-1] == "ring.renew_refused"


def test_a_text_that_names_a_version_which_never_was_does_not_open(working: Town) -> None:
    ring = working.rings.current("soc")
    sealed = ring.seal_text("subject", "1", b"text")
    for version in (0, 2, 2**32 - 1):
        with pytest.raises(SealBroken):
            ring.open_text("subject", "1", sealed[:1] + version.to_bytes(4, "big") + sealed[5:])
    for named in ("ring:soc:2", "ring:soc:x", "ring:police:1", "ring:soc:", "case:1"):
        with pytest.raises(SealBroken):
            ring.open_detail("actor", "1", named, sealed)


UNDER_A_CASE = {
    "protection_lowering.reason",
    *("answer.sealed", "approval.reasons", "disclosure.decision", "disclosure.facts"),
    *("note_version.wrapped_key", "note_version.head", "note_version.body"),
    *("refusal.decision", "refusal.facts"),
}
"""Sealed under the case's key, which is itself sealed anew."""
UNDER_ITS_OWN_KEY = {"delivery.head", "delivery.body", "delivery.commitment"}
"""Under the delivery's key, which is itself sealed anew."""
OTHERWISE = {"case_key.wrapped", "delivery.wrapped_key", "subject.identity", "audit_detail.body"}
WITH_THE_IDENTITY = {"subject.number_index"}
NOT_SEALED = {
    *("audit_checkpoint.note", "audit_checkpoint.root", "audit_head.frontier", "audit_leaf.entry"),
    *("audit_leaf.leaf_hash", "audit_node.hash", "checkpoint_timestamp.token"),
    *("organisation_key.public_key", "pack_proposal.findings", "rule_pack.content"),
    *("note_version.commitment",),
}
BY_THE_ROOT = {"organisation_key.sealed"}


def test_no_sealed_column_is_forgotten() -> None:
    """A new column of bytes is put where it belongs here, and resealed if that is under a ring."""
    there = {
        f"{table.name}.{column.name}"
        for table in all_tables().tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    resealed = {f"{one.column.table.name}.{one.column.name}" for one in RING_TEXTS}
    kinds = [
        *(resealed, UNDER_A_CASE, UNDER_ITS_OWN_KEY, OTHERWISE, WITH_THE_IDENTITY),
        *(NOT_SEALED, BY_THE_ROOT),
    ]
    assert there == set().union(*kinds)
    assert sum(len(kind) for kind in kinds) == len(there), "each is of one kind"


def a_text_in_every_column(town: Town, ring: Ring) -> None:
    """Rows with a sealed text in each column that has one, whatever else they say."""
    engine = town.store.engine
    engine.dispose()

    @event.listens_for(engine, "connect")
    def unchecked(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA ignore_check_constraints=ON")

    with engine.connect() as connection:
        for table in {text.column.table for text in RING_TEXTS}:
            row = {column.name: _anything(column) for column in table.columns if _filled(column)}
            row |= {"organisation_id": "soc"} if "organisation_id" in row else {}
            for text in (one for one in RING_TEXTS if one.column.table is table):
                label, name = text.place(row)
                row[text.column.name] = ring.seal_text(label, name, text.column.name.encode())
            connection.execute(table.insert().values(row))
        connection.commit()


def _filled(column: Any) -> bool:
    return not column.nullable or column.primary_key


def _anything(column: Any) -> Any:
    kind = column.type.python_type if not isinstance(column.type, UtcTime) else datetime
    values: dict[type, Any] = {
        str: "x",
        int: 1,
        bool: False,
        bytes: b"x",
        datetime: datetime(2026, 1, 1, tzinfo=UTC),
        date: date(2026, 1, 1),
        dict: {},
    }
    return values[kind]


def all_of(town: Town) -> dict[str, set[int]]:
    """By column, the versions that the texts of the town's social services are sealed under."""
    found: dict[str, set[int]] = {}
    with town.store.look(at=town.at) as tx:
        for text in RING_TEXTS:
            sealed = tx.execute(select(text.column).where(text.column.is_not(None))).scalars()
            found[str(text.column)] = {key_version_of(one) for one in sealed}
        found["audit_detail"] = {
            int(one.rpartition(":")[2])
            for one in tx.execute(select(audit_detail.c.key_id)).scalars()
            if one.startswith("ring:soc:")
        }
        to_soc = select(delivery.c.ring_version).where(delivery.c.organisation_id == "soc")
        found["delivery"] = set(tx.execute(to_soc).scalars())
    return found


def sealed(town: Town, signer: Archive) -> Operator:
    """The operator, after the log has been signed as it stands."""
    signer.seal()
    return Operator(name="ops", ring=town.rings.current(INSTALLATION))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_column_is_sealed_anew_and_opens_when_the_old_ring_is_destroyed(
    working: Town, operator: Operator, tmp_path: Path
) -> None:
    town, signer = working, an_archive(working, tmp_path)
    case = town.case()
    note = town.note(case)
    a_text_in_every_column(town, town.rings.current("soc"))
    before = all_of(town)
    assert set(before) == {str(one.column) for one in RING_TEXTS} | {"audit_detail", "delivery"}
    renew(town, operator)
    # Rows that were put there by hand have a delivery whose key is no key; it has a test below.
    with town.store.engine.begin() as connection:
        connection.execute(delivery.update().values(ring_version=2))
    assert all_sealed(town, operator).left == 0
    assert all_of(town) == {name: {2} for name in before}
    who = sealed(town, signer)
    gone = destroy_old_rings("soc", who, at=town.at, store=town.store, rings=town.rings)
    assert gone == RingsDestroyed((1,))
    with pytest.raises(KeyFault):
        town.rings.version("soc", 1)
    ring = town.rings.current("soc")
    with town.store.look(at=town.at) as tx:
        for text in RING_TEXTS:
            [row] = tx.execute(select(text.column.table)).mappings().all()
            opened = ring.open_text(*text.place(row), row[text.column.name])
            assert opened == text.column.name.encode()
    readable(town, case, note)


def test_deliveries_and_the_log_open_when_the_old_ring_is_destroyed(
    working: Town, operator: Operator, tmp_path: Path
) -> None:
    town, signer = working, an_archive(working, tmp_path)
    case = town.case()
    assert isinstance(town.disclose(town.assessed(case, town.note(case))), Disclosed)
    town.later(hours=1)
    with town.store.look(at=town.at) as tx:
        [row] = tx.execute(select(delivery)).mappings().all()
    register_delivery(row["id"], "POL 2026/12", town.sara, **town.hands)
    renew(town, operator, "police")
    *_, last = reseal("police", operator, at=town.at, store=town.store, rings=town.rings)
    assert last.left == 0
    refused = destroy_old_rings("police", operator, at=town.at, store=town.store, rings=town.rings)
    assert isinstance(refused, NotAdded), "nobody has signed the renewal"
    who = sealed(town, signer)
    gone = destroy_old_rings("police", who, at=town.at, store=town.store, rings=town.rings)
    assert gone == RingsDestroyed((1,))
    with town.store.look(at=town.at) as tx:
        stored = StoredDelivery(
            **{
                name: value
                for name, value in tx.execute(select(delivery)).mappings().one().items()
                if name in StoredDelivery.__dataclass_fields__
            }
        )
    assert (stored.ring_version, stored.sealed_version) == (2, 1)
    assert stored.ct_hash == row["ct_hash"], "the log has the hash of the text as it was sent"
    assert "äldre kamrater" in open_delivery_text(town.rings, stored)
    assert open_delivery_head(town.rings, stored).registered_as == "POL 2026/12"
    for scope in ({}, {"kind": "organisation", "of": "police"}):
        report = signer.verify(**scope)
        assert report.verified, report.words()


def test_a_process_that_still_holds_a_destroyed_ring_does_nothing_nobody_could_read(
    working: Town, operator: Operator, tmp_path: Path
) -> None:
    town, signer = working, an_archive(working, tmp_path)
    town.case()
    stale = replace(town, rings=Rings(_all(town)))
    renew(town, operator)
    assert all_sealed(town, operator).left == 0
    who = sealed(town, signer)
    destroy_old_rings("soc", who, at=town.at, store=town.store, rings=town.rings)
    before = town.ops()
    # It meets what it cannot read before it comes to what it could not write.
    with pytest.raises((SealBroken, StoreFault)):
        stale.case(reference="SN 2026/0009")
    assert town.ops() == before
    town.case(reference="SN 2026/0009")


def test_a_ring_under_which_something_is_left_is_not_destroyed(
    working: Town, operator: Operator, tmp_path: Path
) -> None:
    town, signer = working, an_archive(working, tmp_path)
    town.case()
    renew(town, operator)
    who = sealed(town, signer)
    refused = destroy_old_rings("soc", who, at=town.at, store=town.store, rings=town.rings)
    assert isinstance(refused, NotAdded)
    assert "rows are still sealed" in refused.why
    assert town.rings.version("soc", 1).version == 1
