"""The tables and the report of an export, written into a folder from what has been gathered.

Rows name notes and persons by id and never by text. What the recipient may not see is not put in:
members of staff by role only, reasons left out, unless the order says otherwise.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from app.domain.export_terms import ExportTerms
from app.domain.legal_day import SWEDEN
from app.reports.compliance import MOST_LISTED, Turn, noun_of, turn_of
from app.reports.page import local_time
from audit.table_columns import COLUMNS
from audit.table_text import CsvTable, json_line
from policies import Law
from policies.reading import hash_of_files
from policies.selectors import written_out

Row = Mapping[str, object]


@dataclass
class Figures:
    """What the report counts while the rows go by."""

    entries: int = 0
    by_noun: Counter[str] = field(default_factory=Counter)
    by_result: Counter[str] = field(default_factory=Counter)
    by_month: Counter[str] = field(default_factory=Counter)
    by_recipient: Counter[str] = field(default_factory=Counter)
    packs: Counter[str] = field(default_factory=Counter)
    refusals: int = 0
    disclosures: int = 0
    consents: int = 0
    listed: list[list[str]] = field(default_factory=list)
    turns: int = 0
    listed_turns: list[Turn] = field(default_factory=list)

    def entry(self, row: Row, terms: ExportTerms, law: Law) -> None:
        """One entry of the log."""
        self.entries += 1
        self.by_noun[noun_of(str(row["act"]))] += 1
        self.by_result[str(row["result"])] += 1
        at = datetime.fromisoformat(str(row["time"]))
        self.by_month[at.astimezone(SWEDEN).strftime("%Y-%m")] += 1
        self.refusals += row["act"] == "note.disclosure_refused"
        if row["pack"]:
            self.packs[str(row["pack"])] += 1
        turn = turn_of(str(row["act"]), str(row["result"]))
        if turn is not None:
            self.turns += 1
            if len(self.listed_turns) < MOST_LISTED:
                self.listed_turns.append(
                    Turn(
                        when=local_time(at),
                        case=str(row["case"]),
                        code=turn,
                        recipient=str(row["recipient_name"]),
                        by=str(row["staff"]) or _roles(row, terms, law),
                    )
                )

    def consent(self, _row: Row) -> None:
        """One consent, or a no."""
        self.consents += 1

    def decision(self, row: Row, terms: ExportTerms, law: Law) -> None:
        """One disclosure. Refusals are counted by entries: some never reached the law."""
        if row["decision"] != "disclosed":
            return
        self.disclosures += 1
        self.by_recipient[str(row["recipient_name"])] += 1
        if len(self.listed) < MOST_LISTED:
            purpose = law.vocabulary.purposes.get(str(row["purpose"]))
            named = (purpose.en if terms.language == "en" else purpose.sv) if purpose else ""
            self.listed.append(
                [
                    local_time(datetime.fromisoformat(str(row["decided"]))),
                    str(row["case"]),
                    str(row["recipient_name"]),
                    named or str(row["purpose"]),
                    str(row["provisions"]),
                ]
            )


def write_tables(
    folder: Path,
    entries: Iterable[Row],
    others: Mapping[str, Iterator[Row]],
    figures: Figures,
    terms: ExportTerms,
    law: Law,
) -> None:
    """Every table twice: CSV for people, JSON Lines for programs."""
    _write(folder, "entries", _seen(entries, lambda row: figures.entry(row, terms, law)))
    for name, rows in others.items():
        if name == "decisions":
            rows = _seen(rows, lambda row: figures.decision(row, terms, law))
        if name == "consents":
            rows = _seen(rows, figures.consent)
        _write(folder, name, rows)


def _roles(row: Row, terms: ExportTerms, law: Law) -> str:
    codes = row["roles"]
    roles = [law.vocabulary.roles.get(str(one)) for one in codes] if isinstance(codes, list) else []
    return ", ".join((one.en if terms.language == "en" else one.sv) for one in roles if one)


def provisions(law: Law, grounds: Iterable[str]) -> str:
    """The provisions behind rules, in words; a rule that the pack no longer has, by its id."""
    cites = {rule.id: rule.cite for rule in law.rules.values()}
    found: list[str] = []
    for ground in grounds:
        texts = [written_out(cite) for cite in cites.get(ground, ())] or [ground]
        found += [text for text in texts if text and text not in found]
    return ", ".join(found)


def write_packs(
    folder: Path, figures: Figures, law: Law, kept: Callable[[str], Mapping[str, bytes] | None]
) -> frozenset[str]:
    """The rule packs that decisions in the period rest on, or the one in use if there are none.

    `kept` gives the files of a pack by its hash, by path within it. Returns the hashes of those
    that are written; one whose files are not what its hash says is not.
    """
    written = set()
    for sha256 in sorted(figures.packs) or [law.sha256]:
        pack = kept(sha256)
        if pack is None or hash_of_files(pack) != sha256:
            continue
        for path, data in pack.items():
            target = folder / "rules" / sha256 / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        written.add(sha256)
    listed = {
        "used": dict(sorted(figures.packs.items())),
        "in_force": {"id": law.id, "version": law.version, "sha256": law.sha256},
        "not_held": sorted(set(figures.packs) - written),
    }
    (folder / "rules.json").write_text(json.dumps(listed, indent=1, sort_keys=True), "utf-8")
    return frozenset(written)


def _seen(rows: Iterable[Row], tell: Callable[[Row], None]) -> Iterator[Row]:
    for row in rows:
        tell(row)
        yield row


def _write(folder: Path, name: str, rows: Iterable[Row]) -> None:
    with ExitStack() as stack:
        as_csv = stack.enter_context(
            (folder / f"{name}.csv").open("x", encoding="utf-8", newline="")
        )
        as_json = stack.enter_context((folder / f"{name}.jsonl").open("x", encoding="utf-8"))
        table = CsvTable(as_csv, COLUMNS[name])
        for row in rows:
            table.add(row)
            as_json.write(json_line(row))
