"""How ways are combined and cut: on their own, with answers that imply what the test says."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from policies import missing
from policies.missing import MAX_SETS, Literals, minimal_sets

A, B, C = 1, 2, 4
MOST_WORK = 4096


class Implied:
    """Unknown facts of which A implies B, and nothing else follows from anything."""

    conditions = A | B

    def consistent(self, pos: int, neg: int) -> bool:
        return not (pos & A and neg & B)

    def consequence(self, pos: int, neg: int) -> tuple[int, int]:
        return pos | (B if pos & A else 0), neg


class Alike(Implied):
    """Everything that can be answered comes to the same."""

    conditions = -1

    def consequence(self, pos: int, neg: int) -> tuple[int, int]:
        del pos, neg
        return A, 0


def combined(
    monkeypatch: pytest.MonkeyPatch, *ways: list[Literals], unknowns: Any = None
) -> missing.Sets:
    def given(_: object) -> Iterator[list[Literals]]:
        yield from ways

    monkeypatch.setattr(missing, "_requirements", given)
    search: Any = SimpleNamespace(unknowns=unknowns or Implied())
    return minimal_sets(search)


def different(count: int) -> list[Literals]:
    return [Literals(1 << n + 8, 0) for n in range(count)]


def test_what_asks_more_than_another_is_left_out_however_it_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ways = [Literals(C, 8), Literals(C, 0), Literals(C, 24), Literals(0, 24), Literals(16, 24)]
    found = combined(monkeypatch, ways)
    assert found.sets == (Literals(C, 0), Literals(0, 24))


def test_of_every_subset_only_the_empty_one_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    subsets = [Literals(n << 8, m << 8) for n in range(64) for m in range(64) if not n & m]
    assert combined(monkeypatch, subsets[::-1]).sets == (Literals(0, 0),)


def test_what_another_answer_implies_is_not_asked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    found = combined(monkeypatch, [Literals(A | B | C, 0)])
    assert found.sets == (Literals(A | C, 0),)


def test_what_is_asked_is_what_the_sets_ask_and_what_is_granted_follows_from_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    implied = combined(monkeypatch, [Literals(A | C, 8)])
    assert (implied.asked, implied.granted) == (A | C | 8, A | B | C)
    alone = combined(monkeypatch, [Literals(C, 8)])
    assert (alone.asked, alone.granted) == (C | 8, C)
    # The 16 is in no set, because C does for both.
    both = combined(monkeypatch, [Literals(C, 0)], [Literals(C, 0), Literals(16, 0)])
    assert (both.sets, both.asked, both.granted) == ((Literals(C, 0),), C, C)


@pytest.mark.parametrize(("count", "truncated"), [(MAX_SETS, False), (MAX_SETS + 1, True)])
def test_it_says_when_there_are_more_sets_than_anyone_reads(
    monkeypatch: pytest.MonkeyPatch, count: int, truncated: bool
) -> None:
    found = combined(monkeypatch, different(count))
    assert (len(found.sets), found.truncated) == (MAX_SETS, truncated)


@pytest.mark.parametrize(("count", "truncated"), [(MOST_WORK, False), (MOST_WORK + 1, True)])
def test_it_says_when_the_work_was_cut_short_though_little_is_left(
    monkeypatch: pytest.MonkeyPatch, count: int, truncated: bool
) -> None:
    found = combined(monkeypatch, different(count), unknowns=Alike())
    assert (len(found.sets), found.truncated) == (1, truncated)
