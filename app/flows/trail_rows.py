"""Entries of the log as rows for whoever reviews it: opened, proved, compared.

A row is verified when an inclusion proof leads from it to the latest signed checkpoint and its
details, opened, are those it was committed to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.flows.as_logged import as_logged
from app.flows.erasures import Erasures
from app.flows.open_details import opened_only
from app.keys import CaseKey, Ring
from app.records.audit_log import StoredLog, details_at, latest_checkpoint, leaves_at
from app.records.audit_view import SeenEntry
from app.records.transaction import Transaction
from audit.canonical import Json
from audit.check import Checked, InclusionProof, NotChecked, check_under
from audit.checkpoint import Checkpoint
from audit.entry import FIELDS, Entry, Field, OpenedDetail, parse_leaf
from audit.errors import AuditFault
from audit.key_list import LogKeys, known, open_signed
from audit.merkle import Coord, inclusion_proof


@dataclass(frozen=True, kw_only=True)
class TrailRow:
    """One entry, opened."""

    entry: SeenEntry
    """As the entry itself says, wherever it can be taken at its word."""
    actor: Mapping[str, Json]
    about: Mapping[str, Json]
    detail: Mapping[str, Json]
    rules: tuple[str, ...]
    """Ids of the rules that decided, as the leaf in the log has them."""
    pack: str
    """Hash of the rule pack that they stand in; empty where none was asked."""
    check: Checked | NotChecked
    erased: frozenset[Field]
    """What is gone by decision: an erasure entry of the organisation tells of it."""
    receipt: bool
    """Another organisation's entry: that it registered what this one disclosed to it."""
    leaf: Entry | None
    """What stands open in the log itself, None where that cannot be read."""


def checked_rows(
    tx: Transaction,
    entries: Sequence[SeenEntry],
    ring: Ring,
    keys: Mapping[str, CaseKey],
    checkpoint: Checkpoint | None,
) -> tuple[TrailRow, ...]:
    """A row for each entry, in the same order. A fixed number of queries.

    `keys` are the keys of the cases that the entries speak of, by key id.
    """
    indices = [entry.n for entry in entries]
    leaves, details = leaves_at(tx, indices), details_at(tx, indices)
    told = Erasures(tx, ring)
    erased = {n: told.told(n, frozenset(FIELDS) - details.get(n, {}).keys()) for n in indices}
    proofs = _proofs(StoredLog(tx), indices, checkpoint.size if checkpoint else 0)
    rows = []
    for entry in entries:
        parts = opened_only(details.get(entry.n, {}), ring, keys)
        leaf = leaves.get(entry.n)
        read = _read(leaf.entry if leaf else None)
        foreign = entry.organisation_id != ring.organisation_id
        check = _check(
            leaf.entry if leaf else None,
            parts,
            proofs.get(entry.n),
            checkpoint,
            erased=erased[entry.n],
            others=foreign,
        )
        said = entry
        if read is not None and _tells(check):
            said = as_logged(entry, read, _values({} if foreign else parts))
        rows.append(
            TrailRow(
                entry=said,
                actor=_value(parts, "actor"),
                about=_value(parts, "object"),
                detail=_value(parts, "detail"),
                rules=tuple(read.rule.split(",")) if read and read.rule else (),
                pack=(read.pol or "") if read else "",
                check=check if said == entry else NotChecked("index-differs"),
                erased=erased[entry.n],
                receipt=foreign,
                leaf=read,
            )
        )
    return tuple(rows)


def colleague_in(row: TrailRow) -> str | None:
    """The id of the member of staff that the entry is about, besides the one who acted."""
    told = row.detail.get("colleague")
    return told if isinstance(told, str) else None


def staff_in(rows: Sequence[TrailRow]) -> set[str]:
    """The ids of everyone whose name the rows need."""
    acted = {row.entry.staff_id for row in rows}
    return {one for one in acted | {colleague_in(row) for row in rows} if one}


def signed_checkpoint(tx: Transaction, log_keys: LogKeys) -> Checkpoint | None:
    """The newest checkpoint if its signatures hold; one that does not verifies nothing."""
    row = latest_checkpoint(tx)
    try:
        return open_signed(row.note, known(log_keys))[0] if row else None
    except AuditFault:
        return None


def _proofs(log: StoredLog, indices: Sequence[int], size: int) -> dict[int, InclusionProof]:
    """Inclusion proofs for all entries under one root, with the nodes fetched all at once."""
    covered = [index for index in indices if index < size]
    wanted: list[Coord] = []

    def note_down(coords: Sequence[Coord]) -> list[bytes]:
        wanted.extend(coords)
        return [bytes(32)] * len(coords)

    for index in covered:
        inclusion_proof(index, size, note_down)
    distinct = list(dict.fromkeys(wanted))
    nodes = dict(zip(distinct, log.nodes(distinct), strict=True))

    def fetch(coords: Sequence[Coord]) -> list[bytes]:
        # A node that is missing cannot lead to the signed root, so the row is simply not verified.
        return [nodes[coord] or b"" for coord in coords]

    return {
        index: InclusionProof(index, size, inclusion_proof(index, size, fetch)) for index in covered
    }


def _check(
    leaf: bytes | None,
    parts: Mapping[Field, OpenedDetail],
    proof: InclusionProof | None,
    checkpoint: Checkpoint | None,
    *,
    erased: frozenset[Field],
    others: bool,
) -> Checked | NotChecked:
    if leaf is None:
        return NotChecked("not-in-log")
    if proof is None or checkpoint is None:
        return NotChecked("not-sealed-yet")
    checked = check_under(leaf, parts, proof, checkpoint, erased=erased)
    if others and isinstance(checked, NotChecked) and checked.reason == "actor-missing":
        # Its leaf is in the log; what it says beyond that is another organisation's to open.
        return Checked(parse_leaf(leaf), checkpoint.size)
    return checked


def _read(leaf: bytes | None) -> Entry | None:
    try:
        return parse_leaf(leaf) if leaf else None
    except AuditFault:
        return None


def _tells(check: Checked | NotChecked) -> bool:
    """Whether the entry can be taken at its word; what is wrong with it is told otherwise."""
    return isinstance(check, Checked) or check.reason == "not-sealed-yet"


def _values(parts: Mapping[Field, OpenedDetail]) -> dict[Field, Mapping[str, Json]]:
    return {name: part.value() for name, part in parts.items()}


def _value(parts: Mapping[Field, OpenedDetail], name: Field) -> Mapping[str, Json]:
    part = parts.get(name)
    return part.value() if part else {}
