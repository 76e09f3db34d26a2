"""The core question: is every secrecy rule that applies opened, and does nothing stop it?

A cover, not a vote: each secrecy rule is opened on its own. Works on masks alone.
Law: OSL 7 kap. 3 § (caution U16), 8 kap. 1 §
"""

from __future__ import annotations

from typing import NamedTuple

from policies.facts import Facts
from policies.snapshot import Bar, Cell, Row, Snapshot


class Place(NamedTuple):
    """Everything about a question that does not depend on what is yes, no or unknown."""

    cell: Cell
    rows: tuple[Row, ...]
    own: int
    """Secrecy rules that the sender has beyond its kind: always apply."""
    unknown_own: tuple[str, ...]
    """Secrecy rules of the sender that the pack does not know; they stop, being unanswerable."""


class Cover(NamedTuple):
    """What the rules say under one pair of masks."""

    applicable: int
    """Mask over secrecy rules; unknown counts as applying."""
    settled: bool
    """Whether a row that names the category is known to apply. Without one the table is silent."""
    closed: tuple[int, ...]
    """Per ground of the cell: the secrecy rules for which it is struck."""
    fires: tuple[bool, ...]
    """Per ground: whether its own conditions hold, struck or not."""
    opened: int
    stops: tuple[Bar, ...]
    strikes: tuple[Bar, ...]

    @property
    def covered(self) -> bool:
        """Whether it may leave. Monotone: knowing more or doing a step never takes it back."""
        return self.settled and not self.stops and not self.applicable & ~self.opened

    def opens(self, place: Place, n: int) -> int:
        """What ground n would open of what applies, once its conditions hold."""
        return place.cell.grounds[n].opens & self.applicable & ~self.closed[n]

    def duty_covers(self, place: Place) -> bool:
        """Whether one duty alone covers the item."""
        return any(
            ground.duty and self.fires[n] and self.opens(place, n) == self.applicable
            for n, ground in enumerate(place.cell.grounds)
            if not self.struck_out(place, n)
        )

    def struck_out(self, place: Place, n: int) -> bool:
        """Whether strikes take away all that ground n could open."""
        # A duty to tell what is not secret opens nothing, so "opens nothing" is not "struck".
        ground = place.cell.grounds[n]
        return bool(ground.opens) and not ground.opens & ~self.closed[n]

    def duty_matches(self, place: Place, open_statements: int, yes: int, maybe: int) -> bool:
        """Whether a duty's facts hold, and at most its statements are unanswered."""
        for n, ground in enumerate(place.cell.grounds):
            if not ground.duty or self.struck_out(place, n):
                continue
            helps = self.opens(place, n) or not self.applicable
            if helps and not (ground.need & ~(yes | open_statements) or ground.none & maybe):
                return True
        return False


def place_of(snapshot: Snapshot, facts: Facts) -> Place:
    """Look up the rules for a question."""
    own = [code for code in facts.sender.own_secrecy if code in snapshot.secrecy_bits]
    return Place(
        snapshot.cell(facts.sender.kind, facts.recipient.kind),
        snapshot.rows(facts.sender.kind, facts.item.category),
        snapshot.secrecy_mask(set(own)),
        tuple(code for code in facts.sender.own_secrecy if code not in snapshot.secrecy_bits),
    )


def cover(place: Place, yes: int, maybe: int) -> Cover:
    """Evaluate a place under masks."""
    applicable, settled = place.own, False
    for row in place.rows:
        if row.may_apply(yes, maybe):
            applicable |= row.secrecy
            settled = settled or (row.settles and row.applies(yes, maybe))
    cell = place.cell
    strikes = tuple(bar for bar in cell.strikes if bar.fires(yes, maybe))
    closed = [0] * len(cell.grounds)
    for bar in strikes:
        for n in range(len(closed)):
            if bar.hits >> n & 1:
                closed[n] |= bar.secrecy
    opened = 0
    fires = []
    for n, ground in enumerate(cell.grounds):
        holds = not (ground.need & ~yes or ground.none & maybe)
        fires.append(holds)
        if holds:
            opened |= ground.opens & ~closed[n]
    return Cover(
        applicable,
        settled and not place.unknown_own,
        tuple(closed),
        tuple(fires),
        opened & applicable,
        tuple(bar for bar in cell.stops if bar.fires(yes, maybe)),
        strikes,
    )
