"""Sealed fields, log details and the number index: each bound to its place and its holder."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.keys import CaseKey, Ring, SealBroken, event_sealer, key_version_of
from audit.log import DetailSealer

FIELDS = ("actor", "object", "detail")


def _test_number(day: str, serial: int) -> str:
    """A number that nobody has: serials 238 and 239 are kept for tests."""
    doubled = [int(digit) * (2 - at % 2) for at, digit in enumerate(f"{day[2:]}{serial}")]
    return f"{day}{serial}{-sum(n // 10 + n % 10 for n in doubled) % 10}"


NUMBERS = [
    _test_number(f"{year}0101", serial) for year in range(1980, 2014) for serial in (238, 239)
]


@pytest.mark.parametrize("holder", ["ring", "case_key"])
def test_a_field_comes_back_in_its_own_place_only(
    holder: str, request: pytest.FixtureRequest
) -> None:
    key: Ring | CaseKey = request.getfixturevalue(holder)
    sealed = key.seal_text("subject", "row-1", b"Alva")
    assert key.open_text("subject", "row-1", sealed) == b"Alva"
    for label, row in (("subject", "row-2"), ("draft", "row-1"), ("subjectrow", "-1")):
        with pytest.raises(SealBroken):
            key.open_text(label, row, sealed)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(label=st.text(max_size=20), row=st.text(max_size=20), text=st.binary(max_size=3000))
def test_any_field_comes_back_as_it_was(ring: Ring, label: str, row: str, text: bytes) -> None:
    assert ring.open_text(label, row, ring.seal_text(label, row, text)) == text


def test_a_field_does_not_open_with_another_holder_s_key(
    ring: Ring,
    other_ring: Ring,
    renewed_ring: Ring,
    case_key: CaseKey,
    other_case_key: CaseKey,
) -> None:
    sealed = ring.seal_text("subject", "row-1", b"Alva")
    for key in (other_ring, renewed_ring, case_key):
        with pytest.raises(SealBroken):
            key.open_text("subject", "row-1", sealed)
    of_case = case_key.seal_text("subject", "row-1", b"Alva")
    for other in (other_case_key, ring):
        with pytest.raises(SealBroken):
            other.open_text("subject", "row-1", of_case)


def test_a_field_is_not_a_log_detail(ring: Ring) -> None:
    with pytest.raises(SealBroken):
        ring.open_detail("actor", "row-1", ring.key_id, ring.seal_text("actor", "row-1", b"x"))


def test_a_bit_flipped_anywhere_in_a_field_is_seen(ring: Ring) -> None:
    sealed = ring.seal_text("subject", "row-1", b"Alva")
    for at in range(len(sealed)):
        flipped = sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :]
        with pytest.raises(SealBroken):
            ring.open_text("subject", "row-1", flipped)


@pytest.mark.parametrize("length", [0, 1, 5, 36, 37, 52, 300])
def test_a_cut_field_is_the_same_fault(ring: Ring, length: int) -> None:
    sealed = ring.seal_text("subject", "row-1", b"Alva")
    with pytest.raises(SealBroken) as raised:
        ring.open_text("subject", "row-1", sealed[:length])
    assert str(raised.value).startswith("the sealed subject of row-1 did not open: ")


def test_names_of_any_usual_length_are_stored_in_one_length(ring: Ring) -> None:
    lengths = {len(ring.seal_text("subject", "row", bytes(n))) for n in (0, 3, 40, 256)}
    assert len(lengths) == 1


def test_a_sealed_field_tells_which_version_of_the_ring_opens_it(
    ring: Ring, renewed_ring: Ring
) -> None:
    assert key_version_of(ring.seal_text("a", "b", b"")) == 1
    assert key_version_of(renewed_ring.seal_text("a", "b", b"")) == 2


@pytest.mark.parametrize("sealed", [b"", b"\x01", bytes(400)])
def test_bytes_that_are_no_sealed_field_have_no_version(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        key_version_of(sealed)


def test_the_event_sealer_is_what_the_log_asks_for(ring: Ring, case_key: CaseKey) -> None:
    as_asked: DetailSealer = event_sealer(ring, case_key)
    assert as_asked.seal("actor", "entry-1", b"Karin")[0] == ring.key_id


def test_on_a_case_the_actor_is_under_the_ring_and_the_rest_under_the_case(
    ring: Ring, case_key: CaseKey
) -> None:
    sealer = event_sealer(ring, case_key)
    ids = [sealer.seal(field, "entry-1", b"x")[0] for field in FIELDS]
    assert ids == ["ring:org-1:1", "case:case-1", "case:case-1"]


def test_off_any_case_everything_is_under_the_ring(ring: Ring) -> None:
    sealer = event_sealer(ring, None)
    assert {sealer.seal(field, "entry-1", b"x")[0] for field in FIELDS} == {"ring:org-1:1"}


def test_erasing_the_case_key_leaves_who_looked(ring: Ring, case_key: CaseKey) -> None:
    key_id, sealed = event_sealer(ring, case_key).seal("actor", "entry-1", b"Karin")
    assert event_sealer(ring, None).open("actor", "entry-1", key_id, sealed) == b"Karin"


@pytest.mark.parametrize("field", FIELDS)
def test_a_detail_comes_back_for_its_own_entry_and_field_only(
    ring: Ring, case_key: CaseKey, field: str
) -> None:
    sealer = event_sealer(ring, case_key)
    key_id, sealed = sealer.seal(field, "entry-1", b"Karin")  # type: ignore[arg-type]
    assert sealer.open(field, "entry-1", key_id, sealed) == b"Karin"  # type: ignore[arg-type]
    for other, entry in ((field, "entry-2"), *((f, "entry-1") for f in FIELDS if f != field)):
        with pytest.raises(SealBroken):
            sealer.open(other, entry, key_id, sealed)  # type: ignore[arg-type]


def test_a_detail_under_another_key_s_id_does_not_open(ring: Ring, case_key: CaseKey) -> None:
    _, sealed = case_key.detail_sealer().seal("object", "entry-1", b"x")
    with pytest.raises(SealBroken):
        case_key.open_detail("object", "entry-1", ring.key_id, sealed)
    with pytest.raises(SealBroken):
        ring.open_detail("object", "entry-1", ring.key_id, sealed)


def test_one_number_has_one_index_in_one_ring(keyring_ring_twice: tuple[Ring, Ring]) -> None:
    one, again = keyring_ring_twice
    assert [one.number_index(n) for n in NUMBERS] == [again.number_index(n) for n in NUMBERS]


@pytest.fixture(scope="module")
def keyring_ring_twice(keyring: object) -> tuple[Ring, Ring]:
    sealed = keyring.new_ring("org-1")  # type: ignore[attr-defined]
    return keyring.open_ring(sealed), keyring.open_ring(sealed)  # type: ignore[attr-defined]


def test_two_organisations_and_two_versions_have_different_indexes(
    ring: Ring, other_ring: Ring, renewed_ring: Ring
) -> None:
    rings = (ring, other_ring, renewed_ring)
    of = {key: tuple(key.number_index(n) for n in NUMBERS) for key in rings}
    assert len(set(of.values())) == 3


def test_the_index_is_two_bytes_of_which_the_first_bit_is_never_set(ring: Ring) -> None:
    values = [ring.number_index(str(n)) for n in range(2000)]
    assert {len(value) for value in values} == {2}
    assert max(value[0] for value in values) < 128


def test_the_index_is_so_short_that_numbers_share_it(ring: Ring) -> None:
    shared = Counter(ring.number_index(str(n)) for n in range(4000))
    assert max(shared.values()) > 1
    # 4,000 numbers over 32,768 values give about 3,766 different ones if they spread evenly.
    assert 3650 < len(shared) < 3880
