"""The signer signs growth and nothing else, whatever is done to the log or to its state file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit import signer
from audit.canonical import canonical
from audit.checkpoint import SigningKey, open_checkpoint, parse_checkpoint, split_note
from audit.errors import KeyFileError, NoteError
from audit.log import CheckpointRow, LeafRow
from audit.merkle import leaf_hash
from audit.signer import (
    Refused,
    Signed,
    SignerState,
    create_signer,
    load_signing_key,
    sign_once,
)


@pytest.fixture
def state(tmp_path: Path) -> SignerState:
    return SignerState(tmp_path / "signer.state")


@pytest.fixture
def key(tmp_path: Path, state: SignerState, kit: Any) -> SigningKey:
    create_signer(tmp_path / "signer.key", state.path, name="sluss.example/log", at=kit.start)
    return load_signing_key(tmp_path / "signer.key")


@pytest.fixture
def sealed(log: Any, kit: Any, state: SignerState, key: SigningKey) -> Any:
    """A log of ten entries, signed and published, with three more entries after."""
    for number in range(10):
        kit.write(log, number)
    publish(log, sign_once(log, state, key, kit.start))
    for number in range(10, 13):
        kit.write(log, number)
    return log


def publish(log: Any, signed: Signed | Refused) -> Signed:
    assert isinstance(signed, Signed), signed
    size = signed.checkpoint.size
    log.checkpoint_rows[size] = CheckpointRow(size, signed.checkpoint.root, signed.note, signed.at)
    return signed


def reason(signed: Signed | Refused) -> str:
    return signed.reason if isinstance(signed, Refused) else "signed"


def rebuilt(kit: Any, numbers: list[int]) -> Any:
    """Another log with these events: what someone has who can write every row."""
    other = kit.log()
    for number in numbers:
        kit.write(other, number)
    return other


def test_signs_the_log_as_it_stands(sealed: Any, kit: Any, state: Any, key: Any) -> None:
    signed = publish(sealed, sign_once(sealed, state, key, kit.start))
    assert open_checkpoint(signed.note, [key.verifier]) == signed.checkpoint
    assert (signed.checkpoint.size, signed.checkpoint.root) == (13, sealed.head().root())
    assert not signed.repeated


def test_signs_a_log_that_has_not_grown_again_with_the_same_bytes(
    sealed: Any, kit: Any, state: Any, key: Any
) -> None:
    first = publish(sealed, sign_once(sealed, state, key, kit.start))
    second = publish(sealed, sign_once(sealed, state, key, kit.start))
    assert second.repeated
    assert second.note == first.note


def test_signs_the_empty_log(log: Any, kit: Any, state: Any, key: Any) -> None:
    assert publish(log, sign_once(log, state, key, kit.start)).checkpoint.size == 0


def test_refuses_a_truncated_log(sealed: Any, kit: Any, state: Any, key: Any) -> None:
    shorter = rebuilt(kit, list(range(9)))
    refused = sign_once(shorter, state, key, kit.start)
    assert (reason(refused), refused.index) == ("log-shrank", 9)


def test_refuses_a_restored_backup_that_has_grown_past_the_signed_size(
    sealed: Any, kit: Any, state: Any, key: Any
) -> None:
    restored = rebuilt(kit, [*range(9), *range(100, 110)])
    assert reason(sign_once(restored, state, key, kit.start)) == "log-forked"


def test_refuses_a_rewritten_entry_before_the_last_signature_with_the_tree_rebuilt(
    sealed: Any, kit: Any, state: Any, key: Any
) -> None:
    forked = rebuilt(kit, [0, 1, 99, *range(3, 13)])
    refused = sign_once(forked, state, key, kit.start)
    assert (reason(refused), refused.index) == ("log-forked", 10)


def test_refuses_a_fork_of_the_same_size(sealed: Any, kit: Any, state: Any, key: Any) -> None:
    forked = rebuilt(kit, [*range(9), 99])
    assert reason(sign_once(forked, state, key, kit.start)) == "log-forked"


def test_refuses_a_new_entry_that_was_edited(sealed: Any, kit: Any, state: Any, key: Any) -> None:
    row = sealed.leaf_rows[11]
    sealed.leaf_rows[11] = replace(row, entry=row.entry.replace(b"allow", b"deny"))
    refused = sign_once(sealed, state, key, kit.start)
    assert (reason(refused), refused.index) == ("leaf-edited", 11)


def test_refuses_a_new_entry_that_was_edited_with_its_hash(
    sealed: Any, kit: Any, state: Any, key: Any
) -> None:
    entry = sealed.leaf_rows[11].entry.replace(b"allow", b"deny")
    sealed.leaf_rows[11] = replace(sealed.leaf_rows[11], entry=entry, leaf_hash=leaf_hash(entry))
    assert reason(sign_once(sealed, state, key, kit.start)) == "log-forked"


def test_refuses_new_entries_that_changed_places(
    sealed: Any, kit: Any, state: Any, key: Any
) -> None:
    one, other = sealed.leaf_rows[10], sealed.leaf_rows[11]
    sealed.leaf_rows[10], sealed.leaf_rows[11] = replace(other, n=10), replace(one, n=11)
    refused = sign_once(sealed, state, key, kit.start)
    assert (reason(refused), refused.index) == ("leaf-edited", 10)


def test_refuses_a_new_row_that_is_no_entry(sealed: Any, kit: Any, state: Any, key: Any) -> None:
    entry = canonical({"n": 11}, limit=100)
    sealed.leaf_rows[11] = LeafRow(11, "x", leaf_hash(entry), entry)
    assert reason(sign_once(sealed, state, key, kit.start)) == "leaf-edited"


def test_refuses_where_a_new_entry_is_missing(sealed: Any, kit: Any, state: Any, key: Any) -> None:
    del sealed.leaf_rows[11]
    refused = sign_once(sealed, state, key, kit.start)
    assert (reason(refused), refused.index) == ("leaf-missing", 11)


def test_refuses_where_a_stored_node_is_missing(
    sealed: Any, kit: Any, state: Any, key: Any
) -> None:
    del sealed.node_rows[3, 0]
    assert reason(sign_once(sealed, state, key, kit.start)) == "node-missing"


def test_refuses_where_a_stored_node_was_edited(
    sealed: Any, kit: Any, state: Any, key: Any
) -> None:
    sealed.node_rows[3, 0] = bytes(32)
    assert reason(sign_once(sealed, state, key, kit.start)) == "log-forked"


def test_refuses_without_its_state_file(sealed: Any, kit: Any, state: Any, key: Any) -> None:
    state.path.unlink()
    refused = sign_once(sealed, state, key, kit.start)
    assert reason(refused) == "state-missing"
    assert str(state.path) in refused.message


def test_refuses_an_old_copy_of_its_state(sealed: Any, kit: Any, state: Any, key: Any) -> None:
    old = state.path.read_bytes()
    publish(sealed, sign_once(sealed, state, key, kit.start))
    state.path.write_bytes(old)
    refused = sign_once(sealed, state, key, kit.start)
    assert (reason(refused), refused.index) == ("state-behind", 10)


def test_refuses_a_state_file_with_any_flipped_bit(
    sealed: Any, kit: Any, state: Any, key: Any
) -> None:
    good = state.path.read_bytes()
    for place in range(0, len(good) * 8, 3):
        changed = bytearray(good)
        changed[place // 8] ^= 1 << (place % 8)
        state.path.write_bytes(bytes(changed))
        assert reason(sign_once(sealed, state, key, kit.start)) in {
            "state-corrupt",
            "state-other-key",
        }


def test_refuses_any_cut_state_file(sealed: Any, kit: Any, state: Any, key: Any) -> None:
    good = state.path.read_bytes()
    for length in range(len(good)):
        state.path.write_bytes(good[:length])
        assert reason(sign_once(sealed, state, key, kit.start)) in {
            "state-corrupt",
            "state-other-key",
        }


def test_refuses_the_state_of_another_key(sealed: Any, kit: Any, state: Any, key: Any) -> None:
    other = SigningKey(key.name, bytes([5] * 32))
    assert reason(sign_once(sealed, state, other, kit.start)) == "state-other-key"


def test_refuses_a_folder_in_place_of_its_state(
    sealed: Any, kit: Any, state: Any, key: Any
) -> None:
    state.path.unlink()
    state.path.mkdir()
    assert reason(sign_once(sealed, state, key, kit.start)) == "state-corrupt"


def test_a_published_checkpoint_by_another_key_says_nothing(
    sealed: Any, kit: Any, state: Any, key: Any
) -> None:
    stranger = SigningKey("other.example/log", bytes([5] * 32))
    kit.seal(sealed, stranger)
    assert reason(sign_once(sealed, state, key, kit.start)) == "signed"


def test_the_state_can_never_be_passed_off_as_a_checkpoint(
    sealed: Any, kit: Any, state: Any, key: Any
) -> None:
    text, _ = split_note(state.path.read_bytes())
    with pytest.raises(NoteError):
        parse_checkpoint(text)


CRASH_POINTS = [("open", 0), ("open", 1), ("fsync", 0), ("replace", 0), ("fsync", 1)]


@pytest.mark.parametrize(("call", "nth"), CRASH_POINTS)
def test_a_crash_while_the_state_is_written_leaves_a_signer_that_goes_on(
    call: str,
    nth: int,
    sealed: Any,
    kit: Any,
    state: Any,
    key: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, count = getattr(os, call), 0

    def crashing(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        ours = call != "open" or not str(args[0]).endswith(".lock")
        count += ours
        if ours and count == nth + 1:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(signer.os, call, crashing)
        with pytest.raises(KeyboardInterrupt):
            sign_once(sealed, state, key, kit.start)
    again = publish(sealed, sign_once(sealed, state, key, kit.start))
    assert (again.checkpoint.size, again.checkpoint.root) == (13, sealed.head().root())


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_nothing_is_signed_where_the_state_cannot_be_saved(
    call: str, sealed: Any, kit: Any, state: Any, key: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(signer.os, call, full)
        refused = sign_once(sealed, state, key, kit.start)
    assert reason(refused) == "state-unwritable"
    assert reason(sign_once(sealed, state, key, kit.start)) == "signed"


def test_a_signer_killed_at_any_time_leaves_a_whole_state_file(
    state: Any, key: Any, kit: Any
) -> None:
    """A child saves growing states as fast as it can, and is killed while doing so."""
    program = (
        "import sys, pathlib\n"
        "from audit.checkpoint import parse_signing_key\n"
        "from audit.merkle import Frontier\n"
        "from audit.signer import SignerState, Remembered\n"
        "key = parse_signing_key(sys.argv[1]); state = SignerState(pathlib.Path(sys.argv[2]))\n"
        "frontier = Frontier()\n"
        "while True:\n"
        "    frontier, _ = frontier.append(bytes(32))\n"
        "    state.save(Remembered(frontier, '2026-11-23T08:00:00.000000Z'), key)\n"
        "    print(frontier.size, flush=True)\n"
    )
    root = Path(signer.__file__).parents[1]
    for _ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", program, key.text(), str(state.path)],
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": str(root)},
        ) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(0.02)
            child.kill()
            said = child.stdout.read().split()
        remembered = state.load(key.verifier)
        assert not isinstance(remembered, Refused), remembered
        assert remembered.frontier.size >= int(said[-1] if said else 1)


def test_a_second_signer_waits_for_the_first(sealed: Any, kit: Any, state: Any, key: Any) -> None:
    program = (
        "import fcntl, sys\n"
        "file = open(sys.argv[1])\n"
        "try:\n    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
        "except BlockingIOError:\n    print('waits')\n"
    )
    with state.locked():
        said = subprocess.run(
            [sys.executable, "-c", program, f"{state.path}.lock"], capture_output=True, check=True
        )
    assert said.stdout == b"waits\n"


def test_a_signers_files_are_never_overwritten(tmp_path: Path, key: Any, kit: Any) -> None:
    with pytest.raises(KeyFileError, match="never overwritten"):
        create_signer(tmp_path / "signer.key", tmp_path / "new.state", name="a", at=kit.start)
    with pytest.raises(KeyFileError, match="never overwritten"):
        create_signer(tmp_path / "new.key", tmp_path / "signer.state", name="a", at=kit.start)


def test_both_files_are_readable_by_their_owner_only(tmp_path: Path, key: Any, state: Any) -> None:
    assert (tmp_path / "signer.key").stat().st_mode & 0o777 == 0o600
    assert state.path.stat().st_mode & 0o777 == 0o600


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, key: Any) -> None:
    (tmp_path / "signer.key").chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        load_signing_key(tmp_path / "signer.key")


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"gone\.key is missing"):
        load_signing_key(tmp_path / "gone.key")


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\xff\xfe", b"PRIVATE+KEY+a+00000000+AA=="])
def test_a_corrupt_key_file_is_named(content: bytes, tmp_path: Path, key: Any) -> None:
    path = tmp_path / "signer.key"
    path.write_bytes(content)
    with pytest.raises(KeyFileError, match=r"signer\.key does not hold a signing key"):
        load_signing_key(path)


def test_a_copied_key_and_state_sign_the_same(
    sealed: Any, kit: Any, state: Any, key: Any, tmp_path: Path
) -> None:
    copy = SignerState(Path(shutil.copy(state.path, tmp_path / "copy.state")))
    first = publish(sealed, sign_once(sealed, state, key, kit.start))
    sealed.checkpoint_rows.pop(13)
    assert publish(sealed, sign_once(sealed, copy, key, kit.start)).note == first.note
