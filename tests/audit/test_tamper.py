"""Twelve ways of tampering with the log, each with its kind and its index, and nothing unseen."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit.canonical import canonical
from audit.checkpoint import SigningKey
from audit.entry import ERASURE_OP, erasure_detail
from audit.export import write_export
from audit.merkle import leaf_hash
from audit.report import Report
from audit.verify import verify_export


@pytest.fixture
def full(log: Any, kit: Any, key: SigningKey) -> Any:
    """Thirty entries on two cases, sealed at 10, 20 and 30."""
    for number in range(30):
        kit.write(log, number, case=f"case-{number % 2}")
        if number % 10 == 9:
            kit.seal(log, key)
    return log


@pytest.fixture
def verify(
    tmp_path: Path, kit: Any, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Report]:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # flushing is test_export's concern

    def exported(log: Any, held: list[bytes] | None = None, **options: Any) -> Report:
        folder = tmp_path / f"export-{len(list(tmp_path.iterdir()))}"
        write_export(log, folder, opener=kit.open, keys=[key.verifier], **options)
        return verify_export(folder, [key.verifier], held=held or [])

    return exported


def kinds(report: Report) -> set[tuple[str, int | None]]:
    return {(finding.kind, finding.index) for finding in report.findings}


def change(log: Any, n: int, /, **fields: Any) -> None:
    """Rewrite fields of a stored leaf, keeping it canonical."""
    value = json.loads(log.leaf_rows[n].entry) | fields
    log.leaf_rows[n] = replace(log.leaf_rows[n], entry=canonical(value, limit=8192))


def test_an_untouched_log_is_verified(full: Any, verify: Any) -> None:
    report = verify(full)
    assert report.verified, report.words()
    assert (report.sealed, report.counts.entries, report.counts.opened) == (30, 30, 90)
    assert report.counts.checkpoints == 3


def test_an_edited_entry_is_named(full: Any, verify: Any) -> None:
    change(full, 12, res="deny")
    assert kinds(verify(full)) == {("edited", 12)}


def test_an_edited_entry_with_its_hash_is_seen_in_the_sealed_stretch_it_lies_in(
    full: Any, verify: Any, kit: Any
) -> None:
    change(full, 12, res="deny")
    row = full.leaf_rows[12]
    full.leaf_rows[12] = replace(row, leaf_hash=leaf_hash(row.entry))
    assert kinds(verify(full)) == {("forked", 10)}


def test_an_edited_entry_with_the_tree_rebuilt_is_seen_in_its_sealed_stretch(
    full: Any, verify: Any, kit: Any
) -> None:
    change(full, 12, res="deny")
    kit.rebuild(full)
    report = verify(full)
    assert kinds(report) == {("forked", 10)}
    assert "from entry 10 up to entry 19" in report.findings[0].message


def test_an_entry_that_is_no_longer_an_entry_is_named(full: Any, verify: Any, kit: Any) -> None:
    full.leaf_rows[12] = replace(full.leaf_rows[12], entry=b'{"n":12}')
    assert ("edited", 12) in kinds(verify(full))
    kit.rebuild(full)
    assert ("edited", 12) in kinds(verify(full))


def test_a_deleted_entry_is_named(full: Any, verify: Any) -> None:
    del full.leaf_rows[12]
    assert kinds(verify(full)) == {("missing", 12)}


def test_a_deleted_run_is_named_by_its_first(full: Any, verify: Any) -> None:
    for n in range(12, 16):
        del full.leaf_rows[n]
    report = verify(full)
    assert ("missing", 12) in kinds(report)
    assert "entries 12 to 15" in " ".join(finding.message for finding in report.findings)


def test_a_deleted_entry_with_the_tree_rebuilt_is_named(full: Any, verify: Any, kit: Any) -> None:
    del full.leaf_rows[12]
    kit.rebuild(full)
    assert ("missing", 12) in kinds(verify(full))


def test_a_deleted_entry_with_all_renumbered_and_rebuilt_is_named_by_the_counters(
    full: Any, verify: Any, kit: Any
) -> None:
    del full.leaf_rows[12]
    for n in range(13, 30):
        change(full, n, n=n - 1)
        for name in ("actor", "object", "detail"):
            full.detail_rows[n - 1, name] = replace(full.detail_rows[n, name], n=n - 1)
    for name in ("actor", "object", "detail"):
        del full.detail_rows[29, name]
    kit.rebuild(full)
    found = kinds(verify(full))
    assert ("missing", 12) in found
    assert ("truncated", 29) in found


def test_two_entries_that_changed_places_are_named(full: Any, verify: Any) -> None:
    one, other = full.leaf_rows[12], full.leaf_rows[13]
    full.leaf_rows[12], full.leaf_rows[13] = replace(other, n=12), replace(one, n=13)
    assert ("reordered", 12) in kinds(verify(full))


def test_two_entries_that_changed_places_with_the_tree_rebuilt_are_named(
    full: Any, verify: Any, kit: Any
) -> None:
    one, other = full.leaf_rows[12], full.leaf_rows[13]
    full.leaf_rows[12], full.leaf_rows[13] = replace(other, n=12), replace(one, n=13)
    kit.rebuild(full)
    assert ("reordered", 12) in kinds(verify(full))


def test_two_whole_entries_that_changed_numbers_are_seen(full: Any, verify: Any, kit: Any) -> None:
    first, second = (json.loads(full.leaf_rows[n].entry) for n in (12, 14))
    change(full, 12, **{**second, "n": 12, "t": first["t"]})
    change(full, 14, **{**first, "n": 14, "t": second["t"]})
    kit.rebuild(full)
    found = kinds(verify(full))
    assert {("edited", 12), ("edited", 14)} <= found  # the details no longer fit


def test_an_entry_that_was_copied_is_named(full: Any, verify: Any) -> None:
    full.leaf_rows[13] = replace(full.leaf_rows[12], n=13)
    found = kinds(verify(full))
    assert {("double-written", 12), ("missing", 13)} <= found


def test_an_inserted_entry_with_the_tree_rebuilt_is_named(full: Any, verify: Any, kit: Any) -> None:
    rows = [full.leaf_rows[n] for n in range(30)]
    inserted = json.loads(rows[12].entry) | {"id": kit.event(99).id}
    rows.insert(13, replace(rows[12], entry=canonical(inserted, limit=8192)))
    full.leaf_rows = dict(enumerate(rows))
    kit.rebuild(full)
    assert ("double-written", 12) in kinds(verify(full))


def test_the_same_event_written_twice_is_named(full: Any, verify: Any, kit: Any, key: Any) -> None:
    kit.write(full, 12)
    kit.seal(full, key)
    assert kinds(verify(full)) == {("double-written", 30)}


def test_a_cut_tail_is_named(full: Any, verify: Any) -> None:
    for n in range(25, 30):
        del full.leaf_rows[n]
    assert ("truncated", 25) in kinds(verify(full))


def test_a_cut_tail_with_the_tree_rebuilt_is_named(full: Any, verify: Any, kit: Any) -> None:
    for n in range(25, 30):
        del full.leaf_rows[n]
    kit.rebuild(full)
    assert kinds(verify(full)) >= {("truncated", 25)}


def test_a_cut_tail_with_its_checkpoint_is_seen_against_one_held_outside(
    full: Any, verify: Any, kit: Any
) -> None:
    held = full.checkpoint_rows.pop(30).note
    for n in range(20, 30):
        del full.leaf_rows[n]
    for key in [key for key in full.detail_rows if key[0] >= 20]:
        del full.detail_rows[key]
    kit.rebuild(full)
    assert verify(full).verified  # the known limit: nothing inside remembers the cut
    assert kinds(verify(full, held=[held])) == {("truncated", 20)}


def test_entries_after_the_last_checkpoint_are_an_unsigned_tail(
    full: Any, verify: Any, kit: Any
) -> None:
    kit.write(full, 77)
    assert kinds(verify(full, with_unsigned=True)) == {("unsigned-tail", 30)}


def test_a_log_that_another_key_has_signed_is_all_unsigned_tail(full: Any, verify: Any, kit: Any):
    full.checkpoint_rows.clear()
    kit.seal(full, SigningKey("sluss.example/log", bytes([66] * 32)))
    assert kinds(verify(full)) == {("unsigned-tail", 0)}


def test_a_fork_with_its_own_signature_is_seen_against_a_held_checkpoint(
    full: Any, verify: Any, kit: Any, key: Any
) -> None:
    held = full.checkpoint_rows[30].note
    change(full, 12, res="deny")
    kit.rebuild(full)
    full.checkpoint_rows.clear()
    kit.seal(full, key)  # even the log's own key has signed the rewritten log
    assert verify(full).verified
    assert kinds(verify(full, held=[held])) == {("forked", 0)}


def test_two_checkpoints_of_one_size_are_a_fork(full: Any, verify: Any, kit: Any, key: Any) -> None:
    other = kit.log()
    for number in range(100, 130):
        kit.write(other, number)
    assert kinds(verify(full, held=[kit.seal(other, key)])) == {("forked", 20)}


def test_a_false_signature_is_seen(full: Any, verify: Any) -> None:
    row, other = full.checkpoint_rows[20], full.checkpoint_rows[10]
    root, false = (base64.b64encode(item.root) for item in (row, other))
    full.checkpoint_rows[20] = replace(row, note=row.note.replace(root, false))
    report = verify(full)
    assert [finding.kind for finding in report.findings] == ["edited"]
    assert "a checkpoint is false" in report.findings[0].message


def test_a_checkpoint_listed_under_another_size_is_seen(full: Any, verify: Any) -> None:
    full.checkpoint_rows[20] = replace(full.checkpoint_rows[20], n=19)
    report = verify(full)
    assert [finding.where for finding in report.findings] == ["checkpoints.jsonl line 2"]


def test_a_time_that_goes_back_is_named(full: Any, verify: Any, kit: Any) -> None:
    change(full, 12, t="2020-01-01T00:00:00.000000Z")
    kit.rebuild(full)
    assert ("reordered", 12) in kinds(verify(full))


@pytest.mark.parametrize("name", ["actor", "object", "detail"])
def test_an_edited_detail_is_named(name: str, full: Any, verify: Any) -> None:
    row = full.detail_rows[12, name]
    changed = row.body[:-3] + b'x"}'
    full.detail_rows[12, name] = replace(row, body=changed)
    report = verify(full)
    assert kinds(report) == {("edited", 12)}
    assert report.findings[0].where == name


def test_a_detail_moved_from_another_entry_is_named(full: Any, verify: Any) -> None:
    full.detail_rows[12, "actor"] = replace(full.detail_rows[13, "actor"], n=12)
    assert kinds(verify(full)) == {("edited", 12)}


def test_exchanged_commitments_are_named(full: Any, verify: Any, kit: Any) -> None:
    first, second = (json.loads(full.leaf_rows[n].entry) for n in (12, 14))
    change(full, 12, ca=second["ca"])
    change(full, 14, ca=first["ca"])
    kit.rebuild(full)
    assert {("edited", 12), ("edited", 14)} <= kinds(verify(full))


def test_a_detail_under_the_wrong_field_is_named(full: Any, verify: Any) -> None:
    row = full.detail_rows[12, "actor"]
    full.detail_rows[12, "detail"] = replace(
        row, field="detail", body=row.body.replace(b"actor/", b"detail/", 1)
    )
    assert kinds(verify(full)) == {("edited", 12)}


def test_a_detail_that_is_gone_without_an_erasure_entry_is_named(full: Any, verify: Any) -> None:
    del full.detail_rows[12, "object"]
    report = verify(full)
    assert kinds(report) == {("erased-without-entry", 12)}
    assert report.findings[0].where == "object"


def erase(log: Any, kit: Any, key: Any, erased: dict[int, tuple[str, ...]], **changes: Any) -> None:
    for n, names in erased.items():
        for name in names:
            del log.detail_rows[n, name]
    kit.write(
        log, 90, op=ERASURE_OP, object={}, detail=erasure_detail(erased), case=None, **changes
    )
    kit.seal(log, key)


def test_details_that_are_gone_with_an_erasure_entry_leave_the_log_verified(
    full: Any, verify: Any, kit: Any, key: Any
) -> None:
    erased = dict.fromkeys(range(1, 30, 2), ("object", "detail"))
    erase(full, kit, key, erased)
    report = verify(full)
    assert report.verified, report.words()
    assert report.counts.erased == 30


def test_an_erasure_entry_accounts_for_the_fields_it_names_and_no_other(
    full: Any, verify: Any, kit: Any, key: Any
) -> None:
    erase(full, kit, key, {12: ("object",)})
    del full.detail_rows[12, "actor"]
    del full.detail_rows[13, "object"]
    assert kinds(verify(full)) == {("erased-without-entry", 12), ("erased-without-entry", 13)}


def test_an_erasure_that_was_refused_accounts_for_nothing(
    full: Any, verify: Any, kit: Any, key: Any
) -> None:
    erase(full, kit, key, {12: ("detail",)}, res="deny")
    assert kinds(verify(full)) == {("erased-without-entry", 12)}


def test_an_erasure_accounts_for_nothing_that_was_written_after_it(
    full: Any, verify: Any, kit: Any, key: Any
) -> None:
    kit.write(
        full,
        90,
        op=ERASURE_OP,
        object={},
        detail=erasure_detail(dict.fromkeys(range(29, 40), ("detail",))),
        case=None,
    )
    kit.write(full, 91)
    kit.seal(full, key)
    del full.detail_rows[31, "detail"]
    assert kinds(verify(full)) == {("erased-without-entry", 31)}


def test_an_erased_case_leaves_its_counter_unknown_but_no_gap_in_others(
    full: Any, verify: Any, kit: Any, key: Any
) -> None:
    kit.write(full, 80, case="case-2")
    kit.write(full, 81, case="case-1")
    erase(full, kit, key, dict.fromkeys(range(0, 30, 2), ("object", "detail")))
    assert verify(full).verified


def test_a_key_that_was_destroyed_erases_as_a_deleted_row_does(
    full: Any, tmp_path: Path, kit: Any, key: Any
) -> None:
    kit.write(
        full,
        90,
        op=ERASURE_OP,
        object={},
        detail=erasure_detail({12: ("object", "detail")}),
        case=None,
    )
    kit.seal(full, key)

    def opener(row: Any) -> Any:
        return "erased" if row.n == 12 and row.field != "actor" else kit.open(row)

    write_export(full, tmp_path / "e", opener=opener, keys=[key.verifier])
    report = verify_export(tmp_path / "e", [key.verifier])
    assert report.verified, report.words()
    assert report.counts.erased == 2


def test_a_detail_that_does_not_open_is_named(
    full: Any, tmp_path: Path, kit: Any, key: Any
) -> None:
    def opener(row: Any) -> Any:
        return "damaged" if (row.n, row.field) == (12, "object") else kit.open(row)

    write_export(full, tmp_path / "e", opener=opener, keys=[key.verifier])
    assert kinds(verify_export(tmp_path / "e", [key.verifier])) == {("edited", 12)}


def test_withheld_details_are_counted_and_accuse_no_one_where_nothing_need_vouch_for_them(
    full: Any, tmp_path: Path, kit: Any, key: Any
) -> None:
    def opener(row: Any) -> Any:
        return "withheld" if row.field == "actor" else kit.open(row)

    write_export(full, tmp_path / "e", opener=opener, keys=[key.verifier])
    assert kinds(verify_export(tmp_path / "e", [key.verifier])) == {("missing", None)}
    report = verify_export(tmp_path / "e", [key.verifier], unvouched=True)
    assert report.verified
    assert (report.counts.withheld, report.counts.opened) == (30, 60)


def test_a_clock_that_went_back_is_no_tampering(log: Any, verify: Any, kit: Any, key: Any) -> None:
    kit.write(log, 50)
    kit.write(log, 10)
    kit.seal(log, key)
    report = verify(log)
    assert report.verified
    assert report.first == report.last


def test_tampering_is_named_in_a_log_of_many_tiles(
    log: Any, verify: Any, kit: Any, key: Any
) -> None:
    for number in range(600):
        kit.write(log, number)
        if number in (299, 599):
            kit.seal(log, key)
    assert verify(log).verified
    change(log, 400, res="deny")
    assert kinds(verify(log)) == {("edited", 400)}
    del log.leaf_rows[13]
    assert kinds(verify(log)) == {("edited", 400), ("missing", 13)}
    log.leaf_rows[500] = replace(log.leaf_rows[501], n=500)
    assert ("double-written", 501) in kinds(verify(log))


def test_an_edited_entry_and_hash_in_a_full_tile_is_seen_in_that_tile(
    log: Any, verify: Any, kit: Any, key: Any
) -> None:
    for number in range(600):
        kit.write(log, number)
    kit.seal(log, key)
    change(log, 300, res="deny")
    log.leaf_rows[300] = replace(log.leaf_rows[300], leaf_hash=leaf_hash(log.leaf_rows[300].entry))
    report = verify(log)
    assert kinds(report) == {("edited", 256)}
    assert "entries 256 to 511" in report.findings[0].message
