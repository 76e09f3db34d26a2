"""What the law answers. Values only; `explain.py` turns them into sentences.

The law never says yes by itself: `must` and `may` mean that a named official can decide so now.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

Outcome = Literal["must", "may", "needs", "stop", "none"]
"""must: covered, and a duty covers it. may: covered. needs: steps remain. stop: a prohibition that
no step cures. none: no set of steps exists."""

StepKind = Literal["answer", "statement", "consent", "request", "approval"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing someone can do or answer. `value` is the answer that helps the set it is in."""

    kind: StepKind
    condition: str
    """Name in `vocabulary.toml`."""
    value: bool = True
    by: tuple[str, ...] = ()
    """Who can take it: role or actor codes of `vocabulary.toml`."""


class FiredRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that mattered, with what a reader needs to check it."""

    id: str
    effect: str
    cite: tuple[str, ...]
    """Provisions as read in Sweden, e.g. `OSL 10 kap. 18 a §`."""
    sv: str
    en: str
    confidence: str
    strikes: tuple[str, ...] = ()
    """For a strike: ids of the rules it ruled out here."""


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """A ground that did not fire, and why."""

    id: str
    unmet: tuple[str, ...]
    """Conditions not met (positive) or not excluded (prefixed with `not:`)."""
    struck_by: tuple[str, ...] = ()


class Secrecy(msgspec.Struct, frozen=True, kw_only=True):
    """One secrecy rule that applies to the item at the sender."""

    rule: str
    """E.g. `OSL 26:1`."""
    presumption: str
    cite: str
    sv: str
    en: str
    follows: bool
    """Whether the item is secret at the recipient too; False gives a warning."""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one described person. Serialises to canonical JSON by `decision_bytes`."""

    outcome: Outcome
    on: date
    engine: str
    pack_id: str
    pack_version: str
    pack_sha256: str
    rules_sha256: str
    applicable: tuple[Secrecy, ...]
    """Empty: nothing in the table makes it secret (the row says so; no row means stop)."""
    covers: dict[str, tuple[str, ...]]
    """Secrecy rule -> ids of the rules that open it now."""
    fired: tuple[FiredRule, ...]
    stops: tuple[FiredRule, ...]
    strikes: tuple[FiredRule, ...]
    near: tuple[Near, ...]
    missing: tuple[tuple[Step, ...], ...]
    """Exact minimal sets of steps, smallest first; an antichain."""
    missing_truncated: bool
    flags: tuple[str, ...]
    """duty_pending, duty_blocked, unknown_facts, receiver_unprotected, separate_channel."""
    cautions: tuple[str, ...]
    """U ids of the uncertainties that touch the rules that mattered, or that are asked about."""
    questions: tuple[Step, ...]
    """The open questions (answer, statement) that can still change the answer: those that some set
    of steps asks, and those that a duty to tell the item turns on. None where it must be told."""
    yes_mask: str
    maybe_mask: str
    vocabulary_sha256: str


class NoteDecision(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for a note: the worst over the persons it describes."""

    outcome: Outcome
    by_person: dict[str, Decision]
    """Caller's own key for each described person -> decision."""
