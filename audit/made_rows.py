"""The tables of decisions, assessments and consents, held against the entries that made their rows.

Each row must be one that an entry of the scope made, and each that an entry names must be there.
Where what an entry names is withheld, erased or pruned, a row made in the same millisecond may be
its own, and is counted as named by no entry that is shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from audit.canonical import Json
from audit.entry import Field
from audit.tables import Row, Table, TableRow, Told, json_path, same

_MAKES: Final[dict[str, tuple[str, Field, str]]] = {
    "note.disclosed": ("decisions", "detail", "disclosure"),
    "note.disclosure_refused": ("decisions", "detail", "refusal"),
    "consent.recorded": ("consents", "object", "consent"),
}
"""The table in which an entry makes a row, and the part and the name by which it names it."""
_ENDS: Final[dict[tuple[str, str], tuple[Field, str]]] = {
    ("delivery.stopped", "decisions"): ("detail", "disclosure"),
    ("consent.withdrawn", "decisions"): ("detail", "stopped"),
    ("consent.withdrawn", "consents"): ("object", "consent"),
}
"""Where an entry names the rows of a table that it ended."""
_CLOCK: Final = {"decisions": "decided", "consents": "recorded"}
_SORTED = "decided"
"""What decisions are sorted by, of two tables; other rows are in the order of their ids."""
_END: Final = {"decisions": "stopped", "consents": "withdrawn"}
_LAWFUL = ("must", "may")
_CONSENT: Final = ("giver", "answer", "form", "recipient", "category", "purpose", "from", "until")


@dataclass
class MadeRows:
    """What the entries of the scope say of one table's rows."""

    table: Table
    _named: dict[str, Told] = field(default_factory=dict)
    _unnamed: dict[int, list[Told]] = field(default_factory=lambda: defaultdict(list))
    _ended: dict[str, int] = field(default_factory=dict)
    _ends: set[int] = field(default_factory=set)
    """When an entry ended some row that it does not name, or not here."""

    def take(self, told: Told) -> None:
        """One entry of the scope."""
        op = told.entry.op
        if (place := _MAKES.get(op)) and place[0] == self.table.name:
            if name := _named(told, place):
                self._named[name] = told
            elif place[1] not in told.values:
                self._unnamed[told.made].append(told)
        if told.entry.res == "allow" and (end := _ENDS.get((op, self.table.name))):
            self._note_end(told, *end)

    def _note_end(self, told: Told, part: Field, name: str) -> None:
        named = told.values.get(part, {}).get(name)
        if named is None:  # not shown; and older withdrawals do not name what they stopped
            self._ends.add(told.made)
        for one in named if isinstance(named, list) else [named]:
            self._ended[str(one)] = told.made

    def finish(self) -> None:
        """Read the table, and hold each row to its entry."""
        order = _Order(self.table)
        left = dict(self._named)
        for row in self.table.rows:
            if not order.holds(row):
                continue
            cells = row.cells or {}
            told = left.pop(str(cells["id"]), None) or self._of_the_time(cells)
            if told is not None:
                self._hold(row.line, cells, told)
            elif self.table.entries_gone:
                self.table.unnamed += 1
            else:
                message = "no entry of the export made what this row tells of"
                self.table.findings.add("edited", None, self.table.place(row.line), message)
        for told in left.values():
            message = "the table lacks the row that this entry made"
            where = json_path(self.table.name)
            self.table.findings.add("missing", told.entry.n, where, message)

    def _of_the_time(self, cells: Row) -> Told | None:
        """An entry of the row's own millisecond that does not show which row it made."""
        some = self._unnamed.get(_milliseconds(cells[_CLOCK[self.table.name]]), [])
        if not some:
            return None
        told = next((one for one in some if not _wrong(self.table.name, cells, one)), some[0])
        some.remove(told)
        self.table.unnamed += 1
        return told

    def _hold(self, line: int, cells: Row, told: Told) -> None:
        wrong = _wrong(self.table.name, cells, told)
        end = _END[self.table.name]
        if not self._ends_as_told(str(cells["id"]), cells[end]):
            wrong.append(end)
        if wrong:
            self.table.differs(line, told.entry.n, wrong)
        for part in (*told.withheld, *told.erased):
            self.table.not_held.update(_from(self.table.name, part))

    def _ends_as_told(self, name: str, end: object) -> bool:
        at = self._ended.get(name)
        if end == "":
            return at is None
        return _milliseconds(end) == at if at is not None else _milliseconds(end) in self._ends


@dataclass
class AnswerRows:
    """What the entries of the scope say of the table of assessments."""

    table: Table
    _owed: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _allowed: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _hidden: set[tuple[int, str]] = field(default_factory=set)
    """When answers were given that are not shown, and of which kind."""

    def take(self, told: Told) -> None:
        """One entry of the scope."""
        op = told.entry.op
        if op not in _ANSWERED:
            return
        if "detail" not in told.values or "object" not in told.values:
            self._hidden |= {(told.made, kind) for kind in _KINDS}
            return
        detail = told.values["detail"]
        # A refusal keeps answers only where the law was asked; the entry names what is kept then.
        kept = op in ("note.disclosed", "approval.asked") or "refusal" in detail
        for answer in _answers(told):
            (self._owed if kept else self._allowed)[repr(answer)].append(told.entry.n)
        if "circumstances" not in detail:
            self._hidden.add((told.made, "circumstance"))  # an older entry does not tell them

    def finish(self) -> None:
        """Read the table, and hold each row to its entry."""
        order = _Order(self.table)
        for row in self.table.rows:
            if not order.holds(row):
                continue
            cells = row.cells or {}
            said = repr([_milliseconds(cells["time"]), *(cells[name] for name in _ANSWER)])
            for some in (self._owed.get(said), self._allowed.get(said)):
                if some:
                    some.pop(0)
                    break
            else:
                self._unmatched(row.line, cells)
        for n in sorted({n for some in self._owed.values() for n in some}):
            message = "the table lacks an answer that this entry tells of, or tells another"
            self.table.findings.add("missing", n, json_path(self.table.name), message)

    def _unmatched(self, line: int, cells: Row) -> None:
        if self.table.entries_gone or (_milliseconds(cells["time"]), cells["kind"]) in self._hidden:
            self.table.unnamed += 1
        else:
            message = "no entry of the export tells of this answer"
            self.table.findings.add("edited", None, self.table.place(line), message)


_ANSWERED = frozenset(
    {"note.disclosed", "note.disclosure_refused", "approval.asked", "approval.ask_refused"}
)
_KINDS: Final[dict[str, tuple[str, str]]] = {
    "circumstance": ("circumstances", "fact"),
    "assessment": ("assessments", "statement"),
}
"""Where a detail tells answers of a kind, and what it calls the question."""
_ANSWER: Final = ("note", "version", "recipient", "purpose", "person", "kind", "question", "answer")


def _answers(told: Told) -> list[list[Json]]:
    """What was answered, as the cells of `_ANSWER` behind the clock."""
    about, detail = told.values["object"], told.values["detail"]
    asked = [about.get("note"), about.get("version")]
    asked += [detail.get("recipient"), detail.get("purpose")]
    found: list[list[Json]] = []
    for kind, (part, question) in _KINDS.items():
        answers = detail.get(part)
        for one in answers if isinstance(answers, list) else ():
            if isinstance(one, dict):
                said = [one.get("person"), kind, one.get(question), one.get("answer")]
                found.append([told.made, *asked, *said])
    return found


@dataclass
class _Order:
    """Whether rows are readable, in their order, and none of them twice."""

    table: Table
    _last: str = ""
    _ids: set[str] = field(default_factory=set)

    def holds(self, row: TableRow) -> bool:
        """Whether the row can be held against an entry; what is wrong with it is told."""
        findings, where = self.table.findings, self.table.place(row.line)
        self.table.count += 1
        if row.cells is None:
            message = "the line is no row as an export writes it"
            findings.add("edited", None, where, message)
            return False
        name = str(row.cells["id"])
        place = f"{_milliseconds(row.cells[_SORTED])}" if _SORTED in row.cells else name
        if name in self._ids:
            findings.add("double-written", None, where, "an earlier row has the same id")
            return False
        if place < self._last:
            findings.add("reordered", None, where, "the row stands after one that follows it")
        self._ids.add(name)
        self._last = max(place, self._last)
        return True


def _named(told: Told, place: tuple[str, Field, str]) -> str:
    """The id of the row that an entry names, empty where it does not or does not show it."""
    name = told.values.get(place[1], {}).get(place[2])
    return name if isinstance(name, str) else ""


def _wrong(table: str, cells: Row, told: Told) -> list[str]:
    """The columns in which a row is not what its entry says, of those that are shown."""
    clock = _CLOCK[table]
    wanted = _consent(told) if table == "consents" else _decision(told, cells)
    wrong = [] if _milliseconds(cells[clock]) == told.made else [clock]
    return wrong + [name for name, cell in wanted.items() if not same(cells[name], cell)]


def _consent(told: Told) -> dict[str, object]:
    about, detail = told.values.get("object"), told.values.get("detail")
    cells: dict[str, object] = {} if about is None else {"person": about.get("subject", "")}
    return cells if detail is None else cells | {one: detail.get(one, "") for one in _CONSENT}


def _decision(told: Told, row: Row) -> dict[str, object]:
    entry = told.entry
    disclosed = entry.op == "note.disclosed"
    cells: dict[str, object] = {"decision": "disclosed" if disclosed else "refused"}
    # Of a refusal that the law would have allowed, no rule stood in the way; a newer entry tells in
    # its detail which it would have rested on.
    if disclosed or row["outcome"] not in _LAWFUL:
        cells["grounds"] = entry.rule.split(",") if entry.rule else []
    if not disclosed:
        cells |= {"arrives": "", "stopped": "", "consents": []}
    if "actor" in told.withheld:
        cells["decided_by"] = ""  # nobody is named in a table whom the order does not name
    about, detail = told.values.get("object"), told.values.get("detail")
    if about is not None:
        cells |= {"note": about.get("note"), "version": about.get("version")}
    return cells if detail is None else cells | _of_detail(detail, disclosed=disclosed)


def _of_detail(detail: Mapping[str, Json], *, disclosed: bool) -> dict[str, object]:
    cells: dict[str, object] = {
        "recipient": detail.get("recipient", ""),
        "purpose": detail.get("purpose", ""),
        "outcome": detail.get("outcome", ""),
        "reason": "" if disclosed else detail.get("reason", ""),
    }
    if "would_rest_on" in detail:
        cells["grounds"] = detail["would_rest_on"]
    if disclosed:
        cells["arrives"] = detail.get("arrives_at", "")
        if "consents" in detail:  # older entries do not name them
            cells["consents"] = detail["consents"]
    return cells


def _from(table: str, part: Field) -> tuple[str, ...]:
    """The columns that come from a part of the entry."""
    if table == "consents":
        return {"actor": (), "object": ("person",), "detail": _CONSENT}[part]
    told = ("recipient", "purpose", "outcome", "reason", "arrives", "consents")
    return {"actor": (), "object": ("note", "version"), "detail": told}[part]


def _milliseconds(text: object) -> int:
    """A time in a row, -1 where it is none."""
    try:
        at = datetime.fromisoformat(str(text))
        return int(at.timestamp() * 1000) if at.tzinfo else -1
    except (ValueError, OverflowError):
        return -1
