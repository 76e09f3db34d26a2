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

FINDING_CAP = 200  # findings that are listed, and one of each kind; the rest are counted
KNOWN_CAP = 20_000  # findings that are told apart; in a log changed more than that, none is new


@dataclass(frozen=True)
class Finding:
    """One thing wrong: its kind, the first entry concerned (None: no one entry), and where."""

    kind: Kind
    index: int | None
    where: str
    message: str

    def words(self) -> str:
        """One line for a person; what an attacker wrote cannot steer the terminal."""
        at = "" if self.index is None else f" at entry {self.index}"
        return printable(f"{self.kind}{at} ({self.where}): {self.message}")


RemarkKind = Literal["consent-did-not-hold"]
"""A disclosure on a consent that had been withdrawn, or did not last then, by the log itself."""


@dataclass(frozen=True)
class Remark:
    """A wrong that the entries tell of, at one of them. Nothing was changed: no verdict rests on
    it."""

    kind: RemarkKind
    index: int
    message: str

    def words(self) -> str:
        """One line for a person."""
        return printable(f"remark:   {self.kind} at entry {self.index}: {self.message}")


def printable(line: str) -> str:
    """What others wrote, on one line."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)


@dataclass
class Findings:
    """Findings in the order found, the same never twice."""

    listed: list[Finding] = field(default_factory=list)
    left_out: int = 0
    _told: set[Kind] = field(default_factory=set)
    _known: set[tuple[Kind, int | None, str]] = field(default_factory=set)
    _doubted: list[tuple[Finding, int]] = field(default_factory=list)

    def add(self, kind: Kind, index: int | None, where: str, message: str) -> None:
        """Note one finding."""
        if (kind, index, where) in self._known:
            return
        if len(self._known) < KNOWN_CAP:
            self._known.add((kind, index, where))
        # However much is wrong of one kind, the first of another is told beside it.
        if len(self.listed) < FINDING_CAP or kind not in self._told:
            self._told.add(kind)
            self.listed.append(Finding(kind, index, where, message))
        else:
            self.left_out += 1

    def doubt(self, kind: Kind, where: str, message: str, start: int, stop: int) -> None:
        """Note that a whole file is wrong; told only if no entry in it is found to be."""
        self._doubted.append((Finding(kind, start, where, message), stop))

    def settle(self) -> None:
        """Tell what was doubted and not explained, and put the entries first, in their order."""
        for finding, stop in self._doubted:
            if not self.within(finding.index or 0, stop):
                self.add(finding.kind, finding.index, finding.where, finding.message)
        self._doubted.clear()
        self.listed.sort(key=lambda item: (item.index is None, item.index or 0))

    def __bool__(self) -> bool:
        return bool(self._known or self._doubted)

    def kinds(self) -> set[Kind]:
        """The kinds found so far."""
        return {kind for kind, _, _ in self._known}

    def within(self, start: int, stop: int) -> bool:
        """Whether an entry from `start` up to `stop` has been found wrong already."""
        return any(index is not None and start <= index < stop for _, index, _ in self._known)


@dataclass(frozen=True, kw_only=True)
class Order:
    """What an export was ordered as: its id, and for whom and why, in the words of the order."""

    export: str
    recipient: str
    purpose: str
    cases: tuple[str, ...] = ()
    """All cases of the same order, this one's own among them; each is an export of its own."""
    staff_named: bool = True
    """Whether it was ordered with who acted, and with the texts that somebody typed."""
    reasons_shown: bool = True


@dataclass(frozen=True, kw_only=True)
class TableHeld:
    """One table beside the log, and what of it the log does not vouch for."""

    table: str
    rows: int
    not_vouched: tuple[str, ...]
    """Columns that no entry of any log says."""
    not_shown: dict[str, int]
    """Cells by column that entries say, in parts of them that are withheld or erased here."""
    unnamed: int
    """Rows that no entry shown here names."""

    def words(self) -> Iterable[str]:
        """Lines for a person."""
        yield f"table:    {self.table}, {self.rows} rows, each held against its entry"
        yield f"          not vouched for: {', '.join(self.not_vouched)}"
        if self.not_shown:
            cells = ", ".join(f"{name} in {count} rows" for name, count in self.not_shown.items())
            yield f"          nor, because it is withheld or erased: {cells}"
        if self.unnamed:
            yield f"          {self.unnamed} rows are named by no entry that is shown"


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How much was checked. `opened`, `withheld` and `erased` are fields, three to an entry.

    What supporting entries have no need to show is not counted as withheld.
    `pruned` are entries within the scope that are gone by decision.
    """

    entries: int = 0
    checkpoints: int = 0
    opened: int = 0
    withheld: int = 0
    erased: int = 0
    pruned: int = 0


@dataclass(frozen=True, kw_only=True)
class Report:
    """The verifier's answer. `sealed` is the size of the latest trusted checkpoint, 0 for none;
    `witnessed` of the latest that enough witnesses have signed, where witnesses were asked for.

    `first` and `last` are the times of the first and last entry.
    """

    origin: str | None
    size: int
    sealed: int
    witnessed: int = 0
    stamped: int = 0
    """Time stamps that speak of a trusted checkpoint; whose they are, is not said."""
    scope: Scope
    counts: Counts
    first: str | None
    last: str | None
    findings: tuple[Finding, ...]
    left_out: int
    contents: int = 0
    """Files beside the log (tables, rules, a report) that its own entry says were exported."""
    tables: tuple[TableHeld, ...] = ()
    """Those of the files that are tables of what the entries say, each row held against its own."""
    remarks: tuple[Remark, ...] = ()
    """What the entries say against each other."""
    order: Order | None = None
    """As the entry `vouching` says it was ordered; None where no entry vouches for the export."""
    vouching: int | None = None
    others: tuple[str, ...] = ()
    """Who else has signed checkpoints here, by keys that were not given; no verdict rests on it."""
    unknown: int = 0
    """Checkpoints here that no key given has signed; no verdict rests on them."""
    minimum: int = 0
    """Entries below it were pruned, says the log; `pruned_by` is the first entry that says so."""
    pruned_by: int | None = None
    strangers: tuple[str, ...] = ()
    """Lines of the export's own keys.txt that are no key given; no verdict rests on them."""

    @property
    def verified(self) -> bool:
        """Whether nothing at all was found wrong."""
        return not self.findings

    @property
    def first_bad_entry(self) -> int | None:
        """The lowest index that a listed finding names, None if none names one."""
        return min((item.index for item in self.findings if item.index is not None), default=None)

    def to_json(self) -> dict[str, Json]:
        """The report as JSON; `verdict` is verified or tampered."""
        findings: list[Json] = [asdict(item) for item in self.findings]
        return {
            "verdict": "verified" if self.verified else "tampered",
            "origin": self.origin,
            "size": self.size,
            "sealed": self.sealed,
            "witnessed": self.witnessed,
            "stamped": self.stamped,
            "scope": asdict(self.scope),
            "counts": asdict(self.counts),
            "contents": self.contents,
            "tables": [asdict(one) for one in self.tables],
            "remarks": [asdict(one) for one in self.remarks],
            "order": None if self.order is None else asdict(self.order),
            "vouching": self.vouching,
            "minimum": self.minimum,
            "pruned_by": self.pruned_by,
            "first": self.first,
            "last": self.last,
            "first_bad_entry": self.first_bad_entry,
            "findings": findings,
            "findings_left_out": self.left_out,
            "keys_not_given": list(self.strangers),
            "signers_not_given": list(self.others),
            "checkpoints_not_used": self.unknown,
        }

    def words(self) -> str:
        """The report for a person, several lines."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterable[str]:
        counts, scope = self.counts, self.scope
        whose = "the whole log" if scope.of is None else f"{scope.kind} {scope.of}"
        yield ("VERIFIED" if self.verified else "NOT VERIFIED: the log or the export was changed")
        yield f"log:      {self.origin or 'no signed checkpoint'}"
        yield from self._order_lines()
        yield f"scope:    {whose}, entries from {scope.start} up to, not including, {scope.stop}"
        yield f"entries:  {counts.entries} read, from {self.first or '-'} to {self.last or '-'}"
        yield (
            f"sealed:   {self.sealed} of {self.size} entries, "
            f"{counts.checkpoints} checkpoints by the given keys"
        )
        if self.witnessed:
            yield f"witness:  {self.witnessed} of {self.size} entries, by as many as you asked for"
        if self.stamped:
            yield f"stamps:   {self.stamped} of signed checkpoints; `openssl ts` says whose"
        yield (
            f"details:  {counts.opened} opened and compared, {counts.withheld} withheld from you, "
            f"{counts.erased} erased by decision"
        )
        if self.pruned_by is not None:
            yield (
                f"pruned:   below {self.minimum}, by entry {self.pruned_by}: "
                f"{counts.pruned} entries of the scope are gone by decision"
            )
        beside = f"{self.contents} files, held against the log" if self.contents else "nothing"
        yield f"beside:   {beside}"
        for table in self.tables:
            yield from table.words()
        yield from (remark.words() for remark in self.remarks)
        yield from (f"- {finding.words()}" for finding in self.findings)
        if self.left_out:
            yield f"- and {self.left_out} more"
        yield from self._not_used()

    def _order_lines(self) -> Iterable[str]:
        if self.order is None:
            yield "order:    none that the log tells of; what is withheld here, nothing vouches for"
            return
        yield printable(f"order:    {self.order.export}, as entry {self.vouching} tells")
        yield printable(f"for:      {self.order.recipient}")
        yield printable(f"purpose:  {self.order.purpose}")
        named = "with" if self.order.staff_named else "without"
        typed = "with" if self.order.reasons_shown else "without"
        yield f"ordered:  {named} who acted, {typed} what somebody typed"
        if self.order.cases:
            many = len(self.order.cases)
            yield printable(
                f"together: one of {many} exports, a case each: {', '.join(self.order.cases)}"
            )

    def _not_used(self) -> Iterable[str]:
        """What is here by others than the keys given. It is told, and nothing rests on it."""
        if self.strangers:
            yield f"keys:     keys.txt names {len(self.strangers)} that you did not give; not used"
        if self.others:
            yield printable(
                f"signers:  also signed with keys that you did not give; not used: "
                f"{', '.join(self.others)}"
            )
        if self.unknown:
            yield f"unknown:  {self.unknown} checkpoints that no key given has signed; not used"
