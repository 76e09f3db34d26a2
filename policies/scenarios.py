"""Published answers as tests: a scenario file is facts and what the engine must say to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from policies.check_rules import ENGINE_RULES
from policies.decide import decide
from policies.decision import Decision
from policies.errors import CaseError, PackError, Problem
from policies.facts import Facts
from policies.law import Law
from policies.pack import Answer, OutcomeClass, Scenario
from policies.reading import parse_toml
from policies.unknowns import born_on_for_age


class Result(NamedTuple):
    """One answer of one scenario, tried."""

    scenario: Scenario
    answer: Answer
    decision: Decision
    """Before `granted` is answered."""
    mismatches: tuple[str, ...]
    """What differs from the expected answer; empty when all is as it should be."""


def read_scenarios(folder: Path) -> list[tuple[str, Scenario]]:
    """Every scenario under a folder, by relative path. Raises `PackError` with all problems."""
    problems: list[Problem] = []
    found: list[tuple[str, Scenario]] = []
    seen: dict[str, str] = {}
    for path in sorted(folder.rglob("*.toml")):
        name = path.relative_to(folder).as_posix()
        content = parse_toml(name, path.read_bytes())
        if isinstance(content, Problem):
            problems.append(content)
            continue
        try:
            scenario = msgspec.convert(content, Scenario)
        except msgspec.ValidationError as fault:
            problems.append(Problem(name, 0, str(fault)))
            continue
        other = seen.setdefault(scenario.id, name)
        if other != name:
            problems.append(Problem(name, 0, f"the id {scenario.id!r} is already in {other}"))
        found.append((name, scenario))
    if problems:
        raise PackError(problems)
    return found


@cache
def packaged_scenarios() -> tuple[Scenario, ...]:
    """The scenarios that come with the package, read once."""
    return tuple(one for _, one in read_scenarios(Path(__file__).parent / "scenarios"))


def facts_of(law: Law, written: Mapping[str, Any], on: date) -> Facts:
    """Facts from a scenario's or case's table, with what it leaves out filled in.

    Raises `CaseError` when the table cannot be read as facts.
    """
    table = {**written, "on": written.get("on", on)}
    together = table.pop("same_authority", False)
    for side in ("sender", "recipient"):
        table[side] = _party(law, side, table.get(side), on=table["on"], together=together)
    table["person"] = dict(table.get("person", {}))
    for holder, age, born in (
        (table["person"], "age", "born"),
        (table, "case_subject_age", "case_subject_born"),
    ):
        if age in holder:
            years = holder.pop(age)
            if not isinstance(years, int) or born in holder:
                raise CaseError(f"{age} is whole years and stands instead of {born}")
            holder[born] = born_on_for_age(table["on"], years)
    try:
        return msgspec.convert(table, Facts)
    except msgspec.ValidationError as fault:
        raise CaseError(f"these are not facts that the law can be asked about: {fault}") from fault


def _party(law: Law, side: str, written: Any, *, on: date, together: bool) -> dict[str, Any]:
    if not isinstance(written, dict) or "kind" not in written:
        raise CaseError(f'{side} needs a kind, e.g. {side} = {{ kind = "SOC" }}')
    kind = written["kind"]
    if kind not in law.vocabulary.kinds:
        known = ", ".join(sorted(law.vocabulary.kinds))
        raise CaseError(f"{side}: unknown kind {kind!r}; the pack has {known}")
    authority = "one authority" if together else f"the {side}'s authority"
    is_authority = "yes" if law.is_authority(kind, on) else "no"
    filled = {"unit": side, "authority": authority, "is_authority": is_authority}
    return {**filled, **written}


def granted_facts(facts: Facts, granted: Iterable[str]) -> Facts:
    """The facts with these statements answered yes."""
    statements = {**facts.person.statements, **dict.fromkeys(granted, "yes")}
    person = msgspec.structs.replace(facts.person, statements=statements)
    return msgspec.structs.replace(facts, person=person)


def try_scenario(law: Law, scenario: Scenario) -> list[Result]:
    """Ask the law each of a scenario's questions."""
    out = []
    for answer in scenario.answer:
        facts = facts_of(law, scenario.facts, answer.on)
        out.append(try_answer(law, scenario, answer, facts))
    return out


def try_answer(law: Law, scenario: Scenario, answer: Answer, facts: Facts) -> Result:
    """Ask one of a scenario's questions with these facts, however they were told."""
    bare = decide(law, facts)
    then = decide(law, granted_facts(facts, scenario.granted))
    found = [*_unknown_names(law, scenario, answer), *_mismatches(law, answer, bare, then)]
    return Result(scenario, answer, bare, tuple(found))


def _unknown_names(law: Law, scenario: Scenario, answer: Answer) -> Iterable[str]:
    for name in scenario.granted:
        condition = law.vocabulary.conditions.get(name)
        if condition is None or condition.source != "statement":
            yield f"granted: {name!r} is not a statement of the vocabulary"
    ids = {*ENGINE_RULES, *law.rules, *(rule.version_of for rule in law.rules.values())}
    for name in (*answer.fired, *answer.not_fired, *filter(None, [answer.asks])):
        if name not in ids:
            yield f"{name!r} is not a rule of the pack"


def _mismatches(law: Law, answer: Answer, bare: Decision, then: Decision) -> Iterable[str]:
    if not _is_class(law, answer.outcome_class, answer.asks, bare, then):
        yield f"expected {answer.outcome_class}, got {_described(bare, then)}"
    fired = {rule.id for rule in (*then.fired, *then.strikes, *then.stops)}
    fired |= {law.rules[rule_id].version_of for rule_id in fired if rule_id in law.rules}
    for name in answer.fired:
        if name not in fired:
            yield f"expected {name} to fire; fired: {', '.join(sorted(fired)) or 'nothing'}"
    for name in answer.not_fired:
        if name in fired:
            yield f"expected {name} not to fire, but it did"
    if answer.missing is not None:
        wanted = {frozenset(way) for way in answer.missing}
        got = set(_ways(bare))
        if wanted != got:
            yield f"expected missing {_listed(wanted)}, got {_listed(got)}"


def _described(bare: Decision, then: Decision) -> str:
    missing = f" missing {_listed(set(_ways(bare)))}" if bare.missing else ""
    granted = f"; {then.outcome} once granted" if then.outcome != bare.outcome else ""
    return f"{bare.outcome}{missing}{granted}"


def _ways(decision: Decision) -> list[frozenset[str]]:
    return [
        frozenset(step.condition if step.value else f"not:{step.condition}" for step in way)
        for way in decision.missing
    ]


def _listed(ways: set[frozenset[str]]) -> str:
    return "[" + ", ".join(sorted("{" + ", ".join(sorted(way)) + "}" for way in ways)) + "]"


def _is_class(law: Law, wanted: OutcomeClass, asks: str, bare: Decision, then: Decision) -> bool:
    family = {rule.id for rule in law.rules.values() if asks in (rule.id, rule.version_of)}
    fired = {rule.id for rule in then.fired}
    about_it = not asks or bool(family & fired)
    if wanted == "FORBIDDEN":
        if asks:
            return not family & fired and not _can_be_completed(family, bare)
        return bare.outcome in ("stop", "none")
    if wanted == "PERMITTED":
        return then.outcome == "may" and about_it
    if wanted == "DUTY":
        return then.outcome == "must" and about_it
    kinds = [{step.kind for step in way} for way in bare.missing]
    if bare.outcome != "needs":
        return False
    if wanted == "CONSENT_ONLY":
        return all("consent" in way for way in kinds)
    possible = not asks or _can_be_completed(family, bare)
    return possible and any("statement" in way and "consent" not in way for way in kinds)


def _can_be_completed(family: set[str], bare: Decision) -> bool:
    """Whether some rule of the family lacks only what one of the listed sets supplies."""
    ways = _ways(bare)
    for near in bare.near:
        if near.id in family and any(set(near.unmet) <= way for way in ways):
            return True
    return bool(family & {rule.id for rule in bare.fired})


def unproven_rules(law: Law, results: Iterable[Result]) -> list[str]:
    """Ids of the rules that no scenario shows firing."""
    shown: set[str] = set()
    for result in results:
        then_in_force = {rule.id: rule for rule in law.in_force(result.answer.on)}
        for name in result.answer.fired:
            shown |= {r.id for r in then_in_force.values() if name in (r.id, r.version_of)}
    return sorted(set(law.rules) - shown)
