"""An export in a zip, unpacked for as long as it is looked at.

A zip comes from somebody else: no name in it may lead out of the folder, none may stand twice, and
it may not unpack to more than it says, or than an export of its size can be. What is wrong with it
is said in one sentence, whatever bytes it holds.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from audit.errors import CannotRead
from audit.manifest import CHECKPOINT, CHECKPOINTS, DETAILS, MANIFEST

UNPACKED_CAP: Final = 64 * 1024**3  # bytes
RATIO_CAP: Final = 200
"""How many times its own size a zip may unpack to; an export's hashes and salts do not compress."""
_SMALL: Final = 16 * 1024**2  # bytes; below that no ratio is dangerous
_CHUNK = 1024 * 1024
_NAME = re.compile(r"[a-zA-Z0-9_\-][a-zA-Z0-9_.\-]*(?:/[a-zA-Z0-9_\-][a-zA-Z0-9_.\-]*)*/?")
_ENCRYPTED = 0x1
_AGE = (b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE-----")
_LOCAL_HEADER = b"PK\x03\x04"
_END, _END_SIZE = b"PK\x05\x06", 22
_DAMAGE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, struct.error),
    *(ValueError, RuntimeError, OverflowError, LookupError, MemoryError, NotImplementedError),
)
"""All that `zipfile` raises on a damaged file, a version or a packing that it does not know."""


@contextmanager
def as_folder(path: Path) -> Iterator[Path]:
    """The folder itself, or a zip's contents in a folder that is gone after. Raises CannotRead."""
    if path.is_dir():
        yield path
        return
    _refuse_what_is_no_zip(path)
    with tempfile.TemporaryDirectory(prefix="sluss-export-") as temporary:
        folder = Path(temporary)
        _unpack(path, folder)
        yield folder


def _refuse_what_is_no_zip(path: Path) -> None:
    try:
        if not path.exists():
            raise CannotRead(f"{path} does not exist")
        if not path.is_file():
            raise CannotRead(f"{path} is neither a folder nor a file")
        with path.open("rb") as file:
            begins = file.read(64)
        whole = zipfile.is_zipfile(path)
    except OSError as error:
        raise CannotRead(f"{path} cannot be read: {error.strerror}") from None
    if not begins:
        raise CannotRead(f"{path} is empty; fetch the export again")
    if begins.startswith(_AGE):
        message = "is encrypted with age to its recipient; open it with their key first (age -d)"
        raise CannotRead(f"{path} {message}")
    if not whole and begins.startswith(_LOCAL_HEADER):
        raise CannotRead(f"{path} is a zip of which the end is missing; fetch the export again")
    if not whole:
        raise CannotRead(f"{path} is no export: neither a folder nor a zip")


def _unpack(path: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _refuse_what_stands_beside(path, members)
            _refuse_members(path, members)
            for one in members:
                _unpack_one(path, archive, one, folder)
    except _DAMAGE:
        raise CannotRead(f"{path} is a damaged zip; fetch the export again") from None
    except OSError as error:
        reason = error.strerror or "it is damaged"
        raise CannotRead(f"{path} cannot be unpacked: {reason}") from None


def _refuse_members(path: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    """Everything that can be known before a byte is unpacked."""
    for one in members:
        link = stat.S_ISLNK(one.external_attr >> 16)
        if not _NAME.fullmatch(one.filename) or one.orig_filename != one.filename or link:
            raise CannotRead(f"{path} holds {one.orig_filename!r}, which an export never does")
        if one.flag_bits & _ENCRYPTED:
            raise CannotRead(f"{path} has a password; an export has none, so it is not from Sluss")
        if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise CannotRead(f"{path} is compressed in a way that an export never is")
    names = [one.filename.rstrip("/") for one in members]
    _refuse_doubles(path, members, names)
    if not {MANIFEST, CHECKPOINT, CHECKPOINTS, DETAILS} & set(names):
        raise CannotRead(f"{path} is a zip without {MANIFEST}, so it is no export")
    size = sum(one.file_size for one in members)
    if size > UNPACKED_CAP or (size > _SMALL and size > RATIO_CAP * path.stat().st_size):
        message = f"would unpack to {size} bytes, which no export of its size does"
        raise CannotRead(f"{path} {message}; it is not unpacked")


def _refuse_what_stands_beside(path: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    """Bytes of no file: another reader could take what stands before the zip, or in a comment or
    in a folder, for what has been verified."""
    with path.open("rb") as file:
        file.seek(-_END_SIZE, os.SEEK_END)
        end = file.read()
    # The record that ends a zip is the last of the file, and says that no comment follows it.
    ends = end.startswith(_END) and end.endswith(b"\0\0")
    first = min((one.header_offset for one in members), default=0)
    hidden = any(one.comment or (one.is_dir() and one.file_size) for one in members)
    if first or hidden or not ends:
        message = "holds bytes that belong to no file of an export"
        raise CannotRead(f"{path} {message}; fetch the export again")


def _refuse_doubles(path: Path, members: Sequence[zipfile.ZipInfo], names: list[str]) -> None:
    """No name twice, and no file where another needs a folder: which counts would be unclear."""
    files = {one.filename for one in members if not one.is_dir()}
    seen: set[str] = set()
    for name in names:
        above = {name[:at] for at, char in enumerate(name) if char == "/"}
        if name in seen or above & files:
            raise CannotRead(f"{path} holds {name!r} twice; which of them counts is unclear")
        seen.add(name)


def _unpack_one(path: Path, archive: zipfile.ZipFile, one: zipfile.ZipInfo, folder: Path) -> None:
    target = folder / one.filename
    if one.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with archive.open(one) as source, target.open("xb") as file:
            shutil.copyfileobj(source, file, _CHUNK)
    except _DAMAGE:
        message = f"{one.filename} in it does not open"
        raise CannotRead(f"{path} is a damaged zip: {message}; fetch the export again") from None
