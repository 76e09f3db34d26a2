"""What a pack lets out that another did not: cell by cell, with the smallest example of each.

A cell is a sender, a recipient and a secrecy rule. The comparison is complete: what it does not
report does not differ, for no combination of facts, known or unknown, on no day. It compares what
may leave, not whether a duty or a permission lets it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal, NamedTuple

from policies.cells import Difference, Memory, differences
from policies.law import Lang, Law
from policies.pack import Change
from policies.table_rows import row_differences
from policies.worlds import Worlds

Direction = Literal["widens", "narrows"]


class Example(NamedTuple):
    """The least that must be so for the two packs to answer differently."""

    on: date
    sv: tuple[str, ...]
    """What is the case, as sentences. Empty: whatever the circumstances."""
    en: tuple[str, ...]
    stricter_sv: tuple[str, ...]
    """What the stricter pack asks beyond that, or what rules it out there."""
    stricter_en: tuple[str, ...]

    def given(self, lang: Lang) -> tuple[str, ...]:
        """The circumstances, in one language."""
        return self.sv if lang == "sv" else self.en

    def stricter(self, lang: Lang) -> tuple[str, ...]:
        """What the stricter pack says, in one language."""
        return self.stricter_sv if lang == "sv" else self.stricter_en


class CellChange(NamedTuple):
    """One cell that the new pack opens further, or less far, on some days."""

    sender: str
    recipient: str
    """A kind, or `*` where the secrecy table itself has changed."""
    secrecy: str
    """Secrecy rule; empty: what no secrecy rule applies to."""
    category: str
    """Where the secrecy table itself has changed, the category; else empty."""
    direction: Direction
    first: date
    last: date | None
    """None: until further notice."""
    rules: tuple[str, ...]
    """Ids of the rules that make the difference; `secrecy CODE` for a row of the table."""
    example: Example
    usual: bool = True
    """Whether the table gives the sender this secrecy; if not, only an office that has been given
    secrecy of its own can have it."""


class Comparison(NamedTuple):
    """Everything that one pack answers otherwise than another."""

    old: str
    """Version and hash of meaning of each pack."""
    new: str
    cells: tuple[CellChange, ...]

    @property
    def widenings(self) -> tuple[CellChange, ...]:
        """What may leave and could not before."""
        return tuple(cell for cell in self.cells if cell.direction == "widens")

    def by_cause(self) -> tuple[tuple[CellChange, ...], ...]:
        """The cells that one cause with one example opens or closes, together; widenings first."""
        groups: dict[object, list[CellChange]] = {}
        for cell in self.cells:
            key = (cell.direction, cell.rules, cell.first, cell.last, cell.example)
            groups.setdefault(key, []).append(cell)
        return tuple(tuple(group) for group in groups.values())

    @property
    def narrowings(self) -> tuple[CellChange, ...]:
        """What could leave and may not any more."""
        return tuple(cell for cell in self.cells if cell.direction == "narrows")


def compare(old: Law, new: Law) -> Comparison:
    """Compare two packs on every day on which either changes."""
    edges = sorted({*old.edges(), *new.edges()})
    found: list[CellChange] = []
    memory = Memory()
    for n, first in enumerate(edges):
        last = edges[n + 1] - timedelta(days=1) if n + 1 < len(edges) else None
        found += _differing((old, first), (new, first), first, last, memory)
    return Comparison(_name(old), _name(new), _joined(found, new))


def compare_days(law: Law, before: date, after: date) -> Comparison:
    """Compare one pack's law on two days, as if the second replaced the first."""
    found = _differing((law, before), (law, after), after, after, Memory())
    return Comparison(str(before), str(after), _joined(found, law))


def unexplained_widenings(
    comparison: Comparison, new: Law, changes: Iterable[Change] | None = None
) -> tuple[CellChange, ...]:
    """The widenings that no reviewed reason in `CHANGES.toml` accounts for.

    A reason counts for the version of the pack that it names, and must name every rule that makes
    the difference. Without `changes`, those of the new pack are used.
    """
    listed = new.changes if changes is None else tuple(changes)
    explained: set[str] = set()
    for change in listed:
        if change.version == new.version and change.reviewer.strip() and change.reason.strip():
            explained.add(change.rule)
            explained |= {r.id for r in new.rules.values() if r.version_of == change.rule}
    return tuple(cell for cell in comparison.widenings if not set(cell.rules) <= explained)


def _name(law: Law) -> str:
    return f"{law.id} {law.version} ({law.rules_sha256[:12]})"


def _differing(
    old: tuple[Law, date],
    new: tuple[Law, date],
    first: date,
    last: date | None,
    memory: Memory,
) -> list[CellChange]:
    worlds = Worlds(old, new)
    found = (*differences(worlds, memory), *row_differences(worlds))
    held = {kind: _held(worlds, kind) for kind in {difference.sender for difference in found}}
    return [_cell_change(one, first, last, usual=one.secrecy in held[one.sender]) for one in found]


def _held(worlds: Worlds, kind: str) -> set[str]:
    """The secrecy rules that some row gives the kind of holder, and the lack of any."""
    rows = [row for law in worlds.laws for row in law.secrecy if {kind, "*"} & {*row.holders}]
    return {"", *(row.rule for row in rows)}


def _cell_change(found: Difference, first: date, last: date | None, *, usual: bool) -> CellChange:
    return CellChange(
        sender=found.sender,
        recipient=found.recipient,
        secrecy=found.secrecy,
        category=found.category,
        direction="widens" if found.widens else "narrows",
        first=first,
        last=last,
        rules=found.rules,
        example=Example(first, *found.told),
        usual=usual,
    )


def _joined(found: list[CellChange], new: Law) -> tuple[CellChange, ...]:
    """The same change over adjoining days is one change; the example is the latest."""
    out: dict[object, CellChange] = {}
    ordered = sorted(found, key=lambda c: (c[:5], c.rules, c.first))
    for cell in ordered:
        key = (*cell[:5], cell.rules)
        before = out.get(key)
        if before is not None and before.last and before.last + timedelta(days=1) == cell.first:
            out[key] = cell._replace(first=before.first)
        elif before is not None:
            out[(*key, before.first)] = before
            out[key] = cell
        else:
            out[key] = cell

    # What can be met with every day is told first, and stands for the rest. The vocabulary names
    # the kinds that work with each other before those that somebody meets once.
    met = {kind: n for n, kind in enumerate(new.vocabulary.kinds)}

    def order(cell: CellChange) -> tuple[object, ...]:
        parties = tuple(met.get(kind, len(met)) for kind in (cell.sender, cell.recipient))
        return cell.direction != "widens", not cell.usual, parties, cell[:5], cell.first

    return tuple(sorted(out.values(), key=order))
