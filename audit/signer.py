"""The signer: a process of its own that signs the log only where it has grown.

It holds its own key file and its own state file, and reads the log without being able to write it.
It remembers the right edge of what it last signed, hashes every later entry from its stored bytes,
and refuses where that does not give the root that the log claims. Whoever rewrites the log, or
restores an old copy of it, thus gets no signature. A state file that is put back to an old, genuine
copy together with the log is seen only against checkpoints kept elsewhere.
"""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from audit.checkpoint import (
    Checkpoint,
    NoteKey,
    SignatureLine,
    SigningKey,
    VerifierKey,
    open_checkpoint,
    open_note,
    parse_signing_key,
    sign_note,
    split_note,
)
from audit.entry import parse_leaf, time_text
from audit.errors import AuditFault, EntryError, KeyFileError, NoteError
from audit.log import Head, LogReader, stored_nodes
from audit.merkle import Frontier, consistency_proof, leaf_hash, verify_consistency
from audit.outside import OutsideFile
from audit.pruning import PRUNED
from audit.whole_file import write_whole

# Not a decimal on the second line, so that a state can never be passed off as a checkpoint.
_STATE_TITLE = "sluss/audit/signer-state/1"

Reason = Literal[
    "state-missing",  # the state file is gone
    "state-corrupt",  # it is not what this key wrote
    "state-other-key",  # another key wrote it
    "state-behind",  # the log holds a checkpoint by this key that the state does not know
    "state-unwritable",  # it could not be saved, so nothing was signed
    "outside-ahead",  # a checkpoint kept outside is of a log that this one has not grown from
    "outside-unwritable",  # it cannot be kept outside, or read there, so none was given out
    "log-shrank",  # fewer entries than were signed: truncated, or restored from a backup
    "log-forked",  # the root does not follow from the last signed one
    "leaf-missing",  # a new entry's row is not there
    "leaf-edited",  # a new entry's bytes, hash and index contradict each other
    "node-missing",  # a stored interior node is not there
]


@dataclass(frozen=True)
class Signed:
    """A checkpoint that may be published. `repeated`: the log has not grown since the last one."""

    checkpoint: Checkpoint
    note: bytes
    at: str
    repeated: bool


@dataclass(frozen=True)
class Refused:
    """Nothing was signed. `index` is the first entry concerned, where one can be named."""

    reason: Reason
    message: str
    index: int | None = None


@dataclass(frozen=True)
class Remembered:
    """What the signer last signed: the right edge of the log at that size, and when."""

    frontier: Frontier
    at: str


@dataclass(frozen=True)
class SignerState:
    """The signer's state file: a note signed by the signer's own key, so an edit shows."""

    path: Path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second signer on the same state waiting, as two could sign two histories."""
        descriptor = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def save(self, remembered: Remembered, key: SigningKey) -> None:
        """Replace the file; on return it is on the disk. A crash leaves the old or the new one."""
        edge = base64.b64encode(remembered.frontier.to_bytes()).decode() or "-"
        lines = (_STATE_TITLE, key.name, str(remembered.frontier.size), edge, remembered.at)
        write_whole(self.path, sign_note("".join(f"{line}\n" for line in lines), [key]))

    def load(self, key: VerifierKey) -> Remembered | Refused:
        """What was last signed. A missing file is never taken for a first run."""
        try:
            note = self.path.read_bytes()
        except FileNotFoundError:
            return Refused(
                "state-missing",
                f"the signer's state file {self.path} is missing; bring it back, or begin under a "
                "new name and key as audit/README.md says",
            )
        except OSError as error:
            return Refused("state-corrupt", f"{self.path} cannot be read: {error.strerror}")
        try:
            _, signatures = split_note(note)
            if all((line.name, line.key_id) != (key.name, key.id) for line in signatures):
                return Refused(
                    "state-other-key", f"{self.path} was not written with the key {key.name}"
                )
            return _parse_state(open_note(note, [key]).text, key)
        except (AuditFault, ValueError):
            return Refused(
                "state-corrupt",
                f"the signer's state file {self.path} is not as this key wrote it; find out who "
                "changed it before bringing back a copy",
            )


class Beside(Protocol):
    """A key that adds its own line: of another algorithm, or one that is being replaced."""

    @property
    def verifier(self) -> NoteKey:
        """Its public half."""
        ...

    def cosign(self, checkpoint: Checkpoint, at: datetime, /) -> SignatureLine:
        """The line."""
        ...


def sign_once(
    reader: LogReader,
    state: SignerState,
    key: SigningKey,
    at: datetime,
    *,
    beside: Sequence[Beside] = (),
    outside: OutsideFile | None = None,
) -> Signed | Refused:
    """Sign the log as it stands, if it has grown from what was last signed.

    The state is on the disk before the signature leaves this function, so a crash in between costs
    nothing: the same size and root are signed again the next time. `beside` are keys that add
    lines of their own; `outside` is where the checkpoint must stand before it is given out.
    """
    with state.locked():
        remembered = state.load(key.verifier)
        if isinstance(remembered, Refused):
            return remembered
        head = reader.head()
        # The keys that are being replaced too, as they alone signed what stands there so far.
        own = [key.verifier, *(other.verifier for other in beside)]
        refusal = (
            _refuse_old_state(reader, remembered, own)
            or _refuse_less_than_outside(outside, remembered, own)
            or _refuse_shrunk(head, remembered)
        )
        if refusal is not None:
            return refusal
        grown = _regrow(reader, remembered.frontier, head)
        if isinstance(grown, Refused):
            return grown
        time = time_text(at)
        if grown.size > remembered.frontier.size:
            try:
                state.save(Remembered(grown, time), key)
            except OSError as error:
                return Refused(
                    "state-unwritable", f"{state.path} cannot be written: {error.strerror}"
                )
        checkpoint = Checkpoint(key.name, grown.size, grown.root())
        others = [other.cosign(checkpoint, at) for other in beside]
        note = sign_note(checkpoint.text(), [key], others)
        return _kept_outside(outside, checkpoint, note, key) or Signed(
            checkpoint, note, time, grown.size == remembered.frontier.size
        )


def _refuse_less_than_outside(
    outside: OutsideFile | None, remembered: Remembered, own: Sequence[NoteKey]
) -> Refused | None:
    """State and log may both be old copies; what stands outside is not."""
    size = remembered.frontier.size
    if outside is None:
        return None
    if size > 0 and not outside.path.exists():
        # A disk that is not mounted must not be taken for a first time.
        return Refused(
            "outside-unwritable",
            f"{outside.path}, where checkpoints are kept outside, is not there; if this is the "
            f"first time, make it empty: touch {outside.path}",
        )
    try:
        latest = outside.latest(own)
    except OSError as error:
        return Refused("outside-unwritable", f"{outside.path} cannot be read: {error.strerror}")
    if latest is None or latest.size < size:
        return None
    if latest.size == size and latest.root == remembered.frontier.root():
        return None
    return Refused(
        "outside-ahead",
        f"a checkpoint of {latest.size} entries is kept outside, and it is not of what was last "
        f"signed here ({size} entries); log and state were restored from a backup, or rewritten",
        min(size, latest.size),
    )


def _kept_outside(
    outside: OutsideFile | None, checkpoint: Checkpoint, note: bytes, key: SigningKey
) -> Refused | None:
    if outside is None or checkpoint.size == 0:
        return None
    try:
        latest = outside.latest([key.verifier])
        if latest is None or latest.size < checkpoint.size:
            outside.add(checkpoint.size, note)
    except OSError as error:
        return Refused(
            "outside-unwritable",
            f"the checkpoint cannot be kept in {outside.path}: {error.strerror}; it is signed "
            "again, and given out, when it can",
        )
    return None


def create_signer(
    key_path: Path, state_path: Path, *, name: str, at: datetime, seed: bytes | None = None
) -> VerifierKey:
    """Make a key file (mode 0600) and its first state file; neither may exist already.

    `name` is the log's origin, such as `sluss.sunne.example/log`. The public key is returned, to be
    written down where those who will verify can find it.
    """
    key = SigningKey(name, seed or secrets.token_bytes(32))
    for path in (key_path, state_path):
        if path.exists():
            raise KeyFileError(f"{path} exists already; a signer's files are never overwritten")
    SignerState(state_path).save(Remembered(Frontier(), time_text(at)), key)
    write_whole(key_path, (key.text() + "\n").encode())
    return key.verifier


def load_signing_key(path: Path) -> SigningKey:
    """The key in a key file. Raises KeyFileError, naming the path and never showing the key."""
    try:
        refuse_open_to_others(path)
        return parse_signing_key(path.read_text("ascii").removesuffix("\n"))
    except FileNotFoundError:
        raise KeyFileError(f"the signing key {path} is missing; bring it back") from None
    except OSError as error:
        raise KeyFileError(f"{path} cannot be read: {error.strerror}") from None
    except (NoteError, UnicodeDecodeError):
        raise KeyFileError(f"{path} does not hold a signing key; bring back a copy") from None


def refuse_open_to_others(path: Path) -> None:
    """Raise KeyFileError for a key file that others than its owner may use."""
    if path.stat().st_mode & 0o077:
        raise KeyFileError(f"{path} can be read by others; run: chmod 600 {path}")


def _refuse_old_state(
    reader: LogReader, remembered: Remembered, own: Sequence[NoteKey]
) -> Refused | None:
    row = reader.latest_checkpoint()
    try:
        published = open_checkpoint(row.note, own) if row else None
    except NoteError:
        return None  # by another key, so it says nothing about what this one has signed
    size = remembered.frontier.size
    if published is None or (
        published.size <= size
        and (published.size < size or published.root == remembered.frontier.root())
    ):
        return None
    return Refused(
        "state-behind",
        f"this key has signed a log of {published.size} entries, but the state file says {size}; "
        "an old copy of the state has been put back",
        size,
    )


def _refuse_shrunk(head: Head, remembered: Remembered) -> Refused | None:
    if head.n >= remembered.frontier.size:
        return None
    return Refused(
        "log-shrank",
        f"the log has {head.n} entries, but {remembered.frontier.size} were signed at "
        f"{remembered.at}; it was truncated, or restored from an old backup",
        head.n,
    )


def _regrow(reader: LogReader, signed: Frontier, head: Head) -> Frontier | Refused:
    """The right edge after every entry since the last signature, hashed from its stored bytes."""
    frontier, minimum = signed, reader.minimum()
    for row in reader.leaves(signed.size, head.n):
        n = frontier.size
        if row.n != n:
            break
        if row.entry == PRUNED and signed.size == 0 and n < minimum:
            # A signer that begins anew cannot hash what is gone. One that goes on never meets it,
            # because only what was signed is pruned.
            frontier, _ = frontier.append(row.leaf_hash)
            continue
        if leaf_hash(row.entry) != row.leaf_hash or not _says_index(row.entry, n):
            return Refused("leaf-edited", f"entry {n} does not match its hash or its index", n)
        frontier, _ = frontier.append(row.leaf_hash)
    if frontier.size != head.n:
        return Refused("leaf-missing", f"entry {frontier.size} is missing", frontier.size)
    root = frontier.root()
    try:
        proof = consistency_proof(signed.size, head.n, stored_nodes(reader))
    except EntryError as error:
        return Refused("node-missing", str(error), signed.size)
    if root != head.root() or not verify_consistency(
        signed.size, head.n, signed.root(), root, proof
    ):
        return Refused(
            "log-forked",
            f"the log of {head.n} entries has not grown from the {signed.size} that were signed; "
            "something before them was rewritten",
            signed.size,
        )
    return frontier


def _says_index(entry: bytes, n: int) -> bool:
    try:
        return parse_leaf(entry).n == n
    except AuditFault:
        return False


def _parse_state(text: str, key: VerifierKey) -> Remembered:
    title, name, size, edge, at = text.removesuffix("\n").split("\n")
    if (title, name) != (_STATE_TITLE, key.name):
        raise NoteError("not a signer's state")
    data = b"" if edge == "-" else base64.b64decode(edge, validate=True)
    return Remembered(Frontier.from_bytes(int(size), data), at)
