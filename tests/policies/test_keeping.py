"""What the engine remembers between questions never changes an answer."""

from __future__ import annotations

import random
from datetime import date
from typing import cast

import msgspec
import pytest

from policies import Law, decide, decision_bytes, explain
from policies.decide import lets_out
from policies.facts import Facts
from policies.masks import Readings, part_of
from policies.place import Place
from policies.snapshot import Snapshot
from policies.vocabulary import FACTS
from tests.policies.drawn import question

QUESTIONS = 400


@pytest.fixture(scope="module")
def pairs(packaged: Law) -> list[tuple[Facts, Facts]]:
    """Each question with one that has one part of another question in it."""
    die = random.Random(29)  # noqa: S311
    drawn = [question(packaged, die) for _ in range(QUESTIONS)]
    parts = ("item", "person", "recipient", "purpose", "case_subject_born", "approvals", "on")
    out = []
    for n, facts in enumerate(drawn):
        part = parts[n % len(parts)]
        other = drawn[(n * 7 + 1) % QUESTIONS]
        out.append((facts, msgspec.structs.replace(facts, **{part: getattr(other, part)})))
    return out


def test_the_masks_of_a_question_are_those_of_its_facts_one_by_one(
    packaged: Law, pairs: list[tuple[Facts, Facts]]
) -> None:
    for facts in (one for pair in pairs for one in pair):
        snapshot = packaged.snapshot(facts.on)
        yes = maybe = leap = 0
        for name in snapshot.readings.facts():
            found = snapshot.masks_of(name, facts)
            yes, maybe, leap = yes | found.yes, maybe | found.maybe, leap | found.leap
        assert snapshot.masks(facts) == (yes, maybe, leap)


@pytest.mark.parametrize("name", sorted(FACTS))
def test_a_fact_is_read_from_its_own_part(
    name: str, packaged: Law, pairs: list[tuple[Facts, Facts]]
) -> None:
    part = part_of(name)
    others = {
        "parties": ("item", "person", "purpose", "case_subject_born", "approvals"),
        "item": ("recipient", "sender", "person", "purpose", "case_subject_born", "approvals"),
        "person": ("recipient", "sender", "item", "purpose", "case_subject_born", "approvals"),
        "question": ("recipient", "sender", "item", "person", "case_subject_born", "approvals"),
        "person.age": ("recipient", "sender", "item", "purpose", "case_subject_born"),
        "case_subject.age": ("recipient", "sender", "item", "person", "purpose"),
    }[part]
    fact = FACTS[name]
    for n, (facts, _) in enumerate(pairs):
        tables = packaged.snapshot(facts.on).tables
        far = pairs[-1 - n][0]
        moved = msgspec.structs.replace(facts, **{one: getattr(far, one) for one in others})
        assert fact.read(moved, tables) == fact.read(facts, tables)


def test_a_kept_decision_is_the_one_that_would_be_made_anew(
    packaged: Law, pairs: list[tuple[Facts, Facts]]
) -> None:
    kept = [decision_bytes(decide(packaged, facts)) for pair in pairs for facts in (*pair, pair[0])]
    anew = []
    for pair in pairs:
        for facts in (*pair, pair[0]):
            _forget(packaged.snapshot(facts.on))
            anew.append(decision_bytes(decide(packaged, facts)))
    assert kept == anew


def test_the_bare_answer_is_the_answer(packaged: Law, pairs: list[tuple[Facts, Facts]]) -> None:
    for facts in (one for pair in pairs for one in pair):
        lawful = decide(packaged, facts).outcome in ("must", "may")
        assert lets_out(packaged, facts) is lawful


def test_somebody_not_yet_born_is_not_somebody_whose_birth_is_unknown(
    packaged: Law, pairs: list[tuple[Facts, Facts]]
) -> None:
    facts = pairs[0][0]
    for born in (None, date(2100, 1, 1)):
        person = msgspec.structs.replace(facts.person, born=born)
        changed = msgspec.structs.replace(facts, person=person)
        warm = decision_bytes(decide(packaged, changed))
        _forget(packaged.snapshot(facts.on))
        assert decision_bytes(decide(packaged, changed)) == warm


def test_what_is_kept_has_an_end(
    packaged: Law, pairs: list[tuple[Facts, Facts]], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [decision_bytes(decide(packaged, facts)) for facts, _ in pairs]
    monkeypatch.setattr("policies.keeping.MOST_KEPT", 3)
    for facts, _ in pairs:
        _forget(packaged.snapshot(facts.on))
    assert [decision_bytes(decide(packaged, facts)) for facts, _ in pairs] == before
    for facts, _ in pairs:
        snapshot = packaged.snapshot(facts.on)
        assert len(snapshot.decisions) <= 3
        assert len(snapshot.places) <= 3
        assert len(snapshot.answers) <= 3
        assert len(snapshot._codes) <= 3
        assert len(snapshot._steps) <= 3
        for place in cast("list[Place]", list(snapshot.places.values())):
            assert len(place._reach) <= 3
            assert all(len(reach._near) <= 3 for reach in place._reach.values())


def _forget(snapshot: Snapshot) -> None:
    snapshot._codes.clear()
    snapshot._steps.clear()
    snapshot.decisions.clear()
    snapshot.answers.clear()
    snapshot.places.clear()


def test_words_kept_for_a_decision_are_its_own(
    packaged: Law, pairs: list[tuple[Facts, Facts]]
) -> None:
    decisions = [decide(packaged, facts) for facts, _ in pairs]
    for lang in ("sv", "en"):
        kept = [explain(packaged, one, lang) for one in (*decisions, *decisions)]
        anew = []
        for one in (*decisions, *decisions):
            packaged.told.clear()
            anew.append(explain(packaged, one, lang))
        assert kept == anew
    assert explain(packaged, decisions[0], "sv") != explain(packaged, decisions[0], "en")


def test_no_more_parts_of_questions_are_kept_than_the_bound(
    packaged: Law, monkeypatch: pytest.MonkeyPatch, pairs: list[tuple[Facts, Facts]]
) -> None:
    monkeypatch.setattr("policies.keeping.MOST_KEPT", 3)
    day = pairs[0][0].on
    conditions = packaged.snapshot(day).conditions
    readings = Readings(conditions, packaged.snapshot(day).tables)
    items = readings._items
    most = 0
    for facts, _ in pairs[:60]:
        readings.read(facts)
        assert facts.item in items
        most = max(most, len(items))
    assert most == 3


def test_where_no_condition_asks_an_age_an_age_says_nothing(
    packaged: Law, pairs: list[tuple[Facts, Facts]]
) -> None:
    heard = Readings((), packaged.snapshot(pairs[0][0].on).tables).read(pairs[0][0])
    assert heard[:3] == (0, 0, 0)
