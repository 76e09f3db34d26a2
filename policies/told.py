"""Rules, rows and conditions as a decision tells of them. Values only; nothing is decided here."""

from __future__ import annotations

from typing import Literal

from policies.check_rules import NO_ROW, NOT_SECRET
from policies.decision import FiredRule, Secrecy, Step
from policies.pack import Condition, Rule, SecrecyRow
from policies.selectors import written_out

NO_ROW_TOLD = FiredRule(
    id=NO_ROW,
    effect="stop",
    cite=("OSL 8 kap. 1 §",),
    sv="Sekretesstabellen har ingen rad för den här uppgiften hos er",
    en="The secrecy table has no row for this information at your organisation",
    confidence="A",
)
"""Law: OSL 8 kap. 1 §"""

_STEP_KINDS: dict[str, Literal["answer", "statement", "consent", "request", "approval"]] = {
    "system": "answer",
    "statement": "statement",
    "consent": "consent",
    "request": "request",
    "approval": "approval",
}


def step(condition: Condition, *, value: bool) -> Step:
    """A condition as something to answer or to do."""
    kind = _STEP_KINDS[condition.source]
    return Step(kind=kind, condition=condition.name, value=value, by=condition.by)


def fired_rule(rule: Rule, *, strikes: tuple[str, ...] = ()) -> FiredRule:
    """A rule that mattered; for a strike, with the rules that it rules out here."""
    return FiredRule(
        id=rule.id,
        effect=rule.effect,
        cite=tuple(written_out(cite) for cite in rule.cite),
        sv=rule.sv,
        en=rule.en,
        confidence=rule.confidence,
        strikes=strikes,
    )


def not_secret(row: SecrecyRow) -> FiredRule:
    """A row of the secrecy table that says the item is not secret."""
    return FiredRule(
        id=NOT_SECRET,
        effect="not_secret",
        cite=tuple(written_out(cite) for cite in row.cite),
        sv=row.sv,
        en=row.en,
        confidence=row.confidence,
    )


def secrecy(code: str, row: SecrecyRow | None, *, follows: bool) -> Secrecy:
    """A secrecy rule that applies, in the words of its row."""
    if row is None:
        # Known from a named set only: nothing is known of its strength, so take the strongest.
        return Secrecy(
            rule=code, presumption="ABSOLUTE", cite=code, sv=code, en=code, follows=follows
        )
    return Secrecy(
        rule=code,
        presumption=row.presumption,
        cite=written_out(row.cite[0]),
        sv=row.sv,
        en=row.en,
        follows=follows,
    )
