"""The columns of the tables beside a log, and those that no entry of the log vouches for."""

from __future__ import annotations

from typing import Final

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "entries": (
        "n", "time", "act", "sentence_sv", "sentence_en", "result", "case", "staff", "roles",
        "rules", "pack", "recipient", "recipient_name", "purpose", "about", "detail", "withheld",
        "erased",
    ),
    "decisions": (
        "id", "decision", "decided", "case", "note", "version", "recipient", "recipient_name",
        "purpose", "outcome", "reason", "grounds", "provisions", "consents", "decided_by",
        "arrives", "stopped",
    ),
    "assessments": (
        "id", "time", "case", "note", "version", "recipient", "purpose", "person", "kind",
        "question", "answer", "reasons", "circumstances", "by",
    ),
    "consents": (
        "id", "recorded", "case", "person", "giver", "answer", "form", "recipient", "category",
        "purpose", "from", "until", "withdrawn",
    ),
}  # fmt: skip
"""The columns of each table, in their order in the CSV."""
ONLY_IN_JSON: Final[dict[str, tuple[str, ...]]] = {"decisions": ("law_answered",)}
"""What a row has in JSON Lines alone."""
NOT_VOUCHED: Final[dict[str, tuple[str, ...]]] = {
    "entries": ("sentence_sv", "sentence_en", "case", "staff", "recipient_name"),
    "decisions": ("case", "recipient_name", "provisions", "decided_by", "law_answered"),
    "assessments": ("id", "case", "reasons", "circumstances", "by"),
    "consents": ("case",),
}
"""Columns that come from rows of the database or from a rule pack: no entry says what they say."""
