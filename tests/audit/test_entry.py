"""Canonical JSON, the leaf's fields, the commitments, and erasure details."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.canonical import canonical, parse_canonical, to_nfc
from audit.entry import (
    FIELDS,
    OpenedDetail,
    commitment,
    erasure_detail,
    parse_leaf,
    read_erasure,
    read_sealed_form,
)
from audit.errors import AuditFault, CanonicalError, EntryError

CAP = 8192
text = st.text(max_size=12).map(lambda value: unicodedata.normalize("NFC", value))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_every_value_comes_back_from_its_bytes_as_it_was(value: Any) -> None:
    data = canonical(value, limit=1_000_000)
    again = parse_canonical(data, limit=1_000_000)
    assert again == value
    assert canonical(again, limit=1_000_000) == data


@given(values)
def test_any_other_json_parser_reads_the_same_value(value: Any) -> None:
    assert json.loads(canonical(value, limit=1_000_000)) == value


@given(values, st.sampled_from([{"indent": 1}, {"separators": (", ", ": ")}]))
def test_the_same_value_with_spaces_is_refused(value: Any, style: dict[str, Any]) -> None:
    other = json.dumps(value, ensure_ascii=False, sort_keys=True, **style).encode()
    if other != canonical(value, limit=1_000_000):
        with pytest.raises(CanonicalError, match="not in its canonical form"):
            parse_canonical(other, limit=1_000_000)


@given(st.binary(max_size=40))
def test_arbitrary_bytes_are_read_or_refused_and_nothing_else(data: bytes) -> None:
    try:
        value = parse_canonical(data, limit=CAP)
    except CanonicalError:
        return
    assert canonical(value, limit=CAP) == data


@given(values, st.data())
def test_a_flipped_bit_is_refused_or_is_another_value(value: Any, data: Any) -> None:
    encoded = bytearray(canonical(value, limit=1_000_000))
    place = data.draw(st.integers(0, len(encoded) * 8 - 1))
    encoded[place // 8] ^= 1 << (place % 8)
    try:
        changed = parse_canonical(bytes(encoded), limit=1_000_000)
    except CanonicalError:
        return
    assert json.dumps(changed) != json.dumps(value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1.0, "a float has no canonical form"),
        (float("nan"), "a float"),
        (b"bytes", "a bytes"),
        ({1: "a"}, "keys must be strings"),
        (2**53, "2\\^53"),
        (-(2**53), "2\\^53"),
        ("\ud800", "surrogate"),
        ("e\u0301", "NFC"),
        ({"e\u0301": 1}, "NFC"),
        ("x" * CAP, "above the cap of 8192"),
        ((1, 2), "a tuple"),
    ],
)
def test_what_has_no_canonical_form_is_refused(value: Any, said: str) -> None:
    with pytest.raises(CanonicalError, match=said):
        canonical(value, limit=CAP)


def test_nesting_ends_at_sixteen_levels() -> None:
    value: Any = 1
    for _ in range(16):
        value = [value]
    assert canonical(value, limit=CAP) == b"[" * 16 + b"1" + b"]" * 16
    with pytest.raises(CanonicalError, match="16 deep"):
        canonical([value], limit=CAP)


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":NaN}',
        b'{"a":9007199254740992}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\ud800"}',
        '{"a":"e\u0301"}'.encode(),
        b' {"a":1}',
        b'{"a":1}\n',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":"\xff"}',
        b"[" * 8000,
        b"9" * 5000,
        b"",
    ],
)
def test_another_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(CanonicalError):
        parse_canonical(data, limit=CAP)


def test_keys_are_sorted_by_code_point() -> None:
    assert canonical({"\U00010000": 1, "\uffff": 2, "a": 3, "Z": 4}, limit=CAP) == (
        '{"Z":4,"a":3,"\uffff":2,"\U00010000":1}'.encode()
    )


@given(st.dictionaries(st.text("abc", max_size=3), st.text(max_size=8), max_size=3))
def test_normalising_makes_every_text_acceptable(value: dict[str, str]) -> None:
    normal = to_nfc(value)
    assert to_nfc(normal) == normal
    assert canonical(normal, limit=CAP)


def test_a_leaf_comes_back_as_the_entry_it_was(log: Any, kit: Any) -> None:
    kit.write(log, 1, ct="ab" * 32, wr="cd" * 32)
    leaf = log.leaf_rows[0].entry
    assert parse_leaf(leaf).leaf() == leaf
    assert parse_leaf(leaf).ct == "ab" * 32


@pytest.mark.parametrize(
    "changes",
    [
        {"n": "0"},
        {"n": -1},
        {"n": True},
        {"ko": 0},
        {"v": 2},
        {"id": "0193-x"},
        {"t": "2026-11-23 08:00:00"},
        {"tc": "yesterday"},
        {"res": "maybe"},
        {"op": "Read"},
        {"org": ""},
        {"ca": "AB" * 32},
        {"ct": "ab"},
        {"rule": 3},
        {"surplus": "x"},
    ],
)
def test_a_leaf_with_a_wrong_field_is_refused(changes: dict[str, Any], log: Any, kit: Any) -> None:
    kit.write(log, 1)
    leaf = json.loads(log.leaf_rows[0].entry) | changes
    with pytest.raises(EntryError):
        parse_leaf(canonical(leaf, limit=CAP))


@pytest.mark.parametrize("name", ["v", "n", "id", "t", "op", "res", "org", "ko", "ca", "co", "cd"])
def test_a_leaf_without_a_field_is_refused(name: str, log: Any, kit: Any) -> None:
    kit.write(log, 1)
    leaf = json.loads(log.leaf_rows[0].entry)
    del leaf[name]
    with pytest.raises(EntryError, match="lacks a field"):
        parse_leaf(canonical(leaf, limit=CAP))


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "d1f5a4a6-7f0e-4c8b-9d3a-0123456789ab"},
        {"id": "not an id"},
        {"op": "read"},
        {"op": "Note.Read"},
        {"res": "yes"},
        {"org": ""},
        {"case": ""},
        {"pol": "abc"},
        {"object": {"k": 7}},
        {"object": {"case": "other"}},
    ],
)
def test_an_event_with_a_wrong_field_is_refused(changes: dict[str, Any], kit: Any) -> None:
    with pytest.raises(EntryError):
        kit.event(1, **changes)


def test_a_detail_above_its_cap_is_refused(log: Any, kit: Any) -> None:
    with pytest.raises(CanonicalError, match="above the cap of 65536"):
        kit.write(log, 1, detail={"reason": "x" * 65536})
    assert log.head().n == 0


def test_a_reading_may_name_a_thousand_notes(log: Any, kit: Any) -> None:
    kit.write(log, 1, object={"notes": [kit.event(n).id for n in range(1000)]})
    assert log.head().n == 1


def test_a_float_in_an_event_is_refused_at_append(log: Any, kit: Any) -> None:
    with pytest.raises(CanonicalError, match="float"):
        kit.write(log, 1, detail={"weight": 0.5})
    assert log.head().n == 0


def test_a_commitment_to_one_field_is_none_to_another() -> None:
    opened = OpenedDetail(bytes(32), b"{}")
    assert len({commitment(name, opened) for name in FIELDS}) == 3


def test_salt_and_text_cannot_be_shifted_into_each_other() -> None:
    one = OpenedDetail(b"a" * 32, b"bc")
    other = OpenedDetail(b"a" * 31 + b"b", b"c")
    assert commitment("actor", one) != commitment("actor", other)


def test_the_sealed_form_is_read_back() -> None:
    opened = OpenedDetail(bytes(range(32)), b'{"a":1}')
    assert read_sealed_form(opened.sealed_form()) == opened
    with pytest.raises(EntryError, match="shorter than its salt"):
        read_sealed_form(bytes(31))


def test_a_detail_that_is_no_object_is_refused() -> None:
    with pytest.raises(AuditFault):
        OpenedDetail(bytes(32), b"[]").value()


def test_an_erasure_names_runs_of_entries_as_ranges() -> None:
    detail = erasure_detail({4: ("object", "detail"), 5: ("object", "detail"), 9: ("actor",)})
    assert detail == {
        "erased": [
            {"from": 4, "to": 5, "fields": ["object", "detail"]},
            {"from": 9, "to": 9, "fields": ["actor"]},
        ]
    }
    assert read_erasure(detail) == [(4, 5, {"object", "detail"}), (9, 9, {"actor"})]


@pytest.mark.parametrize(
    "detail",
    [
        {},
        {"erased": "all"},
        {"erased": [3]},
        {"erased": [{"from": 3, "to": 3}]},
        {"erased": [{"from": -1, "to": 3, "fields": []}]},
        {"erased": [{"from": 3, "to": 3, "fields": ["name"]}]},
    ],
)
def test_a_malformed_erasure_is_refused(detail: dict[str, Any]) -> None:
    with pytest.raises(EntryError):
        read_erasure(detail)
