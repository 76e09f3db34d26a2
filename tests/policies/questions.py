"""Questions drawn over whatever words a pack has, and what can be done to a question."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st

from policies import Facts, Law, Step

TRI = st.sampled_from(["yes", "no", "no", "no", "unknown"])
CONSENT = st.sampled_from(["given", "not_asked", "refused", "withdrawn", "expired", "unknown"])

_ITEM = "identifiable presence_only committed_crime victim_under_18 investigation intelligence"
_PERSON = "protected substance_misuse compulsory_care pregnant secrecy_towards_guardian"
TRI_FIELDS = {
    "item": [*_ITEM.split(), "reporter_identity", "concern_report", "health_serious"],
    "person": _PERSON.split(),
    "": [
        *("requester_verified", "investigation_open", "delegated", "agreement"),
        *("private_use", "standing_access", "gdpr_breach_assumed"),
    ],
}


@st.composite
def questions(draw: st.DrawFn, law: Law) -> Facts:
    """A question in the words of the pack, on a day when something may just have changed."""
    words = law.vocabulary
    day = st.sampled_from([*law.edges(), date(2026, 11, 23)])
    on = max(date(2010, 1, 1), draw(day) - timedelta(days=draw(st.integers(0, 1))))
    sender = draw(st.sampled_from(sorted(words.kinds)))
    held = [category.code for category in words.categories_of(sender)] or ["K?"]
    statements = [condition.name for condition in words.statements()]
    approvals = [c.name for c in words.conditions.values() if c.source == "approval"]
    yes_no = st.sampled_from(["yes", "yes", "no"])
    table: dict[str, Any] = {
        "on": on,
        "sender": _party(law, sender, on, draw(st.sampled_from(["a", "b"]))),
        "recipient": _party(law, draw(st.sampled_from(sorted(words.kinds))), on, "b"),
        "item": {
            "category": draw(st.sampled_from(held)),
            "contact_kind": draw(st.sampled_from([None, None, *sorted(words.contact_kinds)])),
            "contact_known": draw(st.booleans()),
            "crime": draw(st.sampled_from([None, *sorted(words.crimes)])),
            "crime_stage": draw(st.sampled_from(["completed", "attempt", "unknown"])),
            "origin": draw(st.sampled_from([None, None, *sorted(words.kinds)])),
        },
        "person": {
            "born": draw(_births(on)),
            "subject_consent": draw(CONSENT),
            "guardian_consent": draw(CONSENT),
            "statements": draw(st.dictionaries(st.sampled_from(statements), yes_no, max_size=6)),
        },
        "case_subject_born": draw(_births(on)),
        "purpose": draw(st.sampled_from([None, *sorted(words.purposes)])),
        "initiative": draw(st.sampled_from(["own", "request", "unknown"])),
        "decider_role": draw(st.sampled_from([None, *sorted(words.roles)])),
        "approvals": draw(st.dictionaries(st.sampled_from(approvals), yes_no, max_size=2)),
    }
    for part, fields in TRI_FIELDS.items():
        holder = table[part] if part else table
        holder.update({field: draw(TRI) for field in fields})
    return msgspec.convert(table, Facts)


def _party(law: Law, kind: str, on: date, authority: str) -> dict[str, str]:
    is_authority = "yes" if law.is_authority(kind, on) else "no"
    return {"kind": kind, "unit": kind, "authority": authority, "is_authority": is_authority}


def _births(on: date) -> st.SearchStrategy[date | None]:
    ages = [9, 13, 15, 17, 18, 19, 20, 21, 40]
    days = [on.replace(year=on.year - age, day=min(on.day, 28)) for age in ages]
    near = [day + timedelta(days=shift) for day in days for shift in (-1, 0, 1)]
    return st.sampled_from([None, date(2008, 2, 29), *near])


def changed(facts: Facts, part: str, **changes: Any) -> Facts:
    """The facts with fields of one part changed."""
    if not part:
        return msgspec.structs.replace(facts, **changes)
    inner = msgspec.structs.replace(getattr(facts, part), **changes)
    return msgspec.structs.replace(facts, **{part: inner})


def with_step(law: Law, facts: Facts, name: str) -> Facts:
    """The facts after someone has taken a step that is not an answer."""
    condition = law.vocabulary.conditions[name]
    if condition.source == "statement":
        return changed(facts, "person", statements={**facts.person.statements, name: "yes"})
    if condition.source == "consent":
        who = condition.fact.partition(".")[2]
        return changed(facts, "person", **{f"{who}_consent": "given"})
    if condition.source == "request":
        return changed(facts, "", initiative="request")
    if condition.fact == "decider.role":
        return changed(facts, "", decider_role=condition.value)
    return changed(facts, "", approvals={**facts.approvals, name: "yes"})


def with_steps(law: Law, facts: Facts, way: Iterable[Step]) -> Facts:
    """The facts after every step of a set that is not an answer."""
    for step in way:
        if step.kind != "answer":
            facts = with_step(law, facts, step.condition)
    return facts


def completions(law: Law, facts: Facts) -> list[Facts]:
    """Every way to answer everything that is unknown, by a list of fields of its own."""
    out = [facts]
    for part, answers in _open(law, facts):
        out = [changed(f, part, **answer) for f in out for answer in answers]
    return out


def completed(law: Law, facts: Facts, chance: random.Random) -> Facts:
    """One of those ways, by chance."""
    for part, answers in _open(law, facts):
        facts = changed(facts, part, **chance.choice(answers))
    return facts


def _open(law: Law, facts: Facts) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each unknown field, with every way to answer it."""
    for part, fields in {"sender": ["is_authority"], **TRI_FIELDS}.items():
        for field in fields:
            if getattr(getattr(facts, part) if part else facts, field) == "unknown":
                yield part, [{field: "yes"}, {field: "no"}]
    on = facts.on.replace(day=min(facts.on.day, 28)) - timedelta(days=9)
    births = [on.replace(year=on.year - age) for age in (9, 13, 16, 19, 30)]
    words = law.vocabulary
    one_each: list[tuple[str, str, Any, list[Any]]] = [
        ("person", "born", facts.person.born, births),
        ("", "case_subject_born", facts.case_subject_born, births),
        ("", "purpose", facts.purpose, ["other", *words.purposes]),
        ("", "decider_role", facts.decider_role, ["other", *words.roles]),
        ("item", "crime", facts.item.crime, sorted(words.crimes)),
    ]
    for part, field, value, candidates in one_each:
        if value is None:
            yield part, [{field: answer} for answer in candidates]
    if facts.item.crime_stage == "unknown":
        yield "item", [{"crime_stage": stage} for stage in ("completed", "attempt")]
    if facts.item.contact_kind is None and not facts.item.contact_known:
        kinds = [None, *sorted(words.contact_kinds)]
        yield "item", [{"contact_kind": kind, "contact_known": True} for kind in kinds]
