"""The law's own names for things, in the reader's language, from the rule pack.

Law: OSL 10 kap. 1 § (what a consent speaks of is named by the same words everywhere)
"""

from __future__ import annotations

from datetime import date
from typing import Protocol

from flask_babel import gettext

from app.web.language import current_language
from app.web.site import law_of_day, the_site
from policies import Vocabulary
from policies.check_rules import NOT_SECRET
from policies.selectors import written_out

Choice = tuple[str, str]
"""Code and label, as a form's options."""


class Named(Protocol):
    """Something in the pack that has a name in both languages."""

    @property
    def sv(self) -> str: ...
    @property
    def en(self) -> str: ...


def label(named: Named | None, code: str = "") -> str:
    """Its name for the reader; the bare code when the pack no longer has it."""
    if named is None:
        return code
    return named.en if current_language() == "en" else named.sv


def vocabulary() -> Vocabulary:
    """The words of the rule pack in force."""
    return the_site().work.law.vocabulary


def category_label(code: str) -> str:
    """What kind of information it is."""
    return label(vocabulary().categories.get(code), code)


def purpose_label(code: str) -> str:
    """What it is disclosed for."""
    return label(vocabulary().purposes.get(code), code)


def kind_label(code: str) -> str:
    """What kind of organisation it is."""
    return label(vocabulary().kinds.get(code), code)


def category_choices(kind: str) -> list[Choice]:
    """What an organisation of this kind can hold: its own kinds first, then what anyone can."""
    found = sorted(vocabulary().categories_of(kind), key=lambda one: "*" in one.holders)
    return [(one.code, label(one)) for one in found]


def purpose_choices() -> list[Choice]:
    """Every purpose."""
    return [(code, label(term)) for code, term in vocabulary().purposes.items()]


def provisions_of_ground(rule_id: str, pack: str) -> str:
    """The provisions of a rule, by the pack that decided; the bare id where it cannot be read."""
    rule = (law_of_day(pack) or the_site().work.law).rules.get(rule_id)
    if rule is None:
        return str(gettext("Inte sekretess")) if rule_id == NOT_SECRET else rule_id
    return ", ".join(text for cite in rule.cite if (text := written_out(cite)))


def question(fact: str) -> str:
    """What a form asks to learn a fact such as `item.origin`; empty if the pack is silent."""
    for condition in vocabulary().conditions.values():
        if condition.fact == fact and condition.value is True:
            asked = condition.question_en if current_language() == "en" else condition.question_sv
            return asked or label(condition)
    return ""


def secrecy_lines(kind: str, on: date) -> dict[str, str]:
    """Category -> the provisions that make it secret whatever else is true of the item.

    Rows with conditions are left out: they are shown where the law is asked about one recipient.
    """
    found: dict[str, list[str]] = {}
    for row in the_site().work.law.secrecy:
        in_force = row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)
        if row.rule and in_force and kind in row.holders and not row.all and not row.none:
            for category in row.categories:
                cited = found.setdefault(category, [])
                cited += [text for cite in row.cite if (text := written_out(cite)) not in cited]
    return {category: ", ".join(cited) for category, cited in found.items()}
