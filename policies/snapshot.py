"""The law on one day, compiled: conditions are bits, rules are masks, rules lie by sender and
recipient kind.

A pair of masks `yes` and `maybe` (yes is a subset of maybe) says of every condition whether it is
yes, unknown or no. Unknown helps nobody: a ground asks `yes`, a prohibition asks `maybe`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from policies.check_rules import STRIKE_WORDS
from policies.decision import Decision, Step
from policies.facts import Facts, Party
from policies.keeping import kept
from policies.masks import Masks, Readings
from policies.pack import DUTIES, GROUNDS, Condition, ReceiverRow, Rule, SecrecyRow
from policies.references import Names
from policies.selectors import expand, select
from policies.told import step
from policies.vocabulary import Tables


class Ground(NamedTuple):
    """A rule that opens secrecy: fires when need is yes and nothing of none may hold."""

    rule: Rule
    need: int
    none: int
    opens: int
    """Mask over secrecy rules."""
    duty: bool
    tests_harm: bool
    """Whether it says that the item is not secret towards this recipient, rather than opens it."""


class Bar(NamedTuple):
    """A strike or a stop: fires when all of need may hold and no cure is yes."""

    rule: Rule
    need: int
    cures: int
    """`none` and `unless`: any of them lifts it."""
    hits: int
    """Strikes: mask over the grounds of the cell."""
    secrecy: int
    """Strikes: mask over the secrecy rules for which the grounds are ruled out."""

    def fires(self, yes: int, maybe: int) -> bool:
        """Whether it stands in the way, as far as is known."""
        return not (self.need & ~maybe or self.cures & yes)


class Row(NamedTuple):
    """A row of the secrecy table, for a holder and a category."""

    row: SecrecyRow
    need: int
    none: int
    secrecy: int
    """The bit of its secrecy rule; 0 for a row that says the item is not secret."""
    settles: bool
    """Whether it names the category, so that the table has an answer for it."""


class Cell(NamedTuple):
    """The rules between one kind of sender and one kind of recipient, in a fixed order."""

    grounds: tuple[Ground, ...]
    strikes: tuple[Bar, ...]
    stops: tuple[Bar, ...]


class Snapshot:
    """The law between two changes. Cells and rows are made when first asked for, then kept."""

    def __init__(
        self,
        *,
        conditions: tuple[Condition, ...],
        tables: Tables,
        rules: tuple[Rule, ...],
        opened: Mapping[str, frozenset[str]],
        secrecy: tuple[SecrecyRow, ...],
        receivers: tuple[ReceiverRow, ...],
        names: Names,
    ) -> None:
        self.conditions = conditions
        self.tables = tables
        self.bits = {condition.name: 1 << n for n, condition in enumerate(conditions)}
        self.secrecy_codes = tuple(sorted(names.secrecy_codes))
        self.secrecy_bits = {code: 1 << n for n, code in enumerate(self.secrecy_codes)}
        self.rules = rules
        self._opened = opened
        self.secrecy = secrecy
        self._receivers = receivers
        self._names = names
        self._cells: dict[tuple[str, str], Cell] = {}
        self._follows: dict[tuple[str, tuple[str, ...], str, str], int] = {}
        self._rows: dict[tuple[str, str], tuple[Row, ...]] = {}
        self.answers: dict[object, object] = {}
        """Worked-out answers to unknown facts; filled and read by `unknowns.py` alone."""
        self.places: dict[object, object] = {}
        """Filled and read by `place.py` alone."""
        self.decisions: dict[object, Decision] = {}
        """Filled and read by `decide.py` alone. A decision names nobody."""
        self._codes: dict[int, tuple[str, ...]] = {}
        self._steps: dict[tuple[int, int], tuple[Step, ...]] = {}
        self.readings = Readings(conditions, tables)
        self.answerable = self.readings.answerable
        """Facts that an answer can settle, with the conditions that ask them."""
        self.consents = tuple(
            (self.bits[c.name], c.fact) for c in conditions if c.source == "consent"
        )
        self.approvals = tuple(
            (self.bits[c.name], c.name) for c in conditions if c.source == "approval"
        )
        self._step_masks = {
            source: self._mask_where(lambda c, s=source: c.source == s)  # type: ignore[misc]
            for source in ("system", "statement", "consent", "request", "approval")
        }

    def mask_of(self, source: str) -> int:
        """The conditions with this source."""
        return self._step_masks[source]

    def masks(self, facts: Facts) -> Masks:
        """Evaluate every condition."""
        return Masks(*self.readings.read(facts)[:3])

    def masks_of(self, fact: str, facts: Facts) -> Masks:
        """Evaluate the conditions on one fact."""
        return self.readings.of(fact, facts)

    def tests_of(self, fact: str) -> tuple[tuple[int, Condition, object], ...]:
        """The conditions on a fact: bit, condition, value on this day."""
        return self.readings.tests_of(fact)

    def named(self, mask: int) -> tuple[Condition, ...]:
        """The conditions of a mask, in vocabulary order."""
        return tuple([self.conditions[n] for n in each_number(mask)])

    def steps(self, pos: int, neg: int) -> tuple[Step, ...]:
        """Conditions that are to become yes, and to become no, as steps in vocabulary order."""
        found = self._steps.get((pos, neg))
        if found is None:
            both = self.named(pos | neg)
            told = tuple([step(c, value=bool(self.bits[c.name] & pos)) for c in both])
            found = kept(self._steps, (pos, neg), told)
        return found

    def codes(self, mask: int) -> tuple[str, ...]:
        """The secrecy rules of a mask, sorted."""
        found = self._codes.get(mask)
        if found is None:
            codes = tuple([self.secrecy_codes[n] for n in each_number(mask)])
            found = kept(self._codes, mask, codes)
        return found

    def cell(self, sender: str, recipient: str) -> Cell:
        """The rules between two kinds."""
        key = (sender, recipient)
        found = self._cells.get(key)
        if found is None:
            found = self._cells[key] = self._make_cell(sender, recipient)
        return found

    def rows(self, holder: str, category: str) -> tuple[Row, ...]:
        """The rows of the secrecy table for a kind of holder and a category."""
        key = (holder, category)
        found = self._rows.get(key)
        if found is None:
            found = self._rows[key] = self._make_rows(holder, category)
        return found

    def follows(self, recipient: Party, category: str) -> int:
        """Mask of the secrecy rules that protect the item at the recipient as well.

        Law: OSL 7 kap. 2 §, 11 kap. 8 §
        """
        key = (recipient.kind, recipient.own_secrecy, recipient.is_authority, category)
        found = self._follows.get(key)
        if found is None:
            found = self._follows[key] = self._find_follows(recipient, category)
        return found

    def _find_follows(self, recipient: Party, category: str) -> int:
        covered: set[str] = set()
        # Not knowing whether it is an authority, neither kind of protection is counted on.
        of = {"yes": "authority", "no": "private"}.get(recipient.is_authority, "")
        for row in self._receivers:
            here = (
                recipient.kind in row.kinds or "*" in row.kinds or row.rule in recipient.own_secrecy
            )
            here = here and row.of in ("any", of)
            if here and ("*" in row.categories or category in row.categories):
                selectors = expand(row.covers, self._names.secrecy_sets)
                covered |= select(selectors, self.secrecy_codes)
        return self.secrecy_mask(covered)

    def secrecy_mask(self, codes: frozenset[str] | set[str]) -> int:
        """The bits of secrecy rules that the pack knows."""
        return sum(self.secrecy_bits[code] for code in codes)

    def condition_mask(self, names: tuple[str, ...]) -> int:
        """The bits of named conditions."""
        return sum(self.bits[name] for name in names)

    def _mask_where(self, test: Callable[[Condition], bool]) -> int:
        return sum(1 << n for n, c in enumerate(self.conditions) if test(c))

    def _make_cell(self, sender: str, recipient: str) -> Cell:
        here = [r for r in self.rules if self._stands(r, sender, recipient)]
        grounds = [self._ground(rule) for rule in here if rule.effect in GROUNDS]
        grounds.sort(key=lambda g: (not g.duty, g.rule.confidence, g.rule.id))
        strikes = [self._bar(rule, grounds) for rule in here if rule.effect == "strike"]
        stops = [self._bar(rule, grounds) for rule in here if rule.effect == "stop"]
        return Cell(
            tuple(grounds),
            tuple(sorted(strikes, key=lambda bar: bar.rule.id)),
            tuple(sorted(stops, key=lambda bar: bar.rule.id)),
        )

    def _stands(self, rule: Rule, sender: str, recipient: str) -> bool:
        return self.among(sender, rule.from_) and self.among(recipient, rule.to)

    def kinds_of(self, listed: tuple[str, ...]) -> tuple[str, ...]:
        """The kinds that a list in `from` or `to` of a rule means; `*` stands for every kind."""
        return expand(listed, self._names.kind_sets)

    def reach_of(self, rule: Rule) -> frozenset[str]:
        """The secrecy rules that a ground opens, or for which a strike rules grounds out."""
        if rule.effect in GROUNDS:
            return self._opened[rule.id]
        selectors = expand(rule.secrecy, self._names.secrecy_sets)
        return select(selectors or ("all",), self.secrecy_codes)

    def among(self, kind: str, listed: tuple[str, ...]) -> bool:
        """Whether a list in `from` or `to` of a rule means the kind."""
        members = self.kinds_of(listed)
        return kind in members or "*" in members

    def _ground(self, rule: Rule) -> Ground:
        return Ground(
            rule,
            self.condition_mask(rule.all),
            self.condition_mask(rule.none),
            self.secrecy_mask(self.reach_of(rule)),
            rule.effect in DUTIES,
            rule.effect == "harm_test",
        )

    def _bar(self, rule: Rule, grounds: list[Ground]) -> Bar:
        return Bar(
            rule,
            self.condition_mask(rule.all),
            self.condition_mask(rule.none) | self.condition_mask(rule.unless),
            sum(1 << n for n, ground in enumerate(grounds) if _is_hit(ground.rule, rule.strikes)),
            self.secrecy_mask(self.reach_of(rule)),
        )

    def _make_rows(self, holder: str, category: str) -> tuple[Row, ...]:
        return tuple(
            Row(
                row,
                self.condition_mask(row.all),
                self.condition_mask(row.none),
                self.secrecy_bits[row.rule] if row.rule else 0,
                "*" not in row.categories,
            )
            for row in self.secrecy
            if (holder in row.holders or "*" in row.holders)
            and (category in row.categories or "*" in row.categories)
        )


def each_number(mask: int) -> Iterator[int]:
    """The places of the bits that are set, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _is_hit(rule: Rule, strikes: tuple[str, ...]) -> bool:
    if rule.id in strikes or rule.version_of in strikes:
        return True
    return any(rule.effect in STRIKE_WORDS.get(word, ()) for word in strikes)
