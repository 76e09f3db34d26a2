"""One event, and the leaf that stands for it in the log.

The leaf is canonical JSON stored verbatim. Who did it (actor), to what (object) and the rest
(detail) are in it only as three separately salted commitments, so that a child's erasure leaves
every root true and does not erase which member of staff looked.
Source: docs/formats/audit-entry.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Final, Literal, cast, get_args

from audit.canonical import Json, canonical, parse_canonical, to_nfc
from audit.errors import EntryError

Result = Literal["allow", "deny", "error", "override"]
Field = Literal["actor", "object", "detail"]
FIELDS: Final[tuple[Field, ...]] = get_args(Field)
RESULTS: Final[tuple[Result, ...]] = get_args(Result)

LEAF_CAP = 8 * 1024  # bytes; a leaf must also fit the two-byte length of an entry bundle
DETAIL_CAP = 64 * 1024  # bytes; one reading may name every note of a large case
SALT_BYTES = 32
VERSION = 1

# The detail of an entry with this operation names which details were erased. See `erasure_detail`.
ERASURE_OP: Final = "details.erased"
# The detail of an entry with one of these holds the hash of an export's `contents.json`, under
# `contents`. See `audit.contents`.
VOUCHING_OPS: Final = frozenset({"export.written", "trail.exported"})

_LABELS = {name: f"sluss/audit/1/{name}\0".encode() for name in FIELDS}
_RESERVED = frozenset({"case", "k"})
_OP = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_HASH = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@dataclass(frozen=True, kw_only=True)
class Event:
    """What a flow says happened; index, time, counters and commitments come at append.

    `id` is a UUIDv7 made by the caller, so that business rows can carry it. `case` is the scope of
    the gapless case counter. `rule` names the deciding rule or rules, `pol` is the SHA-256 of the
    rule pack, `ct` that of a note's ciphertext and `wr` that of its wraps, all in lower-case hex.
    """

    id: str
    op: str
    res: Result
    org: str
    actor: Mapping[str, Json]
    object: Mapping[str, Json]
    detail: Mapping[str, Json]
    case: str | None = None
    rule: str | None = None
    pol: str | None = None
    ct: str | None = None
    wr: str | None = None

    def __post_init__(self) -> None:
        _require(_UUID7.fullmatch(self.id), "id", "a UUIDv7 in lower case")
        _require(_OP.fullmatch(self.op), "op", "noun.verb in lower case, such as note.disclosed")
        _require(self.res in RESULTS, "res", f"one of {', '.join(RESULTS)}")
        _require(self.org, "org", "the organisation's id")
        _require(self.case != "", "case", "a case id or None")
        for name in ("pol", "ct", "wr"):
            value = getattr(self, name)
            _require(value is None or _HASH.fullmatch(value), name, "64 lower-case hex digits")
        taken = _RESERVED & set(self.object)
        _require(not taken, "object", "without the keys case and k, which are set at append")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A leaf, read. `ca`, `co`, `cd` are the commitments to actor, object and detail.

    `n` is the entry's own index from 0; `t` its time, never earlier than the entry before; `tc` the
    raw clock where that had gone backwards; `ko` the organisation's gapless counter from 1.
    """

    n: int
    id: str
    t: str
    op: str
    res: Result
    org: str
    ko: int
    ca: str
    co: str
    cd: str
    v: int = VERSION
    tc: str | None = None
    rule: str | None = None
    pol: str | None = None
    ct: str | None = None
    wr: str | None = None

    def __post_init__(self) -> None:
        _require(self.v == VERSION, "v", f"{VERSION}, the only version there is")
        _require(_index(self.n), "n", "an integer from 0")
        _require(_index(self.ko) and self.ko > 0, "ko", "an integer from 1")
        _require(_UUID7.fullmatch(self.id), "id", "a UUIDv7 in lower case")
        _require(_OP.fullmatch(self.op), "op", "noun.verb in lower case")
        _require(self.res in RESULTS, "res", f"one of {', '.join(RESULTS)}")
        _require(self.org, "org", "the organisation's id")
        _require(_TIME.fullmatch(self.t), "t", "UTC with microseconds")
        _require(self.tc is None or _TIME.fullmatch(self.tc), "tc", "UTC with microseconds")
        for name in ("ca", "co", "cd", "pol", "ct", "wr"):
            value = getattr(self, name)
            optional = name in ("pol", "ct", "wr")
            _require((optional and value is None) or _HASH.fullmatch(value), name, "64 hex digits")

    def commitment(self, field: Field) -> str:
        """The commitment to one of the three fields, in hex."""
        return {"actor": self.ca, "object": self.co, "detail": self.cd}[field]

    def leaf(self) -> bytes:
        """The canonical bytes that are hashed into the tree."""
        present = {name: value for name in _LEAF_KEYS if (value := getattr(self, name)) is not None}
        return canonical(present, limit=LEAF_CAP)


_LEAF_KEYS = frozenset(field.name for field in fields(Entry))
_NUMBERS = frozenset({"n", "ko", "v"})
_NEEDED = frozenset({"v", "n", "id", "t", "op", "res", "org", "ko", "ca", "co", "cd"})


def parse_leaf(data: bytes) -> Entry:
    """The entry that stored leaf bytes hold. Raises CanonicalError or EntryError."""
    value = parse_canonical(data, limit=LEAF_CAP)
    if not isinstance(value, dict) or not (_NEEDED <= value.keys() <= _LEAF_KEYS):
        raise EntryError("a leaf lacks a field, or has one that version 1 does not know")
    for key, item in value.items():
        if not (_index(item) if key in _NUMBERS else isinstance(item, str)):
            raise EntryError(f"{key} in a leaf has the wrong type")
    return Entry(**value)  # type: ignore[arg-type]  # the types were checked key by key above


@dataclass(frozen=True)
class OpenedDetail:
    """One of the three fields in clear: the salt (32 bytes) and the canonical bytes."""

    salt: bytes
    body: bytes

    def sealed_form(self) -> bytes:
        """What is given to the sealer: the salt is inside, so it is erased with the key."""
        return self.salt + self.body

    def value(self) -> dict[str, Json]:
        """The object written in `body`. Raises CanonicalError."""
        value = parse_canonical(self.body, limit=DETAIL_CAP)
        if not isinstance(value, dict):
            raise EntryError("a detail must be an object")
        return value


def read_sealed_form(plaintext: bytes) -> OpenedDetail:
    """Undo `OpenedDetail.sealed_form`, after the sealer's ciphertext was opened."""
    if len(plaintext) < SALT_BYTES:
        raise EntryError("an opened detail is shorter than its salt")
    return OpenedDetail(plaintext[:SALT_BYTES], plaintext[SALT_BYTES:])


def commitment(field: Field, opened: OpenedDetail) -> str:
    """SHA-256(label || 0x00 || salt || length || bytes) in hex; the length is 8 bytes, big-endian.

    A fresh 32-byte salt for each field of each entry, because every personal identity number of 120
    years can be tried against an unsalted hash in under a minute.
    """
    length = len(opened.body).to_bytes(8, "big")
    return hashlib.sha256(_LABELS[field] + opened.salt + length + opened.body).hexdigest()


def detail_bodies(event: Event, case_counter: int | None) -> dict[Field, bytes]:
    """The canonical bytes of the three fields; on a case, the object holds its counter `k`."""
    committed = dict(event.object)
    if event.case is not None:
        committed |= {"case": event.case, "k": case_counter}
    plain: dict[Field, Mapping[str, Json]] = {
        "actor": event.actor,
        "object": committed,
        "detail": event.detail,
    }
    return {name: canonical(to_nfc(value), limit=DETAIL_CAP) for name, value in plain.items()}


def time_text(at: datetime) -> str:
    """UTC with microseconds; the texts sort as the times do. Refuses a time without a zone."""
    if at.tzinfo is None:
        raise EntryError("a time without a zone; hand in aware UTC")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def erasure_detail(erased: Mapping[int, tuple[Field, ...]]) -> dict[str, Json]:
    """The detail of an erasure entry: which fields of which entries, indices only, never content.

    Runs of neighbouring indices with the same fields become one range, `to` included.
    """
    ranges: list[Json] = []
    last: dict[str, Json] | None = None
    for n in sorted(erased):
        names: list[Json] = [name for name in FIELDS if name in erased[n]]
        if last is not None and last["to"] == n - 1 and last["fields"] == names:
            last["to"] = n
        else:
            last = {"from": n, "to": n, "fields": names}
            ranges.append(last)
    return {"erased": ranges}


def read_erasure(detail: Mapping[str, Json]) -> list[tuple[int, int, frozenset[Field]]]:
    """The ranges of an erasure entry's detail: (first, last included, fields)."""
    found: list[tuple[int, int, frozenset[Field]]] = []
    ranges = detail.get("erased")
    for item in ranges if isinstance(ranges, list) else [None]:
        if not isinstance(item, dict):
            raise EntryError("an erasure entry's detail must hold a list of ranges under `erased`")
        first, last, names = item.get("from"), item.get("to"), item.get("fields")
        if not (_index(first) and _index(last) and isinstance(names, list)):
            raise EntryError("a range of an erasure entry needs from, to and fields")
        if not all(name in FIELDS for name in names):
            raise EntryError("an erasure entry names a field that does not exist")
        chosen = frozenset(cast("list[Field]", names))
        found.append((cast("int", first), cast("int", last), chosen))
    return found


def _index(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _require(true: object, name: str, what: str) -> None:
    if not true:
        raise EntryError(f"{name} must be {what}")
