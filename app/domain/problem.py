"""What is wrong with something a person typed. A page says it in the reader's language."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing to correct. `code` is a sentence's key, `field` the form field it stands beside."""

    field: str
    code: str
    values: dict[str, str | int] = dataclasses.field(default_factory=dict)
    """What the sentence needs to be concrete, e.g. the longest length allowed. Never typed text."""
