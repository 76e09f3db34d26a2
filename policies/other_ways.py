"""What else can be done lawfully, beside telling this recipient this, asked of the rules.

A duty towards somebody else, a request that turns a duty on, a consent, a question that identifies
nobody. Only what changes the answer is told, and a recorded no is never suggested again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from policies.decide import decide
from policies.decision import Decision, Outcome, Step
from policies.facts import Facts, Party
from policies.law import Law
from policies.pack import DUTIES, GROUNDS, Rule

Kind = Literal["duty", "request", "consent", "deidentified"]

_EFFECTS = ("duty_own", "duty_request", "permit", "harm_test", "consent")
_BETTER: dict[Outcome, int] = {"stop": 0, "none": 1, "needs": 2, "may": 3, "must": 4}
NOBODY_IDENTIFIED = "K34"
"""The category of a picture that identifies nobody."""


class OtherWay(msgspec.Struct, frozen=True, kw_only=True):
    """One other thing to do, with the question that shows it."""

    kind: Kind
    facts: Facts
    decision: Decision
    rules: tuple[str, ...]
    """Ids of the rules it would rest on."""


def rules_of(law: Law, decision: Decision, way: Sequence[Step]) -> tuple[Rule, ...]:
    """The rules that hold once the steps of a way are taken: those that lack nothing else."""
    taken = {step.condition if step.value else f"not:{step.condition}" for step in way}
    found = [law.rules[near.id] for near in decision.near if taken.issuperset(near.unmet)]
    return tuple(sorted(found, key=rule_order))


def rule_order(rule: Rule) -> tuple[int, str]:
    """Duties first, then what needs least of others."""
    return _EFFECTS.index(rule.effect), rule.id


def other_ways(law: Law, facts: Facts, decision: Decision) -> tuple[OtherWay, ...]:
    """Duties towards others always; the rest only while this cannot be told as things stand."""
    found = list(_duties_elsewhere(law, facts))
    if decision.outcome in ("must", "may"):
        return tuple(found)
    found += _on_request(law, facts, decision)
    consents = [step for way in decision.missing for step in way if step.kind == "consent"]
    if consents and not _duty_rules(law, decision):
        rules = {rule.id for way in decision.missing for rule in rules_of(law, decision, way)}
        ids = tuple(sorted(one for one in rules if law.rules[one].effect == "consent"))
        found.append(OtherWay(kind="consent", facts=facts, decision=decision, rules=ids))
    found += _identifying_nobody(law, facts)
    return tuple(found)


def _duties_elsewhere(law: Law, facts: Facts) -> list[OtherWay]:
    """Recipients towards whom a duty of one's own holds, or would if the assessment says so."""
    found = []
    kinds: dict[str, None] = {}
    for rule in law.in_force(facts.on):
        senders = law.kinds_in(rule.from_)
        if rule.effect == "duty_own" and facts.sender.kind in senders:
            kinds.update(dict.fromkeys(law.kinds_in(rule.to)))
    for kind in kinds:
        if kind in (facts.recipient.kind, facts.sender.kind):
            continue
        asked = _towards(law, facts, kind)
        decision = decide(law, asked)
        duties = [one for one in _duty_rules(law, decision) if law.rules[one].effect == "duty_own"]
        if duties:
            found.append(OtherWay(kind="duty", facts=asked, decision=decision, rules=tuple(duties)))
    return found


def _towards(law: Law, facts: Facts, kind: str) -> Facts:
    recipient = Party(
        kind=kind,
        unit=f"any {kind}",
        authority=f"any {kind}'s authority",
        is_authority="yes" if law.is_authority(kind, facts.on) else "no",
    )
    return msgspec.structs.replace(facts, recipient=recipient, initiative="own")


def _duty_rules(law: Law, decision: Decision) -> tuple[str, ...]:
    """Ids of the duties that hold, or that lack nothing but somebody's assessment."""
    held = [rule.id for rule in decision.fired if rule.effect in DUTIES]
    conditions = law.vocabulary.conditions
    for near in decision.near:
        only_assessed = all(
            name in conditions and conditions[name].source == "statement" for name in near.unmet
        )
        open_ = {step.condition for step in decision.questions}
        assessed = only_assessed and set(near.unmet) <= open_ and not near.struck_by
        if law.rules[near.id].effect in DUTIES and assessed:
            held.append(near.id)
    return tuple(held)


def _on_request(law: Law, facts: Facts, decision: Decision) -> list[OtherWay]:
    if facts.initiative == "request":
        return []
    asked = msgspec.structs.replace(facts, initiative="request", requester_verified="yes")
    then = decide(law, asked)
    new = [one for one in _duty_rules(law, then) if one not in _duty_rules(law, decision)]
    better = _BETTER[then.outcome] > _BETTER[decision.outcome]
    if not new and not better:
        return []
    rules = new or [rule.id for rule in then.fired if rule.effect in GROUNDS]
    return [OtherWay(kind="request", facts=asked, decision=then, rules=tuple(rules))]


def _identifying_nobody(law: Law, facts: Facts) -> list[OtherWay]:
    if facts.item.identifiable == "no":
        return []
    item = msgspec.structs.replace(
        facts.item,
        category=NOBODY_IDENTIFIED,
        identifiable="no",
        contact_kind=None,
        contact_known=True,
        investigation="no",
        intelligence="no",
        reporter_identity="no",
        concern_report="no",
        health_serious="no",
        origin=None,
    )
    asked = msgspec.structs.replace(facts, item=item)
    then = decide(law, asked)
    if then.outcome != "may":
        return []
    rules = tuple(rule.id for rule in then.fired)
    return [OtherWay(kind="deidentified", facts=asked, decision=then, rules=rules)]
