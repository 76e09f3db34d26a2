"""Deliveries, emergency openings and rounds of loggkontroll, held to the entries that tell of them.

No table of an export tells of these rows, but pages do, and a delivery, an opening or a signature
that the database has otherwise than the log is a wrong that whoever reads an export must not be
without. So none is written over one: each entry's row says what the entry says, and no row names an
entry that speaks of something else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.domain.disclosure import Disclosure
from app.flows.rows_held import RowsDiffer, Said, made_at
from app.records.act_rows import (
    ActTable,
    act_rows,
    deliveries_by,
    entries_named,
    items_of_rounds,
)
from app.records.audit_log import index_of_entry
from app.records.export_rows import Kept, Stretch
from app.records.transaction import Transaction
from audit.entry import Field

_DONE = ("allow", "override")
Place = tuple[Field, str]
"""A part of an entry, and what in it."""


@dataclass(frozen=True)
class _Act:
    """What an entry of one kind says of a row: which it is, what names the entry, when, and what
    else the row must have as the entry has it."""

    table: ActTable
    named: str
    entry: str
    at: str
    same: Mapping[str, Place] = field(default_factory=dict)
    may_be_gone: bool = False
    """Taken back before it arrived, or erased with the case that it was filed in."""


_ASKED = _Act(
    "emergency_opening",
    "opening",
    "audit_id",
    "asked_at",
    {
        "case_id": ("object", "case"),
        "staff_id": ("actor", "staff"),
        "ends_at": ("detail", "until"),
    },
)
_ACTS: dict[str, _Act] = {
    "delivery.registered": _Act(
        "delivery", "delivery", "acknowledged_audit_id", "acknowledged_at", may_be_gone=True
    ),
    "delivery.filed": _Act(
        "delivery",
        "delivery",
        "filed_audit_id",
        "",
        {"filed_case_id": ("object", "case"), "filed_note_id": ("object", "note")},
        may_be_gone=True,
    ),
    "emergency.asked": _ASKED,
    "emergency.opened": _ASKED,
    "emergency.confirmed": _Act(
        "emergency_opening",
        "opening",
        "confirmed_audit_id",
        "confirmed_at",
        {"confirmed_by": ("actor", "staff")},
    ),
    "emergency.reviewed": _Act(
        "emergency_opening",
        "opening",
        "reviewed_audit_id",
        "reviewed_at",
        {"reviewed_by": ("actor", "staff"), "verdict": ("detail", "verdict")},
    ),
    "round.drawn": _Act(
        "review_round",
        "round",
        "audit_id",
        "drawn_at",
        {
            "drawn_by": ("actor", "staff"),
            **{one: ("detail", one) for one in ("month", "seed", "day", "below", "groups")},
        },
    ),
    "round.signed": _Act(
        "review_round", "round", "signed_audit_id", "signed_at", {"signed_by": ("actor", "staff")}
    ),
    "round.asked": _Act(
        "review_item", "item", "asked_audit_id", "asked_at", {"asked_by": ("actor", "staff")}
    ),
    "round.replied": _Act("review_item", "item", "replied_audit_id", "replied_at"),
    "round.answered": _Act(
        "review_item",
        "item",
        "answered_audit_id",
        "answered_at",
        {"answered_by": ("actor", "staff"), "verdict": ("detail", "verdict")},
    ),
}
_ALSO: dict[tuple[ActTable, str], frozenset[str]] = {
    # An opening that a round drew is answered there, and kept where openings have their answers.
    ("emergency_opening", "reviewed_audit_id"): frozenset({"round.answered"}),
    ("delivery", "audit_id"): frozenset({"note.disclosed"}),
    ("review_item", "audit_id"): frozenset({"round.drawn"}),
}
"""Which other kinds of entry a column of a table may name."""


def hold_acts(tx: Transaction, entries: Sequence[Said]) -> None:
    """That the rows of these entries say what the entries do. Six queries. Raises RowsDiffer."""
    by_table: dict[ActTable, list[tuple[_Act, str, Said]]] = defaultdict(list)
    for said in entries:
        act = _ACTS.get(said.entry.op)
        if act is None or said.entry.res not in _DONE or _answered_elsewhere(said):
            continue
        named = said.values.get("object", {}).get(act.named)
        if isinstance(named, str):
            by_table[act.table].append((act, named, said))
    for table, wanted in by_table.items():
        rows = act_rows(tx, table, {named for _, named, _ in wanted})
        for act, named, said in wanted:
            _hold_row(act, rows.get(named), said)
    _hold_items(tx, [said for said in entries if said.entry.op == "round.drawn"])
    _hold_copies(tx, [said for said in entries if said.entry.op == "note.disclosed"])


def _answered_elsewhere(said: Said) -> bool:
    """A signal or an opening has its answer where it is, whichever page it was given on."""
    why = said.values.get("detail", {}).get("why", "")
    return said.entry.op == "round.answered" and why in ("signal", "emergency")


def _hold_row(act: _Act, row: Mapping[str, Any] | None, said: Said) -> None:
    if row is None:
        if act.may_be_gone:
            return
        raise RowsDiffer(said.entry.n)
    holds = (row["organisation_id"], row[act.entry]) == (said.entry.org, said.entry.id)
    if act.at:
        holds &= row[act.at] is not None and made_at(said.entry.id, row[act.at])
    for column, (part, name) in act.same.items():
        if part in said.values:
            holds &= _cell(row[column]) == said.values[part].get(name, "")
    if not holds:
        raise RowsDiffer(said.entry.n)


def _hold_items(tx: Transaction, drawn: Sequence[Said]) -> None:
    told = {
        str(said.values["object"]["round"]): said
        for said in drawn
        if said.entry.res in _DONE and {"object", "detail"} <= said.values.keys()
    }
    for round_id, kept in items_of_rounds(tx, told).items() if told else ():
        items = told[round_id].values["detail"].get("items")
        if isinstance(items, list) and sorted(str(one) for one in items) != kept:
            raise RowsDiffer(told[round_id].entry.n)


def _hold_copies(tx: Transaction, disclosed: Sequence[Said]) -> None:
    """The very copy that was sealed lies with the recipient, where it still lies there."""
    if not disclosed:
        return
    copies = deliveries_by(tx, {said.entry.id for said in disclosed})
    for said in disclosed:
        copy, detail = copies.get(said.entry.id), said.values.get("detail")
        if copy is None:
            continue
        holds = copy["sender_id"] == said.entry.org and said.entry.ct in (None, copy["ct_hash"])
        if detail is not None:
            told = (copy["organisation_id"], copy["arrives_at"].isoformat())
            holds &= told == (detail.get("recipient"), detail.get("arrives_at"))
        if not holds:
            raise RowsDiffer(said.entry.n)


def hold_sent(tx: Transaction, made: Sequence[Kept[Disclosure]]) -> None:
    """That each disclosure names the delivery that its own entry sent, where that is still there.
    Two queries. Raises RowsDiffer."""
    named = act_rows(tx, "delivery", {one.row.delivery_id for one in made})
    sent = deliveries_by(tx, {one.made_by for one in made})
    for one in made:
        theirs, own = named.get(one.row.delivery_id), sent.get(one.made_by)
        if (theirs is not None and theirs["audit_id"] != one.made_by) or (
            own is not None and own["id"] != one.row.delivery_id
        ):
            raise RowsDiffer(index_of_entry(tx, one.made_by))


def hold_named(tx: Transaction, stretch: Stretch, told: Mapping[int, tuple[str, str]]) -> None:
    """That no row names an entry of the stretch that speaks of something else. `told` is what each
    entry of an act says: its kind, and the row it names, empty where that is not shown. As many
    queries as there are columns. Raises RowsDiffer."""
    for (table, column), ops in _naming().items():
        for one in entries_named(tx, stretch, table, column):
            op, named = told.get(one.n, (one.op, ""))
            own = _ACTS.get(op)
            mine = own is not None and (own.table, own.entry) == (table, column)
            if op not in ops or (mine and named not in ("", one.row_id)):
                raise RowsDiffer(one.n)


def told_by(row: Mapping[str, object]) -> dict[int, tuple[str, str]]:
    """What a row of the table of entries says of an act, by its index, for `hold_named`."""
    act, about = _ACTS.get(str(row["act"])), row["about"]
    if act is None or not isinstance(about, Mapping):
        return {}
    return {int(str(row["n"])): (str(row["act"]), str(about.get(act.named, "")))}


def _naming() -> dict[tuple[ActTable, str], frozenset[str]]:
    found = dict(_ALSO)
    for op, act in _ACTS.items():
        place = (act.table, act.entry)
        found[place] = found.get(place, frozenset()) | {op}
    return found


def _cell(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return "" if value is None else value
