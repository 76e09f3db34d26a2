"""What must hold for the secrecy table, the receiver table and the named sets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from policies.pack import STEP_SOURCES, Category, NamedSet, ReceiverRow, SecrecyRow
from policies.reading import Draft, Entry
from policies.references import (
    Names,
    check_cautions,
    check_conditions_known,
    check_kinds,
    check_selectors,
    known,
)
from policies.selectors import is_selector, parse_code


def check_secrecy(draft: Draft, names: Names) -> None:
    """Rows name known kinds, categories and conditions; a row is a rule or says there is none."""
    holders = {c.code: set(c.holders) for c in draft.values("category", Category)}
    for entry in draft.entries("category", Category):
        check_kinds(draft, names, entry, "holders", entry.value.holders)
    for row in draft.entries("secrecy", SecrecyRow):
        check_kinds(draft, names, row, "holders", row.value.holders)
        _check_categories(draft, row, names, row.value.categories)
        _check_holders(draft, row, holders)
        check_conditions_known(draft, names, row, ("all", "none"))
        _check_no_steps(draft, names, row)
        _check_row_shape(draft, row)
        check_cautions(draft, names, row, row.value.cautions)
    for receiver in draft.entries("receiver", ReceiverRow):
        check_kinds(draft, names, receiver, "kinds", receiver.value.kinds)
        _check_categories(draft, receiver, names, receiver.value.categories)
        check_selectors(draft, names, receiver, "covers", receiver.value.covers)
    _check_sets(draft, names)


def _check_holders(draft: Draft, row: Entry[SecrecyRow], holders: dict[str, set[str]]) -> None:
    for code in row.value.categories:
        able = holders.get(code, {"*"})
        wrong = [h for h in row.value.holders if h not in able and h != "*" and "*" not in able]
        if wrong:
            message = f"category {code} is not held by {', '.join(wrong)}"
            draft.report(row, "holders", message)


def _check_no_steps(draft: Draft, names: Names, row: Entry[SecrecyRow]) -> None:
    for key in ("all", "none"):
        for name in getattr(row.value, key):
            asked = names.conditions.get(name)
            if asked is not None and asked.source in STEP_SOURCES:
                message = f"{name!r} is a step; only system conditions say what is secret"
                draft.report(row, key, message)


def _check_sets(draft: Draft, names: Names) -> None:
    for group in draft.entries("set", NamedSet):
        if group.value.of == "kinds":
            check_kinds(draft, names, group, "members", group.value.members)
        else:
            for member in group.value.members:
                if member.startswith("set:") or not is_selector(member):
                    draft.report(group, "members", f"{member!r} is not a selector of secrecy rules")


def _check_row_shape(draft: Draft, row: Entry[SecrecyRow]) -> None:
    value = row.value
    if value.no_secrecy == bool(value.rule):
        draft.report(row, "rule", "a row has either a rule or no_secrecy = true")
    if value.rule and parse_code(value.rule) is None:
        draft.report(row, "rule", f"{value.rule!r} is not written like OSL 26:1")
    if (value.presumption == "NONE") != value.no_secrecy:
        draft.report(row, "presumption", "is NONE exactly when no_secrecy = true")
    if value.no_secrecy and "*" in value.categories:
        draft.report(row, "categories", "a no_secrecy row names its categories")


def _check_categories(
    draft: Draft, entry: Entry[Any], names: Names, categories: Iterable[str]
) -> None:
    for code in categories:
        if code != "*" and not known(draft, names, "category", code):
            draft.report(entry, "categories", f"unknown category {code!r}")
