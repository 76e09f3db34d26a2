"""Entries outside an export's scope: each must prove something that the export has to prove.

The neighbours just before and after the scope in its own counter; the erasures and prunings that
account for what is gone, and what a case itself says of it; the entry that vouches for the export.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from audit.canonical import Json
from audit.entry import ERASURE_OP, Entry
from audit.manifest import MANIFEST, Manifest, Scope
from audit.pruning import CASE_GONE_OP, PRUNING_OP
from audit.report import Findings


@dataclass
class Supporting:
    """The supporting entries met so far; `indices` are those that the manifest names."""

    scope: Scope
    indices: frozenset[int]
    _met: set[int] = field(default_factory=set)
    _sound: set[int] = field(default_factory=set)
    _before: list[int] = field(default_factory=list)
    _after: list[int] = field(default_factory=list)

    def take(self, entry: Entry, value: Mapping[str, Json] | None) -> None:
        """One entry whose hash holds; `value` is its object, None if it was not opened."""
        if entry.n not in self.indices:
            return
        self._met.add(entry.n)
        if entry.op in (ERASURE_OP, PRUNING_OP):
            self._sound.add(entry.n)
        by_case = self.scope.kind == "case"
        own = (value or {}).get("case") if by_case else entry.org
        if self.scope.kind != "whole" and own == self.scope.of:
            if by_case and entry.op == CASE_GONE_OP:
                self._sound.add(entry.n)
            if entry.n < self.scope.start:
                self._before.append(entry.n)
            elif entry.n >= self.scope.stop:
                self._after.append(entry.n)

    def check(self, manifest: Manifest, telling: Collection[int], findings: Findings) -> None:
        """Name every entry that is said to support something and does not.

        `telling` are those that say what the export was made to hold.
        """
        listed = list(manifest.supporting)
        if listed != sorted(set(listed)):
            message = "the supporting entries are not listed each once and in order"
            findings.add("edited", None, MANIFEST, message)
        sound = self._sound | {*self._before[-1:], *self._after[:1], *telling}
        for n in sorted(self.indices - sound):
            if findings.within(n, n + 1):
                continue  # it could not be read, which has been said
            if n not in self._met:
                message = "the manifest names it as supporting, and it is not there"
                findings.add("missing", n, MANIFEST, message)
            else:
                message = "the entry is outside the scope and proves nothing about it"
                findings.add("edited", n, MANIFEST, message)
