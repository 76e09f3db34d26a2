"""One way, and only one, to write a value as bytes.

Canonical JSON here is: strings in Unicode form NFC, integers below 2^53 in size, true, false, null,
lists, and objects whose keys are sorted by code point; no floats; UTF-8 without needless escapes
or spaces. Restricted, because differing spellings of the same value are the commonest way in which
home-made logs break. Source: docs/formats/audit-entry.md.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import TypeAlias, cast

from audit.errors import CanonicalError

Json: TypeAlias = "str | int | bool | dict[str, Json] | list[Json] | None"

INTEGER_LIMIT = 2**53
DEPTH_LIMIT = 16

_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


def to_nfc(value: object) -> Json:
    """The value with every string, not the keys, in form NFC; mappings and tuples become plain."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        return {key: to_nfc(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_nfc(item) for item in value]
    return cast("Json", value)  # `canonical` refuses whatever else this may be


def canonical(value: object, *, limit: int) -> bytes:
    """The one byte string for a value, at most `limit` bytes. Raises CanonicalError."""
    _refuse_outside(value, 0)
    encoded = _encode(value).encode()
    if len(encoded) > limit:
        raise CanonicalError(f"{len(encoded)} bytes as canonical JSON, above the cap of {limit}")
    return encoded


def parse_canonical(data: bytes, *, limit: int) -> Json:
    """The value of canonical bytes. Raises CanonicalError for any other spelling of it.

    Writing the value again and comparing catches double keys, unsorted keys, other escapes, other
    spellings of a number, and spaces, all in one.
    """
    if len(data) > limit:
        raise CanonicalError(f"{len(data)} bytes, above the cap of {limit}")
    try:
        text = data.decode()
        value = cast("Json", json.loads(text))
    except (ValueError, RecursionError):
        raise CanonicalError("not JSON in UTF-8") from None
    _refuse_outside(value, 0)
    if _encode(value) != text:
        raise CanonicalError("JSON, but not in its canonical form")
    return value


def _refuse_outside(value: object, depth: int) -> None:
    if isinstance(value, str):
        _refuse_string(value)
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int):
        if abs(value) >= INTEGER_LIMIT:
            raise CanonicalError("an integer of 2^53 or more in size; write it as a string")
    elif isinstance(value, dict | list):
        _refuse_inside(value, depth + 1)
    else:
        raise CanonicalError(
            f"a {type(value).__name__} has no canonical form; "
            "use strings, integers, booleans, null, objects and lists"
        )


def _refuse_inside(value: dict[object, object] | list[object], depth: int) -> None:
    if depth > DEPTH_LIMIT:
        raise CanonicalError(f"nested more than {DEPTH_LIMIT} deep")
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise CanonicalError("an object's keys must be strings")
            _refuse_string(key)
    for item in value.values() if isinstance(value, dict) else value:
        if not (type(item) is str and item.isascii()):  # most are, and have nothing to refuse
            _refuse_outside(item, depth)


def _refuse_string(text: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        raise CanonicalError("a string with half a surrogate pair is not Unicode text") from None
    if not unicodedata.is_normalized("NFC", text):
        raise CanonicalError("a string not in Unicode form NFC; normalise it first")
