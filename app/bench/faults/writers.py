"""Processes that write as fast as they can until they are killed, and tell what was acknowledged.

Each act is one business row with its entry, in one transaction; it is told over a pipe only after
the commit has returned, as a page is sent only then.
"""

from __future__ import annotations

import os
import random
import select
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.domain.ids import new_id
from app.domain.staff import StaffMember
from app.main import system_clock
from app.records.errors import StoreFault
from app.records.staff import insert_staff
from app.records.store import Store
from audit.entry import Event, Field

ORGANISATION = "bench"
_LONGEST = 20.0
"""Seconds to wait for the first acknowledged act; a machine slower than that is not measured."""


class PlainSealer:
    """Seals nothing, because what is tried here is the log and not the keys."""

    def seal(self, field: Field, entry_id: str, plaintext: bytes) -> tuple[str, bytes]:  # noqa: ARG002
        """The detail as it is."""
        return "open", plaintext


def write_one(store: Store) -> str:
    """One row and its entry; the entry's id once both are committed."""
    at = system_clock()
    event = Event(
        id=new_id(at),
        op="bench.written",
        res="allow",
        org=ORGANISATION,
        actor={"process": os.getpid()},
        object={},
        detail={},
    )
    with store.begin(at=at) as tx:
        insert_staff(tx, StaffMember(id=new_id(at), name="Ingen", title="-"), entry_id=event.id)
        tx.record(event, sealer=PlainSealer())
    return event.id


@dataclass
class Writers:
    """Some of them, running. `acknowledged` fills as they tell."""

    pids: list[int] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    _pipes: dict[int, bytes] = field(default_factory=dict)

    def start(self, url: str) -> None:
        """One more. It opens the database itself: a connection does not survive a fork."""
        heard, said = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(heard)
            _write_until_killed(url, said)
        os.close(said)
        self.pids.append(child)
        self._pipes[heard] = b""

    def listen(self, seconds: float) -> None:
        """Hear what is told for so long, or until nobody is left to tell."""
        until = time.monotonic() + seconds
        while self._pipes and (left := until - time.monotonic()) > 0:
            for pipe in select.select(list(self._pipes), [], [], left)[0]:
                self._hear(pipe)

    def wait_for_first(self) -> None:
        """Until somebody's act has been acknowledged. Raises TimeoutError."""
        until = time.monotonic() + _LONGEST
        while not self.acknowledged:
            if time.monotonic() > until or not self._pipes:
                raise TimeoutError("no writer got anything acknowledged")
            self.listen(0.01)

    def kill(self, chance: random.Random) -> None:
        """Kill each with -9, in any order and a little apart."""
        for pid in chance.sample(self.pids, len(self.pids)):
            os.kill(pid, signal.SIGKILL)
            self.listen(chance.random() * 0.01)

    def bury(self) -> None:
        """Wait for all to be gone, and hear the last that they told."""
        self.listen(_LONGEST)
        for pipe in list(self._pipes):
            os.close(pipe)
            del self._pipes[pipe]
        for pid in self.pids:
            os.waitpid(pid, 0)
        self.pids.clear()

    def _hear(self, pipe: int) -> None:
        told = os.read(pipe, 65_536)
        if not told:
            os.close(pipe)
            del self._pipes[pipe]
            return
        # What comes after the last line's end was cut off by the kill: it acknowledges nothing.
        *lines, self._pipes[pipe] = (self._pipes[pipe] + told).split(b"\n")
        self.acknowledged |= {line.decode("ascii") for line in lines}


@contextmanager
def writing(url: str, count: int) -> Iterator[Writers]:
    """So many writers, of whom none is left afterwards."""
    writers = Writers()
    try:
        for _ in range(count):
            writers.start(url)
        yield writers
    finally:
        for pid in writers.pids:
            os.kill(pid, signal.SIGKILL)
        writers.bury()


def _write_until_killed(url: str, said: int) -> None:
    try:
        store = Store.open(url, lock_seconds=_LONGEST)
        while True:
            os.write(said, write_one(store).encode("ascii") + b"\n")
    except StoreFault:
        # The server is gone. What was not acknowledged may or may not be there; both are right.
        pass
    finally:
        os._exit(0)
