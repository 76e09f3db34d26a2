"""No cell of a table is a formula, whatever was written in it."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.table_text import FORMULA_STARTS, CsvTable, csv_cell

STARTS = st.sampled_from(
    ["=", "+", "-", "@", "\t=", " =", "\r", "\n", "|", "%", "＝", "＠", "\ufeff="]
)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+46", "-2", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1", "  =1", "\u00a0=1", "\ufeff=1"],
)
def test_what_looks_like_a_formula_is_marked(text: str) -> None:
    assert csv_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["", "SN 2026/0417", "a=b", "10 kap. 18 a §", "åäö"])
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert csv_cell(text) == text


@given(start=STARTS, text=st.text(max_size=40))
def test_no_cell_begins_a_formula_after_it_has_been_read_again(start: str, text: str) -> None:
    for written in (start + text, text):
        file = io.StringIO(newline="")
        CsvTable(file, ("n", "text")).add({"n": 1, "text": written})
        file.seek(0)
        read = list(csv.reader(io.StringIO(file.read().removeprefix("\ufeff"), newline="")))
        assert len(read) == 2
        for row in read:
            assert len(row) == 2
            for cell in row:
                assert cell.lstrip(" \u00a0\ufeff\u200b\u2060")[:1] not in FORMULA_STARTS
                assert cell[:1] not in FORMULA_STARTS
        assert read[1][1].removeprefix("'") in (written.replace("\0", ""), written[1:])
