"""The root key file: made once, kept private, and refused with a sentence when it is not right."""

from __future__ import annotations

import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from app.keys import (
    RootKey,
    RootKeyCorrupt,
    RootKeyExists,
    RootKeyExposed,
    RootKeyFault,
    RootKeyMissing,
    RootKeyPurpose,
    RootKeyUnreadable,
    RootKeyWrong,
    SealBroken,
)

SPAWN = multiprocessing.get_context("spawn")


def _key_line(path: Path) -> str:
    return next(line for line in path.read_text().splitlines() if line.startswith("key: "))


def _rewrite(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)


def _corrupt_sentence(named: str, path: Path, flaw: str) -> str:
    return (
        f"root key {named} in {path} is not whole: {flaw}; restore the file from the operator's"
        " backup. Without it nothing that was sealed under it can be opened"
    )


def test_a_created_key_is_the_one_that_is_loaded(key_path: Path) -> None:
    created = RootKey.create(key_path, "production")
    loaded = RootKey.load(key_path, "production", expected_id=created.key_id)
    assert loaded.unseal(created.seal(b"ring", b"place"), b"place") == b"ring"


def test_a_created_file_can_be_read_by_its_owner_only(key_path: Path) -> None:
    old = os.umask(0)
    try:
        RootKey.create(key_path, "production")
    finally:
        os.umask(old)
    assert stat.S_IMODE(key_path.stat().st_mode) == 0o600


def test_creating_leaves_nothing_but_the_key_in_the_folder(key_path: Path) -> None:
    RootKey.create(key_path, "production")
    assert list(key_path.parent.iterdir()) == [key_path]


def test_two_keys_are_never_the_same(tmp_path: Path) -> None:
    one = RootKey.create(tmp_path / "one", "production")
    other = RootKey.create(tmp_path / "other", "production")
    assert one.key_id != other.key_id


def test_creating_over_a_key_keeps_the_old_one_and_says_so(key_path: Path) -> None:
    RootKey.create(key_path, "production")
    before = key_path.read_bytes()
    with pytest.raises(RootKeyExists) as raised:
        RootKey.create(key_path, "production")
    assert key_path.read_bytes() == before
    assert str(raised.value) == (
        f"there is already a file {key_path}; nothing was changed. Move it away first if a new"
        " root key is really meant: what is sealed under the old one needs the old one"
    )


def test_creating_over_a_dangling_link_is_refused(key_path: Path) -> None:
    key_path.symlink_to(key_path.parent / "elsewhere")
    with pytest.raises(RootKeyExists):
        RootKey.create(key_path, "production")
    assert not (key_path.parent / "elsewhere").exists()


def test_creating_in_a_folder_that_is_not_there_says_what_to_check(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "root.key"
    with pytest.raises(RootKeyUnreadable) as raised:
        RootKey.create(path, "production")
    assert str(raised.value) == (
        f"the root key could not be written to {path}: No such file or directory; check that the"
        " folder exists, that the service may write there and that the disk is not full"
    )


def _create_when_told(path: str, start: object, ids: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    try:
        ids.put(RootKey.create(Path(path), "production").key_id)  # type: ignore[attr-defined]
    except RootKeyExists:
        ids.put(None)  # type: ignore[attr-defined]


def test_of_four_that_create_at_once_one_makes_the_file(key_path: Path) -> None:
    start, ids = SPAWN.Barrier(4), SPAWN.Queue()
    racers = [
        SPAWN.Process(target=_create_when_told, args=(str(key_path), start, ids)) for _ in range(4)
    ]
    for racer in racers:
        racer.start()
    made = [ids.get(timeout=300) for _ in racers]
    for racer in racers:
        racer.join(300)
    winners = [key_id for key_id in made if key_id is not None]
    assert winners == [RootKey.load(key_path, "production").key_id]
    assert list(key_path.parent.iterdir()) == [key_path]


def test_a_full_disk_leaves_no_file(key_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RootKeyUnreadable, match="No space left on device"):
        RootKey.create(key_path, "production")
    assert list(key_path.parent.iterdir()) == []


def test_a_missing_file_is_named_and_init_is_offered(key_path: Path) -> None:
    with pytest.raises(RootKeyMissing) as raised:
        RootKey.load(key_path, "production")
    assert str(raised.value) == (
        f"the root key is missing: there is no file {key_path}; run 'sluss init' to make a key, or"
        " restore from the operator's backup, or correct the path in the configuration"
    )


def test_a_missing_file_of_a_known_key_is_never_offered_to_be_made_anew(key_path: Path) -> None:
    with pytest.raises(RootKeyMissing) as raised:
        RootKey.load(key_path, "production", expected_id="root-0123456789abcdef")
    assert str(raised.value) == (
        f"root key root-0123456789abcdef is missing: there is no file {key_path}; restore the file"
        " from the operator's backup, or correct the path in the configuration"
    )


def test_loading_never_makes_a_file(key_path: Path) -> None:
    with pytest.raises(RootKeyMissing):
        RootKey.load(key_path, "demonstration")
    assert list(key_path.parent.iterdir()) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o620, 0o601])
def test_a_file_that_others_can_use_is_refused(key_path: Path, mode: int) -> None:
    RootKey.create(key_path, "production")
    key_path.chmod(mode)
    with pytest.raises(RootKeyExposed) as raised:
        RootKey.load(key_path, "production")
    assert str(raised.value) == (
        f"the root key in {key_path} can be used by others than its owner (mode {mode:04o}); run"
        f" 'chmod 600 {key_path}', and if anyone else has had access to it, run"
        " 'sluss rotate-root'"
    )


def test_a_file_that_only_its_owner_can_read_is_enough(key_path: Path) -> None:
    created = RootKey.create(key_path, "production")
    key_path.chmod(0o400)
    assert RootKey.load(key_path, "production").key_id == created.key_id


def test_a_key_for_demonstration_does_not_start_production(key_path: Path) -> None:
    key_id = RootKey.create(key_path, "demonstration").key_id
    with pytest.raises(RootKeyPurpose) as raised:
        RootKey.load(key_path, "production")
    assert str(raised.value) == (
        f"root key {key_id} in {key_path} is made for demonstration and this installation runs as"
        " production; point the configuration to the production key"
    )


def test_a_key_for_production_does_not_start_a_demonstration(key_path: Path) -> None:
    RootKey.create(key_path, "production")
    with pytest.raises(RootKeyPurpose, match="made for production"):
        RootKey.load(key_path, "demonstration")


def test_a_demonstration_key_written_again_for_production_opens_nothing(tmp_path: Path) -> None:
    from app.keys.root_key import file_text

    honest = RootKey.create(tmp_path / "honest", "demonstration")
    key = bytes.fromhex(_key_line(tmp_path / "honest").removeprefix("key: "))
    _rewrite(tmp_path / "forged", file_text(key, "production").encode())
    forged = RootKey.load(tmp_path / "forged", "production")
    assert forged.key_id != honest.key_id
    with pytest.raises(SealBroken):
        forged.unseal(honest.seal(b"ring", b"place"), b"place")


def test_another_whole_key_than_the_expected_names_both(key_path: Path) -> None:
    found = RootKey.create(key_path, "production").key_id
    with pytest.raises(RootKeyWrong) as raised:
        RootKey.load(key_path, "production", expected_id="root-0123456789abcdef")
    assert str(raised.value) == (
        f"root key {found} in {key_path} is not root-0123456789abcdef, which the stored rings are"
        " sealed under; put the file of root-0123456789abcdef there, or restore the database that"
        f" belongs to {found}"
    )


def test_an_empty_file_is_said_to_be_empty(key_path: Path) -> None:
    _rewrite(key_path, b"")
    with pytest.raises(RootKeyCorrupt) as raised:
        RootKey.load(key_path, "production")
    assert str(raised.value) == _corrupt_sentence("of unknown id", key_path, "the file is empty")


def test_a_cut_file_names_the_key_it_was(key_path: Path) -> None:
    key_id = RootKey.create(key_path, "production").key_id
    _rewrite(key_path, key_path.read_bytes()[:-10])
    with pytest.raises(RootKeyCorrupt) as raised:
        RootKey.load(key_path, "production")
    flaw = "it is cut short or has lines that do not belong there"
    assert str(raised.value) == _corrupt_sentence(key_id, key_path, flaw)


def test_an_unknown_version_is_not_guessed_at(key_path: Path) -> None:
    key_id = RootKey.create(key_path, "production").key_id
    _rewrite(key_path, key_path.read_bytes().replace(b"version 1", b"version 2"))
    with pytest.raises(RootKeyCorrupt) as raised:
        RootKey.load(key_path, "production")
    flaw = "its first line is not 'sluss root key, version 1'"
    assert str(raised.value) == _corrupt_sentence(key_id, key_path, flaw)


def test_a_changed_digit_of_the_key_is_found_by_the_checksum(key_path: Path) -> None:
    key_id = RootKey.create(key_path, "production").key_id
    line = _key_line(key_path)
    changed = line[:-1] + ("0" if line[-1] != "0" else "1")
    _rewrite(key_path, key_path.read_text().replace(line, changed).encode())
    with pytest.raises(RootKeyCorrupt) as raised:
        RootKey.load(key_path, "production")
    flaw = "its checksum does not match what it holds"
    assert str(raised.value) == _corrupt_sentence(key_id, key_path, flaw)


def test_every_cut_and_every_changed_byte_is_refused_without_showing_the_key(
    key_path: Path,
) -> None:
    RootKey.create(key_path, "production")
    whole = key_path.read_bytes()
    secret = _key_line(key_path).removeprefix("key: ")
    damaged = [whole[:end] for end in range(len(whole))]
    damaged += [whole[:at] + bytes((whole[at] ^ 1,)) + whole[at + 1 :] for at in range(len(whole))]
    damaged += [whole + b"\n", whole.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + whole]
    for content in damaged:
        _rewrite(key_path, content)
        with pytest.raises(RootKeyCorrupt) as raised:
            RootKey.load(key_path, "production")
        assert secret[:16] not in str(raised.value)


def test_the_same_key_in_capitals_is_not_a_second_way_to_write_it(key_path: Path) -> None:
    RootKey.create(key_path, "production")
    line = _key_line(key_path)
    _rewrite(key_path, key_path.read_text().replace(line, "key: " + line[5:].upper()).encode())
    with pytest.raises(RootKeyCorrupt):
        RootKey.load(key_path, "production")


def test_a_folder_at_the_path_is_not_a_key(tmp_path: Path) -> None:
    with pytest.raises(RootKeyUnreadable) as raised:
        RootKey.load(tmp_path, "production")
    assert str(raised.value) == (
        f"the root key cannot be read: {tmp_path} is not a file; correct the path in the"
        " configuration"
    )


def test_a_pipe_at_the_path_does_not_hang_the_start(key_path: Path) -> None:
    os.mkfifo(key_path, 0o600)
    with pytest.raises(RootKeyUnreadable, match="is not a file"):
        RootKey.load(key_path, "production")


def test_a_path_through_a_file_says_why_it_cannot_be_read(key_path: Path) -> None:
    RootKey.create(key_path, "production")
    with pytest.raises(RootKeyUnreadable, match="Not a directory; let the service's own user own"):
        RootKey.load(key_path / "deeper", "production")


def test_every_fault_of_the_file_is_one_that_start_up_catches() -> None:
    faults = (
        RootKeyMissing,
        RootKeyExists,
        RootKeyExposed,
        RootKeyUnreadable,
        RootKeyCorrupt,
        RootKeyPurpose,
        RootKeyWrong,
    )
    assert all(issubclass(fault, RootKeyFault) for fault in faults)
