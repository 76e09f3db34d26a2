"""An export in a zip, unpacked for as long as it is looked at.

A zip comes from somebody else: no name in it may lead out of the folder, and it may not unpack to
more than it says or than the disk is told to hold.
"""

from __future__ import annotations

import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from audit.errors import CannotRead

UNPACKED_CAP = 64 * 1024**3  # bytes
_CHUNK = 1024 * 1024


@contextmanager
def as_folder(path: Path) -> Iterator[Path]:
    """The folder itself, or a zip's contents in a folder that is gone after. Raises CannotRead."""
    if path.is_dir() or not zipfile.is_zipfile(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="sluss-export-") as temporary:
        folder = Path(temporary)
        try:
            with zipfile.ZipFile(path) as archive:
                _unpack(archive, folder)
        except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
            raise CannotRead(f"{path} is a damaged zip: {error}") from None
        yield folder


def _unpack(archive: zipfile.ZipFile, folder: Path) -> None:
    if sum(one.file_size for one in archive.infolist()) > UNPACKED_CAP:
        raise CannotRead("the zip says that it holds more than 64 GiB; it is not unpacked")
    for one in archive.infolist():
        name = PurePosixPath(one.filename)
        link = stat.S_ISLNK(one.external_attr >> 16)
        if name.is_absolute() or ".." in name.parts or "\\" in one.filename or link:
            raise CannotRead(f"the zip holds {one.filename!r}, which an export never does")
        target = folder / name
        if one.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(one) as source, target.open("xb") as file:
            shutil.copyfileobj(source, file, _CHUNK)
