"""A file that only its owner can read, made whole or not at all.

Knows how to keep a key file private on disk; nothing of what is in it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from app.keys.errors import RootKeyExists, RootKeyExposed, RootKeyMissing, RootKeyUnreadable

_OTHERS: Final = 0o077
_LONGEST: Final = 4096


def read_private(path: Path, expected_id: str | None) -> bytes:
    """The content of a regular file that only its owner can read; at most 4 KB of it.

    Raises RootKeyMissing, RootKeyExposed, RootKeyUnreadable.
    """
    name = f"root key {expected_id}" if expected_id else "the root key"
    try:
        # Non-blocking, because a pipe left at the path would otherwise hang the start.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        hint = "restore the file" if expected_id else "run 'sluss init' to make a key, or restore"
        raise RootKeyMissing(
            f"{name} is missing: there is no file {path}; {hint} from the operator's backup,"
            " or correct the path in the configuration"
        ) from None
    except OSError as error:
        raise RootKeyUnreadable(_unreadable(name, path, error)) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise RootKeyUnreadable(
                f"{name} cannot be read: {path} is not a file; correct the path in the"
                " configuration"
            )
        # The mode is asked of the open file, because the name may point elsewhere a moment later.
        if status.st_mode & _OTHERS:
            raise RootKeyExposed(
                f"{name} in {path} can be used by others than its owner"
                f" (mode {stat.S_IMODE(status.st_mode):04o}); run 'chmod 600 {path}', and if"
                " anyone else has had access to it, run 'sluss rotate-root'"
            )
        return os.read(descriptor, _LONGEST)
    except OSError as error:
        raise RootKeyUnreadable(_unreadable(name, path, error)) from None
    finally:
        os.close(descriptor)


def write_new_private(path: Path, content: bytes) -> None:
    """Make the file with mode 0600. Raises RootKeyExists, RootKeyUnreadable.

    A crash leaves either the whole file, or at most a private one beside it with a name that
    nothing reads.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    try:
        _write_flushed(beside, content)
        # A link, not a rename, because a link never replaces what is already there.
        os.link(beside, path)
        _flush_folder(path.parent)
    except FileExistsError:
        raise RootKeyExists(
            f"there is already a file {path}; nothing was changed. Move it away first if a new"
            " root key is really meant: what is sealed under the old one needs the old one"
        ) from None
    except OSError as error:
        raise RootKeyUnreadable(
            f"the root key could not be written to {path}: {error.strerror}; check that the folder"
            " exists, that the service may write there and that the disk is not full"
        ) from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def put_in_place(path: Path, successor: Path, before: Path) -> None:
    """Let `successor` take the name `path`, and keep what had it as `before`.

    There is a whole file at `path` at each instant. A crash leaves `successor` where it was until
    all is done, so that doing it again finishes it. Raises RootKeyUnreadable.
    """
    try:
        with contextlib.suppress(FileExistsError):
            os.link(path, before)
        _flush_folder(before.parent)
        successor.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        raise RootKeyUnreadable(
            f"{successor} could not be put in the place of {path}: {error.strerror}; correct that"
            " and run the command again"
        ) from None


def remove_private(path: Path) -> None:
    """Delete a key file. Raises RootKeyUnreadable."""
    try:
        path.unlink()
        _flush_folder(path.parent)
    except OSError as error:
        raise RootKeyUnreadable(
            f"{path} could not be deleted: {error.strerror}; delete it by hand"
        ) from None


def _unreadable(name: str, path: Path, error: OSError) -> str:
    return (
        f"{name} cannot be read from {path}: {error.strerror}; let the service's own user own the"
        " file, with mode 0600"
    )


def _write_flushed(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
