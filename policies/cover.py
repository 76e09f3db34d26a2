"""The core question: is every secrecy rule that applies opened, and does nothing stop it?

A cover, not a vote: each secrecy rule is opened on its own. Works on masks alone.
Law: OSL 7 kap. 3 § (caution U16), 8 kap. 1 §
"""

from __future__ import annotations

from typing import NamedTuple

from policies.place import Place, Reach
from policies.snapshot import Bar


class Cover(NamedTuple):
    """What the rules say under one pair of masks."""

    applicable: int
    """Mask over secrecy rules; unknown counts as applying."""
    surely: int
    """Those of them that are known to apply."""
    settled: bool
    """Whether a row that names the category is known to apply. Without one the table is silent."""
    rows: int
    """Mask over the rows of the place that apply, or may."""
    reach: Reach
    """What each ground can open here, and the strikes that fire."""
    fires: tuple[int, ...]
    """Numbers of the grounds whose own conditions hold, struck or not."""
    opened: int
    stops: tuple[Bar, ...]

    @property
    def covered(self) -> bool:
        """Whether it may leave. Monotone: knowing more or doing a step never takes it back."""
        return self.settled and not self.stops and not self.applicable & ~self.opened

    def duty_covers(self) -> bool:
        """Whether one duty alone covers the item, or commands what is not secret.

        An item that may leave because a harm test has found that it is not secret towards this
        recipient must be given on request, as one that no secrecy rule is about.

        Law: OSL 6 kap. 5 §
        """
        reaches = self.reach.reaches
        return any(reaches[n] == self.applicable and n in self.fires for n, *_ in self.reach.duties)

    def duty_fires(self) -> bool:
        """Whether a duty holds, however much of the item it covers."""
        reaches = self.reach.reaches
        return any(n in self.fires and self.reached(reaches[n]) for n, *_ in self.reach.duties)

    def duty_matches(self, open_statements: int, yes: int, maybe: int) -> bool:
        """Whether a duty's facts hold, and at most its statements are unanswered."""
        lacking = ~(yes | open_statements)
        return any(
            not (need & lacking or none & maybe) and self.reached(self.reach.reaches[n])
            for n, need, none, _ in self.reach.duties
        )

    def reached(self, opens: int) -> bool:
        """Whether what is opened is any of what is known to be secret about the item, if anything.

        A duty that opens only what may turn out to apply is no duty about this item: the act that
        excepts a secrecy rule excepts what lies under it. Law: lag (2025:170) 8 §
        """
        return bool(self.surely & opens) or not self.surely


def cover(place: Place, yes: int, maybe: int) -> Cover:
    """Evaluate a place under masks."""
    not_yes, not_maybe = ~yes, ~maybe
    applicable = known = place.own
    settled, rows, bit = False, 0, 1
    for row, need, none, secrecy, settles in place.rows:
        if not (need & not_maybe or none & yes):
            surely = not (need & not_yes or none & maybe)
            applicable |= secrecy
            if surely:
                known |= secrecy
                settled = settled or settles
            if surely or not row.no_secrecy:
                rows |= bit
        bit <<= 1
    cell = place.cell
    strikes, bit = 0, 1
    for bar in cell.strikes:
        if not (bar.need & not_maybe or bar.cures & yes):
            strikes |= bit
        bit <<= 1
    reach = place.reach(applicable, strikes)
    fires = tuple([n for n, need, none in place.tests if not (need & not_yes or none & maybe)])
    opened = harmless = 0
    for n in fires:
        opened |= reach.opens[n]
        if cell.grounds[n].tests_harm:
            harmless |= reach.opens[n]
    if not applicable & ~harmless:
        reach = place.reach(applicable, strikes, not_secret=True)
    return Cover(
        applicable,
        known,
        settled and not place.unknown_own,
        rows,
        reach,
        fires,
        opened,
        tuple([bar for bar in cell.stops if bar.fires(yes, maybe)]),
    )


def covered(place: Place, yes: int, maybe: int) -> bool:
    """The bare answer: whether it may leave. Asks no more than it takes to know."""
    if place.unknown_own or any(bar.fires(yes, maybe) for bar in place.cell.stops):
        return False
    not_yes, not_maybe = ~yes, ~maybe
    left, settled = place.own, False
    for _, need, none, secrecy, settles in place.rows:
        if not (need & not_maybe or none & yes):
            left |= secrecy
            settled = settled or (settles and not (need & not_yes or none & maybe))
    if not settled:
        return False
    for n, need, none in place.tests:
        if not left:
            return True
        if not (need & not_yes or none & maybe):
            left &= ~_opens(place, n, left, yes, maybe)
    return not left


def _opens(place: Place, number: int, left: int, yes: int, maybe: int) -> int:
    """What a ground whose conditions hold opens of what is left, strikes taken away."""
    opens = place.cell.grounds[number].opens & left
    for bar in place.cell.strikes if opens else ():
        if bar.hits >> number & 1 and bar.fires(yes, maybe):
            opens &= ~bar.secrecy
    return opens
