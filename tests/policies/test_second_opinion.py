"""Cedar against our engine and the naive reading: tens of thousands of requests, no difference."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import cedarpy
import msgspec
import pytest

from policies import Facts, Law, decide
from policies.cedar import KNOWN, CedarText
from policies.cedar_facts import CedarError, attributes_of, twin_of
from policies.pack import Condition
from policies.second_opinion import (
    SecondOpinion,
    SecondOpinionFault,
    judged,
    prepare,
    requests_for,
)
from policies.vocabulary import FACTS
from tests.policies.drawn import questions
from tests.policies.oracle import Oracle
from tests.policies.test_packaged_pack import oracle

Tables = dict[str, dict[str, Any]]

SHARES = 8
REQUESTS_IN_A_SHARE = 2_500
"""20,000 in a run, in shares that can be tried side by side."""

OF_THE_NAIVE = 60
"""Every so many questions the naive reading is asked as well; it is slow."""


def lawful(law: Law, facts: Facts) -> bool:
    return decide(law, facts).outcome in ("must", "may")


@pytest.mark.parametrize("share", range(SHARES))
def test_cedar_answers_the_packaged_pack_as_our_engine_does(packaged: Law, share: int) -> None:
    second = SecondOpinion(packaged)
    asked, requests = [], 0
    # The senders and days of a share are few, so that the law is read in for few of them.
    kinds = sorted(packaged.vocabulary.kinds)[share::SHARES]
    for facts in questions(packaged, share, kinds, packaged.edges()[share::SHARES]):
        text = second.prepared(facts.on, facts.sender.kind).text
        requests += len(requests_for(text, {0: facts})[0])
        asked.append(facts)
        if requests >= REQUESTS_IN_A_SHARE:
            break
    opinions = second.of_all(asked)
    assert not [opinion.errors for opinion in opinions if opinion.errors]
    for n, (facts, opinion) in enumerate(zip(asked, opinions, strict=True)):
        assert opinion.lawful == lawful(packaged, facts), facts
        if n % OF_THE_NAIVE == 0:
            judge = oracle().judge(facts, oracle().state(facts))
            known = set(facts.sender.own_secrecy) <= set(packaged.snapshot(facts.on).secrecy_codes)
            assert opinion.lawful == (judge["lawful"] and known), facts
    assert sum(opinion.lawful for opinion in opinions) > 5


def test_cedar_finds_each_condition_yes_no_or_unknown_as_the_naive_reading_does(
    packaged: Law,
) -> None:
    """Every condition by itself, over raw facts; both answers and the unknown of most are met."""
    met: set[tuple[str, str]] = set()
    for day in (date(2026, 11, 23), date(2027, 2, 28)):
        text = CedarText(packaged, day, "SOC")
        tables = packaged.snapshot(day).tables
        policies = []
        for condition in packaged.vocabulary.conditions.values():
            twin = twin_of(condition, tables)
            for kind, test in (("yes", twin.yes), ("maybe", twin.maybe)):
                policies.append(f'@id("{kind} {condition.name}")')
                policies.append(f"{PERMIT} when {{ {test} }};")
        schema = cedarpy.Schema.from_str(text.schema)
        assert cedarpy.validate_policies("\n".join(policies), text.schema)
        read = cedarpy.PolicySet.from_str("\n".join(policies))
        met |= _conditions_on(packaged, day, read, schema)
    names = set(packaged.vocabulary.conditions)
    assert {name for name, value in met if value == "yes"} == names
    # Every crime of the pack can lead to imprisonment, so that one is never answered no.
    assert {name for name, value in met if value == "no"} >= names - {"crime_imprisonment"}
    surely = {"item.category", "item.origin", "recipient.kind", "same_unit", "sender.own_secrecy"}
    may_be_unknown = {
        name for name, c in packaged.vocabulary.conditions.items() if c.fact not in surely
    }
    assert {name for name, value in met if value == "unknown"} == may_be_unknown


def _conditions_on(packaged: Law, day: date, read: Any, schema: Any) -> set[tuple[str, str]]:
    met: set[tuple[str, str]] = set()
    drawn = (msgspec.structs.replace(q, on=day) for q in questions(packaged, seed=day.toordinal()))
    for facts in itertools.islice(drawn, 450):
        entity = {"uid": {"type": "Item", "id": "0"}, "parents": []}
        entity["attrs"] = attributes_of(
            facts, own_known=True, answered=frozenset(packaged.vocabulary.conditions)
        )
        entities = cedarpy.Entities.from_json_str(msgspec.json.encode([entity]).decode(), schema)
        asked = {"principal": 'Office::"s"', "action": 'Action::"disclose"'}
        result = cedarpy.is_authorized(
            {**asked, "resource": 'Item::"0"', "context": {"secrecy": "-"}},
            read,
            entities,
            schema=schema,
        )
        assert not result.diagnostics.errors
        said = set(result.diagnostics.id_annotations_by_reason.values())
        found = {
            name: "yes" if f"yes {name}" in said else "unknown" if f"maybe {name}" in said else "no"
            for name in packaged.vocabulary.conditions
        }
        assert found == oracle().state(facts)
        met |= set(found.items())
    return met


def test_the_small_packs_strikes_stops_and_rows_are_said_in_cedar_too(
    law: Law, small_tables: Callable[[], Tables]
) -> None:
    second, naive = SecondOpinion(law), Oracle(small_tables())
    asked = list(itertools.islice(questions(law, seed=1), 500))
    known = set(law.snapshot(date(2026, 1, 1)).secrecy_codes)
    for facts, opinion in zip(asked, second.of_all(asked), strict=True):
        judged_so = naive.judge(facts, naive.state(facts))["lawful"]
        assert opinion.lawful == (judged_so and set(facts.sender.own_secrecy) <= known)
        assert opinion.lawful == lawful(law, facts)
        assert opinion.errors == ()


PERMIT = 'permit (principal, action == Action::"disclose", resource)'

TRAP = """
permit (principal, action == Action::"disclose", resource);
forbid (principal, action == Action::"disclose", resource) when { resource.protected == "yes" };
"""


def _ask_trap(policies: str, schema: str | None, attributes: dict[str, Any]) -> Any:
    item = {"uid": {"type": "Item", "id": "0"}, "attrs": attributes, "parents": []}
    return cedarpy.is_authorized(
        {"principal": 'Office::"s"', "action": 'Action::"disclose"', "resource": 'Item::"0"'},
        policies,
        [item],
        schema=schema,
    )


def test_a_forbid_that_ends_in_an_error_would_let_it_out_and_is_refused() -> None:
    """The trap: without a schema Cedar skips the erring forbid and says Allow."""
    result = _ask_trap(TRAP, None, {})
    assert result.decision == cedarpy.Decision.Allow
    assert result.diagnostics.errors
    opinion = judged(result)
    assert not opinion.lawful
    assert opinion.errors


def test_with_the_schema_the_same_question_has_no_answer_and_is_refused() -> None:
    schema = (
        "entity Office; entity Item = { protected: String };"
        'action "disclose" appliesTo { principal: [Office], resource: [Item] };'
    )
    opinion = judged(_ask_trap(TRAP, schema, {}))
    assert not opinion.lawful
    assert opinion.errors
    assert judged(_ask_trap(TRAP, schema, {"protected": "no"})).lawful


@pytest.mark.parametrize(
    ("decision", "errors"),
    [("NoDecision", []), ("Deny", []), ("Allow", ["an error"]), ("Something", [])],
)
def test_only_a_plain_allow_counts(decision: str, errors: list[str]) -> None:
    class Answer:
        diagnostics = type("D", (), {"errors": errors})
        decision: Any

    answer = Answer()
    answer.decision = type("Said", (), {"value": decision})
    assert not judged(answer).lawful


def test_facts_that_do_not_fit_the_schema_are_a_fault_and_no_opinion(packaged: Law) -> None:
    facts = next(questions(packaged, 1))
    odd = msgspec.structs.replace(facts, initiative=None)
    with pytest.raises(ValueError, match="entity"):
        SecondOpinion(packaged).lets_out({"p": odd})


def test_an_answer_from_an_older_pack_has_no_bearing(packaged: Law) -> None:
    facts = next(q for q in questions(packaged, 3) if lawful(packaged, q))
    old = msgspec.structs.replace(facts, approvals={**facts.approvals, "long gone": "yes"})
    assert SecondOpinion(packaged).lets_out({"p": old}) is True


def test_nobody_described_is_never_let_out(packaged: Law) -> None:
    assert SecondOpinion(packaged).lets_out({}) is False


def test_a_missing_engine_is_a_fault(packaged: Law, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cedarpy", None)
    facts = next(questions(packaged, 2))
    with pytest.raises(SecondOpinionFault, match="cannot be loaded"):
        SecondOpinion(packaged).lets_out({"p": facts})


def test_text_that_does_not_fit_its_schema_is_not_used(packaged: Law) -> None:
    text = CedarText(packaged, date(2026, 11, 23), "SOC")
    text.policies = text.policies.replace("resource.item.category", "resource.item.categori", 1)
    with pytest.raises(CedarError, match="categori"):
        prepare(cedarpy, text)


def test_a_text_for_one_day_answers_no_on_another(packaged: Law) -> None:
    second = SecondOpinion(packaged)
    facts = next(q for q in questions(packaged, 5) if lawful(packaged, q))
    text = second.prepared(facts.on, facts.sender.kind)
    early = msgspec.structs.replace(facts, on=date(1990, 1, 1))
    assert not any(opinion.lawful for opinion in second._answers(text, {0: early}).values())


def test_every_fact_has_a_twin_and_a_new_one_fails_loudly(packaged: Law) -> None:
    tables = packaged.snapshot(date(2026, 11, 23)).tables
    numbers = ("person.age", "case_subject.age", "crime.min_months")
    for name, fact in FACTS.items():
        op = ">=" if name in numbers else "in" if fact.shape == "codes" else "is"
        values: dict[str, Any] = {"bool": True, "code": "x", "codes": ("x",), "number": 3, "age": 3}
        value = values[fact.shape]
        assert twin_of(_condition(name, op, value), tables).yes
    with pytest.raises(CedarError, match=r"'person\.height' has no twin"):
        twin_of(_condition("person.height", "is", True), tables)


@pytest.mark.parametrize(
    "name",
    [
        *("person.age", "item.category", "person.protected", "same_unit", "crime.chapter"),
        *("crime.min_months", "crime.threshold_23", "crime.completed", "item.is_contact_data"),
    ],
)
def test_an_operation_that_is_new_fails_loudly(packaged: Law, name: str) -> None:
    tables = packaged.snapshot(date(2026, 11, 23)).tables
    with pytest.raises(CedarError, match="has no 'resembles'"):
        twin_of(_condition(name, "resembles", 1), tables)


def _condition(fact: str, op: Any, value: Any) -> Condition:
    return Condition(name="c", source="system", sv="c", en="c", fact=fact, op=op, value=value)


def test_one_request_for_each_secrecy_rule_and_one_for_the_table(packaged: Law) -> None:
    text = CedarText(packaged, date(2026, 11, 23), "SOC")
    asked = text.asked("K11", ("OSL 35:1",))
    assert asked[0] == KNOWN
    assert {"OSL 26:1", "OSL 35:1"} <= set(asked)
