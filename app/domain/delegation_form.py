"""A new delegation as somebody typed it: to whom, for which decision, by which item, from when.

Law: KL 6 kap. 37-38 §§, 7 kap. 5-6 §§
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from app.domain.organisation import Period
from app.domain.problem import Problem

DECISIONS = ("disclose",)
"""Decisions that are taken under delegation here. A rektor's own duties are none of them: whether
they can be delegated is unclear, so the rektor or an acting rektor decides.
Law: lag (2025:170) 7 §, skollagen 6 a kap. 10 §"""

_ITEM = re.compile(r"[0-9A-Za-zÅÄÖåäö][0-9A-Za-zÅÄÖåäö.:/ -]{0,39}")


@dataclass(frozen=True, kw_only=True)
class DelegationTerms:
    """What a delegation says, before anybody has registered it. Names a person or a role."""

    staff_id: str | None
    role: str | None
    decision: str
    item: str
    period: Period


def parse_delegation(
    typed: Mapping[str, str],
    *,
    staff: Collection[str],
    roles: Collection[str],
    on: date,
) -> DelegationTerms | list[Problem]:
    """Reads `to` (`staff:ID` or `role:CODE`), `delegated`, `item`, `valid_from`, `valid_until`."""
    problems: list[Problem] = []
    kind, _, whom = typed.get("to", "").partition(":")
    if whom not in {"staff": staff, "role": roles}.get(kind, ()):
        problems.append(Problem(field="to", code="choose_one"))
    decision, item = typed.get("delegated", ""), " ".join(typed.get("item", "").split())
    if decision not in DECISIONS:
        problems.append(Problem(field="delegated", code="choose_one"))
    if not _ITEM.fullmatch(item):
        problems.append(Problem(field="item", code="item_form"))
    start = _day(typed.get("valid_from", ""), "valid_from", problems) or on
    until = _day(typed.get("valid_until", ""), "valid_until", problems)
    if until is not None and until < start:
        problems.append(Problem(field="valid_until", code="until_before_from"))
    elif until is not None and until < on:
        problems.append(Problem(field="valid_until", code="until_in_the_past"))
    if problems:
        return problems
    return DelegationTerms(
        staff_id=whom if kind == "staff" else None,
        role=whom if kind == "role" else None,
        decision=decision,
        item=item,
        period=Period(valid_from=start, valid_until=until),
    )


def _day(text: str, field: str, problems: list[Problem]) -> date | None:
    """The day, None when the field is empty; a problem when it is something else."""
    if not text.strip():
        return None
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()):
            return date.fromisoformat(text.strip())
    except ValueError:
        pass
    problems.append(Problem(field=field, code="date_form"))
    return None
