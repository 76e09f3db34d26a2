"""The signer's key files: the key that owns the state, those beside it, and the public list.

    <key>        one line, the log's Ed25519 signing key: it signs the state and every checkpoint
    <key>.also   keys that sign beside it: the log's ML-DSA-44 key and, during an overlap, the keys
                 that are being replaced
    <key>.pub    every public key the log has had, with the sizes each may sign (see `key_list`)
    <key>.next   only while a rotation is under way: what it will end with

A rotation can be stopped at any instant: `load` finishes or forgets it by whose state is there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from audit.checkpoint import SigningKey, parse_signing_key
from audit.cosignature import (
    ML_DSA_44,
    CosigningKey,
    new_cosigning_key,
    parse_cosigning_key,
)
from audit.errors import KeyFileError, NoteError
from audit.key_list import KnownKey, parse_known_key
from audit.log import LogReader
from audit.outside import OutsideFile
from audit.signer import (
    Refused,
    Signed,
    SignerState,
    create_signer,
    load_signing_key,
    refuse_open_to_others,
    sign_once,
)
from audit.whole_file import write_whole

Beside = SigningKey | CosigningKey


@dataclass(frozen=True)
class SignerKeys:
    """What a signer signs with. `beside` are the keys that add their lines to each checkpoint."""

    key: SigningKey
    beside: tuple[Beside, ...] = ()


@dataclass(frozen=True)
class SignerFiles:
    """Where a signer's key and memory lie, and where each checkpoint is kept outside, if it is."""

    key: Path
    state: SignerState
    outside: OutsideFile | None = None

    def sign(self, reader: LogReader, at: datetime) -> Signed | Refused:
        """Sign with the keys as they are now, so that a rotation needs no new start."""
        outcome = self._sign(reader, at)
        if isinstance(outcome, Refused) and outcome.reason == "state-other-key":
            return self._sign(reader, at)  # the keys were replaced after they had been read
        return outcome

    def _sign(self, reader: LogReader, at: datetime) -> Signed | Refused:
        keys = load_signer_keys(self.key, self.state)
        return sign_once(reader, self.state, keys.key, at, beside=keys.beside, outside=self.outside)


def create_signer_keys(
    key_path: Path, state_path: Path, *, name: str, at: datetime
) -> list[KnownKey]:
    """Make the key files and the state; none may exist already. Returns the public list."""
    verifier = create_signer(key_path, state_path, name=name, at=at)
    beside = new_cosigning_key(name, ML_DSA_44)
    write_whole(_beside(key_path), _as_lines([beside]))
    listed = [KnownKey(verifier), KnownKey(beside.verifier)]
    write_key_list(key_path, listed)
    return listed


def load_signer_keys(key_path: Path, state: SignerState) -> SignerKeys:
    """The keys, once a rotation that was stopped half-way has been settled. Raises KeyFileError."""
    with state.locked():
        _settle(key_path, state)
        key, beside = load_signing_key(key_path), _read_beside(_beside(key_path))
        if public_list(key_path).exists():
            _require_listed(key_path, read_key_list(key_path), [key, *beside])
        return SignerKeys(key, tuple(beside))


def complete_signer_keys(key_path: Path, state: SignerState) -> list[KnownKey] | None:
    """Make what an earlier version or a crash has left out; None if nothing was.

    A signer that has an Ed25519 key alone gets an ML-DSA-44 key, which signs from the size last
    signed on; a key that signs and is not in the public list is put there. Raises KeyFileError.
    """
    with state.locked():
        _settle(key_path, state)
        key = load_signing_key(key_path)
        beside, listed = _read_beside(_beside(key_path)), read_key_list(key_path)
        remembered = state.load(key.verifier)
        if isinstance(remembered, Refused):
            raise KeyFileError(remembered.message)
        _require_listed(key_path, listed, [key, *beside])
        if not any(isinstance(one, CosigningKey) and one.kind == ML_DSA_44 for one in beside):
            beside = [new_cosigning_key(key.name, ML_DSA_44), *beside]
            write_whole(_beside(key_path), _as_lines(beside))
        told = {item.key.text() for item in listed}
        first = remembered.frontier.size + 1
        signing = [one.verifier for one in (key, *beside)]
        new = [KnownKey(one, first) for one in signing if one.text() not in told]
        if new:
            write_key_list(key_path, [*listed, *new])
        return [*listed, *new] if new else None


def rotate_signer_keys(key_path: Path, state: SignerState) -> list[KnownKey]:
    """New keys from the size last signed on; the old ones go on signing beside them.

    Returns the public list. Raises KeyFileError, and then nothing was changed.
    """
    with state.locked():
        _settle(key_path, state)
        old = load_signing_key(key_path)
        beside = _read_beside(_beside(key_path))
        if len(beside) > 1:
            raise KeyFileError("a rotation is under way already; end it with --retire first")
        remembered = state.load(old.verifier)
        if isinstance(remembered, Refused):
            raise KeyFileError(remembered.message)
        new = SigningKey(old.name, os.urandom(32))
        post_quantum = new_cosigning_key(old.name, ML_DSA_44)
        write_whole(_next(key_path), _as_lines([new, post_quantum, old, *beside]))
        state.save(remembered, new)  # from here on the rotation has happened
        _settle(key_path, state)
        size = remembered.frontier.size
        listed = read_key_list(key_path)
        listed += [KnownKey(new.verifier, size + 1), KnownKey(post_quantum.verifier, size + 1)]
        write_key_list(key_path, listed)
        return listed


def retire_signer_keys(key_path: Path, state: SignerState) -> list[KnownKey]:
    """End an overlap: the old keys sign no more, and are good up to the size last signed."""
    with state.locked():
        _settle(key_path, state)
        key = load_signing_key(key_path)
        beside = _read_beside(_beside(key_path))
        if len(beside) < 2:
            raise KeyFileError("no keys are being replaced; begin with a rotation")
        remembered = state.load(key.verifier)
        if isinstance(remembered, Refused):
            raise KeyFileError(remembered.message)
        size = remembered.frontier.size
        known = {item.key.text(): item for item in read_key_list(key_path)}
        new = known.get(key.verifier.text())
        if new is None or size < new.first:
            raise KeyFileError("the new keys have signed nothing yet; seal the log first")
        retired = {old.verifier.text() for old in beside[1:]}
        listed = [
            KnownKey(item.key, item.first, size)
            if item.key.text() in retired and item.last is None
            else item
            for item in known.values()
        ]
        write_key_list(key_path, listed)
        write_whole(_beside(key_path), _as_lines(beside[:1]))
        return listed


def _require_listed(key_path: Path, listed: Sequence[KnownKey], present: Sequence[Beside]) -> None:
    """Every key that the public list says signs is here: a lost one is never replaced unseen."""
    here = {one.verifier.text() for one in present}
    lost = [one.key for one in listed if one.last is None and one.key.text() not in here]
    if lost:
        raise KeyFileError(
            f"{_beside(key_path)} lacks a key that signs the log, with the id "
            f"{lost[0].id.hex()}; bring back a copy of it"
        )


def read_key_list(key_path: Path) -> list[KnownKey]:
    """The public list beside a signing key. Raises KeyFileError."""
    path = public_list(key_path)
    try:
        lines = path.read_text("ascii").splitlines()
        return [parse_known_key(line) for line in lines if line.strip()]
    except (OSError, UnicodeDecodeError, NoteError) as error:
        raise KeyFileError(
            f"the log's public keys {path} cannot be read; bring them back, they stand beside "
            "the signer's key"
        ) from error


def write_key_list(key_path: Path, listed: Sequence[KnownKey]) -> None:
    """Replace the public list."""
    write_whole(public_list(key_path), "".join(f"{item.text()}\n" for item in listed).encode())


def public_list(key_path: Path) -> Path:
    """Where the public list stands."""
    return Path(f"{key_path}.pub")


def _settle(key_path: Path, state: SignerState) -> None:
    """Finish a rotation whose new key has the state, or forget one whose new key has not."""
    path = _next(key_path)
    if not path.exists():
        return
    keys = _read_beside(path)
    new = keys[0] if keys else None
    if isinstance(new, SigningKey) and not isinstance(state.load(new.verifier), Refused):
        write_whole(_beside(key_path), _as_lines(keys[1:]))
        write_whole(key_path, _as_lines([new]))
    path.unlink()


def _read_beside(path: Path) -> list[Beside]:
    try:
        refuse_open_to_others(path)
        lines = path.read_text("ascii").splitlines()
    except FileNotFoundError:
        return []  # an installation that began before there was a second algorithm
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"{path} cannot be read; bring back a copy") from error
    try:
        return [_parse(line) for line in lines if line]
    except NoteError:
        raise KeyFileError(f"{path} does not hold signing keys; bring back a copy") from None


def _parse(line: str) -> Beside:
    try:
        return parse_signing_key(line)
    except NoteError:
        return parse_cosigning_key(line)


def _as_lines(keys: Sequence[Beside]) -> bytes:
    return "".join(f"{key.text()}\n" for key in keys).encode()


def _beside(key_path: Path) -> Path:
    return Path(f"{key_path}.also")


def _next(key_path: Path) -> Path:
    return Path(f"{key_path}.next")
