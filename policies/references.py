"""The names by which tables of a pack refer to each other, and whether a reference has a target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from policies.pack import (
    Category,
    Caution,
    Condition,
    Crime,
    Kind,
    NamedSet,
    Parameter,
    Role,
    SecrecyRow,
    SourceText,
    Term,
)
from policies.reading import Draft, Entry
from policies.selectors import is_selector, parse_code
from policies.vocabulary import CODES


class Names(NamedTuple):
    """Everything that other tables refer to by name."""

    codes: Mapping[str, frozenset[str]]
    """Table -> codes: kind, category, purpose, contact_kind, crime, role, consent, initiative."""
    actors: frozenset[str]
    cautions: frozenset[str]
    conditions: Mapping[str, Condition]
    secrecy_sets: Mapping[str, tuple[str, ...]]
    kind_sets: Mapping[str, tuple[str, ...]]
    secrecy_codes: frozenset[str]
    """Every secrecy rule that a row applies or a set names exactly."""
    secrecy_sections: frozenset[str]
    """The same without their paragraphs."""
    secrecy_members: frozenset[str]
    """Every selector in some set."""
    sources: Mapping[str, SourceText]
    parameters: Mapping[str, tuple[Parameter, ...]]


def names_of(draft: Draft) -> Names:
    """Collect the names; of duplicates the last one, which `check_unique` reports."""
    sets = draft.values("set", NamedSet)
    secrecy_sets = {s.name: s.members for s in sets if s.of == "secrecy"}
    rows = {row.rule for row in draft.values("secrecy", SecrecyRow) if row.rule}
    members = {m for group in secrecy_sets.values() for m in group if parse_code(m)}
    parameters: dict[str, tuple[Parameter, ...]] = {}
    for parameter in draft.values("parameter", Parameter):
        parameters[parameter.name] = (*parameters.get(parameter.name, ()), parameter)
    codes = {
        "kind": frozenset(kind.code for kind in draft.values("kind", Kind)),
        "category": frozenset(row.code for row in draft.values("category", Category)),
        "purpose": frozenset(term.code for term in draft.values("purpose", Term)),
        "contact_kind": frozenset(term.code for term in draft.values("contact_kind", Term)),
        "crime": frozenset(crime.code for crime in draft.values("crime", Crime)),
        "role": frozenset(role.code for role in draft.values("role", Role)),
        **CODES,
    }
    secrecy_codes = frozenset(rows | members)
    return Names(
        codes=codes,
        actors=frozenset(term.code for term in draft.values("actor", Term)),
        cautions=frozenset(caution.id for caution in draft.values("caution", Caution)),
        conditions={c.name: c for c in draft.values("condition", Condition)},
        secrecy_sets=secrecy_sets,
        kind_sets={s.name: s.members for s in sets if s.of == "kinds"},
        secrecy_codes=secrecy_codes,
        secrecy_sections=frozenset(code.split("/")[0] for code in secrecy_codes),
        secrecy_members=frozenset(m for group in secrecy_sets.values() for m in group),
        sources={source.act: source for source in draft.values("source", SourceText)},
        parameters=parameters,
    )


def fact_name(condition: Condition) -> str:
    """The fact a condition asks; statements and approvals default to their own name."""
    if condition.fact or condition.source not in ("statement", "approval"):
        return condition.fact
    return f"{condition.source}.{condition.name}"


def check_kinds(
    draft: Draft, names: Names, entry: Entry[Any], key: str, kinds: Iterable[str]
) -> None:
    """Kinds are known codes, `*`, or (in rules) a set of kinds."""
    listed = tuple(kinds)
    if not listed:
        draft.report(entry, key, "names no kind; write * for every kind")
    for kind in listed:
        if kind.startswith("set:") and entry.table == "rule":
            if kind[4:] not in names.kind_sets and not draft.may_hold("set", kind[4:]):
                draft.report(entry, key, f"unknown set of kinds {kind[4:]!r}")
        elif kind != "*" and not known(draft, names, "kind", kind):
            draft.report(entry, key, f"unknown kind {kind!r}")


def check_selectors(
    draft: Draft, names: Names, entry: Entry[Any], key: str, selectors: Iterable[str]
) -> None:
    """Selectors are well written, name existing sets, and rules that some row or set knows."""
    for selector in selectors:
        if selector.startswith("set:"):
            if selector[4:] not in names.secrecy_sets and not draft.may_hold("set", selector[4:]):
                draft.report(entry, key, f"unknown set of secrecy rules {selector[4:]!r}")
        elif not is_selector(selector):
            draft.report(entry, key, f"{selector!r} is not a selector of secrecy rules")
        elif parse_code(selector) and not _named(draft, names, selector):
            draft.report(entry, key, f"no secrecy row or set names {selector!r}")


def _named(draft: Draft, names: Names, selector: str) -> bool:
    named = selector.split("/")[0] in names.secrecy_sections or selector in names.secrecy_members
    return named or not (draft.whole("secrecy") and draft.whole("set"))


def known(draft: Draft, names: Names, table: str, code: str) -> bool:
    """Whether a code is one of a table's, or may be in what could not be read of it."""
    return code in names.codes[table] or draft.may_hold(table, code)


def check_conditions_known(
    draft: Draft, names: Names, entry: Entry[Any], keys: Iterable[str]
) -> None:
    """Names in a list of conditions are conditions, each once, and not both for and against."""
    for key in keys:
        listed = getattr(entry.value, key)
        for name in sorted(set(listed)):
            if name not in names.conditions and not draft.may_hold("condition", name):
                draft.report(entry, key, f"unknown condition {name!r}")
            if listed.count(name) > 1:
                draft.report(entry, key, f"{name!r} is listed twice")
    for name in sorted(set(entry.value.all) & set(entry.value.none)):
        draft.report(entry, "none", f"{name!r} is in all as well, so this can never hold")


def check_cautions(draft: Draft, names: Names, entry: Entry[Any], cautions: Iterable[str]) -> None:
    """Cautions are defined in the vocabulary."""
    for caution in cautions:
        if caution not in names.cautions and not draft.may_hold("caution", caution):
            draft.report(entry, "cautions", f"unknown caution {caution!r}")
