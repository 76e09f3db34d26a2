"""What must hold for the rules: references, polarity, exclusions, dates and versions.

Polarity is what makes the engine's answers safe to reason about: a step can only help.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from policies.check_vocabulary import ENGINE_CAUTIONS, uncovered_day
from policies.errors import Problem
from policies.pack import DUTIES, GROUNDS, STEP_SOURCES, Kind, ParameterRef, Rule, SecrecyRow
from policies.reading import Draft, Entry
from policies.references import (
    Names,
    check_cautions,
    check_conditions_known,
    check_kinds,
    check_selectors,
    fact_name,
)
from policies.selectors import expand, select, selects

NOT_SECRET = "T-0"  # noqa: S105 - the id of a ground
"""Id of the ground that nothing makes the item secret."""
NO_ROW = "S-0"
"""Id of the stop that the secrecy table has no row for the item."""
ENGINE_RULES = frozenset({NOT_SECRET, NO_ROW})

STRIKE_WORDS = {
    "grounds": frozenset({"permit", "consent", "harm_test"}),
    "permits": frozenset({"permit"}),
    "consents": frozenset({"consent"}),
    "harm_tests": frozenset({"harm_test"}),
}
"""Effects that a word in `strikes` rules out. Duties are struck by id only, and by H8 and H9 only
where it is unclear that they prevail."""

_FACT_PARAMETERS = {
    "crime.threshold_23": ("crime_months_10_23_completed", "crime_months_10_23_attempt")
}


class Exclusion(NamedTuple):
    """A provision that may not open some secrecy rules."""

    sfs: str
    at: str
    excluded: tuple[str, ...]
    within: str
    """Selector of all it could open at most; empty: no such limit."""


_COMMON = tuple(
    f"OSL {at}"
    for at in ("24:2a", "24:8", "29:1", "29:2", "31:1/st1", "31:2", "31:12", "33:2", "33:4a")
)
_COMMON += ("OSL 36:3", "OSL 40:2", "OSL 40:5")
_LAG_170 = tuple(f"OSL {at}" for at in ("24:8", "25:1-8", "25:15", "26:1-6", "40:2", "40:5"))
_LAG_170 += tuple(f"PSL 6:{section}" for section in (12, 13, 14, 16))
_RULE_15A = ("25:1-5", "25:8", "26:1a/st1", "26:3", "26:4", "26:6")

EXCLUSIONS: tuple[Exclusion, ...] = (
    Exclusion("2009:400", "10:27", (*_COMMON, "OSL 25:1-8", "OSL 26:1-6"), ""),
    Exclusion(
        "2009:400",
        "10:15a",
        (*_COMMON, *(f"OSL {at}" for at in _RULE_15A)),
        "chapter:OSL 21-40",
    ),
    Exclusion("2025:170", "6", _LAG_170, ""),
    Exclusion("2025:170", "7", _LAG_170, ""),
)
"""Law: OSL 10 kap. 27 §, OSL 10 kap. 15 a §, lag (2025:170) 8 §"""


def check_rules(draft: Draft, names: Names) -> None:
    """Every check that is about rules. Reports to the draft."""
    entries = draft.entries("rule", Rule)
    ids = {e.value.id for e in entries} | {e.value.version_of for e in entries}
    for entry in entries:
        check_kinds(draft, names, entry, "from", entry.value.from_)
        check_kinds(draft, names, entry, "to", entry.value.to)
        check_selectors(draft, names, entry, "opens", entry.value.opens)
        check_selectors(draft, names, entry, "not_opens", entry.value.not_opens)
        check_selectors(draft, names, entry, "secrecy", entry.value.secrecy)
        check_conditions_known(draft, names, entry, ("all", "none", "unless"))
        check_cautions(draft, names, entry, entry.value.cautions)
        _check_effect(draft, entry, ids)
        _check_polarity(draft, names, entry)
        _check_exclusions(draft, names, entry)
        _check_parameters(draft, names, entry, (*entry.value.all, *entry.value.none))
    for kind in draft.entries("kind", Kind):
        check_cautions(draft, names, kind, kind.value.cautions)
    for row in draft.entries("secrecy", SecrecyRow):
        _check_parameters(draft, names, row, (*row.value.all, *row.value.none))
    _check_versions(draft, entries)
    missing = [c for c in ENGINE_CAUTIONS if entries and c not in names.cautions]
    for caution in missing:
        if draft.may_hold("caution", caution):
            continue
        message = f"the caution {caution!r} is not defined; the engine adds it to answers"
        draft.problems.append(Problem("vocabulary.toml", 0, message))


def _check_effect(draft: Draft, entry: Entry[Rule], ids: set[str]) -> None:
    """What each effect must and must not have. Law: OSL 6 kap. 5 § (a duty that opens nothing)"""
    rule = entry.value
    if rule.id in ENGINE_RULES:
        draft.report(entry, "id", f"{rule.id!r} is an id that the engine itself uses")
    ground = rule.effect in GROUNDS
    # OSL 6:5 commands what is not secret and breaks no secrecy, so a duty may open nothing.
    if ground and not rule.opens and rule.effect not in DUTIES:
        draft.report(entry, "opens", f"a {rule.effect} opens at least one secrecy rule")
    for key in ("unless", "strikes", "secrecy") if ground else ("opens", "not_opens"):
        if getattr(rule, key):
            draft.report(entry, key, f"a {rule.effect} has no {key}")
    if rule.separate_channel and rule.effect != "strike":
        draft.report(entry, "separate_channel", "only a strike asks for a separate channel")
    if rule.effect == "strike":
        _check_strikes(draft, entry, ids)
    for key in ("strikes", "secrecy"):
        if rule.effect == "stop" and getattr(rule, key):
            draft.report(entry, key, "a stop rules out everything; a strike can name grounds")


def _check_strikes(draft: Draft, entry: Entry[Rule], ids: set[str]) -> None:
    if not entry.value.strikes:
        draft.report(entry, "strikes", "a strike names the grounds it rules out")
    for name in entry.value.strikes:
        if name not in {*STRIKE_WORDS, *ids} and not draft.may_hold("rule", name):
            draft.report(entry, "strikes", f"unknown rule {name!r}")


def _check_polarity(draft: Draft, names: Names, entry: Entry[Rule]) -> None:
    rule = entry.value
    ground = rule.effect in GROUNDS
    wrong = ("none",) if ground else ("all", "none")
    for key in wrong:
        for name in getattr(rule, key):
            condition = names.conditions.get(name)
            if condition is not None and condition.source in STEP_SOURCES:
                message = f"step {name!r} must not count against a disclosure (monotonicity)"
                draft.report(entry, key, message)
    consents = [
        name
        for name in rule.all
        if name in names.conditions and names.conditions[name].source == "consent"
    ]
    if rule.effect in DUTIES and consents:
        message = f"a duty does not depend on consent, so not on {consents[0]!r}"
        draft.report(entry, "all", message)
    if any(draft.may_hold("condition", name) for name in rule.all):
        return
    if rule.effect == "consent" and not consents:
        draft.report(entry, "all", "a consent rule needs a consent condition")


def _check_exclusions(draft: Draft, names: Names, entry: Entry[Rule]) -> None:
    rule = entry.value
    sets = [one[4:] for one in (*rule.opens, *rule.not_opens) if one.startswith("set:")]
    if rule.effect not in GROUNDS or any(draft.may_hold("set", name) for name in sets):
        return
    for cite in rule.cite:
        source = names.sources.get(cite.act)
        for limit in EXCLUSIONS:
            if source is None or (source.sfs, cite.at.split(" ")[0]) != (limit.sfs, limit.at):
                continue
            wrong = sorted(
                code
                for code in opened_codes(rule, names.secrecy_codes, names.secrecy_sets)
                if any(selects(s, code, loosely=True) for s in limit.excluded)
                or (limit.within and not selects(limit.within, code))
            )
            if wrong:
                message = f"{cite.act} {limit.at} cannot open {', '.join(wrong)}"
                draft.report(entry, "opens", message)


def opened_codes(rule: Rule, codes: frozenset[str], sets: Any) -> frozenset[str]:
    """The secrecy rules that a ground opens, out of those the pack knows."""
    opened = select(expand(rule.opens, sets), codes)
    return opened - select(expand(rule.not_opens, sets), codes, loosely=True)


def _check_parameters(draft: Draft, names: Names, entry: Entry[Any], used: tuple[str, ...]) -> None:
    for name in used:
        condition = names.conditions.get(name)
        if condition is None:
            continue
        needed = list(_FACT_PARAMETERS.get(fact_name(condition), ()))
        if isinstance(condition.value, ParameterRef):
            needed.append(condition.value.parameter)
        for parameter in needed:
            if draft.may_hold("parameter", parameter):
                continue
            spans = [(p.valid_from, p.valid_to) for p in names.parameters.get(parameter, ())]
            value = entry.value
            gap = uncovered_day(value.valid_from, value.valid_to, spans)
            if gap is not None:
                message = f"{name!r} uses parameter {parameter!r}, which has no value on {gap}"
                draft.report(entry, "all" if name in value.all else "none", message)


def _check_versions(draft: Draft, entries: list[Entry[Rule]]) -> None:
    families: dict[str, list[Entry[Rule]]] = {}
    for entry in entries:
        families.setdefault(entry.value.version_of, []).append(entry)
    for family in families.values():
        ordered = sorted(family, key=lambda e: e.value.valid_from)
        for n, later in enumerate(ordered):
            for earlier in ordered[:n]:
                overlap = (earlier.value.valid_to or date.max) >= later.value.valid_from
                if overlap and earlier.value.alternative == later.value.alternative:
                    other = earlier.value.id
                    message = f"is in force together with {other}, of which it is a version; "
                    draft.report(later, "valid_from", message + "end that or name an alternative")
