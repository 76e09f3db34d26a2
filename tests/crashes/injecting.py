"""A forked child whose N-th call of a kind fails as a full or broken disk would make it fail.

strace puts the fault in; what the child says comes over a socket, whose calls are left alone.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_POINTS = 200
FAULTS = {
    "no room to write": ("write,pwrite64,pwritev,ftruncate,fallocate", "ENOSPC"),
    "a write that fails": ("write,pwrite64,pwritev", "EIO"),
    "a flush that fails": ("fsync,fdatasync,msync", "EIO"),
    "a name that cannot be given": ("rename,renameat,renameat2,linkat,mkdir,mkdirat", "EIO"),
}
"""Calls, and the error each answers with."""
KILLED = "killed at a call"
_KILLS = {
    KILLED: "write,pwrite64,fsync,fdatasync,rename,renameat,unlink,unlinkat,ftruncate,openat",
    # strace counts each call by itself, so what is done once is reached only when asked for alone.
    "killed writing": "pwrite64",
    "killed flushing a file": "fsync",
    "killed flushing the database": "fdatasync",
    "killed giving one more name": "link,linkat",
    "killed giving another name": "rename,renameat",
}
KILLS_AT_A_CHANGE = tuple(name for name in _KILLS if name != KILLED)
"""For what opens more files than there may be points."""


@dataclass(frozen=True)
class Outcome:
    """What the child said (empty if it said nothing) when its `point`-th call failed."""

    point: int
    said: str


Prepare = Callable[[], Callable[[], str]]
"""Runs in the child before any fault, opens what is needed, and gives what to do and then say."""


def each_point(fault: str, prepare: Prepare, folder: Path) -> Iterator[Outcome]:
    """One child for each call that is made, until there was none left to fail."""
    for point in range(1, MOST_POINTS):
        said, injected = _child(fault, prepare, point, folder)
        if not injected:
            return
        yield Outcome(point, said)
    raise AssertionError(f"still failing after {MOST_POINTS} points")


def _child(fault: str, prepare: Prepare, point: int, folder: Path) -> tuple[str, bool]:
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        _run(prepare, theirs)
    theirs.close()
    os.waitpid(child, os.WUNTRACED)
    tracer, log = _trace(fault, child, point, folder)
    os.kill(child, signal.SIGCONT)
    with ours:
        said = b"".join(iter(lambda: ours.recv(4096), b"")).decode()
    os.waitpid(child, 0)
    tracer.wait(60)
    assert tracer.stderr is not None
    tracer.stderr.close()
    told = log.read_text()
    return said, "INJECTED" in told or "killed by SIGKILL" in told


def _run(prepare: Prepare, said: socket.socket) -> None:
    """In the child: prepare, wait for the tracer, act, tell, and leave without cleaning up."""
    try:
        act = prepare()
        os.kill(os.getpid(), signal.SIGSTOP)
        said.sendall(act().encode())
    except BaseException as fault:  # noqa: BLE001 - the test looks at what it was
        said.sendall(f"fault {type(fault).__module__}.{type(fault).__name__}".encode())
    finally:
        os._exit(0)


def _trace(
    fault: str, child: int, point: int, folder: Path
) -> tuple[subprocess.Popen[bytes], Path]:
    calls, error = FAULTS[fault] if fault in FAULTS else (_KILLS[fault], "")
    what = f"error={error}" if error else "signal=SIGKILL"
    # Names that this machine's kernel does not have are left out: strace refuses what it does not
    # know.
    named = ",".join(f"?{call}" for call in calls.split(","))
    log = folder / "strace"
    log.unlink(missing_ok=True)
    tracer = subprocess.Popen(
        [
            "strace",
            *("-f", "-p", str(child)),
            *("-o", str(log)),
            *("-e", f"trace={named}"),
            *("-e", f"inject={named}:{what}:when={point}"),
        ],
        stderr=subprocess.PIPE,
    )
    assert tracer.stderr is not None
    line = tracer.stderr.readline()
    if not re.search(rb"attached", line):
        raise AssertionError(f"strace could not attach: {line!r}; it needs ptrace")
    return tracer, log
