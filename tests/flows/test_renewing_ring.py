"""An organisation's key ring is renewed while people work: nothing is ever unreadable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.domain.ids import INSTALLATION
from app.flows import renew_ring as renewing
from app.flows.disclose_note import Disclosed
from app.flows.install import NotAdded, Operator
from app.flows.list_cases import list_cases
from app.flows.read_notes import NotesRead, read_notes
from app.flows.renew_ring import Resealed, RingRenewed, renew_ring, reseal
from app.flows.review_trail import Trail, review_trail
from app.keys import Ring, Rings, SealBroken, key_version_of
from app.records.case import case_key
from app.records.delivery import delivery
from app.records.organisation_key import all_rings
from app.records.subject import subject
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
    assert all_sealed(town, operator) == Resealed(1, 1, 0)
    assert versions(town) == ({2}, {2})
    readable(town, case, note)
    with pytest.raises(SealBroken):
        readable(replace(town, rings=service), case, note)
    town.case(reference="SN 2026/0002")
    assert versions(town) == ({2}, {2})
    assert town.ops(INSTALLATION)[-3:] == [
        "ring.renewed",
        "ring.case_keys_resealed",
        "ring.subjects_resealed",
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
    assert next(stopped) == Resealed(1, 0, 2)
    stopped.close()
    assert versions(town)[0] == {1, 2}
    for case, note in zip(cases, notes, strict=True):
        readable(town, case, note)
    assert renew(town, operator) == RingRenewed(2, begun=True)
    assert all_sealed(town, operator) == Resealed(2, 3, 0)
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
