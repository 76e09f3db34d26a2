"""A table that tells something else than the entries do is named, whoever made it.

Each attack changes one thing in a real export, in both forms of the table, and writes the lists of
files anew. Only whoever makes an export can have the log vouch for it too: that is the last test.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.export_terms import ExportTerms
from app.flows import export_compose
from app.flows.disclose_note import Disclosed, NotDisclosed
from app.flows.record_consent import withdraw_consent
from app.flows.stop_delivery import stop_delivery
from app.records.store import Store
from audit import __main__ as command
from audit.canonical import canonical
from audit.manifest import parse_manifest
from audit.report import Finding, Report
from audit.table_columns import COLUMNS, NOT_VOUCHED, ONLY_IN_JSON
from audit.table_text import CsvTable, json_line
from audit.verify import verify_export
from audit.zipped import as_folder
from tests.flows.test_exporting import WHOLE, Desk, a_busy_case, a_desk
from tests.flows.town import Town
from tests.founded import Founded

Rows = list[dict[str, Any]]
EVERYTHING = replace(WHOLE, staff_named=True, reasons_shown=True)


@dataclass
class Office:
    """A town where things have happened, and its exports, each written once."""

    desk: Desk
    case: str
    above: Path
    made: dict[ExportTerms, Path] = field(default_factory=dict)

    def export(self, terms: ExportTerms) -> Path:
        if terms not in self.made:
            folder = self.above / f"export-{len(self.made)}"
            zipped = folder.with_suffix(".zip")
            zipped.write_bytes(self.desk.fetch(self.desk.make(terms)))
            with as_folder(zipped) as unpacked:
                shutil.copytree(unpacked, folder)
            self.made[terms] = folder
        return self.made[terms]

    def verify(self, folder: Path) -> Report:
        return verify_export(folder, self.desk.worker.log_keys)


@pytest.fixture(scope="module")
def office(
    _sqlite_template: Path, founded: Founded[Town], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    above = tmp_path_factory.mktemp("office")
    shutil.copyfile(_sqlite_template, above / "sluss.db")
    (above / "sluss.db").chmod(0o600)
    store = Store.open(f"sqlite:///{above / 'sluss.db'}")
    town = founded.on(store)
    desk = a_desk(town, above)
    case = a_busy_case(town)
    lived_in(town, case)
    yield Office(desk, case, above)
    store.close()


def lived_in(town: Town, case: str) -> None:
    """Deliveries that are stopped, by hand and because consent is withdrawn, and what stays."""
    note = town.note(case, text="En till")
    by_hand = town.disclose(town.assessed(case, note, circumstances={"pregnant": "no"}))
    assert isinstance(by_hand, Disclosed)
    stop_delivery(by_hand.disclosure_id, town.karin, **town.hands)
    grown = town.case(born=date(2000, 1, 1), reference="SN 2026/0007")
    consent = town.consent(grown, "school")
    town.disclose(town.order(town.note(grown), "school", "care_or_support"))
    town.later(seconds=1)
    withdraw_consent(grown, consent, town.karin, **town.hands)
    later = town.consent(case, "school", category="K5")
    town.later(days=1)
    withdraw_consent(case, later, town.karin, **town.hands)
    town.disclose(town.order(note, recipient="school", purpose="other"))
    # The police have the note already: the law allows it, and something else is in the way.
    assert isinstance(town.disclose(town.assessed(case, note)), Disclosed)
    again = town.disclose(town.assessed(case, note))
    assert isinstance(again, NotDisclosed)
    assert again.reason == "already_sent"


def read(folder: Path, table: str) -> Rows:
    lines = (folder / f"contents/{table}.jsonl").read_bytes().splitlines()
    return [json.loads(line) for line in lines]


def write(folder: Path, table: str, rows: Rows) -> None:
    """Both forms of the table, as whoever made them would."""
    below = folder / "contents"
    (below / f"{table}.jsonl").write_text("".join(json_line(row) for row in rows), "utf-8")
    with (below / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        written = CsvTable(file, COLUMNS[table])
        for row in rows:
            written.add(row)


def relist(folder: Path) -> None:
    """`contents.json` and the manifest, written anew over the files as they are."""
    content = json.loads((folder / "contents.json").read_bytes())
    content["files"] = {path: digest(folder / path) for path in content["files"]}
    (folder / "contents.json").write_bytes(canonical(content, limit=100_000))
    old = parse_manifest((folder / "manifest.json").read_bytes())
    files = {path: digest(folder / path) for path in old.files}
    (folder / "manifest.json").write_bytes(replace(old, files=files).to_bytes())


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def altered(office: Office, terms: ExportTerms, folder: Path, table: str, rows: Rows) -> Report:
    """The verifier's answer to an export of which one table has other rows."""
    shutil.copytree(office.export(terms), folder, dirs_exist_ok=True)
    write(folder, table, rows)
    relist(folder)
    return office.verify(folder)


def about_tables(report: Report) -> list[Finding]:
    return [one for one in report.findings if one.where.startswith("contents/")]


SCOPES = {
    "the organisation": WHOLE,
    "the organisation with names": replace(WHOLE, staff_named=True),
    "the organisation with reasons": replace(WHOLE, reasons_shown=True),
    "the organisation with both": EVERYTHING,
    "the case": replace(WHOLE, kind="case"),
    "the case with both": replace(EVERYTHING, kind="case"),
    "the first day": replace(WHOLE, day_until=True),
    "the second day with both": replace(EVERYTHING, day_from=True),
    "the second day of the case": replace(WHOLE, kind="case", day_from=True),
}


@pytest.mark.parametrize("scope", SCOPES)
def test_an_export_of_any_scope_and_withholding_is_held_without_a_false_alarm(
    office: Office, scope: str
) -> None:
    terms = SCOPES[scope]
    first = office.desk.town.at.date() - timedelta(days=1)
    days = {
        "case_id": office.case if terms.kind == "case" else None,
        "day_until": first if terms.day_until else None,
        "day_from": first + timedelta(days=1) if terms.day_from else None,
    }
    report = office.verify(office.export(replace(terms, **days)))
    assert report.verified, report.words()
    tables = {one.table: one for one in report.tables}
    assert tables.keys() == COLUMNS.keys()
    assert tables["entries"].rows == len(read(office.export(replace(terms, **days)), "entries"))
    assert all(one.not_vouched == NOT_VOUCHED[one.table] for one in report.tables)
    if terms.staff_named and terms.reasons_shown:
        assert not any(one.not_shown or one.unnamed for one in report.tables)


def test_a_withdrawal_that_came_after_the_last_entry_is_not_told(office: Office) -> None:
    first = replace(WHOLE, day_until=office.desk.town.at.date() - timedelta(days=1))
    assert office.verify(office.export(first)).verified
    days = [read(office.export(terms), "consents") for terms in (first, WHOLE)]
    assert [len([row for row in rows if row["withdrawn"]]) for rows in days] == [1, 2]
    assert len(days[0]) == len(days[1])


def of(act: str, change: Callable[[dict[str, Any]], object]) -> Callable[[Rows], int]:
    """Change the last entry of an act; returns its index."""

    def changed(rows: Rows) -> int:
        row = [one for one in rows if one["act"] == act][-1]
        change(row)
        return int(row["n"])

    return changed


def taken_out(rows: Rows) -> int:
    return int(rows.pop(len(rows) // 2)["n"])


def told_twice(rows: Rows) -> int:
    at = len(rows) // 2
    rows.insert(at, rows[at])
    return int(rows[at]["n"])


def out_of_order(rows: Rows) -> int:
    at = len(rows) // 2
    rows[at], rows[at + 1] = rows[at + 1], rows[at]
    return int(rows[at]["n"])


def added_at_the_end(rows: Rows) -> int:
    rows.append({**rows[-1], "n": rows[-1]["n"] + 1})
    return int(rows[-1]["n"])


def cut_off(rows: Rows) -> int:
    return int(rows.pop()["n"])


ENTRIES: dict[str, tuple[str, Callable[[Rows], int]]] = {
    "an entry is taken out of the table": ("missing", taken_out),
    "the last entry is cut off": ("missing", cut_off),
    "an entry is told twice": ("double-written", told_twice),
    "two entries change places": ("reordered", out_of_order),
    "an entry that never was is added": ("edited", added_at_the_end),
    "a reading becomes a look at the case": (
        "edited",
        of("note.written", lambda row: row.update(act="case.viewed")),
    ),
    "what was refused becomes allowed": (
        "edited",
        of("note.disclosure_refused", lambda row: row.update(result="allow")),
    ),
    "it was another day": (
        "edited",
        of("note.disclosed", lambda row: row.update(time="2026-11-01T09:00:00+00:00")),
    ),
    "it went to another recipient": (
        "edited",
        of("note.disclosed", lambda row: row.update(recipient="care")),
    ),
    "it was for another purpose": (
        "edited",
        of("note.disclosed", lambda row: row.update(purpose="other")),
    ),
    "it was another note": (
        "edited",
        of("note.disclosed", lambda row: row["about"].update(note="note-1")),
    ),
    "it was the same version, as another kind of number": (
        "edited",
        of("note.disclosed", lambda row: row["about"].update(version=1.0)),
    ),
    "it rested on other rules": (
        "edited",
        of("note.disclosed", lambda row: row.update(rules=["P-1"])),
    ),
    "it was decided by another pack": (
        "edited",
        of("note.disclosed", lambda row: row.update(pack="0" * 64)),
    ),
    "a detail is said to be withheld that is shown": (
        "edited",
        of("note.disclosed", lambda row: row.update(withheld=["actor", "detail"])),
    ),
    "a detail is said to be erased that is shown": (
        "edited",
        of("note.disclosed", lambda row: row.update(erased=["object"], about={})),
    ),
    "nothing is said to be withheld": (
        "edited",
        of("note.disclosed", lambda row: row.update(withheld=[])),
    ),
    "somebody is named though nobody was to be": (
        "edited",
        of("note.disclosed", lambda row: row.update(staff="Per Lund")),
    ),
    "something is added to what happened": (
        "edited",
        of("note.disclosed", lambda row: row["detail"].update(more="yes")),
    ),
}


@pytest.mark.parametrize("attack", ENTRIES)
def test_a_changed_table_of_entries_is_named_with_the_entry(
    office: Office, tmp_path: Path, attack: str
) -> None:
    rows = read(office.export(WHOLE), "entries")
    kind, alter = ENTRIES[attack]
    n = alter(rows)
    found = about_tables(altered(office, WHOLE, tmp_path / "export", "entries", rows))
    assert (kind, n) in [(one.kind, one.index) for one in found]
    assert len(found) <= 2, "one change is not told as many"


def one(column: str, *cells: str) -> Callable[[Rows], dict[str, Any]]:
    """The first row that has one of the cells there; without any, that has something there."""

    def chosen(rows: Rows) -> dict[str, Any]:
        return next(row for row in rows if (row[column] in cells if cells else row[column]))

    return chosen


DISCLOSED, REFUSED = one("decision", "disclosed"), one("decision", "refused")
STOPPED, ARRIVED = one("stopped"), one("stopped", "")
WITHDRAWN, STANDING = one("withdrawn"), one("withdrawn", "")
FIRST = one("id")

CELLS: dict[str, tuple[str, Callable[[Rows], dict[str, Any]], dict[str, Any]]] = {
    "it was disclosed to another": ("decisions", DISCLOSED, {"recipient": "care"}),
    "what had to be disclosed only could be": ("decisions", DISCLOSED, {"outcome": "must"}),
    "it was another version": ("decisions", DISCLOSED, {"version": 2}),
    "it rested on other grounds": ("decisions", DISCLOSED, {"grounds": []}),
    "it rested on a consent": ("decisions", DISCLOSED, {"consents": ["consent-1"]}),
    "it was decided on another day": (
        "decisions",
        DISCLOSED,
        {"decided": "2026-11-23T09:00:00.001000+00:00"},
    ),
    "it arrived at another time": ("decisions", DISCLOSED, {"arrives": ""}),
    "a no becomes a yes": ("decisions", REFUSED, {"decision": "disclosed"}),
    "the law said another no": ("decisions", REFUSED, {"outcome": "stop"}),
    "it was refused for another reason": ("decisions", REFUSED, {"reason": "already_sent"}),
    "it would have rested on another rule": (
        "decisions",
        one("reason", "already_sent"),
        {"grounds": ["P-1"]},
    ),
    "somebody unnamed decided": ("decisions", REFUSED, {"decided_by": "Per Lund"}),
    "what was stopped arrived": ("decisions", STOPPED, {"stopped": ""}),
    "it was stopped later": ("decisions", STOPPED, {"stopped": "2026-11-24T09:00:00+00:00"}),
    "what arrived was stopped": (
        "decisions",
        ARRIVED,
        {"stopped": "2026-11-23T10:00:00+00:00"},
    ),
    "another decision has the id": ("decisions", DISCLOSED, {"id": "another"}),
    "a no becomes a consent": ("consents", FIRST, {"answer": "refused"}),
    "the consent was longer": ("consents", FIRST, {"until": "2099-01-01"}),
    "somebody else consented": ("consents", FIRST, {"person": "another"}),
    "the consent was never withdrawn": ("consents", WITHDRAWN, {"withdrawn": ""}),
    "the consent was withdrawn": (
        "consents",
        STANDING,
        {"withdrawn": "2026-11-23T10:00:00+00:00"},
    ),
    "the answer was no": ("assessments", FIRST, {"answer": "maybe"}),
    "the question was another": ("assessments", FIRST, {"question": "another"}),
    "it was assessed about another": ("assessments", FIRST, {"person": "another"}),
    "it was assessed for another": ("assessments", FIRST, {"recipient": "care"}),
    "it was assessed before": ("assessments", FIRST, {"time": "2026-11-01T09:00:00+00:00"}),
}


@pytest.mark.parametrize("attack", CELLS)
def test_a_changed_cell_of_what_was_decided_is_named(
    office: Office, tmp_path: Path, attack: str
) -> None:
    table, choose, cells = CELLS[attack]
    rows = read(office.export(WHOLE), table)
    row = choose(rows)
    assert any(row[name] != cell for name, cell in cells.items())
    row.update(cells)
    found = about_tables(altered(office, WHOLE, tmp_path / "export", table, rows))
    assert {one.kind for one in found} & {"edited", "missing"}
    assert all(one.where.startswith(f"contents/{table}.jsonl") for one in found)


@pytest.mark.parametrize("table", ["decisions", "assessments", "consents"])
@pytest.mark.parametrize("change", ["gone", "twice", "last first"])
def test_a_row_more_or_less_or_out_of_place_is_named(
    office: Office, tmp_path: Path, table: str, change: str
) -> None:
    rows = read(office.export(WHOLE), table)
    if change == "gone":
        rows.pop(0)
    elif change == "twice":
        rows.append(rows[-1])
    else:
        rows.insert(0, rows.pop())
    found = about_tables(altered(office, WHOLE, tmp_path / "export", table, rows))
    expected = {"gone": "missing", "twice": "double-written", "last first": "reordered"}[change]
    assert expected in {one.kind for one in found}
    if change == "gone":
        assert any(one.index is not None for one in found)


@pytest.mark.parametrize("table", COLUMNS)
@pytest.mark.parametrize("column", ["a cell", "a row more", "the names of the columns"])
def test_the_two_forms_of_a_table_must_say_the_same(
    office: Office, tmp_path: Path, table: str, column: str
) -> None:
    folder = tmp_path / "export"
    shutil.copytree(office.export(WHOLE), folder)
    path = folder / f"contents/{table}.csv"
    lines = path.read_bytes().splitlines(keepends=True)
    if column == "a row more":
        lines.append(lines[-1])
    else:
        at = 0 if column == "the names of the columns" else -1
        lines[at] = lines[at].replace(b'"\r\n', b'more"\r\n')
    path.write_bytes(b"".join(lines))
    relist(folder)
    [found] = about_tables(office.verify(folder))
    assert (found.kind, found.where) == ("edited", f"contents/{table}.csv")


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_one_form_of_a_table_alone_is_not_taken_for_the_table(
    office: Office, tmp_path: Path, form: str
) -> None:
    folder = tmp_path / "export"
    shutil.copytree(office.export(WHOLE), folder)
    gone = f"contents/entries.{form}"
    (folder / gone).unlink()
    old = parse_manifest((folder / "manifest.json").read_bytes())
    files = {path: sha for path, sha in old.files.items() if path != gone}
    (folder / "manifest.json").write_bytes(replace(old, files=files).to_bytes())
    found = about_tables(office.verify(folder))
    assert ("missing", gone) in [(one.kind, one.where) for one in found]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"\xff\xfe",
        b"[" * 5000,
        b'{"n":1e999}',
        b"null",
        b'{"n":"\\ud800"}',
        b"1" * 5000,
    ],
)
@pytest.mark.parametrize("table", COLUMNS)
def test_a_line_that_is_no_row_is_named_and_nothing_breaks(
    office: Office, tmp_path: Path, table: str, line: bytes
) -> None:
    folder = tmp_path / "export"
    shutil.copytree(office.export(WHOLE), folder)
    path = folder / f"contents/{table}.jsonl"
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([line, *lines[1:]]) + b"\n")
    relist(folder)
    found = about_tables(office.verify(folder))
    assert ("edited", f"contents/{table}.jsonl line 1") in [(one.kind, one.where) for one in found]


def test_a_name_written_twice_in_a_row_is_no_row(office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    shutil.copytree(office.export(WHOLE), folder)
    path = folder / "contents/entries.jsonl"
    lines = path.read_bytes().splitlines()
    lines[3] = lines[3].replace(b'{"about"', b'{"act": "case.viewed", "about"')
    path.write_bytes(b"\n".join(lines) + b"\n")
    relist(folder)
    found = about_tables(office.verify(folder))
    assert ("edited", "contents/entries.jsonl line 4") in [(one.kind, one.where) for one in found]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_cell_that_the_log_vouches_for_is_named_when_it_is_changed(
    office: Office, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """With names and reasons, because then the log shows all that it says."""
    rows = read(office.export(EVERYTHING), "entries")
    row = data.draw(st.sampled_from(rows))
    vouched = sorted(set(COLUMNS["entries"]) - set(NOT_VOUCHED["entries"]))
    column = data.draw(st.sampled_from(vouched))
    other = data.draw(
        st.one_of(
            st.none(), st.booleans(), st.integers(0, 2**40), st.text(max_size=20),
            st.lists(st.text(max_size=5), max_size=2),
            st.dictionaries(st.text(max_size=5), st.integers(0, 3), max_size=2),
            st.sampled_from([one[column] for one in rows]),
        ).filter(lambda cell: json.dumps(cell) != json.dumps(row[column]))
    )  # fmt: skip
    n, row[column] = row["n"], other
    folder = tmp_path_factory.mktemp("changed")
    report = altered(office, EVERYTHING, folder, "entries", rows)
    shutil.rmtree(folder)
    assert n in [one.index for one in about_tables(report)]


def test_the_command_tells_what_was_changed_and_what_nothing_vouches_for(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = read(office.export(WHOLE), "entries")
    n = of("note.disclosed", lambda row: row.update(recipient="care"))(rows)
    altered(office, WHOLE, tmp_path / "export", "entries", rows)
    line = next(at for at, row in enumerate(rows, 1) if row["n"] == n)
    where = f"contents/entries.jsonl line {line}"
    key = tmp_path / "key"
    key.write_text("".join(f"{one.key.text()}\n" for one in office.desk.worker.log_keys))
    asked = ["verify", str(tmp_path / "export"), "--key", str(key)]
    assert command.main(asked) == 1
    told = capsys.readouterr().out
    assert f"edited at entry {n} ({where}): the row says something else than the log in " in told
    for table, columns in NOT_VOUCHED.items():
        assert f"table:    {table}, " in told
        assert f"not vouched for: {', '.join(columns)}\n" in told
    untouched = office.verify(office.export(WHOLE)).words()
    assert "ordered:  without who acted, without what somebody typed\n" in untouched
    assert f"roles in {len(rows)} rows" in told
    assert command.main([*asked, "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (n, where) in [(one["index"], one["where"]) for one in answer["findings"]]
    assert [one["table"] for one in answer["tables"]] == list(COLUMNS)


def test_the_readme_of_an_export_lists_every_column_that_nothing_vouches_for(
    office: Office,
) -> None:
    told = (office.export(WHOLE) / "README.txt").read_text("utf-8")
    for table, columns in NOT_VOUCHED.items():
        assert f"    {table}: {', '.join(columns)}\n" in told
        known = {*COLUMNS[table], *ONLY_IN_JSON.get(table, ())}
        assert set(columns) < known


@pytest.mark.parametrize(
    "changed",
    [
        {"recipient": "Tidningen"},
        {"purpose": "Nyfikenhet"},
        {"entries": 1},
        {"entries": True},
        {"staff_named": True},
        {"reasons_shown": 0},
    ],
)
def test_what_an_export_says_of_itself_is_held_to_the_log(
    office: Office, tmp_path: Path, changed: dict[str, object]
) -> None:
    folder = tmp_path / "export"
    shutil.copytree(office.export(WHOLE), folder)
    path = folder / "contents/about.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | changed), "utf-8")
    relist(folder)
    [found] = about_tables(office.verify(folder))
    assert (found.kind, found.where) == ("edited", "contents/about.json")
    assert next(iter(changed)) in found.message


def test_whoever_has_the_log_vouch_for_an_untrue_table_is_found_out(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service itself writes it so, and the log has its hash: nothing but the rows tells."""
    terms = replace(WHOLE, purpose="En annan granskning")
    truly = export_compose.write_tables

    def untruly(folder: Path, entries: Any, *more: Any) -> None:
        def lied(rows: Any) -> Iterator[dict[str, Any]]:
            for row in rows:
                if row["act"] == "note.disclosed":
                    row = {**row, "act": "note.read"}
                yield row

        truly(folder, lied(entries), *more)

    monkeypatch.setattr(export_compose, "write_tables", untruly)
    lied_about = [
        row["n"] for row in read(office.export(WHOLE), "entries") if row["act"] == "note.disclosed"
    ]
    report = office.verify(office.export(terms))
    assert [(one.kind, one.index) for one in report.findings] == [("edited", n) for n in lied_about]
    assert all("act" in one.message for one in report.findings)
    assert report.vouching is not None
