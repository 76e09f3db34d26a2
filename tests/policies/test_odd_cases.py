"""A case file, whatever it says, is answered or refused in a sentence; never a traceback."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies import Law
from policies.__main__ import main
from policies.facts import Facts, Item, Party, Person

CASE: dict[str, Any] = {
    "on": date(2026, 11, 23),
    "sender": {"kind": "SOC"},
    "recipient": {"kind": "POLICE"},
    "item": {"category": "K11"},
    "person": {"age": 17},
}
NAMES = sorted(
    {name for struct in (Facts, Item, Party, Person) for name in struct.__struct_fields__}
    | {"age", "case_subject_age", "same_authority", "facts", "answer", "x"}
)
CODES = ["yes", "no", "unknown", "none", "", "SOC", "K11", "K20", "K24", "given", "own", "handler"]
VALUES = st.one_of(
    st.sampled_from(CODES),
    st.booleans(),
    st.integers(-2, 10**5),
    st.floats(),
    st.dates(),
    st.just(datetime(2026, 11, 23, tzinfo=UTC)),
    st.just(time(10)),
)
TREES = st.recursive(
    VALUES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=5,
)
PLACES = st.sampled_from(
    [(), ("item",), ("person",), ("sender",), ("recipient",), ("person", "statements")]
)


def _toml(value: object) -> str:
    """One value as TOML, with every table in line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | time):
        return value.isoformat()
    return f'"{value}"' if isinstance(value, str) else str(value)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(PLACES, st.sampled_from(NAMES), TREES), min_size=1, max_size=3))
def test_whatever_a_case_says_it_is_answered_or_refused_in_a_sentence(
    tmp_path: Path,
    capsys,  # type: ignore[no-untyped-def]
    monkeypatch: pytest.MonkeyPatch,
    packaged: Law,
    changes: list[tuple[tuple[str, ...], str, Any]],
) -> None:
    # The pack is the same each time, and to read it takes longer than to answer.
    monkeypatch.setattr("policies.__main__.load", lambda _folder: packaged)
    said = deepcopy(CASE)
    for place, name, value in changes:
        table: Any = said
        for part in place:
            table = table.setdefault(part, {}) if isinstance(table, dict) else None
        if isinstance(table, dict):
            table[name] = deepcopy(value)
    file = tmp_path / "case.toml"
    file.write_text("\n".join(f"{key} = {_toml(one)}" for key, one in said.items()), "utf-8")
    code = main(["explain", str(file)])
    told = capsys.readouterr()
    assert code in (0, 2)
    if code == 2:
        assert told.err.startswith("error: ")
        assert "case.toml" in told.err
    else:
        assert told.out
