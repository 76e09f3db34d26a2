"""What the verifier found, as values, as JSON and in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Literal

from audit.canonical import Json
from audit.manifest import Scope

Kind = Literal[
    "edited",  # bytes are not those that the tree, a commitment or the manifest holds
    "missing",  # an entry, file or counter that must be there is not
    "reordered",  # an entry stands before one that precedes it
    "truncated",  # a signed checkpoint covers more entries than there are
    "forked",  # the tree is whole but is not the one that was signed
    "double-written",  # two entries claim one index or one id
    "erased-without-entry",  # a detail is gone and no erasure entry accounts for it
    "unsigned-tail",  # no checkpoint by a given key covers these entries
]

FINDING_CAP = 200  # findings that are listed; the rest are counted


@dataclass(frozen=True)
class Finding:
    """One thing wrong: its kind, the first entry concerned (None: no one entry), and where."""

    kind: Kind
    index: int | None
    where: str
    message: str

    def words(self) -> str:
        """One line for a person."""
        at = "" if self.index is None else f" at entry {self.index}"
        return f"{self.kind}{at} ({self.where}): {self.message}"


@dataclass
class Findings:
    """Findings in the order found, the same never twice."""

    listed: list[Finding] = field(default_factory=list)
    left_out: int = 0
    _known: set[tuple[Kind, int | None, str]] = field(default_factory=set)

    def add(self, kind: Kind, index: int | None, where: str, message: str) -> None:
        """Note one finding."""
        if (kind, index, where) in self._known:
            return
        self._known.add((kind, index, where))
        if len(self.listed) < FINDING_CAP:
            self.listed.append(Finding(kind, index, where, message))
        else:
            self.left_out += 1

    def __bool__(self) -> bool:
        return bool(self._known)

    def kinds(self) -> set[Kind]:
        """The kinds found so far."""
        return {kind for kind, _, _ in self._known}

    def within(self, start: int, stop: int) -> bool:
        """Whether an entry from `start` up to `stop` has been found wrong already."""
        return any(index is not None and start <= index < stop for _, index, _ in self._known)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How much was checked. The last three are fields of entries, three an entry."""

    entries: int = 0
    checkpoints: int = 0
    opened: int = 0
    withheld: int = 0
    erased: int = 0


@dataclass(frozen=True, kw_only=True)
class Report:
    """The verifier's answer. `sealed` is the size of the latest trusted checkpoint, 0 for none.

    `first` and `last` are the times of the first and last entry.
    """

    origin: str | None
    size: int
    sealed: int
    scope: Scope
    counts: Counts
    first: str | None
    last: str | None
    findings: tuple[Finding, ...]
    left_out: int

    @property
    def verified(self) -> bool:
        """Whether nothing at all was found wrong."""
        return not self.findings

    def to_json(self) -> dict[str, Json]:
        """The report as JSON; `verdict` is verified or tampered."""
        findings: list[Json] = [asdict(item) for item in self.findings]
        return {
            "verdict": "verified" if self.verified else "tampered",
            "origin": self.origin,
            "size": self.size,
            "sealed": self.sealed,
            "scope": asdict(self.scope),
            "counts": asdict(self.counts),
            "first": self.first,
            "last": self.last,
            "findings": findings,
            "findings_left_out": self.left_out,
        }

    def words(self) -> str:
        """The report for a person, several lines."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterable[str]:
        counts, scope = self.counts, self.scope
        whose = "the whole log" if scope.of is None else f"{scope.kind} {scope.of}"
        yield ("VERIFIED" if self.verified else "NOT VERIFIED: the log or the export was changed")
        yield f"log:      {self.origin or 'no signed checkpoint'}"
        yield f"scope:    {whose}, entries from {scope.start} up to, not including, {scope.stop}"
        yield f"entries:  {counts.entries} read, from {self.first or '-'} to {self.last or '-'}"
        yield (
            f"sealed:   {self.sealed} of {self.size} entries, "
            f"{counts.checkpoints} checkpoints by the given keys"
        )
        yield (
            f"details:  {counts.opened} opened and compared, {counts.withheld} withheld from you, "
            f"{counts.erased} erased by decision"
        )
        yield from (f"- {finding.words()}" for finding in self.findings)
        if self.left_out:
            yield f"- and {self.left_out} more"
