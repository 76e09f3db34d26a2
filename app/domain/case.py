"""One organisation's file on one subject, readable by its case team only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.domain.problem import Problem

CaseState = Literal["open", "closed"]
MAX_REFERENCE_CHARACTERS = 40
_REFERENCE = re.compile(
    r"[A-ZÅÄÖ]{1,10}[ -]?[0-9]{2,4}[/:-][0-9]{1,7}(?:-[0-9]{1,3})?"
    # As the police and the prosecutors number theirs: 5000-K123456-26, AM-12345-26.
    r"|(?:[0-9]{4}-K|AM-)[0-9]{1,7}-[0-9]{2}"
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A case as its own organisation sees it. Times are aware UTC."""

    id: str
    organisation_id: str
    subject_id: str
    reference: str
    """The organisation's own number for it (diarienummer). Never a name or a personal number."""
    state: CaseState
    opened_at: datetime
    closed_at: datetime | None = None
    """Since when it is closed: read by its team, and nothing more is written in it."""

    @property
    def is_open(self) -> bool:
        """Whether notes can still be added."""
        return self.state == "open"


def one_way(typed: str) -> str:
    """A case number as it is kept and looked for: `sn 2026/0417` is the same number."""
    return " ".join(typed.split()).upper()


def parse_reference(typed: str, *, field: str = "reference") -> str | Problem:
    """A case number such as `SN 2026/0417`. Free text is refused because numbers go public."""
    reference = one_way(typed)
    if not reference:
        return Problem(field=field, code="reference_missing")
    if len(reference) > MAX_REFERENCE_CHARACTERS:
        return Problem(field=field, code="too_long", values={"most": MAX_REFERENCE_CHARACTERS})
    if not _REFERENCE.fullmatch(reference):
        return Problem(field=field, code="reference_form")
    return reference
