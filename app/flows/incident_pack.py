"""An incident pack: who did what, to which persons, in a time window, and drafts of the reports.

For whoever runs the service, within minutes, when something has happened. It opens who acted and in
which case, and nothing else: members of staff by name, cases by number, persons by id. Each
controller finds the names in its own register. The pack is an entry before it is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from app.domain.ids import INSTALLATION, new_id
from app.domain.organisation import Organisation
from app.flows.index_held import IndexReader
from app.flows.install import Operator
from app.flows.printed_checkpoint import printed_checkpoint
from app.keys import Rings
from app.records.audit_log import StoredLog, index_at
from app.records.audit_view import SeenEntry
from app.records.incident_rows import (
    CaseSubjects,
    cases_of_deliveries,
    subjects_of_cases,
)
from app.records.log_beside_index import Chosen, missing_rows
from app.records.organisation import all_organisations
from app.records.staff import staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from app.reports.incident import IncidentFigures, write_drafts
from audit.canonical import Json
from audit.entry import Event
from audit.table_text import CsvTable, json_line

_Key = TypeVar("_Key")
READING = frozenset({"note.read", "note.versions_read", "delivery.opened"})
DISCLOSING = frozenset({"note.disclosed"})
_TELL_EVERY = 5_000
_ACTS = "acts.jsonl"
_MOST_UNLIKE = 20
"""So many entries of which the index errs are named."""
_STAFF_BATCH = 500
_COUNTED = ("first", "last", "acts", "readings", "disclosures", "refused", "others")
"""What is counted; `others` are cases for a member of staff, and staff for a case or an act."""


@dataclass(frozen=True, kw_only=True)
class IncidentOrder:
    """Which window (aware UTC, end not included), of which organisation, to which new folder."""

    since: datetime
    before: datetime
    organisation_id: str | None
    folder: Path


@dataclass(frozen=True)
class PackMade:
    """Where it is, and how much it tells of."""

    folder: Path
    entries: int
    persons: int


@dataclass(frozen=True)
class NoPack:
    """Why it was not made, in a sentence for whoever ran the command."""

    why: str


@dataclass
class _Acts:
    """What is counted for one member of staff, one case or one kind of act."""

    first: datetime
    last: datetime
    count: int = 0
    reads: int = 0
    disclosures: int = 0
    refused: int = 0
    others: set[str] = field(default_factory=set)

    def add(self, one: SeenEntry, other: str | None) -> None:
        self.first, self.last = min(self.first, one.at), max(self.last, one.at)
        self.count += 1
        self.reads += one.op in READING
        self.disclosures += one.op in DISCLOSING
        self.refused += one.res == "deny"
        if other:
            self.others.add(other)


@dataclass
class _Window:
    """Everything that is counted while the entries go by."""

    entries: int = 0
    staff: dict[tuple[str, str], _Acts] = field(default_factory=dict)
    cases: dict[str, _Acts] = field(default_factory=dict)
    kinds: dict[tuple[str, str], _Acts] = field(default_factory=dict)
    results: Counter[str] = field(default_factory=Counter)
    outside: list[SeenEntry] = field(default_factory=list)
    """Openings of what has come in and is in no case of the reader's."""

    def take(self, one: SeenEntry) -> None:
        """One entry."""
        self.entries += 1
        self.results[one.res] += 1
        _acts(self.staff, (one.organisation_id, one.staff_id or ""), one).add(one, one.case_id)
        _acts(self.kinds, (one.op, one.res), one).add(one, one.staff_id)
        if one.case_id:
            self.touch(one.case_id, one)
        elif one.op in READING:
            self.outside.append(one)

    def touch(self, case_id: str, one: SeenEntry) -> None:
        """One entry that is about those in a case."""
        _acts(self.cases, case_id, one).add(one, one.staff_id)


def _acts(table: dict[_Key, _Acts], key: _Key, one: SeenEntry) -> _Acts:
    found = table.get(key)
    if found is None:
        found = table[key] = _Acts(one.at, one.at)
    return found


def make_incident_pack(
    order: IncidentOrder,
    operator: Operator,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    progress: Callable[[int, int], None],
) -> PackMade | NoPack:
    """Write the pack into `order.folder`, which must be new.

    Nothing where the index of entries says something else than the log; that is an entry too.
    """
    if order.folder.exists() and any(order.folder.iterdir()):
        return NoPack(f"{order.folder} is not empty; name a new folder with --into")
    with store.begin(at=at) as tx:
        organisations = {one.id: one for one in all_organisations(tx)}
        known = order.organisation_id is None or order.organisation_id in organisations
        tx.record(_event(order, operator, known=known, at=at), sealer=operator.sealer)
    if not known:
        return NoPack(f"there is no organisation with the id {order.organisation_id}")
    order.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with store.look(at=at) as tx:
        window, unlike = _read(order, tx, rings, progress)
        if not unlike:
            cases = subjects_of_cases(tx, window.cases.keys())
            persons = _write(order, tx, window, cases, organisations)
            figures = _figures(order, window, persons, organisations, tx)
    if unlike:
        return _held_back(unlike, order, operator, at=at, store=store)
    write_drafts(order.folder, figures, at)
    return PackMade(order.folder, window.entries, persons)


def _held_back(
    unlike: Sequence[int], order: IncidentOrder, operator: Operator, *, at: datetime, store: Store
) -> NoPack:
    """What was written so far goes, and the log tells what was wrong."""
    (order.folder / _ACTS).unlink()
    about: dict[str, Json] = {"organisation": order.organisation_id or ""}
    detail: dict[str, Json] = {"entry": unlike[0], "entries": [*unlike]}
    with store.begin(at=at) as tx:
        op = "incident.rows_differ"
        event = operator.event(op, at=at, about=about, detail=detail, res="error")
        tx.record(event, sealer=operator.sealer)
    named = ", ".join(str(n) for n in unlike)
    more = " and more" if len(unlike) == _MOST_UNLIKE else ""
    return NoPack(
        f"the index of entries says something else than the log of entry {named}{more}; change "
        "nothing before you know who wrote there, and then run `sluss rebuild-index`"
    )


def _read(
    order: IncidentOrder, tx: Transaction, rings: Rings, progress: Callable[[int, int], None]
) -> tuple[_Window, list[int]]:
    """Every entry of the window, written out as it goes by and counted, and the first entries of
    which the index says something else than the log."""
    head = StoredLog(tx).head().n
    first, after = index_at(tx, order.since), index_at(tx, order.before)
    start, stop = (head if first is None else first), (head if after is None else after)
    window, unlike = _Window(), [start] if missing_rows(tx, start, stop) else []
    chosen = Chosen(organisation_id=order.organisation_id)
    with (order.folder / _ACTS).open("x", encoding="utf-8") as file:
        for held in IndexReader(tx, rings).held(start, stop, chosen):
            if not held.alike:
                unlike.append(held.n)
            if len(unlike) >= _MOST_UNLIKE:
                break
            if held.said is None:
                continue
            window.take(held.said)
            file.write(_line(held.said))
            if window.entries % _TELL_EVERY == 0:
                progress(held.n - start, stop - start)
    came_from = cases_of_deliveries(tx, [one.n for one in window.outside])
    for one in window.outside:
        if one.n in came_from:
            window.touch(came_from[one.n], one)
    return window, unlike


def _line(one: SeenEntry) -> str:
    return json_line(
        {
            "n": one.n,
            "time": one.at.isoformat(),
            "organisation": one.organisation_id,
            "staff": one.staff_id or "",
            "act": one.op,
            "result": one.res,
            "case": one.case_id or "",
        }
    )


def _write(
    order: IncidentOrder,
    tx: Transaction,
    window: _Window,
    cases: Mapping[str, CaseSubjects],
    organisations: Mapping[str, Organisation],
) -> int:
    """Who, what, which persons. Returns how many persons."""
    names = _names(tx, {staff for _, staff in window.staff if staff})

    def organisation(id_: str) -> str:
        return organisations[id_].name if id_ in organisations else id_

    who = (
        ({"organisation": organisation(where), "staff_id": one, "staff": names.get(one, "")}, acts)
        for (where, one), acts in sorted(window.staff.items())
    )
    _table(order.folder / "who.csv", ("organisation", "staff_id", "staff"), who)
    what = (({"act": op, "result": res}, acts) for (op, res), acts in sorted(window.kinds.items()))
    _table(order.folder / "what.csv", ("act", "result"), what)
    about = (
        (
            {
                "organisation": organisation(cases[id_].organisation_id),
                "case": cases[id_].reference,
                "person_ids": cases[id_].subject_ids,
            },
            acts,
        )
        for id_, acts in sorted(window.cases.items())
        if id_ in cases
    )
    _table(order.folder / "persons.csv", ("organisation", "case", "person_ids"), about)
    return len({person for one in cases.values() for person in one.subject_ids})


def _names(tx: Transaction, staff_ids: set[str]) -> dict[str, str]:
    ids, names = sorted(staff_ids), dict[str, str]()
    for low in range(0, len(ids), _STAFF_BATCH):
        found = staff_by_id(tx, ids[low : low + _STAFF_BATCH])
        names |= {one.id: f"{one.name}, {one.title}" for one in found.values()}
    return names


def _table(
    path: Path, columns: tuple[str, ...], rows: Iterable[tuple[Mapping[str, object], _Acts]]
) -> None:
    with path.open("x", encoding="utf-8", newline="") as file:
        table = CsvTable(file, (*columns, *_COUNTED))
        for row, acts in rows:
            table.add(
                {
                    **row,
                    "first": acts.first.isoformat(),
                    "last": acts.last.isoformat(),
                    "acts": acts.count,
                    "readings": acts.reads,
                    "disclosures": acts.disclosures,
                    "refused": acts.refused,
                    "others": len(acts.others),
                }
            )


def _figures(
    order: IncidentOrder,
    window: _Window,
    persons: int,
    organisations: Mapping[str, Organisation],
    tx: Transaction,
) -> IncidentFigures:
    acts = window.kinds.values()
    met = {where for where, _ in window.staff if where in organisations}
    named = organisations.get(order.organisation_id or "")
    return IncidentFigures(
        since=order.since,
        before=order.before,
        whose=named.name if named else "alla organisationer",
        controllers=tuple(sorted({organisations[one].controller for one in met})),
        entries=window.entries,
        staff=len({staff for _, staff in window.staff if staff}),
        cases=len(window.cases),
        persons=persons,
        reads=sum(one.reads for one in acts),
        disclosures=sum(one.disclosures for one in acts),
        refused=window.results["deny"],
        faults=window.results["error"],
        first=min((one.first for one in acts), default=None),
        last=max((one.last for one in acts), default=None),
        log_size=StoredLog(tx).head().n,
        checkpoint=printed_checkpoint(tx),
    )


def _event(order: IncidentOrder, operator: Operator, *, known: bool, at: datetime) -> Event:
    return Event(
        id=new_id(at),
        op="incident.pack_made" if known else "incident.pack_refused",
        res="allow" if known else "deny",
        org=INSTALLATION,
        actor={"operator": operator.name},
        object={"organisation": order.organisation_id or ""},
        detail={"from": order.since.isoformat(), "until": order.before.isoformat()},
    )
