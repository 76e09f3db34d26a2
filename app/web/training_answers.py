"""The answers of somebody who practises, as their own address carries them: one letter a case."""

from __future__ import annotations

from collections.abc import Sequence

from policies import Law
from policies.training import Guess, training_cases

_LETTERS: dict[str, Guess] = {"m": "must", "a": "may", "c": "consent", "n": "no"}
_OF: dict[Guess, str] = {guess: letter for letter, guess in _LETTERS.items()}
_NONE = "-"


def read_given(law: Law, text: str) -> tuple[Guess | None, ...]:
    """The answer to each case, None where there is none. What cannot be read is no answer."""
    count = len(training_cases(law))
    return tuple(_LETTERS.get(letter) for letter in text[:count].ljust(count, _NONE))


def written(given: Sequence[Guess | None]) -> str:
    """As `read_given` reads them."""
    return "".join(_NONE if one is None else _OF[one] for one in given)


def with_answer(
    given: Sequence[Guess | None], number: int, guess: Guess
) -> tuple[Guess | None, ...]:
    """With an answer to the case of that number, from 1. The first answer is the one that counts,
    because the rules' own answer has been read after it."""
    return tuple(
        guess if place == number and before is None else before
        for place, before in enumerate(given, start=1)
    )
