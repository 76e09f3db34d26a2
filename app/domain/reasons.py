"""What somebody writes so that another can judge it: reasons, circumstances, a remark."""

from __future__ import annotations

from app.domain.problem import Problem

SHORTEST_REASON = 15
"""Letters and digits. Dots and spaces say nothing, and neither does one word."""


def says_something(written: str) -> bool:
    """Whether there is enough in it for somebody else to judge."""
    return sum(character.isalnum() for character in written) >= SHORTEST_REASON


def too_short(field: str) -> Problem:
    """What is said of it when there is not."""
    return Problem(field=field, code="reason_too_short", values={"least": SHORTEST_REASON})
