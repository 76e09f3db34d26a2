"""What must hold for every table, and for the vocabulary, the parameters and the roles.

Each check reports every breach to the draft; none stops at the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from policies.pack import STEP_SOURCES, Act, Condition, ParameterRef, Role
from policies.reading import Draft, Entry
from policies.references import Names, fact_name, known
from policies.selectors import is_provision
from policies.vocabulary import Fact, fact_named

MAX_CONDITIONS = 128
IN_PERSON = "decide_in_person"
"""The act that no delegation can hand on. Law: lag (2025:170) 7 §, skollagen 6 a kap. 10 §"""
"""Masks stay two machine words; a vocabulary that outgrows this has turned into expressions."""

ENGINE_CAUTIONS = ("LEAP", "U16")
"""Cautions that the engine itself adds, so that the pack must word them."""

_OPS = {"bool": ("is",), "code": ("is", "in"), "codes": ("in",)}
_OPS |= {"number": ("<", ">="), "age": ("<", ">=")}
_STEP_FACTS = {
    "consent": ("consent.subject", "consent.guardian"),
    "request": ("initiative",),
}
_STEP_VALUES = {"consent": "given", "request": "request"}


def check_unique(draft: Draft) -> None:
    """A code, name or id stands once in its table."""
    keys = {"caution": "id", "rule": "id", "condition": "name", "set": "name", "source": "act"}
    dated = ("parameter", "crime", "secrecy", "receiver", "change")
    seen: dict[tuple[str, str], Entry[Any]] = {}
    for entry in draft.all_entries():
        if entry.table in dated:
            continue
        key = keys.get(entry.table, "code")
        name = getattr(entry.value, key)
        first = seen.setdefault((entry.table, name), entry)
        if first is not entry:
            draft.report(entry, key, f"{name!r} is already defined in {first.file}")


def check_texts(draft: Draft) -> None:
    """Every text is there in both languages."""
    for entry in draft.all_entries():
        for key in ("sv", "en", "explain_sv", "explain_en"):
            if not getattr(entry.value, key, "-").strip():
                draft.report(entry, key, "the text is empty")
    for said in draft.entries("condition", Condition):
        for key in ("question_sv", "question_en"):
            if said.value.source == "statement" and not getattr(said.value, key).strip():
                draft.report(said, key, "a statement needs the question that a form asks")


def check_cites(draft: Draft, names: Names) -> None:
    """Every citation names a listed act and, where the act lists provisions, one of them."""
    for entry in draft.all_entries():
        cites = getattr(entry.value, "cite", None)
        if cites is None:
            continue
        if not cites:
            draft.report(entry, "cite", "needs at least one citation with act and section")
        for cite in cites:
            source = names.sources.get(cite.act)
            if cite.amended_from is not None and not cite.amended_by:
                draft.report(entry, "cite", "amended_from needs amended_by, the act that amends")
            if not is_provision(cite.at):
                draft.report(entry, "cite", f"{cite.at!r} is not written like 10:18a or 7")
            elif source is None and not draft.may_hold("source", cite.act):
                draft.report(entry, "cite", f"the act {cite.act!r} is not listed in sources.toml")
            elif source is not None and source.provisions and cite.at not in source.provisions:
                listed = f"{cite.act} {cite.at} is not among its provisions in sources.toml"
                draft.report(entry, "cite", listed)


def check_dates(draft: Draft) -> None:
    """`valid_from` is not after `valid_to`; dated values of one name do not overlap."""
    for entry in draft.all_entries():
        first = getattr(entry.value, "valid_from", None)
        last = getattr(entry.value, "valid_to", None)
        if first is not None and last is not None and last < first:
            draft.report(entry, "valid_to", f"{last} is before valid_from {first}")
    for table, key in (("parameter", "name"), ("crime", "code")):
        by_name: dict[str, list[Entry[Any]]] = {}
        for entry in draft.entries(table, object):
            by_name.setdefault(getattr(entry.value, key), []).append(entry)
        for name, entries in by_name.items():
            ordered = sorted(entries, key=lambda e: e.value.valid_from)
            for before, after in pairwise(ordered):
                if (before.value.valid_to or date.max) >= after.value.valid_from:
                    draft.report(after, "valid_from", f"overlaps the earlier value of {name}")


_VALUES = {"bool": bool, "code": str, "codes": str, "number": int, "age": int}


def check_conditions(draft: Draft, names: Names) -> None:
    """A condition asks an existing fact in a way that suits it, and steps have actors."""
    entries = draft.entries("condition", Condition)
    if len(entries) > MAX_CONDITIONS:
        limit = f"there are {len(entries)} conditions, more than {MAX_CONDITIONS}"
        draft.report(entries[MAX_CONDITIONS], "name", limit)
    users: dict[str, list[Entry[Condition]]] = {}
    for entry in entries:
        condition = entry.value
        name = fact_name(condition)
        users.setdefault(name, []).append(entry)
        fact = fact_named(name)
        if fact is None:
            draft.report(entry, "fact", f"there is no fact {name!r} in vocabulary.py")
        else:
            _check_comparison(draft, names, entry, fact)
        _check_step(draft, entry)
        for actor in condition.by:
            if actor not in names.actors and not draft.may_hold("actor", actor):
                draft.report(entry, "by", f"unknown actor {actor!r}")
        if not condition.by and condition.source != "system":
            draft.report(entry, "by", "a step needs at least one actor who can take it")
    for name, group in users.items():
        if len(group) > 1 and any(e.value.source in STEP_SOURCES for e in group):
            others = ", ".join(e.value.name for e in group[:-1])
            clash = f"the fact {name} is a step and is already used by {others}"
            draft.report(group[-1], "fact", clash)


def _check_comparison(draft: Draft, names: Names, entry: Entry[Condition], fact: Fact) -> None:
    op, value = entry.value.op, entry.value.value
    if op not in _OPS[fact.shape]:
        draft.report(entry, "op", f"{op!r} does not suit {fact.name}, which is a {fact.shape}")
        return
    if isinstance(value, ParameterRef):
        if value.parameter in names.parameters or draft.may_hold("parameter", value.parameter):
            if fact.shape not in ("number", "age"):
                draft.report(entry, "value", f"a parameter is a number; {fact.name} is not")
        else:
            draft.report(entry, "value", f"unknown parameter {value.parameter!r}")
        return
    wanted: type = _VALUES[fact.shape]
    given = value if op == "in" else (value,)
    if not isinstance(given, tuple) or not given or any(type(v) is not wanted for v in given):
        draft.report(entry, "value", f"{value!r} does not suit {fact.name} {op}")
        return
    for code in given if fact.codes else ():
        if not known(draft, names, fact.codes, str(code)):
            draft.report(entry, "value", f"unknown {fact.codes} {code!r}")


def _check_step(draft: Draft, entry: Entry[Condition]) -> None:
    condition = entry.value
    source, name = condition.source, fact_name(condition)
    if source == "system":
        if name.startswith(("statement.", "approval.", "consent.")):
            draft.report(entry, "source", f"{name} is a step, so the source is not system")
        if condition.min_circumstances:
            draft.report(entry, "min_circumstances", "only a statement has circumstances")
        return
    own = f"{source}.{condition.name}"
    allowed = _STEP_FACTS.get(source, (own, "decider.role") if source == "approval" else (own,))
    if name not in allowed:
        draft.report(entry, "fact", f"a {source} asks {' or '.join(allowed)}, not {name!r}")
    needed = _STEP_VALUES.get(source, True)
    if name != "decider.role" and (condition.op, condition.value) != ("is", needed):
        draft.report(entry, "value", f"a {source} is compared with is {needed!r} only")


def check_roles(draft: Draft) -> None:
    """Roles hold acts that exist."""
    acts = {act.code for act in draft.values("act", Act)}
    for entry in draft.entries("role", Role):
        for act in entry.value.acts:
            if act not in acts and not draft.may_hold("act", act):
                draft.report(entry, "acts", f"unknown act {act!r}")
    if IN_PERSON in acts:
        _check_in_person(draft)


def _check_in_person(draft: Draft) -> None:
    """A rule that asks for the decision of a role's holder asks one who can decide in person."""
    holders = {role.code for role in draft.values("role", Role) if IN_PERSON in role.acts}
    for entry in draft.entries("condition", Condition):
        condition = entry.value
        if condition.fact != "decider.role" or draft.may_hold("role", str(condition.value)):
            continue
        if condition.value not in holders:
            message = f"the role {condition.value!r} lacks the act {IN_PERSON!r}"
            draft.report(entry, "value", message)


def uncovered_day(
    first: date, last: date | None, spans: Iterable[tuple[date, date | None]]
) -> date | None:
    """The first day from `first` to `last` that no span covers, None if all are covered."""
    day = first
    for start, end in sorted(spans, key=lambda span: span[0]):
        if start > day:
            break
        if end is None:
            return None
        day = max(day, end + timedelta(days=1))
    return None if last is not None and day > last else day
