"""What somebody writes so that another can judge it: reasons, circumstances, a remark."""

from __future__ import annotations

import re

from app.domain.problem import Problem

SHORTEST_REASON = 15
"""Letters and digits. Dots and spaces say nothing, and neither does one word."""
FEWEST_WORDS = 3
"""Different words. A key held down, or one word again and again, is no reason.

No more is asked, because only a person can judge whether it is a good one.
"""

_WORD = re.compile(r"[^\W\d_]{2,}")


def says_something(written: str) -> bool:
    """Whether there is enough in it for somebody else to judge."""
    long_enough = sum(character.isalnum() for character in written) >= SHORTEST_REASON
    return long_enough and len(_words(written)) >= FEWEST_WORDS


def too_short(field: str) -> Problem:
    """What is said of it when there is not."""
    return Problem(
        field=field,
        code="reason_too_short",
        values={"least": SHORTEST_REASON, "words": FEWEST_WORDS},
    )


def _words(written: str) -> set[str]:
    """The different words of two letters or more; `xxxx` is none."""
    words = _WORD.findall(written.casefold())
    return {word for word in words if len(set(word)) > 1}
