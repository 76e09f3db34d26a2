"""What a child does or suffers reaches its parent as one line, or as the lack of one."""

from __future__ import annotations

import os
import signal

import pytest

from policies.children import lasting, told_by_children


def _square(n: int) -> str:
    return str(n * n)


@pytest.mark.parametrize("jobs", [0, 1, 2, 9])
def test_each_is_answered_once_however_many_are_asked_at_a_time(jobs: int) -> None:
    told = {n: told.line for n, told in told_by_children(range(5), _square, jobs=jobs)}
    assert told == {0: "0", 1: "1", 2: "4", 3: "9", 4: "16"}


def test_nothing_that_a_child_changes_is_changed_for_the_next() -> None:
    seen: list[int] = []

    def count(n: int) -> str:
        seen.append(n)
        return str(len(seen))

    assert [told.line for _, told in told_by_children(range(3), count, jobs=1)] == ["1"] * 3


def test_one_that_never_ends_is_told_from_one_that_says_nothing() -> None:
    def ask(endless: bool) -> str:
        lasting(0.05)
        while endless:
            pass
        return ""

    told = dict(told_by_children([True, False], ask, jobs=2))
    assert told[True].line is None
    assert told[True].processor_s > 0
    assert told[False].line == ""


def test_a_child_cannot_take_the_memory_of_the_machine() -> None:
    def ask(size: int) -> str:
        try:
            return str(len(bytearray(size)))
        except MemoryError:
            return "too much"

    told = [told.line for _, told in told_by_children([8, 1 << 33], ask, jobs=1)]
    assert told == ["8", "too much"]


def _break(_: int) -> str:
    raise ValueError


def _ended_from_outside(_: int) -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return ""


@pytest.mark.parametrize("ask", [_break, _ended_from_outside])
def test_a_child_that_fails_in_asking_is_no_answer(
    ask: object, capfd: pytest.CaptureFixture[str]
) -> None:
    assert callable(ask)
    with pytest.raises(ChildProcessError, match="told nothing; run it again"):
        list(told_by_children([1], ask, jobs=1))


def test_no_child_is_left_when_the_asking_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    # The process may have children of other tests, so only those of this one are asked about.
    children: list[int] = []
    fork = os.fork

    def counted() -> int:
        pid = fork()
        if pid:
            children.append(pid)
        return pid

    def ask(n: int) -> str:
        if n:
            signal.pause()
        return str(os.getpid())

    monkeypatch.setattr(os, "fork", counted)
    asked = told_by_children([1, 0], ask, jobs=2)
    next(asked)
    asked.close()  # type: ignore[attr-defined]
    assert len(children) == 2
    for pid in children:
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
