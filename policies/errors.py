"""What can be wrong with a rule pack. A refusal to disclose is a value, never one of these."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """One thing to correct, and where."""

    file: str
    """Path inside the pack."""
    line: int
    """1-based; 0 when it concerns the whole file or a file that is missing."""
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}"


class PackError(Exception):
    """The pack cannot be used. Holds every problem found, not the first one only."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        count = len(self.problems)
        head = f"the rule pack has {count} problem{'s' if count != 1 else ''}; correct them all:"
        super().__init__("\n".join([head, *(f"  {problem}" for problem in self.problems)]))


class CaseError(Exception):
    """A case or scenario file cannot be read as facts. The message says what to change."""
