"""Reasons and circumstances say something, or the law's question is not answered."""

from __future__ import annotations

import pytest

from app.domain.approval import ApprovalAnswer, parse_approval_answer
from app.domain.assessment import Assessment, parse_assessment
from app.domain.emergency import parse_reason
from app.domain.problem import Problem


def assess(reasons: str, circumstances: str, answer: str = "yes"):  # type: ignore[no-untyped-def]
    return parse_assessment(
        {"answer": answer, "reasons": reasons, "circumstances": circumstances},
        subject_id="vera",
        statement="risk",
        needs_circumstances=True,
    )


NOTHING = [
    ".",
    "Ja.",
    "-" * 40,
    " . " * 20,
    "Abc, def ghi jkl",
    "x" * 15,
    "xxxxx yyyyy zzzzz",
    "risk " * 10,
    "1234567890 1234 56",
    "Risk a b c d e f g h i j k l m n",
    "Orosanmälan Orosanmälan orosanmälan",
]


@pytest.mark.parametrize("typed", NOTHING)
def test_what_says_nothing_is_neither_reasons_nor_circumstances(typed: str) -> None:
    found = assess(typed, typed)
    assert [(one.field, one.code) for one in found] == [
        ("risk:vera:reasons", "reason_too_short"),
        ("risk:vera:circumstances", "reason_too_short"),
    ]
    assert [one.code for one in parse_approval_answer({"answer": "no", "reasons": typed})] == [
        "reason_too_short"
    ]
    assert isinstance(parse_reason(typed), Problem)


def test_fifteen_letters_and_digits_are_enough() -> None:
    enough = "Abc, def ghi jkl mno"
    assert isinstance(assess(enough, enough), Assessment)
    assert isinstance(parse_approval_answer({"answer": "yes", "reasons": enough}), ApprovalAnswer)
    assert parse_reason(enough) == enough


def test_a_no_needs_no_circumstances() -> None:
    assert isinstance(assess("Inget tyder på någon risk.", "", answer="no"), Assessment)
