"""What the configuration names of the signed log: the signer's files, its keys, witnesses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import overload

from app.config import Config
from app.flows.log_behind import entries_missing
from app.flows.timestamp_log import StampService
from app.records.store import Store
from audit.checkpoint import Checkpoint, VerifierKey
from audit.errors import KeyFileError, NoteError
from audit.http_post import is_address
from audit.key_list import KnownKey
from audit.outside import OutsideFile
from audit.signer import Remembered, SignerState
from audit.signer_keys import SignerFiles, public_list, read_key_list
from audit.witnessing import Witnesses, parse_witness


def public_key_file(config: Config) -> Path:
    """Where the log's public keys are written down, beside the signer's private one."""
    return public_list(Path(config.signer.key))


class ListedKeys(Sequence[KnownKey]):
    """The log's public keys as they are listed now: the signer replaces them while others run.

    A list that cannot be read any more leaves the last one that could, as a service that has begun
    does not stop for it.
    """

    def __init__(self, signing_key: Path) -> None:
        """Raises KeyFileError where there is no list to begin with."""
        self._signing_key = signing_key
        self._keys, self._seen = tuple(read_key_list(signing_key)), self._stamp()

    @overload
    def __getitem__(self, place: int) -> KnownKey: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[KnownKey]: ...
    def __getitem__(self, place: int | slice) -> KnownKey | Sequence[KnownKey]:
        """One of them, or some."""
        return self._now()[place]

    def __iter__(self) -> Iterator[KnownKey]:
        """All of one moment."""
        return iter(self._now())

    def __len__(self) -> int:
        """How many."""
        return len(self._now())

    def _now(self) -> tuple[KnownKey, ...]:
        stamp = self._stamp()
        if stamp != self._seen:
            try:
                self._keys, self._seen = tuple(read_key_list(self._signing_key)), stamp
            except KeyFileError:
                self._seen = stamp
        return self._keys

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = public_list(self._signing_key).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino


def log_keys_of(config: Config) -> ListedKeys:
    """The log's public keys. Raises KeyFileError."""
    return ListedKeys(Path(config.signer.key))


def signer_files(config: Config) -> SignerFiles:
    """The signer's own files. Only the signer's process opens what they hold."""
    signer = config.signer
    outside = OutsideFile(Path(signer.outside)) if signer.outside else None
    return SignerFiles(Path(signer.key), SignerState(Path(signer.state)), outside)


def witnesses_of(config: Config) -> Witnesses:
    """Who countersigns the log. Raises NoteError where one is not written as it must be."""
    try:
        known = tuple(parse_witness(text) for text in config.witnesses.known)
    except NoteError as fault:
        raise NoteError(f"[witnesses] known: {fault}") from fault
    if any(one.key.name == config.signer.origin for one in known):
        raise NoteError("[witnesses] known names the log itself; it cannot be its own witness")
    if len({one.key.name for one in known}) != len(known):
        raise NoteError("[witnesses] known names one witness twice; a quorum counts each once")
    return Witnesses(known, config.witnesses.quorum)


def stamp_service_of(config: Config) -> StampService | None:
    """The time stamping service, if there is one. Raises NoteError where it cannot be used."""
    service = config.timestamps
    if not service.service:
        return None
    if not is_address(service.service):
        raise NoteError("[timestamps] service must be an address that begins with http or https")
    try:
        roots = Path(service.roots).read_bytes()
    except OSError as error:
        raise NoteError(f"[timestamps] roots: {service.roots}: {error.strerror}") from error
    return StampService(service.service, roots, timedelta(hours=service.hours))


def last_signed(files: SignerFiles) -> Checkpoint | None:
    """The farthest that the log is known to have been signed: by the signer's memory, or outside.

    None where neither is on this host. Raises OSError where the file outside cannot be read, and
    KeyFileError where the public keys cannot.
    """
    keys = [item.key for item in read_key_list(files.key)]
    found = [files.outside.latest(keys) if files.outside else None]
    for key in keys:
        remembered = files.state.load(key) if isinstance(key, VerifierKey) else None
        if isinstance(remembered, Remembered):
            edge = remembered.frontier
            found.append(Checkpoint(key.name, edge.size, edge.root()))
    return max((one for one in found if one and one.size), key=lambda one: one.size, default=None)


def why_behind(config: Config, store: Store, *, at: datetime) -> str:
    """Why nothing may be added to the log before the signer has compared it; empty if it may."""
    try:
        signed = last_signed(signer_files(config))
    except (OSError, KeyFileError):
        return ""  # who waits for the other host's disk, or for a key, is told by others
    missing = entries_missing(signed.size, at=at, store=store) if signed else 0
    if signed is None or not missing:
        return ""
    return (
        f"the log has {signed.size - missing} entries, but {signed.size} were signed: the database "
        "was restored from a backup, or cut. Nothing is added to it as it is. If it was restored "
        "on purpose, run `sluss new-log`, as docs/operations.md says; if not, find out who did it"
    )
