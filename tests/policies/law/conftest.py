"""Ask the packaged pack about one note, with everything else as harmless as it can be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pytest

from policies import Decision, Law, decide
from policies.scenarios import facts_of

TODAY = date(2026, 11, 23)

Ask = Callable[..., Decision]


@pytest.fixture(scope="session")
def ask(packaged: Law) -> Ask:
    """`ask("SOC", "POLICE", "K11", item={...}, person={...}, says=[...], denies=[...], on=...)`."""

    def asked(
        sender: str | dict[str, Any],
        recipient: str | dict[str, Any],
        category: str,
        *,
        on: date = TODAY,
        item: dict[str, Any] | None = None,
        person: dict[str, Any] | None = None,
        says: Iterable[str] = (),
        denies: Iterable[str] = (),
        **facts: Any,
    ) -> Decision:
        statements = {**dict.fromkeys(says, "yes"), **dict.fromkeys(denies, "no")}
        described: dict[str, Any] = {"age": 16, "protected": "no", "statements": statements}
        described |= person or {}
        if "born" in described:
            del described["age"]
            if described["born"] is None:
                del described["born"]
        table: dict[str, Any] = {
            "sender": {"kind": sender} if isinstance(sender, str) else sender,
            "recipient": {"kind": recipient} if isinstance(recipient, str) else recipient,
            "item": {"category": category, "investigation": "no", **(item or {})},
            "person": described,
            **facts,
        }
        if "case_subject_age" not in table and "age" in described:
            table["case_subject_age"] = described["age"]
        return decide(packaged, facts_of(packaged, table, on))

    return asked


@pytest.fixture(scope="session")
def every_statement(packaged: Law) -> tuple[str, ...]:
    """The name of every assessment that the law leaves to a person."""
    conditions = packaged.vocabulary.conditions.values()
    return tuple(c.name for c in conditions if c.source == "statement")


@pytest.fixture(scope="session")
def every_approval(packaged: Law) -> dict[str, str]:
    """Every approval, given."""
    conditions = packaged.vocabulary.conditions.values()
    return {c.name: "yes" for c in conditions if c.source == "approval" and not c.fact}
