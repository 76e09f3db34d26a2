"""A witness: it countersigns another party's log, and only where that log has grown.

Run by a partner, who needs nothing but this folder. It sees sizes and roots, and no entry. It keeps
the last checkpoint that it signed for each log, on the disk before it answers, and refuses what has
not grown from it: a log that was cut, put back from a backup, or rewritten. Two histories of one
log thus never both get its signature.

Its folder:

    witness.key    its signing keys, Ed25519 and ML-DSA-44, one a line; mode 0600
    witness.vkey   the public halves, to be given to the logs and to whoever verifies
    logs.txt       public keys of the logs it signs for, one a line, as in `key_list`
    state.json     the last checkpoint it signed for each log, signed by that log

Source: C2SP tlog-witness and tlog-cosignature; docs/formats/witness.md.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from audit.checkpoint import Checkpoint, SignatureLine, parse_checkpoint, split_note
from audit.cosignature import (
    ED25519,
    ML_DSA_44,
    CosigningKey,
    new_cosigning_key,
    parse_cosigning_key,
)
from audit.errors import KeyFileError, NoteError
from audit.key_list import KnownKey, open_signed, parse_known_key
from audit.merkle import EMPTY_ROOT, verify_consistency
from audit.whole_file import write_whole
from audit.witness_request import Request, parse_request

KEY, PUBLIC, LOGS, STATE = "witness.key", "witness.vkey", "logs.txt", "state.json"
_STATE_CAP = 64 * 1024 * 1024  # bytes

Status = Literal[200, 400, 403, 404, 409, 422]


@dataclass(frozen=True)
class Answer:
    """What the witness says. `size` is the size it last signed, where 409 must tell it."""

    status: Status
    message: str
    lines: tuple[SignatureLine, ...] = ()
    size: int | None = None


@dataclass
class Witness:
    """Open it with `open_witness`, which keeps a second one off the same folder."""

    folder: Path
    keys: tuple[CosigningKey, ...]
    logs: tuple[KnownKey, ...]
    last: dict[str, bytes]
    """The last checkpoint signed, by origin."""
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, data: bytes, at: datetime) -> Answer:
        """Judge one request, and keep the checkpoint before signing it. One at a time."""
        request = parse_request(data)
        if request is None:
            return Answer(400, "the body is not: old size, proof, empty line, checkpoint")
        try:
            origin = parse_checkpoint(split_note(request.note)[0]).origin
        except NoteError as fault:
            return Answer(400, f"the checkpoint is malformed: {fault}")
        own = [item for item in self.logs if item.key.name == origin]
        if not own:
            return Answer(404, "this witness does not sign for that log")
        try:
            checkpoint, _ = open_signed(request.note, own)
        except NoteError as fault:
            return Answer(403, f"the log has not signed it: {fault}")
        with self._turn:
            return self._judge(request, checkpoint) or self._sign(request, checkpoint, at)

    def _judge(self, request: Request, checkpoint: Checkpoint) -> Answer | None:
        """What stands against signing."""
        size, root = self._signed_last(checkpoint.origin)
        if request.old > checkpoint.size:
            return Answer(400, "the old size is larger than the checkpoint's")
        if request.old != size:
            return Answer(409, f"{size} entries were signed last", size=size)
        if size == checkpoint.size and root != checkpoint.root:
            return Answer(409, f"another log of {size} entries was signed", size=size)
        if not verify_consistency(size, checkpoint.size, root, checkpoint.root, request.proof):
            return Answer(422, f"it has not grown from the {size} entries that were signed")
        return None

    def _sign(self, request: Request, checkpoint: Checkpoint, at: datetime) -> Answer:
        kept = {**self.last, checkpoint.origin: request.note}
        _write_state(self.folder, kept)  # on the disk before anybody has the signature
        self.last = kept
        lines = tuple(key.cosign(checkpoint, at) for key in self.keys)
        return Answer(200, f"signed {checkpoint.size} entries of {checkpoint.origin}", lines)

    def _signed_last(self, origin: str) -> tuple[int, bytes]:
        note = self.last.get(origin)
        if note is None:
            return 0, EMPTY_ROOT
        checkpoint = parse_checkpoint(split_note(note)[0])
        return checkpoint.size, checkpoint.root


def create_witness(folder: Path, *, name: str, logs: Sequence[KnownKey]) -> list[str]:
    """Make a witness's folder; nothing in it may exist. Returns its public keys."""
    keys = [new_cosigning_key(name, ED25519), new_cosigning_key(name, ML_DSA_44)]
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for taken in (KEY, PUBLIC, LOGS, STATE):
            if (folder / taken).exists():
                raise KeyFileError(f"{folder / taken} exists already; a witness is never replaced")
        public = [key.verifier.text() for key in keys]
        write_whole(folder / LOGS, _lines(item.text() for item in logs))
        _write_state(folder, {})
        write_whole(folder / PUBLIC, _lines(public))
        write_whole(folder / KEY, _lines(key.text() for key in keys))
    except OSError as error:
        raise KeyFileError(f"{folder} cannot be written: {error.strerror}") from error
    return public


def open_witness(folder: Path) -> Witness:
    """The witness in a folder. Raises KeyFileError, also where another runs on the folder.

    A missing state is never taken for a first run: it would sign a second history.
    """
    try:
        descriptor = os.open(folder / f"{STATE}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # until the process ends
    except BlockingIOError:
        raise KeyFileError(f"another witness runs on {folder}") from None
    except OSError as error:
        raise KeyFileError(f"{folder} is no witness's folder: {error.strerror}") from error
    if (folder / KEY).is_file() and (folder / KEY).stat().st_mode & 0o077:
        raise KeyFileError(f"{folder / KEY} can be read by others; run: chmod 600 {folder / KEY}")
    try:
        keys = tuple(parse_cosigning_key(line) for line in _read(folder / KEY))
        logs = tuple(parse_known_key(line) for line in _read(folder / LOGS))
    except NoteError as fault:
        raise KeyFileError(f"a key in {folder} cannot be used: {fault}") from None
    if not keys or not logs:
        raise KeyFileError(f"{folder} holds no signing key, or names no log in {LOGS}")
    return Witness(folder, keys, logs, _read_state(folder, logs))


def _read_state(folder: Path, logs: Sequence[KnownKey]) -> dict[str, bytes]:
    path = folder / STATE
    try:
        data = path.read_bytes()[:_STATE_CAP]
        said = json.loads(data)
        last = {str(origin): str(note).encode() for origin, note in said.items()}
        for origin, note in last.items():
            if any(item.key.name == origin for item in logs):
                checkpoint, _ = open_signed(note, logs)
                if checkpoint.origin != origin:
                    raise NoteError("a checkpoint stands under another log's name")
    except OSError as error:
        raise KeyFileError(
            f"what the witness has signed, {path}, is gone ({error.strerror}); bring it back, or "
            "begin as a new witness with a new name"
        ) from error
    except (ValueError, AttributeError, RecursionError) as error:
        raise KeyFileError(
            f"{path} is not as a witness wrote it; find out who changed it before bringing back a "
            "copy"
        ) from error
    return last


def _write_state(folder: Path, last: dict[str, bytes]) -> None:
    said = {origin: note.decode() for origin, note in last.items()}
    write_whole(folder / STATE, json.dumps(said, sort_keys=True).encode())


def _read(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"{path} cannot be read; bring it back") from error


def _lines(texts: Iterable[str]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()
