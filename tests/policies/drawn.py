"""Questions drawn fast, with a die of their own: random, and on the very days things change."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from policies import Facts, Law, decide
from tests.policies.questions import TRI_FIELDS, completed, with_steps

STATES = ("given", "not_asked", "refused", "withdrawn", "expired", "unknown")


def question(
    law: Law, die: random.Random, senders: Sequence[str] = (), days: Sequence[date] = ()
) -> Facts:
    """Any question that can be put in the words of the pack."""
    words = law.vocabulary
    ordinary = [date(2026, 11, 23), date(2027, 2, 28), date(2028, 2, 29)]
    edge = die.choice([*(days or law.edges()), *ordinary])
    on = max(date(2010, 1, 1), edge - timedelta(days=die.randint(0, 1)))
    sender = die.choice(senders or sorted(words.kinds))
    held = [category.code for category in words.categories_of(sender)] or ["K?"]
    statements = [condition.name for condition in words.statements()]
    approvals = [c.name for c in words.conditions.values() if c.source == "approval"]
    table: dict[str, Any] = {
        "on": on,
        "sender": _party(law, die, sender, on),
        "recipient": _party(law, die, die.choice(sorted(words.kinds)), on),
        "item": {
            "category": die.choice(held),
            "contact_kind": die.choice([None, None, None, *sorted(words.contact_kinds)]),
            "contact_known": die.random() < 0.8,
            "crime": die.choice([None, "unheard of", *sorted(words.crimes)]),
            "crime_stage": die.choice(["completed", "attempt", "unknown"]),
            "origin": die.choice([None, None, *sorted(words.kinds)]),
        },
        "person": {
            "born": _born(die, on),
            "subject_consent": die.choice(STATES),
            "guardian_consent": die.choice(STATES),
            "statements": _answers(die, statements, die.choice([0, 3, 12, len(statements)])),
        },
        "case_subject_born": _born(die, on),
        "purpose": die.choice([None, *sorted(words.purposes)]),
        "initiative": die.choice(["own", "request", "unknown"]),
        "decider_role": die.choice([None, *sorted(words.roles)]),
        "approvals": _answers(die, approvals, 2),
    }
    for part, fields in TRI_FIELDS.items():
        holder = table[part] if part else table
        holder.update({name: die.choice(["yes", "no", "no", "no", "unknown"]) for name in fields})
    return msgspec.convert(table, Facts)


def questions(
    law: Law, seed: int, senders: Sequence[str] = (), days: Sequence[date] = ()
) -> Iterator[Facts]:
    """Without end: a question, and the question that is left once what it lacks is supplied."""
    die = random.Random(seed)  # noqa: S311
    while True:
        facts = question(law, die, senders, days)
        yield facts
        decision = decide(law, facts)
        for way in decision.missing[:1]:
            after = with_steps(law, facts, way)
            yield after
            if any(step.kind == "answer" for step in way):
                # Field by field, because all ways at once may be millions; with a die of its own,
                # because how many fields are open must not decide what is asked next.
                yield completed(law, after, random.Random(die.random()))  # noqa: S311


def _party(law: Law, die: random.Random, kind: str, on: date) -> dict[str, Any]:
    own = die.choice([[], [], [], [], ["OSL 26:1"], ["OSL 99:9"]])
    return {
        "kind": kind,
        "unit": die.choice(["u1", "u2"]),
        "authority": die.choice(["a1", "a2", ""]),
        "municipality": die.choice(["m1", "m2", ""]),
        "is_authority": die.choice(["yes" if law.is_authority(kind, on) else "no", "unknown"]),
        "own_secrecy": own,
    }


def _born(die: random.Random, on: date) -> date | None:
    age = die.choice([9, 12, 13, 15, 17, 18, 19, 20, 21, 40])
    near = on.replace(year=on.year - age, day=min(on.day, 28))
    near += timedelta(days=die.randint(-1, 1))
    leapers = [date(year, 2, 29) for year in (2004, 2008, 2012, 2016)]
    return die.choice([None, near, near, near, near, die.choice(leapers), on + timedelta(days=1)])


def _answers(die: random.Random, names: list[str], most: int) -> dict[str, str]:
    chosen = die.sample(names, min(most, len(names)))
    return {name: die.choice(["yes", "yes", "yes", "no"]) for name in chosen}
