"""Published answers as tests: a scenario file is facts and what the engine must say to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from policies.case_file import facts_of as facts_of
from policies.case_file import merged
from policies.check_rules import ENGINE_RULES
from policies.decide import decide
from policies.decision import Decision
from policies.errors import PackError, Problem
from policies.facts import Facts
from policies.law import Law
from policies.pack import Answer, OutcomeClass, Scenario
from policies.reading import TRIED, pack_contents, parse_toml


class Result(NamedTuple):
    """One answer of one scenario, tried."""

    scenario: Scenario
    answer: Answer
    decision: Decision
    """Before `granted` is answered."""
    mismatches: tuple[str, ...]
    """What differs from the expected answer; empty when all is as it should be."""
    mattered: frozenset[str]
    """Ids of the rules that mattered once `granted` was answered."""


class Cases(NamedTuple):
    """What a pack is tried by, each with the path of its file."""

    told: tuple[tuple[str, Scenario], ...]
    """`scenarios`: published answers and others that tell of a case."""
    border: tuple[tuple[str, Scenario], ...]
    """`boundaries`: what each rule takes, and what it fails on when one thing at a time lacks."""

    @property
    def all(self) -> tuple[Scenario, ...]:
        """Every one, those that tell of a case first."""
        return tuple(one for _, one in (*self.told, *self.border))

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Those that tell of a case."""
        return tuple(one for _, one in self.told)

    @property
    def borders(self) -> tuple[Scenario, ...]:
        """The border cases."""
        return tuple(one for _, one in self.border)


def cases_in(contents: Mapping[str, bytes]) -> Cases:
    """What a pack's files hold of cases, none where it has none. Raises `PackError` with all."""
    return Cases(*(tuple(_read(_under(contents, folder))) for folder in TRIED))


def _under(contents: Mapping[str, bytes], folder: str) -> Iterable[tuple[str, bytes]]:
    names = sorted(n for n in contents if n.startswith(f"{folder}/") and n.endswith(".toml"))
    return ((name, contents[name]) for name in names)


def read_scenarios(folder: Path) -> list[tuple[str, Scenario]]:
    """Every scenario of a folder or file, by relative path. Raises `PackError` with all."""
    if folder.is_file():
        return _read([(folder.name, folder.read_bytes())])
    paths = sorted(folder.rglob("*.toml"))
    return _read((path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths)


def _read(files: Iterable[tuple[str, bytes]]) -> list[tuple[str, Scenario]]:
    problems: list[Problem] = []
    found: list[tuple[str, Scenario]] = []
    seen: dict[str, str] = {}
    for name, data in files:
        content = parse_toml(name, data)
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
def packaged_cases() -> Cases:
    """The cases that come with the package, read once."""
    return cases_in(pack_contents())


def packaged_scenarios() -> tuple[Scenario, ...]:
    """Those of them that tell of a case."""
    return packaged_cases().scenarios


def failing_cases(law: Law, cases: Cases) -> list[Problem]:
    """The cases that a pack does not answer as they say it must, each with what differs."""
    return [
        Problem(name, 0, f"{scenario.id} on {result.answer.on}: {differs}")
        for name, scenario in (*cases.told, *cases.border)
        for result in try_scenario(law, scenario)
        for differs in result.mismatches
    ]


def facts_of_answer(law: Law, scenario: Scenario, answer: Answer) -> Facts:
    """The facts that one answer of a scenario is about, before `granted` is answered."""
    return facts_of(law, merged(scenario.facts, answer.facts), answer.on)


def granted_facts(facts: Facts, granted: Iterable[str]) -> Facts:
    """The facts with these statements answered yes."""
    statements = {**facts.person.statements, **dict.fromkeys(granted, "yes")}
    person = msgspec.structs.replace(facts.person, statements=statements)
    return msgspec.structs.replace(facts, person=person)


def granted_in(scenario: Scenario, answer: Answer) -> tuple[str, ...]:
    """The statements that the facts behind an answer grant."""
    return scenario.granted if answer.granted is None else answer.granted


def try_scenario(law: Law, scenario: Scenario) -> list[Result]:
    """Ask the law each of a scenario's questions."""
    out = []
    for answer in scenario.answer:
        facts = facts_of_answer(law, scenario, answer)
        out.append(try_answer(law, scenario, answer, facts))
    return out


def try_answer(law: Law, scenario: Scenario, answer: Answer, facts: Facts) -> Result:
    """Ask one of a scenario's questions with these facts, however they were told."""
    bare = decide(law, facts)
    then = decide(law, granted_facts(facts, granted_in(scenario, answer)))
    found = [*_unknown_names(law, scenario, answer), *differences(law, answer, bare, then)]
    return Result(scenario, answer, bare, tuple(found), frozenset(_fired(then)))


def _unknown_names(law: Law, scenario: Scenario, answer: Answer) -> Iterable[str]:
    for name in granted_in(scenario, answer):
        condition = law.vocabulary.conditions.get(name)
        if condition is None or condition.source != "statement":
            yield f"granted: {name!r} is not a statement of the vocabulary"
    ids = {*ENGINE_RULES, *law.rules, *(rule.version_of for rule in law.rules.values())}
    named = (*answer.fired, *answer.not_fired, *answer.struck, *answer.lacks)
    for name in (*named, *filter(None, [answer.asks])):
        if name not in ids:
            yield f"{name!r} is not a rule of the pack"


def differences(law: Law, answer: Answer, bare: Decision, then: Decision) -> list[str]:
    """What is otherwise than the answer says, before and after `granted` is answered."""
    found = []
    expected = answer.outcome_class
    if expected and not _is_class(law, expected, answer.asks, bare, then):
        found.append(f"expected {expected}, got {_described(bare, then)}")
    fired = _fired(then)
    fired |= {law.rules[rule_id].version_of for rule_id in fired if rule_id in law.rules}
    shown = ", ".join(sorted(fired)) or "nothing"
    found += [f"expected {n} to fire; fired: {shown}" for n in answer.fired if n not in fired]
    found += [f"expected {n} not to fire, but it did" for n in answer.not_fired if n in fired]
    if answer.missing is not None:
        wanted = {frozenset(way) for way in answer.missing}
        got = set(_ways(bare))
        if wanted != got:
            found.append(f"expected missing {_listed(wanted)}, got {_listed(got)}")
    if answer.applies is not None:
        secret = {secrecy.rule for secrecy in then.applicable}
        found += _otherwise("secrecy", answer.applies, secret)
    if answer.grounds is not None:
        found += _otherwise("grounds", answer.grounds, {rule.effect for rule in then.fired})
    ruled_out = {strike.id: strike.strikes for strike in then.strikes}
    for name, ids in answer.struck.items():
        found += _otherwise(f"struck by {name}", ids, ruled_out.get(name, ()))
    unmet = {near.id: near.unmet for near in then.near}
    for name, conditions in answer.lacks.items():
        found += _otherwise(f"lacking for {name}", conditions, unmet.get(name, ()))
    return found


def fired_by(law: Law, scenario: Scenario, answer: Answer) -> set[str]:
    """Ids of the rules that mattered in one answer, once `granted` is answered."""
    facts = facts_of_answer(law, scenario, answer)
    return _fired(decide(law, granted_facts(facts, granted_in(scenario, answer))))


def _fired(decision: Decision) -> set[str]:
    return {rule.id for rule in (*decision.fired, *decision.strikes, *decision.stops)}


def _otherwise(what: str, expected: Iterable[str], got: Iterable[str]) -> list[str]:
    """What to say where the two are not the same."""
    wanted, found = (", ".join(sorted(set(words))) or "none" for words in (expected, got))
    return [] if wanted == found else [f"expected {what}: {wanted}; got: {found}"]


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
        names = set(result.answer.fired)
        for rule_id in result.mattered if names else ():
            rule = law.rules.get(rule_id)
            if rule is not None and names & {rule.id, rule.version_of}:
                shown.add(rule.id)
    return sorted(set(law.rules) - shown)
