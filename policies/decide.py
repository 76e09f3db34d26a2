"""The answer: facts and law in, a decision out. Looks nothing up and writes nothing.

The law never says yes by itself: `must` and `may` mean that a named official can decide so now.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from policies.check_rules import NO_ROW, NOT_SECRET
from policies.cover import Cover, Place, cover, place_of
from policies.decision import Decision, FiredRule, Near, NoteDecision, Outcome, Secrecy, Step
from policies.facts import Facts
from policies.law import ENGINE, Law
from policies.missing import Literals, Search, Sets, minimal_sets, names, steps_left
from policies.pack import Condition, Rule, SecrecyRow
from policies.selectors import written_out
from policies.snapshot import Bar, Masks, Row, Snapshot
from policies.unknowns import Unknowns, find_unknowns

_WORST: dict[Outcome, int] = {"must": 0, "may": 1, "needs": 2, "none": 3, "stop": 4}


_NO_ROW = FiredRule(
    id=NO_ROW,
    effect="stop",
    cite=("OSL 8 kap. 1 §",),
    sv="Sekretesstabellen har ingen rad för den här uppgiften hos er",
    en="The secrecy table has no row for this information at your organisation",
    confidence="A",
)
"""Law: OSL 8 kap. 1 §"""


def decide(law: Law, facts: Facts) -> Decision:
    """What the law answers about one described person.

    Same facts and same pack give the same bytes. Law: OSL 8 kap. 1 §
    """
    return _Question(law, facts).answer()


def lets_out(law: Law, facts: Facts) -> bool:
    """Whether it may leave, and nothing else: the bare answer, without what to tell about it."""
    snapshot = law.snapshot(facts.on)
    masks = snapshot.masks(facts)
    return cover(place_of(snapshot, facts), masks.yes, masks.maybe).covered


def decide_note(law: Law, by_person: Mapping[str, Facts]) -> NoteDecision:
    """The answer for a note: the worst over the persons it describes. At least one person."""
    if not by_person:
        raise ValueError("a note describes at least one person; hand in facts for each")
    decisions = {key: decide(law, facts) for key, facts in by_person.items()}
    worst = max((d.outcome for d in decisions.values()), key=_WORST.__getitem__)
    return NoteDecision(outcome=worst, by_person=decisions)


def decision_bytes(decision: Decision) -> bytes:
    """Canonical JSON: keys sorted, no white space, UTF-8."""
    return msgspec.json.encode(decision, order="sorted")


class _Question:
    """One question under way. Lives only inside `decide`."""

    def __init__(self, law: Law, facts: Facts) -> None:
        self.law, self.facts = law, facts
        self.snapshot: Snapshot = law.snapshot(facts.on)
        self.masks: Masks = self.snapshot.masks(facts)
        self.place: Place = place_of(self.snapshot, facts)
        self.cover: Cover = cover(self.place, self.masks.yes, self.masks.maybe)
        yes, maybe = self.masks.yes, self.masks.maybe
        self.open_statements = self.snapshot.mask_of("statement") & maybe & ~yes
        self.duty_matches = self.cover.duty_matches(self.place, self.open_statements, yes, maybe)
        self.unknowns: Unknowns = find_unknowns(self.snapshot, facts, yes, maybe)
        self.steps = steps_left(self.snapshot, facts, yes, maybe, without_consent=self.duty_matches)
        self.in_the_way = self._in_the_way()
        self.relevant = self._relevant()

    def answer(self) -> Decision:
        """Put the decision together."""
        law = self.law
        outcome, sets = self._outcome()
        fired, covers = self._fired()
        strikes = self._strikes()
        applicable = self._applicable()
        return Decision(
            outcome=outcome,
            on=self.facts.on,
            engine=ENGINE,
            pack_id=law.id,
            pack_version=law.version,
            pack_sha256=law.sha256,
            rules_sha256=law.rules_sha256,
            applicable=applicable,
            covers=covers,
            fired=fired,
            stops=self._stops(),
            strikes=strikes,
            near=self._near(),
            missing=tuple(self._as_steps(literals) for literals in sets.sets),
            missing_truncated=sets.truncated,
            flags=self._flags(outcome, applicable),
            cautions=self._cautions(sets),
            questions=self._questions(),
            yes_mask=format(self.masks.yes, "x"),
            maybe_mask=format(self.masks.maybe, "x"),
            vocabulary_sha256=law.vocabulary.sha256,
        )

    def _outcome(self) -> tuple[Outcome, Sets]:
        cover_ = self.cover
        if cover_.covered:
            lawful: Outcome = "must" if cover_.duty_covers(self.place) else "may"
            return lawful, Sets((), False)
        sets = minimal_sets(
            Search(
                self.place,
                cover_,
                self.masks.yes,
                self.masks.maybe,
                self.unknowns,
                self.steps,
            )
        )
        if sets.sets:
            return "needs", sets
        return ("stop" if cover_.stops or not cover_.settled else "none"), sets

    def _fired(self) -> tuple[tuple[FiredRule, ...], dict[str, tuple[str, ...]]]:
        place, cover_ = self.place, self.cover
        fired, covers = [], {}
        for n, ground in enumerate(place.cell.grounds):
            struck = cover_.struck_out(place, n)
            opened = cover_.opens(place, n)
            # A duty that does not reach the item is no ground; where nothing is secret it still is.
            reaches = opened or (ground.duty and not cover_.applicable)
            if cover_.fires[n] and not struck and reaches:
                fired.append(_fired_rule(ground.rule))
        for code in self.snapshot.codes(cover_.applicable):
            bit = self.snapshot.secrecy_bits[code]
            covers[code] = tuple(
                ground.rule.id
                for n, ground in enumerate(place.cell.grounds)
                if cover_.fires[n] and cover_.opens(place, n) & bit
            )
        if not cover_.applicable and cover_.settled:
            fired += [_not_secret(row.row) for row in self._rows_in_use() if row.row.no_secrecy]
        return tuple(fired), covers

    def _rows_in_use(self) -> list[Row]:
        yes, maybe = self.masks.yes, self.masks.maybe
        return [
            row
            for row in self.place.rows
            if (row.applies(yes, maybe) if row.row.no_secrecy else row.may_apply(yes, maybe))
        ]

    def _stops(self) -> tuple[FiredRule, ...]:
        found = tuple(_fired_rule(bar.rule) for bar in self.cover.stops)
        return found if self.cover.settled else (*found, _NO_ROW)

    def _in_the_way(self) -> dict[str, list[int]]:
        """Per firing strike, the grounds that it keeps from opening something that applies."""
        grounds = self.place.cell.grounds
        out: dict[str, list[int]] = {}
        for bar in self.cover.strikes:
            touched = bar.secrecy & self.cover.applicable
            out[bar.rule.id] = [
                n for n, g in enumerate(grounds) if g.opens & touched and bar.hits >> n & 1
            ]
        return out

    def _excepted(self, bar: Bar) -> list[int]:
        """The grounds that, by the statute's own list of exceptions, do not reach the item.

        They open nothing here anyway; they are named because readers ask for them first.
        """
        if not (bar.rule.secrecy and bar.secrecy & self.cover.applicable):
            return []
        return [n for n in range(len(self.place.cell.grounds)) if bar.hits >> n & 1]

    def _strikes(self) -> tuple[FiredRule, ...]:
        out = []
        for bar in self.cover.strikes:
            ruled_out = self.in_the_way[bar.rule.id] or self._excepted(bar)
            apart = bar.rule.separate_channel and bar.secrecy & self.cover.applicable
            if ruled_out or apart:
                ids = tuple(self.place.cell.grounds[n].rule.id for n in ruled_out)
                out.append(_fired_rule(bar.rule, strikes=ids))
        return tuple(out)

    def _near(self) -> tuple[Near, ...]:
        place, cover_ = self.place, self.cover
        yes, maybe = self.masks.yes, self.masks.maybe
        out: list[tuple[int, int, Near]] = []
        for n, ground in enumerate(place.cell.grounds):
            reach = ground.opens & cover_.applicable
            helps = reach or (ground.duty and not cover_.applicable)
            if not helps or (cover_.fires[n] and cover_.opens(place, n)):
                continue
            unmet = tuple(c.name for c in self.snapshot.named(ground.need & ~yes))
            unmet += tuple(f"not:{c.name}" for c in self.snapshot.named(ground.none & maybe))
            struck: tuple[str, ...] = ()
            if cover_.closed[n]:
                struck = tuple(
                    bar.rule.id for bar in cover_.strikes if n in self.in_the_way[bar.rule.id]
                )
            if unmet or struck:
                near = Near(id=ground.rule.id, unmet=unmet, struck_by=struck)
                out.append((len(unmet) + len(struck), n, near))
        return tuple(near for _, _, near in sorted(out, key=lambda entry: entry[:2]))

    def _relevant(self) -> int:
        """The conditions of every rule and row that the known facts do not rule out here."""
        yes, maybe = self.masks.yes, self.masks.maybe
        reachable = maybe | self.steps
        mask = 0
        for ground in self.place.cell.grounds:
            applicable = self.cover.applicable
            useful = ground.opens & applicable or (ground.duty and not applicable)
            if useful and not (ground.need & ~reachable or ground.none & yes):
                mask |= ground.need | ground.none
        for bar in (*self.cover.strikes, *self.cover.stops):
            if bar in self.cover.stops or self.in_the_way[bar.rule.id]:
                mask |= bar.need | bar.cures
        for row in self._rows_in_use():
            mask |= row.need | row.none
        return mask

    def _questions(self) -> tuple[Step, ...]:
        answerable = self.unknowns.can_yes | self.unknowns.can_no
        open_ = self.relevant & (self.open_statements | answerable)
        return tuple(_step(c, value=True) for c in self.snapshot.named(open_))

    def _flags(self, outcome: Outcome, applicable: tuple[Secrecy, ...]) -> tuple[str, ...]:
        unknown = self.snapshot.mask_of("system") & self.masks.maybe & ~self.masks.yes
        apart = any(
            bar.rule.separate_channel and bar.secrecy & self.cover.applicable
            for bar in self.cover.strikes
        )
        flags = {
            "duty_pending": self.duty_matches and outcome != "must" and not self._duty_fires(),
            "duty_blocked": self.duty_matches and (outcome == "stop" or self._surely_stopped()),
            "unknown_facts": bool(unknown & self.relevant),
            "receiver_unprotected": any(not secrecy.follows for secrecy in applicable),
            "separate_channel": apart,
        }
        return tuple(name for name, is_set in flags.items() if is_set)

    def _surely_stopped(self) -> bool:
        # A stop that fires only because something is unknown is a question, not yet a block.
        return any(not bar.need & ~self.masks.yes for bar in self.cover.stops)

    def _duty_fires(self) -> bool:
        return self.cover.duty_matches(self.place, 0, self.masks.yes, self.masks.maybe)

    def _applicable(self) -> tuple[Secrecy, ...]:
        facts = self.facts
        follows = self.snapshot.follows(facts.recipient, facts.item.category)
        rows = {row.row.rule: row.row for row in reversed(self._rows_in_use())}
        every = {row.rule: row for row in reversed(self.law.secrecy)}
        out = []
        for code in self.snapshot.codes(self.cover.applicable):
            row = rows.get(code) or every.get(code)
            protected = bool(follows & self.snapshot.secrecy_bits[code])
            out.append(_secrecy(code, row, follows=protected))
        return tuple(out)

    def _cautions(self, sets: Sets) -> tuple[str, ...]:
        found: set[str] = set()
        mentioned = self.masks.yes
        for literals in sets.sets:
            mentioned |= literals.pos
        for n, ground in enumerate(self.place.cell.grounds):
            could = self.cover.opens(self.place, n) and not ground.need & ~mentioned
            if could or self.cover.fires[n]:
                found.update(ground.rule.cautions)
        for bar in self.cover.stops:
            found.update(bar.rule.cautions)
        for bar in self.cover.strikes:
            if self.in_the_way[bar.rule.id]:
                found.update(bar.rule.cautions)
        for row in self._rows_in_use():
            found.update(row.row.cautions)
        if self.cover.applicable.bit_count() > 1:
            found.add("U16")
        if self.masks.leap & self.relevant:
            found.add("LEAP")
        return tuple(sorted(found, key=_caution_order))

    def _as_steps(self, literals: Literals) -> tuple[Step, ...]:
        return tuple(_step(c, value=value) for c, value in names(self.snapshot, literals))


def _caution_order(name: str) -> tuple[str, int]:
    digits = "".join(ch for ch in name if ch.isdigit())
    return name.rstrip("0123456789"), int(digits or 0)


_STEP_KINDS: dict[str, Literal["answer", "statement", "consent", "request", "approval"]] = {
    "system": "answer",
    "statement": "statement",
    "consent": "consent",
    "request": "request",
    "approval": "approval",
}


def _step(condition: Condition, *, value: bool) -> Step:
    kind = _STEP_KINDS[condition.source]
    return Step(kind=kind, condition=condition.name, value=value, by=condition.by)


def _fired_rule(rule: Rule, *, strikes: tuple[str, ...] = ()) -> FiredRule:
    return FiredRule(
        id=rule.id,
        effect=rule.effect,
        cite=tuple(written_out(cite) for cite in rule.cite),
        sv=rule.sv,
        en=rule.en,
        confidence=rule.confidence,
        strikes=strikes,
    )


def _not_secret(row: SecrecyRow) -> FiredRule:
    return FiredRule(
        id=NOT_SECRET,
        effect="not_secret",
        cite=tuple(written_out(cite) for cite in row.cite),
        sv=row.sv,
        en=row.en,
        confidence=row.confidence,
    )


def _secrecy(code: str, row: SecrecyRow | None, *, follows: bool) -> Secrecy:
    if row is None:
        # Known from a named set only: nothing is known of its strength, so take the strongest.
        return Secrecy(
            rule=code, presumption="ABSOLUTE", cite=code, sv=code, en=code, follows=follows
        )
    return Secrecy(
        rule=code,
        presumption=row.presumption,
        cite=written_out(row.cite[0]),
        sv=row.sv,
        en=row.en,
        follows=follows,
    )
