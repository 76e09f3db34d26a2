"""Rule packs that lie in the service's own folder, ready to be proposed.

The technician puts them there. Nothing that a link points to is read, and nothing without end.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from policies import PackError
from policies import Problem as PackProblem
from policies.reading import pack_files

PACKS = "packs"
"""The folder under `[storage] state`."""
LARGEST_FILE_BYTES = 4 * 1024 * 1024
LARGEST_BYTES = 16 * 1024 * 1024
MOST_FILES = 3_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def packs_in(state: Path) -> tuple[str, ...]:
    """Names of the packs that lie ready."""
    try:
        with os.scandir(state / PACKS) as entries:
            found = [one.name for one in entries if one.is_dir(follow_symlinks=False)]
    except OSError:
        return ()
    return tuple(sorted(name for name in found if _NAME.fullmatch(name)))


def read_pack(state: Path, name: str) -> Mapping[str, bytes] | None:
    """A pack's files by path in it; None if none of that name lies ready.

    Raises PackError where files are there that cannot be read as a pack's.
    """
    if name not in packs_in(state):
        return None
    folder = state / PACKS / name
    contents: dict[str, bytes] = {}
    problems, size = [], 0
    files = pack_files(folder)
    if len(files) > MOST_FILES:
        raise PackError([PackProblem(name, 0, f"has more than {MOST_FILES} files")])
    for path in files:
        place = path.relative_to(folder).as_posix()
        data = _bytes_of(path, folder)
        if isinstance(data, str):
            problems.append(PackProblem(place, 0, data))
            continue
        size += len(data)
        if size > LARGEST_BYTES:
            raise PackError([PackProblem(name, 0, f"is larger than {LARGEST_BYTES} bytes")])
        contents[place] = data
    if problems:
        raise PackError(problems)
    return contents


def _bytes_of(path: Path, folder: Path) -> bytes | str:
    """What the file holds, or why it is not read."""
    if any(above.is_symlink() for above in path.parents if above.is_relative_to(folder)):
        return "lies behind a link; put the folder itself there"
    try:
        # Opened without following a link and without waiting for the other end of a pipe.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as fault:
        return f"cannot be read: {fault.strerror}"
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return "is not a plain file"
        data = file.read(LARGEST_FILE_BYTES + 1)
    return data if len(data) <= LARGEST_FILE_BYTES else f"is over {LARGEST_FILE_BYTES} bytes"
