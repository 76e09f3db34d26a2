"""Questions put to children of this process, several at a time, whatever becomes of them.

A child may run for ever, take all memory or break what it imports: nothing of it reaches the
parent but one line, or the lack of one.
"""

from __future__ import annotations

import os
import resource
import selectors
import signal
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple, TypeVar

T = TypeVar("T")
_MOST_MEMORY = 4 << 30
"""Bytes of address space: far more than a child needs, far less than the machine has."""


class Told(NamedTuple):
    """What came back from one child."""

    line: str | None
    """None when it was out of patience."""
    processor_s: float
    """What it took of processor time."""


class _Child(NamedTuple):
    pid: int
    pipe: int
    about: object


def lasting(seconds: float) -> None:
    """In a child: end without an answer after this much more processor time.

    Processor time, because wall time says how busy the machine is.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)


def told_by_children(
    every: Iterable[T], ask: Callable[[T], str], *, jobs: int
) -> Iterator[tuple[T, Told]]:
    """Each with the line that a child of its own says about it, as they come in."""
    left = iter(every)
    running = selectors.DefaultSelector()
    try:
        while True:
            for one in islice(left, max(1, jobs) - len(running.get_map())):
                child = _start(one, ask)
                running.register(child.pipe, selectors.EVENT_READ, child)
            if not running.get_map():
                return
            for key, _ in running.select():
                running.unregister(key.fileobj)
                yield key.data.about, _end(key.data)
    finally:
        for key in list(running.get_map().values()):
            os.kill(key.data.pid, signal.SIGKILL)
            os.waitpid(key.data.pid, 0)
            os.close(key.data.pipe)
        running.close()


def _start(one: T, ask: Callable[[T], str]) -> _Child:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
            os.write(writer, ask(one).encode())
            status = 0
        finally:
            os._exit(status)  # never run on as a second parent
    # Closed before the next child is made, which would otherwise hold it open.
    os.close(writer)
    return _Child(pid, reader, one)


def _end(child: _Child) -> Told:
    with os.fdopen(child.pipe, "rb") as pipe:
        line = pipe.read().decode()
    _, status, used = os.wait4(child.pid, 0)
    ended = os.waitstatus_to_exitcode(status)
    if ended not in (0, -signal.SIGPROF):
        # It failed in asking, or was ended from outside: no answer to what it was asked.
        raise ChildProcessError(f"a child ended with {ended} and told nothing; run it again")
    return Told(None if ended else line, used.ru_utime + used.ru_stime)
