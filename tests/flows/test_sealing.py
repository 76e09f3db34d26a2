"""The signer of an installation: two algorithms, its own memory, when it signs, what it refuses."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from app.domain.ids import INSTALLATION
from app.flows.happened import happened
from app.flows.install import Operator
from app.flows.printed_checkpoint import printed_checkpoint
from app.flows.seal_log import ENTRIES, needs_seal, seal_log
from app.flows.tell_log_keys import tell_log_keys
from app.flows.urgent_entries import URGENT_OPS
from app.keys import event_sealer
from app.records.audit_log import StoredLog, audit_checkpoint, latest_checkpoint
from app.records.audit_view import entries_of_organisation
from app.signer_commands import keep_sealing
from audit.checkpoint import DASH, split_note
from audit.key_list import KnownKey, open_signed
from audit.outside import OutsideFile
from audit.signer import Refused, Signed, SignerState, create_signer
from audit.signer_keys import (
    SignerFiles,
    complete_signer_keys,
    create_signer_keys,
    read_key_list,
    rotate_signer_keys,
    write_key_list,
)
from tests.flows.town import Town

NAME = "test.example/log"


class Stopped(Exception):
    """The signer was told to stop."""


@pytest.fixture
def signer(town: Town, tmp_path: Path) -> SignerFiles:
    files = SignerFiles(
        tmp_path / "key", SignerState(tmp_path / "state"), OutsideFile(tmp_path / "outside.jsonl")
    )
    create_signer_keys(files.key, files.state.path, name=NAME, at=town.at)
    return files


def sign(town: Town, signer: SignerFiles) -> Signed | Refused:
    return seal_log(signer, at=town.at, store=town.store)


def tell(town: Town, op: str, times: int = 1) -> None:
    sealer = event_sealer(town.rings.current(town.karin.organisation_id), None)
    with town.store.begin(at=town.at) as tx:
        for _ in range(times):
            tx.record(happened(op, "allow", town.karin, at=town.at), sealer=sealer)


def size(town: Town) -> int:
    with town.store.look(at=town.at) as tx:
        return StoredLog(tx).head().n


def test_a_stored_checkpoint_bears_lines_of_both_algorithms(
    town: Town, signer: SignerFiles
) -> None:
    town.case()
    assert isinstance(sign(town, signer), Signed)
    with town.store.look(at=town.at) as tx:
        row = latest_checkpoint(tx)
    assert row is not None
    checkpoint, opened = open_signed(row.note, read_key_list(signer.key))
    assert (checkpoint.size, len(opened.signed_by)) == (size(town), 2)


def test_a_signer_of_one_algorithm_gets_the_other_from_the_next_entry_on(
    town: Town, signer: SignerFiles, tmp_path: Path
) -> None:
    old = SignerFiles(tmp_path / "old", SignerState(tmp_path / "old.state"))
    verifier = create_signer(old.key, old.state.path, name=NAME, at=town.at)
    write_key_list(old.key, [KnownKey(verifier)])
    town.case()
    before = sign(town, old)
    assert isinstance(before, Signed)
    assert len(split_note(before.note)[1]) == 1
    listed = complete_signer_keys(old.key, old.state)
    assert listed is not None
    assert complete_signer_keys(old.key, old.state) is None, "it lacks nothing now"
    assert [item.first for item in listed] == [0, before.checkpoint.size + 1]
    town.case(reference="SN 2026/2")
    after = sign(town, old)
    assert isinstance(after, Signed)
    for signed in (before, after):
        open_signed(signed.note, listed)
    assert len(split_note(after.note)[1]) == 2


def test_a_change_of_keys_is_told_to_the_log_once(town: Town, signer: SignerFiles) -> None:
    operator = Operator(name="ops", ring=town.rings.current(INSTALLATION))
    listed = read_key_list(signer.key)
    assert tell_log_keys(listed, operator, at=town.at, store=town.store)
    assert not tell_log_keys(listed, operator, at=town.at, store=town.store)
    assert tell_log_keys(
        rotate_signer_keys(signer.key, signer.state), operator, at=town.at, store=town.store
    )
    with town.store.look(at=town.at) as tx:
        ops = [entry.op for entry in entries_of_organisation(tx, INSTALLATION)]
    assert ops.count("log.keys_changed") == 2


def test_keys_replaced_while_it_runs_are_used_at_the_next_signature(
    town: Town, signer: SignerFiles
) -> None:
    town.case()
    sign(town, signer)
    listed = rotate_signer_keys(signer.key, signer.state)
    town.case(reference="SN 2026/2")
    signed = sign(town, signer)
    assert isinstance(signed, Signed)
    assert len(open_signed(signed.note, listed)[1].signed_by) == 4


def test_a_restored_state_and_log_are_refused_by_what_is_kept_outside(
    town: Town, signer: SignerFiles, tmp_path: Path
) -> None:
    town.case()
    sign(town, signer)
    shutil.copy(signer.state.path, tmp_path / "kept")
    town.case(reference="SN 2026/2")
    sign(town, signer)
    shutil.copy(tmp_path / "kept", signer.state.path)
    with town.store.begin(at=town.at) as tx:  # as the database of that day had it
        tx.execute(delete(audit_checkpoint))
    outcome = sign(town, signer)
    assert isinstance(outcome, Refused)
    assert outcome.reason == "outside-ahead"


def test_an_outside_file_that_is_gone_is_no_first_time(town: Town, signer: SignerFiles) -> None:
    assert signer.outside is not None
    town.case()
    sign(town, signer)
    signer.outside.path.unlink()
    town.case(reference="SN 2026/2")
    outcome = sign(town, signer)
    assert isinstance(outcome, Refused)
    assert "touch" in outcome.message
    signer.outside.path.touch()
    assert isinstance(sign(town, signer), Signed)


def test_what_is_due(town: Town) -> None:
    def due(signed: int, overdue: bool = False) -> bool:
        return needs_seal(signed, overdue=overdue, at=town.at, store=town.store)

    tell(town, "note.read")
    n = size(town)
    assert not due(n)
    assert not due(n, overdue=True), "nothing is new"
    assert not due(n - 1)
    assert due(n - 1, overdue=True)
    assert due(n + 1), "a log that has shrunk is shown to the signer at once"
    tell(town, "note.read", ENTRIES - 1)
    assert not due(n)
    tell(town, "note.read")
    assert due(n)


@pytest.mark.parametrize("op", URGENT_OPS)
def test_some_entries_do_not_wait(town: Town, op: str) -> None:
    before = size(town)
    tell(town, op)
    assert needs_seal(before, overdue=False, at=town.at, store=town.store)


def test_it_signs_every_five_seconds_and_an_urgent_entry_within_half_a_second(
    town: Town, signer: SignerFiles
) -> None:
    now, seen = [0.0], []

    def sleep(seconds: float) -> None:
        now[0] += seconds
        if now[0] == 1:
            tell(town, "note.read")
        if now[0] == 7:
            tell(town, "export.written")
        with town.store.look(at=town.at) as tx:
            row = latest_checkpoint(tx)
        if row is not None and (not seen or seen[-1][1] != row.n):
            seen.append((now[0], row.n))
        if now[0] > 8:
            raise Stopped

    tell(town, "note.read")
    with pytest.raises(Stopped):
        keep_sealing(
            signer,
            town.store,
            every=5,
            clock=lambda: town.at + timedelta(seconds=now[0]),
            sleep=sleep,
            monotonic=lambda: now[0],
        )
    n = size(town)
    assert seen == [(0.5, n - 2), (5.5, n - 1), (7.5, n)]


def test_it_waits_for_the_outside_disk_and_ends_at_a_fork(
    town: Town, signer: SignerFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    assert signer.outside is not None
    signer.outside.path.mkdir()  # what is there cannot be added to
    turns = [0]

    def sleep(_seconds: float) -> None:
        turns[0] += 1
        if turns[0] == 3:
            with town.store.look(at=town.at) as tx:
                assert latest_checkpoint(tx) is None, (
                    "nothing is given out that is not kept outside"
                )
            assert signer.outside is not None
            signer.outside.path.rmdir()
        if turns[0] == 5:
            signer.state.path.unlink()
            tell(town, "note.read")
        assert turns[0] < 20

    tell(town, "note.read")
    ended = keep_sealing(
        signer,
        town.store,
        every=1,
        clock=lambda: town.at,
        sleep=sleep,
        monotonic=lambda: float(turns[0]),
    )
    said = capsys.readouterr().err
    assert ended == 1
    assert said.count("outside-unwritable") == 1
    assert said.count("state-missing") == 1
    assert signer.outside.latest([read_key_list(signer.key)[0].key]) is not None


def test_a_report_prints_size_root_and_what_can_be_typed_again(
    town: Town, signer: SignerFiles
) -> None:
    def printed() -> str:
        with town.store.look(at=town.at) as tx:
            return printed_checkpoint(tx)

    assert printed() == ""
    town.case()
    signed = sign(town, signer)
    assert isinstance(signed, Signed)
    text, lines = split_note(signed.note)
    long, short = sorted(lines, key=lambda line: len(line.signature), reverse=True)
    assert printed().startswith(text + "\n")
    assert short.text() in printed()
    assert long.text()[: len(f"{DASH}{long.name} 123456")] + "…\n" in printed()
    assert len(printed()) < 500
