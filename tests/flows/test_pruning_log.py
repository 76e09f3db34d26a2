"""Entries are pruned below an index, and the log proves what it did before."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy

from app.domain.ids import INSTALLATION
from app.domain.retention import Retention
from app.domain.trail_search import TrailSearch
from app.flows import prune_log
from app.flows.access_held import roles_held
from app.flows.close_case import CaseStateSet, set_case_state
from app.flows.export_opener import ExportOpener
from app.flows.give_receipt import give_receipt
from app.flows.purge import Plan, Purged
from app.flows.read_notes import NotesRead, read_notes
from app.flows.review_trail import Trail, list_trails, review_trail
from app.flows.search_trail import search_trail
from app.flows.trail_page import TrailFound
from app.flows.view_case import CasePage, view_case
from app.records.audit_log import StoredLog, details_at
from app.records.errors import StoreFault
from audit.errors import ExportError
from audit.log import stored_nodes
from audit.merkle import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from tests.flows.archive import EVERYTHING, Archive
from tests.flows.by_hand import by_hand
from tests.flows.town import hired

LOG = Retention(
    log_years=10,
    log_basis="gallringsbeslut KS 2026 § 3",
    entries_years=15,
    entries_basis="gallringsbeslut KS 2026 § 4",
)
SCOPES: tuple[dict[str, Any], ...] = (
    {},
    {"kind": "organisation", "of": "soc"},
    {"kind": "organisation", "of": "police"},
    {"kind": "organisation", "of": INSTALLATION},
    {"start": 3},
)


@pytest.fixture
def aged(archive: Archive) -> tuple[Archive, str]:
    """Cases and what was done in them; sixteen years later, one of them is still open."""
    town = archive.town
    case = town.case()
    note = town.note(case, text="Det som står kvar.")
    town.disclose(town.assessed(case, note))
    town.case(town.sara, reference="A 2026/1")
    archive.seal()
    town.later(days=16 * 365)
    list_trails(town.chief, **town.hands)
    archive.seal()
    return archive, case


def opened(archive: Archive, n: int) -> dict[str, Any]:
    rings = archive.town.rings
    with archive.town.store.look(at=archive.town.at) as tx:
        opener = ExportOpener(tx, rings, rings.current("soc"), EVERYTHING)
        return opener.values(details_at(tx, [n])[n])


def leaves(archive: Archive, stop: int | None = None) -> list[Any]:
    with archive.town.store.look(at=archive.town.at) as tx:
        log = StoredLog(tx)
        return list(log.leaves(0, log.head().n if stop is None else stop))


def pruned(archive: Archive) -> Plan:
    plan = archive.plan(LOG)
    assert archive.purge(plan.code, LOG) == Purged(0, plan.old_entries, plan.pruned_entries)
    return plan


def test_the_plan_says_how_many_and_below_what_and_takes_nothing(
    aged: tuple[Archive, str],
) -> None:
    archive, _ = aged
    before = leaves(archive)
    plan = archive.plan(LOG)
    assert plan.pruned_entries > 8
    assert 0 < plan.prune_below <= len(before)
    assert plan.entries_basis == "gallringsbeslut KS 2026 § 4"
    assert leaves(archive, len(before)) == before


def test_entries_are_gone_and_their_hashes_stay_and_what_is_kept_is_whole(
    aged: tuple[Archive, str],
) -> None:
    archive, _ = aged
    before = leaves(archive)
    plan = pruned(archive)
    kept = [e.n for e in archive.town.entries(INSTALLATION) if e.n < plan.prune_below]
    assert kept
    for old, new in zip(before, leaves(archive, len(before)), strict=True):
        assert (new.n, new.id, new.leaf_hash) == (old.n, old.id, old.leaf_hash)
        gone = new.n < plan.prune_below and new.n not in kept
        assert new.entry == (b"" if gone else old.entry)
    told = [e for e in archive.town.entries() if e.op == "entries.pruned"]
    assert len(told) == 1
    assert [e.op for e in archive.town.entries() if e.n < plan.prune_below] == []
    assert archive.plan(LOG).empty, "what is pruned is not pruned again"


def test_old_roots_and_the_proofs_of_all_leaves_verify_after(aged: tuple[Archive, str]) -> None:
    archive, _ = aged
    rows = leaves(archive)
    roots = {size: archive.root(size) for size in range(1, len(rows) + 1)}
    pruned(archive)
    archive.seal()
    with archive.town.store.look(at=archive.town.at) as tx:
        log = StoredLog(tx)
        fetch, now = stored_nodes(log), log.head().n
        root = log.head().root()
        for size, was in roots.items():
            assert archive.root(size) == was
            path = consistency_proof(size, now, fetch)
            assert verify_consistency(size, now, was, root, path)
        for row in rows:
            path = inclusion_proof(row.n, now, fetch)
            assert verify_inclusion(row.leaf_hash, row.n, now, path, root)


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_every_export_verifies_and_says_so(
    aged: tuple[Archive, str], scope: dict[str, Any]
) -> None:
    archive, _ = aged
    plan = pruned(archive)
    report = archive.verify(**scope)
    assert report.verified, report.words()
    assert report.minimum == plan.prune_below
    assert f"pruned:   below {plan.prune_below}, by entry" in report.words()


def test_a_case_that_goes_on_says_up_to_where_its_own_entries_are_gone(
    aged: tuple[Archive, str],
) -> None:
    archive, case = aged
    town = archive.town
    before = [e.n for e in town.entries() if e.case_id == case]
    plan = pruned(archive)
    [told] = [e for e in town.entries() if e.op == "case.entries_gone" and e.case_id == case]
    assert opened(archive, told.n)["detail"] == {"counter": len(before), "basis": LOG.log_basis}
    town.note(case, text="Skrivet efteråt.")
    report = archive.verify(kind="case", of=case)
    assert report.verified, report.words()
    assert report.counts.pruned
    assert min(e.n for e in town.entries() if e.case_id == case) == told.n > plan.prune_below
    trail = review_trail(case, town.chief, log_keys=archive.keys, **town.hands)
    assert isinstance(trail, Trail)
    assert (len(trail.rows), trail.missing) == (2, 0)


def test_it_says_so_when_entries_go_before_what_they_told(aged: tuple[Archive, str]) -> None:
    archive, case = aged
    only = Retention(entries_years=15, entries_basis="gallringsbeslut KS 2026 § 4")
    archive.purge(archive.plan(only).code, only)
    told = [e for e in archive.town.entries() if e.op == "case.entries_gone"]
    assert [e.case_id for e in told] == [case]
    archive.town.note(case, text="Skrivet efteråt.")
    report = archive.verify(kind="case", of=case)
    assert report.verified, report.words()


def test_it_says_so_anew_when_what_it_said_has_become_old(aged: tuple[Archive, str]) -> None:
    archive, case = aged
    pruned(archive)
    archive.town.later(days=16 * 365)
    archive.seal()
    archive.town.note(case, text="Trettiotvå år senare.")
    pruned(archive)
    told = [e for e in archive.town.entries() if (e.op, e.case_id) == ("case.entries_gone", case)]
    assert len(told) == 1, "the older one went with the rest"
    report = archive.verify(kind="case", of=case)
    assert report.verified, report.words()


def test_the_open_case_its_trail_and_the_signer_go_on(aged: tuple[Archive, str]) -> None:
    archive, case = aged
    town = archive.town
    plan = pruned(archive)
    archive.seal()
    assert isinstance(view_case(case, town.karin, **town.hands), CasePage)
    town.note(case, text="Skrivet efteråt.")
    found = search_trail(TrailSearch(), town.chief, log_keys=archive.keys, **town.hands)
    assert isinstance(found, TrailFound)
    assert found.rows
    assert min(row.entry.n for row in found.rows) >= plan.prune_below
    with pytest.raises(ExportError, match="was pruned by decision"):
        give_receipt(str(plan.prune_below - 1), archive.operator, at=town.at, store=town.store)
    assert set_case_state(case, "closed", town.karin, **town.hands) == CaseStateSet("closed")
    town.later(days=6 * 365)
    assert [one.case.id for one in archive.plan().cases] == [case]
    archive.purge(archive.plan().code)
    report = archive.verify()
    assert report.verified, report.words()


def test_roles_places_and_delegations_count_when_their_entries_are_gone(
    aged: tuple[Archive, str],
) -> None:
    archive, case = aged
    town = archive.town
    pruned(archive)
    with town.store.begin(at=town.at) as tx:
        for actor in (town.karin, town.chief, town.sara):
            assert roles_held(town.rings)(tx, actor.staff_id, town.at) == frozenset()
    note = town.note(case, text="Efter gallringen.")
    assert isinstance(read_notes(case, [note], town.karin, **town.hands), NotesRead)
    town.disclose(town.assessed(case, note))
    differing = {"role.differs", "team.differs", "delegation.differs"}
    assert not differing & set(town.ops())


def test_a_role_whose_entry_was_blanked_by_hand_lets_nobody_in(
    aged: tuple[Archive, str],
) -> None:
    archive, _ = aged
    town = archive.town
    new = hired(town, "Bo Ny", "soc", "case_worker")
    by_hand(town, "UPDATE audit_head SET minimum = n")
    by_hand(
        town,
        "UPDATE audit_leaf SET entry = :none WHERE id IN "
        "(SELECT audit_id FROM role_grant WHERE staff_id = :staff)",
        none=b"",
        staff=new.staff_id,
    )
    with town.store.begin(at=town.at) as tx:
        assert roles_held(town.rings)(tx, new.staff_id, town.at) == {"soc"}


def test_killed_in_the_middle_the_log_accounts_for_itself_and_the_rest_goes_next_time(
    aged: tuple[Archive, str],
) -> None:
    archive, _ = aged
    plan, whole, done = archive.plan(LOG), prune_log.prune_entries, []

    def dies_at_the_second(tx: Any, start: int, stop: int) -> None:
        whole(tx, start, stop)
        if done:
            raise KeyboardInterrupt
        done.append(stop)

    with (
        patch.object(prune_log, "STRIDE", 6),
        patch.object(prune_log, "prune_entries", dies_at_the_second),
        pytest.raises(KeyboardInterrupt),
    ):
        archive.purge(plan.code, LOG)
    report = archive.verify()
    assert report.verified, report.words()
    assert report.minimum == done[0]
    again = archive.plan(LOG)
    assert 0 < again.pruned_entries < plan.pruned_entries
    pruned(archive)
    for scope in SCOPES:
        report = archive.verify(**scope)
        assert report.verified, (scope, report.words())
        assert report.minimum == again.prune_below


def test_runs_are_cut_between_them() -> None:
    with patch.object(prune_log, "_RUNS", 2):
        assert list(prune_log._parts([1, 2, 5, 6, 9, 11])) == [[1, 2, 5, 6], [9, 11]]


def test_what_nobody_has_signed_is_not_pruned(archive: Archive) -> None:
    town = archive.town
    town.case()
    town.later(days=16 * 365)
    assert archive.plan(LOG).pruned_entries == 0
    archive.seal()
    town.later(days=1)
    assert archive.plan(LOG).pruned_entries > 0


def test_an_entry_that_goes_without_being_told_is_refused_and_named(
    aged: tuple[Archive, str],
) -> None:
    archive, _ = aged
    plan = pruned(archive)
    archive.seal()
    n = plan.prune_below + 1
    engine = archive.town.store.engine
    blank = sqlalchemy.text("UPDATE audit_leaf SET entry = :none WHERE n = :n")
    with pytest.raises(sqlalchemy.exc.DBAPIError), engine.begin() as connection:
        connection.execute(blank, {"none": b"", "n": n})
    with engine.begin() as connection:
        # The owner of the database can raise the index; then the log itself contradicts it.
        connection.execute(sqlalchemy.text("UPDATE audit_head SET minimum = :m"), {"m": n + 1})
        connection.execute(blank, {"none": b"", "n": n})
    report = archive.verify()
    assert {("missing", n), ("edited", plan.prune_below)} <= {
        (one.kind, one.index) for one in report.findings
    }


@pytest.mark.parametrize(
    "change",
    ["entry = 'x'", "leaf_hash = 'x', entry = ''", "id = 'x', entry = ''"],
)
def test_nothing_but_the_bytes_can_go(aged: tuple[Archive, str], change: str) -> None:
    archive, _ = aged
    pruned(archive)
    with (
        pytest.raises(sqlalchemy.exc.DBAPIError, match="only added to"),
        archive.town.store.engine.begin() as connection,
    ):
        connection.exec_driver_sql(f"UPDATE audit_leaf SET {change} WHERE n = 1")  # noqa: S608


def test_no_flow_but_pruning_takes_bytes_away(archive: Archive) -> None:
    with pytest.raises(StoreFault), archive.town.store.begin(at=archive.town.at) as tx:
        tx.execute(sqlalchemy.text("UPDATE audit_leaf SET entry = '' WHERE n = 0"))
