"""Which details an export shows, entry by entry: what the log commits to when one is made.

One line an entry of the scope, `12 wss`: its index, then actor, detail and object in the order of
their lines. Without it whoever passes an export on could turn what was shown into *withheld*.
Source: docs/formats/export.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from audit.entry import FIELDS, Field, OpenedDetail
from audit.errors import AuditFault
from audit.log import DetailRow, LogReader
from audit.manifest import Scope
from audit.report import Findings
from audit.selection import select

SHOWN_PATH: Final = "contents/shown.txt"

ABSENT: Final = "-"
"""Erased: there is no line, and an erasure entry must account for it."""
_LETTERS: Final = {"shown": "s", "withheld": "w", "damaged": "x", "erased": ABSENT}
_PLACES: Final[dict[Field, int]] = {name: at for at, name in enumerate(sorted(FIELDS))}
NOTHING: Final = ABSENT * len(FIELDS)
"""No field of an entry has a line."""
_LINE = re.compile(rb"(0|[1-9][0-9]{0,15}) ([swx-]{3})")
_BATCH = 1024  # entries read at a time


@dataclass
class Shown:
    """What is shown of each entry so far. Some hundred bytes an entry."""

    letters: dict[int, str] = field(default_factory=dict)

    def note(self, n: int, name: Field, opened: OpenedDetail | str) -> None:
        """One field: in clear, or why it is not."""
        letter = _LETTERS["shown"] if isinstance(opened, OpenedDetail) else _LETTERS[opened]
        before, at = self.letters.get(n, NOTHING), _PLACES[name]
        self.letters[n] = before[:at] + letter + before[at + 1 :]

    def lines(self, members: Iterable[int]) -> Iterator[bytes]:
        """The lines of these entries, in order."""
        for n in sorted(members):
            yield f"{n} {self.letters.get(n, NOTHING)}\n".encode()


def would_show(
    reader: LogReader, opener: Callable[[DetailRow], OpenedDetail | str], scope: Scope
) -> Iterator[bytes]:
    """What an export of the scope would show if it were written now."""
    chosen = select(
        reader,
        opener,
        kind=scope.kind,
        of=scope.of,
        start=scope.start,
        stop=scope.stop,
        size=scope.stop,
    ).chosen
    for first in sorted({n // _BATCH * _BATCH for n in chosen}):
        shown = Shown()
        for row in reader.details(first, min(first + _BATCH, scope.stop)):
            if row.n in chosen:
                shown.note(row.n, row.field, readable(opener(row)))
        yield from shown.lines(n for n in range(first, first + _BATCH) if n in chosen)


def readable(opened: OpenedDetail | str) -> OpenedDetail | str:
    """What was opened, if it is an object as an export writes it."""
    if isinstance(opened, OpenedDetail):
        try:
            opened.value()
        except AuditFault:
            return "damaged"
    return opened


def check_shown(lines: Iterable[bytes], shown: Shown, findings: Findings) -> None:
    """Hold what the export shows against what it was made to show, entry by entry."""
    left, last = dict(shown.letters), -1
    for line in lines:
        found = _LINE.fullmatch(line)
        n = int(found[1]) if found else -1
        if found is None or n <= last:
            findings.add("edited", None, SHOWN_PATH, "it is not as an export writes it")
            return
        last, told, now = n, found[2].decode(), left.pop(n, None)
        if findings.within(n, n + 1) or now == told:
            continue  # what is wrong with the entry itself has been said
        if now is None:
            message = "the export was made with this entry in it, and it is not"
            findings.add("missing", n, SHOWN_PATH, message)
        else:
            findings.add("edited", n, SHOWN_PATH, _difference(told, now))
    for n in sorted(left):
        if not findings.within(n, n + 1):
            message = "the export was made without this entry"
            findings.add("edited", n, SHOWN_PATH, message)


def _difference(told: str, now: str) -> str:
    words = {letter: word for word, letter in _LETTERS.items()}
    parts = [
        f"the {name} was {words[told[at]]} when the export was made, and is {words[now[at]]} here"
        for name, at in _PLACES.items()
        if told[at] != now[at]
    ]
    return "; ".join(parts)
