"""What the configuration names of the signed log: the signer's files, its keys, witnesses."""

from __future__ import annotations

from pathlib import Path

from app.config import Config
from audit.errors import NoteError
from audit.key_list import KnownKey
from audit.outside import OutsideFile
from audit.signer import SignerState
from audit.signer_keys import SignerFiles, public_list, read_key_list
from audit.witnessing import Witnesses, parse_witness


def public_key_file(config: Config) -> Path:
    """Where the log's public keys are written down, beside the signer's private one."""
    return public_list(Path(config.signer.key))


def log_keys_of(config: Config) -> tuple[KnownKey, ...]:
    """The log's public keys. Raises KeyFileError."""
    return tuple(read_key_list(Path(config.signer.key)))


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
    if len({one.key.name for one in known}) != len(known):
        raise NoteError("[witnesses] known names one witness twice; a quorum counts each once")
    return Witnesses(known, config.witnesses.quorum)
