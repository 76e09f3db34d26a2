"""Length tells the class and nothing more, and padding is read in one way only."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.keys import LONGEST, SIZE_CLASSES, TextTooLong, TooLong, too_long
from app.keys.framing import framed
from app.keys.padding import HEADER, pad, unpad
from app.keys.stream import CHUNK, TAG, open_stream, seal_stream

KEY = bytes(range(32))
EDGES = sorted(
    {edge + step for edge in (0, *SIZE_CLASSES) for step in (-1, 0, 1)} - {-1, LONGEST + 1}
)


def _noise(length: int) -> bytes:
    return (b"Anna \x00\x80\xff" * (length // 8 + 1))[:length]


def test_the_classes_are_those_that_were_decided() -> None:
    assert SIZE_CLASSES[:5] == (256, 1024, 4 * 1024, 16 * 1024, 64 * 1024)
    assert LONGEST == 1024 * 1024


@pytest.mark.parametrize("length", EDGES)
def test_a_text_at_the_edge_of_a_class_comes_back_whole(length: int) -> None:
    text = _noise(length)
    assert open_stream(KEY, seal_stream(KEY, text, b"place"), b"place") == text


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=5000),
        st.integers(0, 2000).map(lambda zeros: bytes(zeros)),
        st.integers(0, LONGEST).map(_noise),
    )
)
def test_any_text_comes_back_whole(text: bytes) -> None:
    assert open_stream(KEY, seal_stream(KEY, text, b"place"), b"place") == text


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(range(len(SIZE_CLASSES))))
def test_every_length_of_a_class_is_sealed_to_one_length(data: st.DataObject, index: int) -> None:
    shortest = SIZE_CLASSES[index - 1] + 1 if index else 0
    length = data.draw(st.integers(shortest, SIZE_CLASSES[index]))
    fullest = len(seal_stream(KEY, bytes(SIZE_CLASSES[index]), b"place"))
    assert len(seal_stream(KEY, bytes(length), b"place")) == fullest


def test_any_text_up_to_a_mebibyte_has_one_of_seven_lengths() -> None:
    tried = (*range(0, 5000, 50), *range(5000, LONGEST, 20_011))
    lengths = {len(seal_stream(KEY, bytes(length), b"")) for length in tried}
    assert len(lengths) == len(SIZE_CLASSES) == 7


def test_a_full_64_kb_text_is_a_single_chunk() -> None:
    assert len(seal_stream(KEY, bytes(65_536), b"")) == 65_536 + HEADER + TAG


def test_a_text_that_ends_in_zeros_keeps_them() -> None:
    assert unpad(pad(b"text\x00\x00\x00")) == b"text\x00\x00\x00"


@pytest.mark.parametrize(
    "padded",
    [
        b"",
        b"\x00",
        bytes(HEADER),
        bytes(HEADER + 255),
        bytes(HEADER + 257),
        (257).to_bytes(HEADER, "big") + bytes(256),
        (1).to_bytes(HEADER, "big") + b"a" + bytes(254) + b"\x01",
        (1).to_bytes(HEADER, "big") + b"a\x01" + bytes(254),
        (256).to_bytes(HEADER, "big") + bytes(1024),
        bytes(HEADER + 1024),
        (2**32 - 1).to_bytes(HEADER, "big") + bytes(256),
    ],
)
def test_a_padding_that_pad_never_makes_is_not_read(padded: bytes) -> None:
    assert unpad(padded) is None


def test_a_text_above_a_mebibyte_is_a_value_before_it_is_a_fault() -> None:
    text = bytes(LONGEST + 1)
    refusal = too_long(head=b"", body=text)
    assert refusal == TooLong("body", LONGEST + 1, LONGEST)
    assert str(refusal) == (
        "the body is 1048577 bytes and at most 1048576 can be sealed; shorten it or split it into"
        " several notes"
    )
    with pytest.raises(TextTooLong):
        pad(text)


def test_a_text_of_a_mebibyte_is_not_too_long() -> None:
    assert too_long(head=b"", body=bytes(LONGEST)) is None


LONG = seal_stream(KEY, _noise(200_000), b"place")
CHUNKS = [LONG[at : at + CHUNK + TAG] for at in range(0, len(LONG), CHUNK + TAG)]


class TestLongTexts:
    """Texts beyond one chunk: each chunk has its place, and the last one says that it is last."""

    def test_a_long_text_is_in_several_chunks(self) -> None:
        assert len(CHUNKS) == 4

    @pytest.mark.parametrize(
        "order",
        [(0, 1, 2), (0, 1), (0,), (3,), (1, 2, 3), (0, 2, 1, 3), (0, 1, 1, 3), (0, 1, 2, 3, 3), ()],
    )
    def test_dropped_moved_repeated_or_added_chunks_do_not_open(
        self, order: tuple[int, ...]
    ) -> None:
        assert open_stream(KEY, b"".join(CHUNKS[at] for at in order), b"place") is None

    def test_a_chunk_from_another_text_under_the_same_key_and_place_is_not_the_whole(self) -> None:
        short = seal_stream(KEY, b"short", b"place")
        assert open_stream(KEY, b"".join(CHUNKS[:3]) + short, b"place") is None

    @pytest.mark.parametrize("cut", [1, TAG, TAG + 1, CHUNK])
    def test_a_cut_end_does_not_open(self, cut: int) -> None:
        assert open_stream(KEY, LONG[:-cut], b"place") is None

    def test_another_place_does_not_open(self) -> None:
        assert open_stream(KEY, LONG, b"other") is None


@pytest.mark.parametrize("sealed", [b"", b"\x00", bytes(TAG - 1), bytes(TAG), bytes(300)])
def test_bytes_that_are_no_seal_do_not_open(sealed: bytes) -> None:
    assert open_stream(KEY, sealed, b"place") is None


FIELDS = st.lists(st.binary(max_size=6), max_size=4)


@given(st.text(max_size=4), FIELDS, st.text(max_size=4), FIELDS)
def test_two_different_places_are_never_the_same_bytes(
    label: str, fields: list[bytes], other_label: str, other: list[bytes]
) -> None:
    same = framed(label, *fields) == framed(other_label, *other)
    assert same == ((label, fields) == (other_label, other))
