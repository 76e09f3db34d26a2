"""Checkpoints under two algorithms, keys that are replaced, and what is kept outside."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from audit.checkpoint import open_checkpoint, split_note
from audit.cosignature import ED25519, new_cosigning_key, parse_cosigner_key, parse_cosigning_key
from audit.errors import KeyFileError, NoteError
from audit.key_list import open_signed
from audit.outside import OutsideFile
from audit.signer import Refused, Signed, SignerState, sign_once
from audit.signer_keys import (
    complete_signer_keys,
    create_signer_keys,
    load_signer_keys,
    read_key_list,
    retire_signer_keys,
    rotate_signer_keys,
)


@pytest.fixture
def files(tmp_path: Path, kit: Any) -> tuple[Path, SignerState]:
    key, state = tmp_path / "signer.key", SignerState(tmp_path / "signer.state")
    create_signer_keys(key, state.path, name="sluss.example/log", at=kit.start)
    return key, state


def sign(log: Any, files: tuple[Path, SignerState], kit: Any, **options: Any) -> Signed | Refused:
    keys = load_signer_keys(*files)
    return sign_once(log, files[1], keys.key, kit.start, beside=keys.beside, **options)


def test_a_checkpoint_bears_both_lines_and_a_changed_one_neither(
    log: Any, files: Any, kit: Any
) -> None:
    kit.write(log, 1)
    signed = sign(log, files, kit)
    assert isinstance(signed, Signed)
    _, opened = open_signed(signed.note, read_key_list(files[0]))
    assert len(opened.signed_by) == len(split_note(signed.note)[1]) == 2
    for item in read_key_list(files[0]):
        with pytest.raises(NoteError):
            open_checkpoint(signed.note.replace(b"\n1\n", b"\n2\n", 1), [item.key])


def test_a_signing_key_that_is_lost_is_not_replaced_unseen(files: Any) -> None:
    key, state = files
    beside = Path(f"{key}.also")
    kept = beside.read_bytes()
    beside.unlink()
    for begin in (load_signer_keys, complete_signer_keys):
        with pytest.raises(KeyFileError, match=r"signer\.key\.also lacks a key that signs the log"):
            begin(key, state)
    assert not beside.exists()
    beside.write_bytes(kept)
    beside.chmod(0o600)
    assert complete_signer_keys(key, state) is None


def test_a_checkpoint_without_the_ml_dsa_line_is_refused_where_its_key_is_given(
    log: Any, files: Any, kit: Any
) -> None:
    kit.write(log, 1)
    plain = sign_once(log, files[1], load_signer_keys(*files).key, kit.start)
    assert isinstance(plain, Signed)
    with pytest.raises(NoteError, match="ML-DSA-44"):
        open_signed(plain.note, read_key_list(files[0]))


def test_keys_are_replaced_with_an_overlap_and_old_ones_keep_their_sizes(
    log: Any, files: Any, kit: Any
) -> None:
    kit.write(log, 1)
    first = sign(log, files, kit)
    rotate_signer_keys(*files)
    kit.write(log, 2)
    second = sign(log, files, kit)
    listed = retire_signer_keys(*files)
    kit.write(log, 3)
    third = sign(log, files, kit)
    assert [(item.first, item.last) for item in listed] == [(0, 2), (0, 2), (2, None), (2, None)]
    counts = []
    for signed in (first, second, third):
        assert isinstance(signed, Signed)
        open_signed(signed.note, listed)
        counts.append(len(split_note(signed.note)[1]))
    assert counts == [2, 4, 2]
    with pytest.raises(KeyFileError):
        retire_signer_keys(*files)


def test_log_and_state_both_put_back_are_seen_against_what_is_outside(
    log: Any, files: Any, kit: Any, tmp_path: Path
) -> None:
    outside = OutsideFile(tmp_path / "outside.jsonl")
    kit.write(log, 1)
    assert isinstance(sign(log, files, kit, outside=outside), Signed)
    shutil.copy(files[1].path, tmp_path / "old.state")
    kit.write(log, 2)
    assert isinstance(sign(log, files, kit, outside=outside), Signed)
    shutil.copy(tmp_path / "old.state", files[1].path)
    refused = sign(log, files, kit, outside=outside)
    assert isinstance(refused, Refused)
    assert refused.reason == "outside-ahead"


def test_nothing_is_given_out_that_cannot_be_kept_outside(
    log: Any, files: Any, kit: Any, tmp_path: Path
) -> None:
    kit.write(log, 1)
    refused = sign(log, files, kit, outside=OutsideFile(tmp_path / "no-such-folder" / "file"))
    assert isinstance(refused, Refused)
    assert refused.reason == "outside-unwritable"
    outside = OutsideFile(tmp_path / "file")
    outside.path.touch()
    assert isinstance(sign(log, files, kit, outside=outside), Signed)
    assert outside.path.read_bytes().count(b"\n") == 1


def test_cosigning_keys_survive_writing_and_parsing() -> None:
    key = new_cosigning_key("witness.example", ED25519)
    assert parse_cosigning_key(key.text()) == key
    assert parse_cosigner_key(key.verifier.text()) == key.verifier
