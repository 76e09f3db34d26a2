"""The answer: facts and law in, a decision out. Looks nothing up and writes nothing.

The law never says yes by itself: `must` and `may` mean that a named official can decide so now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from policies.cover import Cover, cover, covered
from policies.decision import Decision, FiredRule, Near, NoteDecision, Outcome, Secrecy, Step
from policies.facts import Facts
from policies.keeping import kept
from policies.law import ENGINE, Law
from policies.masks import Heard
from policies.missing import Search, Sets, minimal_sets, steps_left
from policies.place import Candidate, Place, Reach, place_of, sum_of
from policies.snapshot import Snapshot
from policies.told import NO_ROW_TOLD, fired_rule, secrecy
from policies.unknowns import Unknowns, find_unknowns

_BEST_FIRST: tuple[Outcome, ...] = ("must", "may", "needs", "none", "stop")
_NOTHING = Sets((), False, 0, 0)


def decide(law: Law, facts: Facts) -> Decision:
    """What the law answers about one described person.

    Same facts and same pack give the same bytes. Law: OSL 8 kap. 1 §
    """
    snapshot = law.snapshot(facts.on)
    heard = snapshot.readings.read(facts)
    # Nothing else is asked of the facts but what the conditions say, part by part, which approvals
    # were answered, and the day. So questions alike in this are the same question to the law.
    key = (heard, tuple(facts.approvals.items()), facts.on)
    found = snapshot.decisions.get(key)
    if found is None:
        decision = _Question(law, facts, snapshot, heard).answer()
        found = kept(snapshot.decisions, key, decision)
    return found


def lets_out(law: Law, facts: Facts) -> bool:
    """Whether it may leave, and nothing else: the bare answer, without what to tell about it."""
    snapshot = law.snapshot(facts.on)
    yes, maybe, _, _ = snapshot.readings.read(facts)
    return covered(place_of(snapshot, facts), yes, maybe)


def decide_note(law: Law, by_person: Mapping[str, Facts]) -> NoteDecision:
    """The answer for a note: the worst over the persons it describes. At least one person."""
    if not by_person:
        raise ValueError("a note describes at least one person; hand in facts for each")
    decisions = {key: decide(law, facts) for key, facts in by_person.items()}
    worst = max((d.outcome for d in decisions.values()), key=_BEST_FIRST.index)
    return NoteDecision(outcome=worst, by_person=decisions)


def decision_bytes(decision: Decision) -> bytes:
    """Canonical JSON: keys sorted, no white space, UTF-8."""
    return msgspec.json.encode(decision, order="sorted")


class _Question:
    """One question under way. Lives only inside `decide`."""

    def __init__(self, law: Law, facts: Facts, snapshot: Snapshot, heard: Heard) -> None:
        self.law, self.facts, self.snapshot, self.heard = law, facts, snapshot, heard
        self.yes, self.maybe = yes, maybe = heard.yes, heard.maybe
        self.place: Place = place_of(self.snapshot, facts)
        self.cover: Cover = cover(self.place, yes, maybe)
        self.reach = self.cover.reach
        self.rows = self.place.rows_in_use(self.cover.rows)
        self.open_statements = self.snapshot.mask_of("statement") & maybe & ~yes
        self.duty_matches = self.cover.duty_matches(self.open_statements, yes, maybe)
        self.unknowns: Unknowns = find_unknowns(self.snapshot, facts, self.heard)
        self.steps = steps_left(self.snapshot, facts, yes, maybe, without_consent=self.duty_matches)
        self.search = Search(self.place, self.cover, yes, maybe, self.unknowns, self.steps)
        self.standing: Reach = self._standing()

    def _standing(self) -> Reach:
        """What the grounds can open when all that can be lifted of what stands in the way is."""
        can_no, can_yes = self.unknowns.can_no, self.steps | self.unknowns.can_yes
        firm = sum_of(
            bit
            for bit, need, cures in self.reach.lifted_by
            if not (need & can_no or cures & can_yes)
        )
        return self.place.reach(self.cover.applicable, firm, not_secret=self.reach.not_secret)

    def answer(self) -> Decision:
        """Put the decision together."""
        law = self.law
        outcome, sets = self._outcome()
        duties = () if outcome == "must" else self._open_duties()
        relevant = self._relevant()
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
            covers=self._covers(),
            fired=self._fired(),
            stops=self._stops(),
            strikes=self.reach.strikes_told,
            near=self._near(),
            missing=tuple([self.snapshot.steps(pos, neg) for pos, neg in sets.sets]),
            missing_truncated=sets.truncated,
            flags=self._flags(outcome, applicable, relevant),
            cautions=self._cautions(sets, duties, relevant),
            questions=self._questions(sets, duties),
            yes_mask=format(self.yes, "x"),
            maybe_mask=format(self.maybe, "x"),
            vocabulary_sha256=law.vocabulary.sha256,
        )

    def _outcome(self) -> tuple[Outcome, Sets]:
        cover_ = self.cover
        if cover_.covered:
            lawful: Outcome = "must" if cover_.duty_covers() else "may"
            return lawful, _NOTHING
        sets = minimal_sets(self.search)
        if sets.sets:
            return "needs", sets
        return ("stop" if cover_.stops or not cover_.settled else "none"), sets

    def _fired(self) -> tuple[FiredRule, ...]:
        # A duty that does not reach the item is no ground; where nothing is secret it still is.
        fired = [self.place.told[n] for n in self.cover.fires if n in self.reach.in_play]
        if self.cover.settled and not self.cover.applicable:
            fired += self.rows.not_secret
        return tuple(fired)

    def _covers(self) -> dict[str, tuple[str, ...]]:
        told, opens = self.place.told, self.reach.opens
        firing = [n for n in self.cover.fires if opens[n]]
        bits = self.snapshot.secrecy_bits
        return {
            code: tuple([told[n].id for n in firing if opens[n] & bits[code]])
            for code in self.snapshot.codes(self.cover.applicable)
        }

    def _stops(self) -> tuple[FiredRule, ...]:
        found = tuple([fired_rule(bar.rule) for bar in self.cover.stops])
        return found if self.cover.settled else (*found, NO_ROW_TOLD)

    def _near(self) -> tuple[Near, ...]:
        """The grounds that did not fire."""
        reach = self.reach
        # Most of what is known has nothing to do with the grounds here.
        known = (self.yes & reach.asked, self.maybe & reach.asked)
        return reach.near(self.snapshot, *known)

    def _relevant(self) -> int:
        """The conditions of every rule and row that known facts do not rule out here."""
        unreachable = ~(self.maybe | self.steps)
        stops = sum_of(bar.need | bar.cures for bar in self.cover.stops)
        grounds = sum_of(
            need | none
            for _, need, none, _ in self.standing.in_play.values()
            if not (need & unreachable or none & self.yes)
        )
        return self.rows.asked | self.reach.asked_by_strikes | stops | grounds

    def _open_duties(self) -> list[Candidate]:
        """Duties that answers can still turn into duties that hold, whatever else carries it."""
        reaches = self.standing.reaches
        return [
            one
            for one in self.standing.duties
            if self.cover.reached(reaches[one.number]) and self.search.hold(one.need, one.none)
        ]

    def _questions(self, sets: Sets, duties: Iterable[Candidate]) -> tuple[Step, ...]:
        """What can still change the answer: what some way asks, and what a duty turns on."""
        asked = sets.asked | sum_of(duty.need | duty.none for duty in duties)
        return self.snapshot.steps(asked & (self.open_statements | self.unknowns.conditions), 0)

    def _flags(
        self, outcome: Outcome, applicable: tuple[Secrecy, ...], relevant: int
    ) -> tuple[str, ...]:
        unknown = self.snapshot.mask_of("system") & self.maybe & ~self.yes
        pending = self.duty_matches and outcome != "must" and not self.cover.duty_fires()
        flags = (
            ("duty_pending", pending),
            (
                "duty_blocked",
                self.duty_matches and (outcome == "stop" or self._surely_stopped()),
            ),
            ("unknown_facts", unknown & relevant),
            ("receiver_unprotected", not all(one.follows for one in applicable)),
            ("separate_channel", self.reach.apart),
        )
        return tuple([name for name, is_set in flags if is_set])

    def _surely_stopped(self) -> bool:
        # A stop that fires only because something is unknown is a question, not yet a block.
        return any(not bar.need & ~self.yes for bar in self.cover.stops)

    def _applicable(self) -> tuple[Secrecy, ...]:
        facts, mask = self.facts, self.cover.applicable
        follows = self.snapshot.follows(facts.recipient, facts.item.category) & mask
        found = self.rows.applicable.get((mask, follows))
        if found is None:
            rows = {row.row.rule: row.row for row in reversed(self.rows.rows)}
            every = {row.rule: row for row in reversed(self.law.secrecy)}
            found = self.rows.applicable[mask, follows] = tuple(
                secrecy(
                    code,
                    rows.get(code) or every.get(code),
                    follows=bool(follows & self.snapshot.secrecy_bits[code]),
                )
                for code in self.snapshot.codes(mask)
            )
        return found

    def _cautions(self, sets: Sets, duties: Iterable[Candidate], relevant: int) -> tuple[str, ...]:
        found: set[str] = {*self.rows.cautions, *self.reach.cautions}
        granted = self.yes | sets.granted
        in_question = {*self.cover.fires, *(duty.number for duty in duties)}
        for n, need, cautions in self.place.cautious:
            could = self.standing.opens[n] and not need & ~granted
            if could or n in in_question:
                found.update(cautions)
        for bar in self.cover.stops:
            found.update(bar.rule.cautions)
        for party in (self.facts.sender, self.facts.recipient):
            found.update(self.law.doubts_about(party, self.facts.on))
        if self.cover.applicable.bit_count() > 1:
            found.add("U16")
        if self.heard.leap & relevant:
            found.add("LEAP")
        return _in_order(frozenset(found))


@lru_cache(maxsize=1024)
def _in_order(cautions: frozenset[str]) -> tuple[str, ...]:
    # U9 before U16.
    return tuple(sorted(cautions, key=lambda name: (name.rstrip("0123456789"), len(name), name)))
