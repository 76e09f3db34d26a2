"""A folder in clear for as long as an export is put together, and its way in and out of storage.

What is kept between steps, and the finished file until it is fetched, is kept in pieces sealed
under the organisation's ring.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.keys import Ring
from app.records.export_job import Stage, insert_part, parts_of
from app.records.transaction import Transaction

PIECE = 512 * 1024
_MOMENT = (1980, 1, 1, 0, 0, 0)
_PREFIX = "export-"


@contextmanager
def work_folder(state: Path) -> Iterator[Path]:
    """A private folder below the service's own, gone when the block ends.

    What a killed worker left there is removed first, because it lies in clear.
    """
    above = state / "exports"
    above.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=above) as made:
        yield Path(made)


def remove_leftovers(state: Path) -> int:
    """Remove what killed workers left. Only while no other worker runs. Returns how many."""
    left = [one for one in (state / "exports").glob(f"{_PREFIX}*") if one.is_dir()]
    for folder in left:
        shutil.rmtree(folder)
    return len(left)


def zip_folder(folder: Path, target: Path) -> None:
    """All files below the folder, in order, with one time, so that the same gives the same."""
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as file:
                shutil.copyfileobj(source, file, PIECE)


def unzip(source: Path, folder: Path) -> None:
    """What `zip_folder` made, in a folder again."""
    with zipfile.ZipFile(source) as archive:
        archive.extractall(folder)


def keep_file(tx: Transaction, ring: Ring, job_id: str, stage: Stage, source: Path) -> None:
    """The file in sealed pieces."""
    with source.open("rb") as file:
        number = 0
        while piece := file.read(PIECE):
            sealed = ring.seal_text(f"export_{stage}", f"{job_id}:{number}", piece)
            insert_part(tx, job_id, stage, number, sealed)
            number += 1


def kept_pieces(tx: Transaction, ring: Ring, job_id: str, stage: Stage) -> Iterator[bytes]:
    """What `keep_file` or a worker kept, piece by piece."""
    for number, sealed in parts_of(tx, job_id, stage):
        yield ring.open_text(f"export_{stage}", f"{job_id}:{number}", sealed)


def hashes_below(folder: Path) -> dict[str, str]:
    """SHA-256 of every file, by path within the folder."""
    found = {}
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
        found[path.relative_to(folder).as_posix()] = digest.hexdigest()
    return found
